/* Arrow C Data format strings: what type they mean, and how it lies in memory. */
#include "internal.h"
#include <stdlib.h>

struct letter {
  char letter;
  uint8_t id;
  uint8_t width, n_buffers;
};

static const struct letter simple[] = {
    {'n', SLUICE_TYPE_NULL, 0, 0},         {'b', SLUICE_TYPE_BOOL, 0, 2},       {'c', SLUICE_TYPE_INT8, 1, 2},
    {'C', SLUICE_TYPE_UINT8, 1, 2},        {'s', SLUICE_TYPE_INT16, 2, 2},      {'S', SLUICE_TYPE_UINT16, 2, 2},
    {'i', SLUICE_TYPE_INT32, 4, 2},        {'I', SLUICE_TYPE_UINT32, 4, 2},     {'l', SLUICE_TYPE_INT64, 8, 2},
    {'L', SLUICE_TYPE_UINT64, 8, 2},       {'e', SLUICE_TYPE_HALF, 2, 2},       {'f', SLUICE_TYPE_FLOAT, 4, 2},
    {'g', SLUICE_TYPE_DOUBLE, 8, 2},       {'z', SLUICE_TYPE_BINARY, 0, 3},     {'u', SLUICE_TYPE_UTF8, 0, 3},
    {'Z', SLUICE_TYPE_LARGE_BINARY, 0, 3}, {'U', SLUICE_TYPE_LARGE_UTF8, 0, 3},
};

static bool set(struct sluice_type *type, enum sluice_type_id id, int32_t width, int32_t n_buffers) {
  type->id = id;
  type->width = width;
  type->n_buffers = n_buffers;
  return true;
}

static bool parse_simple(char c, struct sluice_type *out) {
  for (size_t i = 0; i < sizeof simple / sizeof simple[0]; i++)
    if (simple[i].letter == c)
      return set(out, (enum sluice_type_id)simple[i].id, simple[i].width, simple[i].n_buffers);
  return false;
}

/* A number of the format at *at, which moves behind it; at most nine digits, so that it fits. */
static bool parse_number(const char **at, int32_t *out) {
  const char *p = *at;
  int32_t sign = 1, value = 0;
  int digits = 0;
  if (*p == '-')
    sign = -1, p++;
  for (; *p >= '0' && *p <= '9' && digits < 9; p++, digits++)
    value = value * 10 + (*p - '0');
  *at = p;
  *out = sign * value;
  return digits > 0 && (*p < '0' || *p > '9');
}

static bool parse_unit(char c, enum sluice_time_unit *out) {
  const char *units = "smun", *found = c ? strchr(units, c) : NULL;
  if (!found)
    return false;
  *out = (enum sluice_time_unit)(found - units);
  return true;
}

static bool parse_decimal(const char *p, struct sluice_type *out) {
  int32_t bits = 128;
  if (!parse_number(&p, &out->precision) || *p++ != ',' || !parse_number(&p, &out->scale))
    return false;
  if (*p == ',') {
    p++;
    if (!parse_number(&p, &bits))
      return false;
  }
  static const struct {
    int32_t bits, digits, id;
  } sizes[] = {{32, 9, SLUICE_TYPE_DECIMAL32},
               {64, 18, SLUICE_TYPE_DECIMAL64},
               {128, 38, SLUICE_TYPE_DECIMAL128},
               {256, 76, SLUICE_TYPE_DECIMAL256}};
  for (size_t i = 0; i < 4; i++)
    if (*p == 0 && sizes[i].bits == bits && out->precision >= 1 && out->precision <= sizes[i].digits)
      return set(out, (enum sluice_type_id)sizes[i].id, bits / 8, 2);
  return false;
}

static bool parse_time_of_day(char unit, struct sluice_type *out) {
  if (!parse_unit(unit, &out->unit))
    return false;
  bool small = out->unit <= SLUICE_MILLI;
  return set(out, small ? SLUICE_TYPE_TIME32 : SLUICE_TYPE_TIME64, small ? 4 : 8, 2);
}

static bool parse_interval(char c, struct sluice_type *out) {
  if (c == 'M')
    return set(out, SLUICE_TYPE_INTERVAL_MONTHS, 4, 2);
  if (c == 'D')
    return set(out, SLUICE_TYPE_INTERVAL_DAY_TIME, 8, 2);
  return c == 'n' && set(out, SLUICE_TYPE_INTERVAL_MONTH_DAY_NANO, 16, 2);
}

static bool parse_temporal(const char *p, struct sluice_type *out) {
  if (p[0] == 0 || p[1] == 0)
    return false;
  if (p[0] == 's') {
    if (p[2] != ':' || !parse_unit(p[1], &out->unit))
      return false;
    out->timezone = p + 3;
    return set(out, SLUICE_TYPE_TIMESTAMP, 8, 2);
  }
  if (p[2])
    return false;
  if (p[0] == 'd' && p[1] == 'D')
    return set(out, SLUICE_TYPE_DATE32, 4, 2);
  if (p[0] == 'd' && p[1] == 'm')
    return set(out, SLUICE_TYPE_DATE64, 8, 2);
  if (p[0] == 't')
    return parse_time_of_day(p[1], out);
  if (p[0] == 'D')
    return parse_unit(p[1], &out->unit) && set(out, SLUICE_TYPE_DURATION, 8, 2);
  return p[0] == 'i' && parse_interval(p[1], out);
}

static bool parse_union(const char *p, struct sluice_type *out) {
  int8_t codes[128];
  if ((p[0] != 'd' && p[0] != 's') || p[1] != ':')
    return false;
  int64_t n = p[2] ? 1 : 0;
  for (const char *c = p + 2; *c; c++)
    n += *c == ',';
  if (n > 128 || !union_codes(p - 2, n, codes))
    return false;
  return p[0] == 'd' ? set(out, SLUICE_TYPE_DENSE_UNION, 0, 2) : set(out, SLUICE_TYPE_SPARSE_UNION, 0, 1);
}

static bool parse_nested(const char *p, struct sluice_type *out) {
  if (strcmp(p, "l") == 0)
    return set(out, SLUICE_TYPE_LIST, 0, 2);
  if (strcmp(p, "L") == 0)
    return set(out, SLUICE_TYPE_LARGE_LIST, 0, 2);
  if (strcmp(p, "vl") == 0)
    return set(out, SLUICE_TYPE_LIST_VIEW, 0, 3);
  if (strcmp(p, "vL") == 0)
    return set(out, SLUICE_TYPE_LARGE_LIST_VIEW, 0, 3);
  if (strcmp(p, "s") == 0)
    return set(out, SLUICE_TYPE_STRUCT, 0, 1);
  if (strcmp(p, "m") == 0)
    return set(out, SLUICE_TYPE_MAP, 0, 2);
  if (strcmp(p, "r") == 0)
    return set(out, SLUICE_TYPE_RUN_END, 0, 0);
  if (p[0] == 'u')
    return parse_union(p + 1, out);
  if (p[0] != 'w' || p[1] != ':')
    return false;
  p += 2;
  int32_t items = 0;
  return parse_number(&p, &items) && *p == 0 && items >= 0 && set(out, SLUICE_TYPE_FIXED_LIST, items, 1);
}

static bool parse_fixed(const char *p, struct sluice_type *out) {
  int32_t width = 0;
  return parse_number(&p, &width) && *p == 0 && width >= 0 && set(out, SLUICE_TYPE_FIXED_BINARY, width, 2);
}

static bool parse(const char *f, struct sluice_type *out) {
  out->timezone = "";
  if (f[0] && f[1] == 0)
    return parse_simple(f[0], out);
  if (strcmp(f, "vu") == 0)
    return set(out, SLUICE_TYPE_UTF8_VIEW, 0, 2);
  if (strcmp(f, "vz") == 0)
    return set(out, SLUICE_TYPE_BINARY_VIEW, 0, 2);
  if (f[0] == 't')
    return parse_temporal(f + 1, out);
  if (f[0] == '+')
    return parse_nested(f + 1, out);
  if (f[0] == 'd' && f[1] == ':')
    return parse_decimal(f + 2, out);
  return f[0] == 'w' && f[1] == ':' && parse_fixed(f + 2, out);
}

int sluice_type_parse(const char *format, struct sluice_type *out, struct sluice_error *err) {
  struct sluice_type type = {0};
  if (!format || !parse(format, &type))
    return sluice_fail(err, SLUICE_ERR_DATA, NULL, "not an Arrow format: \"%.64s\"", format ? format : "(none)");
  *out = type;
  return SLUICE_OK;
}

bool union_codes(const char *format, int64_t n, int8_t *codes) {
  const char *p = format + 4; /* behind "+ud:" or "+us:" */
  bool seen[128] = {false};
  for (int64_t i = 0; i < n; i++) {
    int32_t code = 0;
    if (!parse_number(&p, &code) || code < 0 || code > 127 || seen[code])
      return false;
    seen[code] = true;
    codes[i] = (int8_t)code;
    if (i + 1 < n && *p++ != ',')
      return false;
  }
  return *p == 0;
}

enum layout type_layout(enum sluice_type_id id) {
  switch (id) {
  case SLUICE_TYPE_NULL:
    return LAYOUT_NULL;
  case SLUICE_TYPE_BOOL:
    return LAYOUT_BITS;
  case SLUICE_TYPE_UTF8:
  case SLUICE_TYPE_BINARY:
    return LAYOUT_BYTES32;
  case SLUICE_TYPE_LARGE_UTF8:
  case SLUICE_TYPE_LARGE_BINARY:
    return LAYOUT_BYTES64;
  case SLUICE_TYPE_UTF8_VIEW:
  case SLUICE_TYPE_BINARY_VIEW:
    return LAYOUT_VIEW;
  case SLUICE_TYPE_LIST:
  case SLUICE_TYPE_MAP:
    return LAYOUT_LIST32;
  case SLUICE_TYPE_LARGE_LIST:
    return LAYOUT_LIST64;
  case SLUICE_TYPE_LIST_VIEW:
    return LAYOUT_LIST_VIEW32;
  case SLUICE_TYPE_LARGE_LIST_VIEW:
    return LAYOUT_LIST_VIEW64;
  case SLUICE_TYPE_FIXED_LIST:
    return LAYOUT_FIXED_LIST;
  case SLUICE_TYPE_STRUCT:
    return LAYOUT_STRUCT;
  case SLUICE_TYPE_DENSE_UNION:
    return LAYOUT_DENSE_UNION;
  case SLUICE_TYPE_SPARSE_UNION:
    return LAYOUT_SPARSE_UNION;
  case SLUICE_TYPE_RUN_END:
    return LAYOUT_RUN_END;
  default:
    return LAYOUT_FIXED;
  }
}

int64_t type_children(enum sluice_type_id id) {
  switch (type_layout(id)) {
  case LAYOUT_LIST32:
  case LAYOUT_LIST64:
  case LAYOUT_LIST_VIEW32:
  case LAYOUT_LIST_VIEW64:
  case LAYOUT_FIXED_LIST:
    return 1;
  case LAYOUT_RUN_END:
    return 2;
  case LAYOUT_STRUCT:
  case LAYOUT_DENSE_UNION:
  case LAYOUT_SPARSE_UNION:
    return -1;
  default:
    return 0;
  }
}

bool type_has_validity(enum sluice_type_id id) {
  enum layout layout = type_layout(id);
  return layout != LAYOUT_NULL && layout != LAYOUT_RUN_END && layout != LAYOUT_DENSE_UNION &&
         layout != LAYOUT_SPARSE_UNION;
}
