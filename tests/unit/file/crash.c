/* sink-file after a crash at any step: the file and the journal as they may be found, opened again. */
#include "sink_fixture.h"
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COMMITS = 5 };
struct found { /* the two files, at one moment */
  char *data, *journal;
  size_t data_size, journal_size;
};

static struct found look(void) {
  struct found found = {0};
  found.data = fixture_read("out", &found.data_size);
  found.journal = fixture_read("out.sluice-journal", &found.journal_size);
  assert_non_null(found.data);
  assert_non_null(found.journal);
  return found;
}
static void found_free(struct found *found) {
  free(found->data);
  free(found->journal);
}

/* Commit k adds 3 rows of unit "a" and, when k is even, 2 of unit "b". */
static int64_t rows_a(int commits) {
  return 3 * commits;
}
static int64_t rows_b(int commits) {
  return 2 * ((commits + 1) / 2);
}

static void make_history(struct found moments[COMMITS + 1]) {
  struct sluice_writer *writer = NULL;
  struct sluice_error err = {0};
  void *sink = sink_open_path(fixture_path("out"));
  assert_int_equal(sink_new_writer(sink, &writer, &err), SLUICE_OK);
  moments[0] = look();
  for (int k = 0; k < COMMITS; k++) {
    assert_int_equal(sink_put(writer, "a", rows_a(k), 3, &err), SLUICE_OK);
    if (k % 2 == 0)
      assert_int_equal(sink_put(writer, "b", rows_b(k), 2, &err), SLUICE_OK);
    assert_int_equal(writer->flush(writer, &err), SLUICE_OK);
    moments[k + 1] = look();
  }
  writer->release(writer);
  sink_component()->close(sink);
}

/* Opens what was found: content and positions must agree with that many commits. Then goes on to the end. */
static void check_found(const char *data, size_t data_size, const char *journal, size_t journal_size, int commits) {
  struct sluice_writer *writer = NULL;
  struct sluice_error err = {0};
  fixture_write("out", data, data_size);
  fixture_write("out.sluice-journal", journal, journal_size);
  void *sink = sink_open_path(fixture_path("out"));
  assert_int_equal(sink_committed(sink, "a"), rows_a(commits));
  assert_int_equal(sink_committed(sink, "b"), rows_b(commits));
  char *text = fixture_read("out", NULL);
  assert_int_equal(sink_rows(text, "a"), rows_a(commits));
  assert_int_equal(sink_rows(text, "b"), rows_b(commits));
  free(text);
  assert_int_equal(sink_new_writer(sink, &writer, &err), SLUICE_OK);
  assert_int_equal(sink_put(writer, "a", rows_a(commits), 30, &err), SLUICE_OK);
  assert_int_equal(writer->flush(writer, &err), SLUICE_OK);
  writer->release(writer);
  sink_component()->close(sink);
  text = fixture_read("out", NULL);
  assert_int_equal(sink_rows(text, "a"), rows_a(commits) + 30);
  free(text);
}

/* Data written in part, the journal not yet. */
static void test_data_before_journal(void **state) {
  struct found moments[COMMITS + 1];
  (void)state;
  make_history(moments);
  for (int k = 0; k < COMMITS; k++)
    for (size_t size = moments[k].data_size; size <= moments[k + 1].data_size; size += 5)
      check_found(moments[k + 1].data, size, moments[k].journal, moments[k].journal_size, k);
  for (int k = 0; k <= COMMITS; k++)
    found_free(moments + k);
}

/* All data there, the journal's record torn at each byte; also filled up with zeros, as file systems do. */
static void test_torn_journal(void **state) {
  struct found moments[COMMITS + 1];
  (void)state;
  make_history(moments);
  for (int k = 0; k < COMMITS; k++) {
    const struct found *next = moments + k + 1;
    for (size_t size = moments[k].journal_size; size < next->journal_size; size++) {
      check_found(next->data, next->data_size, next->journal, size, k);
      char *zeros = calloc(1, next->journal_size);
      assert_non_null(zeros);
      memcpy(zeros, next->journal, size);
      if (memcmp(zeros, next->journal, next->journal_size) != 0)
        check_found(next->data, next->data_size, zeros, next->journal_size, k);
      free(zeros);
    }
    check_found(next->data, next->data_size, next->journal, next->journal_size, k + 1);
  }
  for (int k = 0; k <= COMMITS; k++)
    found_free(moments + k);
}

/* A byte of an earlier record that is wrong was not torn by a crash: to go on would cut off committed records. */
static void test_damaged_journal(void **state) {
  struct found moments[COMMITS + 1];
  (void)state;
  make_history(moments);
  const struct found *last = moments + COMMITS;
  for (size_t i = 0; i < moments[COMMITS - 1].journal_size; i++) {
    struct sluice_position position;
    struct sluice_error err = {0};
    last->journal[i] ^= 0x10;
    fixture_write("out", last->data, last->data_size);
    fixture_write("out.sluice-journal", last->journal, last->journal_size);
    last->journal[i] ^= 0x10;
    void *sink = sink_open_path(fixture_path("out"));
    assert_int_equal(sink_commit()->committed(sink, "job>sink>s", "a", &position, &err), SLUICE_ERR_CONFIG);
    assert_non_null(strstr(err.message, "damaged"));
    sink_component()->close(sink);
    char *text = fixture_read("out", NULL);
    assert_string_equal(text, last->data);
    free(text);
  }
  for (int k = 0; k <= COMMITS; k++)
    found_free(moments + k);
}

/* Many commits and forgotten units: the journal stays small, and what is not forgotten stays. */
static void test_compaction(void **state) {
  struct sluice_writer *writer = NULL;
  struct sluice_error err = {0};
  struct stat info;
  char unit[300];
  (void)state;
  const struct sink_config config = {.path = fixture_path("out")};
  void *sink = NULL;
  assert_int_equal(sink_component()->open(&fixture_host, &config, &sink, &err), SLUICE_OK);
  assert_int_equal(sink_new_writer(sink, &writer, &err), SLUICE_OK);
  assert_int_equal(sink_put(writer, "kept", 0, 1, &err), SLUICE_OK);
  for (int i = 0; i < 6000; i++) {
    memset(unit, 'u', sizeof unit);
    snprintf(unit + 280, sizeof unit - 280, "%d", i);
    assert_int_equal(sink_put(writer, unit, 0, 1, &err), SLUICE_OK);
    assert_int_equal(writer->flush(writer, &err), SLUICE_OK);
    assert_int_equal(sink_commit()->forget(sink, "job>sink>s", unit, &err), SLUICE_OK);
  }
  assert_int_equal(stat(fixture_path("out.sluice-journal"), &info), 0);
  assert_true(info.st_size < (1 << 20) + 2000);
  assert_int_equal(sink_committed(sink, "kept"), 1);
  writer->release(writer);
  sink_component()->close(sink);
  sink = sink_open_path(fixture_path("out"));
  assert_int_equal(sink_committed(sink, "kept"), 1);
  assert_int_equal(sink_committed(sink, unit), 0);
  assert_int_equal(stat(fixture_path("out.sluice-journal"), &info), 0);
  assert_true(info.st_size < 2000);
  sink_component()->close(sink);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_remove)
int main(void) {
  const struct CMUnitTest tests[] = {TEST(test_data_before_journal), TEST(test_torn_journal),
                                     TEST(test_damaged_journal), TEST(test_compaction)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
