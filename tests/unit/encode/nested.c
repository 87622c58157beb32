/* Lists, structs, maps, dictionaries, run-ends, unions; nulls and offsets at every level. */
#include "sample.h"

static const uint8_t all_but_first[] = {0xfe, 0xff}, all_but_second[] = {0xfd, 0xff};
static const int64_t numbers[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};

static void test_nulls_and_offset(void **state) {
  static const char *const expected[] = {"null", "1", "2"};
  static const char *const shifted[] = {"3", "4"};
  struct column c;
  (void)state;
  column_set(&c, "l", "v", 3, 2, all_but_first, numbers);
  check_values(&c, NULL, expected);
  column_set(&c, "l", "v", 2, 2, all_but_first, numbers);
  c.array.offset = 3;
  check_values(&c, NULL, shifted);
  c.array.offset = 0;
  c.array.null_count = 0; /* said to have no nulls: then the bitmap does not count */
  check_values(&c, NULL, (const char *const[]){"0", "1"});
  column_set(&c, "n", "v", 2, 0);
  check_values(&c, NULL, (const char *const[]){"null", "null"});
}

static void test_lists(void **state) {
  static const int32_t offsets[] = {0, 2, 2, 5}, starts[] = {4, 0, 1}, counts[] = {2, 0, 1};
  static const int64_t large[] = {0, 2, 2, 5}, large_starts[] = {4, 0, 1}, large_counts[] = {2, 0, 1};
  static const char *const expected[] = {"[0,null]", "null", "[2,3,4]"};
  static const char *const views[] = {"[4,5]", "null", "[null]"};
  struct column item, c;
  (void)state;
  column_set(&item, "l", "item", 10, 2, all_but_second, numbers);
  column_set(&c, "+l", "v", 3, 2, all_but_second, offsets);
  column_child(&c, &item);
  check_values(&c, NULL, expected);
  column_set(&c, "+L", "v", 3, 2, all_but_second, large);
  column_child(&c, &item);
  check_values(&c, NULL, expected);
  column_set(&c, "+vl", "v", 3, 3, all_but_second, starts, counts);
  column_child(&c, &item);
  check_values(&c, NULL, views);
  column_set(&c, "+vL", "v", 3, 3, all_but_second, large_starts, large_counts);
  column_child(&c, &item);
  check_values(&c, NULL, views);
}

static void test_fixed_list(void **state) {
  static const char *const expected[] = {"[3,4]", "[5,6]"};
  struct column item, c;
  (void)state;
  column_set(&item, "l", "item", 8, 2, NULL, numbers);
  item.array.offset = 1;
  column_set(&c, "+w:2", "v", 2, 1, NULL);
  column_child(&c, &item);
  c.array.offset = 1;
  check_values(&c, NULL, expected);
}

static void test_structs(void **state) {
  static const char *const expected[] = {"{\"a\":3,\"b\":{\"c\":null}}", "null", "{\"a\":5,\"b\":{\"c\":4}}"};
  static const uint8_t outer[] = {
      0x2f}; /* of five values the fifth, which is the third from offset 2 on, is not null */
  struct column a, b, c, v;
  (void)state;
  column_set(&a, "l", "a", 6, 2, NULL, numbers);
  a.array.offset = 1;
  column_set(&c, "l", "c", 6, 2, all_but_first, numbers);
  column_set(&b, "+s", "b", 5, 1, NULL);
  column_child(&b, &c);
  column_set(&v, "+s", "v", 3, 1, outer);
  column_child(&v, &a);
  column_child(&v, &b);
  v.array.offset = 2;
  static const uint8_t holes[] = {0xf7}, inner[] = {0xfb};
  v.buffers[0] = holes;
  c.buffers[0] = inner;
  check_values(&v, NULL, expected);
  column_set(&v, "+s", "v", 1, 1, NULL);
  check_values(&v, NULL, (const char *const[]){"{}"});
}

static void set_entries(struct column *entries, struct column *key, struct column *value) {
  column_set(entries, "+s", "entries", 3, 1, NULL);
  column_child(entries, key);
  column_child(entries, value);
  entries->schema.flags = key->schema.flags = 0;
}

static void test_maps(void **state) {
  static const int32_t offsets[] = {0, 2, 2, 3}, texts[] = {0, 1, 3, 3};
  struct column key, value, entries, c;
  (void)state;
  column_set(&key, "u", "key", 3, 3, NULL, texts, "a\"b");
  column_set(&value, "l", "value", 3, 2, all_but_second, numbers);
  set_entries(&entries, &key, &value);
  column_set(&c, "+m", "v", 3, 2, NULL, offsets);
  column_child(&c, &entries);
  check_values(&c, NULL, (const char *const[]){"{\"a\":0,\"\\\"b\":null}", "{}", "{\"\":2}"});
  column_set(&key, "l", "key", 3, 2, NULL, numbers + 5);
  set_entries(&entries, &key, &value);
  check_values(
      &c, NULL,
      (const char *const[]){"[{\"key\":5,\"value\":0},{\"key\":6,\"value\":null}]", "[]", "[{\"key\":7,\"value\":2}]"});
}

static void test_dictionaries(void **state) {
  static const int8_t indexes[] = {9, 2, 0, 1, 1};
  static const int32_t texts[] = {0, 1, 3, 3};
  struct column values, c;
  (void)state;
  column_set(&values, "u", "", 3, 3, all_but_second, texts, "abc");
  column_set(&c, "c", "v", 4, 2, NULL, indexes);
  c.array.offset = 1;
  column_dictionary(&c, &values);
  check_values(&c, NULL, (const char *const[]){"\"\"", "\"a\"", "null", "null"});
  c.array.offset = 0; /* the first index is outside: a rejected record */
  check_values(&c, NULL, (const char *const[]){NULL, "\"\"", "\"a\"", "null"});
}

static void test_run_ends(void **state) {
  static const int16_t ends[] = {2, 3, 6, 100};
  static const char *const all[] = {"5", "5", "6", "7", "7", "7", "8", "8"};
  struct column run, values, c;
  (void)state;
  for (int64_t offset = 0; offset < 8; offset++) {
    column_set(&run, "s", "run_ends", 4, 2, NULL, ends);
    run.schema.flags = 0;
    column_set(&values, "l", "values", 4, 2, NULL, numbers + 5);
    column_set(&c, "+r", "v", 8 - offset, 0);
    c.array.offset = offset;
    column_child(&c, &run);
    column_child(&c, &values);
    check_values(&c, NULL, all + offset);
  }
}

static void test_unions(void **state) {
  static const int8_t codes[] = {5, 7, 5, 7};
  static const int32_t offsets[] = {1, 0, 2, 1}, texts[] = {0, 1, 2, 3, 4};
  struct column number, text, c;
  (void)state;
  column_set(&number, "l", "n", 4, 2, all_but_second, numbers);
  column_set(&text, "u", "t", 4, 3, NULL, texts, "abcd");
  column_set(&c, "+ud:5,7", "v", 4, 2, codes, offsets);
  column_child(&c, &number);
  column_child(&c, &text);
  check_values(&c, NULL, (const char *const[]){"null", "\"a\"", "2", "\"b\""});
  column_set(&c, "+us:5,7", "v", 3, 1, codes);
  column_child(&c, &number);
  column_child(&c, &text);
  c.array.offset = 1;
  check_values(&c, NULL, (const char *const[]){"\"b\"", "2", "\"d\""});
}

/* An item's room is asked for item by item; a list of many, in many columns, passes the first room by far. */
static void test_long_lists(void **state) {
  enum { N = 20000 };
  static int64_t many[N];
  static const int32_t offsets[] = {0, N};
  struct column item, c, record;
  (void)state;
  for (int64_t i = 0; i < N; i++)
    many[i] = INT64_MIN;
  column_set(&item, "l", "item", N, 2, NULL, many);
  column_set(&c, "+l", "v", 1, 2, NULL, offsets);
  column_child(&c, &item);
  record_set(&record, 1, 1, &c);
  assert_int_equal(strlen(encode_all("ndjson", NULL, &record, NULL)), 6 + 21 * N - 1 + 3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_nulls_and_offset), cmocka_unit_test(test_lists),  cmocka_unit_test(test_fixed_list),
      cmocka_unit_test(test_structs),          cmocka_unit_test(test_maps),   cmocka_unit_test(test_dictionaries),
      cmocka_unit_test(test_run_ends),         cmocka_unit_test(test_unions), cmocka_unit_test(test_long_lists),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
