/* The filter itself, put to rows before most columns are read: those that it needs are read first, the others only for
 * the rows that are left. */
#ifndef PQ_LATE_H
#define PQ_LATE_H
#include "shape.h"

struct pq_late_column { /* read first */
  int64_t column;       /* of the schema */
  struct pq_leaf *leaf;
  struct ArrowArray rows; /* those that are left and that no batch had yet; released: there are none */
};
struct pq_late_test {
  int64_t column; /* of the schema */
  struct sluice_comparison *comparison;
};
struct pq_late {
  const struct pq_shape *shape;
  struct pq_late_test *tests;
  struct pq_late_column *columns;
  int32_t n_tests, n_columns;
  int64_t *column_of;    /* of each column of the schema: which of `columns` it is; -1: none */
  struct pq_picks picks; /* of the rows that were asked about, up to the last that was */
  int64_t capacity;
};

/* *out NULL: there is no test of a column that lies flat, or no other column, or batches are very large. */
int pq_late_create(struct pq_shape *shape, const struct sluice_where *where, int64_t batch_bytes, struct pq_late **out);
void pq_late_destroy(struct pq_late *l); /* takes NULL; before the shape */

/* Asks about more rows, up to n in all, or until the columns that were read for it have more bytes than a batch. */
int pq_late_ask(struct pq_late *l, const struct pq_leaf_context *c, int64_t n, struct sluice_error *err);
/* The column is one that was read first. */
bool pq_late_has(const struct pq_late *l, int64_t column);
/* Bytes of its first rows that are left. */
int64_t pq_late_bytes(const struct pq_late *l, int64_t column, int64_t rows);
/* These rows leave it. */
int pq_late_take(struct pq_late *l, int64_t column, int64_t rows, struct ArrowArray *out);
/* The first n rows that were asked about are done with; a batch had `taken` of them. */
void pq_late_done(struct pq_late *l, int64_t n, int64_t taken);

#endif
