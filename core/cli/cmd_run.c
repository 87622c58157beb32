/* `run`: one pass of each job. */
#include "core/cli/report.h"
#include "core/cli/session.h"
#include "core/run/run.h"

static enum exit_status run_one(const struct session *s, const struct config_job *job) {
  struct run_result result = {0};
  const struct args *args = &s->cli->args;
  struct run_options options = {.sink = args_value(args, "sink"),
                                .identity = args_has(args, "reset")   ? IDENTITY_RESET
                                            : args_has(args, "adopt") ? IDENTITY_ADOPT
                                                                      : IDENTITY_ASK};
  run_job(s->registry, s->config, job, &options, s->stop, &result); /* it logs how it went */
  return exit_of_outcome(result.outcome);
}

static enum exit_status run_jobs(const struct session *s) {
  return session_each_job(s, run_one);
}

static enum exit_status run_run(const struct cli *cli) {
  if (args_has(&cli->args, "adopt") && args_has(&cli->args, "reset"))
    return report_usage(cli, "--adopt keeps what was delivered and --reset forgets it; give one of them");
  return session_run(cli, STOP_DRAIN, run_jobs);
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
