/* The value of a column in a record that is JSON. */
#include "core/plan/value.h"
#include <jansson.h>
#include <string.h>

/* Of the first name of a path that the record has, and what stands behind it; NULL: it has none. */
static const json_t *step(const json_t *record, const char **path) {
  const json_t *found = NULL;
  for (const char *dot = strchr(*path, '.'); dot && !found; dot = strchr(dot + 1, '.')) {
    found = json_object_getn(record, *path, (size_t)(dot - *path));
    if (found)
      *path = dot + 1;
  }
  return found;
}

/* A member, or a field of a record in it as in "o.a". */
static const json_t *member(const json_t *record, const char *path) {
  const json_t *found = json_object_get(record, path);
  while (record && !found) {
    record = step(record, &path);
    found = json_object_get(record, path);
  }
  return found;
}

char *value_in_record(const char *record, size_t n, const char *column) {
  json_t *whole = n && column ? json_loadb(record, n, 0, NULL) : NULL;
  const json_t *value = whole ? member(whole, column) : NULL;
  char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
  json_decref(whole);
  return text;
}
