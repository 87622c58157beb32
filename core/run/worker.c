/* A worker's life: claim, drive, and deal with what went wrong. */
#include "core/run/worker.h"
#include "core/base/clock.h"
#include "core/log/log.h"
#include <stdlib.h>

enum { BUNDLE_PARTS = 256, BUNDLE_BYTES = 1 << 20, SMALL_PART = 64 << 10, MAX_CHANGES = 5 };

static void end_unit(struct worker *w) {
  free(w->results);
  free(w->starts);
  w->results = NULL;
  w->starts = NULL;
  w->n_marks = 0;
  w->replaying = false;
  reject_log_clear(&w->rejects);
  ledger_unit_free(&w->unit);
}

static int claim(struct worker *w, struct sluice_error *err) {
  struct run_state *state = w->state;
  w->schema = state_schema(state);
  if (!w->schema)
    return SLUICE_END;
  struct ledger_settings settings = {.batch_rows = state->job->batch_rows,
                                     .batch_bytes = state->job->batch_bytes,
                                     .schema = w->schema->number,
                                     .decode_hash = state->pipeline.decode_hash,
                                     .output_hash = state->pipeline.output_hash,
                                     .bundle_parts = BUNDLE_PARTS,
                                     .bundle_bytes = BUNDLE_BYTES,
                                     .small = SMALL_PART};
  return ledger_claim(state->ledger, state->run, &settings, &w->unit, err);
}

/* Where to go on: the sink's word, where it keeps positions, wins if it is ahead of the ledger's. */
static int find_position(struct worker *w, struct sluice_error *err) {
  const struct pipeline *p = &w->state->pipeline;
  bool renamed = w->unit.old_identity[0] && !w->unit.restarted;
  if (w->unit.restarted || renamed)
    log_write(
        SLUICE_WARN, w->state->job->name, "%s: the configuration changed since it was begun; %s", w->unit.parts[0].name,
        w->unit.restarted ? "it is read again from its start" : "up to one flush of records may repeat under new keys");
  if (!p->commit || w->unit.restarted)
    return SLUICE_OK;
  int code = p->commit->committed(p->sink.self, p->delivery, w->unit.identity, &w->committed, err);
  if (code == SLUICE_END && renamed)
    code = p->commit->committed(p->sink.self, p->delivery, w->unit.old_identity, &w->committed, err);
  if (code == SLUICE_END)
    return SLUICE_OK;
  w->replaying = !code && w->committed.row > w->unit.position.row;
  return code;
}

static int begin_unit(struct worker *w, struct sluice_error *err) {
  size_t n = w->unit.n_parts;
  w->results = calloc(n, sizeof *w->results);
  w->starts = n > 1 ? calloc(n + 1, sizeof *w->starts) : NULL;
  if (!w->results || (n > 1 && !w->starts))
    return sluice_fail(err, SLUICE_ERR_MEMORY, w->unit.parts[0].name, "no memory");
  w->results[0] =
      (struct ledger_part_result){.rows = n == 1 ? w->unit.rows : 0, .rejects = n == 1 ? w->unit.rejects : 0};
  w->bytes = 0;
  w->last_checkpoint = clock_monotonic_ms();
  w->position = w->unit.position;
  return find_position(w, err);
}

/* ---- what went wrong ---- */

static void fail_run(struct worker *w, int code, const struct sluice_error *why) {
  state_fail(w->state, code, why);
}

/* The part is another version now: learn which, and let it be claimed as that. */
static int reclaim_changed(struct worker *w, size_t i, struct sluice_error *err) {
  struct sluice_part part = {
      .struct_size = sizeof part, .name = w->unit.parts[i].name, .version = "", .size = -1, .modified = INT64_MIN};
  struct pipeline_part opened = {0};
  int code = pipeline_open_part(&w->state->pipeline, &part, NULL, &opened, err);
  if (!code)
    code = ledger_void(w->state->ledger, &w->unit, i, opened.version, err);
  if (code == SLUICE_ERR_NOT_FOUND) {
    code = ledger_void(w->state->ledger, &w->unit, i, NULL, err);
    atomic_fetch_add(&w->state->counters.gone_parts, 1);
  }
  pipeline_part_release(&opened);
  return code;
}

/* The ledger has it by now, so a source that cannot take the news is only told of in the log. */
static void settle(struct worker *w, size_t i, int status) {
  const struct ledger_unit_part *p = &w->unit.parts[i];
  struct sluice_part part = {
      .struct_size = sizeof part, .name = p->name, .version = p->version, .size = p->size, .modified = p->modified};
  struct sluice_error why = {0};
  if (pipeline_settle(&w->state->pipeline, &part, status, &why))
    log_write(SLUICE_WARN, w->state->job->name, "%s: the source could not settle it: %s", p->name, why.message);
}

static int fail_part(struct worker *w, size_t i, int status, const struct sluice_error *why, struct sluice_error *err) {
  log_write(SLUICE_ERROR, w->state->job->name, "%s: %s", why->where[0] ? why->where : w->unit.parts[i].name,
            why->message);
  atomic_fetch_add(&w->state->counters.failed_parts, 1);
  int code = w->unit.n_parts == 1 ? ledger_fail(w->state->ledger, &w->unit, why, err)
                                  : ledger_fail_part(w->state->ledger, &w->unit, i, why, err);
  if (!code)
    settle(w, i, status);
  return code;
}

/* A failure of one part, not of the run. */
static int part_failed(struct worker *w, size_t i, int code, const struct sluice_error *why, struct sluice_error *err) {
  if (code == SLUICE_ERR_NOT_FOUND) {
    log_write(SLUICE_WARN, w->state->job->name, "%s: gone since it was listed; it is counted, not retried",
              w->unit.parts[i].name);
    atomic_fetch_add(&w->state->counters.gone_parts, 1);
    return ledger_void(w->state->ledger, &w->unit, i, NULL, err);
  }
  bool fail = w->state->job->on_change == CONFIG_CHANGE_FAIL || w->unit.attempts > MAX_CHANGES;
  if (code == SLUICE_ERR_CHANGED && !fail) {
    log_write(SLUICE_WARN, w->state->job->name, "%s: it changed while it was read; it is read again as it is now",
              w->unit.parts[i].name);
    return reclaim_changed(w, i, err);
  }
  return fail_part(w, i, code, why, err);
}

/* After an error of its own, the writer may only be released. */
static void drop_chain(struct worker *w) {
  chain_destroy(w->chain);
  w->chain = NULL;
}

/* Keeps what was sent so far: a checkpoint behind it, if the destination still answers. */
static void save_progress(struct worker *w) {
  struct sluice_error ignored = {0};
  if (!w->chain || !w->n_marks || !worker_checkpoint(w, &ignored))
    return;
  log_write(SLUICE_WARN, w->state->job->name, "%s: no checkpoint could be taken: %s", w->unit.parts[0].name,
            ignored.message);
  drop_chain(w);
}

static void release_unit(struct worker *w) {
  struct sluice_error why = {0};
  int code = ledger_release(w->state->ledger, &w->unit, &why);
  if (code && code != SLUICE_ERR_CHANGED)
    fail_run(w, code, &why);
}

static bool is_of_part(int code) {
  return code == SLUICE_ERR_NOT_FOUND || code == SLUICE_ERR_CHANGED || code == SLUICE_ERR_DATA ||
         code == SLUICE_ERR_UNSUPPORTED || code == SLUICE_ERR_RETRY;
}

enum origin { FROM_READING, FROM_SENDING };

static void deal_with(struct worker *w, enum origin origin, size_t part, int code, const struct sluice_error *why) {
  struct sluice_error error = {0};
  if (code == SLUICE_ERR_CANCELLED) {
    save_progress(w);
    release_unit(w);
    return;
  }
  if (origin == FROM_READING && is_of_part(code) && !atomic_load(&w->state->policy.broken)) {
    save_progress(w);
    int failed = part_failed(w, part, code, why, &error);
    if (failed && failed != SLUICE_ERR_CHANGED)
      fail_run(w, failed, &error);
    return;
  }
  if (origin == FROM_READING)
    save_progress(w);
  else
    drop_chain(w);
  fail_run(w, code, why);
  release_unit(w);
}

/* ---- a unit ---- */

static void unit_done(struct worker *w) {
  atomic_fetch_add(&w->state->counters.done_parts, (long long)w->unit.n_parts);
  for (size_t i = 0; i < w->unit.n_parts; i++)
    settle(w, i, SLUICE_OK);
}

static void run_unit(struct worker *w) {
  struct sluice_error why = {0};
  bool evolved = false;
  size_t part = 0;
  w->sending = false;
  int code = begin_unit(w, &why);
  if (!code)
    code = w->unit.n_parts > 1 ? unit_bundle(w, &part, &evolved, &why) : unit_single(w, &evolved, &why);
  if (evolved) { /* why is about the new column, which is no failure */
    memset(&why, 0, sizeof why);
    code = ledger_drop(w->state->ledger, &w->unit, &why);
    if (code && code != SLUICE_ERR_CHANGED)
      fail_run(w, code, &why);
    return;
  }
  if (!code)
    code = worker_finish(w, &why);
  if (!code)
    unit_done(w);
  else
    deal_with(w, w->sending ? FROM_SENDING : FROM_READING, part < w->unit.n_parts ? part : 0, code, &why);
}

void *worker_main(void *context) {
  struct worker *w = context;
  while (!stop_at(&w->state->stop, STOP_DRAIN)) {
    struct sluice_error err = {0};
    int code = claim(w, &err);
    if (code == SLUICE_OK) {
      run_unit(w);
      end_unit(w);
    } else if (code != SLUICE_END) {
      fail_run(w, code, &err);
    } else if (!state_wait(w->state)) {
      break;
    }
  }
  chain_destroy(w->chain);
  free(w->marks);
  return NULL;
}
