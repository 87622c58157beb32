/* One GET with all its attempts: how the bytes of an answer are taken and judged. */
#include "request/call.h"
#include "request/transport.h"
#include <stdlib.h>
#include <time.h>

enum { ERROR_BODY_MAX = 64 << 10, ERROR_BODY_S = 10 };

int call_init(struct call *call, const struct call_ops *ops) {
  pthread_condattr_t attributes;
  if (pthread_condattr_init(&attributes) != 0)
    return SLUICE_ERR_MEMORY;
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  int failed = pthread_cond_init(&call->changed, &attributes);
  pthread_condattr_destroy(&attributes);
  if (failed)
    return SLUICE_ERR_MEMORY;
  call->ops = ops;
  call->request.first = call->request.last = -1;
  atomic_init(&call->references, 1);
  call->body.limit = ERROR_BODY_MAX;
  return SLUICE_OK;
}

void call_unref(struct call *call) {
  if (call && atomic_fetch_sub(&call->references, 1) == 1)
    call->ops->destroy(call);
}

void call_finish(struct call *call) {
  pthread_cond_destroy(&call->changed);
  signed_request_finish(&call->sent);
  credentials_unref(call->with);
  text_finish(&call->body);
}

void call_reset_attempt(struct call *call) {
  head_clear(&call->head);
  fault_clear(&call->fault);
  text_clear(&call->body);
  call->verdict = CALL_GO;
  call->progress = 0;
  call->refused_at_s = 0;
}

static bool good(const struct call *call) {
  return !call->probing && call->head.http >= 200 && call->head.http < 300;
}

size_t call_on_header(struct call *call, const char *line, size_t n) {
  bool ended = call->head.ended;
  if (!head_line(&call->head, line, n)) {
    fault_set(&call->fault, FAULT_DATA, "the answer has more than %d bytes of headers", HEAD_BYTES_MAX);
    call->verdict = CALL_FAULT;
    return 0;
  }
  if (!ended && call->head.ended && good(call))
    call->verdict = call->ops->head(call);
  return call->verdict == CALL_GO ? n : 0;
}

/* An error is told in few words and soon; what goes on is not waited for. */
static size_t take_error_body(struct call *call, const char *bytes, size_t n) {
  size_t room = ERROR_BODY_MAX - call->body.size;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  if (call->refused_at_s == 0)
    call->refused_at_s = (int64_t)now.tv_sec + 1; /* never 0 */
  text_add(&call->body, bytes, n < room ? n : room);
  if (n <= room && (int64_t)now.tv_sec < call->refused_at_s + ERROR_BODY_S)
    return n;
  call->verdict = CALL_ENOUGH;
  return 0;
}

static size_t pause_transfer(struct call *call) {
  call->verdict = CALL_GO;
  if (!call->paused && call->pool)
    call->pool->paused++;
  call->paused = true;
  return CURL_WRITEFUNC_PAUSE;
}

size_t call_on_body(struct call *call, const char *bytes, size_t n) {
  if (!good(call)) {
    return take_error_body(call, bytes, n);
  }
  call->verdict = call->ops->data(call, bytes, n);
  if (call->verdict == CALL_PAUSE)
    return pause_transfer(call);
  return call->verdict == CALL_GO ? n : 0;
}

/* ---- judging ---- */

static enum fault_kind kind_of_curl(CURLcode code) {
  switch (code) {
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_CACERT_BADFILE:
  case CURLE_SSL_CERTPROBLEM:
  case CURLE_URL_MALFORMAT:
  case CURLE_SSL_ISSUER_ERROR:
    return FAULT_CONFIG;
  case CURLE_OUT_OF_MEMORY:
    return FAULT_MEMORY;
  default:
    return FAULT_TRANSIENT;
  }
}

static void judge_transport(struct call *call, CURLcode code) {
  enum fault_kind kind = kind_of_curl(code);
  fault_set(&call->fault, kind, "%s%s", call->curl_text[0] ? call->curl_text : curl_easy_strerror(code),
            code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE
                ? "; set ca_file if the endpoint has its own certificate authority"
                : "");
}

static void copy_unless_set(char *out, size_t size, const char *value) {
  if (!out[0])
    text_copy_line(out, size, value, strlen(value));
}

static void add_head_to_fault(struct call *call) {
  struct fault *fault = &call->fault;
  const struct head *head = &call->head;
  fault->http = head->http;
  fault->wait_ms = head->retry_ms;
  fault->wait_extra_ms = head->retry_extra_ms;
  if (head->region[0])
    text_copy_line(fault->region, sizeof fault->region, head->region, strlen(head->region));
  copy_unless_set(fault->request_id, sizeof fault->request_id, head->request_id);
  copy_unless_set(fault->host_id, sizeof fault->host_id, head->host_id);
}

/* What was sent in trust is not told where an answer repeats it: a session's token, a key, a signature. */
static void hide_secrets(struct call *call) {
  static const char *const before[] = {
      "x-amz-security-token: ", "x-amz-server-side-encryption-customer-key: ", "Signature="};
  for (const struct curl_slist *line = call->sent.headers; line; line = line->next)
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
      const char *found = strstr(line->data, before[i]);
      if (found)
        fault_hide(&call->fault, found + strlen(before[i]));
    }
}

static void judge_refusal(struct call *call) {
  fault_read_body(&call->fault, text_get(&call->body), call->body.size);
  add_head_to_fault(call);
  fault_classify(&call->fault, call->request.key[0] != 0);
}

static bool judge(struct call *call, CURLcode code) {
  if (call->verdict == CALL_FAULT) {
    add_head_to_fault(call);
    return false;
  }
  if (call->head.ended && good(call)) {
    call->verdict = call->ops->end(call, code == CURLE_OK || call->verdict == CALL_ENOUGH);
    if (call->verdict != CALL_FAULT)
      return true;
    if (call->fault.kind == FAULT_NONE)
      judge_transport(call, code);
    add_head_to_fault(call);
    return false;
  }
  if (call->head.ended && (code == CURLE_OK || call->verdict == CALL_ENOUGH))
    judge_refusal(call);
  else
    judge_transport(call, code);
  return false;
}

bool call_succeeded(struct call *call, CURLcode code) {
  bool ok = judge(call, code);
  if (!ok)
    hide_secrets(call);
  return ok;
}
