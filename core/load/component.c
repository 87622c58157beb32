/* Loading plugins: what they say must fit their note, and what the host needs must be there, before anything is called.
 */
#include "core/load/component.h"
#include "core/load/options.h"
#include "core/load/table.h"
#include <dlfcn.h>
#include <link.h>

struct slot_name { /* a function that a kind must have */
  const char *name;
  size_t offset;
};
#define REQUIRED(type, member)                                                                                         \
  { #member, offsetof(struct sluice_##type, member) }
static const struct slot_name source_slots[] = {REQUIRED(source, open),      REQUIRED(source, close),
                                                REQUIRED(source, list),      REQUIRED(source, next_part),
                                                REQUIRED(source, open_part), {NULL, 0}};
static const struct slot_name format_slots[] = {
    REQUIRED(format, open), REQUIRED(format, close), REQUIRED(format, probe), REQUIRED(format, decode), {NULL, 0}};
static const struct slot_name transform_slots[] = {REQUIRED(transform, open),  REQUIRED(transform, close),
                                                   REQUIRED(transform, bind),  REQUIRED(transform, unbind),
                                                   REQUIRED(transform, apply), {NULL, 0}};
static const struct slot_name sink_slots[] = {
    REQUIRED(sink, open), REQUIRED(sink, close), REQUIRED(sink, writer), {NULL, 0}};

struct kind { /* size: in the host's header; least: of contract 1.0 */
  const char *name;
  const struct slot_name *slots;
  size_t size, least;
};
static const struct kind kinds[] = {
    {"none", NULL, 0, 0},
    {"source", source_slots, sizeof(struct sluice_source), TABLE_END(sluice_source, settle)},
    {"format", format_slots, sizeof(struct sluice_format), TABLE_END(sluice_format, decode)},
    {"transform", transform_slots, sizeof(struct sluice_transform), TABLE_END(sluice_transform, apply)},
    {"sink", sink_slots, sizeof(struct sluice_sink), TABLE_END(sluice_sink, writer)},
};
enum { KIND_COUNT = sizeof kinds / sizeof kinds[0] };

const char *kind_name(enum sluice_kind kind) {
  return (size_t)kind < KIND_COUNT ? kinds[kind].name : "component";
}

/* ---- the note's text ---- */

static int broken_text(struct sluice_error *err) {
  return sluice_fail(
      err, SLUICE_ERR_CONFIG, NULL,
      "the text of its note is not \"KIND NAME VERSION\", a line each: use SLUICE_PLUGIN of <sluice/sdk.h>");
}

static bool is_plain(const char *text) {
  static const char letters[] = "-_.+~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  return *text && text[strspn(text, letters)] == 0;
}

static enum sluice_kind find_kind(const char *name) {
  for (size_t i = 1; i < KIND_COUNT; i++)
    if (strcmp(kinds[i].name, name) == 0)
      return (enum sluice_kind)i;
  return 0;
}

static int parse_line(const char *line, struct slot *slot, struct sluice_error *err) {
  char kind[16];
  int end = 0;
  if (sscanf(line, "%15s %47s %47s%n", kind, slot->name, slot->version, &end) != 3 || line[end])
    return broken_text(err);
  slot->component.entry.kind = find_kind(kind);
  if (!slot->component.entry.kind || !is_plain(slot->name) || !is_plain(slot->version))
    return broken_text(err);
  snprintf(slot->full_name, sizeof slot->full_name, "%s-%s", kind, slot->name);
  return SLUICE_OK;
}

int parse_components(const struct sluice_note *note, struct slot *slots, size_t *count, struct sluice_error *err) {
  char text[sizeof note->text];
  uint32_t seen = 0;
  char *rest = text;
  *count = 0;
  memcpy(text, note->text, sizeof text); /* note_read has seen its NUL */
  for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
    if (!*line && !rest)
      break;
    if (*count == COMPONENT_LIMIT)
      return broken_text(err);
    int status = parse_line(line, &slots[*count], err);
    if (status != SLUICE_OK)
      return status;
    slots[*count].index = *count;
    seen |= UINT32_C(1) << slots[*count].component.entry.kind;
    ++*count;
  }
  if (*count == 0 || seen != note->kinds)
    return broken_text(err);
  return SLUICE_OK;
}

/* ---- the loaded file ---- */

__attribute__((format(printf, 2, 3))) static int refuse(struct sluice_error *err, const char *format, ...) {
  va_list args;
  va_start(args, format);
  int status = sluice_vfail(err, SLUICE_ERR_CONFIG, NULL, format, args);
  va_end(args);
  return status;
}

/* A symbol that is a function, or too small, is none that the SDK wrote. */
static bool is_object(const void *address, size_t least) {
  Dl_info info;
  void *extra = NULL;
  if (!dladdr1(address, &info, &extra, RTLD_DL_SYMENT) || !extra)
    return false;
  const ElfW(Sym) *symbol = extra;
  return (symbol->st_info & 15) == STT_OBJECT && symbol->st_size >= least;
}

static int check_plugin(const struct sluice_plugin *plugin, struct sluice_error *err) {
  if (!is_object(plugin, TABLE_END(sluice_plugin, components)) ||
      plugin->struct_size < TABLE_END(sluice_plugin, components))
    return refuse(err, "its symbol sluice_plugin_v1 is too small or no data: use SLUICE_PLUGIN of <sluice/sdk.h>");
  if (plugin->abi_major != SLUICE_ABI_MAJOR)
    return refuse(err, "it was built for plugin contract %u, this sluice has %d: build it with this version's SDK",
                  plugin->abi_major, SLUICE_ABI_MAJOR);
  if (!plugin->components)
    return refuse(err, "it has no components: use SLUICE_PLUGIN of <sluice/sdk.h>");
  return SLUICE_OK;
}

static bool is_missing(const void *component, size_t offset) {
  void (*function)(void);
  memcpy(&function, (const char *)component + offset, sizeof function);
  return !function;
}

static int check_base(const struct slot *slot, const struct sluice_base *base, struct sluice_error *err) {
  const char *name = slot->full_name;
  if (!base || base->struct_size < TABLE_END(sluice_base, extension))
    return refuse(err, "%s: its base is missing or too small: use the Sluice SDK", name);
  if (!base->name || !base->version || !base->help)
    return refuse(err, "%s: its name, version or help is missing", name);
  if (base->kind != slot->component.entry.kind || strcmp(base->name, slot->name) != 0 ||
      strcmp(base->version, slot->version) != 0)
    return refuse(err, "%s %s: its base says %s %.40s %.40s: make the note and the base agree", name, slot->version,
                  kind_name((enum sluice_kind)base->kind), base->name, base->version);
  struct sluice_error why = {0};
  if (options_check(base->options, &why) != SLUICE_OK)
    return refuse(err, "%s: %s (%s)", name, why.message, why.where);
  return SLUICE_OK;
}

static int check_component(const struct slot *slot, const struct sluice_component *component,
                           const struct sluice_note *note, struct sluice_error *err) {
  const struct kind *kind = &kinds[slot->component.entry.kind];
  if (!component)
    return refuse(err, "%s: it is in the note, but not in the plugin", slot->full_name);
  if (component->struct_size < kind->least || component->struct_size != note->sizes[slot->component.entry.kind - 1])
    return refuse(err, "%s: its struct_size is %u, its note says %u, the least is %zu: use sizeof(struct sluice_%s)",
                  slot->full_name, component->struct_size, note->sizes[slot->component.entry.kind - 1], kind->least,
                  kind->name);
  for (const struct slot_name *function = kind->slots; function->name; function++)
    if (is_missing(component, function->offset))
      return refuse(err, "%s: required function `%s` is missing", slot->full_name, function->name);
  return check_base(slot, component->base, err);
}

static int check_components(const struct library *library, const struct sluice_plugin *plugin,
                            struct sluice_error *err) {
  struct slot slots[COMPONENT_LIMIT];
  size_t count = 0;
  memset(slots, 0, sizeof slots);
  int status = parse_components(&library->note, slots, &count, err);
  if (status == SLUICE_OK && plugin->count != count)
    return refuse(err, "it has %u components, its note %zu: make them agree", plugin->count, count);
  for (size_t i = 0; i < count && status == SLUICE_OK; i++)
    status = check_component(&slots[i], plugin->components[i], &library->note, err);
  return status;
}

int library_load(struct library *library, struct sluice_error *err) {
  if (library->plugin)
    return SLUICE_OK;
  if (library->refusal)
    return refuse(err, "%s", library->refusal);
  void *handle = dlopen(library->path, RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char *why = dlerror();
    return refuse(err, "it cannot be loaded: %s", why ? why : "no reason given");
  }
  const struct sluice_plugin *plugin = dlsym(handle, "sluice_plugin_v1");
  if (!plugin)
    return refuse(err, "it does not export the symbol sluice_plugin_v1: use SLUICE_PLUGIN of <sluice/sdk.h>");
  int status = check_plugin(plugin, err);
  if (status == SLUICE_OK)
    status = check_components(library, plugin, err);
  if (status == SLUICE_OK)
    library->plugin = plugin;
  return status; /* never dlclose: code of a library may be in use by threads it made */
}

static void copy_grown(void *out, size_t size, const void *from, uint32_t from_size) {
  memset(out, 0, size);
  memcpy(out, from, from_size < size ? from_size : size);
  uint32_t own = (uint32_t)size; /* every member is there now, if only as zero */
  memcpy(out, &own, sizeof own);
}

int slot_take(struct slot *slot, struct sluice_error *err) {
  if (slot->loaded)
    return SLUICE_OK;
  int status = library_load(slot->library, err);
  if (status != SLUICE_OK)
    return status;
  struct registry_component *component = &slot->component;
  const struct sluice_component *theirs = slot->library->plugin->components[slot->index];
  copy_grown(&component->base, sizeof component->base, theirs->base, theirs->base->struct_size);
  copy_grown(&component->source, kinds[component->entry.kind].size, theirs, theirs->struct_size);
  const struct sluice_base *base = &component->base;
  memcpy((char *)&component->source + offsetof(struct sluice_component, base), &base, sizeof base);
  slot->loaded = true;
  return SLUICE_OK;
}
