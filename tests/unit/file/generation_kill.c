/* A full refresh that is killed at each call that changes the disk, and repeated until it is through: the file is the
 * old generation or the new one at any time, whole, and `current` says which. */
#include "kill.h"
#include "sink_fixture.h"
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROWS = 30, STEP = 10 };

static void must(bool ok, const char *what) { /* also in the child, where an assertion of cmocka would go on */
  if (ok)
    return;
  fprintf(stderr, "%s\n", what);
  abort();
}

/* What a host does: asks, begins or goes on, writes what is missing, commits. */
static void refresh(int64_t generation, const char *unit, bool abort_before) {
  const struct sluice_commit *power = sink_commit();
  struct sluice_writer *writer = NULL;
  struct sluice_error err = {0};
  int64_t current = 0;
  void *sink = sink_open_path(fixture_path("out"));
  must(power->current(sink, SINK_DELIVERY, &current, &err) == SLUICE_OK, err.message);
  if (current < generation) {
    if (abort_before) {
      must(power->begin(sink, SINK_DELIVERY, generation - 1, &err) == SLUICE_OK || current == generation - 1,
           err.message);
      memset(&err, 0, sizeof err);
      must(current == generation - 1 || power->abort(sink, SINK_DELIVERY, generation - 1, &err) == SLUICE_OK,
           err.message);
    }
    must(power->begin(sink, SINK_DELIVERY, generation, &err) == SLUICE_OK, err.message);
    must(sink_generation_writer(sink, generation, &writer, &err) == SLUICE_OK, err.message);
    for (int64_t row = sink_committed(sink, unit); row < ROWS; row += STEP) {
      must(sink_put(writer, unit, row, STEP, &err) == SLUICE_OK, err.message);
      must(writer->flush(writer, &err) == SLUICE_OK, err.message);
    }
    writer->release(writer);
    must(power->commit(sink, SINK_DELIVERY, generation, &err) == SLUICE_OK, err.message);
  }
  sink_component()->close(sink);
}

/* In a child. True: it was killed at call n. */
static bool refresh_killed(int n, int64_t generation, const char *unit, bool abort_before) {
  fflush(NULL);
  pid_t child = fork();
  must(child >= 0, "fork");
  if (child == 0) {
    kill_at(n);
    refresh(generation, unit, abort_before);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  must(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == KILL_STATUS), "the child failed");
  return WEXITSTATUS(status) == KILL_STATUS;
}

static int64_t rows_of(const char *unit) {
  char *text = fixture_read("out", NULL);
  assert_non_null(text);
  int64_t rows = sink_rows(text, unit);
  free(text);
  return rows;
}

static int64_t current(void) {
  struct sluice_error err = {0};
  int64_t generation = -1;
  void *sink = sink_open_path(fixture_path("out"));
  must(sink_commit()->current(sink, SINK_DELIVERY, &generation, &err) == SLUICE_OK, err.message);
  sink_component()->close(sink);
  return generation;
}

/* Without opening it, as another program sees it: one of the two, and nothing else. */
static bool new_is_there(void) {
  int64_t before = rows_of("old"), after = rows_of("new");
  assert_true((before == ROWS && after == 0) || (before == 0 && after == ROWS));
  return after == ROWS;
}

static void check_killed(int n) {
  bool seen = new_is_there();
  int64_t generation = current(); /* opening it finishes a commit that was decided */
  bool after = new_is_there();
  assert_int_equal(generation, after ? 2 : 1);
  assert_true(after || !seen); /* never back again */
  (void)n;
}

static void start_over(void) {
  fixture_remove(NULL);
  fixture_make(NULL);
  refresh(1, "old", false);
}

static void test_killed_once(void **state) {
  int killed = 0, seen[2] = {0, 0};
  (void)state;
  for (int n = 1; n == 1 || killed == n - 1; n++) {
    start_over();
    if (!refresh_killed(n, 2, "new", false))
      break;
    killed++;
    seen[new_is_there()]++;
    check_killed(n);
    refresh(2, "new", false);
    assert_int_equal(current(), 2);
    assert_true(new_is_there());
    assert_int_equal(access(fixture_path("out.sluice-generation-2"), F_OK), -1);
  }
  print_message("killed at each of %d calls; the old file was found %d times, the new one %d times\n", killed, seen[0],
                seen[1]);
  assert_true(killed > 30 && seen[0] > 10 && seen[1] > 3);
}

/* Killed, and what comes after it is killed too, also in finishing the commit. */
static void test_killed_twice(void **state) {
  int killed = 0;
  (void)state;
  start_over();
  must(!refresh_killed(0, 2, "new", false), "without a kill");
  for (int n = 1;; n++) {
    int m = 0;
    bool again = true;
    for (m = 1; again; m += 3) {
      start_over();
      if (!refresh_killed(n, 2, "new", false))
        break;
      again = refresh_killed(m, 2, "new", false);
      killed += again;
      check_killed(m);
    }
    if (m == 1)
      break;
    refresh(2, "new", false);
    assert_true(new_is_there());
  }
  print_message("killed twice at %d pairs of calls\n", killed);
  assert_true(killed > 200);
}

/* An abandoned generation is removed, with kills in that. */
static void test_killed_while_aborting(void **state) {
  int killed = 0;
  (void)state;
  for (int n = 1;; n++) {
    start_over();
    if (!refresh_killed(n, 3, "new", true))
      break;
    killed++;
    int64_t before = rows_of("old"), after = rows_of("new");
    assert_true((before == ROWS && after == 0) || (before == 0 && after == ROWS));
    refresh(3, "new", true);
    assert_int_equal(current(), 3);
    assert_true(new_is_there());
    assert_int_equal(access(fixture_path("out.sluice-generation-2"), F_OK), -1);
    assert_int_equal(access(fixture_path("out.sluice-generation-2.sluice-journal"), F_OK), -1);
  }
  assert_true(killed > 40);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_remove)
int main(void) {
  const struct CMUnitTest tests[] = {TEST(test_killed_once), TEST(test_killed_twice), TEST(test_killed_while_aborting)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
