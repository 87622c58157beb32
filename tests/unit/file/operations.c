/* sink-file and operations: a member of each record, or refused. */
#include "sink_fixture.h"
#include <stdlib.h>

static int open_with(const char *column, void **sink, struct sluice_error *err) {
  static struct sink_config config; /* borrowed until close */
  config = (struct sink_config){.path = fixture_path("out"), .operation_column = column, .sync = 1};
  return sink_component()->open(&fixture_host, &config, sink, err);
}

static void test_without_a_column(void **state) {
  struct sluice_writer *writer = NULL;
  void *sink = NULL;
  (void)state;
  for (int op = SLUICE_OP_INSERT; op <= SLUICE_OP_DELETE; op++) {
    struct sluice_error err = {0};
    assert_int_equal(open_with(NULL, &sink, &err), SLUICE_OK);
    assert_int_equal(sink_new_writer(sink, &writer, &err), SLUICE_OK);
    int rc = sink_put_op(writer, "a", 0, 2, (uint8_t)op, &err);
    assert_int_equal(rc, op == SLUICE_OP_INSERT ? SLUICE_OK : SLUICE_ERR_UNSUPPORTED);
    if (rc != SLUICE_OK)
      assert_non_null(strstr(err.message, "operation_column"));
    writer->release(writer);
    sink_component()->close(sink);
  }
}

static void test_a_member(void **state) {
  struct sluice_writer *writer = NULL;
  struct sluice_error err = {0};
  void *sink = NULL;
  (void)state;
  assert_int_equal(open_with("op", &sink, &err), SLUICE_OK);
  assert_int_equal(sink_new_writer(sink, &writer, &err), SLUICE_OK);
  assert_int_equal(sink_put(writer, "a", 0, 1, &err), SLUICE_OK);
  for (int op = SLUICE_OP_INSERT; op <= SLUICE_OP_DELETE; op++)
    assert_int_equal(sink_put_op(writer, "a", 1 + op, 1, (uint8_t)op, &err), SLUICE_OK);
  assert_int_equal(writer->flush(writer, &err), SLUICE_OK);
  assert_int_equal(sink_committed(sink, "a"), 4);
  writer->release(writer);
  sink_component()->close(sink);
  char *text = fixture_read("out", NULL);
  assert_string_equal(text, "{\"u\":\"a\",\"n\":0,\"op\":\"insert\"}\n{\"u\":\"a\",\"n\":1,\"op\":\"insert\"}\n"
                            "{\"u\":\"a\",\"n\":2,\"op\":\"update\"}\n{\"u\":\"a\",\"n\":3,\"op\":\"delete\"}\n");
  free(text);
}

static void test_names(void **state) {
  struct sluice_writer *writer = NULL;
  void *sink = NULL;
  const char *const bad[] = {"", "a\"b", "a\\b", "a\nb", "\xc3\xa9"};
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    struct sluice_error err = {0};
    assert_int_equal(open_with(bad[i], &sink, &err), SLUICE_ERR_CONFIG);
    assert_string_equal(err.where, "operation_column");
  }
  struct sluice_error err = {0};
  assert_int_equal(open_with("n", &sink, &err), SLUICE_OK);
  assert_int_equal(sink_new_writer(sink, &writer, &err), SLUICE_ERR_CONFIG);
  assert_non_null(strstr(err.message, "already"));
  sink_component()->close(sink);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_remove)
int main(void) {
  const struct CMUnitTest tests[] = {TEST(test_without_a_column), TEST(test_a_member), TEST(test_names)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
