/* By row, a unit that is taken again gets new keys if what is known of other files changed since its records were sent,
 * and is read from its start if a part changed. */
#include "core/ledger/generation.h"
#include "core/ledger/history.h"
#include "core/ledger/rejects.h"
#include "core/ledger/rows.h"
#include "helpers.h"
#include <stdlib.h>
#include <string.h>

enum { AS_IT_WAS, NEW_KEYS, FROM_THE_START };

static void begin_sending(struct ledger *l, int64_t d, const struct ledger_unit *u) {
  struct ledger_rows *rows = NULL;
  assert_int_equal(ledger_rows_open(l, d, &rows, NULL), SLUICE_OK);
  assert_int_equal(ledger_rows_doubt(rows, u->id, NULL), SLUICE_OK);
  ledger_rows_close(rows);
}

static void know_rows_by(struct ledger *l, int64_t d, const char *columns) {
  char *former = NULL;
  assert_int_equal(ledger_rows_by(l, d, columns, &former, NULL), SLUICE_OK);
  free(former);
}

static int64_t last_unit;

/* Part a is done, b sent something up to row 7 and was left. */
static struct ledger *start(const char *dir, int64_t *d, char identity[65]) {
  struct ledger *l = open_job(dir, "j");
  *d = delivery_of(l);
  know_rows_by(l, *d, "[\"id\"]");
  int64_t run = begin_run(l, *d);
  merge_all(l, *d, "a=1 b=1", ON_CHANGE_REREAD);
  struct ledger_unit a = claim(l, run);
  begin_sending(l, *d, &a);
  finish(l, &a);
  ledger_unit_free(&a);
  struct ledger_unit b = claim(l, run);
  begin_sending(l, *d, &b);
  checkpoint(l, &b, 7, 7);
  memcpy(identity, b.identity, 65);
  assert_int_equal(ledger_release(l, &b, NULL), SLUICE_OK);
  last_unit = b.id;
  ledger_unit_free(&b);
  return l;
}

static void assert_taken_again(struct ledger *l, int64_t d, const char *identity, int expected) {
  struct ledger_unit u = claim(l, begin_run(l, d));
  assert_string_equal(u.parts[0].name, "b");
  if (expected == AS_IT_WAS)
    assert_string_equal(u.identity, identity);
  else
    assert_string_not_equal(u.identity, identity);
  assert_int_equal(u.overtaken, expected != AS_IT_WAS);
  assert_int_equal(u.restarted, expected == FROM_THE_START);
  assert_int_equal(u.position.row, expected == FROM_THE_START ? 0 : 7);
  assert_int_equal(u.rows, expected == FROM_THE_START ? 0 : 7);
  assert_false(u.reconfigured);
  if (expected == FROM_THE_START) /* rows of the reading before are stamped otherwise */
    assert_true(u.id > last_unit);
  finish(l, &u);
  ledger_unit_free(&u);
}

static void nothing_changes(struct ledger *l, int64_t d) {
  merge_all(l, d, "a=1 b=1", ON_CHANGE_REREAD);
}
static void a_part_is_new(struct ledger *l, int64_t d) {
  merge_all(l, d, "a=1 b=1 c=1", ON_CHANGE_REREAD);
}
static void a_part_changes(struct ledger *l, int64_t d) {
  merge_all(l, d, "a=2 b=1", ON_CHANGE_REREAD);
}
static void a_change_is_refused(struct ledger *l, int64_t d) {
  merge_all(l, d, "a=2 b=1", ON_CHANGE_FAIL);
}
static void a_change_is_ignored(struct ledger *l, int64_t d) {
  merge_all(l, d, "a=2 b=1", ON_CHANGE_IGNORE);
}
static void a_part_goes(struct ledger *l, int64_t d) {
  merge_all(l, d, "b=1", ON_CHANGE_REREAD);
}
static void a_part_is_reset(struct ledger *l, int64_t d) {
  int64_t count = 0;
  assert_int_equal(ledger_reset_parts(l, d, "a", &count, NULL), SLUICE_OK);
}
static void the_key_changes(struct ledger *l, int64_t d) {
  know_rows_by(l, d, "[\"id\",\"day\"]");
}
static void no_key_any_more(struct ledger *l, int64_t d) {
  know_rows_by(l, d, NULL);
}
static void rejects_are_sent_again(struct ledger *l, int64_t d) {
  begin_sending(l, d, &(struct ledger_unit){.id = 0});
}

static void taken_again(void **state) {
  static const struct {
    void (*change)(struct ledger *, int64_t);
    int expected;
  } cases[] = {
      {nothing_changes, AS_IT_WAS},          {a_part_is_new, AS_IT_WAS},        {a_part_changes, FROM_THE_START},
      {a_change_is_refused, FROM_THE_START}, {a_change_is_ignored, AS_IT_WAS},  {a_part_goes, FROM_THE_START},
      {a_part_is_reset, FROM_THE_START},     {the_key_changes, FROM_THE_START}, {no_key_any_more, FROM_THE_START},
      {rejects_are_sent_again, NEW_KEYS},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char identity[65];
    int64_t d = 0;
    void *dir = NULL;
    assert_int_equal(make_folder(&dir), 0);
    struct ledger *l = start(dir, &d, identity);
    cases[i].change(l, d);
    print_message("change %zu\n", i);
    assert_taken_again(l, d, identity, cases[i].expected);
    ledger_close(l);
    remove_folder(&dir);
  }
  (void)state;
}

/* A part that was found gone, or changed, while another unit was read. */
static void found_while_reading(void **state) {
  const char *versions[] = {NULL, "2"};
  for (size_t i = 0; i < 2; i++) {
    char identity[65];
    int64_t d = 0;
    void *dir = NULL;
    assert_int_equal(make_folder(&dir), 0);
    struct ledger *l = start(dir, &d, identity);
    merge_all(l, d, "a=1 b=1 c=1", ON_CHANGE_REREAD);
    int64_t run = begin_run(l, d);
    struct ledger_unit b = claim(l, run), c = claim(l, run);
    assert_string_equal(c.parts[0].name, "c");
    assert_int_equal(ledger_release(l, &b, NULL), SLUICE_OK);
    assert_int_equal(ledger_void(l, &c, 0, versions[i], NULL), SLUICE_OK);
    ledger_unit_free(&b), ledger_unit_free(&c);
    assert_taken_again(l, d, identity, FROM_THE_START);
    ledger_close(l);
    remove_folder(&dir);
  }
  (void)state;
}

/* Keys that a unit had once are never another's: its parts remember that it was renewed. */
static void keys_do_not_come_again(void **state) {
  char identity[65];
  int64_t d = 0;
  struct ledger *l = start(*state, &d, identity);
  merge_all(l, d, "a=2 b=1", ON_CHANGE_REREAD);
  struct ledger_unit renewed = claim(l, begin_run(l, d));
  assert_int_equal(renewed.parts[0].era, 1);
  merge_all(l, d, "a=2 b=2", ON_CHANGE_REREAD); /* the unit is dropped */
  merge_all(l, d, "a=2 b=1", ON_CHANGE_REREAD);
  int64_t run = begin_run(l, d);
  struct ledger_unit a = claim(l, run), b = claim(l, run);
  assert_string_equal(b.parts[0].name, "b");
  assert_string_equal(b.parts[0].version, "1");
  assert_true(b.parts[0].era > 1);
  assert_string_not_equal(b.identity, identity);
  assert_string_not_equal(b.identity, renewed.identity);
  ledger_unit_free(&renewed), ledger_unit_free(&a), ledger_unit_free(&b);
  ledger_close(l);
}

/* Where nothing goes by row, other files have no say. */
static void not_by_row(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  merge_all(l, d, "a=1 b=1", ON_CHANGE_REREAD);
  struct ledger_unit a = claim(l, run);
  checkpoint(l, &a, 7, 7);
  merge_all(l, d, "a=1 b=2", ON_CHANGE_REREAD);
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  struct ledger_unit again = claim(l, begin_run(l, d));
  assert_string_equal(again.identity, a.identity);
  assert_int_equal(again.position.row, 7);
  assert_int_equal(sql_number(*state, "j", "SELECT count(*) FROM row_turn"), 0);
  ledger_unit_free(&a), ledger_unit_free(&again);
  ledger_close(l);
}

/* Each listing refuses it again, and other units go on all the same. */
static void a_change_is_refused_again(void **state) {
  char identity[65];
  int64_t d = 0;
  struct ledger *l = start(*state, &d, identity);
  merge_all(l, d, "a=2 b=1", ON_CHANGE_FAIL);
  struct ledger_unit b = claim(l, begin_run(l, d));
  begin_sending(l, d, &b);
  checkpoint(l, &b, 7, 7);
  assert_int_equal(ledger_release(l, &b, NULL), SLUICE_OK);
  merge_all(l, d, "a=2 b=1", ON_CHANGE_FAIL);
  assert_taken_again(l, d, b.identity, AS_IT_WAS);
  ledger_unit_free(&b);
  ledger_close(l);
}

/* Its change was refused, and it is as it was: meanwhile others may have sent what it has. */
static void a_refused_change_goes_back(void **state) {
  char identity[65];
  int64_t d = 0;
  struct ledger *l = start(*state, &d, identity);
  merge_all(l, d, "a=1 b=2", ON_CHANGE_FAIL);
  assert_int_equal(claim_code(l, begin_run(l, d)), SLUICE_END);
  merge_all(l, d, "a=1 b=1", ON_CHANGE_FAIL);
  struct ledger_unit b = claim(l, begin_run(l, d));
  assert_int_equal(b.position.row, 0);
  assert_string_not_equal(b.identity, identity);
  ledger_unit_free(&b);
  ledger_close(l);
}

/* Settings that come back do not bring their old keys with them: in between other records went. */
static void settings_come_back(void **state) {
  char identity[65];
  int64_t d = 0;
  struct ledger *l = start(*state, &d, identity);
  struct ledger_settings other = default_settings();
  struct ledger_unit u;
  other.output_hash = "another";
  assert_int_equal(ledger_claim(l, begin_run(l, d), &other, &u, NULL), SLUICE_OK);
  begin_sending(l, d, &u);
  struct ledger_unit back = claim(l, begin_run(l, d));
  assert_true(back.reconfigured);
  assert_false(back.overtaken);
  assert_string_not_equal(back.identity, identity);
  assert_string_not_equal(back.identity, u.identity);
  ledger_unit_free(&u), ledger_unit_free(&back);
  ledger_close(l);
}

static int64_t era_of_retry(struct ledger *l, int64_t d, const char *part) {
  struct ledger_retry_part found;
  assert_int_equal(ledger_retry_part(l, d, part, &found, NULL), SLUICE_OK);
  return found.era;
}

/* Rejects that are sent again have the keys of the try before, as long as nobody else sent anything. */
static void rejects_again(void **state) {
  char identity[65];
  int64_t d = 0;
  struct ledger *l = start(*state, &d, identity);
  int64_t first = era_of_retry(l, d, "a");
  begin_sending(l, d, &(struct ledger_unit){.id = 1});
  assert_int_equal(era_of_retry(l, d, "a"), first);
  begin_sending(l, d, &(struct ledger_unit){.id = 1});
  struct ledger_unit b = claim(l, begin_run(l, d));
  begin_sending(l, d, &b);
  assert_int_equal(era_of_retry(l, d, "b"), b.parts[0].era); /* not done: none is sent */
  int64_t second = era_of_retry(l, d, "a");
  assert_true(second > first);
  begin_sending(l, d, &(struct ledger_unit){.id = 1});
  assert_int_equal(era_of_retry(l, d, "a"), second); /* and dies before anything is sent */
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  int64_t third = era_of_retry(l, d, "a");
  assert_true(third > second);
  begin_sending(l, d, &(struct ledger_unit){.id = 1});
  assert_int_equal(era_of_retry(l, d, "a"), third);
  struct ledger_unit again = claim(l, begin_run(l, d));
  begin_sending(l, d, &again);
  assert_true(era_of_retry(l, d, "a") > third);
  ledger_unit_free(&again);
  ledger_unit_free(&b);
  ledger_close(l);
}

/* By row a part is read whole: what one piece of it met would not count as met by the part. */
static void pieces_are_put_together(void **state) {
  static const struct sluice_split two[] = {{.end = {10, 100, {0}}}, {.begin = {10, 100, {0}}}};
  struct ledger_settings settings = default_settings();
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  struct ledger_unit first = claim(l, run);
  assert_int_equal(ledger_split(l, &first, &settings, two, 2, NULL), SLUICE_OK);
  finish(l, &first);
  know_rows_by(l, d, "[\"id\"]");
  run = begin_run(l, d);
  struct ledger_unit whole = claim(l, run);
  assert_false(ledger_is_split(&whole));
  assert_int_equal(claim_code(l, run), SLUICE_END);
  finish(l, &whole);
  assert_parts(*state, "j", "a=1:D");
  assert_int_equal(sql_number(*state, "j", "SELECT rows FROM part"), 1);
  assert_int_equal(sql_number(*state, "j", "SELECT units FROM part"), 0);
  ledger_unit_free(&first), ledger_unit_free(&whole);
  ledger_close(l);
}

/* A full refresh that was begun in between is given up: what was under way before it is read from its start. */
static void behind_a_full_refresh(void **state) {
  struct ledger_generation g;
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  struct ledger_unit a = claim(l, run);
  checkpoint(l, &a, 7, 7);
  run = begin_run(l, d);
  assert_int_equal(ledger_generation_begin(l, d, &g, NULL), SLUICE_OK);
  know_rows_by(l, d, "[\"id\"]");
  assert_int_equal(ledger_generation_abort(l, g.id, "the mode was changed", NULL), SLUICE_OK);
  struct ledger_unit again = claim(l, begin_run(l, d));
  assert_string_equal(again.parts[0].name, "a");
  assert_true(again.id > a.id);
  assert_true(again.restarted);
  assert_int_equal(again.position.row, 0);
  assert_string_not_equal(again.identity, a.identity);
  ledger_unit_free(&a), ledger_unit_free(&again);
  ledger_close(l);
}

/* The files behind a full refresh that is given up are reset as well. */
static void reset_behind_a_full_refresh(void **state) {
  struct ledger_generation g;
  int64_t count = 0;
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  struct ledger_unit a = claim(l, run);
  finish(l, &a);
  run = begin_run(l, d);
  assert_int_equal(ledger_generation_begin(l, d, &g, NULL), SLUICE_OK);
  assert_int_equal(ledger_reset_parts(l, d, "a", &count, NULL), SLUICE_OK);
  assert_int_equal(ledger_generation_abort(l, g.id, "the mode was changed", NULL), SLUICE_OK);
  struct ledger_unit again = claim(l, begin_run(l, d));
  assert_string_equal(again.parts[0].name, "a");
  ledger_unit_free(&a), ledger_unit_free(&again);
  ledger_close(l);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(taken_again),
      cmocka_unit_test(found_while_reading),
      cmocka_unit_test_setup_teardown(keys_do_not_come_again, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(a_change_is_refused_again, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(a_refused_change_goes_back, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(settings_come_back, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(rejects_again, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(pieces_are_put_together, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(reset_behind_a_full_refresh, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(behind_a_full_refresh, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(not_by_row, make_folder, remove_folder),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
