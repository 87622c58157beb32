/* `retry`: rejected records, sent again. */
#include "core/cli/report.h"
#include "core/cli/signals.h"
#include "core/load/registry.h"
#include "core/retry/retry.h"

static enum exit_status retry_jobs(const struct cli *cli, struct registry *registry, const struct config *config,
                                   struct stop *stop) {
  enum exit_status status = STATUS_DONE;
  struct retry_question question = {.sink = args_value(&cli->args, "sink"),
                                    .part = args_value(&cli->args, "part"),
                                    .stage = args_value(&cli->args, "stage"),
                                    .id = args_value(&cli->args, "id")};
  for (size_t i = 0; i < config_job_count(config) && !stop_at(stop, STOP_DRAIN); i++) {
    const struct config_job *job = config_job_at(config, i);
    struct retry_result result;
    if (!cli_wants_job(cli, job))
      continue;
    retry_job(registry, config, job, &question, stop, &result); /* it logs how it went */
    status = exit_worst(status, exit_of_outcome(result.outcome));
  }
  return stop_at(stop, STOP_DRAIN) ? STATUS_INTERRUPTED : status;
}

static enum exit_status run_retry(const struct cli *cli) {
  struct sluice_error err = {0};
  struct config *config = NULL;
  struct registry *registry = NULL;
  struct stop stop;
  if (!args_has(&cli->args, "job"))
    return report_usage(cli, "name the job by --job");
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
      code == SLUICE_OK ? retry_jobs(cli, registry, config, &stop) : report_error(cli, NULL, code, &err);
  registry_destroy(registry);
  config_unload(config);
  signals_remove();
  stop_finish(&stop);
  return status;
}

static const struct args_option items[] = {
    {"config", 'c', "FILE", "Lay this file upon those before it. May be repeated."},
    {"job", 0, "NAME", "The job. May be repeated."},
    {"sink", 0, "NAME", "What was rejected on the way to this sink, in place of the job's own."},
    {"part", 0, "GLOB", "Only of these files: the whole name, or a pattern of * ? [...], in which * also passes /."},
    {"stage", 0, "STAGE", "Only what was refused there: decode, map, transform, key or deliver."},
    {"id", 0, "ID", "Only this record, by its id in the reject file."},
};
const struct command retry_command = {
    .name = "retry",
    .words = "CONFIG",
    .summary = "Send rejected records again, through today's mapping.",
    .details =
        "Each file is opened at the version that was read, and decoded, mapped and sent as the configuration says "
        "today;\n"
        "rows are counted as the format is read today. What is accepted leaves the reject file, what is refused again\n"
        "stays there with its new reason. Of a file that has changed or gone the rejects stay. A retry that dies can "
        "be\n"
        "repeated: nothing is lost, and what is sent twice has the same key.\n"
        "Exit status: 0 all accepted, 3 some are still rejected, 4 a file or the destination failed.\n\n"
        "Examples:\n  sluice retry job.conf --job clicks\n"
        "  sluice retry job.conf --job clicks --part '*/2024-02-29/*' --stage map\n",
    .options = ARGS_TABLE(items),
    .max_words = 1,
    .run = run_retry,
};
