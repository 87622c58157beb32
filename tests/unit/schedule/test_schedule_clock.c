/* Schedules over a simulated year, with clocks that step, hosts that restart, and states that are damaged. */
#include "core/schedule/schedule.h"
#include "tests/unit/schedule/moments.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY_MS (24 * HOUR)

static struct schedule *create(const struct schedule_options *options) {
  struct schedule *schedule = NULL;
  struct sluice_error err = {0};
  if (schedule_create(options, &schedule, &err) != SLUICE_OK)
    fail_msg("%s: %s", err.where, err.message);
  return schedule;
}

static int64_t ms(const char *text) {
  return moment(text) * 1000;
}

/* A restart: the state goes through its stored form, the schedule is made anew. */
static void restart(struct schedule **schedule, const struct schedule_options *options, struct schedule_state *state) {
  struct schedule_state stored;
  memcpy(&stored, state, sizeof stored);
  schedule_destroy(*schedule);
  *schedule = create(options);
  schedule_recover(*schedule, &stored);
  *state = stored;
}

struct year {
  struct cron cron;
  struct zone *zone;
  int64_t expected; /* the due time that must be served next */
  int runs, restarts, steps;
};

static void pass_due(struct year *year) {
  int64_t seconds;
  assert_true(cron_next(&year->cron, year->zone, year->expected / 1000, &seconds));
  year->expected = seconds * 1000;
}

/* Asks every 20 s or less; the clock is up to 20 minutes slow and is set anew now and then, by steps shorter than the
 * time between two runs: every due time is served once, in order. */
static void a_year(const char *expression, const char *zone, int64_t jitter) {
  const struct schedule_options options = {
      .job = expression, .cron = expression, .timezone = zone, .jitter_ms = jitter};
  struct schedule *schedule = create(&options);
  struct schedule_state state = {0};
  struct schedule_decision decision;
  struct year year = {.cron = cron_of(expression), .zone = zone_of(zone)};
  int64_t now = ms("2026-01-01T00:00"), end = ms("2027-01-01T00:00"), error = 0;
  year.expected = now;
  pass_due(&year);
  schedule_tick(schedule, &state, now, &decision);
  for (; now < end; now += 15 * SECOND + rand() % 5000) {
    if (rand() % 2000 == 0) {
      error = -(rand() % (20 * MINUTE));
      year.steps++;
    }
    if (rand() % 3000 == 0) {
      restart(&schedule, &options, &state);
      year.restarts++;
    }
    schedule_tick(schedule, &state, now + error, &decision);
    assert_int_equal(decision.missed + decision.skipped, 0);
    if (decision.action != SCHEDULE_RUN)
      continue;
    assert_int_equal(decision.due, year.expected);
    pass_due(&year);
    year.runs++;
    schedule_start(schedule, &state, now + error);
    schedule_finish(schedule, &state, now + error + 1, NULL);
  }
  assert_true(year.expected + DAY_MS > end);
  printf("%s in %s: %d runs, each due time once, %d restarts, %d clock steps\n", expression, zone, year.runs,
         year.restarts, year.steps);
  zone_destroy(year.zone);
  schedule_destroy(schedule);
}

static void a_year_serves_each_due_time_once(void **state) {
  (void)state;
  srand(4);
  a_year("*/30 * * * *", "Europe/Paris", 0);
  a_year("30 2 * * *", "Europe/Paris", 0);
  a_year("30 1,2,3 * * *", "America/New_York", 10 * MINUTE);
  a_year("15 */2 * * *", "Australia/Lord_Howe", MINUTE);
}

/* Asks at random moments, days apart at times; runs take random time. With catch_up = "all" and queued runs unlimited
 * by overlap, due times are served, skipped or missed, and their sum is their number. */
static void each_due_time_is_accounted_for(void **state) {
  (void)state;
  static const enum schedule_catch_up policies[] = {SCHEDULE_ONCE, SCHEDULE_NONE, SCHEDULE_ALL};
  int64_t total = 0;
  srand(5);
  for (int i = 0; i < 300; i++) {
    const struct schedule_options options = {.job = "a",
                                             .cron = i % 2 ? "*/20 * * * *" : "7 1-23/2 * * *",
                                             .timezone = "America/New_York",
                                             .overlap = i % 4 < 2 ? SCHEDULE_SKIP : SCHEDULE_QUEUE,
                                             .catch_up = policies[i % 3],
                                             .catch_up_limit = i % 3 == 2 ? 50 : 0};
    struct schedule *schedule = create(&options);
    struct schedule_state s = {0};
    struct schedule_decision d;
    int64_t now = ms("2026-10-20T00:00"), begin = now, end = now + 20 * DAY_MS, accounted = 0, due = 0,
            at = begin / 1000;
    schedule_tick(schedule, &s, now, &d);
    while (now < end) {
      now += rand() % 20 ? rand() % (10 * MINUTE) : rand() % DAY_MS;
      if (s.running && rand() % 3 == 0)
        schedule_finish(schedule, &s, now, &d);
      else
        schedule_tick(schedule, &s, now, &d);
      accounted += d.skipped + d.missed;
      if (d.action == SCHEDULE_RUN && rand() % 4) {
        schedule_start(schedule, &s, now);
        accounted++;
      }
    }
    struct cron cron = cron_of(options.cron);
    struct zone *zone = zone_of(options.timezone);
    while (cron_next(&cron, zone, at, &at) && at * 1000 <= now)
      due++;
    assert_int_equal(accounted + s.queued, due);
    total += due;
    zone_destroy(zone);
    schedule_destroy(schedule);
  }
  printf("%lld due times served, skipped, missed or waiting, none twice\n", (long long)total);
}

static void a_clock_set_back_a_little_doubles_nothing(void **state) {
  (void)state;
  struct schedule *schedule = create(&(struct schedule_options){.job = "a", .cron = "@hourly"});
  struct schedule_state s = {0};
  struct schedule_decision d;
  int64_t now = ms("2026-01-01T05:00");
  schedule_tick(schedule, &s, now - 1, &d);
  schedule_tick(schedule, &s, now, &d);
  assert_int_equal(d.action, SCHEDULE_RUN);
  schedule_start(schedule, &s, now);
  schedule_finish(schedule, &s, now + 1, &d);
  for (int64_t at = now - 2 * HOUR; at < now + HOUR; at += MINUTE) {
    schedule_tick(schedule, &s, at, &d);
    assert_int_equal(d.action, SCHEDULE_WAIT);
    assert_int_equal(d.next, now + HOUR);
    assert_false(d.restarted);
  }
  schedule_destroy(schedule);
}

/* A machine that woke up in 2030 and then asked the time. */
static void a_corrected_clock_does_not_silence_a_job(void **state) {
  (void)state;
  struct schedule *schedule = create(&(struct schedule_options){.job = "a", .cron = "@hourly"});
  struct schedule_state s = {0};
  struct schedule_decision d;
  int64_t now = ms("2026-01-01T05:30");
  schedule_tick(schedule, &s, ms("2030-01-01T00:00"), &d);
  schedule_start(schedule, &s, ms("2030-01-01T01:00"));
  schedule_finish(schedule, &s, ms("2030-01-01T01:01"), &d);
  schedule_tick(schedule, &s, now, &d);
  assert_true(d.restarted);
  assert_int_equal(d.next, now + HOUR / 2);
  schedule_tick(schedule, &s, now + 1, &d);
  assert_false(d.restarted);
  schedule_destroy(schedule);
}

static void every_goes_on_from_a_clock_set_back(void **state) {
  (void)state;
  struct schedule *schedule = create(&(struct schedule_options){.job = "a", .every_ms = 10 * SECOND});
  struct schedule_state s = {0};
  struct schedule_decision d;
  int64_t now = ms("2026-01-01T05:00");
  schedule_start(schedule, &s, now);
  schedule_finish(schedule, &s, now + SECOND, &d);
  for (int64_t back = MINUTE; back < 100 * DAY_MS; back *= 7) {
    now -= back;
    schedule_tick(schedule, &s, now, &d);
    assert_int_equal(d.action, SCHEDULE_WAIT);
    assert_int_equal(d.next, now + 10 * SECOND);
    assert_int_equal(d.restarted, back > 3 * HOUR);
  }
  schedule_destroy(schedule);
}

static void a_clock_set_forward_is_a_downtime(void **state) {
  (void)state;
  struct schedule *schedule = create(&(struct schedule_options){.job = "a", .cron = "@hourly"});
  struct schedule_state s = {0};
  struct schedule_decision d;
  int64_t now = ms("2026-01-01T05:30");
  schedule_tick(schedule, &s, now, &d);
  schedule_tick(schedule, &s, now + 10 * HOUR, &d);
  assert_int_equal(d.action, SCHEDULE_RUN);
  assert_int_equal(d.missed, 9);
  schedule_start(schedule, &s, now + 10 * HOUR);
  schedule_finish(schedule, &s, now + 10 * HOUR, &d);
  assert_int_equal(d.action, SCHEDULE_WAIT);
  schedule_destroy(schedule);
}

/* Counting stops where it no longer tells anything, and the schedule goes on as it should. */
static void decades_of_absence(void **state) {
  (void)state;
  struct schedule *schedule = create(&(struct schedule_options){.job = "a", .cron = "* * * * *"});
  struct schedule_state s = {0};
  struct schedule_decision d;
  int64_t now = ms("2026-01-01T05:30");
  schedule_tick(schedule, &s, ms("1980-01-01T00:00"), &d);
  schedule_tick(schedule, &s, now + 30 * SECOND, &d);
  assert_int_equal(d.action, SCHEDULE_RUN);
  assert_int_equal(d.due, now);
  assert_in_range(d.missed, 10000, 20000);
  assert_int_equal(d.next, now + MINUTE);
  schedule_destroy(schedule);
}

static void any_state_and_any_time_can_be_given(void **state) {
  (void)state;
  static const int64_t odd[] = {0, -1, 1, INT64_MIN, INT64_MAX, INT64_MAX / 2, 1767225600000, -62135596800000};
  static const struct schedule_options options[] = {
      {.job = "a"},
      {.job = "a", .every_ms = 1},
      {.job = "a", .every_ms = 3660 * DAY_MS},
      {.job = "a", .cron = "0 0 29 2 *", .timezone = "Europe/Paris", .jitter_ms = DAY_MS}};
  for (size_t o = 0; o < 4; o++) {
    struct schedule *schedule = create(&options[o]);
    struct schedule_state known = {0};
    schedule_tick(schedule, &known, 0, NULL);
    for (size_t i = 0; i < 8 * 8 * 8; i++) {
      int64_t a = odd[i % 8], b = odd[i / 8 % 8], now = odd[i / 64];
      struct schedule_state s = {a == b ? a : known.identity, a, b, a, b, a};
      struct schedule_decision d;
      schedule_tick(schedule, &s, now, &d);
      assert_true(s.queued >= 0 && s.queued <= 1 && (s.running == 0 || s.running == 1));
      schedule_start(schedule, &s, now);
      schedule_finish(schedule, &s, now, &d);
      assert_true(d.next > 0);
    }
    schedule_destroy(schedule);
  }
  schedule_destroy(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_year_serves_each_due_time_once),
      cmocka_unit_test(each_due_time_is_accounted_for),
      cmocka_unit_test(a_clock_set_back_a_little_doubles_nothing),
      cmocka_unit_test(a_corrected_clock_does_not_silence_a_job),
      cmocka_unit_test(every_goes_on_from_a_clock_set_back),
      cmocka_unit_test(a_clock_set_forward_is_a_downtime),
      cmocka_unit_test(decades_of_absence),
      cmocka_unit_test(any_state_and_any_time_can_be_given),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
