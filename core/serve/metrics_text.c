/* The numbers as text. A family is written whole, as OpenMetrics wants it: its lines of all jobs stand together. */
#include "core/base/clock.h"
#include "core/serve/metrics.h"
#include <inttypes.h>
#include <stdlib.h>

enum kind { GAUGE, COUNTER };
typedef double value_fn(const struct served *);
struct family {
  const char *name, *unit, *help; /* name without _total; unit NULL: none */
  enum kind kind;
  value_fn *value;
};

/* ---- values ---- */

static double live(const struct served *served, const atomic_llong *counter) {
  return served->kept.machine.run != RUN_IDLE ? (double)atomic_load(counter) : 0;
}
static const struct watch_counters *counters(const struct served *served) {
  static const struct watch_counters none = {.rows = 0};
  return served->process.watch ? &served->process.watch->counters : &none;
}
static double rows(const struct served *s) {
  return (double)s->totals.rows + live(s, &counters(s)->rows);
}
static double rejects(const struct served *s) {
  return (double)s->totals.rejects + live(s, &counters(s)->rejects);
}
static double filtered(const struct served *s) {
  return (double)s->totals.filtered + live(s, &counters(s)->filtered);
}
static double unchanged(const struct served *s) {
  return (double)s->totals.unchanged + live(s, &counters(s)->unchanged);
}
static double bytes(const struct served *s) {
  return (double)s->totals.bytes + live(s, &counters(s)->bytes);
}
static double retries(const struct served *s) {
  return (double)s->totals.retries;
}
static double run_seconds(const struct served *s) {
  return (double)s->totals.milliseconds / 1000;
}
static double lag_files(const struct served *s) {
  int64_t files, left;
  served_lag(s, &files, &left);
  return (double)files;
}
static double lag_bytes(const struct served *s) {
  int64_t files, left;
  served_lag(s, &files, &left);
  return (double)left;
}
static double last_seconds(const struct served *s) {
  return (double)s->kept.last.milliseconds / 1000;
}
static double last_end(const struct served *s) {
  return (double)s->kept.last.ended / 1e6;
}
static double active(const struct served *s) {
  return s->kept.machine.run != RUN_IDLE;
}
static double lost(const struct served *s) {
  return (double)s->kept.machine.failures;
}
static double next_run(const struct served *s) {
  int64_t next = s->schedule ? machine_next(&s->kept.machine, s->schedule, clock_wall_us() / 1000) : SCHEDULE_NEVER;
  return next == SCHEDULE_NEVER ? 0 : (double)next / 1000;
}

static const struct family families[] = {
    {"sluice_rows", NULL, "Records delivered.", COUNTER, rows},
    {"sluice_rejected_rows", NULL, "Records rejected.", COUNTER, rejects},
    {"sluice_filtered_rows", NULL, "Records that `where` left out.", COUNTER, filtered},
    {"sluice_unchanged_rows", NULL, "Records that need not be sent, by row.", COUNTER, unchanged},
    {"sluice_read_bytes", "bytes", "Bytes read from the source.", COUNTER, bytes},
    {"sluice_retries", NULL, "Runs begun again because the process of the one before was lost.", COUNTER, retries},
    {"sluice_run_time_seconds", "seconds", "Time spent in runs that ended.", COUNTER, run_seconds},
    {"sluice_lag_files", NULL, "Files that are listed and not delivered.", GAUGE, lag_files},
    {"sluice_lag_bytes", "bytes", "Bytes of the files that are listed and not delivered.", GAUGE, lag_bytes},
    {"sluice_last_run_duration_seconds", "seconds", "How long the last run took.", GAUGE, last_seconds},
    {"sluice_last_run_end_timestamp_seconds", "seconds", "When the last run ended; 0: none did.", GAUGE, last_end},
    {"sluice_next_run_timestamp_seconds", "seconds", "When the next run starts; 0: none is planned.", GAUGE, next_run},
    {"sluice_run_active", NULL, "1 while a run goes on.", GAUGE, active},
    {"sluice_lost_processes", NULL, "Processes lost in a row: above 0 the job waits to try again.", GAUGE, lost},
};

/* ---- lines ---- */

struct writer {
  struct text *out;
  enum metrics_form form;
  int code;
};

__attribute__((format(printf, 2, 3))) static void put(struct writer *w, const char *format, ...) {
  va_list args;
  va_start(args, format);
  if (!w->code)
    w->code = text_vprintf(w->out, format, args);
  va_end(args);
}

/* OpenMetrics names a family of counters without the _total that its samples have. */
static void head(struct writer *w, const char *name, const char *unit, const char *help, enum kind kind) {
  const char *suffix = kind == COUNTER && w->form == METRICS_PROMETHEUS ? "_total" : "";
  put(w, "# HELP %s%s %s\n# TYPE %s%s %s\n", name, suffix, help, name, suffix, kind == COUNTER ? "counter" : "gauge");
  if (unit && w->form == METRICS_OPENMETRICS)
    put(w, "# UNIT %s %s\n", name, unit);
}

/* Names of jobs have letters, digits, - and _ only: no value of a label needs to be escaped. */
static void put_family(struct writer *w, const struct metrics_view *view, const struct family *family) {
  head(w, family->name, family->unit, family->help, family->kind);
  for (size_t i = 0; i < view->n_jobs; i++)
    put(w, "%s%s{job=\"%s\"} %.17g\n", family->name, family->kind == COUNTER ? "_total" : "", view->jobs[i]->kept.name,
        family->value(view->jobs[i]));
}

static void put_runs(struct writer *w, const struct metrics_view *view) {
  head(w, "sluice_runs", NULL, "Runs that ended, by how.", COUNTER);
  for (size_t i = 0; i < view->n_jobs; i++)
    for (size_t k = 0; k < JOB_OUTCOMES; k++)
      put(w, "sluice_runs_total{job=\"%s\",reason=\"%s\"} %" PRId64 "\n", view->jobs[i]->kept.name,
          served_outcome_name(k), view->jobs[i]->totals.runs[k]);
}

static void put_parts(struct writer *w, const struct metrics_view *view) {
  static const char *const states[] = {"done", "failed", "gone", "skipped"};
  head(w, "sluice_run_parts", NULL, "Files of the active run, or else of the last one, by state.", GAUGE);
  for (size_t i = 0; i < view->n_jobs; i++) {
    const struct served *served = view->jobs[i];
    const struct ledger_counters *last = &served->kept.last.counters;
    const struct watch_counters *now = counters(served);
    bool runs = served->kept.machine.run != RUN_IDLE;
    const int64_t values[] = {runs ? atomic_load(&now->done_parts) : last->parts_done,
                              runs ? atomic_load(&now->failed_parts) : last->parts_failed,
                              runs ? atomic_load(&now->gone_parts) : last->parts_gone,
                              runs ? atomic_load(&now->skipped_parts) : last->parts_skipped};
    for (size_t k = 0; k < 4; k++)
      put(w, "sluice_run_parts{job=\"%s\",state=\"%s\"} %" PRId64 "\n", served->kept.name, states[k], values[k]);
  }
}

static void put_stages(struct writer *w, const struct metrics_view *view) {
  head(w, "sluice_stage_time_seconds", "seconds", "Time that threads spent in each stage of runs.", COUNTER);
  for (size_t i = 0; i < view->n_jobs; i++)
    for (int k = STAGE_NONE + 1; k < STAGES; k++)
      put(w, "sluice_stage_time_seconds_total{job=\"%s\",stage=\"%s\"} %.17g\n", view->jobs[i]->kept.name,
          stage_name((enum stage)k), (double)served_stage_us(view->jobs[i], (enum stage)k) / 1e6);
}

/* ---- what plugins count, under names that they choose ---- */

static const char *unit_of(const char *name) {
  static const char *const units[] = {"bytes", "seconds"};
  const char *end = strrchr(name, '_');
  for (size_t i = 0; end && i < sizeof units / sizeof *units; i++)
    if (strcmp(end + 1, units[i]) == 0)
      return units[i];
  return NULL;
}

static void put_counter(struct writer *w, const struct metrics_view *view, const struct counted *counted,
                        const char *name) {
  char family[METRIC_NAME + 16];
  snprintf(family, sizeof family, "sluice_plugin_%s", name);
  head(w, family, unit_of(name), "As plugins of the job count it.", COUNTER);
  for (size_t i = 0; i < view->n_jobs; i++)
    for (size_t k = 0; k < counted[i].n; k++)
      if (strcmp(counted[i].items[k].name, name) == 0)
        put(w, "%s_total{job=\"%s\",plugin=\"%s\"} %lld\n", family, view->jobs[i]->kept.name,
            counted[i].items[k].plugin, counted[i].items[k].value);
}

/* Of the first `items` counters of job i, and all of the jobs before it. */
static bool is_written(const struct counted *counted, size_t i, size_t items, const char *name) {
  for (size_t j = 0; j <= i; j++)
    for (size_t k = 0; k < (j < i ? counted[j].n : items); k++)
      if (strcmp(counted[j].items[k].name, name) == 0)
        return true;
  return false;
}

static void put_counted(struct writer *w, const struct metrics_view *view) {
  struct counted *counted = calloc(view->n_jobs + 1, sizeof *counted);
  for (size_t i = 0; counted && i < view->n_jobs; i++)
    served_counted(view->jobs[i], &counted[i]);
  for (size_t i = 0; counted && i < view->n_jobs; i++)
    for (size_t k = 0; k < counted[i].n; k++)
      if (!is_written(counted, i, k, counted[i].items[k].name))
        put_counter(w, view, counted, counted[i].items[k].name);
  w->code = counted ? w->code : SLUICE_ERR_MEMORY;
  free(counted);
}

static void put_states(struct writer *w, const struct metrics_view *view) {
  static const char *const names[] = {"active", "paused", "deleted"};
  head(w, "sluice_job_state", NULL, "1 for the state that the job is in.", GAUGE);
  for (size_t i = 0; i < view->n_jobs; i++)
    for (size_t k = 0; k < 3; k++)
      put(w, "sluice_job_state{job=\"%s\",state=\"%s\"} %d\n", view->jobs[i]->kept.name, names[k],
          strcmp(machine_job_name(&view->jobs[i]->kept.machine), names[k]) == 0);
}

int metrics_text(const struct metrics_view *view, enum metrics_form form, struct text *out) {
  struct writer w = {.out = out, .form = form};
  head(&w, "sluice_up", NULL, "1: it serves.", GAUGE);
  put(&w, "sluice_up 1\n");
  head(&w, "sluice_start_timestamp_seconds", "seconds", "When it began to serve.", GAUGE);
  put(&w, "sluice_start_timestamp_seconds %.17g\n", (double)view->started_us / 1e6);
  head(&w, "sluice_reloads", NULL, "Configurations taken since then.", COUNTER);
  put(&w, "sluice_reloads_total %" PRId64 "\n", view->reloads);
  head(&w, "sluice_last_reload_failed", NULL, "1: the last new configuration was refused.", GAUGE);
  put(&w, "sluice_last_reload_failed %d\n", view->reload_failed);
  for (size_t i = 0; i < sizeof families / sizeof *families; i++)
    put_family(&w, view, &families[i]);
  put_runs(&w, view);
  put_parts(&w, view);
  put_stages(&w, view);
  put_counted(&w, view);
  put_states(&w, view);
  if (form == METRICS_OPENMETRICS)
    put(&w, "# EOF\n");
  return w.code;
}

enum metrics_form metrics_form(const char *accept) {
  return accept && strstr(accept, "application/openmetrics-text") ? METRICS_OPENMETRICS : METRICS_PROMETHEUS;
}
