/* What a served job may do next: due times, what people ask for, processes that die, and the end of the program. */
#include "core/serve/machine.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define START INT64_C(1700000000000)
#define SECOND INT64_C(1000)
#define MIDDLE UINT32_C(0x80000000) /* of the jitter */

struct world {
  struct schedule *schedule;
  struct machine m;
  int64_t now, wake;
};

static struct world make(int64_t every_ms, enum schedule_catch_up catch_up) {
  struct world w = {.now = START};
  struct sluice_error err = {0};
  struct schedule_options options = {.job = "j", .every_ms = every_ms, .catch_up = catch_up};
  assert_int_equal(schedule_create(&options, &w.schedule, &err), SLUICE_OK);
  machine_recover(&w.m, w.schedule);
  return w;
}

static bool due(struct world *w) {
  return machine_due(&w->m, w->schedule, w->now, &w->wake, NULL);
}
static void run(struct world *w) {
  assert_true(due(w));
  machine_started(&w->m, w->schedule, w->now);
  assert_int_equal(w->m.run, RUN_ACTIVE);
}
static void end(struct world *w, enum machine_end how) {
  machine_ended(&w->m, w->schedule, how, w->now, MIDDLE, NULL);
  assert_int_equal(w->m.run, RUN_IDLE);
}
/* The program ends, or dies, and starts again. */
static void restart(struct world *w) {
  struct machine kept = w->m;
  w->m = (struct machine){.job = kept.job,
                          .schedule = kept.schedule,
                          .owed = kept.owed,
                          .failures = kept.failures,
                          .not_before = kept.not_before};
  machine_recover(&w->m, w->schedule);
}

static void test_by_schedule(void **state) {
  (void)state;
  struct world w = make(10 * SECOND, SCHEDULE_ONCE);
  run(&w);
  w.now += 3 * SECOND;
  assert_false(due(&w)); /* one at a time */
  end(&w, END_BY_ITSELF);
  assert_false(due(&w));
  assert_int_equal(w.wake, START + 10 * SECOND);
  assert_int_equal(machine_next(&w.m, w.schedule, w.now), START + 10 * SECOND);
  w.now = START + 10 * SECOND;
  run(&w);
  end(&w, END_BY_ITSELF);
  schedule_destroy(w.schedule);
}

static void test_a_manual_job(void **state) {
  (void)state;
  struct world w = make(0, SCHEDULE_ONCE);
  assert_false(due(&w));
  assert_int_equal(w.wake, SCHEDULE_NEVER);
  assert_int_equal(machine_next(&w.m, w.schedule, w.now), SCHEDULE_NEVER);
  assert_null(machine_run_now(&w.m));
  assert_string_equal(machine_run_name(&w.m, w.schedule, w.now), "waiting");
  run(&w);
  assert_string_equal(machine_run_now(&w.m), "a run is active");
  assert_string_equal(machine_run_name(&w.m, w.schedule, w.now), "running");
  end(&w, END_BY_ITSELF);
  assert_false(due(&w));
  assert_string_equal(machine_run_name(&w.m, w.schedule, w.now), "idle");
  schedule_destroy(w.schedule);
}

static void test_pause(void **state) {
  (void)state;
  bool drain;
  struct world w = make(10 * SECOND, SCHEDULE_ONCE);
  run(&w);
  assert_null(machine_pause(&w.m, &drain));
  assert_true(drain);
  assert_int_equal(w.m.run, RUN_STOPPING);
  assert_string_equal(machine_pause(&w.m, &drain), "the job is paused already");
  end(&w, END_INTERRUPTED);
  w.now += 5 * SECOND;
  assert_false(due(&w));
  assert_string_equal(machine_run_now(&w.m), "the job is paused: resume it first");
  restart(&w);
  assert_false(due(&w));
  assert_null(machine_resume(&w.m)); /* the run that was cut off, at once */
  run(&w);
  end(&w, END_BY_ITSELF);
  assert_false(due(&w));
  assert_string_equal(machine_resume(&w.m), "the job is not paused");
  schedule_destroy(w.schedule);
}

static void test_a_pause_over_due_times(void **state) {
  (void)state;
  bool drain;
  static const int runs[] = {[SCHEDULE_ONCE] = 1, [SCHEDULE_NONE] = 0, [SCHEDULE_ALL] = 10};
  for (int policy = SCHEDULE_SKIP; policy <= SCHEDULE_ALL; policy++) {
    struct world w = make(600 * SECOND, (enum schedule_catch_up)policy);
    int n = 0;
    run(&w);
    end(&w, END_BY_ITSELF);
    assert_null(machine_pause(&w.m, &drain));
    assert_false(drain);
    w.now += 86400 * SECOND + 300 * SECOND;
    assert_null(machine_resume(&w.m));
    for (; due(&w); n++) {
      run(&w);
      end(&w, END_BY_ITSELF);
    }
    assert_int_equal(n, runs[policy]);
    schedule_destroy(w.schedule);
  }
}

static void test_resumed_while_it_still_drains(void **state) {
  (void)state;
  bool drain;
  struct world w = make(0, SCHEDULE_ONCE);
  assert_null(machine_run_now(&w.m));
  run(&w);
  assert_null(machine_pause(&w.m, &drain));
  assert_null(machine_resume(&w.m));
  end(&w, END_INTERRUPTED);
  run(&w);
  end(&w, END_BY_ITSELF);
  assert_false(due(&w));
  schedule_destroy(w.schedule);
}

static void test_cancel(void **state) {
  (void)state;
  bool drain;
  struct world w = make(10 * SECOND, SCHEDULE_ONCE);
  run(&w);
  assert_null(machine_cancel(&w.m, &drain));
  assert_true(drain);
  assert_string_equal(machine_cancel(&w.m, &drain), "the active run is ending already");
  end(&w, END_INTERRUPTED);
  assert_false(due(&w));
  assert_string_equal(machine_cancel(&w.m, &drain), "no run is active");
  assert_null(machine_run_now(&w.m));
  assert_null(machine_cancel(&w.m, &drain)); /* one that waits */
  assert_false(drain);
  assert_false(due(&w));
  assert_int_equal(w.wake, START + 10 * SECOND);
  schedule_destroy(w.schedule);
}

static void test_delete(void **state) {
  (void)state;
  bool drain;
  struct world w = make(10 * SECOND, SCHEDULE_ONCE);
  run(&w);
  assert_null(machine_delete(&w.m, &drain));
  assert_true(drain);
  end(&w, END_INTERRUPTED);
  w.now += 60 * SECOND;
  assert_false(due(&w));
  assert_string_equal(machine_job_name(&w.m), "deleted");
  assert_non_null(machine_run_now(&w.m));
  assert_non_null(machine_resume(&w.m));
  assert_non_null(machine_pause(&w.m, &drain));
  assert_non_null(machine_delete(&w.m, &drain));
  restart(&w);
  assert_false(due(&w));
  schedule_destroy(w.schedule);
}

/* How long the job waits after each loss in a row, with no jitter to either side. */
static void test_backoff(void **state) {
  (void)state;
  static const int64_t seconds[] = {10, 20, 40, 80, 160, 320, 600, 600, 600};
  struct world w = make(SECOND, SCHEDULE_ONCE);
  for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++) {
    run(&w);
    end(&w, END_LOST);
    assert_int_equal(w.m.failures, i + 1);
    assert_int_equal(machine_next(&w.m, w.schedule, w.now), w.now + seconds[i] * SECOND);
    assert_string_equal(machine_run_name(&w.m, w.schedule, w.now), "waiting to try again");
    w.now += seconds[i] * SECOND - 1;
    restart(&w); /* it is remembered */
    assert_false(due(&w));
    w.now += 1;
  }
  run(&w);
  end(&w, END_BY_ITSELF);
  assert_int_equal(w.m.failures, 0);
  schedule_destroy(w.schedule);
}

static void test_jitter_of_backoff(void **state) {
  (void)state;
  for (int i = 0; i < 3; i++) {
    struct world w = make(0, SCHEDULE_ONCE);
    const uint32_t random[] = {0, MIDDLE, UINT32_MAX};
    const int64_t least[] = {7500, 10000, 12499};
    machine_run_now(&w.m);
    run(&w);
    machine_ended(&w.m, w.schedule, END_LOST, w.now, random[i], NULL);
    assert_in_range(w.m.not_before - w.now, least[i], least[i] + 1);
    schedule_destroy(w.schedule);
  }
}

static void test_run_now_does_not_wait(void **state) {
  (void)state;
  struct world w = make(SECOND, SCHEDULE_ONCE);
  run(&w);
  end(&w, END_LOST);
  w.now += 2 * SECOND;
  assert_false(due(&w));
  assert_null(machine_run_now(&w.m));
  run(&w);
  end(&w, END_BY_ITSELF);
  schedule_destroy(w.schedule);
}

static void test_a_clock_that_was_set_back(void **state) {
  (void)state;
  struct world w = make(0, SCHEDULE_ONCE);
  machine_run_now(&w.m);
  run(&w);
  end(&w, END_LOST);
  w.now -= 86400 * SECOND;
  run(&w); /* it does not wait for a day */
  end(&w, END_BY_ITSELF);
  schedule_destroy(w.schedule);
}

static void test_a_lost_run_that_was_to_end(void **state) {
  (void)state;
  bool drain;
  struct world w = make(0, SCHEDULE_ONCE);
  machine_run_now(&w.m);
  run(&w);
  machine_cancel(&w.m, &drain);
  end(&w, END_LOST);
  assert_false(due(&w));
  assert_int_equal(w.m.failures, 0);
  schedule_destroy(w.schedule);
}

static void test_the_end_of_the_program(void **state) {
  (void)state;
  struct world w = make(3600 * SECOND, SCHEDULE_ONCE);
  run(&w);
  assert_true(machine_stop(&w.m, STOP_ENDING));
  end(&w, END_INTERRUPTED);
  w.now += SECOND;
  restart(&w);
  run(&w); /* made up for */
  assert_true(machine_stop(&w.m, STOP_ENDING));
  end(&w, END_BY_ITSELF); /* it was just done */
  restart(&w);
  assert_false(due(&w));
  assert_false(machine_stop(&w.m, STOP_ENDING));
  schedule_destroy(w.schedule);
}

static void test_a_program_that_died(void **state) {
  (void)state;
  struct world w = make(3600 * SECOND, SCHEDULE_ONCE);
  run(&w);
  restart(&w); /* in the middle of the run */
  run(&w);
  end(&w, END_BY_ITSELF);
  restart(&w);
  assert_false(due(&w));
  schedule_destroy(w.schedule);
}

static void test_any_stored_state(void **state) {
  (void)state;
  struct world w = make(SECOND, SCHEDULE_ALL);
  w.m =
      (struct machine){.job = (enum machine_job)99,
                       .schedule = {.last_due = INT64_MAX, .last_start = INT64_MIN, .queued = INT64_MAX, .running = 7},
                       .not_before = INT64_MAX,
                       .failures = INT64_MAX - 1};
  machine_recover(&w.m, w.schedule);
  assert_false(due(&w));
  assert_null(machine_resume(&w.m));
  run(&w);
  end(&w, END_LOST);
  schedule_destroy(w.schedule);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_by_schedule),
      cmocka_unit_test(test_a_manual_job),
      cmocka_unit_test(test_pause),
      cmocka_unit_test(test_a_pause_over_due_times),
      cmocka_unit_test(test_resumed_while_it_still_drains),
      cmocka_unit_test(test_cancel),
      cmocka_unit_test(test_delete),
      cmocka_unit_test(test_backoff),
      cmocka_unit_test(test_jitter_of_backoff),
      cmocka_unit_test(test_run_now_does_not_wait),
      cmocka_unit_test(test_a_clock_that_was_set_back),
      cmocka_unit_test(test_a_lost_run_that_was_to_end),
      cmocka_unit_test(test_the_end_of_the_program),
      cmocka_unit_test(test_a_program_that_died),
      cmocka_unit_test(test_any_stored_state),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
