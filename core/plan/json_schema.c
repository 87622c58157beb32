/* Arrow types to JSON Schema. */
#include "core/plan/json_schema.h"

enum { DEPTH_MAX = 64 };

static json_t *schema_of(const struct ArrowSchema *field, int depth);

/* A member is set only where there is one; NULL ends it all. */
static json_t *with(json_t *schema, const char *name, json_t *value) {
  if (schema && value && json_object_set_new_nocheck(schema, name, value) == 0)
    return schema;
  if (!schema)
    json_decref(value);
  json_decref(schema);
  return NULL;
}

static json_t *of_type(const char *type) {
  return json_pack("{s:s}", "type", type);
}

static json_t *text_of(const char *name, const char *value) {
  return with(of_type("string"), name, json_string(value));
}

static json_t *items_of(const struct ArrowSchema *field, const struct sluice_type *type, int depth) {
  json_t *array = with(of_type("array"), "items", schema_of(field->children[0], depth + 1));
  if (type->id != SLUICE_TYPE_FIXED_LIST)
    return array;
  array = with(array, "minItems", json_integer(type->width));
  return with(array, "maxItems", json_integer(type->width));
}

static json_t *properties_of(const struct ArrowSchema *field, int depth) {
  json_t *properties = json_object();
  for (int64_t i = 0; properties && i < field->n_children; i++) {
    const struct ArrowSchema *child = field->children[i];
    json_t *value = schema_of(child, depth + 1);
    if (!value || json_object_set_new(properties, child->name, value) != 0) {
      json_decref(properties);
      return NULL;
    }
  }
  return with(of_type("object"), "properties", properties);
}

/* Text keys make an object; others a list of pairs. */
static json_t *map_of(const struct ArrowSchema *field, int depth) {
  const struct ArrowSchema *entries = field->children[0], *key = entries->children[0];
  struct sluice_type type;
  bool text = sluice_type_parse((key->dictionary ? key->dictionary : key)->format, &type, NULL) == SLUICE_OK &&
              (type.id == SLUICE_TYPE_UTF8 || type.id == SLUICE_TYPE_LARGE_UTF8 || type.id == SLUICE_TYPE_UTF8_VIEW);
  if (text)
    return with(of_type("object"), "additionalProperties", schema_of(entries->children[1], depth + 1));
  json_t *pair = with(json_object(), "key", schema_of(key, depth + 1));
  pair = with(of_type("object"), "properties", with(pair, "value", schema_of(entries->children[1], depth + 1)));
  return with(of_type("array"), "items", pair);
}

static json_t *union_of(const struct ArrowSchema *field, int depth) {
  json_t *any = json_array();
  for (int64_t i = 0; any && i < field->n_children; i++)
    if (json_array_append_new(any, schema_of(field->children[i], depth + 1)) != 0) {
      json_decref(any);
      return NULL;
    }
  return with(json_object(), "anyOf", any);
}

static json_t *nested_of(const struct ArrowSchema *field, const struct sluice_type *type, int depth) {
  switch (type->id) {
  case SLUICE_TYPE_STRUCT:
    return properties_of(field, depth);
  case SLUICE_TYPE_MAP:
    return map_of(field, depth);
  case SLUICE_TYPE_DENSE_UNION:
  case SLUICE_TYPE_SPARSE_UNION:
    return union_of(field, depth);
  case SLUICE_TYPE_RUN_END:
    return schema_of(field->children[1], depth + 1);
  default:
    return items_of(field, type, depth);
  }
}

static bool is_unsigned(enum sluice_type_id id) {
  return id >= SLUICE_TYPE_UINT8 && id <= SLUICE_TYPE_UINT64;
}

static json_t *scalar_of(const struct sluice_type *type) {
  if (type->id >= SLUICE_TYPE_INT8 && type->id <= SLUICE_TYPE_UINT64)
    return is_unsigned(type->id) ? with(of_type("integer"), "minimum", json_integer(0)) : of_type("integer");
  if (type->id >= SLUICE_TYPE_HALF && type->id <= SLUICE_TYPE_DECIMAL256)
    return of_type("number");
  if (type->id >= SLUICE_TYPE_BINARY && type->id <= SLUICE_TYPE_FIXED_BINARY)
    return text_of("contentEncoding", "base64");
  switch (type->id) {
  case SLUICE_TYPE_NULL:
    return of_type("null");
  case SLUICE_TYPE_BOOL:
    return of_type("boolean");
  case SLUICE_TYPE_DATE32:
  case SLUICE_TYPE_DATE64:
    return text_of("format", "date");
  case SLUICE_TYPE_TIMESTAMP:
    return text_of("format", "date-time");
  case SLUICE_TYPE_TIME32:
  case SLUICE_TYPE_TIME64:
    return text_of("format", "time");
  case SLUICE_TYPE_DURATION:
    return text_of("format", "duration");
  default:
    return of_type("string");
  }
}

/* Another type, where the value may be null: "string" becomes ["string", "null"]. */
static json_t *or_null(json_t *schema) {
  const char *type = json_string_value(json_object_get(schema, "type"));
  if (!schema)
    return NULL;
  if (!type)
    return with(json_object(), "anyOf", json_pack("[o, {s:s}]", schema, "type", "null"));
  if (strcmp(type, "null") == 0)
    return schema;
  json_t *both = json_pack("[s, s]", type, "null");
  return with(schema, "type", both);
}

static json_t *schema_of(const struct ArrowSchema *field, int depth) {
  const struct ArrowSchema *value = field->dictionary ? field->dictionary : field;
  struct sluice_type type;
  if (depth > DEPTH_MAX || !value->format[0] || sluice_type_parse(value->format, &type, NULL) != SLUICE_OK)
    return json_object();                                                   /* anything */
  bool real = type.id >= SLUICE_TYPE_HALF && type.id <= SLUICE_TYPE_DOUBLE; /* NaN is null in JSON */
  json_t *schema =
      value->n_children > 0 || type.id == SLUICE_TYPE_STRUCT ? nested_of(value, &type, depth) : scalar_of(&type);
  return (field->flags & ARROW_FLAG_NULLABLE) || real ? or_null(schema) : schema;
}

json_t *json_schema_of(const struct ArrowSchema *record) {
  json_t *schema = json_pack("{s:s, s:s}", "$schema", "https://json-schema.org/draft/2020-12/schema", "type", "object");
  json_t *object = properties_of(record, 0);
  json_t *properties = object ? json_incref(json_object_get(object, "properties")) : NULL;
  json_decref(object);
  return with(schema, "properties", properties);
}
