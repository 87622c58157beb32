/* Runs recv as a child process; it ends with the test, by its pid. */
#include "receiver.h"
#include "cmocka_all.h"
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

const char *receiver_program;

static void pause_ms(long ms) {
  struct timespec time = {ms / 1000, ms % 1000 * 1000000};
  nanosleep(&time, NULL);
}

static bool read_port(const char *path, unsigned *port) {
  FILE *file = fopen(path, "r");
  if (!file)
    return false;
  bool ok = fscanf(file, "%u", port) == 1;
  fclose(file);
  return ok;
}

static void run_child(const char *const *arguments) {
  prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that crashes leaves no server behind */
  if (!freopen("/dev/null", "w", stdout))
    _exit(126);
  execv(receiver_program, (char *const *)(unsigned long)arguments);
  _exit(127);
}

void receiver_restart(struct receiver *receiver, const char *const *arguments) {
  char port_file[96];
  const char *argv[RECEIVER_ARGUMENTS] = {receiver_program, "--port-file", port_file, "--out", receiver->out};
  size_t n = 5;
  for (size_t i = 0; arguments && arguments[i] && n + 1 < RECEIVER_ARGUMENTS; i++)
    argv[n++] = arguments[i];
  snprintf(port_file, sizeof port_file, "%s/port", receiver->folder);
  unlink(port_file);
  receiver->pid = fork();
  assert_true(receiver->pid >= 0);
  if (receiver->pid == 0)
    run_child(argv);
  for (int i = 0; i < 1000 && !read_port(port_file, &receiver->port); i++)
    pause_ms(10);
  assert_true(receiver->port > 0);
}

void receiver_start(struct receiver *receiver, const char *const *arguments) {
  memset(receiver, 0, sizeof *receiver);
  snprintf(receiver->folder, sizeof receiver->folder, "/tmp/sluice-http-XXXXXX");
  assert_non_null(mkdtemp(receiver->folder));
  snprintf(receiver->out, sizeof receiver->out, "%s/got", receiver->folder);
  receiver_restart(receiver, arguments);
}

void receiver_stop(struct receiver *receiver) {
  if (receiver->pid <= 0)
    return;
  kill(receiver->pid, SIGTERM);
  waitpid(receiver->pid, NULL, 0);
  receiver->pid = 0;
  receiver->port = 0;
}

void receiver_remove(struct receiver *receiver) {
  receiver_stop(receiver);
  DIR *folder = opendir(receiver->folder);
  for (struct dirent *entry = folder ? readdir(folder) : NULL; entry; entry = readdir(folder))
    unlinkat(dirfd(folder), entry->d_name, 0);
  if (folder)
    closedir(folder);
  rmdir(receiver->folder);
}

static FILE *ask(const struct receiver *receiver, const char *what) {
  char command[1024];
  snprintf(command, sizeof command, "'%s' %s '%s'", receiver_program, what, receiver->out);
  FILE *pipe = popen(command, "r");
  assert_non_null(pipe);
  return pipe;
}

long long receiver_count(const struct receiver *receiver, const char *name) {
  char line[1024] = "", wanted[64];
  FILE *pipe = ask(receiver, "--summary");
  assert_non_null(fgets(line, sizeof line, pipe));
  pclose(pipe);
  snprintf(wanted, sizeof wanted, "\"%s\": ", name);
  const char *found = strstr(line, wanted);
  assert_non_null(found);
  return strtoll(found + strlen(wanted), NULL, 10);
}

bool receiver_has_each(const struct receiver *receiver, long long n, long long without) {
  int *seen = calloc((size_t)n, sizeof *seen);
  char *line = NULL;
  size_t room = 0;
  FILE *pipe = ask(receiver, "--records");
  long long number = 0;
  bool ok = seen != NULL;
  while (ok && getline(&line, &room, pipe) > 0) {
    ok = sscanf(line, "{\"n\":%lld", &number) == 1 && number >= 0 && number < n;
    if (ok)
      seen[number]++;
  }
  pclose(pipe);
  for (long long i = 0; ok && i < n; i++) {
    ok = seen[i] == (i == without ? 0 : 1);
    if (!ok)
      print_message("record %lld is there %d times\n", i, seen[i]);
  }
  free(line);
  free(seen);
  return ok;
}

char *receiver_table(const struct receiver *receiver) {
  char *text = NULL;
  size_t room = 0;
  FILE *pipe = ask(receiver, "--key id --table");
  ssize_t n = getdelim(&text, &room, 0, pipe);
  assert_int_equal(pclose(pipe), 0);
  if (n < 0 && text)
    text[0] = 0;
  assert_non_null(text);
  return text;
}

bool receiver_in_order(const struct receiver *receiver, long long n) {
  char *line = NULL;
  size_t room = 0;
  long long number = 0, next = 0;
  FILE *pipe = ask(receiver, "--records");
  while (getline(&line, &room, pipe) > 0 && sscanf(line, "{\"n\":%lld", &number) == 1 && number == next)
    next++;
  free(line);
  pclose(pipe);
  return next == n;
}
