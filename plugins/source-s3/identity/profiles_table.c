/* The sections and properties that the shared files have, in memory. */
#include "identity/profiles_table.h"
#include <openssl/crypto.h>
#include <stdlib.h>

enum { SECTIONS_MAX = 10000, PROPERTIES_MAX = 500 };

static void wipe_free(char *text) {
  if (text)
    OPENSSL_cleanse(text, strlen(text));
  free(text);
}

/* ---- sections ---- */

static int compare(const struct section *section, enum profiles_kind kind, const char *name) {
  if (section->kind != kind)
    return section->kind < kind ? -1 : 1;
  return strcmp(section->name, name);
}

/* Where it is, or would be put. */
static size_t place_of(const struct profiles *profiles, enum profiles_kind kind, const char *name) {
  size_t low = 0, high = profiles->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (compare(&profiles->sections[middle], kind, name) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static struct section *at_place(const struct profiles *profiles, size_t at, enum profiles_kind kind, const char *name) {
  bool found = at < profiles->count && compare(&profiles->sections[at], kind, name) == 0;
  return found ? &profiles->sections[at] : NULL;
}

struct section *table_find(const struct profiles *profiles, enum profiles_kind kind, const char *name) {
  return at_place(profiles, place_of(profiles, kind, name), kind, name);
}

static bool make_section_room(struct profiles *profiles) {
  if (profiles->count < profiles->capacity)
    return true;
  size_t capacity = profiles->capacity ? 2 * profiles->capacity : 16;
  struct section *sections = realloc(profiles->sections, capacity * sizeof *sections);
  if (!sections)
    return false;
  profiles->sections = sections;
  profiles->capacity = capacity;
  return true;
}

struct section *table_section(struct profiles *profiles, enum profiles_kind kind, const char *name) {
  size_t at = place_of(profiles, kind, name);
  struct section *found = at_place(profiles, at, kind, name);
  if (found || profiles->count == SECTIONS_MAX || !make_section_room(profiles))
    return found;
  struct section made = {.kind = kind, .name = strdup(name)};
  if (!made.name)
    return NULL;
  struct section *place = &profiles->sections[at];
  memmove(place + 1, place, (profiles->count - at) * sizeof *place);
  *place = made;
  profiles->count++;
  return place;
}

/* ---- properties ---- */

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

/* "" to begin with. */
static struct property *add_property(struct section *section, const char *name) {
  if (section->count == PROPERTIES_MAX || !make_room(section))
    return NULL;
  struct property made = {.name = strdup(name), .value = calloc(1, 1), .capacity = 1};
  if (!made.name || !made.value) {
    free(made.name);
    free(made.value);
    return NULL;
  }
  section->properties[section->count] = made;
  return &section->properties[section->count++];
}

/* The sizes are those of parts of one file, which is bounded. Not realloc: it would leave a secret behind. */
static bool add_text(struct property *property, const char *text, size_t n) {
  size_t need = property->size + n + 1, capacity = property->capacity;
#ifdef SLUICE_PLANTED_BUGS
  if (property->size)
    need--;
#endif
  if (need > capacity) {
    while (capacity < need)
      capacity *= 2;
    char *longer = malloc(capacity);
    if (!longer)
      return false;
    memcpy(longer, property->value, property->size);
    wipe_free(property->value);
    property->value = longer;
    property->capacity = capacity;
  }
  memcpy(property->value + property->size, text, n);
  property->size += n;
  property->value[property->size] = 0;
  return true;
}

struct property *table_set(struct section *section, const char *name, const char *value) {
  struct property *property = table_property(section, name);
  if (!property)
    property = add_property(section, name);
  if (!property)
    return NULL;
  OPENSSL_cleanse(property->value, property->size);
  property->size = 0;
  return add_text(property, value, strlen(value)) ? property : NULL;
}

bool table_append(struct property *property, const char *line) {
  return add_text(property, "\n", 1) && add_text(property, line, strlen(line));
}

/* ---- life ---- */

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
