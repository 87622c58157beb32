/* Counters of plugins: their names, that they are found again, their limits; the clock of stages; parts to avoid. */
#include "core/base/stage.h"
#include "core/run/avoid.h"
#include "core/run/host.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

static void names(void **state) {
  (void)state;
  static const char *const good[] = {"requests", "retries", "sent_bytes",
                                     "a",        "b2_c3",   "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeee"};
  static const char *const bad[] = {
      "",         "Requests",  "2nd",   "_a",
      "a-b",      "a b",       "a\n",   "x_total",
      "x_bucket", "x_count",   "x_sum", "x_info",
      "\xc3\xa4", "x_created", "a\"b",  "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeee"};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++)
    assert_true(metrics_name_fits(good[i]));
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    struct metrics *metrics = calloc(1, sizeof *metrics);
    struct metric *metric = NULL;
    assert_int_equal(metrics_counter(metrics, "sink-x", bad[i], &metric, NULL), SLUICE_ERR_CONFIG);
    assert_null(metric);
    free(metrics);
  }
}

static void found_again_and_full(void **state) {
  (void)state;
  struct metrics *metrics = calloc(1, sizeof *metrics);
  struct metric *one, *again, *other;
  assert_int_equal(metrics_counter(metrics, "sink-x", "requests", &one, NULL), SLUICE_OK);
  assert_int_equal(metrics_counter(metrics, "source-x", "requests", &other, NULL), SLUICE_OK);
  assert_int_equal(metrics_counter(metrics, "sink-x", "requests", &again, NULL), SLUICE_OK);
  assert_ptr_equal(one, again);
  assert_ptr_not_equal(one, other);
  for (int i = 2; i < METRICS_MAX; i++) {
    char name[16];
    snprintf(name, sizeof name, "n%d", i);
    assert_int_equal(metrics_counter(metrics, "sink-x", name, &again, NULL), SLUICE_OK);
  }
  struct sluice_error err = {0};
  assert_int_equal(metrics_counter(metrics, "sink-x", "more", &again, &err), SLUICE_ERR_UNSUPPORTED);
  assert_non_null(strstr(err.message, "no room"));
  assert_int_equal(metrics_counter(metrics, "sink-x", "requests", &again, NULL), SLUICE_OK);
  assert_int_equal(metrics_counter(NULL, "sink-x", "requests", &again, NULL), SLUICE_ERR_UNSUPPORTED);
  free(metrics);
}

/* ---- as a plugin sees it ---- */

static void *add_many(void *context) {
  const struct sluice_counter *counter = context;
  for (int i = 0; i < 10000; i++)
    sluice_count(*counter, 3);
  return NULL;
}

static void *prune(void *context) {
  add_many(context);
  return (void *)(intptr_t)(metrics_pruned_here() == 30000);
}

/* Each thread is told of its own, and of this one counter. */
static void pruned_by_thread(void **state) {
  (void)state;
  struct metrics *metrics = calloc(1, sizeof *metrics);
  struct registry_component component = {.entry = {.kind = SLUICE_FORMAT, .full_name = "format-x"}};
  struct host host;
  pthread_t threads[2];
  host_init(&host, &component, "job", "", "", NULL, metrics);
  struct sluice_counter pruned = sluice_counter_get(&host.vtable, METRIC_PRUNED);
  struct sluice_counter other = sluice_counter_get(&host.vtable, "pruned_pages");
  for (int i = 0; i < 2; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, prune, &pruned), 0);
  for (int i = 0; i < 2; i++) {
    void *own = NULL;
    pthread_join(threads[i], &own);
    assert_non_null(own);
  }
  long long before = metrics_pruned_here();
  sluice_count(other, 5);
  assert_int_equal(metrics_pruned_here(), before);
  sluice_count(pruned, 5);
  assert_int_equal(metrics_pruned_here(), before + 5);
  assert_int_equal(metrics_sum(metrics, NULL, METRIC_PRUNED), 60005);
  free(metrics);
}

static void by_the_service(void **state) {
  (void)state;
  struct metrics *metrics = calloc(1, sizeof *metrics);
  struct registry_component component = {.entry = {.kind = SLUICE_SINK}};
  struct host host, unwatched;
  pthread_t threads[4];
  component.entry.full_name = "sink-x";
  host_init(&host, &component, "job", "", "", NULL, metrics);
  host_init(&unwatched, &component, "job", "", "", NULL, NULL);
  struct sluice_counter counter = sluice_counter_get(&host.vtable, "requests");
  for (int i = 0; i < 4; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, add_many, &counter), 0);
  for (int i = 0; i < 4; i++)
    pthread_join(threads[i], NULL);
  assert_int_equal(metrics_sum(metrics, "sink-x", "requests"), 120000);
  assert_int_equal(metrics_sum(metrics, NULL, "requests"), 120000);
  assert_int_equal(metrics_sum(metrics, "sink-y", "requests"), 0);
  sluice_count(sluice_counter_get(&host.vtable, "No name"), 1);
  sluice_count(sluice_counter_get(&unwatched.vtable, "requests"), 1);
  sluice_count((struct sluice_counter){0}, 1);
  assert_int_equal(metrics_sum(NULL, NULL, "requests"), 0);
  free(metrics);
}

/* ---- stages ---- */

static void spend(long ms) {
  nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

static void stages_are_apart(void **state) {
  (void)state;
  struct stages stages = {0};
  assert_int_equal(stage_enter(STAGE_READ), STAGE_NONE); /* nobody counts */
  stages_begin(&stages);
  assert_int_equal(stage_enter(STAGE_DECODE), STAGE_NONE);
  spend(20);
  enum stage before = stage_enter(STAGE_READ);
  assert_int_equal(before, STAGE_DECODE);
  spend(40);
  stage_enter(before);
  stages_begin(NULL);
  spend(20);
  assert_int_equal(stage_enter(STAGE_MAP), STAGE_NONE);
  assert_in_range(atomic_load(&stages.us[STAGE_DECODE]), 19000, 39000);
  assert_in_range(atomic_load(&stages.us[STAGE_READ]), 39000, 10000000);
  assert_int_equal(atomic_load(&stages.us[STAGE_MAP]), 0);
  assert_int_equal(atomic_load(&stages.us[STAGE_NONE]), 0);
}

/* ---- parts to avoid ---- */

static void avoided_parts_come_last(void **state) {
  (void)state;
  struct avoided avoided = {.looks = {{NULL, NULL}}};
  struct sluice_part parts[3] = {{.name = "a"}, {.name = "b", .version = "1"}, {.name = "c"}}, chosen[3];
  assert_int_equal(avoid_choose(NULL, parts, 3, chosen), 3);
  assert_int_equal(avoid_add(&avoided, "b", "1"), SLUICE_OK);
  assert_int_equal(avoid_choose(&avoided, parts, 3, chosen), 2);
  assert_string_equal(chosen[1].name, "c");
  assert_int_equal(avoid_choose(&avoided, &parts[1], 1, chosen), 1); /* there is nothing else: once more */
  assert_string_equal(chosen[0].name, "b");
  assert_int_equal(avoid_add(&avoided, "b", "1"), SLUICE_OK);
  assert_int_equal(avoid_choose(&avoided, &parts[1], 1, chosen), 0); /* and no more */
  parts[1].version = "2";
  assert_int_equal(avoid_choose(&avoided, &parts[1], 1, chosen), 1); /* but when it changes */
  parts[1].version = "1";
  assert_int_equal(avoid_choose(&avoided, parts, 0, chosen), 0);
  for (int i = 0; i < AVOIDED_MAX; i++)
    assert_int_equal(avoid_add(&avoided, "x", NULL), SLUICE_OK);
  assert_int_equal(avoid_choose(&avoided, parts, 3, chosen), 3); /* the oldest gave way */
  avoid_finish(&avoided);
  assert_int_equal(avoid_choose(&avoided, parts, 3, chosen), 3);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(names),
                                     cmocka_unit_test(found_again_and_full),
                                     cmocka_unit_test(by_the_service),
                                     cmocka_unit_test(pruned_by_thread),
                                     cmocka_unit_test(stages_are_apart),
                                     cmocka_unit_test(avoided_parts_come_last)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
