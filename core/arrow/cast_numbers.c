/* Casts to truth values, integers, floating numbers and decimals. */
#include "cast.h"
#include <math.h>

__extension__ typedef __int128 i128;

static int refuse(const char **why, const char *reason) {
  *why = reason;
  return SLUICE_ERR_DATA;
}

int cast_put_bool(struct cast *c, const struct value *v, const char **why) {
  bool truth;
  if (v->class == CLASS_TEXT) {
    if (!sluice_parse_bool((const char *)v->span.data, v->span.size, &truth))
      return refuse(why, "not true or false");
    return sluice_builder_int(c->out, truth);
  }
  uint64_t number = v->class == CLASS_UINT ? v->whole : (uint64_t)v->integer;
  return number <= 1 ? sluice_builder_int(c->out, (int64_t)number) : refuse(why, "not 0 or 1");
}

static int put_text_as_int(struct cast *c, struct span text, const char **why) {
  const char *p = (const char *)text.data;
  int64_t number;
  uint64_t whole;
  if (sluice_parse_int(p, text.size, &number))
    return sluice_builder_int(c->out, number);
  if (sluice_parse_uint(p, text.size, &whole))
    return sluice_builder_uint(c->out, whole);
  return refuse(why, "not a whole number in range");
}

static int put_real_as_int(struct cast *c, double value, const char **why) {
  if (!(value >= -0x1p63 && value < 0x1p64))
    return SLUICE_ERR_DATA;
  if (value != trunc(value))
    return refuse(why, "it has a fraction");
  if (value < 0x1p63)
    return sluice_builder_int(c->out, (int64_t)value);
  return sluice_builder_uint(c->out, (uint64_t)value);
}

/* Takes -`delta` zeros away, or puts `delta` behind; false: a digit would be lost, or over 256 bits. */
static bool rescale(struct wide *value, int64_t delta) {
  bool negative = wide_negative(*value), fits = true;
  struct wide size = negative ? wide_negate(*value) : *value;
  if (wide_is_zero(size))
    return true;
  if (delta > 77)
    return false;
  for (; fits && delta > 0; delta--)
    fits = wide_muladd(&size, 10, 0) && !wide_negative(size);
  for (; fits && delta < 0; delta++)
    fits = wide_divide(&size, 10) == 0;
  *value = negative ? wide_negate(size) : size;
  return fits;
}

static int put_decimal_as_int(struct cast *c, struct wide value, const char **why) {
  if (!rescale(&value, -(int64_t)c->from.scale))
    return refuse(why, "it has a fraction or is out of range");
  bool negative = wide_negative(value);
  struct wide size = negative ? wide_negate(value) : value;
  if (size.limb[1] | size.limb[2] | size.limb[3])
    return SLUICE_ERR_DATA;
  if (!negative)
    return sluice_builder_uint(c->out, size.limb[0]);
  if (size.limb[0] > (uint64_t)INT64_MAX + 1)
    return SLUICE_ERR_DATA;
  return sluice_builder_int(c->out, (int64_t)value.limb[0]);
}

int cast_put_int(struct cast *c, const struct value *v, const char **why) {
  switch (v->class) {
  case CLASS_TEXT:
    return put_text_as_int(c, v->span, why);
  case CLASS_UINT:
    return sluice_builder_uint(c->out, v->whole);
  case CLASS_REAL:
    return put_real_as_int(c, v->real, why);
  case CLASS_DECIMAL:
    return put_decimal_as_int(c, v->decimal, why);
  default:
    return sluice_builder_int(c->out, v->integer);
  }
}

static bool equal(double a, double b) {
  return !(a < b) && !(a > b);
}

/* What the wanted type makes of a value. */
static double narrow(enum sluice_type_id id, double value) {
  if (id == SLUICE_TYPE_DOUBLE)
    return value;
  return id == SLUICE_TYPE_FLOAT ? (double)(float)value : half_to_double(half_from_double(value));
}

static int put_real(struct cast *c, double value, const char **why) {
  double kept = narrow(c->to.id, value);
  if (isnan(value) || equal(kept, value))
    return sluice_builder_double(c->out, value);
  return refuse(why, "it would lose digits");
}

/* Text is given to the nearest value: its digits are how people write it. */
static int put_text_as_real(struct cast *c, struct span text, const char **why) {
  double value;
  if (!sluice_parse_double((const char *)text.data, text.size, &value))
    return refuse(why, "not a number in range");
  if (isfinite(value) && !isfinite(narrow(c->to.id, value)))
    return SLUICE_ERR_DATA;
  return sluice_builder_double(c->out, value);
}

/* The nearest value, if its own shortest digits are the decimal's again. */
static int put_decimal_as_real(struct cast *c, struct wide decimal, const char **why) {
  char text[SLUICE_TEXT_MAX];
  struct wide again = {{0}};
  double value;
  size_t n = sluice_print_decimal(text, &decimal, sizeof decimal, c->from.scale);
  if (!sluice_parse_double(text, n, &value))
    return SLUICE_ERR_DATA;
  double kept = narrow(c->to.id, value);
  if (!isfinite(kept))
    return SLUICE_ERR_DATA;
  if (c->to.id == SLUICE_TYPE_DOUBLE)
    n = sluice_print_double(text, kept);
  else
    n = sluice_print_float(text, (float)kept);
  bool back = sluice_parse_decimal(text, n, 76, c->from.scale, sizeof again, &again);
  if (!back || memcmp(&again, &decimal, sizeof again) != 0)
    return refuse(why, "it would lose digits");
  return sluice_builder_double(c->out, kept);
}

int cast_put_real(struct cast *c, const struct value *v, const char **why) {
  if (v->class == CLASS_TEXT)
    return put_text_as_real(c, v->span, why);
  if (v->class == CLASS_DECIMAL)
    return put_decimal_as_real(c, v->decimal, why);
  if (v->class == CLASS_REAL)
    return put_real(c, v->real, why);
  i128 exact = v->class == CLASS_UINT ? (i128)v->whole : (i128)v->integer;
  double value = (double)exact;
  return (i128)value == exact ? put_real(c, value, why) : refuse(why, "it would lose digits");
}

static int put_wide(struct cast *c, struct wide value, const char **why) {
  char digits[96];
  struct wide size = wide_negative(value) ? wide_negate(value) : value;
  if (wide_print(digits, size) > (size_t)c->to.precision)
    return refuse(why, "too many digits");
  return sluice_builder_bytes(c->out, &value, (size_t)c->to.width);
}

static int put_text_as_decimal(struct cast *c, const char *text, size_t n, const char **why) {
  struct wide value;
  if (sluice_parse_decimal(text, n, c->to.precision, c->to.scale, c->to.width, &value))
    return sluice_builder_bytes(c->out, &value, (size_t)c->to.width);
  return refuse(why, "not a number, or more digits than it can hold");
}

int cast_put_decimal(struct cast *c, const struct value *v, const char **why) {
  char text[SLUICE_TEXT_MAX];
  if (v->class == CLASS_TEXT)
    return put_text_as_decimal(c, (const char *)v->span.data, v->span.size, why);
  if (v->class == CLASS_REAL)
    return put_text_as_decimal(c, text, cast_print(&c->from, v, text), why);
  struct wide value = {{v->whole}};
  if (v->class == CLASS_DECIMAL)
    value = v->decimal;
  if (v->class == CLASS_INT)
    value = wide_load(&v->integer, sizeof v->integer);
  int64_t scale = v->class == CLASS_DECIMAL ? c->from.scale : 0;
  if (!rescale(&value, c->to.scale - scale))
    return refuse(why, "more digits than it can hold");
  return put_wide(c, value, why);
}
