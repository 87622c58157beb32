/* Backoff and Retry-After. */
#include "cmocka_all.h"
#include "retry.h"

static void seconds_and_dates(void **state) {
  (void)state;
  const int64_t now = 1700000000; /* Tue, 14 Nov 2023 22:13:20 GMT */
  assert_int_equal(retry_after_ms("0", now), 0);
  assert_int_equal(retry_after_ms(" 120 ", now), 120000);
  assert_int_equal(retry_after_ms("Tue, 14 Nov 2023 22:13:30 GMT", now), 10000);
  assert_int_equal(retry_after_ms("Tuesday, 14-Nov-23 22:14:20 GMT", now), 60000);
  assert_int_equal(retry_after_ms("Tue Nov 14 22:13:25 2023", now), 5000);
  assert_int_equal(retry_after_ms("Mon, 13 Nov 2023 00:00:00 GMT", now), 0); /* past: now */
}

static void nonsense_and_extremes(void **state) {
  (void)state;
  assert_int_equal(retry_after_ms("", 0), -1);
  assert_int_equal(retry_after_ms("soon", 0), -1);
  assert_int_equal(retry_after_ms("-5", 0), -1);
  assert_int_equal(retry_after_ms("5x", 0), -1);
  assert_int_equal(retry_after_ms("1.5", 0), -1);
  assert_int_equal(retry_after_ms("99999999999999999999999999", 0), INT64_C(86400000));
  assert_int_equal(retry_after_ms("Tue, 14 Nov 2099 22:13:30 GMT", 1700000000), INT64_C(86400000));
}

static void delays_grow_to_a_limit(void **state) {
  (void)state;
  for (int64_t attempt = 1; attempt < 100; attempt++) {
    int64_t most = attempt < 9 ? INT64_C(200) << (attempt - 1) : RETRY_MOST_MS;
    most = most < RETRY_MOST_MS ? most : RETRY_MOST_MS;
    assert_int_equal(retry_delay_ms(attempt, 0), 0);
    assert_int_equal(retry_delay_ms(attempt, (uint64_t)most), most);
    assert_true(retry_delay_ms(attempt, UINT64_MAX) <= most);
  }
}

static void jitter_is_spread(void **state) {
  (void)state;
  uint64_t seed = retry_seed();
  int quarters[4] = {0};
  assert_true(seed != 0);
  for (int i = 0; i < 4000; i++)
    quarters[retry_delay_ms(3, retry_random(&seed)) * 4 / 801]++;
  for (int i = 0; i < 4; i++)
    assert_in_range(quarters[i], 800, 1200);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(seconds_and_dates), cmocka_unit_test(nonsense_and_extremes),
                                     cmocka_unit_test(delays_grow_to_a_limit), cmocka_unit_test(jitter_is_spread)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
