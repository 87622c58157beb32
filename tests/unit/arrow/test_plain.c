/* Plain schemas, and casts of every type to its plain one and back. */
#include "check.h"

static void expect_plain(const char *format, uint64_t accepts, const char *wanted) {
  struct ArrowSchema schema = {0}, out = {0};
  assert_ok(sample_field(&schema, format, "column"));
  assert_ok(sluice_schema_plain(&schema, accepts, &out));
  assert_string_equal(out.format, wanted);
  assert_string_equal(out.name, "column");
  assert_ok(sluice_schema_validate(&out, NULL));
  sluice_schema_release(&out);
  sluice_schema_release(&schema);
}

static void formats(void **state) {
  (void)state;
  expect_plain("vu", 0, "u");
  expect_plain("vu", SLUICE_ACCEPT_VIEW, "vu");
  expect_plain("Z", 0, "z");
  expect_plain("Z", SLUICE_ACCEPT_LARGE, "Z");
  expect_plain("+vL", 0, "+l");
  expect_plain("+vL", SLUICE_ACCEPT_LARGE, "+L");
  expect_plain("+vL", SLUICE_ACCEPT_LIST_VIEW, "+vl");
  expect_plain("+vL", SLUICE_ACCEPT_LIST_VIEW | SLUICE_ACCEPT_LARGE, "+vL");
  expect_plain("+ud:0,5", 0, "+s");
  expect_plain("+us:0,5", SLUICE_ACCEPT_UNION, "+us:0,5");
  expect_plain("d:5,2,32", 0, "d:5,2");
  expect_plain("d:5,2,32", SLUICE_ACCEPT_SMALL_DECIMAL, "d:5,2,32");
  expect_plain("+r", 0, "u");
  expect_plain("+r", SLUICE_ACCEPT_RUN_END, "+r");
  expect_plain("d:50,2,256", 0, "d:50,2,256");
}

static void dictionaries(void **state) {
  (void)state;
  struct ArrowSchema schema = {0}, out = {0};
  assert_ok(sample_dictionary(&schema, "c", "vu", "column"));
  assert_ok(sluice_schema_plain(&schema, 0, &out));
  assert_string_equal(out.format, "u");
  assert_string_equal(out.name, "column");
  assert_true(out.flags & ARROW_FLAG_NULLABLE);
  assert_null(out.dictionary);
  sluice_schema_release(&out);
  assert_ok(sluice_schema_plain(&schema, SLUICE_ACCEPT_DICTIONARY, &out));
  assert_string_equal(out.dictionary->format, "u");
  sluice_schema_release(&out);
  sluice_schema_release(&schema);
}

static int collect(void *context, const void *bytes, size_t n, struct sluice_error *err) {
  (void)err;
  return sluice_buffer_append(context, bytes, n);
}

static void stream_of(const struct ArrowSchema *schema, const struct ArrowArray *array, struct sluice_buffer *out) {
  struct sluice_ipc_writer *writer = NULL;
  assert_ok(sluice_ipc_create(schema, collect, out, &writer, NULL));
  assert_ok(sluice_ipc_write(writer, array, NULL));
  sluice_ipc_destroy(writer);
}

static void check_array(const struct ArrowSchema *schema, const struct ArrowArray *array) {
  struct sluice_error err = {0};
  int status = sluice_array_validate(schema, array, SLUICE_CHECK_FULL, &err);
  if (status != SLUICE_OK)
    fail_msg("%s: %s", err.where, err.message);
}

static void cast_or_fail(const struct ArrowSchema *from, struct ArrowArray *array, const struct ArrowSchema *to) {
  struct sluice_error err = {0};
  struct ArrowArray out = {0};
  int status = sluice_cast(from, array, to, NULL, NULL, &out, &err);
  if (status != SLUICE_OK)
    fail_msg("%s: %s", err.where, err.message);
  check_array(to, &out);
  sluice_array_move(&out, array);
}

/* Everything becomes plain; plain again changes nothing; and, but for unions, it goes back without loss. */
static void all_types_there_and_back(void **state) {
  (void)state;
  struct ArrowSchema schema = {0}, plain = {0}, again = {0};
  struct ArrowArray array = {0}, whole = {0}, copy = {0};
  struct sluice_buffer first = {0}, second = {0};
  assert_ok(sample_schema(&schema, false));
  assert_ok(sluice_schema_plain(&schema, 0, &plain));
  assert_ok(sluice_schema_plain(&plain, 0, &again));
  assert_true(sluice_schema_equal(&plain, &again));
  assert_ok(sample_array(&schema, 64, &whole, NULL));
  assert_ok(sluice_array_share(&whole));
  assert_ok(sluice_array_slice(&whole, 11, 40, &array));
  cast_or_fail(&schema, &array, &plain);
  assert_ok(sluice_array_slice(&whole, 11, 40, &copy));
  cast_or_fail(&schema, &copy, &plain);
  stream_of(&plain, &array, &first);
  for (int64_t i = 0; i < schema.n_children; i++) {
    struct ArrowArray column = {0};
    struct sluice_error err = {0};
    bool was_union = strncmp(schema.children[i]->format, "+u", 2) == 0;
    bool list = schema.children[i]->dictionary && schema.children[i]->dictionary->format[0] == '+';
    int status = sluice_cast_check(plain.children[i], schema.children[i], &err);
    assert_int_equal(status, was_union || list ? SLUICE_ERR_UNSUPPORTED : SLUICE_OK);
    if (status != SLUICE_OK)
      continue;
    sluice_array_move(copy.children[i], &column);
    cast_or_fail(plain.children[i], &column, schema.children[i]);
    cast_or_fail(schema.children[i], &column, plain.children[i]);
    sluice_array_move(&column, copy.children[i]);
  }
  stream_of(&plain, &copy, &second);
  assert_int_equal(first.size, second.size);
  assert_memory_equal(first.data, second.data, first.size);
  sluice_buffer_free(&first);
  sluice_buffer_free(&second);
  sluice_array_release(&copy);
  sluice_array_release(&array);
  sluice_array_release(&whole);
  sluice_schema_release(&again);
  sluice_schema_release(&plain);
  sluice_schema_release(&schema);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(formats),
      cmocka_unit_test(dictionaries),
      cmocka_unit_test(all_types_there_and_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
