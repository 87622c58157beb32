/* The supervisor's loop. */
#include "core/serve/server.h"
#include "core/base/clock.h"
#include "core/log/log.h"
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUND_MS = 1000, ENDING_ROUND_MS = 100 };

/* ---- signals ---- */

static int open_signals(int *out, sigset_t *before, struct sluice_error *err) {
  static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};
  sigset_t set;
  sigemptyset(&set);
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    sigaddset(&set, numbers[i]);
  sigprocmask(SIG_BLOCK, &set, before);
  *out = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  return *out >= 0 ? SLUICE_OK : sluice_fail(err, SLUICE_ERR_MEMORY, "serve", "signals cannot be taken");
}

static void reap(struct server *server) {
  for (size_t i = 0; i < server->n_jobs; i++) {
    struct served *served = server->jobs[i];
    int status = 0;
    if (served->process.pid && waitpid(served->process.pid, &status, WNOHANG) == served->process.pid)
      runs_lost(server, served, status);
  }
}

static void on_signals(void *context, short events) {
  struct server *server = context;
  struct signalfd_siginfo info;
  (void)events;
  while (read(server->signals, &info, sizeof info) == (ssize_t)sizeof info) {
    if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
      ending_start(server);
  }
}

/* ---- a round ---- */

struct talk { /* of one job's process, for the round */
  struct server *server;
  struct served *served;
};

static void on_process(void *context, short events) {
  const struct talk *talk = context;
  (void)events;
  runs_hear(talk->server, talk->served);
}

static int wait_ms(const struct server *server) {
  int64_t now = clock_wall_us() / 1000, ms = server->ending ? ENDING_ROUND_MS : ROUND_MS;
  for (size_t i = 0; i < server->n_jobs && !server->ending; i++) {
    int64_t wake = server->jobs[i]->wake;
    if (wake <= now)
      return 0;
    ms = wake - now < ms ? wake - now : ms;
  }
  return (int)ms;
}

static void one_round(struct server *server, struct talk *talks) {
  polls_clear(&server->polls);
  polls_add(&server->polls, server->signals, POLLIN, on_signals, server);
  for (size_t i = 0; i < server->n_jobs; i++) {
    talks[i] = (struct talk){server, server->jobs[i]};
    polls_add(&server->polls, server->jobs[i]->process.pid ? server->jobs[i]->process.fd : -1, POLLIN, on_process,
              &talks[i]);
  }
  polls_wait(&server->polls, wait_ms(server));
  reap(server); /* also without SIGCHLD, of which several may be one */
  ending_step(server);
  for (size_t i = 0; i < server->n_jobs; i++)
    runs_look(server, server->jobs[i]);
  jobs_sweep(server);
}

static int loop(struct server *server, struct sluice_error *err) {
  while (!ending_over(server)) {
    struct talk *talks = calloc(server->n_jobs + 1, sizeof *talks);
    if (!talks)
      return sluice_fail(err, SLUICE_ERR_MEMORY, "serve", "no memory");
    one_round(server, talks);
    free(talks);
  }
  return SLUICE_OK;
}

/* ---- all of it ---- */

int serve_run(const struct serve_world *world, struct sluice_error *err) {
  struct server server = {.world = world, .store = {.lock = -1}, .signals = -1};
  sigset_t before;
  int code = open_signals(&server.signals, &before, err);
  if (!code)
    code = world->load(world->context, &server.config, err);
  if (!code)
    code = store_open(config_ledger(server.config), &server.store, err);
  if (!code)
    code = jobs_load(&server, err);
  if (!code) {
    log_write(SLUICE_INFO, NULL, "serving %zu jobs", server.n_jobs);
    code = loop(&server, err);
    log_write(SLUICE_INFO, NULL, "ended");
  }
  jobs_finish(&server);
  store_close(&server.store);
  config_unload(server.config);
  polls_finish(&server.polls);
  if (server.signals >= 0)
    close(server.signals);
  sigprocmask(SIG_SETMASK, &before, NULL);
  return code;
}
