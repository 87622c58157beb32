/* Fast parsers give what the exact ones of core/arrow give; patterns of dates, and options about values that are
 * refused. */
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "csv.h"
#include "kit.h"
#include "lanes.h"
#include "order.h"
#include "times.h"
#include <stdlib.h>

static uint64_t seed = 99;
static uint32_t random_below(uint32_t n) {
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return (uint32_t)(seed >> 20) % n;
}

/* Mostly of these characters, with readable bytes of all kinds behind them. */
static size_t make_text(char out[64], const char *of, uint32_t longest) {
  size_t kinds = strlen(of), n = 1 + random_below(longest);
  for (size_t i = 0; i < 64; i++)
    out[i] = i < n || random_below(2) ? of[random_below((uint32_t)kinds)] : (char)random_below(256);
  return n;
}

static void check_number(const char *text, size_t n) {
  int64_t whole = 0, exact_whole = 0;
  double real = 0, exact_real = 0;
  bool is_int = csv_parse_int(text, n, &whole), is_real = csv_parse_double(text, n, &real);
  if (is_int != sluice_parse_int(text, n, &exact_whole) || (is_int && whole != exact_whole))
    fail_msg("int64 of \"%.*s\"", (int)n, text);
  if (is_real != sluice_parse_double(text, n, &exact_real) || (is_real && memcmp(&real, &exact_real, 8) != 0))
    fail_msg("double of \"%.*s\": %.17g and %.17g", (int)n, text, real, exact_real);
}

static void numbers(void **state) {
  static const char *const of[] = {"0123456789", "0123456789.", "0123456789.-", "0.-+e1", "0123456789.,;:/ \"\xff"};
  static const char *const special[] = {".",       "-",   "-.",  "1.",   ".5",    "-.5", "..",    "1..2",
                                        "0.0",     "-0",  "-0.", "-0.0", "1e5",   "+1",  "--1",   "1-",
                                        "12.34.5", "nan", "inf", "-inf", "1.5e3", "",    "00012", "9007199254740993"};
  char text[64] = "";
  (void)state;
  for (size_t i = 0; i < sizeof special / sizeof *special; i++) {
    memset(text, '7', sizeof text);
    size_t n = strlen(special[i]);
    memcpy(text, special[i], n);
    if (n)
      check_number(text, n);
  }
  for (int i = 0; i < 400000; i++) {
    size_t n = make_text(text, of[i % 5], 20);
    check_number(text, n);
  }
}

/* One lane: the kernel leaves it, or gives what the parser gives. */
static void check_lane(const struct csv_lanes *lanes, uint32_t i, const char *text, size_t n, const int64_t *whole,
                       const double *real) {
  int64_t exact_whole = 0;
  double exact_real = 0;
  if (lanes->left[i / 64] >> (i % 64) & 1)
    return;
  if (whole && (!sluice_parse_int(text, n, &exact_whole) || whole[i] != exact_whole))
    fail_msg("lane of int64 \"%.*s\": %lld", (int)n, text, (long long)whole[i]);
  if (real && (!sluice_parse_double(text, n, &exact_real) || memcmp(&real[i], &exact_real, 8) != 0))
    fail_msg("lane of double \"%.*s\": %.17g", (int)n, text, real[i]);
}

static void number_lanes(void **state) {
  static const char *const of[] = {"0123456789", "0123456789", "0123456789.", "0123456789.-", "01.:/\xff"};
  const struct csv_kernels *kernels = csv_kernels_best();
  (void)state;
  if (!kernels) {
    printf("skipped: this machine has no kernels\n");
    return;
  }
  int64_t taken = 0;
  for (int round = 0; round < 3000; round++) {
    static char texts[CSV_LANES][64];
    static size_t sizes[CSV_LANES];
    static int64_t whole[CSV_LANES + 8];
    static double real[CSV_LANES + 8];
    struct csv_lanes lanes = {0};
    uint32_t n = 1 + random_below(CSV_LANES);
    for (uint32_t i = 0; i < n; i++) {
      sizes[i] = make_text(texts[i], of[round % 5], 9);
      bool minus = texts[i][0] == '-';
      lanes.words[i] = csv_load8(texts[i] + minus);
      lanes.minus[i] = minus;
      lanes.sizes[i] = sizes[i] - minus > 8 ? 0 : (uint8_t)(sizes[i] - minus);
    }
    kernels->int64(&lanes, n, whole);
    for (uint32_t i = 0; i < n; i++)
      check_lane(&lanes, i, texts[i], sizes[i], whole, NULL);
    kernels->real(&lanes, n, real);
    for (uint32_t i = 0; i < n; i++) {
      check_lane(&lanes, i, texts[i], sizes[i], NULL, real);
      taken += !(lanes.left[i / 64] >> (i % 64) & 1);
    }
  }
  assert_true(taken > 100000);
}

static void date_lanes(void **state) {
  const struct csv_kernels *kernels = csv_kernels_best();
  (void)state;
  if (!kernels) {
    printf("skipped: this machine has no kernels\n");
    return;
  }
  for (int year = 0; year < 10000; year += year < 1890 || year > 2110 ? 10 : 1) {
    for (int month = 0; month < 100; month += month == 14 ? 85 : 1) {
      struct csv_lanes lanes = {0};
      int32_t got[CSV_LANES + 8];
      char text[48];
      for (int day = 0; day < 100; day++) {
        snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
        lanes.words[day] = csv_date_digits(text);
        lanes.sizes[day] = 1;
      }
      kernels->date32(&lanes, 100, got);
      for (int day = 0; day < 100; day++) {
        int32_t exact = 0;
        snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
        bool left = lanes.left[day / 64] >> (day % 64) & 1, is_date = sluice_parse_date(text, 10, &exact);
        if (left ? is_date && !(month == 2 && day == 29) : !is_date || got[day] != exact)
          fail_msg("lane of %s: %d", text, (int)got[day]);
      }
    }
  }
}

/* Each day of ten thousand years, and all wrong days of some. */
static void dates(void **state) {
  char text[64];
  (void)state;
  for (int32_t day = -719528; day <= 2932896; day++) {
    memset(text, '3', sizeof text);
    size_t n = sluice_print_date(text, day);
    int32_t got = 0;
    if (n != 10 || !csv_parse_date(text, n, &got) || got != day)
      fail_msg("day %d is %.*s, read as %d", (int)day, (int)n, text, (int)got);
  }
  for (int year = 1896; year < 2005; year++)
    for (int month = 0; month < 100; month++)
      for (int day = 0; day < 100; day++) {
        int32_t got = 0, exact = 0;
        snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
        bool ok = csv_parse_date(text, 10, &got);
        if (ok != sluice_parse_date(text, 10, &exact) || (ok && got != exact))
          fail_msg("%s", text);
      }
  for (int i = 0; i < 200000; i++) {
    int32_t got = 0, exact = 0;
    size_t n = make_text(text, "0129-", 10);
    bool ok = csv_parse_date(text, n, &got);
    if (ok != sluice_parse_date(text, n, &exact) || (ok && got != exact))
      fail_msg("\"%.*s\"", (int)n, text);
  }
}

static void check_timestamp(const char *text, size_t n) {
  for (int unit = SLUICE_SECOND; unit <= SLUICE_NANO; unit++) {
    int64_t got = 0, exact = 0;
    bool zoned = false, also = false;
    bool ok = csv_parse_timestamp(text, n, (enum sluice_time_unit)unit, &got, &zoned);
    bool exact_ok = sluice_parse_timestamp(text, n, (enum sluice_time_unit)unit, &exact, &also);
    if (ok != exact_ok || (ok && (got != exact || zoned != also)))
      fail_msg("\"%.*s\" in unit %d: %lld and %lld", (int)n, text, unit, (long long)got, (long long)exact);
  }
}

static void timestamps(void **state) {
  static const char *const special[] = {
      "2020-02-29 23:59:59",
      "2020-02-30 23:59:59",
      "2020-02-29T24:00:00",
      "2020-02-29 10:60:00",
      "2020-02-29 10:00:60",
      "2020-02-29 10:00:00.",
      "2020-02-29 10:00:00.1234567890",
      "2020-02-29 10:00:00.123456789Z",
      "2020-02-29 10:00:00Z",
      "2020-02-29 10:00:00+01:00",
      "9999-12-31 23:59:59.999999",
      "0000-01-01 00:00:00",
      "1677-09-21T00:12:43.145224192",
      "2262-04-11T23:47:16.854775807",
      "2262-04-11T23:47:17",
      "2020-02-29t10:00:00",
  };
  char text[64];
  (void)state;
  for (size_t i = 0; i < sizeof special / sizeof *special; i++) {
    memset(text, '0', sizeof text);
    memcpy(text, special[i], strlen(special[i]));
    check_timestamp(text, strlen(special[i]));
  }
  for (int i = 0; i < 200000; i++) {
    memset(text, '5', sizeof text);
    size_t n = (size_t)snprintf(text, sizeof text, "%04u-%02u-%02u%c%02u:%02u:%02u", random_below(3000),
                                random_below(14), random_below(33), " Tx"[random_below(3)], random_below(26),
                                random_below(62), random_below(62));
    n += (size_t)snprintf(text + n, sizeof text - n, ".%u%s", random_below(1000000), random_below(2) ? "Z" : "");
    text[n] = '5';
    check_timestamp(text, random_below(3) ? n : 19);
  }
}

static void orders(void **state) {
  static const struct {
    int order;
    const char *text, *iso;
  } table[] = {
      {0, "31/12/2020", "2020-12-31"}, {0, "1/2/2020", "2020-02-01"},
      {1, "1/2/2020", "2020-01-02"},   {2, "31.12.2020 10:20", "2020-12-31 10:20"},
      {3, "12.31.2020", "2020-12-31"}, {4, "31-12-2020T10:20:30.5+01:00", "2020-12-31T10:20:30.5+01:00"},
      {5, "12-31-2020", "2020-12-31"}, {6, "2020/1/2", "2020-01-02"},
      {7, "2020.12.31", "2020-12-31"}, {0, "31/12/20", NULL},
      {0, "31.12.2020", NULL},         {0, "31/12/2020x", NULL},
      {0, "311/12/2020", NULL},        {0, "/12/20201", NULL},
      {6, "31/12/2020", NULL},         {0, "31/12/2020 0000000000000000000000000000000000000000000", NULL},
  };
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    char out[CSV_ORDER_TEXT];
    size_t size = 0;
    bool ok = csv_order_rewrite(table[i].order, table[i].text, strlen(table[i].text), out, &size);
    if (ok != (table[i].iso != NULL) || (ok && (size != strlen(table[i].iso) || memcmp(out, table[i].iso, size) != 0)))
      fail_msg("\"%s\" became \"%.*s\"", table[i].text, (int)size, out);
  }
}

static void patterns(void **state) {
  static const struct {
    enum csv_pattern_kind kind;
    const char *pattern, *text, *stamp; /* NULL: refused */
  } table[] = {
      {CSV_PATTERN_DATE, "%d/%m/%Y", "31/12/2020", "2020-12-31T00:00:00.000000000"},
      {CSV_PATTERN_DATE, "%d/%m/%Y", "1/2/2020", "2020-02-01T00:00:00.000000000"},
      {CSV_PATTERN_DATE, "%d/%m/%Y", "31/02/2020", NULL},
      {CSV_PATTERN_DATE, "%d/%m/%Y", "31/12/2020 ", NULL},
      {CSV_PATTERN_DATE, "%d/%m/%Y", "31/12/202", NULL},
      {CSV_PATTERN_DATE, "%Y%m%d", "20200229", "2020-02-29T00:00:00.000000000"},
      {CSV_PATTERN_DATE, "%d-%b-%y", "01-Jan-69", "1969-01-01T00:00:00.000000000"},
      {CSV_PATTERN_DATE, "%d-%b-%y", "01-SEPTEMBER-68", "2068-09-01T00:00:00.000000000"},
      {CSV_PATTERN_DATE, "%A, %e %B %Y", "friday, 1 may 2020", "2020-05-01T00:00:00.000000000"},
      {CSV_PATTERN_DATE, "%d%%%m%%%Y", "1%2%2020", "2020-02-01T00:00:00.000000000"},
      {CSV_PATTERN_TIME, "%I:%M %p", "12:05 am", "1970-01-01T00:05:00.000000000"},
      {CSV_PATTERN_TIME, "%I:%M %p", "12:05 PM", "1970-01-01T12:05:00.000000000"},
      {CSV_PATTERN_TIME, "%I:%M %p", "13:05 PM", NULL},
      {CSV_PATTERN_TIME, "%H:%M:%S.%f", "1:02:03.25", "1970-01-01T01:02:03.250000000"},
      {CSV_PATTERN_TIME, "%H:%M", "24:00", NULL},
      {CSV_PATTERN_STAMP, "%F %T %z", "2020-01-02 03:04:05 -0130", "2020-01-02T04:34:05.000000000"},
      {CSV_PATTERN_STAMP, "%F %T %z", "2020-01-02 03:04:05 +1", NULL},
      {CSV_PATTERN_STAMP, "%F %T%z", "2020-01-02 03:04:05z", "2020-01-02T03:04:05.000000000"},
      {CSV_PATTERN_STAMP, "%d.%m.%y %H:%M", "1.2.20 3:4", "2020-02-01T03:04:00.000000000"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    struct csv_pattern pattern;
    struct csv_moment moment;
    struct sluice_error err = {0};
    int64_t value;
    char got[SLUICE_TEXT_MAX] = "";
    if (csv_pattern_compile(table[i].pattern, table[i].kind, &pattern, "x", &err) != SLUICE_OK)
      fail_msg("%s", err.message);
    if (csv_pattern_read(&pattern, table[i].text, strlen(table[i].text), &moment) &&
        csv_moment_stamp(&moment, SLUICE_NANO, &value))
      sluice_print_timestamp(got, value, SLUICE_NANO, false);
    if (strcmp(got, table[i].stamp ? table[i].stamp : "") != 0)
      fail_msg("\"%s\" by %s is \"%s\"", table[i].text, table[i].pattern, got);
  }
}

static void what_a_unit_cannot_hold(void **state) {
  struct csv_moment moment = {.year = 2300, .month = 1, .day = 1, .nanos = 1000};
  int64_t value;
  (void)state;
  assert_false(csv_moment_time(&moment, SLUICE_MILLI, &value));
  assert_true(csv_moment_time(&moment, SLUICE_MICRO, &value));
  assert_int_equal(value, 1);
  assert_false(csv_moment_stamp(&moment, SLUICE_NANO, &value));
}

static void refused_options(void **state) {
  static const struct {
    const char *options, *message;
  } table[] = {
      {"decimal_point = ;\n", "decimal_point must be"},
      {"thousands = x\n", "thousands must be one of"},
      {"thousands = .\n", "the same; change one"},
      {"true_values = yes\n", "belong together"},
      {"true_values = a|b\nfalse_values = b\n", "it can mean only one"},
      {"date_formats = %d/%m\n", "must have a year, a month and a day"},
      {"date_formats = %d/%m/%Y %H\n", "and no time"},
      {"date_formats = %d/%d/%m/%Y\n", "each once"},
      {"date_formats = %q\n", "is no pattern"},
      {"date_formats = %Y-%m-%d%\n", "is no pattern"},
      {"time_formats = %I:%M\n", "must have hours and minutes"},
      {"time_formats = %H:%S\n", "must have hours and minutes"},
      {"timestamp_formats = %F\n", "must have a year, a month, a day and hours"},
      {"date_formats = %Y-%m-%d-----------------------------------------\n", "at most"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    struct kit_options o;
    struct sluice_error err = {0};
    void *self = NULL;
    kit_defaults(&o);
    kit_parse_options(&o, table[i].options);
    assert_int_equal(kit_format()->open(NULL, &o.config, &self, &err), SLUICE_ERR_CONFIG);
    if (!strstr(err.message, table[i].message))
      fail_msg("%s gives: %s", table[i].options, err.message);
    kit_options_finish(&o);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers),         cmocka_unit_test(number_lanes),
      cmocka_unit_test(date_lanes),      cmocka_unit_test(dates),
      cmocka_unit_test(timestamps),      cmocka_unit_test(orders),
      cmocka_unit_test(patterns),        cmocka_unit_test(what_a_unit_cannot_hold),
      cmocka_unit_test(refused_options),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
