/* Moments written as text, for the tests of schedules. */
#ifndef TEST_MOMENTS_H
#define TEST_MOMENTS_H
#include "core/schedule/cron.h"
#include <setjmp.h>
#include <sluice/arrow.h>
#include <stdarg.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* "2026-03-29T02:00" with or without seconds and offset, in seconds since 1970. */
static inline int64_t moment(const char *text) {
  int64_t out;
  bool zoned;
  char whole[40];
  snprintf(whole, sizeof whole, "%s%s", text, strlen(text) == 16 ? ":00" : "");
  assert_true(sluice_parse_timestamp(whole, strlen(whole), SLUICE_SECOND, &out, &zoned));
  return out;
}

static inline struct zone *zone_of(const char *name) {
  struct zone *zone = NULL;
  struct sluice_error err = {0};
  if (zone_open(name, &zone, &err) != SLUICE_OK)
    fail_msg("%s", err.message);
  return zone;
}

static inline struct cron cron_of(const char *text) {
  struct cron cron;
  struct sluice_error err = {0};
  if (cron_parse(text, &cron, &err) != SLUICE_OK)
    fail_msg("%s: %s", text, err.message);
  return cron;
}

/* The firings after a moment: local times with their offsets, one after another with blanks between. */
static inline void assert_fires(const char *expression, const char *zone_name_, const char *after, const char *want) {
  struct zone *zone = zone_of(zone_name_);
  struct cron cron = cron_of(expression);
  int64_t at = moment(after);
  char got[1024] = "", one[ZONE_TEXT_SIZE];
  while (strlen(got) < strlen(want)) {
    assert_true(cron_next(&cron, zone, at, &at));
    zone_format(zone, at, one);
    size_t n = strlen(got);
    snprintf(got + n, sizeof got - n, "%s%.16s%s", n ? " " : "", one, one + 19);
  }
  zone_destroy(zone);
  assert_string_equal(got, want);
}

#endif
