/* Room for values, nulls, and the way back from records that are dropped. */
#include "column.h"
#include <stdlib.h>

/* ---- room ---- */

static size_t place_width(const struct avro_column *c) {
  switch (c->shape) {
  case AVRO_SHAPE_BITS:
  case AVRO_SHAPE_UNION:
    return 1;
  case AVRO_SHAPE_FIXED:
    return c->width;
  default:
    return 0;
  }
}

static bool has_offsets(const struct avro_column *c) {
  return c->shape == AVRO_SHAPE_BYTES || c->shape == AVRO_SHAPE_LIST || c->shape == AVRO_SHAPE_UNION;
}

/* `size` bytes are in use. */
static int grow(void *memory, size_t size, size_t capacity) {
  uint8_t **data = memory;
  struct sluice_buffer buffer = {.limit = SIZE_MAX / 4};
  if (sluice_buffer_reserve(&buffer, capacity) != SLUICE_OK)
    return SLUICE_ERR_MEMORY;
  if (size)
    memcpy(buffer.data, *data, size);
  free(*data);
  *data = buffer.data;
  return SLUICE_OK;
}

static int grow_column(struct avro_column *c, size_t length, size_t capacity) {
  size_t width = place_width(c);
  bool first = !c->offsets;
  int code = c->nullable ? grow(&c->flags, length, capacity) : SLUICE_OK;
  if (!code && width)
    code = grow(&c->values, length * width, capacity * width);
  if (!code && has_offsets(c))
    code = grow(&c->offsets, first ? 0 : (length + 1) * sizeof(int32_t), (capacity + 1) * sizeof(int32_t));
  if (!code && has_offsets(c) && first)
    c->offsets[0] = 0;
  return code;
}

/* Twice as much as there was; near the limit half of what is left, so that little is copied often. */
static int64_t choose_capacity(const struct avro_scope *scope, int64_t wanted, int64_t left) {
  int64_t capacity = scope->capacity * 2;
  if (scope->capacity == 0)
    capacity = scope->most < 64 ? wanted + 64 : wanted + scope->most + scope->most / 16;
  if (capacity - scope->capacity > left / 2)
    capacity = scope->capacity + left / 2;
  return capacity < wanted ? wanted : capacity;
}

int avro_scope_reserve(struct avro_columns *c, struct avro_scope *scope, int64_t n) {
  if (n <= scope->capacity - scope->length)
    return SLUICE_OK;
  c->over = true;
  if (n > INT32_MAX - 1 - scope->length)
    return SLUICE_ERR_MEMORY;
  int64_t left = (c->limit - c->memory) / (scope->width + 1);
  int64_t capacity = choose_capacity(scope, scope->length + n, left);
  if (capacity - scope->capacity > left)
    return SLUICE_ERR_MEMORY;
  c->over = false;
  for (uint32_t i = 0; i < scope->count; i++)
    if (grow_column(scope->columns[i], (size_t)scope->length, (size_t)capacity) != SLUICE_OK)
      return SLUICE_ERR_MEMORY;
  c->memory += (capacity - scope->capacity) * scope->width;
  scope->capacity = capacity;
  return SLUICE_OK;
}

int avro_column_reserve(struct avro_columns *c, struct avro_column *column, size_t n) {
  size_t before = column->bytes.capacity;
  c->over = (int64_t)n > c->limit - c->memory;
  if (c->over)
    return SLUICE_ERR_MEMORY;
  int code = sluice_buffer_reserve(&column->bytes, n > column->most ? n : column->most);
  c->memory += (int64_t)(column->bytes.capacity - before);
  return code;
}

/* ---- nulls ---- */

/* A place under a null still needs an offset that is there: a null, or zero, of child 0. */
static int null_union(struct avro_columns *c, struct avro_column *column, int64_t at) {
  struct avro_scope *scope = column->children[0]->scope;
  int code = avro_scope_reserve(c, scope, 1);
  if (code)
    return code;
  column->values[at] = 0;
  column->offsets[at] = (int32_t)scope->length;
  return avro_column_null(c, column->children[0], scope->length++);
}

int avro_column_null(struct avro_columns *c, struct avro_column *column, int64_t at) {
  int code = SLUICE_OK;
  if (column->nullable)
    column->flags[at] = 0;
  switch (column->shape) {
  case AVRO_SHAPE_BITS:
    column->values[at] = 0;
    break;
  case AVRO_SHAPE_FIXED:
    memset(column->values + (size_t)at * column->width, 0, column->width);
    break;
  case AVRO_SHAPE_BYTES:
  case AVRO_SHAPE_LIST:
    column->offsets[at + 1] = column->offsets[at];
    break;
  case AVRO_SHAPE_STRUCT:
    for (uint32_t i = 0; i < column->count && !code; i++)
      code = avro_column_null(c, column->children[i], at);
    break;
  case AVRO_SHAPE_UNION:
    code = null_union(c, column, at);
    break;
  default:
    break;
  }
  return code;
}

/* ---- the way back ---- */

void avro_columns_mark(struct avro_columns *c) {
  for (uint32_t i = 0; i < c->n_unions; i++)
    c->union_scopes[i]->kept = c->union_scopes[i]->mark = c->union_scopes[i]->length;
}

static void cut(struct avro_scope *scope, int64_t n, bool run) {
  scope->length = n;
  for (uint32_t i = 0; i < scope->count; i++) {
    struct avro_column *c = scope->columns[i];
    size_t end = has_offsets(c) && c->offsets ? (size_t)c->offsets[n] : 0;
    if (c->shape == AVRO_SHAPE_BYTES)
      c->bytes.size = end;
    else if (c->shape == AVRO_SHAPE_LIST)
      cut(c->inner, (int64_t)end, run);
    else if (c->shape == AVRO_SHAPE_UNION)
      for (uint32_t k = 0; k < c->count; k++)
        cut(c->children[k]->scope, run ? c->children[k]->scope->kept : c->children[k]->scope->mark, run);
  }
}

void avro_columns_cut(struct avro_columns *c, int64_t n, bool run) {
  cut(c->top, n, run);
}

/* ---- text ---- */

static bool is_ascii(const uint8_t *p, size_t n) {
  uint64_t seen = 0;
  for (; n >= 8; n -= 8, p += 8) {
    uint64_t word;
    memcpy(&word, p, sizeof word);
    seen |= word;
  }
  while (n-- > 0)
    seen |= *p++;
  return !(seen & 0x8080808080808080);
}

/* UTF-8 as a whole, and no value begins within a character. */
static bool check_text(const struct avro_column *c, int64_t from, int64_t length) {
  size_t start = c->checked_bytes, n = c->bytes.size - start;
  if (n == 0 || is_ascii(c->bytes.data + start, n))
    return true;
  if (sluice_utf8_valid(c->bytes.data + start, n) != n)
    return false;
  for (int64_t i = from; i < length; i++)
    if (c->offsets[i] < c->offsets[i + 1] && (c->bytes.data[c->offsets[i]] & 0xc0) == 0x80)
      return false;
  return true;
}

bool avro_columns_check(struct avro_columns *c) {
  for (uint32_t i = 0; i < c->n_texts; i++)
    if (!check_text(c->texts[i], c->texts[i]->checked, c->texts[i]->scope->length))
      return false;
  for (uint32_t i = 0; i < c->n_texts; i++) {
    c->texts[i]->checked = c->texts[i]->scope->length;
    c->texts[i]->checked_bytes = c->texts[i]->bytes.size;
  }
  return true;
}
