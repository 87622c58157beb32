/* Buffers, adopting, and builders. */
#include "check.h"

static void buffers_grow_up_to_their_limit(void **state) {
  (void)state;
  struct sluice_buffer buffer = {.limit = 100};
  for (int i = 0; i < 10; i++)
    assert_ok(sluice_buffer_append(&buffer, "0123456789", 10));
  assert_int_equal(buffer.size, 100);
  assert_int_equal((uintptr_t)buffer.data % 64, 0);
  assert_int_equal(sluice_buffer_append(&buffer, "x", 1), SLUICE_ERR_MEMORY);
  assert_int_equal(sluice_buffer_reserve(&buffer, SIZE_MAX), SLUICE_ERR_MEMORY);
  assert_memory_equal(buffer.data + 90, "0123456789", 10);
  sluice_buffer_free(&buffer);
  assert_null(buffer.data);
  assert_int_equal(sluice_buffer_reserve(&buffer, (size_t)1 << 31), SLUICE_ERR_MEMORY);
  assert_ok(sluice_buffer_append(&buffer, NULL, 0));
  sluice_buffer_free(&buffer);
}

static void adopted_buffers_are_owned(void **state) {
  (void)state;
  struct sluice_buffer buffers[2] = {{0}};
  struct ArrowArray array = {0};
  int32_t value = 17;
  assert_ok(sluice_buffer_append(&buffers[1], &value, sizeof value));
  assert_int_equal(sluice_array_adopt(&array, 1, 0, buffers, -1, NULL, 0, NULL), SLUICE_ERR_BUG);
  assert_ok(sluice_array_adopt(&array, 1, 0, buffers, 2, NULL, 0, NULL));
  assert_null(buffers[1].data);
  assert_null(array.buffers[0]);
  assert_int_equal(((const int32_t *)array.buffers[1])[0], 17);
  sluice_array_release(&array);
  assert_null(array.release);
  sluice_array_release(&array);
}

static struct sluice_builder *builder_of(const char *format) {
  struct ArrowSchema schema = {0};
  struct sluice_builder *b = NULL;
  assert_ok(sample_field(&schema, format, "x"));
  assert_ok(sluice_builder_create(&schema, &b, NULL));
  sluice_schema_release(&schema);
  return b;
}

static void values_out_of_range_change_nothing(void **state) {
  (void)state;
  static const struct {
    const char *format;
    int64_t low, high;
  } ranges[] = {{"b", 0, 1},
                {"c", -128, 127},
                {"C", 0, 255},
                {"s", INT16_MIN, INT16_MAX},
                {"S", 0, UINT16_MAX},
                {"i", INT32_MIN, INT32_MAX},
                {"I", 0, UINT32_MAX},
                {"tdD", INT32_MIN, INT32_MAX},
                {"tts", INT32_MIN, INT32_MAX},
                {"tiM", INT32_MIN, INT32_MAX}};
  for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
    struct sluice_builder *b = builder_of(ranges[i].format);
    assert_ok(sluice_builder_int(b, ranges[i].low));
    assert_ok(sluice_builder_int(b, ranges[i].high));
    assert_int_equal(sluice_builder_int(b, ranges[i].low - 1), SLUICE_ERR_DATA);
    assert_int_equal(sluice_builder_int(b, ranges[i].high + 1), SLUICE_ERR_DATA);
    assert_int_equal(sluice_builder_uint(b, UINT64_MAX), SLUICE_ERR_DATA);
    assert_int_equal(sluice_builder_length(b), 2);
    sluice_builder_destroy(b);
  }
}

static void wrong_calls_are_bugs(void **state) {
  (void)state;
  struct sluice_builder *b = builder_of("u");
  assert_int_equal(sluice_builder_int(b, 1), SLUICE_ERR_BUG);
  assert_int_equal(sluice_builder_uint(b, UINT64_MAX), SLUICE_ERR_BUG);
  assert_int_equal(sluice_builder_double(b, 1), SLUICE_ERR_BUG);
  assert_int_equal(sluice_builder_end(b), SLUICE_ERR_BUG);
  assert_int_equal(sluice_builder_union(b, 0), SLUICE_ERR_BUG);
  assert_int_equal(sluice_builder_run(b, 1), SLUICE_ERR_BUG);
  assert_null(sluice_builder_child(b, 0));
  sluice_builder_destroy(b);
  b = builder_of("w:3");
  assert_int_equal(sluice_builder_bytes(b, "four", 4), SLUICE_ERR_DATA);
  sluice_builder_destroy(b);
  b = builder_of("+s");
  assert_int_equal(sluice_builder_end(b), SLUICE_ERR_BUG);
  assert_ok(sluice_builder_int(sluice_builder_child(b, 0), 1));
  assert_int_equal(sluice_builder_end(b), SLUICE_ERR_BUG);
  assert_int_equal(sluice_builder_length(b), 0);
  sluice_builder_destroy(b);
  sluice_builder_destroy(NULL);
}

static void uneven_children_are_seen_at_the_end(void **state) {
  (void)state;
  struct sluice_builder *b = builder_of("+s");
  struct sluice_error err = {0};
  struct ArrowArray array = {0};
  assert_ok(sluice_builder_int(sluice_builder_child(b, 0), 1));
  assert_int_equal(sluice_builder_finish(b, &array, &err), SLUICE_ERR_DATA);
  assert_non_null(strstr(err.message, "child 0 has 1 values"));
  sluice_builder_destroy(b);
}

/* Values of every type, built, pass the full check, and again with the same builder. */
static void all_types_build_sound_arrays(void **state) {
  (void)state;
  struct ArrowSchema schema = {0};
  struct sluice_error err = {0};
  assert_ok(sample_schema(&schema, false));
  for (int64_t rows = 0; rows < 70; rows += 23) {
    struct ArrowArray array = {0};
    assert_ok(sample_array(&schema, rows, &array, &err));
    int status = sluice_array_validate(&schema, &array, SLUICE_CHECK_FULL, &err);
    if (status != SLUICE_OK)
      fail_msg("%s: %s", err.where, err.message);
    assert_int_equal(array.length, rows);
    sluice_array_release(&array);
  }
  sluice_schema_release(&schema);
}

static void a_builder_goes_on_after_finish(void **state) {
  (void)state;
  struct sluice_builder *b = builder_of("u");
  for (int round = 0; round < 2; round++) {
    struct ArrowArray array = {0};
    char room[32];
    assert_ok(sluice_builder_bytes(b, "one", 3));
    assert_ok(sluice_builder_null(b));
    assert_ok(sluice_builder_bytes(b, "", 0));
    assert_ok(sluice_builder_finish(b, &array, NULL));
    assert_int_equal(array.length, 3);
    assert_int_equal(array.null_count, 1);
    assert_string_equal(text_at(&array, 0, room, sizeof room), "one");
    assert_string_equal(text_at(&array, 1, room, sizeof room), "NULL");
    assert_string_equal(text_at(&array, 2, room, sizeof room), "");
    sluice_array_release(&array);
  }
  sluice_builder_destroy(b);
}

static void expect_half(double value, uint16_t wanted) {
  struct sluice_builder *b = builder_of("e");
  struct ArrowArray array = {0};
  assert_ok(sluice_builder_double(b, value));
  assert_ok(sluice_builder_finish(b, &array, NULL));
  assert_int_equal(((const uint16_t *)array.buffers[1])[0], wanted);
  sluice_array_release(&array);
  sluice_builder_destroy(b);
}

static void halves_round_to_the_nearest(void **state) {
  (void)state;
  expect_half(1, 0x3c00);
  expect_half(-2, 0xc000);
  expect_half(65504, 0x7bff);
  expect_half(65519, 0x7bff);
  expect_half(65520, 0x7c00);
  expect_half(0x1p-24, 0x0001);
  expect_half(0x1p-25, 0x0000);
  expect_half(0x1.8p-25, 0x0001);
  expect_half(0x1.ff8p-15, 0x03ff);
  expect_half(0x1.ffcp-15, 0x0400);
  expect_half(0x1.ffep-15, 0x0400);
  expect_half(1 + 0x1p-11, 0x3c00);
  expect_half(1 + 0x3p-11, 0x3c02);
  expect_half(-0.0, 0x8000);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(buffers_grow_up_to_their_limit),      cmocka_unit_test(adopted_buffers_are_owned),
      cmocka_unit_test(values_out_of_range_change_nothing),  cmocka_unit_test(wrong_calls_are_bugs),
      cmocka_unit_test(uneven_children_are_seen_at_the_end), cmocka_unit_test(all_types_build_sound_arrays),
      cmocka_unit_test(a_builder_goes_on_after_finish),      cmocka_unit_test(halves_round_to_the_nearest),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
