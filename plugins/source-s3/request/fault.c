/* What went wrong with one attempt of a request, and what that means. */
#include "request/fault.h"
#include "base/xml.h"
#include "request/moved.h"
#include <stdlib.h>

enum { SECRET_RUN = 16 };

void fault_clear(struct fault *fault) {
  memset(fault, 0, sizeof *fault);
  fault->wait_ms = -1;
}

void fault_set(struct fault *fault, enum fault_kind kind, const char *format, ...) {
  char line[sizeof fault->message];
  va_list args;
  va_start(args, format);
  vsnprintf(line, sizeof line, format, args);
  va_end(args);
  text_copy_line(fault->message, sizeof fault->message, line, strlen(line));
  fault->kind = kind;
}

/* ---- error bodies ---- */

struct body_reader {
  struct fault *fault;
  bool is_error;
};

static const char *body_start(void *context, int depth, const char *name) {
  struct body_reader *reader = context;
  if (depth == 1)
    reader->is_error = strcmp(name, "Error") == 0 || strcmp(name, "ErrorResponse") == 0;
  return NULL;
}

static void copy_text(char *out, size_t size, const struct text *text) {
#ifdef SLUICE_PLANTED_BUGS
  if (text_get(text)[text->size - 1] == ' ') /* reads before the start of an empty one */
    return;
#endif
  text_copy_line(out, size, text_get(text), text->size);
}

/* The first of each name counts, at any depth: servers differ in how they wrap an error. */
static const char *body_end(void *context, int depth, const char *name, const struct text *text) {
  struct body_reader *reader = context;
  struct fault *fault = reader->fault;
  struct {
    const char *name;
    char *out;
    size_t size;
  } fields[] = {{"Code", fault->code, sizeof fault->code},
                {"Message", fault->message, sizeof fault->message},
                {"Region", fault->region, sizeof fault->region},
                {"Endpoint", fault->endpoint, sizeof fault->endpoint},
                {"RequestId", fault->request_id, sizeof fault->request_id},
                {"HostId", fault->host_id, sizeof fault->host_id}};
  (void)depth;
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
    if (strcmp(name, fields[i].name) == 0 && !fields[i].out[0])
      copy_text(fields[i].out, fields[i].size, text);
  return NULL;
}

bool fault_read_body(struct fault *fault, const void *body, size_t n) {
  static const struct xml_handler handler = {body_start, body_end};
  struct body_reader reader = {.fault = fault};
  struct xml *xml = xml_create(&handler, &reader);
  if (!xml)
    return false;
  if (xml_feed(xml, body, n) == XML_GOOD)
    xml_end(xml);
  if (xml_is_page(xml) && !fault->message[0])
    snprintf(fault->message, sizeof fault->message, "%s", xml_reason(xml));
  xml_destroy(xml);
  if (!fault->region[0])
    moved_region(fault->endpoint, fault->region);
  return reader.is_error;
}

/* ---- secrets ---- */

/* A text may hold a part of the secret only, for it is cut. */
static bool repeats(const char *text, const char *secret) {
  size_t n = strlen(text), m = strlen(secret);
  for (size_t i = 0; i + SECRET_RUN <= n; i++)
    if (memmem(secret, m, text + i, SECRET_RUN))
      return true;
  return false;
}

void fault_hide(struct fault *fault, const char *secret) {
  char *texts[] = {fault->code, fault->region, fault->endpoint, fault->request_id, fault->host_id};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    if (repeats(texts[i], secret))
      texts[i][0] = 0;
  if (repeats(fault->message, secret))
    fault_set(fault, fault->kind, "a text that repeats a secret, and so is not shown");
}

/* ---- what it means ---- */

static const struct {
  const char *code;
  enum fault_kind kind;
} codes[] = {
    {"RequestTimeout", FAULT_TRANSIENT},
    {"RequestTimeoutException", FAULT_TRANSIENT},
    {"PriorRequestNotComplete", FAULT_TRANSIENT},
    {"InternalError", FAULT_TRANSIENT},
    {"ServiceUnavailable", FAULT_TRANSIENT},
    {"SlowDown", FAULT_THROTTLE},
    {"Throttling", FAULT_THROTTLE},
    {"ThrottlingException", FAULT_THROTTLE},
    {"ThrottledException", FAULT_THROTTLE},
    {"RequestThrottled", FAULT_THROTTLE},
    {"RequestThrottledException", FAULT_THROTTLE},
    {"TooManyRequestsException", FAULT_THROTTLE},
    {"RequestLimitExceeded", FAULT_THROTTLE},
    {"BandwidthLimitExceeded", FAULT_THROTTLE},
    {"LimitExceededException", FAULT_THROTTLE},
    {"EC2ThrottledException", FAULT_THROTTLE},
    {"TransactionInProgressException", FAULT_THROTTLE},
    {"ProvisionedThroughputExceededException", FAULT_THROTTLE},
    {"RequestTimeTooSkewed", FAULT_SKEW},
    {"RequestExpired", FAULT_SKEW},
    {"RequestInTheFuture", FAULT_SKEW},
    {"SignatureDoesNotMatch", FAULT_MAYBE_SKEW},
    {"InvalidSignatureException", FAULT_MAYBE_SKEW},
    {"AuthFailure", FAULT_MAYBE_SKEW},
    {"PermanentRedirect", FAULT_REGION},
    {"TemporaryRedirect", FAULT_REGION},
    {"AuthorizationHeaderMalformed", FAULT_REGION},
    {"IllegalLocationConstraintException", FAULT_REGION},
    {"AccessDenied", FAULT_AUTH},
    {"InvalidAccessKeyId", FAULT_AUTH},
    {"InvalidToken", FAULT_EXPIRED},
    {"ExpiredToken", FAULT_EXPIRED},
    {"ExpiredTokenException", FAULT_EXPIRED},
    {"TokenRefreshRequired", FAULT_EXPIRED},
    {"AccountProblem", FAULT_AUTH},
    {"NoSuchTagSet", FAULT_NOT_FOUND},
    {"NoSuchKey", FAULT_NOT_FOUND},
    {"NoSuchVersion", FAULT_NOT_FOUND},
    {"NoSuchBucket", FAULT_CONFIG},
    {"InvalidBucketName", FAULT_CONFIG},
    {"PreconditionFailed", FAULT_CHANGED},
    {"InvalidObjectState", FAULT_DATA},
};

static enum fault_kind kind_of_http(int http, bool object) {
  switch (http) {
  case 429:
    return FAULT_THROTTLE;
  case 408:
  case 500:
  case 502:
  case 503:
  case 504:
    return FAULT_TRANSIENT;
  case 301:
  case 307:
    return FAULT_REGION;
  case 401:
  case 403:
  case 407:
    return FAULT_AUTH;
  case 404:
  case 410:
    return object ? FAULT_NOT_FOUND : FAULT_CONFIG;
  case 412:
    return FAULT_CHANGED;
  case 400:
  case 405:
    return FAULT_CONFIG;
  default:
    return http >= 500 ? FAULT_TRANSIENT : FAULT_DATA;
  }
}

void fault_classify(struct fault *fault, bool object) {
  for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
    if (strcmp(fault->code, codes[i].code) == 0) {
      fault->kind = codes[i].kind;
      return;
    }
  fault->kind = kind_of_http(fault->http, object);
}

int fault_status(const struct fault *fault) {
  switch (fault->kind) {
  case FAULT_NONE:
    return SLUICE_OK;
  case FAULT_TRANSIENT:
  case FAULT_THROTTLE:
    return SLUICE_ERR_RETRY;
  case FAULT_GARBLED:
  case FAULT_UNREADABLE:
  case FAULT_DATA:
    return SLUICE_ERR_DATA;
  case FAULT_SKEW:
  case FAULT_MAYBE_SKEW:
  case FAULT_AUTH:
  case FAULT_EXPIRED:
    return SLUICE_ERR_AUTH;
  case FAULT_REGION:
  case FAULT_CONFIG:
    return SLUICE_ERR_CONFIG;
  case FAULT_NOT_FOUND:
    return SLUICE_ERR_NOT_FOUND;
  case FAULT_CHANGED:
    return SLUICE_ERR_CHANGED;
  case FAULT_MEMORY:
    return SLUICE_ERR_MEMORY;
  case FAULT_CANCELLED:
    return SLUICE_ERR_CANCELLED;
  }
  return SLUICE_ERR_BUG;
}
