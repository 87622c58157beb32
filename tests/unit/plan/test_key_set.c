/* Keys that a plan has met: each is told from all others, however many there are and wherever they stand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/plan/key_set.h"
#include <string.h>

/* A few low bits only, so that many keys want the same place; and a number, so that none is like another. */
static void make_key(uint64_t i, uint64_t places, uint8_t key[RECORD_KEY_SIZE]) {
  uint64_t place = i % places, number = i + 1;
  memset(key, 0, RECORD_KEY_SIZE);
  memcpy(key, &place, sizeof place);
  memcpy(key + RECORD_KEY_SIZE - sizeof number, &number, sizeof number);
}

static bool add(struct key_set *set, uint64_t i, uint64_t places) {
  uint8_t key[RECORD_KEY_SIZE];
  bool met = false;
  make_key(i, places, key);
  assert_int_equal(key_set_add(set, key, &met), 0);
  return met;
}

static void tells_what_it_met(void **state) {
  static const uint64_t places[] = {1, 3, 1 << 20};
  (void)state;
  for (size_t k = 0; k < 3; k++) {
    struct key_set set = {.slots = NULL};
    const uint64_t n = places[k] == 1 ? 1500 : 5000; /* it grows on the way */
    for (uint64_t i = 0; i < n; i++) {
      assert_false(add(&set, i, places[k]));
      assert_true(add(&set, i / 2, places[k]));
    }
    for (uint64_t i = 0; i < n; i++)
      assert_true(add(&set, i, places[k]));
    assert_int_equal(set.n, n);
    assert_false(set.full);
    key_set_finish(&set);
    key_set_finish(&set);
  }
}

/* Behind its limit it still knows what it has, and takes nothing more. */
static void stops_at_its_limit(void **state) {
  struct key_set set = {.slots = NULL};
  uint64_t n = 0;
  (void)state;
  while (!set.full) {
    assert_false(add(&set, n, UINT64_MAX));
    n++;
  }
  assert_int_equal(n, 4 << 20);
  assert_false(add(&set, n, UINT64_MAX));
  assert_false(add(&set, n, UINT64_MAX));
  assert_true(add(&set, n - 1, UINT64_MAX));
  assert_int_equal(set.n, n);
  key_set_finish(&set);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(tells_what_it_met), cmocka_unit_test(stops_at_its_limit)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
