/* The text of each value type of fixed size. */
#include "sample.h"
#include <math.h>

static void check(const char *format, const void *values, int64_t n, const char *const *expected) {
  struct column c;
  column_set(&c, format, "v", n, 2, NULL, values);
  check_values(&c, NULL, expected);
}
#define CHECK(format, type, values, ...)                                                                               \
  do {                                                                                                                 \
    static const char *const expected_[] = {__VA_ARGS__};                                                              \
    check(format, (const type[])values, sizeof expected_ / sizeof *expected_, expected_);                              \
  } while (0)
#define VALUES(...)                                                                                                    \
  { __VA_ARGS__ }

static void test_integers(void **state) {
  (void)state;
  CHECK("c", int8_t, VALUES(-128, 0, 127), "-128", "0", "127");
  CHECK("C", uint8_t, VALUES(0, 255), "0", "255");
  CHECK("s", int16_t, VALUES(-32768, 32767), "-32768", "32767");
  CHECK("S", uint16_t, VALUES(65535), "65535");
  CHECK("i", int32_t, VALUES(INT32_MIN, INT32_MAX), "-2147483648", "2147483647");
  CHECK("I", uint32_t, VALUES(UINT32_MAX), "4294967295");
  CHECK("l", int64_t, VALUES(INT64_MIN, INT64_MAX, 9007199254740993), "-9223372036854775808", "9223372036854775807",
        "9007199254740993");
  CHECK("L", uint64_t, VALUES(UINT64_MAX), "18446744073709551615");
  CHECK("b", uint8_t, VALUES(0x05), "true", "false", "true");
}

static void test_reals(void **state) {
  (void)state;
  CHECK("g", double, VALUES(0.1, 1e300, -2.5, 0.30000000000000004), "0.1", "1e300", "-2.5", "0.30000000000000004");
  CHECK("f", float, VALUES(0.1f, 16777216.0f), "0.1", "16777216.0");
  CHECK("e", uint16_t, VALUES(0x3c00, 0xc000, 0x3555, 0x0001, 0x7bff), "1.0", "-2.0", "0.33325195", "5.9604645e-8",
        "65504.0");
}

static void test_not_finite(void **state) {
  static const double values[] = {NAN, INFINITY, -INFINITY, 1.5};
  static const uint16_t halves[] = {0x7e00, 0x7c00, 0xfc00};
  static const float floats[] = {NAN, INFINITY, -INFINITY};
  static const char *const nulls[] = {"null", "null", "null", "1.5"};
  static const char *const texts[] = {"\"NaN\"", "\"Infinity\"", "\"-Infinity\"", "1.5"};
  struct column c;
  (void)state;
  column_set(&c, "g", "v", 4, 2, NULL, values);
  check_values(&c, NULL, nulls);
  check_values(&c, "null", nulls);
  check_values(&c, "string", texts);
  column_set(&c, "e", "v", 3, 2, NULL, halves);
  check_values(&c, NULL, nulls);
  check_values(&c, "string", texts);
  column_set(&c, "f", "v", 3, 2, NULL, floats);
  check_values(&c, "string", texts);
}

static void test_decimals(void **state) {
  (void)state;
  CHECK("d:9,2,32", int32_t, VALUES(-12345, 5), "-123.45", "0.05");
  CHECK("d:18,0,64", int64_t, VALUES(123456789012345678), "123456789012345678");
  CHECK("d:38,10", int64_t, VALUES(10000000001, 0, -1, -1), "1.0000000001", "-0.0000000001");
  CHECK("d:76,1,256", uint64_t, VALUES(0, 0, 0, 1), "627710173538668076383578942320766641610235544446403451289.6");
}

static void test_dates_and_times(void **state) {
  (void)state;
  CHECK("tdD", int32_t, VALUES(19782, -1), "\"2024-02-29\"", "\"1969-12-31\"");
  CHECK("tdm", int64_t, VALUES(86400000, -1), "\"1970-01-02\"", "\"1969-12-31\"");
  CHECK("tts", int32_t, VALUES(47159), "\"13:05:59\"");
  CHECK("ttm", int32_t, VALUES(47159001), "\"13:05:59.001\"");
  CHECK("ttu", int64_t, VALUES(1), "\"00:00:00.000001\"");
  CHECK("ttn", int64_t, VALUES(86399999999999), "\"23:59:59.999999999\"");
  CHECK("tss:", int64_t, VALUES(0), "\"1970-01-01T00:00:00\"");
  CHECK("tsm:UTC", int64_t, VALUES(1709211959123), "\"2024-02-29T13:05:59.123Z\"");
  CHECK("tsu:Europe/Berlin", int64_t, VALUES(-1), "\"1969-12-31T23:59:59.999999Z\"");
  CHECK("tsn:", int64_t, VALUES(1), "\"1970-01-01T00:00:00.000000001\"");
}

static void test_durations(void **state) {
  struct {
    int32_t months, days;
    int64_t nanos;
  } mixed[] = {{1, -2, 3000000001}, {0, 0, 0}};
  static const char *const expected[] = {"\"P1M-2DT3.000000001S\"", "\"P0M0DT0S\""};
  (void)state;
  CHECK("tDs", int64_t, VALUES(90, 0), "\"PT90S\"", "\"PT0S\"");
  CHECK("tDm", int64_t, VALUES(1500, -1), "\"PT1.5S\"", "\"PT-0.001S\"");
  CHECK("tDu", int64_t, VALUES(1000001), "\"PT1.000001S\"");
  CHECK("tDn", int64_t, VALUES(INT64_MIN), "\"PT-9223372036.854775808S\"");
  CHECK("tiM", int32_t, VALUES(14, -1), "\"P14M\"", "\"P-1M\"");
  CHECK("tiD", int32_t, VALUES(3, 500, -1, -1), "\"P3DT0.5S\"", "\"P-1DT-0.001S\"");
  check("tin", mixed, 2, expected);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_integers), cmocka_unit_test(test_reals),           cmocka_unit_test(test_not_finite),
      cmocka_unit_test(test_decimals), cmocka_unit_test(test_dates_and_times), cmocka_unit_test(test_durations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
