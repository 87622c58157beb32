/* Types by the numbers that Schema.fbs gives them. */
#include "type.h"
#include <sluice/ipc_types.h>

/* Formats of the types that have no parameters. */
static const char *const plain[] = {
    [SLUICE_IPC_NULL] = "n",        [SLUICE_IPC_BINARY] = "z",       [SLUICE_IPC_UTF8] = "u",
    [SLUICE_IPC_BOOL] = "b",        [SLUICE_IPC_LIST] = "+l",        [SLUICE_IPC_STRUCT] = "+s",
    [SLUICE_IPC_MAP] = "+m",        [SLUICE_IPC_LARGE_BINARY] = "Z", [SLUICE_IPC_LARGE_UTF8] = "U",
    [SLUICE_IPC_LARGE_LIST] = "+L", [SLUICE_IPC_RUN_END] = "+r",     [SLUICE_IPC_BINARY_VIEW] = "vz",
    [SLUICE_IPC_UTF8_VIEW] = "vu",  [SLUICE_IPC_LIST_VIEW] = "+vl",  [SLUICE_IPC_LARGE_LIST_VIEW] = "+vL",
};
static const char units[] = "smun";

static const char *put(char *out, const char *format) {
  snprintf(out, ARROW_FORMAT_SIZE, "%s", format);
  return NULL;
}

static const char *put_letter(char *out, const char *letters, int64_t i) {
  if (i < 0 || i >= (int64_t)strlen(letters))
    return "a unit or precision is unknown";
  out[0] = letters[i];
  out[1] = 0;
  return NULL;
}

static const char *put_int(const struct fb_table *type, char *out) {
  static const struct {
    int64_t bits;
    const char *unsigned_and_signed;
  } widths[] = {{8, "Cc"}, {16, "Ss"}, {32, "Ii"}, {64, "Ll"}};
  int64_t bits = fb_number(type, 0, 4, 0);
  for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
    if (widths[i].bits == bits)
      return put_letter(out, widths[i].unsigned_and_signed, fb_number(type, 1, 1, 0) != 0);
  return "integers must have 8, 16, 32 or 64 bits";
}

static const char *put_decimal(const struct fb_table *type, char *out) {
  int64_t bits = fb_number(type, 2, 4, 128);
  snprintf(out, ARROW_FORMAT_SIZE, "d:%lld,%lld,%lld", (long long)fb_number(type, 0, 4, 0),
           (long long)fb_number(type, 1, 4, 0), (long long)bits);
  if (bits == 128)
    *strrchr(out, ',') = 0;
  return NULL;
}

static const char *put_time(const struct fb_table *type, char *out) {
  int64_t unit = fb_number(type, 0, 2, 1), bits = fb_number(type, 1, 4, 32);
  if (bits != (unit >= SLUICE_MICRO ? 64 : 32))
    return "times must have 32 bits for seconds and milliseconds, and 64 for smaller units";
  put(out, "tt");
  return put_letter(out + 2, units, unit);
}

static const char *put_timestamp(const struct fb_table *type, char *out) {
  size_t n = 0;
  const char *zone = fb_text(type, 1, &n);
  put(out, "ts");
  const char *wrong = put_letter(out + 2, units, fb_number(type, 0, 2, 0));
  if (wrong)
    return wrong;
  if (n > ARROW_FORMAT_SIZE - 8 || (n && memchr(zone, 0, n)))
    return "the name of a time zone is too long or has a zero byte";
  if (n && sluice_utf8_valid(zone, n) != n)
    return "the name of a time zone is not UTF-8";
  snprintf(out + 3, ARROW_FORMAT_SIZE - 3, ":%.*s", (int)n, n ? zone : "");
  return NULL;
}

static const char *put_unit(const char *prefix, int64_t unit, const char *letters, char *out) {
  put(out, prefix);
  return put_letter(out + strlen(prefix), letters, unit);
}

static const char *put_sized(const char *prefix, int64_t size, char *out) {
  if (size < 0 || size > 999999999)
    return "a fixed size is out of range";
  snprintf(out, ARROW_FORMAT_SIZE, "%s%lld", prefix, (long long)size);
  return NULL;
}

static const char *put_union(const struct fb_table *type, int64_t n, char *out) {
  struct fb_vector ids = {0, 0};
  bool given = fb_vector(type, 1, 4, &ids), dense = fb_number(type, 0, 2, 0) == 1;
  if (n > 128 || (given && ids.count != (size_t)n))
    return "a union must have a type code for each of its at most 128 fields";
  size_t at = (size_t)snprintf(out, ARROW_FORMAT_SIZE, "+u%c:", dense ? 'd' : 's');
  for (int64_t i = 0; i < n; i++) {
    int64_t code = given ? fb_at(type->fb, ids.at + (size_t)i * 4, 4) : i;
    if (code < 0 || code > 127)
      return "a type code of a union is out of range";
    at += (size_t)snprintf(out + at, ARROW_FORMAT_SIZE - at, "%s%lld", i ? "," : "", (long long)code);
  }
  return NULL;
}

const char *arrow_type_format(int64_t tag, const struct fb_table *type, int64_t n, char *out, int64_t *flags) {
  out[0] = 0;
  if (tag == SLUICE_IPC_MAP && fb_number(type, 0, 1, 0))
    *flags |= ARROW_FLAG_MAP_KEYS_SORTED;
  if (tag > 0 && tag < (int64_t)(sizeof plain / sizeof *plain) && plain[tag])
    return put(out, plain[tag]);
  switch (tag) {
  case SLUICE_IPC_INT:
    return put_int(type, out);
  case SLUICE_IPC_FLOAT:
    return put_letter(out, "efg", fb_number(type, 0, 2, 0));
  case SLUICE_IPC_DECIMAL:
    return put_decimal(type, out);
  case SLUICE_IPC_DATE:
    return put_unit("td", fb_number(type, 0, 2, 1), "Dm", out);
  case SLUICE_IPC_TIME:
    return put_time(type, out);
  case SLUICE_IPC_TIMESTAMP:
    return put_timestamp(type, out);
  case SLUICE_IPC_INTERVAL:
    return put_unit("ti", fb_number(type, 0, 2, 0), "MDn", out);
  case SLUICE_IPC_UNION:
    return put_union(type, n, out);
  case SLUICE_IPC_FIXED_BINARY:
    return put_sized("w:", fb_number(type, 0, 4, 0), out);
  case SLUICE_IPC_FIXED_LIST:
    return put_sized("+w:", fb_number(type, 0, 4, 0), out);
  case SLUICE_IPC_DURATION:
    return put_unit("tD", fb_number(type, 0, 2, 1), units, out);
  default:
    return "its type is not one of the Arrow format";
  }
}

const char *arrow_type_index(const struct fb_table *type, char *out) {
  return type ? put_int(type, out) : put(out, "i");
}

enum arrow_layout arrow_type_layout(enum sluice_type_id id) {
  switch (id) {
  case SLUICE_TYPE_NULL:
    return ARROW_LAYOUT_NULL;
  case SLUICE_TYPE_BOOL:
    return ARROW_LAYOUT_BITS;
  case SLUICE_TYPE_UTF8:
  case SLUICE_TYPE_BINARY:
  case SLUICE_TYPE_LARGE_UTF8:
  case SLUICE_TYPE_LARGE_BINARY:
    return ARROW_LAYOUT_BYTES;
  case SLUICE_TYPE_UTF8_VIEW:
  case SLUICE_TYPE_BINARY_VIEW:
    return ARROW_LAYOUT_VIEW;
  case SLUICE_TYPE_LIST:
  case SLUICE_TYPE_LARGE_LIST:
  case SLUICE_TYPE_MAP:
    return ARROW_LAYOUT_LIST;
  case SLUICE_TYPE_LIST_VIEW:
  case SLUICE_TYPE_LARGE_LIST_VIEW:
    return ARROW_LAYOUT_LIST_VIEW;
  case SLUICE_TYPE_FIXED_LIST:
    return ARROW_LAYOUT_FIXED_LIST;
  case SLUICE_TYPE_STRUCT:
    return ARROW_LAYOUT_STRUCT;
  case SLUICE_TYPE_DENSE_UNION:
    return ARROW_LAYOUT_DENSE_UNION;
  case SLUICE_TYPE_SPARSE_UNION:
    return ARROW_LAYOUT_SPARSE_UNION;
  case SLUICE_TYPE_RUN_END:
    return ARROW_LAYOUT_RUN_END;
  default:
    return ARROW_LAYOUT_FIXED;
  }
}

int32_t arrow_type_width(const struct sluice_type *type) {
  switch (type->id) {
  case SLUICE_TYPE_LARGE_UTF8:
  case SLUICE_TYPE_LARGE_BINARY:
  case SLUICE_TYPE_LARGE_LIST:
  case SLUICE_TYPE_LARGE_LIST_VIEW:
    return 8;
  case SLUICE_TYPE_UTF8:
  case SLUICE_TYPE_BINARY:
  case SLUICE_TYPE_LIST:
  case SLUICE_TYPE_MAP:
  case SLUICE_TYPE_LIST_VIEW:
    return 4;
  case SLUICE_TYPE_UTF8_VIEW:
  case SLUICE_TYPE_BINARY_VIEW:
    return 16;
  default:
    return type->width;
  }
}
