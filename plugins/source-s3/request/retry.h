/* When to try a request again: standard rules for a bulk reader, as a pure function. */
#ifndef S3_RETRY_H
#define S3_RETRY_H
#include "request/fault.h"

enum { RETRY_TOTAL_MS = 180000, RETRY_GARBLED_MAX = 3 };

struct retry {      /* zeroed before the first attempt */
  int64_t since_ms; /* when the first attempt, or the last one that got on, started */
  int attempts;     /* made since then */
  int garbled;      /* of them, those with answers that cannot be */
};

/* True: try again after *delay_ms. random is in [0, 1). */
bool retry_next(const struct retry *retry, int max_attempts, const struct fault *fault, int64_t now_ms, double random,
                int64_t *delay_ms);

#endif
