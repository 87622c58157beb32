/* What must hold for all that a server's answer makes the S3 source tell people. */
#include "told.h"
#include "request/retry.h"
#include <sluice/arrow.h>
#include <stdlib.h>

enum { RUN = 16, ATTEMPTS = 10, WAIT_MAX_MS = 120000, DELAY_MAX_MS = 80000 };

void require(bool true_always) {
  if (!true_always)
    abort();
}

void require_text(const char *text, size_t size) {
  const char *end = memchr(text, 0, size);
  require(end != NULL);
  require(sluice_utf8_valid(text, (size_t)(end - text)) == (size_t)(end - text));
  for (const unsigned char *at = (const unsigned char *)text; *at; at++)
    require(*at >= 0x20 && *at != 0x7f && (*at != 0xc2 || at[1] >= 0xa0));
}

bool repeats(const void *bytes, size_t n, const char *secret) {
  for (size_t i = 0; i + RUN <= strlen(secret); i++)
    if (memmem(bytes, n, secret + i, RUN))
      return true;
  return false;
}

static void require_report(const struct fault *fault, const char *secret) {
  struct fault_site site = {.operation = "GetObject",
                            .bucket = "bucket",
                            .key = "folder/caf\xc3\xa9",
                            .region = "us-east-1",
                            .host = "host",
                            .canonical_hash = "c0ffee",
                            .attempts = 3};
  struct sluice_error err = {.message = ""};
  int status = fault_report(fault, &site, &err);
  require(status < SLUICE_OK && status == fault_status(fault) && status != SLUICE_ERR_BUG);
  require(err.message[0] && err.detail == fault->http);
  require_text(err.message, sizeof err.message);
  require_text(err.where, sizeof err.where);
  require(!repeats(err.message, strlen(err.message), secret));
  require(err.retry_ms >= 0 && err.retry_ms <= WAIT_MAX_MS);
}

static void require_retry(const struct fault *fault) {
  int most = fault->kind == FAULT_GARBLED ? RETRY_GARBLED_MAX : ATTEMPTS;
  for (int attempts = 1; attempts <= ATTEMPTS; attempts++) {
    struct retry retry = {.attempts = attempts, .garbled = fault->kind == FAULT_GARBLED ? attempts : 0};
    int64_t delay = -1;
    bool again = retry_next(&retry, ATTEMPTS, fault, 0, 0.5, &delay);
    require(!again || (attempts < most && delay >= 0 && delay <= DELAY_MAX_MS));
    require(again || delay == -1);
  }
}

void require_fault(const struct fault *fault, const char *secret) {
  require_text(fault->code, sizeof fault->code);
  require_text(fault->message, sizeof fault->message);
  require_text(fault->region, sizeof fault->region);
  require_text(fault->endpoint, sizeof fault->endpoint);
  require_text(fault->request_id, sizeof fault->request_id);
  require_text(fault->host_id, sizeof fault->host_id);
  require_report(fault, secret);
  require_retry(fault);
}
