/* Fetching column chunks: slices of all wanted columns, asked for together, each read once and in order. */
#ifndef PQ_FETCH_H
#define PQ_FETCH_H
#include "chunk.h"
#include "rows.h"

struct pq_prune;
struct pq_pruned;
struct pq_window { /* bytes of one column that were read and not consumed */
  uint8_t *data;   /* with PQ_PADDING readable bytes behind `end` */
  size_t start, end, capacity;
  uint8_t *retired; /* a page still lies in this one */
  bool pinned;      /* a page lies in data: it must stay where it is */
};
struct pq_group_plan { /* a row group, as long as a column is in it */
  int32_t group, users;
  struct pq_chunk *chunks;  /* of the wanted columns */
  int64_t *sizes;           /* bytes of each to read */
  struct pq_pruned *pruned; /* NULL: all rows are wanted */
  struct pq_group_plan *next;
};
struct pq_slice_plan {
  int32_t column; /* of the wanted ones */
  int64_t at, size;
};
struct pq_fetch {
  struct sluice_input *input;
  const struct pq_footer *footer;
  const char *part;
  const int32_t *leaves; /* ordinals of the wanted columns' leaves */
  int32_t n;
  struct pq_window *windows;                      /* a column each */
  struct pq_group_plan *plans;                    /* oldest first */
  struct pq_slice_plan *slices;                   /* planned, from slice_at on not read yet */
  size_t slice_at, n_slices, capacity, announced; /* announced: index of the first slice not yet announced */
  int64_t outstanding;                            /* bytes announced and not read */
  int32_t next_group, last_group;                 /* to plan */
  int32_t n_plans;
  struct pq_chunk *all;    /* room for all chunks of a group */
  struct pq_prune *prune;  /* set by who opened it, or NULL: all rows are wanted */
  struct pq_row_list kept; /* wanted rows of the file, of all groups that were planned; with `prune` only */
};

/* Groups first..last-1. in, f, leaves and part stay the caller's. */
int pq_fetch_init(struct pq_fetch *f, struct sluice_input *in, const struct pq_footer *footer, const int32_t *leaves,
                  int32_t n, int32_t first, int32_t last, const char *part, struct sluice_error *err);
void pq_fetch_finish(struct pq_fetch *f);

/* The plan of the group behind `after` (NULL: of the first); a column's use of `after` ends. */
int pq_fetch_next_group(struct pq_fetch *f, struct pq_group_plan *after, struct pq_group_plan **out,
                        struct sluice_error *err);
/* Plans the next group that has wanted rows, if there is one. Only with `prune`. */
int pq_fetch_plan_more(struct pq_fetch *f, struct sluice_error *err);
/* Reads on until the column has n bytes at hand. The caller knows that its chunk has them. */
int pq_fetch_need(struct pq_fetch *f, int32_t column, size_t n, struct sluice_error *err);

static inline size_t pq_window_size(const struct pq_window *w) {
  return w->end - w->start;
}
static inline const uint8_t *pq_window_bytes(const struct pq_window *w) {
  return w->data + w->start;
}
/* Consumes n bytes. */
static inline void pq_window_skip(struct pq_window *w, size_t n) {
  w->start += n;
}
void pq_window_unpin(struct pq_window *w);

#endif
