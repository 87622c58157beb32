/* Each allocation of a schedule fails once: an error, no leak, and all is well when there is memory again. */
#include "core/schedule/schedule.h"
#include "tests/unit/schedule/moments.h"

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

static int countdown = -1; /* allocations until the one that fails; below 0: none does */

static bool fails(void) {
  return countdown >= 0 && countdown-- == 0;
}
void *__wrap_malloc(size_t n) {
  return fails() ? NULL : __real_malloc(n);
}
void *__wrap_calloc(size_t n, size_t size) {
  return fails() ? NULL : __real_calloc(n, size);
}
void *__wrap_realloc(void *p, size_t n) {
  return fails() ? NULL : __real_realloc(p, n);
}

/* Returns how many allocations failed until one call had them all. */
static int fail_each(const struct schedule_options *options, int wanted) {
  for (int n = 0;; n++) {
    struct schedule *schedule = NULL;
    struct sluice_error err = {0};
    countdown = n;
    int status = schedule_create(options, &schedule, &err);
    bool spent = countdown < 0;
    countdown = -1;
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
