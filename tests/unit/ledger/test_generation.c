/* Full refreshes: the old parts stay until commit, a crash is taken up where it was, changes spoil. */
#include "core/ledger/generation.h"
#include "faults.h"
#include "helpers.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct ledger_generation begin_generation(struct ledger *l, int64_t d) {
  struct ledger_generation g = {0};
  struct sluice_error err = {0};
  if (ledger_generation_begin(l, d, &g, &err) != SLUICE_OK)
    fail_msg("%s", err.message);
  return g;
}

static struct ledger_readiness readiness(struct ledger *l, int64_t g) {
  struct ledger_readiness r = {0};
  assert_int_equal(ledger_generation_ready(l, g, &r, NULL), SLUICE_OK);
  return r;
}

static void deliver_all(struct ledger *l, int64_t run) {
  struct ledger_settings settings = default_settings();
  struct ledger_unit u = {0};
  while (ledger_claim(l, run, &settings, &u, NULL) == SLUICE_OK) {
    finish(l, &u);
    ledger_unit_free(&u);
  }
}

/* a and b delivered by a first refresh */
static struct ledger *refreshed(const char *dir, int64_t *d) {
  struct ledger *l = open_job(dir, "j");
  *d = delivery_of(l);
  int64_t run = begin_run(l, *d);
  struct ledger_generation g = begin_generation(l, *d);
  assert_false(g.resumed);
  merge_all(l, *d, "a=1 b=1", ON_CHANGE_REREAD);
  deliver_all(l, run);
  assert_true(readiness(l, g.id).ready);
  assert_int_equal(ledger_generation_committing(l, g.id, NULL), SLUICE_OK);
  assert_int_equal(ledger_generation_committed(l, g.id, NULL), SLUICE_OK);
  assert_int_equal(ledger_run_end(l, run, "done", "", NULL, NULL), SLUICE_OK);
  return l;
}

static int take_status(void *context, const struct ledger_status *status) {
  *(struct ledger_status *)context = *status;
  return SLUICE_OK;
}

static struct ledger_status status_of(const char *dir) {
  struct ledger_status s = {0};
  assert_int_equal(ledger_read_status(dir, "j", take_status, &s, NULL), SLUICE_OK);
  return s;
}

static void old_stays_until_commit(void **state) {
  int64_t d;
  struct ledger *l = refreshed(*state, &d);
  int64_t run = begin_run(l, d);
  struct ledger_generation g = begin_generation(l, d), found = {0};
  assert_int_equal(g.state, GENERATION_OPEN);
  assert_int_equal(ledger_generation_open(l, d, &found, NULL), SLUICE_OK);
  assert_int_equal(found.id, g.id);
  assert_int_equal(merge_all(l, d, "b=1 c=1", ON_CHANGE_REREAD).added, 2); /* whatever was delivered before */
  struct ledger_unit u = claim(l, run);
  assert_int_equal(u.generation, g.id);
  struct ledger_status s = status_of(*state);
  assert_int_equal(s.parts[PART_DONE], 2);
  assert_int_equal(s.open, g.id);
  assert_int_equal(s.generation, g.id - 1);
  assert_int_equal(s.open_parts[PART_ACTIVE] + s.open_parts[PART_PENDING], 2);
  struct ledger_readiness r = readiness(l, g.id);
  assert_false(r.ready);
  assert_string_equal(r.why, "2 parts are left");
  assert_int_equal(ledger_generation_committing(l, g.id, NULL), SLUICE_ERR_CHANGED);
  finish(l, &u);
  ledger_unit_free(&u);
  deliver_all(l, run);
  assert_int_equal(ledger_generation_committed(l, g.id, NULL), SLUICE_ERR_CHANGED); /* the mark comes first */
  assert_int_equal(ledger_generation_committing(l, g.id, NULL), SLUICE_OK);
  assert_int_equal(ledger_generation_committing(l, g.id, NULL), SLUICE_OK);
  assert_int_equal(ledger_generation_committed(l, g.id, NULL), SLUICE_OK);
  assert_int_equal(ledger_generation_committed(l, g.id, NULL), SLUICE_OK);
  assert_int_equal(ledger_generation_abort(l, g.id, "", NULL), SLUICE_ERR_CHANGED);
  assert_int_equal(ledger_generation_open(l, d, &found, NULL), SLUICE_END);
  s = status_of(*state);
  assert_int_equal(s.open, 0);
  assert_int_equal(s.generation, g.id);
  assert_parts(*state, "j", "b=1:D c=1:D");
  merge_all(l, d, "b=1 c=1 d=1", ON_CHANGE_REREAD); /* incremental from here */
  assert_parts(*state, "j", "b=1:D c=1:D d=1:P");
  ledger_close(l);
}

static void abort_brings_back(void **state) {
  int64_t d;
  struct ledger *l = refreshed(*state, &d);
  int64_t run = begin_run(l, d);
  struct ledger_generation g = begin_generation(l, d);
  merge_all(l, d, "c=1 d=1", ON_CHANGE_REREAD);
  struct ledger_unit u = claim(l, run);
  assert_int_equal(ledger_generation_abort(l, g.id, "enough", NULL), SLUICE_OK);
  struct ledger_progress progress = {.rows = 1};
  assert_int_equal(ledger_checkpoint(l, &u, &progress, NULL), SLUICE_ERR_CHANGED);
  ledger_unit_free(&u);
  assert_parts(*state, "j", "a=1:D b=1:D");
  assert_int_equal(begin_generation(l, d).id, g.id + 1);
  ledger_close(l);
}

static void identities_differ(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  char seen[3][65];
  for (int i = 0; i < 3; i++) {
    struct ledger_generation g = {0};
    if (i)
      g = begin_generation(l, d);
    merge_all(l, d, "a=1", ON_CHANGE_REREAD);
    struct ledger_unit u = claim(l, run);
    memcpy(seen[i], u.identity, 65);
    for (int k = 0; k < i; k++)
      assert_string_not_equal(seen[k], seen[i]);
    finish(l, &u);
    ledger_unit_free(&u);
    if (i) {
      assert_int_equal(ledger_generation_committing(l, g.id, NULL), SLUICE_OK);
      assert_int_equal(ledger_generation_committed(l, g.id, NULL), SLUICE_OK);
    }
  }
  ledger_close(l);
}

/* A crash: what its units delivered counts, the rest goes on, and the listing has to be whole again. */
static void taken_up(void **state) {
  int64_t d;
  struct ledger *l = refreshed(*state, &d);
  int64_t run = begin_run(l, d);
  struct ledger_generation g = begin_generation(l, d), again;
  merge_all(l, d, "a=1 b=1 c=1", ON_CHANGE_REREAD);
  struct ledger_unit a = claim(l, run), b = claim(l, run);
  finish(l, &a);
  checkpoint(l, &b, 4, 4);
  ledger_unit_free(&a), ledger_unit_free(&b);
  ledger_close(l);
  l = open_job(*state, "j");
  run = begin_run(l, d);
  again = begin_generation(l, d);
  assert_true(again.resumed);
  assert_int_equal(again.id, g.id);
  assert_string_equal(readiness(l, g.id).why, "its listing did not come to the end");
  struct ledger_merged m = merge_all(l, d, "a=1 b=1 c=1", ON_CHANGE_REREAD);
  assert_int_equal(m.unchanged, 3);
  assert_int_equal(m.restart, 0);
  b = claim(l, run);
  assert_string_equal(b.parts[0].name, "b");
  assert_true(b.resumed);
  assert_int_equal(b.crashes, 1);
  finish(l, &b);
  ledger_unit_free(&b);
  deliver_all(l, run);
  assert_true(readiness(l, g.id).ready);
  char *generations = sql_text(*state, "j", "SELECT generation FROM run ORDER BY id");
  assert_string_equal(generations, "1\n2\n2\n");
  free(generations);
  ledger_close(l);
}

static void failed_is_not_ready(void **state) {
  int64_t d;
  struct ledger *l = refreshed(*state, &d);
  int64_t run = begin_run(l, d);
  struct ledger_generation g = begin_generation(l, d);
  struct sluice_error why = {.where = "b", .message = "not a CSV file"};
  merge_all(l, d, "a=1 b=1", ON_CHANGE_REREAD);
  struct ledger_unit a = claim(l, run), b = claim(l, run);
  finish(l, &a);
  assert_int_equal(ledger_fail(l, &b, &why, NULL), SLUICE_OK);
  ledger_unit_free(&a), ledger_unit_free(&b);
  assert_string_equal(readiness(l, g.id).why, "1 parts failed, first b: b: not a CSV file");
  assert_int_equal(ledger_generation_committing(l, g.id, NULL), SLUICE_ERR_CHANGED);
  ledger_close(l);
}

static void nothing_is_not_ready(void **state) {
  int64_t d;
  struct ledger *l = refreshed(*state, &d);
  struct ledger_generation g = begin_generation(l, d);
  merge_all(l, d, "", ON_CHANGE_REREAD);
  struct ledger_readiness r = readiness(l, g.id);
  assert_false(r.ready);
  assert_true(r.empty);
  assert_int_equal(ledger_generation_committing(l, g.id, NULL), SLUICE_OK); /* the host's choice */
  assert_int_equal(ledger_generation_committed(l, g.id, NULL), SLUICE_OK);
  assert_int_equal(sql_number(*state, "j", "SELECT count(*) FROM part"), 0);
  ledger_close(l);
}

/* ---- spoiled ------------------------------------------------------------------------------------ */

static void assert_spoiled(struct ledger *l, int64_t d, int64_t run, int64_t g, const char *why) {
  struct ledger_readiness r = readiness(l, g);
  assert_true(r.restart && !r.ready);
  if (!strstr(r.why, why))
    fail_msg("why: %s", r.why);
  assert_int_equal(claim_code(l, run), SLUICE_END);
  struct ledger_generation found = begin_generation(l, d);
  assert_int_equal(found.state, GENERATION_SPOILED);
  assert_int_equal(found.id, g);
  assert_int_equal(ledger_generation_committing(l, g, NULL), SLUICE_ERR_CHANGED);
  assert_int_equal(ledger_generation_abort(l, g, found.reason, NULL), SLUICE_OK);
  found = begin_generation(l, d);
  assert_int_equal(found.state, GENERATION_OPEN);
  assert_int_equal(found.id, g + 1);
}

static void changed_after_read(void **state) {
  int64_t d;
  struct ledger *l = refreshed(*state, &d);
  int64_t run = begin_run(l, d);
  struct ledger_generation g = begin_generation(l, d);
  merge_all(l, d, "a=1 b=1 c=1", ON_CHANGE_REREAD);
  struct ledger_unit a = claim(l, run);
  finish(l, &a);
  ledger_unit_free(&a);
  assert_int_equal(merge_all(l, d, "a=1 b=2 c=1", ON_CHANGE_REREAD).restart, 0); /* nothing of b was read yet */
  assert_int_equal(merge_all(l, d, "a=1 b=2", ON_CHANGE_REREAD).restart, 0);     /* nor of c */
  assert_int_equal(merge_all(l, d, "a=2 b=2", ON_CHANGE_REREAD).restart, 1);
  assert_spoiled(l, d, run, g.id, "a changed after it was read");
  g = begin_generation(l, d);
  merge_all(l, d, "a=2 b=2", ON_CHANGE_REREAD);
  deliver_all(l, run);
  assert_int_equal(merge_all(l, d, "a=2", ON_CHANGE_REREAD).restart, 1);
  assert_spoiled(l, d, run, g.id, "b is gone after it was read");
  ledger_close(l);
}

static void changed_under_a_worker(void **state) {
  int64_t d;
  struct ledger *l = refreshed(*state, &d);
  int64_t run = begin_run(l, d);
  struct ledger_generation g = begin_generation(l, d);
  merge_all(l, d, "a=1 b=1 c=1", ON_CHANGE_REREAD);
  struct ledger_unit u = claim(l, run);
  u.nothing_sent = true;
  assert_int_equal(ledger_void(l, &u, 0, "2", NULL), SLUICE_OK); /* found when it was opened: no harm */
  assert_false(readiness(l, g.id).restart);
  ledger_unit_free(&u);
  u = claim(l, run);
  assert_string_equal(u.parts[0].version, "2");
  assert_int_equal(ledger_void(l, &u, 0, "3", NULL), SLUICE_OK);
  ledger_unit_free(&u);
  assert_spoiled(l, d, run, g.id, "a changed after it was read");
  ledger_close(l);
}

static void other_settings_under_way(void **state) {
  int64_t d;
  struct ledger *l = refreshed(*state, &d);
  struct ledger_generation g = begin_generation(l, d);
  merge_all(l, d, "a=1 b=1", ON_CHANGE_REREAD);
  struct ledger_unit u = claim(l, begin_run(l, d));
  checkpoint(l, &u, 2, 2);
  ledger_unit_free(&u);
  int64_t run = begin_run(l, d);
  struct ledger_settings settings = default_settings();
  settings.decode_hash = "d2";
  assert_int_equal(ledger_claim(l, run, &settings, &u, NULL), SLUICE_OK);
  assert_true(u.restarted);
  ledger_unit_free(&u);
  assert_spoiled(l, d, run, g.id, "read under other settings");
  ledger_close(l);
}

/* Outside a refresh a change is just that. */
static void settled_is_not_spoiled(void **state) {
  int64_t d;
  struct ledger *l = refreshed(*state, &d);
  assert_int_equal(merge_all(l, d, "a=2", ON_CHANGE_REREAD).restart, 0);
  assert_parts(*state, "j", "a=2:P b=1:D-");
  ledger_close(l);
}

/* ---- crashes at every write --------------------------------------------------------------------- */

/* One attempt at a refresh of a and c, as the host makes it; the sink's commit is a file. */
static int refresh(const char *dir, struct ledger *l, int64_t d) {
  struct ledger_generation g = {0};
  struct ledger_counters carried;
  struct ledger_listed listed[] = {{"a", "2", 10, 1}, {"c", "1", 10, 1}};
  struct ledger_merged merged;
  struct ledger_settings settings = default_settings();
  struct ledger_progress progress = {.rows = 1};
  struct ledger_part_result done = {.state = PART_DONE, .rows = 1};
  struct ledger_unit u = {0};
  char committed[64];
  int64_t run = 0;
  int rc = ledger_run_begin(l, d, &run, &carried, NULL);
  if (rc == SLUICE_OK)
    rc = ledger_generation_begin(l, d, &g, NULL);
  if (rc == SLUICE_OK && g.state == GENERATION_OPEN) {
    rc = ledger_merge(l, d, "", listed, 2, true, ON_CHANGE_REREAD, &merged, NULL);
    while (rc == SLUICE_OK) {
      rc = ledger_claim(l, run, &settings, &u, NULL);
      if (rc == SLUICE_OK)
        rc = ledger_finish(l, &u, &progress, &done, NULL);
      ledger_unit_free(&u);
    }
    if (rc == SLUICE_END)
      rc = ledger_generation_committing(l, g.id, NULL);
  }
  if (rc == SLUICE_OK) {
    int n = snprintf(committed, sizeof committed, "%d", (int)g.id);
    write_file(path_in(dir, "sink"), committed, (size_t)n);
    rc = ledger_generation_committed(l, g.id, NULL);
  }
  return rc == SLUICE_OK ? ledger_run_end(l, run, "done", "", NULL, NULL) : rc;
}

static int64_t sink_has(const char *dir) {
  size_t n = 0;
  if (access(path_in(dir, "sink"), F_OK) != 0)
    return 1;
  char *text = read_file(path_in(dir, "sink"), &n);
  int64_t number = strtoll(text, NULL, 10);
  free(text);
  return number;
}

/* What the ledger holds in force never runs ahead of the sink, and is one of the two, whole. */
static void assert_whole(const char *dir) {
  struct ledger_status s = status_of(dir);
  char *parts = sql_text(dir, "j",
                         "SELECT group_concat(name || version || state, ' ') FROM part WHERE delivery ="
                         " (SELECT -generation FROM delivery)");
  assert_true(s.generation <= sink_has(dir));
  assert_string_equal(parts, s.generation == 1 ? "a12 b12\n" : "a22 c12\n");
  free(parts);
}

static void after_each_fault(enum fault fault, int number, int *faults) {
  bool hit = true;
  for (*faults = 0; hit; *faults += hit) {
    void *dir;
    int64_t d;
    int status = 0;
    assert_int_equal(make_folder(&dir), 0);
    ledger_close(refreshed(dir, &d));
    pid_t child = fork();
    if (child == 0) {
      struct ledger *l = open_job(dir, "j");
      faults_set(fault, *faults + 1, number);
      _exit(refresh(dir, l, d) == SLUICE_OK ? 0 : 9);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    hit = WEXITSTATUS(status) != 0;
    assert_whole(dir);
    struct ledger *l = open_job(dir, "j");
    assert_int_equal(refresh(dir, l, d), SLUICE_OK);
    ledger_close(l);
    assert_whole(dir);
    assert_true(status_of(dir).generation >= 2);
    assert_int_equal(status_of(dir).generation, sink_has(dir));
    assert_int_equal(sql_number(dir, "j", "SELECT count(*) FROM part"), 2);
    remove_folder(&dir);
  }
}

static void killed_at_each_write(void **state) {
  (void)state;
  int faults = 0;
  after_each_fault(FAULT_DIE, 0, &faults);
  assert_true(faults > 20);
}

static void full_at_each_write(void **state) {
  (void)state;
  int faults = 0;
  faults_only_writes(true);
  after_each_fault(FAULT_ERROR, ENOSPC, &faults);
  faults_only_writes(false);
  assert_true(faults > 10);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)
  const struct CMUnitTest tests[] = {
      TEST(old_stays_until_commit),
      TEST(abort_brings_back),
      TEST(identities_differ),
      TEST(taken_up),
      TEST(failed_is_not_ready),
      TEST(nothing_is_not_ready),
      TEST(changed_after_read),
      TEST(changed_under_a_worker),
      TEST(other_settings_under_way),
      TEST(settled_is_not_spoiled),
      cmocka_unit_test(killed_at_each_write),
      cmocka_unit_test(full_at_each_write),
  };
  faults_install();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
