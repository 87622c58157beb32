/* The registry: all components of all plugin folders, loaded when they are first asked for. */
#include "core/load/registry.h"
#include "core/base/nearest.h"
#include "core/base/text.h"
#include "core/load/component.h"
#include "core/load/folders.h"
#include "core/load/note.h"
#include "core/log/log.h"
#include <stdlib.h>

enum { SLOT_LIMIT = 4096 };

struct registry {
  struct names folders, refusals;
  struct library **libraries;
  struct slot **slots; /* by kind, then name */
  size_t library_count, slot_count;
};

/* A refusal that cannot be kept is at least in the log. */
static void refuse(struct registry *registry, const char *path, const char *why) {
  struct text line = {0};
  if (text_printf(&line, "%s: refused: %s", path, why) == SLUICE_OK) {
    log_write(SLUICE_WARN, NULL, "plugin %s", line.data);
    (void)names_add(&registry->refusals, line.data);
  }
  text_finish(&line);
}

static void library_destroy(struct library *library) {
  if (!library)
    return;
  free(library->path);
  free(library->refusal);
  free(library);
}

void registry_destroy(struct registry *registry) {
  if (!registry)
    return;
  for (size_t i = 0; i < registry->slot_count; i++)
    free(registry->slots[i]);
  for (size_t i = 0; i < registry->library_count; i++)
    library_destroy(registry->libraries[i]);
  free(registry->slots);
  free(registry->libraries);
  names_finish(&registry->folders);
  names_finish(&registry->refusals);
  free(registry);
}

/* ---- finding files ---- */

static int append(void ***items, size_t *count, void *item) {
  void **moved = *count < SLOT_LIMIT ? realloc(*items, (*count + 1) * sizeof *moved) : NULL;
  if (!moved)
    return SLUICE_ERR_MEMORY;
  *items = moved;
  moved[(*count)++] = item;
  return SLUICE_OK;
}

static int append_library(struct registry *registry, struct library *library) {
  void **items = (void **)registry->libraries;
  int status = append(&items, &registry->library_count, library);
  registry->libraries = (struct library **)items;
  return status;
}

static int append_slot(struct registry *registry, struct slot *slot) {
  void **items = (void **)registry->slots;
  int status = append(&items, &registry->slot_count, slot);
  registry->slots = (struct slot **)items;
  return status;
}

static struct slot *find_exact(const struct registry *registry, const char *full_name) {
  for (size_t i = 0; i < registry->slot_count; i++)
    if (strcmp(registry->slots[i]->full_name, full_name) == 0)
      return registry->slots[i];
  return NULL;
}

static bool is_same_folder(const char *a, const char *b) {
  size_t n = (size_t)(strrchr(a, '/') - a), m = (size_t)(strrchr(b, '/') - b);
  return n == m && memcmp(a, b, n) == 0;
}

static int add_slot(struct registry *registry, const struct slot *from, struct library *library) {
  const struct slot *first = find_exact(registry, from->full_name);
  if (first && !is_same_folder(first->library->path, library->path)) {
    log_write(SLUICE_DEBUG, NULL, "plugin %s: %s is taken from %s", library->path, from->full_name,
              first->library->path);
    return SLUICE_OK;
  }
  struct slot *slot = malloc(sizeof *slot);
  if (!slot)
    return SLUICE_ERR_MEMORY;
  *slot = *from;
  slot->library = library;
  struct registry_entry *entry = &slot->component.entry;
  *entry = (struct registry_entry){entry->kind,   slot->name,    slot->full_name,
                                   slot->version, library->path, library->note.abi_minor};
  int status = append_slot(registry, slot);
  if (status != SLUICE_OK)
    free(slot);
  return status;
}

static int add_library(struct registry *registry, const char *path, const struct sluice_note *note,
                       const struct slot *slots, size_t count) {
  struct library *library = calloc(1, sizeof *library);
  if (library)
    library->path = strdup(path);
  if (!library || !library->path || append_library(registry, library) != SLUICE_OK) {
    library_destroy(library);
    return SLUICE_ERR_MEMORY;
  }
  library->note = *note;
  int status = SLUICE_OK;
  for (size_t i = 0; i < count && status == SLUICE_OK; i++)
    status = add_slot(registry, &slots[i], library);
  return status;
}

static int scan_file(struct registry *registry, const char *path) {
  struct sluice_note note;
  struct slot slots[COMPONENT_LIMIT];
  struct sluice_error why = {0};
  size_t count = 0;
  memset(slots, 0, sizeof slots);
  int status = note_read(path, &note, &why);
  if (status == SLUICE_OK)
    status = parse_components(&note, slots, &count, &why);
  if (status == SLUICE_OK)
    return add_library(registry, path, &note, slots, count);
  refuse(registry, path, why.message);
  return status == SLUICE_ERR_MEMORY ? status : SLUICE_OK;
}

static int scan_folder(struct registry *registry, const char *folder) {
  struct names files = {0};
  struct sluice_error why = {0};
  int status = note_check_folder(folder, &why);
  if (status == SLUICE_OK)
    status = folders_list(folder, &files, &why);
  if (status != SLUICE_OK)
    refuse(registry, folder, why.message);
  status = status == SLUICE_ERR_MEMORY ? status : SLUICE_OK;
  for (size_t i = 0; i < files.count && status == SLUICE_OK; i++)
    status = scan_file(registry, files.items[i]);
  names_finish(&files);
  return status;
}

static int by_kind_and_name(const void *a, const void *b) {
  const struct slot *x = *(struct slot *const *)a, *y = *(struct slot *const *)b;
  int kinds = (x->component.entry.kind > y->component.entry.kind) - (x->component.entry.kind < y->component.entry.kind);
  return kinds ? kinds : strcmp(x->name, y->name);
}

int registry_create(const char *const *dirs, size_t n, struct registry **out, struct sluice_error *err) {
  struct registry *registry = calloc(1, sizeof *registry);
  if (!registry)
    return sluice_fail(err, SLUICE_ERR_MEMORY, NULL, "no memory for the plugins");
  int status = folders_find(dirs, n, &registry->folders, err);
  for (size_t i = 0; i < registry->folders.count && status == SLUICE_OK; i++)
    status = scan_folder(registry, registry->folders.items[i]);
  if (status != SLUICE_OK) {
    registry_destroy(registry);
    return sluice_fail(err, status, NULL, "no memory for the plugins");
  }
  if (registry->slot_count)
    qsort(registry->slots, registry->slot_count, sizeof *registry->slots, by_kind_and_name);
  *out = registry;
  return SLUICE_OK;
}

/* ---- listing ---- */

size_t registry_count(const struct registry *registry) {
  return registry->slot_count;
}
const struct registry_entry *registry_at(const struct registry *registry, size_t i) {
  return &registry->slots[i]->component.entry;
}
size_t registry_refusal_count(const struct registry *registry) {
  return registry->refusals.count;
}
const char *registry_refusal(const struct registry *registry, size_t i) {
  return registry->refusals.items[i];
}
size_t registry_dir_count(const struct registry *registry) {
  return registry->folders.count;
}
const char *registry_dir(const struct registry *registry, size_t i) {
  return registry->folders.items[i];
}

/* ---- finding and loading ---- */

static bool matches(const struct slot *slot, enum sluice_kind kind, const char *name) {
  if (kind && slot->component.entry.kind != kind)
    return false;
  return strcmp(slot->name, name) == 0 || strcmp(slot->full_name, name) == 0;
}

/* A library is refused once; what it said then is the answer to every later question. */
static int load(struct registry *registry, struct slot *slot, struct sluice_error *err) {
  struct sluice_error why = {0};
  int status = slot_take(slot, &why);
  if (status == SLUICE_OK)
    return status;
  if (!slot->library->refusal) {
    slot->library->refusal = strdup(why.message);
    refuse(registry, slot->library->path, why.message);
  }
  return sluice_fail(err, status, slot->full_name, "plugin %s: refused: %s", slot->library->path, why.message);
}

static int fail_ambiguous(const struct registry *registry, enum sluice_kind kind, const char *name,
                          struct sluice_error *err) {
  struct text list = {0};
  for (size_t i = 0; i < registry->slot_count; i++) {
    const struct slot *slot = registry->slots[i];
    if (!matches(slot, kind, name))
      continue;
    if (text_printf(&list, "%s%s (%s)", list.size ? ", " : "", slot->full_name, slot->library->path) != SLUICE_OK)
      break;
  }
  int status = sluice_fail(err, SLUICE_ERR_CONFIG, name, "there are several plugins called '%s': use one of %s", name,
                           text_get(&list));
  text_finish(&list);
  return status;
}

/* A refused file of that name is most likely the one that was meant. */
static const char *related_refusal(const struct registry *registry, const char *name) {
  for (size_t i = 0; i < registry->refusals.count; i++) {
    const char *line = registry->refusals.items[i], *at = strstr(line, name);
    if (at && strncmp(at + strlen(name), ".so:", 4) == 0)
      return line;
  }
  return NULL;
}

static const char *nearest_slot(const struct registry *registry, enum sluice_kind kind, const char *name,
                                struct text *known) {
  const char **names = calloc(registry->slot_count + 1, sizeof *names);
  size_t n = 0;
  for (size_t i = 0; names && i < registry->slot_count; i++) {
    const struct slot *slot = registry->slots[i];
    if (kind && slot->component.entry.kind != kind)
      continue;
    names[n++] = kind ? slot->name : slot->full_name;
    if (text_printf(known, "%s%s", n > 1 ? ", " : "", names[n - 1]) != SLUICE_OK)
      break;
  }
  const char *nearest = names ? nearest_name(name, names, n) : NULL;
  free(names);
  return nearest;
}

static int fail_unknown(const struct registry *registry, enum sluice_kind kind, const char *name,
                        struct sluice_error *err) {
  const char *what = kind ? kind_name(kind) : "plugin", *refusal = related_refusal(registry, name);
  if (refusal)
    return sluice_fail(err, SLUICE_ERR_CONFIG, name, "there is no %s '%s': %s", what, name, refusal);
  struct text known = {0};
  const char *nearest = nearest_slot(registry, kind, name, &known);
  int status = sluice_fail(err, SLUICE_ERR_CONFIG, name,
                           "there is no %s '%s'%s%s%s; there are: %s (`sluice plugins` shows where from)", what, name,
                           nearest ? ": did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "",
                           known.size ? known.data : "none");
  text_finish(&known);
  return status;
}

int registry_find(struct registry *registry, enum sluice_kind kind, const char *name,
                  const struct registry_component **out, struct sluice_error *err) {
  struct slot *found = NULL;
  for (size_t i = 0; i < registry->slot_count; i++) {
    if (!matches(registry->slots[i], kind, name))
      continue;
    if (found)
      return fail_ambiguous(registry, kind, name, err);
    found = registry->slots[i];
  }
  if (!found)
    return fail_unknown(registry, kind, name, err);
  int status = load(registry, found, err);
  if (status == SLUICE_OK)
    *out = &found->component;
  return status;
}

int registry_each(struct registry *registry, enum sluice_kind kind, registry_each_fn *each, void *context) {
  int status = SLUICE_OK;
  for (size_t i = 0; i < registry->slot_count && status == SLUICE_OK; i++) {
    struct slot *slot = registry->slots[i];
    if (slot->component.entry.kind != kind || slot->library->refusal)
      continue;
    if (load(registry, slot, NULL) == SLUICE_OK)
      status = each(context, &slot->component);
  }
  return status;
}

struct scheme_search {
  const char *scheme;
  const struct registry_component *found;
  struct text known;
};

static int look_at_schemes(void *context, const struct registry_component *component) {
  struct scheme_search *search = context;
  const char *const *names = component->base.names;
  for (size_t i = 0; names && names[i] && !search->found; i++) {
    (void)text_printf(&search->known, "%s%s://", search->known.size ? ", " : "",
                      names[i]); /* a shorter list still serves */
    if (strcasecmp(names[i], search->scheme) == 0)
      search->found = component;
  }
  return SLUICE_OK;
}

int registry_source_for_scheme(struct registry *registry, const char *scheme, const struct registry_component **out,
                               struct sluice_error *err) {
  struct scheme_search search = {scheme, NULL, {0}};
  int status = registry_each(registry, SLUICE_SOURCE, look_at_schemes, &search);
  if (status == SLUICE_OK && search.found)
    *out = search.found;
  else if (status == SLUICE_OK)
    status = sluice_fail(err, SLUICE_ERR_CONFIG, scheme, "no plugin reads %s:// addresses; these can be read: %s",
                         scheme, search.known.size ? search.known.data : "none");
  text_finish(&search.known);
  return status;
}

const void *registry_extension(const struct registry_component *component, const char *id) {
  return component->base.extension ? component->base.extension(id) : NULL;
}
