/* Batches out of the tree: how large they are, and the first slots of each node as an array. */
#include "bits.h"
#include "node.h"
#include <stdlib.h>

static const char disagree[] = "columns of one row group disagree about how many values it has";

static int32_t offset_at(const struct pq_node *node, int64_t i) {
  int32_t offset;
  memcpy(&offset, node->offsets.data + (size_t)i * sizeof offset, sizeof offset);
  return offset;
}

int64_t pq_node_items(const struct pq_node *node, int64_t slots) {
  return slots < node->length ? offset_at(node, slots) : node->items;
}

static int64_t leaf_bytes(const struct pq_node *node, int64_t slots) {
  switch (node->store->kind) {
  case PQ_STORE_NOTHING:
    return 0;
  case PQ_STORE_BITS:
    return (slots + 7) / 8;
  case PQ_STORE_VIEWS:
    return PQ_VIEW * slots +
           (int64_t)(slots < node->length ? pq_views_bytes(node->values.data, (size_t)slots) : node->text_bytes);
  case PQ_STORE_BYTES:
    return 4 * slots +
           (slots > 0 && node->offsets.size ? offset_at(node, slots < node->length ? slots : node->length) : 0);
  default:
    return slots * node->store->width;
  }
}

int64_t pq_node_bytes(const struct pq_node *node, int64_t slots) {
  int64_t bytes = node->nullable ? (slots + 7) / 8 : 0;
  if (node->kind == PQ_NODE_LEAF)
    return bytes + leaf_bytes(node, slots);
  if (node->kind == PQ_NODE_LIST)
    return bytes + 4 * slots + pq_node_bytes(node->children[0], pq_node_items(node, slots));
  for (int64_t i = 0; i < node->n_children; i++)
    bytes += pq_node_bytes(node->children[i], slots);
  return bytes;
}

/* ---- taking ---- */

/* Splits a buffer: the first `head` bytes go to out, the rest to a new buffer that takes its place. */
static int split_bytes(struct sluice_buffer *b, size_t head, struct sluice_buffer *out) {
  struct sluice_buffer rest = {0};
  if (b->size > head) {
    int code = sluice_buffer_reserve(&rest, b->size - head + PQ_PADDING);
    if (code)
      return code;
    memcpy(rest.data, b->data + head, b->size - head);
    rest.size = b->size - head;
  }
  *out = *b;
  out->size = head;
  *b = rest;
  return SLUICE_OK;
}

static int split_bits(struct sluice_buffer *b, int64_t head, int64_t all, struct sluice_buffer *out) {
  struct sluice_buffer rest = {0};
  if (b->size == 0) {
    *out = (struct sluice_buffer){0};
    return SLUICE_OK;
  }
  if (all > head) {
    int code = sluice_buffer_reserve(&rest, (size_t)(all - head) / 8 + PQ_PADDING);
    if (code)
      return code;
    rest.size = (size_t)(all - head + 7) / 8;
    rest.data[rest.size - 1] = 0;
    pq_bits_copy(rest.data, 0, b->data, head, all - head);
  }
  *out = *b;
  out->size = (size_t)(head + 7) / 8;
  if (head & 7) /* the same rows always give the same bytes */
    out->data[out->size - 1] &= (uint8_t)((1u << (head & 7)) - 1);
  *b = rest;
  return SLUICE_OK;
}

/* Offsets of `head` slots with the end of the last; those that stay begin at 0. of_texts: they have a 0 before them
 * already. */
static int split_offsets(struct pq_node *node, int64_t head, struct sluice_buffer *out) {
  struct sluice_buffer *b = &node->offsets, rest = {0};
  bool texts = node->kind == PQ_NODE_LEAF;
  int32_t end = texts ? (b->size ? offset_at(node, head) : 0) : (int32_t)pq_node_items(node, head);
  size_t stay = (size_t)(node->length - head) + (texts && node->length > head ? 1 : 0);
  int code = stay ? sluice_buffer_reserve(&rest, stay * sizeof end + PQ_PADDING) : SLUICE_OK;
  for (size_t i = 0; i < stay && !code; i++) {
    int32_t offset = offset_at(node, head + (int64_t)i) - end;
    memcpy(rest.data + i * sizeof end, &offset, sizeof end);
  }
  rest.size = stay * sizeof end;
  b->size = code ? b->size : (size_t)head * sizeof end;
  if (!code)
    code = sluice_buffer_append(b, &end, sizeof end);
  if (code) {
    sluice_buffer_free(&rest);
    return code;
  }
  *out = *b;
  *b = rest;
  return SLUICE_OK;
}

/* Offsets of a large type, from those of 32 bits. */
static int widen_offsets(const struct pq_node *node, struct sluice_buffer *b) {
  struct sluice_buffer wide = {.limit = (size_t)4 << 30};
  size_t n = b->size / sizeof(int32_t);
  if (!node->large)
    return SLUICE_OK;
  if (sluice_buffer_reserve(&wide, n * sizeof(int64_t)) != SLUICE_OK)
    return SLUICE_ERR_MEMORY;
  const int32_t *from = (const int32_t *)(const void *)b->data;
  int64_t *to = (int64_t *)(void *)wide.data;
  for (size_t i = 0; i < n; i++)
    to[i] = from[i];
  wide.size = n * sizeof(int64_t);
  sluice_buffer_free(b);
  *b = wide;
  return SLUICE_OK;
}

static int take_leaf(struct pq_node *node, int64_t slots, struct sluice_buffer *buffers, int64_t *n) {
  size_t width = node->store->width;
  *n = 2;
  switch (node->store->kind) {
  case PQ_STORE_NOTHING:
    *n = 0;
    return SLUICE_OK;
  case PQ_STORE_BITS:
    return node->values.size ? split_bits(&node->values, slots, node->length, &buffers[1])
                             : sluice_buffer_reserve(&buffers[1], 1);
  case PQ_STORE_BYTES: {
    *n = 3;
    size_t bytes = node->offsets.size ? (size_t)offset_at(node, slots) : 0;
    int code = split_offsets(node, slots, &buffers[1]);
    if (!code)
      code = widen_offsets(node, &buffers[1]);
    return code ? code : split_bytes(&node->values, bytes, &buffers[2]);
  }
  default:
    if (node->values.data == NULL && sluice_buffer_reserve(&node->values, 1) != SLUICE_OK)
      return SLUICE_ERR_MEMORY;
    return split_bytes(&node->values, (size_t)slots * width, &buffers[1]);
  }
}

static int take_children(struct pq_node *node, int64_t slots, bool all, struct ArrowArray *out, pq_fault *fault) {
  int code = SLUICE_OK;
  for (int64_t i = 0; i < node->n_children && !code; i++)
    code = pq_node_take(node->children[i], slots, all, &out[i], fault);
  return code;
}

/* The node's own buffers and, before them, its children. */
static int take_parts(struct pq_node *node, int64_t slots, bool all, struct sluice_buffer *buffers, int64_t *n,
                      struct ArrowArray *children, pq_fault *fault) {
  int64_t below = node->kind == PQ_NODE_LIST ? pq_node_items(node, slots) : slots;
  int code = take_children(node, below, all, children, fault);
  *n = node->kind == PQ_NODE_LIST ? 2 : 1;
  if (!code && node->kind == PQ_NODE_LEAF)
    code = take_leaf(node, slots, buffers, n);
  if (!code && node->kind == PQ_NODE_LIST)
    code = split_offsets(node, slots, &buffers[1]);
  if (!code && node->kind == PQ_NODE_LIST)
    code = widen_offsets(node, &buffers[1]);
  if (!code && *n)
    code = split_bits(&node->validity, slots, node->length, &buffers[0]);
  return code;
}

/* The array gets what its views refer to; what only they refer to is dropped here. */
static int take_blocks(struct pq_node *node, struct ArrowArray *out) {
  size_t stay = node->values.size / PQ_VIEW;
  int code = pq_held_attach(&node->held, out);
  if (code)
    sluice_array_release(out);
  node->text_bytes = pq_views_bytes(node->values.data, stay);
  pq_held_drop(&node->held, node->values.data, stay);
  return code;
}

int pq_node_take(struct pq_node *node, int64_t slots, bool all, struct ArrowArray *out, pq_fault *fault) {
  struct sluice_buffer buffers[3] = {{0}};
  if (node->kind == PQ_NODE_STRUCT && !node->nullable)
    node->length = slots; /* it has as many as are asked for */
  int64_t n = 0,
          items = node->kind == PQ_NODE_LIST ? pq_node_items(node, slots < node->length ? slots : node->length) : 0;
  if (slots > node->length || (all && slots != node->length)) {
    *fault = disagree;
    return SLUICE_ERR_DATA;
  }
  int64_t nulls = node->nulls;
  if (nulls && slots < node->length)
    nulls = slots - pq_bits_count(node->validity.data, 0, slots);
  if (nulls && node->key) {
    *fault = "a map has a null as a key, which Arrow's maps cannot have";
    return SLUICE_ERR_DATA;
  }
  struct ArrowArray *children = calloc((size_t)node->n_children + 1, sizeof *children);
  int code = children ? take_parts(node, slots, all, buffers, &n, children, fault) : SLUICE_ERR_MEMORY;
  if (nulls == 0 && n) /* the same rows always give the same array, whatever came before them */
    sluice_buffer_free(&buffers[0]);
  if (!code)
    code = sluice_array_adopt(out, slots, n ? nulls : slots, buffers, n, children, node->n_children, NULL);
  if (!code && node->kind == PQ_NODE_LEAF && node->store->kind == PQ_STORE_VIEWS)
    code = take_blocks(node, out);
  for (int64_t i = 0; code && children && i < node->n_children; i++)
    sluice_array_release(&children[i]);
  for (int i = 0; code && i < 3; i++)
    sluice_buffer_free(&buffers[i]);
  free(children);
  if (!code) {
    node->items -= items;
    node->length -= slots;
    node->nulls -= nulls;
  }
  return code;
}
