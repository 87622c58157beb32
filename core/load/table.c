/* Option tables: reading them by their own sizes, and refusing broken ones before anything relies on them. */
#include "core/load/table.h"
#include "core/base/quantity.h"
#include "core/base/text.h"
#include "core/config/read.h"

enum {
  COUNT_LIMIT = 1000,
  STRIDE_LIMIT = 4096,
  TARGET_LIMIT = 1 << 20,
  NAME_LIMIT = 64,
  CHOICE_LIMIT = 256,
  DEPTH_LIMIT = 8,
  TOTAL_LIMIT = 10000
};

struct kind {
  const char *name, *example;
  size_t size, alignment;
};
#define KIND(name, example, type)                                                                                      \
  { name, example, sizeof(type), _Alignof(type) }
static const struct kind kinds[] = {
    [SLUICE_OPTION_TEXT] = KIND("text", "\"text\"", const char *),
    [SLUICE_OPTION_INT] = KIND("whole number", "12", int64_t),
    [SLUICE_OPTION_DOUBLE] = KIND("number", "0.5", double),
    [SLUICE_OPTION_BOOL] = KIND("bool", "true", int32_t),
    [SLUICE_OPTION_SIZE] = KIND("size", "\"8MiB\"", int64_t),
    [SLUICE_OPTION_DURATION] = KIND("duration", "\"10s\"", int64_t),
    [SLUICE_OPTION_CHOICE] = KIND("choice", "\"name\"", int32_t),
    [SLUICE_OPTION_SECRET] = KIND("secret", "\"${NAME}\"", struct sluice_secret),
    [SLUICE_OPTION_LIST] = KIND("list", "[ \"a\", \"b\" ]", struct sluice_list),
    [SLUICE_OPTION_MAP] = KIND("map", "{ name = \"value\"; }", struct sluice_map),
    [SLUICE_OPTION_GROUP] = KIND("group", "{ ... }", const void *),
    [SLUICE_OPTION_GROUPS] = KIND("groups", "( { ... }, { ... } )", struct sluice_groups),
};
enum { KIND_COUNT = sizeof kinds / sizeof kinds[0] };

size_t table_count(const struct sluice_options *table) {
  return table ? table->count : 0;
}

void table_read(const struct sluice_options *table, size_t i, struct sluice_option *out) {
  memset(out, 0, sizeof *out);
  memcpy(out, (const char *)table->items + i * table->stride,
         table->stride < sizeof *out ? table->stride : sizeof *out);
}

size_t table_field_size(uint32_t kind) {
  return kind < KIND_COUNT ? kinds[kind].size : 0;
}
size_t table_field_alignment(uint32_t kind) {
  return kind < KIND_COUNT ? kinds[kind].alignment : 1;
}
const char *table_kind_name(uint32_t kind) {
  return kind < KIND_COUNT ? kinds[kind].name : "unknown";
}
const char *table_kind_example(uint32_t kind) {
  return kind < KIND_COUNT ? kinds[kind].example : "";
}

static int broken_default(const struct sluice_option *option, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_BUG, option->name, "the plugin's default \"%s\" is no %s", option->default_text,
                     table_kind_name(option->kind));
}

static int default_scalar(const struct sluice_option *option, struct config_value *value, struct sluice_error *err) {
  bool yes = false, ok = true;
  switch (option->kind) {
  case SLUICE_OPTION_INT:
    value->kind = CONFIG_INT;
    ok = quantity_int(option->default_text, &value->integer);
    break;
  case SLUICE_OPTION_DOUBLE:
    value->kind = CONFIG_FLOAT;
    ok = quantity_double(option->default_text, &value->number);
    break;
  case SLUICE_OPTION_BOOL:
    value->kind = CONFIG_BOOL;
    ok = quantity_bool(option->default_text, &yes);
    value->integer = yes;
    break;
  default:
    value->text = strdup(option->default_text);
    if (!value->text)
      return sluice_fail(err, SLUICE_ERR_MEMORY, option->name, "no memory for the options");
  }
  return ok ? SLUICE_OK : broken_default(option, err);
}

static int default_tree(const struct sluice_option *option, struct config_value **out, struct sluice_error *err) {
  struct text text = {0};
  struct config_value *root = NULL;
  struct sluice_error why = {0};
  int status = text_printf(&text, "%s = %s;", option->name, option->default_text);
  if (status == SLUICE_OK)
    status = read_config_text("default", ".", text.data, text.size, &root, &why);
  text_finish(&text);
  if (status != SLUICE_OK || root->count != 1) {
    config_value_destroy(root);
    return broken_default(option, err);
  }
  *out = root->items[0];
  (*out)->parent = NULL;
  root->count = 0;
  config_value_destroy(root);
  return SLUICE_OK;
}

int table_default(const struct sluice_option *option, struct config_value **out, struct sluice_error *err) {
  if (option->kind == SLUICE_OPTION_LIST || option->kind == SLUICE_OPTION_MAP)
    return default_tree(option, out, err);
  struct config_value *value = config_value_create(CONFIG_TEXT, option->name, "", 0);
  if (!value)
    return sluice_fail(err, SLUICE_ERR_MEMORY, option->name, "no memory for the options");
  int status = default_scalar(option, value, err);
  if (status != SLUICE_OK) {
    config_value_destroy(value);
    return status;
  }
  *out = value;
  return SLUICE_OK;
}

/* ---- is a table sound? ---- */

static int broken(struct sluice_error *err, const char *where, const char *what) {
  return sluice_fail(err, SLUICE_ERR_BUG, where, "the plugin's option table is broken: %s", what);
}

static bool is_name(const char *name) {
  size_t n = strnlen(name, NAME_LIMIT + 1);
  static const char letters[] = "-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  return n > 0 && n <= NAME_LIMIT && strspn(name, letters) == n;
}

static int check_choices(const struct sluice_option *option, struct sluice_error *err) {
  size_t n = 0;
  while (option->choices && n <= CHOICE_LIMIT && option->choices[n])
    n++;
  if (n == 0 || n > CHOICE_LIMIT)
    return broken(err, option->name, "a choice needs between 1 and 256 names");
  return SLUICE_OK;
}

static int check_field(const struct sluice_options *table, const struct sluice_option *option,
                       struct sluice_error *err) {
  size_t size = table_field_size(option->kind), alignment = table_field_alignment(option->kind), end;
  if (size == 0)
    return broken(err, option->name, "its kind is not known to this version of sluice");
  if (!sum_sizes(option->offset, size, &end) || end > table->target_size)
    return broken(err, option->name, "its field lies outside the config struct");
  if (option->offset % alignment || table->target_size % alignment)
    return broken(err, option->name, "its field is not aligned");
  if (option->min > option->max)
    return broken(err, option->name, "its least value is above its greatest");
  return SLUICE_OK;
}

/* How deep the check is, and how many more options it will look at: tables may name each other in circles. */
struct budget {
  int depth;
  size_t left;
};
static int check_table(const struct sluice_options *table, struct budget *budget, struct sluice_error *err);

static int check_option(const struct sluice_options *table, const struct sluice_option *option, struct budget *budget,
                        struct sluice_error *err) {
  if (!option->name || !is_name(option->name))
    return broken(err, "an option", "it has no proper name");
  int status = check_field(table, option, err);
  bool nested = option->kind == SLUICE_OPTION_GROUP || option->kind == SLUICE_OPTION_GROUPS;
  if (status == SLUICE_OK && option->kind == SLUICE_OPTION_CHOICE)
    status = check_choices(option, err);
  if (status == SLUICE_OK && nested && !option->group)
    status = broken(err, option->name, "a group needs a table");
  if (status == SLUICE_OK && nested && option->default_text)
    status = broken(err, option->name, "a group has no default");
  return status == SLUICE_OK && nested ? check_table(option->group, budget, err) : status;
}

static int check_unique(const struct sluice_options *table, size_t i, const char *name, struct sluice_error *err) {
  for (size_t other = 0; other < i; other++) {
    struct sluice_option option;
    table_read(table, other, &option);
    if (strcmp(option.name, name) == 0)
      return broken(err, name, "the name is there twice");
  }
  return SLUICE_OK;
}

static int check_shape(const struct sluice_options *table, const struct budget *budget, struct sluice_error *err) {
  if (budget->depth > DEPTH_LIMIT)
    return broken(err, "the table", "its groups are nested deeper than 8");
  if (table->struct_size < TABLE_END(sluice_options, items))
    return broken(err, "the table", "it is too small");
  if (table->count > COUNT_LIMIT || table->count > budget->left)
    return broken(err, "the table", "it has more than 1000 options, or more than 10000 with all its groups");
  if (table->target_size > TARGET_LIMIT)
    return broken(err, "the table", "its config struct is larger than 1 MiB");
  if (table->count == 0)
    return SLUICE_OK;
  if (!table->items)
    return broken(err, "the table", "it has no items");
  if (table->stride < TABLE_END(sluice_option, help) || table->stride > STRIDE_LIMIT ||
      table->stride % _Alignof(struct sluice_option))
    return broken(err, "the table", "the size of its items is not one that can be");
  return SLUICE_OK;
}

static int check_table(const struct sluice_options *table, struct budget *budget, struct sluice_error *err) {
  budget->depth++;
  int status = check_shape(table, budget, err);
  if (status == SLUICE_OK)
    budget->left -= table->count;
  for (size_t i = 0; status == SLUICE_OK && i < table->count; i++) {
    struct sluice_option option;
    table_read(table, i, &option);
    status = check_option(table, &option, budget, err);
    if (status == SLUICE_OK)
      status = check_unique(table, i, option.name, err);
  }
  budget->depth--;
  return status;
}

int options_check(const struct sluice_options *table, struct sluice_error *err) {
  struct budget budget = {0, TOTAL_LIMIT};
  return table ? check_table(table, &budget, err) : SLUICE_OK;
}
