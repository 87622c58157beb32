/* Rows of a leaf that nobody wants: which they are, and going past them. */
#ifndef PQ_SKIP_H
#define PQ_SKIP_H
#include "leaf.h"
#include "prune.h"

/* In the leaf's group: */
int64_t pq_rows_wanted(const struct pq_leaf *l); /* of the group */
int64_t pq_rows_ahead(const struct pq_leaf *l);  /* to go past before the next wanted one */
int64_t pq_rows_here(const struct pq_leaf *l);   /* wanted from here on, without a gap */
void pq_rows_took(struct pq_leaf *l, int64_t rows);

/* A data page begins: where only some of a chunk's pages are read, it must be the one that the index says. */
pq_fault pq_skip_page(struct pq_leaf *l, const struct pq_page_header *h);
/* Up to n rows without lists, of the page. */
pq_fault pq_skip_flat(struct pq_leaf *l, int64_t n);
/* Levels at hand, up to the next wanted row. */
pq_fault pq_skip_levels(struct pq_leaf *l);

#endif
