/* Nodes and buffers of a batch. Buffers are those of the arrays wherever their rows start on a byte and their offsets
 * at zero; else they are made anew. */
#include "ipc.h"
#include <stdlib.h>

struct node {
  int64_t length, nulls;
};

void ipc_body_reset(struct ipc_body *body) {
  for (size_t i = 0; i < body->n_made; i++)
    sluice_buffer_free(&body->made[i]);
  body->n_made = 0;
  body->nodes.size = body->pieces.size = body->counts.size = 0;
}

void ipc_body_free(struct ipc_body *body) {
  ipc_body_reset(body);
  sluice_buffer_free(&body->nodes);
  sluice_buffer_free(&body->pieces);
  sluice_buffer_free(&body->counts);
  free(body->made);
  memset(body, 0, sizeof *body);
}

int64_t ipc_body_size(const struct ipc_body *body) {
  size_t n;
  int64_t size = 0;
  const struct piece *pieces = ipc_pieces(body, &n);
  for (size_t i = 0; i < n; i++)
    size += pieces[i].size + (int64_t)ipc_padding(pieces[i].size);
  return size;
}

static int add_node(struct ipc_body *body, int64_t length, int64_t nulls) {
  struct node node = {length, nulls};
  return sluice_buffer_append(&body->nodes, &node, sizeof node);
}

int ipc_piece_add(struct ipc_body *body, const void *data, int64_t size) {
  struct piece piece = {size ? data : NULL, size};
  return sluice_buffer_append(&body->pieces, &piece, sizeof piece);
}

void *ipc_piece_make(struct ipc_body *body, int64_t n) {
  if (body->n_made == body->room_made) {
    size_t room = body->room_made * 2 + 16;
    struct sluice_buffer *made = realloc(body->made, room * sizeof *made);
    if (!made)
      return NULL;
    body->made = made;
    body->room_made = room;
  }
  struct sluice_buffer *buffer = &body->made[body->n_made];
  *buffer = (struct sluice_buffer){.limit = SIZE_MAX};
  uint8_t *data = buffer_extend(buffer, (size_t)n);
  if (!data)
    return NULL;
  body->n_made++;
  return ipc_piece_add(body, data, n) == SLUICE_OK ? data : NULL;
}

static int add_bits(struct ipc_body *body, const uint8_t *bits, int64_t at, int64_t n) {
  if ((at & 7) == 0)
    return ipc_piece_add(body, bits ? bits + at / 8 : NULL, (n + 7) / 8);
  uint8_t *copy = ipc_piece_make(body, (n + 7) / 8);
  if (!copy)
    return SLUICE_ERR_MEMORY;
  bits_copy(copy, 0, bits, at, n);
  return SLUICE_OK;
}

/* The node and, where the type has one, the validity bitmap. */
static int add_head(struct ipc_body *body, enum sluice_type_id id, const struct ArrowArray *array, int64_t first,
                    int64_t n) {
  if (!type_has_validity(id))
    return add_node(body, n, id == SLUICE_TYPE_NULL ? n : 0);
  const uint8_t *bits = array->null_count == 0 ? NULL : array->buffers[0];
  int64_t at = array->offset + first, nulls = bits ? n - bits_count(bits, at, n) : 0;
  int status = add_node(body, n, nulls);
  if (status != SLUICE_OK)
    return status;
  return nulls ? add_bits(body, bits, at, n) : ipc_piece_add(body, NULL, 0);
}

static int add_fixed(struct ipc_body *body, const void *data, int64_t at, int64_t n, int64_t width) {
  return ipc_piece_add(body, n && width ? (const uint8_t *)data + at * width : NULL, n * width);
}

static int64_t offset_at(const void *offsets, bool wide, int64_t i) {
  return wide ? ((const int64_t *)offsets)[i] : ((const int32_t *)offsets)[i];
}

/* n + 1 offsets that start at zero; the range of the values that they cover goes out. */
static int add_offsets(struct ipc_body *body, const void *offsets, bool wide, int64_t at, int64_t n, int64_t *start,
                       int64_t *count) {
  int64_t width = wide ? 8 : 4;
  *start = n ? offset_at(offsets, wide, at) : 0;
  *count = n ? offset_at(offsets, wide, at + n) - *start : 0;
  if (n && *start == 0)
    return add_fixed(body, offsets, at, n + 1, width);
  uint8_t *copy = ipc_piece_make(body, (n + 1) * width);
  if (!copy)
    return SLUICE_ERR_MEMORY;
  for (int64_t i = 0; n && i <= n; i++) {
    int64_t offset = offset_at(offsets, wide, at + i) - *start;
    memcpy(copy + i * width, &offset, (size_t)width);
  }
  return SLUICE_OK;
}

static int add_text(struct ipc_body *body, const struct ArrowArray *array, bool wide, int64_t at, int64_t n) {
  int64_t start, count;
  int status = add_offsets(body, array->buffers[1], wide, at, n, &start, &count);
  if (status != SLUICE_OK)
    return status;
  return add_fixed(body, array->buffers[2], start, count, 1);
}

static int add_list(struct ipc_body *body, const struct ArrowSchema *schema, const struct ArrowArray *array, bool wide,
                    int64_t at, int64_t n) {
  int64_t start, count;
  int status = add_offsets(body, array->buffers[1], wide, at, n, &start, &count);
  return status == SLUICE_OK ? ipc_body_add(body, schema->children[0], array->children[0], start, count) : status;
}

static int add_children(struct ipc_body *body, const struct ArrowSchema *schema, const struct ArrowArray *array,
                        int64_t at, int64_t n) {
  int status = SLUICE_OK;
  for (int64_t i = 0; status == SLUICE_OK && i < array->n_children; i++)
    status = ipc_body_add(body, schema->children[i], array->children[i], at, n);
  return status;
}

/* Only the runs that hold these rows, and their ends as counted from the first of them. */
static int add_runs(struct ipc_body *body, const struct ArrowSchema *schema, const struct ArrowArray *array, int64_t at,
                    int64_t n) {
  const struct ArrowArray *ends = array->children[0];
  struct sluice_type type;
  int status = sluice_type_parse(schema->children[0]->format, &type, NULL);
  if (status != SLUICE_OK)
    return status;
  int64_t first = n ? run_find(&type, ends, at) : 0, last = n ? run_find(&type, ends, at + n - 1) : -1;
  int64_t runs = last - first + 1;
  if (runs < 0)
    return SLUICE_ERR_DATA;
  status = add_node(body, runs, 0);
  if (status == SLUICE_OK)
    status = ipc_piece_add(body, NULL, 0);
  if (status != SLUICE_OK)
    return status;
  uint8_t *copy = ipc_piece_make(body, runs * type.width);
  if (!copy)
    return SLUICE_ERR_MEMORY;
  for (int64_t i = 0; i < runs; i++) {
    int64_t end = run_end_at(&type, ends, first + i) - at;
    if (end > n)
      end = n;
    memcpy(copy + i * type.width, &end, (size_t)type.width);
  }
  return ipc_body_add(body, schema->children[1], array->children[1], first, runs);
}

int ipc_body_add(struct ipc_body *body, const struct ArrowSchema *schema, const struct ArrowArray *array, int64_t first,
                 int64_t n) {
  struct sluice_type type;
  int status = sluice_type_parse(schema->format, &type, NULL);
  if (status == SLUICE_OK)
    status = add_head(body, type.id, array, first, n);
  if (status != SLUICE_OK)
    return status;
  int64_t at = array->offset + first;
  switch (type_layout(type.id)) {
  case LAYOUT_NULL:
    return SLUICE_OK;
  case LAYOUT_BITS:
    return add_bits(body, array->buffers[1], at, n);
  case LAYOUT_FIXED:
    return add_fixed(body, array->buffers[1], at, n, type.width);
  case LAYOUT_BYTES32:
    return add_text(body, array, false, at, n);
  case LAYOUT_BYTES64:
    return add_text(body, array, true, at, n);
  case LAYOUT_VIEW:
    return ipc_views_add(body, array, first, n);
  case LAYOUT_LIST32:
    return add_list(body, schema, array, false, at, n);
  case LAYOUT_LIST64:
    return add_list(body, schema, array, true, at, n);
  case LAYOUT_LIST_VIEW32:
    return ipc_list_views_add(body, schema, array, 4, first, n);
  case LAYOUT_LIST_VIEW64:
    return ipc_list_views_add(body, schema, array, 8, first, n);
  case LAYOUT_FIXED_LIST:
    return add_children(body, schema, array, at * type.width, n * type.width);
  case LAYOUT_STRUCT:
    return add_children(body, schema, array, at, n);
  case LAYOUT_DENSE_UNION:
    return ipc_dense_union_add(body, schema, array, at, n);
  case LAYOUT_SPARSE_UNION:
    status = add_fixed(body, array->buffers[0], at, n, 1);
    return status == SLUICE_OK ? add_children(body, schema, array, at, n) : status;
  case LAYOUT_RUN_END:
    return add_runs(body, schema, array, at, n);
  }
  return SLUICE_ERR_BUG;
}

/* The vector of struct Buffer: where each piece lies in the body. */
static size_t buffer_vector(struct flat *f, const struct ipc_body *body) {
  struct place {
    int64_t offset, length;
  };
  size_t n, vector = 0;
  const struct piece *pieces = ipc_pieces(body, &n);
  struct place *places = calloc(n + 1, sizeof *places);
  int64_t at = 0;
  for (size_t i = 0; places && i < n; i++) {
    places[i] = (struct place){at, pieces[i].size};
    at += pieces[i].size + (int64_t)ipc_padding(pieces[i].size);
  }
  if (places)
    vector = flat_vector(f, places, n, sizeof *places, 8);
  else
    f->failed = true;
  free(places);
  return vector;
}

size_t ipc_batch(struct flat *f, const struct ipc_body *body, int64_t length) {
  size_t views = body->counts.size / sizeof(int64_t);
  size_t counts = views ? flat_vector(f, body->counts.data, views, sizeof(int64_t), 8) : 0;
  size_t buffers = buffer_vector(f, body);
  size_t nodes = flat_vector(f, body->nodes.data, body->nodes.size / sizeof(struct node), sizeof(struct node), 8);
  flat_open(f);
  flat_number(f, 0, length, 8);
  flat_reference(f, 1, nodes);
  flat_reference(f, 2, buffers);
  flat_reference(f, 4, counts);
  return flat_close(f, 5);
}
