/* The hash of a subtree: by what it says, not by where or in which order it is written. */
#include "core/base/hash.h"
#include "core/base/text.h"
#include "core/config/config.h"
#include "core/config/value.h"
#include <inttypes.h>
#include <stdlib.h>

static int by_name(const void *a, const void *b) {
  const struct config_value *const *x = a, *const *y = b;
  return strcmp((*x)->name, (*y)->name);
}

static int print_value(const struct config_value *value, struct text *out);

static int print_items(const struct config_value *const *items, size_t count, struct text *out) {
  int status = SLUICE_OK;
  for (size_t i = 0; i < count && status == SLUICE_OK; i++)
    status = print_value(items[i], out);
  return status;
}

static int print_group(const struct config_value *value, struct text *out) {
  if (value->count == 0)
    return SLUICE_OK;
  const struct config_value **sorted = calloc(value->count, sizeof *sorted);
  if (!sorted)
    return SLUICE_ERR_MEMORY;
  for (size_t i = 0; i < value->count; i++)
    sorted[i] = value->items[i];
  qsort(sorted, value->count, sizeof *sorted, by_name);
  int status = print_items(sorted, value->count, out);
  free(sorted);
  return status;
}

static int print_content(const struct config_value *value, struct text *out) {
  switch (value->kind) {
  case CONFIG_GROUP:
    return print_group(value, out);
  case CONFIG_LIST:
  case CONFIG_ARRAY:
    return print_items((const struct config_value *const *)value->items, value->count, out);
  case CONFIG_TEXT:
    return text_printf(out, "%zu:%s", strlen(value->text), value->text);
  case CONFIG_FLOAT:
    return text_printf(out, "%.17g", value->number);
  case CONFIG_INT:
  case CONFIG_BOOL:
    break;
  }
  return text_printf(out, "%" PRId64, value->integer);
}

/* Kind, name with its length, content, end: no two different trees print alike. */
static int print_value(const struct config_value *value, struct text *out) {
  const char *name = value->name ? value->name : "";
  int status = text_printf(out, "%d %zu:%s ", (int)value->kind, strlen(name), name);
  if (status == SLUICE_OK)
    status = print_content(value, out);
  return status == SLUICE_OK ? text_add(out, ";") : status;
}

int config_value_hash(const struct config_value *value, char out[65]) {
  struct text canonical = {0};
  int status = text_add(&canonical, "");
  if (status == SLUICE_OK && value)
    status = print_value(value, &canonical);
  if (status == SLUICE_OK)
    status = hash_bytes(canonical.data, canonical.size, out);
  text_finish(&canonical);
  return status;
}

int config_hash(const struct config_value *value, char out[65]) {
  return config_value_hash(value, out);
}
