/* Columns that were filled, as Arrow arrays. */
#include "column.h"
#include <stdlib.h>

/* A byte each, 0 or 1, to a bit each; returns how many are 1. */
static int64_t pack(const uint8_t *from, int64_t n, uint8_t *to) {
  int64_t ones = 0, i = 0;
  for (; i + 8 <= n; i += 8) {
    uint64_t word;
    memcpy(&word, from + i, sizeof word);
    uint8_t bits = (uint8_t)((word * 0x0102040810204080) >> 56);
    to[i >> 3] = bits;
    ones += __builtin_popcount(bits);
  }
  for (; i < n; i++) {
    if ((i & 7) == 0)
      to[i >> 3] = 0;
    to[i >> 3] = (uint8_t)(to[i >> 3] | from[i] << (i & 7));
    ones += from[i];
  }
  return ones;
}

static int pack_buffer(const uint8_t *from, int64_t n, struct sluice_buffer *out, int64_t *ones) {
  size_t size = (size_t)(n + 7) / 8;
  if (sluice_buffer_reserve(out, size) != SLUICE_OK)
    return SLUICE_ERR_MEMORY;
  *ones = pack(from, n, out->data);
  out->size = size;
  return SLUICE_OK;
}

/* The bitmap is left away where nothing is null. */
static int take_validity(const struct avro_column *c, int64_t length, struct sluice_buffer *out, int64_t *nulls) {
  int64_t ones = 0;
  *nulls = 0;
  if (!c->nullable || length == 0)
    return SLUICE_OK;
  int code = pack_buffer(c->flags, length, out, &ones);
  *nulls = length - ones;
  if (!code && *nulls == 0)
    sluice_buffer_free(out);
  return code;
}

static int take_column(struct avro_column *c, const struct ArrowSchema *schema, int64_t length, struct ArrowArray *out);

static int take_children(struct avro_column *c, const struct ArrowSchema *schema, int64_t length,
                         struct ArrowArray *out) {
  for (uint32_t i = 0; i < c->count; i++) {
    struct avro_column *child = c->children[i];
    int64_t n = c->shape == AVRO_SHAPE_STRUCT ? length : child->scope->length;
    int code = take_column(child, schema->children[i], n, &out[i]);
    if (code)
      return code;
  }
  return SLUICE_OK;
}

/* Moves memory into a buffer; what is not there yet is made, so that offsets always have their first. */
static int move(void *memory, size_t size, struct sluice_buffer *out) {
  uint8_t **data = memory;
  if (!*data && sluice_buffer_reserve(out, size) != SLUICE_OK)
    return SLUICE_ERR_MEMORY;
  if (!*data) {
    memset(out->data, 0, size);
    out->size = size;
    return SLUICE_OK;
  }
  *out = (struct sluice_buffer){.data = *data, .size = size, .capacity = size};
  *data = NULL;
  return SLUICE_OK;
}

static int take_bits(struct avro_column *c, int64_t length, struct sluice_buffer *out) {
  int64_t ones;
  return pack_buffer(c->values, length, out, &ones);
}

/* Fills buffers[1..]; *n: how many there are, validity included. */
static int take_buffers(struct avro_column *c, int64_t length, struct sluice_buffer *buffers, int64_t *n) {
  size_t count = (size_t)length;
  int code = SLUICE_OK;
  switch (c->shape) {
  case AVRO_SHAPE_BITS:
    *n = 2;
    return take_bits(c, length, &buffers[1]);
  case AVRO_SHAPE_FIXED:
    *n = 2;
    return move(&c->values, count * c->width, &buffers[1]);
  case AVRO_SHAPE_BYTES:
    *n = 3;
    code = move(&c->offsets, (count + 1) * sizeof(int32_t), &buffers[1]);
    buffers[2] = c->bytes;
    c->bytes = (struct sluice_buffer){0};
    return code;
  case AVRO_SHAPE_LIST:
    *n = 2;
    return move(&c->offsets, (count + 1) * sizeof(int32_t), &buffers[1]);
  case AVRO_SHAPE_UNION: /* has no validity: its buffers come first */
    *n = 2;
    code = move(&c->values, count, &buffers[0]);
    return code ? code : move(&c->offsets, count * sizeof(int32_t), &buffers[1]);
  default:
    *n = c->shape == AVRO_SHAPE_NULL ? 0 : 1;
    return SLUICE_OK;
  }
}

static int share_dictionary(struct avro_column *c, struct ArrowArray *out) {
  return sluice_array_slice(&c->dictionary, 0, c->dictionary.length, out);
}

static int take_column(struct avro_column *c, const struct ArrowSchema *schema, int64_t length,
                       struct ArrowArray *out) {
  struct sluice_buffer buffers[3] = {{0}};
  struct ArrowArray *children = calloc((size_t)c->count + 1, sizeof *children), dictionary = {0};
  int64_t nulls = 0, n = 0;
  if (c->shape == AVRO_SHAPE_ABSENT) {
    free(children);
    return sluice_array_nulls(schema, length, out);
  }
  int code = children ? take_validity(c, length, &buffers[0], &nulls) : SLUICE_ERR_MEMORY;
  if (!code)
    code = take_buffers(c, length, buffers, &n);
  if (!code)
    code = take_children(c, schema, length, children);
  if (!code && c->dictionary.release)
    code = share_dictionary(c, &dictionary);
  if (!code)
    code = sluice_array_adopt(out, length, c->shape == AVRO_SHAPE_NULL ? length : nulls, buffers, n, children, c->count,
                              dictionary.release ? &dictionary : NULL);
  for (uint32_t i = 0; children && i < c->count; i++)
    sluice_array_release(&children[i]);
  sluice_array_release(&dictionary);
  for (int i = 0; i < 3; i++)
    sluice_buffer_free(&buffers[i]);
  free(children);
  return code;
}

void avro_columns_clear(struct avro_columns *c) {
  for (uint32_t i = 0; i < c->count; i++) {
    struct avro_column *column = c->all[i];
    free(column->flags);
    free(column->values);
    free(column->offsets);
    column->flags = column->values = NULL;
    column->offsets = NULL;
    column->checked = 0;
    column->checked_bytes = 0;
    sluice_buffer_free(&column->bytes);
  }
  for (uint32_t i = 0; i < c->scope_count; i++)
    c->scopes[i]->length = c->scopes[i]->capacity = 0;
  c->memory = 0;
}

int avro_columns_take(struct avro_columns *c, struct ArrowArray *out) {
  for (uint32_t i = 0; i < c->count; i++)
    c->all[i]->most = c->all[i]->bytes.size + c->all[i]->bytes.size / 16;
  for (uint32_t i = 0; i < c->scope_count; i++)
    c->scopes[i]->most = c->scopes[i]->length;
  int code = take_column(c->root, &c->schema, c->top->length, out);
  avro_columns_clear(c);
  return code;
}
