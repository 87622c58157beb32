/* The page index of a column chunk: where its pages lie, and what is in them. */
#ifndef PQ_PAGE_INDEX_H
#define PQ_PAGE_INDEX_H
#include "chunk.h"

struct pq_page_place {
  int64_t at, size;    /* with its header */
  int64_t first, rows; /* of the row group */
};
struct pq_page_bounds {
  struct pq_slice min, max;
  int64_t nulls; /* -1: not told */
  bool all_null;
};

/* malloc'ed; *n of them, which follow each other in the chunk and in the group. A fault: they do not fit the chunk. */
pq_fault pq_offset_index_read(struct pq_slice bytes, const struct pq_chunk *chunk, int64_t rows,
                              struct pq_page_place **out, int32_t *n);
/* malloc'ed, one for each of n pages; the bounds lie in `bytes`. A fault: it is not of so many. */
pq_fault pq_column_index_read(struct pq_slice bytes, int32_t n, struct pq_page_bounds **out);

#endif
