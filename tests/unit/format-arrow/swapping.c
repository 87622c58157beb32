/* Byte order: every kind of item, and a big-endian stream of views, of which the corpora have none. */
#include "cmocka_all.h"

#include "craft.h"
#include "kit.h"
#include "swap.h"
#include <stdlib.h>

static void assert_swaps(enum arrow_swap swap, const char *from, const char *to, size_t n) {
  uint8_t out[64], back[64];
  arrow_swap_copy(swap, (const uint8_t *)from, out, n);
  assert_memory_equal(out, to, n);
  if (swap == ARROW_SWAP_VIEW)
    return; /* whether a view is short is told by its swapped size */
  arrow_swap_copy(swap, out, back, n);
  assert_memory_equal(back, from, n);
}

static void items_of_all_kinds(void **state) {
  (void)state;
  assert_swaps(ARROW_SWAP_NONE, "abcde", "abcde", 5);
  assert_swaps(ARROW_SWAP_2, "abcde", "badce", 5);
  assert_swaps(ARROW_SWAP_4, "abcdefghi", "dcbahgfei", 9);
  assert_swaps(ARROW_SWAP_8, "abcdefgh12345678", "hgfedcba87654321", 16);
  assert_swaps(ARROW_SWAP_16, "abcdefghijklmnop", "ponmlkjihgfedcba", 16);
  assert_swaps(ARROW_SWAP_32, "abcdefghijklmnopqrstuvwxyz012345", "543210zyxwvutsrqponmlkjihgfedcba", 32);
  assert_swaps(ARROW_SWAP_MONTH_DAY_NANO, "abcdefgh12345678", "dcbahgfe87654321", 16);
  assert_swaps(ARROW_SWAP_VIEW, "\0\0\0\5short\0\0\0\0\0\0\0", "\5\0\0\0short\0\0\0\0\0\0\0", 16);
  assert_swaps(ARROW_SWAP_VIEW, "\0\0\0\20long\0\0\0\1\0\0\0\2", "\20\0\0\0long\1\0\0\0\2\0\0\0", 16);
}

static void a_stream_of_views(void **state) {
  enum { KIND_RECORDS = 3 };
  static const char body[64] = "\0\0\0\5short\0\0\0\0\0\0\0"
                               "\0\0\0\20text\0\0\0\0\0\0\0\2"
                               "--text that is long";
  static const int64_t node[2] = {2, 0}, buffers[6] = {0, 0, 0, 32, 32, 19};
  (void)state;
  struct craft c;
  craft_init(&c);
  c.endianness = 1;
  c.views = 1;
  craft_schema(&c, SLUICE_IPC_UTF8_VIEW, 0);
  craft_message(&c, KIND_RECORDS, craft_batch(&c, 2, node, 1, buffers, 3, 0), body, sizeof body);
  char *text = craft_read(&c);
  assert_string_equal(text, "'short'\n'text that is lon'\n");
  free(text);
  craft_finish(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(items_of_all_kinds), cmocka_unit_test(a_stream_of_views)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
