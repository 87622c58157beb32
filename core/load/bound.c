/* Memory of bound options, and binding as a whole. */
#include "core/load/bound.h"
#include "core/base/nearest.h"
#include "core/base/text.h"
#include "core/load/secrets.h"
#include "core/load/table.h"
#include <stdlib.h>

static int grow(void **items, size_t *capacity, size_t count, size_t size) {
  if (count < *capacity)
    return SLUICE_OK;
  size_t larger = *capacity ? *capacity * 2 : 16, bytes;
  if (!multiply_sizes(larger, size, &bytes))
    return SLUICE_ERR_MEMORY;
  void *moved = realloc(*items, bytes);
  if (!moved)
    return SLUICE_ERR_MEMORY;
  *items = moved;
  *capacity = larger;
  return SLUICE_OK;
}

int bound_keep(struct options_bound *bound, void *block) {
  void *blocks = bound->blocks;
  int status = grow(&blocks, &bound->block_capacity, bound->block_count, sizeof *bound->blocks);
  bound->blocks = blocks;
  if (status == SLUICE_OK)
    bound->blocks[bound->block_count++] = block;
  else
    free(block);
  return status;
}

void *bound_allocate(struct options_bound *bound, size_t count, size_t size) {
  void *block = calloc(count ? count : 1, size ? size : 1);
  return block && bound_keep(bound, block) == SLUICE_OK ? block : NULL;
}

int bound_keep_secret(struct options_bound *bound, struct sluice_secret secret) {
  void *secrets = bound->secrets;
  int status = grow(&secrets, &bound->secret_capacity, bound->secret_count, sizeof *bound->secrets);
  bound->secrets = secrets;
  if (status == SLUICE_OK)
    bound->secrets[bound->secret_count++] = secret;
  else
    secrets_remove(secret);
  return status;
}

void options_release(struct options_bound *bound) {
  if (!bound)
    return;
  for (size_t i = 0; i < bound->secret_count; i++)
    secrets_remove(bound->secrets[i]);
  for (size_t i = 0; i < bound->block_count; i++)
    free(bound->blocks[i]);
  free(bound->secrets);
  free(bound->blocks);
  free(bound);
}

const void *options_config(const struct options_bound *bound) {
  return bound->config;
}

/* ---- one group ---- */

static size_t list_length(const char *const *names) {
  size_t n = 0;
  while (names && names[n])
    n++;
  return n;
}

static int fail_unknown(const struct sluice_options *table, const struct config_value *member,
                        const char *const *also_known, struct sluice_error *err) {
  size_t n = table_count(table), more = list_length(also_known);
  const char **names = calloc(n + more + 1, sizeof *names);
  if (!names)
    return sluice_fail(err, SLUICE_ERR_MEMORY, member->name, "no memory for the options");
  for (size_t i = 0; i < n; i++) {
    struct sluice_option option;
    table_read(table, i, &option);
    names[i] = option.name;
  }
  for (size_t i = 0; i < more; i++)
    names[n + i] = also_known[i];
  const char *nearest = nearest_name(member->name, names, n + more);
  free(names);
  if (nearest)
    return config_value_fail(member, err, SLUICE_ERR_CONFIG, "unknown option '%s': did you mean '%s'?", member->name,
                             nearest);
  return config_value_fail(member, err, SLUICE_ERR_CONFIG, "unknown option '%s': remove it, or see `sluice help`",
                           member->name);
}

static bool is_known(const struct sluice_options *table, const char *const *also_known, const char *name) {
  for (size_t i = 0; i < table_count(table); i++) {
    struct sluice_option option;
    table_read(table, i, &option);
    if (strcmp(option.name, name) == 0)
      return true;
  }
  for (size_t i = 0; also_known && also_known[i]; i++)
    if (strcmp(also_known[i], name) == 0)
      return true;
  return false;
}

static int check_names(const struct sluice_options *table, const struct config_value *group,
                       const char *const *also_known, struct sluice_error *err) {
  for (size_t i = 0; group && i < group->count; i++)
    if (!is_known(table, also_known, group->items[i]->name))
      return fail_unknown(table, group->items[i], also_known, err);
  return SLUICE_OK;
}

static int fail_missing(const struct sluice_option *option, const struct config_value *group,
                        struct sluice_error *err) {
  char where[224];
  if (group)
    config_value_where(group, option->name, where, sizeof where);
  else
    snprintf(where, sizeof where, "%s", option->name);
  return sluice_fail(err, SLUICE_ERR_CONFIG, where, "the option '%s' is required (%s): %s", option->name,
                     table_kind_name(option->kind), option->help ? option->help : "");
}

static int bind_default(struct options_bound *bound, const struct sluice_option *option, void *field,
                        struct sluice_error *err) {
  struct config_value *value;
  int status = table_default(option, &value, err);
  if (status != SLUICE_OK)
    return status;
  status = bind_field(bound, option, value, field, err);
  config_value_destroy(value);
  return status;
}

static int bind_option(struct options_bound *bound, const struct sluice_option *option,
                       const struct config_value *group, char *target, struct sluice_error *err) {
  const struct config_value *value = config_value_find(group, option->name);
  if (value)
    return bind_field(bound, option, value, target + option->offset, err);
  if (option->flags & SLUICE_OPTION_REQUIRED)
    return fail_missing(option, group, err);
  if (option->default_text)
    return bind_default(bound, option, target + option->offset, err);
  return SLUICE_OK;
}

int bind_struct(struct options_bound *bound, const struct sluice_options *table, const struct config_value *group,
                const char *const *also_known, char *target, struct sluice_error *err) {
  int status = check_names(table, group, also_known, err);
  for (size_t i = 0; i < table_count(table) && status == SLUICE_OK; i++) {
    struct sluice_option option;
    table_read(table, i, &option);
    status = bind_option(bound, &option, group, target, err);
  }
  return status;
}

static int bind_all(struct options_bound *bound, const struct sluice_options *table, const struct config_value *group,
                    const char *const *also_known, struct sluice_error *err) {
  if (!table)
    return bind_struct(bound, NULL, group, also_known, NULL, err);
  bound->config = bound_allocate(bound, 1, table->target_size);
  if (!bound->config)
    return sluice_fail(err, SLUICE_ERR_MEMORY, NULL, "no memory for the options");
  return bind_struct(bound, table, group, also_known, bound->config, err);
}

int options_bind(const struct sluice_options *table, const struct config_value *group, const char *const *also_known,
                 struct options_bound **out, struct sluice_error *err) {
  int status = options_check(table, err);
  if (status != SLUICE_OK)
    return status;
  if (group && group->kind != CONFIG_GROUP)
    return config_value_fail(group, err, SLUICE_ERR_CONFIG, "this must be %s, not %s", config_kind_name(CONFIG_GROUP),
                             config_kind_name(group->kind));
  struct options_bound *bound = calloc(1, sizeof *bound);
  if (!bound)
    return sluice_fail(err, SLUICE_ERR_MEMORY, NULL, "no memory for the options");
  status = bind_all(bound, table, group, also_known, err);
  if (status != SLUICE_OK) {
    options_release(bound);
    return sluice_fail(err, status, NULL, "no memory for the options");
  }
  *out = bound;
  return SLUICE_OK;
}
