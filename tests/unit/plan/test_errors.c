/* Keeping the first records that would be rejected. */
#include "core/plan/errors.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static void refuse(struct plan_sample *sample, int64_t row, const char *column, const char *reason, const char *raw) {
  struct plan_refusal r = {.code = "c",
                           .column = column,
                           .reason = reason,
                           .raw = raw,
                           .raw_size = raw ? strlen(raw) : 0,
                           .row = row,
                           .offset = -1};
  assert_int_equal(plan_refuse(sample, &r), SLUICE_OK);
}

static void the_first_by_row_are_kept(void **state) {
  (void)state;
  struct plan_sample sample = {0};
  for (int64_t row = 499; row >= 0; row--)
    refuse(&sample, row, NULL, "bad", NULL);
  refuse(&sample, 1000, NULL, "bad", NULL);
  assert_int_equal(sample.rejected, 501);
  assert_int_equal(sample.n_errors, PLAN_ERRORS_MAX);
  for (int64_t i = 0; i < PLAN_ERRORS_MAX; i++)
    assert_int_equal(sample.errors[i].row, i);
  plan_sample_finish(&sample);
}

static void of_one_row_as_they_came(void **state) {
  (void)state;
  struct plan_sample sample = {0};
  refuse(&sample, 5, "a", "first", NULL);
  refuse(&sample, 5, "b", "second", NULL);
  refuse(&sample, 4, "c", "before", NULL);
  assert_string_equal(sample.errors[0].message, "before");
  assert_string_equal(sample.errors[1].message, "first");
  assert_string_equal(sample.errors[2].message, "second");
  plan_sample_finish(&sample);
}

static void the_value_is_told_where_the_record_is_json(void **state) {
  (void)state;
  struct plan_sample sample = {0};
  refuse(&sample, 0, "b", "bad", "{\"a\":1,\"b\":{\"c\":[1,\"x\"]}}");
  refuse(&sample, 1, "b", "bad", "{\"b\":null}");
  refuse(&sample, 2, "b", NULL, "1;2;3");
  refuse(&sample, 3, "none", "bad", "{\"b\":1}");
  assert_string_equal(sample.errors[0].value, "{\"c\":[1,\"x\"]}");
  assert_string_equal(sample.errors[1].value, "null");
  assert_null(sample.errors[2].value);
  assert_string_equal(sample.errors[2].record, "1;2;3");
  assert_string_equal(sample.errors[2].message, "no reason given");
  assert_null(sample.errors[3].value);
  plan_sample_finish(&sample);
}

static void a_reason_may_bring_its_code(void **state) {
  (void)state;
  struct plan_sample sample = {0};
  refuse(&sample, 0, NULL, "Invalid_Tag_Length: too long", NULL);
  refuse(&sample, 1, NULL, "Error: no underscore", NULL);
  refuse(&sample, 2, NULL, "not_a_code: lower case", NULL);
  refuse(&sample, 3, NULL, "Invalid_Tag", NULL);
  assert_string_equal(sample.errors[0].code, "Invalid_Tag_Length");
  assert_string_equal(sample.errors[0].message, "Invalid_Tag_Length: too long");
  for (size_t i = 1; i < 4; i++)
    assert_string_equal(sample.errors[i].code, "c");
  plan_sample_finish(&sample);
}

static void long_texts_are_cut_between_characters(void **state) {
  (void)state;
  struct plan_sample sample = {0};
  char *raw = malloc(100001);
  assert_non_null(raw);
  for (size_t i = 0; i < 100000; i += 2)
    memcpy(raw + i, "\xc3\xa9", 2);
  raw[100000] = 0;
  refuse(&sample, 0, raw + 1, raw, raw); /* the column begins within a character: bytes are only bytes */
  const char *record = sample.errors[0].record;
  assert_int_equal(strlen(record), 503);
  assert_string_equal(record + 498, "\xc3\xa9...");
  assert_true(strlen(sample.errors[0].message) < 1100);
  assert_true(strlen(sample.errors[0].column) < 300);
  struct plan_refusal with_nul = {.code = "c", .reason = "r", .raw = "a\0b", .raw_size = 3, .row = 1, .offset = 9};
  assert_int_equal(plan_refuse(&sample, &with_nul), SLUICE_OK);
  assert_string_equal(sample.errors[1].record, "a b");
  plan_sample_finish(&sample);
  free(raw);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_first_by_row_are_kept),
      cmocka_unit_test(of_one_row_as_they_came),
      cmocka_unit_test(the_value_is_told_where_the_record_is_json),
      cmocka_unit_test(a_reason_may_bring_its_code),
      cmocka_unit_test(long_texts_are_cut_between_characters),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
