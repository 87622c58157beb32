/* Records that a job's `where` left out, or that need not be sent by row (here ten times as many): counted like rows,
 * for runs, units and parts, over crashes too. */
#include "core/ledger/history.h"
#include "helpers.h"
#include <stdlib.h>
#include <string.h>

static void leave_out(struct ledger *l, const struct ledger_unit *unit, int64_t row, int64_t filtered) {
  struct ledger_progress p = {.position = {row, row, {0, 0}}, .filtered = filtered, .unchanged = 10 * filtered};
  assert_int_equal(ledger_checkpoint(l, unit, &p, NULL), SLUICE_OK);
}

static void finish_with(struct ledger *l, const struct ledger_unit *unit, int64_t filtered, int64_t whole) {
  struct ledger_progress p = {.rows = 1, .filtered = filtered, .unchanged = 10 * filtered};
  struct ledger_part_result r = {.state = PART_DONE, .rows = 1, .filtered = whole, .unchanged = 10 * whole};
  assert_int_equal(ledger_finish(l, unit, &p, &r, NULL), SLUICE_OK);
}

static void assert_sql(const char *dir, const char *sql, const char *expected) {
  char *text = sql_text(dir, "j", sql);
  assert_string_equal(text, expected);
  free(text);
}

static int take_status(void *context, const struct ledger_status *status) {
  *(struct ledger_status *)context = *status;
  return SLUICE_OK;
}

static struct ledger_status status_of(const char *dir) {
  struct ledger_status s = {0};
  assert_int_equal(ledger_read_status(dir, "j", take_status, &s, NULL), SLUICE_OK);
  assert_int_equal(s.unchanged, 10 * s.filtered);
  assert_int_equal(s.last.unchanged, 10 * s.last.filtered);
  return s;
}

static int take_run(void *context, const struct ledger_run *run) {
  *(int64_t *)context = run->counters.filtered;
  assert_int_equal(run->counters.unchanged, 10 * run->counters.filtered);
  return SLUICE_END;
}

static int take_part(void *context, const struct ledger_part *part) {
  *(int64_t *)context = part->filtered;
  assert_int_equal(part->unchanged, 10 * part->filtered);
  return SLUICE_OK;
}

static void counted_by_checkpoints(void **state) {
  char *dir = *state;
  int64_t seen = 0;
  struct ledger *l = open_job(dir, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  struct ledger_unit u = claim(l, run);
  leave_out(l, &u, 10, 7);
  leave_out(l, &u, 20, 2);
  assert_sql(
      dir,
      "SELECT u.filtered, u.unchanged, r.filtered, r.unchanged, p.filtered, p.unchanged FROM unit u, run r, part p",
      "9|90|9|90|0|0\n");
  assert_int_equal(status_of(dir).filtered, 9);
  finish_with(l, &u, 4, 13);
  assert_int_equal(status_of(dir).filtered, 13);
  assert_int_equal(ledger_read_runs(dir, "j", 1, take_run, &seen, NULL), SLUICE_OK);
  assert_int_equal(seen, 13);
  assert_int_equal(ledger_run_end(l, run, "done", "", NULL, NULL), SLUICE_OK);
  assert_int_equal(status_of(dir).last.filtered, 13);
  ledger_unit_free(&u);
  ledger_close(l);
  struct ledger_part_filter all = {0};
  assert_int_equal(ledger_read_parts(dir, "j", &all, 9, take_part, &seen, NULL), SLUICE_OK);
  assert_int_equal(seen, 13);
}

static void carried_over_a_crash(void **state) {
  struct ledger_counters carried;
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  struct ledger_unit first = claim(l, run);
  leave_out(l, &first, 10, 7);
  assert_int_equal(ledger_run_begin(l, d, &run, &carried, NULL), SLUICE_OK);
  assert_int_equal(carried.filtered, 7);
  assert_int_equal(carried.unchanged, 70);
  struct ledger_unit again = claim(l, run);
  assert_int_equal(again.filtered, 7);
  assert_int_equal(again.unchanged, 70);
  finish_with(l, &again, 1, 8);
  assert_sql(*state, "SELECT filtered, unchanged FROM run ORDER BY id", "7|70\n1|10\n");
  ledger_unit_free(&first), ledger_unit_free(&again);
  ledger_close(l);
}

/* Read from its start again, it is counted from there. */
static void forgotten_with_the_position(void **state) {
  struct ledger_settings settings = default_settings();
  struct ledger *l = open_job(*state, "j");
  int64_t n = 0, d = delivery_of(l), run = begin_run(l, d);
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  struct ledger_unit first = claim(l, run), again = {0};
  leave_out(l, &first, 10, 7);
  run = begin_run(l, d);
  settings.decode_hash = "d2";
  assert_int_equal(ledger_claim(l, run, &settings, &again, NULL), SLUICE_OK);
  assert_true(again.restarted);
  assert_int_equal(again.filtered, 0);
  assert_int_equal(again.unchanged, 0);
  finish_with(l, &again, 5, 5);
  assert_int_equal(ledger_reset_parts(l, d, "a", &n, NULL), SLUICE_OK);
  assert_sql(*state, "SELECT filtered, unchanged FROM part", "0|0\n");
  ledger_unit_free(&first), ledger_unit_free(&again);
  ledger_close(l);
}

static void summed_over_pieces(void **state) {
  static const struct sluice_split two[] = {{.end = {10, 100, {0}}}, {.begin = {10, 100, {0}}}};
  struct ledger_settings settings = default_settings();
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  struct ledger_unit first = claim(l, run);
  assert_int_equal(ledger_split(l, &first, &settings, two, 2, NULL), SLUICE_OK);
  struct ledger_unit second = claim(l, run);
  finish_with(l, &second, 3, 3);
  finish_with(l, &first, 4, 4);
  assert_sql(*state, "SELECT p.filtered, r.filtered, p.unchanged, r.unchanged FROM part p, run r", "7|7|70|70\n");
  ledger_unit_free(&first), ledger_unit_free(&second);
  ledger_close(l);
}

static void no_less_than_none(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  struct ledger_unit u = claim(l, run);
  struct ledger_progress bad[] = {
      {.filtered = -1}, {.filtered = INT64_MAX}, {.unchanged = -1}, {.unchanged = INT64_MAX}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_int_equal(ledger_checkpoint(l, &u, &bad[i], NULL), SLUICE_ERR_BUG);
  ledger_unit_free(&u);
  ledger_close(l);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)
  const struct CMUnitTest tests[] = {TEST(counted_by_checkpoints), TEST(carried_over_a_crash),
                                     TEST(forgotten_with_the_position), TEST(summed_over_pieces),
                                     TEST(no_less_than_none)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
