/* Time zones: names, tzdata that is missing, files of every version, rules, and files that are damaged. */
#include "core/base/file.h"
#include "tests/unit/schedule/moments.h"

struct tzif {
  uint8_t bytes[1024];
  size_t n;
};

static void put(struct tzif *f, const void *bytes, size_t n) {
  assert_true(n <= sizeof f->bytes - f->n);
  memcpy(f->bytes + f->n, bytes, n);
  f->n += n;
}
static void put_32(struct tzif *f, uint32_t v) {
  uint8_t bytes[] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};
  put(f, bytes, 4);
}
static void put_head(struct tzif *f, char version, uint32_t leaps, uint32_t times, uint32_t types) {
  const uint32_t counts[] = {0, 0, leaps, times, types, 4};
  char head[20] = {'T', 'Z', 'i', 'f', version};
  put(f, head, sizeof head);
  for (size_t i = 0; i < 6; i++)
    put_32(f, counts[i]);
}
static void put_types(struct tzif *f, const int32_t *offsets, size_t n) {
  for (size_t i = 0; i < n; i++) {
    put_32(f, (uint32_t)offsets[i]);
    put(f, "\0\0", 2);
  }
  put(f, "ABC", 4);
}
/* Changes at each of the times, from type to type. */
static void put_file(struct tzif *f, char version, const int64_t *times, size_t n, const int32_t *offsets,
                     size_t n_types, const char *rule) {
  *f = (struct tzif){.n = 0};
  if (version) {
    put_head(f, version, 0, 0, 1);
    put_types(f, offsets, 1);
  }
  put_head(f, version, 0, (uint32_t)n, (uint32_t)n_types);
  for (size_t i = 0; i < n; i++) {
    if (version)
      put_32(f, (uint32_t)((uint64_t)times[i] >> 32));
    put_32(f, (uint32_t)times[i]);
  }
  for (size_t i = 0; i < n; i++)
    put(f, (const char[]){(char)((i + 1) % n_types)}, 1);
  put_types(f, offsets, n_types);
  if (version) {
    put(f, "\n", 1);
    put(f, rule, strlen(rule));
    put(f, "\n", 1);
  }
}

/* From memory of the exact size, so that the sanitizer sees a read past the end. */
static int parse(const uint8_t *bytes, size_t n, struct zone **out, struct sluice_error *err) {
  uint8_t *exact = malloc(n ? n : 1);
  assert_non_null(exact);
  memcpy(exact, bytes, n);
  int status = zone_parse("Test/Zone", exact, n, out, err);
  free(exact);
  return status;
}

static struct zone *parsed(const struct tzif *f) {
  struct zone *zone = NULL;
  struct sluice_error err = {0};
  if (parse(f->bytes, f->n, &zone, &err) != SLUICE_OK)
    fail_msg("%s", err.message);
  return zone;
}

static void assert_local(const struct zone *zone, const char *utc, const char *want) {
  char got[ZONE_TEXT_SIZE];
  zone_format(zone, moment(utc), got);
  assert_string_equal(got, want);
}

static void assert_refused(const char *folder, const char *name, const char *want) {
  struct zone *zone;
  struct sluice_error err = {0};
  assert_int_equal(zone_open_in(folder, name, &zone, &err), SLUICE_ERR_CONFIG);
  assert_string_equal(err.where, "timezone");
  if (!strstr(err.message, want))
    fail_msg("%s: %s", name, err.message);
}

static void utc_needs_no_tzdata(void **state) {
  (void)state;
  static const char *const names[] = {"UTC", "Etc/UTC"};
  for (int i = 0; i < 2; i++) {
    struct zone *zone;
    assert_int_equal(zone_open_in("/nowhere", names[i], &zone, NULL), SLUICE_OK);
    assert_string_equal(zone_name(zone), names[i]);
    assert_local(zone, "2026-07-01T12:00", "2026-07-01T12:00:00+00:00");
    zone_destroy(zone);
  }
  zone_destroy(NULL);
}

static void without_tzdata_the_package_is_named(void **state) {
  (void)state;
  assert_refused("/nowhere", "Europe/Paris", "install the package tzdata");
}

static void names_that_lead_elsewhere_are_refused(void **state) {
  (void)state;
  static const char *const names[] = {"",
                                      "/etc/localtime",
                                      "../zoneinfo/UTC",
                                      "Europe/../UTC",
                                      "Europe//Paris",
                                      "Europe/",
                                      "Europe/Paris\n",
                                      "Europe\\Paris",
                                      ".",
                                      "zone.tab",
                                      "Caf\303\251",
                                      "AVeryLongNameOfMoreThanSixtyThreeLettersWhichNoZoneHasEverHadSoFar"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    assert_refused("/usr/share/zoneinfo", names[i], "cannot be a time zone");
}

static void unknown_names_are_answered_with_the_nearest(void **state) {
  (void)state;
  assert_refused("/usr/share/zoneinfo", "Europe/Pariss", "did you mean \"Europe/Paris\"?");
  assert_refused("/usr/share/zoneinfo", "europe/paris", "did you mean \"Europe/Paris\"?");
  assert_refused("/usr/share/zoneinfo", "Mars/Olympus", "there is no time zone \"Mars/Olympus\" below");
}

static void files_that_are_no_zone_are_refused(void **state) {
  (void)state;
  assert_refused("/usr/share/zoneinfo", "leapseconds", "does not begin as a TZif file");
  assert_refused("/usr/share/zoneinfo", "Europe", "there is no time zone");
  assert_refused("/usr/share/zoneinfo", "right/Europe/Paris", "leap seconds");
}

static void both_sides_of_a_change(void **state) {
  (void)state;
  struct zone *zone = zone_of("Europe/Paris");
  struct zone_span span;
  assert_local(zone, "2026-03-29T00:59:59", "2026-03-29T01:59:59+01:00");
  assert_local(zone, "2026-03-29T01:00:00", "2026-03-29T03:00:00+02:00");
  zone_span(zone, moment("2026-03-29T01:00"), &span);
  assert_int_equal(span.from, moment("2026-03-29T01:00"));
  assert_int_equal(span.until, moment("2026-10-25T01:00"));
  assert_int_equal(span.reached, moment("2026-03-29T02:00"));
  zone_span(zone, moment("2026-10-25T01:00"), &span);
  assert_int_equal(span.reached, moment("2026-10-25T03:00"));
  zone_span(zone, INT64_MIN, &span);
  assert_int_equal(span.from, ZONE_MIN);
  zone_span(zone, INT64_MAX, &span);
  assert_int_equal(span.until, ZONE_MAX + 1);
  zone_destroy(zone);
}

/* Spans follow one another without a hole, whatever mixture of table and rule they come from. */
static void spans_meet(void **state) {
  (void)state;
  static const char *const names[] = {"Europe/Dublin", "Africa/Casablanca", "Asia/Gaza",        "Pacific/Apia",
                                      "America/Nuuk",  "Antarctica/Troll",  "America/Santiago", "Asia/Kolkata"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    struct zone *zone = zone_of(names[i]);
    struct zone_span span, next;
    zone_span(zone, moment("1850-01-01T00:00"), &span);
    for (; span.until < moment("2200-01-01T00:00"); span = next) {
      zone_span(zone, span.until, &next);
      assert_int_equal(next.from, span.until);
      assert_true(next.reached >= span.until + span.offset);
    }
    zone_destroy(zone);
  }
}

static void tables_of_32_and_64_bits(void **state) {
  (void)state;
  const int64_t times[] = {-1000000000, 1000000000};
  int32_t offsets[] = {0, 3600, -7200};
  struct tzif f;
  put_file(&f, 0, times, 2, offsets, 3, "");
  struct zone *zone = parsed(&f);
  assert_local(zone, "1930-01-01T00:00", "1930-01-01T00:00:00+00:00");
  assert_local(zone, "1970-01-01T00:00", "1970-01-01T01:00:00+01:00");
  assert_local(zone, "2026-01-01T00:00", "2025-12-31T22:00:00-02:00");
  zone_destroy(zone);
  offsets[0] = -60;
  const int64_t wide[] = {INT64_MIN, INT64_C(-10000000000), INT64_C(10000000000), INT64_MAX};
  for (char version = '2'; version <= '4'; version++) {
    put_file(&f, version, wide, 4, offsets, 3, "");
    zone = parsed(&f);
    assert_local(zone, "1600-01-01T00:00", "1600-01-01T01:00:00+01:00");
    assert_local(zone, "1970-01-01T00:00", "1969-12-31T22:00:00-02:00");
    assert_local(zone, "2400-01-01T00:00", "2399-12-31T23:59:00-00:01");
    zone_destroy(zone);
  }
}

/* Back by an hour, and forward again ten minutes later: 03:00 was shown before, and is not among what is jumped over.
 */
static void two_changes_close_together(void **state) {
  (void)state;
  const int64_t times[] = {10000, 10600};
  const int32_t offsets[] = {3600, 0};
  struct tzif f;
  struct zone_span span;
  put_file(&f, '2', times, 2, offsets, 2, "");
  struct zone *zone = parsed(&f);
  zone_span(zone, 10600, &span);
  assert_int_equal(span.offset, 3600);
  assert_int_equal(span.reached, 10000 + 3600);
  struct cron shown = cron_of("0 3 * * *"), jumped = cron_of("48 3 * * *");
  int64_t at;
  assert_true(cron_next(&shown, zone, 7200, &at));
  assert_int_equal(at, 86400 + 7200);
  assert_true(cron_next(&jumped, zone, 7200, &at));
  assert_int_equal(at, 10600);
  zone_destroy(zone);
}

static struct zone *ruled(const char *rule) {
  struct tzif f;
  put_file(&f, '3', NULL, 0, (const int32_t[]){0}, 1, rule);
  return parsed(&f);
}

static void assert_rule(const char *rule, const char *utc, const char *want) {
  struct zone *zone = ruled(rule);
  assert_local(zone, utc, want);
  zone_destroy(zone);
}

static void rules_behind_the_table(void **state) {
  (void)state;
  assert_rule("CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T01:00", "2026-03-29T03:00:00+02:00");
  assert_rule("EST5EDT,M3.2.0,M11.1.0", "2026-11-01T05:59:59", "2026-11-01T01:59:59-04:00");
  assert_rule("EST5EDT,M3.2.0,M11.1.0", "2026-11-01T06:00", "2026-11-01T01:00:00-05:00");
  assert_rule("<+0330>-3:30", "2026-01-01T00:00", "2026-01-01T03:30:00+03:30");
  assert_rule("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-01-01T00:00", "2026-01-01T00:00:00+00:00"); /* less in winter */
  assert_rule("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-07-01T00:00", "2026-07-01T01:00:00+01:00");
  assert_rule("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59:59", "2026-03-28T22:59:59-02:00");
  assert_rule("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00", "2026-03-29T00:00:00-01:00");
  assert_rule("EET-2EEST,M3.4.4/50,M10.4.4/50", "2026-03-28T00:00", "2026-03-28T03:00:00+03:00");
}

static void rules_by_the_day_of_the_year(void **state) {
  (void)state;
  /* J60 is the 1st of March in each year, 60 only in those without a leap day */
  assert_rule("AAA0BBB,J60/0,J300/0", "2024-02-29T23:59:59", "2024-02-29T23:59:59+00:00");
  assert_rule("AAA0BBB,J60/0,J300/0", "2024-03-01T00:00", "2024-03-01T01:00:00+01:00");
  assert_rule("AAA0BBB,J60/0,J300/0", "2026-03-01T00:00", "2026-03-01T01:00:00+01:00");
  assert_rule("AAA0BBB,59/0,300/0", "2024-02-29T00:00", "2024-02-29T01:00:00+01:00");
  assert_rule("AAA0BBB,59/0,300/0", "2026-03-01T00:00", "2026-03-01T01:00:00+01:00");
  assert_rule("AAA0BBB,59/0,300/0", "2026-02-28T23:59:59", "2026-02-28T23:59:59+00:00");
}

static void summer_time_all_year(void **state) {
  (void)state;
  struct zone *zone = ruled("EST5EDT,0/0,J365/25");
  for (int64_t at = moment("2026-01-01T00:00"); at < moment("2029-01-01T00:00"); at += 1800) {
    struct zone_span span;
    zone_span(zone, at, &span);
    assert_int_equal(span.offset, -4 * 3600);
  }
  zone_destroy(zone);
}

static void rules_that_are_none(void **state) {
  (void)state;
  static const char *const rules[] = {"CE-1",
                                      "CET",
                                      "CET-25",
                                      "CET-1CEST",
                                      "CET-1CEST,M3.5.0",
                                      "<+1-1",
                                      "CET-1CEST,M13.5.0,M10.5.0",
                                      "CET-1CEST,M3.6.0,M10.5.0",
                                      "CET-1CEST,M3.5.7,M10.5.0",
                                      "CET-1CEST,M3.5.0/168,M10.5.0",
                                      "CET-1CEST,J0,J5",
                                      "CET-1CEST,366,J5",
                                      "CET-1CEST,M3.5.0,M10.5.0/3x",
                                      "CET-1:60",
                                      "CET--1",
                                      " CET-1"};
  for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
    struct tzif f;
    struct zone *zone;
    struct sluice_error err = {0};
    put_file(&f, '2', NULL, 0, (const int32_t[]){0}, 1, rules[i]);
    if (parse(f.bytes, f.n, &zone, &err) != SLUICE_ERR_CONFIG)
      fail_msg("%s is taken", rules[i]);
    assert_non_null(strstr(err.message, "its last line is not a TZ rule"));
  }
}

static void assert_damaged(const struct tzif *f, const char *want) {
  struct zone *zone;
  struct sluice_error err = {0};
  assert_int_equal(parse(f->bytes, f->n, &zone, &err), SLUICE_ERR_CONFIG);
  if (!strstr(err.message, want))
    fail_msg("%s: %s", want, err.message);
}

static void each_damage_has_its_text(void **state) {
  (void)state;
  const int64_t times[] = {10, 20};
  struct tzif f;
  put_file(&f, 0, times, 2, (const int32_t[]){0, 3600}, 2, "");
  f.bytes[44 + 3] = 30; /* the first of the times */
  assert_damaged(&f, "out of order");
  f.bytes[44 + 3] = 10;
  f.bytes[44 + 8] = 2; /* the first of the types */
  assert_damaged(&f, "a change has a type that is not there");
  put_file(&f, 0, times, 2, (const int32_t[]){0, 26 * 3600 + 1}, 2, "");
  assert_damaged(&f, "over 26 hours");
  put_file(&f, 0, times, 0, (const int32_t[]){0}, 0, "");
  assert_damaged(&f, "its number of types");
  put_file(&f, '1', times, 2, (const int32_t[]){0, 3600}, 2, "");
  assert_damaged(&f, "its version is unknown");
  put_file(&f, 0, times, 2, (const int32_t[]){0, 3600}, 2, "");
  memset(f.bytes + 20, 0xff, 24); /* all counts */
  assert_damaged(&f, "it ends before its counts do");
  put_file(&f, '2', times, 2, (const int32_t[]){0, 3600}, 2, "");
  f.n--;
  assert_damaged(&f, "its last line is missing");
  put_file(&f, '2', times, 2, (const int32_t[]){0, 3600}, 2, "");
  f.bytes[44 + 6 + 4 + 4] = 0;
  assert_damaged(&f, "differ in version");
}

/* Whatever is taken must be usable. */
static void use(struct zone *zone) {
  struct cron cron = cron_of("30 2 * * *");
  struct zone_span span;
  int64_t at = moment("2026-01-01T00:00");
  for (int i = 0; i < 3; i++) {
    int64_t next;
    zone_span(zone, at, &span);
    assert_true(span.from <= at && at < span.until);
    assert_true(cron_next(&cron, zone, at, &next) && next > at);
    at = next;
  }
  zone_destroy(zone);
}

static void cut_and_changed_files_do_no_harm(void **state) {
  (void)state;
  struct text bytes = {0};
  if (file_read("/usr/share/zoneinfo/Europe/Paris", 100000, &bytes, NULL) != SLUICE_OK) {
    printf("skipped: there is no tzdata\n");
    return;
  }
  struct zone *zone;
  for (size_t n = 0; n < bytes.size; n++)
    assert_int_equal(parse((const uint8_t *)bytes.data, n, &zone, NULL), SLUICE_ERR_CONFIG);
  size_t taken = 0;
  for (size_t i = 0; i < bytes.size; i++) {
    bytes.data[i] = (char)(bytes.data[i] ^ (1 << i % 8));
    if (parse((const uint8_t *)bytes.data, bytes.size, &zone, NULL) == SLUICE_OK) {
      use(zone);
      taken++;
    }
    bytes.data[i] = (char)(bytes.data[i] ^ (1 << i % 8));
  }
  printf("%zu cut files refused; of %zu with a wrong bit %zu still were zones\n", bytes.size, bytes.size, taken);
  text_finish(&bytes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(utc_needs_no_tzdata),
      cmocka_unit_test(without_tzdata_the_package_is_named),
      cmocka_unit_test(names_that_lead_elsewhere_are_refused),
      cmocka_unit_test(unknown_names_are_answered_with_the_nearest),
      cmocka_unit_test(files_that_are_no_zone_are_refused),
      cmocka_unit_test(both_sides_of_a_change),
      cmocka_unit_test(spans_meet),
      cmocka_unit_test(tables_of_32_and_64_bits),
      cmocka_unit_test(two_changes_close_together),
      cmocka_unit_test(rules_behind_the_table),
      cmocka_unit_test(rules_by_the_day_of_the_year),
      cmocka_unit_test(summer_time_all_year),
      cmocka_unit_test(rules_that_are_none),
      cmocka_unit_test(each_damage_has_its_text),
      cmocka_unit_test(cut_and_changed_files_do_no_harm),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
