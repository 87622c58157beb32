/* The layout of a contract never changes: each member stays where it was, and a struct that is frozen keeps its size.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka needs the first four above first */
#include <cmocka.h>
#include <sluice/services.h>

struct fact {
  const char *text;
  size_t is, was;
};

#if defined(__x86_64__)
#define STRUCT(name, size) {"size of " #name, sizeof(struct name), size},
#define MEMBER(name, member, offset, size)                                                                             \
  {"offset of " #name "." #member, offsetof(struct name, member), offset},                                             \
      {"size of " #name "." #member, sizeof(((struct name *)0)->member), size},
static const struct fact facts[] = {
#include "layout_1_0.h"
#include "layout_1_1.h"
};

enum { FACTS = sizeof facts / sizeof facts[0] };

/* Is "size of NAME" that of a struct that may become longer? Its size is then known to whoever reads it. */
static bool may_grow(const char *size_of) {
  char first[100];
  if (strcmp(size_of, "size of sluice_option") == 0)
    return true; /* by the stride of its table */
  snprintf(first, sizeof first, "%s.struct_size", size_of);
  for (size_t i = 0; i < FACTS; i++)
    if (strcmp(facts[i].text, first) == 0)
      return true;
  return false;
}

static void nothing_moved(void **state) {
  (void)state;
  for (size_t i = 0; i < FACTS; i++)
    if (facts[i].is != facts[i].was && !(facts[i].is > facts[i].was && may_grow(facts[i].text)))
      fail_msg("%s was %zu, is %zu", facts[i].text, facts[i].was, facts[i].is);
}
#else
static void nothing_moved(void **state) {
  (void)state;
  print_message("skipped: the list is for x86-64\n");
}
#endif

/* A member that a plugin compiled with this header may leave out of its table is found missing by size and by value. */
static void has_looks_at_size_and_value(void **state) {
  (void)state;
  struct sluice_source source = {.struct_size = sizeof source};
  assert_false(SLUICE_HAS(&source, settle));
  memset(&source.settle, 1, sizeof source.settle);
  assert_true(SLUICE_HAS(&source, settle));
  source.struct_size = (uint32_t)offsetof(struct sluice_source, settle);
  assert_false(SLUICE_HAS(&source, settle));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_moved), cmocka_unit_test(has_looks_at_size_and_value)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
