/* Filters on records: columns in structs, nulls above them, slices, columns that are not there, failing allocations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above first */
#include "core/config/where.h"
#include "core/filter/filter.h"
#include <cmocka.h>
#include <failing.h>
#include <stdlib.h>

static struct ArrowSchema schema;
static struct ArrowArray batch;

/* id 0 to 9; s is null where id % 4 == 3, else s.x is id, or null where id % 3 == 0. */
static int setup(void **state) {
  struct sluice_builder *b;
  (void)state;
  assert_int_equal(sluice_schema_nested(&schema, "+s", "", 0, 2), SLUICE_OK);
  assert_int_equal(sluice_schema_init(schema.children[0], "l", "id", 0), SLUICE_OK);
  assert_int_equal(sluice_schema_nested(schema.children[1], "+s", "s", ARROW_FLAG_NULLABLE, 1), SLUICE_OK);
  assert_int_equal(sluice_schema_init(schema.children[1]->children[0], "i", "x", ARROW_FLAG_NULLABLE), SLUICE_OK);
  assert_int_equal(sluice_builder_create(&schema, &b, NULL), SLUICE_OK);
  for (int64_t i = 0; i < 10; i++) {
    struct sluice_builder *s = sluice_builder_child(b, 1), *x = sluice_builder_child(s, 0);
    assert_int_equal(sluice_builder_int(sluice_builder_child(b, 0), i), SLUICE_OK);
    if (i % 4 == 3) {
      assert_int_equal(sluice_builder_null(s), SLUICE_OK);
    } else {
      assert_int_equal(i % 3 ? sluice_builder_int(x, i) : sluice_builder_null(x), SLUICE_OK);
      assert_int_equal(sluice_builder_end(s), SLUICE_OK);
    }
    assert_int_equal(sluice_builder_end(b), SLUICE_OK);
  }
  assert_int_equal(sluice_builder_finish(b, &batch, NULL), SLUICE_OK);
  sluice_builder_destroy(b);
  return sluice_array_share(&batch);
}

static int teardown(void **state) {
  (void)state;
  sluice_array_release(&batch);
  sluice_schema_release(&schema);
  return 0;
}

static int try_filter(const char *text, const struct ArrowArray *array, char *out, struct sluice_error *err) {
  struct where *where = NULL;
  struct filter *filter = NULL;
  uint8_t keep[16];
  int64_t n = 0, count = 0;
  int code = where_parse(text, &where, err);
  if (!code)
    code = filter_create(where_tests(where), &schema, "part", &filter, err);
  if (!code)
    code = filter_apply(filter, array, keep, &n);
  for (int64_t i = 0; i < array->length && !code; i++) {
    out[i] = keep[i] ? '1' : '0';
    out[i + 1] = 0;
    count += keep[i];
  }
  if (!code)
    assert_int_equal(count, n);
  filter_destroy(filter);
  where_destroy(where);
  return code;
}

static void expect(const char *text, const char *wanted) {
  struct sluice_error err = {0};
  struct ArrowArray slice = {0};
  char got[16] = "";
  if (try_filter(text, &batch, got, &err) != SLUICE_OK)
    fail_msg("%s: %s", text, err.message);
  assert_string_equal(got, wanted);
  for (int64_t first = 0; first < 10; first++) { /* an offset of the batch is one of all its columns */
    assert_int_equal(sluice_array_slice(&batch, first, 10 - first, &slice), SLUICE_OK);
    assert_int_equal(try_filter(text, &slice, got, &err), SLUICE_OK);
    assert_string_equal(got, wanted + first);
    sluice_array_release(&slice);
  }
}

static void columns_in_structs_are_tested(void **state) {
  (void)state;
  expect("id >= 4 and id < 8", "0000111100");
  expect("s.x > 1", "0010110010");
  expect("s.x is null", "1001001101");
  expect("s.x is not null and id != 5", "0110100010");
  expect("s is null", "0001000100");
  expect("s is not null and s.x is null", "1000001001");
}

static void refuse(const char *text, const char *why) {
  struct sluice_error err = {0};
  char got[16];
  assert_int_equal(try_filter(text, &batch, got, &err), SLUICE_ERR_CONFIG);
  if (!strstr(err.message, why))
    fail_msg("%s: '%s' does not say '%s'", text, err.message, why);
}

static void columns_that_are_not_there_are_named(void **state) {
  (void)state;
  refuse("idd = 5", "there is no column 'idd'; did you mean 'id'?");
  refuse("s.y = 5", "there is no column 'y' in 's'");
  refuse("id.x = 5", "no record of fields");
  refuse("s = 5", "cannot be compared");
  refuse("id = 'five'", "no value of it");
}

/* Columns that only the filter needs stand behind the others; a record of other fields is asked for whole. */
static void its_columns_are_asked_for(void **state) {
  struct where *where = NULL;
  struct ArrowSchema want, all;
  (void)state;
  assert_int_equal(where_parse("s.x = 1 and id > 2 and other is null and other is not null", &where, NULL), SLUICE_OK);
  assert_int_equal(sluice_schema_nested(&want, "+s", "", 0, 2), SLUICE_OK);
  assert_int_equal(sluice_schema_init(want.children[0], "g", "price", 0), SLUICE_OK);
  assert_int_equal(sluice_schema_nested(want.children[1], "+s", "s", ARROW_FLAG_NULLABLE, 1), SLUICE_OK);
  assert_int_equal(sluice_schema_init(want.children[1]->children[0], "u", "y", 0), SLUICE_OK);
  assert_int_equal(filter_want(where_tests(where), &want, &all), SLUICE_OK);
  assert_int_equal(all.n_children, 4);
  assert_string_equal(all.children[0]->format, "g");
  assert_string_equal(all.children[1]->format, "");
  assert_string_equal(all.children[2]->name, "id");
  assert_string_equal(all.children[3]->name, "other");
  sluice_schema_release(&want);
  sluice_schema_release(&all);
  where_destroy(where);
}

static void no_allocation_may_fail_badly(void **state) {
  (void)state;
  for (int64_t n = 0;; n++) {
    struct sluice_error err = {0};
    char got[16];
    failing_in = n;
    int code = try_filter("s.x > 1 and id != 4", &batch, got, &err);
    bool failed = failing_in < 0;
    failing_in = -1;
    assert_int_equal(code, failed ? SLUICE_ERR_MEMORY : SLUICE_OK);
    if (!failed)
      return;
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(columns_in_structs_are_tested), cmocka_unit_test(columns_that_are_not_there_are_named),
      cmocka_unit_test(its_columns_are_asked_for), cmocka_unit_test(no_allocation_may_fail_badly)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
