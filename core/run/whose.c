/* Whose data a delivery is. The host knows no plugin, but the names of options that say a place are the same in all. */
#include "core/run/whose.h"
#include "core/base/text.h"
#include "core/ledger/streams.h"
#include "core/log/log.h"
#include <stdlib.h>

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

struct whose {
  struct text texts[3];
  struct ledger_identity identity; /* of the texts */
};

static int whose_init(struct whose *w, const struct config_job *job, const struct config_value *sink) {
  const struct config_value *groups[] = {job->source, job->format, sink};
  int code = SLUICE_OK;
  *w = (struct whose){.texts = {{0}}};
  for (size_t i = 0; i < 3 && !code; i++)
    code = describe(groups[i], &w->texts[i]);
  w->identity = (struct ledger_identity){text_get(&w->texts[0]), text_get(&w->texts[1]), text_get(&w->texts[2])};
  return code;
}

static void whose_finish(struct whose *w) {
  for (size_t i = 0; i < 3; i++)
    text_finish(&w->texts[i]);
}

int whose_check(struct run_state *state, int64_t delivery, enum identity_choice choice, struct sluice_error *err) {
  struct whose now;
  int code = whose_init(&now, state->job, state->sink);
  if (!code)
    code = ledger_identify(state->ledger, delivery, &now.identity, choice, err);
  whose_finish(&now);
  return sluice_fail(err, code, state->job->name, "no memory");
}

static int ask_former(struct run_state *state, const struct config_value *sinks, const char *destination,
                      enum identity_choice choice, struct sluice_error *err) {
  size_t n = sinks ? sinks->count : 0;
  char former[LEDGER_SINK_SIZE] = "";
  const char **names = calloc(n + 1, sizeof *names);
  if (!names)
    return SLUICE_ERR_MEMORY;
  for (size_t i = 0; i < n; i++)
    names[i] = sinks->items[i]->name;
  struct ledger_takeover question = {state->pipeline.sink_name, destination, names, n};
  int code = ledger_take_over(state->ledger, &question, choice, former, err);
  free(names);
  if (!code && former[0])
    log_write(SLUICE_INFO, state->job->name, "its sink %s is called %s now; what was delivered counts", former,
              state->pipeline.sink_name);
  return code;
}

/* "{stem}", or of rules their hash, which is short. */
static int ask_streams(struct run_state *state, enum identity_choice choice, struct sluice_error *err) {
  const struct config_value *rules = config_value_find(state->job->group, "streams");
  const char *template = config_value_member(state->job->group, "stream");
  char hash[65], naming[256] = "";
  int code = !template && rules ? config_value_hash(rules, hash) : SLUICE_OK;
  if (state->job->streams && template)
    snprintf(naming, sizeof naming, "\"%.240s\"", template);
  else if (state->job->streams && !code)
    snprintf(naming, sizeof naming, "the rules %.12s", hash);
  return code ? code : ledger_split_by(state->ledger, state->pipeline.sink_name, naming, choice, err);
}

int whose_take_over(struct run_state *state, const struct config *config, enum identity_choice choice,
                    struct sluice_error *err) {
  struct text destination = {0};
  int code = describe(state->sink, &destination);
  if (!code)
    code = ask_former(state, config_sinks(config), text_get(&destination), choice, err);
  if (!code)
    code = ask_streams(state, choice, err);
  text_finish(&destination);
  return sluice_fail(err, code, state->job->name, "no memory");
}

int whose_compare(struct known *known, const struct config_job *job, const struct config_value *sink,
                  struct sluice_error *err) {
  struct whose now;
  int code = whose_init(&now, job, sink);
  if (!code)
    code = known_compare(known, &now.identity, err);
  whose_finish(&now);
  return sluice_fail(err, code, job->name, "no memory");
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
