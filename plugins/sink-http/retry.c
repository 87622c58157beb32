/* Backoff, jitter and Retry-After. */
#include "retry.h"
#include <curl/curl.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

static const int64_t DAY_S = 86400;

int64_t retry_now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

uint64_t retry_seed(void) {
  uint64_t seed = 0;
  if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
    seed = (uint64_t)retry_now_ms();
  return seed | 1;
}

uint64_t retry_random(uint64_t *state) { /* xorshift64: jitter needs no more */
  uint64_t x = *state;
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  *state = x;
  return x;
}

int64_t retry_delay_ms(int64_t attempts, uint64_t random) {
  int64_t most = RETRY_FIRST_MS;
  for (int64_t i = 1; i < attempts && most < RETRY_MOST_MS; i++)
    most *= 2;
  if (most > RETRY_MOST_MS)
    most = RETRY_MOST_MS;
  return (int64_t)(random % (uint64_t)(most + 1));
}

int64_t retry_after_ms(const char *text, int64_t now) {
  text += strspn(text, " \t");
  size_t digits = strspn(text, "0123456789");
  int64_t seconds = 0;
  if (digits > 0) {
    if (text[digits + strspn(text + digits, " \t\r\n")] != 0)
      return -1;
    for (size_t i = 0; i < digits && seconds < DAY_S; i++)
      seconds = seconds * 10 + (text[i] - '0');
  } else {
    time_t date = curl_getdate(text, NULL);
    if (date == -1)
      return -1;
    seconds = (int64_t)date > now ? (int64_t)date - now : 0;
  }
  return (seconds < DAY_S ? seconds : DAY_S) * 1000;
}
