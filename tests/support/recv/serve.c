/* One thread a connection, so that a fault may simply wait. Nothing is answered before the whole body was read. */
#include "serve.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct request {
  bool ready; /* body is initialised */
  struct body body;
};

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, const char *text,
                              const char *retry_after) {
  size_t n = strlen(text);
  struct MHD_Response *response = MHD_create_response_from_buffer(n, (void *)text, MHD_RESPMEM_MUST_COPY);
  if (!response)
    return MHD_NO;
  MHD_add_response_header(response, "Content-Type", "application/json");
  if (retry_after && *retry_after)
    MHD_add_response_header(response, "Retry-After", retry_after);
  if (status == 401)
    MHD_add_response_header(response, "WWW-Authenticate", "Bearer");
  if (status / 100 == 3)
    MHD_add_response_header(response, "Location", "/elsewhere");
  enum MHD_Result result = MHD_queue_response(connection, status, response);
  MHD_destroy_response(response);
  return result;
}

static enum MHD_Result refuse(struct server *server, struct MHD_Connection *connection, unsigned status,
                              const char *why) {
  char text[256];
  snprintf(text, sizeof text, "{\"error\": \"%s\"}\n", why);
  store_refused(&server->store);
  return answer(connection, status, text, NULL);
}

static void wait_ms(struct server *server, int64_t ms) {
  struct timespec step = {0, 10000000};
  for (int64_t left = ms; (ms < 0 || left > 0) && !atomic_load(&server->stopping); left -= 10)
    nanosleep(&step, NULL);
}

static const char *header(struct MHD_Connection *connection, const char *name) {
  const char *value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
  return value ? value : "";
}

static bool has_bearer(const struct server *server, struct MHD_Connection *connection) {
  const char *given = header(connection, "Authorization");
  return strncmp(given, "Bearer ", 7) == 0 && strcmp(given + 7, server->bearer) == 0;
}

static bool has_basic(const struct server *server, struct MHD_Connection *connection) {
  char *password = NULL, *user = MHD_basic_auth_get_username_password(connection, &password);
  size_t n = user ? strlen(user) : 0;
  bool ok = user && password && strncmp(server->basic, user, n) == 0 && server->basic[n] == ':' &&
            strcmp(server->basic + n + 1, password) == 0;
  MHD_free(user);
  MHD_free(password);
  return ok;
}

static bool authorized(const struct server *server, struct MHD_Connection *connection) {
  return (!server->bearer || has_bearer(server, connection)) && (!server->basic || has_basic(server, connection));
}

static bool kind_of(struct MHD_Connection *connection, enum scan_kind *kind) {
  const char *type = header(connection, "Content-Type");
  size_t n = strcspn(type, "; ");
  if (n == 20 && strncasecmp(type, "application/x-ndjson", n) == 0)
    *kind = SCAN_NDJSON;
  else if (n == 16 && strncasecmp(type, "application/json", n) == 0)
    *kind = SCAN_JSON;
  else
    return false;
  return true;
}

static int64_t header_number(struct MHD_Connection *connection, const char *name) {
  long long value = strtoll(header(connection, name), NULL, 10);
  return value > 0 ? value : 0;
}

#define STEPS "/_recv/generation/"

/* Takes the request: its records, or the step that it tells. NULL: done; else why not, and which status says so. */
static const char *take(struct server *server, struct MHD_Connection *connection, const char *method, const char *path,
                        const struct body *body, unsigned *status) {
  const char *why = NULL;
  *status = 422;
  if (strncmp(path, STEPS, sizeof STEPS - 1) == 0)
    return store_step(&server->store, path + sizeof STEPS - 1, body->lines.data, body->lines.size);
  struct arrived arrived = {.method = method,
                            .path = path,
                            .key = header(connection, server->key_header),
                            .operation = header(connection, "Sluice-Operation"),
                            .generation = header_number(connection, "Sluice-Generation")};
  if (store_add(&server->store, &arrived, body, &why))
    return NULL;
  *status = why ? 412 : 507;
  return why ? why : "cannot store";
}

/* The records are where they shall be: with a fault that comes after storing, or with the answer. */
static enum MHD_Result finish(struct server *server, struct MHD_Connection *connection, const char *method,
                              const char *path, const struct body *body, const struct fault *fault) {
  unsigned status = 0;
  const char *why = take(server, connection, method, path, body, &status);
  if (why)
    return refuse(server, connection, status, why);
  if (fault && fault->action == FAULT_CUT_AFTER_STORE)
    return MHD_NO;
  if (fault)
    wait_ms(server, fault->ms);
  char text[64];
  snprintf(text, sizeof text, "{\"records\": %lld}\n", (long long)body->scan.records);
  return answer(connection, 200, text, NULL);
}

static enum MHD_Result answer_fault(struct server *server, struct MHD_Connection *connection,
                                    const struct fault *fault) {
  char text[128];
  switch (fault->action) {
  case FAULT_HANG:
    wait_ms(server, -1);
    return MHD_NO;
  case FAULT_CUT:
    return MHD_NO;
  case FAULT_MAX_BODY:
  case FAULT_MAX_RECORDS:
    return answer(connection, 413, "{\"error\": \"too large\"}\n", NULL);
  default:
    snprintf(text, sizeof text, "{\"error\": \"fault %d by script\"}\n", fault->status);
    return answer(connection, (unsigned)fault->status, text, fault->retry_after);
  }
}

static enum MHD_Result finish_body(struct server *server, struct MHD_Connection *connection, const char *method,
                                   const char *path, struct body *body) {
  const char *problem = body_end(body);
  if (problem)
    return refuse(server, connection, 400, problem);
  struct fault fault;
  if (!faults_take(&server->faults, path, body, &fault))
    return finish(server, connection, method, path, body, NULL);
  store_fault(&server->store);
  if (fault.action == FAULT_CUT_AFTER_STORE || fault.action == FAULT_SLOW)
    return finish(server, connection, method, path, body, &fault);
  return answer_fault(server, connection, &fault);
}

static enum MHD_Result begin(struct server *server, struct MHD_Connection *connection, const char *method,
                             const char *path, struct request *request) {
  enum scan_kind kind;
  struct fault fault;
  if (faults_take(&server->faults, path, NULL, &fault)) {
    store_fault(&server->store);
    return MHD_NO;
  }
  bool gzip = strcasecmp(header(connection, "Content-Encoding"), "gzip") == 0;
  bool known = kind_of(connection, &kind);
  if (!known && strcmp(method, "DELETE") == 0) {
    kind = SCAN_NDJSON; /* the URL may say it all */
    known = true;
  }
  if (!authorized(server, connection) || !known)
    return MHD_YES; /* refused when the body was read: an answer before it may be lost with the connection */
  request->ready = true;
  return body_init(&request->body, kind, gzip, !server->count_only) ? MHD_YES : MHD_NO;
}

static enum MHD_Result get_table(struct server *server, struct MHD_Connection *connection) {
  char *text = NULL;
  size_t size = 0;
  FILE *memory = open_memstream(&text, &size);
  bool ok = memory && store_table(&server->store, memory);
  if (memory)
    fclose(memory);
  enum MHD_Result result = ok && text ? answer(connection, 200, text, NULL) : MHD_NO;
  free(text);
  return result;
}

static enum MHD_Result get_current(struct server *server, struct MHD_Connection *connection) {
  const char *given = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "delivery");
  char *delivery = url_decode(given ? given : "");
  char text[64];
  snprintf(text, sizeof text, "{\"generation\": %lld}\n",
           (long long)(delivery ? store_current(&server->store, delivery) : 0));
  free(delivery);
  return answer(connection, 200, text, NULL);
}

static enum MHD_Result get(struct server *server, struct MHD_Connection *connection, const char *method,
                           const char *path) {
  if (strcmp(path, "/_recv/stats") == 0 && strcmp(method, "GET") == 0) {
    char *text = store_stats(&server->store);
    enum MHD_Result result = text ? answer(connection, 200, text, NULL) : MHD_NO;
    free(text);
    return result;
  }
  if (strcmp(path, "/_recv/table") == 0 && strcmp(method, "GET") == 0)
    return get_table(server, connection);
  if (!authorized(server, connection))
    return refuse(server, connection, 401, "not authorized");
  if (strcmp(path, STEPS "current") == 0 && strcmp(method, "GET") == 0)
    return get_current(server, connection);
  bool harmless = strcmp(method, "HEAD") == 0 || strcmp(method, "OPTIONS") == 0;
  return harmless ? answer(connection, 200, "", NULL)
                  : refuse(server, connection, 405, "send POST, PUT, PATCH or DELETE");
}

/* Paths stay as they were sent: a key in one may hold a slash. */
static size_t keep_escapes(void *context, struct MHD_Connection *connection, char *text) {
  (void)context, (void)connection;
  return strlen(text);
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *path, const char *method,
                              const char *version, const char *data, size_t *size, void **state) {
  (void)version;
  struct server *server = context;
  struct request *request = *state;
  bool sends = strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 || strcmp(method, "PATCH") == 0 ||
               strcmp(method, "DELETE") == 0;
  if (!request) {
    request = calloc(1, sizeof *request);
    *state = request;
    return !request ? MHD_NO : sends ? begin(server, connection, method, path, request) : MHD_YES;
  }
  if (*size > 0) {
    if (request->ready)
      body_feed(&request->body, data, *size);
    *size = 0;
    return MHD_YES;
  }
  if (!sends)
    return get(server, connection, method, path);
  if (!authorized(server, connection))
    return refuse(server, connection, 401, "not authorized");
  if (!request->ready)
    return refuse(server, connection, 415, "Content-Type must be application/x-ndjson or application/json");
  return finish_body(server, connection, method, path, &request->body);
}

static void completed(void *context, struct MHD_Connection *connection, void **state,
                      enum MHD_RequestTerminationCode code) {
  (void)context, (void)connection, (void)code;
  struct request *request = *state;
  if (!request)
    return;
  if (request->ready)
    body_finish(&request->body);
  free(request);
  *state = NULL;
}

unsigned serve_start(struct server *server, unsigned port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_ITC;
  struct MHD_OptionItem tls[] = {{MHD_OPTION_HTTPS_MEM_CERT, 0, server->tls_cert},
                                 {MHD_OPTION_HTTPS_MEM_KEY, 0, server->tls_key},
                                 {MHD_OPTION_END, 0, NULL}};
  struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
  if (server->tls_cert)
    flags |= MHD_USE_TLS;
  server->daemon =
      MHD_start_daemon(flags, 0, NULL, NULL, handle, server, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
                       MHD_OPTION_NOTIFY_COMPLETED, completed, NULL, MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,
                       MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)(512 * 1024),
                       MHD_OPTION_ARRAY, server->tls_cert ? tls : none, MHD_OPTION_END);
  if (!server->daemon)
    return 0;
  const union MHD_DaemonInfo *info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
  return info ? info->port : 0;
}

void serve_stop(struct server *server) {
  atomic_store(&server->stopping, true);
  if (server->daemon)
    MHD_stop_daemon(server->daemon);
}
