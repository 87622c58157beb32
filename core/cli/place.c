/* Opening the source of a PATH or URI. */
#include "core/cli/place.h"
#include "core/cli/settings.h"
#include <ctype.h>

static const char local_scheme[] = "file";

size_t place_scheme(const char *place) {
  size_t n = 0;
  while (isalnum((unsigned char)place[n]) || (n && strchr("+-.", place[n]) && place[n]))
    n++;
  return n && isalpha((unsigned char)place[0]) && strncmp(place + n, "://", 3) == 0 ? n : 0;
}

bool place_is_local(const char *place) {
  size_t n = place_scheme(place);
  return n == 0 || (n == sizeof local_scheme - 1 && memcmp(place, local_scheme, n) == 0);
}

static int find_source(struct registry *registry, const char *place, const struct registry_component **out,
                       struct sluice_error *err) {
  char scheme[32];
  size_t n = place_scheme(place);
  if (n >= sizeof scheme)
    return sluice_fail(err, SLUICE_ERR_CONFIG, place, "no plugin reads such addresses");
  snprintf(scheme, sizeof scheme, "%.*s", n ? (int)n : (int)sizeof local_scheme - 1, n ? place : local_scheme);
  return registry_source_for_scheme(registry, scheme, out, err);
}

static int add_settings(const struct cli *cli, const struct registry_component *source, const char *place,
                        struct config_value *group, struct sluice_error *err) {
  int code = config_value_add_text(group, "path", place);
  for (size_t i = 0; args_value_at(&cli->args, "option", i) && code == SLUICE_OK; i++)
    code = settings_add(group, source->base.options, args_value_at(&cli->args, "option", i), err);
  return code;
}

int place_open(const struct cli *cli, struct registry *registry, const char *place, const struct stop *stop,
               struct component *out, struct sluice_error *err) {
  static const struct component_names nobody = {"", "", "", NULL};
  const struct registry_component *source;
  int code = find_source(registry, place, &source, err);
  if (code != SLUICE_OK)
    return code;
  struct config_value *group = config_value_create(CONFIG_GROUP, NULL, "", 0);
  code = group ? add_settings(cli, source, place, group, err) : SLUICE_ERR_MEMORY;
  if (code == SLUICE_OK)
    code = component_open_loaded(source, group, nobody, stop, out, err);
  config_value_destroy(group);
  return code == SLUICE_ERR_MEMORY ? sluice_fail(err, code, place, "no memory") : code;
}

void tally_add(struct tally *tally, const char *reason) {
  enum { ROOM = sizeof tally->items / sizeof *tally->items };
  size_t i = 0;
  tally->total++;
  while (i < tally->count && strncmp(tally->items[i].reason, reason, sizeof tally->items[i].reason - 1) != 0)
    i++;
  if (i == ROOM)
    i = ROOM - 1;
  if (i == tally->count) {
    bool last = tally->count == ROOM - 1;
    snprintf(tally->items[i].reason, sizeof tally->items[i].reason, "%s", last ? "other reasons" : reason);
    tally->count++;
  }
  tally->items[i].count++;
}

int tally_text(const struct tally *tally, struct text *out) {
  int code = text_printf(out, "%lld skipped (", (long long)tally->total);
  for (size_t i = 0; i < tally->count && code == SLUICE_OK; i++)
    code = text_printf(out, "%s%s %lld", i ? ", " : "", tally->items[i].reason, (long long)tally->items[i].count);
  return code == SLUICE_OK ? text_add(out, ")") : code;
}
