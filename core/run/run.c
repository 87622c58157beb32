/* One pass of one job. */
#include "core/run/run.h"
#include "core/base/clock.h"
#include "core/base/quantity.h"
#include "core/ledger/history.h"
#include "core/log/log.h"
#include "core/run/ability.h"
#include "core/run/discover.h"
#include "core/run/opening.h"
#include "core/run/progress.h"
#include "core/run/refresh.h"
#include "core/run/row_cursor.h"
#include "core/run/whose.h"
#include "core/run/worker.h"
#include <stdlib.h>
#include <unistd.h>

enum { MAX_WORKERS = 256, MAX_REFRESHES = 3 /* in one pass, of files that change while they are read */ };

const char *run_outcome_name(enum run_outcome outcome) {
  static const char *const names[] = {"done", "done with rejects", "failed", "held", "interrupted", "misconfigured"};
  return names[outcome];
}

/* By row the order of records counts. A suspect shall be alone, also among streams, each of which is a delivery. */
static size_t worker_count(const struct run_state *state) {
  const struct config_job *job = state->job;
  if (job->sync.n_keys || (job->streams && state->alone))
    return 1;
  long n = job->workers > 0 ? (long)job->workers : sysconf(_SC_NPROCESSORS_ONLN);
  return n < 1 ? 1 : n > MAX_WORKERS ? MAX_WORKERS : (size_t)n;
}

static void list(struct run_state *state) {
  int64_t started = clock_monotonic_us();
  stages_begin(&state->stages);
  stage_enter(STAGE_LIST);
  discover(state);
  stages_begin(NULL);
  atomic_store(&state->counters.listing_us, clock_monotonic_us() - started);
  atomic_store(&state->counters.listed, clock_wall_us());
}

/* Workers on threads of their own, the listing on this one. */
static void work(struct run_state *state) {
  size_t n = worker_count(state), started = 0;
  struct worker *workers = calloc(n, sizeof *workers);
  pthread_t *threads = calloc(n, sizeof *threads);
  for (; workers && threads && started < n; started++) {
    workers[started].state = state;
    workers[started].slot = started + 1;
    workers[started].at = started;
    if (pthread_create(&threads[started], NULL, worker_main, &workers[started]))
      break;
  }
  if (started > 0) {
    list(state);
  } else {
    struct sluice_error why = {0};
    sluice_fail(&why, SLUICE_ERR_MEMORY, state->job->name, "no worker could be started");
    state_fail(state, SLUICE_ERR_MEMORY, &why);
  }
  for (size_t i = 0; i < started; i++)
    pthread_join(threads[i], NULL);
  free(workers);
  free(threads);
}

struct run_session {
  struct registry *registry;
  const struct config *config;
  struct run_options options;
  bool opened; /* the pipeline is */
  struct avoided avoided;
  struct metrics own, *metrics; /* of plugins: those that are watched, or own ones */
  long long requests_before;    /* of the source, when the run began */
  long long credentials_before;
  char name[64]; /* of the run that goes on; plugins borrow it */
  struct run_state state;
};

static int open_pipeline(struct run_session *session, const struct config_value *sink, struct component_names names,
                         struct sluice_error *err) {
  struct run_state *state = &session->state;
  if (session->opened)
    return pipeline_reopen_sink(&state->pipeline, session->registry, sink, names, err);
  int code = pipeline_open(session->registry, state->job, sink, names, &state->stop, &state->pipeline, err);
  session->opened = code == SLUICE_OK;
  state->pipeline.watch = state->watch;
  state->pipeline.avoided = &session->avoided;
  return code;
}

static int open_run(struct run_session *session, struct sluice_error *err) {
  struct run_state *state = &session->state;
  const char *sink_name;
  snprintf(session->name, sizeof session->name, "%lld-%ld", (long long)clock_wall_us(), (long)getpid());
  int code = config_job_sink(session->config, state->job, session->options.sink, &state->sink, &sink_name, err);
  if (code)
    return code;
  struct component_names names = {state->job->name, sink_name, session->name, session->metrics};
  code = open_pipeline(session, state->sink, names, err);
  if (!code)
    code = refresh_check(state, err);
  if (!code)
    code = ability_check(&state->pipeline, err);
  if (!code)
    code = ledger_open(config_ledger(session->config), state->job->name, &state->ledger, err);
  policy_init(&state->policy, state->job, 0, 0);
  state->identity = session->options.identity;
  state->alone |= state->blame;
  if (!code)
    code = whose_take_over(state, state->identity, err);
  if (!code)
    code = opening_begin(state, err);
  state->blame &= code != SLUICE_OK;
  return code;
}

static enum run_outcome judge(const struct run_state *state, int code, const struct stop *outer) {
  if (stop_at(outer, STOP_DRAIN) && (code == SLUICE_OK || code == SLUICE_ERR_CANCELLED))
    return RUN_INTERRUPTED;
  if (code == SLUICE_ERR_AUTH)
    return RUN_HELD;
  if (code == SLUICE_ERR_CONFIG)
    return RUN_MISCONFIGURED;
  if (code || atomic_load(&state->counters.failed_parts))
    return RUN_FAILED;
  return policy_has_rejects(&state->policy) ? RUN_DONE_WITH_REJECTS : RUN_DONE;
}

static void count(const struct run_state *state, struct ledger_counters *out) {
  *out = (struct ledger_counters){
      .parts_done = atomic_load(&state->counters.done_parts),
      .parts_failed = atomic_load(&state->counters.failed_parts),
      .parts_gone = atomic_load(&state->counters.gone_parts),
      .parts_skipped = atomic_load(&state->counters.skipped_parts),
      .rows = atomic_load(&state->policy.rows),
      .rejects = atomic_load(&state->policy.settled_rejects),
      .bytes = atomic_load(&state->counters.bytes),
      .filtered = atomic_load(&state->counters.filtered),
      .unchanged = atomic_load(&state->policy.unchanged),
  };
}

static long long source_counted(const struct run_session *session, const char *name) {
  const struct component *source = &session->state.pipeline.source;
  return source->loaded ? metrics_sum(session->metrics, source->loaded->entry.full_name, name) : 0;
}

/* For people who look at the history; nothing depends on it. */
static void note_facts(struct run_session *session) {
  struct run_state *state = &session->state;
  const struct run_counters *c = &state->counters;
  struct sluice_error why = {0};
  struct ledger_run_facts facts = {
      .kind = state->job->sync.mode == CONFIG_INCREMENTAL ? RUN_INCREMENTAL : RUN_FULL_REFRESH,
      .listed = state_all_listed(state) ? atomic_load(&c->listed) : 0,
      .listing_ms = atomic_load(&c->listing_us) / 1000,
      .reading_ms = (atomic_load(&state->stages.us[STAGE_READ]) + atomic_load(&state->stages.us[STAGE_DECODE])) / 1000,
      .fetched = atomic_load(&c->bytes),
      .requests = source_counted(session, "requests") - session->requests_before,
      .credential_requests = source_counted(session, METRIC_CREDENTIALS) - session->credentials_before};
  if (ledger_run_note(state->ledger, state->run, &facts, &why))
    log_write(SLUICE_WARN, state->job->name, "%s", why.message);
}

/* Not where the line, or the message, begins with it. */
static bool says_where(const struct config_job *job, const struct sluice_error *error) {
  const char *where = error->where;
  return !where[0] || strcmp(where, job->name) == 0 || strncmp(error->message, where, strlen(where)) == 0;
}

void run_log_error(const struct config_job *job, const struct sluice_error *error) {
  bool named = says_where(job, error);
  if (error->message[0])
    log_write(SLUICE_ERROR, job->name, "%s%s%s", named ? "" : error->where, named ? "" : ": ", error->message);
}

static void end_run(struct run_session *session, bool complete, struct run_result *out) {
  struct run_state *state = &session->state;
  struct sluice_error err = {0};
  count(state, &out->counters);
  snprintf(out->rejects_path, sizeof out->rejects_path, "%s",
           out->counters.rejects ? ledger_rejects_path(state->ledger) : "");
  note_facts(session);
  const char *outcome = run_outcome_name(out->outcome);
  char message[sizeof out->error.where + sizeof out->error.message + 2];
  bool named = says_where(state->job, &out->error);
  snprintf(message, sizeof message, "%s%s%s", named ? "" : out->error.where, named ? "" : ": ", out->error.message);
  int code = opening_end(state, complete, outcome, message, &err);
  if (!code)
    code = ledger_run_end(state->ledger, state->run, outcome, message, &out->counters, &err);
  if (!code)
    return;
  log_write(SLUICE_ERROR, state->job->name, "%s: %s", err.where, err.message);
  if (out->outcome <= RUN_DONE_WITH_REJECTS) {
    out->outcome = RUN_FAILED;
    out->error = err;
  }
}

/* Only a run that left nothing behind may let later ones pass over what is older. A file that was listed and could not
 * be found may be there again in the next one. */
static void settle_cursors(struct run_state *state, bool done) {
  struct sluice_error why = {0};
  bool complete = done && atomic_load(&state->counters.gone_parts) == 0;
  int code = SLUICE_OK;
  size_t n = state->job->sync.cursor ? streams_count(&state->streams) : 0;
  for (size_t i = 0; i < n && !code; i++)
    code = row_cursor_settle(state->ledger, streams_at(&state->streams, i)->id, complete, &why);
  if (code)
    log_write(SLUICE_WARN, state->job->name, "the cursor stays where it was: %s", why.message);
}

static void log_by_row(const struct run_state *state) {
  const struct run_counters *c = &state->counters;
  char passed[64] = "";
  if (state->job->sync.cursor)
    snprintf(passed, sizeof passed, ", %lld before the cursor", (long long)atomic_load(&c->passed));
  if (state->job->sync.n_keys)
    log_write(SLUICE_INFO, state->job->name,
              "by row: %lld new, %lld changed, %lld as they were, %lld of which a later file has the key%s",
              (long long)atomic_load(&c->inserted), (long long)atomic_load(&c->updated),
              (long long)atomic_load(&c->unchanged), (long long)atomic_load(&c->superseded), passed);
}

/* One line a job. */
static void summarize(const struct config_job *job, const struct run_result *r) {
  const struct ledger_counters *c = &r->counters;
  char bytes[QUANTITY_TEXT_SIZE], filtered[48] = "", unchanged[48] = "";
  double seconds = (double)r->milliseconds / 1000;
  quantity_print_size(c->bytes, bytes);
  if (job->where)
    snprintf(filtered, sizeof filtered, ", %lld filtered", (long long)c->filtered);
  if (job->sync.n_keys)
    snprintf(unchanged, sizeof unchanged, ", %lld unchanged", (long long)c->unchanged);
  run_log_error(job, &r->error);
  log_write(
      SLUICE_INFO, job->name,
      "%s: files: %lld (%lld failed, %lld gone, %lld skipped), %lld rows, %lld rejected%s%s, %s read in %.2f s, %.0f "
      "rows/s%s%s",
      run_outcome_name(r->outcome), (long long)c->parts_done, (long long)c->parts_failed, (long long)c->parts_gone,
      (long long)c->parts_skipped, (long long)c->rows, (long long)c->rejects, filtered, unchanged, bytes, seconds,
      seconds > 0 ? (double)c->rows / seconds : 0.0, c->rejects ? "; rejects: " : "", r->rejects_path);
}

/* The listing and the workers, then what a full refresh still needs. *again: it has to be begun anew. */
static int run_through(struct run_state *state, bool *again, struct sluice_error *err) {
  int code = refresh_begin_all(state, err);
  if (code)
    return code;
  work(state);
  code = state->code;
  *err = state->error;
  if (!code && !stop_at(&state->stop, STOP_DRAIN))
    code = policy_check(&state->policy, true, err);
  bool changed = code == SLUICE_ERR_CHANGED && state->job->sync.mode != CONFIG_INCREMENTAL;
  if (changed || (!code && !stop_at(&state->stop, STOP_DRAIN)))
    code = refresh_end(state, again, err);
  return code;
}

/* A generation that was given up for its rejects would be whole, and refused, for ever. One that stands in the way of
 * another stream's would still do so when its own stream has no files any more. */
static void abandon_broken(struct run_state *state, const struct sluice_error *why) {
  struct sluice_error err = {0};
  bool broken = atomic_load(&state->policy.broken) || state->refused;
  if (broken && refresh_abandon(state, why->message, &err))
    log_write(SLUICE_WARN, state->job->name, "the generation could not be given up: %s", err.message);
}

static void run_opened(struct run_session *session, struct stop *outer, bool *again, struct run_result *out) {
  struct run_state *state = &session->state;
  struct progress progress; /* hears who stops the run, also while a sink begins or commits a generation */
  int code = progress_start(&progress, state, outer);
  if (!code) {
    code = run_through(state, again, &out->error);
    abandon_broken(state, &out->error);
    progress_end(&progress);
  }
  out->outcome = judge(state, code, outer);
  if (*again && out->outcome <= RUN_DONE_WITH_REJECTS) {
    out->outcome = RUN_FAILED;
    sluice_fail(&out->error, SLUICE_ERR_CHANGED, state->job->name,
                "files changed while a full refresh read them; the old records stay");
  }
  if (out->outcome == RUN_INTERRUPTED)
    memset(&out->error, 0, sizeof out->error);
  if (!code && atomic_load(&state->counters.refused_parts))
    out->error = state->refusal;
  log_by_row(state);
  settle_cursors(state, out->outcome == RUN_DONE);
  end_run(session, code == SLUICE_OK, out);
}

/* Such as one that asks for --adopt: whoever looks at the job later shall see why nothing happens. */
static void note_refusal(struct run_state *state, const struct run_result *result) {
  struct sluice_error why = {0};
  if (!state->ledger)
    return;
  if (ledger_run_refused(state->ledger, state->pipeline.sink_name, run_outcome_name(result->outcome),
                         result->error.message, &why))
    log_write(SLUICE_WARN, state->job->name, "it could not be noted that the run was refused: %s", why.message);
}

static void one_pass(struct run_session *session, struct stop *stop, bool *again, struct run_result *out) {
  struct run_state *state = &session->state;
  watch_clear(state->watch);
  watch_at(state->watch, 0, WATCH_OPENING, NULL, 0);
  memset(out, 0, sizeof *out);
  session->requests_before = source_counted(session, "requests");
  session->credentials_before = source_counted(session, METRIC_CREDENTIALS);
  int code = open_run(session, &out->error);
  if (code) {
    out->outcome = code == SLUICE_ERR_CONFIG ? RUN_MISCONFIGURED : code == SLUICE_ERR_AUTH ? RUN_HELD : RUN_FAILED;
    sluice_fail(&out->error, code, state->job->name, "no memory");
    note_refusal(state, out);
  } else {
    run_opened(session, stop, again, out);
  }
  state->alone &= out->outcome == RUN_INTERRUPTED;
  state_end_pass(state);
  session->options.identity = IDENTITY_ASK; /* the answer was for once */
}

/* What was told to stop may stay so, so it is opened anew for another pass. */
static void close_pipeline(struct run_session *session) {
  if (session->opened)
    pipeline_close(&session->state.pipeline);
  session->opened = false;
}

void run_session_pass(struct run_session *session, struct stop *stop, struct run_result *out) {
  struct run_state *state = &session->state;
  int64_t started = clock_monotonic_ms();
  long long requests = metrics_sum(session->metrics, NULL, "requests");
  long long retries = metrics_sum(session->metrics, NULL, "retries");
  long long credentials = metrics_sum(session->metrics, NULL, METRIC_CREDENTIALS);
  bool again = true;
  memset(&state->stages, 0, sizeof state->stages);
  for (int i = 0; i < MAX_REFRESHES && again; i++) {
    again = false;
    one_pass(session, stop, &again, out);
    if (again || out->outcome > RUN_DONE_WITH_REJECTS)
      close_pipeline(session);
  }
  out->milliseconds = clock_monotonic_ms() - started;
  for (size_t i = 0; i < STAGES; i++)
    out->stage_us[i] = atomic_load(&state->stages.us[i]);
  out->requests = metrics_sum(session->metrics, NULL, "requests") - requests;
  out->retries = metrics_sum(session->metrics, NULL, "retries") - retries;
  out->credential_requests = metrics_sum(session->metrics, NULL, METRIC_CREDENTIALS) - credentials;
  log_redact_error(&out->error);
  summarize(state->job, out);
}

void run_session_blame(struct run_session *session) {
  session->state.blame = true;
}

int run_session_avoid(struct run_session *session, const char *part, const char *version) {
  return avoid_add(&session->avoided, part, version);
}

void run_session_avoid_nothing(struct run_session *session) {
  avoid_finish(&session->avoided);
}

bool run_session_blames(const struct run_session *session) {
  return session->state.blame;
}

int run_session_create(struct registry *registry, const struct config *config, const struct config_job *job,
                       const struct run_options *options, struct run_session **out) {
  struct run_session *session = calloc(1, sizeof *session);
  if (!session)
    return SLUICE_ERR_MEMORY;
  session->registry = registry;
  session->config = config;
  session->options = *options;
  session->metrics = options->watch ? &options->watch->metrics : &session->own;
  int code = state_init(&session->state, job);
  session->state.watch = options->watch;
  if (code)
    free(session);
  else
    *out = session;
  return code;
}

void run_session_destroy(struct run_session *session) {
  if (!session)
    return;
  state_finish(&session->state);
  avoid_finish(&session->avoided);
  free(session);
}

void run_job(struct registry *registry, const struct config *config, const struct config_job *job,
             const struct run_options *options, struct stop *stop, struct run_result *out) {
  struct run_session *session = NULL;
  if (run_session_create(registry, config, job, options, &session)) {
    memset(out, 0, sizeof *out);
    out->outcome = RUN_FAILED;
    sluice_fail(&out->error, SLUICE_ERR_MEMORY, job->name, "no memory for a run");
    summarize(job, out);
    return;
  }
  run_session_pass(session, stop, out);
  run_session_destroy(session);
}
