/* Texts with limits, hashes, nearest names, quantities, time, files. */
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/base/nearest.h"
#include "core/base/quantity.h"
#include "core/base/text.h"
#include "host.h"

static void text_stops_at_its_limit(void **state) {
  (void)state;
  struct text text = {.limit = 100};
  for (int i = 0; i < 10; i++)
    assert_int_equal(text_printf(&text, "%09d.", i), SLUICE_OK);
  assert_int_equal(text.size, 100);
  assert_int_equal(text_add(&text, "x"), SLUICE_ERR_MEMORY);
  assert_int_equal(text_printf(&text, "%s", "x"), SLUICE_ERR_MEMORY);
  assert_int_equal(strlen(text_get(&text)), 100);
  text_clear(&text);
  assert_string_equal(text_get(&text), "");
  text_finish(&text);
  assert_string_equal(text_get(&text), "");
}

static void sums_do_not_wrap(void **state) {
  (void)state;
  size_t out = 7;
  assert_false(sum_sizes(SIZE_MAX, 1, &out));
  assert_false(multiply_sizes(SIZE_MAX / 2, 3, &out));
  assert_int_equal(out, 7);
  assert_true(sum_sizes(SIZE_MAX - 1, 1, &out));
}

static void hashes_tell_texts_apart(void **state) {
  (void)state;
  char a[HASH_SIZE], b[HASH_SIZE];
  assert_int_equal(hash_bytes("abc", 3, a), SLUICE_OK);
  assert_string_equal(a, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  assert_int_equal(hash_texts((const char *const[]){"ab", "c"}, 2, a), SLUICE_OK);
  assert_int_equal(hash_texts((const char *const[]){"a", "bc"}, 2, b), SLUICE_OK);
  assert_string_not_equal(a, b);
  assert_int_equal(hash_texts((const char *const[]){NULL}, 1, a), SLUICE_OK);
  assert_int_equal(hash_texts((const char *const[]){""}, 1, b), SLUICE_OK);
  assert_string_not_equal(a, b);
}

static void nearest_names_are_near(void **state) {
  (void)state;
  static const char *const names[] = {"region", "endpoint", NULL, "url", "path"};
  assert_string_equal(nearest_name("regoin", names, 5), "region");
  assert_string_equal(nearest_name("endpiont", names, 5), "endpoint");
  assert_string_equal(nearest_name("ur", names, 5), "url");
  assert_null(nearest_name("bucket", names, 5));
  assert_null(nearest_name("x", names, 5));
  assert_int_equal(nearest_distance("ab", "ba", 5), 1);
  assert_int_equal(nearest_distance("kitten", "sitting", 5), 3);
  char longest[400];
  memset(longest, 'a', sizeof longest - 1);
  longest[sizeof longest - 1] = 0;
  assert_int_equal(nearest_distance(longest, "a", 3), 4);
}

static void sizes_and_durations_are_exact(void **state) {
  (void)state;
  int64_t n = -1;
  assert_true(quantity_size("8MiB", &n) && n == 8 << 20);
  assert_true(quantity_size("10kB", &n) && n == 10000);
  assert_true(quantity_size("512", &n) && n == 512);
  assert_true(quantity_size("1.5 GiB", &n) && n == INT64_C(3) << 29);
  assert_true(quantity_duration("500ms", &n) && n == 500);
  assert_true(quantity_duration("1.5s", &n) && n == 1500);
  assert_true(quantity_duration("1d", &n) && n == 86400000);
  static const char *const wrong[] = {"",   "MiB", "8 XiB", "-1", "1e3", "1..5s", "9999999999TiB",
                                      " 1", "1s ", "0x10",  "."};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    assert_false(quantity_size(wrong[i], &n));
    assert_false(quantity_duration(wrong[i], &n));
  }
  assert_false(quantity_duration("10", &n));
}

static void numbers_take_the_whole_text(void **state) {
  (void)state;
  int64_t n;
  double d;
  bool b;
  assert_true(quantity_int("-9223372036854775808", &n) && n == INT64_MIN);
  assert_false(quantity_int("9223372036854775808", &n) || quantity_int("1 ", &n) || quantity_int("", &n) ||
               quantity_int("+-1", &n));
  assert_true(quantity_double("1e-3", &d) && d > 0.00099 && d < 0.00101);
  assert_false(quantity_double("inf", &d) || quantity_double("1e999", &d) || quantity_double("0x1", &d) ||
               quantity_double(" 1", &d));
  int64_t us;
  assert_true(quantity_time("2026-01-31", &us) && us == INT64_C(1769817600000000));
  assert_true(quantity_time("2026-01-31T12:00:01Z", &us) && us == INT64_C(1769860801000000));
  assert_true(quantity_time("1969-12-31T23:59:59", &us) && us == -1000000);
  static const char *const no_times[] = {
      "", "now", "2026-02-30", "2026-1-31", " 2026-01-31", "2026-01-31 ", "2026-01-31T25:00:00Z"};
  for (size_t i = 0; i < sizeof no_times / sizeof *no_times; i++)
    assert_false(quantity_time(no_times[i], &us));
  assert_true(quantity_percent("1%", &d) && d > 0.0099 && d < 0.0101);
  assert_false(quantity_percent("101%", &d) || quantity_percent("%", &d) || quantity_percent("5", &d));
  assert_true(quantity_bool("true", &b) && b);
  assert_false(quantity_bool("yes", &b));
}

static void quantities_print_for_people(void **state) {
  (void)state;
  char text[QUANTITY_TEXT_SIZE];
  quantity_print_size(64 << 20, text);
  assert_string_equal(text, "64.0 MiB");
  quantity_print_size(999, text);
  assert_string_equal(text, "999 B");
  quantity_print_duration(65000, text);
  assert_string_equal(text, "1m 05s");
  quantity_print_duration(1234, text);
  assert_string_equal(text, "1.2s");
}

static void time_prints_as_rfc_3339(void **state) {
  (void)state;
  char text[CLOCK_TEXT_SIZE];
  clock_format(INT64_C(1709211959123456), text);
  assert_string_equal(text, "2024-02-29T13:05:59.123Z");
  clock_format(-1, text);
  assert_string_equal(text, "1969-12-31T23:59:59.999Z");
  int64_t before = clock_monotonic_us();
  assert_true(clock_monotonic_us() >= before);
}

static void files_are_read_up_to_a_limit(void **state) {
  (void)state;
  struct text text = {0};
  struct sluice_error err = {0};
  assert_int_equal(text_add(&text, "before"), SLUICE_OK);
  assert_int_equal(file_read("/dev/zero", 1000, &text, &err), SLUICE_ERR_CONFIG);
  assert_contains(err.message, "1000");
  assert_string_equal(err.where, "/dev/zero");
  assert_string_equal(text.data, "before");
  err = (struct sluice_error){0};
  assert_int_equal(file_read("/nowhere", 1000, &text, &err), SLUICE_ERR_CONFIG);
  assert_contains(err.message, "No such file");
  err = (struct sluice_error){0};
  assert_int_equal(file_read("/", 1000, &text, &err), SLUICE_ERR_CONFIG);
  text_finish(&text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(text_stops_at_its_limit),       cmocka_unit_test(sums_do_not_wrap),
      cmocka_unit_test(hashes_tell_texts_apart),       cmocka_unit_test(nearest_names_are_near),
      cmocka_unit_test(sizes_and_durations_are_exact), cmocka_unit_test(numbers_take_the_whole_text),
      cmocka_unit_test(quantities_print_for_people),   cmocka_unit_test(time_prints_as_rfc_3339),
      cmocka_unit_test(files_are_read_up_to_a_limit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
