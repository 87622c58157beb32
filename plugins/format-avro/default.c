/* Default values: from the JSON of a schema to Avro's binary encoding, so that they are read like any other value. */
#include "resolve.h"

struct encoding {
  struct sluice_buffer *out;
  int depth;
};

static bool encode(struct encoding *e, const json_t *value, const struct avro_type *type, int *code);

static bool put(struct encoding *e, const void *bytes, size_t n, int *code) {
  *code = sluice_buffer_append(e->out, bytes, n);
  return *code == SLUICE_OK;
}

static bool put_long(struct encoding *e, int64_t value, int *code) {
  uint64_t left = ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
  uint8_t bytes[10];
  size_t n = 0;
  for (; left >= 0x80; left >>= 7)
    bytes[n++] = (uint8_t)(left | 0x80);
  bytes[n++] = (uint8_t)left;
  return put(e, bytes, n, code);
}

/* Text of bytes: each character from 0 to 255 is a byte. */
static bool put_bytes(struct encoding *e, const json_t *value, const struct avro_type *type, int *code) {
  const uint8_t *text = (const uint8_t *)json_string_value(value);
  size_t size = json_string_length(value), n = 0;
  for (size_t i = 0; i < size; i++)
    n += (text[i] & 0xc0) != 0x80;
  if (type->kind == AVRO_FIXED && (int64_t)n != type->size)
    return false;
  if (type->kind == AVRO_BYTES && !put_long(e, (int64_t)n, code))
    return false;
  for (size_t i = 0; i < size; i++) {
    uint8_t byte = text[i];
    if (byte > 0xc3)
      return false;
    if (byte >= 0xc2 && i + 1 < size)
      byte = (uint8_t)(byte << 6 | (text[++i] & 0x3f));
    if (!put(e, &byte, 1, code))
      return false;
  }
  return true;
}

static bool put_text(struct encoding *e, const json_t *value, int *code) {
  return put_long(e, (int64_t)json_string_length(value), code) &&
         put(e, json_string_value(value), json_string_length(value), code);
}

static bool put_number(struct encoding *e, const json_t *value, const struct avro_type *type, int *code) {
  double number = json_number_value(value);
  float narrow = (float)number;
  return type->kind == AVRO_FLOAT ? put(e, &narrow, sizeof narrow, code) : put(e, &number, sizeof number, code);
}

static bool put_integer(struct encoding *e, const json_t *value, const struct avro_type *type, int *code) {
  int64_t number = json_integer_value(value);
  if (!json_is_integer(value) || (type->kind == AVRO_INT && (number < INT32_MIN || number > INT32_MAX)))
    return false;
  return put_long(e, number, code);
}

static bool put_symbol(struct encoding *e, const json_t *value, const struct avro_type *type, int *code) {
  const char *name = json_string_value(value);
  for (uint32_t i = 0; name && i < type->count; i++)
    if (strcmp(name, type->symbols[i]) == 0)
      return put_long(e, i, code);
  return false;
}

static bool put_record(struct encoding *e, const json_t *value, const struct avro_type *type, int *code) {
  for (uint32_t i = 0; i < type->count; i++) {
    const json_t *field = json_object_get(value, type->fields[i].name);
    if (!encode(e, field ? field : type->fields[i].fallback, type->fields[i].type, code))
      return false;
  }
  return json_is_object(value);
}

static bool put_array(struct encoding *e, const json_t *value, const struct avro_type *type, int *code) {
  size_t n = json_array_size(value);
  if (!json_is_array(value) || (n && !put_long(e, (int64_t)n, code)))
    return false;
  for (size_t i = 0; i < n; i++)
    if (!encode(e, json_array_get(value, i), type->types[0], code))
      return false;
  return put_long(e, 0, code);
}

static bool put_map(struct encoding *e, const json_t *value, const struct avro_type *type, int *code) {
  size_t n = json_object_size(value);
  if (!json_is_object(value) || (n && !put_long(e, (int64_t)n, code)))
    return false;
  json_t *object = (json_t *)value; /* jansson's iterators take no const, and change nothing */
  for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i)) {
    size_t size = strlen(json_object_iter_key(i));
    if (!put_long(e, (int64_t)size, code) || !put(e, json_object_iter_key(i), size, code) ||
        !encode(e, json_object_iter_value(i), type->types[0], code))
      return false;
  }
  return put_long(e, 0, code);
}

/* The first branch that takes the value. */
static bool put_union(struct encoding *e, const json_t *value, const struct avro_type *type, int *code) {
  size_t start = e->out->size;
  for (uint32_t i = 0; i < type->count && !*code; i++) {
    if (put_long(e, i, code) && encode(e, value, type->types[i], code))
      return true;
    e->out->size = start;
  }
  return false;
}

static bool encode_value(struct encoding *e, const json_t *value, const struct avro_type *type, int *code) {
  uint8_t flag = json_is_true(value);
  switch (type->kind) {
  case AVRO_NULL:
    return json_is_null(value);
  case AVRO_BOOLEAN:
    return json_is_boolean(value) && put(e, &flag, 1, code);
  case AVRO_INT:
  case AVRO_LONG:
    return put_integer(e, value, type, code);
  case AVRO_FLOAT:
  case AVRO_DOUBLE:
    return json_is_number(value) && put_number(e, value, type, code);
  case AVRO_BYTES:
  case AVRO_FIXED:
    return json_is_string(value) && put_bytes(e, value, type, code);
  case AVRO_STRING:
    return json_is_string(value) && put_text(e, value, code);
  case AVRO_ENUM:
    return put_symbol(e, value, type, code);
  case AVRO_RECORD:
    return put_record(e, value, type, code);
  case AVRO_ARRAY:
    return put_array(e, value, type, code);
  case AVRO_MAP:
    return put_map(e, value, type, code);
  case AVRO_UNION:
    return put_union(e, value, type, code);
  }
  return false;
}

static bool encode(struct encoding *e, const json_t *value, const struct avro_type *type, int *code) {
  if (!value || e->depth >= AVRO_MAX_DEPTH)
    return false;
  e->depth++;
  bool good = encode_value(e, value, type, code);
  e->depth--;
  return good;
}

int avro_default_encode(const json_t *value, const struct avro_type *type, struct sluice_buffer *out,
                        struct avro_resolving *r, const char *name) {
  struct encoding e = {out, 0};
  int code = SLUICE_OK;
  char what[200];
  if (encode(&e, value, type, &code))
    return SLUICE_OK;
  avro_type_describe(type, what, sizeof what);
  if (code)
    return sluice_fail(r->err, code, r->where, "no memory for the default of field \"%.100s\"", name);
  return sluice_fail(r->err, SLUICE_ERR_CONFIG, "reader_schema",
                     "the default of field \"%.100s\" in reader_schema is no %s; correct it", name, what);
}
