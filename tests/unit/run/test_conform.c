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

/* ---- rescue ---- */

static const char *const loose_fields[][2] = {{"u", "a"}, {"u", "b"}, {"u", "t"}, {"l", "new"}, {"u", "secret"}};
static const char *const strict_fields[][2] = {{"l", "a"}, {"b", "b"}, {"tsu:UTC", "t"}, {"u", "_rescued"}};

struct rescuing {
  struct ArrowSchema from, to;
  struct conform *conform;
  struct sluice_batch batch;
  struct seen seen;
  struct mapping *mapping;
};

static void rescuing_init(struct rescuing *r, const char *const *values, int64_t rows) {
  static const struct mapping_rule rules[] = {{.from = "secret", .exclude = true}};
  struct mapping_spec spec = {rules, 1, true, "_rescued"};
  struct sluice_error err = {0};
  *r = (struct rescuing){0};
  assert_int_equal(mapping_create(&spec, &r->mapping, &err), SLUICE_OK);
  assert_int_equal(record_schema(loose_fields, 5, &r->from), SLUICE_OK);
  assert_int_equal(record_schema(strict_fields, 4, &r->to), SLUICE_OK);
  batch_init(&r->batch);
  assert_int_equal(record_array(&r->from, values, rows, &r->batch.array), SLUICE_OK);
}

static int rescuing_run(struct rescuing *r, bool fresh, bool changed, struct sluice_error *err) {
  struct conform_rescue rescue = {"_rescued", fresh, changed, r->mapping};
  struct sluice_rejects rejects = {see, &r->seen};
  int code = conform_create(&r->from, &r->to, "part", &rescue, &r->conform, err);
  return code ? code : conform_apply(r->conform, &r->batch, &rejects, err);
}

static void rescuing_finish(struct rescuing *r) {
  batch_release(&r->batch);
  conform_destroy(r->conform);
  mapping_destroy(r->mapping);
  sluice_schema_release(&r->from);
  sluice_schema_release(&r->to);
}

static void expect_rescued(bool fresh, bool changed, const char *const *values, int64_t rows, const char *lines) {
  struct rescuing r;
  struct sluice_error err = {0};
  struct text text = {0};
  rescuing_init(&r, values, rows);
  if (rescuing_run(&r, fresh, changed, &err))
    fail_msg("%s: %s", err.where, err.message);
  assert_int_equal(sluice_array_validate(&r.to, &r.batch.array, SLUICE_CHECK_FULL, &err), SLUICE_OK);
  assert_int_equal(record_lines(&r.to, &r.batch.array, &text), SLUICE_OK);
  assert_string_equal(text_get(&text), lines);
  text_finish(&text);
  rescuing_finish(&r);
}

static void values_that_do_not_fit_are_rescued(void **state) {
  (void)state;
  const char *values[] = {"1",   "true",      "2026-01-31T00:00:00Z",
                          "5",   "s",         "it's",
                          "0",   "never",     NULL,
                          "s",   NULL,        NULL,
                          NULL,  NULL,        "s",
                          "",    "",          "",
                          "7",   "s",         "1e40",
                          "yes", "31.1.2026", "1",
                          "s",   "9",         "1",
                          NULL,  NULL,        NULL};
  expect_rescued(
      false, true, values, 6,
      "{\"a\":1,\"b\":true,\"t\":\"2026-01-31T00:00:00.000000Z\",\"_rescued\":null}\n"
      "{\"a\":null,\"b\":false,\"t\":null,\"_rescued\":\"{\\\"a\\\":\\\"it's\\\",\\\"t\\\":\\\"never\\\"}\"}\n"
      "{\"a\":null,\"b\":null,\"t\":null,\"_rescued\":null}\n"
      "{\"a\":null,\"b\":null,\"t\":null,\"_rescued\":null}\n"
      "{\"a\":null,\"b\":null,\"t\":null,\"_rescued\":\"{\\\"a\\\":\\\"1e40\\\",\\\"b\\\":\\\"yes\\\","
      "\\\"t\\\":\\\"31.1.2026\\\"}\"}\n"
      "{\"a\":9,\"b\":true,\"t\":null,\"_rescued\":null}\n");
}

static void new_columns_are_rescued_but_not_excluded_ones(void **state) {
  (void)state;
  const char *values[] = {"1", "true", NULL, "9223372036854775807", "hidden", "2", NULL, NULL, NULL, "hidden"};
  expect_rescued(true, false, values, 2,
                 "{\"a\":1,\"b\":true,\"t\":null,\"_rescued\":\"{\\\"new\\\":9223372036854775807}\"}\n"
                 "{\"a\":2,\"b\":null,\"t\":null,\"_rescued\":null}\n");
}

static void without_rescue_of_types_records_are_rejected(void **state) {
  (void)state;
  const char *values[] = {"1", "true", NULL, NULL, NULL, "x", NULL, NULL, NULL, NULL};
  struct rescuing r;
  struct sluice_error err = {0};
  rescuing_init(&r, values, 2);
  assert_int_equal(rescuing_run(&r, true, false, &err), SLUICE_OK);
  assert_int_equal(r.seen.n, 1);
  assert_string_equal(r.seen.column, "a");
  assert_int_equal(r.batch.array.length, 1);
  rescuing_finish(&r);
}

static void a_column_of_the_rescue_columns_name_is_refused(void **state) {
  (void)state;
  struct rescuing r;
  struct sluice_error err = {0};
  rescuing_init(&r, NULL, 0);
  assert_int_equal(sluice_schema_rename(r.from.children[3], "_rescued"), SLUICE_OK);
  assert_int_equal(rescuing_run(&r, true, true, &err), SLUICE_ERR_DATA);
  assert_non_null(strstr(err.message, "choose another rescue_column"));
  assert_string_equal(err.where, "part");
  rescuing_finish(&r);
}

static void types_that_cannot_become_another(void **state) {
  (void)state;
  const char *values[] = {"1", NULL, NULL, "5", NULL, NULL, NULL, NULL, NULL, NULL};
  struct rescuing r;
  struct conform *conform = NULL;
  struct sluice_error err = {0};
  struct text text = {0};
  rescuing_init(&r, values, 2);
  assert_int_equal(sluice_schema_rename(r.from.children[3], "t"), SLUICE_OK); /* an int64 */
  assert_int_equal(sluice_schema_rename(r.from.children[2], "u"), SLUICE_OK);
  assert_int_equal(conform_create(&r.from, &r.to, "data.csv", NULL, &conform, &err), SLUICE_ERR_UNSUPPORTED);
  assert_string_equal(err.where, "data.csv");
  assert_non_null(strstr(err.message, "column 't' is int64 in this file, and timestamp[us, UTC] in the job's schema"));
  memset(&err, 0, sizeof err);
  assert_int_equal(rescuing_run(&r, false, true, &err), SLUICE_OK);
  assert_int_equal(record_lines(&r.to, &r.batch.array, &text), SLUICE_OK);
  assert_string_equal(text_get(&text), "{\"a\":1,\"b\":null,\"t\":null,\"_rescued\":\"{\\\"t\\\":5}\"}\n"
                                       "{\"a\":null,\"b\":null,\"t\":null,\"_rescued\":null}\n");
  text_finish(&text);
  rescuing_finish(&r);
}

static void a_value_without_a_json_form_rejects_its_record(void **state) {
  (void)state;
  const char *values[] = {"\xff", NULL, NULL, NULL, NULL, "2", NULL, NULL, NULL, NULL};
  struct rescuing r;
  struct sluice_error err = {0};
  rescuing_init(&r, values, 2);
  assert_int_equal(rescuing_run(&r, false, true, &err), SLUICE_OK);
  assert_int_equal(r.seen.n, 1);
  assert_int_equal(r.seen.row, 0);
  assert_string_equal(r.seen.column, "a");
  assert_int_equal(r.batch.array.length, 1);
  rescuing_finish(&r);
}

/* ---- fields of structs ---- */

/* id, o: {a, b, in: {x, y}}; only the first two columns' a and x where the job's schema is meant. */
static void nested_schema(bool whole, struct ArrowSchema *out) {
  assert_int_equal(sluice_schema_nested(out, "+s", "", 0, whole ? 2 : 3), SLUICE_OK);
  assert_int_equal(sluice_schema_init(out->children[0], "l", "id", ARROW_FLAG_NULLABLE), SLUICE_OK);
  struct ArrowSchema *o = out->children[1];
  assert_int_equal(sluice_schema_nested(o, "+s", "o", ARROW_FLAG_NULLABLE, whole ? 3 : 2), SLUICE_OK);
  assert_int_equal(sluice_schema_init(o->children[0], "l", "a", ARROW_FLAG_NULLABLE), SLUICE_OK);
  if (whole)
    assert_int_equal(sluice_schema_init(o->children[1], "u", "b", ARROW_FLAG_NULLABLE), SLUICE_OK);
  else
    assert_int_equal(sluice_schema_init(out->children[2], "u", "_rescued", ARROW_FLAG_NULLABLE), SLUICE_OK);
  struct ArrowSchema *in = o->children[whole ? 2 : 1];
  assert_int_equal(sluice_schema_nested(in, "+s", "in", ARROW_FLAG_NULLABLE, whole ? 2 : 1), SLUICE_OK);
  assert_int_equal(sluice_schema_init(in->children[0], "l", "x", ARROW_FLAG_NULLABLE), SLUICE_OK);
  if (whole)
    assert_int_equal(sluice_schema_init(in->children[1], "u", "y", ARROW_FLAG_NULLABLE), SLUICE_OK);
}

static int put_inner(struct sluice_builder *in, int64_t row) {
  if (row == 3)
    return sluice_builder_null(in);
  int code = sluice_builder_int(sluice_builder_child(in, 0), row);
  if (!code)
    code = sluice_builder_bytes(sluice_builder_child(in, 1), row == 1 ? "one" : "y", row == 1 ? 3 : 1);
  return code ? code : sluice_builder_end(in);
}

/* Row 2 has no o, row 3 no o.in, and row 4 nothing in o.b. */
static void nested_rows(const struct ArrowSchema *schema, int64_t rows, struct ArrowArray *out) {
  struct sluice_builder *b = NULL;
  assert_int_equal(sluice_builder_create(schema, &b, NULL), SLUICE_OK);
  struct sluice_builder *o = sluice_builder_child(b, 1), *text = sluice_builder_child(o, 1);
  for (int64_t i = 0; i < rows; i++) {
    assert_int_equal(sluice_builder_int(sluice_builder_child(b, 0), i), SLUICE_OK);
    if (i == 2) {
      assert_int_equal(sluice_builder_null(o), SLUICE_OK);
    } else {
      assert_int_equal(sluice_builder_int(sluice_builder_child(o, 0), 10 * i), SLUICE_OK);
      assert_int_equal(i == 4 ? sluice_builder_null(text) : sluice_builder_bytes(text, "b", 1), SLUICE_OK);
      assert_int_equal(put_inner(sluice_builder_child(o, 2), i), SLUICE_OK);
      assert_int_equal(sluice_builder_end(o), SLUICE_OK);
    }
    assert_int_equal(sluice_builder_end(b), SLUICE_OK);
  }
  assert_int_equal(sluice_builder_finish(b, out, NULL), SLUICE_OK);
  sluice_builder_destroy(b);
}

/* A batch that is a slice, from row 1 on. */
static void expect_nested(const struct conform_rescue *rescue, const char *lines) {
  struct ArrowSchema from, to;
  struct ArrowArray all;
  struct sluice_batch batch;
  struct conform *conform;
  struct seen seen = {0};
  struct sluice_rejects rejects = {see, &seen};
  struct sluice_error err = {0};
  struct text text = {0};
  nested_schema(true, &from);
  nested_schema(false, &to);
  nested_rows(&from, 5, &all);
  batch_init(&batch);
  assert_int_equal(sluice_array_share(&all), SLUICE_OK);
  assert_int_equal(sluice_array_slice(&all, 1, 4, &batch.array), SLUICE_OK);
  sluice_array_release(&all);
  if (conform_create(&from, &to, "part", rescue, &conform, &err))
    fail_msg("%s", err.message);
  assert_int_equal(conform_apply(conform, &batch, &rejects, &err), SLUICE_OK);
  assert_int_equal(sluice_array_validate(&to, &batch.array, SLUICE_CHECK_FULL, &err), SLUICE_OK);
  assert_int_equal(record_lines(&to, &batch.array, &text), SLUICE_OK);
  assert_string_equal(text_get(&text), lines);
  assert_int_equal(seen.n, 0);
  text_finish(&text);
  batch_release(&batch);
  conform_destroy(conform);
  sluice_schema_release(&from);
  sluice_schema_release(&to);
}

static void new_fields_are_left_out(void **state) {
  (void)state;
  expect_nested(NULL, "{\"id\":1,\"o\":{\"a\":10,\"in\":{\"x\":1}},\"_rescued\":null}\n"
                      "{\"id\":2,\"o\":null,\"_rescued\":null}\n"
                      "{\"id\":3,\"o\":{\"a\":30,\"in\":null},\"_rescued\":null}\n"
                      "{\"id\":4,\"o\":{\"a\":40,\"in\":{\"x\":4}},\"_rescued\":null}\n");
}

static void new_fields_are_rescued(void **state) {
  (void)state;
  static const struct mapping_rule rules[] = {{.from = "o.b", .exclude = true}};
  struct mapping_spec spec = {rules, 1, true, "_rescued"};
  struct conform_rescue rescue = {"_rescued", true, false, NULL};
  struct mapping *mapping;
  struct sluice_error err = {0};
  expect_nested(&rescue, "{\"id\":1,\"o\":{\"a\":10,\"in\":{\"x\":1}},\"_rescued\":\"{\\\"o.b\\\":\\\"b\\\","
                         "\\\"o.in.y\\\":\\\"one\\\"}\"}\n"
                         "{\"id\":2,\"o\":null,\"_rescued\":null}\n"
                         "{\"id\":3,\"o\":{\"a\":30,\"in\":null},\"_rescued\":\"{\\\"o.b\\\":\\\"b\\\"}\"}\n"
                         "{\"id\":4,\"o\":{\"a\":40,\"in\":{\"x\":4}},\"_rescued\":\"{\\\"o.in.y\\\":\\\"y\\\"}\"}\n");
  assert_int_equal(mapping_create(&spec, &mapping, &err), SLUICE_OK);
  rescue.mapping = mapping;
  expect_nested(&rescue, "{\"id\":1,\"o\":{\"a\":10,\"in\":{\"x\":1}},\"_rescued\":\"{\\\"o.in.y\\\":\\\"one\\\"}\"}\n"
                         "{\"id\":2,\"o\":null,\"_rescued\":null}\n"
                         "{\"id\":3,\"o\":{\"a\":30,\"in\":null},\"_rescued\":null}\n"
                         "{\"id\":4,\"o\":{\"a\":40,\"in\":{\"x\":4}},\"_rescued\":\"{\\\"o.in.y\\\":\\\"y\\\"}\"}\n");
  mapping_destroy(mapping);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(columns_come_by_name_with_casts_and_nulls),
                                     cmocka_unit_test(what_cannot_be_is_refused),
                                     cmocka_unit_test(values_that_do_not_fit_are_rescued),
                                     cmocka_unit_test(new_columns_are_rescued_but_not_excluded_ones),
                                     cmocka_unit_test(without_rescue_of_types_records_are_rejected),
                                     cmocka_unit_test(a_column_of_the_rescue_columns_name_is_refused),
                                     cmocka_unit_test(types_that_cannot_become_another),
                                     cmocka_unit_test(a_value_without_a_json_form_rejects_its_record),
                                     cmocka_unit_test(new_fields_are_left_out),
                                     cmocka_unit_test(new_fields_are_rescued)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
