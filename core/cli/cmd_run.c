/* `run`: one pass of each job. */
#include "core/cli/report.h"
#include "core/cli/signals.h"
#include "core/load/registry.h"
#include "core/run/run.h"

static enum exit_status run_one(const struct cli *cli, struct registry *registry, const struct config *config,
                                const struct config_job *job, struct stop *stop) {
  struct run_result result = {0};
  const struct args *args = &cli->args;
  struct run_options options = {.sink = args_value(args, "sink"),
                                .identity = args_has(args, "reset")   ? IDENTITY_RESET
                                            : args_has(args, "adopt") ? IDENTITY_ADOPT
                                                                      : IDENTITY_ASK};
  run_job(registry, config, job, &options, stop, &result); /* it logs how it went */
  return exit_of_outcome(result.outcome);
}

static enum exit_status run_jobs(const struct cli *cli, struct registry *registry, const struct config *config,
                                 struct stop *stop) {
  enum exit_status status = STATUS_DONE;
  for (size_t i = 0; i < config_job_count(config) && !stop_at(stop, STOP_DRAIN); i++) {
    const struct config_job *job = config_job_at(config, i);
    if (cli_wants_job(cli, job))
      status = exit_worst(status, run_one(cli, registry, config, job, stop));
  }
  return stop_at(stop, STOP_DRAIN) ? STATUS_INTERRUPTED : status;
}

static enum exit_status run_run(const struct cli *cli) {
  struct sluice_error err = {0};
  struct config *config = NULL;
  struct registry *registry = NULL;
  struct stop stop;
  int code = stop_init(&stop);
  if (code != SLUICE_OK)
    return report_error(cli, NULL, code, &err);
  signals_install(&stop, STOP_DRAIN);
  code = cli_config(cli, &config, &err);
  if (code == SLUICE_OK)
    code = cli_check_jobs(cli, config, &err);
  if (code == SLUICE_OK)
    code = cli_registry(cli, config, &registry, &err);
  enum exit_status status =
      code == SLUICE_OK ? run_jobs(cli, registry, config, &stop) : report_error(cli, NULL, code, &err);
  registry_destroy(registry);
  config_unload(config);
  signals_remove();
  stop_finish(&stop);
  return status;
}

static const struct args_option items[] = {
    {"config", 'c', "FILE", "Lay this file upon those before it. May be repeated."},
    {"job", 0, "NAME", "Only this job. May be repeated."},
    {"sink", 0, "NAME", "Deliver to this sink in place of the jobs' own."},
    {"adopt", 0, NULL, "Where a job's source, format or destination changed: keep what was delivered as delivered."},
    {"reset", 0, NULL, "Forget what of these jobs was delivered, and deliver all again."},
};
const struct command run_command = {
    .name = "run",
    .words = "CONFIG",
    .summary = "Deliver what is new: one pass of each job, in the order of the file.",
    .details =
        "Ctrl-C ends it at the next checkpoint; a second one, or ten seconds, at once. Nothing is lost either way.\n\n"
        "Examples:\n  sluice run job.conf\n  sluice run -c base.conf -c production.conf --job clicks\n",
    .options = ARGS_TABLE(items),
    .max_words = 1,
    .run = run_run,
};
