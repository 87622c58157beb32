/* Patterns over paths. */
#include "glob.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
/* cmocka needs the first three */
#include <cmocka.h>

static void check(const char *pattern, const char *path, bool expected) {
  const char *wrong = NULL;
  struct glob *glob = glob_create(pattern, &wrong);
  assert_non_null(glob);
  if (glob_match(glob, path) != expected)
    fail_msg("'%s' over '%s' is not %d", pattern, path, expected);
  glob_destroy(glob);
}

static void test_match(void **state) {
  static const struct {
    const char *pattern, *path;
    bool expected;
  } cases[] = {
      {"a.csv", "a.csv", true},
      {"a.csv", "a.csvx", false},
      {"a.csv", "b/a.csv", false},
      {"", "", true},
      {"", "a", false},
      {"*.csv", "a.csv", true},
      {"*.csv", ".csv", true},
      {"*.csv", "b/a.csv", false},
      {"*", "a/b", false},
      {"*/*", "a/b", true},
      {"a*b*c", "axxbyyc", true},
      {"a*b*c", "axxbyy", false},
      {"*a*a*", "banana", true},
      {"**", "", true},
      {"**", "a", true},
      {"**", "a/b/c", true},
      {"**/*.csv", "a.csv", true},
      {"**/*.csv", "x/y/a.csv", true},
      {"**/*.csv", "x/y/a.tsv", false},
      {"a/**", "a/b/c", true},
      {"a/**", "ab/c", false},
      {"a/**", "a", false},
      {"a/**/b", "a/b", true},
      {"a/**/b", "a/x/y/b", true},
      {"a/**/b", "a/xb", false},
      {"**/b/**", "a/b/c", true},
      {"**/b/**", "ab/c", false},
      {"x**y", "x/a/y", true},
      {"**/**/a", "a", true},
      {"**/**/a", "b/a", true},
      {"?", "a", true},
      {"?", "\xc3\xa9", true},
      {"?", "/", false},
      {"?", "", false},
      {"??",
       "\xe2\x82\xac"
       "a",
       true},
      {"?", "\xff", true},
      {"[abc]", "b", true},
      {"[a-c]x", "bx", true},
      {"[!a-c]", "b", false},
      {"[^a-c]", "d", true},
      {"[]]", "]", true},
      {"[!]]", "a", true},
      {"[a-]", "-", true},
      {"[a/]", "/", false},
      {"[\xc3\xa0-\xc3\xbf]", "\xc3\xa9", true},
      {"[\\]]", "]", true},
      {"\\*", "*", true},
      {"\\*", "a", false},
      {"\\[a", "[a", true},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    check(cases[i].pattern, cases[i].path, cases[i].expected);
}

static void test_wrong(void **state) {
  char longer[GLOB_MAX + 2];
  const char *wrong = NULL;
  (void)state;
  assert_null(glob_create("a[b", &wrong));
  assert_non_null(wrong);
  assert_null(glob_create("[]", &wrong));
  memset(longer, 'a', sizeof longer - 1);
  longer[sizeof longer - 1] = 0;
  assert_null(glob_create(longer, &wrong));
  assert_non_null(strstr(wrong, "longer"));
}

static void test_covers(void **state) {
  const char *wrong = NULL;
  struct glob *glob = glob_create("**/tmp/**", &wrong);
  (void)state;
  assert_true(glob_covers(glob, "tmp/"));
  assert_true(glob_covers(glob, "a/tmp/"));
  assert_false(glob_covers(glob, "a/"));
  glob_destroy(glob);
  glob = glob_create("tmp/*.csv", &wrong);
  assert_false(glob_covers(glob, "tmp/"));
  glob_destroy(glob);
}

/* What takes a matcher that goes back years. */
static void test_no_explosion(void **state) {
  char pattern[GLOB_MAX + 1] = "", path[4001];
  const char *wrong = NULL;
  (void)state;
  for (int i = 0; i < 250; i++)
    memcpy(pattern + 4 * i, "**a*", 5);
  memset(path, 'a', sizeof path - 1);
  memcpy(path + 3990, "b", 1);
  path[sizeof path - 1] = 0;
  memcpy(pattern + 1000, "[c]", 4);
  struct glob *glob = glob_create(pattern, &wrong);
  assert_non_null(glob);
  clock_t start = clock();
  assert_false(glob_match(glob, path));
  assert_true(clock() - start < 5 * CLOCKS_PER_SEC);
  glob_destroy(glob);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_match), cmocka_unit_test(test_wrong),
                                     cmocka_unit_test(test_covers), cmocka_unit_test(test_no_explosion)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
