/* The tree of a configuration: making, finding, naming places. */
#include "core/config/value.h"
#include "core/base/text.h"
#include <stdlib.h>

static char *copy_text(const char *text) {
  return strdup(text ? text : "");
}

struct config_value *config_value_create(enum config_kind kind, const char *name, const char *file, int line) {
  struct config_value *value = calloc(1, sizeof *value);
  if (!value)
    return NULL;
  value->kind = kind;
  value->line = line;
  value->file = copy_text(file);
  value->name = name ? copy_text(name) : NULL;
  if (!value->file || (name && !value->name)) {
    config_value_destroy(value);
    return NULL;
  }
  return value;
}

void config_value_destroy(struct config_value *value) {
  if (!value)
    return;
  for (size_t i = 0; i < value->count; i++)
    config_value_destroy(value->items[i]);
  free(value->items);
  free(value->name);
  free(value->text);
  free(value->file);
  free(value);
}

int config_value_add(struct config_value *parent, struct config_value *child) {
  if (parent->count == parent->capacity) {
    size_t capacity = parent->capacity ? parent->capacity * 2 : 8, bytes;
    if (!multiply_sizes(capacity, sizeof *parent->items, &bytes))
      return SLUICE_ERR_MEMORY;
    struct config_value **items = realloc(parent->items, bytes);
    if (!items)
      return SLUICE_ERR_MEMORY;
    parent->items = items;
    parent->capacity = capacity;
  }
  parent->items[parent->count++] = child;
  child->parent = parent;
  return SLUICE_OK;
}

static int escape_dollars(const char *literal, struct text *out) {
  int status = text_add(out, "");
  for (; *literal && status == SLUICE_OK; literal++)
    status = *literal == '$' ? text_add(out, "$$") : text_append(out, literal, 1);
  return status;
}

int config_value_add_text(struct config_value *group, const char *name, const char *literal) {
  struct text escaped = {0};
  struct config_value *child = config_value_create(CONFIG_TEXT, name, "", 0);
  if (!child || escape_dollars(literal, &escaped) != SLUICE_OK) {
    text_finish(&escaped);
    config_value_destroy(child);
    return SLUICE_ERR_MEMORY;
  }
  child->text = escaped.data;
  int status = config_value_add(group, child);
  if (status != SLUICE_OK)
    config_value_destroy(child);
  return status;
}

const struct config_value *config_value_find(const struct config_value *group, const char *name) {
  if (!group || group->kind != CONFIG_GROUP)
    return NULL;
  for (size_t i = 0; i < group->count; i++)
    if (strcmp(group->items[i]->name, name) == 0)
      return group->items[i];
  return NULL;
}

const char *config_value_member(const struct config_value *group, const char *name) {
  const struct config_value *value = config_value_find(group, name);
  return value && value->kind == CONFIG_TEXT ? value->text : NULL;
}

const char *config_kind_name(enum config_kind kind) {
  static const char *const names[] = {"a group { ... }", "a list ( ... )",  "an array [ ... ]", "a text",
                                      "a whole number",  "a broken number", "true or false"};
  return names[kind];
}

static size_t index_of(const struct config_value *parent, const struct config_value *child) {
  size_t i = 0;
  while (i < parent->count && parent->items[i] != child)
    i++;
  return i;
}

/* What does not fit is cut: a path serves people only. */
static size_t print_path(const struct config_value *value, char *out, size_t size) {
  if (!value->parent)
    return 0;
  size_t used = print_path(value->parent, out, size);
  int n = value->name ? snprintf(out + used, size - used, "%s%s", used ? "." : "", value->name)
                      : snprintf(out + used, size - used, "[%zu]", index_of(value->parent, value));
  used += n > 0 ? (size_t)n : 0;
  return used < size ? used : size - 1;
}

void config_value_path(const struct config_value *value, const char *member, char *out, size_t size) {
  out[0] = 0;
  size_t used = print_path(value, out, size);
  if (member)
    snprintf(out + used, size - used, "%s%s", used ? "." : "", member);
}

void config_value_where(const struct config_value *value, const char *member, char *out, size_t size) {
  char path[160];
  config_value_path(value, member, path, sizeof path);
  if (value->line)
    snprintf(out, size, "%s%s(%s:%d)", path, *path ? " " : "", value->file, value->line);
  else
    snprintf(out, size, "%s", path);
}

int config_value_fail(const struct config_value *value, struct sluice_error *err, int code, const char *format, ...) {
  char where[sizeof err->where];
  va_list args;
  config_value_where(value, NULL, where, sizeof where);
  va_start(args, format);
  sluice_vfail(err, code, where, format, args);
  va_end(args);
  return code;
}

static int copy_items(const struct config_value *value, struct config_value *copy) {
  for (size_t i = 0; i < value->count; i++) {
    struct config_value *item;
    int status = config_value_copy(value->items[i], &item);
    if (status != SLUICE_OK)
      return status;
    status = config_value_add(copy, item);
    if (status != SLUICE_OK) {
      config_value_destroy(item);
      return status;
    }
  }
  return SLUICE_OK;
}

int config_value_copy(const struct config_value *value, struct config_value **out) {
  struct config_value *copy = config_value_create(value->kind, value->name, value->file, value->line);
  if (!copy)
    return SLUICE_ERR_MEMORY;
  copy->integer = value->integer;
  copy->number = value->number;
  copy->text = value->text ? copy_text(value->text) : NULL;
  int status = value->text && !copy->text ? SLUICE_ERR_MEMORY : copy_items(value, copy);
  if (status != SLUICE_OK) {
    config_value_destroy(copy);
    return status;
  }
  *out = copy;
  return SLUICE_OK;
}
