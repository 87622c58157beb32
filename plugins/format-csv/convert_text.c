/* Fields of a block to texts: bytes in a row, and an offset behind each. */
#include "column.h"

enum { SHORT = 16, MIDDLE = 64 }; /* so many bytes are copied at once, whatever the length of a text up to that */

/* Both sides have MIDDLE bytes to spare. */
static inline int append(struct sluice_buffer *bytes, const void *text, size_t n) {
  if (n + MIDDLE > bytes->capacity - bytes->size && sluice_buffer_reserve(bytes, n + MIDDLE) != SLUICE_OK)
    return SLUICE_ERR_MEMORY;
  uint8_t *to = bytes->data + bytes->size;
  if (n <= SHORT)
    memcpy(to, text, SHORT);
  else if (n <= MIDDLE)
    memcpy(to, text, MIDDLE);
  else
    memcpy(to, text, n);
  bytes->size += n;
  return SLUICE_OK;
}

static bool is_utf8(const struct csv_column *c) {
  return c->type.id == SLUICE_TYPE_UTF8 || c->type.id == SLUICE_TYPE_LARGE_UTF8;
}

/* A field that is not plain. An empty one is the empty text, unless that is a null token. */
static __attribute__((noinline)) int append_odd(struct csv_column *c, struct csv_parse *p, uint32_t row, uint32_t start,
                                                uint32_t end) {
  struct csv_text text;
  int kind = csv_field_read(&p->rules, p->index->data + start, (int32_t)(end - start), &p->scratch, &text);
  if (kind < 0)
    return SLUICE_ERR_MEMORY;
  if (kind == CSV_NULL || kind == CSV_MISSING)
    csv_column_null(c, p, row, start, end);
  return kind == CSV_TEXT ? append(&c->bytes, text.data, text.size) : SLUICE_OK;
}

/* Only where the block as a whole is not valid: a byte of another column may be to blame. */
static void check_utf8(struct csv_column *c, struct csv_parse *p) {
  struct csv_index *ix = p->index;
  const struct csv_fields f = csv_index_column(ix, c->source);
  for (uint32_t row = 0; row < ix->rows; row++) {
    uint32_t start = f.from[row * f.stride] + f.plus, end = f.to[(size_t)row * ix->columns];
    if (end <= start || sluice_utf8_valid(ix->data + start, end - start) == end - start)
      continue;
    csv_index_fault(ix, row, CSV_FAULT_UTF8, c->position, start, end);
  }
}

static inline __attribute__((always_inline)) void store_offset(void *at, size_t i, size_t width, size_t value) {
  if (width == 4)
    ((int32_t *)at)[i] = (int32_t)value;
  else
    ((int64_t *)at)[i] = (int64_t)value;
}

static inline __attribute__((always_inline)) int texts(struct csv_column *c, struct csv_parse *p, size_t width) {
  struct csv_index *ix = p->index;
  const struct csv_fields f = csv_index_column(ix, c->source);
  const int quote = ix->simple ? p->rules.quote : -1;
  size_t first = c->values.size ? 0 : 1; /* the first offset of all is 0 */
  if (csv_column_reserve(&c->values, width * ((size_t)ix->rows + first), c->usual_values) != SLUICE_OK)
    return SLUICE_ERR_MEMORY;
  if (csv_column_reserve(&c->bytes, MIDDLE, c->usual_bytes) != SLUICE_OK)
    return SLUICE_ERR_MEMORY;
  void *offsets = c->values.data + c->values.size + first * width;
  if (first)
    store_offset(c->values.data, 0, width, 0);
  if (!p->utf8 && is_utf8(c))
    check_utf8(c, p);
  p->n_nulls = 0;
  for (uint32_t row = 0; row < ix->rows; row++) {
    uint32_t start = f.from[row * f.stride] + f.plus, end = f.to[(size_t)row * ix->columns];
    const uint8_t *raw = ix->data + start;
    bool quoted = raw[0] == quote; /* and nothing doubled in between */
    int rc = csv_field_is_odd(p, raw, (int32_t)(end - start))
                 ? append_odd(c, p, row, start, end)
                 : append(&c->bytes, raw + quoted, end - start - 2 * (size_t)quoted);
    if (rc)
      return rc;
    store_offset(offsets, row, width, c->bytes.size);
  }
  int rc = csv_column_end_block(c, p);
  if (rc == SLUICE_OK)
    c->values.size += width * ((size_t)ix->rows + first);
  return rc;
}

int csv_parse_text(struct csv_column *c, struct csv_parse *p) {
  return texts(c, p, 4);
}
int csv_parse_large_text(struct csv_column *c, struct csv_parse *p) {
  return texts(c, p, 8);
}
