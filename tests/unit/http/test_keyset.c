/* Sets of key hashes. */
#include "cmocka_all.h"
#include "keyset.h"

static uint64_t number(uint64_t i) {
  return keyset_hash(KEYSET_START, &i, sizeof i);
}

static void what_was_added_is_there(void **state) {
  (void)state;
  struct keyset set = {.slots = NULL};
  assert_false(keyset_has(&set, 0));
  for (uint64_t i = 0; i < 5000; i += 2)
    assert_true(keyset_add(&set, number(i)) && keyset_add(&set, number(i)));
  assert_int_equal(set.count, 2500);
  for (uint64_t i = 0; i < 5000; i++)
    assert_int_equal(keyset_has(&set, number(i)), i % 2 == 0);
  assert_true(keyset_add(&set, 0)); /* the mark of a free slot is a hash as others are */
  assert_true(keyset_has(&set, 0));
  keyset_clear(&set);
  for (uint64_t i = 0; i < 5000; i++)
    assert_false(keyset_has(&set, number(i)));
  keyset_finish(&set);
}

static void sets_meet(void **state) {
  (void)state;
  struct keyset a = {.slots = NULL}, b = {.slots = NULL};
  assert_false(keyset_meets(&a, &b));
  for (uint64_t i = 0; i < 100; i++)
    assert_true(keyset_add(&a, number(i)));
  assert_false(keyset_meets(&a, &b));
  assert_true(keyset_add(&b, number(100)));
  assert_false(keyset_meets(&a, &b) || keyset_meets(&b, &a));
  assert_true(keyset_add(&b, number(99)));
  assert_true(keyset_meets(&a, &b) && keyset_meets(&b, &a));
  assert_true(keyset_copy(&b, &a));
  assert_int_equal(a.count, 2);
  assert_true(keyset_has(&a, number(100)));
  keyset_finish(&a);
  keyset_finish(&b);
}

static void hashes_stay_the_same(void **state) {
  (void)state; /* published values of FNV-1a: where requests are cut, and so their keys, depends on it */
  assert_true(keyset_hash(KEYSET_START, "", 0) == UINT64_C(0xcbf29ce484222325));
  assert_true(keyset_hash(KEYSET_START, "a", 1) == UINT64_C(0xaf63dc4c8601ec8c));
  assert_true(keyset_hash(KEYSET_START, "foobar", 6) == UINT64_C(0x85944171f73967e8));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(what_was_added_is_there), cmocka_unit_test(sets_meet),
                                     cmocka_unit_test(hashes_stay_the_same)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
