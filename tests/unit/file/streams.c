/* sink-file with {stream} in its path: a file, a journal and generations for each stream. */
#include "place.h"
#include "sink_fixture.h"
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

enum { MANY = 48, OPEN_MOST = 4 * 33 + 30 };

static void check_path(const char *path, const char *stream, const char *expected) {
  char *made = place_path(path, stream);
  assert_string_equal(made, expected);
  free(made);
}

static void test_names(void **state) {
  (void)state;
  check_path("out/{stream}.ndjson", "orders-2_a.b", "out/orders-2_a.b.ndjson");
  check_path("{stream}/{stream}", "a", "a/a");
  check_path("plain {x}", "a", "plain {x}");
  check_path("{stream}", "-", "%2D");
  check_path("o/{stream}", ".hidden", "o/%2Ehidden");
  check_path("o/{stream}", "a b%/\\:*?\"<>|\n", "o/a%20b%25%2F%5C%3A%2A%3F%22%3C%3E%7C%0A");
  check_path("o/{stream}", "a.sluice-journal", "o/a%2Esluice-journal");
  check_path("o/{stream}", "caf\xc3\xa9", "o/caf\xc3\xa9");
  check_path("o/{stream}", "{stream}", "o/%7Bstream%7D");
}

static void put(void *sink, const char *delivery, int64_t generation, const char *unit, int64_t n) {
  struct sluice_writer *writer = NULL;
  struct sluice_error err = {0};
  if (sink_delivery_writer(sink, delivery, generation, &writer, &err) != SLUICE_OK)
    fail_msg("%s", err.message);
  assert_int_equal(sink_put(writer, unit, 0, n, &err), SLUICE_OK);
  assert_int_equal(writer->flush(writer, &err), SLUICE_OK);
  writer->release(writer);
}

static int64_t rows_in(const char *file, const char *unit) {
  size_t n = 0;
  char *text = fixture_read(file, &n);
  assert_non_null(text);
  int64_t rows = sink_rows(text, unit);
  free(text);
  return rows;
}

static size_t open_files(void) {
  size_t n = 0;
  DIR *folder = opendir("/proc/self/fd");
  assert_non_null(folder);
  while (readdir(folder))
    n++;
  closedir(folder);
  return n;
}

static char *delivery_of(int i, char out[32]) {
  snprintf(out, 32, "j/s/s%d", i);
  return out;
}

static void test_each_its_file(void **state) {
  (void)state;
  struct sluice_position at;
  struct sluice_error err = {0};
  void *sink = sink_open_path(fixture_path("{stream}.out"));
  put(sink, "j/s/a", 0, "u", 3);
  put(sink, "j/s/b", 0, "u", 5);
  assert_int_equal(sink_commit()->committed(sink, "j/s/b", "u", &at, &err), SLUICE_OK);
  assert_int_equal(at.row, 5);
  assert_int_equal(sink_commit()->committed(sink, "j/s/c", "u", &at, &err), SLUICE_END);
  sink_component()->close(sink);
  assert_int_equal(rows_in("a.out", "u"), 3);
  assert_int_equal(rows_in("b.out", "u"), 5);
}

/* Twice through many streams: files are closed and opened again, and go on where they were. */
static void test_many(void **state) {
  char delivery[32], file[32];
  (void)state;
  void *sink = sink_open_path(fixture_path("{stream}.out"));
  for (int round = 0; round < 2; round++)
    for (int i = 0; i < MANY; i++) {
      put(sink, delivery_of(i, delivery), 0, round ? "u1" : "u0", 2);
      assert_true(open_files() < OPEN_MOST);
    }
  sink_component()->close(sink);
  for (int i = 0; i < MANY; i++) {
    snprintf(file, sizeof file, "s%d.out", i);
    assert_int_equal(rows_in(file, "u0"), 2);
    assert_int_equal(rows_in(file, "u1"), 2);
  }
}

static void step(int (*call)(void *, const char *, int64_t, struct sluice_error *), void *sink, const char *delivery,
                 int64_t generation) {
  struct sluice_error err = {0};
  if (call(sink, delivery, generation, &err) != SLUICE_OK)
    fail_msg("%s", err.message);
}

/* All are begun before any is written, as a run does; their files are closed in between. */
static void test_many_generations(void **state) {
  const struct sluice_commit *power = sink_commit();
  char delivery[32], file[32];
  (void)state;
  void *sink = sink_open_path(fixture_path("{stream}.out"));
  for (int64_t generation = 1; generation <= 2; generation++) {
    for (int i = 0; i < MANY; i++)
      step(power->begin, sink, delivery_of(i, delivery), generation);
    for (int i = 0; i < MANY; i++)
      put(sink, delivery_of(i, delivery), generation, "u", 1 + generation);
    for (int i = 0; i < MANY; i++)
      step(i % 10 ? power->commit : power->abort, sink, delivery_of(i, delivery), generation);
    assert_true(open_files() < OPEN_MOST);
  }
  sink_component()->close(sink);
  for (int i = 0; i < MANY; i++) {
    snprintf(file, sizeof file, "s%d.out", i);
    assert_int_equal(rows_in(file, "u"), i % 10 ? 3 : 0);
  }
}

static void test_one_file_for_all_is_not_replaced_in_turns(void **state) {
  struct sluice_error err = {0};
  (void)state;
  void *sink = sink_open_path(fixture_path("out"));
  put(sink, "j/s/a", 0, "u", 1);
  put(sink, "j/s/b", 0, "v", 1); /* but it holds them all */
  sink_component()->close(sink);
  sink = sink_open_path(fixture_path("other"));
  step(sink_commit()->begin, sink, "j/s/a", 1);
  assert_int_equal(sink_commit()->begin(sink, "j/s/b", 2, &err), SLUICE_ERR_CONFIG);
  assert_non_null(strstr(err.message, "{stream}"));
  put(sink, "j/s/a", 1, "u", 4);
  step(sink_commit()->commit, sink, "j/s/a", 1);
  sink_component()->close(sink);
  assert_int_equal(rows_in("other", "u"), 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_remove)
int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_names), TEST(test_each_its_file), TEST(test_many),
                                     TEST(test_many_generations), TEST(test_one_file_for_all_is_not_replaced_in_turns)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
