/* One run of the job, in a child, so that it can end anywhere. */
#include "core/log/log.h"
#include "core/run/run.h"
#include "crash.h"
#include "history.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ENDED = 10 /* and the outcome */, SECONDS = 60, TEXT = 4096 };

/* ---- what will go wrong ---- */

static void forget_faults(struct world *world) {
  atomic_store(&world->crash_at, 0);
  atomic_store(&world->read_fails_at, 0);
  atomic_store(&world->deliver_fails_at, 0);
  atomic_store(&world->change_at, 0);
  atomic_store(&world->changed, false);
  atomic_store(&world->book_fd, -1);
}

/* Early points are where most happens in short runs; the rest may lie behind the end, and then nothing does. */
static void choose_crash(struct history *h, struct chance *c) {
  struct world *world = h->world;
  world->crash_how = (enum crash_how)chance_below(c, 4);
  world->crash_where = (enum crash_where)chance_below(c, 3);
  int most = world->crash_where == CRASH_AT_BOOK ? 20 : chance_of(c, 50) ? 40 : 200;
  atomic_store(&world->crash_at, 1 + chance_below(c, most));
}

static void choose_faults(struct history *h, struct chance *c) {
  int at = 1 + chance_below(c, 8);
  if (chance_of(c, 80))
    choose_crash(h, c);
  if (chance_of(c, 20))
    atomic_store(&h->world->read_fails_at, at);
  if (chance_of(c, 20))
    atomic_store(&h->world->deliver_fails_at, at);
  if (chance_of(c, 30))
    bucket_change_later(h, c);
}

static void tell_faults(const struct history *h) {
  static const char *const how[] = {"ends before", "ends in", "ends behind", "is stopped at"};
  static const char *const where[] = {"durable operation", "operation on the destination", "operation on the ledger"};
  struct world *world = h->world;
  char text[400] = "";
  int n = 0;
  if (atomic_load(&world->crash_at))
    n += snprintf(text + n, sizeof text - (size_t)n, ", %s %s %d", how[world->crash_how], where[world->crash_where],
                  atomic_load(&world->crash_at));
  if (atomic_load(&world->read_fails_at))
    n += snprintf(text + n, sizeof text - (size_t)n, ", read %d fails", atomic_load(&world->read_fails_at));
  if (atomic_load(&world->deliver_fails_at))
    n += snprintf(text + n, sizeof text - (size_t)n, ", delivery %d fails", atomic_load(&world->deliver_fails_at));
  if (atomic_load(&world->change_at))
    snprintf(text + n, sizeof text - (size_t)n, ", part %d changes at read %d", world->change_part,
             atomic_load(&world->change_at));
  history_tell(h, "  a run%s", text);
}

/* ---- the child ---- */

static int run_here(struct history *h, const char *text) {
  struct config *config = NULL;
  const struct config_job *job;
  struct run_options options = {0};
  struct run_result result = {0};
  struct sluice_error err = {0};
  struct stop stop;
  if (config_load_text("history", text, strlen(text), &config, &err) || config_find_job(config, "j", &job, &err) ||
      stop_init(&stop)) {
    fprintf(stderr, "%s: %s\n", err.where, err.message);
    return 2;
  }
  crash_arm(h->world, &stop);
  run_job(h->registry, config, job, &options, &stop, &result);
  return ENDED + (int)result.outcome;
}

static void child(struct history *h, const char *text) {
  char path[256];
  snprintf(path, sizeof path, "%s/log", h->folder);
  int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (fd < 0 || dup2(fd, 2) < 0)
    _exit(2);
  alarm(SECONDS);
  _exit(run_here(h, text));
}

/* ---- the parent ---- */

static enum pass_end judge(struct history *h, int status) {
  static const char *const names[] = {"done", "done with rejects", "failed", "held", "interrupted", "misconfigured"};
  if (WIFSIGNALED(status)) {
    history_wrong(h, "a run died of signal %d%s: see its log", WTERMSIG(status),
                  WTERMSIG(status) == SIGALRM ? " (it hung for a minute)" : "");
    return PASS_BAD;
  }
  int code = WEXITSTATUS(status);
  if (code == CRASHED) {
    h->n_cut++;
    history_tell(h, "    it ended there");
    return PASS_CUT;
  }
  if (code < ENDED || code > ENDED + (int)RUN_MISCONFIGURED) {
    history_wrong(h, "a run ended with status %d: see its log", code);
    return PASS_BAD;
  }
  history_tell(h, "    it ended as %s", names[code - ENDED]);
  return code <= ENDED + (int)RUN_DONE_WITH_REJECTS ? PASS_DONE : PASS_FAILED;
}

enum pass_end pass_run(struct history *h, struct chance *cut) {
  char text[TEXT];
  int status = 0;
  forget_faults(h->world);
  if (cut)
    choose_faults(h, cut);
  tell_faults(h);
  model_run_begins(&h->model);
  settings_text(h, text, sizeof text);
  fflush(NULL);
  pid_t pid = fork();
  if (pid == 0)
    child(h, text);
  while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
    ;
  if (pid < 0) {
    history_wrong(h, "no process could be started: %s", strerror(errno));
    return PASS_BAD;
  }
  h->n_runs++;
  enum pass_end end = judge(h, status);
  bucket_changed(h);
  bool undisturbed = end == PASS_DONE && !atomic_load(&h->world->changed);
  model_run_ends(&h->model, !undisturbed                          ? NOTHING_CERTAIN
                            : h->settings.policy == POLICY_REREAD ? ALL_CERTAIN
                                                                  : FIRST_VERSIONS_CERTAIN);
  return end;
}
