/* `check`: is all there that a job needs? Nothing is written. */
#include "core/cli/report.h"
#include "core/cli/signals.h"
#include "core/load/registry.h"
#include "core/run/pipeline.h"

struct checking {
  const struct cli *cli;
  const struct config *config;
  struct registry *registry;
  const struct stop *stop;
};

static void print_found(const char *job, const char *what, const char *type, const char *found) {
  printf("%s: %s %s: ", job, what, type);
  print_safe(stdout, found);
  fputs("\n", stdout);
}

static enum exit_status check_component(const struct checking *c, const char *job, const char *what,
                                        const struct component *component) {
  const struct sluice_check *check = registry_extension(component->loaded, SLUICE_CHECK);
  struct sluice_error err = {0};
  char found[1024] = "";
  const char *type = component->loaded->entry.name;
  if (!check || !SLUICE_HAS(check, check)) {
    print_found(job, what, type, "it opens; it has no further check");
    return STATUS_DONE;
  }
  int code = check->check(component->self, found, sizeof found, &err);
  if (code != SLUICE_OK)
    return report_error(c->cli, job, code, &err);
  print_found(job, what, type, found[0] ? found : "ok");
  return STATUS_DONE;
}

static enum exit_status check_pipeline(const struct checking *c, const struct config_job *job,
                                       const struct pipeline *pipeline) {
  char line[400];
  const char *format = config_value_member(job->format, "type");
  enum exit_status status = check_component(c, job->name, "source", &pipeline->source);
  bool probes = format && strcmp(format, "auto") == 0;
  print_found(job->name, "format", format ? format : "", probes ? "each part is looked at" : "ok");
  for (size_t i = 0; i < pipeline->n_transforms; i++)
    print_found(job->name, "transform", pipeline->transforms[i].loaded->entry.name, "ok");
  if (job->mapping_count) {
    snprintf(line, sizeof line, "%s: mapping: %zu rule%s", job->name, job->mapping_count,
             job->mapping_count == 1 ? "" : "s");
    puts(line);
  }
  snprintf(line, sizeof line, "sink %s,", pipeline->sink_name);
  return exit_worst(status, check_component(c, job->name, line, &pipeline->sink));
}

static enum exit_status check_job(const struct checking *c, const struct config_job *job) {
  struct sluice_error err = {0};
  struct pipeline pipeline = {0};
  const struct config_value *sink;
  const char *sink_name;
  int code = config_job_sink(c->config, job, args_value(&c->cli->args, "sink"), &sink, &sink_name, &err);
  if (code == SLUICE_OK) {
    struct component_names names = {job->name, sink_name, ""};
    code = pipeline_open(c->registry, job, sink, names, c->stop, &pipeline, &err);
  }
  if (code != SLUICE_OK)
    return report_error(c->cli, job->name, code, &err);
  enum exit_status status = check_pipeline(c, job, &pipeline);
  pipeline_close(&pipeline);
  return status;
}

static enum exit_status check_jobs(const struct checking *c) {
  enum exit_status status = STATUS_DONE;
  for (size_t i = 0; i < config_job_count(c->config) && !stop_at(c->stop, STOP_DRAIN); i++) {
    const struct config_job *job = config_job_at(c->config, i);
    if (cli_wants_job(c->cli, job))
      status = exit_worst(status, check_job(c, job));
  }
  return stop_at(c->stop, STOP_DRAIN) ? STATUS_INTERRUPTED : status;
}

static enum exit_status run_check(const struct cli *cli) {
  struct sluice_error err = {0};
  struct config *config = NULL;
  struct registry *registry = NULL;
  struct stop stop;
  int code = stop_init(&stop);
  if (code != SLUICE_OK)
    return report_error(cli, NULL, code, &err);
  signals_install(&stop, STOP_NOW);
  code = cli_config(cli, &config, &err);
  if (code == SLUICE_OK)
    code = cli_check_jobs(cli, config, &err);
  if (code == SLUICE_OK)
    code = cli_registry(cli, config, &registry, &err);
  struct checking checking = {cli, config, registry, &stop};
  enum exit_status status = code == SLUICE_OK ? check_jobs(&checking) : report_error(cli, NULL, code, &err);
  registry_destroy(registry);
  config_unload(config);
  signals_remove();
  stop_finish(&stop);
  return status;
}

static const struct args_option items[] = {
    {"config", 'c', "FILE", "Lay this file upon those before it. May be repeated."},
    {"job", 0, "NAME", "Only this job. May be repeated."},
    {"sink", 0, "NAME", "Check this sink in place of the jobs' own."},
};
const struct command check_command = {
    .name = "check",
    .words = "CONFIG",
    .summary = "Read a configuration and try access to its sources and sinks.",
    .details = "Nothing is written, neither at a destination nor in the ledger.\n\n"
               "Example:\n  sluice check job.conf -c production.conf\n",
    .options = ARGS_TABLE(items),
    .max_words = 1,
    .run = run_check,
};
