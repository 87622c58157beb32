/* Cuts and halves: always the same for the same records. */
#include "cmocka_all.h"
#include "cut.h"

/* Cuts records of these sizes; writes the number of rows of each request. */
static size_t cut_all(struct cut *cut, const size_t *sizes, size_t n, int64_t *requests) {
  size_t count = 0;
  cut_restart(cut);
  for (size_t i = 0; i < n; i++) {
    if (!cut_add(cut, sizes[i])) {
      requests[count++] = cut->rows;
      cut_restart(cut);
      assert_true(cut_add(cut, sizes[i]));
    }
  }
  requests[count++] = cut->rows;
  return count;
}

static void rows_limit_a_request(void **state) {
  (void)state;
  struct cut cut;
  size_t sizes[7] = {1, 1, 1, 1, 1, 1, 1};
  int64_t got[7];
  cut_init(&cut, 3, 1000, 0);
  assert_int_equal(cut_all(&cut, sizes, 7, got), 3);
  assert_int_equal(got[0], 3);
  assert_int_equal(got[1], 3);
  assert_int_equal(got[2], 1);
}

static void bytes_limit_a_request(void **state) {
  (void)state;
  struct cut cut;
  size_t sizes[4] = {40, 60, 1, 99};
  int64_t got[4];
  cut_init(&cut, 100, 100, 0);
  assert_int_equal(cut_all(&cut, sizes, 4, got), 2); /* 100 fits exactly, twice */
  assert_int_equal(got[0], 2);
  cut_init(&cut, 100, 100, 1); /* the bracket of an array takes one byte */
  assert_int_equal(cut_all(&cut, sizes, 4, got), 3);
  assert_int_equal(got[0], 1);
  assert_int_equal(got[1], 2);
}

static void a_large_record_goes_alone(void **state) {
  (void)state;
  struct cut cut;
  size_t sizes[3] = {10, SIZE_MAX - 5, 10};
  int64_t got[3];
  cut_init(&cut, 100, 100, 1);
  assert_int_equal(cut_all(&cut, sizes, 3, got), 3);
  for (int i = 0; i < 3; i++)
    assert_int_equal(got[i], 1);
}

static void a_rejected_record_counts_as_a_row(void **state) {
  (void)state;
  struct cut cut;
  size_t with[6] = {10, 0, 10, 0, 0, 10};
  int64_t got[6];
  cut_init(&cut, 3, 1000, 0);
  assert_int_equal(cut_all(&cut, with, 6, got), 2);
  assert_int_equal(got[0], 3);
  cut_init(&cut, 100, 10, 0); /* it has no bytes: it never begins a request by size */
  assert_int_equal(cut_all(&cut, with, 6, got), 3);
  assert_int_equal(got[0], 2);
  assert_int_equal(got[1], 3);
}

static void halves_cover_the_range(void **state) {
  (void)state;
  assert_int_equal(cut_half(0, 2), 1);
  assert_int_equal(cut_half(0, 3), 2);
  assert_int_equal(cut_half(10, 15), 13);
  for (int64_t n = 2; n < 2000; n++) {
    int64_t half = cut_half(7, 7 + n);
    assert_true(half > 7 && half < 7 + n);
    assert_true((half - 7) - (7 + n - half) <= 1 && (half - 7) >= (7 + n - half));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(rows_limit_a_request), cmocka_unit_test(bytes_limit_a_request),
                                     cmocka_unit_test(a_large_record_goes_alone),
                                     cmocka_unit_test(a_rejected_record_counts_as_a_row),
                                     cmocka_unit_test(halves_cover_the_range)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
