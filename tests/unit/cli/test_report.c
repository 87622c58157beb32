/* What reaches a terminal, and exit statuses. */
#include "core/cli/report.h"
#include <setjmp.h>
#include <stdarg.h>
/* cmocka needs the two above */
#include <cmocka.h>

static void expect_safe(const char *text, const char *expected) {
  char buffer[512] = "";
  FILE *out = fmemopen(buffer, sizeof buffer, "w");
  assert_non_null(out);
  print_safe(out, text);
  fclose(out);
  assert_string_equal(buffer, expected);
}

static void hostile_texts(void **state) {
  (void)state;
  expect_safe("", "");
  expect_safe("plain, \xc3\xbcml\xc3\xa4ut \xe2\x82\xac \xf0\x9f\x98\x80",
              "plain, \xc3\xbcml\xc3\xa4ut \xe2\x82\xac \xf0\x9f\x98\x80");
  expect_safe("a\x1b[2Jb\nc\rd\te\x7f", "a\\x1b[2Jb\\x0ac\\x0dd\\x09e\\x7f");
  expect_safe("\xc2\x9b\x31m \xc2\xa0", "\\xc2\\x9b\x31m \xc2\xa0"); /* C1 in UTF-8 */
  expect_safe("\xff\xfe", "\\xff\\xfe");
  expect_safe("a\xc3", "a\\xc3");
  expect_safe("\xc2", "\\xc2");
  expect_safe("\xc2\x9b\xff\xc2\x9b", "\\xc2\\x9b\\xff\\xc2\\x9b");
  expect_safe("\xe2\x82", "\\xe2\\x82");
  expect_safe("\xff\x1b\xc3\xbc", "\\xff\\x1b\xc3\xbc");
}

static void json_of_broken_text(void **state) {
  (void)state;
  json_t *value = json_safe("a\xff");
  assert_string_equal(json_string_value(value), "a\\xff");
  json_decref(value);
  value = json_safe("a\nb");
  assert_string_equal(json_string_value(value), "a\nb");
  json_decref(value);
}

static void times(void **state) {
  (void)state;
  char text[REPORT_TIME_SIZE];
  format_time(INT64_MIN, text);
  assert_string_equal(text, "-");
  format_time(1709211599999999, text);
  assert_string_equal(text, "2024-02-29T12:59:59Z");
  format_time(-1, text);
  assert_string_equal(text, "1969-12-31T23:59:59Z");
  format_time(INT64_MAX, text);
  assert_true(strlen(text) < REPORT_TIME_SIZE);
  format_time(INT64_MIN + 1, text);
  assert_true(strlen(text) < REPORT_TIME_SIZE);
}

static void worst_status(void **state) {
  (void)state;
  static const enum exit_status rising[] = {STATUS_DONE,  STATUS_REJECTS,  STATUS_FAILED,     STATUS_HELD,
                                            STATUS_USAGE, STATUS_INTERNAL, STATUS_INTERRUPTED};
  for (size_t i = 0; i < 7; i++)
    for (size_t k = 0; k < 7; k++)
      assert_int_equal(exit_worst(rising[i], rising[k]), rising[i > k ? i : k]);
}

static void status_of_codes(void **state) {
  (void)state;
  assert_int_equal(exit_of_code(SLUICE_OK), 0);
  assert_int_equal(exit_of_code(SLUICE_ERR_BUG), 1);
  assert_int_equal(exit_of_code(SLUICE_ERR_MEMORY), 1);
  assert_int_equal(exit_of_code(SLUICE_ERR_CONFIG), 2);
  assert_int_equal(exit_of_code(SLUICE_ERR_NOT_FOUND), 4);
  assert_int_equal(exit_of_code(SLUICE_ERR_RETRY), 4);
  assert_int_equal(exit_of_code(SLUICE_ERR_AUTH), 5);
  assert_int_equal(exit_of_code(SLUICE_ERR_CANCELLED), 130);
  assert_int_equal(exit_of_outcome(RUN_DONE), 0);
  assert_int_equal(exit_of_outcome(RUN_MISCONFIGURED), 2);
  assert_int_equal(exit_of_outcome(RUN_DONE_WITH_REJECTS), 3);
  assert_int_equal(exit_of_outcome(RUN_FAILED), 4);
  assert_int_equal(exit_of_outcome(RUN_HELD), 5);
  assert_int_equal(exit_of_outcome(RUN_INTERRUPTED), 130);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(hostile_texts), cmocka_unit_test(json_of_broken_text),
                                     cmocka_unit_test(times), cmocka_unit_test(worst_status),
                                     cmocka_unit_test(status_of_codes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
