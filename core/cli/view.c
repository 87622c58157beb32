/* What commands share that show what is known of jobs. */
#include "core/cli/view.h"
#include "core/ledger/streams.h"
#include "core/load/options.h"
#include "core/load/registry.h"
#include "core/log/log.h"
#include <fnmatch.h>
#include <inttypes.h>

enum { TEXT_SIZE = 1200 };

/* ---- secrets ---- */

/* Binding a group makes its secrets known to the log's masks. What cannot be bound has none to show. */
static void learn_secrets(struct registry *registry, enum sluice_kind kind, const struct config_value *group) {
  static const char *const also_known[] = {"type", NULL};
  const struct registry_component *component;
  struct options_bound *bound = NULL;
  const char *type = config_value_member(group, "type");
  if (type && registry_find(registry, kind, type, &component, NULL) == SLUICE_OK &&
      options_bind(component->base.options, group, also_known, &bound, NULL) == SLUICE_OK)
    options_release(bound);
}

void view_learn_secrets(struct registry *registry, const struct config *config, const struct config_job *job) {
  const struct config_value *sink;
  const char *name;
  learn_secrets(registry, SLUICE_SOURCE, job->source);
  if (config_job_sink(config, job, NULL, &sink, &name, NULL) == SLUICE_OK)
    learn_secrets(registry, SLUICE_SINK, sink);
}

/* ---- jobs ---- */

static enum exit_status view_all(const struct cli *cli, struct registry *registry, const struct config *config,
                                 view_fn *each, void *context) {
  enum exit_status status = STATUS_DONE;
  for (size_t i = 0; i < config_job_count(config); i++) {
    struct view view = {cli, config, config_job_at(config, i), context};
    struct sluice_error err = {0};
    if (!cli_wants_job(cli, view.job))
      continue;
    view_learn_secrets(registry, config, view.job);
    int code = each(&view, &err);
    if (code != SLUICE_OK)
      status = exit_worst(status, report_error(cli, view.job->name, code, &err));
  }
  return status;
}

enum exit_status view_jobs(const struct cli *cli, view_fn *each, void *context) {
  struct sluice_error err = {0};
  struct config *config = NULL;
  struct registry *registry = NULL;
  int code = cli_config(cli, &config, &err);
  if (code == SLUICE_OK)
    code = cli_check_jobs(cli, config, &err);
  if (code == SLUICE_OK)
    code = cli_registry(cli, config, &registry, &err);
  enum exit_status status =
      code == SLUICE_OK ? view_all(cli, registry, config, each, context) : report_error(cli, NULL, code, &err);
  registry_destroy(registry);
  config_unload(config);
  return status;
}

/* ---- texts ---- */

void view_print(FILE *out, const char *text) {
  char copy[TEXT_SIZE];
  snprintf(copy, sizeof copy, "%s", text);
  log_redact(copy);
  print_safe(out, copy);
}

json_t *view_json(const char *text) {
  char copy[TEXT_SIZE];
  snprintf(copy, sizeof copy, "%s", text);
  log_redact(copy);
  return json_safe(copy);
}

json_t *view_time(int64_t microseconds) {
  char text[REPORT_TIME_SIZE];
  if (microseconds == 0 || microseconds == INT64_MIN)
    return json_null();
  format_time(microseconds, text);
  return json_string(text);
}

bool view_matches(const char *glob, const char *name) {
  return !glob || strcmp(glob, name) == 0 || fnmatch(glob, name, FNM_NOESCAPE) == 0;
}

void view_print_left_out(FILE *file, int64_t filtered, int64_t unchanged) {
  if (filtered)
    fprintf(file, ", %" PRId64 " filtered", filtered);
  if (unchanged)
    fprintf(file, ", %" PRId64 " unchanged", unchanged);
}

json_t *view_counters(const struct ledger_counters *c) {
  return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "parts_done", (json_int_t)c->parts_done,
                   "parts_failed", (json_int_t)c->parts_failed, "parts_gone", (json_int_t)c->parts_gone,
                   "parts_skipped", (json_int_t)c->parts_skipped, "rows", (json_int_t)c->rows, "rejects",
                   (json_int_t)c->rejects, "filtered", (json_int_t)c->filtered, "unchanged", (json_int_t)c->unchanged,
                   "bytes", (json_int_t)c->bytes);
}

void view_print_delivery(FILE *file, const char *sink, const char *stream) {
  fputs(" to ", file);
  view_print(file, sink);
  if (strcmp(stream, "main") == 0)
    return;
  fputs(strcmp(stream, LEDGER_WHOLE_JOB) == 0 ? ", all streams" : ", stream ", file);
  if (strcmp(stream, LEDGER_WHOLE_JOB) != 0)
    view_print(file, stream);
}
