/* What a job's schedule says: by hand, every, cron, jitter, overlap, catching up, restarts and changed schedules. */
#include "core/schedule/schedule.h"
#include "tests/unit/schedule/moments.h"

#define SECOND INT64_C(1000)
#define HOUR (3600 * SECOND)
#define DAY_MS (24 * HOUR)

struct job {
  struct schedule *schedule;
  struct schedule_state state;
  struct schedule_decision last;
};

static int64_t ms(const char *text) {
  return moment(text) * 1000;
}

static void job_init(struct job *job, const struct schedule_options *options) {
  struct sluice_error err = {0};
  *job = (struct job){0};
  if (schedule_create(options, &job->schedule, &err) != SLUICE_OK)
    fail_msg("%s: %s", err.where, err.message);
}
static void job_finish(struct job *job) {
  schedule_destroy(job->schedule);
}
static void tick(struct job *job, int64_t now) {
  schedule_tick(job->schedule, &job->state, now, &job->last);
}
static void start(struct job *job, int64_t now) {
  schedule_start(job->schedule, &job->state, now);
}
static void finish(struct job *job, int64_t now) {
  schedule_finish(job->schedule, &job->state, now, &job->last);
}
static void expect_wait(struct job *job, int64_t now, int64_t next) {
  tick(job, now);
  assert_int_equal(job->last.action, SCHEDULE_WAIT);
  assert_int_equal(job->last.next, next);
  assert_int_equal(schedule_next(job->schedule, &job->state, now), next);
}
static void expect_run(struct job *job, int64_t now, int64_t due) {
  tick(job, now);
  assert_int_equal(job->last.action, SCHEDULE_RUN);
  assert_int_equal(job->last.due, due);
  assert_int_equal(schedule_next(job->schedule, &job->state, now), now);
}
/* Runs that take no time, at each moment that the schedule names. */
static void expect_runs_at(struct job *job, int64_t now, const int64_t *moments, size_t n) {
  for (size_t i = 0; i < n; i++) {
    expect_wait(job, now, moments[i]);
    tick(job, moments[i] - 1);
    assert_int_equal(job->last.action, SCHEDULE_WAIT);
    now = moments[i];
    expect_run(job, now, now);
    start(job, now);
    finish(job, now);
  }
}

static void by_hand_there_is_no_due_time(void **state) {
  (void)state;
  struct job job;
  job_init(&job, &(struct schedule_options){.job = "a"});
  expect_wait(&job, 1000, SCHEDULE_NEVER);
  expect_wait(&job, ms("2400-01-01T00:00"), SCHEDULE_NEVER);
  schedule_request(&job.state);
  schedule_request(&job.state); /* asked for twice is still one */
  tick(&job, 2000);
  assert_int_equal(job.last.action, SCHEDULE_RUN);
  start(&job, 2000);
  tick(&job, 3000);
  assert_int_equal(job.last.action, SCHEDULE_RUNNING);
  finish(&job, 4000);
  assert_int_equal(job.last.action, SCHEDULE_WAIT);
  assert_int_equal(job.state.last_start, 2000);
  assert_int_equal(job.state.last_end, 4000);
  job_finish(&job);
}

static void every_runs_at_once_and_then_at_a_distance(void **state) {
  (void)state;
  struct job job;
  int64_t now = ms("2026-01-01T00:00");
  job_init(&job, &(struct schedule_options){.job = "a", .every_ms = 10 * SECOND});
  expect_run(&job, now, now);
  expect_run(&job, now + 5, now); /* stays due until it is started */
  start(&job, now + 7);
  finish(&job, now + 2000);
  const int64_t moments[] = {now + 10 * SECOND, now + 20 * SECOND, now + 30 * SECOND}; /* 7 ms do not add up */
  expect_runs_at(&job, now + 2000, moments, 3);
  job_finish(&job);
}

static void every_counts_from_a_late_start(void **state) {
  (void)state;
  struct job job;
  int64_t now = ms("2026-01-01T00:00");
  job_init(&job, &(struct schedule_options){.job = "a", .every_ms = HOUR});
  start(&job, now);
  finish(&job, now + 60 * SECOND);
  expect_run(&job, now + HOUR, now + HOUR);
  start(&job, now + HOUR + 20 * 60 * SECOND); /* as all workers were busy */
  finish(&job, now + HOUR + 21 * 60 * SECOND);
  expect_wait(&job, now + HOUR + 21 * 60 * SECOND, now + 2 * HOUR + 20 * 60 * SECOND);
  start(&job, now + 2 * HOUR); /* by hand */
  finish(&job, now + 2 * HOUR + SECOND);
  expect_wait(&job, now + 2 * HOUR + SECOND, now + 3 * HOUR);
  job_finish(&job);
}

static void cron_runs_at_its_times_in_its_zone(void **state) {
  (void)state;
  struct job job;
  job_init(&job, &(struct schedule_options){.job = "a", .cron = "0 5 * * *", .timezone = "Europe/Paris"});
  const int64_t moments[] = {ms("2026-03-28T04:00"), ms("2026-03-29T03:00"), ms("2026-03-30T03:00")};
  expect_runs_at(&job, ms("2026-03-27T12:00"), moments, 3);
  job_finish(&job);
}

static void a_run_by_hand_does_not_move_cron(void **state) {
  (void)state;
  struct job job;
  int64_t now = ms("2026-01-01T00:30");
  job_init(&job, &(struct schedule_options){.job = "a", .cron = "@hourly"});
  expect_wait(&job, now, ms("2026-01-01T01:00"));
  start(&job, now);
  finish(&job, now + SECOND);
  expect_wait(&job, now + SECOND, ms("2026-01-01T01:00"));
  job_finish(&job);
}

static void overlap_skip_drops_what_comes_due(void **state) {
  (void)state;
  struct job job;
  int64_t now = ms("2026-01-01T01:00");
  job_init(&job, &(struct schedule_options){.job = "a", .cron = "@hourly", .overlap = SCHEDULE_SKIP});
  tick(&job, now - 1);
  start(&job, now);
  tick(&job, now + HOUR);
  assert_int_equal(job.last.action, SCHEDULE_RUNNING);
  assert_int_equal(job.last.skipped, 1);
  finish(&job, now + 3 * HOUR + 1);
  assert_int_equal(job.last.skipped, 2);
  assert_int_equal(job.last.missed, 0);
  assert_int_equal(job.last.action, SCHEDULE_WAIT);
  assert_int_equal(job.last.next, now + 4 * HOUR);
  job_finish(&job);
}

static void overlap_queue_runs_once_more(void **state) {
  (void)state;
  struct job job;
  int64_t now = ms("2026-01-01T01:00");
  job_init(&job, &(struct schedule_options){.job = "a", .cron = "@hourly", .overlap = SCHEDULE_QUEUE});
  tick(&job, now - 1);
  start(&job, now);
  finish(&job, now + 3 * HOUR + 1);
  assert_int_equal(job.last.action, SCHEDULE_RUN);
  assert_int_equal(job.last.due, now + 3 * HOUR);
  assert_int_equal(job.last.skipped, 2);
  start(&job, now + 3 * HOUR + 1);
  finish(&job, now + 3 * HOUR + 2);
  expect_wait(&job, now + 3 * HOUR + 2, now + 4 * HOUR);
  job_finish(&job);
}

/* every 10 s, runs of 15 s */
static void every_with_runs_longer_than_the_period(void **state) {
  (void)state;
  struct job job;
  int64_t now = ms("2026-01-01T00:00");
  job_init(&job, &(struct schedule_options){.job = "a", .every_ms = 10 * SECOND, .overlap = SCHEDULE_SKIP});
  start(&job, now);
  finish(&job, now + 15 * SECOND);
  assert_int_equal(job.last.skipped, 1);
  assert_int_equal(job.last.next, now + 20 * SECOND);
  job_finish(&job);
  job_init(&job, &(struct schedule_options){.job = "a", .every_ms = 10 * SECOND, .overlap = SCHEDULE_QUEUE});
  start(&job, now);
  finish(&job, now + 15 * SECOND);
  assert_int_equal(job.last.action, SCHEDULE_RUN);
  start(&job, now + 15 * SECOND);
  finish(&job, now + 16 * SECOND);
  expect_wait(&job, now + 16 * SECOND, now + 25 * SECOND);
  job_finish(&job);
}

/* Down from noon of the 1st to noon of the 5th: four due times. */
static struct job down_for_days(enum schedule_catch_up catch_up, int64_t limit) {
  struct job job;
  job_init(&job,
           &(struct schedule_options){.job = "a", .cron = "0 5 * * *", .catch_up = catch_up, .catch_up_limit = limit});
  tick(&job, ms("2026-01-01T12:00"));
  tick(&job, ms("2026-01-05T12:00"));
  return job;
}

static int count_runs(struct job *job, int64_t now) {
  int runs = 0;
  for (tick(job, now); job->last.action == SCHEDULE_RUN; tick(job, now)) {
    start(job, now);
    finish(job, now);
    runs++;
  }
  assert_int_equal(job->last.next, ms("2026-01-06T05:00"));
  return runs;
}

static void after_downtime_once_all_or_none(void **state) {
  (void)state;
  static const struct {
    enum schedule_catch_up catch_up;
    int64_t limit, missed;
    int runs;
  } cases[] = {{SCHEDULE_ONCE, 0, 3, 1}, {SCHEDULE_NONE, 0, 4, 0}, {SCHEDULE_ALL, 0, 0, 4}, {SCHEDULE_ALL, 3, 1, 3}};
  for (size_t i = 0; i < 4; i++) {
    struct job job = down_for_days(cases[i].catch_up, cases[i].limit);
    assert_int_equal(job.last.missed, cases[i].missed);
    assert_int_equal(count_runs(&job, ms("2026-01-05T12:00")), cases[i].runs);
    job_finish(&job);
  }
}

static void none_still_takes_what_is_hardly_late(void **state) {
  (void)state;
  struct job job;
  int64_t due = ms("2026-01-01T05:00");
  job_init(&job, &(struct schedule_options){.job = "a", .cron = "0 5 * * *", .catch_up = SCHEDULE_NONE});
  tick(&job, due - HOUR);
  expect_run(&job, due + 59 * SECOND, due);
  start(&job, due + 59 * SECOND);
  finish(&job, due + HOUR);
  tick(&job, due + DAY_MS + 61 * SECOND);
  assert_int_equal(job.last.action, SCHEDULE_WAIT);
  assert_int_equal(job.last.missed, 1);
  job_finish(&job);
}

static void every_after_downtime(void **state) {
  (void)state;
  struct job job;
  int64_t now = ms("2026-01-01T00:00");
  job_init(&job, &(struct schedule_options){.job = "a", .every_ms = HOUR});
  start(&job, now);
  finish(&job, now + SECOND);
  tick(&job, now + 5 * HOUR + HOUR / 2);
  assert_int_equal(job.last.action, SCHEDULE_RUN);
  assert_int_equal(job.last.missed, 4);
  start(&job, now + 5 * HOUR + HOUR / 2);
  finish(&job, now + 5 * HOUR + HOUR / 2);
  assert_int_equal(job.last.next, now + 6 * HOUR + HOUR / 2);
  job_finish(&job);
}

static void a_cut_off_run_is_made_up_for(void **state) {
  (void)state;
  struct job job;
  int64_t now = ms("2026-01-01T05:00");
  job_init(&job, &(struct schedule_options){.job = "a", .cron = "0 5 * * *"});
  tick(&job, now - 1);
  start(&job, now);
  schedule_recover(job.schedule, &job.state);
  expect_run(&job, now + 60 * SECOND, now);
  start(&job, now + 60 * SECOND);
  finish(&job, now + 70 * SECOND);
  schedule_recover(job.schedule, &job.state); /* ended well: nothing to make up for */
  expect_wait(&job, now + 80 * SECOND, now + DAY_MS);
  job_finish(&job);
  job_init(&job, &(struct schedule_options){.job = "a", .cron = "0 5 * * *", .catch_up = SCHEDULE_NONE});
  tick(&job, now - 1);
  start(&job, now);
  schedule_recover(job.schedule, &job.state);
  expect_wait(&job, now + 60 * SECOND, now + DAY_MS);
  job_finish(&job);
}

static int64_t jittered(const char *name, int64_t jitter, const char *cron) {
  struct job job;
  int64_t now = ms("2026-01-01T00:00:01");
  job_init(&job, &(struct schedule_options){.job = name, .cron = cron, .jitter_ms = jitter});
  tick(&job, now);
  expect_run(&job, job.last.next, job.last.next / (60 * SECOND) * (60 * SECOND));
  int64_t next = job.state.last_due;
  struct schedule_state fresh = {0};
  int64_t moment_of_run = schedule_next(job.schedule, &fresh, now);
  job_finish(&job);
  return moment_of_run - next;
}

static void jitter_is_the_same_after_a_restart_and_spreads_jobs(void **state) {
  (void)state;
  int64_t first = jittered("orders", 30 * SECOND, "@hourly"), low = 30 * SECOND, high = 0;
  assert_int_equal(jittered("orders", 30 * SECOND, "@hourly"), first);
  for (int i = 0; i < 200; i++) {
    char name[16];
    snprintf(name, sizeof name, "job%d", i);
    int64_t delay = jittered(name, 30 * SECOND, "@hourly");
    assert_in_range(delay, 0, 30 * SECOND - 1);
    low = delay < low ? delay : low;
    high = delay > high ? delay : high;
  }
  assert_true(low < 2 * SECOND && high > 28 * SECOND);
}

/* An hour of jitter on a job of each minute: the runs keep their order, and none is lost. */
static void jitter_is_less_than_the_period(void **state) {
  (void)state;
  for (int i = 0; i < 50; i++) {
    struct job job;
    char name[16];
    snprintf(name, sizeof name, "job%d", i);
    int64_t now = ms("2026-01-01T00:00"), last = now;
    job_init(&job, &(struct schedule_options){.job = name, .cron = "* * * * *", .jitter_ms = HOUR});
    tick(&job, now);
    for (int n = 1; n <= 10; n++) {
      assert_in_range(job.last.next, now + n * 60 * SECOND, now + (n + 1) * 60 * SECOND - 1);
      expect_run(&job, job.last.next, now + n * 60 * SECOND);
      assert_int_equal(job.last.missed, 0);
      start(&job, last);
      finish(&job, last);
    }
    job_finish(&job);
  }
}

static void jitter_moves_only_the_first_run_of_every(void **state) {
  (void)state;
  struct job job;
  int64_t now = ms("2026-01-01T00:00");
  job_init(&job, &(struct schedule_options){.job = "orders", .every_ms = 60 * SECOND, .jitter_ms = 50 * SECOND});
  tick(&job, now);
  int64_t first = job.last.next;
  assert_in_range(first, now, now + 50 * SECOND - 1);
  const int64_t moments[] = {first, first + 60 * SECOND, first + 120 * SECOND};
  expect_runs_at(&job, now, moments, 3);
  job_finish(&job);
}

static void change(struct job *job, const struct schedule_options *options) {
  schedule_destroy(job->schedule);
  struct sluice_error err = {0};
  assert_int_equal(schedule_create(options, &job->schedule, &err), SLUICE_OK);
}

static void a_changed_schedule_misses_nothing_of_its_past(void **state) {
  (void)state;
  struct job job;
  int64_t now = ms("2026-06-01T12:30");
  job_init(&job, &(struct schedule_options){.job = "a", .cron = "@yearly"});
  tick(&job, ms("2026-01-01T00:00"));
  change(&job, &(struct schedule_options){.job = "a", .cron = "@hourly"});
  expect_wait(&job, now, now + HOUR / 2);
  assert_int_equal(job.last.missed, 0);
  change(&job,
         &(struct schedule_options){.job = "a", .cron = "0  0-23 * * *", .jitter_ms = SECOND}); /* means the same */
  tick(&job, now + HOUR);
  assert_false(job.last.restarted);
  assert_int_equal(job.last.action, SCHEDULE_RUN);
  start(&job, now + HOUR);
  finish(&job, now + HOUR);
  change(&job, &(struct schedule_options){.job = "a", .every_ms = 2 * HOUR}); /* counts from the last start */
  expect_wait(&job, now + HOUR + SECOND, now + 3 * HOUR);
  change(&job, &(struct schedule_options){.job = "a", .every_ms = 10 * SECOND});
  expect_run(&job, now + 2 * HOUR, now + 2 * HOUR);
  assert_int_equal(job.last.missed, 0);
  start(&job, now + 2 * HOUR);
  finish(&job, now + 2 * HOUR);
  change(&job, &(struct schedule_options){.job = "a"});
  expect_wait(&job, now + 9 * HOUR, SCHEDULE_NEVER);
  job_finish(&job);
}

static void refuse(const struct schedule_options *options, const char *where, const char *want) {
  struct schedule *schedule;
  struct sluice_error err = {0};
  assert_int_equal(schedule_create(options, &schedule, &err), SLUICE_ERR_CONFIG);
  assert_string_equal(err.where, where);
  if (!strstr(err.message, want))
    fail_msg("%s", err.message);
}

static void mistakes_in_the_options(void **state) {
  (void)state;
  refuse(&(struct schedule_options){.job = "a", .every_ms = 1, .cron = "@daily"}, "cron", "not both");
  refuse(&(struct schedule_options){.job = "a", .every_ms = -1}, "every", "1ms to 3660d");
  refuse(&(struct schedule_options){.job = "a", .every_ms = INT64_MAX}, "every", "1ms to 3660d");
  refuse(&(struct schedule_options){.job = "a", .every_ms = 10, .jitter_ms = 10}, "jitter", "less than `every`");
  refuse(&(struct schedule_options){.job = "a", .cron = "@daily", .jitter_ms = INT64_MAX}, "jitter", "0s to 1d");
  refuse(&(struct schedule_options){.job = "a", .cron = "60 * * * *"}, "cron", "character 1");
  refuse(&(struct schedule_options){.job = "a", .cron = "@daily", .timezone = "Mars"}, "timezone", "no time zone");
  refuse(&(struct schedule_options){.job = "a", .cron = "@daily", .catch_up_limit = 1001}, "catch_up", "1 to 1000");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(by_hand_there_is_no_due_time),
      cmocka_unit_test(every_runs_at_once_and_then_at_a_distance),
      cmocka_unit_test(every_counts_from_a_late_start),
      cmocka_unit_test(cron_runs_at_its_times_in_its_zone),
      cmocka_unit_test(a_run_by_hand_does_not_move_cron),
      cmocka_unit_test(overlap_skip_drops_what_comes_due),
      cmocka_unit_test(overlap_queue_runs_once_more),
      cmocka_unit_test(every_with_runs_longer_than_the_period),
      cmocka_unit_test(after_downtime_once_all_or_none),
      cmocka_unit_test(none_still_takes_what_is_hardly_late),
      cmocka_unit_test(every_after_downtime),
      cmocka_unit_test(a_cut_off_run_is_made_up_for),
      cmocka_unit_test(jitter_is_the_same_after_a_restart_and_spreads_jobs),
      cmocka_unit_test(jitter_is_less_than_the_period),
      cmocka_unit_test(jitter_moves_only_the_first_run_of_every),
      cmocka_unit_test(a_changed_schedule_misses_nothing_of_its_past),
      cmocka_unit_test(mistakes_in_the_options),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
