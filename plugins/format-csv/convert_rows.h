/* The loop that all values of fixed width share, made for each type. */
#ifndef CSV_CONVERT_ROWS_H
#define CSV_CONVERT_ROWS_H
#include "column.h"

/* Reads one value; the text is not empty, and has 16 readable bytes behind it. False: it does not fit. */
typedef bool csv_convert_fn(const struct csv_column *c, const char *text, size_t n, void *out);

/* Converts the column's field of each row to `width` bytes at out. */
static inline __attribute__((always_inline)) int csv_convert_rows(struct csv_column *c, struct csv_parse *p,
                                                                  uint8_t *out, size_t width, csv_convert_fn *convert) {
  struct csv_index *ix = p->index;
  const struct csv_fields f = csv_index_column(ix, c->source);
  const int quote = ix->simple ? p->rules.quote : -1;
  p->n_nulls = 0;
  for (uint32_t row = 0; row < ix->rows; row++, out += width) {
    uint32_t start = f.from[row * f.stride] + f.plus, end = f.to[(size_t)row * ix->columns];
    const uint8_t *raw = ix->data + start;
    bool quoted = raw[0] == quote; /* and nothing doubled in between */
    struct csv_text text = {(const char *)raw + quoted, end - start - 2 * (size_t)quoted};
    if (csv_field_is_odd(p, raw, (int32_t)(end - start))) {
      int kind = csv_column_odd(c, p, row, start, (int32_t)(end - start), &text);
      if (kind < 0)
        return SLUICE_ERR_MEMORY;
      if (kind != CSV_TEXT) {
        memset(out, 0, width);
        continue;
      }
    }
    if (text.size && convert(c, text.data, text.size, out))
      continue;
    memset(out, 0, width);
    csv_index_fault(ix, row, CSV_FAULT_VALUE, c->position, start, end);
  }
  return SLUICE_OK;
}

static inline __attribute__((always_inline)) int csv_convert_fixed(struct csv_column *c, struct csv_parse *p,
                                                                   size_t width, csv_convert_fn *convert) {
  size_t size = width * p->index->rows;
  if (csv_column_reserve(&c->values, size, c->usual_values) != SLUICE_OK)
    return SLUICE_ERR_MEMORY;
  int rc = csv_convert_rows(c, p, c->values.data + c->values.size, width, convert);
  if (rc == SLUICE_OK)
    rc = csv_column_end_block(c, p);
  if (rc == SLUICE_OK)
    c->values.size += size;
  return rc;
}

#define CSV_PARSER(name, width, convert)                                                                               \
  static int name(struct csv_column *c, struct csv_parse *p) {                                                         \
    return csv_convert_fixed(c, p, width, convert);                                                                    \
  }

#endif
