/* The tree of columns that batches are made of: slots from levels. */
#include "node.h"
#include "bits.h"
#include <stdlib.h>

void pq_node_destroy(struct pq_node *n) {
  if (!n)
    return;
  for (int64_t i = 0; n->children && i < n->n_children; i++)
    pq_node_destroy(n->children[i]);
  free(n->children);
  sluice_buffer_free(&n->validity);
  sluice_buffer_free(&n->offsets);
  sluice_buffer_free(&n->values);
  pq_held_finish(&n->held);
  free(n);
}

int pq_node_bitmap(struct pq_node *node, int64_t n) {
  struct sluice_buffer *b = &node->validity;
  size_t need = (size_t)(node->length + n + 7) / 8;
  int code = sluice_buffer_reserve(b, (need > b->size ? need - b->size : 0) + PQ_PADDING);
  if (code)
    return code;
  if (b->size == 0 && node->length) { /* all before were valid */
    b->size = (size_t)(node->length + 7) / 8;
    memset(b->data, 0, b->size);
    pq_bits_fill(b->data, 0, node->length, true);
  }
  if (need > b->size) {
    memset(b->data + b->size, 0, need - b->size);
    b->size = need;
  }
  return SLUICE_OK;
}

int pq_node_mark(struct pq_node *node, int64_t n, bool valid) {
  if (!valid || node->validity.size) {
    int code = pq_node_bitmap(node, n);
    if (code)
      return code;
    pq_bits_fill(node->validity.data, node->length, n, valid);
  }
  node->length += n;
  node->nulls += valid ? 0 : n;
  return SLUICE_OK;
}

/* Few short texts may lie in many large pages; those are not kept for them. */
pq_fault pq_node_hold(struct pq_node *node, struct pq_block *block, int32_t *place) {
  enum { PAST_MAX = 32 << 20 };
  if (pq_held_past(&node->held) > PAST_MAX + 2 * node->text_bytes) {
    pq_fault fault = pq_held_compact(&node->held, node->values.data, node->values.size / PQ_VIEW);
    if (fault)
      return fault;
  }
  return pq_held_add(&node->held, block, place);
}

/* Takes bytes of 0 and 1 into the bitmap. */
static pq_fault add_validity(struct pq_node *node, const uint8_t *valid, size_t n) {
  size_t nulls = 0;
  for (size_t i = 0; i < n; i++)
    nulls += !valid[i];
  if (nulls == 0 && node->validity.size == 0) {
    node->length += (int64_t)n;
    return NULL;
  }
  if (pq_node_bitmap(node, (int64_t)n) != SLUICE_OK)
    return pq_no_memory;
  pq_bits_at_least(node->validity.data, node->length, valid, (int64_t)n, 1);
  node->length += (int64_t)n;
  node->nulls += (int64_t)nulls;
  return NULL;
}

static size_t struct_slots(const struct pq_node *node, const uint8_t *defs, const uint8_t *reps, size_t n,
                           uint8_t *valid) {
  size_t count = 0;
  for (size_t i = 0; i < n; i++) {
    valid[count] = defs[i] >= node->def;
    count += (defs[i] >= node->slot_def) & (!reps || reps[i] <= node->slot_rep);
  }
  return count;
}

static size_t list_slots(struct pq_node *node, const uint8_t *defs, const uint8_t *reps, size_t n, uint8_t *valid) {
  int32_t *starts = (int32_t *)(void *)(node->offsets.data + node->offsets.size);
  uint8_t slot_def = node->slot_def, slot_rep = node->slot_rep, item_def = node->item_def, item_rep = node->item_rep,
          def = node->def;
  int64_t items = node->items;
  size_t count = 0;
  for (size_t i = 0; i < n; i++) {
    starts[count] = (int32_t)items;
    valid[count] = defs[i] >= def;
    count += (defs[i] >= slot_def) & (reps[i] <= slot_rep);
    items += (defs[i] >= item_def) & (reps[i] <= item_rep);
  }
  node->items = items;
  node->offsets.size += count * sizeof(int32_t);
  return count;
}

pq_fault pq_node_levels(struct pq_node *node, const uint8_t *defs, const uint8_t *reps, size_t n) {
  uint8_t valid[PQ_CHUNK + 1];
  pq_fault fault = NULL;
  for (size_t done = 0; done < n && !fault;) {
    size_t take = n - done < PQ_CHUNK ? n - done : PQ_CHUNK, count;
    if (node->kind == PQ_NODE_STRUCT) {
      count = struct_slots(node, defs + done, reps ? reps + done : NULL, take, valid);
    } else {
      if (node->items > INT32_MAX - (int64_t)take)
        return "a batch has lists of more items than an array can have; lower batch_rows";
      if (sluice_buffer_reserve(&node->offsets, (take + 1) * sizeof(int32_t)) != SLUICE_OK)
        return pq_no_memory;
      count = list_slots(node, defs + done, reps + done, take, valid);
    }
    if (node->nullable)
      fault = add_validity(node, valid, count);
    else
      node->length += (int64_t)count;
    done += take;
  }
  return fault;
}
