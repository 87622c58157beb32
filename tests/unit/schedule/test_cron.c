/* Cron expressions: what they mean, the next time of each, and every mistake with its place. */
#include "tests/unit/schedule/moments.h"
#include <time.h>

static void assert_next(const char *expression, const char *after, const char *want) {
  struct cron cron = cron_of(expression);
  int64_t got;
  assert_true(cron_next_local(&cron, moment(after) + 1, &got));
  if (got != moment(want))
    fail_msg("%s after %s: %lld, not %s", expression, after, (long long)got, want);
}

static void values_lists_ranges_and_steps(void **state) {
  (void)state;
  assert_next("* * * * *", "2026-01-01T00:00", "2026-01-01T00:01");
  assert_next("* * * * *", "2026-01-01T00:00:30", "2026-01-01T00:01");
  assert_next("0 5 * * *", "2026-01-01T05:00", "2026-01-02T05:00");
  assert_next("0 5 * * *", "2026-01-01T04:59:59", "2026-01-01T05:00");
  assert_next("*/15 * * * *", "2026-01-01T00:46", "2026-01-01T01:00");
  assert_next("5-59/20 * * * *", "2026-01-01T00:26", "2026-01-01T00:45");
  assert_next("59 23 31 12 *", "2026-12-31T23:59", "2027-12-31T23:59");
  assert_next("1,2,40-42,55 3 * * *", "2026-01-01T03:42", "2026-01-01T03:55");
  assert_next(" \t0  0\t1 * *  ", "2026-01-31T23:59", "2026-02-01T00:00");
  assert_next("0 0 31 * *", "2026-01-31T00:00", "2026-03-31T00:00");
  assert_next("0 0 * * *", "1969-12-30T12:00", "1969-12-31T00:00");
}

static void names_and_sundays(void **state) {
  (void)state;
  assert_next("0 0 * JAN,jul *", "2026-01-31T00:00", "2026-07-01T00:00");
  assert_next("0 0 * * mon-FRI", "2026-01-02T00:00", "2026-01-05T00:00"); /* a Friday */
  assert_next("0 0 * * 0", "2026-01-01T00:00", "2026-01-04T00:00");
  assert_next("0 0 * * 7", "2026-01-01T00:00", "2026-01-04T00:00");
  assert_next("0 0 * * SUN", "2026-01-01T00:00", "2026-01-04T00:00");
  assert_next("0 0 * * FRI-SUN", "2026-01-03T00:00", "2026-01-04T00:00");
  assert_next("0 0 * * 5-7", "2026-01-04T00:00", "2026-01-09T00:00");
  assert_next("0 0 * * */2", "2026-01-04T00:00", "2026-01-06T00:00"); /* SUN, TUE, THU, SAT */
}

static void words_for_whole_expressions(void **state) {
  (void)state;
  assert_next("@hourly", "2026-01-01T00:00", "2026-01-01T01:00");
  assert_next("@daily", "2026-01-01T00:00", "2026-01-02T00:00");
  assert_next(" @midnight ", "2026-01-01T00:00", "2026-01-02T00:00");
  assert_next("@weekly", "2026-01-01T00:00", "2026-01-04T00:00");
  assert_next("@MONTHLY", "2026-01-01T00:00", "2026-02-01T00:00");
  assert_next("@yearly", "2026-01-01T00:00", "2027-01-01T00:00");
  assert_next("@annually", "2026-01-01T00:00", "2027-01-01T00:00");
}

static void a_day_fits_by_date_or_weekday(void **state) {
  (void)state;
  assert_next("0 0 13 * FRI", "2026-01-01T00:00", "2026-01-02T00:00");  /* a Friday */
  assert_next("0 0 13 * FRI", "2026-01-09T00:00", "2026-01-13T00:00");  /* the 13th, a Tuesday */
  assert_next("0 0 */2 * FRI", "2026-01-02T00:00", "2026-01-09T00:00"); /* a star: both must fit */
  assert_next("0 0 1-7 * */6", "2026-01-04T00:00", "2026-02-01T00:00"); /* a Sunday */
}

static void far_days_are_found(void **state) {
  (void)state;
  assert_next("0 0 29 2 *", "2026-01-01T00:00", "2028-02-29T00:00");
  assert_next("0 0 29 FEB *", "2096-03-01T00:00", "2104-02-29T00:00");
  assert_next("0 0 */28 2 MON", "2027-01-01T00:00", "2027-02-01T00:00");
  assert_next("0 0 29-31/2 2 */6", "2026-01-01T00:00", "2032-02-29T00:00"); /* SUN or SAT, and the 29th */
}

static void assert_refused(const char *expression, const char *want) {
  struct cron cron;
  struct sluice_error err = {0};
  assert_int_equal(cron_parse(expression, &cron, &err), SLUICE_ERR_CONFIG);
  assert_string_equal(err.where, "cron");
  if (!strstr(err.message, want))
    fail_msg("\"%s\" gives: %s", expression, err.message);
}

static void mistakes_name_their_place(void **state) {
  (void)state;
  assert_refused("", "character 1: 0 of 5 fields are there; the minute is missing");
  assert_refused("0 5 *", "character 6: 3 of 5 fields are there; the month is missing");
  assert_refused("60 * * * *", "character 1, at \"60\": the minute must be 0 to 59");
  assert_refused("0 24 * * *", "character 3, at \"24\": the hour must be 0 to 23");
  assert_refused("0 0 0 * *", "character 5, at \"0\": the day of the month must be 1 to 31");
  assert_refused("0 0 * 13 *", "character 7, at \"13\": the month must be 1 to 12 or JAN to DEC");
  assert_refused("0 0 * JANUARY *", "character 7, at \"JANUARY\": the month must be");
  assert_refused("0 0 * * 8", "character 9, at \"8\": the day of the week must be 0 to 7");
  assert_refused("1,,2 * * * *", "character 3, at \",2\"");
  assert_refused("-5 * * * *", "character 1");
  assert_refused("1.5 * * * *", "character 2, at \".5\": this cannot follow");
  assert_refused("0 22-2 * * *", "the range ends before it begins; write two, such as 22-23,0-2");
  assert_refused("5/15 * * * *", "a step follows * or a range; write 5-59/15");
  assert_refused("*/0 * * * *", "character 2, at \"/0\": a step is a number of at least 1");
  assert_refused("*/ * * * *", "a step is a number");
  assert_refused("*/90 * * * *", "the step of 90 is beyond the range 0-59");
  assert_refused("99999999999999999999 * * * *", "character 1");
  assert_refused("0 0 5 * * *", "character 11, at \"*\": text behind the five fields");
  assert_refused("0 0 L * *", "the day of the month must be");
  assert_refused("0 0 ? * MON", "character 5, at \"?\"");
  assert_refused("0 0 * * MON#2", "character 12, at \"#2\": this cannot follow");
  assert_refused("@reboot", "the names are @hourly");
  assert_refused("@daily 5", "character 8, at \"5\": nothing may follow @daily");
  assert_refused("\033[2J * * * *", "at \"?[2J\""); /* nothing that a terminal obeys */
}

static void what_never_matches_is_refused(void **state) {
  (void)state;
  assert_refused("0 0 30 2 *", "it never matches");
  assert_refused("0 0 31 2,4,6,9,11 *", "it never matches");
  cron_of("0 0 31 2,4,6,9,11,12 *");
  cron_of("0 0 30 2 MON"); /* Mondays of February */
  cron_of("0 0 29 2 *");
}

static void long_texts_are_refused(void **state) {
  (void)state;
  char text[2000];
  memset(text, '1', sizeof text);
  text[sizeof text - 1] = 0;
  assert_refused(text, "longer than 1000 characters");
}

/* Against a search that tries one minute after another. */
static bool fits(const struct cron *cron, int64_t local) {
  struct tm t;
  time_t when = (time_t)local;
  gmtime_r(&when, &t);
  bool date = cron->sets[CRON_DAY] >> t.tm_mday & 1, week = cron->sets[CRON_WEEKDAY] >> t.tm_wday & 1;
  return cron->sets[CRON_MINUTE] >> t.tm_min & 1 && cron->sets[CRON_HOUR] >> t.tm_hour & 1 &&
         cron->sets[CRON_MONTH] >> (t.tm_mon + 1) & 1 && (cron->either ? date || week : date && week);
}

static uint64_t random_set(int low, int high) {
  uint64_t set = 0;
  for (int n = rand() % 3 + 1; n > 0; n--)
    set |= UINT64_C(1) << (low + rand() % (high - low + 1));
  return set;
}

static void random_sets_against_a_search_by_minutes(void **state) {
  (void)state;
  srand(20261121);
  for (int i = 0; i < 300; i++) {
    struct cron cron = {
        .sets = {random_set(0, 59), random_set(0, 23), random_set(1, 28), random_set(1, 12), random_set(0, 6)},
        .either = true};
    int64_t from = moment("2020-01-01T00:00") + (int64_t)rand() % (10 * 365 * 86400), want = from, got;
    while (want % 60)
      want++;
    while (!fits(&cron, want))
      want += 60;
    assert_true(cron_next_local(&cron, from, &got));
    assert_int_equal(got, want);
  }
}

static void nothing_is_found_behind_the_calendar(void **state) {
  (void)state;
  struct cron cron = cron_of("0 0 1 1 *");
  struct zone *utc = zone_of("UTC");
  int64_t got = -1;
  assert_false(cron_next(&cron, utc, ZONE_MAX, &got));
  assert_false(cron_next(&cron, utc, INT64_MAX, &got));
  assert_false(cron_next(&cron, utc, moment("9999-06-01T00:00"), &got));
  assert_int_equal(got, -1);
  assert_true(cron_next(&cron, utc, INT64_MIN, &got));
  assert_int_equal(got, ZONE_MIN);
  zone_destroy(utc);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(values_lists_ranges_and_steps),
      cmocka_unit_test(names_and_sundays),
      cmocka_unit_test(words_for_whole_expressions),
      cmocka_unit_test(a_day_fits_by_date_or_weekday),
      cmocka_unit_test(far_days_are_found),
      cmocka_unit_test(mistakes_name_their_place),
      cmocka_unit_test(what_never_matches_is_refused),
      cmocka_unit_test(long_texts_are_refused),
      cmocka_unit_test(random_sets_against_a_search_by_minutes),
      cmocka_unit_test(nothing_is_found_behind_the_calendar),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
