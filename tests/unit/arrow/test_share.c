/* Shared arrays and their slices. */
#include "check.h"
#include <pthread.h>

static struct ArrowSchema schema;

static int setup(void **state) {
  (void)state;
  return sample_schema(&schema, false);
}

static int teardown(void **state) {
  (void)state;
  sluice_schema_release(&schema);
  return 0;
}

static void slices_outlive_their_array(void **state) {
  (void)state;
  struct ArrowArray array = {0}, slice = {0}, inner = {0};
  struct sluice_error err = {0};
  assert_ok(sample_array(&schema, 60, &array, NULL));
  assert_int_equal(sluice_array_slice(&array, 0, 1, &slice), SLUICE_ERR_BUG);
  assert_ok(sluice_array_share(&array));
  assert_ok(sluice_array_share(&array));
  assert_ok(sluice_array_slice(&array, 10, 40, &slice));
  sluice_array_release(&array);
  assert_ok(sluice_array_slice(&slice, 3, 7, &inner));
  sluice_array_release(&slice);
  assert_int_equal(inner.offset, 13);
  assert_int_equal(inner.length, 7);
  int status = sluice_array_validate(&schema, &inner, SLUICE_CHECK_FULL, &err);
  if (status != SLUICE_OK)
    fail_msg("%s: %s", err.where, err.message);
  sluice_array_release(&inner);
}

static void ranges_are_checked(void **state) {
  (void)state;
  struct ArrowArray array = {0}, slice = {0};
  assert_ok(sample_array(&schema, 10, &array, NULL));
  assert_ok(sluice_array_share(&array));
  assert_int_equal(sluice_array_slice(&array, -1, 2, &slice), SLUICE_ERR_DATA);
  assert_int_equal(sluice_array_slice(&array, 5, 6, &slice), SLUICE_ERR_DATA);
  assert_int_equal(sluice_array_slice(&array, 5, -1, &slice), SLUICE_ERR_DATA);
  assert_int_equal(sluice_array_slice(&array, INT64_MAX, INT64_MAX, &slice), SLUICE_ERR_DATA);
  assert_null(slice.release);
  assert_ok(sluice_array_slice(&array, 10, 0, &slice));
  sluice_array_release(&slice);
  sluice_array_release(&array);
}

/* A consumer may take a column out and release the rest. */
static void a_child_can_be_moved_out(void **state) {
  (void)state;
  struct ArrowArray array = {0}, slice = {0}, column = {0};
  assert_ok(sample_array(&schema, 10, &array, NULL));
  assert_ok(sluice_array_share(&array));
  assert_ok(sluice_array_slice(&array, 2, 5, &slice));
  sluice_array_move(slice.children[5], &column);
  sluice_array_release(&slice);
  sluice_array_release(&array);
  assert_int_equal(((const int64_t *)column.buffers[1])[7], 7);
  sluice_array_release(&column);
}

static void *slice_many(void *shared) {
  for (int i = 0; i < 500; i++) {
    struct ArrowArray slice = {0};
    if (sluice_array_slice(shared, i % 50, 10, &slice) != SLUICE_OK)
      return shared;
    sluice_array_release(&slice);
  }
  return NULL;
}

static void threads_may_slice_at_once(void **state) {
  (void)state;
  struct ArrowArray array = {0};
  pthread_t threads[3];
  void *failed = NULL;
  assert_ok(sample_array(&schema, 60, &array, NULL));
  assert_ok(sluice_array_share(&array));
  for (int i = 0; i < 3; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, slice_many, &array), 0);
  for (int i = 0; i < 3; i++) {
    assert_int_equal(pthread_join(threads[i], &failed), 0);
    assert_null(failed);
  }
  sluice_array_release(&array);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(slices_outlive_their_array),
      cmocka_unit_test(ranges_are_checked),
      cmocka_unit_test(a_child_can_be_moved_out),
      cmocka_unit_test(threads_may_slice_at_once),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
