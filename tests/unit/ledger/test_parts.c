/* Merging listings: what is new, changed, gone, returned; byte order; pages; policies of change. */
#include "helpers.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void assert_merged(struct ledger_merged m, int64_t added, int64_t changed, int64_t unchanged, int64_t gone) {
  assert_int_equal(m.added, added);
  assert_int_equal(m.changed, changed);
  assert_int_equal(m.unchanged, unchanged);
  assert_int_equal(m.gone, gone);
}

static void new_gone_returned(void **state) {
  char *dir = *state;
  struct ledger *l = open_job(dir, "j");
  int64_t d = delivery_of(l);
  assert_merged(merge_all(l, d, "a=1 b=1 c=1", ON_CHANGE_REREAD), 3, 0, 0, 0);
  assert_parts(dir, "j", "a=1:P b=1:P c=1:P");
  assert_merged(merge_all(l, d, "a=1 b=1 c=1", ON_CHANGE_REREAD), 0, 0, 3, 0);
  assert_merged(merge_all(l, d, "a=1 bb=1", ON_CHANGE_REREAD), 1, 0, 1, 2);
  assert_parts(dir, "j", "a=1:P b=1:G- bb=1:P c=1:G-");
  assert_merged(merge_all(l, d, "a=1 bb=1", ON_CHANGE_REREAD), 0, 0, 2, 0);
  assert_merged(merge_all(l, d, "b=1 c=2", ON_CHANGE_REREAD), 2, 0, 0, 2);
  assert_parts(dir, "j", "a=1:G- b=1:P bb=1:G- c=2:P");
  assert_merged(merge_all(l, d, "", ON_CHANGE_REREAD), 0, 0, 0, 2);
  ledger_close(l);
}

static void done_stays_done(void **state) {
  char *dir = *state;
  struct ledger *l = open_job(dir, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  struct ledger_unit u = claim(l, run);
  assert_parts(dir, "j", "a=1:A");
  finish(l, &u);
  ledger_unit_free(&u);
  assert_merged(merge_all(l, d, "a=1", ON_CHANGE_REREAD), 0, 0, 1, 0);
  assert_merged(merge_all(l, d, "", ON_CHANGE_REREAD), 0, 0, 0, 1);
  assert_parts(dir, "j", "a=1:D-");
  assert_merged(merge_all(l, d, "", ON_CHANGE_REREAD), 0, 0, 0, 0);
  assert_merged(merge_all(l, d, "a=1", ON_CHANGE_REREAD), 0, 0, 1, 0);
  assert_parts(dir, "j", "a=1:D");
  assert_int_equal(claim_code(l, run), SLUICE_END);
  assert_merged(merge_all(l, d, "a=2", ON_CHANGE_REREAD), 0, 1, 0, 0);
  assert_parts(dir, "j", "a=2:P");
  assert_int_equal(sql_number(dir, "j", "SELECT rows + rejects + attempts + delivered FROM part"), 0);
  ledger_close(l);
}

/* Another sink has its own parts: nothing is done there. */
static void deliveries_apart(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), other = 0;
  assert_int_equal(ledger_delivery(l, "other", "main", &other, NULL), SLUICE_OK);
  assert_int_not_equal(d, other);
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  int64_t run = begin_run(l, d), other_run = begin_run(l, other);
  struct ledger_unit u = claim(l, run);
  finish(l, &u);
  ledger_unit_free(&u);
  assert_int_equal(claim_code(l, other_run), SLUICE_END);
  assert_merged(merge_all(l, other, "a=1", ON_CHANGE_REREAD), 1, 0, 0, 0);
  assert_int_equal(claim_code(l, other_run), SLUICE_OK);
  assert_int_equal(ledger_delivery(l, "", "", &other, NULL), SLUICE_ERR_CONFIG);
  assert_int_equal(ledger_delivery(l, "a/b", "", &other, NULL), SLUICE_ERR_CONFIG);
  ledger_close(l);
}

/* ---- policies ----------------------------------------------------------------------------------- */

static struct ledger *one_done(const char *dir, int64_t *d) {
  struct ledger *l = open_job(dir, "j");
  *d = delivery_of(l);
  merge_all(l, *d, "a=1", ON_CHANGE_REREAD);
  struct ledger_unit u = claim(l, begin_run(l, *d));
  finish(l, &u);
  ledger_unit_free(&u);
  return l;
}

static void changed_and_ignored(void **state) {
  char *dir = *state;
  int64_t d;
  struct ledger *l = one_done(dir, &d);
  assert_merged(merge_all(l, d, "a=2", ON_CHANGE_IGNORE), 0, 1, 0, 0);
  assert_parts(dir, "j", "a=1:D");
  merge_all(l, d, "", ON_CHANGE_IGNORE);
  merge_all(l, d, "a=3", ON_CHANGE_IGNORE);
  assert_parts(dir, "j", "a=1:D");
  merge_all(l, d, "a=3 b=1", ON_CHANGE_IGNORE);
  merge_all(l, d, "a=3 b=2", ON_CHANGE_IGNORE); /* never delivered: the new version it is */
  assert_parts(dir, "j", "a=1:D b=2:P");
  merge_all(l, d, "a=3 b=2", ON_CHANGE_REREAD);
  assert_parts(dir, "j", "a=3:P b=2:P");
  ledger_close(l);
}

static void changed_and_failed(void **state) {
  char *dir = *state;
  int64_t d;
  struct ledger *l = one_done(dir, &d);
  assert_merged(merge_all(l, d, "a=2 b=1", ON_CHANGE_FAIL), 1, 1, 0, 0);
  merge_all(l, d, "a=2 b=2", ON_CHANGE_FAIL);
  assert_parts(dir, "j", "a=1:F b=2:P");
  char *error = sql_text(dir, "j", "SELECT error FROM part WHERE name = CAST('a' AS BLOB)");
  assert_string_equal(error, "changed from version 1 to 2 (on_change = \"fail\")\n");
  free(error);
  merge_all(l, d, "a=2 b=2", ON_CHANGE_FAIL);
  assert_parts(dir, "j", "a=1:F b=2:P");
  merge_all(l, d, "a=1 b=2", ON_CHANGE_FAIL); /* changed back: it is delivered */
  assert_parts(dir, "j", "a=1:D b=2:P");
  merge_all(l, d, "a=2 b=2", ON_CHANGE_FAIL);
  merge_all(l, d, "b=2", ON_CHANGE_FAIL);
  assert_parts(dir, "j", "a=1:D- b=2:P");
  merge_all(l, d, "a=2 b=2", ON_CHANGE_FAIL);
  merge_all(l, d, "a=2 b=2", ON_CHANGE_IGNORE);
  assert_parts(dir, "j", "a=1:D b=2:P");
  merge_all(l, d, "a=2 b=2", ON_CHANGE_FAIL);
  merge_all(l, d, "a=2 b=2", ON_CHANGE_REREAD);
  assert_parts(dir, "j", "a=2:P b=2:P");
  ledger_close(l);
}

/* A part of which a piece was delivered: fail keeps its version and voids the unit; reread starts anew. */
static void changed_midway(void **state) {
  char *dir = *state;
  struct ledger *l = open_job(dir, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  merge_all(l, d, "a=1", ON_CHANGE_FAIL);
  struct ledger_unit u = claim(l, run);
  checkpoint(l, &u, 5, 5);
  assert_int_equal(ledger_release(l, &u, NULL), SLUICE_OK);
  assert_parts(dir, "j", "a=1:P");
  merge_all(l, d, "a=2", ON_CHANGE_FAIL);
  assert_parts(dir, "j", "a=1:F");
  assert_int_equal(sql_number(dir, "j", "SELECT count(*) FROM unit"), 0);
  merge_all(l, d, "a=2", ON_CHANGE_IGNORE); /* the old version cannot be read any more */
  assert_parts(dir, "j", "a=2:P");
  ledger_unit_free(&u);
  u = claim(l, run);
  merge_all(l, d, "a=3", ON_CHANGE_IGNORE); /* its worker will see */
  assert_parts(dir, "j", "a=2:A");
  merge_all(l, d, "a=3", ON_CHANGE_REREAD);
  assert_parts(dir, "j", "a=3:P");
  struct ledger_progress progress = {.rows = 1};
  assert_int_equal(ledger_checkpoint(l, &u, &progress, NULL), SLUICE_ERR_CHANGED);
  ledger_unit_free(&u);
  u = claim(l, run);
  merge_all(l, d, "a=4", ON_CHANGE_FAIL);
  assert_parts(dir, "j", "a=3:F");
  assert_int_equal(ledger_checkpoint(l, &u, &progress, NULL), SLUICE_ERR_CHANGED);
  ledger_unit_free(&u);
  ledger_close(l);
}

/* ---- order and pages ---------------------------------------------------------------------------- */

static void byte_order(void **state) {
  char *dir = *state;
  struct ledger *l = open_job(dir, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  /* '-' 2d < '/' 2f < '0' < 'Z' < 'a' < DEL < 80 < c3 < ff: signed chars or a locale would order otherwise */
  static const char *const names[] = {"A-b",   "A/b",   "A0",        "Z",     "a",
                                      "a\x7f", "a\x80", "a\xc3\xa4", "a\xff", "a\xff\xff"};
  enum { N = sizeof names / sizeof names[0] };
  struct ledger_listed listed[N];
  struct ledger_merged out;
  for (size_t i = 0; i < N; i++)
    listed[i] = (struct ledger_listed){names[i], "1", 1, 1};
  assert_int_equal(ledger_merge(l, d, "", listed, N, true, ON_CHANGE_REREAD, &out, NULL), SLUICE_OK);
  assert_merged(out, N, 0, 0, 0);
  assert_int_equal(ledger_merge(l, d, "", listed, N, true, ON_CHANGE_REREAD, &out, NULL), SLUICE_OK);
  assert_merged(out, 0, 0, N, 0);
  for (size_t i = 0; i < N; i++) {
    struct ledger_unit u = claim(l, run);
    assert_string_equal(u.parts[0].name, names[i]);
    ledger_unit_free(&u);
  }
  ledger_close(l);
}

static void not_rising(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l);
  struct ledger_merged out;
  struct sluice_error err = {0};
  struct ledger_listed twice[] = {{"a", "1", 1, 1}, {"a", "1", 1, 1}},
                       falling[] = {{"a\x80", "1", 1, 1}, {"a", "1", 1, 1}};
  struct ledger_listed one = {"a", "1", 1, 1}, empty = {"", "1", 1, 1};
  assert_int_equal(ledger_merge(l, d, "", twice, 2, true, ON_CHANGE_REREAD, &out, &err), SLUICE_ERR_DATA);
  assert_non_null(strstr(err.message, "not in byte order"));
  assert_int_equal(ledger_merge(l, d, "", falling, 2, true, ON_CHANGE_REREAD, &out, NULL), SLUICE_ERR_DATA);
  assert_int_equal(ledger_merge(l, d, "a", &one, 1, true, ON_CHANGE_REREAD, &out, NULL), SLUICE_ERR_DATA);
  assert_int_equal(ledger_merge(l, d, "", &empty, 1, true, ON_CHANGE_REREAD, &out, NULL), SLUICE_ERR_DATA);
  assert_int_equal(sql_number(*state, "j", "SELECT count(*) FROM part"), 0);
  ledger_close(l);
}

static void long_names(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l);
  char name[4098], version[1026];
  struct ledger_merged out;
  struct ledger_listed p = {name, version, 1, 1};
  memset(name, 0xff, sizeof name);
  memset(version, 'v', sizeof version);
  name[4096] = version[1024] = 0;
  assert_int_equal(ledger_merge(l, d, "", &p, 1, true, ON_CHANGE_REREAD, &out, NULL), SLUICE_OK);
  assert_int_equal(ledger_merge(l, d, "", &p, 1, true, ON_CHANGE_REREAD, &out, NULL), SLUICE_OK);
  assert_merged(out, 0, 0, 1, 0);
  version[1024] = 'v', version[1025] = 0;
  assert_int_equal(ledger_merge(l, d, "", &p, 1, true, ON_CHANGE_REREAD, &out, NULL), SLUICE_ERR_DATA);
  version[1024] = 0, name[4096] = 'n', name[4097] = 0;
  assert_int_equal(ledger_merge(l, d, "", &p, 1, true, ON_CHANGE_REREAD, &out, NULL), SLUICE_ERR_DATA);
  assert_int_equal(ledger_merge(l, d, name, NULL, 0, true, ON_CHANGE_REREAD, &out, NULL), SLUICE_ERR_DATA);
  ledger_close(l);
}

/* A page speaks only of the names up to its last; more parts than one window of the merge. */
static void pages(void **state) {
  enum { N = 1000, PAGE = 70 };
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l);
  static char names[N][16];
  static struct ledger_listed listed[N];
  struct ledger_merged out, sum = {0};
  for (int i = 0; i < N; i++) {
    snprintf(names[i], sizeof names[i], "p%05d", i);
    listed[i] = (struct ledger_listed){names[i], "1", 1, 1};
  }
  assert_int_equal(ledger_merge(l, d, "", listed, N, true, ON_CHANGE_REREAD, &out, NULL), SLUICE_OK);
  assert_merged(out, N, 0, 0, 0);
  struct ledger_listed odd[N / 2];
  for (int i = 0; i < N / 2; i++)
    odd[i] = listed[2 * i + 1];
  const char *after = "";
  for (size_t i = 0; i < N / 2; i += PAGE) {
    size_t n = N / 2 - i < PAGE ? N / 2 - i : PAGE;
    assert_int_equal(ledger_merge(l, d, after, odd + i, n, false, ON_CHANGE_REREAD, &out, NULL), SLUICE_OK);
    sum.gone += out.gone;
    sum.unchanged += out.unchanged;
    after = odd[i + n - 1].name;
    assert_int_equal(sum.gone, i + n);
  }
  assert_int_equal(sum.unchanged, N / 2);
  assert_int_equal(ledger_merge(l, d, after, NULL, 0, false, ON_CHANGE_REREAD, &out, NULL), SLUICE_OK);
  assert_merged(out, 0, 0, 0, 0);
  assert_int_equal(ledger_merge(l, d, odd[299].name, NULL, 0, true, ON_CHANGE_REREAD, &out, NULL), SLUICE_OK);
  assert_merged(out, 0, 0, 0, N / 2 - 300);
  assert_int_equal(sql_number(*state, "j", "SELECT count(*) FROM part WHERE state = 0"), 300);
  ledger_close(l);
}

static void size_learned(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l);
  struct ledger_merged out;
  struct ledger_listed p = {"a", "1", -1, INT64_MIN};
  assert_int_equal(ledger_merge(l, d, "", &p, 1, true, ON_CHANGE_REREAD, &out, NULL), SLUICE_OK);
  p.size = INT64_MAX;
  assert_int_equal(ledger_merge(l, d, "", &p, 1, true, ON_CHANGE_REREAD, &out, NULL), SLUICE_OK);
  assert_int_equal(sql_number(*state, "j", "SELECT size FROM part"), INT64_MAX);
  ledger_close(l);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)
  const struct CMUnitTest tests[] = {
      TEST(new_gone_returned),  TEST(done_stays_done), TEST(deliveries_apart), TEST(changed_and_ignored),
      TEST(changed_and_failed), TEST(changed_midway),  TEST(byte_order),       TEST(not_rising),
      TEST(long_names),         TEST(pages),           TEST(size_learned),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
