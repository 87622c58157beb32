/* Lists of row ranges. */
#include "rows.h"
#include <stdlib.h>

int pq_row_list_add(struct pq_row_list *l, int64_t begin, int64_t end) {
  if (begin >= end)
    return SLUICE_OK;
  if (l->n && l->items[l->n - 1].end == begin) {
    l->items[l->n - 1].end = end;
    return SLUICE_OK;
  }
  if (l->n == l->capacity) {
    size_t capacity = l->capacity ? l->capacity * 2 : 8;
    struct pq_rows *items = realloc(l->items, capacity * sizeof *items);
    if (!items)
      return SLUICE_ERR_MEMORY;
    l->items = items;
    l->capacity = capacity;
  }
  l->items[l->n++] = (struct pq_rows){begin, end};
  return SLUICE_OK;
}

void pq_row_list_finish(struct pq_row_list *l) {
  free(l->items);
  *l = (struct pq_row_list){0};
}

int pq_row_list_intersect(struct pq_row_list *a, const struct pq_row_list *b) {
  struct pq_row_list both = {0};
  int code = SLUICE_OK;
  for (size_t i = 0, k = 0; i < a->n && k < b->n && !code;) {
    const struct pq_rows *x = &a->items[i], *y = &b->items[k];
    code = pq_row_list_add(&both, x->begin > y->begin ? x->begin : y->begin, x->end < y->end ? x->end : y->end);
    if (x->end < y->end)
      i++;
    else
      k++;
  }
  if (code) {
    pq_row_list_finish(&both);
    return code;
  }
  pq_row_list_finish(a);
  *a = both;
  return SLUICE_OK;
}

int64_t pq_row_list_count(const struct pq_row_list *l) {
  int64_t rows = 0;
  for (size_t i = 0; i < l->n; i++)
    rows += l->items[i].end - l->items[i].begin;
  return rows;
}

bool pq_row_list_meets(const struct pq_row_list *l, int64_t begin, int64_t end) {
  size_t low = 0, high = l->n;
  while (low < high) { /* the first that ends behind `begin` */
    size_t middle = low + (high - low) / 2;
    if (l->items[middle].end > begin)
      high = middle;
    else
      low = middle + 1;
  }
  return low < l->n && l->items[low].begin < end;
}
