/* Many workers on one ledger: each part is claimed once at a time, nothing is lost between them, commits are shared,
 * and one operation that fails does not touch the others of its group. */
#include "helpers.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS = 400, WORKERS = 8 };

struct shared {
  struct ledger *ledger;
  int64_t delivery, run;
  atomic_int rows, lines, claimed[PARTS];
};

static void merge_many(struct ledger *l, int64_t d) {
  static char names[PARTS][16];
  static struct ledger_listed listed[PARTS];
  struct ledger_merged out;
  for (int i = 0; i < PARTS; i++) {
    snprintf(names[i], sizeof names[i], "p%05d", i);
    listed[i] = (struct ledger_listed){names[i], "1", 10, 1};
  }
  assert_int_equal(ledger_merge(l, d, "", listed, PARTS, true, ON_CHANGE_REREAD, &out, NULL), SLUICE_OK);
}

/* cmocka's asserts are for its own thread: a worker returns what is wrong instead. */
static const char *work_on(struct shared *s, const struct ledger_unit *unit) {
  struct ledger_unit old = *unit;
  struct ledger_progress p = {
      .position = {3, 0, {0, 0}}, .rows = 3, .rejects = 1, .reject_lines = "line\n", .reject_size = 5};
  struct ledger_part_result done = {.state = PART_DONE, .rows = 5, .rejects = 1};
  int index = (int)strtol(unit->parts[0].name + 1, NULL, 10);
  if (atomic_fetch_add(&s->claimed[index], 1) != 0)
    return "claimed twice";
  old.epoch++;
  if (ledger_checkpoint(s->ledger, &old, &p, NULL) != SLUICE_ERR_CHANGED)
    return "another epoch taken";
  if (ledger_checkpoint(s->ledger, unit, &p, NULL) != SLUICE_OK)
    return "checkpoint";
  p.rows = 2;
  p.reject_size = 0;
  p.rejects = 0;
  if (ledger_finish(s->ledger, unit, &p, &done, NULL) != SLUICE_OK)
    return "finish";
  atomic_fetch_add(&s->rows, 5);
  atomic_fetch_add(&s->lines, 1);
  return NULL;
}

static void *work(void *context) {
  struct shared *s = context;
  struct ledger_settings settings = default_settings();
  const char *wrong = NULL;
  while (!wrong) {
    struct ledger_unit unit = {0};
    int rc = ledger_claim(s->ledger, s->run, &settings, &unit, NULL);
    if (rc == SLUICE_END)
      return NULL;
    if (rc != SLUICE_OK)
      return "claim";
    wrong = work_on(s, &unit);
    ledger_unit_free(&unit);
  }
  return (void *)wrong;
}

static int add_status(void *context, const struct ledger_status *status) {
  struct ledger_status *sum = context;
  *sum = *status;
  return SLUICE_OK;
}

static void many_workers(void **state) {
  static struct shared s;
  pthread_t threads[WORKERS];
  memset(&s, 0, sizeof s);
  s.ledger = open_job(*state, "j");
  s.delivery = delivery_of(s.ledger);
  s.run = begin_run(s.ledger, s.delivery);
  merge_many(s.ledger, s.delivery);
  for (int i = 0; i < WORKERS; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, work, &s), 0);
  struct ledger_status status = {0};
  while (status.parts[PART_DONE] < PARTS / 4) { /* read meanwhile */
    assert_int_equal(ledger_read_status(*state, "j", add_status, &status, NULL), SLUICE_OK);
    assert_true(status.parts[PART_ACTIVE] <= WORKERS);
  }
  for (int i = 0; i < WORKERS; i++) {
    void *wrong = NULL;
    pthread_join(threads[i], &wrong);
    if (wrong)
      fail_msg("%s", (char *)wrong);
  }
  assert_int_equal(ledger_read_status(*state, "j", add_status, &status, NULL), SLUICE_OK);
  assert_int_equal(status.parts[PART_DONE], PARTS);
  assert_int_equal(status.rows, 5 * PARTS);
  assert_int_equal(s.rows, 5 * PARTS);
  ledger_close(s.ledger);
  size_t n = 0;
  free(read_file(path_in(*state, "j.rejects.ndjson"), &n));
  assert_int_equal(n, 5 * PARTS);
  assert_int_equal(sql_number(*state, "j", "SELECT rows FROM run"), 5 * PARTS);
  assert_int_equal(sql_number(*state, "j", "SELECT count(*) FROM unit"), 0);
}

/* Several merges at once are several operations, one after the other. */
static void *merge_again(void *context) {
  struct shared *s = context;
  for (int i = 0; i < 20; i++)
    merge_many(s->ledger, s->delivery);
  return NULL;
}

static void merges_beside_claims(void **state) {
  struct shared s = {.ledger = open_job(*state, "j")};
  pthread_t thread;
  s.delivery = delivery_of(s.ledger);
  s.run = begin_run(s.ledger, s.delivery);
  merge_many(s.ledger, s.delivery);
  assert_int_equal(pthread_create(&thread, NULL, merge_again, &s), 0);
  void *wrong = work(&s);
  pthread_join(thread, NULL);
  if (wrong)
    fail_msg("%s", (char *)wrong);
  assert_int_equal(sql_number(*state, "j", "SELECT count(*) FROM part WHERE state = 2"), PARTS);
  ledger_close(s.ledger);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)
  const struct CMUnitTest tests[] = {TEST(many_workers), TEST(merges_beside_claims)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
