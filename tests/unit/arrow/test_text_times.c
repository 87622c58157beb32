/* Dates, times and timestamps to text and back; UTF-8. */
#include "check.h"

static void expect_date(int64_t days, const char *wanted) {
  char text[SLUICE_TEXT_MAX + 1];
  int32_t back = 0;
  text[sluice_print_date(text, days)] = 0;
  assert_string_equal(text, wanted);
  bool fits = days >= INT32_MIN && days <= INT32_MAX;
  assert_int_equal(sluice_parse_date(text, strlen(text), &back), fits);
  if (fits)
    assert_int_equal(back, days);
}

static void dates(void **state) {
  (void)state;
  expect_date(0, "1970-01-01");
  expect_date(-1, "1969-12-31");
  expect_date(19782, "2024-02-29");
  expect_date(-25509, "1900-02-28");
  expect_date(-25508, "1900-03-01");
  expect_date(-719528, "0000-01-01");
  expect_date(-719529, "-0001-12-31");
  expect_date(2932896, "9999-12-31");
  expect_date(2932897, "+10000-01-01");
  expect_date(INT32_MAX, "+5881580-07-11");
  expect_date(INT32_MIN, "-5877641-06-23");
  expect_date(INT64_MAX, "+25252734927768524-07-27");
  expect_date(INT64_MIN, "-25252734927764585-06-07");
}

static void each_day_follows_the_last(void **state) {
  (void)state;
  char text[SLUICE_TEXT_MAX + 1], before[SLUICE_TEXT_MAX + 1] = "";
  for (int32_t day = -719528; day < 2932896; day += day < -150000 || day > 160000 ? 13 : 1) {
    int32_t back = 0;
    text[sluice_print_date(text, day)] = 0;
    assert_true(strcmp(before, text) < 0);
    assert_true(sluice_parse_date(text, strlen(text), &back) && back == day);
    memcpy(before, text, sizeof text);
  }
}

static void wrong_dates(void **state) {
  (void)state;
  static const char *const wrong[] = {
      "",           "2024-2-9",    "2023-02-29", "1900-02-29",  "2024-13-01", "2024-00-01", "2024-01-32",
      "2024-01-00", "2024-01-01 ", "24-01-01",   "02024-01-01", "2024/01/01", "2024-04-31", "-24-01-01"};
  int32_t days;
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
    assert_false(sluice_parse_date(wrong[i], strlen(wrong[i]), &days));
}

static void expect_stamp(int64_t value, enum sluice_time_unit unit, const char *wanted) {
  char text[SLUICE_TEXT_MAX + 1];
  int64_t back = 0;
  bool zoned = false;
  text[sluice_print_timestamp(text, value, unit, true)] = 0;
  assert_string_equal(text, wanted);
  assert_true(sluice_parse_timestamp(text, strlen(text), unit, &back, &zoned));
  assert_true(zoned && back == value);
}

static void timestamps(void **state) {
  (void)state;
  expect_stamp(0, SLUICE_SECOND, "1970-01-01T00:00:00Z");
  expect_stamp(-1, SLUICE_MILLI, "1969-12-31T23:59:59.999Z");
  expect_stamp(1709211959123456, SLUICE_MICRO, "2024-02-29T13:05:59.123456Z");
  expect_stamp(INT64_MAX, SLUICE_NANO, "2262-04-11T23:47:16.854775807Z");
  expect_stamp(INT64_MIN, SLUICE_NANO, "1677-09-21T00:12:43.145224192Z");
  expect_stamp(INT64_MAX, SLUICE_MICRO, "+294247-01-10T04:00:54.775807Z");
  expect_stamp(INT64_MIN, SLUICE_MICRO, "-290308-12-21T19:59:05.224192Z");
  expect_stamp(INT64_MAX, SLUICE_SECOND, "+292277026596-12-04T15:30:07Z");
  expect_stamp(INT64_MIN, SLUICE_SECOND, "-292277022657-01-27T08:29:52Z");
}

static void expect_read(const char *text, enum sluice_time_unit unit, bool zone, int64_t wanted) {
  int64_t value = 0;
  bool zoned = !zone;
  assert_true(sluice_parse_timestamp(text, strlen(text), unit, &value, &zoned));
  assert_int_equal(zoned, zone);
  assert_int_equal(value, wanted);
}

static void forms_of_timestamps(void **state) {
  (void)state;
  expect_read("2024-02-29 13:05", SLUICE_SECOND, false, 1709211900);
  expect_read("2024-02-29T13:05:59.100", SLUICE_MILLI, false, 1709211959100);
  expect_read("2024-02-29T13:05:59.1000000000", SLUICE_MILLI, false, 1709211959100);
  expect_read("2024-02-29T13:05:59+02:00", SLUICE_SECOND, true, 1709204759);
  expect_read("2024-02-29T13:05:59-0230", SLUICE_SECOND, true, 1709220959);
  expect_read("2024-02-29T13:05:59+02", SLUICE_SECOND, true, 1709204759);
  expect_read("2024-02-29t13:05:59z", SLUICE_SECOND, true, 1709211959);
  static const char *const wrong[] = {
      "2024-02-29",          "2024-02-29T",          "2024-02-29T24:00",         "2024-02-29T13:60",
      "2024-02-29T13:05:60", "2024-02-29T13:05:59.", "2024-02-29T13:05:59.1234", "2024-02-29T13:05Zx",
      "2024-02-29T13:05+2",  "2024-02-29T13:05+02:", "2024-02-29T13:05+02:60",   "2024-02-29  13:05"};
  int64_t value;
  bool zoned;
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
    assert_false(sluice_parse_timestamp(wrong[i], strlen(wrong[i]), SLUICE_MILLI, &value, &zoned));
  assert_false(sluice_parse_timestamp("2262-04-12T00:00:00", 19, SLUICE_NANO, &value, &zoned));
  assert_false(sluice_parse_timestamp("+99999999999999999-01-01T00:00", 30, SLUICE_SECOND, &value, &zoned));
}

static void times(void **state) {
  (void)state;
  char text[SLUICE_TEXT_MAX + 1];
  int64_t value = 0;
  text[sluice_print_time(text, 47159123, SLUICE_MILLI)] = 0;
  assert_string_equal(text, "13:05:59.123");
  assert_true(sluice_parse_time(text, strlen(text), SLUICE_MILLI, &value) && value == 47159123);
  assert_true(sluice_parse_time("13:05", 5, SLUICE_NANO, &value) && value == 47100000000000);
  assert_false(sluice_parse_time("13:05:59.1234", 13, SLUICE_MILLI, &value));
  assert_false(sluice_parse_time("1:05", 4, SLUICE_MILLI, &value));
  text[sluice_print_time(text, INT64_MIN, SLUICE_SECOND)] = 0; /* no time of day, but no harm either */
  assert_string_equal(text, "-2562047788015215:30:08");
}

static void utf8(void **state) {
  (void)state;
  static const struct {
    const char *text;
    size_t n, valid;
  } cases[] = {
      {"", 0, 0},
      {"plain ASCII of more than sixteen bytes", 38, 38},
      {"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", 14, 14},
      {"abc\xff", 4, 3},
      {"\xc0\x80", 2, 0},
      {"\xe0\x9f\xbf", 3, 0},
      {"\xed\xa0\x80", 3, 0},
      {"\xf4\x90\x80\x80", 4, 0},
      {"\xf0\x8f\xbf\xbf", 4, 0},
      {"ok\xe2\x82", 4, 2},
      {"0123456789abcdef\x80", 17, 16},
      {"\xc3\xa9\xc3\xa9\xc3", 5, 4},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    assert_int_equal(sluice_utf8_valid(cases[i].text, cases[i].n), cases[i].valid);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(dates),      cmocka_unit_test(each_day_follows_the_last), cmocka_unit_test(wrong_dates),
      cmocka_unit_test(timestamps), cmocka_unit_test(forms_of_timestamps),       cmocka_unit_test(times),
      cmocka_unit_test(utf8),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
