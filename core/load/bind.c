/* One value of a configuration to one field of a config struct, by the option's kind. */
#include "core/base/nearest.h"
#include "core/base/quantity.h"
#include "core/base/text.h"
#include "core/config/expand.h"
#include "core/load/bound.h"
#include "core/load/secrets.h"
#include "core/load/table.h"
#include "core/log/log.h"
#include <inttypes.h>
#include <stdlib.h>

struct field { /* what is being bound, and where to */
  struct options_bound *bound;
  const struct sluice_option *option;
  const struct config_value *value;
  void *out;
  struct sluice_error *err;
};

static int no_memory(const struct field *f) {
  return config_value_fail(f->value, f->err, SLUICE_ERR_MEMORY, "no memory for the options");
}

static int mistyped(const struct field *f, const struct config_value *value) {
  return config_value_fail(value, f->err, SLUICE_ERR_CONFIG, "'%s' must be a %s, written as %s, not %s",
                           f->option->name, table_kind_name(f->option->kind), table_kind_example(f->option->kind),
                           config_kind_name(value->kind));
}

static bool is_sensitive(const struct field *f) {
  return f->option->flags & SLUICE_OPTION_SENSITIVE;
}

/* The expanded text belongs to the bound options. */
static int make_text(const struct field *f, const struct config_value *value, const char **out) {
  char where[224];
  struct text text = {.limit = 1 << 20};
  config_value_where(value, NULL, where, sizeof where);
  int status = expand_text(value->text, where, &text, f->err);
  if (status != SLUICE_OK) {
    text_finish(&text);
    return status;
  }
  if (is_sensitive(f))
    log_add_secret(text.data);
  *out = text.data;
  return bound_keep(f->bound, text.data) == SLUICE_OK ? SLUICE_OK : no_memory(f);
}

/* With no more digits than it takes to read the same number: 0.1, not 0.10000000000000001. */
static int print_number(double value, struct text *out) {
  char digits[40];
  for (int n = 15; n <= 17; n++) {
    snprintf(digits, sizeof digits, "%.*g", n, value);
    if (memcmp(&(double){strtod(digits, NULL)}, &value, sizeof value) == 0)
      break;
  }
  return text_add(out, digits);
}

/* Numbers and bools as they would be written. */
static int print_scalar(const struct field *f, const struct config_value *value, const char **out) {
  struct text text = {0};
  int status = value->kind == CONFIG_FLOAT  ? print_number(value->number, &text)
               : value->kind == CONFIG_BOOL ? text_add(&text, value->integer ? "true" : "false")
                                            : text_printf(&text, "%" PRId64, value->integer);
  if (status != SLUICE_OK || bound_keep(f->bound, text.data) != SLUICE_OK)
    return no_memory(f);
  *out = text.data;
  return SLUICE_OK;
}

static bool is_scalar(const struct config_value *value) {
  return value->kind >= CONFIG_TEXT;
}

static int make_any_text(const struct field *f, const struct config_value *value, const char **out) {
  if (!is_scalar(value))
    return mistyped(f, value);
  return value->kind == CONFIG_TEXT ? make_text(f, value, out) : print_scalar(f, value, out);
}

static int bind_text(const struct field *f) {
  const char *text;
  bool any = f->option->flags & OPTIONS_ANY_SCALAR;
  if (!any && f->value->kind != CONFIG_TEXT)
    return mistyped(f, f->value);
  int status = make_any_text(f, f->value, &text);
  if (status == SLUICE_OK)
    memcpy(f->out, &text, sizeof text);
  return status;
}

static bool has_limits(const struct sluice_option *option) {
  return option->min || option->max;
}

static int store_int(const struct field *f, int64_t value) {
  const struct sluice_option *option = f->option;
  if (has_limits(option) && (value < option->min || value > option->max))
    return config_value_fail(f->value, f->err, SLUICE_ERR_CONFIG,
                             "'%s' must be from %" PRId64 " to %" PRId64 "%s, not %" PRId64, option->name, option->min,
                             option->max,
                             option->kind == SLUICE_OPTION_SIZE       ? " bytes"
                             : option->kind == SLUICE_OPTION_DURATION ? " milliseconds"
                                                                      : "",
                             value);
  memcpy(f->out, &value, sizeof value);
  return SLUICE_OK;
}

/* A number that comes from the environment is a text here. */
static int bind_int(const struct field *f) {
  int64_t number;
  const char *text;
  if (f->value->kind == CONFIG_INT)
    return store_int(f, f->value->integer);
  if (f->value->kind != CONFIG_TEXT)
    return mistyped(f, f->value);
  int status = make_text(f, f->value, &text);
  if (status != SLUICE_OK)
    return status;
  return quantity_int(text, &number) ? store_int(f, number) : mistyped(f, f->value);
}

static int bind_double(const struct field *f) {
  const struct sluice_option *option = f->option;
  double value = f->value->kind == CONFIG_INT ? (double)f->value->integer : f->value->number;
  if (f->value->kind != CONFIG_INT && f->value->kind != CONFIG_FLOAT)
    return mistyped(f, f->value);
  if (has_limits(option) && (value < (double)option->min || value > (double)option->max))
    return config_value_fail(f->value, f->err, SLUICE_ERR_CONFIG,
                             "'%s' must be from %" PRId64 " to %" PRId64 ", not %g", option->name, option->min,
                             option->max, value);
  memcpy(f->out, &value, sizeof value);
  return SLUICE_OK;
}

static int bind_bool(const struct field *f) {
  int32_t value = f->value->integer != 0;
  if (f->value->kind != CONFIG_BOOL)
    return mistyped(f, f->value);
  memcpy(f->out, &value, sizeof value);
  return SLUICE_OK;
}

static int bind_quantity(const struct field *f, bool (*parse)(const char *, int64_t *)) {
  const char *text;
  int64_t amount;
  if (f->value->kind != CONFIG_TEXT)
    return mistyped(f, f->value);
  int status = make_text(f, f->value, &text);
  if (status != SLUICE_OK)
    return status;
  if (parse(text, &amount))
    return store_int(f, amount);
  return config_value_fail(f->value, f->err, SLUICE_ERR_CONFIG, "'%s' is no %s: write one such as %s", text,
                           table_kind_name(f->option->kind), table_kind_example(f->option->kind));
}

static int bind_size(const struct field *f) {
  return f->value->kind == CONFIG_INT ? store_int(f, f->value->integer) : bind_quantity(f, quantity_size);
}

static int bind_duration(const struct field *f) {
  return bind_quantity(f, quantity_duration);
}

static int fail_choice(const struct field *f, const char *text, size_t count) {
  struct text known = {0};
  const char *nearest = nearest_name(text, f->option->choices, count);
  for (size_t i = 0; i < count; i++)
    if (text_printf(&known, "%s'%s'", i ? ", " : "", f->option->choices[i]) != SLUICE_OK)
      break;
  int status = config_value_fail(
      f->value, f->err, SLUICE_ERR_CONFIG, "unknown value '%s' for '%s'%s%s%s: it is one of %s", text, f->option->name,
      nearest ? ", did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "", text_get(&known));
  text_finish(&known);
  return status;
}

static int bind_choice(const struct field *f) {
  const char *text;
  if (f->value->kind != CONFIG_TEXT)
    return mistyped(f, f->value);
  int status = make_text(f, f->value, &text);
  if (status != SLUICE_OK)
    return status;
  int32_t i = 0;
  while (f->option->choices[i] && strcmp(f->option->choices[i], text) != 0)
    i++;
  if (!f->option->choices[i])
    return fail_choice(f, text, (size_t)i);
  memcpy(f->out, &i, sizeof i);
  return SLUICE_OK;
}

/* One reading now tells at once of a variable that is not set, and lets the log mask the value from the start. A secret
 * that is empty counts as absent. */
static int bind_secret(const struct field *f) {
  char where[224];
  struct text now = {0};
  struct sluice_secret secret = {0};
  if (f->value->kind != CONFIG_TEXT)
    return mistyped(f, f->value);
  config_value_where(f->value, NULL, where, sizeof where);
  int status = expand_text(f->value->text, where, &now, f->err);
  bool absent = now.size == 0;
  if (status == SLUICE_OK)
    log_add_secret(text_get(&now));
  if (now.data)
    explicit_bzero(now.data, now.capacity);
  text_finish(&now);
  if (status != SLUICE_OK || absent)
    return status;
  status = secrets_add(f->value->text, where, &secret, f->err);
  if (status == SLUICE_OK && bound_keep_secret(f->bound, secret) != SLUICE_OK)
    return no_memory(f);
  memcpy(f->out, &secret, sizeof secret);
  return status;
}

static int bind_list(const struct field *f) {
  const struct config_value *value = f->value;
  if (value->kind != CONFIG_ARRAY && value->kind != CONFIG_LIST)
    return mistyped(f, value);
  const char **items = bound_allocate(f->bound, value->count, sizeof *items);
  if (!items)
    return no_memory(f);
  for (size_t i = 0; i < value->count; i++) {
    int status = make_any_text(f, value->items[i], &items[i]);
    if (status != SLUICE_OK)
      return status;
  }
  struct sluice_list list = {items, value->count};
  memcpy(f->out, &list, sizeof list);
  return SLUICE_OK;
}

static int copy_name(const struct field *f, const char *name, const char **out) {
  char *copy = strdup(name);
  if (!copy || bound_keep(f->bound, copy) != SLUICE_OK)
    return no_memory(f);
  *out = copy;
  return SLUICE_OK;
}

static int bind_map(const struct field *f) {
  const struct config_value *value = f->value;
  if (value->kind != CONFIG_GROUP)
    return mistyped(f, value);
  struct sluice_pair *items = bound_allocate(f->bound, value->count, sizeof *items);
  if (!items)
    return no_memory(f);
  for (size_t i = 0; i < value->count; i++) {
    int status = copy_name(f, value->items[i]->name, &items[i].name);
    if (status == SLUICE_OK)
      status = make_any_text(f, value->items[i], &items[i].value);
    if (status != SLUICE_OK)
      return status;
  }
  struct sluice_map map = {items, value->count};
  memcpy(f->out, &map, sizeof map);
  return SLUICE_OK;
}

static int bind_group(const struct field *f) {
  if (f->value->kind != CONFIG_GROUP)
    return mistyped(f, f->value);
  char *target = bound_allocate(f->bound, 1, f->option->group->target_size);
  if (!target)
    return no_memory(f);
  int status = bind_struct(f->bound, f->option->group, f->value, NULL, target, f->err);
  if (status == SLUICE_OK)
    memcpy(f->out, &target, sizeof target);
  return status;
}

static int bind_groups(const struct field *f) {
  const struct config_value *value = f->value;
  size_t stride = f->option->group->target_size;
  if (value->kind != CONFIG_LIST)
    return mistyped(f, value);
  char *items = bound_allocate(f->bound, value->count, stride); /* calloc refuses what would wrap */
  if (!items)
    return no_memory(f);
  for (size_t i = 0; i < value->count; i++) {
    if (value->items[i]->kind != CONFIG_GROUP)
      return mistyped(f, value->items[i]);
    int status = bind_struct(f->bound, f->option->group, value->items[i], NULL, items + i * stride, f->err);
    if (status != SLUICE_OK)
      return status;
  }
  struct sluice_groups groups = {items, value->count, stride};
  memcpy(f->out, &groups, sizeof groups);
  return SLUICE_OK;
}

int bind_field(struct options_bound *bound, const struct sluice_option *option, const struct config_value *value,
               void *field, struct sluice_error *err) {
  static int (*const binders[])(const struct field *) = {
      [SLUICE_OPTION_TEXT] = bind_text,     [SLUICE_OPTION_INT] = bind_int,
      [SLUICE_OPTION_DOUBLE] = bind_double, [SLUICE_OPTION_BOOL] = bind_bool,
      [SLUICE_OPTION_SIZE] = bind_size,     [SLUICE_OPTION_DURATION] = bind_duration,
      [SLUICE_OPTION_CHOICE] = bind_choice, [SLUICE_OPTION_SECRET] = bind_secret,
      [SLUICE_OPTION_LIST] = bind_list,     [SLUICE_OPTION_MAP] = bind_map,
      [SLUICE_OPTION_GROUP] = bind_group,   [SLUICE_OPTION_GROUPS] = bind_groups,
  };
  struct field f = {bound, option, value, field, err};
  return binders[option->kind](&f); /* options_check has seen the kind */
}
