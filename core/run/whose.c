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

/* ---- sinks and streams --------------------------------------------------------------------------- */

struct asking {
  const struct config_job *job;
  struct text destination;
  const char **names;
  struct ledger_takeover question;
  char naming[256]; /* "{stem}", or of rules their hash, which is short */
};

static int name_streams(struct asking *a) {
  const struct config_value *rules = config_value_find(a->job->group, "streams");
  const char *template = config_value_member(a->job->group, "stream");
  char hash[65];
  int code = !template && rules ? config_value_hash(rules, hash) : SLUICE_OK;
  if (a->job->streams && template)
    snprintf(a->naming, sizeof a->naming, "\"%.240s\"", template);
  else if (a->job->streams && !code)
    snprintf(a->naming, sizeof a->naming, "the rules %.12s", hash);
  return code;
}

static int asking_init(struct asking *a, const struct config_job *job, const struct config_value *sink,
                       const char *sink_name) {
  const struct config_value *jobs = job->group->parent;
  const struct config_value *sinks = jobs && jobs->parent ? config_value_find(jobs->parent, "sinks") : NULL;
  size_t n = sinks ? sinks->count : 0;
  *a = (struct asking){.job = job, .names = calloc(n + 1, sizeof *a->names)};
  int code = a->names ? describe(sink, &a->destination) : SLUICE_ERR_MEMORY;
  for (size_t i = 0; i < n && !code; i++)
    a->names[i] = sinks->items[i]->name;
  a->question = (struct ledger_takeover){sink_name, text_get(&a->destination), a->names, n};
  return code ? code : name_streams(a);
}

static void asking_finish(struct asking *a) {
  text_finish(&a->destination);
  free(a->names);
}

int whose_take_over(struct run_state *state, enum identity_choice choice, struct sluice_error *err) {
  struct asking a;
  char former[LEDGER_SINK_SIZE] = "";
  const char *sink = state->pipeline.sink_name;
  int code = asking_init(&a, state->job, state->sink, sink);
  if (!code)
    code = ledger_take_over(state->ledger, &a.question, choice, former, err);
  if (!code && former[0])
    log_write(SLUICE_INFO, state->job->name, "its sink %s is called %s now; what was delivered counts", former, sink);
  if (!code)
    code = ledger_split_by(state->ledger, sink, a.naming, choice, err);
  asking_finish(&a);
  return sluice_fail(err, code, state->job->name, "no memory");
}

static int take_over_known(struct known *known, const struct config_job *job, const struct config_value *sink,
                           struct sluice_error *err) {
  const struct config_value *written = config_value_find(job->group, "sink");
  struct asking a;
  int code = asking_init(&a, job, sink, sink == written ? config_value_member(sink, "type") : sink->name);
  if (!code)
    code = known_take_over(known, &a.question, a.naming, err);
  asking_finish(&a);
  return code;
}

/* ---- a ledger that is only read ------------------------------------------------------------------ */

int whose_compare(struct known *known, const struct config_job *job, const struct config_value *sink,
                  struct sluice_error *err) {
  struct whose now;
  int code = whose_init(&now, job, sink);
  if (!code)
    code = take_over_known(known, job, sink, err);
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
