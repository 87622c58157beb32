/* Percent encoding of odd keys, its reverse, and the bounded text below it. */
#include "base/uri.h"
#include "check.h"
#include <stdlib.h>
#include <string.h>

static void encodes(const char *raw, const char *as_path, const char *as_value) {
  struct text path = {0}, value = {0};
  uri_encode_path(&path, raw, strlen(raw));
  uri_encode(&value, raw, strlen(raw));
  assert_string_equal(text_get(&path), as_path);
  assert_string_equal(text_get(&value), as_value);
  text_finish(&path);
  text_finish(&value);
}

static void odd_keys(void **state) {
  (void)state;
  encodes("", "", "");
  encodes("a b", "a%20b", "a%20b");
  encodes("a+b", "a%2Bb", "a%2Bb");
  encodes("100%", "100%25", "100%25");
  encodes("a%2Fb", "a%252Fb", "a%252Fb");
  encodes("//x/./../y", "//x/./../y", "%2F%2Fx%2F.%2F..%2Fy");
  encodes("-_.~aZ9", "-_.~aZ9", "-_.~aZ9");
  encodes("é😀", "%C3%A9%F0%9F%98%80", "%C3%A9%F0%9F%98%80");
  encodes("!$&'()*,;=:@?#[]", "%21%24%26%27%28%29%2A%2C%3B%3D%3A%40%3F%23%5B%5D",
          "%21%24%26%27%28%29%2A%2C%3B%3D%3A%40%3F%23%5B%5D");
  encodes("\x01\x7f\t", "%01%7F%09", "%01%7F%09");
}

static void decodes(const char *encoded, const char *raw) {
  char *copy = strdup(encoded);
  size_t n = strlen(encoded);
  assert_true(uri_decode(copy, &n));
  assert_int_equal(n, strlen(raw));
  assert_memory_equal(copy, raw, n);
  free(copy);
}

static void decoding(void **state) {
  (void)state;
  decodes("a%2B+b", "a+ b");     /* as AWS writes it */
  decodes("a%20b%2Fc", "a b/c"); /* as RGW does */
  decodes("%c3%A9", "é");
  decodes("", "");
}

static void broken_encoding(void **state) {
  (void)state;
  const char *broken[] = {"%", "a%2", "%zz", "%2", "x%2%20"};
  for (int i = 0; i < 5; i++) {
    char *copy = strdup(broken[i]);
    size_t n = strlen(broken[i]);
    assert_false(uri_decode(copy, &n));
    free(copy);
  }
}

static void texts_have_a_limit(void **state) {
  (void)state;
  struct text text = {.limit = 10};
  text_puts(&text, "12345");
  assert_false(text.failed);
  text_puts(&text, "678901");
  assert_true(text.failed);
  assert_string_equal(text_get(&text), "12345");
  text_printf(&text, "x");
  assert_true(text.failed);
  text_clear(&text);
  text_printf(&text, "%010d", 1);
  assert_false(text.failed);
  text_finish(&text);
}

static void lines_are_cut_between_characters(void **state) {
  (void)state;
  char out[6];
  text_copy_line(out, sizeof out, "abcdé", 6);
  assert_string_equal(out, "abcd");
  text_copy_line(out, sizeof out, "a\r\nb", 4);
  assert_string_equal(out, "a  b");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(odd_keys), cmocka_unit_test(decoding),
                                     cmocka_unit_test(broken_encoding), cmocka_unit_test(texts_have_a_limit),
                                     cmocka_unit_test(lines_are_cut_between_characters)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
