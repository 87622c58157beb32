/* The supervisor's loop. */
#include "core/serve/server.h"
#include "core/base/clock.h"
#include "core/config/serve.h"
#include "core/log/log.h"
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUND_MS = 1000, ENDING_ROUND_MS = 100 };

/* ---- signals ---- */

/* They stay blocked to the end: a program that ends need not hear of them. */
static int open_signals(struct server *server, struct sluice_error *err) {
  static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};
  sigset_t set;
  sigemptyset(&set);
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    sigaddset(&set, numbers[i]);
  sigprocmask(SIG_BLOCK, &set, NULL);
  server->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  return server->signals >= 0 ? SLUICE_OK : sluice_fail(err, SLUICE_ERR_MEMORY, "serve", "signals cannot be taken");
}

static void reap(struct server *server) {
  for (size_t i = 0; i < server->n_jobs; i++) {
    struct served *served = server->jobs[i];
    int status = 0;
    if (served->process.pid && waitpid(served->process.pid, &status, WNOHANG) == served->process.pid)
      runs_lost(server, served, status);
  }
  int status = 0;
  if (server->check.pid && check_too_long(&server->check))
    kill(server->check.pid, SIGKILL);
  if (server->check.pid && waitpid(server->check.pid, &status, WNOHANG) == server->check.pid)
    server->checked(server, status);
}

static void on_signals(void *context, short events) {
  struct server *server = context;
  struct signalfd_siginfo info;
  (void)events;
  while (read(server->signals, &info, sizeof info) == (ssize_t)sizeof info) {
    if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
      ending_start(server);
    if (info.ssi_signo == SIGHUP && server->control.fd >= 0)
      json_decref(reload_start(server));
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

static void on_check(void *context, short events) {
  struct server *server = context;
  (void)events;
  check_hear(&server->check);
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
  polls_add(&server->polls, server->check.pid ? server->check.fd : -1, POLLIN, on_check, server);
  control_poll(&server->control, &server->polls);
  metrics_poll(server->metrics, &server->polls);
  polls_wait(&server->polls, metrics_wait_ms(server->metrics, wait_ms(server)));
  reap(server); /* also without SIGCHLD, of which several may be one */
  ending_step(server);
  for (size_t i = 0; i < server->n_jobs; i++)
    runs_look(server, server->jobs[i]);
  jobs_sweep(server);
  control_sweep(&server->control);
  hooks_reap(&server->hooks);
  metrics_run(server->metrics);
  notify_alive(&server->notify);
}

/* Rounds until `over`, which may look at anything. */
static int loop(struct server *server, bool (*over)(const struct server *), struct sluice_error *err) {
  while (!over(server)) {
    struct talk *talks = calloc(server->n_jobs + 1, sizeof *talks);
    if (!talks)
      return sluice_fail(err, SLUICE_ERR_MEMORY, "serve", "no memory");
    one_round(server, talks);
    free(talks);
  }
  return SLUICE_OK;
}

/* ---- starting ---- */

static void first_checked(struct server *server, int wait_status) {
  check_end(&server->check, wait_status);
}
static bool check_is_over(const struct server *server) {
  return !server->check.pid || server->ending;
}

/* The configuration as a reload checks it: plugins that fail do so in a process of their own. */
static int first_check(struct server *server, struct sluice_error *err) {
  int code = check_start(&server->check, server->world, err);
  server->checked = first_checked;
  if (!code)
    code = loop(server, check_is_over, err);
  server->checked = reload_checked;
  if (!code && server->check.why.message[0]) {
    *err = server->check.why;
    return SLUICE_ERR_CONFIG;
  }
  snprintf(server->plugins, sizeof server->plugins, "%s", server->check.plugins);
  return code;
}

static int open_control(struct server *server, struct sluice_error *err) {
  struct text path = {0};
  int code = serve_socket_path(server->config, server->world->socket, &path);
  if (!code)
    code = control_open(&server->control, text_get(&path), commands_take, server, err);
  text_finish(&path);
  return code ? sluice_fail(err, code, "socket", "no memory") : code;
}

static void view(void *context, struct metrics_view *out) {
  const struct server *server = context;
  *out = (struct metrics_view){.jobs = server->jobs,
                               .n_jobs = server->n_jobs,
                               .started_us = server->started_us,
                               .reloads = server->reloads,
                               .reload_failed = server->reload_error[0] != 0};
}

static int open_metrics(struct server *server, struct sluice_error *err) {
  const char *address = config_serve(server->config)->metrics;
  return address ? metrics_open(address, view, server, &server->metrics, err) : SLUICE_OK;
}

static int start(struct server *server, struct sluice_error *err) {
  int code = open_signals(server, err);
  if (!code)
    code = server->world->load(server->world->context, &server->config, err);
  if (!code)
    code = store_open(config_ledger(server->config), &server->store, err);
  if (!code)
    code = first_check(server, err);
  if (!code && !server->ending)
    code = open_control(server, err);
  if (!code && !server->ending)
    code = open_metrics(server, err);
  if (!code && !server->ending)
    code = jobs_load(server, err);
  return code;
}

static int serve(struct server *server, struct sluice_error *err) {
  char status[64];
  snprintf(status, sizeof status, "serving %zu jobs", server->n_jobs);
  log_write(SLUICE_INFO, NULL, "%s; commands are taken at %s", status, server->control.address.sun_path);
  notify_ready(&server->notify, status);
  int code = loop(server, ending_over, err);
  log_write(SLUICE_INFO, NULL, "ended");
  return code;
}

/* A check that is still going on is of no use any more. */
static void end_check(struct server *server) {
  if (!server->check.pid)
    return;
  kill(server->check.pid, SIGKILL);
  waitpid(server->check.pid, NULL, 0);
  check_finish(&server->check);
}

int serve_run(const struct serve_world *world, struct sluice_error *err) {
  struct server *server = calloc(1, sizeof *server);
  if (!server)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "serve", "no memory");
  server->world = world;
  server->store.lock = server->signals = server->control.fd = server->check.fd = -1;
  server->started_us = clock_wall_us();
  notify_open(&server->notify);
  int code = start(server, err);
  if (!code)
    code = serve(server, err);
  end_check(server);
  control_close(&server->control);
  metrics_close(server->metrics);
  jobs_finish(server);
  store_close(&server->store);
  config_unload(server->config);
  polls_finish(&server->polls);
  notify_close(&server->notify);
  if (server->signals >= 0)
    close(server->signals);
  free(server);
  return code;
}
