/* One request from its first byte to its answer, in the calls of libmicrohttpd. */
#include "exchange.h"
#include "clock.h"
#include "send.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FORM_LIMIT = 64 * 1024 };

/* The request of a connection. libmicrohttpd does not report the end of a request that it refuses by itself, so that
 * the connection must know what to free. */
struct slot {
  struct request *request;
};

static void destroy(struct slot *slot) {
  struct request *r = slot ? slot->request : NULL;
  if (!r)
    return;
  slot->request = NULL;
  request_upload_drop(r);
  body_finish(&r->answer.body);
  uri_query_finish(&r->query);
  text_finish(&r->form);
  EVP_MD_CTX_free(r->digest);
  free(r->target);
  journal_end(r->server->journal);
  free(r);
}

void exchange_connection(void *context, struct MHD_Connection *connection, void **place,
                         enum MHD_ConnectionNotificationCode what) {
  (void)context;
  (void)connection;
  if (what == MHD_CONNECTION_NOTIFY_STARTED)
    *place = calloc(1, sizeof(struct slot));
  else {
    destroy(*place);
    free(*place);
    *place = NULL;
  }
}

void *exchange_begin(void *context, const char *target, struct MHD_Connection *connection) {
  static _Atomic uint64_t last;
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  struct slot *slot = info ? info->socket_context : NULL;
  struct request *r = slot ? calloc(1, sizeof *r) : NULL;
  if (!r)
    return NULL;
  destroy(slot);
  slot->request = r;
  r->server = context;
  r->connection = connection;
  r->target = strdup(target);
  r->upload = UPLOAD_NONE;
  r->harm = (struct harm){UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, false};
  r->answer.body.fd = -1;
  snprintf(r->id, sizeof r->id, "%04X%012llX", (unsigned)getpid() & 0xffff, (unsigned long long)++last);
  journal_begin(r->server->journal);
  return slot;
}

void exchange_completed(void *context, struct MHD_Connection *connection, void **place,
                        enum MHD_RequestTerminationCode why) {
  (void)context;
  (void)connection;
  (void)why;
  destroy(*place);
  *place = NULL;
}

const char *request_header(const struct request *r, const char *name) {
  const struct sigv4_request request = {.headers = r->headers, .header_count = r->header_count};
  return sigv4_find_header(&request, name);
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
  const char *prefix = r->op == OP_LIST || r->op == OP_VERSIONS ? uri_query_get(&r->query, "prefix") : NULL;
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
  if (r->service != SERVICE_S3 || r->claim.form == SIGV4_NONE || strcmp(r->claim.payload, "UNSIGNED-PAYLOAD") == 0)
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

enum MHD_Result exchange_handle(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                                const char *version, const char *data, size_t *size, void **place) {
  const struct slot *slot = *place;
  struct request *r = slot ? slot->request : NULL;
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
