/* key=value to a member of a group. */
#include "core/cli/settings.h"
#include "core/base/quantity.h"
#include "core/base/text.h"
#include "core/load/options.h"

struct setting {
  struct config_value *group;
  const char *key, *value;
  struct sluice_error *err;
};

static int no_memory(const struct setting *s) {
  return sluice_fail(s->err, SLUICE_ERR_MEMORY, s->key, "no memory for the options");
}

/* 0: the table has no such option. Members that all versions of the contract have are at the same place in each. */
static uint32_t find_kind(const struct sluice_options *table, const char *key) {
  for (size_t i = 0; table && i < table->count; i++) {
    const struct sluice_option *option =
        (const struct sluice_option *)(const void *)((const char *)table->items + i * table->stride);
    if (strcmp(option->name, key) == 0)
      return option->kind;
  }
  return 0;
}

static int add(const struct setting *s, struct config_value *child) {
  if (child && config_value_add(s->group, child) == SLUICE_OK)
    return SLUICE_OK;
  config_value_destroy(child);
  return no_memory(s);
}

static int add_text(const struct setting *s, struct config_value *group, const char *key, const char *value) {
  return config_value_add_text(group, key, value) == SLUICE_OK ? SLUICE_OK : no_memory(s);
}

static int add_bool(const struct setting *s) {
  bool yes;
  if (!quantity_bool(s->value, &yes))
    return sluice_fail(s->err, SLUICE_ERR_CONFIG, s->key, "'%s' must be true or false, not '%s'", s->key, s->value);
  struct config_value *child = config_value_create(CONFIG_BOOL, s->key, "", 0);
  if (child)
    child->integer = yes;
  return add(s, child);
}

static int add_double(const struct setting *s) {
  double number;
  if (!quantity_double(s->value, &number))
    return sluice_fail(s->err, SLUICE_ERR_CONFIG, s->key, "'%s' must be a number, not '%s'", s->key, s->value);
  struct config_value *child = config_value_create(CONFIG_FLOAT, s->key, "", 0);
  if (child)
    child->number = number;
  return add(s, child);
}

/* The member that collects what several uses of one key give. */
static struct config_value *collection(const struct setting *s, enum config_kind kind) {
  for (size_t i = 0; i < s->group->count; i++)
    if (strcmp(s->group->items[i]->name, s->key) == 0)
      return s->group->items[i];
  return add(s, config_value_create(kind, s->key, "", 0)) == SLUICE_OK ? s->group->items[s->group->count - 1] : NULL;
}

static int add_item(const struct setting *s) {
  struct config_value *list = collection(s, CONFIG_ARRAY);
  return list ? add_text(s, list, NULL, s->value) : SLUICE_ERR_MEMORY;
}

static int add_entry(const struct setting *s) {
  struct text name = {0};
  size_t n = strcspn(s->value, "=");
  if (n == 0 || !s->value[n])
    return sluice_fail(s->err, SLUICE_ERR_CONFIG, s->key, "'%s' takes name=value: -o %s=NAME=VALUE", s->key, s->key);
  struct config_value *map = collection(s, CONFIG_GROUP);
  int code = map && text_append(&name, s->value, n) == SLUICE_OK ? SLUICE_OK : no_memory(s);
  if (code == SLUICE_OK && config_value_find(map, text_get(&name)))
    code = sluice_fail(s->err, SLUICE_ERR_CONFIG, s->key, "'%s' is given twice in '%s'", text_get(&name), s->key);
  if (code == SLUICE_OK)
    code = add_text(s, map, text_get(&name), s->value + n + 1);
  text_finish(&name);
  return code;
}

static int add_by_kind(const struct setting *s, uint32_t kind) {
  bool collects = kind == SLUICE_OPTION_LIST || kind == SLUICE_OPTION_MAP;
  if (!collects && config_value_find(s->group, s->key))
    return sluice_fail(s->err, SLUICE_ERR_CONFIG, s->key, "'%s' is given twice", s->key);
  switch (kind) {
  case SLUICE_OPTION_BOOL:
    return add_bool(s);
  case SLUICE_OPTION_DOUBLE:
    return add_double(s);
  case SLUICE_OPTION_LIST:
    return add_item(s);
  case SLUICE_OPTION_MAP:
    return add_entry(s);
  case SLUICE_OPTION_GROUP:
  case SLUICE_OPTION_GROUPS:
    return sluice_fail(s->err, SLUICE_ERR_CONFIG, s->key, "'%s' is a group, which only a configuration file can give",
                       s->key);
  default:
    return add_text(s, s->group, s->key, s->value);
  }
}

int settings_add(struct config_value *group, const struct sluice_options *table, const char *setting,
                 struct sluice_error *err) {
  struct text key = {0};
  size_t n = strcspn(setting, "=");
  int code = options_check(table, err);
  if (code != SLUICE_OK)
    return code;
  if (n == 0 || !setting[n])
    return sluice_fail(err, SLUICE_ERR_CONFIG, NULL, "'%s' is no option of a plugin: write key=value", setting);
  if (text_append(&key, setting, n) != SLUICE_OK)
    return sluice_fail(err, SLUICE_ERR_MEMORY, NULL, "no memory for the options");
  struct setting s = {group, text_get(&key), setting + n + 1, err};
  code = add_by_kind(&s, find_kind(table, s.key));
  text_finish(&key);
  return code;
}
