/* From the file's schema to the columns of the output: fields, nodes, and the leaves to be read. */
#ifndef PQ_SHAPE_H
#define PQ_SHAPE_H
#include "leaf.h"

struct pq_shape {
  struct ArrowSchema schema;
  struct pq_node **columns; /* of each field of the schema; NULL: the file lacks it */
  struct pq_leaf **leaves;  /* to be read, in the file's order of each column */
  int32_t *ordinals;        /* of their leaves in the file */
  int32_t n_leaves, capacity;
};

/* The columns that the scan wants, from the file's. */
int pq_shape_init(struct pq_shape *s, const struct pq_footer *f, const struct pq_config *config,
                  const struct sluice_scan *scan, struct sluice_error *err);
void pq_shape_finish(struct pq_shape *s);

#endif
