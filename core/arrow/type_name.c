/* Names of types as people write them in a configuration, and back. */
#include "internal.h"
#include <ctype.h>

static const char *const names[] = {
    [SLUICE_TYPE_NULL] = "null",
    [SLUICE_TYPE_BOOL] = "bool",
    [SLUICE_TYPE_INT8] = "int8",
    [SLUICE_TYPE_INT16] = "int16",
    [SLUICE_TYPE_INT32] = "int32",
    [SLUICE_TYPE_INT64] = "int64",
    [SLUICE_TYPE_UINT8] = "uint8",
    [SLUICE_TYPE_UINT16] = "uint16",
    [SLUICE_TYPE_UINT32] = "uint32",
    [SLUICE_TYPE_UINT64] = "uint64",
    [SLUICE_TYPE_HALF] = "float16",
    [SLUICE_TYPE_FLOAT] = "float32",
    [SLUICE_TYPE_DOUBLE] = "float64",
    [SLUICE_TYPE_DECIMAL32] = "decimal32",
    [SLUICE_TYPE_DECIMAL64] = "decimal64",
    [SLUICE_TYPE_DECIMAL128] = "decimal",
    [SLUICE_TYPE_DECIMAL256] = "decimal256",
    [SLUICE_TYPE_UTF8] = "string",
    [SLUICE_TYPE_LARGE_UTF8] = "large_string",
    [SLUICE_TYPE_UTF8_VIEW] = "string_view",
    [SLUICE_TYPE_BINARY] = "binary",
    [SLUICE_TYPE_LARGE_BINARY] = "large_binary",
    [SLUICE_TYPE_BINARY_VIEW] = "binary_view",
    [SLUICE_TYPE_FIXED_BINARY] = "fixed_binary",
    [SLUICE_TYPE_DATE32] = "date",
    [SLUICE_TYPE_DATE64] = "date64",
    [SLUICE_TYPE_TIME32] = "time",
    [SLUICE_TYPE_TIME64] = "time",
    [SLUICE_TYPE_TIMESTAMP] = "timestamp",
    [SLUICE_TYPE_DURATION] = "duration",
    [SLUICE_TYPE_INTERVAL_MONTHS] = "interval_months",
    [SLUICE_TYPE_INTERVAL_DAY_TIME] = "interval_day_time",
    [SLUICE_TYPE_INTERVAL_MONTH_DAY_NANO] = "interval_month_day_nano",
    [SLUICE_TYPE_LIST] = "list",
    [SLUICE_TYPE_LARGE_LIST] = "large_list",
    [SLUICE_TYPE_LIST_VIEW] = "list_view",
    [SLUICE_TYPE_LARGE_LIST_VIEW] = "large_list_view",
    [SLUICE_TYPE_FIXED_LIST] = "fixed_list",
    [SLUICE_TYPE_STRUCT] = "struct",
    [SLUICE_TYPE_MAP] = "map",
    [SLUICE_TYPE_DENSE_UNION] = "dense_union",
    [SLUICE_TYPE_SPARSE_UNION] = "sparse_union",
    [SLUICE_TYPE_RUN_END] = "run_end_encoded",
};
static const char *const units[] = {"s", "ms", "us", "ns"};

void sluice_type_name(const char *format, char *out, size_t size) {
  struct sluice_type type;
  if (sluice_type_parse(format, &type, NULL) != SLUICE_OK) {
    snprintf(out, size, "unknown type \"%.40s\"", format ? format : "");
    return;
  }
  const char *name = names[type.id], *unit = units[type.unit];
  switch (type.id) {
  case SLUICE_TYPE_DECIMAL32:
  case SLUICE_TYPE_DECIMAL64:
  case SLUICE_TYPE_DECIMAL128:
  case SLUICE_TYPE_DECIMAL256:
    snprintf(out, size, "%s(%d, %d)", name, type.precision, type.scale);
    break;
  case SLUICE_TYPE_TIME32:
  case SLUICE_TYPE_TIME64:
  case SLUICE_TYPE_DURATION:
    snprintf(out, size, "%s[%s]", name, unit);
    break;
  case SLUICE_TYPE_TIMESTAMP:
    snprintf(out, size, "%s[%s%s%.64s]", name, unit, type.timezone[0] ? ", " : "", type.timezone);
    break;
  case SLUICE_TYPE_FIXED_BINARY:
  case SLUICE_TYPE_FIXED_LIST:
    snprintf(out, size, "%s(%d)", name, type.width);
    break;
  default:
    snprintf(out, size, "%s", name);
  }
}

struct alias {
  const char *name, *format;
};
static const struct alias aliases[] = {
    {"null", "n"},
    {"bool", "b"},
    {"boolean", "b"},
    {"int8", "c"},
    {"int16", "s"},
    {"int32", "i"},
    {"int64", "l"},
    {"int", "l"},
    {"integer", "l"},
    {"long", "l"},
    {"bigint", "l"},
    {"smallint", "s"},
    {"short", "s"},
    {"tinyint", "c"},
    {"uint8", "C"},
    {"uint16", "S"},
    {"uint32", "I"},
    {"uint64", "L"},
    {"uint", "L"},
    {"half", "e"},
    {"float16", "e"},
    {"float", "f"},
    {"float32", "f"},
    {"double", "g"},
    {"float64", "g"},
    {"number", "g"},
    {"string", "u"},
    {"text", "u"},
    {"utf8", "u"},
    {"large_string", "U"},
    {"large_utf8", "U"},
    {"string_view", "vu"},
    {"utf8_view", "vu"},
    {"binary", "z"},
    {"bytes", "z"},
    {"large_binary", "Z"},
    {"binary_view", "vz"},
    {"date", "tdD"},
    {"date32", "tdD"},
    {"date64", "tdm"},
    {"timestamp", "tsu:UTC"},
    {"datetime", "tsu:"},
    {"time", "ttu"},
    {"time32", "ttm"},
    {"time64", "ttu"},
    {"duration", "tDu"},
    {"interval_months", "tiM"},
    {"interval_day_time", "tiD"},
    {"interval_month_day_nano", "tin"},
};

/* Lower case, without blanks outside brackets' zones: "Decimal( 10, 2 )" becomes "decimal(10,2)". */
static bool normalize(const char *name, char *out, size_t size) {
  size_t n = 0;
  bool zone = false;
  for (; *name; name++) {
    if (isspace((unsigned char)*name))
      continue;
    if (n + 1 >= size)
      return false;
    out[n++] = zone ? *name : (char)tolower((unsigned char)*name);
    if (*name == ',' && strncmp(out, "timestamp[", 10) == 0)
      zone = true;
  }
  out[n] = 0;
  return n > 0;
}

static bool unit_letter(const char *text, size_t n, char *out) {
  for (size_t i = 0; i < 4; i++)
    if (strlen(units[i]) == n && memcmp(units[i], text, n) == 0) {
      *out = "smun"[i];
      return true;
    }
  return false;
}

/* timestamp[us], timestamp[us,UTC], time[ms], duration[ns] */
static bool from_unit_name(const char *name, char out[64]) {
  const char *open = strchr(name, '['), *close = strrchr(name, ']');
  if (!open || !close || close[1] != 0 || close - open > 50)
    return false;
  const char *comma = memchr(open, ',', (size_t)(close - open));
  const char *unit_end = comma ? comma : close;
  char unit = 0;
  if (!unit_letter(open + 1, (size_t)(unit_end - open - 1), &unit))
    return false;
  size_t stem = (size_t)(open - name);
  if (stem == 9 && memcmp(name, "timestamp", 9) == 0) {
    int zone = comma ? (int)(close - comma - 1) : 0;
    snprintf(out, 64, "ts%c:%.*s", unit, zone, comma ? comma + 1 : "");
    return true;
  }
  bool time = stem == 4 && memcmp(name, "time", 4) == 0, duration = stem == 8 && memcmp(name, "duration", 8) == 0;
  if (comma || !(time || duration))
    return false;
  snprintf(out, 64, "t%c%c", time ? 't' : 'D', unit);
  return true;
}

/* decimal(10,2), decimal(10), decimal256(50,3), fixed_binary(16) */
static bool from_number_name(const char *name, char out[64]) {
  int a = 0, b = 0, bits = 0, end = 0;
  if (sscanf(name, "fixed_binary(%9d)%n", &a, &end) == 1 && end > 0 && name[end] == 0) {
    snprintf(out, 64, "w:%d", a);
    return a >= 0;
  }
  const char *p = name;
  if (strncmp(p, "decimal", 7) != 0 && strncmp(p, "numeric", 7) != 0)
    return false;
  p += 7;
  if (*p != '(' && sscanf(p, "%3d%n", &bits, &end) == 1)
    p += end;
  end = 0;
  if (sscanf(p, "(%9d,%9d)%n", &a, &b, &end) != 2 || end == 0) {
    end = 0;
    b = 0;
    if (sscanf(p, "(%9d)%n", &a, &end) != 1 || end == 0)
      return false;
  }
  if (p[end] != 0)
    return false;
  if (bits == 0)
    bits = a > 38 ? 256 : 128;
  snprintf(out, 64, bits == 128 ? "d:%d,%d" : "d:%d,%d,%d", a, b, bits);
  struct sluice_type type;
  return sluice_type_parse(out, &type, NULL) == SLUICE_OK;
}

int sluice_type_from_name(const char *name, char out[64], struct sluice_error *err) {
  char plain[64], format[64];
  bool found = normalize(name, plain, sizeof plain);
  for (size_t i = 0; found && i < sizeof aliases / sizeof aliases[0]; i++)
    if (strcmp(aliases[i].name, plain) == 0) {
      snprintf(out, 64, "%s", aliases[i].format);
      return SLUICE_OK;
    }
  if (!found || !(from_unit_name(plain, format) || from_number_name(plain, format)))
    return sluice_fail(err, SLUICE_ERR_CONFIG, NULL,
                       "unknown type \"%.64s\": write one of string, int64, double, bool, date, timestamp, "
                       "timestamp[ms], time, decimal(10, 2), binary and the like",
                       name);
  memcpy(out, format, sizeof format);
  return SLUICE_OK;
}
