/* The layout of contract 1.0 never changes: each member stays where it was, and a struct that is frozen keeps its size.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka needs the four above first */
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
};

static void nothing_moved(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
    if (facts[i].is != facts[i].was)
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
