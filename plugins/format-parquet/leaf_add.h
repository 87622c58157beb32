/* Values and levels of a page, added to the node of its column. */
#ifndef PQ_LEAF_ADD_H
#define PQ_LEAF_ADD_H
#include "leaf.h"

enum { PQ_SEGMENT = 8192 }; /* rows without lists that are taken at once, at most */

/* The next n rows of the page, of a leaf without lists. */
pq_fault pq_add_rows(struct pq_leaf *l, size_t n);

/* ---- in parts ---- */

/* Before the first of a batch: texts have an offset more than there are of them. */
pq_fault pq_add_start(struct pq_leaf *l);
/* What the structs and lists of the leaf have in n levels; reps NULL: all 0. */
pq_fault pq_add_structs(struct pq_leaf *l, const uint8_t *defs, const uint8_t *reps, size_t n);
/* n slots of the leaf itself, and their values: valid where the level says, all, or where the node's bitmap has `set`
 * bits from its length on. */
pq_fault pq_add_slots(struct pq_leaf *l, const uint8_t *levels, size_t n);
pq_fault pq_add_valid(struct pq_leaf *l, size_t n);
pq_fault pq_add_marked(struct pq_leaf *l, size_t n, int64_t set);

#endif
