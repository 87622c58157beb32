/* A worker's life: claim, drive, and deal with what went wrong. */
#include "core/run/worker.h"
#include "core/base/clock.h"
#include "core/log/log.h"
#include "core/run/infer.h"
#include <stdlib.h>

enum { BUNDLE_PARTS = 256, BUNDLE_BYTES = 4 << 20, SMALL_PART = 64 << 10, MAX_CHANGES = 5, CRASHES_ALONE = 2 };

static void end_unit(struct worker *w) {
  watch_at(w->state->watch, w->slot, WATCH_IDLE, NULL, 0);
  free(w->results);
  free(w->starts);
  w->results = NULL;
  w->starts = NULL;
  w->n_marks = 0;
  w->filtered = 0;
  w->replaying = false;
  ledger_early_free(w->early, w->n_early);
  w->early = NULL;
  w->n_early = w->early_at = 0;
  /* rejects that no checkpoint passed are found again */
  atomic_fetch_sub(&w->state->policy.rejects, (long long)w->rejects.count);
  reject_log_clear(&w->rejects);
  ledger_unit_free(&w->unit);
}

struct ledger_settings worker_settings(const struct worker *w) {
  const struct run_state *state = w->state;
  return (struct ledger_settings){.batch_rows = state->job->batch_rows,
                                  .batch_bytes = state->job->batch_bytes,
                                  .schema = w->schema->number,
                                  .first_schema = w->stream->first_schema,
                                  .decode_hash = state->pipeline.decode_hash,
                                  .output_hash = state->pipeline.output_hash,
                                  .bundle_parts = BUNDLE_PARTS,
                                  .bundle_bytes = BUNDLE_BYTES,
                                  .small = SMALL_PART,
                                  .crashes_alone = CRASHES_ALONE};
}

static int claim_of(struct worker *w, struct stream *stream, struct sluice_error *err) {
  struct run_state *state = w->state;
  w->schema = stream_schema(stream);
  w->stream = stream;
  if (!w->schema)
    return SLUICE_END;
  struct ledger_settings settings = worker_settings(w);
  int code = ledger_claim(state->ledger, stream->run, &settings, &w->unit, err);
  if (!code && w->unit.schema != w->schema->number)
    code = schema_of_unit(state, stream, w->unit.schema, &w->schema, err);
  if (code)
    ledger_unit_free(&w->unit);
  return code;
}

/* From the stream that it is at, as long as that has anything: another one needs another writer. */
static int claim(struct worker *w, struct sluice_error *err) {
  size_t n = streams_count(&w->state->streams);
  for (size_t tried = 0; tried < n; tried++) {
    int code = claim_of(w, streams_at(&w->state->streams, w->at % n), err);
    if (code != SLUICE_END)
      return code;
    w->at = (w->at + 1) % n;
  }
  return SLUICE_END;
}

/* Of a unit that was under way, before anything of it is sent. */
static void say_change(const struct worker *w) {
  const struct ledger_unit *unit = &w->unit;
  const char *what = "up to one flush of records may repeat under new keys";
  if (!unit->reconfigured && !unit->overtaken)
    return;
  if (unit->restarted)
    what = "it is read again from its start, and what was delivered of it may come again";
  else if (unit->retyped)
    what = "it goes on from its last checkpoint with today's columns; up to one flush of records may repeat";
  log_write(unit->reconfigured ? SLUICE_WARN : SLUICE_INFO, w->state->job->name, "%s: %s since it was begun; %s",
            unit->parts[0].name, unit->reconfigured ? "the configuration changed" : "other files were read or changed",
            what);
}

/* Where to go on: the sink's word, where it keeps positions, wins if it is ahead of the ledger's. Not by row: what the
 * sink has of this unit another one may have overwritten since, for the ledger does not know of it, and what the sink
 * refused would count as accepted. Sent again it is what it was. */
static int find_position(struct worker *w, struct sluice_error *err) {
  const struct pipeline *p = &w->state->pipeline;
  say_change(w);
  if (!p->commit || w->unit.restarted || w->state->job->sync.n_keys)
    return SLUICE_OK;
  int code = p->commit->committed(p->sink.self, w->stream->delivery, w->unit.identity, &w->committed, err);
  for (size_t i = 0; i < LEDGER_OLD_IDENTITIES && code == SLUICE_END && w->unit.old_identities[i][0]; i++)
    code = p->commit->committed(p->sink.self, w->stream->delivery, w->unit.old_identities[i], &w->committed, err);
  w->replaying = !code && w->committed.row > w->unit.position.row;
  if (code && code != SLUICE_END)
    return code;
  if (w->unit.attempts == 1) /* nobody refused anything of it yet */
    return SLUICE_OK;
  int64_t known = w->replaying ? w->committed.row : w->unit.position.row;
  return ledger_early_take(w->state->ledger, w->unit.id, known, &w->early, &w->n_early, err);
}

static int begin_unit(struct worker *w, struct sluice_error *err) {
  size_t n = w->unit.n_parts;
  w->results = calloc(n, sizeof *w->results);
  w->starts = n > 1 ? calloc(n + 1, sizeof *w->starts) : NULL;
  if (!w->results || (n > 1 && !w->starts))
    return sluice_fail(err, SLUICE_ERR_MEMORY, w->unit.parts[0].name, "no memory");
  if (n == 1)
    w->results[0] = (struct ledger_part_result){
        .rows = w->unit.rows, .rejects = w->unit.rejects, .filtered = w->unit.filtered, .unchanged = w->unit.unchanged};
  w->bytes = 0;
  w->last_checkpoint = clock_monotonic_ms();
  w->position = w->unit.position;
  w->handed_over = w->voided = false;
  if (w->by_row)
    by_row_begin(w->by_row, &w->unit, w->starts, w->results);
  w->sending = true; /* what goes wrong there is the sink's, not the part's */
  int code = find_position(w, err);
  if (!code)
    w->sending = false;
  return code;
}

/* ---- what went wrong ---- */

static void fail_run(struct worker *w, int code, const struct sluice_error *why) {
  state_fail(w->state, code, why);
}

/* What the part is now, for a unit made anew of it. GONE if it is no more. */
static int find_version(struct worker *w, size_t i, struct pipeline_part *out, struct sluice_error *err) {
  struct sluice_part part = {
      .struct_size = sizeof part, .name = w->unit.parts[i].name, .size = -1, .modified = INT64_MIN};
  int code = pipeline_open_part(&w->state->pipeline, &part, NULL, out, err);
  if (out->input.release)
    out->input.release(&out->input);
  memset(&out->input, 0, sizeof out->input);
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

/* An object that is overwritten all the time would be read again for ever. */
static bool too_many_changes(struct run_state *state) {
  struct run_counters *c = &state->counters;
  return atomic_load(&c->changed_parts) > MAX_CHANGES * (atomic_load(&c->found_parts) + MAX_CHANGES);
}

/* What the ledger shall make of a part that could not be read. version has room for the part's new one. */
static int judge(struct worker *w, size_t i, const struct part_failure *failure, struct pipeline_part *version,
                 struct ledger_verdict *out, struct sluice_error *err) {
  const char *job = w->state->job->name, *name = w->unit.parts[i].name;
  bool refuse = w->state->job->sync.on_change == CONFIG_CHANGE_FAIL || too_many_changes(w->state);
  int code = failure->code;
  if (failure->alone) { /* a version given by the ledger's CHANGED makes it be read alone, as a stream */
    *out = (struct ledger_verdict){.what = VERDICT_CHANGED, .version = w->unit.parts[i].version};
    return SLUICE_OK;
  }
  if (code == SLUICE_ERR_CHANGED && !refuse) {
    atomic_fetch_add(&w->state->counters.changed_parts, 1);
    code = find_version(w, i, version, err);
    if (code && code != SLUICE_ERR_NOT_FOUND && code != SLUICE_ERR_CHANGED)
      return code;
    *out = (struct ledger_verdict){.what = VERDICT_CHANGED, .version = version->version};
    if (!code)
      log_write(SLUICE_WARN, job, "%s: it changed while it was read; it is read again as it is now", name);
  }
  if (code == SLUICE_ERR_NOT_FOUND) {
    *out = (struct ledger_verdict){.what = VERDICT_GONE};
    log_write(SLUICE_WARN, job, "%s: gone since it was listed; it is counted, not retried", name);
    atomic_fetch_add(&w->state->counters.gone_parts, 1);
  } else if (code) {
    *out = (struct ledger_verdict){.what = VERDICT_FAILED, .why = &failure->why};
    log_write(SLUICE_ERROR, job, "%s: %s", failure->why.where[0] ? failure->why.where : name, failure->why.message);
    atomic_fetch_add(&w->state->counters.failed_parts, 1);
    atomic_fetch_add(&w->stream->failed, 1);
  }
  return SLUICE_OK;
}

/* Parts of a bundle could not be read: all their verdicts at once, and the others are free for new units. */
static int break_bundle(struct worker *w, const struct part_failure *failures, struct sluice_error *err) {
  size_t n = w->unit.n_parts;
  struct ledger_verdict *verdicts = calloc(n, sizeof *verdicts);
  struct pipeline_part *versions = calloc(n, sizeof *versions);
  int code = verdicts && versions ? SLUICE_OK : SLUICE_ERR_MEMORY;
  for (size_t i = 0; i < n && !code; i++)
    if (failures[i].code)
      code = judge(w, i, &failures[i], &versions[i], &verdicts[i], err);
  w->unit.nothing_sent = !w->handed_over;
  if (!code)
    code = ledger_break(w->state->ledger, &w->unit, verdicts, err);
  for (size_t i = 0; i < n && !code; i++)
    if (verdicts[i].what == VERDICT_FAILED)
      settle(w, i, failures[i].code);
  free(verdicts);
  free(versions);
  return sluice_fail(err, code, w->unit.parts[0].name, "no memory");
}

/* The same for a whole part, whose unit is kept where it failed, to go on from its last checkpoint in the next run. */
static int part_failed(struct worker *w, int code, const struct sluice_error *why, struct sluice_error *err) {
  struct part_failure failure = {.code = code, .why = *why};
  struct pipeline_part version = {0};
  struct ledger_verdict verdict = {0};
  code = judge(w, 0, &failure, &version, &verdict, err);
  if (code)
    return code;
  if (verdict.what != VERDICT_FAILED) {
    worker_forget(w);
    w->unit.nothing_sent = !w->handed_over;
    return ledger_void(w->state->ledger, &w->unit, 0, verdict.version, err);
  }
  code = ledger_fail(w->state->ledger, &w->unit, why, err);
  if (!code)
    settle(w, 0, failure.code);
  return code;
}

/* After an error of its own, the writer may only be released. */
static void drop_chain(struct worker *w) {
  worker_close_chain(w);
}

/* Keeps what was sent so far: a checkpoint behind it, if the destination still answers. */
static void save_progress(struct worker *w) {
  struct sluice_error ignored = {0};
  bool whole = w->unit.n_parts > 1; /* a bundle has no position inside: it is done, or read again */
  if (!w->chain || !w->n_marks || !(whole ? chain_flush(w->chain, &ignored) : worker_checkpoint(w, &ignored)))
    return;
  log_write(SLUICE_WARN, w->state->job->name, "%s: no checkpoint could be taken: %s", w->unit.parts[0].name,
            ignored.message);
  drop_chain(w);
}

/* Where the run fails for its rejects, those that no checkpoint passed are shown as well. */
static void show_rejects(struct worker *w) {
  struct sluice_error why = {0};
  struct text lines = {0};
  int64_t n = 0;
  if (!atomic_load(&w->state->policy.broken))
    return;
  int code = reject_log_peek(&w->rejects, INT64_MAX, &lines, &n);
  if (!code)
    code = ledger_show_rejects(w->state->ledger, &w->unit, lines.data, lines.size, &why);
  if (code)
    log_write(SLUICE_WARN, w->state->job->name, "%s: what was rejected could not be kept: %s", w->unit.parts[0].name,
              why.message[0] ? why.message : "no memory");
  text_finish(&lines);
}

static void release_unit(struct worker *w) {
  struct sluice_error why = {0};
  show_rejects(w);
  int code = ledger_release(w->state->ledger, &w->unit, &why);
  if (code && code != SLUICE_ERR_CHANGED)
    fail_run(w, code, &why);
}

enum origin { FROM_READING, FROM_SENDING };

static void deal_with(struct worker *w, enum origin origin, int code, const struct sluice_error *why) {
  struct sluice_error error = {0};
  if (w->voided) { /* its part was listed as another, or another worker found it so: it is read again as it is now */
    log_write(SLUICE_INFO, w->state->job->name, "%s: it changed while it was read; it is read again as it is now",
              w->unit.parts[0].name);
    drop_chain(w);
    return;
  }
  if (code == SLUICE_ERR_CANCELLED && stop_at(&w->state->stop, STOP_DRAIN)) {
    if (origin == FROM_READING)
      save_progress(w);
    else
      drop_chain(w);
    release_unit(w);
    return;
  }
  if (origin == FROM_READING && unit_is_of_part(code) && !atomic_load(&w->state->policy.broken)) {
    save_progress(w);
    int failed = part_failed(w, code, why, &error);
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
  for (size_t i = 0; i < w->unit.n_parts; i++) {
    if (w->results[i].state != PART_DONE)
      continue; /* other pieces of it are left */
    atomic_fetch_add(&w->state->counters.done_parts, 1);
    settle(w, i, SLUICE_OK);
  }
}

/* A bundle: *broken if parts of it could not be read, and that is in the ledger. */
static int run_bundle(struct worker *w, bool *evolved, bool *broken, struct sluice_error *err) {
  struct part_failure *failures = calloc(w->unit.n_parts, sizeof *failures);
  int code = failures ? unit_bundle(w, failures, evolved, err) : SLUICE_ERR_MEMORY;
  for (size_t i = 0; i < w->unit.n_parts && !code && !*broken; i++)
    *broken = failures[i].code;
  if (*broken) {
    code = break_bundle(w, failures, err);
    worker_forget(w);
  }
  free(failures);
  return sluice_fail(err, code, w->unit.parts[0].name, "no memory");
}

/* The job's schema grew: the unit's parts are free for units under the new one. */
static void free_evolved(struct worker *w) {
  struct sluice_error why = {0};
  w->unit.nothing_sent = !w->handed_over;
  int code = ledger_drop(w->state->ledger, &w->unit, &why);
  worker_forget(w);
  if (code && code != SLUICE_ERR_CHANGED)
    fail_run(w, code, &why);
}

static void run_unit(struct worker *w) {
  struct sluice_error why = {0};
  bool evolved = false, broken = false;
  w->sending = false;
  watch_at(w->state->watch, w->slot, WATCH_READING, w->unit.parts[0].name, w->unit.n_parts - 1);
  int code = begin_unit(w, &why);
  if (!code)
    code = w->unit.n_parts > 1 ? run_bundle(w, &evolved, &broken, &why) : unit_single(w, &evolved, &why);
  if (evolved) {
    free_evolved(w);
    return;
  }
  if (!code && broken)
    return;
  if (!code)
    code = worker_finish(w, &why);
  if (!code)
    unit_done(w);
  else if (code != SLUICE_ERR_CHANGED || !broken)
    deal_with(w, w->sending ? FROM_SENDING : FROM_READING, code, &why);
}

/* The ledger has its parts as failed, unread: `status` and `parts` show why. */
static void tell_set_aside(struct worker *w) {
  for (size_t i = 0; i < w->unit.n_parts; i++) {
    log_write(SLUICE_ERROR, w->state->job->name,
              "%s: set aside: the process died %lld times while it read this and nothing else; it is read again when it"
              " or the settings change, or after `sluice reset --part`",
              w->unit.parts[i].name, (long long)w->unit.crashes_alone);
    settle(w, i, SLUICE_ERR_DATA);
  }
  atomic_fetch_add(&w->state->counters.failed_parts, (long long)w->unit.n_parts);
  atomic_fetch_add(&w->stream->failed, (long long)w->unit.n_parts);
}

void *worker_main(void *context) {
  struct worker *w = context;
  stages_begin(&w->state->stages);
  while (!stop_at(&w->state->stop, STOP_DRAIN)) {
    struct sluice_error err = {0};
    bool all = state_all_listed(w->state); /* asked before the claim: parts listed behind it are not missed */
    if (!all && w->state->rows_known) {
      state_wait(w->state); /* it counts which later files are still there, and which of them changed */
      continue;
    }
    int code = claim(w, &err);
    if (code == SLUICE_OK) {
      if (w->unit.set_aside)
        tell_set_aside(w);
      else
        run_unit(w);
      end_unit(w);
    } else if (code == SLUICE_ERR_RETRY) {
      stop_sleep(&w->state->stop, STOP_DRAIN, (long)err.retry_ms); /* a suspect is, or wants to be, alone */
    } else if (code != SLUICE_END) {
      fail_run(w, code, &err);
    } else if (all) {
      break;
    } else {
      state_wait(w->state);
    }
  }
  worker_close_chain(w);
  free(w->marks);
  return NULL;
}
