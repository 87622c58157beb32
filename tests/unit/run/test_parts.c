/* The small pieces of a run: stop, budget, policy, batches and what is retained of them. */
#include "core/run/batch.h"
#include "core/run/budget.h"
#include "core/run/policy.h"
#include "core/run/retained.h"
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static bool readable(int fd) {
  struct pollfd p = {.fd = fd, .events = POLLIN};
  return poll(&p, 1, 0) == 1;
}

static void stop_rises_and_never_falls(void **state) {
  (void)state;
  struct stop stop;
  assert_int_equal(stop_init(&stop), SLUICE_OK);
  assert_true(stop_sleep(&stop, STOP_DRAIN, 1));
  assert_false(readable(stop.drain_fd));
  stop_raise(&stop, STOP_DRAIN);
  assert_true(readable(stop.drain_fd));
  assert_false(readable(stop.now_fd));
  assert_false(stop_sleep(&stop, STOP_DRAIN, 60000));
  assert_true(stop_sleep(&stop, STOP_NOW, 1));
  stop_raise(&stop, STOP_NOW);
  stop_raise(&stop, STOP_DRAIN);
  assert_true(stop_at(&stop, STOP_NOW));
  assert_true(readable(stop.now_fd));
  stop_finish(&stop);
}

struct taker {
  struct budget *budget;
  struct stop *stop;
  bool got;
};
static void *take_fifty(void *context) {
  struct taker *taker = context;
  taker->got = budget_take(taker->budget, 50, taker->stop);
  return NULL;
}

static void budget_waits_for_room_and_lets_one_through(void **state) {
  (void)state;
  struct budget budget;
  struct stop stop;
  pthread_t thread;
  assert_int_equal(stop_init(&stop), SLUICE_OK);
  budget_init(&budget, 100);
  assert_true(budget_take(&budget, 1000, &stop)); /* more than there is, but nobody else works */
  struct taker taker = {&budget, &stop, false};
  assert_int_equal(pthread_create(&thread, NULL, take_fifty, &taker), 0);
  budget_give(&budget, 1000);
  pthread_join(thread, NULL);
  assert_true(taker.got);
  assert_true(budget_take(&budget, 50, &stop));
  stop_raise(&stop, STOP_DRAIN);
  assert_false(budget_take(&budget, 1, &stop)); /* full, and stopping: no wait */
  assert_int_equal(budget.taken, 100);
  budget_finish(&budget);
  stop_finish(&stop);
}

static void policy_counts_and_refuses(void **state) {
  (void)state;
  struct config_job job = {.name = "j", .on_error = CONFIG_ERROR_REJECT, .max_rejects = 2, .max_reject_fraction = -1};
  struct sluice_error err = {0};
  struct policy policy;
  policy_init(&policy, &job, 0, 0);
  policy_carry(&policy, 0, 1); /* of a run that died */
  assert_int_equal(atomic_load(&policy.rejects) + atomic_load(&policy.settled_rejects), 0);
  assert_true(policy_has_rejects(&policy));
  assert_int_equal(policy_reject(&policy, "part", 5, "c", "bad", &err), SLUICE_OK);
  assert_false(atomic_load(&policy.broken));
  assert_int_equal(policy_reject(&policy, "part", 6, "c", "bad", &err), SLUICE_ERR_DATA);
  assert_true(atomic_load(&policy.broken));
  assert_non_null(strstr(err.message, "max_rejects = 2"));
  job.on_error = CONFIG_ERROR_FAIL;
  memset(&err, 0, sizeof err);
  policy_init(&policy, &job, 0, 0);
  assert_int_equal(policy_reject(&policy, "part", 0, NULL, "bad", &err), SLUICE_ERR_DATA);
  assert_non_null(strstr(err.message, "on_error"));
}

static void policy_by_fraction_needs_records_or_the_end(void **state) {
  (void)state;
  struct config_job job = {.name = "j", .max_rejects = -1, .max_reject_fraction = 0.01};
  struct sluice_error err = {0};
  struct policy policy;
  policy_init(&policy, &job, 10, 1);
  assert_int_equal(policy_check(&policy, false, &err), SLUICE_OK);
  assert_int_equal(policy_check(&policy, true, &err), SLUICE_ERR_DATA);
  memset(&err, 0, sizeof err);
  policy_init(&policy, &job, 500, 5);
  policy_carry(&policy, 490, 5);
  assert_int_equal(policy_check(&policy, false, &err), SLUICE_OK); /* just 1% */
  policy_settle(&policy, -1, 0, 1);
  assert_int_equal(policy_check(&policy, false, &err), SLUICE_ERR_DATA);
}

/* A batch of one int64 column with the values 0..n-1. */
static void make_batch(struct sluice_batch *batch, int64_t n) {
  struct ArrowSchema schema;
  struct sluice_builder *builder;
  struct sluice_error err = {0};
  batch_init(batch);
  assert_int_equal(sluice_schema_nested(&schema, "+s", "", 0, 1), SLUICE_OK);
  assert_int_equal(sluice_schema_init(schema.children[0], "l", "n", 0), SLUICE_OK);
  assert_int_equal(sluice_builder_create(&schema, &builder, &err), SLUICE_OK);
  for (int64_t i = 0; i < n; i++) {
    assert_int_equal(sluice_builder_int(sluice_builder_child(builder, 0), i), SLUICE_OK);
    assert_int_equal(sluice_builder_end(builder), SLUICE_OK);
  }
  assert_int_equal(sluice_builder_finish(builder, &batch->array, &err), SLUICE_OK);
  sluice_builder_destroy(builder);
  sluice_schema_release(&schema);
}

static void batches_find_their_ordinals(void **state) {
  (void)state;
  struct sluice_batch batch;
  make_batch(&batch, 3);
  batch.first_row = 10;
  assert_int_equal(batch_find(&batch, 12), 2);
  assert_int_equal(batch_find(&batch, 13), -1);
  int64_t *origin = malloc(3 * sizeof *origin);
  assert_non_null(origin);
  memcpy(origin, (int64_t[]){10, 14, 19}, 3 * sizeof *origin);
  assert_int_equal(sluice_array_attach(&batch.array, origin), SLUICE_OK);
  batch.origin = origin;
  assert_int_equal(batch_find(&batch, 14), 1);
  assert_int_equal(batch_find(&batch, 12), -1);
  batch_release(&batch); /* a leak checker sees that the ordinals went with the array */
}

static void retained_batches_go_as_they_become_durable(void **state) {
  (void)state;
  struct retained retained = {0};
  for (int64_t seq = 1; seq <= 40; seq++) {
    struct sluice_batch batch;
    make_batch(&batch, 4);
    batch.seq = seq;
    batch.first_row = seq * 4;
    assert_int_equal(retained_add(&retained, &batch), SLUICE_OK);
    batch_release(&batch);
    if (seq % 7 == 0)
      retained_drop(&retained, seq - 3);
  }
  assert_null(retained_find(&retained, 32));
  struct retained_batch *item = retained_find(&retained, 33);
  assert_non_null(item);
  assert_int_equal(batch_ordinal(&item->batch, 3), 33 * 4 + 3);
  assert_int_equal(((const int64_t *)item->batch.array.children[0]->buffers[1])[2], 2);
  retained_finish(&retained);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(stop_rises_and_never_falls),  cmocka_unit_test(budget_waits_for_room_and_lets_one_through),
      cmocka_unit_test(policy_counts_and_refuses),   cmocka_unit_test(policy_by_fraction_needs_records_or_the_end),
      cmocka_unit_test(batches_find_their_ordinals), cmocka_unit_test(retained_batches_go_as_they_become_durable),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
