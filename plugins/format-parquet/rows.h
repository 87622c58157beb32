/* Lists of row ranges. */
#ifndef PQ_ROWS_H
#define PQ_ROWS_H
#include "pq.h"

struct pq_rows {
  int64_t begin, end;
};
struct pq_row_list { /* rising, none touches the next; zeroed is empty */
  struct pq_rows *items;
  size_t n, capacity;
};
/* Behind all that are there, or joined to the last. An empty range is nothing. */
int pq_row_list_add(struct pq_row_list *l, int64_t begin, int64_t end);
void pq_row_list_finish(struct pq_row_list *l);
/* Only what both have stays in a. */
int pq_row_list_intersect(struct pq_row_list *a, const struct pq_row_list *b);
int64_t pq_row_list_count(const struct pq_row_list *l);
bool pq_row_list_meets(const struct pq_row_list *l, int64_t begin, int64_t end);

#endif
