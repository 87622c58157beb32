/* What slices cost in a stream: columns whose rows point into what they share carry only what their rows point to. */
#include "cmocka_all.h"

#include "compare.h"
#include "rewrite.h"
#include <stdlib.h>

enum { ROWS = 2000, SLICE = 20 };

static void init(struct ArrowSchema *schema, const char *format, const char *name) {
  assert_int_equal(sluice_schema_init(schema, format, name, ARROW_FLAG_NULLABLE), SLUICE_OK);
}

static void make_schema(struct ArrowSchema *schema) {
  assert_int_equal(sluice_schema_nested(schema, "+s", "", 0, 3), SLUICE_OK);
  init(schema->children[0], "vu", "view");
  assert_int_equal(sluice_schema_nested(schema->children[1], "+vl", "list", ARROW_FLAG_NULLABLE, 1), SLUICE_OK);
  init(schema->children[1]->children[0], "l", "item");
  assert_int_equal(sluice_schema_nested(schema->children[2], "+ud:5,0", "union", 0, 2), SLUICE_OK);
  init(schema->children[2]->children[0], "l", "number");
  init(schema->children[2]->children[1], "u", "text");
}

static int put_row(struct sluice_builder *b, int64_t row) {
  struct sluice_builder *view = sluice_builder_child(b, 0), *list = sluice_builder_child(b, 1);
  struct sluice_builder *choice = sluice_builder_child(b, 2);
  char text[101];
  snprintf(text, sizeof text, "%0100lld", (long long)row);
  int rc = row % 7 ? sluice_builder_bytes(view, text, 100) : sluice_builder_null(view);
  for (int64_t i = 0; rc == SLUICE_OK && i < row % 10; i++)
    rc = sluice_builder_int(sluice_builder_child(list, 0), row * i);
  if (rc == SLUICE_OK)
    rc = sluice_builder_end(list);
  if (rc == SLUICE_OK)
    rc = row % 3 ? sluice_builder_int(sluice_builder_child(choice, 0), row)
                 : sluice_builder_bytes(sluice_builder_child(choice, 1), text, 50);
  if (rc == SLUICE_OK)
    rc = sluice_builder_union(choice, row % 3 ? 0 : 1);
  return rc == SLUICE_OK ? sluice_builder_end(b) : rc;
}

static void make_stream(struct sluice_buffer *out) {
  struct ArrowSchema schema = {0};
  struct ArrowArray array = {0};
  const struct ArrowArray *batches[] = {&array};
  struct sluice_builder *b = NULL;
  make_schema(&schema);
  assert_int_equal(sluice_builder_create(&schema, &b, NULL), SLUICE_OK);
  for (int64_t row = 0; row < ROWS; row++)
    assert_int_equal(put_row(b, row), SLUICE_OK);
  assert_int_equal(sluice_builder_finish(b, &array, NULL), SLUICE_OK);
  assert_int_equal(write_stream(&schema, batches, 1, out, NULL), SLUICE_OK);
  sluice_builder_destroy(b);
  array.release(&array);
  schema.release(&schema);
}

static void slices_carry_only_their_own(void **state) {
  struct sluice_buffer whole = {0}, sliced = {0};
  struct sluice_error err = {0};
  struct side a, b = {0};
  char difference[2048] = "";
  int64_t rows = 0;
  (void)state;
  make_stream(&whole);
  assert_int_equal(rewrite(whole.data, whole.size, SLICE, &sliced, &err), SLUICE_OK);
  assert_in_range(sliced.size, whole.size, 3 * whole.size); /* heads and padding, but not 100 times all of it */
  assert_int_equal(side_open(&a, "whole", whole.data, whole.size, NULL, &err), SLUICE_OK);
  assert_int_equal(side_open(&b, "sliced", sliced.data, sliced.size, NULL, &err), SLUICE_OK);
  int rc = compare_sides(&a, &b, VALUES_METADATA | VALUES_NULLABILITY, difference, sizeof difference, &rows, &err);
  assert_string_equal(difference, "");
  assert_int_equal(rc, SLUICE_OK);
  assert_int_equal(rows, ROWS);
  assert_int_equal(b.batches, ROWS / SLICE);
  side_close(&a);
  side_close(&b);
  sluice_buffer_free(&whole);
  sluice_buffer_free(&sliced);
}

/* A comparison that finds nothing would prove nothing. */
static void the_comparison_finds_one_changed_value(void **state) {
  struct sluice_buffer stream = {0};
  struct sluice_error err = {0};
  struct side a, b = {0};
  char difference[2048] = "";
  int64_t rows = 0;
  (void)state;
  make_stream(&stream);
  uint8_t *other = malloc(stream.size);
  assert_non_null(other);
  memcpy(other, stream.data, stream.size);
  static const char last[] = "0000001999";
  size_t at = stream.size - 10;
  while (memcmp(other + at, last, 10) != 0)
    at--;
  other[at + 9] = '8';
  assert_int_equal(side_open(&a, "one", stream.data, stream.size, NULL, &err), SLUICE_OK);
  assert_int_equal(side_open(&b, "other", other, stream.size, NULL, &err), SLUICE_OK);
  assert_int_equal(compare_sides(&a, &b, 0, difference, sizeof difference, &rows, &err), SLUICE_END);
  assert_non_null(strstr(difference, "row 1999, column 'view'"));
  side_close(&a);
  side_close(&b);
  free(other);
  sluice_buffer_free(&stream);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(slices_carry_only_their_own),
                                     cmocka_unit_test(the_comparison_finds_one_changed_value)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
