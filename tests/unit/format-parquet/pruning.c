/* Filters as hints: what is left out is never what they are true of, bytes that nobody needs are not read, and what an
 * index says wrongly is an error, or is not believed. */
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "kit.h"
#include "xxhash.h"
#include <stdlib.h>

struct file {
  uint8_t *data;
  size_t size;
};
static const char *const seeds[] = {"where-v1", "where-v2", "numbers-groups", "others", "nested-groups", "texts"};

static struct file load(const char *name) {
  char path[1024];
  struct file f;
  snprintf(path, sizeof path, "%s/%s.parquet", PQ_SEEDS, name);
  f.data = kit_file(path, &f.size);
  assert_non_null(f.data);
  return f;
}

static struct kit_result read_file(const struct kit_options *o, const struct file *f, struct kit_bytes *bytes,
                                   int64_t from_batch) {
  struct kit_result r;
  *bytes = (struct kit_bytes){.data = f->data, .size = f->size};
  kit_read(o, bytes, from_batch, &r);
  assert_null(r.invalid);
  assert_int_equal(bytes->opened, 0);
  return r;
}

#define TEST(name, comparison, text)                                                                                   \
  { {(const char *const[]){name}, 1}, text, comparison, 0 }
static const struct sluice_test tests[] = {
    TEST("i", SLUICE_EQUAL, "137"),        TEST("i", SLUICE_EQUAL, "1000"),         TEST("i", SLUICE_LESS, "30"),
    TEST("i", SLUICE_GREATER_EQUAL, "12"), TEST("i", SLUICE_GREATER, "391.5"),      TEST("i", SLUICE_NOT_EQUAL, "7"),
    TEST("t", SLUICE_EQUAL, "k035"),       TEST("t", SLUICE_EQUAL, "no such"),      TEST("t", SLUICE_IS_NULL, NULL),
    TEST("t", SLUICE_IS_NOT_NULL, NULL),   TEST("t", SLUICE_LESS, "k01"),           TEST("d", SLUICE_EQUAL, "34.25"),
    TEST("d", SLUICE_EQUAL, "34.26"),      TEST("d", SLUICE_LESS_EQUAL, "3"),       TEST("g", SLUICE_GREATER, "45"),
    TEST("g", SLUICE_NOT_EQUAL, "3"),      TEST("g", SLUICE_EQUAL, "nan"),          TEST("l", SLUICE_IS_NULL, NULL),
    TEST("c", SLUICE_LESS, "-3"),          TEST("b", SLUICE_EQUAL, "true"),         TEST("e", SLUICE_GREATER, "12.5"),
    TEST("s", SLUICE_IS_NULL, NULL),       TEST("z", SLUICE_GREATER_EQUAL, "\x05"), TEST("w", SLUICE_LESS, "bb"),
};
enum { TESTS = sizeof tests / sizeof *tests };

/* With the hint the same records match as without, each with its number; and they are fewer that come. */
static void nothing_that_matches_is_left_out(void **state) {
  static const int64_t batches[] = {1, 7, 60, 1024};
  struct kit_bytes *bytes = calloc(1, sizeof *bytes);
  int64_t fewer = 0;
  (void)state;
  for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
    struct file f = load(seeds[i]);
    for (size_t k = i; k < (size_t)TESTS * TESTS; k += 3) {
      const struct sluice_test pair[] = {tests[k / TESTS], tests[k % TESTS]};
      const struct sluice_where where = {pair, 2};
      struct kit_options o;
      kit_defaults(&o);
      o.match = &where;
      struct kit_result all = read_file(&o, &f, bytes, 0);
      o.scan.where = &where;
      o.scan.batch_rows = batches[k % 4];
      struct kit_result left = read_file(&o, &f, bytes, 0);
      if (all.code == SLUICE_ERR_CONFIG)
        continue; /* this file's column has another type */
      assert_int_equal(all.code, SLUICE_END);
      assert_int_equal(left.code, SLUICE_END);
      if (left.matches != all.matches)
        fail_msg("%s, tests %zu and %zu: %lld of %lld", seeds[i], k / TESTS, k % TESTS, (long long)left.matches,
                 (long long)all.matches);
      assert_true(left.matching == all.matching);
      fewer += left.rows < all.rows;
    }
    free(f.data);
  }
  assert_true(fewer > 200);
  free(bytes);
}

static void a_filter_does_not_move_batches(void **state) {
  static const int64_t sizes[][2] = {{1, 1 << 20}, {7, 100}, {60, 300}, {1000, 1}, {1000, 1 << 20}};
  struct kit_bytes *bytes = calloc(1, sizeof *bytes);
  int64_t resumed = 0;
  (void)state;
  for (size_t i = 0; i < 2; i++)
    for (size_t k = 0; k < TESTS; k++)
      for (size_t m = 0; m < sizeof sizes / sizeof *sizes; m++) {
        struct file f = load(seeds[i]);
        const struct sluice_where where = {&tests[k], 1};
        struct kit_options o;
        kit_defaults(&o);
        o.scan.where = &where;
        o.scan.batch_rows = sizes[m][0];
        o.scan.batch_bytes = sizes[m][1];
        int64_t batches = read_file(&o, &f, bytes, 0).batches;
        for (int64_t at = 1; at < batches; at += 1 + batches / 8) {
          struct kit_result first = read_file(&o, &f, bytes, at);
          struct kit_options rest = o;
          rest.scan.from = first.middle;
          struct kit_result second = read_file(&rest, &f, bytes, 0);
          if (second.code != SLUICE_END)
            fail_msg("%s, test %zu, sizes %zu, from row %lld: %s", seeds[i], k, m, (long long)first.middle.row,
                     second.err.message);
          assert_true(second.later == first.later);
          resumed++;
        }
        free(f.data);
      }
  assert_true(resumed > 300);
  free(bytes);
}

static struct kit_bytes *read_with(const char *seed, const struct sluice_test *test, struct kit_result *r) {
  struct kit_bytes *bytes = calloc(1, sizeof *bytes);
  struct file f = load(seed);
  const struct sluice_where where = {test, 1};
  struct kit_options o;
  kit_defaults(&o);
  o.scan.where = test ? &where : NULL;
  *r = read_file(&o, &f, bytes, 0);
  assert_int_equal(r->code, SLUICE_END);
  free(f.data);
  return bytes;
}

static const struct {
  struct sluice_test test;
  int64_t rows; /* that come */
  int percent;  /* of the data, at most, that are read for them */
} needs[] = {{TEST("i", SLUICE_EQUAL, "1000"), 0, 0},    {TEST("i", SLUICE_EQUAL, "137"), 1, 30},
             {TEST("i", SLUICE_GREATER, "374"), 25, 30}, {TEST("t", SLUICE_EQUAL, "k0355"), 0, 0},
             {TEST("d", SLUICE_LESS, "6.25"), 25, 30},   {TEST("i", SLUICE_LESS, "200"), 200, 55}};

/* The data of a file are announced before they are read: what is not needed is neither. */
static void what_is_not_needed_is_not_read(void **state) {
  (void)state;
  for (size_t i = 0; i < 2; i++) {
    struct kit_result all, some;
    struct kit_bytes *whole = read_with(seeds[i], NULL, &all);
    for (size_t k = 0; k < sizeof needs / sizeof *needs; k++) {
      struct kit_bytes *part = read_with(seeds[i], &needs[k].test, &some);
      assert_int_equal(some.rows, needs[k].rows);
      if (part->announced * 100 > whole->announced * needs[k].percent)
        fail_msg("%s, case %zu: %lld of %lld bytes", seeds[i], k, (long long)part->announced,
                 (long long)whole->announced);
      free(part);
    }
    free(whole);
  }
}

static const struct sluice_test beyond = TEST("i", SLUICE_GREATER, "260");

/* Every byte of the indexes and of the footer, changed: rows come as they are, or an error says what is wrong. */
static void wrong_indexes_do_no_harm(void **state) {
  const struct sluice_where where = {&beyond, 1};
  struct file f = load("where-v1");
  struct kit_bytes *bytes = calloc(1, sizeof *bytes);
  struct kit_options o;
  int64_t wrong = 0, refused = 0;
  (void)state;
  kit_defaults(&o);
  o.scan.where = &where;
  o.config.max_page = o.config.max_row = 1 << 20;
  for (size_t at = f.size / 2; at + 8 < f.size; at++) {
    f.data[at] ^= (uint8_t)(1u << at % 8);
    struct kit_result r = read_file(&o, &f, bytes, 0);
    f.data[at] ^= (uint8_t)(1u << at % 8);
    refused += r.code != SLUICE_END;
    wrong += r.code == SLUICE_END && r.rows > 400;
    assert_true(r.code == SLUICE_END || r.err.message[0]);
  }
  assert_int_equal(wrong, 0);
  assert_true(refused > 100);
  free(bytes);
  free(f.data);
}

/* Numbers of the specification's own test. */
static void hashes_are_those_of_xxhash(void **state) {
  static const struct {
    const char *text;
    uint64_t hash;
  } cases[] = {{"", 0xef46db3751d8e999},
               {"a", 0xd24ec4f1a98c6e5b},
               {"abc", 0x44bc2cf5ad770999},
               {"Nobody inspects the spammish repetition", 0xfbcea83c8a378bf1}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_true(pq_xxhash64((const uint8_t *)cases[i].text, strlen(cases[i].text)) == cases[i].hash);
}

int main(void) {
  const struct CMUnitTest all[] = {
      cmocka_unit_test(nothing_that_matches_is_left_out), cmocka_unit_test(a_filter_does_not_move_batches),
      cmocka_unit_test(what_is_not_needed_is_not_read),   cmocka_unit_test(wrong_indexes_do_no_harm),
      cmocka_unit_test(hashes_are_those_of_xxhash),
  };
  return cmocka_run_group_tests(all, NULL, NULL);
}
