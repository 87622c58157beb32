/* Cron in the nights when clocks change: the stated rules, one test each. Dates from tzdata. */
#include "tests/unit/schedule/moments.h"

/* Paris: 2026-03-29 02:00 becomes 03:00; 2026-10-25 03:00 becomes 02:00. */
static void a_skipped_time_fires_once_after_the_gap(void **state) {
  (void)state;
  assert_fires("30 2 * * *", "Europe/Paris", "2026-03-28T00:00",
               "2026-03-28T02:30+01:00 2026-03-29T03:00+02:00 2026-03-30T02:30+02:00");
  assert_fires("0 2 * * *", "America/New_York", "2026-03-07T12:00", "2026-03-08T03:00-04:00 2026-03-09T02:00-04:00");
}

static void several_skipped_times_fire_once_in_all(void **state) {
  (void)state;
  assert_fires("*/20 1-3 * * *", "Europe/Paris", "2026-03-29T00:30",
               "2026-03-29T01:40+01:00 2026-03-29T03:00+02:00 2026-03-29T03:20+02:00");
  assert_fires("5,25 2 * * *", "Europe/Paris", "2026-03-29T00:30", "2026-03-29T03:00+02:00 2026-03-30T02:05+02:00");
}

static void a_repeated_time_fires_in_its_first_pass(void **state) {
  (void)state;
  assert_fires("30 2 * * *", "Europe/Paris", "2026-10-24T12:00", "2026-10-25T02:30+02:00 2026-10-26T02:30+01:00");
  assert_fires("*/30 2-3 * * *", "Europe/Paris", "2026-10-24T12:00",
               "2026-10-25T02:00+02:00 2026-10-25T02:30+02:00 2026-10-25T03:00+01:00");
  assert_fires("0 1 * * *", "America/New_York", "2026-10-31T12:00", "2026-11-01T01:00-04:00 2026-11-02T01:00-05:00");
}

static void every_hour_follows_elapsed_time(void **state) {
  (void)state;
  assert_fires("*/30 * * * *", "Europe/Paris", "2026-03-29T00:00",
               "2026-03-29T01:30+01:00 2026-03-29T03:00+02:00 2026-03-29T03:30+02:00");
  assert_fires("*/30 * * * *", "Europe/Paris", "2026-10-24T23:59",
               "2026-10-25T02:00+02:00 2026-10-25T02:30+02:00 2026-10-25T02:00+01:00 2026-10-25T02:30+01:00 "
               "2026-10-25T03:00+01:00");
  assert_fires("30 0-23 * * *", "Europe/Paris", "2026-03-29T00:00",
               "2026-03-29T01:30+01:00 2026-03-29T03:30+02:00"); /* as `30 * * * *`, however it is written */
  assert_fires("@hourly", "Europe/Paris", "2026-10-24T23:59",
               "2026-10-25T02:00+02:00 2026-10-25T02:00+01:00 2026-10-25T03:00+01:00");
}

static void every_second_hour_is_neither_lost_nor_doubled(void **state) {
  (void)state;
  assert_fires("0 */2 * * *", "Europe/Paris", "2026-03-28T22:00",
               "2026-03-29T00:00+01:00 2026-03-29T03:00+02:00 2026-03-29T04:00+02:00");
  assert_fires("0 */2 * * *", "Europe/Paris", "2026-10-24T21:30",
               "2026-10-25T00:00+02:00 2026-10-25T02:00+02:00 2026-10-25T04:00+01:00");
}

/* Lord Howe: 2026-10-04 02:00 becomes 02:30; 2026-04-05 02:00 becomes 01:30. */
static void half_an_hour_is_a_change_too(void **state) {
  (void)state;
  assert_fires("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00",
               "2026-10-04T02:30+11:00 2026-10-05T02:15+11:00");
  assert_fires("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T00:00",
               "2026-04-05T01:45+11:00 2026-04-06T01:45+10:30");
  assert_fires("*/30 * * * *", "Australia/Lord_Howe", "2026-10-03T15:00",
               "2026-10-04T02:30+11:00 2026-10-04T03:00+11:00");
  assert_fires("45 * * * *", "Australia/Lord_Howe", "2026-04-04T14:00",
               "2026-04-05T01:45+11:00 2026-04-05T01:45+10:30 2026-04-05T02:45+10:30");
}

/* Sao Paulo: 2018-11-04 00:00 became 01:00, so the day had no midnight; 2018-02-18 00:00 became 23:00 of the 17th. */
static void midnight_itself_may_be_skipped_or_repeated(void **state) {
  (void)state;
  assert_fires("@daily", "America/Sao_Paulo", "2018-11-03T12:00", "2018-11-04T01:00-02:00 2018-11-05T00:00-02:00");
  assert_fires("30 23 * * *", "America/Sao_Paulo", "2018-02-17T12:00", "2018-02-17T23:30-02:00 2018-02-18T23:30-03:00");
  assert_fires("@daily", "America/Sao_Paulo", "2018-02-17T12:00", "2018-02-18T00:00-03:00 2018-02-19T00:00-03:00");
  assert_fires("@daily", "America/Sao_Paulo", "2026-11-03T12:00", "2026-11-04T00:00-03:00 2026-11-05T00:00-03:00");
}

/* Samoa had no 2011-12-30; Kwajalein had 1969-09-30 twice. */
static void whole_days_left_out_or_repeated(void **state) {
  (void)state;
  assert_fires("0 5 * * *", "Pacific/Apia", "2011-12-29T00:00",
               "2011-12-29T05:00-10:00 2011-12-31T00:00+14:00 2011-12-31T05:00+14:00 2012-01-01T05:00+14:00");
  assert_fires("0 5 * * *", "Pacific/Kwajalein", "1969-09-29T12:00", "1969-09-30T05:00+11:00 1969-10-01T05:00-12:00");
}

static void zones_without_changes_have_none(void **state) {
  (void)state;
  assert_fires("30 2 * * *", "Asia/Kolkata", "2026-03-28T12:00", "2026-03-29T02:30+05:30 2026-03-30T02:30+05:30");
  assert_fires("30 2 * * *", "UTC", "2026-03-28T12:00", "2026-03-29T02:30+00:00 2026-03-30T02:30+00:00");
}

/* As the tables of tzdata end in 2037 at the latest. */
static void the_rules_hold_in_a_century(void **state) {
  (void)state;
  assert_fires("30 2 * * *", "Europe/Paris", "2126-03-30T12:00", "2126-03-31T03:00+02:00 2126-04-01T02:30+02:00");
  assert_fires("0 12 29 2 *", "Australia/Sydney", "2096-03-01T00:00", "2104-02-29T12:00+11:00");
}

/* Any way to ask gives the same firings: from each moment of the night the next one is the first of the list behind it.
 */
static void the_next_firing_does_not_depend_on_the_last_question(void **state) {
  (void)state;
  static const char *const expressions[] = {"30 2 * * *", "*/15 * * * *", "*/7 1-3 * * *", "0 */2 * * *"};
  struct zone *zone = zone_of("Europe/Paris");
  for (size_t i = 0; i < 4; i++) {
    struct cron cron = cron_of(expressions[i]);
    for (int night = 0; night < 2; night++) {
      int64_t start = moment(night ? "2026-10-24T22:00" : "2026-03-28T22:00"), next, other;
      assert_true(cron_next(&cron, zone, start, &next));
      for (int64_t at = start; at < start + 8 * 3600; at += 13) {
        while (at >= next)
          assert_true(cron_next(&cron, zone, next, &next));
        assert_true(cron_next(&cron, zone, at, &other));
        assert_int_equal(other, next);
      }
    }
  }
  zone_destroy(zone);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_skipped_time_fires_once_after_the_gap),
      cmocka_unit_test(several_skipped_times_fire_once_in_all),
      cmocka_unit_test(a_repeated_time_fires_in_its_first_pass),
      cmocka_unit_test(every_hour_follows_elapsed_time),
      cmocka_unit_test(every_second_hour_is_neither_lost_nor_doubled),
      cmocka_unit_test(half_an_hour_is_a_change_too),
      cmocka_unit_test(midnight_itself_may_be_skipped_or_repeated),
      cmocka_unit_test(whole_days_left_out_or_repeated),
      cmocka_unit_test(zones_without_changes_have_none),
      cmocka_unit_test(the_rules_hold_in_a_century),
      cmocka_unit_test(the_next_firing_does_not_depend_on_the_last_question),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
