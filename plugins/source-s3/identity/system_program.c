/* Runs a program without a shell, for credential_process: bounded in time and output, and cancelled with the host. */
#include "identity/system_world.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { OUTPUT_MAX = 256 << 10, SLICE_MS = 100 };
extern char **environ;

struct running {
  pid_t pid;
  int out, err; /* read ends; -1: ended */
};

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void close_pair(int fds[2]) {
  close(fds[0]);
  close(fds[1]);
}

/* A process group of its own, so that what it starts ends with it; no input; default signals. */
static int spawn(char *const *argv, const int out[2], const int err[2], pid_t *pid) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t none, all;
  if (posix_spawn_file_actions_init(&actions) != 0)
    return ENOMEM;
  if (posix_spawnattr_init(&attributes) != 0) {
    posix_spawn_file_actions_destroy(&actions);
    return ENOMEM;
  }
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  posix_spawn_file_actions_adddup2(&actions, err[1], 2);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  int failed = posix_spawnp(pid, argv[0], &actions, &attributes, argv, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return failed;
}

static int start(char *const *argv, struct running *out, struct sluice_error *err) {
  int fds[2], error_fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no pipe to run %.100s: %s", argv[0], strerror(errno));
  if (pipe2(error_fds, O_CLOEXEC) != 0) {
    close_pair(fds);
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no pipe to run %.100s", argv[0]);
  }
  int failed = spawn(argv, fds, error_fds, &out->pid);
  close(fds[1]);
  close(error_fds[1]);
  out->out = fds[0];
  out->err = error_fds[0];
  if (!failed)
    return SLUICE_OK;
  close(fds[0]);
  close(error_fds[0]);
  return sluice_fail(err, SLUICE_ERR_CONFIG, "", "%.200s cannot be run: %s", argv[0], strerror(failed));
}

/* Reads what is there; closes at the end. False: too much. */
static bool drain(int *fd, struct text *out) {
  char bytes[4096];
  ssize_t n = read(*fd, bytes, sizeof bytes);
  if (n < 0 && (errno == EINTR || errno == EAGAIN))
    return true;
  if (n <= 0) {
    close(*fd);
    *fd = -1;
    return true;
  }
  text_add(out, bytes, (size_t)n);
  return !out->failed;
}

static int collect(void *context, struct running *running, int64_t until, struct program_end *out,
                   struct sluice_error *err) {
  while (running->out >= 0 || running->err >= 0) {
    struct pollfd fds[2] = {{running->out, POLLIN, 0}, {running->err, POLLIN, 0}};
    int status = system_pause(context, 0, err);
    if (status != SLUICE_OK)
      return status;
    if (now_ms() >= until)
      return sluice_fail(err, SLUICE_ERR_RETRY, "", "it did not end in time");
    poll(fds, 2, SLICE_MS);
    bool ok = true;
    if (fds[0].revents)
      ok = drain(&running->out, &out->out);
    if (fds[1].revents)
      ok = drain(&running->err, &out->err) && ok;
    if (!ok)
      return sluice_fail(err, SLUICE_ERR_DATA, "", "it printed more than %d bytes", OUTPUT_MAX);
  }
  return SLUICE_OK;
}

static int await_end(void *context, pid_t pid, int64_t until, int *exit_status, struct sluice_error *err) {
  for (;;) {
    int state;
    pid_t ended = waitpid(pid, &state, WNOHANG);
    if (ended == pid) {
      *exit_status = WIFSIGNALED(state) ? 128 + WTERMSIG(state) : WEXITSTATUS(state);
      return SLUICE_OK;
    }
    if (ended < 0 && errno != EINTR)
      return sluice_fail(err, SLUICE_ERR_RETRY, "", "its end cannot be told: %s", strerror(errno));
    int status = system_pause(context, 10, err);
    if (status != SLUICE_OK)
      return status;
    if (now_ms() >= until)
      return sluice_fail(err, SLUICE_ERR_RETRY, "", "it did not end in time");
  }
}

int system_program_run(void *context, char *const *argv, int64_t timeout_ms, struct program_end *out,
                       struct sluice_error *err) {
  struct program_end end = {.out = {.limit = OUTPUT_MAX}, .err = {.limit = OUTPUT_MAX}};
  struct running running;
  int64_t until = now_ms() + timeout_ms;
  int status = start(argv, &running, err);
  if (status != SLUICE_OK)
    return status;
  status = collect(context, &running, until, &end, err);
  if (status == SLUICE_OK)
    status = await_end(context, running.pid, until, &end.exit_status, err);
  if (status != SLUICE_OK) {
    kill(-running.pid, SIGKILL);
    waitpid(running.pid, NULL, 0);
  }
  if (running.out >= 0)
    close(running.out);
  if (running.err >= 0)
    close(running.err);
  if (status == SLUICE_OK)
    *out = end;
  else
    program_end_finish(&end);
  return status;
}
