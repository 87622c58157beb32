/* Rejects that are sent again: what became of them is in the ledger and in the reject file at once, whatever dies. */
#include "core/ledger/generation.h"
#include "core/ledger/history.h"
#include "core/ledger/rejects.h"
#include "faults.h"
#include "helpers.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define BEFORE "one\ntwo\nthree\n"
#define AFTER "two\nthree again\n"

/* ---- a job with three rejects ------------------------------------------------------------------- */

static void deliver(const char *dir) {
  struct ledger *l = open_job(dir, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  struct ledger_unit unit = claim(l, run);
  struct ledger_progress p = {
      .position = {7, 7, {0, 0}}, .rows = 4, .rejects = 3, .reject_lines = BEFORE, .reject_size = strlen(BEFORE)};
  struct ledger_part_result done = {.state = PART_DONE, .rows = 4, .rejects = 3};
  assert_int_equal(ledger_finish(l, &unit, &p, &done, NULL), SLUICE_OK);
  assert_int_equal(ledger_run_end(l, run, "done with rejects", "", NULL, NULL), SLUICE_OK);
  ledger_unit_free(&unit);
  ledger_close(l);
}

enum { LINES_SIZE = 256 };

static int take_line(void *context, const char *text, size_t n, const struct ledger_line *place,
                     struct sluice_error *err) {
  char *out = context;
  size_t used = strlen(out);
  (void)err;
  snprintf(out + used, LINES_SIZE - used, "%s%.*s\n", place->undone ? "-" : "", (int)n, text);
  return SLUICE_OK;
}

static void lines_of(const char *dir, char out[LINES_SIZE]) {
  struct sluice_error err = {0};
  out[0] = 0;
  if (ledger_read_rejects(dir, "j", take_line, out, &err) != SLUICE_OK)
    fail_msg("%s", err.message);
}

static void assert_lines(const char *dir, const char *expected) {
  char text[256];
  lines_of(dir, text);
  assert_string_equal(text, expected);
}

/* The lines "one" and "three" are sent: the first is accepted, the other refused again. */
static int retry_with(struct ledger *l, const char *version, int64_t early, struct sluice_error *err) {
  static const struct ledger_line gone[] = {{.at = 0, .size = 4}, {.at = 8, .size = 6}};
  struct ledger_unit_part part = {.name = (char[]){"a"}, .version = (char *)(uintptr_t)version};
  struct ledger_unit unit = {.n_parts = 1, .parts = &part};
  struct ledger_retried retried = {
      .unit = &unit,
      .early = early,
      .gone = gone,
      .n_gone = 2,
      .records = 2,
      .outcome = {.rows = 1, .rejects = 1, .reject_lines = "three again\n", .reject_size = 12}};
  int code = ledger_retry_begin(l, delivery_of(l), &retried.run, err);
  if (code == SLUICE_OK)
    code = ledger_retry_commit(l, &retried, err);
  if (code == SLUICE_OK)
    code = ledger_run_end(l, retried.run, "done with rejects", "", NULL, err);
  return code;
}

static int retry(struct ledger *l, const char *version, struct sluice_error *err) {
  return retry_with(l, version, 0, err);
}

static void assert_settled(const char *dir, const char *expected) {
  size_t n = 0;
  char *text = read_file(path_in(dir, "j.rejects.ndjson"), &n);
  assert_string_equal(text, expected);
  free(text);
  assert_lines(dir, expected);
  assert_int_equal(sql_number(dir, "j", "SELECT rejects_size FROM job"), n);
  assert_int_equal(sql_number(dir, "j", "SELECT rejects_swap FROM job"), 0);
  assert_int_equal(sql_number(dir, "j", "SELECT count(*) FROM reject_gone"), 0);
  assert_int_equal(access(path_in(dir, "j.rejects.ndjson.new"), F_OK), -1);
  bool after = strncmp(expected, AFTER, strlen(AFTER)) == 0;
  assert_int_equal(sql_number(dir, "j", "SELECT rows FROM part"), after ? 5 : 4);
  assert_int_equal(sql_number(dir, "j", "SELECT rejects FROM part"), after ? 2 : 3);
}

/* ---- ends well ---------------------------------------------------------------------------------- */

static int take_run(void *context, const struct ledger_run *r) {
  char *out = context;
  size_t used = strlen(out);
  snprintf(out + used, 256 - used, "k%d %s %d/%d;", (int)r->facts.kind, r->reason, (int)r->counters.rows,
           (int)r->counters.rejects);
  return SLUICE_OK;
}

static void sent_again(void **state) {
  char *dir = *state, runs[256] = "";
  deliver(dir);
  assert_settled(dir, BEFORE);
  struct ledger *l = open_job(dir, "j");
  struct ledger_retry_part part;
  assert_int_equal(ledger_retry_part(l, delivery_of(l), "a", &part, NULL), SLUICE_OK);
  assert_string_equal(part.version, "1");
  assert_int_equal(part.state, PART_DONE);
  assert_int_equal(part.unit, 1);
  assert_int_equal(ledger_retry_part(l, delivery_of(l), "b", &part, NULL), SLUICE_END);
  assert_int_equal(retry(l, "1", NULL), SLUICE_OK);
  assert_lines(dir, AFTER); /* before the file itself has changed */
  ledger_close(l);
  assert_lines(dir, AFTER);
  ledger_close(open_job(dir, "j"));
  assert_settled(dir, AFTER);
  assert_int_equal(ledger_read_runs(dir, "j", 9, take_run, runs, NULL), SLUICE_OK);
  assert_string_equal(runs, "k2 done with rejects 1/1;k0 done with rejects 4/3;");
}

static void goes_on_afterwards(void **state) {
  char *dir = *state;
  deliver(dir);
  struct ledger *l = open_job(dir, "j");
  assert_int_equal(retry(l, "1", NULL), SLUICE_OK);
  ledger_close(l);
  l = open_job(dir, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  merge_all(l, d, "a=1 b=1", ON_CHANGE_REREAD);
  struct ledger_unit unit = claim(l, run);
  struct ledger_progress p = {.position = {1, 1, {0, 0}}, .rejects = 1, .reject_lines = "four\n", .reject_size = 5};
  assert_int_equal(ledger_checkpoint(l, &unit, &p, NULL), SLUICE_OK);
  ledger_unit_free(&unit);
  ledger_close(l);
  assert_settled(dir, AFTER "four\n");
}

/* ---- read anew ---------------------------------------------------------------------------------- */

static void finish_with_line(struct ledger *l, struct ledger_unit *unit, char *line) {
  struct ledger_progress p = {.rows = 1, .rejects = 1, .reject_lines = line, .reject_size = strlen(line)};
  struct ledger_part_result done = {.state = PART_DONE, .rows = 1, .rejects = 1};
  assert_int_equal(ledger_finish(l, unit, &p, &done, NULL), SLUICE_OK);
  ledger_unit_free(unit);
}

/* A newer version takes the lines of the one before away once it is read whole, those that were sent again too. */
static void a_newer_version(void **state) {
  char *dir = *state;
  deliver(dir);
  struct ledger *l = open_job(dir, "j");
  assert_int_equal(retry(l, "1", NULL), SLUICE_OK);
  int64_t d = delivery_of(l), run = begin_run(l, d);
  merge_all(l, d, "a=2", ON_CHANGE_REREAD);
  struct ledger_unit unit = claim(l, run);
  struct ledger_progress p = {.position = {1, 1, {0, 0}}, .rejects = 1, .reject_lines = "new\n", .reject_size = 4};
  assert_int_equal(ledger_checkpoint(l, &unit, &p, NULL), SLUICE_OK);
  assert_lines(dir, AFTER "new\n");
  finish_with_line(l, &unit, "newer\n");
  assert_lines(dir, "new\nnewer\n");
  ledger_close(l);
  ledger_close(open_job(dir, "j")); /* the same from a file without the lines */
  assert_lines(dir, "new\nnewer\n");
}

static void a_newer_version_in_pieces(void **state) {
  static const struct sluice_split two[] = {{.end = {10, 100, {0}}}, {.begin = {10, 100, {0}}}};
  struct ledger_settings settings = default_settings();
  char *dir = *state;
  deliver(dir);
  struct ledger *l = open_job(dir, "j");
  for (int version = 2; version < 4; version++) {
    int64_t d = delivery_of(l), run = begin_run(l, d);
    merge_all(l, d, version == 2 ? "a=2" : "a=3", ON_CHANGE_REREAD);
    struct ledger_unit first = claim(l, run);
    assert_int_equal(ledger_split(l, &first, &settings, two, 2, NULL), SLUICE_OK);
    struct ledger_unit second = claim(l, run);
    finish_with_line(l, &second, "second\n");
    assert_lines(dir, version == 2 ? BEFORE "second\n" : "second\nfirst\nsecond\n");
    finish_with_line(l, &first, "first\n");
    assert_lines(dir, "second\nfirst\n");
    assert_int_equal(ledger_run_end(l, run, "done", "", NULL, NULL), SLUICE_OK);
  }
  ledger_close(l);
}

/* Each part of a bundle has its own lines; a line that names none stays. */
static void a_newer_version_in_a_bundle(void **state) {
  char *dir = *state;
  struct ledger *l = open_job(dir, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  struct ledger_settings settings = default_settings();
  settings.bundle_parts = 9, settings.bundle_bytes = 1000, settings.small = 100;
  merge_all(l, d, "a=1 b=1", ON_CHANGE_REREAD);
  struct ledger_unit unit = {0};
  assert_int_equal(ledger_claim(l, run, &settings, &unit, NULL), SLUICE_OK);
  assert_int_equal(unit.n_parts, 2);
  char lines[] = "{\"part\":\"a\"}\n{\"part\":\"b\"}\n{\"part\":\"a\",\"n\":2}\nnone\n";
  struct ledger_progress p = {.rejects = 4, .reject_lines = lines, .reject_size = strlen(lines)};
  struct ledger_part_result done[2] = {{.state = PART_DONE, .rejects = 2}, {.state = PART_DONE, .rejects = 2}};
  assert_int_equal(ledger_finish(l, &unit, &p, done, NULL), SLUICE_OK);
  ledger_unit_free(&unit);
  merge_all(l, d, "a=2 b=1", ON_CHANGE_REREAD);
  unit = claim(l, run);
  finish(l, &unit);
  ledger_unit_free(&unit);
  assert_lines(dir, "{\"part\":\"b\"}\nnone\n");
  ledger_close(l);
}

/* ---- undone ------------------------------------------------------------------------------------- */

/* What no checkpoint passed is shown until its unit gets on, and is shown once however often the run fails. */
static void shown_until_redone(void **state) {
  char *dir = *state;
  deliver(dir);
  struct ledger *l = open_job(dir, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  merge_all(l, d, "a=1 b=1", ON_CHANGE_REREAD);
  for (int i = 0; i < 2; i++) {
    struct ledger_unit unit = claim(l, run);
    assert_int_equal(ledger_show_rejects(l, &unit, "four\nfive\n", 10, NULL), SLUICE_OK);
    assert_int_equal(ledger_release(l, &unit, NULL), SLUICE_OK);
    assert_int_equal(ledger_show_rejects(l, &unit, "six\n", 4, NULL), SLUICE_ERR_CHANGED);
    assert_lines(dir, BEFORE "-four\n-five\n");
    ledger_unit_free(&unit);
    ledger_close(l);
    l = open_job(dir, "j");
    run = begin_run(l, d);
  }
  struct ledger_unit unit = claim(l, run);
  struct ledger_progress p = {.position = {1, 1, {0, 0}}, .rejects = 1, .reject_lines = "five\n", .reject_size = 5};
  assert_int_equal(ledger_checkpoint(l, &unit, &p, NULL), SLUICE_OK);
  assert_lines(dir, BEFORE "five\n");
  ledger_unit_free(&unit);
  ledger_close(l);
}

/* Of a full refresh that was refused, until the next is refused, or a run is done. */
static void shown_of_a_refresh(void **state) {
  char *dir = *state;
  deliver(dir);
  struct ledger *l = open_job(dir, "j");
  int64_t d = delivery_of(l), run = 0;
  for (int i = 0; i < 2; i++) {
    char line[] = "n\n";
    struct ledger_generation g;
    line[0] = (char)('0' + i);
    run = begin_run(l, d);
    assert_int_equal(ledger_generation_begin(l, d, &g, NULL), SLUICE_OK);
    merge_all(l, d, "a=1 b=1", ON_CHANGE_REREAD);
    struct ledger_unit unit = claim(l, run), other = claim(l, run);
    finish_with_line(l, &unit, line);
    assert_int_equal(ledger_show_rejects(l, &other, "more\n", 5, NULL), SLUICE_OK);
    ledger_unit_free(&other);
    assert_int_equal(ledger_generation_refuse(l, g.id, "rejects", NULL), SLUICE_OK);
    assert_lines(dir, i ? BEFORE "-1\n-more\n" : BEFORE "-0\n-more\n");
    assert_int_equal(ledger_run_end(l, run, "failed", "", NULL, NULL), SLUICE_OK);
  }
  ledger_close(l);
  l = open_job(dir, "j");
  assert_lines(dir, BEFORE "-1\n-more\n");
  run = begin_run(l, d);
  assert_int_equal(ledger_run_end(l, run, "done", "", NULL, NULL), SLUICE_OK);
  assert_lines(dir, BEFORE);
  ledger_close(l);
}

/* ---- refused ------------------------------------------------------------------------------------ */

static void refused_where_changed(void **state) {
  char *dir = *state;
  struct sluice_error err = {0};
  deliver(dir);
  struct ledger *l = open_job(dir, "j");
  assert_int_equal(retry(l, "2", &err), SLUICE_ERR_CHANGED);
  assert_lines(dir, BEFORE);
  int64_t n = 0;
  assert_int_equal(ledger_reset_parts(l, delivery_of(l), "a", &n, NULL), SLUICE_OK);
  assert_int_equal(retry(l, "1", NULL), SLUICE_ERR_CHANGED); /* it is to be read whole */
  ledger_close(l);
  assert_lines(dir, BEFORE);
  size_t size = 0;
  char *text = read_file(path_in(dir, "j.rejects.ndjson"), &size);
  assert_string_equal(text, BEFORE);
  free(text);
}

/* What a sink refused before the commit goes with it, and not before. */
static void early_lines(void **state) {
  static const struct ledger_identity who = {"s", "f", "d"};
  char *dir = *state;
  char low[65], high[65], near[65];
  deliver(dir);
  struct ledger *l = open_job(dir, "j");
  memset(low, '0', 64), memset(high, 'f', 64), memset(near, 'f', 64);
  low[64] = high[64] = near[64] = 0;
  near[8] = '0';
  int64_t one = ledger_early_again(high), other = ledger_early_again(near);
  assert_int_equal(ledger_early_again(low), -1);
  assert_true(one < 0 && other < 0 && one != other);
  assert_int_equal(ledger_early_add(l, one, 3, "three again", NULL), SLUICE_OK);
  assert_int_equal(ledger_early_add(l, other, 3, "{\"delivery\":\"j/out/main\"}", NULL), SLUICE_OK);
  assert_int_equal(ledger_early_add(l, other, 4, "{\"delivery\":\"j/out/other\"}", NULL), SLUICE_OK);
  assert_int_equal(retry_with(l, "2", one, NULL), SLUICE_ERR_CHANGED);
  assert_int_equal(sql_number(dir, "j", "SELECT count(*) FROM reject_early"), 3);
  assert_int_equal(retry_with(l, "1", one, NULL), SLUICE_OK);
  assert_int_equal(sql_number(dir, "j", "SELECT count(*) FROM reject_early"), 2);
  assert_int_equal(ledger_early_add(l, one, 3, "no JSON", NULL), SLUICE_OK);
  assert_int_equal(ledger_identify(l, delivery_of(l), &who, IDENTITY_RESET, NULL), SLUICE_OK);
  assert_int_equal(sql_number(dir, "j", "SELECT sum(row) FROM reject_early"), 3 + 4);
  ledger_close(l);
}

/* What a run that died had counted is for the next run, not for a retry between them; and what a retry counted is for
 * none. */
static void counts_are_not_carried(void **state) {
  char *dir = *state;
  struct ledger_counters carried = {0};
  int64_t run = 0;
  deliver(dir);
  struct ledger *l = open_job(dir, "j");
  int64_t d = delivery_of(l);
  run = begin_run(l, d);
  sql_exec(dir, "j", "UPDATE run SET rejects = 9 WHERE ended = 0");
  assert_int_equal(ledger_retry_begin(l, d, &run, NULL), SLUICE_OK);
  sql_exec(dir, "j", "UPDATE run SET rejects = 5 WHERE kind = 2");
  assert_int_equal(ledger_run_begin(l, d, &run, &carried, NULL), SLUICE_OK);
  assert_int_equal(carried.rejects, 9);
  assert_int_equal(sql_number(dir, "j", "SELECT count(*) FROM run WHERE reason = 'died'"), 2);
  ledger_close(l);
}

/* ---- the file under other hands ----------------------------------------------------------------- */

static void emptied_by_the_user(void **state) {
  char *dir = *state;
  deliver(dir);
  struct ledger *l = open_job(dir, "j");
  assert_int_equal(retry(l, "1", NULL), SLUICE_OK);
  ledger_close(l);
  write_file(path_in(dir, "j.rejects.ndjson"), "", 0);
  assert_lines(dir, "");
  ledger_close(open_job(dir, "j"));
  assert_lines(dir, "");
  assert_int_equal(sql_number(dir, "j", "SELECT count(*) FROM reject_gone"), 0);
}

static int count_line(void *context, const char *text, size_t n, const struct ledger_line *place,
                      struct sluice_error *err) {
  (void)text, (void)n, (void)place, (void)err;
  ++*(int *)context;
  return SLUICE_OK;
}

static void foreign_lines(void **state) {
  char *dir = *state;
  enum { LONG = 9 << 20 };
  char *text = malloc(LONG + 16);
  int n = 0;
  assert_non_null(text);
  deliver(dir);
  memset(text, 'x', LONG);
  memcpy(text + LONG, "\nlast\nnot committed", 16);
  write_file(path_in(dir, "j.rejects.ndjson"), text, LONG + 16);
  sql_exec(dir, "j", "UPDATE job SET rejects_size = 9437184 + 6");
  free(text);
  assert_int_equal(ledger_read_rejects(dir, "j", count_line, &n, NULL), SLUICE_OK);
  assert_int_equal(n, 1);
  assert_int_equal(ledger_read_rejects(dir, "none", count_line, &n, NULL), SLUICE_ERR_NOT_FOUND);
}

/* ---- dying and failing -------------------------------------------------------------------------- */

static bool dies_in(const char *dir, enum fault fault, int at) {
  int status = 0;
  pid_t child = fork();
  if (child == 0) {
    struct ledger *l = open_job(dir, "j");
    faults_set(fault, at, 0);
    if (retry(l, "1", NULL) != SLUICE_OK)
      _exit(1);
    ledger_close(l);
    ledger_close(open_job(dir, "j"));
    _exit(0);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 9));
  return WEXITSTATUS(status) == 9;
}

/* At each write and sync, of the transaction and of the new file: the lines are those before or those behind, read
 * beside the dead owner as well as after the next open, and the counts are of the same moment. */
static void dies_at_each(void **state) {
  (void)state;
  int deaths = 0, old = 0;
  for (bool died = true; died; deaths += died) {
    void *dir;
    char seen[256];
    assert_int_equal(make_folder(&dir), 0);
    deliver(dir);
    died = dies_in(dir, deaths % 2 ? FAULT_DIE : FAULT_DIE_TORN, deaths / 2 + 1);
    lines_of(dir, seen);
    if (strcmp(seen, BEFORE) != 0 && strcmp(seen, AFTER) != 0)
      fail_msg("death %d: %s", deaths + 1, seen);
    old += strcmp(seen, BEFORE) == 0;
    ledger_close(open_job(dir, "j"));
    assert_settled(dir, seen);
    if (strcmp(seen, BEFORE) == 0) { /* and nothing stands in the way of another try */
      assert_false(dies_in(dir, FAULT_NONE, 0));
      assert_settled(dir, AFTER);
    }
    remove_folder(&dir);
  }
  assert_true(deaths >= 24);
  assert_true(old >= 4 && old < deaths - 8);
}

/* The new file cannot be made: the ledger opens all the same, and the lines are out of force. */
static void no_new_file(void **state) {
  char *dir = *state;
  deliver(dir);
  struct ledger *l = open_job(dir, "j");
  assert_int_equal(retry(l, "1", NULL), SLUICE_OK);
  assert_int_equal(mkdir(path_in(dir, "j.rejects.ndjson.new"), 0700), 0);
  ledger_close(l);
  ledger_close(open_job(dir, "j"));
  assert_lines(dir, AFTER);
  assert_int_equal(sql_number(dir, "j", "SELECT count(*) FROM reject_gone"), 2);
  assert_int_equal(rmdir(path_in(dir, "j.rejects.ndjson.new")), 0);
  ledger_close(open_job(dir, "j"));
  assert_settled(dir, AFTER);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)
  const struct CMUnitTest tests[] = {
      TEST(sent_again),
      TEST(early_lines),
      TEST(goes_on_afterwards),
      TEST(refused_where_changed),
      TEST(counts_are_not_carried),
      TEST(a_newer_version),
      TEST(shown_until_redone),
      TEST(shown_of_a_refresh),
      TEST(a_newer_version_in_pieces),
      TEST(a_newer_version_in_a_bundle),
      TEST(emptied_by_the_user),
      TEST(foreign_lines),
      cmocka_unit_test(dies_at_each),
      TEST(no_new_file),
  };
  faults_install();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
