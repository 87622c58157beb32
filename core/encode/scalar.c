/* Values of a fixed size as text: numbers, dates, times, durations, intervals. */
#include "core/encode/program.h"
#include <math.h>

#define PRINT_NUMBER(name, type_, print_)                                                                              \
  static size_t name(const struct node *n, int64_t i, char *out) {                                                     \
    return print_(out, ((const type_ *)n->values)[i]);                                                                 \
  }
PRINT_NUMBER(print_int8, int8_t, sluice_print_int)
PRINT_NUMBER(print_int16, int16_t, sluice_print_int)
PRINT_NUMBER(print_int32, int32_t, sluice_print_int)
PRINT_NUMBER(print_int64, int64_t, sluice_print_int)
PRINT_NUMBER(print_uint8, uint8_t, sluice_print_uint)
PRINT_NUMBER(print_uint16, uint16_t, sluice_print_uint)
PRINT_NUMBER(print_uint32, uint32_t, sluice_print_uint)
PRINT_NUMBER(print_uint64, uint64_t, sluice_print_uint)

static size_t print_bool(const struct node *n, int64_t i, char *out) {
  bool value = sluice_bit(n->values, i);
  memcpy(out, value ? "true\0" : "false", 5);
  return value ? 4 : 5;
}

static size_t print_double(const struct node *n, int64_t i, char *out) {
  double value = ((const double *)n->values)[i];
  return isfinite(value) ? sluice_print_double(out, value) : 0;
}
static size_t print_float(const struct node *n, int64_t i, char *out) {
  float value = ((const float *)n->values)[i];
  return isfinite(value) ? sluice_print_float(out, value) : 0;
}

static float half_value(uint16_t half) {
  uint32_t exponent = half >> 10 & 31, fraction = half & 1023, bits = (exponent + 112) << 23 | fraction << 13;
  float size;
  memcpy(&size, &bits, sizeof size);
  if (exponent == 0)
    size = (float)fraction * 0x1p-24f;
  if (exponent == 31)
    size = fraction ? NAN : INFINITY;
  return half & 0x8000 ? -size : size;
}
static size_t print_half(const struct node *n, int64_t i, char *out) {
  float value = half_value(((const uint16_t *)n->values)[i]);
  return isfinite(value) ? sluice_print_float(out, value) : 0;
}

static size_t print_decimal(const struct node *n, int64_t i, char *out) {
  return sluice_print_decimal(out, (const uint8_t *)n->values + i * n->type.width, n->type.width, n->type.scale);
}

static int64_t divide_down(int64_t value, int64_t by) {
  return value / by - (value % by < 0);
}
static int64_t stored(const struct node *n, int64_t i) {
  return n->type.width == 4 ? ((const int32_t *)n->values)[i] : ((const int64_t *)n->values)[i];
}

static size_t print_date(const struct node *n, int64_t i, char *out) {
  int64_t value = stored(n, i);
  return sluice_print_date(out, n->type.id == SLUICE_TYPE_DATE64 ? divide_down(value, 86400000) : value);
}
static size_t print_time(const struct node *n, int64_t i, char *out) {
  return sluice_print_time(out, stored(n, i), n->type.unit);
}
static size_t print_timestamp(const struct node *n, int64_t i, char *out) {
  return sluice_print_timestamp(out, ((const int64_t *)n->values)[i], n->type.unit, n->type.timezone[0] != 0);
}

/* Seconds with as many digits behind the point as they need: "-1.5S". */
static size_t print_seconds(char *out, int64_t value, enum sluice_time_unit unit) {
  static const uint64_t per_second[] = {1, 1000, 1000000, 1000000000};
  uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value, per = per_second[unit];
  size_t n = 0;
  if (value < 0)
    out[n++] = '-';
  n += sluice_print_uint(out + n, size / per);
  uint64_t rest = size % per;
  if (rest)
    out[n++] = '.';
  for (; rest; rest = rest * 10 % per)
    out[n++] = (char)('0' + rest * 10 / per);
  out[n++] = 'S';
  return n;
}

static size_t print_part(char *out, int64_t value, char letter) {
  size_t n = sluice_print_int(out, value);
  out[n] = letter;
  return n + 1;
}

static size_t print_duration(const struct node *n, int64_t i, char *out) {
  memcpy(out, "PT", 2);
  return 2 + print_seconds(out + 2, ((const int64_t *)n->values)[i], n->type.unit);
}
static size_t print_months(const struct node *n, int64_t i, char *out) {
  out[0] = 'P';
  return 1 + print_part(out + 1, ((const int32_t *)n->values)[i], 'M');
}
static size_t print_day_time(const struct node *n, int64_t i, char *out) {
  const int32_t *value = (const int32_t *)n->values + 2 * i;
  out[0] = 'P';
  size_t size = 1 + print_part(out + 1, value[0], 'D');
  out[size++] = 'T';
  return size + print_seconds(out + size, value[1], SLUICE_MILLI);
}
static size_t print_month_day_nano(const struct node *n, int64_t i, char *out) {
  const uint8_t *value = (const uint8_t *)n->values + 16 * i;
  int32_t months, days;
  int64_t nanos;
  memcpy(&months, value, 4);
  memcpy(&days, value + 4, 4);
  memcpy(&nanos, value + 8, 8);
  out[0] = 'P';
  size_t size = 1 + print_part(out + 1, months, 'M');
  size += print_part(out + size, days, 'D');
  out[size++] = 'T';
  return size + print_seconds(out + size, nanos, SLUICE_NANO);
}

static int write_plain(struct encoder *e, struct node *n, int64_t i) {
  e->at += n->print(n, i, e->at);
  return SLUICE_OK;
}
static int write_quoted(struct encoder *e, struct node *n, int64_t i) {
  put_char(e, '"');
  e->at += n->print(n, i, e->at);
  put_char(e, '"');
  return SLUICE_OK;
}

static double real_value(const struct node *n, int64_t i) {
  if (n->type.id == SLUICE_TYPE_DOUBLE)
    return ((const double *)n->values)[i];
  if (n->type.id == SLUICE_TYPE_FLOAT)
    return (double)((const float *)n->values)[i];
  return (double)half_value(((const uint16_t *)n->values)[i]);
}

const char *real_name(const struct node *n, int64_t i) {
  double value = real_value(n, i);
  return isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
}

static int write_real(struct encoder *e, struct node *n, int64_t i) {
  size_t size = n->print(n, i, e->at);
  e->at += size;
  if (size)
    return SLUICE_OK;
  if (!e->nan_text) {
    put(e, "null", 4);
    return SLUICE_OK;
  }
  const char *name = real_name(n, i);
  put_char(e, '"');
  put(e, name, strlen(name));
  put_char(e, '"');
  return SLUICE_OK;
}

static const struct {
  node_print *print;
  enum node_kind kind;
} scalars[] = {
    [SLUICE_TYPE_BOOL] = {print_bool, NODE_PLAIN},
    [SLUICE_TYPE_INT8] = {print_int8, NODE_PLAIN},
    [SLUICE_TYPE_INT16] = {print_int16, NODE_PLAIN},
    [SLUICE_TYPE_INT32] = {print_int32, NODE_PLAIN},
    [SLUICE_TYPE_INT64] = {print_int64, NODE_PLAIN},
    [SLUICE_TYPE_UINT8] = {print_uint8, NODE_PLAIN},
    [SLUICE_TYPE_UINT16] = {print_uint16, NODE_PLAIN},
    [SLUICE_TYPE_UINT32] = {print_uint32, NODE_PLAIN},
    [SLUICE_TYPE_UINT64] = {print_uint64, NODE_PLAIN},
    [SLUICE_TYPE_HALF] = {print_half, NODE_REAL},
    [SLUICE_TYPE_FLOAT] = {print_float, NODE_REAL},
    [SLUICE_TYPE_DOUBLE] = {print_double, NODE_REAL},
    [SLUICE_TYPE_DECIMAL32] = {print_decimal, NODE_PLAIN},
    [SLUICE_TYPE_DECIMAL64] = {print_decimal, NODE_PLAIN},
    [SLUICE_TYPE_DECIMAL128] = {print_decimal, NODE_PLAIN},
    [SLUICE_TYPE_DECIMAL256] = {print_decimal, NODE_PLAIN},
    [SLUICE_TYPE_DATE32] = {print_date, NODE_QUOTED},
    [SLUICE_TYPE_DATE64] = {print_date, NODE_QUOTED},
    [SLUICE_TYPE_TIME32] = {print_time, NODE_QUOTED},
    [SLUICE_TYPE_TIME64] = {print_time, NODE_QUOTED},
    [SLUICE_TYPE_TIMESTAMP] = {print_timestamp, NODE_QUOTED},
    [SLUICE_TYPE_DURATION] = {print_duration, NODE_QUOTED},
    [SLUICE_TYPE_INTERVAL_MONTHS] = {print_months, NODE_QUOTED},
    [SLUICE_TYPE_INTERVAL_DAY_TIME] = {print_day_time, NODE_QUOTED},
    [SLUICE_TYPE_INTERVAL_MONTH_DAY_NANO] = {print_month_day_nano, NODE_QUOTED},
};

bool scalar_choose(struct node *node) {
  size_t id = (size_t)node->type.id;
  if (id >= sizeof scalars / sizeof *scalars || !scalars[id].print)
    return false;
  node->kind = scalars[id].kind;
  node->print = scalars[id].print;
  node->write = node->kind == NODE_PLAIN ? write_plain : node->kind == NODE_QUOTED ? write_quoted : write_real;
  return true;
}
