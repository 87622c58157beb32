/* The server: opens the port, takes requests, ends. */
#include "server.h"
#include "clock.h"
#include "send.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { FORM_LIMIT = 64 * 1024, CONNECTION_MEMORY = 96 * 1024, THREADS = 2, IDLE_SECONDS = 0 };

static bool complain(const char *what, const char *name) {
  fprintf(stderr, "s3d: %s %s: %s\n", what, name, strerror(errno));
  return false;
}

bool server_init(struct server *s, const struct options *options) {
  char message[512];
  *s = (struct server){.options = *options};
  s->root = open(options->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (s->root < 0)
    return complain("--root", options->root);
  s->journal = journal_create(options->log);
  if (!s->journal)
    return complain("--log", options->log ? options->log : "");
  s->faults = faults_create(options->script, message, sizeof message);
  if (!s->faults) {
    fprintf(stderr, "s3d: --script %s\n", message);
    return false;
  }
  s->listings = listings_create(s->root, options->cache_listing);
  s->objects = objects_create(s->root, options->synthetic_count, options->synthetic_size);
  s->sessions = sessions_create(options->access_key, options->secret_key, options->session_token);
  s->waits = waits_create();
  errno = ENOMEM;
  return (s->listings && s->objects && s->sessions && s->waits) || complain("start", options->root);
}

void server_finish(struct server *s) {
  waits_destroy(s->waits);
  sessions_destroy(s->sessions);
  objects_destroy(s->objects);
  listings_destroy(s->listings);
  faults_destroy(s->faults);
  journal_destroy(s->journal);
  if (s->root >= 0)
    close(s->root);
}

/* ---- one request ---- */

static void *request_create(void *context, const char *target, struct MHD_Connection *connection) {
  static _Atomic uint64_t last;
  struct request *r = calloc(1, sizeof *r);
  if (!r)
    return NULL;
  r->server = context;
  r->connection = connection;
  r->target = strdup(target);
  r->upload = UPLOAD_NONE;
  r->harm = (struct harm){UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX};
  r->answer.body.fd = -1;
  snprintf(r->id, sizeof r->id, "%04X%012llX", (unsigned)getpid() & 0xffff, (unsigned long long)++last);
  journal_begin(r->server->journal);
  return r;
}

static void request_destroy(void *context, struct MHD_Connection *connection, void **place,
                            enum MHD_RequestTerminationCode why) {
  struct request *r = *place;
  (void)context;
  (void)connection;
  (void)why;
  *place = NULL;
  if (!r)
    return;
  request_upload_drop(r);
  body_finish(&r->answer.body);
  uri_query_finish(&r->query);
  text_finish(&r->form);
  EVP_MD_CTX_free(r->digest);
  free(r->target);
  journal_end(r->server->journal);
  free(r);
}

static enum MHD_Result take_header(void *context, enum MHD_ValueKind kind, const char *name, const char *value) {
  struct request *r = context;
  (void)kind;
  if (r->header_count < REQUEST_HEADERS)
    r->headers[r->header_count++] = (struct sigv4_header){name, value ? value : ""};
  return MHD_YES;
}

/* Everything that can be decided before the body. */
static void start(struct request *r, const char *method) {
  struct server *s = r->server;
  char message[512];
  r->method = method;
  r->started = true;
  r->now = clock_now() + s->options.clock_offset;
  MHD_get_connection_values(r->connection, MHD_HEADER_KIND, take_header, r);
  if (!request_route(r) || r->service == SERVICE_STATS)
    return;
  const char *prefix = r->op == OP_LIST ? uri_query_get(&r->query, "prefix") : NULL;
  if (!faults_find(s->faults, r->op, prefix ? prefix : r->key, &r->fault, message, sizeof message))
    journal_note(s->journal, message);
  if (r->fault.action == FAULT_CLOCK_SKEW)
    r->now += r->fault.number;
  if (r->service == SERVICE_S3 && request_authorize(r) && r->op == OP_PUT)
    request_upload_start(r);
}

static void take_body(struct request *r, const char *data, size_t n) {
  r->body_length += n;
  if (r->service == SERVICE_STS) {
    if (r->form.len + n <= FORM_LIMIT)
      text_add(&r->form, data, n);
    else if (!r->answer.ready)
      answer_error(r, "InvalidRequest", "The form in the body is too long.");
    return;
  }
  if (r->answer.ready) /* refused: the rest is only read */
    return;
  if (!r->digest) {
    r->digest = EVP_MD_CTX_new();
    if (!r->digest || !EVP_DigestInit_ex(r->digest, EVP_sha256(), NULL))
      return;
  }
  EVP_DigestUpdate(r->digest, data, n);
  request_upload_data(r, data, n);
}

/* Is the body what x-amz-content-sha256 says? */
static bool body_is_signed(struct request *r) {
  char hex[HASH_SHA256_HEX] = SIGV4_EMPTY_HASH;
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned len = 0;
  if (r->service != SERVICE_S3 || strcmp(r->claim.payload, "UNSIGNED-PAYLOAD") == 0)
    return true;
  if (r->body_length > 0) {
    if (!r->digest || !EVP_DigestFinal_ex(r->digest, bytes, &len))
      return false;
    hash_hex(bytes, len, hex);
  }
  if (strcmp(hex, r->claim.payload) == 0)
    return true;
  const struct error_field fields[] = {{"ClientComputedContentSHA256", r->claim.payload},
                                       {"S3ComputedContentSHA256", hex}};
  answer_error_with(r, "XAmzContentSHA256Mismatch", NULL, fields, 2);
  return false;
}

static void answer_stats(struct request *r) {
  struct server *s = r->server;
  char *text = journal_stats(s->journal, listings_scans(s->listings), faults_loads(s->faults));
  answer_text(r, 200, "application/json", text, text ? strlen(text) : 0);
}

static void make_answer(struct request *r) {
  if (r->answer.ready)
    return;
  if (r->service == SERVICE_STATS)
    answer_stats(r);
  else if ((r->service == SERVICE_S3 || request_authorize(r)) && body_is_signed(r) && request_fault_before(r)) {
    request_serve(r);
    request_fault_after(r);
  }
}

/* Puts the request to sleep for the delay that is wanted; true when it sleeps. */
static bool wait_first(struct request *r) {
  int64_t ms = r->service == SERVICE_STATS ? 0 : r->server->options.delay_ms;
  if (r->waited)
    return false;
  r->waited = true;
  if (r->fault.action == FAULT_DELAY) {
    ms += r->fault.number;
    request_fault_fired(r, "");
  }
  return ms > 0 && waits_sleep(r->server->waits, r->connection, ms);
}

static void record(struct request *r) {
  char code[80] = "";
  uint64_t bytes = r->head ? 0 : r->answer.body.length;
  if (r->harm.cut_at < bytes)
    bytes = r->harm.cut_at;
  if (!r->fault_fired)
    faults_unused(r->server->faults, &r->fault);
  else
    snprintf(code, sizeof code, "fault=%s", faults_action_name(r->fault.action));
  if (r->service != SERVICE_STATS)
    journal_request(r->server->journal, r->op, r->dropped ? 0 : r->answer.status, bytes, r->bucket, r->key, code);
}

static enum MHD_Result end(struct request *r) {
  if (r->hanging)
    return MHD_NO;
  if (wait_first(r))
    return MHD_YES;
  make_answer(r);
  if (r->hanging && !r->dropped) {
    record(r);
    return MHD_YES;
  }
  if (!r->answer.ready && !r->dropped)
    answer_error(r, "InternalError", NULL);
  record(r);
  return r->dropped ? MHD_NO : send_answer(r);
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *data, size_t *size, void **place) {
  struct request *r = *place;
  (void)context;
  (void)connection;
  (void)url;
  (void)version;
  if (!r || !r->target)
    return MHD_NO;
  if (!r->started) {
    start(r, method);
    return MHD_YES;
  }
  if (*size > 0) {
    take_body(r, data, *size);
    *size = 0;
    return MHD_YES;
  }
  return end(r);
}

/* ---- the daemon ---- */

static void raise_file_limit(uint64_t connections) {
  struct rlimit limit;
  rlim_t need = (rlim_t)(2 * connections + 64);
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= need)
    return;
  limit.rlim_cur = need < limit.rlim_max ? need : limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

static struct MHD_Daemon *open_port(struct server *s) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(s->options.port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  raise_file_limit(s->options.connections);
  return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL,
                          handle, s, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_THREAD_POOL_SIZE,
                          (unsigned)THREADS, MHD_OPTION_CONNECTION_LIMIT, (unsigned)s->options.connections,
                          MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_CONNECTION_TIMEOUT,
                          (unsigned)IDLE_SECONDS, MHD_OPTION_URI_LOG_CALLBACK, request_create, s,
                          MHD_OPTION_NOTIFY_COMPLETED, request_destroy, NULL, MHD_OPTION_END);
}

/* The port appears in its file whole: written beside it, then renamed. */
static bool write_port_file(const char *path, unsigned port) {
  char temporary[PATH_MAX];
  int n = snprintf(temporary, sizeof temporary, "%s.%d", path, (int)getpid());
  FILE *file = n > 0 && (size_t)n < sizeof temporary ? fopen(temporary, "we") : NULL;
  bool ok = file && fprintf(file, "%u\n", port) > 0;
  if (file && fclose(file) != 0)
    ok = false;
  if (ok && rename(temporary, path) == 0)
    return true;
  complain("--port-file", path);
  if (file)
    unlink(temporary);
  return false;
}

static void wait_for_end(void) {
  sigset_t set;
  int number = 0;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigwait(&set, &number);
}

int server_run(struct server *s) {
  struct MHD_Daemon *daemon = open_port(s);
  int status = 0;
  if (!daemon) {
    fprintf(stderr, "s3d: cannot listen on 127.0.0.1:%u: %s; is the port taken? --port 0 finds a free one\n",
            s->options.port, strerror(errno));
    waits_stop(s->waits);
    return 1;
  }
  unsigned port = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
  fprintf(stderr, "s3d: serving %s on http://127.0.0.1:%u (access key %s, region %s); Ctrl-C ends it\n",
          s->options.root, port, s->options.access_key, s->options.region);
  if (s->options.port_file && !write_port_file(s->options.port_file, port))
    status = 1;
  else
    wait_for_end();
  waits_stop(s->waits);
  MHD_stop_daemon(daemon);
  return status;
}
