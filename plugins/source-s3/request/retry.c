/* When to try a request again: standard rules for a bulk reader, as a pure function. */
#include "request/retry.h"

enum { BASE_TRANSIENT_MS = 50, BASE_THROTTLE_MS = 1000, DELAY_MAX_MS = 20000 };

static int attempts_allowed(const struct retry *retry, enum fault_kind kind, int max_attempts) {
  switch (kind) {
  case FAULT_TRANSIENT:
  case FAULT_THROTTLE:
  case FAULT_UNREADABLE:
    return max_attempts;
  case FAULT_GARBLED:
    return retry->garbled < RETRY_GARBLED_MAX ? max_attempts : 0;
  default:
    return 0;
  }
}

static int64_t backoff(enum fault_kind kind, int attempts, double random) {
  int64_t most = kind == FAULT_THROTTLE ? BASE_THROTTLE_MS : BASE_TRANSIENT_MS;
  for (int i = 1; i < attempts && most < DELAY_MAX_MS; i++)
    most *= 2;
  if (most > DELAY_MAX_MS)
    most = DELAY_MAX_MS;
  return (int64_t)(random * (double)most);
}

/* What the server asks for counts if it is longer than ours, up to its limit. */
static int64_t heed(int64_t delay, const struct fault *fault) {
  if (fault->wait_ms <= delay)
    return delay;
  int64_t most = delay + fault->wait_extra_ms;
  return fault->wait_ms < most ? fault->wait_ms : most;
}

bool retry_next(const struct retry *retry, int max_attempts, const struct fault *fault, int64_t now_ms, double random,
                int64_t *delay_ms) {
  if (retry->attempts >= attempts_allowed(retry, fault->kind, max_attempts))
    return false;
  int64_t delay = heed(backoff(fault->kind, retry->attempts, random), fault);
  if (now_ms - retry->since_ms + delay > RETRY_TOTAL_MS)
    return false;
  *delay_ms = delay;
  return true;
}
