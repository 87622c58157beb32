/* Room for values, nulls, and the way back from records that are dropped. */
#include "column.h"
#include <stdlib.h>

void json_column_destroy(struct json_column *c) {
  if (!c)
    return;
  for (uint32_t i = 0; c->children && i < c->count; i++)
    json_column_destroy(c->children[i]);
  json_names_finish(&c->names);
  sluice_buffer_free(&c->values);
  sluice_buffer_free(&c->bytes);
  sluice_buffer_free(&c->nulls);
  free(c->children);
  free(c);
}

/* Bytes of a value's place in `values`. */
static size_t place_width(const struct json_column *c) {
  switch (c->shape) {
  case JSON_SHAPE_BITS:
    return 1;
  case JSON_SHAPE_FIXED:
    return c->width;
  case JSON_SHAPE_BYTES:
  case JSON_SHAPE_LIST:
    return c->wide ? sizeof(int64_t) : sizeof(int32_t);
  default:
    return 0;
  }
}

static bool has_offsets(const struct json_column *c) {
  return c->shape == JSON_SHAPE_BYTES || c->shape == JSON_SHAPE_LIST;
}

static int64_t offset_at(const struct json_column *c, int64_t i) {
  if (!c->values.data)
    return 0;
  return c->wide ? ((const int64_t *)(const void *)c->values.data)[i]
                 : ((const int32_t *)(const void *)c->values.data)[i];
}

bool json_column_grow(struct json_column *c) {
  int64_t capacity = c->capacity ? c->capacity * 2 : c->last_length + c->last_length / 16 + 32;
  size_t width = place_width(c), used = (size_t)(c->length + has_offsets(c)) * width;
  if (capacity > INT32_MAX - 1)
    capacity = INT32_MAX - 1;
  if (c->length >= capacity)
    return false;
  bool first = !c->values.data;
  c->values.size = first ? 0 : used;
  if (width && sluice_buffer_reserve(&c->values, (size_t)(capacity + 1) * width - c->values.size) != SLUICE_OK)
    return false;
  if (width && first)
    memset(c->values.data, 0, width);
  c->capacity = capacity;
  return true;
}

static bool note_null(struct json_column *c) {
  uint32_t at = (uint32_t)c->length;
  return sluice_buffer_append(&c->nulls, &at, sizeof at) == SLUICE_OK;
}

static bool null_children(struct json_column *c, int64_t times) {
  for (uint32_t i = 0; i < c->count; i++)
    for (int64_t k = 0; k < times; k++)
      if (!json_column_null(c->children[i]))
        return false;
  return true;
}

bool json_column_null(struct json_column *c) {
  if (!json_column_room(c) || (c->nullable && !note_null(c)))
    return false;
  switch (c->shape) {
  case JSON_SHAPE_BITS:
    c->values.data[c->length++] = 0;
    return true;
  case JSON_SHAPE_FIXED:
    memset(c->values.data + (size_t)c->length++ * c->width, 0, c->width);
    return true;
  case JSON_SHAPE_BYTES:
  case JSON_SHAPE_LIST:
    json_column_end(c, offset_at(c, c->length));
    return true;
  default:
    c->length++;
    return null_children(c, c->shape == JSON_SHAPE_ITEMS ? c->width : 1);
  }
}

/* Those within may be longer than this one says: a value that broke off is only in them. */
void json_column_cut(struct json_column *c, int64_t n) {
  const uint32_t *nulls = (const uint32_t *)(const void *)c->nulls.data;
  size_t count = c->nulls.size / sizeof *nulls;
  while (count && nulls[count - 1] >= n)
    count--;
  c->nulls.size = count * sizeof *nulls;
  c->length = n;
  if (c->shape == JSON_SHAPE_BYTES)
    c->bytes.size = (size_t)offset_at(c, n);
  int64_t inner = c->shape == JSON_SHAPE_LIST    ? offset_at(c, n)
                  : c->shape == JSON_SHAPE_ITEMS ? n * (int64_t)c->width
                                                 : n;
  for (uint32_t i = 0; i < c->count; i++)
    json_column_cut(c->children[i], inner);
}
