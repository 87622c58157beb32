/* Columns that were filled, as Arrow arrays. */
#include "column.h"
#include <stdlib.h>

/* A byte each, 0 or 1, to a bit each, in place. */
static void pack(uint8_t *values, int64_t n) {
  int64_t i = 0;
  for (; i + 8 <= n; i += 8) {
    uint64_t word;
    memcpy(&word, values + i, sizeof word);
    values[i >> 3] = (uint8_t)((word * 0x0102040810204080) >> 56);
  }
  uint8_t last = 0;
  for (int64_t k = i; k < n; k++)
    last = (uint8_t)(last | values[k] << (k - i));
  if (i < n)
    values[i >> 3] = last;
}

static int make_validity(const struct json_column *c, struct sluice_buffer *out) {
  const uint32_t *nulls = (const uint32_t *)(const void *)c->nulls.data;
  size_t size = (size_t)(c->length + 7) / 8, count = c->nulls.size / sizeof *nulls;
  if (count == 0)
    return SLUICE_OK;
  if (sluice_buffer_reserve(out, size) != SLUICE_OK)
    return SLUICE_ERR_MEMORY;
  memset(out->data, 0xff, size);
  if (c->length & 7)
    out->data[size - 1] = (uint8_t)(0xff >> (8 - (c->length & 7)));
  for (size_t i = 0; i < count; i++)
    out->data[nulls[i] >> 3] = (uint8_t)(out->data[nulls[i] >> 3] & ~(1u << (nulls[i] & 7)));
  out->size = size;
  return SLUICE_OK;
}

/* Settles the sizes of the column's buffers; offsets always have their first. */
static int settle(struct json_column *c) {
  size_t width = c->wide ? sizeof(int64_t) : sizeof(int32_t), n = (size_t)c->length;
  if (c->shape == JSON_SHAPE_BITS) {
    pack(c->values.data, c->length);
    c->values.size = (n + 7) / 8;
  } else if (c->shape == JSON_SHAPE_FIXED) {
    c->values.size = n * c->width;
  } else if (c->shape == JSON_SHAPE_BYTES || c->shape == JSON_SHAPE_LIST) {
    if (!c->values.data && !json_column_grow(c))
      return SLUICE_ERR_MEMORY;
    c->values.size = (n + 1) * width;
  }
  return SLUICE_OK;
}

static int64_t buffer_count(const struct json_column *c) {
  switch (c->shape) {
  case JSON_SHAPE_BYTES:
    return 3;
  case JSON_SHAPE_STRUCT:
  case JSON_SHAPE_ITEMS:
    return 1;
  case JSON_SHAPE_NULL:
    return 0;
  default:
    return 2;
  }
}

static int take_children(struct json_column *c, struct ArrowArray *out) {
  int code = SLUICE_OK;
  for (uint32_t i = 0; i < c->count && !code; i++)
    code = json_column_take(c->children[i], &out[i]);
  return code;
}

int json_column_take(struct json_column *c, struct ArrowArray *out) {
  struct ArrowArray *children = calloc((size_t)c->count + 1, sizeof *children);
  struct sluice_buffer buffers[3] = {{0}};
  int64_t nulls = c->shape == JSON_SHAPE_NULL ? c->length : (int64_t)(c->nulls.size / sizeof(uint32_t));
  int code = children ? make_validity(c, &buffers[0]) : SLUICE_ERR_MEMORY;
  if (!code)
    code = settle(c);
  if (!code)
    code = take_children(c, children);
  if (!code) {
    buffers[1] = c->values;
    buffers[2] = c->bytes;
    code = sluice_array_adopt(out, c->length, nulls, buffers, buffer_count(c), children, c->count, NULL);
  }
  if (!code) {
    c->last_length = c->length;
    c->last_bytes = c->bytes.size + c->bytes.size / 16;
    c->values = c->bytes = (struct sluice_buffer){0};
  } else {
    sluice_buffer_free(&buffers[0]);
  }
  json_column_clear(c);
  for (uint32_t i = 0; children && i < c->count; i++)
    sluice_array_release(&children[i]);
  free(children);
  return code;
}

void json_column_clear(struct json_column *c) {
  sluice_buffer_free(&c->values);
  sluice_buffer_free(&c->bytes);
  sluice_buffer_free(&c->nulls);
  c->length = c->capacity = 0;
  for (uint32_t i = 0; i < c->count; i++)
    json_column_clear(c->children[i]);
}
