/* A loopback server that sends what it is told. */
#include "raw_server.h"
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct raw_server {
  pthread_t thread;
  int fd, port;
  const char *answer;
  enum raw_then then;
  atomic_bool stopping;
  atomic_int connections;
  char request[8192];
};

static void read_request(struct raw_server *server, int fd) {
  size_t used = 0;
  server->request[0] = 0;
  while (used < sizeof server->request - 1 && !strstr(server->request, "\r\n\r\n")) {
    ssize_t n = recv(fd, server->request + used, sizeof server->request - 1 - used, 0);
    if (n <= 0)
      return;
    used += (size_t)n;
    server->request[used] = 0;
  }
}

static void answer(struct raw_server *server, int fd) {
  static const char header[] = "X-More: and more and more and more and more and more and more and more\r\n";
  char block[4096];
  memset(block, 'b', sizeof block);
  send(fd, server->answer, strlen(server->answer), MSG_NOSIGNAL);
  bool open = server->then == RAW_REPEAT_BODY || server->then == RAW_REPEAT_HEADER;
  while (open && !atomic_load(&server->stopping)) {
    const char *more = server->then == RAW_REPEAT_BODY ? block : header;
    size_t n = server->then == RAW_REPEAT_BODY ? sizeof block : sizeof header - 1;
    open = send(fd, more, n, MSG_NOSIGNAL) == (ssize_t)n;
  }
  for (char byte; server->then == RAW_HANG && !atomic_load(&server->stopping);) {
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    if (poll(&waiting, 1, 20) > 0 && recv(fd, &byte, 1, 0) <= 0)
      break;
  }
}

static void *serve(void *argument) {
  struct raw_server *server = argument;
  while (!atomic_load(&server->stopping)) {
    struct pollfd waiting = {.fd = server->fd, .events = POLLIN};
    if (poll(&waiting, 1, 20) <= 0)
      continue;
    int fd = accept(server->fd, NULL, NULL);
    if (fd < 0)
      continue;
    struct timeval limit = {.tv_sec = 10};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    atomic_fetch_add(&server->connections, 1);
    read_request(server, fd);
    answer(server, fd);
    close(fd);
  }
  return NULL;
}

struct raw_server *raw_server_start(const char *text, enum raw_then then) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  struct raw_server *server = calloc(1, sizeof *server);
  if (!server)
    abort();
  server->answer = text;
  server->then = then;
  server->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (server->fd < 0 || bind(server->fd, (struct sockaddr *)&address, size) || listen(server->fd, 8) ||
      getsockname(server->fd, (struct sockaddr *)&address, &size))
    abort();
  server->port = ntohs(address.sin_port);
  if (pthread_create(&server->thread, NULL, serve, server))
    abort();
  return server;
}

int raw_server_port(const struct raw_server *server) {
  return server->port;
}

int raw_server_connections(const struct raw_server *server) {
  return atomic_load((atomic_int *)&server->connections);
}

void raw_server_stop(struct raw_server *server, char *request, size_t size) {
  atomic_store(&server->stopping, true);
  pthread_join(server->thread, NULL);
  close(server->fd);
  if (request)
    snprintf(request, size, "%s", server->request);
  free(server);
}
