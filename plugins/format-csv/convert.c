/* Fields of a block to numbers, as parsers read them or as the options say that they are written. */
#include "convert_rows.h"
#include "csv.h"
#include "numbers.h"
#include <float.h>
#include <math.h>

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

/* A decimal of few digits and no more behind the point than its scale; false: not decided here. */
static inline bool short_decimal(const struct csv_column *c, const char *text, size_t n, int64_t *out) {
  static const int64_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
  bool minus = text[0] == '-';
  uint64_t value;
  unsigned fraction;
  if (!csv_split_point(text + minus, n - minus, &value, &fraction))
    return false;
  int32_t more = c->type.scale - (int32_t)fraction;
  if (more < 0 || more > 2 || n + (size_t)more > (size_t)c->type.precision)
    return false;
  *out = (int64_t)value * powers[more] * (minus ? -1 : 1);
  return true;
}

static bool to_decimal(const struct csv_column *c, const char *text, size_t n, void *out) {
  int64_t low;
  if (!short_decimal(c, text, n, &low))
    return sluice_parse_decimal(text, n, c->type.precision, c->type.scale, 16, out);
  int64_t high = low >> 63;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  low = (int64_t)__builtin_bswap64((uint64_t)low);
#endif
  memcpy(out, &low, sizeof low);
  memcpy((uint8_t *)out + sizeof low, &high, sizeof high);
  return true;
}

#define DECIMAL(bytes)                                                                                                 \
  static bool to_decimal##bytes(const struct csv_column *c, const char *text, size_t n, void *out) {                   \
    return sluice_parse_decimal(text, n, c->type.precision, c->type.scale, bytes, out);                                \
  }
DECIMAL(4)
DECIMAL(8)
DECIMAL(32)

/* The same where numbers are not written in the plain way: a column has `name` or `name`_written. */
#define WRITTEN(name, width, convert)                                                                                  \
  static bool convert##_written(const struct csv_column *c, const char *text, size_t n, void *out) {                   \
    char plain[CSV_NUMBER_MAX + CSV_PADDING];                                                                          \
    size_t size;                                                                                                       \
    return csv_values_number(c->written, text, n, plain, &size) && size > 0 && convert(c, plain, size, out);           \
  }                                                                                                                    \
  CSV_PARSER(name##_written, width, convert##_written)
#define PARSERS(name, width, convert)                                                                                  \
  CSV_PARSER(name, width, convert)                                                                                     \
  WRITTEN(name, width, convert)

CSV_LANES_PARSER(parse_int64, 8, to_int64, csv_gather_numbers, int64)
CSV_LANES_PARSER(parse_double, 8, to_double, csv_gather_numbers, real)
WRITTEN(parse_int64, 8, to_int64)
WRITTEN(parse_double, 8, to_double)
PARSERS(parse_int8, 1, to_int8)
PARSERS(parse_int16, 2, to_int16)
PARSERS(parse_int32, 4, to_int32)
PARSERS(parse_uint64, 8, to_uint64)
PARSERS(parse_float, 4, to_float)
PARSERS(parse_decimal, 16, to_decimal)
PARSERS(parse_decimal4, 4, to_decimal4)
PARSERS(parse_decimal8, 8, to_decimal8)
PARSERS(parse_decimal32, 32, to_decimal32)

csv_parse_fn *csv_number_parser(const struct sluice_type *type, bool plain) {
#define BOTH(name)                                                                                                     \
  { name##_written, name }
  static csv_parse_fn *const parsers[SLUICE_TYPE_RUN_END + 1][2] = {
      [SLUICE_TYPE_INT8] = BOTH(parse_int8),          [SLUICE_TYPE_UINT8] = BOTH(parse_int8),
      [SLUICE_TYPE_INT16] = BOTH(parse_int16),        [SLUICE_TYPE_UINT16] = BOTH(parse_int16),
      [SLUICE_TYPE_INT32] = BOTH(parse_int32),        [SLUICE_TYPE_UINT32] = BOTH(parse_int32),
      [SLUICE_TYPE_INT64] = BOTH(parse_int64),        [SLUICE_TYPE_UINT64] = BOTH(parse_uint64),
      [SLUICE_TYPE_DURATION] = BOTH(parse_int64), /* a count of its unit, as in casts */
      [SLUICE_TYPE_DOUBLE] = BOTH(parse_double),      [SLUICE_TYPE_FLOAT] = BOTH(parse_float),
      [SLUICE_TYPE_DECIMAL32] = BOTH(parse_decimal4), [SLUICE_TYPE_DECIMAL64] = BOTH(parse_decimal8),
      [SLUICE_TYPE_DECIMAL128] = BOTH(parse_decimal), [SLUICE_TYPE_DECIMAL256] = BOTH(parse_decimal32),
  };
  return parsers[type->id][plain];
}
