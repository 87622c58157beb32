/* Numbers to text and back. */
#include "check.h"
#include <math.h>

static void expect_double(double value, const char *text) {
  char out[SLUICE_TEXT_MAX + 1];
  out[sluice_print_double(out, value)] = 0;
  assert_string_equal(out, text);
}

static void doubles_have_one_form(void **state) {
  (void)state;
  expect_double(0.0, "0.0");
  expect_double(-0.0, "-0.0");
  expect_double(1, "1.0");
  expect_double(-123456, "-123456.0");
  expect_double(0.1, "0.1");
  expect_double(0.001, "0.001");
  expect_double(0.00012, "0.00012");
  expect_double(0.000012, "1.2e-5");
  expect_double(1e15, "1000000000000000.0");
  expect_double(1e16, "1e16");
  expect_double(1.5e300, "1.5e300");
  expect_double(5e-324, "5e-324");
  expect_double(2.2250738585072014e-308, "2.2250738585072014e-308");
  expect_double(1.7976931348623157e308, "1.7976931348623157e308");
  expect_double(9007199254740993.0, "9007199254740992.0");
  expect_double((double)INFINITY, "inf");
  expect_double((double)-INFINITY, "-inf");
  expect_double((double)NAN, "nan");
}

static size_t significant_digits(const char *text) {
  size_t n = 0, zeros = 0;
  for (; *text && *text != 'e'; text++) {
    if (*text < '0' || *text > '9' || (n == 0 && *text == '0'))
      continue;
    zeros = *text == '0' ? zeros + 1 : 0;
    n++;
  }
  return n - zeros;
}

static double random_double(int i) {
  uint64_t bits = next_random();
  double value;
  if (i % 4 == 1)
    bits &= 0x801fffffffffffffu; /* denormals and the smallest */
  if (i % 4 == 2)
    bits &= 0xfff0000000000000u; /* powers of two */
  memcpy(&value, &bits, sizeof value);
  return i % 4 == 3 ? (double)(int64_t)(next_random() % 2000000000) / 1000 : value;
}

/* Against the C library: the same value again, and no shorter text that reads as it. */
static void doubles_round_trip_and_are_shortest(void **state) {
  (void)state;
  for (int i = 0; i < 40000; i++) {
    char text[SLUICE_TEXT_MAX + 1], shorter[64];
    double value = random_double(i), back = 0;
    if (!isfinite(value))
      continue;
    size_t n = sluice_print_double(text, value);
    text[n] = 0;
    assert_true(sluice_parse_double(text, n, &back));
    assert_memory_equal(&back, &value, sizeof value);
    back = strtod(text, NULL);
    assert_memory_equal(&back, &value, sizeof value);
    int digits = (int)significant_digits(text);
    if (digits < 2)
      continue;
    snprintf(shorter, sizeof shorter, "%.*e", digits - 2, value);
    back = strtod(shorter, NULL);
    assert_memory_not_equal(&back, &value, sizeof value);
  }
}

static void floats_round_trip(void **state) {
  (void)state;
  for (int i = 0; i < 40000; i++) {
    char text[SLUICE_TEXT_MAX + 1];
    uint32_t bits = (uint32_t)next_random();
    float value, back;
    memcpy(&value, &bits, sizeof value);
    if (!isfinite(value))
      continue;
    text[sluice_print_float(text, value)] = 0;
    back = strtof(text, NULL);
    assert_memory_equal(&back, &value, sizeof value);
    assert_true(significant_digits(text) <= 9);
  }
}

/* Digits that lie next to half-way points, long ones, and exponents at both ends. */
static void doubles_are_read_to_the_nearest(void **state) {
  (void)state;
  static const char *const hard[] = {"9007199254740993",
                                     "9007199254740992.999999999999999999999999999999999",
                                     "9007199254740993.00000000000000000000000000000000000000000000000000000000000001",
                                     "2.2250738585072011e-308",
                                     "4.9406564584124654e-324",
                                     "2.4703282292062328e-324",
                                     "1.7976931348623158e308",
                                     "0.1e1",
                                     "123456789012345678901234567890e-20",
                                     "1e-400",
                                     "100000000000000000000000e-323",
                                     "7.2057594037927933e16",
                                     ".5",
                                     "5.",
                                     "+1.5E+3"};
  for (size_t i = 0; i < sizeof hard / sizeof hard[0]; i++) {
    double value = -1, wanted = strtod(hard[i], NULL);
    assert_true(sluice_parse_double(hard[i], strlen(hard[i]), &value));
    assert_memory_equal(&value, &wanted, sizeof value);
  }
  for (int i = 0; i < 20000; i++) {
    char text[80];
    int n = snprintf(text, sizeof text, "%llu%llue%d", (unsigned long long)next_random(),
                     (unsigned long long)(next_random() >> (next_random() % 60)), (int)(next_random() % 640) - 340);
    double value = 0, wanted = strtod(text, NULL);
    assert_int_equal(sluice_parse_double(text, (size_t)n, &value), isfinite(wanted));
    if (isfinite(wanted))
      assert_memory_equal(&value, &wanted, sizeof value);
  }
}

static void very_long_digits_are_read(void **state) {
  (void)state;
  enum { LONG = 5000 };
  char *text = malloc(LONG + 20);
  double value;
  assert_non_null(text);
  memset(text, '0', LONG);
  memcpy(text, "9007199254740993.", 17); /* half way, but for a digit far behind */
  text[LONG - 1] = '1';
  assert_true(sluice_parse_double(text, LONG, &value));
  assert_true(value > 9007199254740992.0 && value <= 9007199254740994.0);
  text[LONG - 1] = '0';
  assert_true(sluice_parse_double(text, LONG, &value));
  assert_true(value >= 9007199254740992.0 && value <= 9007199254740992.0);
  memcpy(text, "0.", 2);
  memset(text + 2, '0', LONG - 2);
  memcpy(text + LONG, "15e4999", 7);
  assert_true(sluice_parse_double(text, LONG + 7, &value));
  assert_true(value > 1.49 && value < 1.51);
  free(text);
}

static void what_is_no_double_is_refused(void **state) {
  (void)state;
  static const char *const wrong[] = {"",    "-",   ".",    "e5",   "1e",  "1e+",   "1.2.3", "0x10", "1 ",    " 1",
                                      "1_0", "1,5", "nano", "1e5x", "--1", "1e999", "+",     "infi", "1e1e1", "-.e1"};
  double value = 42;
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
    assert_false(sluice_parse_double(wrong[i], strlen(wrong[i]), &value));
  assert_true(value > 41.9 && value < 42.1);
  assert_true(sluice_parse_double("-Infinity", 9, &value));
  assert_true(value < 0 && isinf(value));
  assert_true(sluice_parse_double("NaN", 3, &value));
  assert_true(isnan(value));
}

static void expect_int(const char *text, bool fits, int64_t wanted) {
  int64_t value = 7;
  assert_int_equal(sluice_parse_int(text, strlen(text), &value), fits);
  assert_true(value == (fits ? wanted : 7));
}

static void integers(void **state) {
  (void)state;
  char text[SLUICE_TEXT_MAX + 1];
  uint64_t whole;
  expect_int("0", true, 0);
  expect_int("-0", true, 0);
  expect_int("+17", true, 17);
  expect_int("0000000000000000000000000000012", true, 12);
  expect_int("9223372036854775807", true, INT64_MAX);
  expect_int("-9223372036854775808", true, INT64_MIN);
  expect_int("9223372036854775808", false, 0);
  expect_int("-9223372036854775809", false, 0);
  expect_int("", false, 0);
  expect_int("-", false, 0);
  expect_int("-+1", false, 0);
  expect_int("1.0", false, 0);
  expect_int("12a", false, 0);
  assert_true(sluice_parse_uint("18446744073709551615", 20, &whole) && whole == UINT64_MAX);
  assert_false(sluice_parse_uint("18446744073709551616", 20, &whole));
  assert_false(sluice_parse_uint("99999999999999999999999", 23, &whole));
  text[sluice_print_int(text, INT64_MIN)] = 0;
  assert_string_equal(text, "-9223372036854775808");
  text[sluice_print_uint(text, UINT64_MAX)] = 0;
  assert_string_equal(text, "18446744073709551615");
  for (uint64_t power = 1; power < UINT64_MAX / 10; power *= 10) {
    char wanted[64];
    snprintf(wanted, sizeof wanted, "%llu%llu", (unsigned long long)power - 1, (unsigned long long)power);
    size_t n = sluice_print_uint(text, power - 1);
    text[n + sluice_print_uint(text + n, power)] = 0;
    assert_string_equal(text, wanted);
  }
}

static void expect_decimal(const char *in, int32_t precision, int32_t scale, int32_t bytes, const char *out) {
  char text[SLUICE_TEXT_MAX + 1];
  uint8_t value[32];
  bool fits = sluice_parse_decimal(in, strlen(in), precision, scale, bytes, value);
  assert_int_equal(fits, out != NULL);
  if (!fits)
    return;
  text[sluice_print_decimal(text, value, bytes, scale)] = 0;
  assert_string_equal(text, out);
}

static void decimals(void **state) {
  (void)state;
  static const char nines[] = "9999999999999999999999999999999999999999999999999999999999999999999999999999";
  expect_decimal("1.5", 10, 2, 16, "1.50");
  expect_decimal("-0.05", 10, 2, 16, "-0.05");
  expect_decimal("-0", 10, 2, 4, "0.00");
  expect_decimal("1.500", 10, 2, 16, "1.50");
  expect_decimal("1.505", 10, 2, 16, NULL);
  expect_decimal("12e3", 10, 2, 16, "12000.00");
  expect_decimal("12000e-3", 10, 2, 16, "12.00");
  expect_decimal("123456789", 9, 0, 4, "123456789");
  expect_decimal("1234567890", 18, 0, 4, NULL);
  expect_decimal("100", 9, -2, 4, "100");
  expect_decimal("150", 9, -2, 4, NULL);
  expect_decimal("0.0001", 4, 4, 4, "0.0001");
  expect_decimal("1", 4, 4, 4, NULL);
  expect_decimal("9223372036854775807", 38, 0, 16, "9223372036854775807");
  expect_decimal("-9223372036854775808", 38, 0, 16, "-9223372036854775808");
  expect_decimal("9223372036854775808", 38, 0, 16, "9223372036854775808");
  expect_decimal("-9223372036854775809", 76, 0, 32, "-9223372036854775809");
  expect_decimal("-92233720368547758.08", 38, 2, 16, "-92233720368547758.08");
  expect_decimal("18446744073709551616", 38, 0, 16, "18446744073709551616");
  expect_decimal("-0.000000001", 18, 9, 8, "-0.000000001");
  expect_decimal("1.0000000001", 18, 10, 8, "1.0000000001");
  expect_decimal("-21474836.48", 9, 2, 4, NULL);
  expect_decimal("-9999999.99", 9, 2, 4, "-9999999.99");
  expect_decimal(nines, 76, 0, 32, nines);
  expect_decimal("99999999999999999999999999999999999999", 38, 0, 16, "99999999999999999999999999999999999999");
  expect_decimal("-99999999999999999999999999999999999999", 38, 38, 16, NULL);
  expect_decimal("-0.99999999999999999999999999999999999999", 38, 38, 16, "-0.99999999999999999999999999999999999999");
  expect_decimal("1e999999999999", 38, 0, 16, NULL);
  expect_decimal("0e5", 38, 0, 16, "0");
  expect_decimal("1e-100", 38, 100, 16, "1e-100");
  expect_decimal("", 38, 0, 16, NULL);
  expect_decimal(".", 38, 0, 16, NULL);
  expect_decimal("1e", 38, 0, 16, NULL);
}

static void booleans(void **state) {
  (void)state;
  bool value = false;
  assert_true(sluice_parse_bool("TRUE", 4, &value) && value);
  assert_true(sluice_parse_bool("False", 5, &value) && !value);
  assert_false(sluice_parse_bool("tRue", 4, &value));
  assert_false(sluice_parse_bool("1", 1, &value));
  assert_false(sluice_parse_bool("", 0, &value));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(doubles_have_one_form),
      cmocka_unit_test(doubles_round_trip_and_are_shortest),
      cmocka_unit_test(floats_round_trip),
      cmocka_unit_test(doubles_are_read_to_the_nearest),
      cmocka_unit_test(very_long_digits_are_read),
      cmocka_unit_test(what_is_no_double_is_refused),
      cmocka_unit_test(integers),
      cmocka_unit_test(decimals),
      cmocka_unit_test(booleans),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
