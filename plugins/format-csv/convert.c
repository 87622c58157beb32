/* Fields of a block to values of fixed width: one loop, made for each type. */
#include "column.h"
#include "numbers.h"
#include <float.h>
#include <math.h>

typedef bool convert_fn(const struct csv_column *c, const char *text, size_t n, void *out);

/* A field that is not plain: quoted, null, or a null token. True: `text` is its value. */
static __attribute__((noinline)) int odd_field(struct csv_column *c, struct csv_parse *p, uint32_t row, uint32_t start,
                                               int32_t size, struct csv_text *text) {
  int kind = csv_field_read(&p->rules, p->index->data + start, size, &p->scratch, text);
  if (kind == CSV_EMPTY || kind == CSV_NULL || kind == CSV_MISSING)
    csv_column_null(c, p, row, start, start + (uint32_t)(size > 0 ? size : 0));
  return kind;
}

/* Converts the column's field of each row to `width` bytes at out. */
static inline __attribute__((always_inline)) int convert_rows(struct csv_column *c, struct csv_parse *p, uint8_t *out,
                                                              size_t width, convert_fn *convert) {
  struct csv_index *ix = p->index;
  const struct csv_fields f = csv_index_column(ix, c->source);
  const int quote = p->rules.quote;
  p->n_nulls = 0;
  for (uint32_t row = 0; row < ix->rows; row++, out += width) {
    uint32_t start = f.from[row * f.stride] + f.plus, end = f.to[(size_t)row * ix->columns];
    struct csv_text text = {(const char *)ix->data + start, end - start};
    if (p->tokens || !csv_field_is_plain(quote, ix->data + start, (int32_t)(end - start))) {
      int kind = odd_field(c, p, row, start, (int32_t)(end - start), &text);
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

static inline __attribute__((always_inline)) int fixed(struct csv_column *c, struct csv_parse *p, size_t width,
                                                       convert_fn *convert) {
  size_t size = width * p->index->rows;
  if (csv_column_reserve(&c->values, size, c->usual_values) != SLUICE_OK)
    return SLUICE_ERR_MEMORY;
  int rc = convert_rows(c, p, c->values.data + c->values.size, width, convert);
  if (rc == SLUICE_OK)
    rc = csv_column_end_block(c, p);
  if (rc == SLUICE_OK)
    c->values.size += size;
  return rc;
}

static inline bool in_range(const struct csv_column *c, const char *text, size_t n, int64_t *out) {
  return csv_parse_int(text, n, out) && *out >= c->min && *out <= c->max;
}

/* Signed and unsigned integers of the same width have the same low bytes. */
#define INTEGER(bits)                                                                                                  \
  static bool to_int##bits(const struct csv_column *c, const char *text, size_t n, void *out) {                        \
    int64_t value;                                                                                                     \
    if (!in_range(c, text, n, &value))                                                                                 \
      return false;                                                                                                    \
    uint##bits##_t low = (uint##bits##_t)value;                                                                        \
    memcpy(out, &low, sizeof low);                                                                                     \
    return true;                                                                                                       \
  }
INTEGER(8)
INTEGER(16)
INTEGER(32)
INTEGER(64)

static bool to_uint64(const struct csv_column *c, const char *text, size_t n, void *out) {
  uint64_t value;
  (void)c;
  if (!csv_digits(text, n, &value) && !sluice_parse_uint(text, n, &value))
    return false;
  memcpy(out, &value, sizeof value);
  return true;
}

static bool to_double(const struct csv_column *c, const char *text, size_t n, void *out) {
  double value;
  (void)c;
  if (!csv_parse_double(text, n, &value))
    return false;
  memcpy(out, &value, sizeof value);
  return true;
}

static bool to_float(const struct csv_column *c, const char *text, size_t n, void *out) {
  double value;
  (void)c;
  if (!csv_parse_double(text, n, &value) || (isfinite(value) && fabs(value) > (double)FLT_MAX))
    return false;
  float narrow = (float)value;
  memcpy(out, &narrow, sizeof narrow);
  return true;
}

/* Beside the words, 0 and 1 where truth values are wanted: files of labels are full of them. */
static bool to_bool(const struct csv_column *c, const char *text, size_t n, void *out) {
  bool value = text[0] == '1';
  (void)c;
  if (!(n == 1 && (text[0] == '0' || text[0] == '1')) && !sluice_parse_bool(text, n, &value))
    return false;
  *(uint8_t *)out = value;
  return true;
}

static bool to_date(const struct csv_column *c, const char *text, size_t n, void *out) {
  int32_t days;
  (void)c;
  if (!csv_parse_date(text, n, &days))
    return false;
  memcpy(out, &days, sizeof days);
  return true;
}

static bool to_time64(const struct csv_column *c, const char *text, size_t n, void *out) {
  int64_t value;
  if (!sluice_parse_time(text, n, c->type.unit, &value))
    return false;
  memcpy(out, &value, sizeof value);
  return true;
}

static bool to_time32(const struct csv_column *c, const char *text, size_t n, void *out) {
  int64_t value;
  if (!sluice_parse_time(text, n, c->type.unit, &value))
    return false;
  int32_t narrow = (int32_t)value; /* a day has 86,400,000 ms */
  memcpy(out, &narrow, sizeof narrow);
  return true;
}

/* A column with a zone needs one in the text, or it is UTC; a column without one must not lose it. */
static bool to_timestamp(const struct csv_column *c, const char *text, size_t n, void *out) {
  int64_t value;
  bool zoned;
  if (!sluice_parse_timestamp(text, n, c->type.unit, &value, &zoned))
    return false;
  if (zoned ? c->zone == CSV_ZONE_NONE : c->zone == CSV_ZONE_OTHER)
    return false;
  memcpy(out, &value, sizeof value);
  return true;
}

static bool to_decimal(const struct csv_column *c, const char *text, size_t n, void *out) {
  return sluice_parse_decimal(text, n, c->type.precision, c->type.scale, 16, out);
}

static int parse_bool(struct csv_column *c, struct csv_parse *p) {
  size_t size = (size_t)((c->length + p->index->rows + 7) >> 3);
  if (size > c->values.size && csv_column_reserve(&c->values, size - c->values.size, c->usual_values) != SLUICE_OK)
    return SLUICE_ERR_MEMORY;
  int rc = convert_rows(c, p, p->flags, 1, to_bool);
  for (uint32_t row = 0; rc == SLUICE_OK && row < p->index->rows; row++) {
    int64_t bit = c->length + row;
    uint8_t *byte = c->values.data + (bit >> 3), mask = (uint8_t)(1u << (bit & 7));
    if ((bit & 7) == 0)
      *byte = 0;
    *byte = (uint8_t)(p->flags[row] ? *byte | mask : *byte & ~mask);
  }
  if (rc == SLUICE_OK)
    rc = csv_column_end_block(c, p);
  if (rc == SLUICE_OK)
    c->values.size = size;
  return rc;
}

#define PARSER(name, width, convert)                                                                                   \
  static int name(struct csv_column *c, struct csv_parse *p) {                                                         \
    return fixed(c, p, width, convert);                                                                                \
  }
PARSER(parse_int8, 1, to_int8)
PARSER(parse_int16, 2, to_int16)
PARSER(parse_int32, 4, to_int32)
PARSER(parse_int64, 8, to_int64)
PARSER(parse_uint64, 8, to_uint64)
PARSER(parse_double, 8, to_double)
PARSER(parse_float, 4, to_float)
PARSER(parse_date, 4, to_date)
PARSER(parse_time32, 4, to_time32)
PARSER(parse_time64, 8, to_time64)
PARSER(parse_timestamp, 8, to_timestamp)
PARSER(parse_decimal, 16, to_decimal)

csv_parse_fn *csv_parser_of(const struct sluice_type *type) {
  static csv_parse_fn *const parsers[SLUICE_TYPE_RUN_END + 1] = {
      [SLUICE_TYPE_BOOL] = parse_bool,
      [SLUICE_TYPE_INT8] = parse_int8,
      [SLUICE_TYPE_UINT8] = parse_int8,
      [SLUICE_TYPE_INT16] = parse_int16,
      [SLUICE_TYPE_UINT16] = parse_int16,
      [SLUICE_TYPE_INT32] = parse_int32,
      [SLUICE_TYPE_UINT32] = parse_int32,
      [SLUICE_TYPE_INT64] = parse_int64,
      [SLUICE_TYPE_UINT64] = parse_uint64,
      [SLUICE_TYPE_DOUBLE] = parse_double,
      [SLUICE_TYPE_FLOAT] = parse_float,
      [SLUICE_TYPE_DATE32] = parse_date,
      [SLUICE_TYPE_TIME32] = parse_time32,
      [SLUICE_TYPE_TIME64] = parse_time64,
      [SLUICE_TYPE_TIMESTAMP] = parse_timestamp,
      [SLUICE_TYPE_DECIMAL128] = parse_decimal,
      [SLUICE_TYPE_UTF8] = csv_parse_text,
      [SLUICE_TYPE_BINARY] = csv_parse_text,
      [SLUICE_TYPE_LARGE_UTF8] = csv_parse_large_text,
      [SLUICE_TYPE_LARGE_BINARY] = csv_parse_large_text,
  };
  return parsers[type->id];
}
