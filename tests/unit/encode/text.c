/* Escaping, and the layouts of text and binary. */
#include "sample.h"
#include <stdlib.h>

/* One text value of n bytes through the encoder; *rejected tells what happened to it. */
static const char *encode_text(const void *bytes, int32_t n, struct refusals *seen) {
  struct column value, record;
  int32_t offsets[] = {0, n};
  column_set(&value, "u", "v", 1, 3, NULL, offsets, bytes);
  record_set(&record, 1, 1, &value);
  return encode_all("ndjson", NULL, &record, seen);
}

/* The plain way to escape, to compare with. */
static size_t escape_slowly(const uint8_t *bytes, size_t n, char *out) {
  size_t size = 0;
  for (size_t i = 0; i < n; i++) {
    const char *brief = bytes[i] ? strchr("\bb\tt\nn\ff\rr", bytes[i]) : NULL;
    if (bytes[i] == '"' || bytes[i] == '\\')
      size += (size_t)snprintf(out + size, 8, "\\%c", bytes[i]);
    else if (bytes[i] < 32 && brief)
      size += (size_t)snprintf(out + size, 8, "\\%c", brief[1]);
    else if (bytes[i] < 32)
      size += (size_t)snprintf(out + size, 8, "\\u%04x", bytes[i]);
    else
      out[size++] = (char)bytes[i];
  }
  return size;
}

/* Every byte below 128 at every place of texts of each length around the word size. */
static void test_every_byte_everywhere(void **state) {
  char want[512];
  (void)state;
  for (size_t n = 1; n <= 18; n++)
    for (size_t at = 0; at < n; at++)
      for (int c = 0; c < 128; c++) {
        uint8_t *text = malloc(n); /* exactly, so that a read past the end is seen */
        assert_non_null(text);
        memset(text, 'x', n);
        text[at] = (uint8_t)c;
        memcpy(want, "{\"v\":\"", 6);
        size_t size = 6 + escape_slowly(text, n, want + 6);
        memcpy(want + size, "\"}\n", 4);
        assert_string_equal(encode_text(text, (int32_t)n, NULL), want);
        free(text);
      }
}

static void test_known(void **state) {
  (void)state;
  assert_string_equal(encode_text("", 0, NULL), "{\"v\":\"\"}\n");
  assert_string_equal(encode_text("a/b \x7f", 5, NULL), "{\"v\":\"a/b \x7f\"}\n");
  assert_string_equal(encode_text("gr\xc3\xbc\xc3\x9f \xf0\x9f\x8c\x8a", 11, NULL),
                      "{\"v\":\"gr\xc3\xbc\xc3\x9f \xf0\x9f\x8c\x8a\"}\n");
  assert_string_equal(encode_text("\0", 1, NULL), "{\"v\":\"\\u0000\"}\n");
}

static void test_not_utf8(void **state) {
  static const char *const bad[] = {"\xff", "\xc3", "\xe2\x82", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\x80"};
  (void)state;
  for (size_t b = 0; b < sizeof bad / sizeof *bad; b++)
    for (size_t before = 0; before <= 17; before++)
      for (size_t after = 0; after <= 9; after++) {
        char text[64];
        size_t n = strlen(bad[b]);
        struct refusals seen = {0};
        memset(text, 'x', sizeof text);
        memcpy(text + before, bad[b], n);
        assert_string_equal(encode_text(text, (int32_t)(before + n + after), &seen), "");
        assert_int_equal(seen.count, 1);
        assert_string_equal(seen.column, "v");
        assert_non_null(strstr(seen.reason, "not UTF-8"));
      }
}

/* Texts over the size of a piece, of what grows most, and with a character on the border. */
static void test_long(void **state) {
  enum { N = 100000 };
  char *text = malloc(N);
  (void)state;
  assert_non_null(text);
  memset(text, 1, N);
  const char *got = encode_text(text, N, NULL);
  assert_int_equal(strlen(got), 6 + 6 * N + 3);
  for (size_t i = 0; i < N; i++)
    assert_memory_equal(got + 6 + 6 * i, "\\u0001", 6);
  memset(text, 'a', N);
  memcpy(text + 16383, "\xc3\xbc", 2);
  got = encode_text(text, N, NULL);
  assert_int_equal(strlen(got), 6 + N + 3);
  assert_memory_equal(got + 6, text, N);
  free(text);
}

static void test_layouts(void **state) {
  static const int32_t small[] = {0, 1, 3, 3};
  static const int64_t large[] = {0, 1, 3, 3};
  static const char *const expected[] = {"\"a\"", "\"bc\"", "\"\""};
  struct {
    int32_t n;
    char inside[12];
  } views[] = {{1, "a"}, {13, ""}, {12, "exactly twel"}};
  static const char far[] = "__far away text";
  static const int64_t sizes[] = {15};
  static const char *const seen[] = {"\"a\"", "\"far away text\"", "\"exactly twel\""};
  const int32_t place[] = {0, 2};
  struct column c;
  (void)state;
  column_set(&c, "u", "v", 3, 3, NULL, small, "abc");
  check_values(&c, NULL, expected);
  column_set(&c, "U", "v", 3, 3, NULL, large, "abc");
  check_values(&c, NULL, expected);
  memcpy(views[1].inside, "far ", 4);
  memcpy(views[1].inside + 4, place, 8);
  column_set(&c, "vu", "v", 3, 4, NULL, views, far, sizes);
  check_values(&c, NULL, seen);
}

static void test_binary(void **state) {
  static const int32_t offsets[] = {0, 0, 1, 3, 6};
  static const char *const expected[] = {"\"\"", "\"AA==\"", "\"//4=\"", "\"YWJj\""};
  static const char *const fixed[] = {"\"AP8=\"", "\"/mE=\""};
  struct column c;
  (void)state;
  column_set(&c, "z", "v", 4, 3, NULL, offsets,
             "\0\xff\xfe"
             "abc");
  check_values(&c, NULL, expected);
  column_set(&c, "w:2", "v", 2, 2, NULL,
             "\0\xff\xfe"
             "abc");
  check_values(&c, NULL, fixed);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_byte_everywhere),
      cmocka_unit_test(test_known),
      cmocka_unit_test(test_not_utf8),
      cmocka_unit_test(test_long),
      cmocka_unit_test(test_layouts),
      cmocka_unit_test(test_binary),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
