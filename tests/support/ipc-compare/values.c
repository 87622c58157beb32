/* Values as text: null, numbers, 'text', x'bytes', [items], {fields}, code:value of unions. No memory ends the program.
 */
#include "values.h"
#include <math.h>
#include <stdlib.h>

static void put(struct sluice_buffer *out, const void *bytes, size_t n) {
  if (sluice_buffer_append(out, bytes, n) == SLUICE_OK)
    return;
  fputs("no memory for a value\n", stderr);
  abort();
}

void put_text(struct sluice_buffer *out, const char *text) {
  put(out, text, strlen(text));
}

void put_format(struct sluice_buffer *out, const char *format, ...) {
  char text[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  put_text(out, text);
}

void put_hex(struct sluice_buffer *out, const void *bytes, size_t n) {
  const uint8_t *p = bytes;
  put_text(out, "x'");
  for (size_t i = 0; i < n; i++)
    put_format(out, "%02X", p[i]);
  put_text(out, "'");
}

/* By its bits, but all that are not a number are one. */
void put_float(struct sluice_buffer *out, double value, int bytes) {
  if (isnan(value))
    put_text(out, "nan");
  else
    put_format(out, "%.*g%s", bytes == 8 ? 17 : 9, value, value == 0 && signbit(value) ? "(negative)" : "");
}

void put_wide(struct sluice_buffer *out, const void *little_endian, int32_t bytes) {
  char text[SLUICE_TEXT_MAX];
  put(out, text, sluice_print_decimal(text, little_endian, bytes, 0));
}

/* ---- schemas ---- */

static int32_t take_int(const char **at) {
  int32_t value;
  memcpy(&value, *at, sizeof value);
  *at += sizeof value;
  return value;
}

struct pair {
  const char *key, *value;
  int32_t key_size, value_size;
};

static int by_text(const void *a, const void *b) {
  const struct pair *x = a, *y = b;
  int32_t n = x->key_size < y->key_size ? x->key_size : y->key_size;
  int order = memcmp(x->key, y->key, (size_t)n);
  if (order || x->key_size != y->key_size)
    return order ? order : x->key_size - y->key_size;
  n = x->value_size < y->value_size ? x->value_size : y->value_size;
  order = memcmp(x->value, y->value, (size_t)n);
  return order ? order : x->value_size - y->value_size;
}

/* In the order of the keys: theirs means nothing. */
static void put_metadata(struct sluice_buffer *out, const char *at) {
  int32_t n = at ? take_int(&at) : 0;
  struct pair *pairs = calloc((size_t)n + 1, sizeof *pairs);
  if (!pairs)
    abort();
  for (int32_t i = 0; i < n; i++) {
    pairs[i].key_size = take_int(&at);
    pairs[i].key = at;
    at += pairs[i].key_size;
    pairs[i].value_size = take_int(&at);
    pairs[i].value = at;
    at += pairs[i].value_size;
  }
  qsort(pairs, (size_t)n, sizeof *pairs, by_text);
  for (int32_t i = 0; i < n; i++) {
    put_text(out, " @");
    put(out, pairs[i].key, (size_t)pairs[i].key_size);
    put_text(out, "=");
    put(out, pairs[i].value, (size_t)pairs[i].value_size);
  }
  free(pairs);
}

static void put_field(struct sluice_buffer *out, const struct ArrowSchema *schema, int flags, int depth) {
  put_format(out, "%*s%s: %s", depth * 2, "", schema->name ? schema->name : "", schema->format);
  if (schema->flags & ARROW_FLAG_MAP_KEYS_SORTED)
    put_text(out, " sorted");
  if (schema->flags & ARROW_FLAG_DICTIONARY_ORDERED)
    put_text(out, " ordered");
  if ((flags & VALUES_NULLABILITY) && !(schema->flags & ARROW_FLAG_NULLABLE))
    put_text(out, " not null");
  if (flags & VALUES_METADATA)
    put_metadata(out, schema->metadata);
  put_text(out, "\n");
  for (int64_t i = 0; i < schema->n_children; i++)
    put_field(out, schema->children[i], flags, depth + 1);
  if (schema->dictionary) {
    put_format(out, "%*sof\n", depth * 2, "");
    put_field(out, schema->dictionary, flags & ~VALUES_NULLABILITY, depth + 1); /* its own says nothing */
  }
}

void put_schema(struct sluice_buffer *out, const struct ArrowSchema *schema, int flags) {
  if (flags & VALUES_METADATA)
    put_metadata(out, schema->metadata);
  for (int64_t i = 0; i < schema->n_children; i++)
    put_field(out, schema->children[i], flags, 0);
}

/* ---- values ---- */

static int64_t signed_at(const void *data, int32_t width, int64_t i) {
  switch (width) {
  case 1:
    return ((const int8_t *)data)[i];
  case 2:
    return ((const int16_t *)data)[i];
  case 4:
    return ((const int32_t *)data)[i];
  default:
    return ((const int64_t *)data)[i];
  }
}

static uint64_t unsigned_at(const void *data, int32_t width, int64_t i) {
  uint64_t value = (uint64_t)signed_at(data, width, i);
  return width == 8 ? value : value & ((UINT64_C(1) << (8 * width)) - 1);
}

static double half_at(const void *data, int64_t i) {
  uint16_t bits = ((const uint16_t *)data)[i];
  int exponent = bits >> 10 & 31, fraction = bits & 1023;
  double value = exponent == 31 ? (fraction ? NAN : INFINITY)
                 : exponent     ? ldexp(1024 + fraction, exponent - 25)
                                : ldexp(fraction, -24);
  return bits & 0x8000 ? -value : value;
}

static void put_bytes(struct sluice_buffer *out, bool text, const uint8_t *data, int64_t n) {
  if (!text) {
    put_hex(out, data, (size_t)n);
    return;
  }
  put_text(out, "'");
  put(out, data, (size_t)n);
  put_text(out, "'");
}

static void put_view(struct sluice_buffer *out, bool text, const struct ArrowArray *a, int64_t at) {
  const uint8_t *view = (const uint8_t *)a->buffers[1] + 16 * at;
  int32_t parts[4];
  memcpy(parts, view, sizeof parts);
  const uint8_t *data = parts[0] <= 12 ? view + 4 : (const uint8_t *)a->buffers[2 + parts[2]] + parts[3];
  put_bytes(out, text, data, parts[0]);
}

static void put_span(struct sluice_buffer *out, const struct sluice_type *type, const struct ArrowArray *a,
                     int64_t at) {
  bool text = type->id == SLUICE_TYPE_UTF8 || type->id == SLUICE_TYPE_LARGE_UTF8;
  int32_t width = type->id == SLUICE_TYPE_LARGE_UTF8 || type->id == SLUICE_TYPE_LARGE_BINARY ? 8 : 4;
  int64_t start = signed_at(a->buffers[1], width, at), end = signed_at(a->buffers[1], width, at + 1);
  put_bytes(out, text, end > start ? (const uint8_t *)a->buffers[2] + start : NULL, end - start);
}

static void put_items(struct sluice_buffer *out, const struct ArrowSchema *schema, const struct ArrowArray *a,
                      int64_t start, int64_t end) {
  put_text(out, "[");
  for (int64_t i = start; i < end; i++) {
    put_text(out, i > start ? ", " : "");
    put_value(out, schema->children[0], a->children[0], i);
  }
  put_text(out, "]");
}

static void put_list(struct sluice_buffer *out, const struct ArrowSchema *schema, const struct sluice_type *type,
                     const struct ArrowArray *a, int64_t at) {
  int64_t start, end;
  bool large = type->id == SLUICE_TYPE_LARGE_LIST || type->id == SLUICE_TYPE_LARGE_LIST_VIEW;
  int32_t width = large ? 8 : 4;
  if (type->id == SLUICE_TYPE_FIXED_LIST) {
    start = at * type->width;
    end = start + type->width;
  } else if (type->id == SLUICE_TYPE_LIST_VIEW || type->id == SLUICE_TYPE_LARGE_LIST_VIEW) {
    start = signed_at(a->buffers[1], width, at);
    end = start + signed_at(a->buffers[2], width, at);
  } else {
    start = signed_at(a->buffers[1], width, at);
    end = signed_at(a->buffers[1], width, at + 1);
  }
  put_items(out, schema, a, start, end);
}

static void put_struct(struct sluice_buffer *out, const struct ArrowSchema *schema, const struct ArrowArray *a,
                       int64_t at) {
  put_text(out, "{");
  for (int64_t i = 0; i < a->n_children; i++) {
    put_text(out, i ? ", " : "");
    put_value(out, schema->children[i], a->children[i], at);
  }
  put_text(out, "}");
}

static void put_union(struct sluice_buffer *out, const struct ArrowSchema *schema, const struct ArrowArray *a,
                      int64_t at) {
  int8_t code = ((const int8_t *)a->buffers[0])[at];
  const char *codes = schema->format + 4;
  bool dense = schema->format[2] == 'd';
  int64_t child = 0;
  while (strtol(codes, NULL, 10) != code) {
    codes = strchr(codes, ',') + 1;
    child++;
  }
  put_format(out, "%d:", code);
  put_value(out, schema->children[child], a->children[child], dense ? ((const int32_t *)a->buffers[1])[at] : at);
}

static void put_run(struct sluice_buffer *out, const struct ArrowSchema *schema, const struct ArrowArray *a,
                    int64_t at) {
  const struct ArrowArray *ends = a->children[0];
  int32_t width = schema->children[0]->format[0] == 's' ? 2 : schema->children[0]->format[0] == 'i' ? 4 : 8;
  int64_t low = 0, high = ends->length - 1;
  while (low < high) {
    int64_t middle = (low + high) / 2;
    if (signed_at(ends->buffers[1], width, ends->offset + middle) > at)
      high = middle;
    else
      low = middle + 1;
  }
  put_value(out, schema->children[1], a->children[1], low);
}

static void put_interval(struct sluice_buffer *out, const struct sluice_type *type, const struct ArrowArray *a,
                         int64_t at) {
  int32_t parts[4];
  int64_t nanos;
  memcpy(parts, (const uint8_t *)a->buffers[1] + at * type->width, (size_t)type->width);
  if (type->id == SLUICE_TYPE_INTERVAL_DAY_TIME) {
    put_format(out, "%dd %dms", parts[0], parts[1]);
    return;
  }
  memcpy(&nanos, &parts[2], sizeof nanos);
  put_format(out, "%dm %dd %lldns", parts[0], parts[1], (long long)nanos);
}

static void put_plain(struct sluice_buffer *out, const struct ArrowSchema *schema, const struct sluice_type *type,
                      const struct ArrowArray *a, int64_t at) {
  const uint8_t *data = a->n_buffers > 1 ? a->buffers[1] : NULL;
  switch (type->id) {
  case SLUICE_TYPE_NULL:
    put_text(out, "null");
    break;
  case SLUICE_TYPE_BOOL:
    put_text(out, sluice_bit(data, at) ? "true" : "false");
    break;
  case SLUICE_TYPE_UINT8:
  case SLUICE_TYPE_UINT16:
  case SLUICE_TYPE_UINT32:
  case SLUICE_TYPE_UINT64:
    put_format(out, "%llu", (unsigned long long)unsigned_at(data, type->width, at));
    break;
  case SLUICE_TYPE_HALF:
    put_float(out, half_at(data, at), 4);
    break;
  case SLUICE_TYPE_FLOAT:
    put_float(out, (double)((const float *)(const void *)data)[at], 4);
    break;
  case SLUICE_TYPE_DOUBLE:
    put_float(out, ((const double *)(const void *)data)[at], 8);
    break;
  case SLUICE_TYPE_DECIMAL32:
  case SLUICE_TYPE_DECIMAL64:
  case SLUICE_TYPE_DECIMAL128:
  case SLUICE_TYPE_DECIMAL256:
    put_wide(out, data + at * type->width, type->width);
    break;
  case SLUICE_TYPE_FIXED_BINARY:
    put_hex(out, data + at * type->width, (size_t)type->width);
    break;
  case SLUICE_TYPE_UTF8_VIEW:
  case SLUICE_TYPE_BINARY_VIEW:
    put_view(out, type->id == SLUICE_TYPE_UTF8_VIEW, a, at);
    break;
  case SLUICE_TYPE_UTF8:
  case SLUICE_TYPE_LARGE_UTF8:
  case SLUICE_TYPE_BINARY:
  case SLUICE_TYPE_LARGE_BINARY:
    put_span(out, type, a, at);
    break;
  case SLUICE_TYPE_INTERVAL_DAY_TIME:
  case SLUICE_TYPE_INTERVAL_MONTH_DAY_NANO:
    put_interval(out, type, a, at);
    break;
  case SLUICE_TYPE_STRUCT:
    put_struct(out, schema, a, at);
    break;
  case SLUICE_TYPE_DENSE_UNION:
  case SLUICE_TYPE_SPARSE_UNION:
    put_union(out, schema, a, at);
    break;
  case SLUICE_TYPE_RUN_END:
    put_run(out, schema, a, at);
    break;
  case SLUICE_TYPE_LIST:
  case SLUICE_TYPE_LARGE_LIST:
  case SLUICE_TYPE_LIST_VIEW:
  case SLUICE_TYPE_LARGE_LIST_VIEW:
  case SLUICE_TYPE_FIXED_LIST:
  case SLUICE_TYPE_MAP:
    put_list(out, schema, type, a, at);
    break;
  default:
    put_format(out, "%lld", (long long)signed_at(data, type->width, at));
  }
}

void put_value(struct sluice_buffer *out, const struct ArrowSchema *schema, const struct ArrowArray *array, int64_t i) {
  struct sluice_type type;
  if (sluice_type_parse(schema->format, &type, NULL) != SLUICE_OK) {
    put_text(out, "?");
    return;
  }
  int64_t at = array->offset + i;
  bool bitmap = array->n_buffers > 0 && strncmp(schema->format, "+u", 2) != 0 && array->buffers[0];
  if (bitmap && !sluice_bit(array->buffers[0], at)) {
    put_text(out, "null");
    return;
  }
  if (!schema->dictionary) {
    put_plain(out, schema, &type, array, at);
    return;
  }
  bool is_signed = type.id <= SLUICE_TYPE_INT64;
  int64_t index = is_signed ? signed_at(array->buffers[1], type.width, at)
                            : (int64_t)unsigned_at(array->buffers[1], type.width, at);
  put_value(out, schema->dictionary, array->dictionary, index);
}
