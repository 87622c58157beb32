/* `status`: what the ledger says of each delivery. */
#include "core/base/quantity.h"
#include "core/cli/report.h"
#include "core/cli/served.h"
#include "core/cli/view.h"
#include "core/ledger/streams.h"
#include "core/load/options.h"
#include "core/load/registry.h"
#include "core/log/log.h"
#include <inttypes.h>

enum { FAILED_SHOWN = 20, PART_STATES = 6, SHOWN_STATES };
static const char *const state_names[SHOWN_STATES] = {"pending", "active", "done",     "failed",
                                                      "skipped", "gone",   "cancelled"};

struct shown { /* of a job */
  const char *job;
  bool deleted;       /* what is pending is cancelled */
  json_t *deliveries; /* NULL: for people */
};

static void count_parts(const struct shown *shown, const struct ledger_status *s, int64_t out[SHOWN_STATES]) {
  memcpy(out, s->parts, sizeof s->parts);
  out[PART_STATES] = shown->deleted ? s->parts[PART_PENDING] : 0;
  out[PART_PENDING] -= out[PART_STATES];
}

static void masked(const char *text, char *out, size_t size) {
  snprintf(out, size, "%s", text ? text : "");
  log_redact(out);
}

/* ---- for people ---- */

static void print_run(const struct ledger_status *s) {
  char started[REPORT_TIME_SIZE], took[QUANTITY_TEXT_SIZE];
  format_time(s->started, started);
  quantity_print_duration((s->ended - s->started) / 1000, took);
  if (s->running)
    printf("  run       since %s, at work now\n", started);
  else if (!s->started)
    puts("  run       none yet");
  else if (!s->ended)
    printf("  run       started %s and died; the next run goes on from there\n", started);
  else
    printf("  run       %s, started %s, took %s\n", s->reason, started, took);
}

/* A full refresh that is not in place yet: failed parts are its. */
static void print_refresh(const struct ledger_status *s) {
  if (!s->open)
    return;
  printf("  refresh   generation %" PRId64 " is not in place yet:", s->open);
  for (size_t i = 0; i < PART_STATES; i++)
    printf("%s %" PRId64 " %s", i ? "," : "", s->open_parts[i], state_names[i]);
  fputs("\n", stdout);
}

/* What the source passed over is no file of the job, so the ledger has only the number. */
static void print_left_out(const struct ledger_status *s) {
  int64_t n = s->last.parts_skipped;
  if (n && !s->running)
    printf("  left out  %" PRId64
           " object%s of the last run's listing: folder markers, hidden, excluded, too old and the like\n",
           n, n == 1 ? "" : "s");
}

static int print_delivery(void *context, const struct ledger_status *s) {
  char message[sizeof s->message], size[QUANTITY_TEXT_SIZE];
  const struct shown *shown = context;
  int64_t parts[SHOWN_STATES];
  fputs(shown->job, stdout);
  view_print_delivery(stdout, s->sink, s->stream);
  fputs("\n", stdout);
  print_run(s);
  masked(s->message, message, sizeof message);
  if (message[0] && !s->running) {
    fputs("  message   ", stdout);
    print_safe(stdout, message);
    fputs("\n", stdout);
  }
  print_left_out(s);
  if (strcmp(s->stream, LEDGER_WHOLE_JOB) == 0) /* its streams follow */
    return SLUICE_OK;
  fputs("  parts    ", stdout);
  count_parts(shown, s, parts);
  for (size_t i = 0; i < PART_STATES || (i < SHOWN_STATES && parts[i]); i++)
    printf("%s %" PRId64 " %s", i ? "," : "", parts[i], state_names[i]);
  quantity_print_size(s->bytes, size);
  printf("\n  records   %" PRId64 " delivered, %" PRId64 " rejected", s->rows, s->rejects);
  view_print_left_out(stdout, s->filtered, s->unchanged);
  printf(", %s read\n", size);
  print_refresh(s);
  return SLUICE_OK;
}

static int print_failed(void *context, const char *sink, const char *part, int64_t attempts, const char *error) {
  char text[1024];
  (void)context;
  masked(error, text, sizeof text);
  fputs("  failed    ", stdout);
  print_safe(stdout, part);
  fputs(" to ", stdout);
  print_safe(stdout, sink);
  printf(" (%" PRId64 " attempt%s): ", attempts, attempts == 1 ? "" : "s");
  print_safe(stdout, text);
  fputs("\n", stdout);
  return SLUICE_OK;
}

static int print_job(const struct config *config, const struct config_job *job, const struct cli_served *served,
                     struct sluice_error *err) {
  struct sluice_error why = {0};
  const char *folder = config_ledger(config);
  struct shown shown = {job->name, cli_served_is_deleted(config, job->name), NULL};
  int code = ledger_read_status(folder, job->name, print_delivery, &shown, &why);
  if (code == SLUICE_ERR_NOT_FOUND) {
    printf("%s\n  run       none yet\n", job->name);
    cli_served_print(stdout, served, job->name);
    return SLUICE_OK;
  }
  if (code == SLUICE_OK)
    cli_served_print(stdout, served, job->name);
  if (code == SLUICE_OK)
    code = ledger_read_failed(folder, job->name, FAILED_SHOWN, print_failed, NULL, &why);
  if (code != SLUICE_OK)
    *err = why;
  return code;
}

/* ---- as JSON ---- */

static json_t *masked_json(const char *text) {
  char copy[1024];
  masked(text, copy, sizeof copy);
  return json_safe(copy);
}

static json_t *time_json(int64_t microseconds) {
  char text[REPORT_TIME_SIZE];
  format_time(microseconds, text);
  return microseconds ? json_string(text) : json_null();
}

static json_t *counts_json(const struct shown *shown, const struct ledger_status *s) {
  json_t *out = json_object();
  int64_t counts[SHOWN_STATES];
  count_parts(shown, s, counts);
  for (size_t i = 0; i < SHOWN_STATES; i++)
    json_object_set_new(out, state_names[i], json_integer(counts[i]));
  return out;
}

static json_t *refresh_json(const struct ledger_status *s) {
  json_t *parts = s->open ? json_object() : NULL;
  for (size_t i = 0; i < PART_STATES && parts; i++)
    json_object_set_new(parts, state_names[i], json_integer(s->open_parts[i]));
  return s->open ? json_pack("{s:I, s:o}", "generation", (json_int_t)s->open, "parts", parts) : json_null();
}

static json_t *run_json(const struct ledger_status *s) {
  return json_pack("{s:o, s:o, s:b, s:o, s:o, s:o}", "started", time_json(s->started), "ended", time_json(s->ended),
                   "running", s->running, "outcome", masked_json(s->reason), "message", masked_json(s->message),
                   "counts", view_counters(&s->last));
}

static int add_delivery(void *context, const struct ledger_status *s) {
  const struct shown *shown = context;
  json_t *delivery =
      json_pack("{s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "sink", json_safe(s->sink), "stream",
                json_safe(s->stream), "parts", counts_json(shown, s), "rows", (json_int_t)s->rows, "rejects",
                (json_int_t)s->rejects, "filtered", (json_int_t)s->filtered, "unchanged", (json_int_t)s->unchanged,
                "bytes", (json_int_t)s->bytes, "run", run_json(s), "refresh", refresh_json(s));
  return json_array_append_new(shown->deliveries, delivery) == 0 ? SLUICE_OK : SLUICE_ERR_MEMORY;
}

static int add_failed(void *context, const char *sink, const char *part, int64_t attempts, const char *error) {
  json_t *failed = json_pack("{s:o, s:o, s:I, s:o}", "sink", json_safe(sink), "part", json_safe(part), "attempts",
                             (json_int_t)attempts, "error", masked_json(error));
  return json_array_append_new(context, failed) == 0 ? SLUICE_OK : SLUICE_ERR_MEMORY;
}

static int print_job_json(const struct config *config, const struct config_job *job, const struct cli_served *served,
                          struct sluice_error *err) {
  json_t *deliveries = json_array(), *failed = json_array();
  struct sluice_error why = {0};
  const char *folder = config_ledger(config);
  struct shown shown = {job->name, cli_served_is_deleted(config, job->name), deliveries};
  int code = ledger_read_status(folder, job->name, add_delivery, &shown, &why);
  if (code == SLUICE_OK)
    code = ledger_read_failed(folder, job->name, INT64_MAX, add_failed, failed, &why);
  if (code != SLUICE_OK && code != SLUICE_ERR_NOT_FOUND) {
    json_decref(deliveries);
    json_decref(failed);
    *err = why;
    return sluice_fail(err, code, job->name, "no memory");
  }
  json_t *state = json_deep_copy(cli_served_job(served, job->name));
  print_json(stdout,
             json_pack("{s:s, s:o, s:o, s:b, s:o}", "job", job->name, "deliveries", deliveries, "failed", failed,
                       "serving", served->live, "served", state ? state : json_null()),
             false);
  return SLUICE_OK;
}

/* ---- the command ---- */

static enum exit_status print_jobs(const struct cli *cli, struct registry *registry, const struct config *config) {
  enum exit_status status = STATUS_DONE;
  bool json = args_has(&cli->args, "json");
  struct cli_served served;
  cli_served_find(cli, config, &served);
  for (size_t i = 0; i < config_job_count(config); i++) {
    const struct config_job *job = config_job_at(config, i);
    struct sluice_error err = {0};
    if (!cli_wants_job(cli, job))
      continue;
    view_learn_secrets(registry, config, job);
    int code = json ? print_job_json(config, job, &served, &err) : print_job(config, job, &served, &err);
    if (code != SLUICE_OK)
      status = exit_worst(status, report_error(cli, job->name, code, &err));
  }
  cli_served_finish(&served);
  return status;
}

static enum exit_status run_status(const struct cli *cli) {
  struct sluice_error err = {0};
  struct config *config = NULL;
  struct registry *registry = NULL;
  int code = cli_config(cli, &config, &err);
  if (code == SLUICE_OK)
    code = cli_check_jobs(cli, config, &err);
  if (code == SLUICE_OK)
    code = cli_registry(cli, config, &registry, &err);
  enum exit_status status = code == SLUICE_OK ? print_jobs(cli, registry, config) : report_error(cli, NULL, code, &err);
  registry_destroy(registry);
  config_unload(config);
  return status;
}

static const struct args_option items[] = {
    {"config", 'c', "FILE", "Lay this file upon those before it. May be repeated."},
    {"job", 0, "NAME", "Only this job. May be repeated."},
    {"json", 0, NULL, "Print a JSON object a job, with all failed parts."},
    {"socket", 0, "PATH", "Where `sluice serve` takes commands, if not where the configuration says."},
};
const struct command status_command = {
    .name = "status",
    .words = "CONFIG",
    .summary = "Show what of each job has been delivered, and how its last run ended.",
    .details = "It reads the ledger, also while a run is at work, and asks `sluice serve` where one is at work. At "
               "most 20 failed parts are shown; --json shows "
               "all.\n\n"
               "Example:\n  sluice status job.conf --job clicks\n",
    .options = ARGS_TABLE(items),
    .max_words = 1,
    .run = run_status,
};
