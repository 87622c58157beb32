/* Times as S3 writes them. */
#include "clock.h"

#include <time.h>

int64_t clock_now(void) {
  return time(NULL);
}

static void format(int64_t seconds, const char *how, char text[CLOCK_TEXT]) {
  struct tm tm;
  time_t t = (time_t)seconds;
  if (!gmtime_r(&t, &tm) || strftime(text, CLOCK_TEXT, how, &tm) == 0)
    text[0] = '\0';
}

void clock_iso(int64_t seconds, char text[CLOCK_TEXT]) {
  format(seconds, "%Y-%m-%dT%H:%M:%S.000Z", text);
}

void clock_iso_plain(int64_t seconds, char text[CLOCK_TEXT]) {
  format(seconds, "%Y-%m-%dT%H:%M:%SZ", text);
}

void clock_http(int64_t seconds, char text[CLOCK_TEXT]) {
  format(seconds, "%a, %d %b %Y %H:%M:%S GMT", text);
}
