/* Which rows of a row group may be wanted, and which pages have them: by statistics, Bloom filters and page indexes. */
#ifndef PQ_PRUNE_H
#define PQ_PRUNE_H
#include "nearby.h"
#include "rows.h"
#include "where.h"

struct pq_pages { /* of one column; items NULL: all of its chunk is to be read */
  struct pq_page_place *items;
  int32_t n;
  int64_t head; /* bytes before the first page: the dictionary */
};
struct pq_pruned { /* a row group's share */
  struct pq_row_list rows;
  bool partial;           /* some rows are not wanted */
  struct pq_pages *pages; /* of each wanted column; NULL: all of all */
};
struct pq_prune_counts {
  int64_t groups, groups_out;                       /* by statistics or Bloom filters, or no page was left */
  int64_t pages, pages_out, bytes, bytes_out, rows; /* pages of groups that are read in part; rows that were passed */
};
struct pq_prune {
  struct pq_where where;
  struct pq_nearby columns, offsets, blooms;
  const struct pq_footer *footer;
  const int32_t *leaves; /* ordinals of the wanted columns' leaves */
  int32_t n;
  int64_t begin, end; /* rows of the file that are to be read */
  const char *part;
  struct pq_prune_counts counts;
};

/* *out NULL: the scan has no filter that statistics can answer. All is borrowed for the life of it. */
int pq_prune_create(struct sluice_input *in, const struct pq_footer *f, const struct pq_shape *shape,
                    const struct sluice_scan *scan, const char *part, struct pq_prune **out, struct sluice_error *err);
void pq_prune_destroy(struct pq_prune *p); /* takes NULL */

/* chunks: of all leaves of the group; wanted: of the wanted columns, as they will be read. out->rows is empty where
 * nothing is wanted. */
int pq_prune_group(struct pq_prune *p, int32_t group, const struct pq_chunk *chunks, const struct pq_chunk *wanted,
                   struct pq_pruned *out, struct sluice_error *err);
void pq_pruned_finish(struct pq_pruned *out, int32_t n);

#endif
