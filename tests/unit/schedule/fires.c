/* Prints the firings of expressions: reads lines `ZONE FROM UNTIL EXPRESSION` (moments in seconds), and answers each by
 * a line of moments in [FROM, UNTIL). */
#include "core/schedule/cron.h"
#include <inttypes.h>
#include <stdlib.h>

static int answer(const char *name, int64_t from, int64_t until, const char *expression) {
  struct zone *zone;
  struct cron cron;
  struct sluice_error err = {0};
  if (cron_parse(expression, &cron, &err) != SLUICE_OK || zone_open(name, &zone, &err) != SLUICE_OK) {
    fprintf(stderr, "%s: %s\n", err.where, err.message);
    return 1;
  }
  for (int64_t at = from - 1; cron_next(&cron, zone, at, &at) && at < until;)
    printf("%" PRId64 " ", at);
  putchar('\n');
  zone_destroy(zone);
  return 0;
}

int main(void) {
  char line[512], name[128], expression[256];
  int64_t from, until;
  while (fgets(line, sizeof line, stdin)) {
    if (sscanf(line, "%127s %" SCNd64 " %" SCNd64 " %255[^\n]", name, &from, &until, expression) != 4)
      return 1;
    if (answer(name, from, until, expression) != 0)
      return 1;
  }
  return 0;
}
