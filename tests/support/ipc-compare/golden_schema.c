/* The types of integration JSON, by their names. */
#include "golden_schema.h"

static const char *text(const json_t *object, const char *name) {
  const char *value = json_string_value(json_object_get(object, name));
  return value ? value : "";
}

static long long number(const json_t *object, const char *name) {
  return (long long)json_integer_value(json_object_get(object, name));
}

static char unit(const json_t *type) {
  static const char *const names[] = {"SECOND", "MILLISECOND", "MICROSECOND", "NANOSECOND"};
  for (int i = 0; i < 4; i++)
    if (strcmp(text(type, "unit"), names[i]) == 0)
      return "smun"[i];
  return '?';
}

static const char *int_format(const json_t *type) {
  long long bits = number(type, "bitWidth");
  int i = bits == 8 ? 0 : bits == 16 ? 1 : bits == 32 ? 2 : 3;
  static const char *const formats[] = {"c", "s", "i", "l", "C", "S", "I", "L"};
  return formats[i + (json_is_true(json_object_get(type, "isSigned")) ? 0 : 4)];
}

static void union_format(const json_t *type, char *out, size_t size) {
  size_t at = (size_t)snprintf(out, size, "+u%c:", strcmp(text(type, "mode"), "DENSE") == 0 ? 'd' : 's');
  const json_t *ids = json_object_get(type, "typeIds");
  for (size_t i = 0; i < json_array_size(ids) && at < size; i++)
    at += (size_t)snprintf(out + at, size - at, "%s%lld", i ? "," : "",
                           (long long)json_integer_value(json_array_get(ids, i)));
}

static void decimal_format(const json_t *type, char *out, size_t size) {
  long long bits = json_object_get(type, "bitWidth") ? number(type, "bitWidth") : 128;
  snprintf(out, size, "d:%lld,%lld,%lld", number(type, "precision"), number(type, "scale"), bits);
  if (bits == 128)
    *strrchr(out, ',') = 0;
}

static const char *plain_format(const char *name) {
  static const char *const pairs[][2] = {
      {"null", "n"},    {"bool", "b"},        {"utf8", "u"},       {"largeutf8", "U"},
      {"binary", "z"},  {"largebinary", "Z"}, {"utf8view", "vu"},  {"binaryview", "vz"},
      {"list", "+l"},   {"largelist", "+L"},  {"listview", "+vl"}, {"largelistview", "+vL"},
      {"struct", "+s"}, {"struct_", "+s"},    {"map", "+m"},       {"runendencoded", "+r"},
  };
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
    if (strcmp(pairs[i][0], name) == 0)
      return pairs[i][1];
  return NULL;
}

static void type_format(const json_t *type, char *out, size_t size) {
  const char *name = text(type, "name"), *plain = plain_format(name);
  const char *u = text(type, "unit"), *precision = text(type, "precision");
  if (plain)
    snprintf(out, size, "%s", plain);
  else if (strcmp(name, "int") == 0)
    snprintf(out, size, "%s", int_format(type));
  else if (strcmp(name, "floatingpoint") == 0)
    snprintf(out, size, "%s", precision[0] == 'H' ? "e" : precision[0] == 'S' ? "f" : "g");
  else if (strcmp(name, "decimal") == 0)
    decimal_format(type, out, size);
  else if (strcmp(name, "date") == 0)
    snprintf(out, size, "td%c", u[0] == 'D' ? 'D' : 'm');
  else if (strcmp(name, "time") == 0)
    snprintf(out, size, "tt%c", unit(type));
  else if (strcmp(name, "timestamp") == 0)
    snprintf(out, size, "ts%c:%s", unit(type), text(type, "timezone"));
  else if (strcmp(name, "duration") == 0)
    snprintf(out, size, "tD%c", unit(type));
  else if (strcmp(name, "interval") == 0)
    snprintf(out, size, "ti%c", u[0] == 'Y' ? 'M' : u[0] == 'D' ? 'D' : 'n');
  else if (strcmp(name, "fixedsizebinary") == 0)
    snprintf(out, size, "w:%lld", number(type, "byteWidth"));
  else if (strcmp(name, "fixedsizelist") == 0)
    snprintf(out, size, "+w:%lld", number(type, "listSize"));
  else if (strcmp(name, "union") == 0)
    union_format(type, out, size);
  else
    snprintf(out, size, "?%s", name);
}

static int set_metadata(const json_t *list, struct ArrowSchema *schema) {
  struct sluice_buffer out = {0};
  int32_t n = (int32_t)json_array_size(list);
  int rc = n ? sluice_buffer_append(&out, &n, sizeof n) : SLUICE_OK;
  for (int32_t i = 0; rc == SLUICE_OK && i < 2 * n; i++) {
    const json_t *pair = json_array_get(list, (size_t)i / 2);
    const char *value = text(pair, i % 2 ? "value" : "key");
    int32_t size = (int32_t)strlen(value);
    rc = sluice_buffer_append(&out, &size, sizeof size);
    if (rc == SLUICE_OK)
      rc = sluice_buffer_append(&out, value, (size_t)size);
  }
  if (rc == SLUICE_OK && n)
    rc = sluice_schema_set_metadata(schema, (const char *)out.data);
  sluice_buffer_free(&out);
  return rc;
}

static int make_field(const json_t *field, struct ArrowSchema *out);

static int make_children(const json_t *list, const char *format, const char *name, int64_t flags,
                         struct ArrowSchema *out) {
  size_t n = json_array_size(list);
  int rc = sluice_schema_nested(out, format, name, flags, (int64_t)n);
  for (size_t i = 0; rc == SLUICE_OK && i < n; i++)
    rc = make_field(json_array_get(list, i), out->children[i]);
  return rc;
}

static int make_dictionary(const json_t *field, const json_t *dictionary, const char *format, int64_t flags,
                           struct ArrowSchema *out) {
  struct ArrowSchema values = {0};
  if (json_is_true(json_object_get(dictionary, "isOrdered")))
    flags |= ARROW_FLAG_DICTIONARY_ORDERED;
  int rc = sluice_schema_init(out, int_format(json_object_get(dictionary, "indexType")), text(field, "name"), flags);
  if (rc == SLUICE_OK)
    rc = make_children(json_object_get(field, "children"), format, "", ARROW_FLAG_NULLABLE, &values);
  if (rc == SLUICE_OK)
    rc = sluice_schema_set_dictionary(out, &values);
  sluice_schema_release(&values);
  return rc;
}

static int make_field(const json_t *field, struct ArrowSchema *out) {
  char format[640];
  const json_t *type = json_object_get(field, "type"), *dictionary = json_object_get(field, "dictionary");
  int64_t flags = json_is_true(json_object_get(field, "nullable")) ? ARROW_FLAG_NULLABLE : 0;
  type_format(type, format, sizeof format);
  if (json_is_true(json_object_get(type, "keysSorted")))
    flags |= ARROW_FLAG_MAP_KEYS_SORTED;
  int rc = json_is_object(dictionary)
               ? make_dictionary(field, dictionary, format, flags, out)
               : make_children(json_object_get(field, "children"), format, text(field, "name"), flags, out);
  return rc ? rc : set_metadata(json_object_get(field, "metadata"), out);
}

int golden_schema(const json_t *schema, struct ArrowSchema *out) {
  int rc = make_children(json_object_get(schema, "fields"), "+s", "", 0, out);
  return rc ? rc : set_metadata(json_object_get(schema, "metadata"), out);
}
