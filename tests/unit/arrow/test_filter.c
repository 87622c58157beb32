/* Filters against a plain twin: the same rows, sliced out one by one and joined. All types, random masks. */
#include "check.h"

enum { ROWS = 150, MASKS = 12 };

static int collect(void *context, const void *bytes, size_t n, struct sluice_error *err) {
  (void)err;
  return sluice_buffer_append(context, bytes, n);
}

/* The marked rows of an array that is shared, one by one. */
static void join_rows(const struct ArrowSchema *schema, struct ArrowArray *array, const uint8_t *keep,
                      struct ArrowArray *out) {
  struct ArrowArray *rows = calloc((size_t)array->length + 1, sizeof *rows);
  const struct ArrowArray **list = calloc((size_t)array->length + 1, sizeof *list);
  int64_t n = 0;
  assert_true(rows && list);
  for (int64_t i = 0; i < array->length; i++)
    if (!keep || keep[i]) {
      assert_ok(sluice_array_slice(array, i, 1, &rows[n]));
      list[n] = &rows[n];
      n++;
    }
  assert_ok(sluice_array_concat(schema, list, n, out, NULL));
  for (int64_t i = 0; i < n; i++)
    sluice_array_release(&rows[i]);
  free(rows);
  free(list);
}

/* Its bytes as a stream of one column; takes the array. */
static void to_stream(const struct ArrowSchema *schema, struct ArrowArray *array, struct sluice_buffer *out) {
  struct sluice_ipc_writer *writer = NULL;
  struct sluice_buffer validity = {0};
  struct ArrowSchema record = {0};
  struct ArrowArray batch = {0};
  assert_ok(sluice_schema_nested(&record, "+s", "", 0, 1));
  assert_ok(sluice_schema_copy(schema, record.children[0]));
  assert_ok(sluice_array_adopt(&batch, array->length, 0, &validity, 1, array, 1, NULL));
  assert_ok(sluice_ipc_create(&record, collect, out, &writer, NULL));
  assert_ok(sluice_ipc_write(writer, &batch, NULL));
  sluice_ipc_destroy(writer);
  sluice_array_release(&batch);
  sluice_schema_release(&record);
}

/* The same rows make the same stream, where an empty list of rows has dictionaries of its own. */
static void expect_twin(const struct ArrowSchema *schema, struct ArrowArray *array, const uint8_t *keep,
                        const char *what) {
  struct ArrowArray filtered = {0}, again = {0}, twin = {0};
  struct sluice_buffer x = {0}, y = {0};
  struct sluice_error err = {0};
  assert_ok(sluice_array_filter(schema, array, keep, &filtered, NULL));
  if (sluice_array_validate(schema, &filtered, SLUICE_CHECK_FULL, &err) != SLUICE_OK)
    fail_msg("%s: %s: %s", what, err.where, err.message);
  join_rows(schema, array, keep, &twin);
  assert_int_equal(filtered.length, twin.length);
  assert_int_equal(filtered.null_count, twin.null_count);
  if (filtered.length == 0) {
    sluice_array_release(&filtered);
    sluice_array_release(&twin);
    return;
  }
  assert_ok(sluice_array_share(&filtered));
  join_rows(schema, &filtered, NULL, &again);
  sluice_array_release(&filtered);
  to_stream(schema, &again, &x);
  to_stream(schema, &twin, &y);
  if (x.size != y.size || memcmp(x.data, y.data, x.size) != 0)
    fail_msg("%s: the filter and its twin differ", what);
  sluice_buffer_free(&x);
  sluice_buffer_free(&y);
}

/* None, all, one of some rows, long runs, all but some; marks are any number but 0. */
static void make_mask(int kind, uint8_t *keep, int64_t n) {
  uint8_t run = 0;
  for (int64_t i = 0; i < n; i++) {
    uint64_t random = next_random() >> 11;
    run ^= random % 40 == 0;
    uint8_t marks[MASKS] = {0,   1,      random % 2 == 0, random % 17 == 0, random % 5 != 0,  run,
                            run, i == 0, i == n - 1,      i % 2 == 0,       i >= 8 && i < 16, random % 30 != 0};
    keep[i] = marks[kind] ? (uint8_t)(1 + random % 255) : 0;
  }
}

static void expect_twins(const struct ArrowSchema *schema, struct ArrowArray *array) {
  static const int64_t begins[] = {0, 1, 13};
  uint8_t keep[ROWS];
  assert_ok(sluice_array_share(array));
  for (size_t k = 0; k < sizeof begins / sizeof *begins; k++)
    for (int kind = 0; kind < MASKS; kind++) {
      struct ArrowArray slice = {0};
      char what[128];
      assert_ok(sluice_array_slice(array, begins[k], array->length - 2 * begins[k], &slice));
      make_mask(kind, keep, slice.length);
      snprintf(what, sizeof what, "%s, from %d, mask %d", schema->format, (int)begins[k], kind);
      expect_twin(schema, &slice, keep, what);
      sluice_array_release(&slice);
    }
}

/* Each column by itself, and all as a batch; slices of both, so that there are offsets in all depths. */
static void all_types(const struct ArrowSchema *schema) {
  struct ArrowArray all = {0};
  assert_ok(sample_array(schema, ROWS, &all, NULL));
  expect_twins(schema, &all);
  for (int64_t i = 0; i < schema->n_children; i++) {
    struct ArrowArray column = {0};
    assert_ok(sluice_array_slice(all.children[i], 0, all.children[i]->length, &column));
    expect_twins(schema->children[i], &column);
    sluice_array_release(&column);
  }
  sluice_array_release(&all);
}

static void all_types_with_nulls(void **state) {
  struct ArrowSchema schema;
  (void)state;
  assert_ok(sample_schema(&schema, false));
  all_types(&schema);
  sluice_schema_release(&schema);
}

static void forbid_nulls(struct ArrowSchema *schema) {
  schema->flags &= ~(int64_t)ARROW_FLAG_NULLABLE;
  for (int64_t i = 0; i < schema->n_children; i++)
    forbid_nulls(schema->children[i]);
  if (schema->dictionary)
    forbid_nulls(schema->dictionary);
}

static void all_types_without_nulls(void **state) {
  struct ArrowSchema schema;
  (void)state;
  assert_ok(sample_schema(&schema, false));
  forbid_nulls(&schema);
  schema.children[0]->flags = ARROW_FLAG_NULLABLE; /* nothing but nulls */
  all_types(&schema);
  sluice_schema_release(&schema);
}

/* Lists of few and of many items, of texts of all sizes. */
static void lists_of_any_length(void **state) {
  static const char *const formats[] = {"+l", "+L", "+vl"}, *const texts[] = {"u", "U", "vu"};
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";
  (void)state;
  for (int kind = 0; kind < 6; kind++) {
    struct ArrowSchema schema = {0};
    struct ArrowArray array = {0};
    struct sluice_builder *b = NULL;
    assert_ok(sluice_schema_nested(&schema, formats[kind % 3], "lists", ARROW_FLAG_NULLABLE, 1));
    assert_ok(sluice_schema_init(schema.children[0], texts[kind % 3], "item", ARROW_FLAG_NULLABLE));
    assert_ok(sluice_builder_create(&schema, &b, NULL));
    for (int i = 0; i < ROWS; i++) {
      for (uint64_t k = next_random() % (kind < 3 ? 4 : 40); k > 0; k--)
        assert_ok(k % 7 == 3 ? sluice_builder_null(sluice_builder_child(b, 0))
                             : sluice_builder_bytes(sluice_builder_child(b, 0), letters, next_random() % 40));
      assert_ok(sluice_builder_end(b));
    }
    assert_ok(sluice_builder_finish(b, &array, NULL));
    sluice_builder_destroy(b);
    expect_twins(&schema, &array);
    sluice_array_release(&array);
    sluice_schema_release(&schema);
  }
}

/* What lies behind a short text in its view, or below a null, does not go on. */
static void junk_in_views_is_left_behind(void **state) {
  static const char *const texts[] = {"abc", NULL, "a text that is no inline view", "", "twelve bytes", "x"};
  struct ArrowSchema schema;
  struct ArrowArray array, out;
  uint8_t keep[] = {1, 1, 0, 1, 1, 1};
  (void)state;
  make_texts("vu", texts, 6, &schema, &array);
  uint8_t *views = (uint8_t *)(uintptr_t)array.buffers[1];
  memset(views + 7, 0xee, 9);
  memset(views + 16, 0xee, 16);
  assert_ok(sluice_array_filter(&schema, &array, keep, &out, NULL));
  static const uint8_t wanted[32] = {3, 0, 0, 0, 'a', 'b', 'c'};
  assert_memory_equal(out.buffers[1], wanted, sizeof wanted);
  assert_int_equal(out.length, 5);
  assert_int_equal(out.null_count, 1);
  sluice_array_release(&out);
  sluice_array_release(&array);
  sluice_schema_release(&schema);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_types_with_nulls),
      cmocka_unit_test(all_types_without_nulls),
      cmocka_unit_test(lists_of_any_length),
      cmocka_unit_test(junk_in_views_is_left_behind),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
