/* Rows by key: what is stored is what is found, over crashes and while rows move from memory to their table. */
#include "core/ledger/generation.h"
#include "core/ledger/history.h"
#include "core/ledger/internal.h"
#include "core/ledger/rows.h"
#include "faults.h"
#include "helpers.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void key_of(int number, uint8_t key[LEDGER_KEY_SIZE]) {
  memset(key, 0, LEDGER_KEY_SIZE);
  key[0] = (uint8_t)(number * 37); /* not in order */
  key[1] = (uint8_t)number;
  key[15] = (uint8_t)(number >> 8);
}

static struct ledger_row change(int key, uint64_t fingerprint, int64_t row) {
  struct ledger_row out = {.fingerprint = fingerprint, .row = row};
  key_of(key, out.key);
  return out;
}

static int store(struct ledger *l, const struct ledger_unit *u, const struct ledger_row *rows, size_t n,
                 const char *cursor) {
  struct ledger_progress p = {.rows = 1, .row_changes = rows, .n_row_changes = n, .cursor = cursor};
  return ledger_checkpoint(l, u, &p, NULL);
}

static struct ledger_row_found find(struct ledger *l, int64_t d, const char *part, int number) {
  uint8_t key[1][LEDGER_KEY_SIZE];
  struct ledger_rows *rows = NULL;
  struct ledger_row_found found = {.row = -99};
  struct sluice_error err = {0};
  key_of(number, key[0]);
  if (ledger_rows_open(l, d, &rows, &err) != SLUICE_OK ||
      ledger_rows_find(rows, part, (const uint8_t(*)[LEDGER_KEY_SIZE])key, 1, &found, &err) != SLUICE_OK)
    fail_msg("%s", err.message);
  ledger_rows_close(rows);
  return found;
}

static void assert_found(struct ledger *l, int64_t d, const char *part, int number, enum ledger_row_place place,
                         uint64_t fingerprint, int64_t row) {
  struct ledger_row_found f = find(l, d, part, number);
  assert_int_equal(f.place, place);
  assert_int_equal(f.fingerprint, fingerprint);
  assert_int_equal(f.row, row);
}

static void stored_and_found(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  merge_all(l, d, "b=1 c=1", ON_CHANGE_REREAD);
  struct ledger_unit b = claim(l, run), c = claim(l, run);
  struct ledger_row rows[] = {change(1, UINT64_MAX, 10), change(2, 22, 11), change(1, 0, 12)};
  struct ledger_row gone = change(2, 23, INT64_MAX);
  gone.deleted = true;
  assert_found(l, d, "b", 1, ROW_ABSENT, 0, 0);
  assert_int_equal(store(l, &b, rows, 2, NULL), SLUICE_OK);
  assert_found(l, d, "b", 1, ROW_SAME_PART, UINT64_MAX, 10);
  assert_found(l, d, "a", 1, ROW_LATER, UINT64_MAX, 10);
  assert_found(l, d, "bb", 1, ROW_EARLIER, UINT64_MAX, 10);
  assert_found(l, d, "b", 3, ROW_ABSENT, 0, 0);
  assert_int_equal(store(l, &b, rows, 3, NULL), SLUICE_OK); /* the last of a key counts */
  assert_found(l, d, "b", 1, ROW_SAME_PART, 0, 12);
  assert_int_equal(store(l, &c, &gone, 1, NULL), SLUICE_OK);
  assert_found(l, d, "b", 2, ROW_LATER, 23, INT64_MAX);
  assert_true(find(l, d, "b", 2).deleted);
  ledger_close(l);
  l = open_job(*state, "j");
  assert_found(l, d, "b", 1, ROW_SAME_PART, 0, 12);
  assert_found(l, d, "c", 2, ROW_SAME_PART, 23, INT64_MAX);
  ledger_unit_free(&b), ledger_unit_free(&c);
  ledger_close(l);
}

static void store_and_finish(struct ledger *l, const struct ledger_unit *u, int key) {
  struct ledger_row row = change(key, 1, ledger_row_stamp(u->id, 0));
  assert_int_equal(store(l, u, &row, 1, NULL), SLUICE_OK);
  finish(l, u);
}

/* A later part has a row as long as it is there, in the version in which it was read. */
static void held_by_a_later_part(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  merge_all(l, d, "a=1 y=1 z=1", ON_CHANGE_REREAD);
  struct ledger_unit a = claim(l, run), y = claim(l, run), z = claim(l, run);
  finish(l, &a);
  store_and_finish(l, &z, 1);
  struct ledger_row row = change(2, 1, ledger_row_stamp(y.id, 0));
  assert_int_equal(store(l, &y, &row, 1, NULL), SLUICE_OK);
  assert_true(find(l, d, "a", 2).held); /* so far as it was read */
  assert_false(find(l, d, "y", 2).held || find(l, d, "z", 2).held);
  finish(l, &y);
  assert_true(find(l, d, "a", 1).held && find(l, d, "a", 2).held);
  merge_all(l, d, "a=1 y=2 z=2", ON_CHANGE_REREAD);
  assert_false(find(l, d, "a", 1).held || find(l, d, "a", 2).held); /* nobody knows */
  ledger_unit_free(&y), ledger_unit_free(&z);
  z = claim(l, run); /* what was there before is read first, the last of all before the others */
  y = claim(l, run);
  assert_string_equal(z.parts[0].name, "z");
  assert_string_equal(y.parts[0].name, "y");
  store_and_finish(l, &y, 2);
  store_and_finish(l, &z, 3); /* it has 1 no more */
  assert_true(!find(l, d, "a", 1).held && find(l, d, "a", 2).held && find(l, d, "a", 3).held);
  assert_int_equal(find(l, d, "a", 1).place, ROW_LATER);
  merge_all(l, d, "a=1 y=2", ON_CHANGE_REREAD);
  assert_true(!find(l, d, "a", 3).held && find(l, d, "a", 2).held);
  assert_int_equal(merge_all(l, d, "a=1 y=2 z=2", ON_CHANGE_REREAD).added, 1); /* its rows may be others' by now */
  assert_false(find(l, d, "a", 3).held);
  ledger_unit_free(&a), ledger_unit_free(&y), ledger_unit_free(&z);
  ledger_close(l);
}

static void only_with_their_checkpoint(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  merge_all(l, d, "a=1 b=1", ON_CHANGE_REREAD);
  struct ledger_unit a = claim(l, run), b = claim(l, run);
  struct ledger_row row = change(1, 5, 6);
  assert_int_equal(ledger_void(l, &a, 0, "2", NULL), SLUICE_OK);
  assert_int_equal(store(l, &a, &row, 1, "never"), SLUICE_ERR_CHANGED);
  row.part = 1;
  assert_int_equal(store(l, &b, &row, 1, "never"), SLUICE_ERR_BUG); /* the unit has one part */
  assert_found(l, d, "a", 1, ROW_ABSENT, 0, 0);
  char *text = NULL;
  assert_int_equal(ledger_cursor(l, d, &text, NULL), SLUICE_OK);
  assert_null(text);
  struct ledger_progress too_many = {.row_changes = &row, .n_row_changes = LEDGER_ROW_CHANGES_MAX + 1};
  assert_int_equal(ledger_checkpoint(l, &b, &too_many, NULL), SLUICE_ERR_BUG);
  ledger_unit_free(&a), ledger_unit_free(&b);
  ledger_close(l);
}

static void cursors(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  char *text = NULL;
  merge_all(l, d, "a=1 b=1", ON_CHANGE_REREAD);
  struct ledger_unit a = claim(l, run);
  struct ledger_row row = change(1, 5, 6);
  assert_int_equal(store(l, &a, NULL, 0, "2026-01-01"), SLUICE_OK);
  assert_int_equal(store(l, &a, &row, 1, "2026-01-02"), SLUICE_OK);
  assert_int_equal(store(l, &a, NULL, 0, NULL), SLUICE_OK);
  ledger_unit_free(&a);
  ledger_close(l);
  l = open_job(*state, "j");
  assert_int_equal(ledger_cursor(l, d, &text, NULL), SLUICE_OK);
  assert_string_equal(text, "2026-01-02");
  free(text);
  struct ledger_identity who = {"a", "b", "c"};
  assert_int_equal(ledger_identify(l, d, &who, IDENTITY_RESET, NULL), SLUICE_OK);
  assert_int_equal(ledger_cursor(l, d, &text, NULL), SLUICE_OK);
  assert_null(text);
  ledger_close(l);
}

static void assert_cursor(struct ledger *l, int64_t d, const char *wanted) {
  char *text = NULL;
  assert_int_equal(ledger_cursor(l, d, &text, NULL), SLUICE_OK);
  assert_string_equal(text ? text : "none", wanted);
  free(text);
}

/* What is delivered once more is looked at whole. */
static void a_reset_forgets_the_cursor(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d), count = 0;
  merge_all(l, d, "a=1 b=1", ON_CHANGE_REREAD);
  struct ledger_unit a = claim(l, run);
  assert_int_equal(store(l, &a, NULL, 0, "20"), SLUICE_OK);
  finish(l, &a);
  assert_cursor(l, d, "20");
  assert_int_equal(ledger_reset_parts(l, d, "a", &count, NULL), SLUICE_OK);
  assert_int_equal(count, 1);
  assert_cursor(l, d, "none");
  ledger_unit_free(&a);
  ledger_close(l);
}

static char *rows_by(struct ledger *l, int64_t d, const char *columns) {
  char *former = NULL;
  struct sluice_error err = {0};
  if (ledger_rows_by(l, d, columns, &former, &err) != SLUICE_OK)
    fail_msg("%s", err.message);
  return former;
}

static int64_t epoch_of(struct ledger *l, int64_t d) {
  struct ledger_rows *rows = NULL;
  assert_int_equal(ledger_rows_open(l, d, &rows, NULL), SLUICE_OK);
  int64_t epoch = ledger_rows_epoch(rows);
  ledger_rows_close(rows);
  return epoch;
}

static void assert_epoch(struct ledger *l, int64_t d, const char *columns, const char *former, int64_t epoch) {
  char *text = rows_by(l, d, columns);
  assert_string_equal(text ? text : "none", former);
  assert_int_equal(epoch_of(l, d), epoch);
  free(text);
}

/* Each change begins an epoch, and forgets the cursor; the first word does not. */
static void epochs(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  struct ledger_unit a = claim(l, run);
  assert_epoch(l, d, NULL, "none", 0);
  assert_epoch(l, d, "id", "none", 0);
  assert_int_equal(store(l, &a, NULL, 0, "20"), SLUICE_OK);
  ledger_unit_free(&a);
  ledger_close(l);
  l = open_job(*state, "j");
  assert_epoch(l, d, "id", "none", 0);
  assert_cursor(l, d, "20");
  assert_epoch(l, d, NULL, "id", 1);
  assert_cursor(l, d, "none");
  assert_epoch(l, d, NULL, "none", 1);
  assert_epoch(l, d, "id", "none", 1);
  assert_epoch(l, d, "n", "id", 2);
  ledger_close(l);
  sql_exec(*state, "j", "UPDATE delivery SET row_keys = '?'"); /* as brought forward */
  l = open_job(*state, "j");
  assert_epoch(l, d, "id", "none", 2);
  ledger_close(l);
  sql_exec(*state, "j", "UPDATE delivery SET row_keys = '?'");
  l = open_job(*state, "j");
  assert_epoch(l, d, NULL, "?", 3);
  ledger_close(l);
}

static void sending(struct ledger_rows *rows, const struct ledger_unit *u, int64_t end_row, int first, int n) {
  uint8_t keys[8][LEDGER_KEY_SIZE];
  struct sluice_error err = {0};
  for (int i = 0; i < n; i++)
    key_of(first + i, keys[i]);
  if (ledger_rows_sending(rows, u->id, end_row, (const uint8_t(*)[LEDGER_KEY_SIZE])keys, (size_t)n, &err) != SLUICE_OK)
    fail_msg("%s", err.message);
}

static void store_at(struct ledger *l, const struct ledger_unit *u, struct ledger_row row, int64_t position) {
  struct ledger_progress p = {.position = {.row = position}, .row_changes = &row, .n_row_changes = 1};
  assert_int_equal(ledger_checkpoint(l, u, &p, NULL), SLUICE_OK);
}

static void doubt(struct ledger *l, int64_t d, const struct ledger_unit *u) {
  struct ledger_rows *rows = NULL;
  assert_int_equal(ledger_rows_open(l, d, &rows, NULL), SLUICE_OK);
  assert_int_equal(ledger_rows_doubt(rows, u->id, NULL), SLUICE_OK);
  ledger_rows_close(rows);
}

/* What was on its way is uncertain for other units until it is stored again, wherever rows are kept. */
static void on_their_way(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  struct ledger_rows *rows = NULL;
  merge_all(l, d, "a=1 b=1", ON_CHANGE_REREAD);
  struct ledger_unit a = claim(l, run), b = {0};
  struct ledger_row stored[] = {change(1, 11, 1), change(2, 12, 2), change(3, 13, 3), change(4, 14, 4)};
  stored[3].deleted = true;
  l->recent.limit = l->recent.step = 2; /* the rows above go to their table */
  for (int i = 0; i < 4; i++)
    assert_int_equal(store(l, &a, &stored[i], 1, NULL), SLUICE_OK);
  assert_int_equal(ledger_rows_open(l, d, &rows, NULL), SLUICE_OK);
  sending(rows, &a, 10, 1, 1);
  sending(rows, &a, 20, 2, 8); /* 5 to 9 are not stored */
  sending(rows, &a, 30, 1, 0);
  store_at(l, &a, change(1, 21, 1), 10);
  ledger_rows_close(rows);
  ledger_close(l);
  l = open_job(*state, "j");
  run = begin_run(l, d);
  char before[65];
  memcpy(before, a.identity, sizeof before);
  ledger_unit_free(&a);
  a = claim(l, run); /* resumed, it decides as before */
  assert_string_equal(a.identity, before);
  doubt(l, d, &a);
  assert_false(find(l, d, "a", 2).uncertain);
  b = claim(l, run); /* another one comes in between */
  doubt(l, d, &b);
  assert_false(find(l, d, "a", 1).uncertain);
  for (int i = 2; i <= 4; i++) {
    assert_true(find(l, d, "a", i).uncertain);
    assert_found(l, d, "a", i, ROW_SAME_PART, (uint64_t)(10 + i), i);
  }
  assert_true(find(l, d, "a", 4).deleted && !find(l, d, "a", 3).deleted);
  assert_int_equal(find(l, d, "a", 5).place, ROW_ABSENT);
  assert_int_equal(sql_number(*state, "j", "SELECT count(*) FROM row_sent"), 0);
  ledger_unit_free(&a), ledger_unit_free(&b);
  ledger_close(l);
  l = open_job(*state, "j"); /* once more from what is stored */
  run = begin_run(l, d);
  a = claim(l, run);
  assert_string_not_equal(a.identity, before); /* what it sends is not what it was */
  assert_string_equal(a.old_identities[0], before);
  assert_true(find(l, d, "a", 2).uncertain);
  store_at(l, &a, change(2, 22, 2), 20);
  assert_false(find(l, d, "a", 2).uncertain);
  assert_true(find(l, d, "a", 3).uncertain);
  ledger_unit_free(&a);
  ledger_close(l);
}

/* The same of a unit that goes on under other settings, or is given up. */
static void given_up(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  struct ledger_settings s = default_settings();
  struct ledger_rows *rows = NULL;
  struct ledger_unit u = {0};
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  assert_int_equal(ledger_claim(l, run, &s, &u, NULL), SLUICE_OK);
  struct ledger_row row = change(1, 11, 1);
  assert_int_equal(store(l, &u, &row, 1, NULL), SLUICE_OK);
  assert_int_equal(ledger_rows_open(l, d, &rows, NULL), SLUICE_OK);
  sending(rows, &u, 10, 1, 1);
  ledger_rows_close(rows);
  ledger_unit_free(&u);
  s.output_hash = "another";
  run = begin_run(l, d);
  assert_int_equal(ledger_claim(l, run, &s, &u, NULL), SLUICE_OK);
  doubt(l, d, &u);
  assert_true(find(l, d, "a", 1).uncertain);
  ledger_unit_free(&u);
  ledger_close(l);
}

static void bundles_name_their_parts(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  struct ledger_settings s = default_settings();
  struct ledger_unit u = {0};
  s.bundle_parts = 3, s.bundle_bytes = 100, s.small = 50;
  merge_all(l, d, "a=1 b=1 c=1", ON_CHANGE_REREAD);
  assert_int_equal(ledger_claim(l, run, &s, &u, NULL), SLUICE_OK);
  struct ledger_row rows[] = {change(1, 1, 1), change(2, 2, 2)};
  rows[0].part = 2;
  rows[1].part = 1;
  assert_int_equal(store(l, &u, rows, 2, NULL), SLUICE_OK);
  assert_found(l, d, "b", 1, ROW_LATER, 1, 1);
  assert_found(l, d, "b", 2, ROW_SAME_PART, 2, 2);
  ledger_unit_free(&u);
  ledger_close(l);
}

/* ---- moved on ----------------------------------------------------------------------------------- */

static void make_small(struct ledger *l) {
  l->recent.limit = 64;
  l->recent.step = 20;
}

static void moved_and_still_found(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  make_small(l);
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  struct ledger_unit a = claim(l, run);
  for (int i = 0; i < 600; i++) {
    struct ledger_row row = change(i % 200, (uint64_t)i, i);
    assert_int_equal(store(l, &a, &row, 1, NULL), SLUICE_OK);
    assert_true(l->recent.active.used <= 65);
    if (i % 41 == 0)
      for (int k = 0; k < 200; k++)
        assert_found(l, d, "a", k, k <= i ? ROW_SAME_PART : ROW_ABSENT, k <= i ? (uint64_t)(i - (i - k) % 200) : 0,
                     k <= i ? i - (i - k) % 200 : 0);
  }
  assert_int_equal(sql_number(*state, "j", "SELECT count(*) FROM row_key"), 200);
  assert_true(sql_number(*state, "j", "SELECT count(*) FROM row_log") < 200);
  ledger_unit_free(&a);
  ledger_close(l);
}

static int64_t rows_kept(const char *dir) {
  return sql_number(dir, "j", "SELECT (SELECT count(*) FROM row_key) + (SELECT count(*) FROM row_part)");
}

static struct ledger_unit claim_part(struct ledger *l, int64_t d, int64_t run, const char *listing) {
  merge_all(l, d, listing, ON_CHANGE_REREAD);
  return claim(l, run);
}

static void store_many(struct ledger *l, const struct ledger_unit *u, int n, uint64_t fingerprint) {
  struct ledger_row rows[300];
  for (int i = 0; i < n; i++)
    rows[i] = change(i, fingerprint, i);
  assert_int_equal(store(l, u, rows, (size_t)n, NULL), SLUICE_OK);
}

/* Each full refresh has its own; what nobody wants does not come back from memory. */
static void generations_apart(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  struct ledger_generation g;
  make_small(l);
  struct ledger_unit u = claim_part(l, d, run, "a=1");
  store_many(l, &u, 50, 1);
  finish(l, &u);
  ledger_unit_free(&u);
  assert_int_equal(ledger_generation_begin(l, d, &g, NULL), SLUICE_OK);
  assert_found(l, d, "a", 1, ROW_ABSENT, 0, 0);
  u = claim_part(l, d, run, "a=1");
  store_many(l, &u, 40, 2);
  assert_found(l, d, "a", 1, ROW_SAME_PART, 2, 1);
  ledger_unit_free(&u);
  assert_int_equal(ledger_generation_abort(l, g.id, "", NULL), SLUICE_OK);
  assert_found(l, d, "a", 1, ROW_SAME_PART, 1, 1);
  u = claim_part(l, d, run, "a=1 b=1");
  for (uint64_t i = 0; i < 30; i++)
    store_many(l, &u, 60, 3);
  assert_int_equal(sql_number(*state, "j", "SELECT count(*) FROM row_key WHERE delivery < 0"), 0);
  assert_found(l, d, "b", 1, ROW_SAME_PART, 3, 1);
  struct ledger_identity who = {"a", "b", "c"};
  assert_int_equal(ledger_identify(l, d, &who, IDENTITY_RESET, NULL), SLUICE_OK);
  assert_found(l, d, "b", 1, ROW_ABSENT, 0, 0);
  assert_int_equal(rows_kept(*state), 0);
  ledger_unit_free(&u);
  ledger_close(l);
}

static void damaged_log(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l);
  struct ledger_rows *rows = NULL;
  struct sluice_error err = {0};
  sql_exec(*state, "j", "INSERT INTO row_log (frozen, changes) VALUES (0, x'00112233445566778899')");
  assert_int_equal(ledger_rows_open(l, d, &rows, &err), SLUICE_ERR_CONFIG);
  assert_non_null(strstr(err.message, "damaged"));
  assert_null(rows);
  ledger_close(l);
}

/* ---- several at once ---------------------------------------------------------------------------- */

enum { WRITERS = 4, ROUNDS = 150, ROWS = 30 };
struct writer {
  struct ledger *ledger;
  char sink[16];
  bool ok;
};

/* Stores and finds its own rows while others do, and while rows move on under all of them. */
static bool write_rounds(struct writer *w, int64_t d, const struct ledger_unit *u, struct ledger_rows *rows) {
  static const int spread = 97;
  for (int round = 0; round < ROUNDS; round++) {
    struct ledger_row changes[ROWS];
    uint8_t keys[ROWS][LEDGER_KEY_SIZE];
    struct ledger_row_found found[ROWS];
    for (int i = 0; i < ROWS; i++) {
      changes[i] = change((round * ROWS + i) % spread, (uint64_t)(round * 1000 + i), d);
      memcpy(keys[i], changes[i].key, LEDGER_KEY_SIZE);
    }
    if (store(w->ledger, u, changes, ROWS, NULL) != SLUICE_OK ||
        ledger_rows_find(rows, "a", (const uint8_t(*)[LEDGER_KEY_SIZE])keys, ROWS, found, NULL) != SLUICE_OK)
      return false;
    for (int i = 0; i < ROWS; i++)
      if (found[i].place != ROW_SAME_PART || found[i].fingerprint != changes[i].fingerprint || found[i].row != d)
        return false;
  }
  return true;
}

static void *write_rows(void *context) {
  struct writer *w = context;
  struct ledger_rows *rows = NULL;
  struct ledger_counters carried;
  struct ledger_listed listed = {"a", "1", 1, 1};
  struct ledger_settings settings = default_settings();
  struct ledger_merged merged;
  struct ledger_unit u = {0};
  int64_t d = 0, run = 0;
  w->ok = ledger_delivery(w->ledger, w->sink, "", &d, NULL) == SLUICE_OK &&
          ledger_run_begin(w->ledger, d, &run, &carried, NULL) == SLUICE_OK &&
          ledger_merge(w->ledger, d, "", &listed, 1, true, ON_CHANGE_REREAD, &merged, NULL) == SLUICE_OK &&
          ledger_claim(w->ledger, run, &settings, &u, NULL) == SLUICE_OK &&
          ledger_rows_open(w->ledger, d, &rows, NULL) == SLUICE_OK && write_rounds(w, d, &u, rows);
  ledger_rows_close(rows);
  ledger_unit_free(&u);
  return NULL;
}

static void writers_at_once(void **state) {
  struct ledger *l = open_job(*state, "j");
  struct writer writers[WRITERS];
  pthread_t threads[WRITERS];
  make_small(l);
  for (int i = 0; i < WRITERS; i++) {
    writers[i] = (struct writer){.ledger = l};
    snprintf(writers[i].sink, sizeof writers[i].sink, "s%d", i);
    assert_int_equal(pthread_create(&threads[i], NULL, write_rows, &writers[i]), 0);
  }
  for (int i = 0; i < WRITERS; i++) {
    assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_true(writers[i].ok);
  }
  assert_int_equal(l->recent.active.reserved, 0);
  assert_true(l->recent.active.room < 2000); /* it does not grow with what passed through */
  ledger_close(l);
}

/* ---- against a model, with deaths --------------------------------------------------------------- */

enum { KEYS = 150, OPS = 120, LIVES = 4, HISTORIES = 25 };
struct model {
  uint64_t now[KEYS], next[KEYS]; /* fingerprints; 0: none. next: with the checkpoint under way */
  uint64_t version;
};
static uint32_t random_state;
static int roll(int n) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 17;
  random_state ^= random_state << 5;
  return (int)(random_state % (uint32_t)n);
}

/* Dies at some write, or not at all. */
static void live(const char *dir, struct model *m, enum fault fault, int at) {
  struct ledger *l = open_job(dir, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  make_small(l);
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  struct ledger_unit u = claim(l, run);
  faults_set(fault, at, ENOSPC);
  for (int op = 0; op < OPS; op++) {
    struct ledger_row rows[40];
    size_t n = (size_t)(1 + roll(40));
    memcpy(m->next, m->now, sizeof m->now);
    for (size_t i = 0; i < n; i++) {
      int key = roll(KEYS);
      rows[i] = change(key, ++m->version, key);
      m->next[key] = m->version;
    }
    if (store(l, &u, rows, n, NULL) == SLUICE_OK) {
      memcpy(m->now, m->next, sizeof m->now);
      continue;
    }
    memcpy(m->next, m->now, sizeof m->now); /* refused: nothing of it happened */
    faults_set(FAULT_NONE, 0, 0);
  }
  faults_set(FAULT_NONE, 0, 0);
  ledger_unit_free(&u);
  ledger_close(l);
  _exit(0);
}

static bool matches(const char *dir, const uint64_t *model) {
  static uint8_t keys[KEYS][LEDGER_KEY_SIZE];
  struct ledger_row_found found[KEYS];
  struct ledger_rows *rows = NULL;
  struct ledger *l = open_job(dir, "j");
  for (int i = 0; i < KEYS; i++)
    key_of(i, keys[i]);
  assert_int_equal(ledger_rows_open(l, delivery_of(l), &rows, NULL), SLUICE_OK);
  assert_int_equal(ledger_rows_find(rows, "a", (const uint8_t(*)[LEDGER_KEY_SIZE])keys, KEYS, found, NULL), SLUICE_OK);
  bool same = true;
  for (int i = 0; i < KEYS; i++)
    same = same && found[i].fingerprint == model[i] && (found[i].place != ROW_ABSENT) == (model[i] != 0);
  ledger_rows_close(rows);
  ledger_close(l);
  return same;
}

static void history(uint32_t number, struct model *m, bool full, int *deaths) {
  void *dir;
  assert_int_equal(make_folder(&dir), 0);
  memset(m, 0, sizeof *m);
  for (int i = 0; i < LIVES; i++) {
    int status = 0;
    random_state = number * 2654435761u + (uint32_t)i + 1;
    int at = 1 + roll(900);
    enum fault fault = full ? FAULT_ERROR : roll(2) ? FAULT_DIE : FAULT_DIE_TORN;
    pid_t child = fork();
    if (child == 0)
      live(dir, m, fault, at);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 9));
    *deaths += WEXITSTATUS(status) == 9;
    if (!matches(dir, m->now)) {
      if (!matches(dir, m->next))
        fail_msg("history %u, life %d: the rows are not what the model says", number, i);
      memcpy(m->now, m->next, sizeof m->now);
    }
  }
  remove_folder(&dir);
}

static void histories(bool full, int *deaths) {
  struct model *m = mmap(NULL, sizeof *m, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  assert_true(m != MAP_FAILED);
  for (uint32_t i = 1; i <= HISTORIES; i++)
    history(i, m, full, deaths);
  munmap(m, sizeof *m);
}

static void histories_with_deaths(void **state) {
  (void)state;
  int deaths = 0;
  histories(false, &deaths);
  assert_true(deaths > HISTORIES);
}

static void histories_with_a_full_disk(void **state) {
  (void)state;
  int deaths = 0;
  faults_only_writes(true);
  histories(true, &deaths);
  faults_only_writes(false);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)
  const struct CMUnitTest tests[] = {
      TEST(stored_and_found),
      TEST(held_by_a_later_part),
      TEST(only_with_their_checkpoint),
      TEST(cursors),
      TEST(a_reset_forgets_the_cursor),
      TEST(epochs),
      TEST(bundles_name_their_parts),
      TEST(on_their_way),
      TEST(given_up),
      TEST(moved_and_still_found),
      TEST(generations_apart),
      TEST(damaged_log),
      TEST(writers_at_once),
      cmocka_unit_test(histories_with_deaths),
      cmocka_unit_test(histories_with_a_full_disk),
  };
  faults_install();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
