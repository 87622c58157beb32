/* Runs and their counters, the numbered schema, and what a reader beside the owner sees. */
#include "core/ledger/history.h"
#include "helpers.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct ledger_counters untold(const char *dir, int64_t since) {
  struct ledger_counters out;
  assert_int_equal(ledger_read_untold(dir, "j", since, &out, NULL), SLUICE_OK);
  return out;
}

/* Runs that did not end leave what they counted to the next one, whose own counters are what it does itself. */
static void counters_carried(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = 0;
  struct ledger_counters carried = {.rows = 99};
  assert_int_equal(ledger_run_begin(l, d, &run, &carried, NULL), SLUICE_OK);
  assert_int_equal(carried.rows + carried.parts_done, 0);
  merge_all(l, d, "a=1 b=1 c=1", ON_CHANGE_REREAD);
  struct ledger_unit u = claim(l, run);
  checkpoint(l, &u, 5, 5);
  ledger_close(l); /* as if it had died: no end */
  ledger_unit_free(&u);
  l = open_job(*state, "j");
  assert_int_equal(ledger_run_begin(l, d, &run, &carried, NULL), SLUICE_OK);
  assert_int_equal(carried.rows, 5);
  assert_int_equal(sql_number(*state, "j", "SELECT rows FROM run ORDER BY id DESC LIMIT 1"), 0);
  u = claim(l, run);
  finish(l, &u);
  ledger_unit_free(&u);
  assert_int_equal(ledger_run_begin(l, d, &run, &carried, NULL), SLUICE_OK);
  assert_int_equal(carried.rows, 6);
  assert_int_equal(ledger_run_refused(l, "out", "misconfigured", "why", NULL), SLUICE_OK);
  assert_int_equal(ledger_run_refused(l, "out", "misconfigured", "why", NULL), SLUICE_OK);
  assert_int_equal(sql_number(*state, "j", "SELECT count(*) FROM run WHERE message = 'why'"), 1);
  assert_int_equal(ledger_run_begin(l, d, &run, &carried, NULL), SLUICE_OK);
  assert_int_equal(carried.rows, 6);
  assert_int_equal(carried.parts_done, 1);
  assert_int_equal(carried.bytes, 10);
  assert_int_equal(sql_number(*state, "j", "SELECT sum(rows) FROM run"), 6);
  assert_int_equal(untold(*state, 0).rows, 6);
  assert_int_equal(untold(*state, INT64_MAX).rows, 0);
  assert_int_equal(ledger_run_end(l, run, "done", NULL, NULL, NULL), SLUICE_OK);
  assert_int_equal(ledger_run_end(l, run, "done", NULL, NULL, NULL), SLUICE_ERR_CHANGED);
  assert_int_equal(ledger_run_end(l, run, "", NULL, NULL, NULL), SLUICE_ERR_BUG);
  assert_int_equal(claim_code(l, run), SLUICE_ERR_CHANGED);
  assert_int_equal(ledger_run_begin(l, d, &run, &carried, NULL), SLUICE_OK);
  assert_int_equal(carried.rows + carried.parts_done, 0);
  ledger_close(l);
}

static void end_gives_units_back(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  struct ledger_unit u = claim(l, run), again;
  assert_int_equal(ledger_run_end(l, run, "interrupted", "", NULL, NULL), SLUICE_OK);
  assert_parts(*state, "j", "a=1:P");
  again = claim(l, begin_run(l, d));
  assert_int_equal(again.id, u.id);
  assert_int_equal(again.crashes, 0);
  ledger_unit_free(&u), ledger_unit_free(&again);
  ledger_close(l);
}

static void old_runs_go(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = 0;
  for (int i = 0; i < 1010; i++) {
    run = begin_run(l, d);
    assert_int_equal(ledger_run_end(l, run, "done", NULL, NULL, NULL), SLUICE_OK);
  }
  assert_int_equal(sql_number(*state, "j", "SELECT count(*) FROM run"), 1000);
  assert_int_equal(sql_number(*state, "j", "SELECT max(id) FROM run"), 1010);
  ledger_close(l);
}

static void schema_swaps(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), number = 9;
  char *text = NULL;
  assert_int_equal(ledger_schema(l, d, &number, &text, NULL), SLUICE_OK);
  assert_int_equal(number, 0);
  assert_null(text);
  assert_int_equal(ledger_schema_swap(l, d, 1, "x", NULL), SLUICE_ERR_CHANGED);
  assert_int_equal(ledger_schema_swap(l, d, 0, "one", NULL), SLUICE_OK);
  assert_int_equal(ledger_schema_swap(l, d, 0, "two", NULL), SLUICE_ERR_CHANGED);
  assert_int_equal(ledger_schema_swap(l, d, 1, "two", NULL), SLUICE_OK);
  ledger_close(l);
  l = open_job(*state, "j");
  assert_int_equal(ledger_schema(l, d, &number, &text, NULL), SLUICE_OK);
  assert_int_equal(number, 2);
  assert_string_equal(text, "two");
  free(text);
  ledger_close(l);
}

static void schemas_of_one_kind(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), number = 9;
  char *text = NULL;
  assert_int_equal(ledger_schema_since(l, d, "a\n", &number, NULL), SLUICE_OK);
  assert_int_equal(number, 1);
  const char *texts[] = {"a\n1", "b\n2", "a\n3", "a\n4"};
  for (int64_t i = 0; i < 4; i++)
    assert_int_equal(ledger_schema_swap(l, d, i, texts[i], NULL), SLUICE_OK);
  assert_int_equal(ledger_schema_since(l, d, "a\n", &number, NULL), SLUICE_OK);
  assert_int_equal(number, 3);
  assert_int_equal(ledger_schema_since(l, d, "b\n", &number, NULL), SLUICE_OK);
  assert_int_equal(number, 5);
  assert_int_equal(ledger_schema_text(l, d, 2, &text, NULL), SLUICE_OK);
  assert_string_equal(text, "b\n2");
  free(text);
  assert_int_equal(ledger_schema_text(l, d, 5, &text, NULL), SLUICE_OK);
  assert_null(text);
  ledger_close(l);
}

/* ---- reading ---- */

static int take_status(void *context, const struct ledger_status *status) {
  *(struct ledger_status *)context = *status;
  return SLUICE_OK;
}

static void status_beside_the_owner(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  merge_all(l, d, "a=1 b=1 c=1 d=1", ON_CHANGE_REREAD);
  struct ledger_unit a = claim(l, run), b = claim(l, run), c = claim(l, run);
  struct sluice_error why = {.where = "b", .message = "bad"};
  struct ledger_status s = {0};
  finish(l, &a);
  assert_int_equal(ledger_fail(l, &b, &why, NULL), SLUICE_OK);
  checkpoint(l, &c, 4, 4);
  assert_int_equal(ledger_read_status(*state, "j", take_status, &s, NULL), SLUICE_OK);
  assert_true(s.running);
  assert_string_equal(s.sink, "out");
  assert_string_equal(s.stream, "main");
  assert_true(s.started > 0 && s.ended == 0);
  assert_string_equal(s.reason, "");
  int64_t expected[6] = {[PART_PENDING] = 1, [PART_ACTIVE] = 1, [PART_DONE] = 1, [PART_FAILED] = 1};
  assert_memory_equal(s.parts, expected, sizeof expected);
  assert_int_equal(s.rows, 5);
  assert_int_equal(s.bytes, 10);
  struct ledger_counters counters = {.parts_done = 1, .parts_failed = 1, .parts_skipped = 7, .rows = 5};
  assert_int_equal(ledger_run_end(l, run, "failed", "one part failed", &counters, NULL), SLUICE_OK);
  ledger_close(l);
  assert_int_equal(ledger_read_status(*state, "j", take_status, &s, NULL), SLUICE_OK);
  assert_false(s.running);
  assert_true(s.ended >= s.started);
  assert_string_equal(s.reason, "failed");
  assert_string_equal(s.message, "one part failed");
  assert_memory_equal(&s.last, &counters, sizeof counters);
  ledger_unit_free(&a), ledger_unit_free(&b), ledger_unit_free(&c);
}

static void hostile_sizes(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  struct ledger_listed listed[] = {{"a", "1", INT64_MAX, 1}, {"b", "1", INT64_MAX, 1}, {"c", "1", INT64_MIN, 1}};
  struct ledger_merged out;
  struct ledger_status s = {0};
  assert_int_equal(ledger_merge(l, d, "", listed, 3, true, ON_CHANGE_REREAD, &out, NULL), SLUICE_OK);
  for (int i = 0; i < 3; i++) {
    struct ledger_unit u = claim(l, run);
    finish(l, &u);
    ledger_unit_free(&u);
  }
  assert_int_equal(ledger_read_status(*state, "j", take_status, &s, NULL), SLUICE_OK);
  assert_true(s.bytes > 0);
  ledger_close(l);
}

struct failed_seen {
  int n, stop_after;
  char text[256];
};

static int take_failed(void *context, const char *sink, const char *part, int64_t attempts, const char *error) {
  struct failed_seen *seen = context;
  size_t used = strlen(seen->text);
  snprintf(seen->text + used, sizeof seen->text - used, "%s %s %d %s;", sink, part, (int)attempts, error);
  return ++seen->n == seen->stop_after ? SLUICE_ERR_CANCELLED : SLUICE_OK;
}

static void failed_parts(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  struct sluice_error why = {.message = "bad"};
  struct failed_seen seen = {0}, limited = {0}, stopped = {.stop_after = 1};
  merge_all(l, d, "a=1 b=1 c=1", ON_CHANGE_REREAD);
  for (int i = 0; i < 3; i++) {
    struct ledger_unit u = claim(l, run);
    assert_int_equal(ledger_fail(l, &u, &why, NULL), SLUICE_OK);
    ledger_unit_free(&u);
  }
  assert_int_equal(ledger_read_failed(*state, "j", 100, take_failed, &seen, NULL), SLUICE_OK);
  assert_string_equal(seen.text, "out a 1 bad;out b 1 bad;out c 1 bad;");
  assert_int_equal(ledger_read_failed(*state, "j", 2, take_failed, &limited, NULL), SLUICE_OK);
  assert_int_equal(limited.n, 2);
  assert_int_equal(ledger_read_failed(*state, "j", 9, take_failed, &stopped, NULL), SLUICE_ERR_CANCELLED);
  assert_int_equal(stopped.n, 1);
  assert_int_equal(ledger_read_failed(*state, "none", 9, take_failed, &seen, NULL), SLUICE_ERR_NOT_FOUND);
  ledger_close(l);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)
  const struct CMUnitTest tests[] = {
      TEST(counters_carried),    TEST(end_gives_units_back),    TEST(old_runs_go),   TEST(schema_swaps),
      TEST(schemas_of_one_kind), TEST(status_beside_the_owner), TEST(hostile_sizes), TEST(failed_parts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
