/* Keys and values of the JSON form. */
#include "json.h"
#include "nearest.h"
#include <ctype.h>

bool key_snake(const char *name, char out[KEY_MAX]) {
  size_t n = 0;
  bool camel = !strchr(name, '_');
  for (; *name; name++) {
    bool upper = camel && *name >= 'A' && *name <= 'Z';
    if (n + 3 > KEY_MAX)
      return false;
    if (upper)
      out[n++] = '_';
    out[n++] = upper ? (char)tolower((unsigned char)*name) : *name;
  }
  out[n] = 0;
  return true;
}

static void to_camel(const char *name, char out[KEY_MAX]) {
  size_t n = 0;
  for (; *name && n + 1 < KEY_MAX; name++) {
    bool up = *name == '_' && name[1];
    name += up;
    out[n++] = up ? (char)toupper((unsigned char)*name) : *name;
  }
  out[n] = 0;
}

const char *json_name(struct faults *faults, const char *where, const json_t *value) {
  const char *text = json_string_value(value);
  if (!text)
    faults_add(faults, "Invalid_Schema: %s must be a text, the name of a column", where);
  else if (!text[0])
    faults_add(faults, "Invalid_Column_Name_Empty_String: %s names no column; name one, or remove the entry", where);
  return text && text[0] ? text : NULL;
}

int key_find(struct faults *faults, const char *where, const char *key, const void *names, size_t n, size_t stride) {
  char snake[KEY_MAX], camel[KEY_MAX];
  struct nearest nearest = {.wanted = snake};
  bool short_enough = key_snake(key, snake);
  for (size_t i = 0; i < n && short_enough; i++) {
    const char *name = *(const char *const *)((const char *)names + i * stride);
    if (strcmp(name, snake) == 0)
      return (int)i;
    nearest_try(&nearest, name);
  }
  if (nearest.best && !strchr(key, '_') && strcmp(key, snake) != 0)
    to_camel(nearest.best, camel);
  else
    snprintf(camel, sizeof camel, "%s", nearest.best ? nearest.best : "");
  faults_add(faults, "Invalid_Schema: %sthere is no '%.80s'%s%s%s", where, key, camel[0] ? "; did you mean '" : "",
             camel, camel[0] ? "'?" : "; see the plugin's README for the keys");
  return -1;
}
