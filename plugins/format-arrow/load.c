/* Arrays from nodes and buffers, field by field. */
#include "load.h"
#include "buffer.h"
#include "dictionary.h"
#include "shape.h"
#include "union_nulls.h"

struct node {
  int64_t length, nulls;
};
struct run { /* of one batch through its fields */
  struct arrow_loading loading;
  struct arrow_cursor at;
};

static int load_field(struct run *r, const struct arrow_field *f, const struct ArrowSchema *schema,
                      struct ArrowArray *out);

static bool is_union(const struct arrow_field *f) {
  return f->layout == ARROW_LAYOUT_DENSE_UNION || f->layout == ARROW_LAYOUT_SPARSE_UNION;
}

static int take_node(struct run *r, struct node *out) {
  struct arrow_batch *b = r->loading.batch;
  size_t at = b->nodes.at + 16 * r->at.node++;
  *out = (struct node){fb_at(b->fb, at, 8), fb_at(b->fb, at + 8, 8)};
  if (out->length < 0 || out->length > INT64_MAX / 64 || out->nulls > out->length)
    return arrow_load_fail(&r->loading, "its number of values or nulls is out of range");
  b->longest = out->length > b->longest ? out->length : b->longest;
  return SLUICE_OK;
}

static int take_buffer(struct run *r, int64_t items, int64_t width, enum arrow_swap swap, struct arrow_buffer *out) {
  const struct arrow_want want = {items, width, swap};
  return arrow_buffer_get(&r->loading, r->at.buffer++, &want, out);
}

/* Without nulls the bitmap is left where it is: nobody looks at it. */
static int take_validity(struct run *r, const struct node *node, struct ArrowArray *out) {
  struct arrow_buffer b;
  out->null_count = node->nulls;
  if (node->nulls == 0) {
    r->at.buffer++;
    return SLUICE_OK;
  }
  if (node->nulls < 0)
    out->null_count = -1;
  int rc = take_buffer(r, node->length, 0, ARROW_SWAP_NONE, &b);
  if (rc == SLUICE_OK)
    out->buffers[0] = b.data;
  return rc;
}

static int take_fixed(struct run *r, const struct arrow_field *f, const struct node *node, int i,
                      struct ArrowArray *out) {
  struct arrow_buffer b;
  bool bits = f->layout == ARROW_LAYOUT_BITS;
  int64_t width = bits ? 0 : f->width, items = !bits && width == 0 ? 0 : node->length;
  int rc = take_buffer(r, items, !bits && width == 0 ? 1 : width, arrow_swap_of_values(f), &b);
  if (rc == SLUICE_OK)
    out->buffers[i] = b.data;
  return rc;
}

static int64_t offset_at(const void *offsets, int32_t width, int64_t i) {
  return width == 8 ? ((const int64_t *)offsets)[i] : ((const int32_t *)offsets)[i];
}

/* Of no values there may be no offsets at all. */
static int take_offsets(struct run *r, const struct arrow_field *f, const struct node *node, int64_t *last,
                        struct ArrowArray *out) {
  struct arrow_buffer b;
  int64_t n = node->length ? node->length + 1 : 0;
  int rc = take_buffer(r, n, f->width, arrow_swap_of_width(f->width), &b);
  if (rc)
    return rc;
  out->buffers[1] = b.data;
  *last = n ? offset_at(b.data, f->width, node->length) : 0;
  return SLUICE_OK;
}

static int take_bytes(struct run *r, const struct arrow_field *f, const struct node *node, struct ArrowArray *out) {
  struct arrow_buffer b;
  int64_t last = 0;
  int rc = take_offsets(r, f, node, &last, out);
  if (rc)
    return rc;
  if (last < 0)
    return arrow_load_fail(&r->loading, "its last offset is negative");
  rc = take_buffer(r, last, 1, ARROW_SWAP_NONE, &b);
  if (rc == SLUICE_OK)
    out->buffers[2] = b.data;
  return rc;
}

static int take_views(struct run *r, const struct node *node, int64_t n_data, struct ArrowArray *out) {
  struct arrow_buffer b;
  int rc = take_buffer(r, node->length, 16, ARROW_SWAP_VIEW, &b);
  if (rc)
    return rc;
  out->buffers[1] = b.data;
  int64_t *sizes = (int64_t *)(void *)arrow_hold_memory(r->loading.batch->hold, (size_t)n_data * sizeof *sizes);
  if (!sizes)
    return arrow_load_memory(&r->loading);
  for (int64_t i = 0; rc == SLUICE_OK && i < n_data; i++) {
    rc = take_buffer(r, 0, 1, ARROW_SWAP_NONE, &b);
    if (rc == SLUICE_OK) {
      out->buffers[2 + i] = b.data;
      sizes[i] = b.size;
    }
  }
  out->buffers[2 + n_data] = sizes;
  return rc;
}

static int take_list_views(struct run *r, const struct arrow_field *f, const struct node *node,
                           struct ArrowArray *out) {
  struct arrow_buffer b;
  int rc = SLUICE_OK;
  for (int i = 1; rc == SLUICE_OK && i <= 2; i++) {
    rc = take_buffer(r, node->length, f->width, arrow_swap_of_width(f->width), &b);
    if (rc == SLUICE_OK)
      out->buffers[i] = b.data;
  }
  return rc;
}

/* Before V5 unions had a bitmap of their own, which has no place in memory as it is now. NULL: there are no nulls. */
static int take_old_validity(struct run *r, const struct node *node, const void **bitmap) {
  struct arrow_buffer b;
  *bitmap = NULL;
  if (r->loading.batch->message->version != ARROW_V4)
    return SLUICE_OK;
  if (node->nulls == 0) {
    r->at.buffer++;
    return SLUICE_OK;
  }
  int rc = take_buffer(r, node->length, 0, ARROW_SWAP_NONE, &b);
  if (rc == SLUICE_OK)
    *bitmap = b.data;
  return rc;
}

/* Run ends came after V5, so that such a file is no one's; with nulls it has no meaning. */
static int pass_run_validity(struct run *r, const struct node *node) {
  if (r->loading.batch->message->version != ARROW_V4)
    return SLUICE_OK;
  r->at.buffer++;
  return node->nulls == 0 ? SLUICE_OK : arrow_load_fail(&r->loading, "a run-end encoded column has nulls of its own");
}

static int take_union(struct run *r, const struct arrow_field *f, const struct node *node, const void **bitmap,
                      struct ArrowArray *out) {
  struct arrow_buffer b;
  int rc = take_old_validity(r, node, bitmap);
  if (rc == SLUICE_OK)
    rc = take_buffer(r, node->length, 1, ARROW_SWAP_NONE, &b);
  if (rc == SLUICE_OK)
    out->buffers[0] = b.data;
  if (rc || f->layout == ARROW_LAYOUT_SPARSE_UNION)
    return rc;
  rc = take_buffer(r, node->length, 4, ARROW_SWAP_4, &b);
  if (rc == SLUICE_OK)
    out->buffers[1] = b.data;
  return rc;
}

static int take_buffers(struct run *r, const struct arrow_field *f, const struct node *node, int64_t n,
                        struct ArrowArray *out) {
  int64_t last = 0;
  if (f->layout == ARROW_LAYOUT_NULL)
    out->null_count = node->length;
  if (f->layout == ARROW_LAYOUT_RUN_END)
    return pass_run_validity(r, node);
  if (n == 0)
    return SLUICE_OK;
  int rc = take_validity(r, node, out);
  if (rc)
    return rc;
  switch (f->layout) {
  case ARROW_LAYOUT_BITS:
  case ARROW_LAYOUT_FIXED:
    return take_fixed(r, f, node, 1, out);
  case ARROW_LAYOUT_BYTES:
    return take_bytes(r, f, node, out);
  case ARROW_LAYOUT_VIEW:
    return take_views(r, node, n - 2, out);
  case ARROW_LAYOUT_LIST:
    return take_offsets(r, f, node, &last, out);
  case ARROW_LAYOUT_LIST_VIEW:
    return take_list_views(r, f, node, out);
  default:
    return SLUICE_OK;
  }
}

/* Buffers as C Data has them: views have one more, with the sizes of the others; old unions and run ends one less. */
static int64_t buffers_in_memory(const struct run *r, const struct arrow_field *f, int64_t n) {
  if (f->layout == ARROW_LAYOUT_VIEW)
    return n + 1;
  return (is_union(f) || f->layout == ARROW_LAYOUT_RUN_END) && r->loading.batch->message->version == ARROW_V4 ? n - 1
                                                                                                              : n;
}

static int load_children(struct run *r, const struct arrow_field *f, const struct ArrowSchema *schema,
                         struct ArrowArray *out) {
  int rc = SLUICE_OK;
  for (int64_t i = 0; rc == SLUICE_OK && i < f->n_children; i++) {
    const struct arrow_field *child = &f->children[i];
    if (child->wanted)
      rc = load_field(r, child, schema->children[i], out->children[child->place]);
    else
      arrow_shape_skip(r->loading.batch, child, &r->at); /* proven when the batch was opened */
  }
  return rc;
}

static int load_field(struct run *r, const struct arrow_field *f, const struct ArrowSchema *schema,
                      struct ArrowArray *out) {
  const void *bitmap = NULL;
  struct arrow_batch *b = r->loading.batch;
  struct node node;
  int rc = take_node(r, &node);
  if (rc)
    return rc;
  int64_t n = arrow_shape_buffers(b, f, &r->at.count);
  rc = arrow_hold_array(b->hold, node.length, buffers_in_memory(r, f, n), f->n_kept, f->values != NULL, out);
  if (rc)
    return arrow_load_memory(&r->loading);
  rc = is_union(f) ? take_union(r, f, &node, &bitmap, out) : take_buffers(r, f, &node, n, out);
  if (rc == SLUICE_OK)
    rc = load_children(r, f, schema, out);
  if (rc == SLUICE_OK && bitmap)
    rc = arrow_union_take_nulls(&r->loading, schema, bitmap, out);
  if (rc == SLUICE_OK && f->values)
    rc = arrow_dictionary_attach(r->loading.loader, f, out->dictionary, r->loading.err);
  return rc;
}

int arrow_batch_load(struct arrow_loader *loader, struct arrow_batch *batch, const struct arrow_field *fields,
                     const struct ArrowSchema *const *schemas, int64_t n, struct ArrowArray *out,
                     struct sluice_error *err) {
  struct run r = {.loading = {.loader = loader, .batch = batch, .err = err}};
  int rc = SLUICE_OK;
  for (int64_t i = 0; rc == SLUICE_OK && i < n; i++) {
    r.loading.column = schemas[i]->name ? schemas[i]->name : "";
    if (fields[i].wanted)
      rc = load_field(&r, &fields[i], schemas[i], &out[i]);
    else
      arrow_shape_skip(batch, &fields[i], &r.at);
  }
  for (int64_t i = 0; rc && i < n; i++)
    sluice_array_release(&out[i]);
  return rc;
}
