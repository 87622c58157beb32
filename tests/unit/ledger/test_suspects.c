/* Units in flight at a crash: first, alone, and set aside when they crash alone. */
#include "core/ledger/generation.h"
#include "core/ledger/history.h"
#include "helpers.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct ledger_settings alone_settings(void) {
  struct ledger_settings s = default_settings();
  s.crashes_alone = 2;
  return s;
}

static int try_claim(struct ledger *l, int64_t run, struct ledger_unit *out) {
  struct ledger_settings s = alone_settings();
  struct sluice_error err = {0};
  int rc = ledger_claim(l, run, &s, out, &err);
  if (rc == SLUICE_ERR_RETRY)
    assert_true(err.retry_ms > 0);
  return rc;
}

/* "name", or with "+" for alone, "!" for set aside */
static struct ledger_unit assert_claim(struct ledger *l, int64_t run, const char *expected) {
  struct ledger_unit u = {0};
  char text[64];
  assert_int_equal(try_claim(l, run, &u), SLUICE_OK);
  snprintf(text, sizeof text, "%s%s%s", u.parts[0].name, u.alone ? "+" : "", u.set_aside ? "!" : "");
  assert_string_equal(text, expected);
  return u;
}

static void assert_code(struct ledger *l, int64_t run, int code) {
  struct ledger_unit u = {0};
  assert_int_equal(try_claim(l, run, &u), code);
}

static void first_and_alone(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  merge_all(l, d, "a=1 b=1 c=1 d=1", ON_CHANGE_REREAD);
  struct ledger_unit u[3];
  for (int i = 0; i < 3; i++)
    u[i] = claim(l, run);
  assert_int_equal(ledger_release(l, &u[0], NULL), SLUICE_OK); /* given back: no suspect */
  for (int i = 0; i < 3; i++)
    ledger_unit_free(&u[i]);
  run = begin_run(l, d);
  struct ledger_unit b = assert_claim(l, run, "b+");
  assert_code(l, run, SLUICE_ERR_RETRY);
  assert_code(l, run, SLUICE_ERR_RETRY);
  finish(l, &b);
  struct ledger_unit c = assert_claim(l, run, "c+");
  assert_code(l, run, SLUICE_ERR_RETRY);
  assert_int_equal(ledger_release(l, &c, NULL), SLUICE_OK); /* for a later run: the others go on */
  struct ledger_unit a = assert_claim(l, run, "a"), e = assert_claim(l, run, "d");
  assert_code(l, run, SLUICE_END);
  ledger_unit_free(&a), ledger_unit_free(&b), ledger_unit_free(&c), ledger_unit_free(&e);
  ledger_close(l);
}

/* A failed suspect that a listing frees in mid-run waits until it can be alone. */
static void waits_for_others(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  struct sluice_error why = {.message = "bad"};
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  struct ledger_unit a = claim(l, run), again, b;
  ledger_unit_free(&a);
  run = begin_run(l, d);
  a = assert_claim(l, run, "a+");
  assert_int_equal(ledger_fail(l, &a, &why, NULL), SLUICE_OK);
  run = begin_run(l, d);
  struct ledger_listed b_listed = {"b", "1", 10, 1};
  struct ledger_merged merged;
  assert_int_equal(ledger_merge(l, d, "a", &b_listed, 1, false, ON_CHANGE_REREAD, &merged, NULL), SLUICE_OK);
  b = assert_claim(l, run, "b");
  merge_all(l, d, "a=1 b=1 c=1", ON_CHANGE_REREAD);
  assert_code(l, run, SLUICE_ERR_RETRY);
  finish(l, &b);
  again = assert_claim(l, run, "a+");
  finish(l, &again);
  ledger_unit_free(&a), ledger_unit_free(&b), ledger_unit_free(&again);
  b = assert_claim(l, run, "c");
  ledger_unit_free(&b);
  ledger_close(l);
}

static int64_t crash(struct ledger *l, int64_t d, int64_t run, const char *expected) {
  struct ledger_unit u = assert_claim(l, run, expected);
  ledger_unit_free(&u);
  run = begin_run(l, d); /* the one before did not end */
  merge_all(l, d, "a=1 b=1", ON_CHANGE_REREAD);
  return run;
}

static void set_aside_after_two(void **state) {
  char *dir = *state;
  struct ledger *l = open_job(dir, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d), count = 0;
  merge_all(l, d, "a=1 b=1", ON_CHANGE_REREAD);
  run = crash(l, d, run, "a");
  run = crash(l, d, run, "a+");
  run = crash(l, d, run, "a+");
  struct ledger_unit u = assert_claim(l, run, "a!");
  assert_int_equal(u.crashes, 3);
  assert_int_equal(u.crashes_alone, 2);
  struct ledger_progress progress = {.rows = 1};
  assert_int_equal(ledger_checkpoint(l, &u, &progress, NULL), SLUICE_ERR_CHANGED); /* not claimed */
  ledger_unit_free(&u);
  assert_parts(dir, "j", "a=1:F b=1:P");
  char *error = sql_text(dir, "j", "SELECT error FROM part WHERE state = 3");
  assert_non_null(strstr(error, "the process died 3 times while it read this, 2 of them with nothing else under way"));
  free(error);
  assert_int_equal(sql_number(dir, "j", "SELECT parts_failed FROM run ORDER BY id DESC LIMIT 1"), 1);
  u = assert_claim(l, run, "b");
  finish(l, &u);
  ledger_unit_free(&u);
  assert_code(l, run, SLUICE_END);
  assert_int_equal(ledger_run_end(l, run, "failed", "", NULL, NULL), SLUICE_OK);
  run = begin_run(l, d);
  merge_all(l, d, "a=1 b=1", ON_CHANGE_REREAD);
  u = assert_claim(l, run, "a!"); /* and again, unread */
  ledger_unit_free(&u);
  assert_int_equal(ledger_reset_parts(l, d, "a", &count, NULL), SLUICE_OK);
  u = assert_claim(l, run, "a");
  finish(l, &u);
  ledger_unit_free(&u);
  ledger_close(l);
}

/* Another plugin or option may read what this one could not; the file may be mended. */
static void other_settings_or_version(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  merge_all(l, d, "a=1 b=1", ON_CHANGE_REREAD);
  run = crash(l, d, run, "a");
  run = crash(l, d, run, "a+");
  run = crash(l, d, run, "a+");
  struct ledger_settings s = alone_settings();
  struct ledger_unit u = {0};
  s.decode_hash = "d2";
  assert_int_equal(ledger_claim(l, run, &s, &u, NULL), SLUICE_OK);
  assert_true(u.alone && !u.set_aside);
  assert_int_equal(u.crashes_alone, 0);
  assert_int_equal(ledger_release(l, &u, NULL), SLUICE_OK);
  ledger_unit_free(&u);
  run = begin_run(l, d);
  merge_all(l, d, "a=2 b=1", ON_CHANGE_REREAD);
  u = assert_claim(l, run, "a");
  assert_int_equal(u.crashes, 0);
  ledger_unit_free(&u);
  ledger_close(l);
}

/* The one that is to blame is found among the parts of a bundle; the others are delivered. */
static void bundle_taken_apart(void **state) {
  char *dir = *state;
  struct ledger *l = open_job(dir, "j");
  int64_t d = delivery_of(l);
  struct ledger_settings s = alone_settings();
  s.bundle_parts = 9, s.bundle_bytes = 1000, s.small = 50;
  int crashes = 0, aside = 0;
  bool over = false;
  for (int runs = 0; !over; runs++) {
    assert_true(runs < 10);
    int64_t run = begin_run(l, d);
    merge_all(l, d, "a=1 b=1 c=1", ON_CHANGE_REREAD);
    for (bool died = false; !died && !over;) {
      struct ledger_unit u = {0};
      over = ledger_claim(l, run, &s, &u, NULL) == SLUICE_END;
      bool has_b = false; /* reading b kills */
      for (size_t i = 0; i < u.n_parts; i++)
        has_b = has_b || strcmp(u.parts[i].name, "b") == 0;
      aside += u.set_aside;
      died = has_b && !u.set_aside;
      crashes += died;
      if (!over && !has_b)
        finish(l, &u);
      ledger_unit_free(&u);
    }
  }
  assert_int_equal(crashes, 4); /* in the bundle among others and alone; by itself twice */
  assert_int_equal(aside, 1);
  assert_parts(dir, "j", "a=1:D b=1:F c=1:D");
  assert_int_equal(sql_number(dir, "j", "SELECT count(*) FROM unit"), 1);
  ledger_close(l);
}

static void bundle_of_a_refresh(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = 0;
  struct ledger_settings s = alone_settings();
  struct ledger_generation g;
  struct ledger_readiness r;
  struct ledger_unit u = {0};
  s.bundle_parts = 9, s.bundle_bytes = 1000, s.small = 50;
  assert_int_equal(ledger_generation_begin(l, d, &g, NULL), SLUICE_OK);
  for (int i = 0; i < 3; i++) {
    run = begin_run(l, d);
    merge_all(l, d, "a=1 b=1", ON_CHANGE_REREAD);
    assert_int_equal(ledger_claim(l, run, &s, &u, NULL), SLUICE_OK);
    ledger_unit_free(&u);
  }
  assert_int_equal(ledger_generation_ready(l, g.id, &r, NULL), SLUICE_OK);
  assert_true(r.restart);
  ledger_close(l);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)
  const struct CMUnitTest tests[] = {
      TEST(first_and_alone),           TEST(waits_for_others),   TEST(set_aside_after_two),
      TEST(other_settings_or_version), TEST(bundle_taken_apart), TEST(bundle_of_a_refresh),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
