/* Option tables as JSON Schema. */
#include "core/base/quantity.h"
#include "core/load/table.h"

static json_t *table_schema(const struct sluice_options *table);

static json_t *choice_schema(const struct sluice_option *option) {
  json_t *names = json_array();
  for (size_t i = 0; names && option->choices[i]; i++)
    json_array_append_new(names, json_string(option->choices[i]));
  return json_pack("{s:s, s:o*}", "type", "string", "enum", names);
}

static json_t *number_schema(const struct sluice_option *option) {
  json_t *schema = json_pack("{s:s}", "type", option->kind == SLUICE_OPTION_INT ? "integer" : "number");
  if (schema && (option->min || option->max)) {
    json_object_set_new(schema, "minimum", json_integer(option->min));
    json_object_set_new(schema, "maximum", json_integer(option->max));
  }
  return schema;
}

static json_t *kind_schema(const struct sluice_option *option) {
  switch (option->kind) {
  case SLUICE_OPTION_INT:
  case SLUICE_OPTION_DOUBLE:
    return number_schema(option);
  case SLUICE_OPTION_BOOL:
    return json_pack("{s:s}", "type", "boolean");
  case SLUICE_OPTION_SIZE:
    return json_pack("{s:[s,s], s:s}", "type", "string", "integer", "pattern", "^[0-9.]+ *([kKMGT]?B|[kKMGT]iB)?$");
  case SLUICE_OPTION_DURATION:
    return json_pack("{s:s, s:s}", "type", "string", "pattern", "^[0-9.]+ *(ms|s|m|h|d)$");
  case SLUICE_OPTION_CHOICE:
    return choice_schema(option);
  case SLUICE_OPTION_SECRET:
    return json_pack("{s:s, s:b}", "type", "string", "writeOnly", 1);
  case SLUICE_OPTION_LIST:
    return json_pack("{s:s, s:{s:s}}", "type", "array", "items", "type", "string");
  case SLUICE_OPTION_MAP:
    return json_pack("{s:s, s:{s:s}}", "type", "object", "additionalProperties", "type", "string");
  case SLUICE_OPTION_GROUP:
    return table_schema(option->group);
  case SLUICE_OPTION_GROUPS:
    return json_pack("{s:s, s:o}", "type", "array", "items", table_schema(option->group));
  default:
    return json_pack("{s:s}", "type", "string");
  }
}

static json_t *default_value(const struct sluice_option *option) {
  int64_t number;
  double real;
  if (option->kind == SLUICE_OPTION_INT && quantity_int(option->default_text, &number))
    return json_integer(number);
  if (option->kind == SLUICE_OPTION_DOUBLE && quantity_double(option->default_text, &real))
    return json_real(real);
  if (option->kind == SLUICE_OPTION_BOOL)
    return json_boolean(strcmp(option->default_text, "true") == 0);
  return json_string(option->default_text);
}

static json_t *option_schema(const struct sluice_option *option) {
  json_t *schema = kind_schema(option);
  if (!schema)
    return NULL;
  if (option->help)
    json_object_set_new(schema, "description", json_string(option->help));
  if (option->default_text && option->kind != SLUICE_OPTION_LIST && option->kind != SLUICE_OPTION_MAP)
    json_object_set_new(schema, "default", default_value(option));
  return schema;
}

static json_t *table_schema(const struct sluice_options *table) {
  json_t *properties = json_object(), *required = json_array();
  for (size_t i = 0; properties && required && i < table_count(table); i++) {
    struct sluice_option option;
    table_read(table, i, &option);
    json_object_set_new(properties, option.name,
                        option_schema(&option)); /* a NULL value is refused, and nothing is added */
    if (option.flags & SLUICE_OPTION_REQUIRED)
      json_array_append_new(required, json_string(option.name));
  }
  return json_pack("{s:s, s:o, s:o, s:b}", "type", "object", "properties", properties, "required", required,
                   "additionalProperties", 0);
}

int options_json_schema(const struct sluice_options *table, json_t **out, struct sluice_error *err) {
  int status = options_check(table, err);
  if (status != SLUICE_OK)
    return status;
  json_t *schema = table_schema(table);
  if (!schema)
    return sluice_fail(err, SLUICE_ERR_MEMORY, NULL, "no memory for the schema");
  json_object_set_new(schema, "$schema", json_string("https://json-schema.org/draft/2020-12/schema"));
  *out = schema;
  return SLUICE_OK;
}
