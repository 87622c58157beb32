/* The literal of a test, read as a value of the column's type. Numbers that the type cannot hold are compared all the
 * same: what is less than 10.5 is, of whole numbers, what is at most 10. */
#include "compare.h"
#include <math.h>
#include <stdlib.h>

enum { LITERAL_MAX = 4096 };

static int fail(const struct ArrowSchema *field, const char *literal, const char *why, struct sluice_error *err) {
  char type[96];
  sluice_type_name(field->format, type, sizeof type);
  return sluice_fail(err, SLUICE_ERR_CONFIG, field->name, "column '%.100s' is %s, and '%.200s' is no value of it%s%s",
                     field->name ? field->name : "", type, literal, why[0] ? ": " : "", why);
}

/* ---- whole numbers ---- */

struct number { /* the literal, rounded towards zero */
  bool negative, fraction, huge, nan;
  uint64_t size;
};

static bool read_digits(const char *text, struct number *out) {
  const char *p = text + (*text == '-' || *text == '+');
  const char *first = p;
  out->negative = *text == '-';
  for (; *p >= '0' && *p <= '9'; p++)
    out->huge |= __builtin_mul_overflow(out->size, (uint64_t)10, &out->size) ||
                 __builtin_add_overflow(out->size, (uint64_t)(*p - '0'), &out->size);
  bool any = p > first;
  if (*p == '.')
    for (p++; *p >= '0' && *p <= '9'; p++, any = true)
      out->fraction |= *p != '0';
  return any && *p == 0;
}

static bool read_number(const char *text, struct number *out) {
  double value;
  *out = (struct number){0};
  if (read_digits(text, out))
    return true;
  *out = (struct number){0};
  if (!sluice_parse_double(text, strlen(text), &value))
    return false;
  out->nan = isnan(value);
  out->negative = value < 0;
  double size = fabs(value);
  out->huge = !(size < 0x1p64);
  out->size = out->huge ? 0 : (uint64_t)size;
  out->fraction = !out->huge && (double)out->size != size;
  return true;
}

/* Every value lies on this side of the literal. */
static void decide(struct sluice_comparison *c, bool less) {
  c->decided = true;
  c->less = less ? c->less : c->greater;
}

/* No number is ordered beside NaN. */
static void decide_nan(struct sluice_comparison *c) {
  c->decided = true;
  c->less = c->unordered;
}

/* The literal became the next lower whole number: what is equal to that is less than the literal. */
static void round_down(struct sluice_comparison *c) {
  c->rounded = true;
  c->equal = c->less;
}

static void set_natural(struct sluice_comparison *c, const struct number *number, uint64_t most) {
  bool below = number->negative && (number->size || number->fraction || number->huge);
  if (below || number->huge || number->size > most) {
    decide(c, !below);
    return;
  }
  c->natural = number->size;
  if (number->fraction)
    round_down(c);
}

static void set_whole(struct sluice_comparison *c, const struct number *number, uint64_t most) {
  uint64_t limit = number->negative ? most + 1 : most, size = number->size;
  bool down = number->negative && number->fraction; /* -1.5 lies above -2 */
  if (number->huge || size > limit || (down && size == limit)) {
    decide(c, !number->negative);
    return;
  }
  size += down;
  c->whole = number->negative ? (int64_t)(0 - size) : (int64_t)size;
  if (number->fraction)
    round_down(c);
}

static int read_whole(const struct ArrowSchema *field, const char *literal, struct sluice_comparison *out,
                      struct sluice_error *err) {
  struct number number;
  bool natural = out->type.id >= SLUICE_TYPE_UINT8 && out->type.id <= SLUICE_TYPE_UINT64;
  int bits = out->type.width * 8;
  if (!read_number(literal, &number))
    return fail(field, literal, "", err);
  if (number.nan)
    decide_nan(out);
  else if (natural)
    set_natural(out, &number, UINT64_MAX >> (64 - bits));
  else
    set_whole(out, &number, (uint64_t)INT64_MAX >> (64 - bits));
  return SLUICE_OK;
}

/* ---- decimals ---- */

/* The digits that the scale has no room for are cut off; *rest: they were not all zero. */
static bool cut_fraction(const char *literal, int32_t scale, char *out, size_t size, bool *rest) {
  const char *dot = strchr(literal, '.');
  size_t n = strlen(literal), kept = n;
  *rest = false;
  if (n >= size)
    return false;
  if (dot && scale >= 0 && strlen(dot + 1) > (size_t)scale)
    kept = (size_t)(dot - literal) + 1 + (size_t)scale;
  if (strspn(literal + kept, "0123456789") != n - kept)
    return false;
  *rest = strspn(literal + kept, "0") != n - kept;
  memcpy(out, literal, kept);
  out[kept] = 0;
  if (kept < n && scale == 0)
    out[kept - 1] = 0; /* the dot itself */
  return true;
}

static void step_down(struct wide *value) {
  uint64_t borrow = 1;
  for (int i = 0; i < 4; i++) {
    uint64_t before = value->limb[i];
    value->limb[i] = before - borrow;
    borrow = before < borrow;
  }
}

static int read_decimal(const struct ArrowSchema *field, const char *literal, struct sluice_comparison *out,
                        struct sluice_error *err) {
  enum { MOST_DIGITS = 76, WIDE = 32 };
  char text[SLUICE_TEXT_MAX];
  uint8_t bytes[WIDE];
  bool rest;
  if (!cut_fraction(literal, out->type.scale, text, sizeof text, &rest) ||
      !sluice_parse_decimal(text, strlen(text), MOST_DIGITS, out->type.scale, WIDE, bytes))
    return fail(field, literal, "", err);
  out->wide = wide_load(bytes, WIDE);
  if (rest && literal[0] == '-')
    step_down(&out->wide);
  if (rest)
    round_down(out);
  return SLUICE_OK;
}

/* ---- others ---- */

static int read_real(const struct ArrowSchema *field, const char *literal, struct sluice_comparison *out,
                     struct sluice_error *err) {
  double value;
  if (!sluice_parse_double(literal, strlen(literal), &value))
    return fail(field, literal, "", err);
  if (out->type.id == SLUICE_TYPE_HALF)
    value = half_to_double(half_from_double(value));
  out->real = value;
  return SLUICE_OK;
}

static int read_bool(const struct ArrowSchema *field, const char *literal, struct sluice_comparison *out,
                     struct sluice_error *err) {
  bool value;
  if (!sluice_parse_bool(literal, strlen(literal), &value))
    return fail(field, literal, "write true or false", err);
  out->whole = value;
  return SLUICE_OK;
}

static int keep_bytes(const void *bytes, size_t size, struct sluice_comparison *out) {
  out->bytes = malloc(size + 1);
  if (!out->bytes)
    return SLUICE_ERR_MEMORY;
  memcpy(out->bytes, bytes, size);
  out->size = size;
  return SLUICE_OK;
}

static int nibble(char c) {
  static const char digits[] = "0123456789abcdef";
  const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;
  return at ? (int)(at - digits) : -1;
}

/* 16 bytes are most often a UUID, which people write with digits and dashes. */
static bool read_uuid(const char *literal, uint8_t out[16]) {
  size_t n = 0;
  for (const char *p = literal; *p; p++) {
    bool dash = p - literal == 8 || p - literal == 13 || p - literal == 18 || p - literal == 23;
    if (dash && *p != '-')
      return false;
    if (dash)
      continue;
    if (n == 32 || nibble(*p) < 0)
      return false;
    out[n / 2] = (uint8_t)(n % 2 ? out[n / 2] << 4 | nibble(*p) : nibble(*p));
    n++;
  }
  return n == 32;
}

static int read_bytes(const char *literal, struct sluice_comparison *out) {
  uint8_t uuid[16];
  bool is_uuid = out->type.id == SLUICE_TYPE_FIXED_BINARY && out->type.width == 16 && strlen(literal) == 36;
  if (is_uuid && read_uuid(literal, uuid))
    return keep_bytes(uuid, sizeof uuid, out);
  return keep_bytes(literal, strlen(literal), out);
}

/* Dates, times and timestamps, as a cast from text reads them. */
static int cast_literal(const struct ArrowSchema *field, const char *literal, struct ArrowArray *out,
                        struct sluice_error *err) {
  struct ArrowSchema text = {0};
  struct ArrowArray array = {0};
  struct sluice_builder *builder = NULL;
  int code = sluice_schema_init(&text, "u", field->name, ARROW_FLAG_NULLABLE);
  if (!code)
    code = sluice_builder_create(&text, &builder, err);
  if (!code)
    code = sluice_builder_bytes(builder, literal, strlen(literal));
  if (!code)
    code = sluice_builder_finish(builder, &array, err);
  if (!code)
    code = sluice_cast(&text, &array, field, NULL, NULL, out, err);
  sluice_builder_destroy(builder);
  sluice_array_release(&array);
  sluice_schema_release(&text);
  return code;
}

static int read_moment(const struct ArrowSchema *field, const char *literal, struct sluice_comparison *out,
                       struct sluice_error *err) {
  struct ArrowArray value = {0};
  struct sluice_error why = {0};
  int code = cast_literal(field, literal, &value, &why);
  if (code == SLUICE_ERR_MEMORY)
    return code;
  if (code)
    return fail(field, literal, why.message, err);
  const void *data = value.buffers[1];
  out->whole = out->type.width == 4 ? *(const int32_t *)data : *(const int64_t *)data;
  sluice_array_release(&value);
  return SLUICE_OK;
}

int compare_read(const struct ArrowSchema *field, const char *literal, struct sluice_comparison *out,
                 struct sluice_error *err) {
  enum sluice_type_id id = out->type.id;
  if (strlen(literal) > LITERAL_MAX)
    return fail(field, literal, "it is too long", err);
  if (id == SLUICE_TYPE_NULL)
    return SLUICE_OK;
  if (id == SLUICE_TYPE_BOOL)
    return read_bool(field, literal, out, err);
  if ((id >= SLUICE_TYPE_INT8 && id <= SLUICE_TYPE_UINT64) || id == SLUICE_TYPE_DURATION)
    return read_whole(field, literal, out, err);
  if (id >= SLUICE_TYPE_HALF && id <= SLUICE_TYPE_DOUBLE)
    return read_real(field, literal, out, err);
  if (id >= SLUICE_TYPE_DECIMAL32 && id <= SLUICE_TYPE_DECIMAL256)
    return read_decimal(field, literal, out, err);
  if (id >= SLUICE_TYPE_UTF8 && id <= SLUICE_TYPE_FIXED_BINARY)
    return read_bytes(literal, out);
  return read_moment(field, literal, out, err);
}
