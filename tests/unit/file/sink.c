/* sink-file: positions, several writers, locks, what was there before, full disks, streams. */
#include "sink_fixture.h"
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void put_and_flush(struct sluice_writer *writer, const char *unit, int64_t first, int64_t n) {
  struct sluice_error err = {0};
  assert_int_equal(sink_put(writer, unit, first, n, &err), SLUICE_OK);
  assert_int_equal(writer->flush(writer, &err), SLUICE_OK);
}

static void check_rows(const char *name, const char *unit, int64_t rows) {
  char *text = fixture_read(name, NULL);
  assert_non_null(text);
  assert_int_equal(sink_rows(text, unit), rows);
  free(text);
}

static void test_positions(void **state) {
  struct sluice_writer *writer = NULL;
  struct sluice_error err = {0};
  (void)state;
  void *sink = sink_open_path(fixture_path("new/folder/out"));
  assert_int_equal(sink_committed(sink, "a"), 0);
  assert_int_equal(sink_new_writer(sink, &writer, &err), SLUICE_OK);
  assert_int_equal(writer->acked(writer), -1);
  put_and_flush(writer, "a", 0, 10);
  assert_int_equal(writer->acked(writer), 0);
  assert_int_equal(sink_put(writer, "a", 10, 5, &err), SLUICE_OK);
  assert_int_equal(sink_put(writer, "b", 0, 5, &err), SLUICE_OK);
  assert_int_equal(sink_put(writer, "a", 15, 5, &err), SLUICE_OK);
  assert_int_equal(sink_committed(sink, "a"), 10);
  assert_int_equal(writer->flush(writer, &err), SLUICE_OK);
  assert_int_equal(sink_committed(sink, "a"), 20);
  assert_int_equal(sink_put(writer, "c", 0, 5, &err), SLUICE_OK);
  writer->release(writer); /* what is not flushed is abandoned */
  assert_int_equal(sink_commit()->forget(sink, "job>sink>s", "b", &err), SLUICE_OK);
  assert_int_equal(sink_commit()->forget(sink, "job>sink>s", "never", &err), SLUICE_OK);
  sink_component()->close(sink);
  sink = sink_open_path(fixture_path("new/folder/out"));
  assert_int_equal(sink_committed(sink, "a"), 20);
  assert_int_equal(sink_committed(sink, "b"), 0);
  assert_int_equal(sink_committed(sink, "c"), 0);
  sink_component()->close(sink);
  check_rows("new/folder/out", "a", 20);
  check_rows("new/folder/out", "b", 5);
  check_rows("new/folder/out", "c", 0);
}

/* More than fits in the buffer is committed on the way, with its position. */
static void test_spill(void **state) {
  struct sluice_writer *writer = NULL;
  struct sluice_error err = {0};
  char unit[61];
  (void)state;
  memset(unit, 'u', 60);
  unit[60] = 0;
  void *sink = sink_open_path(fixture_path("out"));
  assert_int_equal(sink_new_writer(sink, &writer, &err), SLUICE_OK);
  for (int64_t i = 0; i < 30; i++)
    assert_int_equal(sink_put(writer, unit, i * 10000, 10000, &err), SLUICE_OK);
  int64_t spilled = sink_committed(sink, unit);
  assert_true(spilled > 0 && spilled < 300000);
  assert_int_equal(writer->acked(writer), spilled - 10000);
  writer->release(writer);
  sink_component()->close(sink);
  check_rows("out", unit, spilled);
}

struct worker {
  void *sink;
  char unit[16];
};
static void *work(void *context) {
  const struct worker *worker = context;
  struct sluice_writer *writer = NULL;
  struct sluice_error err = {0};
  if (sink_new_writer(worker->sink, &writer, &err) != SLUICE_OK)
    abort();
  for (int64_t i = 0; i < 60; i++) {
    if (sink_put(writer, worker->unit, i * 7, 7, &err) != SLUICE_OK)
      abort();
    if (i % 3 == 2 && writer->flush(writer, &err) != SLUICE_OK)
      abort();
    if (i % 7 == 2 && sink_committed(worker->sink, worker->unit) != (i + 1) / 3 * 21)
      abort();
  }
  writer->release(writer);
  return NULL;
}

static void test_threads(void **state) {
  enum { N = 6 };
  struct worker workers[N];
  pthread_t threads[N];
  (void)state;
  void *sink = sink_open_path(fixture_path("out"));
  for (int i = 0; i < N; i++) {
    workers[i].sink = sink;
    snprintf(workers[i].unit, sizeof workers[i].unit, "w%d", i);
    assert_int_equal(pthread_create(threads + i, NULL, work, workers + i), 0);
  }
  for (int i = 0; i < N; i++)
    pthread_join(threads[i], NULL);
  sink_component()->close(sink);
  for (int i = 0; i < N; i++)
    check_rows("out", workers[i].unit, 420);
}

static void test_second_is_refused(void **state) {
  struct sluice_writer *writer = NULL;
  struct sluice_error err = {0};
  (void)state;
  void *first = sink_open_path(fixture_path("out")), *second = sink_open_path(fixture_path("out"));
  assert_int_equal(sink_committed(first, "a"), 0);
  assert_int_equal(sink_new_writer(second, &writer, &err), SLUICE_ERR_CONFIG);
  assert_non_null(strstr(err.message, "another"));
  sink_component()->close(first);
  assert_int_equal(sink_new_writer(second, &writer, &err), SLUICE_OK);
  writer->release(writer);
  sink_component()->close(second);
}

static int open_status(const char *name, struct sluice_error *err) {
  struct sluice_position position;
  void *sink = sink_open_path(fixture_path(name));
  memset(err, 0, sizeof *err);
  int rc = sink_commit()->committed(sink, "job>sink>s", "a", &position, err);
  sink_component()->close(sink);
  return rc;
}

static void test_what_was_there(void **state) {
  struct sluice_writer *writer = NULL;
  struct sluice_error err = {0};
  (void)state;
  fixture_write("out", "{\"old\":1}\n{\"torn\":", 18);
  void *sink = sink_open_path(fixture_path("out"));
  assert_int_equal(sink_new_writer(sink, &writer, &err), SLUICE_OK);
  put_and_flush(writer, "a", 0, 2);
  writer->release(writer);
  sink_component()->close(sink);
  char *text = fixture_read("out", NULL);
  assert_string_equal(text, "{\"old\":1}\n{\"torn\":\n{\"u\":\"a\",\"n\":0}\n{\"u\":\"a\",\"n\":1}\n");
  size_t n = strlen(text);
  fixture_write("out", text, n - 1); /* cut by someone */
  assert_int_equal(open_status("out", &err), SLUICE_ERR_CONFIG);
  assert_non_null(strstr(err.message, "sluice-journal"));
  text[n - 3] = '7'; /* another file, of the same size and longer */
  fixture_write("out", text, n);
  assert_int_equal(open_status("out", &err), SLUICE_ERR_CONFIG);
  text[n - 3] = '1';
  fixture_write("out", text, n);
  assert_int_equal(open_status("out", &err), SLUICE_OK);
  fixture_write("out.sluice-journal", "", 0);
  assert_int_equal(open_status("out", &err), SLUICE_ERR_CONFIG);
  assert_int_equal(unlink(fixture_path("out.sluice-journal")), 0);
  assert_int_equal(open_status("out", &err),
                   SLUICE_END); /* without a journal it is kept, and its units are not known */
  check_rows("out", "a", 2);
  free(text);
}

static void test_check_changes_nothing(void **state) {
  const struct sluice_check *check = sink_component()->base->extension(SLUICE_CHECK);
  struct sluice_error err = {0};
  char found[300];
  (void)state;
  void *sink = sink_open_path(fixture_path("not/yet/out"));
  assert_int_equal(check->check(sink, found, sizeof found, &err), SLUICE_OK);
  sink_component()->close(sink);
  assert_int_equal(access(fixture_path("not"), F_OK), -1);
  sink = sink_open_path(fixture_path(""));
  assert_int_equal(check->check(sink, found, sizeof found, &err), SLUICE_ERR_CONFIG);
  sink_component()->close(sink);
}

/* The limit on file sizes stands for a full disk; its signal must not end us. */
static void test_no_room(void **state) {
  struct sluice_writer *writer = NULL;
  struct sluice_error err = {0};
  struct rlimit before, limit;
  (void)state;
  void *sink = sink_open_path(fixture_path("out"));
  assert_int_equal(sink_new_writer(sink, &writer, &err), SLUICE_OK);
  put_and_flush(writer, "a", 0, 100);
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  limit = before;
  limit.rlim_cur = 4000;
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
  assert_int_equal(sink_put(writer, "a", 100, 1000, &err), SLUICE_OK);
  int rc = writer->flush(writer, &err);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
  assert_int_equal(rc, SLUICE_ERR_CONFIG);
  assert_non_null(strstr(err.message, "ulimit"));
  check_rows("out", "a", 100);
  assert_int_equal(sink_committed(sink, "a"), 100);
  writer->release(writer);
  assert_int_equal(sink_new_writer(sink, &writer, &err), SLUICE_OK);
  put_and_flush(writer, "a", 100, 1000);
  writer->release(writer);
  sink_component()->close(sink);
  check_rows("out", "a", 1100);
}

/* On a disk of 64 KiB, if this test may mount one: RETRY until there is room, and nothing lost. */
static void test_full_disk(void **state) {
  struct sluice_writer *writer = NULL;
  struct sluice_error err = {0};
  char command[9000], filler[4096] = {0};
  (void)state;
  assert_int_equal(mkdir(fixture_path("disk"), 0777), 0);
  snprintf(command, sizeof command, "mount -t tmpfs -o size=64k none '%s' 2>/dev/null", fixture_path("disk"));
  if (geteuid() != 0 || system(command) != 0) {
    print_message("skipped: this test cannot mount a tmpfs\n");
    return;
  }
  int fd = open(fixture_path("disk/filler"), O_WRONLY | O_CREAT, 0666);
  for (int i = 0; i < 9; i++)
    assert_int_equal(write(fd, filler, sizeof filler), sizeof filler);
  close(fd);
  void *sink = sink_open_path(fixture_path("disk/out"));
  assert_int_equal(sink_new_writer(sink, &writer, &err), SLUICE_OK);
  put_and_flush(writer, "a", 0, 100);
  assert_int_equal(sink_put(writer, "a", 100, 1500, &err), SLUICE_OK);
  assert_int_equal(writer->flush(writer, &err), SLUICE_ERR_RETRY);
  assert_true(err.retry_ms > 0);
  assert_int_equal(sink_committed(sink, "a"), 100);
  check_rows("disk/out", "a", 100);
  assert_int_equal(unlink(fixture_path("disk/filler")), 0);
  assert_int_equal(writer->flush(writer, &err), SLUICE_OK);
  writer->release(writer);
  sink_component()->close(sink);
  check_rows("disk/out", "a", 1600);
  snprintf(command, sizeof command, "umount '%s'", fixture_path("disk"));
  assert_int_equal(system(command), 0);
}

/* Streams: whole records, no journal, and a reader that goes is an error, not a signal. */
static void test_stream(void **state) {
  struct sluice_writer *writer = NULL;
  struct sluice_error err = {0};
  char text[4096];
  (void)state;
  assert_int_equal(mkfifo(fixture_path("pipe"), 0666), 0);
  int reader = open(fixture_path("pipe"), O_RDONLY | O_NONBLOCK);
  void *sink = sink_open_path(fixture_path("pipe"));
  assert_int_equal(sink_new_writer(sink, &writer, &err), SLUICE_OK);
  put_and_flush(writer, "a", 0, 3);
  ssize_t n = read(reader, text, sizeof text - 1);
  assert_true(n > 0);
  text[n] = 0;
  assert_int_equal(sink_rows(text, "a"), 3);
  assert_int_equal(sink_committed(sink, "a"), 0);
  assert_int_equal(access(fixture_path("pipe.sluice-journal"), F_OK), -1);
  writer->release(writer);
  sink_component()->close(sink);
  close(reader);
}

static void test_standard_output(void **state) {
  struct sluice_writer *writer = NULL;
  struct sluice_error err = {0};
  int pipe_fds[2], before = dup(STDOUT_FILENO);
  char text[4096];
  (void)state;
  fflush(stdout);
  assert_int_equal(pipe(pipe_fds), 0);
  dup2(pipe_fds[1], STDOUT_FILENO);
  close(pipe_fds[1]);
  void *sink = sink_open_path("-");
  int made = sink_new_writer(sink, &writer, &err);
  int put = sink_put(writer, "a", 0, 3, &err), flushed = writer->flush(writer, &err);
  ssize_t n = read(pipe_fds[0], text, sizeof text - 1);
  close(pipe_fds[0]);
  int again = sink_put(writer, "a", 3, 3, &err), gone = writer->flush(writer, &err);
  dup2(before, STDOUT_FILENO);
  close(before);
  assert_int_equal(made, SLUICE_OK);
  assert_int_equal(put, SLUICE_OK);
  assert_int_equal(flushed, SLUICE_OK);
  assert_true(n > 0);
  text[n] = 0;
  assert_int_equal(sink_rows(text, "a"), 3);
  assert_int_equal(again, SLUICE_OK);
  assert_int_equal(gone, SLUICE_ERR_CONFIG);
  assert_non_null(strstr(err.message, "reader"));
  writer->release(writer);
  sink_component()->close(sink);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_remove)
int main(void) {
  const struct CMUnitTest tests[] = {TEST(test_positions),      TEST(test_spill),
                                     TEST(test_threads),        TEST(test_second_is_refused),
                                     TEST(test_what_was_there), TEST(test_check_changes_nothing),
                                     TEST(test_no_room),        TEST(test_full_disk),
                                     TEST(test_stream),         TEST(test_standard_output)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
