/* Whose data a delivery is. The host knows no plugin, but the names of options that say a place are the same in all. */
#include "core/run/whose.h"
#include "core/base/text.h"
#include "core/log/log.h"

static const char *const places[] = {"path", "url", "uri", "bucket", "table", "topic", "endpoint"};

static int add_place(struct text *out, const struct config_value *group) {
  int code = SLUICE_OK;
  for (size_t i = 0; i < sizeof places / sizeof *places && !code; i++) {
    const char *place = config_value_member(group, places[i]);
    if (place)
      code = text_printf(out, " %s", place);
  }
  return code;
}

/* "s3 s3://a/b/ s3://c/": as written, so what comes from the environment is shown by its name. */
static int describe(const struct config_value *group, struct text *out) {
  const struct config_value *paths = config_value_find(group, "paths");
  int code = text_add(out, config_value_member(group, "type"));
  if (!code)
    code = add_place(out, group);
  for (size_t i = 0; paths && i < paths->count && !code; i++)
    code = add_place(out, paths->items[i]);
  return code;
}

int whose_check(struct run_state *state, int64_t delivery, enum identity_choice choice, struct sluice_error *err) {
  struct text texts[3] = {{0}};
  const struct config_value *groups[] = {state->job->source, state->job->format, state->sink};
  int code = SLUICE_OK;
  for (size_t i = 0; i < 3 && !code; i++)
    code = describe(groups[i], &texts[i]);
  struct ledger_identity identity = {text_get(&texts[0]), text_get(&texts[1]), text_get(&texts[2])};
  if (!code)
    code = ledger_identify(state->ledger, delivery, &identity, choice, err);
  for (size_t i = 0; i < 3; i++)
    text_finish(&texts[i]);
  return sluice_fail(err, code, state->job->name, "no memory");
}

int whose_start_from(struct run_state *state, int64_t delivery, bool late, struct sluice_error *err) {
  static const enum ledger_start_kind kinds[] = {
      [CONFIG_START_ALL] = START_ALL, [CONFIG_START_AT] = START_DATE, [CONFIG_START_NOW] = START_NOW};
  struct ledger_start start = {kinds[state->job->sync.start], state->job->sync.start_us};
  int64_t released = 0;
  if (late && start.kind == START_NOW)
    start.kind = START_ALL;
  int code = ledger_start_from(state->ledger, delivery, &start, &released, err);
  if (!code && released)
    log_write(SLUICE_INFO, state->job->name, "start_from was changed: %lld files are to be read now",
              (long long)released);
  return code;
}
