/* Values to columns: the usual shapes fast, all others by one way for all types. */
#include "numbers.h"
#include "run.h"

/* ---- any value of any type ---- */

static const uint8_t *put_null(struct json_run *r, struct json_column *c, const struct json_token *t) {
  if (!c->nullable)
    return json_misfit(r, c, JSON_FAULT_NO_VALUE, t->raw, 0);
  r->cost += c->cost;
  if (r->cost > r->most_cost)
    return json_misfit(r, c, JSON_FAULT_LARGE, t->raw, 0);
  return json_column_null(c) ? t->end : json_no_memory(r, t->raw);
}

static bool put_bytes(struct json_column *c, const void *text, size_t n) {
  if (!json_column_room(c) || !json_column_room_bytes(c, n))
    return false;
  if (n)
    memcpy(c->bytes.data + c->bytes.size, text, n);
  c->bytes.size += n;
  json_column_end(c, (int64_t)c->bytes.size);
  return true;
}

/* Which kinds of values a column of fixed width takes. */
static bool takes(const struct json_column *c, enum json_kind kind) {
  bool boolean = c->type.id == SLUICE_TYPE_BOOL;
  bool number = c->type.id >= SLUICE_TYPE_INT8 && c->type.id <= SLUICE_TYPE_DECIMAL256;
  bool real = c->type.id == SLUICE_TYPE_DOUBLE || c->type.id == SLUICE_TYPE_FLOAT || c->type.id == SLUICE_TYPE_HALF;
  switch (kind) {
  case JSON_KIND_TRUE:
  case JSON_KIND_FALSE:
    return boolean;
  case JSON_KIND_NUMBER:
    return number;
  case JSON_KIND_WORD:
    return real;
  case JSON_KIND_STRING:
    return (!number && !boolean) || c->lenient;
  default:
    return false;
  }
}

static const uint8_t *put_fixed(struct json_run *r, struct json_column *c, const struct json_token *t) {
  size_t width = c->shape == JSON_SHAPE_BITS ? 1 : c->width;
  if (!json_column_room(c))
    return json_no_memory(r, t->raw);
  if (!takes(c, t->kind) || !c->convert(c, t->text, t->size, c->values.data + (size_t)c->length * width))
    return json_misfit(r, c, JSON_FAULT_VALUE, t->raw, (size_t)(t->end - t->raw));
  c->length++;
  return t->end;
}

const uint8_t *json_parse_any(struct json_run *r, struct json_column *c, const uint8_t *p) {
  struct json_token t;
  if (!json_read_token(r, p, &t))
    return NULL;
  if (t.kind == JSON_KIND_NULL)
    return put_null(r, c, &t);
  if (c->shape == JSON_SHAPE_FIXED || c->shape == JSON_SHAPE_BITS)
    return put_fixed(r, c, &t);
  if (c->shape != JSON_SHAPE_BYTES || (t.kind != JSON_KIND_STRING && !c->any))
    return json_misfit(r, c, JSON_FAULT_VALUE, p, (size_t)(t.end - p));
  return put_bytes(c, t.text, t.size) ? t.end : json_no_memory(r, p);
}

/* The value as it stands. */
const uint8_t *json_parse_json(struct json_run *r, struct json_column *c, const uint8_t *p) {
  struct json_token t;
  if (*p == 'n')
    return json_parse_any(r, c, p);
  if (!json_read_token(r, p, &t))
    return NULL;
  return put_bytes(c, p, (size_t)(t.end - p)) ? t.end : json_no_memory(r, p);
}

/* ---- text ---- */

/* Copies whole words, for both sides have room. */
static inline void copy_words(uint8_t *to, const uint8_t *from, size_t n) {
  memcpy(to, from, 16);
  memcpy(to + 16, from + 16, 16);
  for (size_t i = 32; i < n; i += 32) {
    memcpy(to + i, from + i, 16);
    memcpy(to + i + 16, from + i + 16, 16);
  }
}

static inline __attribute__((always_inline)) const uint8_t *parse_text(struct json_run *r, struct json_column *c,
                                                                       const uint8_t *p, bool wide) {
  if (*p != '"')
    return json_parse_any(r, c, p);
  const uint8_t *end = json_find_quote(r, ++p);
  size_t n = (size_t)(end - p);
  if (!json_column_room(c) || !json_column_room_bytes(c, n))
    return json_no_memory(r, p);
  if (json_has_escapes(r, p, end)) {
    r->scratch.size = 0;
    if (!json_unescape(r, p, end))
      return NULL;
    n = r->scratch.size;
    memcpy(c->bytes.data + c->bytes.size, r->scratch.data, n);
  } else {
    copy_words(c->bytes.data + c->bytes.size, p, n);
  }
  c->bytes.size += n;
  int64_t at = ++c->length;
  if (wide)
    ((int64_t *)(void *)c->values.data)[at] = (int64_t)c->bytes.size;
  else
    ((int32_t *)(void *)c->values.data)[at] = (int32_t)c->bytes.size;
  return end + 1;
}

static const uint8_t *parse_text32(struct json_run *r, struct json_column *c, const uint8_t *p) {
  return parse_text(r, c, p, false);
}
static const uint8_t *parse_text64(struct json_run *r, struct json_column *c, const uint8_t *p) {
  return parse_text(r, c, p, true);
}

/* ---- numbers, truth values, dates ---- */

/* What falls through is read again, by the way for all. */
#define FAST(name, T, read)                                                                                            \
  static const uint8_t *name(struct json_run *r, struct json_column *c, const uint8_t *p) {                            \
    T value;                                                                                                           \
    const uint8_t *end = read(c, p, &value);                                                                           \
    if (!end)                                                                                                          \
      return json_parse_any(r, c, p);                                                                                  \
    if (!json_column_room(c))                                                                                          \
      return json_no_memory(r, p);                                                                                     \
    ((T *)(void *)c->values.data)[c->length++] = value;                                                                \
    return end;                                                                                                        \
  }

static inline const uint8_t *read_int64(const struct json_column *c, const uint8_t *p, int64_t *out) {
  (void)c;
  return json_read_int(p, out);
}
#define READ_INT(bits)                                                                                                 \
  static inline const uint8_t *read_int##bits(const struct json_column *c, const uint8_t *p, uint##bits##_t *out) {    \
    int64_t value;                                                                                                     \
    const uint8_t *end = json_read_int(p, &value);                                                                     \
    if (!end || value < c->least || value > c->most)                                                                   \
      return NULL;                                                                                                     \
    *out = (uint##bits##_t)value;                                                                                      \
    return end;                                                                                                        \
  }
READ_INT(8)
READ_INT(16)
READ_INT(32)
static inline const uint8_t *read_double(const struct json_column *c, const uint8_t *p, double *out) {
  (void)c;
  return json_read_double(p, out);
}
static inline const uint8_t *read_bool(const struct json_column *c, const uint8_t *p, uint8_t *out) {
  (void)c;
  *out = memcmp(p, "true", 4) == 0;
  const uint8_t *end = p + 5 - *out;
  return (*out || memcmp(p, "false", 5) == 0) && json_ends_number(*end) ? end : NULL;
}
static inline const uint8_t *read_date(const struct json_column *c, const uint8_t *p, int32_t *out) {
  (void)c;
  return p[0] == '"' && p[11] == '"' && json_read_date(p + 1, out) ? p + 12 : NULL;
}
FAST(parse_int64, int64_t, read_int64)
FAST(parse_int32, uint32_t, read_int32)
FAST(parse_int16, uint16_t, read_int16)
FAST(parse_int8, uint8_t, read_int8)
FAST(parse_double, double, read_double)
FAST(parse_bool, uint8_t, read_bool)
FAST(parse_date, int32_t, read_date)

/* Up to 18 digits as they stand, or with zeros put behind them. */
static const uint8_t *parse_decimal128(struct json_run *r, struct json_column *c, const uint8_t *p) {
  static const int64_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
  uint64_t value;
  unsigned scale;
  bool minus;
  const uint8_t *end = json_read_scaled(p, &value, &scale, &minus);
  int64_t zeros = (int64_t)c->type.scale - scale;
  if (!end || zeros < 0 || zeros > 8 || value > 9999999999 || c->type.precision < 18)
    return json_parse_any(r, c, p);
  if (!json_column_room(c))
    return json_no_memory(r, p);
  int64_t low = (int64_t)value * powers[zeros];
  low = minus ? -low : low;
  const int64_t words[2] = {low, low >> 63};
  memcpy(c->values.data + (size_t)c->length++ * 16, words, 16);
  return end;
}

/* ---- the program ---- */

static json_parse_fn *parser_of(const struct json_column *c) {
  static json_parse_fn *const integers[] = {parse_int8, parse_int16, parse_int32, parse_int64,
                                            parse_int8, parse_int16, parse_int32};
  if (c->type.id >= SLUICE_TYPE_INT8 && c->type.id <= SLUICE_TYPE_UINT32)
    return integers[c->type.id - SLUICE_TYPE_INT8];
  switch (c->type.id) {
  case SLUICE_TYPE_BOOL:
    return parse_bool;
  case SLUICE_TYPE_DOUBLE:
    return parse_double;
  case SLUICE_TYPE_DATE32:
    return parse_date;
  case SLUICE_TYPE_DECIMAL128:
    return parse_decimal128;
  case SLUICE_TYPE_UTF8:
  case SLUICE_TYPE_BINARY:
    return parse_text32;
  case SLUICE_TYPE_LARGE_UTF8:
  case SLUICE_TYPE_LARGE_BINARY:
    return parse_text64;
  default:
    return json_parse_any;
  }
}

void json_parser_set(struct json_column *c) {
  c->parse = c->json ? json_parse_json : parser_of(c);
}
