/* Names of types: full, short, and the namespace in between; how they and annotations are told. */
#include "names.h"
#include <stdlib.h>

static const char *const kinds[] = {"null",   "boolean", "int",  "long",  "float", "double", "bytes",
                                    "string", "record",  "enum", "array", "map",   "union",  "fixed"};
static const char *const logicals[] = {NULL,
                                       "decimal",
                                       "big-decimal",
                                       "uuid",
                                       "date",
                                       "time-millis",
                                       "time-micros",
                                       "timestamp-millis",
                                       "timestamp-micros",
                                       "timestamp-nanos",
                                       "local-timestamp-millis",
                                       "local-timestamp-micros",
                                       "local-timestamp-nanos",
                                       "duration"};

const char *avro_kind_name(enum avro_kind kind) {
  return kinds[kind];
}
const char *avro_logical_name(enum avro_logical logical) {
  return logicals[logical];
}

const char *avro_short_name(const char *name) {
  const char *dot = strrchr(name, '.');
  return dot ? dot + 1 : name;
}

char *avro_full_name(const char *name, const char *space) {
  if (strchr(name, '.') || !space || !space[0])
    return strdup(name[0] == '.' ? name + 1 : name);
  size_t n = strlen(space), m = strlen(name);
  char *full = malloc(n + m + 2);
  if (!full)
    return NULL;
  memcpy(full, space, n);
  full[n] = '.';
  memcpy(full + n + 1, name, m + 1);
  return full;
}

char *avro_name_space(const char *name) {
  return strndup(name, (size_t)(avro_short_name(name) - name) ? (size_t)(avro_short_name(name) - name) - 1 : 0);
}

/* An alias is relative to the namespace of the name that it stands for. */
static bool alias_is(const char *alias, const char *reader, const char *writer) {
  size_t space = (size_t)(avro_short_name(reader) - reader);
  if (strchr(alias, '.') || space == 0)
    return strcmp(alias, writer) == 0 || strcmp(alias, avro_short_name(writer)) == 0;
  return (strncmp(reader, writer, space) == 0 && strcmp(alias, writer + space) == 0) ||
         strcmp(alias, avro_short_name(writer)) == 0;
}

bool avro_names_match(const struct avro_type *writer, const struct avro_type *reader) {
  const char *written = avro_short_name(writer->name), *read = avro_short_name(reader->name);
  if (!written[0] || !read[0] || strcmp(written, read) == 0)
    return true;
  for (size_t i = 0; i < json_array_size(reader->aliases); i++) {
    const char *alias = json_string_value(json_array_get(reader->aliases, i));
    if (alias && alias_is(alias, reader->name, writer->name))
      return true;
  }
  return false;
}

void avro_type_describe(const struct avro_type *type, char *out, size_t size) {
  const char *logical = logicals[type->logical];
  if (type->logical == AVRO_DECIMAL)
    snprintf(out, size, "decimal(%d, %d)", type->precision, type->scale);
  else if (logical)
    snprintf(out, size, "%s", logical);
  else if (type->name && type->name[0])
    snprintf(out, size, "%s %.150s", kinds[type->kind], type->name);
  else
    snprintf(out, size, "%s", kinds[type->kind]);
}
