/* Every allocation fails once, in turn: nothing leaks, inputs stay as they were, and the call says MEMORY. */
#include "check.h"
#include "failing.h"

static struct ArrowSchema schema, plain;
static struct ArrowArray array; /* shared */

static int setup(void **state) {
  (void)state;
  if (sample_schema(&schema, false) || sluice_schema_plain(&schema, 0, &plain))
    return -1;
  return sample_array(&schema, 9, &array, NULL) || sluice_array_share(&array);
}

static int teardown(void **state) {
  (void)state;
  sluice_array_release(&array);
  sluice_schema_release(&plain);
  sluice_schema_release(&schema);
  return failing_live != 0;
}

typedef int attempt_fn(void);

/* Fails allocation 0, 1, 2 and so on (some of them, where there are very many), until the attempt gets through. */
static void fail_each(attempt_fn *attempt) {
  int64_t before = failing_live, n = 0;
  for (;; n += n < 400 ? 1 : 7) {
    failing_in = n;
    int status = attempt();
    bool done = failing_in >= 0;
    failing_in = -1;
    if (failing_live != before)
      fail_msg("%lld blocks leak after failure %lld", (long long)(failing_live - before), (long long)n);
    assert_int_equal(status, done ? SLUICE_OK : SLUICE_ERR_MEMORY);
    if (done)
      break;
  }
  assert_true(n > 0);
  assert_ok(sluice_array_validate(&schema, &array, SLUICE_CHECK_FULL, NULL));
}

static int copy_schema(void) {
  struct ArrowSchema out = {0};
  int status = sluice_schema_copy(&schema, &out);
  sluice_schema_release(&out);
  return status;
}

static int make_schema(void) {
  struct ArrowSchema out = {0};
  int status = sample_schema(&out, false);
  sluice_schema_release(&out);
  return status;
}

static int make_plain(void) {
  struct ArrowSchema out = {0};
  int status = sluice_schema_plain(&schema, 0, &out);
  sluice_schema_release(&out);
  return status;
}

static int build(void) {
  struct ArrowArray out = {0};
  int status = sample_array(&schema, 9, &out, NULL);
  sluice_array_release(&out);
  return status;
}

static int share(void) {
  struct sluice_buffer none[2] = {{0}};
  struct ArrowArray out = {0};
  int status = sluice_array_adopt(&out, 0, 0, none, 2, NULL, 0, NULL);
  if (status == SLUICE_OK)
    status = sluice_array_share(&out);
  sluice_array_release(&out);
  return status;
}

static int slice(void) {
  struct ArrowArray out = {0};
  int status = sluice_array_slice(&array, 2, 5, &out);
  sluice_array_release(&out);
  return status;
}

static int filter(void) {
  static const uint8_t keep[9] = {1, 0, 0, 1, 1, 0, 1, 0, 1};
  struct ArrowArray out = {0};
  int status = sluice_array_filter(&schema, &array, keep, &out, NULL);
  sluice_array_release(&out);
  return status;
}

static int concat(void) {
  const struct ArrowArray *const list[] = {&array, &array};
  struct ArrowArray out = {0};
  int status = sluice_array_concat(&schema, list, 2, &out, NULL);
  sluice_array_release(&out);
  return status;
}

static int cast_plain(void) {
  struct ArrowArray in = {0}, out = {0};
  struct sluice_error err = {0};
  int status = sluice_array_slice(&array, 0, 9, &in);
  if (status == SLUICE_OK)
    status = sluice_cast(&schema, &in, &plain, NULL, NULL, &out, &err);
  for (int64_t i = 0; status != SLUICE_OK && in.release && i < in.n_children; i++)
    if (!in.children[i]->release)
      status = SLUICE_ERR_BUG; /* a column was taken and not given back */
  sluice_array_release(&in);
  sluice_array_release(&out);
  return status;
}

static int cast_to_dictionary(void) {
  struct ArrowSchema from = {0}, to = {0};
  struct ArrowArray in = {0}, out = {0};
  int status = sluice_schema_init(&from, "u", "x", ARROW_FLAG_NULLABLE);
  if (status == SLUICE_OK)
    status = sample_dictionary(&to, "c", "vu", "x");
  if (status == SLUICE_OK)
    status = sample_array(&from, 20, &in, NULL);
  if (status == SLUICE_OK)
    status = sluice_cast(&from, &in, &to, NULL, NULL, &out, NULL);
  sluice_array_release(&in);
  sluice_array_release(&out);
  sluice_schema_release(&from);
  sluice_schema_release(&to);
  return status;
}

static int discard(void *context, const void *bytes, size_t n, struct sluice_error *err) {
  (void)context, (void)bytes, (void)n, (void)err;
  return SLUICE_OK;
}

static int write_stream(void) {
  struct sluice_ipc_writer *writer = NULL;
  struct ArrowArray part = {0};
  int status = sluice_ipc_create(&schema, discard, NULL, &writer, NULL);
  if (status == SLUICE_OK)
    status = sluice_ipc_write(writer, &array, NULL);
  if (status == SLUICE_OK)
    status = sluice_array_slice(&array, 3, 5, &part);
  if (status == SLUICE_OK)
    status = sluice_ipc_write(writer, &part, NULL);
  if (status == SLUICE_OK)
    status = sluice_ipc_finish(writer, NULL);
  sluice_array_release(&part);
  sluice_ipc_destroy(writer);
  return status;
}

static attempt_fn *const attempts[] = {copy_schema, make_schema, make_plain,         build,       share, slice, filter,
                                       concat,      cast_plain,  cast_to_dictionary, write_stream};

static void each_failure_is_told_and_nothing_leaks(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++)
    fail_each(attempts[i]);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(each_failure_is_told_and_nothing_leaks)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
