/* The sections and properties that the shared files have, in memory. */
#include "identity/profiles_table.h"
#include <openssl/crypto.h>
#include <stdlib.h>

enum { SECTIONS_MAX = 2000, PROPERTIES_MAX = 500 };

static void wipe_free(char *text) {
  if (text)
    OPENSSL_cleanse(text, strlen(text));
  free(text);
}

struct section *table_find(const struct profiles *profiles, enum profiles_kind kind, const char *name) {
  for (size_t i = 0; i < profiles->count; i++)
    if (profiles->sections[i].kind == kind && strcmp(profiles->sections[i].name, name) == 0)
      return &profiles->sections[i];
  return NULL;
}

struct section *table_section(struct profiles *profiles, enum profiles_kind kind, const char *name) {
  struct section *found = table_find(profiles, kind, name);
  if (found || profiles->count == SECTIONS_MAX)
    return found;
  if (profiles->count == profiles->capacity) {
    size_t capacity = profiles->capacity ? 2 * profiles->capacity : 16;
    struct section *sections = realloc(profiles->sections, capacity * sizeof *sections);
    if (!sections)
      return NULL;
    profiles->sections = sections;
    profiles->capacity = capacity;
  }
  struct section made = {.kind = kind, .name = strdup(name)};
  if (!made.name)
    return NULL;
  profiles->sections[profiles->count] = made;
  return &profiles->sections[profiles->count++];
}

void table_clear(struct section *section) {
  for (size_t i = 0; i < section->count; i++) {
    free(section->properties[i].name);
    wipe_free(section->properties[i].value);
  }
  section->count = 0;
}

struct property *table_property(const struct section *section, const char *name) {
  for (size_t i = 0; i < section->count; i++)
    if (strcmp(section->properties[i].name, name) == 0)
      return &section->properties[i];
  return NULL;
}

static bool make_room(struct section *section) {
  if (section->count < section->capacity)
    return true;
  size_t capacity = section->capacity ? 2 * section->capacity : 8;
  struct property *properties = realloc(section->properties, capacity * sizeof *properties);
  if (!properties)
    return false;
  section->properties = properties;
  section->capacity = capacity;
  return true;
}

struct property *table_set(struct section *section, const char *name, const char *value) {
  struct property *found = table_property(section, name);
  char *copy = strdup(value);
  if (!copy)
    return NULL;
  if (found) {
    wipe_free(found->value);
    found->value = copy;
    return found;
  }
  char *own_name = section->count < PROPERTIES_MAX && make_room(section) ? strdup(name) : NULL;
  if (!own_name) {
    wipe_free(copy);
    return NULL;
  }
  section->properties[section->count] = (struct property){own_name, copy};
  return &section->properties[section->count++];
}

bool table_append(struct property *property, const char *line) {
  size_t have = strlen(property->value), n = strlen(line);
  char *longer = malloc(have + n + 2); /* both are parts of one file, which is bounded */
  if (!longer)
    return false;
  memcpy(longer, property->value, have);
  longer[have] = '\n';
  memcpy(longer + have + 1, line, n + 1);
  wipe_free(property->value);
  property->value = longer;
  return true;
}

void profiles_destroy(struct profiles *profiles) {
  if (!profiles)
    return;
  for (size_t i = 0; i < profiles->count; i++) {
    table_clear(&profiles->sections[i]);
    free(profiles->sections[i].properties);
    free(profiles->sections[i].name);
  }
  free(profiles->sections);
  free(profiles);
}
