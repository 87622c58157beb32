/* The retry schedule. */
#include "check.h"
#include "request/retry.h"

static struct fault fault_of(enum fault_kind kind) {
  struct fault fault;
  fault_clear(&fault);
  fault.kind = kind;
  return fault;
}

static int64_t delay(enum fault_kind kind, int attempts, double random) {
  struct fault fault = fault_of(kind);
  struct retry retry = {.attempts = attempts};
  int64_t out = -1;
  return retry_next(&retry, 10, &fault, 0, random, &out) ? out : -1;
}

static void backoff_doubles(void **state) {
  (void)state;
  assert_int_equal(delay(FAULT_TRANSIENT, 1, 1.0), 50);
  assert_int_equal(delay(FAULT_TRANSIENT, 2, 1.0), 100);
  assert_int_equal(delay(FAULT_TRANSIENT, 9, 1.0), 12800);
  assert_int_equal(delay(FAULT_THROTTLE, 1, 1.0), 1000);
  assert_int_equal(delay(FAULT_THROTTLE, 5, 1.0), 16000);
  assert_int_equal(delay(FAULT_THROTTLE, 6, 1.0), 20000);
  assert_int_equal(delay(FAULT_THROTTLE, 9, 1.0), 20000);
}

static void jitter_is_full(void **state) {
  (void)state;
  assert_int_equal(delay(FAULT_TRANSIENT, 5, 0.0), 0);
  assert_int_equal(delay(FAULT_TRANSIENT, 5, 0.5), 400);
}

static void attempts_end(void **state) {
  (void)state;
  assert_int_equal(delay(FAULT_TRANSIENT, 10, 0.0), -1);
  struct fault garbled = {.kind = FAULT_GARBLED, .wait_ms = -1};
  int64_t ms;
  for (int n = 1; n < 5; n++) { /* answers that cannot be have a limit of their own, whatever else went wrong */
    struct retry retry = {.attempts = 5, .garbled = n};
    assert_int_equal(retry_next(&retry, 10, &garbled, 0, 0.0, &ms), n < 3);
  }
  struct retry last = {.attempts = 10, .garbled = 1};
  assert_false(retry_next(&last, 10, &garbled, 0, 0.0, &ms));
}

static void what_is_not_tried_again(void **state) {
  (void)state;
  const enum fault_kind kinds[] = {FAULT_AUTH, FAULT_NOT_FOUND, FAULT_CHANGED, FAULT_CONFIG,    FAULT_DATA,
                                   FAULT_SKEW, FAULT_REGION,    FAULT_MEMORY,  FAULT_CANCELLED, FAULT_MAYBE_SKEW};
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    assert_int_equal(delay(kinds[i], 1, 0.0), -1);
}

static void the_server_may_ask_for_more(void **state) {
  (void)state;
  struct retry retry = {.attempts = 1};
  struct fault fault = fault_of(FAULT_TRANSIENT);
  int64_t out = -1;
  fault.wait_ms = 3000;
  fault.wait_extra_ms = 5000;
  assert_true(retry_next(&retry, 10, &fault, 0, 0.0, &out));
  assert_int_equal(out, 3000);
  fault.wait_ms = 900000;
  assert_true(retry_next(&retry, 10, &fault, 0, 0.0, &out));
  assert_int_equal(out, 5000);
}

static void three_minutes_at_most(void **state) {
  (void)state;
  struct retry retry = {.attempts = 1, .since_ms = 1000};
  struct fault fault = fault_of(FAULT_TRANSIENT);
  int64_t out = -1;
  assert_true(retry_next(&retry, 10, &fault, 1000 + RETRY_TOTAL_MS, 0.0, &out));
  assert_false(retry_next(&retry, 10, &fault, 1001 + RETRY_TOTAL_MS, 0.0, &out));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(backoff_doubles),
                                     cmocka_unit_test(jitter_is_full),
                                     cmocka_unit_test(attempts_end),
                                     cmocka_unit_test(what_is_not_tried_again),
                                     cmocka_unit_test(the_server_may_ask_for_more),
                                     cmocka_unit_test(three_minutes_at_most)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
