/* Each allocation of a schedule fails once: an error, no leak, and all is well when there is memory again. */
#include "core/schedule/schedule.h"
#include "failing.h"
#include "tests/unit/schedule/moments.h"

/* Returns how many allocations failed until one call had them all. */
static int fail_each(const struct schedule_options *options, int wanted) {
  for (int n = 0;; n++) {
    struct schedule *schedule = NULL;
    struct sluice_error err = {0};
    failing_in = n;
    int status = schedule_create(options, &schedule, &err);
    bool spent = failing_in < 0;
    failing_in = -1;
    assert_true(status == wanted || (spent && status == SLUICE_ERR_MEMORY));
    assert_int_equal(status == SLUICE_OK, schedule != NULL);
    assert_int_equal(status == SLUICE_OK, err.message[0] == 0);
    schedule_destroy(schedule);
    if (!spent)
      return n;
  }
}

static void each_allocation_fails_once(void **state) {
  (void)state;
  int n = fail_each(&(struct schedule_options){.job = "a", .cron = "@daily", .timezone = "Europe/Paris"}, SLUICE_OK);
  n += fail_each(&(struct schedule_options){.job = "a", .cron = "@daily"}, SLUICE_OK);
  n += fail_each(&(struct schedule_options){.job = "a", .cron = "@daily", .timezone = "Europe/Paros"},
                 SLUICE_ERR_CONFIG);
  printf("%d allocations failed\n", n);
  assert_true(n >= 8);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(each_allocation_fails_once)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
