/* `check`: is all there that a job needs? Nothing is written. */
#include "core/cli/findings.h"
#include "core/cli/session.h"
#include "core/load/registry.h"
#include "core/plan/fit.h"
#include "core/run/ability.h"
#include "core/run/pipeline.h"

static bool wants_json(const struct session *c) {
  return args_has(&c->cli->args, "json");
}

static void found_good(const struct session *c, const struct finding_place *place, const char *text) {
  finding_print(wants_json(c), place, FINDING_GOOD, NULL, text);
}

/* With --json all that was found is on standard output, what failed too. */
static enum exit_status found_bad(const struct session *c, const struct finding_place *place, int code,
                                  const struct sluice_error *err) {
  if (wants_json(c))
    finding_print(true, place, FINDING_BAD, NULL, err->message);
  return report_error(c->cli, place->job, code, err);
}

static enum exit_status check_whole(const struct session *c, const struct finding_place *place,
                                    const struct sluice_check *check, void *self) {
  struct sluice_error err = {0};
  char found[1024] = "";
  int code = check->check(self, found, sizeof found, &err);
  if (code != SLUICE_OK)
    return found_bad(c, place, code, &err);
  found_good(c, place, found[0] ? found : "ok");
  return STATUS_DONE;
}

static enum exit_status check_each(const struct session *c, const struct finding_place *place,
                                   const struct sluice_check *check, void *self) {
  struct sluice_error err = {0};
  struct findings findings = {.stop = c->stop, .place = place, .json = wants_json(c)};
  int code = findings_report(&findings, check, self, &err);
  if (code != SLUICE_OK && (err.message[0] || findings.bad == 0))
    return found_bad(c, place, code, &err);
  if (code == SLUICE_OK && findings.count == 0)
    found_good(c, place, "ok");
  return exit_of_code(code);
}

static enum exit_status check_component(const struct session *c, const struct finding_place *place,
                                        const struct component *component) {
  const struct sluice_check *check = registry_extension(component->loaded, SLUICE_CHECK);
  if (check && SLUICE_HAS(check, report))
    return check_each(c, place, check, component->self);
  if (check && SLUICE_HAS(check, check))
    return check_whole(c, place, check, component->self);
  found_good(c, place, "it opens; it has no further check");
  return STATUS_DONE;
}

static void check_middle(const struct session *c, const struct config_job *job, const struct pipeline *pipeline) {
  const char *type = config_value_member(job->format, "type");
  struct finding_place format = {job->name, "format", NULL, type ? type : ""};
  found_good(c, &format, type && strcmp(type, "auto") == 0 ? "each part is looked at" : "ok");
  for (size_t i = 0; i < pipeline->n_transforms; i++) {
    struct finding_place transform = {job->name, "transform", NULL, pipeline->transforms[i].loaded->entry.name};
    found_good(c, &transform, "ok");
  }
}

struct missing { /* columns that a mapping names and no file has */
  const struct session *checking;
  const struct finding_place *place;
  int state;
};

static void on_missing(void *context, const char *text) {
  const struct missing *m = context;
  finding_print(wants_json(m->checking), m->place, m->state, NULL, text);
}

static void found_rules(const struct session *c, const struct finding_place *place, size_t n, const char *more) {
  char rules[120];
  snprintf(rules, sizeof rules, "%zu rule%s%s", n, n == 1 ? "" : "s", more);
  found_good(c, place, rules);
}

/* Against the columns of the first files. */
static enum exit_status compare_mapping(const struct session *c, const struct config_job *job,
                                        const struct finding_place *place, struct pipeline *pipeline) {
  bool matters = job->evolution.missing != CONFIG_MISSING_IGNORE;
  struct missing missing = {c, place, matters ? FINDING_BAD : FINDING_UNKNOWN};
  struct sluice_error err = {0};
  struct fit fit;
  int code = fit_check(pipeline, c->stop, on_missing, &missing, &fit, &err);
  if (code)
    return found_bad(c, place, code, &err);
  if (fit.missing && matters)
    return exit_of_code(SLUICE_ERR_CONFIG);
  found_rules(c, place, job->mapping_count, fit.files ? "" : "; there is no file yet to compare them with");
  return STATUS_DONE;
}

static enum exit_status check_mapping(const struct session *c, const struct config_job *job, bool readable,
                                      struct pipeline *pipeline) {
  struct finding_place place = {job->name, "mapping", NULL, ""};
  if (!pipeline->mapping)
    return STATUS_DONE;
  if (readable)
    return compare_mapping(c, job, &place, pipeline);
  found_rules(c, &place, job->mapping_count, "; not compared with any file");
  return STATUS_DONE;
}

/* Whether the sink can do what the job's mode asks of it. */
static enum exit_status check_ability(const struct session *c, const struct finding_place *place,
                                      const struct pipeline *pipeline) {
  struct sluice_error err = {0};
  int code = ability_check(pipeline, &err);
  return code ? found_bad(c, place, code, &err) : STATUS_DONE;
}

static enum exit_status check_pipeline(const struct session *c, const struct config_job *job,
                                       struct pipeline *pipeline) {
  struct finding_place source = {job->name, "source", NULL, pipeline->source.loaded->entry.name};
  struct finding_place sink = {job->name, "sink", pipeline->sink_name, pipeline->sink.loaded->entry.name};
  enum exit_status status = check_component(c, &source, &pipeline->source);
  check_middle(c, job, pipeline);
  status = exit_worst(status, check_mapping(c, job, status == STATUS_DONE, pipeline));
  status = exit_worst(status, check_ability(c, &sink, pipeline));
  return exit_worst(status, check_component(c, &sink, &pipeline->sink));
}

static enum exit_status check_job(const struct session *c, const struct config_job *job) {
  struct sluice_error err = {0};
  struct pipeline pipeline = {0};
  const struct config_value *sink;
  const char *sink_name;
  int code = config_job_sink(c->config, job, args_value(&c->cli->args, "sink"), &sink, &sink_name, &err);
  if (code == SLUICE_OK) {
    struct component_names names = {job->name, sink_name, "", NULL};
    code = pipeline_open(c->registry, job, sink, names, c->stop, &pipeline, &err);
  }
  if (code != SLUICE_OK) {
    struct finding_place whole = {job->name, "job", NULL, ""};
    return found_bad(c, &whole, code, &err);
  }
  enum exit_status status = check_pipeline(c, job, &pipeline);
  pipeline_close(&pipeline);
  return status;
}

static enum exit_status check_jobs(const struct session *c) {
  return session_each_job(c, check_job);
}

static enum exit_status run_check(const struct cli *cli) {
  return session_run(cli, STOP_NOW, check_jobs);
}

static const struct args_option items[] = {
    {"config", 'c', "FILE", "Lay this file upon those before it. May be repeated."},
    {"job", 0, "NAME", "Only this job. May be repeated."},
    {"sink", 0, "NAME", "Check this sink in place of the jobs' own."},
    {"json", 0, NULL, "A JSON object a line: job, kind, type, state (ok, failed, unknown), what, text."},
};
const struct command check_command = {
    .name = "check",
    .words = "CONFIG",
    .summary = "Read a configuration and try access to its sources and sinks.",
    .details =
        "Nothing is written, neither at a destination nor in the ledger. Where a plugin tells what it needs, each\n"
        "right has a line: ok, FAILED or unknown. The exit status is that of the first that failed.\n\n"
        "Examples:\n  sluice check job.conf -c production.conf\n  sluice check job.conf --json\n",
    .options = ARGS_TABLE(items),
    .max_words = 1,
    .run = run_check,
};
