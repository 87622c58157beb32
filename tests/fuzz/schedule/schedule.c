/* Fuzz target: a cron expression on the first line and a TZif file behind it; what both take must give moments in
 * order, within periods that hold together. */
#include "core/schedule/cron.h"
#include <stdlib.h>

enum { STEPS = 8 };

static void must(int ok) {
  if (!ok)
    abort();
}

static void walk(const struct cron *cron, const struct zone *zone, int64_t at) {
  struct zone_span span, following;
  for (int i = 0; i < STEPS; i++) {
    int64_t next, again;
    zone_span(zone, at, &span);
    must(span.from <= at && at < span.until && span.offset >= -26 * 3600 && span.offset <= 26 * 3600);
    if (span.until <= ZONE_MAX) {
      zone_span(zone, span.until, &following);
      must(following.from == span.until && following.reached >= span.until + span.offset);
    }
    if (!cron_next(cron, zone, at, &next))
      return;
    must(next > at && next <= ZONE_MAX);
    must(cron_next(cron, zone, at + (next - at) / 2, &again)); /* from any moment between, the same */
    must(again == next || at + (next - at) / 2 == next);
    at = next;
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const int64_t starts[] = {ZONE_MIN,   -2000000000,           0, 1774742400, 1792800000,
                                   4102444800, ZONE_MAX - 86400 * 400};
  const uint8_t *newline = size ? memchr(data, '\n', size) : NULL;
  size_t n = newline ? (size_t)(newline - data) : size;
  char *text = malloc(n + 1);
  size_t rest = newline ? size - n - 1 : 0;
  uint8_t *file = malloc(rest ? rest : 1); /* exact, so that a read past the end is seen */
  must(text != NULL && file != NULL);
  if (n)
    memcpy(text, data, n);
  text[n] = 0;
  if (rest)
    memcpy(file, newline + 1, rest);
  struct cron cron;
  struct zone *zone = NULL;
  struct sluice_error err = {0}, other = {0};
  if (cron_parse(text, &cron, &err) != SLUICE_OK) {
    must(err.message[0] != 0);
    must(cron_parse("*/20 1-3 * * *", &cron, NULL) == SLUICE_OK); /* the zone is tried all the same */
  }
  if (zone_parse("Fuzz/Zone", file, rest, &zone, &other) != SLUICE_OK) {
    must(other.message[0] != 0);
    must(zone_open("UTC", &zone, NULL) == SLUICE_OK);
  }
  for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
    walk(&cron, zone, starts[i]);
  zone_destroy(zone);
  free(file);
  free(text);
  return 0;
}
