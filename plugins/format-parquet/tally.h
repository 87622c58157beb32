/* Columns below one list must agree, row by row, about how many items it has: one of them makes the list, the others
 * keep a tally that is held against it. Without that the items of a broken file would slip into other rows. */
#ifndef PQ_TALLY_H
#define PQ_TALLY_H
#include "leaf.h"

/* The leaf's tally of the innermost of these lists, which lie one within the other and are made by other leaves. */
int pq_tally_create(struct pq_leaf *leaf, struct pq_node *const *lists, int32_t n);
void pq_tally_destroy(struct pq_leaf *leaf);
/* Whether the first rows agree, before they are taken from the lists; they leave the tally. Leaves without one do. */
bool pq_tally_agrees(struct pq_leaf *leaf, int64_t rows);

#endif
