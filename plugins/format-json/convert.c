/* Texts to values of fixed width, exactly, by core/arrow's parsers. */
#include "convert.h"
#include "digits.h"
#include <math.h>

static bool to_bool(const struct json_column *c, const char *text, size_t n, void *out) {
  bool value;
  (void)c;
  if (!sluice_parse_bool(text, n, &value))
    return false;
  *(uint8_t *)out = value;
  return true;
}

/* A whole number, also where it is written with a fraction of zeros or an exponent. */
static bool read_whole(const char *text, size_t n, int64_t *out) {
  int64_t words[2];
  if (sluice_parse_int(text, n, out))
    return true;
  if (!sluice_parse_decimal(text, n, 38, 0, sizeof words, words) || words[1] != words[0] >> 63)
    return false;
  *out = words[0];
  return true;
}

/* Signed and unsigned integers of the same width have the same low bytes. */
#define INTEGER(bits)                                                                                                  \
  static bool to_int##bits(const struct json_column *c, const char *text, size_t n, void *out) {                       \
    int64_t value;                                                                                                     \
    if (!read_whole(text, n, &value) || value < c->least || value > c->most)                                           \
      return false;                                                                                                    \
    uint##bits##_t low = (uint##bits##_t)value;                                                                        \
    memcpy(out, &low, sizeof low);                                                                                     \
    return true;                                                                                                       \
  }
INTEGER(8)
INTEGER(16)
INTEGER(32)
INTEGER(64)

static bool to_uint64(const struct json_column *c, const char *text, size_t n, void *out) {
  uint64_t words[2];
  (void)c;
  if (!sluice_parse_uint(text, n, &words[0]) &&
      (!sluice_parse_decimal(text, n, 38, 0, sizeof words, words) || words[1] != 0))
    return false;
  memcpy(out, words, sizeof words[0]);
  return true;
}

static bool is_whole(const char *text, size_t n) {
  return !memchr(text, '.', n) && !memchr(text, 'e', n) && !memchr(text, 'E', n);
}

/* Bytes of an exponent of two digits, with a sign or without, as in 1.5e-07; 0: there is none. */
static ptrdiff_t usual_exponent(const char *digits, const char *end) {
  if (end - digits < 8 || digits[1] != '.')
    return 0;
  return end[-4] == 'e' ? 4 : end[-3] == 'e' ? 3 : 0;
}

/* Bytes of a number of so few digits that a double keeps them: with a point, and the zeros before the first of them. */
static ptrdiff_t usual_size(const char *digits) {
  const char *p = digits;
  if (*p == '0')
    for (p = digits + 2; *p == '0'; p++)
      ;
  return p - digits + JSON_DIGITS_DOUBLE + (*digits != '0');
}

/* A double that was found, not asked for, loses no digit. What is usual is told by its size alone. */
static bool keeps_digits(const char *text, size_t n, double value) {
  const char *digits = text + (text[0] == '-'), *end = text + n;
  double size = fabs(value), whole_max = 9007199254740992.0;
  int64_t whole;
  if (size > 1e-300) { /* there was a double for it, and it has a digit that is no zero */
    ptrdiff_t exponent = usual_exponent(digits, end);
    if (end - digits - exponent <= usual_size(digits) && (exponent || size < whole_max))
      return true;
  }
  if (!is_whole(text, n))
    return json_digits_kept(json_digits_of(text, n), value);
  return size < whole_max || (sluice_parse_int(text, n, &whole) && size < 9.2e18 && (int64_t)value == whole);
}

static bool read_real(const struct json_column *c, const char *text, size_t n, double *out) {
  if (!sluice_parse_double(text, n, out))
    return false;
  return c->lenient || !isfinite(*out) || keeps_digits(text, n, *out);
}

static bool to_double(const struct json_column *c, const char *text, size_t n, void *out) {
  double value;
  if (!read_real(c, text, n, &value))
    return false;
  memcpy(out, &value, sizeof value);
  return true;
}

static bool to_float(const struct json_column *c, const char *text, size_t n, void *out) {
  double value;
  if (!read_real(c, text, n, &value))
    return false;
  float narrow = (float)value;
  if (isfinite(value) && !isfinite(narrow))
    return false;
  memcpy(out, &narrow, sizeof narrow);
  return true;
}

static bool to_decimal(const struct json_column *c, const char *text, size_t n, void *out) {
  return sluice_parse_decimal(text, n, c->type.precision, c->type.scale, (int32_t)c->width, out);
}

static bool to_date32(const struct json_column *c, const char *text, size_t n, void *out) {
  int32_t days;
  (void)c;
  if (!sluice_parse_date(text, n, &days))
    return false;
  memcpy(out, &days, sizeof days);
  return true;
}

static bool to_date64(const struct json_column *c, const char *text, size_t n, void *out) {
  int32_t days;
  (void)c;
  if (!sluice_parse_date(text, n, &days))
    return false;
  int64_t ms = days * (int64_t)86400000;
  memcpy(out, &ms, sizeof ms);
  return true;
}

static bool to_time(const struct json_column *c, const char *text, size_t n, void *out) {
  int64_t value;
  if (!sluice_parse_time(text, n, c->type.unit, &value))
    return false;
  int32_t narrow = (int32_t)value;
  memcpy(out, c->width == 4 ? (const void *)&narrow : &value, c->width);
  return true;
}

/* A time without a zone is taken for one in UTC where the column has a zone; one with a zone fits no column without. */
static bool to_timestamp(const struct json_column *c, const char *text, size_t n, void *out) {
  int64_t value;
  bool zoned;
  if (!sluice_parse_timestamp(text, n, c->type.unit, &value, &zoned) || (zoned ? !c->zoned : c->local))
    return false;
  memcpy(out, &value, sizeof value);
  return true;
}

static bool to_fixed_binary(const struct json_column *c, const char *text, size_t n, void *out) {
  if (n != c->width)
    return false;
  memcpy(out, text, n);
  return true;
}

json_convert_fn *json_converter_of(const struct sluice_type *type) {
  static json_convert_fn *const integers[] = {to_int8, to_int16, to_int32, to_int64,
                                              to_int8, to_int16, to_int32, to_uint64};
  if (type->id >= SLUICE_TYPE_INT8 && type->id <= SLUICE_TYPE_UINT64)
    return integers[type->id - SLUICE_TYPE_INT8];
  switch (type->id) {
  case SLUICE_TYPE_BOOL:
    return to_bool;
  case SLUICE_TYPE_FLOAT:
    return to_float;
  case SLUICE_TYPE_DOUBLE:
    return to_double;
  case SLUICE_TYPE_DECIMAL32:
  case SLUICE_TYPE_DECIMAL64:
  case SLUICE_TYPE_DECIMAL128:
  case SLUICE_TYPE_DECIMAL256:
    return to_decimal;
  case SLUICE_TYPE_DATE32:
    return to_date32;
  case SLUICE_TYPE_DATE64:
    return to_date64;
  case SLUICE_TYPE_TIME32:
  case SLUICE_TYPE_TIME64:
    return to_time;
  case SLUICE_TYPE_TIMESTAMP:
    return to_timestamp;
  case SLUICE_TYPE_FIXED_BINARY:
    return type->width > 0 ? to_fixed_binary : NULL;
  default:
    return NULL;
  }
}
