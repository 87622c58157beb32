/* Parts in pieces. */
#include "helpers.h"
#include <stdlib.h>
#include <string.h>

static const struct sluice_split three[] = {
    {.end = {10, 100, {0}}}, {.begin = {10, 100, {0}}, .end = {20, 200, {0}}}, {.begin = {20, 200, {0}}}};

static struct ledger_unit split_three(struct ledger *l, int64_t run) {
  struct ledger_settings settings = default_settings();
  struct ledger_unit u = claim(l, run);
  assert_int_equal(ledger_split(l, &u, &settings, three, 3, NULL), SLUICE_OK);
  return u;
}

static void done_when_all_are(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t run = begin_run(l, delivery_of(l));
  merge_all(l, delivery_of(l), "a=1", ON_CHANGE_REREAD);
  struct ledger_unit u[3] = {split_three(l, run)};
  for (int i = 0; i < 3; i++) {
    if (i)
      u[i] = claim(l, run);
    assert_true(ledger_is_split(&u[i]));
    assert_memory_equal(&u[i].begin, &three[i].begin, sizeof u[i].begin);
    assert_memory_equal(&u[i].end, &three[i].end, sizeof u[i].end);
    assert_memory_equal(&u[i].position, &u[i].begin, sizeof u[i].begin);
    assert_false(u[i].resumed);
  }
  assert_string_not_equal(u[0].identity, u[1].identity);
  assert_string_not_equal(u[1].identity, u[2].identity);
  assert_int_equal(claim_code(l, run), SLUICE_END);
  struct ledger_progress p = {.rows = 5, .rejects = 1};
  for (int i = 2; i >= 0; i--) {
    struct ledger_part_result r = {.state = PART_DONE, .rows = 5, .rejects = 1};
    assert_int_equal(ledger_finish(l, &u[i], &p, &r, NULL), SLUICE_OK);
    assert_int_equal(r.state, i ? PART_ACTIVE : PART_DONE);
    assert_parts(*state, "j", i ? "a=1:A" : "a=1:D");
    ledger_unit_free(&u[i]);
  }
  char *text = sql_text(*state, "j", "SELECT rows, rejects, units, attempts FROM part");
  assert_string_equal(text, "15|3|0|1\n");
  free(text);
  text = sql_text(*state, "j", "SELECT parts_done, rows, rejects, bytes FROM run");
  assert_string_equal(text, "1|15|3|10\n");
  free(text);
  assert_int_equal(sql_number(*state, "j", "SELECT count(*) FROM unit_part"), 0);
  ledger_close(l);
}

static void resumed_by_piece(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  struct ledger_unit first = split_three(l, run), second = claim(l, run);
  checkpoint(l, &second, 15, 5);
  finish(l, &first);
  run = begin_run(l, d); /* the one before died */
  struct ledger_unit again = claim(l, run), third = claim(l, run);
  assert_int_equal(again.id, second.id);
  assert_int_equal(again.position.row, 15);
  assert_string_equal(again.identity, second.identity);
  assert_int_equal(third.begin.row, 20);
  finish(l, &again), finish(l, &third);
  assert_parts(*state, "j", "a=1:D");
  ledger_unit_free(&first), ledger_unit_free(&second), ledger_unit_free(&again), ledger_unit_free(&third);
  ledger_close(l);
}

static void one_fails_and_is_tried_again(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  struct sluice_error why = {.message = "damaged", .row = -1, .offset = -1};
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  struct ledger_unit first = split_three(l, run);
  assert_int_equal(ledger_fail(l, &first, &why, NULL), SLUICE_OK);
  struct ledger_unit second = claim(l, run), third = claim(l, run);
  assert_parts(*state, "j", "a=1:F"); /* also while others go on */
  finish(l, &second);
  assert_int_equal(ledger_release(l, &third, NULL), SLUICE_OK);
  assert_parts(*state, "j", "a=1:F");
  run = begin_run(l, d);
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  struct ledger_unit again = claim(l, run), last = claim(l, run);
  assert_int_equal(again.id, first.id);
  assert_int_equal(last.id, third.id);
  finish(l, &again), finish(l, &last);
  assert_parts(*state, "j", "a=1:D");
  ledger_unit_free(&first), ledger_unit_free(&second), ledger_unit_free(&third);
  ledger_unit_free(&again), ledger_unit_free(&last);
  ledger_close(l);
}

static void a_changed_part_voids_all(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  struct ledger_progress p = {.rows = 1};
  struct ledger_part_result done = {.state = PART_DONE, .rows = 1};
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  struct ledger_unit first = split_three(l, run), second = claim(l, run);
  assert_int_equal(ledger_void(l, &first, 0, "2", NULL), SLUICE_OK);
  assert_int_equal(ledger_finish(l, &second, &p, &done, NULL), SLUICE_ERR_CHANGED);
  struct ledger_unit whole = claim(l, run);
  assert_false(ledger_is_split(&whole));
  assert_string_equal(whole.parts[0].version, "2");
  assert_int_equal(claim_code(l, run), SLUICE_END);
  finish(l, &whole);
  assert_parts(*state, "j", "a=2:D");
  ledger_unit_free(&first), ledger_unit_free(&second), ledger_unit_free(&whole);
  ledger_close(l);
}

/* What was delivered of pieces that are done counts, too. */
static void a_change_after_a_piece_is_refused(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  merge_all(l, d, "a=1", ON_CHANGE_FAIL);
  struct ledger_unit first = split_three(l, run);
  finish(l, &first);
  begin_run(l, d);
  assert_int_equal(merge_all(l, d, "a=2", ON_CHANGE_FAIL).refused, 1);
  assert_int_equal(sql_number(*state, "j", "SELECT count(*) FROM unit"), 0);
  ledger_unit_free(&first);
  ledger_close(l);
}

static void a_dropped_piece_stays_one(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  assert_int_equal(ledger_schema_swap(l, d, 0, "s1", NULL), SLUICE_OK);
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  struct ledger_unit first = split_three(l, run), second = claim(l, run);
  finish(l, &first);
  assert_int_equal(ledger_schema_swap(l, d, 1, "s2", NULL), SLUICE_OK);
  second.nothing_sent = true;
  assert_int_equal(ledger_drop(l, &second, NULL), SLUICE_OK);
  struct ledger_settings settings = default_settings();
  struct ledger_unit again = {0};
  settings.schema = 2, settings.first_schema = 1;
  assert_int_equal(ledger_claim(l, run, &settings, &again, NULL), SLUICE_OK);
  assert_int_equal(again.schema, 2);
  assert_memory_equal(&again.begin, &three[1].begin, sizeof again.begin);
  assert_memory_equal(&again.end, &three[1].end, sizeof again.end);
  assert_string_not_equal(again.identity, second.identity);
  ledger_unit_free(&first), ledger_unit_free(&second), ledger_unit_free(&again);
  ledger_close(l);
}

static void only_fresh_units(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  struct ledger_settings settings = default_settings();
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  struct ledger_unit u = claim(l, run);
  checkpoint(l, &u, 3, 3);
  assert_int_equal(ledger_split(l, &u, &settings, three, 3, NULL), SLUICE_ERR_CHANGED);
  assert_int_equal(ledger_split(l, &u, &settings, three, 1, NULL), SLUICE_ERR_BUG);
  ledger_unit_free(&u);
  begin_run(l, d);
  assert_int_equal(sql_number(*state, "j", "SELECT count(*) FROM unit"), 1);
  ledger_close(l);
}

int main(void) {
  const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)
      TEST(done_when_all_are),
      TEST(resumed_by_piece),
      TEST(one_fails_and_is_tried_again),
      TEST(a_changed_part_voids_all),
      TEST(a_change_after_a_piece_is_refused),
      TEST(a_dropped_piece_stays_one),
      TEST(only_fresh_units),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
