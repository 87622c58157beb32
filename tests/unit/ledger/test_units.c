/* Units: what is claimed in which order, bundles, identities, checkpoints, epochs, failing, voiding. */
#include "core/ledger/rejects.h"
#include "helpers.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void left_first_then_by_name(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  merge_all(l, d, "a=1 b=1 c=1", ON_CHANGE_REREAD);
  struct ledger_unit a = claim(l, run), b = claim(l, run);
  assert_string_equal(a.parts[0].name, "a");
  assert_string_equal(b.parts[0].name, "b");
  assert_int_equal(a.epoch, 1);
  assert_false(a.resumed);
  assert_int_equal(ledger_release(l, &b, NULL), SLUICE_OK);
  struct ledger_unit c = claim(l, run);
  assert_string_equal(c.parts[0].name, "c");
  assert_int_equal(claim_code(l, run), SLUICE_END); /* b: given back by this very run */
  run = begin_run(l, d);
  merge_all(l, d, "a=1 aa=1 b=1 c=1", ON_CHANGE_REREAD);
  const char *const order[] = {"a", "b", "c", "aa"};
  for (size_t i = 0; i < 4; i++) {
    struct ledger_unit u = claim(l, run);
    assert_string_equal(u.parts[0].name, order[i]);
    assert_int_equal(u.epoch, i < 3 ? 2 : 1);
    assert_int_equal(u.attempts, i < 3 ? 2 : 1);
    assert_int_equal(u.crashes, i == 0 || i == 2);
    ledger_unit_free(&u);
  }
  assert_int_equal(claim_code(l, run), SLUICE_END);
  assert_int_equal(claim_code(l, run - 1), SLUICE_ERR_CHANGED);
  ledger_unit_free(&a), ledger_unit_free(&b), ledger_unit_free(&c);
  ledger_close(l);
}

static void merge_sizes(struct ledger *l, int64_t d, const int64_t *sizes, size_t n) {
  static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
  struct ledger_listed listed[8];
  struct ledger_merged out;
  for (size_t i = 0; i < n; i++)
    listed[i] = (struct ledger_listed){names[i], "1", sizes[i], 5};
  assert_int_equal(ledger_merge(l, d, "", listed, n, true, ON_CHANGE_REREAD, &out, NULL), SLUICE_OK);
}

static void assert_bundle(struct ledger *l, int64_t run, const struct ledger_settings *settings, const char *names) {
  struct ledger_unit u = {0};
  char text[64] = "";
  assert_int_equal(ledger_claim(l, run, settings, &u, NULL), SLUICE_OK);
  for (size_t i = 0; i < u.n_parts; i++)
    strncat(text, u.parts[i].name, 8);
  assert_string_equal(text, names);
  ledger_unit_free(&u);
}

static void bundles(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  struct ledger_settings s = default_settings();
  s.bundle_parts = 3, s.bundle_bytes = 100, s.small = 50;
  merge_sizes(l, d, (const int64_t[]){10, 10, 10, 10, 51, 50, 50, 1}, 8);
  assert_bundle(l, run, &s, "abc"); /* by number */
  assert_bundle(l, run, &s, "d");   /* e is not small, and only neighbours are bundled */
  assert_bundle(l, run, &s, "e");
  assert_bundle(l, run, &s, "fg"); /* by bytes */
  assert_bundle(l, run, &s, "h");
  ledger_close(l);
  l = open_job(*state, "k");
  d = delivery_of(l), run = begin_run(l, d);
  s.bundle_parts = 100, s.bundle_bytes = INT64_MAX, s.small = INT64_MAX;
  merge_sizes(l, d, (const int64_t[]){INT64_MAX, 1, 0, -1, -1, 5, INT64_MAX, 7}, 8);
  assert_bundle(l, run, &s, "a");
  assert_bundle(l, run, &s, "bc");
  assert_bundle(l, run, &s, "d"); /* of unknown size */
  assert_bundle(l, run, &s, "e");
  assert_bundle(l, run, &s, "f");
  assert_bundle(l, run, &s, "g");
  assert_bundle(l, run, &s, "h");
  ledger_close(l);
}

/* ---- checkpoints -------------------------------------------------------------------------------- */

static void checkpoint_and_resume(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  struct ledger_unit u = claim(l, run), again;
  checkpoint(l, &u, 10, 9);
  struct ledger_progress p = {
      .position = {20, 2000, {-1, INT64_MIN}}, .rows = 8, .rejects = 2, .reject_lines = "{}\n{}\n", .reject_size = 6};
  assert_int_equal(ledger_checkpoint(l, &u, &p, NULL), SLUICE_OK);
  ledger_close(l);
  l = open_job(*state, "j");
  again = claim(l, begin_run(l, d));
  assert_true(again.resumed);
  assert_false(again.restarted);
  assert_int_equal(again.id, u.id);
  assert_int_equal(again.epoch, 2);
  assert_memory_equal(&again.position, &p.position, sizeof p.position);
  assert_int_equal(again.rows, 17);
  assert_int_equal(again.rejects, 2);
  assert_string_equal(again.identity, u.identity);
  assert_string_equal(again.old_identities[0], "");
  assert_string_equal(again.parts[0].version, "1");
  assert_int_equal(again.parts[0].size, 10);
  assert_int_equal(again.parts[0].modified, 1000);
  finish(l, &again);
  assert_int_equal(sql_number(*state, "j", "SELECT count(*) FROM unit"), 0);
  assert_int_equal(sql_number(*state, "j", "SELECT count(*) FROM unit_part"), 0);
  assert_int_equal(sql_number(*state, "j", "SELECT units FROM part"), 0);
  assert_parts(*state, "j", "a=1:D");
  ledger_unit_free(&u), ledger_unit_free(&again);
  ledger_close(l);
}

static void finish_with_results(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  struct ledger_settings s = default_settings();
  struct ledger_unit u = {0};
  s.bundle_parts = 10, s.bundle_bytes = 1000, s.small = 100;
  merge_all(l, d, "a=1 b=1 c=1", ON_CHANGE_REREAD);
  assert_int_equal(ledger_claim(l, run, &s, &u, NULL), SLUICE_OK);
  struct ledger_progress p = {.rows = 5, .rejects = 1};
  struct ledger_part_result results[] = {
      {.state = PART_DONE, .rows = 4, .rejects = 1}, {.state = PART_GONE}, {.state = PART_DONE, .rows = 1}};
  struct ledger_part_result bad[] = {
      {.state = PART_DONE, .rows = 4, .rejects = 1}, {.state = PART_GONE}, {.state = PART_FAILED, .rows = 1}};
  assert_int_equal(ledger_finish(l, &u, &p, bad, NULL), SLUICE_ERR_BUG);
  assert_parts(*state, "j", "a=1:A b=1:A c=1:A"); /* nothing of it happened */
  u.n_parts = 2;
  assert_int_equal(ledger_finish(l, &u, &p, results, NULL), SLUICE_ERR_BUG);
  u.n_parts = 3;
  assert_int_equal(ledger_finish(l, &u, &p, results, NULL), SLUICE_OK);
  assert_parts(*state, "j", "a=1:D b=1:G- c=1:D");
  char *text = sql_text(*state, "j", "SELECT rows, rejects FROM part ORDER BY name");
  assert_string_equal(text, "4|1\n0|0\n1|0\n");
  free(text);
  text = sql_text(*state, "j", "SELECT parts_done, parts_failed, parts_gone, rows, rejects, bytes FROM run");
  assert_string_equal(text, "2|0|1|5|1|20\n");
  free(text);
  assert_int_equal(ledger_finish(l, &u, &p, results, NULL), SLUICE_ERR_CHANGED);
  ledger_unit_free(&u);
  ledger_close(l);
}

static void bad_progress(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  struct ledger_unit u = claim(l, run);
  struct ledger_progress bad[] = {
      {.rows = -1}, {.rejects = -1}, {.rows = INT64_MAX}, {.reject_lines = "{}", .reject_size = 2}};
  for (size_t i = 0; i < 4; i++)
    assert_int_equal(ledger_checkpoint(l, &u, &bad[i], NULL), SLUICE_ERR_BUG);
  ledger_unit_free(&u);
  ledger_close(l);
}

/* All that an old epoch may try. */
static void old_epoch(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  struct ledger_unit old = claim(l, run), new;
  struct ledger_progress p = {.rows = 1, .rejects = 1, .reject_lines = "{}\n", .reject_size = 3};
  struct ledger_part_result done = {.state = PART_DONE, .rows = 1};
  struct sluice_error why = {.message = "why"}, err = {0};
  run = begin_run(l, d);
  for (int round = 0; round < 2; round++) { /* free, then claimed anew */
    assert_int_equal(ledger_checkpoint(l, &old, &p, &err), SLUICE_ERR_CHANGED);
    assert_int_equal(ledger_finish(l, &old, &p, &done, NULL), SLUICE_ERR_CHANGED);
    assert_int_equal(ledger_release(l, &old, NULL), SLUICE_ERR_CHANGED);
    assert_int_equal(ledger_fail(l, &old, &why, NULL), SLUICE_ERR_CHANGED);
    assert_int_equal(ledger_void(l, &old, 0, NULL, NULL), SLUICE_ERR_CHANGED);
    if (round == 0)
      new = claim(l, run);
  }
  assert_non_null(strstr(err.message, "epoch 1 is over"));
  assert_parts(*state, "j", "a=1:A");
  assert_int_equal(sql_number(*state, "j", "SELECT rejects_size FROM job"), 0);
  assert_int_equal(sql_number(*state, "j", "SELECT sum(rows) FROM run"), 0);
  finish(l, &new);
  ledger_unit_free(&old), ledger_unit_free(&new);
  ledger_close(l);
}

/* ---- failing and voiding ------------------------------------------------------------------------ */

static void fail_and_retry(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  merge_all(l, d, "a=1 b=1", ON_CHANGE_REREAD);
  struct ledger_unit u = claim(l, run), again;
  struct sluice_error why = {.where = "s3://b/a", .message = "no such column"};
  checkpoint(l, &u, 3, 3);
  assert_int_equal(ledger_fail(l, &u, &why, NULL), SLUICE_OK);
  assert_parts(*state, "j", "a=1:F b=1:P");
  char *error = sql_text(*state, "j", "SELECT error, attempts FROM part WHERE error IS NOT NULL");
  assert_string_equal(error, "s3://b/a: no such column|1\n");
  free(error);
  again = claim(l, run);
  assert_string_equal(again.parts[0].name, "b");
  finish(l, &again);
  ledger_unit_free(&again);
  assert_int_equal(claim_code(l, run), SLUICE_END);
  run = begin_run(l, d);
  assert_int_equal(claim_code(l, run), SLUICE_END); /* not before the listing has named it again */
  merge_all(l, d, "a=1 b=1", ON_CHANGE_REREAD);
  assert_parts(*state, "j", "a=1:P b=1:D");
  again = claim(l, run);
  assert_int_equal(again.id, u.id);
  assert_int_equal(again.position.row, 3);
  assert_true(again.resumed);
  finish(l, &again);
  assert_int_equal(sql_number(*state, "j", "SELECT count(*) FROM part WHERE state = 2 AND error IS NULL"), 2);
  ledger_unit_free(&u), ledger_unit_free(&again);
  ledger_close(l);
}

static struct ledger_unit claim_bundle(struct ledger *l, int64_t run) {
  struct ledger_settings s = default_settings();
  struct ledger_unit u = {0};
  s.bundle_parts = 10, s.bundle_bytes = 1000, s.small = 100;
  assert_int_equal(ledger_claim(l, run, &s, &u, NULL), SLUICE_OK);
  return u;
}

static void void_unit(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  merge_all(l, d, "a=1 b=1 c=1", ON_CHANGE_REREAD);
  struct ledger_unit u = claim_bundle(l, run);
  assert_int_equal(u.n_parts, 3);
  assert_int_equal(ledger_void(l, &u, 3, NULL, NULL), SLUICE_ERR_BUG);
  assert_int_equal(ledger_void(l, &u, 1, "2", NULL), SLUICE_OK);
  assert_parts(*state, "j", "a=1:P b=2:P c=1:P");
  struct ledger_unit next = claim_bundle(l, run); /* b's size is not known now */
  assert_int_equal(next.n_parts, 1);
  assert_true(next.id > u.id);
  finish(l, &next);
  ledger_unit_free(&next);
  next = claim_bundle(l, run);
  assert_string_equal(next.parts[0].name, "b");
  assert_string_equal(next.parts[0].version, "2");
  assert_int_equal(ledger_void(l, &next, 0, NULL, NULL), SLUICE_OK);
  assert_parts(*state, "j", "a=1:D b=2:G- c=1:P");
  assert_int_equal(sql_number(*state, "j", "SELECT parts_gone FROM run"), 1);
  ledger_unit_free(&u), ledger_unit_free(&next);
  ledger_close(l);
}

/* One changed part of a failed bundle: the others go into new units. */
static void bundle_voided_by_listing(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  struct sluice_error why = {.message = "why"};
  merge_all(l, d, "a=1 b=1 c=1", ON_CHANGE_REREAD);
  struct ledger_unit u = claim_bundle(l, run);
  assert_int_equal(ledger_fail(l, &u, &why, NULL), SLUICE_OK);
  ledger_unit_free(&u);
  merge_all(l, d, "a=1 b=2 c=1", ON_CHANGE_REREAD);
  assert_parts(*state, "j", "a=1:P b=2:P c=1:P");
  assert_int_equal(sql_number(*state, "j", "SELECT count(*) + (SELECT sum(units) FROM part) FROM unit"), 0);
  u = claim_bundle(l, run);
  assert_int_equal(u.n_parts, 3);
  assert_int_equal(ledger_fail(l, &u, &why, NULL), SLUICE_OK);
  ledger_unit_free(&u);
  merge_all(l, d, "a=1 c=1", ON_CHANGE_REREAD);
  assert_parts(*state, "j", "a=1:P b=2:G- c=1:P");
  ledger_close(l);
}

/* ---- identities --------------------------------------------------------------------------------- */

static struct ledger_unit claim_with(struct ledger *l, int64_t d, const struct ledger_settings *s) {
  struct ledger_unit u = {0};
  assert_int_equal(ledger_claim(l, begin_run(l, d), s, &u, NULL), SLUICE_OK);
  return u;
}

static void settings_change(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l);
  struct ledger_settings s = default_settings();
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  struct ledger_unit first = claim_with(l, d, &s), u;
  assert_int_equal(strlen(first.identity), 64);
  checkpoint(l, &first, 7, 7);
  s.batch_rows = 5, s.batch_bytes = 5, s.small = 500; /* a unit keeps how it was cut */
  u = claim_with(l, d, &s);
  assert_string_equal(u.identity, first.identity);
  assert_int_equal(u.batch_rows, 1000);
  assert_int_equal(u.batch_bytes, MIB);
  ledger_unit_free(&u);
  s.output_hash = "o2";
  u = claim_with(l, d, &s);
  assert_string_not_equal(u.identity, first.identity);
  assert_string_equal(u.old_identities[0], first.identity);
  assert_true(u.resumed && !u.restarted);
  assert_int_equal(u.position.row, 7);
  char second[65];
  memcpy(second, u.identity, sizeof second);
  ledger_unit_free(&u);
  s.decode_hash = "d2";
  u = claim_with(l, d, &s);
  assert_true(u.restarted && !u.resumed);
  assert_int_equal(u.position.row + u.rows, 0);
  assert_string_equal(u.old_identities[0], ""); /* positions of before mean nothing now */
  memcpy(second, u.identity, sizeof second);
  checkpoint(l, &u, 4, 4);
  ledger_unit_free(&u);
  s.schema = 2;
  u = claim_with(l, d, &s);
  assert_true(u.resumed && u.retyped && !u.restarted); /* of another mapping: it goes on */
  assert_int_equal(u.position.row, 4);
  assert_int_equal(u.schema, 2);
  assert_string_not_equal(u.identity, second);
  assert_string_equal(u.old_identities[0], ""); /* a sink that is ahead refused by other types */
  assert_int_equal(u.epoch, 5);
  ledger_unit_free(&u);
  u = claim_with(l, d, &s);
  assert_false(u.restarted);
  assert_string_equal(u.old_identities[0], "");
  ledger_unit_free(&u), ledger_unit_free(&first);
  ledger_close(l);
}

/* A sink may know the unit by any of its names, where runs died before they sent anything under a later one. */
static void names_of_before_are_kept(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l);
  struct ledger_settings s = default_settings();
  char names[12][65], hash[12][16];
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  for (int i = 0; i < 12; i++) {
    snprintf(hash[i], sizeof hash[i], "o%d", i);
    s.output_hash = hash[i];
    struct ledger_unit u = claim_with(l, d, &s);
    for (int k = 0; k < LEDGER_OLD_IDENTITIES; k++)
      assert_string_equal(u.old_identities[k], k < i ? names[i - 1 - k] : "");
    memcpy(names[i], u.identity, sizeof names[i]);
    ledger_unit_free(&u);
  }
  ledger_close(l);
}

static size_t early_of(struct ledger *l, const struct ledger_unit *u, int64_t below, char *out, size_t size) {
  struct ledger_early *lines = NULL;
  size_t n = 0, used = 0;
  assert_int_equal(ledger_early_take(l, u->id, below, &lines, &n, NULL), SLUICE_OK);
  out[0] = 0;
  for (size_t i = 0; i < n; i++)
    used += (size_t)snprintf(out + used, size - used, "%lld%s ", (long long)lines[i].row, lines[i].line);
  ledger_early_free(lines, n);
  return n;
}

/* Of what a sink has beyond the ledger's position; gone with the checkpoint that passes it, or the unit. */
static void rejects_before_their_checkpoint(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l);
  struct ledger_settings s = default_settings();
  char text[200];
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  struct ledger_unit u = claim_with(l, d, &s);
  for (int i = 9; i > 0; i -= 2)
    assert_int_equal(ledger_early_add(l, u.id, i, "old", NULL), SLUICE_OK);
  assert_int_equal(ledger_early_add(l, u.id, 5, "new", NULL), SLUICE_OK); /* the same record again */
  checkpoint(l, &u, 2, 2);
  ledger_unit_free(&u);
  ledger_close(l);
  l = open_job(*state, "j");
  u = claim_with(l, d, &s);
  assert_int_equal(early_of(l, &u, 8, text, sizeof text), 3);
  assert_string_equal(text, "3old 5new 7old ");
  assert_int_equal(early_of(l, &u, 100, text, sizeof text), 3); /* what is sent again is forgotten */
  ledger_unit_free(&u);
  s.decode_hash = "another";
  u = claim_with(l, d, &s);
  assert_int_equal(early_of(l, &u, 100, text, sizeof text), 0);
  assert_int_equal(ledger_early_add(l, u.id, 1, "old", NULL), SLUICE_OK);
  finish(l, &u);
  assert_int_equal(sql_number(*state, "j", "SELECT count(*) FROM reject_early"), 0);
  ledger_unit_free(&u);
  ledger_close(l);
}

/* What was sent under a schema must not come again because the schema grew meanwhile. */
static void a_grown_schema_leaves_units_their_own(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l);
  struct ledger_settings s = default_settings();
  s.schema = 3;
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  struct ledger_unit first = claim_with(l, d, &s), u;
  checkpoint(l, &first, 7, 7);
  s.schema = 5, s.first_schema = 3;
  u = claim_with(l, d, &s);
  assert_true(u.resumed && !u.restarted);
  assert_int_equal(u.schema, 3);
  assert_int_equal(u.position.row, 7);
  assert_string_equal(u.identity, first.identity);
  ledger_unit_free(&u);
  s.first_schema = 4; /* of another mapping */
  u = claim_with(l, d, &s);
  assert_true(u.resumed && u.retyped && !u.restarted);
  assert_int_equal(u.schema, 5);
  ledger_unit_free(&u), ledger_unit_free(&first);
  ledger_close(l);
}

/* Which parts of a bundle take part may depend on their types, and so the ordinals in it. */
static void a_bundle_starts_again_under_another_schema(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l);
  struct ledger_settings s = default_settings();
  s.small = 1000, s.bundle_parts = 2, s.bundle_bytes = MIB;
  merge_all(l, d, "a=1 b=1", ON_CHANGE_REREAD);
  struct ledger_unit first = claim_with(l, d, &s), u;
  assert_int_equal(first.n_parts, 2);
  checkpoint(l, &first, 7, 7);
  s.schema = 2;
  u = claim_with(l, d, &s);
  assert_true(u.restarted && !u.resumed && !u.retyped);
  ledger_unit_free(&u), ledger_unit_free(&first);
  ledger_close(l);
}

/* The hash itself is fixed for ever: keys of requests are made of it. */
static void identity_is_fixed(void **state) {
  struct ledger *l = open_job(*state, "clicks");
  int64_t d = delivery_of(l);
  merge_all(l, d, "s3://bucket/a.csv=etag", ON_CHANGE_REREAD);
  struct ledger_unit u = claim(l, begin_run(l, d));
  assert_string_equal(u.identity, "d4a9c446f8ed4a5c19c7126303f4101796109a56936c57c271c529b2f90b6f23");
  ledger_unit_free(&u);
  ledger_close(l);
}

static void identities_differ(void **state) {
  static const char *const listings[] = {"a=1", "a=2", "aa=1", "a=11", "b=1"};
  char seen[8][65];
  for (size_t i = 0; i < 5; i++) {
    struct ledger *l = open_job(*state, "v");
    int64_t d = delivery_of(l), other = 0;
    merge_all(l, d, listings[i], ON_CHANGE_REREAD);
    struct ledger_unit u = claim(l, begin_run(l, d));
    memcpy(seen[i], u.identity, sizeof seen[i]);
    for (size_t j = 0; j < i; j++)
      assert_string_not_equal(seen[i], seen[j]);
    ledger_unit_free(&u);
    assert_int_equal(ledger_delivery(l, "elsewhere", "main", &other, NULL), SLUICE_OK);
    merge_all(l, other, listings[i], ON_CHANGE_REREAD);
    u = claim(l, begin_run(l, other));
    assert_string_not_equal(u.identity, seen[i]);
    ledger_unit_free(&u);
    ledger_close(l);
    remove(path_in(*state, "v.db"));
  }
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)
  const struct CMUnitTest tests[] = {
      TEST(left_first_then_by_name),
      TEST(bundles),
      TEST(checkpoint_and_resume),
      TEST(finish_with_results),
      TEST(bad_progress),
      TEST(old_epoch),
      TEST(fail_and_retry),
      TEST(void_unit),
      TEST(bundle_voided_by_listing),
      TEST(settings_change),
      TEST(names_of_before_are_kept),
      TEST(rejects_before_their_checkpoint),
      TEST(a_grown_schema_leaves_units_their_own),
      TEST(a_bundle_starts_again_under_another_schema),
      TEST(identities_differ),
      TEST(identity_is_fixed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
