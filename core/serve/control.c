/* Connections of the control socket. */
#include "core/serve/control.h"
#include "core/base/clock.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BACKLOG = 16, SILENT_MS = 60000 };

json_t *control_refusal(const char *why) {
  return json_pack("{s:b, s:o}", "ok", 0, "error", lines_text(why));
}

int control_address(const char *path, struct sockaddr_un *out, struct sluice_error *err) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (!path[0]) /* it would be one without a file, and without its permissions */
    return sluice_fail(err, SLUICE_ERR_CONFIG, "serve.socket",
                       "the path of the socket is empty: set serve.socket or --socket");
  if (strlen(path) >= sizeof address.sun_path)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "socket",
                       "the path of the socket has %zu bytes, and %zu are the most: set serve.socket or --socket: %s",
                       strlen(path), sizeof address.sun_path - 1, path);
  memcpy(address.sun_path, path, strlen(path) + 1);
  *out = address;
  return SLUICE_OK;
}

/* ---- the socket's file ---- */

static int open_socket(void) {
  return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* Nobody answers there: it was left by a process that died. */
static int remove_stale(const struct sockaddr_un *address, struct sluice_error *err) {
  struct stat info;
  const char *path = address->sun_path;
  if (lstat(path, &info) != 0)
    return SLUICE_OK;
  if (!S_ISSOCK(info.st_mode))
    return sluice_fail(err, SLUICE_ERR_CONFIG, path, "%s is there and no socket; move it away or set another --socket",
                       path);
  int fd = open_socket();
  bool refused =
      fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) != 0 && errno == ECONNREFUSED;
  if (fd >= 0)
    close(fd);
  if (!refused)
    return sluice_fail(err, SLUICE_ERR_RETRY, path,
                       "another `sluice serve` answers at %s; end it, or set another --socket", path);
  if (unlink(path) == 0 || errno == ENOENT)
    return SLUICE_OK;
  return sluice_fail(err, SLUICE_ERR_CONFIG, path, "%s was left by a process that died and cannot be removed: %s", path,
                     strerror(errno));
}

int control_open(struct control *control, const char *path, control_fn *take, void *context, struct sluice_error *err) {
  struct control made = {.fd = -1, .take = take, .context = context};
  int code = control_address(path, &made.address, err);
  if (!code)
    code = remove_stale(&made.address, err);
  if (code)
    return code;
  made.fd = open_socket();
  mode_t before = umask(0177);
  bool bound = made.fd >= 0 && bind(made.fd, (const struct sockaddr *)&made.address, sizeof made.address) == 0;
  int number = errno;
  umask(before);
  if (bound && listen(made.fd, BACKLOG) == 0) {
    *control = made;
    return SLUICE_OK;
  }
  if (bound) {
    number = errno;
    unlink(path);
  }
  if (made.fd >= 0)
    close(made.fd);
  return sluice_fail(err, SLUICE_ERR_CONFIG, path, "the socket %s cannot be made: %s", path, strerror(number));
}

/* ---- clients ---- */

static void drop(struct control_client *client) {
  if (client->fd >= 0)
    close(client->fd);
  client->fd = -1; /* the sweep takes it away */
}

static void flush(struct control_client *client) {
  if (client->fd >= 0 &&
      (lines_flush(&client->lines, client->fd) || (client->closing && !lines_waiting(&client->lines))))
    drop(client);
}

static void put(struct control_client *client, json_t *answer) {
  if (lines_put(&client->lines, answer))
    drop(client);
  flush(client);
}

static void take_line(struct control_client *client, const char *line) {
  struct request request;
  struct sluice_error err = {0};
  json_t *answer;
  if (request_parse(line, &request, &err)) {
    client->closing = true;
    put(client, control_refusal(err.message));
    return;
  }
  answer = client->control->take(client->control->context, &request);
  client->waiting = !answer;
  if (answer)
    put(client, answer);
}

static void on_client(void *context, short events) {
  struct control_client *client = context;
  if (events & POLLOUT)
    flush(client);
  if (client->fd < 0 || !(events & (POLLIN | POLLHUP | POLLERR)))
    return;
  if (client->waiting || client->closing) {
    drop(client); /* it did not stay for the answer */
    return;
  }
  int code = lines_read(&client->lines, client->fd);
  client->active = clock_monotonic_ms();
  for (char *line = lines_next(&client->lines); line && client->fd >= 0 && !client->closing && !client->waiting;
       line = lines_next(&client->lines))
    take_line(client, line);
  if (code)
    drop(client);
}

static void on_listener(void *context, short events) {
  struct control *control = context;
  (void)events;
  int fd = accept4(control->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  size_t i = 0;
  while (i < CONTROL_CLIENTS && control->clients[i])
    i++;
  struct control_client *client = fd >= 0 && i < CONTROL_CLIENTS ? calloc(1, sizeof *client) : NULL;
  if (!client) {
    if (fd >= 0)
      close(fd);
    return;
  }
  *client = (struct control_client){.fd = fd, .active = clock_monotonic_ms(), .control = control};
  control->clients[i] = client;
}

void control_poll(struct control *control, struct polls *polls) {
  polls_add(polls, control->fd, POLLIN, on_listener, control);
  for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
    struct control_client *client = control->clients[i];
    if (!client)
      continue;
    short events = client->waiting || client->closing ? 0 : POLLIN;
    polls_add(polls, client->fd, (short)(events | (lines_waiting(&client->lines) ? POLLOUT : 0)), on_client, client);
  }
}

static void free_client(struct control *control, size_t i) {
  drop(control->clients[i]);
  lines_finish(&control->clients[i]->lines);
  free(control->clients[i]);
  control->clients[i] = NULL;
}

void control_sweep(struct control *control) {
  int64_t now = clock_monotonic_ms();
  for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
    const struct control_client *client = control->clients[i];
    if (client && (client->fd < 0 || (!client->waiting && now - client->active > SILENT_MS)))
      free_client(control, i);
  }
}

void control_answer(struct control *control, const json_t *answer) {
  for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
    struct control_client *client = control->clients[i];
    if (!client || !client->waiting || client->fd < 0)
      continue;
    client->waiting = false;
    put(client, json_deep_copy(answer));
  }
}

void control_close(struct control *control) {
  for (size_t i = 0; i < CONTROL_CLIENTS; i++)
    if (control->clients[i]) {
      flush(control->clients[i]);
      free_client(control, i);
    }
  if (control->fd < 0)
    return;
  unlink(control->address.sun_path);
  close(control->fd);
  control->fd = -1;
}
