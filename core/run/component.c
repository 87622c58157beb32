/* Opening and closing plugin instances. */
#include "core/run/component.h"

/* Each kind has open and close at the same place, right behind what every component starts with. */
static sluice_open_fn *opener(const struct registry_component *loaded) {
  switch (loaded->entry.kind) {
  case SLUICE_SOURCE:
    return loaded->source.open;
  case SLUICE_FORMAT:
    return loaded->format.open;
  case SLUICE_TRANSFORM:
    return loaded->transform.open;
  case SLUICE_SINK:
    return loaded->sink.open;
  }
  return NULL;
}

static sluice_close_fn *closer(const struct registry_component *loaded) {
  switch (loaded->entry.kind) {
  case SLUICE_SOURCE:
    return loaded->source.close;
  case SLUICE_FORMAT:
    return loaded->format.close;
  case SLUICE_TRANSFORM:
    return loaded->transform.close;
  case SLUICE_SINK:
    return loaded->sink.close;
  }
  return NULL;
}

/* A plugin names the option at most; the user wants its file and line too. */
static int place_error(const struct config_value *group, int code, const struct sluice_error *why,
                       struct sluice_error *err) {
  const struct config_value *member = group ? config_value_find(group, why->where) : NULL;
  if (code != SLUICE_ERR_CONFIG || !group) {
    *err = *why;
    return code;
  }
  bool said = strncmp(why->message, why->where, strlen(why->where)) == 0; /* also where it is empty */
  if (member || said)
    return config_value_fail(member ? member : group, err, code, "%s", why->message);
  return config_value_fail(group, err, code, "%s: %s", why->where, why->message);
}

int component_open_loaded(const struct registry_component *loaded, const struct config_value *group,
                          struct component_names names, const struct stop *stop, struct component *out,
                          struct sluice_error *err) {
  static const char *const also_known[] = {"type", NULL};
  int code = options_bind(loaded->base.options, group, also_known, &out->options, err);
  if (code)
    return code;
  host_init(&out->host, loaded, names.job, names.sink, names.run, stop, names.metrics);
  struct sluice_error why = {0};
  code = opener(loaded)(&out->host.vtable, options_config(out->options), &out->self, &why);
  if (code) {
    sluice_fail(&why, code, "", "%s cannot start and gave no reason", loaded->entry.full_name);
    options_release(out->options);
    memset(out, 0, sizeof *out);
    return place_error(group, code, &why, err);
  }
  out->loaded = loaded;
  return SLUICE_OK;
}

int component_open(struct registry *registry, enum sluice_kind kind, const struct config_value *group,
                   struct component_names names, const struct stop *stop, struct component *out,
                   struct sluice_error *err) {
  const struct registry_component *loaded;
  const char *type = config_value_member(group, "type");
  if (!type)
    return config_value_fail(group, err, SLUICE_ERR_CONFIG, "`type` is missing: name a plugin, see `sluice plugins`");
  struct sluice_error why = {0};
  int code = registry_find(registry, kind, type, &loaded, &why);
  if (code)
    return config_value_fail(group, err, code, "%s", why.message);
  return component_open_loaded(loaded, group, names, stop, out, err);
}

void component_close(struct component *component) {
  if (!component->loaded)
    return;
  closer(component->loaded)(component->self);
  options_release(component->options);
  memset(component, 0, sizeof *component);
}
