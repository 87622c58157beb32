/* One pass over the rejects of a job. */
#include "core/retry/retry.h"
#include "core/base/clock.h"
#include "core/ledger/history.h"
#include "core/ledger/streams.h"
#include "core/log/log.h"
#include "core/retry/internal.h"
#include "core/run/ability.h"
#include "core/run/look.h"
#include "core/run/remembered.h"
#include "core/run/row_keys.h"
#include "core/run/whose.h"
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

enum { LOOK_PARTS = 64 };

/* ---- the job's schema --------------------------------------------------------------------------- */

struct looking { /* the job's first files, as a run would look at them */
  struct sluice_part parts[LOOK_PARTS];
  size_t n;
};

static int take_part(void *context, const struct ledger_part *part) {
  struct looking *l = context;
  if (part->absent || part->size == 0)
    return SLUICE_OK;
  l->parts[l->n] = (struct sluice_part){.struct_size = sizeof *l->parts,
                                        .name = strdup(part->name),
                                        .version = strdup(part->version),
                                        .size = part->size,
                                        .modified = part->modified};
  l->n++;
  if (!l->parts[l->n - 1].name || !l->parts[l->n - 1].version)
    return SLUICE_ERR_MEMORY;
  return l->n == LOOK_PARTS ? SLUICE_END : SLUICE_OK;
}

static int look(struct retrying *r, const char *stored, struct sluice_error *err) {
  struct looking *l = calloc(1, sizeof *l);
  struct ledger_part_filter filter = {.sink = r->sink_name, .stream = r->stream->name};
  if (!l)
    return SLUICE_ERR_MEMORY;
  int code =
      ledger_read_parts(config_ledger(r->config), r->state.job->name, &filter, 4 * LOOK_PARTS, take_part, l, err);
  if (code == SLUICE_OK || code == SLUICE_END)
    code = schema_look(&r->state.pipeline, stored, l->parts, l->n, &r->schema, NULL, err);
  for (size_t i = 0; i < l->n; i++) {
    free((char *)(uintptr_t)l->parts[i].name);
    free((char *)(uintptr_t)l->parts[i].version);
  }
  free(l);
  return code;
}

/* The remembered one where it serves today's mapping and format; else what a run would find, but it is for the next run
 * to remember that. */
static int find_schema(struct retrying *r, struct sluice_error *err) {
  struct run_state *state = &r->state;
  int64_t number = 0;
  char *text = NULL;
  int code = ledger_schema(state->ledger, r->stream->id, &number, &text, err);
  if (!code)
    code = schema_recall(&state->pipeline, text, &r->schema, err);
  if (!code && !r->schema.release)
    code = look(r, text, err);
  free(text);
  if (!code && !r->schema.release)
    code = schema_of_want(&state->pipeline, &r->schema);
  return sluice_fail(err, code, state->job->name, "no memory for a schema");
}

/* ---- opening ------------------------------------------------------------------------------------ */

static int check_mode(const struct config_job *job, struct sluice_error *err) {
  if (job->sync.mode == CONFIG_INCREMENTAL)
    return SLUICE_OK;
  const struct config_value *mode = config_value_find(config_value_find(job->group, "sync"), "mode");
  return config_value_fail(mode, err, SLUICE_ERR_CONFIG,
                           "each run of this job sends all records again, so there is nothing to retry: mend the "
                           "mapping and run it");
}

static int open_pipeline(struct retrying *r, struct registry *registry, const struct retry_question *q,
                         struct sluice_error *err) {
  struct run_state *state = &r->state;
  snprintf(r->run_name, sizeof r->run_name, "%lld-%ld", (long long)clock_wall_us(), (long)getpid());
  int code = config_job_sink(r->config, state->job, q->sink, &state->sink, &r->sink_name, err);
  if (!code)
    code = check_mode(state->job, err);
  if (code)
    return code;
  struct component_names names = {state->job->name, r->sink_name, r->run_name, NULL};
  code = pipeline_open(registry, state->job, state->sink, names, r->stop, &state->pipeline, err);
  if (!code)
    code = ability_check(&state->pipeline, err);
  if (!code)
    code = ledger_open(config_ledger(r->config), state->job->name, &state->ledger, err);
  if (!code)
    code = whose_take_over(state, IDENTITY_ASK, err);
  if (!code)
    code = ledger_delivery(state->ledger, r->sink_name, state->job->streams ? LEDGER_WHOLE_JOB : "main",
                           &state->delivery, err);
  return code ? code : whose_check(state, state->delivery, IDENTITY_ASK, err);
}

/* ---- the pass ----------------------------------------------------------------------------------- */

static int send_all(struct retrying *r, struct sluice_error *err) {
  int code = find_schema(r, err);
  for (size_t i = 0; i < r->selection.n_parts && !code; i++) {
    if (stop_at(r->stop, STOP_DRAIN))
      return SLUICE_ERR_CANCELLED;
    code = retry_one_part(r, r->selection.parts[i], err);
  }
  return code;
}

static enum run_outcome judge(const struct retrying *r, int code) {
  if (stop_at(r->stop, STOP_DRAIN) && (code == SLUICE_OK || code == SLUICE_ERR_CANCELLED))
    return RUN_INTERRUPTED;
  if (code == SLUICE_ERR_AUTH)
    return RUN_HELD;
  if (code == SLUICE_ERR_CONFIG)
    return RUN_MISCONFIGURED;
  if (code || r->counters.parts_failed)
    return RUN_FAILED;
  return r->result->refused || r->result->left ? RUN_DONE_WITH_REJECTS : RUN_DONE;
}

static int end_run(struct retrying *r, enum run_outcome outcome, int64_t started, struct sluice_error *err) {
  struct run_state *state = &r->state;
  r->counters.rows = r->result->accepted;
  r->counters.rejects = r->result->refused;
  r->counters.bytes = atomic_load(&state->counters.bytes);
  struct ledger_run_facts facts = {
      .kind = RUN_RETRY, .reading_ms = clock_monotonic_ms() - started, .fetched = atomic_load(&state->counters.bytes)};
  int code = ledger_run_note(state->ledger, r->stream->run, &facts, err);
  if (!code)
    code = ledger_run_end(state->ledger, r->stream->run, run_outcome_name(outcome), r->result->error.message,
                          &r->counters, err);
  return code;
}

static enum run_outcome pass(struct retrying *r, struct sluice_error *err) {
  struct run_state *state = &r->state;
  struct sluice_error why = {0};
  int64_t started = clock_monotonic_ms();
  int code = row_keys_settle(state, r->stream->id, err);
  if (!code)
    code = ledger_retry_begin(state->ledger, r->stream->id, &r->stream->run, err);
  if (code)
    return judge(r, code);
  code = send_all(r, err);
  enum run_outcome outcome = judge(r, code);
  if (outcome == RUN_INTERRUPTED)
    memset(err, 0, sizeof *err);
  if (end_run(r, outcome, started, &why)) {
    *err = outcome <= RUN_DONE_WITH_REJECTS ? why : *err;
    outcome = outcome <= RUN_DONE_WITH_REJECTS ? RUN_FAILED : outcome;
  }
  return outcome;
}

static bool any_wanted(const struct retry_selection *s) {
  size_t i = 0;
  while (i < s->n && !s->lines[i].wanted)
    i++;
  return i < s->n;
}

/* Opening the ledger leaves out of the reject file what was accepted. Who owns the job by now has done it. */
static void tidy(const struct config *config, const char *job) {
  struct ledger *ledger = NULL;
  if (ledger_open(config_ledger(config), job, &ledger, NULL) == SLUICE_OK)
    ledger_close(ledger);
}

static void summarize(const struct config_job *job, const struct retry_result *r) {
  run_log_error(job, &r->error);
  log_write(SLUICE_INFO, job->name,
            "retry: %s: %" PRId64 " rejected records, %" PRId64 " accepted, %" PRId64 " refused again, %" PRId64
            " left, in %.2f s",
            run_outcome_name(r->outcome), r->found, r->accepted, r->refused, r->left, (double)r->milliseconds / 1000);
}

/* ---- streams ------------------------------------------------------------------------------------ */

static enum run_outcome retry_selected(struct retrying *r, const struct retry_question *q, struct sluice_error *err) {
  int code = retry_select(config_ledger(r->config), r->state.job->name, r->stream->delivery, q, &r->selection, err);
  return code || !any_wanted(&r->selection) ? judge(r, code) : pass(r, err);
}

/* An outcome that is worse than those before it is that of the whole. */
static void retry_stream(struct retrying *r, const char *name, int64_t delivery, const struct retry_question *q) {
  struct sluice_error why = {0};
  enum run_outcome outcome = RUN_FAILED;
  memset(&r->counters, 0, sizeof r->counters);
  if (stream_create(r->state.job->name, r->sink_name, name, &r->stream) == SLUICE_OK) {
    r->stream->id = delivery;
    if (!ledger_delivery_text(r->state.ledger, delivery, r->stream->delivery, sizeof r->stream->delivery, &why))
      outcome = retry_selected(r, q, &why);
  } else {
    sluice_fail(&why, SLUICE_ERR_MEMORY, r->state.job->name, "no memory to retry");
  }
  if (outcome > r->result->outcome) {
    r->result->outcome = outcome;
    r->result->error = why;
  }
  retry_selection_finish(&r->selection);
  sluice_schema_release(&r->schema);
  stream_destroy(r->stream);
  r->stream = NULL;
}

static int retry_streams(struct retrying *r, const struct retry_question *q, struct sluice_error *err) {
  struct ledger_stream *known = NULL;
  size_t n = 0;
  int code = ledger_streams(r->state.ledger, r->sink_name, STREAMS_MAX + 2, &known, &n, err);
  r->result->outcome = RUN_DONE;
  for (size_t i = 0; i < n && !code && !stop_at(r->stop, STOP_DRAIN); i++)
    if (strcmp(known[i].name, LEDGER_WHOLE_JOB) != 0)
      retry_stream(r, known[i].name, known[i].delivery, q);
  free(known);
  return code;
}

void retry_job(struct registry *registry, const struct config *config, const struct config_job *job,
               const struct retry_question *question, struct stop *stop, struct retry_result *out) {
  struct retrying *r = calloc(1, sizeof *r);
  int64_t started = clock_monotonic_ms();
  *out = (struct retry_result){.outcome = RUN_FAILED};
  int code = r ? state_init(&r->state, job) : SLUICE_ERR_MEMORY;
  if (code) {
    free(r);
    sluice_fail(&out->error, code, job->name, "no memory to retry");
    summarize(job, out);
    return;
  }
  r->stop = stop;
  r->config = config;
  r->result = out;
  code = open_pipeline(r, registry, question, &out->error);
  if (!code)
    code = retry_streams(r, question, &out->error);
  if (code)
    out->outcome = judge(r, code);
  bool changed = out->accepted || out->refused;
  state_finish(&r->state);
  free(r);
  if (changed)
    tidy(config, job->name);
  out->milliseconds = clock_monotonic_ms() - started;
  log_redact_error(&out->error);
  summarize(job, out);
}
