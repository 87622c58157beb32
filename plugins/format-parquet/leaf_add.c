/* Values and levels of a page, added to the node of its column: all that are next, or some of them. */
#include "leaf_add.h"
#include "bits.h"
#include "pick.h"
#include "spread.h"

/* ---- the next values ---- */

static pq_fault next_texts(struct pq_leaf *l, size_t set) {
  struct pq_node *node = l->node;
  return l->pick ? pq_pick_texts(&l->values, l->pick, &node->offsets, &node->values)
                 : pq_values_texts(&l->values, &node->offsets, &node->values, set);
}

static pq_fault next_bits(struct pq_leaf *l, int64_t slot, size_t set) {
  uint8_t *to = l->node->values.data;
  return l->pick ? pq_pick_bits(&l->values, l->pick, to, slot) : pq_values_bits(&l->values, to, slot, set);
}

static pq_fault next_fixed(struct pq_leaf *l, uint8_t *to, size_t set) {
  return l->pick ? pq_pick_fixed(&l->values, l->pick, to) : pq_values_fixed(&l->values, to, set);
}

static pq_fault next_views(struct pq_leaf *l, uint8_t *to, size_t set) {
  uint64_t *bytes = &l->node->text_bytes;
  return l->pick ? pq_pick_views(&l->values, l->pick, to, bytes) : pq_values_views(&l->values, to, set, bytes);
}

/* ---- slots ---- */

pq_fault pq_add_start(struct pq_leaf *l) {
  static const int32_t zero = 0;
  if (l->store.kind != PQ_STORE_BYTES || l->node->offsets.size)
    return NULL;
  return sluice_buffer_append(&l->node->offsets, &zero, sizeof zero) == SLUICE_OK ? NULL : pq_no_memory;
}

/* Texts: the end of each valid one, then of each slot. */
static pq_fault add_texts(struct pq_leaf *l, size_t n, size_t set, const uint8_t *bits, int64_t at) {
  struct pq_node *node = l->node;
  if (sluice_buffer_reserve(&node->offsets, n * sizeof(int32_t) + PQ_PADDING) != SLUICE_OK)
    return pq_no_memory;
  size_t start = node->offsets.size;
  pq_fault fault = next_texts(l, set);
  if (fault || set == n)
    return fault;
  int32_t *ends = (int32_t *)(void *)(node->offsets.data + start);
  int64_t from = (int64_t)set - 1;
  for (int64_t i = (int64_t)n - 1; i > from; i--) {
    ends[i] = ends[from]; /* of the last valid one up to here; -1: of what was there before */
    from -= sluice_bit(bits, at + i);
  }
  node->offsets.size = start + n * sizeof(int32_t);
  return NULL;
}

static pq_fault add_bits(struct pq_leaf *l, size_t n, size_t set, const uint8_t *bits, int64_t at) {
  struct sluice_buffer *b = &l->node->values;
  int64_t slot = l->node->length;
  size_t need = (size_t)(slot + (int64_t)n + 7) / 8;
  if (sluice_buffer_reserve(b, need - (b->size > need ? need : b->size) + PQ_PADDING) != SLUICE_OK)
    return pq_no_memory;
  if (need > b->size)
    memset(b->data + b->size, 0, need - b->size);
  b->size = need;
  pq_fault fault = next_bits(l, slot, set);
  if (!fault && set < n)
    pq_spread_bits(b->data, slot, bits, at, (int64_t)n, (int64_t)set);
  return fault;
}

/* Views are of fixed width too. */
static pq_fault add_fixed(struct pq_leaf *l, size_t n, size_t set, const uint8_t *bits, int64_t at) {
  struct sluice_buffer *b = &l->node->values;
  size_t width = l->store.width;
  if (sluice_buffer_reserve(b, n * width + PQ_PADDING) != SLUICE_OK)
    return pq_no_memory;
  uint8_t *to = b->data + b->size;
  pq_fault fault = l->store.kind == PQ_STORE_VIEWS ? next_views(l, to, set) : next_fixed(l, to, set);
  if (fault)
    return fault;
  if (set == 0)
    memset(to, 0, n * width);
  else
    pq_spread(to, width, bits, at, (int64_t)n, (int64_t)set);
  b->size += n * width;
  return NULL;
}

/* n slots of which `set` have values: those whose bit is set in the node's bitmap, from `at` on. The node's length is
 * still without them. */
static pq_fault add_values(struct pq_leaf *l, size_t n, size_t set, const uint8_t *bits, int64_t at) {
  switch (l->store.kind) {
  case PQ_STORE_NOTHING:
    return NULL;
  case PQ_STORE_BITS:
    return add_bits(l, n, set, bits, at);
  case PQ_STORE_BYTES:
    return add_texts(l, n, set, bits, at);
  default:
    return add_fixed(l, n, set, bits, at);
  }
}

/* ---- levels ---- */

pq_fault pq_add_valid(struct pq_leaf *l, size_t n) {
  pq_fault fault = add_values(l, n, n, NULL, 0);
  if (fault)
    return fault;
  return pq_node_mark(l->node, (int64_t)n, true) == SLUICE_OK ? NULL : pq_no_memory;
}

/* Slots from here on whose bits stand in the bitmap. */
pq_fault pq_add_marked(struct pq_leaf *l, size_t n, int64_t set) {
  struct pq_node *node = l->node;
  pq_fault fault = add_values(l, n, (size_t)set, node->validity.data, node->length);
  node->length += fault ? 0 : (int64_t)n;
  node->nulls += fault ? 0 : (int64_t)n - set;
  return fault;
}

/* An optional column of the top: its levels are its bitmap. Where all are valid none is made. */
static pq_fault add_optional(struct pq_leaf *l, size_t n) {
  struct pq_node *node = l->node;
  uint32_t level = 0;
  int64_t set = 0;
  if (node->validity.size == 0 && !l->defs.msb && pq_rle_same(&l->defs.rle, n, &level) == n && level == 1) {
    pq_rle_skip_same(&l->defs.rle, n);
    return pq_add_valid(l, n);
  }
  if (pq_node_bitmap(node, (int64_t)n) != SLUICE_OK)
    return pq_no_memory;
  pq_fault fault = pq_levels_read_bits(&l->defs, node->validity.data, node->length, n, &set);
  return fault ? fault : pq_add_marked(l, n, set);
}

pq_fault pq_add_slots(struct pq_leaf *l, const uint8_t *levels, size_t n) {
  struct pq_node *node = l->node;
  if (!node->nullable)
    return pq_add_valid(l, n);
  if (pq_node_bitmap(node, (int64_t)n) != SLUICE_OK)
    return pq_no_memory;
  return pq_add_marked(l, n, pq_bits_at_least(node->validity.data, node->length, levels, (int64_t)n, l->max_def));
}

pq_fault pq_add_structs(struct pq_leaf *l, const uint8_t *defs, const uint8_t *reps, size_t n) {
  pq_fault fault = NULL;
  for (int32_t i = 0; i < l->n_owned && !fault; i++)
    fault = pq_node_levels(l->owned[i], defs, reps, n);
  return l->tally && !fault ? pq_node_levels(l->tally, defs, reps, n) : fault;
}

pq_fault pq_add_rows(struct pq_leaf *l, size_t n) {
  uint8_t levels[PQ_SEGMENT];
  pq_fault fault = pq_add_start(l);
  if (fault)
    return fault;
  if (l->max_def == 0 && l->n_owned == 0)
    return pq_add_valid(l, n);
  if (pq_leaf_has_bits(l))
    return add_optional(l, n);
  fault = pq_levels_read(&l->defs, levels, n);
  if (!fault)
    fault = pq_add_structs(l, levels, NULL, n);
  return fault ? fault : pq_add_slots(l, levels, n);
}
