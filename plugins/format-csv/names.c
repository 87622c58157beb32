/* Names for columns: numbers blank ones, and sets equal ones apart, with a hash table of all names. */
#include "names.h"
#include <stdlib.h>

struct slot {
  const char *name;     /* NULL: free */
  uint32_t owner, next; /* the column that has the name; the suffix to try next */
};
struct table {
  struct slot *slots;
  size_t mask;
};

static int no_memory(struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for the names of the columns");
}

int csv_names_init(struct csv_names *names, uint32_t count, struct sluice_error *err) {
  *names = (struct csv_names){calloc(count ? count : 1, sizeof *names->items), count};
  return names->items ? SLUICE_OK : no_memory(err);
}

void csv_names_finish(struct csv_names *names) {
  for (uint32_t i = 0; names->items && i < names->count; i++)
    free(names->items[i]);
  free(names->items);
  *names = (struct csv_names){0};
}

static char *join(const char *a, const char *b) {
  size_t n = strlen(a), m = strlen(b), gap = n && m;
  char *both = malloc(n + m + 2);
  if (!both)
    return NULL;
  memcpy(both, a, n);
  memset(both + n, ' ', gap);
  memcpy(both + n + gap, b, m + 1);
  return both;
}

/* Cells of a name that goes over several columns are blank but for the first. */
static int spread(struct csv_names *names) {
  for (uint32_t i = 1; i < names->count; i++) {
    if (names->items[i][0])
      continue;
    char *copy = strdup(names->items[i - 1]);
    if (!copy)
      return SLUICE_ERR_MEMORY;
    free(names->items[i]);
    names->items[i] = copy;
  }
  return SLUICE_OK;
}

int csv_names_widen(struct csv_names *names, uint32_t count, struct sluice_error *err) {
  if (count <= names->count)
    return SLUICE_OK;
  char **items = realloc(names->items, count * sizeof *items);
  if (!items)
    return no_memory(err);
  names->items = items;
  for (; names->count < count; names->count++) {
    items[names->count] = strdup("");
    if (!items[names->count])
      return no_memory(err);
  }
  return SLUICE_OK;
}

static int add_row(struct csv_names *names, const struct csv_names *more, struct sluice_error *err) {
  int rc = csv_names_widen(names, more->count, err);
  for (uint32_t i = 0; rc == SLUICE_OK && i < more->count; i++) {
    char *both = join(names->items[i], more->items[i]);
    if (!both)
      return no_memory(err);
    free(names->items[i]);
    names->items[i] = both;
  }
  return rc;
}

int csv_names_join(struct csv_names *names, struct csv_names *more, bool last, struct sluice_error *err) {
  int rc = last || spread(more) == SLUICE_OK ? add_row(names, more, err) : no_memory(err);
  csv_names_finish(more);
  return rc;
}

static char *number(uint32_t i) {
  char text[16];
  snprintf(text, sizeof text, "%u", i);
  return strdup(text);
}

int csv_names_number(struct csv_names *names, uint32_t count, struct sluice_error *err) {
  int rc = csv_names_init(names, count, err);
  for (uint32_t i = 0; rc == SLUICE_OK && i < count; i++) {
    names->items[i] = number(i);
    if (!names->items[i])
      rc = no_memory(err);
  }
  if (rc)
    csv_names_finish(names);
  return rc;
}

static struct slot *find(const struct table *t, const char *name) {
  uint64_t hash = 14695981039346656037ull; /* FNV-1a */
  for (const char *p = name; *p; p++)
    hash = (hash ^ (uint8_t)*p) * 1099511628211ull;
  size_t i = (size_t)(hash ^ hash >> 32) & t->mask;
  while (t->slots[i].name && strcmp(t->slots[i].name, name) != 0)
    i = (i + 1) & t->mask;
  return &t->slots[i];
}

static void claim(const struct table *t, const char *name, uint32_t owner) {
  struct slot *slot = find(t, name);
  if (!slot->name)
    *slot = (struct slot){name, owner, 2};
}

/* Replaces name i by the first of name_2, name_3, ... that is free. */
static int rename_column(struct csv_names *names, const struct table *t, uint32_t i, struct sluice_error *err) {
  size_t size = strlen(names->items[i]) + 16;
  char *renamed = malloc(size);
  struct slot *slot = find(t, names->items[i]);
  if (!renamed)
    return no_memory(err);
  do {
    snprintf(renamed, size, "%s_%u", names->items[i], slot->next++);
  } while (find(t, renamed)->name);
  free(names->items[i]);
  names->items[i] = renamed;
  claim(t, renamed, i);
  return SLUICE_OK;
}

static int set_apart(struct csv_names *names, const struct table *t, struct sluice_error *err) {
  for (uint32_t i = 0; i < names->count; i++)
    claim(t, names->items[i], i);
  for (uint32_t i = 0; i < names->count; i++) {
    int rc = find(t, names->items[i])->owner == i ? SLUICE_OK : rename_column(names, t, i, err);
    if (rc)
      return rc;
  }
  return SLUICE_OK;
}

int csv_names_settle(struct csv_names *names, struct sluice_error *err) {
  struct table t = {NULL, 15};
  for (uint32_t i = 0; i < names->count; i++) {
    if (names->items[i][0])
      continue;
    free(names->items[i]);
    names->items[i] = number(i);
    if (!names->items[i])
      return no_memory(err);
  }
  while (t.mask < 2 * (size_t)names->count)
    t.mask = 2 * t.mask + 1;
  t.slots = calloc(t.mask + 1, sizeof *t.slots);
  if (!t.slots)
    return no_memory(err);
  int rc = set_apart(names, &t, err);
  free(t.slots);
  return rc;
}
