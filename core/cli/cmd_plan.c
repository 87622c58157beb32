/* `plan`: what a run would do. Nothing is written. */
#include "core/cli/plan_print.h"
#include "core/cli/report.h"
#include "core/cli/signals.h"

enum { ROWS_DEFAULT = 3, ROWS_MAX = 1000 };

struct command_run {
  const struct cli *cli;
  const struct config *config;
  struct registry *registry;
  const struct stop *stop;
  struct plan_question question;
  json_t *jobs; /* with --json; NULL: text */
  bool passes;
};

static enum exit_status status_of(const struct plan *plan) {
  enum exit_status status = STATUS_DONE;
  for (size_t i = 0; i < plan->n_reasons; i++) {
    int code = plan->reasons[i].code;
    status = exit_worst(status, code == SLUICE_OK ? STATUS_REJECTS : exit_of_code(code));
  }
  return status;
}

static enum exit_status show(struct command_run *c, const struct plan *plan) {
  c->passes = c->passes && plan_passes(plan);
  if (!c->jobs) {
    plan_print_text(stdout, plan);
    return status_of(plan);
  }
  json_t *job = plan_print_json(plan);
  if (job && json_array_append_new(c->jobs, job) == 0)
    return status_of(plan);
  struct sluice_error err = {0};
  sluice_fail(&err, SLUICE_ERR_MEMORY, NULL, "no memory to show the plan");
  return report_error(c->cli, plan->job->name, SLUICE_ERR_MEMORY, &err);
}

static enum exit_status plan_one(struct command_run *c, const struct config_job *job) {
  struct sluice_error err = {0};
  struct plan plan;
  int code = plan_job(c->registry, c->config, job, &c->question, c->stop, &plan, &err);
  enum exit_status status = code == SLUICE_OK ? show(c, &plan) : report_error(c->cli, job->name, code, &err);
  c->passes = c->passes && code == SLUICE_OK;
  plan_finish(&plan);
  return status;
}

static enum exit_status plan_jobs(struct command_run *c) {
  enum exit_status status = STATUS_DONE;
  for (size_t i = 0; i < config_job_count(c->config) && !stop_at(c->stop, STOP_DRAIN); i++) {
    const struct config_job *job = config_job_at(c->config, i);
    if (cli_wants_job(c->cli, job))
      status = exit_worst(status, plan_one(c, job));
  }
  return stop_at(c->stop, STOP_DRAIN) ? STATUS_INTERRUPTED : status;
}

/* A file is of one job. */
static int check_part(const struct command_run *c, struct sluice_error *err) {
  size_t jobs = 0;
  for (size_t i = 0; i < config_job_count(c->config); i++)
    jobs += cli_wants_job(c->cli, config_job_at(c->config, i));
  if (!c->question.part || jobs == 1)
    return SLUICE_OK;
  return sluice_fail(err, SLUICE_ERR_CONFIG, "--part", "a file is of one job, and there are %zu: name it by --job",
                     jobs);
}

static enum exit_status run_with(struct command_run *c) {
  struct sluice_error err = {0};
  struct config *config = NULL;
  int code = cli_config(c->cli, &config, &err);
  c->config = config;
  if (code == SLUICE_OK)
    code = cli_check_jobs(c->cli, config, &err);
  if (code == SLUICE_OK)
    code = check_part(c, &err);
  if (code == SLUICE_OK)
    code = cli_registry(c->cli, config, &c->registry, &err);
  enum exit_status status = code == SLUICE_OK ? plan_jobs(c) : report_error(c->cli, NULL, code, &err);
  if (c->jobs && code == SLUICE_OK)
    print_json(stdout,
               json_pack("{s:s, s:O}", "status", c->passes && status == STATUS_DONE ? "pass" : "fail", "jobs", c->jobs),
               true);
  registry_destroy(c->registry);
  config_unload(config);
  return status;
}

static enum exit_status run_plan(const struct cli *cli) {
  struct sluice_error err = {0};
  struct stop stop;
  struct command_run c = {.cli = cli, .stop = &stop, .passes = true};
  c.question = (struct plan_question){.sink = args_value(&cli->args, "sink"),
                                      .part = args_value(&cli->args, "part"),
                                      .rows = ROWS_DEFAULT,
                                      .all_rows = args_has(&cli->args, "all-rows")};
  int code = args_count(&cli->args, "rows", &c.question.rows, &err);
  if (code == SLUICE_OK && c.question.rows > ROWS_MAX)
    code = sluice_fail(&err, SLUICE_ERR_CONFIG, NULL, "--rows shows at most %d records", ROWS_MAX);
  if (code != SLUICE_OK)
    return report_usage(cli, "%s", err.message);
  code = stop_init(&stop);
  if (code != SLUICE_OK)
    return report_error(cli, NULL, code, &err);
  c.jobs = args_has(&cli->args, "json") ? json_array() : NULL;
  signals_install(&stop, STOP_NOW);
  enum exit_status status = run_with(&c);
  signals_remove();
  stop_finish(&stop);
  json_decref(c.jobs);
  return status;
}

static const struct args_option items[] = {
    {"config", 'c', "FILE", "Lay this file upon those before it. May be repeated."},
    {"job", 0, "NAME", "Only this job. May be repeated."},
    {"sink", 0, "NAME", "Plan for this sink in place of the jobs' own."},
    {"part", 0, "NAME",
     "The file to look into: its whole name, or how it ends. Without it the first that a run would read."},
    {"rows", 0, "N", "Show so many records as the sink would get them; 3 without it."},
    {"all-rows", 0, NULL, "Look at every record of the file, not only at the first ones."},
    {"json", 0, NULL, "Print one JSON document."},
};
const struct command plan_command = {
    .name = "plan",
    .words = "CONFIG",
    .summary = "Show what a run would do: access, files, requests, schema, records. Nothing is written.",
    .details =
        "One file of each job is looked into: its first 10,000 records, or 8 MiB of them, go through the mapping and\n"
        "are shown as the sink would get them. A record behind those may still be rejected by a run; --all-rows looks\n"
        "at all. The ledger is read only, and the sink is asked nothing that `check` does not ask.\n"
        "Exit status: 0 pass, 3 records would be rejected, 2, 4 and 5 as for `check`.\n\n"
        "Examples:\n  sluice plan job.conf\n  sluice plan job.conf --job clicks --part 2024/02/29.csv --all-rows\n",
    .options = ARGS_TABLE(items),
    .max_words = 1,
    .run = run_plan,
};
