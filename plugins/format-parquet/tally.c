/* Tallies of items: a list of its own for each leaf, of which only the offsets are used. */
#include "tally.h"
#include <stdlib.h>

int pq_tally_create(struct pq_leaf *leaf, struct pq_node *const *lists, int32_t n) {
  const struct pq_node *inner = lists[n - 1];
  leaf->tally = calloc(1, sizeof *leaf->tally);
  leaf->lists = calloc((size_t)n, sizeof *leaf->lists);
  if (!leaf->tally || !leaf->lists)
    return SLUICE_ERR_MEMORY;
  for (int32_t i = 0; i < n; i++)
    leaf->lists[i] = lists[i];
  leaf->n_lists = n;
  *leaf->tally = (struct pq_node){.kind = PQ_NODE_LIST, .item_def = inner->item_def, .item_rep = inner->item_rep};
  return SLUICE_OK;
}

void pq_tally_destroy(struct pq_leaf *leaf) {
  pq_node_destroy(leaf->tally);
  free(leaf->lists);
}

/* Items of the innermost list in the first rows; -1: an outer one has fewer than these say. */
static int64_t items_of_rows(const struct pq_leaf *leaf, int64_t rows) {
  int64_t slots = rows;
  for (int32_t i = 0; i < leaf->n_lists; i++) {
    if (slots > leaf->lists[i]->length)
      return -1;
    slots = pq_node_items(leaf->lists[i], slots);
  }
  return slots;
}

/* The next row begins at 0 again. */
static void drop_rows(struct pq_node *tally, int64_t rows) {
  int32_t *starts = (int32_t *)(void *)tally->offsets.data;
  int64_t gone = pq_node_items(tally, rows), stay = tally->length - rows;
  for (int64_t i = 0; i < stay; i++)
    starts[i] = (int32_t)(starts[rows + i] - gone);
  tally->offsets.size = (size_t)stay * sizeof *starts;
  tally->length = stay;
  tally->items -= gone;
}

bool pq_tally_agrees(struct pq_leaf *leaf, int64_t rows) {
  struct pq_node *tally = leaf->tally;
  if (!tally)
    return true;
  if (tally->length < rows)
    return false;
  for (int64_t row = 0; row <= rows; row++)
    if (pq_node_items(tally, row) != items_of_rows(leaf, row))
      return false;
  drop_rows(tally, rows);
  return true;
}
