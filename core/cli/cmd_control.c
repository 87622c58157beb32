/* The commands that are asked of a `sluice serve` at work: each is one request over its socket. */
#include "core/cli/report.h"
#include "core/serve/client.h"
#include "core/serve/serve.h"

/* ---- asking ---- */

static int find_path(const struct cli *cli, struct text *out, struct sluice_error *err) {
  const char *given = args_value(&cli->args, "socket");
  struct config *config = NULL;
  if (given)
    return text_add(out, given);
  int code = cli_config(cli, &config, err);
  if (!code)
    code = serve_socket_path(config, NULL, out);
  config_unload(config);
  return code;
}

static int ask(const struct cli *cli, const struct request *request, json_t **answer, struct sluice_error *err) {
  struct text path = {0};
  int code = find_path(cli, &path, err);
  if (!code)
    code = client_ask(text_get(&path), request, answer, err);
  text_finish(&path);
  return code ? sluice_fail(err, code, "socket", "no memory") : code;
}

/* ---- telling ---- */

static enum exit_status refused(const struct cli *cli, const char *job, const char *why) {
  struct sluice_error err = {0};
  sluice_fail(&err, SLUICE_ERR_DATA, NULL, "%s: %s", cli->command->name, why ? why : "refused, without a reason");
  return report_error(cli, job, SLUICE_ERR_DATA, &err);
}

static void say_done(const struct cli *cli, const char *job) {
  char line[256];
  snprintf(line, sizeof line, "%s%s%s: done", job ? job : "", job ? ": " : "", cli->command->name);
  report_note(cli, line);
}

static void say_warning(const struct cli *cli, const char *what) {
  struct text line = {0};
  if (text_printf(&line, "warning: %s", what) == SLUICE_OK)
    report_note(cli, text_get(&line));
  text_finish(&line);
}

static void say_passed_over(const struct cli *cli, const char *job, const char *why) {
  char line[256];
  snprintf(line, sizeof line, "%s: passed over: %s", job ? job : "", why ? why : "");
  report_note(cli, line);
}

/* Of all jobs it is enough that some could do it. */
static enum exit_status tell_jobs(const struct cli *cli, const json_t *jobs, bool some) {
  enum exit_status status = STATUS_DONE;
  for (size_t i = 0; i < json_array_size(jobs); i++) {
    const json_t *one = json_array_get(jobs, i);
    const char *job = json_string_value(json_object_get(one, "job"));
    const char *why = json_string_value(json_object_get(one, "error"));
    if (json_is_true(json_object_get(one, "ok")))
      say_done(cli, job);
    else if (some)
      say_passed_over(cli, job, why);
    else
      status = exit_worst(status, refused(cli, job, why));
  }
  return status;
}

static enum exit_status tell(const struct cli *cli, const json_t *answer) {
  const json_t *jobs = json_object_get(answer, "jobs");
  if (json_is_array(jobs))
    return tell_jobs(cli, jobs, json_is_true(json_object_get(answer, "ok")));
  if (!json_is_true(json_object_get(answer, "ok")))
    return refused(cli, NULL, json_string_value(json_object_get(answer, "error")));
  const char *warning = json_string_value(json_object_get(answer, "warning"));
  if (warning)
    say_warning(cli, warning);
  say_done(cli, NULL);
  return STATUS_DONE;
}

static enum exit_status ask_one(const struct cli *cli, enum request_kind kind, const char *job) {
  struct request request = {.kind = kind};
  struct sluice_error err = {0};
  json_t *answer = NULL;
  if (job && strlen(job) >= sizeof request.job)
    return refused(cli, NULL, "no job has so long a name");
  snprintf(request.job, sizeof request.job, "%s", job ? job : "");
  int code = ask(cli, &request, &answer, &err);
  if (code != SLUICE_OK)
    return report_error(cli, NULL, code, &err);
  enum exit_status status = tell(cli, answer);
  json_decref(answer);
  return status;
}

/* Each --job, or all. */
static enum exit_status run_control(const struct cli *cli) {
  enum request_kind kind = REQUEST_STATUS;
  enum exit_status status = STATUS_DONE;
  const char *job = args_value_at(&cli->args, "job", 0);
  for (int i = 0; i < REQUEST_KINDS; i++)
    if (strcmp(request_name((enum request_kind)i), cli->command->name) == 0)
      kind = (enum request_kind)i;
  if (!job && kind == REQUEST_DELETE)
    return report_usage(cli, "delete needs --job NAME");
  if (!job)
    return ask_one(cli, kind, NULL);
  for (size_t i = 0; (job = args_value_at(&cli->args, "job", i)); i++)
    status = exit_worst(status, ask_one(cli, kind, job));
  return status;
}

/* ---- the commands ---- */

#define CONFIG_OPTION                                                                                                  \
  { "config", 'c', "FILE", "Lay this file upon those before it. May be repeated." }
#define SOCKET_OPTION                                                                                                  \
  { "socket", 0, "PATH", "Where `sluice serve` takes commands; then no configuration is needed." }
static const struct args_option job_items[] = {
    CONFIG_OPTION, {"job", 0, "NAME", "This job. May be repeated."}, SOCKET_OPTION};
static const struct args_option items[] = {CONFIG_OPTION, SOCKET_OPTION};

#define CONTROL_COMMAND(symbol, name_, options_, summary_, details_)                                                   \
  const struct command symbol = {.name = name_,                                                                        \
                                 .words = "CONFIG",                                                                    \
                                 .summary = summary_,                                                                  \
                                 .details = details_,                                                                  \
                                 .options = ARGS_TABLE(options_),                                                      \
                                 .max_words = 1,                                                                       \
                                 .run = run_control}

CONTROL_COMMAND(pause_command, "pause", job_items, "Start no more runs of a served job, or of all.",
                "An active run ends at its next checkpoint. The pause outlives a restart.\n\n"
                "Example:\n  sluice pause jobs.conf --job clicks\n");
CONTROL_COMMAND(
    resume_command, "resume", job_items, "End the pause of a served job, or of all.",
    "A run that the pause ended goes on at once; due times that passed are made up for by sync.catch_up.\n");
CONTROL_COMMAND(cancel_command, "cancel", job_items, "End the active run of a served job, or of all, at a checkpoint.",
                "A run that waits to be tried again is taken back. The schedule stays.\n");
CONTROL_COMMAND(run_now_command, "run-now", job_items, "Run a served job, or all, at once.",
                "Also a job without a schedule, or one that waits to be tried again.\n");
CONTROL_COMMAND(
    delete_command, "delete", job_items, "End a served job for good; it stays in the list.",
    "An active run ends at its next checkpoint. What was delivered stays known. The job is new once it was\n"
    "taken out of the configuration, and is put back.\n\nExample:\n  sluice delete jobs.conf --job clicks\n");
CONTROL_COMMAND(
    reload_command, "reload", items, "Make `sluice serve` take the changed configuration.",
    "It is checked first; one that is wrong is refused whole, and the old one stays. Changed jobs take it after\n"
    "their active run. SIGHUP does the same.\n");
CONTROL_COMMAND(stop_command, "stop", items, "End `sluice serve`: every run ends at a checkpoint within 5 seconds.",
                "The command waits for the end.\n");
