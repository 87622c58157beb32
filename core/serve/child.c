/* The child's side: runs, and the thread that listens to the supervisor meanwhile. */
#include "core/serve/child.h"
#include "core/base/clock.h"
#include "core/ledger/folder.h"
#include "core/ledger/history.h"
#include "core/log/log.h"
#include "core/serve/fresh.h"
#include "core/serve/lines.h"
#include "core/serve/result.h"
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SOCKET = FRESH_FD, DRAIN_MS = 3500, KILL_SECONDS = 5, OWNER_WAIT_MS = 6000 };

static struct {
  const struct child *setup;
  struct registry *registry;
  struct run_session *session;
  struct stop stop;
  pthread_mutex_t lock; /* of what follows */
  json_t *order;        /* to run; NULL: none */
  bool running;
  atomic_bool quit;
  int wake; /* eventfd of the main thread */
} me = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void wake(void) {
  uint64_t one = 1;
  ssize_t n = write(me.wake, &one, sizeof one);
  (void)n; /* it can only fail when it is readable already */
}

/* ---- listening ---- */

static void raise_stop(enum stop_level level) {
  pthread_mutex_lock(&me.lock);
  if (me.order || me.running)
    stop_raise(&me.stop, level);
  pthread_mutex_unlock(&me.lock);
}

static void obey(const char *line) {
  json_t *message = lines_parse(line);
  const char *word = json_string_value(json_object_get(message, "do"));
  if (word && strcmp(word, "run") == 0) {
    pthread_mutex_lock(&me.lock);
    json_decref(me.order);
    me.order = json_incref(message);
    pthread_mutex_unlock(&me.lock);
  } else if (word && strcmp(word, "drain") == 0) {
    raise_stop(STOP_DRAIN);
  } else if (word && strcmp(word, "now") == 0) {
    raise_stop(STOP_NOW);
  } else if (word && strcmp(word, "quit") == 0) {
    atomic_store(&me.quit, true);
  }
  json_decref(message);
  wake();
}

/* The supervisor is gone: the run ends at a checkpoint, or without one. */
static void orphaned(void) {
  atomic_store(&me.quit, true);
  alarm(KILL_SECONDS);
  raise_stop(STOP_DRAIN);
  wake();
  poll(NULL, 0, DRAIN_MS);
  raise_stop(STOP_NOW);
}

static void *listen_main(void *unused) {
  struct lines lines = {0};
  (void)unused;
  while (lines_read(&lines, SOCKET) == SLUICE_OK)
    for (char *line = lines_next(&lines); line; line = lines_next(&lines))
      obey(line);
  lines_finish(&lines);
  if (!atomic_load(&me.quit))
    orphaned();
  return NULL;
}

static void on_terminate(int number) {
  int saved = errno;
  (void)number;
  atomic_store(&me.quit, true);
  stop_raise(&me.stop, STOP_DRAIN);
  alarm(KILL_SECONDS); /* its default is the end */
  wake();
  errno = saved;
}

/* ---- running ---- */

static void tell(json_t *message) {
  struct lines out = {0};
  int code = lines_put(&out, message);
  while (!code && lines_waiting(&out))
    code = lines_flush(&out, SOCKET);
  lines_finish(&out);
}

/* A process that is just ending, such as one of a supervisor before this, may still have the job. */
static void wait_for_owner(void) {
  const char *folder = config_ledger(me.setup->config), *job = me.setup->job->name;
  for (int64_t end = clock_monotonic_ms() + OWNER_WAIT_MS; clock_monotonic_ms() < end && ledger_is_owned(folder, job);)
    if (!stop_sleep(&me.stop, STOP_DRAIN, 100))
      break;
}

static int add_lag(void *context, const struct ledger_part *part) {
  struct serve_result *result = context;
  result->lag_files++;
  result->lag_bytes += part->size > 0 ? part->size : 0;
  return SLUICE_OK;
}

/* After a run that is done there is none, and no need to look for it. */
static void measure_lag(enum run_outcome outcome, struct serve_result *result) {
  static const struct ledger_part_filter left = {.states = 1u << PART_PENDING | 1u << PART_ACTIVE | 1u << PART_FAILED};
  struct sluice_error err = {0};
  if (outcome > RUN_DONE_WITH_REJECTS)
    ledger_read_parts(config_ledger(me.setup->config), me.setup->job->name, &left, INT64_MAX, add_lag, result, &err);
}

static void prepare(const json_t *order) {
  const json_t *avoid = json_object_get(order, "avoid");
  if (json_is_true(json_object_get(order, "blame")))
    run_session_blame(me.session);
  run_session_avoid_nothing(me.session);
  for (size_t i = 0; i < json_array_size(avoid); i++) {
    const char *part = json_string_value(json_object_get(json_array_get(avoid, i), "part"));
    const char *version = json_string_value(json_object_get(json_array_get(avoid, i), "version"));
    if (part && run_session_avoid(me.session, part, version))
      exit(1);
  }
}

static void one_run(void) {
  struct run_result *run = calloc(1, sizeof *run);
  struct serve_result *result = calloc(1, sizeof *result);
  if (!run || !result)
    exit(1);
  wait_for_owner();
  run_session_pass(me.session, &me.stop, run);
  serve_result_take(result, run);
  result->suspects = run_session_blames(me.session);
  measure_lag(run->outcome, result);
  json_t *message = serve_result_json(result);
  if (message && json_object_set_new(message, "event", json_string("ended")))
    exit(1);
  pthread_mutex_lock(&me.lock);
  me.running = false;
  if (!atomic_load(&me.quit))
    stop_lower(&me.stop);
  pthread_mutex_unlock(&me.lock);
  tell(message);
  free(run);
  free(result);
}

static bool take_order(void) {
  pthread_mutex_lock(&me.lock);
  json_t *order = me.order;
  bool run = order && !atomic_load(&me.quit);
  me.order = NULL;
  me.running = run;
  pthread_mutex_unlock(&me.lock);
  if (run)
    prepare(order);
  json_decref(order);
  return run;
}

static void serve_orders(void) {
  while (!atomic_load(&me.quit)) {
    struct pollfd fd = {.fd = me.wake, .events = POLLIN};
    uint64_t count;
    poll(&fd, 1, -1);
    if (read(me.wake, &count, sizeof count) < 0 && errno != EAGAIN && errno != EINTR)
      break;
    if (take_order())
      one_run();
  }
}

/* ---- starting and ending ---- */

static void leave_parent(const struct child *setup, pid_t parent) {
  struct sigaction action = {.sa_handler = on_terminate};
  fresh_process(setup->fd, parent, SIGTERM);
  me.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (me.wake < 0 || stop_init(&me.stop) != SLUICE_OK)
    _exit(1);
  signal(SIGINT, SIG_IGN); /* the supervisor conducts */
  signal(SIGHUP, SIG_IGN);
  sigemptyset(&action.sa_mask);
  sigaction(SIGTERM, &action, NULL);
  prctl(PR_SET_NAME, setup->job->name);
  fresh_unblock();
}

static int open_session(struct sluice_error *err) {
  const struct child *setup = me.setup;
  struct run_options options = {.watch = setup->watch};
  int code = setup->world->registry(setup->world->context, setup->config, &me.registry, err);
  if (!code)
    code = run_session_create(me.registry, setup->config, setup->job, &options, &me.session);
  return code ? sluice_fail(err, code, setup->job->name, "no memory for the job") : code;
}

_Noreturn void child_main(const struct child *setup, pid_t parent) {
  struct sluice_error err = {0};
  pthread_t listener;
  me.setup = setup;
  leave_parent(setup, parent);
  int code = open_session(&err);
  if (code || pthread_create(&listener, NULL, listen_main, NULL)) {
    log_write(SLUICE_ERROR, setup->job->name, "its process cannot start: %s", err.message);
    _exit(1);
  }
  serve_orders();
  run_session_destroy(me.session);
  registry_destroy(me.registry);
  shutdown(SOCKET, SHUT_RDWR); /* the listener sees an end */
  pthread_join(listener, NULL);
  json_decref(me.order);
  exit(0);
}
