/* Every zone of the system's tzdata against the C library, which reads the same files with code of its own. */
#include "tests/unit/schedule/moments.h"
#include <ftw.h>
#include <time.h>

#define FOLDER "/usr/share/zoneinfo/"
static int zones, moments;

/* The C library's zone is that of the whole process: fine in a test of one thread. */
static void compare_at(const struct zone *zone, int64_t at) {
  struct zone_span span;
  struct tm parts;
  time_t when = (time_t)at;
  zone_span(zone, at, &span);
  assert_non_null(localtime_r(&when, &parts));
  if (parts.tm_gmtoff != span.offset)
    fail_msg("%s at %lld: %d, the C library has %ld", zone_name(zone), (long long)at, span.offset, parts.tm_gmtoff);
  moments++;
}

static void compare(const struct zone *zone) {
  struct zone_span span;
  setenv("TZ", zone_name(zone), 1);
  tzset();
  for (int64_t at = moment("1880-01-01T00:00"); at < moment("2150-01-01T00:00"); at = span.until) {
    zone_span(zone, at, &span);
    int64_t until = span.until < moment("2150-01-01T00:00") ? span.until : moment("2150-01-01T00:00");
    compare_at(zone, at);
    compare_at(zone, at + (until - at) / 2);
    compare_at(zone, until - 1);
  }
  for (int64_t at = moment("1900-01-01T00:00") + zones; at < moment("2100-01-01T00:00"); at += 7 * 86400 + 3607)
    compare_at(zone, at);
  zones++;
}

static int visit(const char *path, const struct stat *info, int kind, struct FTW *place) {
  (void)info, (void)place;
  const char *name = path + strlen(FOLDER);
  struct zone *zone;
  struct sluice_error err = {0};
  if (kind != FTW_F || strncmp(name, "right/", 6) == 0 || strncmp(name, "posix/", 6) == 0)
    return 0;
  int status = zone_open(name, &zone, &err);
  if (status != SLUICE_OK) { /* the tables that lie there too */
    if (!strchr(name, '.') && strcmp(name, "leapseconds") != 0)
      fail_msg("%s: %s", name, err.message);
    return 0;
  }
  compare(zone);
  zone_destroy(zone);
  return 0;
}

static void all_zones_agree_with_the_c_library(void **state) {
  (void)state;
  if (nftw(FOLDER, visit, 16, 0) != 0) {
    printf("skipped: there is no tzdata\n");
    return;
  }
  printf("%d zones, %d moments compared\n", zones, moments);
  assert_true(zones > 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(all_zones_agree_with_the_c_library)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
