/* sink-file's generations: what is seen of them, and what is refused. */
#include "sink_fixture.h"
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void step(int (*call)(void *, const char *, int64_t, struct sluice_error *), void *sink, int64_t generation) {
  struct sluice_error err = {0};
  int rc = call(sink, SINK_DELIVERY, generation, &err);
  if (rc != SLUICE_OK)
    print_message("%s\n", err.message);
  assert_int_equal(rc, SLUICE_OK);
}
static void refused(int (*call)(void *, const char *, int64_t, struct sluice_error *), void *sink, const char *delivery,
                    int64_t generation, int code, const char *word) {
  struct sluice_error err = {0};
  assert_int_equal(call(sink, delivery, generation, &err), code);
  assert_non_null(strstr(err.message, word));
}
static int64_t current(void *sink) {
  struct sluice_error err = {0};
  int64_t generation = -1;
  assert_int_equal(sink_commit()->current(sink, SINK_DELIVERY, &generation, &err), SLUICE_OK);
  return generation;
}

/* Writes rows of a unit into a generation. */
static void put(void *sink, int64_t generation, const char *unit, int64_t first, int64_t n) {
  struct sluice_writer *writer = NULL;
  struct sluice_error err = {0};
  assert_int_equal(sink_generation_writer(sink, generation, &writer, &err), SLUICE_OK);
  assert_int_equal(sink_put(writer, unit, first, n, &err), SLUICE_OK);
  assert_int_equal(writer->flush(writer, &err), SLUICE_OK);
  writer->release(writer);
}
static void check_file(const char *unit, int64_t rows, size_t more) {
  size_t n = 0, lines = 0;
  char *text = fixture_read("out", &n);
  assert_non_null(text);
  assert_int_equal(sink_rows(text, unit), rows);
  for (size_t i = 0; i < n; i++)
    lines += text[i] == '\n';
  assert_int_equal(lines, (size_t)rows + more);
  free(text);
}
static bool is_there(const char *name) {
  return access(fixture_path(name), F_OK) == 0;
}

static void test_two_refreshes(void **state) {
  const struct sluice_commit *power = sink_commit();
  struct stat info;
  (void)state;
  fixture_write("out", "{\"old\":1}\n", 10);
  assert_int_equal(chmod(fixture_path("out"), 0640), 0);
  void *sink = sink_open_path(fixture_path("out"));
  assert_int_equal(current(sink), 0);
  step(power->begin, sink, 1);
  step(power->begin, sink, 1);
  put(sink, 1, "a", 0, 5);
  assert_int_equal(sink_committed(sink, "a"), 5);
  check_file("a", 0, 1); /* the old one is whole */
  assert_int_equal(current(sink), 0);
  step(power->commit, sink, 1);
  step(power->commit, sink, 1);
  check_file("a", 5, 0);
  assert_int_equal(current(sink), 1);
  assert_int_equal(sink_committed(sink, "a"), 5);
  assert_int_equal(stat(fixture_path("out"), &info), 0);
  assert_int_equal(info.st_mode & 07777, 0640);
  step(power->begin, sink, 2);
  assert_int_equal(sink_committed(sink, "a"), 0); /* positions are a generation's own */
  put(sink, 2, "a", 0, 3);
  sink_component()->close(sink); /* a run ends, and the next goes on */
  sink = sink_open_path(fixture_path("out"));
  assert_int_equal(current(sink), 1);
  step(power->begin, sink, 2);
  assert_int_equal(sink_committed(sink, "a"), 3);
  put(sink, 2, "a", 3, 1);
  check_file("a", 5, 0);
  step(power->commit, sink, 2);
  sink_component()->close(sink);
  check_file("a", 4, 0);
  sink = sink_open_path(fixture_path("out"));
  assert_int_equal(current(sink), 2);
  put(sink, 0, "a", 4, 2); /* without a generation it goes on as ever */
  sink_component()->close(sink);
  check_file("a", 6, 0);
  assert_false(is_there("out.sluice-generation-2"));
  assert_false(is_there("out.sluice-generation-2.sluice-journal"));
}

static void test_nothing_listed_is_an_empty_file(void **state) {
  (void)state;
  void *sink = sink_open_path(fixture_path("out"));
  put(sink, 0, "a", 0, 4);
  step(sink_commit()->begin, sink, 1);
  step(sink_commit()->commit, sink, 1);
  sink_component()->close(sink);
  check_file("a", 0, 0);
  sink = sink_open_path(fixture_path("out"));
  assert_int_equal(current(sink), 1);
  assert_int_equal(sink_committed(sink, "a"), 0);
  sink_component()->close(sink);
}

static void test_abort_and_leftovers(void **state) {
  const struct sluice_commit *power = sink_commit();
  struct sluice_writer *writer = NULL;
  struct sluice_error err = {0};
  (void)state;
  void *sink = sink_open_path(fixture_path("out"));
  put(sink, 0, "a", 0, 4);
  step(power->begin, sink, 1);
  assert_int_equal(sink_generation_writer(sink, 1, &writer, &err), SLUICE_OK);
  assert_int_equal(sink_put(writer, "b", 0, 2, &err), SLUICE_OK);
  step(power->abort, sink, 1);
  step(power->abort, sink, 1);
  assert_int_equal(writer->flush(writer, &err), SLUICE_ERR_BUG); /* too late, and said so */
  writer->release(writer);
  assert_false(is_there("out.sluice-generation-1"));
  assert_false(is_there("out.sluice-generation-1.sluice-journal"));
  step(power->begin, sink, 2);
  put(sink, 2, "b", 0, 2);
  sink_component()->close(sink);
  fixture_write("out.sluice-generation-2.sluice-journal.new", "x", 1);
  fixture_write("out.sluice-generation-x", "mine", 4); /* not ours: no number */
  fixture_write("other.sluice-generation-2", "mine", 4);
  sink = sink_open_path(fixture_path("out"));
  step(power->begin, sink, 3);
  assert_false(is_there("out.sluice-generation-2"));
  assert_false(is_there("out.sluice-generation-2.sluice-journal"));
  assert_false(is_there("out.sluice-generation-2.sluice-journal.new"));
  assert_true(is_there("out.sluice-generation-x"));
  assert_true(is_there("other.sluice-generation-2"));
  step(power->abort, sink, 3);
  sink_component()->close(sink);
  check_file("a", 4, 0);
}

static void test_refused(void **state) {
  const struct sluice_commit *power = sink_commit();
  struct sluice_writer *writer = NULL;
  struct sluice_error err = {0};
  (void)state;
  void *sink = sink_open_path(fixture_path("out"));
  refused(power->commit, sink, SINK_DELIVERY, 1, SLUICE_ERR_BUG, "not begun");
  assert_int_equal(sink_generation_writer(sink, 1, &writer, &err), SLUICE_ERR_BUG);
  step(power->begin, sink, 5);
  step(power->commit, sink, 5);
  refused(power->begin, sink, SINK_DELIVERY, 5, SLUICE_ERR_CONFIG, "not newer");
  refused(power->abort, sink, SINK_DELIVERY, 5, SLUICE_ERR_CONFIG, "cannot be taken back");
  refused(power->begin, sink, "another", 6, SLUICE_ERR_CONFIG, "another job");
  sink_component()->close(sink);
  assert_int_equal(symlink(fixture_path("out"), fixture_path("link")), 0);
  sink = sink_open_path(fixture_path("link"));
  refused(power->begin, sink, SINK_DELIVERY, 6, SLUICE_ERR_CONFIG, "symbolic link");
  sink_component()->close(sink);
  assert_int_equal(mkfifo(fixture_path("pipe"), 0600), 0);
  sink = sink_open_path(fixture_path("pipe"));
  refused(power->begin, sink, SINK_DELIVERY, 1, SLUICE_ERR_UNSUPPORTED, "append");
  assert_int_equal(current(sink), 0);
  sink_component()->close(sink);
}

/* Removing a generation was cut short: its data is gone, its journal is not. */
static void test_a_journal_without_data(void **state) {
  const struct sluice_commit *power = sink_commit();
  (void)state;
  void *sink = sink_open_path(fixture_path("out"));
  step(power->begin, sink, 1);
  put(sink, 1, "a", 0, 3);
  sink_component()->close(sink);
  assert_int_equal(unlink(fixture_path("out.sluice-generation-1")), 0);
  sink = sink_open_path(fixture_path("out"));
  step(power->begin, sink, 1);
  assert_int_equal(sink_committed(sink, "a"), 0);
  put(sink, 1, "a", 0, 2);
  step(power->commit, sink, 1);
  sink_component()->close(sink);
  check_file("a", 2, 0);
}

/* The ledger knows that the generation is whole, and the run died before the sink was told. */
static void test_committed_by_the_next_run(void **state) {
  const struct sluice_commit *power = sink_commit();
  (void)state;
  void *sink = sink_open_path(fixture_path("out"));
  step(power->begin, sink, 1);
  put(sink, 1, "a", 0, 3);
  sink_component()->close(sink);
  sink = sink_open_path(fixture_path("out"));
  step(power->commit, sink, 1);
  step(power->commit, sink, 1);
  assert_int_equal(current(sink), 1);
  refused(power->commit, sink, SINK_DELIVERY, 2, SLUICE_ERR_BUG, "not begun");
  sink_component()->close(sink);
  check_file("a", 3, 0);
}

/* The file of another process is replaced while this one waits to open it: the lock is on the old one. */
static void test_second_is_refused_after_a_commit(void **state) {
  struct sluice_writer *writer = NULL;
  struct sluice_error err = {0};
  (void)state;
  void *sink = sink_open_path(fixture_path("out"));
  step(sink_commit()->begin, sink, 1);
  step(sink_commit()->commit, sink, 1);
  void *second = sink_open_path(fixture_path("out"));
  assert_int_equal(sink_new_writer(second, &writer, &err), SLUICE_ERR_CONFIG);
  assert_non_null(strstr(err.message, "another"));
  sink_component()->close(sink);
  assert_int_equal(sink_new_writer(second, &writer, &err), SLUICE_OK);
  writer->release(writer);
  sink_component()->close(second);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_remove)
int main(void) {
  const struct CMUnitTest tests[] = {TEST(test_two_refreshes),
                                     TEST(test_nothing_listed_is_an_empty_file),
                                     TEST(test_abort_and_leftovers),
                                     TEST(test_refused),
                                     TEST(test_a_journal_without_data),
                                     TEST(test_second_is_refused_after_a_commit),
                                     TEST(test_committed_by_the_next_run)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
