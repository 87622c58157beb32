/* Who is told of the end of a run, seen from the supervisor. */
#include "core/serve/hook.h"
#include "core/base/clock.h"
#include "core/log/log.h"
#include "core/serve/lines.h"
#include "core/serve/process.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { GRACE_MS = 1000 /* a request ends by its own timeout; this is for what hangs all the same */ };

static bool is_wanted(const struct config_run_end *config, const char *outcome) {
  for (size_t i = 0; i < config->on.count; i++)
    if (strcmp(config->on.items[i], outcome) == 0)
      return true;
  return config->on.count == 0;
}

static json_t *iso(int64_t us) {
  char text[CLOCK_TEXT_SIZE];
  clock_format(us, text);
  return json_string(text);
}

static char *make_summary(const char *job, const struct serve_result *result) {
  json_t *summary = serve_result_json(result);
  char *text = NULL;
  if (summary && json_object_set_new(summary, "job", json_string(job)) == 0 &&
      json_object_set_new(summary, "started", iso(result->started)) == 0 &&
      json_object_set_new(summary, "ended", iso(result->ended)) == 0)
    text = json_dumps(summary, JSON_COMPACT);
  json_decref(summary);
  return text;
}

static struct hook *find_free(struct hooks *hooks) {
  for (size_t i = 0; i < HOOKS_MAX; i++)
    if (hooks->items[i].pid == 0)
      return &hooks->items[i];
  return NULL;
}

/* The slot for a new process; NULL in that process too, which then goes on. */
static struct hook *fork_hook(struct hooks *hooks, const char *job, const char *what, int64_t timeout, pid_t *pid) {
  struct hook *hook = find_free(hooks);
  *pid = hook ? fork() : -1;
  if (*pid < 0)
    log_write(SLUICE_ERROR, job, "on_run_end.%s was not called: %s", what,
              hook ? strerror(errno) : "too many are still at work");
  if (*pid <= 0)
    return NULL;
  setpgid(*pid, *pid); /* the child does so too: whoever comes first */
  *hook = (struct hook){.pid = *pid, .what = what, .deadline = clock_monotonic_ms() + timeout};
  snprintf(hook->job, sizeof hook->job, "%s", job);
  return hook;
}

void hooks_start(struct hooks *hooks, const char *job, const struct config_run_end *config,
                 const struct serve_result *result) {
  pid_t parent = getpid(), pid;
  if (!config || !is_wanted(config, result->outcome))
    return;
  char *summary = make_summary(job, result);
  if (!summary) {
    log_write(SLUICE_ERROR, job, "on_run_end was not called: no memory");
    return;
  }
  if (config->command.count) {
    fork_hook(hooks, job, "command", config->timeout, &pid);
    if (pid == 0)
      hook_command(config, result, job, summary, parent);
  }
  if (config->url) {
    fork_hook(hooks, job, "url", config->timeout + GRACE_MS, &pid);
    if (pid == 0)
      hook_url(config, job, summary, parent);
  }
  free(summary);
}

static void tell_end(const struct hook *hook, int status) {
  char how[128];
  process_end_text(status, how, sizeof how);
  if (hook->late)
    log_write(SLUICE_ERROR, hook->job, "on_run_end.%s took longer than its timeout and was killed", hook->what);
  else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    log_write(SLUICE_ERROR, hook->job, "on_run_end.%s failed: its process %s", hook->what, how);
}

void hooks_reap(struct hooks *hooks) {
  int64_t now = clock_monotonic_ms();
  for (size_t i = 0; i < HOOKS_MAX; i++) {
    struct hook *hook = &hooks->items[i];
    int status = 0;
    if (hook->pid && now > hook->deadline) {
      hook->late = true;
      kill(-hook->pid, SIGKILL); /* with all that it started */
    }
    if (!hook->pid || waitpid(hook->pid, &status, WNOHANG) != hook->pid)
      continue;
    tell_end(hook, status);
    kill(-hook->pid, SIGKILL); /* what it left behind; the group lives as long as that does */
    *hook = (struct hook){.pid = 0};
  }
}

void hooks_kill_all(struct hooks *hooks) {
  for (size_t i = 0; i < HOOKS_MAX; i++)
    if (hooks->items[i].pid)
      hooks->items[i].deadline = 0;
}

size_t hooks_count(const struct hooks *hooks) {
  size_t n = 0;
  for (size_t i = 0; i < HOOKS_MAX; i++)
    n += hooks->items[i].pid != 0;
  return n;
}
