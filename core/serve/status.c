/* Jobs as JSON. Times are texts as people read them; null: never. */
#include "core/serve/status.h"
#include "core/base/clock.h"
#include "core/serve/lines.h"

static json_t *time_json(int64_t us) {
  char text[CLOCK_TEXT_SIZE];
  if (us <= 0)
    return json_null();
  clock_format(us, text);
  return json_string(text);
}

static const char *health(const struct served *served) {
  const char *outcome = served->kept.last.outcome;
  static const char *const bad[] = {"failed", "misconfigured", "crashed", "hung"};
  if (!outcome[0])
    return "new";
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    if (strcmp(outcome, bad[i]) == 0)
      return "failing";
  return strcmp(outcome, "held") == 0 ? "held" : "healthy";
}

static json_t *live_json(const struct watch *watch) {
  const struct watch_counters *c = &watch->counters;
  return json_pack(
      "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "rows", (json_int_t)atomic_load(&c->rows),
      "rejected_rows", (json_int_t)atomic_load(&c->rejects), "filtered_rows", (json_int_t)atomic_load(&c->filtered),
      "bytes", (json_int_t)atomic_load(&c->bytes), "parts_found", (json_int_t)atomic_load(&c->found_parts),
      "parts_done", (json_int_t)atomic_load(&c->done_parts), "parts_failed", (json_int_t)atomic_load(&c->failed_parts),
      "parts_gone", (json_int_t)atomic_load(&c->gone_parts), "parts_skipped",
      (json_int_t)atomic_load(&c->skipped_parts), "rows_new", (json_int_t)atomic_load(&c->inserted), "rows_changed",
      (json_int_t)atomic_load(&c->updated), "unchanged_rows", (json_int_t)atomic_load(&c->unchanged));
}

static json_t *run_json(const struct served *served, int64_t now) {
  const struct machine *m = &served->kept.machine;
  const char *state = served->schedule ? machine_run_name(m, served->schedule, now) : "idle";
  if (m->run == RUN_IDLE || !served->process.watch)
    return json_pack("{s:s}", "state", state);
  struct text at = {.limit = 8192};
  char first[WATCH_NAME];
  process_at(&served->process, &at, first, sizeof first);
  json_t *out = json_pack("{s:s, s:o, s:o}", "state", state, "since", time_json(served->started_us), "at",
                          lines_text(text_get(&at)));
  text_finish(&at);
  json_t *live = live_json(served->process.watch);
  if (out && live && json_object_update(out, live) == 0) {
    json_decref(live);
    return out;
  }
  json_decref(live);
  json_decref(out);
  return NULL;
}

static json_t *last_json(const struct serve_result *last) {
  if (!last->outcome[0])
    return json_null();
  json_t *out = serve_result_json(last);
  if (out && json_object_set_new(out, "started", time_json(last->started)) == 0 &&
      json_object_set_new(out, "ended", time_json(last->ended)) == 0)
    return out;
  json_decref(out);
  return NULL;
}

static json_t *refusal_json(const struct store_job *kept) {
  if (!kept->refusal[0])
    return json_null();
  return json_pack("{s:o, s:o}", "text", lines_text(kept->refusal), "at", time_json(kept->refused * 1000));
}

static json_t *stages_json(const struct served *served) {
  json_t *out = json_object();
  for (int i = STAGE_NONE + 1; i < STAGES; i++)
    json_object_set_new(out, stage_name((enum stage)i),
                        json_real((double)served_stage_us(served, (enum stage)i) / 1e6));
  return out;
}

static json_t *totals_json(const struct served *served) {
  const struct job_totals *totals = &served->totals;
  json_t *runs = json_object();
  for (size_t i = 0; i < JOB_OUTCOMES; i++)
    json_object_set_new(runs, served_outcome_name(i), json_integer(totals->runs[i]));
  struct counted counted;
  served_counted(served, &counted);
  return json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "runs", runs, "rows", (json_int_t)totals->rows,
                   "rejected_rows", (json_int_t)totals->rejects, "filtered_rows", (json_int_t)totals->filtered,
                   "unchanged_rows", (json_int_t)totals->unchanged, "bytes", (json_int_t)totals->bytes, "milliseconds",
                   (json_int_t)totals->milliseconds, "plugins", counted_json(&counted), "seconds", stages_json(served));
}

json_t *status_job(const struct served *served) {
  const struct machine *m = &served->kept.machine;
  int64_t now = clock_wall_us() / 1000, files, bytes;
  int64_t next = served->schedule ? machine_next(m, served->schedule, now) : SCHEDULE_NEVER;
  served_lag(served, &files, &bytes);
  return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:{s:I, s:I}, s:I, s:o}", "job", served->kept.name, "state",
                   machine_job_name(m), "health", health(served), "run", run_json(served, now), "next",
                   next == SCHEDULE_NEVER ? json_null() : time_json(next * 1000), "last", last_json(&served->kept.last),
                   "refusal", refusal_json(&served->kept), "lag", "files", (json_int_t)files, "bytes",
                   (json_int_t)bytes, "failures", (json_int_t)m->failures, "totals", totals_json(served));
}
