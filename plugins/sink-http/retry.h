/* When to try again. */
#ifndef SINK_HTTP_RETRY_H
#define SINK_HTTP_RETRY_H
#include <stdint.h>

enum { RETRY_FIRST_MS = 200, RETRY_MOST_MS = 30000 };

int64_t retry_now_ms(void); /* a clock that only goes forward */
uint64_t retry_seed(void);  /* not 0 */
uint64_t retry_random(uint64_t *state);
/* Exponential with full jitter: between 0 and 200 ms * 2^(attempts made - 1), at most 30 s. */
int64_t retry_delay_ms(int64_t attempts, uint64_t random);
/* What a Retry-After header asks for: seconds, or a date; at most a day. -1: neither. now: seconds since 1970. */
int64_t retry_after_ms(const char *text, int64_t now);

#endif
