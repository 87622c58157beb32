/* Clocks and the printing of time. */
#include "core/base/clock.h"
#include <stdio.h>
#include <time.h>

static int64_t read_us(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_monotonic_us(void) {
  return read_us(CLOCK_MONOTONIC);
}
int64_t clock_monotonic_ms(void) {
  return clock_monotonic_us() / 1000;
}
int64_t clock_wall_us(void) {
  return read_us(CLOCK_REALTIME);
}

void clock_format(int64_t wall_us, char out[CLOCK_TEXT_SIZE]) {
  int64_t seconds = wall_us / 1000000, rest = wall_us % 1000000;
  if (rest < 0) {
    rest += 1000000;
    seconds--;
  }
  time_t when = (time_t)seconds;
  struct tm parts;
  char day[CLOCK_TEXT_SIZE - 8];
  out[0] = 0;
  if (!gmtime_r(&when, &parts) || !strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &parts))
    return;
  snprintf(out, CLOCK_TEXT_SIZE, "%s.%03dZ", day, (int)(rest / 1000));
}
