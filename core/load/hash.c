/* The hash of a component's options, by what they decide. */
#include "core/base/hash.h"
#include "core/base/file.h"
#include "core/base/quantity.h"
#include "core/base/text.h"
#include "core/config/expand.h"
#include "core/load/table.h"
#include <inttypes.h>

enum { FILE_MAX = 16 << 20 };

static int print_table(const struct sluice_options *table, const struct config_value *group, struct text *out,
                       struct sluice_error *err);

static int print_text(const char *text, struct text *out) {
  return text_printf(out, "%zu:%s", strlen(text), text);
}

/* With the values of variables. What cannot be expanded stays as it is written; where it is used, that is said. */
static int print_expanded(const struct sluice_option *option, const char *template, struct text *out) {
  struct text expanded = {0}, content = {0};
  struct sluice_error ignored = {0};
  char hash[HASH_SIZE] = "";
  int status = expand_text(template, "", &expanded, &ignored);
  if (status != SLUICE_OK) {
    text_finish(&expanded);
    return status == SLUICE_ERR_MEMORY ? status : print_text(template, out);
  }
  status = print_text(text_get(&expanded), out);
  bool named = status == SLUICE_OK && expand_names_file(option->name);
  if (named && file_read(text_get(&expanded), FILE_MAX, &content, &ignored) == SLUICE_OK)
    status = hash_bytes(content.data, content.size, hash);
  if (named && status == SLUICE_OK)
    status = print_text(hash, out);
  text_finish(&content);
  text_finish(&expanded);
  return status;
}

/* "1MiB" and 1048576 are one value. */
static int print_quantity(const struct config_value *value, bool (*parse)(const char *, int64_t *), struct text *out) {
  int64_t number = value->integer;
  if (value->kind == CONFIG_TEXT && !parse(value->text, &number))
    return print_text(value->text, out);
  return text_printf(out, "%" PRId64, number);
}

static int print_number(const struct config_value *value, struct text *out) {
  return text_printf(out, "%.17g", value->kind == CONFIG_INT ? (double)value->integer : value->number);
}

static int print_tree(const struct config_value *value, struct text *out) {
  char hash[HASH_SIZE];
  int status = config_value_hash(value, hash);
  return status == SLUICE_OK ? text_add(out, hash) : status;
}

static int print_plain(const struct config_value *value, struct text *out) {
  return value->kind == CONFIG_TEXT ? print_text(value->text, out) : print_tree(value, out);
}

static int print_groups(const struct sluice_options *table, const struct config_value *list, struct text *out,
                        struct sluice_error *err) {
  int status = SLUICE_OK;
  for (size_t i = 0; i < list->count && status == SLUICE_OK; i++)
    status = print_table(table, list->items[i], out, err);
  return status;
}

static int print_value(const struct sluice_option *option, const struct config_value *value, struct text *out,
                       struct sluice_error *err) {
  switch (option->kind) {
  case SLUICE_OPTION_INT:
    return print_quantity(value, quantity_int, out);
  case SLUICE_OPTION_SIZE:
    return print_quantity(value, quantity_size, out);
  case SLUICE_OPTION_DURATION:
    return print_quantity(value, quantity_duration, out);
  case SLUICE_OPTION_DOUBLE:
    return print_number(value, out);
  case SLUICE_OPTION_BOOL:
    return text_printf(out, "%" PRId64, value->integer);
  case SLUICE_OPTION_GROUP:
    return print_table(option->group, value, out, err);
  case SLUICE_OPTION_GROUPS:
    return print_groups(option->group, value, out, err);
  case SLUICE_OPTION_TEXT:
    return value->kind == CONFIG_TEXT && !(option->flags & SLUICE_OPTION_SENSITIVE)
               ? print_expanded(option, value->text, out)
               : print_plain(value, out);
  default:
    return print_plain(value, out);
  }
}

static bool counts(const struct sluice_option *option) {
  return option->kind != SLUICE_OPTION_SECRET && !(option->flags & SLUICE_OPTION_TUNING);
}

/* An option without value is left out, so that one which a later version adds changes nothing. */
static int print_option(const struct sluice_option *option, const struct config_value *group, struct text *out,
                        struct sluice_error *err) {
  const struct config_value *value = config_value_find(group, option->name);
  struct config_value *made = NULL;
  int status = SLUICE_OK;
  if (!value && option->default_text)
    status = table_default(option, &made, err);
  if (made)
    value = made;
  if (!value)
    return status;
  status = text_printf(out, "%" PRIu32 " %zu:%s ", option->kind, strlen(option->name), option->name);
  if (status == SLUICE_OK)
    status = print_value(option, value, out, err);
  config_value_destroy(made);
  return status == SLUICE_OK ? text_add(out, ";") : status;
}

static int print_table(const struct sluice_options *table, const struct config_value *group, struct text *out,
                       struct sluice_error *err) {
  int status = text_add(out, "{");
  for (size_t i = 0; i < table_count(table) && status == SLUICE_OK; i++) {
    struct sluice_option option;
    table_read(table, i, &option);
    if (counts(&option))
      status = print_option(&option, group, out, err);
  }
  return status == SLUICE_OK ? text_add(out, "}") : status;
}

int options_hash(const struct sluice_options *table, const struct config_value *group, char out[65],
                 struct sluice_error *err) {
  struct text canonical = {0};
  int status = print_table(table, group, &canonical, err);
  if (status == SLUICE_OK)
    status = hash_bytes(canonical.data, canonical.size, out);
  text_finish(&canonical);
  return sluice_fail(err, status, NULL, "no memory for the options");
}
