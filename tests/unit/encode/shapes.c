/* The shapes of an output beside lines: bare objects, and Arrow streams. */
#include "sample.h"
#include <string.h>

static void numbers(struct column *record, struct column *column, int64_t n, const int64_t *values) {
  column_set(column, "l", "a", n, 2, NULL, values);
  record_set(record, n, 1, column);
}

static void test_json_has_no_line_ends(void **state) {
  static const int64_t values[] = {1, 22, 333};
  struct column column, record;
  struct sluice_encoded out;
  void *encoder = NULL;
  (void)state;
  numbers(&record, &column, 3, values);
  struct sluice_batch batch = {.struct_size = sizeof batch, .array = record.array};
  assert_int_equal(encode_service()->open("json", NULL, &record.schema, &encoder, NULL), SLUICE_OK);
  assert_int_equal(encode_service()->encode(encoder, &batch, 0, 3, NULL, &out, NULL), SLUICE_OK);
  assert_int_equal(out.size, strlen("{\"a\":1}{\"a\":22}{\"a\":333}"));
  assert_memory_equal(out.data, "{\"a\":1}{\"a\":22}{\"a\":333}", out.size);
  assert_int_equal(out.ends[0], 7);
  assert_int_equal(out.ends[1], 15);
  assert_int_equal(out.ends[2], 24);
  encode_service()->close(encoder);
}

static int append(void *context, const void *bytes, size_t n, struct sluice_error *err) {
  (void)err;
  return sluice_buffer_append(context, bytes, n);
}

/* What the stream writer gives for records that stand alone. */
static void write_alone(const struct column *record, struct sluice_buffer *out) {
  struct sluice_ipc_writer *writer = NULL;
  assert_int_equal(sluice_ipc_create(&record->schema, append, out, &writer, NULL), SLUICE_OK);
  assert_int_equal(sluice_ipc_write(writer, &record->array, NULL), SLUICE_OK);
  assert_int_equal(sluice_ipc_finish(writer, NULL), SLUICE_OK);
  sluice_ipc_destroy(writer);
}

static void test_arrow_is_a_stream_of_the_range(void **state) {
  static const int64_t values[] = {1, 22, 333, 4444};
  struct column all, all_record, some, some_record;
  struct sluice_buffer alone = {0};
  struct sluice_encoded out;
  void *encoder = NULL;
  (void)state;
  numbers(&all_record, &all, 4, values);
  numbers(&some_record, &some, 2, values + 1);
  write_alone(&some_record, &alone);
  struct sluice_batch batch = {.struct_size = sizeof batch, .array = all_record.array};
  assert_int_equal(encode_service()->open("arrow", NULL, &all_record.schema, &encoder, NULL), SLUICE_OK);
  for (int i = 0; i < 2; i++) { /* each call gives a whole stream */
    assert_int_equal(encode_service()->encode(encoder, &batch, 1, 3, NULL, &out, NULL), SLUICE_OK);
    assert_int_equal(out.rows, 2);
    assert_null(out.ends);
    assert_int_equal(out.size, alone.size);
    assert_memory_equal(out.data, alone.data, alone.size);
  }
  assert_int_equal(encode_service()->encode(encoder, &batch, 0, 0, NULL, &out, NULL), SLUICE_OK);
  assert_true(out.size > 0 && out.rows == 0); /* the schema alone */
  encode_service()->close(encoder);
  sluice_buffer_free(&alone);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_json_has_no_line_ends),
                                     cmocka_unit_test(test_arrow_is_a_stream_of_the_range)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
