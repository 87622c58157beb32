/* The port for metrics: libmicrohttpd without threads of its own, driven by the supervisor's loop. */
#include "core/config/address.h"
#include "core/serve/metrics.h"
#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <sys/socket.h>

enum {
  CONNECTIONS = 32,
  ACCEPTED = 2 * CONNECTIONS, /* with those that were told to go and are not gone yet */
  SILENT_SECONDS = 10,
  CONNECTION_BYTES = 32 << 10
};

struct guest { /* a connection */
  int fd;
  int64_t number; /* they are counted; 0: there is none */
  bool leaving;
};
struct metrics_server {
  struct MHD_Daemon *daemon;
  int epoll;
  struct guest guests[ACCEPTED];
  int64_t came, staying;
  metrics_view_fn *view;
  void *context;
};

/* ---- requests ---- */

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, const char *type, const char *text,
                              size_t n) {
  struct MHD_Response *response = MHD_create_response_from_buffer(n, (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
  if (!response)
    return MHD_NO;
  MHD_add_response_header(response, "Content-Type", type);
  if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
    MHD_add_response_header(response, "Allow", "GET, HEAD");
  enum MHD_Result result = MHD_queue_response(connection, status, response);
  MHD_destroy_response(response);
  return result;
}

static enum MHD_Result answer_text(struct MHD_Connection *connection, unsigned status, const char *text) {
  return answer(connection, status, "text/plain; charset=utf-8", text, strlen(text));
}

static enum MHD_Result answer_metrics(struct metrics_server *server, struct MHD_Connection *connection) {
  const char *accept = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Accept");
  enum metrics_form form = metrics_form(accept);
  struct metrics_view view = {.n_jobs = 0};
  struct text text = {0};
  server->view(server->context, &view);
  enum MHD_Result result =
      metrics_text(&view, form, &text) == SLUICE_OK
          ? answer(connection, MHD_HTTP_OK,
                   form == METRICS_OPENMETRICS ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                               : "text/plain; version=0.0.4; charset=utf-8",
                   text_get(&text), text.size)
          : answer_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "no memory\n");
  text_finish(&text);
  return result;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *upload, size_t *upload_size, void **request) {
  (void)version, (void)upload, (void)request;
  if (*upload_size) { /* a body is of no use here */
    *upload_size = 0;
    return MHD_YES;
  }
  if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
    return answer_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET\n");
  if (strcmp(url, "/metrics") != 0)
    return answer_text(connection, MHD_HTTP_NOT_FOUND, "the metrics are at /metrics\n");
  return answer_metrics(context, connection);
}

/* ---- connections ---- */

/* Who comes is let in at the cost of who came first: whoever opens many and is silent keeps nobody out. */
static void send_oldest_away(struct metrics_server *server) {
  struct guest *oldest = NULL;
  for (size_t i = 0; i < ACCEPTED; i++) {
    struct guest *guest = &server->guests[i];
    if (guest->number && !guest->leaving && (!oldest || guest->number < oldest->number))
      oldest = guest;
  }
  if (!oldest)
    return;
  shutdown(oldest->fd, SHUT_RDWR); /* its end is seen as if the other side had closed it */
  oldest->leaving = true;
  server->staying--;
}

static void welcome(struct metrics_server *server, struct MHD_Connection *connection, void **mine) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  for (size_t i = 0; info && i < ACCEPTED; i++)
    if (!server->guests[i].number) {
      server->guests[i] = (struct guest){.fd = info->connect_fd, .number = ++server->came};
      *mine = &server->guests[i];
      server->staying++;
      break;
    }
  if (server->staying > CONNECTIONS)
    send_oldest_away(server);
}

static void on_connection(void *context, struct MHD_Connection *connection, void **mine,
                          enum MHD_ConnectionNotificationCode what) {
  struct metrics_server *server = context;
  struct guest *guest = *mine;
  if (what == MHD_CONNECTION_NOTIFY_STARTED) {
    welcome(server, connection, mine);
  } else if (guest) {
    server->staying -= !guest->leaving;
    *guest = (struct guest){.number = 0};
  }
}

/* ---- the port ---- */

int metrics_open(const char *address, metrics_view_fn *view, void *context, struct metrics_server **out,
                 struct sluice_error *err) {
  struct sockaddr_storage at;
  int code = address_parse(address, &at) ? SLUICE_OK
                                         : sluice_fail(err, SLUICE_ERR_CONFIG, "serve.metrics", ADDRESS_WRONG, address);
  if (code)
    return code;
  struct metrics_server *server = calloc(1, sizeof *server);
  if (!server)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "serve.metrics", "no memory");
  server->view = view;
  server->context = context;
  unsigned flags = MHD_USE_EPOLL | (at.ss_family == AF_INET6 ? MHD_USE_IPv6 : 0);
  errno = 0;
  server->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, server, MHD_OPTION_SOCK_ADDR, &at,
                                    MHD_OPTION_CONNECTION_LIMIT, (unsigned)ACCEPTED, MHD_OPTION_NOTIFY_CONNECTION,
                                    on_connection, server, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SILENT_SECONDS,
                                    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES, MHD_OPTION_END);
  if (!server->daemon) {
    int number = errno;
    free(server);
    return sluice_fail(err, SLUICE_ERR_CONFIG, "serve.metrics", "nothing can listen at %s: %s", address,
                       number ? strerror(number) : "no reason given");
  }
  server->epoll = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
  *out = server;
  return SLUICE_OK;
}

static void on_ready(void *context, short events) {
  (void)events;
  metrics_run(context);
}

void metrics_poll(struct metrics_server *server, struct polls *polls) {
  if (server)
    polls_add(polls, server->epoll, POLLIN, on_ready, server);
}

int metrics_wait_ms(const struct metrics_server *server, int ms) {
  MHD_UNSIGNED_LONG_LONG left;
  if (!server || MHD_get_timeout(server->daemon, &left) != MHD_YES || left >= (MHD_UNSIGNED_LONG_LONG)ms)
    return ms;
  return (int)left;
}

void metrics_run(struct metrics_server *server) {
  if (server)
    MHD_run(server->daemon);
}

void metrics_close(struct metrics_server *server) {
  if (!server)
    return;
  MHD_stop_daemon(server->daemon);
  free(server);
}
