/* `retry`: rejected records, sent again. */
#include "core/cli/session.h"
#include "core/retry/retry.h"

static enum exit_status retry_one(const struct session *s, const struct config_job *job) {
  const struct args *args = &s->cli->args;
  struct retry_question question = {.sink = args_value(args, "sink"),
                                    .part = args_value(args, "part"),
                                    .stage = args_value(args, "stage"),
                                    .id = args_value(args, "id")};
  struct retry_result result;
  retry_job(s->registry, s->config, job, &question, s->stop, &result); /* it logs how it went */
  return exit_of_outcome(result.outcome);
}

static enum exit_status retry_jobs(const struct session *s) {
  return session_each_job(s, retry_one);
}

static enum exit_status run_retry(const struct cli *cli) {
  if (!args_has(&cli->args, "job"))
    return report_usage(cli, "name the job by --job");
  return session_run(cli, STOP_DRAIN, retry_jobs);
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
        "stays there with its new reason. Of a file that has changed the rejects stay until a run has read it as it "
        "is\n"
        "now, of one that is gone until `sluice reset --part`. A retry that dies can be repeated: nothing is lost, "
        "and\n"
        "what is sent twice has the same key.\n"
        "Exit status: 0 all accepted, 3 some are still rejected, 4 a file or the destination failed.\n\n"
        "Examples:\n  sluice retry job.conf --job clicks\n"
        "  sluice retry job.conf --job clicks --part '*/2024-02-29/*' --stage map\n",
    .options = ARGS_TABLE(items),
    .max_words = 1,
    .run = run_retry,
};
