/* `history`: the runs of each job, newest first. */
#include "core/base/quantity.h"
#include "core/cli/view.h"
#include "core/ledger/history.h"
#include <inttypes.h>

enum { LIMIT = 20 };
static const char *const kinds[] = {
    [RUN_INCREMENTAL] = "incremental", [RUN_FULL_REFRESH] = "full refresh", [RUN_RETRY] = "retry"};

struct history {
  int64_t limit;
  bool json;
};

static const char *kind_of(const struct ledger_run *r) {
  size_t kind = (size_t)r->facts.kind;
  return kind < sizeof kinds / sizeof *kinds ? kinds[kind] : "unknown";
}

/* A run that died, or was buried by a later one. */
static const char *outcome_of(const struct ledger_run *r) {
  if (r->running)
    return "at work now";
  return r->reason[0] ? r->reason : "died";
}

static void print_took(int64_t ms) {
  char took[QUANTITY_TEXT_SIZE];
  quantity_print_duration(ms, took);
  fputs(took, stdout);
}

static void print_requests(const struct ledger_run_facts *facts) {
  if (facts->requests == 0 && facts->credential_requests == 0)
    return;
  printf("    requests: %" PRId64, facts->requests);
  if (facts->credential_requests)
    printf(", and %" PRId64 " for credentials", facts->credential_requests);
  fputs("\n", stdout);
}

static int print_run(void *context, const struct ledger_run *r) {
  const struct ledger_counters *c = &r->counters;
  char started[REPORT_TIME_SIZE], read[QUANTITY_TEXT_SIZE];
  (void)context;
  format_time(r->started, started);
  quantity_print_size(r->facts.fetched ? r->facts.fetched : c->bytes, read);
  printf("  %s  %s, %s", started, kind_of(r), outcome_of(r));
  if (r->ended) {
    fputs(", took ", stdout);
    print_took((r->ended - r->started) / 1000);
  }
  fputs("\n   ", stdout);
  view_print_delivery(stdout, r->sink, r->stream);
  printf(", run %" PRId64, r->id);
  if (r->generation)
    printf(", generation %" PRId64, r->generation);
  printf("\n    files: %" PRId64 " done, %" PRId64 " failed, %" PRId64 " gone, %" PRId64 " skipped\n", c->parts_done,
         c->parts_failed, c->parts_gone, c->parts_skipped);
  printf("    records: %" PRId64 " delivered, %" PRId64 " rejected", c->rows, c->rejects);
  view_print_left_out(stdout, c->filtered, c->unchanged);
  printf("; %s read\n", read);
  if (r->facts.listing_ms || r->facts.reading_ms) {
    fputs("    time: listing ", stdout);
    print_took(r->facts.listing_ms);
    fputs(", reading ", stdout);
    print_took(r->facts.reading_ms);
    fputs(" over all workers\n", stdout);
  }
  print_requests(&r->facts);
  if (r->message[0]) {
    fputs("    why: ", stdout);
    view_print(stdout, r->message);
    fputs("\n", stdout);
  }
  return SLUICE_OK;
}

static int add_run(void *context, const struct ledger_run *r) {
  json_t *run = json_pack(
      "{s:I, s:o, s:o, s:s, s:o, s:o, s:b, s:s, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:I}", "id", (json_int_t)r->id,
      "sink", view_json(r->sink), "stream", view_json(r->stream), "kind", kind_of(r), "started", view_time(r->started),
      "ended", view_time(r->ended), "running", r->running, "outcome", outcome_of(r), "message", view_json(r->message),
      "counts", view_counters(&r->counters), "listed", view_time(r->facts.listed), "listing_ms",
      (json_int_t)r->facts.listing_ms, "reading_ms", (json_int_t)r->facts.reading_ms, "fetched",
      (json_int_t)r->facts.fetched, "requests", (json_int_t)r->facts.requests, "credential_requests",
      (json_int_t)r->facts.credential_requests, "generation", (json_int_t)r->generation);
  return json_array_append_new(context, run) == 0 ? SLUICE_OK : SLUICE_ERR_MEMORY;
}

static int show_text(const struct view *view, const struct history *h, struct sluice_error *err) {
  printf("%s\n", view->job->name);
  int code = ledger_read_runs(config_ledger(view->config), view->job->name, h->limit, print_run, NULL, err);
  if (code != SLUICE_ERR_NOT_FOUND)
    return code;
  puts("  no run yet");
  memset(err, 0, sizeof *err);
  return SLUICE_OK;
}

static int show_json(const struct view *view, const struct history *h, struct sluice_error *err) {
  json_t *runs = json_array();
  int code = ledger_read_runs(config_ledger(view->config), view->job->name, h->limit, add_run, runs, err);
  if (code != SLUICE_OK && code != SLUICE_ERR_NOT_FOUND) {
    json_decref(runs);
    return sluice_fail(err, code, view->job->name, "no memory");
  }
  memset(err, 0, sizeof *err);
  print_json(stdout, json_pack("{s:s, s:o}", "job", view->job->name, "runs", runs), false);
  return SLUICE_OK;
}

static int show_job(const struct view *view, struct sluice_error *err) {
  const struct history *h = view->context;
  return h->json ? show_json(view, h, err) : show_text(view, h, err);
}

static enum exit_status run_history(const struct cli *cli) {
  struct sluice_error err = {0};
  struct history h = {.limit = LIMIT, .json = args_has(&cli->args, "json")};
  if (args_count(&cli->args, "limit", &h.limit, &err) != SLUICE_OK)
    return report_usage(cli, "%s", err.message);
  return view_jobs(cli, show_job, &h);
}

static const struct args_option items[] = {
    {"config", 'c', "FILE", "Lay this file upon those before it. May be repeated."},
    {"job", 0, "NAME", "Only this job. May be repeated."},
    {"limit", 0, "N", "At most so many runs of each job; 20 without it."},
    {"json", 0, NULL, "Print a JSON object a job."},
};
const struct command history_command = {
    .name = "history",
    .words = "CONFIG",
    .summary = "Show the runs of each job: when, how they ended and why, what they did.",
    .details =
        "Newest first, of all sinks; the ledger keeps the last 1,000 of each. It reads the ledger only, also while a\n"
        "run is at work.\n\n"
        "Example:\n  sluice history job.conf --job clicks --limit 5\n",
    .options = ARGS_TABLE(items),
    .max_words = 1,
    .run = run_history,
};
