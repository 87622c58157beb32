/* Rows of a leaf that nobody wants: which they are, and going past them. */
#ifndef PQ_SKIP_H
#define PQ_SKIP_H
#include "leaf.h"
#include "prune.h"

/* In the leaf's group: */
int64_t pq_rows_wanted(const struct pq_leaf *l); /* of the group */
int64_t pq_rows_ahead(const struct pq_leaf *l);  /* to go past before the next wanted one */
int64_t pq_rows_gap(const struct pq_leaf *l);    /* the same, as far as they were never asked about */
int64_t pq_rows_here(const struct pq_leaf *l);   /* wanted from here on, without a gap */
int64_t pq_rows_told(const struct pq_leaf *l); /* from here on, of which the filter said if they are; with picks only */
void pq_rows_took(struct pq_leaf *l, int64_t rows);
/* Past rows that are nobody's, of those ahead. */
void pq_rows_pass(struct pq_leaf *l, int64_t rows);

/* A data page begins: where only some of a chunk's pages are read, it must be the one that the index says. */
pq_fault pq_skip_page(struct pq_leaf *l, const struct pq_page_header *h);
/* Does nobody want any row of the data page that comes next? Of leaves without lists. */
bool pq_page_is_unwanted(const struct pq_leaf *l, const struct pq_page_header *h);
/* The page was gone past, with all of its rows. */
void pq_page_passed(struct pq_leaf *l, const struct pq_page_header *h);
/* What is left of the page, if nobody wants any of it. */
bool pq_skip_rest(struct pq_leaf *l);
/* Up to n rows without lists, of the page; they are nobody's. */
pq_fault pq_skip_flat(struct pq_leaf *l, int64_t n);
/* Levels at hand, up to the next wanted row. */
pq_fault pq_skip_levels(struct pq_leaf *l);

#endif
