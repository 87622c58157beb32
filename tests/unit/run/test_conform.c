/* Bringing a reader's batches to the job's schema. */
#include "core/run/conform.h"
#include "tests/unit/run/record_batch.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static const char *const from_fields[][2] = {{"u", "b"}, {"l", "a"}};
static const char *const to_fields[][2] = {{"l", "a"}, {"l", "b"}, {"u", "c"}};

struct seen {
  int n;
  int64_t row;
  char column[16], raw[80];
};
static int see(struct sluice_rejects *rejects, const struct sluice_reject *reject, struct sluice_error *err) {
  struct seen *seen = rejects->private_data;
  (void)err;
  seen->n++;
  seen->row = reject->row;
  snprintf(seen->column, sizeof seen->column, "%s", reject->column);
  snprintf(seen->raw, sizeof seen->raw, "%.*s", (int)reject->raw_size, (const char *)reject->raw);
  return SLUICE_OK;
}

static void columns_come_by_name_with_casts_and_nulls(void **state) {
  (void)state;
  struct ArrowSchema from, to;
  struct conform *conform;
  struct sluice_batch batch;
  struct seen seen = {0};
  struct sluice_rejects rejects = {see, &seen};
  struct sluice_error err = {0};
  struct text text = {0};
  const char *values[] = {"10", "1", "oops", "2", NULL, "3"};
  assert_int_equal(record_schema(from_fields, 2, &from), SLUICE_OK);
  assert_int_equal(record_schema(to_fields, 3, &to), SLUICE_OK);
  batch_init(&batch);
  assert_int_equal(record_array(&from, values, 3, &batch.array), SLUICE_OK);
  batch.first_row = 100;
  assert_int_equal(conform_create(&from, &to, "part", NULL, &conform, &err), SLUICE_OK);
  assert_int_equal(conform_apply(conform, &batch, &rejects, &err), SLUICE_OK);
  assert_int_equal(record_lines(&to, &batch.array, &text), SLUICE_OK);
  assert_string_equal(text_get(&text), "{\"a\":1,\"b\":10,\"c\":null}\n{\"a\":3,\"b\":null,\"c\":null}\n");
  assert_int_equal(batch_ordinal(&batch, 1), 102);
  assert_int_equal(seen.n, 1);
  assert_int_equal(seen.row, 101);
  assert_string_equal(seen.column, "b");
  assert_string_equal(seen.raw, "{\"b\":\"oops\",\"a\":2}");
  text_finish(&text);
  batch_release(&batch);
  conform_destroy(conform);
  sluice_schema_release(&from);
  sluice_schema_release(&to);
}

static void what_cannot_be_is_refused(void **state) {
  (void)state;
  struct ArrowSchema from, to;
  struct conform *conform = NULL;
  struct sluice_error err = {0};
  assert_int_equal(record_schema(from_fields, 2, &from), SLUICE_OK);
  assert_int_equal(record_schema(to_fields, 3, &to), SLUICE_OK);
  to.children[2]->flags = 0; /* c is required now, and missing */
  assert_int_equal(conform_create(&from, &to, "part", NULL, &conform, &err), SLUICE_ERR_DATA);
  assert_non_null(strstr(err.message, "'c'"));
  sluice_schema_release(&from);
  sluice_schema_release(&to);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(columns_come_by_name_with_casts_and_nulls),
                                     cmocka_unit_test(what_cannot_be_is_refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
