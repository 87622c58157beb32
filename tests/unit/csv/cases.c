/* The cases: each folder below cases/ holds input.csv, perhaps options.txt, and what must come of it, expected.txt. Run
 * with a folder's name as argument, it prints what comes of it now. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit.h"
#include <dirent.h>
#include <stdlib.h>

static char *file_of(const char *name, const char *file, size_t *size) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s/%s", CSV_CASES, name, file);
  return kit_read_file(path, size);
}

/* other: with a comment mark that no input has, so that the fast index is not used. */
static char *run_case(const char *name, bool other) {
  struct kit_options options;
  size_t size = 0, ignored;
  char *input = file_of(name, "input.csv", &size), *text = file_of(name, "options.txt", &ignored);
  kit_defaults(&options);
  if (text)
    kit_parse_options(&options, text);
  if (other && !options.config.comment[0])
    options.config.comment = "\1\2~~";
  struct kit_bytes bytes = {.data = (const uint8_t *)input, .size = size};
  char *got = input ? kit_dump(&options, &bytes) : NULL;
  kit_options_finish(&options);
  free(input);
  free(text);
  return got;
}

static int check_case(const char *name, bool other) {
  size_t size;
  char *expected = file_of(name, "expected.txt", &size), *got = run_case(name, other);
  int same = expected && got && strcmp(expected, got) == 0;
  if (!same)
    fprintf(stderr, "case %s%s: expected\n%sand got\n%s", name, other ? ", rewritten" : "",
            expected ? expected : "(no file)\n", got ? got : "(no input)\n");
  free(expected);
  free(got);
  return same;
}

static void all_cases(void **state) {
  int count = 0, failed = 0;
  DIR *dir = opendir(CSV_CASES);
  (void)state;
  assert_non_null(dir);
  for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
    if (e->d_name[0] == '.')
      continue;
    count++;
    failed += !check_case(e->d_name, false);
    failed += !check_case(e->d_name, true);
  }
  closedir(dir);
  printf("%d cases, %d failed\n", count, failed);
  assert_true(count > 20);
  assert_int_equal(failed, 0);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(all_cases)};
  if (argc > 1) {
    char *got = run_case(argv[1], false);
    fputs(got ? got : "(no input)\n", stdout);
    free(got);
    return got == NULL;
  }
  return cmocka_run_group_tests(tests, NULL, NULL);
}
