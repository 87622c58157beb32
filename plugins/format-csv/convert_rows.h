/* The loop that all values of fixed width share, made for each type. */
#ifndef CSV_CONVERT_ROWS_H
#define CSV_CONVERT_ROWS_H
#include "column.h"
#include "numbers.h"

/* Reads one value; the text is not empty, and has 16 readable bytes behind it. False: it does not fit. */
typedef bool csv_convert_fn(const struct csv_column *c, const char *text, size_t n, void *out);

/* Converts the column's field of one row to `width` bytes at out. */
static inline __attribute__((always_inline)) int csv_convert_row(struct csv_column *c, struct csv_parse *p,
                                                                 uint32_t row, uint32_t start, uint32_t end,
                                                                 uint8_t *out, size_t width, csv_convert_fn *convert) {
  struct csv_index *ix = p->index;
  const uint8_t *raw = ix->data + start;
  bool quoted = raw[0] == p->rules.quote; /* and nothing doubled in between, or it is odd */
  struct csv_text text = {(const char *)raw + quoted, end - start - 2 * (size_t)quoted};
  if (csv_field_is_odd(p, raw, (int32_t)(end - start))) {
    int kind = csv_column_odd(c, p, row, start, (int32_t)(end - start), &text);
    if (kind < 0)
      return SLUICE_ERR_MEMORY;
    if (kind != CSV_TEXT) {
      memset(out, 0, width);
      return SLUICE_OK;
    }
  }
  if (text.size && (!c->keeps || c->keeps(c, text.data, text.size)) && convert(c, text.data, text.size, out))
    return SLUICE_OK;
  memset(out, 0, width);
  csv_index_fault(ix, row, CSV_FAULT_VALUE, c->position, start, end);
  return SLUICE_OK;
}

/* Those of all rows. */
static inline __attribute__((always_inline)) int csv_convert_rows(struct csv_column *c, struct csv_parse *p,
                                                                  uint8_t *out, size_t width, csv_convert_fn *convert) {
  struct csv_index *ix = p->index;
  const struct csv_fields f = csv_index_column(ix, c->source);
  p->n_nulls = 0;
  for (uint32_t row = 0; row < ix->rows; row++, out += width) {
    uint32_t start = f.from[row * f.stride] + f.plus, end = f.to[(size_t)row * ix->columns];
    if (csv_convert_row(c, p, row, start, end, out, width, convert) != SLUICE_OK)
      return SLUICE_ERR_MEMORY;
  }
  return SLUICE_OK;
}

/* Zeros before other digits, or minus zero: of the digits of a number behind its sign. */
static inline bool csv_is_padded(uint64_t digits, uint32_t size, bool minus) {
  return (digits & 0xff) == '0' && (size > 1 ? (digits >> 8 & 0xff) != '.' : minus);
}

/* The fields of n rows, as kernels of numbers take them. */
static inline void csv_gather_numbers(const struct csv_parse *p, const struct csv_fields *f, uint32_t first, uint32_t n,
                                      struct csv_lanes *lanes) {
  const struct csv_index *ix = p->index;
  for (uint32_t i = 0; i < n; i++) {
    uint32_t start = f->from[(first + i) * f->stride] + f->plus, end = f->to[(size_t)(first + i) * ix->columns];
    const uint8_t *raw = ix->data + start;
    bool odd = csv_field_is_odd(p, raw, (int32_t)(end - start)), quoted = raw[0] == p->rules.quote;
    raw += quoted;
    bool minus = raw[0] == '-';
    uint32_t size = end - start - 2 * (uint32_t)quoted - minus;
    lanes->words[i] = csv_load8(raw + minus);
    odd |= p->strict && csv_is_padded(lanes->words[i], size, minus);
    lanes->sizes[i] = odd || size > 8 ? 0 : (uint8_t)size;
    lanes->minus[i] = minus;
  }
}

/* Dates are YYYY-MM-DD: their digits side by side. */
static inline void csv_gather_dates(const struct csv_parse *p, const struct csv_fields *f, uint32_t first, uint32_t n,
                                    struct csv_lanes *lanes) {
  const struct csv_index *ix = p->index;
  for (uint32_t i = 0; i < n; i++) {
    uint32_t start = f->from[(first + i) * f->stride] + f->plus, end = f->to[(size_t)(first + i) * ix->columns];
    const uint8_t *raw = ix->data + start;
    bool odd = csv_field_is_odd(p, raw, (int32_t)(end - start)), quoted = raw[0] == p->rules.quote;
    raw += quoted;
    lanes->words[i] = csv_date_digits((const char *)raw);
    lanes->sizes[i] = !odd && end - start - 2 * (uint32_t)quoted == 10 && raw[4] == '-' && raw[7] == '-';
  }
}

typedef void csv_gather_fn(const struct csv_parse *p, const struct csv_fields *f, uint32_t first, uint32_t n,
                           struct csv_lanes *lanes);

/* All rows, by a kernel, and those that it leaves one by one. */
static inline __attribute__((always_inline)) int csv_convert_lanes(struct csv_column *c, struct csv_parse *p,
                                                                   uint8_t *out, size_t width, csv_convert_fn *convert,
                                                                   csv_gather_fn *gather, csv_lanes_fn *kernel) {
  struct csv_index *ix = p->index;
  const struct csv_fields f = csv_index_column(ix, c->source);
  p->n_nulls = 0;
  p->strict = c->keeps != NULL;
  for (uint32_t first = 0; first < ix->rows; first += CSV_LANES) {
    uint32_t n = ix->rows - first < CSV_LANES ? ix->rows - first : CSV_LANES;
    gather(p, &f, first, n, &p->lanes);
    kernel(&p->lanes, n, out + first * width);
    for (uint32_t i = 0; i < n; i++) {
      uint64_t left = p->lanes.left[i / 64] >> (i % 64);
      if (!left) {
        i |= 63;
        continue;
      }
      i += (uint32_t)__builtin_ctzll(left);
      uint32_t row = first + i;
      if (i < n && csv_convert_row(c, p, row, f.from[row * f.stride] + f.plus, f.to[(size_t)row * ix->columns],
                                   out + row * width, width, convert) != SLUICE_OK)
        return SLUICE_ERR_MEMORY;
    }
  }
  return SLUICE_OK;
}

enum { CSV_LANES_OVER = 64 }; /* bytes that a kernel may write behind the last value */

/* Room for the block's values; NULL: no memory. */
static inline uint8_t *csv_convert_room(struct csv_column *c, const struct csv_parse *p, size_t width) {
  if (csv_column_reserve(&c->values, width * p->index->rows + CSV_LANES_OVER, c->usual_values) != SLUICE_OK)
    return NULL;
  return c->values.data + c->values.size;
}

static inline int csv_convert_end(struct csv_column *c, const struct csv_parse *p, size_t width, int rc) {
  if (rc == SLUICE_OK)
    rc = csv_column_end_block(c, p);
  if (rc == SLUICE_OK)
    c->values.size += width * p->index->rows;
  return rc;
}

#define CSV_PARSER(name, width, convert)                                                                               \
  static int name(struct csv_column *c, struct csv_parse *p) {                                                         \
    uint8_t *out = csv_convert_room(c, p, width);                                                                      \
    return out ? csv_convert_end(c, p, width, csv_convert_rows(c, p, out, width, convert)) : SLUICE_ERR_MEMORY;        \
  }
/* The same by a kernel, where the machine has one. */
#define CSV_LANES_PARSER(name, width, convert, gather, kernel)                                                         \
  static int name(struct csv_column *c, struct csv_parse *p) {                                                         \
    uint8_t *out = csv_convert_room(c, p, width);                                                                      \
    if (!out)                                                                                                          \
      return SLUICE_ERR_MEMORY;                                                                                        \
    int rc = p->kernels ? csv_convert_lanes(c, p, out, width, convert, gather, p->kernels->kernel)                     \
                        : csv_convert_rows(c, p, out, width, convert);                                                 \
    return csv_convert_end(c, p, width, rc);                                                                           \
  }

#endif
