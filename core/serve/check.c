/* Trying a configuration. */
#include "core/serve/check.h"
#include "core/base/clock.h"
#include "core/log/log.h"
#include "core/run/ability.h"
#include "core/run/whose.h"
#include "core/serve/fresh.h"
#include "core/serve/identity.h"
#include "core/serve/job.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHECK_MS = 60000 };

/* ---- in the process ---- */

static int identify_plugins(const struct registry *registry, char out[HASH_SIZE]) {
  struct text files = {0};
  int code = identity_add_file("/proc/self/exe", &files);
  for (size_t i = 0; i < registry_count(registry) && !code; i++)
    code = identity_add_file(registry_at(registry, i)->file, &files);
  if (!code)
    code = hash_bytes(text_get(&files), files.size, out);
  text_finish(&files);
  return code;
}

/* A source that changed is no mistake in the configuration, but no run begins before that is answered. What the ledger
 * does not tell now, the run will. */
static void note_change(const struct config *config, const struct config_job *job, const struct config_value *sink,
                        const char *name, struct text *notes) {
  struct sluice_error why = {0};
  struct known *known = NULL;
  int code = known_open(config_ledger(config), job->name, name, job->streams ? "*" : "main", &known, &why);
  bool opened = code == SLUICE_OK;
  if (opened)
    code = whose_compare(known, job, sink, &why);
  known_close(known);
  if (!opened || code != SLUICE_ERR_CONFIG)
    return;
  (void)text_printf(notes,
                    "%s%s: its runs will be misconfigured before `sluice run --job %s` with --adopt or --reset: %s",
                    notes->size ? "; " : "", job->name, job->name, why.message); /* the limit is a good enough end */
}

static int open_and_ask(struct pipeline *pipeline, struct registry *registry, const struct config_job *job,
                        const struct config_value *sink, const char *name, const struct stop *stop,
                        struct sluice_error *err) {
  struct component_names names = {job->name, name, "check", NULL};
  int code = pipeline_open(registry, job, sink, names, stop, pipeline, err);
  if (code)
    return code;
  code = ability_check(pipeline, err);
  pipeline_close(pipeline);
  return code;
}

/* Only what the user must edit counts: that a place does not answer now is the run's matter. */
static int try_job(const struct config *config, struct registry *registry, const struct config_job *job,
                   struct text *notes, struct sluice_error *err) {
  const struct config_value *sink = NULL;
  struct served *served = NULL;
  struct pipeline *pipeline = calloc(1, sizeof *pipeline);
  struct stop stop;
  const char *name = NULL;
  if (!pipeline || stop_init(&stop)) {
    free(pipeline);
    return sluice_fail(err, SLUICE_ERR_MEMORY, job->name, "no memory");
  }
  int code = config_job_sink(config, job, NULL, &sink, &name, err);
  if (!code)
    code = served_create(config, job, NULL, &served, err);
  served_destroy(served);
  if (!code) {
    struct sluice_error why = {0};
    code = open_and_ask(pipeline, registry, job, sink, name, &stop, &why);
    if (code == SLUICE_ERR_CONFIG)
      *err = why;
    else if (code)
      log_write(SLUICE_WARN, job->name, "it cannot be opened now: %s", why.message);
    code = code == SLUICE_ERR_CONFIG ? code : SLUICE_OK;
    if (!code)
      note_change(config, job, sink, name, notes);
  }
  stop_finish(&stop);
  free(pipeline);
  return code;
}

static int try_all(const struct serve_world *world, char plugins[HASH_SIZE], struct text *notes,
                   struct sluice_error *err) {
  struct config *config = NULL;
  struct registry *registry = NULL;
  int code = world->load(world->context, &config, err);
  if (!code)
    code = world->registry(world->context, config, &registry, err);
  for (size_t i = 0; !code && i < config_job_count(config); i++)
    code = try_job(config, registry, config_job_at(config, i), notes, err);
  if (!code)
    code = identify_plugins(registry, plugins);
  registry_destroy(registry);
  config_unload(config);
  return code;
}

static _Noreturn void check_main(const struct serve_world *world, int fd, pid_t parent) {
  struct sluice_error err = {0};
  struct lines lines = {0};
  struct text notes = {.limit = NOTES_MAX};
  char plugins[HASH_SIZE] = "";
  fresh_process(fd, parent, SIGKILL);
  fresh_unblock();
  int code = try_all(world, plugins, &notes, &err);
  log_redact_error(&err);
  if (notes.size)
    log_redact(notes.data);
  json_t *answer = json_pack(
      "{s:i, s:s, s:o, s:o, s:o}", "code", code, "plugins", plugins, "where", lines_text(err.where), "message",
      lines_text(code && !err.message[0] ? "no memory" : err.message), "notes", lines_text(text_get(&notes)));
  code = lines_put(&lines, answer);
  while (!code && lines_waiting(&lines))
    code = lines_flush(&lines, FRESH_FD);
  lines_finish(&lines);
  text_finish(&notes);
  exit(0);
}

/* ---- in the supervisor ---- */

int check_start(struct check *check, const struct serve_world *world, struct sluice_error *err) {
  int fds[2];
  pid_t parent = getpid();
  memset(check, 0, sizeof *check);
  check->fd = -1;
  if (pipe2(fds, O_CLOEXEC))
    return sluice_fail(err, SLUICE_ERR_MEMORY, "reload", "the configuration cannot be checked: %s", strerror(errno));
  pid_t pid = fork();
  if (pid == 0)
    check_main(world, fds[1], parent);
  close(fds[1]);
  if (pid < 0) {
    close(fds[0]);
    return sluice_fail(err, SLUICE_ERR_MEMORY, "reload", "the configuration cannot be checked: no process");
  }
  fcntl(fds[0], F_SETFL, O_NONBLOCK);
  check->pid = pid;
  check->fd = fds[0];
  check->since = clock_monotonic_ms();
  return SLUICE_OK;
}

static void take_answer(struct check *check, const char *line) {
  json_t *answer = lines_parse(line);
  const char *plugins = json_string_value(json_object_get(answer, "plugins"));
  const char *where = json_string_value(json_object_get(answer, "where"));
  const char *message = json_string_value(json_object_get(answer, "message"));
  const char *notes = json_string_value(json_object_get(answer, "notes"));
  const json_t *code = json_object_get(answer, "code");
  if (plugins && where && message && notes && json_is_integer(code)) {
    check->answered = true;
    snprintf(check->plugins, sizeof check->plugins, "%s", plugins);
    snprintf(check->notes, sizeof check->notes, "%s", notes);
    if (json_integer_value(code))
      sluice_fail(&check->why, SLUICE_ERR_CONFIG, where, "%s", message);
  }
  json_decref(answer);
}

void check_hear(struct check *check) {
  while (check->fd >= 0) {
    size_t before = check->lines.in.size;
    int code = lines_read(&check->lines, check->fd);
    bool more = check->lines.in.size != before;
    for (char *line = lines_next(&check->lines); line; line = lines_next(&check->lines))
      take_answer(check, line);
    if (code) {
      close(check->fd);
      check->fd = -1;
    }
    if (code || !more)
      return;
  }
}

bool check_too_long(const struct check *check) {
  return check->pid && clock_monotonic_ms() - check->since > CHECK_MS;
}

int check_end(struct check *check, int wait_status) {
  char how[128];
  check_hear(check);
  process_end_text(wait_status, how, sizeof how);
  if (!check->answered)
    sluice_fail(&check->why, SLUICE_ERR_CONFIG, "reload",
                "the process that checked the configuration %s: a plugin failed", how);
  check_finish(check);
  return check->why.message[0] ? SLUICE_ERR_CONFIG : SLUICE_OK;
}

void check_finish(struct check *check) {
  if (check->fd >= 0 && check->pid)
    close(check->fd);
  lines_finish(&check->lines);
  check->pid = 0;
  check->fd = -1;
}
