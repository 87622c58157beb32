/* The disk fails or the process dies at every single write and sync of a scenario: nothing acknowledged is lost,
 * nothing refused has happened, and the reject file agrees with the ledger. */
#include "faults.h"
#include "helpers.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- the scenario: steps in order, each one operation ------------------------------------------- */

enum { STEPS = 6 };
struct scenario {
  struct ledger *ledger;
  int64_t delivery, run;
  struct ledger_unit unit;
};

static int merge_two(struct scenario *s, struct sluice_error *err) {
  struct ledger_listed listed[] = {{"a", "1", 10, 1}, {"b", "1", 10, 1}};
  struct ledger_merged out;
  return ledger_merge(s->ledger, s->delivery, "", listed, 2, true, ON_CHANGE_REREAD, &out, err);
}

static int do_step(struct scenario *s, int step, struct sluice_error *err) {
  struct ledger_settings settings = default_settings();
  struct ledger_counters carried;
  struct ledger_progress first = {
      .position = {5, 5, {0, 0}}, .rows = 5, .rejects = 1, .reject_lines = "one\n", .reject_size = 4};
  struct ledger_progress last = {.rows = 2, .rejects = 2, .reject_lines = "two\nthree\n", .reject_size = 10};
  struct ledger_part_result done = {.state = PART_DONE, .rows = 7, .rejects = 3};
  switch (step) {
  case 0:
    return ledger_run_begin(s->ledger, s->delivery, &s->run, &carried, err);
  case 1:
    return merge_two(s, err);
  case 2:
    return ledger_claim(s->ledger, s->run, &settings, &s->unit, err);
  case 3:
    return ledger_checkpoint(s->ledger, &s->unit, &first, err);
  case 4:
    return ledger_finish(s->ledger, &s->unit, &last, &done, err);
  default:
    return ledger_run_end(s->ledger, s->run, "done", "", NULL, err);
  }
}

/* How many steps the file has seen. */
static int level(const char *dir) {
  static const char *const seen[STEPS] = {"SELECT count(*) FROM run",
                                          "SELECT count(*) FROM part",
                                          "SELECT count(*) FROM part WHERE state IN (1, 2)",
                                          "SELECT rows >= 5 FROM run",
                                          "SELECT count(*) FROM part WHERE state = 2 AND rows = 7",
                                          "SELECT ended > 0 FROM run"};
  int n = 0;
  while (n < STEPS && sql_number(dir, "j", seen[n]) > 0)
    n++;
  return n;
}

static void assert_rejects(const char *dir, int steps) {
  size_t n = 0;
  char *text = read_file(path_in(dir, "j.rejects.ndjson"), &n);
  assert_string_equal(text, steps < 4 ? "" : steps < 5 ? "one\n" : "one\ntwo\nthree\n");
  assert_int_equal(sql_number(dir, "j", "SELECT rejects_size FROM job"), n);
  free(text);
}

static struct scenario prepared(const char *dir) {
  struct scenario s = {.ledger = open_job(dir, "j")};
  s.delivery = delivery_of(s.ledger);
  return s;
}

/* ---- dying -------------------------------------------------------------------------------------- */

static int steps_before_death(const char *dir, enum fault fault, int at, bool *died) {
  int *acknowledged = mmap(NULL, sizeof *acknowledged, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  assert_true(acknowledged != MAP_FAILED);
  pid_t child = fork();
  if (child == 0) {
    struct scenario s = prepared(dir);
    faults_set(fault, at, 0);
    for (int step = 0; step < STEPS; step++) {
      if (do_step(&s, step, NULL) != SLUICE_OK)
        _exit(1);
      ++*acknowledged;
    }
    ledger_close(s.ledger);
    _exit(0);
  }
  int status = 0, n;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 9));
  *died = WEXITSTATUS(status) == 9;
  n = *acknowledged;
  munmap(acknowledged, sizeof *acknowledged);
  return n;
}

static void die_at_each(enum fault fault) {
  int deaths = 0;
  for (bool died = true; died; deaths += died) {
    void *dir;
    assert_int_equal(make_folder(&dir), 0);
    int steps = steps_before_death(dir, fault, deaths + 1, &died);
    ledger_close(open_job(dir, "j"));
    int found = level(dir);
    if (found != steps && found != steps + 1)
      fail_msg("death %d: %d steps acknowledged, %d found", deaths + 1, steps, found);
    assert_rejects(dir, found);
    remove_folder(&dir);
  }
  assert_true(deaths >= 2 * STEPS); /* each step writes and syncs */
}

static void dies(void **state) {
  (void)state;
  die_at_each(FAULT_DIE);
}

static void dies_in_mid_write(void **state) {
  (void)state;
  die_at_each(FAULT_DIE_TORN);
}

/* Death while the file is being made: the next one makes it. */
static void dies_while_made(void **state) {
  (void)state;
  int deaths = 0;
  for (bool died = true; died; deaths += died) {
    void *dir;
    int status = 0;
    assert_int_equal(make_folder(&dir), 0);
    pid_t child = fork();
    if (child == 0) {
      struct ledger *l = NULL;
      faults_set(FAULT_DIE_TORN, deaths + 1, 0);
      _exit(ledger_open(dir, "j", &l, NULL));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    died = WEXITSTATUS(status) == 9;
    ledger_close(open_job(dir, "j"));
    assert_int_equal(level(dir), 0);
    remove_folder(&dir);
  }
  assert_true(deaths > 5);
}

/* ---- failing ------------------------------------------------------------------------------------ */

static int failing_step(struct scenario *s, struct sluice_error *err) {
  for (int step = 0; step < STEPS; step++)
    if (do_step(s, step, err) != SLUICE_OK)
      return step;
  return STEPS;
}

/* A full disk from the n-th write on: one clear error, nothing of that step happened, and once there is room the same
 * ledger goes on. */
static void disk_full(void **state) {
  (void)state;
  int failures = 0;
  for (int step = 0; step < STEPS; failures++) {
    void *dir;
    struct sluice_error err = {0};
    assert_int_equal(make_folder(&dir), 0);
    struct scenario s = prepared(dir);
    faults_only_writes(true);
    faults_set(FAULT_ERROR, failures + 1, ENOSPC);
    step = failing_step(&s, &err);
    if (step < STEPS) {
      if (!strstr(err.message, "no space left for the ledger") || !strstr(err.message, "nothing is lost"))
        fail_msg("message: %s", err.message);
      faults_set(FAULT_NONE, 0, 0);
      assert_int_equal(level(dir), step);
      assert_rejects(dir, step);
      for (int rest = step; rest < STEPS; rest++)
        assert_int_equal(do_step(&s, rest, NULL), SLUICE_OK);
    }
    assert_int_equal(level(dir), STEPS);
    assert_rejects(dir, STEPS);
    faults_set(FAULT_NONE, 0, 0);
    faults_only_writes(false);
    ledger_unit_free(&s.unit);
    ledger_close(s.ledger);
    remove_folder(&dir);
  }
  assert_true(failures > STEPS);
}

/* A broken disk: an error, and nothing more is trusted until the ledger is opened again. */
static void disk_broken(void **state) {
  (void)state;
  int failures = 0;
  for (int step = 0; step < STEPS; failures++) {
    void *dir;
    struct sluice_error err = {0};
    assert_int_equal(make_folder(&dir), 0);
    struct scenario s = prepared(dir);
    faults_set(FAULT_ERROR, failures + 1, EIO);
    step = failing_step(&s, &err);
    if (step < STEPS && !strstr(err.message, "I/O error") && !strstr(err.message, "Input/output error"))
      fail_msg("message: %s", err.message);
    faults_set(FAULT_NONE, 0, 0);
    ledger_unit_free(&s.unit);
    ledger_close(s.ledger);
    ledger_close(open_job(dir, "j"));
    int found = level(dir); /* a failed sync leaves it open whether the step will be there */
    assert_true(found == step || found == step + 1);
    assert_rejects(dir, found);
    remove_folder(&dir);
  }
  assert_true(failures >= 2 * STEPS);
}

static void broken_stays_broken(void **state) {
  struct scenario s = prepared(*state);
  int64_t run = 0;
  struct ledger_counters carried;
  struct sluice_error err = {0};
  faults_set(FAULT_ERROR, 1, EIO);
  assert_int_equal(ledger_run_begin(s.ledger, s.delivery, &run, &carried, NULL), SLUICE_ERR_CONFIG);
  faults_set(FAULT_NONE, 0, 0);
  assert_int_equal(ledger_run_begin(s.ledger, s.delivery, &run, &carried, &err), SLUICE_ERR_CONFIG);
  assert_non_null(strstr(err.message, "I/O error"));
  ledger_close(s.ledger);
}

/* No room for a new ledger: nothing is left behind. */
static void no_room_to_make(void **state) {
  struct ledger *l = NULL;
  struct sluice_error err = {0};
  faults_only_writes(true);
  faults_set(FAULT_ERROR, 2, ENOSPC); /* the first is the lock's */
  assert_int_equal(ledger_open(*state, "j", &l, &err), SLUICE_ERR_CONFIG);
  faults_set(FAULT_NONE, 0, 0);
  faults_only_writes(false);
  assert_non_null(strstr(err.message, "no space left"));
  assert_int_equal(access(path_in(*state, "j.db"), F_OK), -1);
  assert_int_equal(access(path_in(*state, "j.db.new"), F_OK), -1);
  ledger_close(open_job(*state, "j"));
}

/* ---- order -------------------------------------------------------------------------------------- */

static void rejects_before_checkpoint(void **state) {
  struct scenario s = prepared(*state);
  for (int step = 0; step < 3; step++)
    assert_int_equal(do_step(&s, step, NULL), SLUICE_OK);
  faults_set(FAULT_NONE, 0, 0);
  assert_int_equal(do_step(&s, 3, NULL), SLUICE_OK);
  const char *log = faults_log(); /* rejects written, synced; only then the log of the database, synced at the end */
  assert_int_equal(strncmp(log, "WSw", 3), 0);
  assert_int_equal(strspn(log + 2, "ws"), strlen(log + 2));
  assert_int_equal(log[strlen(log) - 1], 's');
  ledger_unit_free(&s.unit);
  ledger_close(s.ledger);
}

static void rejects_cut_on_open(void **state) {
  struct scenario s = prepared(*state);
  for (int step = 0; step < 4; step++)
    assert_int_equal(do_step(&s, step, NULL), SLUICE_OK);
  ledger_unit_free(&s.unit);
  ledger_close(s.ledger);
  char *path = strdup(path_in(*state, "j.rejects.ndjson"));
  write_file(path, "one\nnever committed", 19);
  ledger_close(open_job(*state, "j"));
  assert_rejects(*state, 4);
  write_file(path, "", 0); /* read and emptied by the user */
  s = prepared(*state);
  assert_int_equal(sql_number(*state, "j", "SELECT rejects_size FROM job"), 0);
  ledger_close(s.ledger);
  free(path);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(dies),      cmocka_unit_test(dies_in_mid_write), cmocka_unit_test(dies_while_made),
      cmocka_unit_test(disk_full), cmocka_unit_test(disk_broken),       TEST(broken_stays_broken),
      TEST(no_room_to_make),       TEST(rejects_before_checkpoint),     TEST(rejects_cut_on_open),
  };
  faults_install();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
