/* One request over the control socket, and its answer. */
#include "core/serve/client.h"
#include "core/base/clock.h"
#include "core/serve/control.h"
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TIMEOUT_MS = 90000 /* a reload is checked for a minute at most */ };

static int connect_fail(const char *path, int number, struct sluice_error *err) {
  if (number == ENOENT || number == ECONNREFUSED)
    return sluice_fail(err, SLUICE_ERR_NOT_FOUND, path, "no `sluice serve` takes commands at %s", path);
  if (number == EACCES || number == EPERM)
    return sluice_fail(err, SLUICE_ERR_AUTH, path, "the permissions of %s keep you out; be the user that serves", path);
  return sluice_fail(err, SLUICE_ERR_RETRY, path, "%s does not answer: %s", path, strerror(number));
}

static int open_connection(const char *path, int *out, struct sluice_error *err) {
  struct sockaddr_un address;
  int code = control_address(path, &address, err);
  if (code)
    return code;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0) {
    *out = fd;
    return SLUICE_OK;
  }
  int number = errno;
  if (fd >= 0)
    close(fd);
  return connect_fail(path, number, err);
}

static bool wait_for(int fd, short events, int64_t until) {
  int64_t left = until - clock_monotonic_ms();
  struct pollfd poll_fd = {.fd = fd, .events = events};
  return left > 0 && poll(&poll_fd, 1, (int)left) > 0;
}

static int send_request(struct lines *lines, int fd, const struct request *request, int64_t until) {
  int code = lines_put(lines, json_pack("{s:s, s:s}", "do", request_name(request->kind), "job", request->job));
  while (!code && lines_waiting(lines))
    code = wait_for(fd, POLLOUT, until) ? lines_flush(lines, fd) : SLUICE_ERR_RETRY;
  return code;
}

/* Answers may be long: the status of many jobs is one line. */
static int read_answer(int fd, int64_t until, struct text *out) {
  char chunk[16384];
  while (wait_for(fd, POLLIN, until)) {
    ssize_t n = read(fd, chunk, sizeof chunk);
    if (n <= 0)
      return SLUICE_ERR_RETRY;
    if (text_append(out, chunk, (size_t)n))
      return SLUICE_ERR_MEMORY;
    if (chunk[n - 1] == '\n')
      return SLUICE_OK;
  }
  return SLUICE_ERR_RETRY;
}

static void wait_for_end(int fd, int64_t until) {
  char byte;
  while (wait_for(fd, POLLIN, until))
    if (read(fd, &byte, 1) <= 0)
      return;
}

int client_ask(const char *path, const struct request *request, json_t **answer, struct sluice_error *err) {
  int64_t until = clock_monotonic_ms() + TIMEOUT_MS;
  struct lines lines = {.taken = 0};
  struct text text = {.limit = LINES_OUT_MAX};
  int fd = -1;
  int code = open_connection(path, &fd, err);
  if (code)
    return code;
  code = send_request(&lines, fd, request, until);
  if (!code)
    code = read_answer(fd, until, &text);
  json_t *found = code ? NULL : lines_parse(text_get(&text));
  if (!code && !json_is_boolean(json_object_get(found, "ok")))
    code = sluice_fail(err, SLUICE_ERR_DATA, path, "what answers at %s is no `sluice serve`", path);
  else if (code)
    sluice_fail(err, code, path, "`sluice serve` at %s gave no answer", path);
  if (!code && request->kind == REQUEST_STOP && json_is_true(json_object_get(found, "ok")))
    wait_for_end(fd, until);
  if (code)
    json_decref(found);
  else
    *answer = found;
  close(fd);
  lines_finish(&lines);
  text_finish(&text);
  return code;
}
