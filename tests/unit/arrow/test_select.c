/* Filter, concat, nulls, and the weight of arrays. Two ways to the same rows must give the same stream. */
#include "check.h"

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

static int collect(void *context, const void *bytes, size_t n, struct sluice_error *err) {
  (void)err;
  return sluice_buffer_append(context, bytes, n);
}

/* The bytes of an array in a form that does not depend on how it lies in memory: rebuilt row by row, then as a stream.
 */
static void canonical(const struct ArrowArray *array, struct sluice_buffer *out) {
  struct ArrowArray rebuilt = {0};
  struct sluice_ipc_writer *writer = NULL;
  uint8_t *keep = malloc((size_t)array->length + 1);
  assert_non_null(keep);
  memset(keep, 1, (size_t)array->length);
  assert_ok(sluice_array_filter(&schema, array, keep, &rebuilt, NULL));
  assert_ok(sluice_ipc_create(&schema, collect, out, &writer, NULL));
  assert_ok(sluice_ipc_write(writer, &rebuilt, NULL));
  sluice_ipc_destroy(writer);
  sluice_array_release(&rebuilt);
  free(keep);
}

static void expect_same(const struct ArrowArray *a, const struct ArrowArray *b) {
  struct sluice_buffer x = {0}, y = {0};
  struct sluice_error err = {0};
  int status = sluice_array_validate(&schema, a, SLUICE_CHECK_FULL, &err);
  if (status != SLUICE_OK)
    fail_msg("%s: %s", err.where, err.message);
  canonical(a, &x);
  canonical(b, &y);
  assert_int_equal(x.size, y.size);
  assert_memory_equal(x.data, y.data, x.size);
  sluice_buffer_free(&x);
  sluice_buffer_free(&y);
}

static void make_slice(struct ArrowArray *array, int64_t offset, int64_t length, struct ArrowArray *out) {
  assert_ok(sluice_array_slice(array, offset, length, out));
}

static void kept_rows_in_a_piece_are_a_slice(void **state) {
  (void)state;
  struct ArrowArray array = {0}, slice = {0}, filtered = {0};
  uint8_t keep[50] = {0};
  assert_ok(sample_array(&schema, 50, &array, NULL));
  assert_ok(sluice_array_share(&array));
  make_slice(&array, 11, 30, &slice);
  memset(keep + 11, 1, 30);
  assert_ok(sluice_array_filter(&schema, &array, keep, &filtered, NULL));
  assert_int_equal(filtered.length, 30);
  expect_same(&filtered, &slice);
  sluice_array_release(&filtered);
  sluice_array_release(&slice);
  sluice_array_release(&array);
}

static void scattered_rows_are_the_same_from_a_slice(void **state) {
  (void)state;
  struct ArrowArray array = {0}, slice = {0}, a = {0}, b = {0};
  uint8_t keep[50] = {0};
  assert_ok(sample_array(&schema, 50, &array, NULL));
  assert_ok(sluice_array_share(&array));
  make_slice(&array, 9, 41, &slice);
  for (int i = 9; i < 50; i++)
    keep[i] = next_random() % 3 == 0;
  assert_ok(sluice_array_filter(&schema, &array, keep, &a, NULL));
  assert_ok(sluice_array_filter(&schema, &slice, keep + 9, &b, NULL));
  expect_same(&a, &b);
  sluice_array_release(&a);
  sluice_array_release(&b);
  sluice_array_release(&slice);
  sluice_array_release(&array);
}

static void pieces_joined_are_the_whole(void **state) {
  (void)state;
  struct ArrowArray array = {0}, parts[4] = {{0}}, joined = {0};
  const struct ArrowArray *list[4];
  static const int64_t at[] = {0, 1, 18, 18, 60};
  assert_ok(sample_array(&schema, 60, &array, NULL));
  assert_ok(sluice_array_share(&array));
  for (int i = 0; i < 4; i++) {
    make_slice(&array, at[i], at[i + 1] - at[i], &parts[i]);
    list[i] = &parts[i];
  }
  assert_ok(sluice_array_concat(&schema, list, 4, &joined, NULL));
  expect_same(&joined, &array);
  for (int i = 0; i < 4; i++)
    sluice_array_release(&parts[i]);
  sluice_array_release(&joined);
  sluice_array_release(&array);
}

static void different_dictionaries_are_refused(void **state) {
  (void)state;
  struct ArrowArray a = {0}, b = {0}, joined = {0};
  struct sluice_error err = {0};
  const struct ArrowArray *const list[] = {&a, &b};
  assert_ok(sample_array(&schema, 5, &a, NULL));
  assert_ok(sample_array(&schema, 5, &b, NULL));
  assert_int_equal(sluice_array_concat(&schema, list, 2, &joined, &err), SLUICE_ERR_UNSUPPORTED);
  assert_null(joined.release);
  sluice_array_release(&a);
  sluice_array_release(&b);
  assert_ok(sluice_array_concat(&schema, NULL, 0, &joined, NULL));
  assert_int_equal(joined.length, 0);
  sluice_array_release(&joined);
}

static void nulls_of_every_type(void **state) {
  (void)state;
  struct ArrowArray array = {0};
  struct sluice_error err = {0};
  assert_ok(sluice_array_nulls(&schema, 21, &array));
  int status = sluice_array_validate(&schema, &array, SLUICE_CHECK_FULL, &err);
  if (status != SLUICE_OK)
    fail_msg("%s: %s", err.where, err.message);
  assert_int_equal(array.null_count, 21);
  assert_true(sluice_is_null(&array, 20));
  sluice_array_release(&array);
  assert_int_equal(sluice_array_nulls(&schema, INT64_MAX, &array), SLUICE_ERR_MEMORY);
  assert_int_equal(sluice_array_nulls(&schema, -1, &array), SLUICE_ERR_BUG);
}

static void weights(void **state) {
  (void)state;
  static const char *const texts[] = {"abc", NULL, "", "a long text that is no inline view"};
  static const struct {
    const char *format;
    int64_t bytes;
  } wanted[] = {{"u", 1 + 16 + 37}, {"Z", 1 + 32 + 37}, {"vu", 1 + 64 + 34}};
  for (size_t i = 0; i < 3; i++) {
    struct ArrowSchema column = {0};
    struct ArrowArray array = {0};
    make_texts(wanted[i].format, texts, 4, &column, &array);
    assert_int_equal(sluice_array_bytes(&column, &array), wanted[i].bytes);
    sluice_array_release(&array);
    sluice_schema_release(&column);
  }
  struct ArrowArray all = {0}, half = {0};
  assert_ok(sample_array(&schema, 40, &all, NULL));
  assert_ok(sluice_array_share(&all));
  make_slice(&all, 20, 20, &half);
  assert_true(sluice_array_bytes(&schema, &half) < sluice_array_bytes(&schema, &all));
  sluice_array_release(&half);
  sluice_array_release(&all);
}

/* Rows are told by what they refer to: a dictionary's texts, and list views' items, as often as they have them. */
static void rows_that_share_weigh_each(void **state) {
  (void)state;
  static const char long_text[] = "a text of the length of forty characters";
  static const char *const texts[] = {long_text, long_text, NULL, long_text, long_text, "short", long_text, long_text};
  struct ArrowSchema plain = {0}, packed = {0};
  struct ArrowArray array = {0}, encoded = {0};
  make_texts("u", texts, 8, &plain, &array);
  assert_ok(sample_dictionary(&packed, "c", "u", "column"));
  assert_ok(sluice_cast(&plain, &array, &packed, NULL, NULL, &encoded, NULL));
  assert_int_equal(sluice_array_rows_within(&packed, &encoded, 0, 8, 1000), 8);
  assert_int_equal(sluice_array_rows_within(&packed, &encoded, 0, 8, 90), 3); /* the null weighs nothing */
  assert_int_equal(sluice_array_rows_within(&packed, &encoded, 3, 5, 90), 3);
  assert_int_equal(sluice_array_rows_within(&packed, &encoded, 0, 8, 10), 1);
  sluice_array_release(&encoded);
  sluice_schema_release(&packed);
  sluice_array_release(&array);
  sluice_schema_release(&plain);
  const int32_t offsets[6] = {0}, sizes[6] = {10, 10, 10, 10, 10, 10};
  const int64_t items[10] = {0};
  const void *list_buffers[] = {NULL, offsets, sizes}, *item_buffers[] = {NULL, items};
  struct ArrowArray item = {.length = 10, .n_buffers = 2, .buffers = item_buffers}, *children[] = {&item};
  const struct ArrowArray list = {
      .length = 6, .n_buffers = 3, .n_children = 1, .buffers = list_buffers, .children = children};
  struct ArrowSchema value = {.format = "l", .name = "item"}, *fields[] = {&value};
  const struct ArrowSchema view = {.format = "+vl", .name = "", .n_children = 1, .children = fields};
  assert_int_equal(sluice_array_rows_within(&view, &list, 0, 6, 1000), 6);
  assert_int_equal(sluice_array_rows_within(&view, &list, 0, 6, 200), 3); /* 80 bytes once, and 160 for two more */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(kept_rows_in_a_piece_are_a_slice),
      cmocka_unit_test(scattered_rows_are_the_same_from_a_slice),
      cmocka_unit_test(pieces_joined_are_the_whole),
      cmocka_unit_test(different_dictionaries_are_refused),
      cmocka_unit_test(nulls_of_every_type),
      cmocka_unit_test(weights),
      cmocka_unit_test(rows_that_share_weigh_each),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
