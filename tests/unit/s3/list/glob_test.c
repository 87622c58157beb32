/* Globs: a table of cases, a second matcher by search for random patterns, what is refused, and time. */
#include "../check.h"
#include "list/glob.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct glob *compile(const char *pattern) {
  const char *why = NULL;
  struct glob *glob = glob_create(pattern, &why);
  if (!glob)
    fail_msg("%s: %s", pattern, why);
  return glob;
}

static void matching(void **state) {
  (void)state;
  static const struct {
    const char *pattern, *yes[8], *no[8];
  } cases[] = {
      {"*.csv", {"a.csv", ".csv", "x/a.csv", "x/y/a.csv"}, {"a.csv.gz", "a.CSV", "a.csv/x"}},
      {"/*.csv", {"a.csv"}, {"x/a.csv", "/a.csv"}},
      {"**/*.csv", {"a.csv", "x/a.csv", "x/y/a.csv", "/a.csv"}, {"a.csv/x"}},
      {"x/*.csv", {"x/a.csv", "x/.csv"}, {"a.csv", "x/y/a.csv", "y/x/a.csv"}},
      {"x/**", {"x/a", "x/a/b", "x/"}, {"x", "y/x/a"}},
      {"x/**/b", {"x/b", "x/y/b", "x/y/z/b", "x//b"}, {"xb", "x/yb", "x/b/c"}},
      {"**", {"a", "a/b", ""}, {NULL}},
      {"**/x/**", {"x/a", "y/x/a", "y/z/x/a/b"}, {"x", "yx/a"}},
      {"a**b/c", {"ab/c", "axb/c", "ax/yb/c"}, {"ab", "b/c"}},
      {"part-????.csv",
       {"part-0001.csv", "part-\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9.csv"},
       {"part-001.csv", "part-0/01.csv"}},
      {"[a-c]x", {"ax", "cx", "y/bx"}, {"dx", "x", "-x"}},
      {"[!a-c]x", {"dx", "-x"}, {"ax", "x", "y/x"}},
      {"[^a]", {"b", "^"}, {"a"}},
      {"[]a]", {"]", "a"}, {"b"}},
      {"[a-]", {"a", "-"}, {"b"}},
      {"[\\]]", {"]"}, {"\\"}},
      {"[\xc3\xa0-\xc3\xbf]", {"\xc3\xa9"}, {"e", "\xc3"}},
      {"*.{csv,parquet}", {"a.csv", "x/a.parquet"}, {"a.json", "a.{csv,parquet}"}},
      {"{a,b{c,d}}e", {"ae", "bce", "bde"}, {"be", "abe", "ace"}},
      {"x{,y}z", {"xz", "xyz"}, {"xyyz"}},
      {"{x/,}*.csv", {"x/a.csv", "a.csv"}, {"y/a.csv"}},
      {"{**/,}a", {"a", "x/a"}, {"xa"}},
      {"a,b}", {"a,b}", "x/a,b}"}, {"a"}},
      {"\\*", {"*", "x/*"}, {"a"}},
      {"a\\{b,c}", {"a{b,c}"}, {"ab"}},
      {"year=2024/month=0[1-6]/**/*.{json,json.gz}",
       {"year=2024/month=01/a.json", "year=2024/month=06/x/y/a.json.gz"},
       {"year=2024/month=07/a.json", "year=2023/month=01/a.json"}},
  };
  size_t n = 0;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct glob *glob = compile(cases[i].pattern);
    for (size_t j = 0; j < 8 && cases[i].yes[j]; j++, n++)
      if (!glob_match(glob, cases[i].yes[j]))
        fail_msg("%s does not match %s", cases[i].pattern, cases[i].yes[j]);
    for (size_t j = 0; j < 8 && cases[i].no[j]; j++, n++)
      if (glob_match(glob, cases[i].no[j]))
        fail_msg("%s matches %s", cases[i].pattern, cases[i].no[j]);
    glob_destroy(glob);
  }
  print_message("%zu cases of %zu globs\n", n, sizeof cases / sizeof cases[0]);
}

/* By trying everything; knows no braces and no classes. */
static bool slow_match(const char *pattern, const char *key, bool begins) {
  if (!*pattern)
    return !*key;
  if (pattern[0] == '*' && pattern[1] == '*') {
    const char *rest = pattern + strspn(pattern, "*");
    if (begins && *rest == '/') {
      if (slow_match(rest + 1, key, true))
        return true;
      for (const char *slash = strchr(key, '/'); slash; slash = strchr(slash + 1, '/'))
        if (slow_match(rest + 1, slash + 1, true))
          return true;
      return false;
    }
    for (;; key++) {
      if (slow_match(rest, key, false))
        return true;
      if (!*key)
        return false;
    }
  }
  if (*pattern == '*') {
    for (;; key++) {
      if (slow_match(pattern + 1, key, false))
        return true;
      if (!*key || *key == '/')
        return false;
    }
  }
  if (!*key || (*pattern == '?' ? *key == '/' : *key != *pattern))
    return false;
  return slow_match(pattern + 1, key + 1, *pattern == '/');
}

static unsigned next_random(unsigned below) {
  static unsigned x = 1;
  x = x * 1103515245u + 12345u;
  return (x >> 16) % below;
}

static void random_text(char *out, const char *alphabet, unsigned most) {
  unsigned n = 1 + next_random(most);
  for (unsigned i = 0; i < n; i++)
    out[i] = alphabet[next_random((unsigned)strlen(alphabet))];
  out[n] = 0;
}

static void random_patterns(void **state) {
  (void)state;
  unsigned yes = 0, all = 0;
  for (unsigned i = 0; i < 3000; i++) {
    char pattern[16], key[16];
    random_text(pattern, "ab/**?", 8);
    struct glob *glob = compile(pattern);
    for (unsigned j = 0; j < 20; j++, all++) {
      random_text(key, "ab//", 8);
      char whole[20];
      snprintf(whole, sizeof whole, "%s%s", strchr(pattern, '/') ? "" : "**/", pattern);
      bool wanted = slow_match(whole + (pattern[0] == '/'), key, true);
      if (glob_match(glob, key) != wanted)
        fail_msg("%s and %s: %d", pattern, key, !wanted);
      yes += wanted;
    }
    glob_destroy(glob);
  }
  print_message("%u random pairs, %u of them match\n", all, yes);
  assert_true(yes > all / 50);
}

static void refused(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"", "empty"},       {"[a", "no \"]\""},    {"[", "no \"]\""},      {"[!", "no \"]\""}, {"[]", "no \"]\""},
      {"[\\", "no \"]\""}, {"[a/b]", "brackets"}, {"[z-a]", "backwards"}, {"{a", "no \"}\""}, {"{a,{b}", "no \"}\""},
      {"{", "no \"}\""},   {"a\\", "backslash"},  {"{a\\", "backslash"},  {"\xff", "UTF-8"},  {"a\xc3", "UTF-8"}};
  char deep[64];
  const char *why;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    why = "";
    assert_null(glob_create(cases[i][0], &why));
    if (!strstr(why, cases[i][1]))
      fail_msg("%s: %s", cases[i][0], why);
  }
  memset(deep, '{', sizeof deep - 1);
  deep[sizeof deep - 1] = 0;
  assert_null(glob_create(deep, &why));
  assert_non_null(strstr(why, "deep"));
  char *large = calloc(1, GLOB_SIZE_MAX + 2);
  memset(large, 'a', GLOB_SIZE_MAX + 1);
  assert_null(glob_create(large, &why));
  large[GLOB_SIZE_MAX] = 0;
  glob_destroy(compile(large));
  free(large);
}

/* A matcher that searches would take longer than the universe lasts. */
static void time_is_bounded(void **state) {
  (void)state;
  char key[1025], pattern[GLOB_SIZE_MAX + 1] = "";
  memset(key, 'a', sizeof key - 1);
  key[sizeof key - 1] = 0;
  for (size_t i = 0; i + 8 < GLOB_SIZE_MAX; i += 8)
    memcpy(pattern + i, "{**,*}*a", 9);
  struct glob *glob = compile(pattern);
  clock_t start = clock();
  assert_true(glob_match(glob, key));
  key[sizeof key - 2] = 'b';
  assert_false(glob_match(glob, key));
  double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
  print_message("1000 bytes of stars and a key of 1024: %.3f s\n", seconds);
  assert_true(seconds < 5);
  glob_destroy(glob);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(matching), cmocka_unit_test(random_patterns),
                                     cmocka_unit_test(refused), cmocka_unit_test(time_is_bounded)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
