/* One column of the file: its pages, one after the other, into its node. */
#ifndef PQ_LEAF_H
#define PQ_LEAF_H
#include "codec.h"
#include "fetch.h"
#include "levels.h"
#include "node.h"
#include "values.h"

enum { PQ_LEVELS = 4096 }; /* decoded at once */

struct pq_pick;
struct pq_picks { /* what the filter said of the rows that come next, of those that statistics leave */
  int64_t first;  /* how many of these came before; those are nobody's any more */
  int64_t n, kept;
  uint8_t *keep;    /* 1 or 0 of each of n */
  uint32_t *places; /* the `kept` that are 1, rising */
};

struct pq_leaf {
  const struct pq_element *element;
  int32_t ordinal; /* among the leaves of the file */
  int32_t column;  /* among the wanted ones */
  uint8_t max_def, max_rep;
  struct pq_node *node;
  struct pq_store store;
  struct pq_node **owned; /* structs and lists whose levels are this leaf's */
  int32_t n_owned;
  struct pq_node *tally; /* tally.h; NULL: it owns the lists that it is in */
  const struct pq_node **lists;
  int32_t n_lists;
  bool varies; /* texts or lists: rows are of different sizes */

  struct pq_group_plan *plan;
  int64_t group_rows;  /* of the group, not begun yet */
  int64_t chunk_left;  /* bytes of the chunk that were not taken from the window */
  int64_t page_left;   /* levels of the page */
  int64_t levels_left; /* of the chunk, as its metadata say; only where bytes of others may follow */
  int64_t page_at;     /* offset of the page in its chunk, for messages */
  struct pq_levels defs, reps;
  struct pq_values values;
  struct pq_dictionary dictionary;
  struct sluice_buffer page, slots; /* slots: levels that are slots of the leaf */
  uint8_t *def_levels, *rep_levels; /* decoded, from level_at on not used yet */
  size_t level_at, level_n;
  int64_t rows;  /* begun in the batch */
  bool row_open; /* the last one may go on */
  int64_t items; /* levels of the last row so far */

  /* where not all rows are wanted: */
  int64_t row;        /* of the group: the next one that its bytes have */
  size_t range;       /* of the wanted rows: the one that is next or in work */
  int32_t page_index; /* of the pages that are read: the next */
  int64_t page_due;   /* where that page must begin */
  bool dropping;      /* the row that is gone past may go on */
  struct sluice_buffer unwanted;

  /* where the filter is put to rows before this column is read; late.h: */
  bool early;                   /* the filter needs it: it is read first, of all rows that statistics leave */
  const struct pq_picks *picks; /* NULL: all of those are wanted */
  int64_t candidate;            /* of those: how many it is past */
  const struct pq_pick *pick;   /* of the rows that are added just now; NULL: all */
};
struct pq_leaf_context { /* what all leaves of a reader share */
  struct pq_fetch *fetch;
  struct pq_codecs *codecs;
  const struct pq_config *config;
  const struct pq_footer *footer;
  const char *part;
  int64_t batch_bytes;
};

/* An optional column of the top: its levels are its bitmap, and are read as bits. */
static inline bool pq_leaf_has_bits(const struct pq_leaf *l) {
  return l->max_def == 1 && l->n_owned == 0 && l->node->nullable;
}

void pq_leaf_destroy(struct pq_leaf *l); /* takes NULL; its node is not its own */
/* Adds rows to the node until the batch has `rows`; a leaf that varies stops early, behind a whole row, where its bytes
 * pass batch_bytes. */
int pq_leaf_read(struct pq_leaf *l, const struct pq_leaf_context *c, int64_t rows, struct sluice_error *err);
/* With picks: past the rows that are nobody's any more, but for those of a page that has others too. */
int pq_leaf_pass(struct pq_leaf *l, const struct pq_leaf_context *c, struct sluice_error *err);

/* ---- pages ---- */

/* Goes past the pages that come next in the group and of which nobody wants a row, of a leaf without lists: they are
 * not unpacked. */
int pq_pages_pass(struct pq_leaf *l, const struct pq_leaf_context *c, struct sluice_error *err);
/* Begins the next data page of the chunk; END: there is none. */
int pq_page_next(struct pq_leaf *l, const struct pq_leaf_context *c, struct sluice_error *err);
/* Names the column and the page. */
int pq_leaf_fail(const struct pq_leaf *l, const struct pq_leaf_context *c, pq_fault fault, struct sluice_error *err);

#endif
