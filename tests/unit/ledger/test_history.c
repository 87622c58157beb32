/* What happened: runs, parts with their errors, and parts to be delivered once more. */
#include "core/ledger/generation.h"
#include "core/ledger/history.h"
#include "helpers.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct seen {
  int n, stop_after;
  char text[2048];
  int64_t delivery;
  char last[64];
};

static void add(struct seen *s, const char *text) {
  size_t used = strlen(s->text);
  snprintf(s->text + used, sizeof s->text - used, "%s;", text);
  s->n++;
}

/* ---- runs --------------------------------------------------------------------------------------- */

static int take_run(void *context, const struct ledger_run *r) {
  struct seen *s = context;
  char text[256];
  snprintf(text, sizeof text, "%d %s/%s %s %s %d k%d %d,%d,%d,%d,%d+%d %d", (int)r->id, r->sink, r->stream, r->reason,
           r->message, r->running, (int)r->facts.kind, (int)r->facts.listed, (int)r->facts.listing_ms,
           (int)r->facts.reading_ms, (int)r->facts.fetched, (int)r->facts.requests, (int)r->facts.credential_requests,
           (int)r->counters.rows);
  add(s, text);
  return s->n == s->stop_after ? SLUICE_ERR_CANCELLED : SLUICE_OK;
}

static void runs_newest_first(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), other = 0, run = begin_run(l, d);
  struct ledger_run_facts facts = {RUN_FULL_REFRESH, 11, 12, 13, 14, 15, 16};
  struct ledger_counters counters = {.rows = 5};
  struct seen all = {0}, one = {0}, stopped = {.stop_after = 1};
  assert_int_equal(ledger_delivery(l, "other", "", &other, NULL), SLUICE_OK);
  assert_int_equal(ledger_run_note(l, run, &facts, NULL), SLUICE_OK);
  assert_int_equal(ledger_run_end(l, run, "done", "fine", &counters, NULL), SLUICE_OK);
  assert_int_equal(ledger_run_note(l, run, &facts, NULL), SLUICE_ERR_CHANGED);
  run = begin_run(l, other);
  begin_run(l, other);
  facts = (struct ledger_run_facts){.kind = RUN_RETRY};
  assert_int_equal(ledger_run_note(l, run, &facts, NULL), SLUICE_ERR_CHANGED); /* dead, as the next one found */
  assert_int_equal(ledger_run_note(l, run + 1, &facts, NULL), SLUICE_OK);
  assert_int_equal(ledger_read_runs(*state, "j", 10, take_run, &all, NULL), SLUICE_OK);
  assert_string_equal(all.text, "3 other/   1 k2 0,0,0,0,0+0 0;2 other/ died  0 k0 0,0,0,0,0+0 0;"
                                "1 out/main done fine 0 k1 11,12,13,14,15+16 5;");
  ledger_close(l);
  assert_int_equal(ledger_read_runs(*state, "j", 1, take_run, &one, NULL), SLUICE_OK);
  assert_string_equal(one.text, "3 other/   0 k2 0,0,0,0,0+0 0;");
  assert_int_equal(ledger_read_runs(*state, "j", 9, take_run, &stopped, NULL), SLUICE_ERR_CANCELLED);
  assert_int_equal(ledger_read_runs(*state, "none", 9, take_run, &all, NULL), SLUICE_ERR_NOT_FOUND);
}

/* ---- parts -------------------------------------------------------------------------------------- */

static int take_part(void *context, const struct ledger_part *p) {
  struct seen *s = context;
  char text[128];
  snprintf(text, sizeof text, "%s%s:%c%s", strcmp(p->sink, "out") == 0 ? "" : "other/", p->name, "PADFSG"[p->state],
           p -> absent ? "-" : "");
  add(s, text);
  s->delivery = p->delivery;
  snprintf(s->last, sizeof s->last, "%s", p->name);
  return s->n == s->stop_after ? SLUICE_ERR_CANCELLED : SLUICE_OK;
}

static void assert_read(const char *dir, struct ledger_part_filter filter, int64_t limit, const char *expected) {
  struct seen s = {0};
  assert_int_equal(ledger_read_parts(dir, "j", &filter, limit, take_part, &s, NULL), SLUICE_OK);
  assert_string_equal(s.text, expected);
}

static struct ledger *some_parts(const char *dir, int64_t *d) {
  struct ledger *l = open_job(dir, "j");
  int64_t other = 0;
  *d = delivery_of(l);
  assert_int_equal(ledger_delivery(l, "other", "s", &other, NULL), SLUICE_OK);
  merge_all(l, *d, "a/1=1 a/2=1 b/1=1 b/[1]=1 c=1", ON_CHANGE_REREAD);
  merge_all(l, other, "a/1=1", ON_CHANGE_REREAD);
  int64_t run = begin_run(l, *d);
  struct ledger_unit first = claim(l, run), second = claim(l, run);
  struct sluice_error why = {.row = 7, .offset = 99, .where = "column x", .message = "not a number"};
  finish(l, &first);
  assert_int_equal(ledger_fail(l, &second, &why, NULL), SLUICE_OK);
  ledger_unit_free(&first), ledger_unit_free(&second);
  return l;
}

static void parts_filtered(void **state) {
  char *dir = *state;
  int64_t d;
  struct ledger *l = some_parts(dir, &d);
  assert_read(dir, (struct ledger_part_filter){0}, 99, "a/1:D;a/2:F;b/1:P;b/[1]:P;c:P;other/a/1:P;");
  assert_read(dir, (struct ledger_part_filter){.sink = "out"}, 99, "a/1:D;a/2:F;b/1:P;b/[1]:P;c:P;");
  assert_read(dir, (struct ledger_part_filter){.sink = "out", .stream = "s"}, 99, "");
  assert_read(dir, (struct ledger_part_filter){.stream = "s"}, 99, "other/a/1:P;");
  assert_read(dir, (struct ledger_part_filter){.states = 1u << PART_FAILED | 1u << PART_DONE}, 99, "a/1:D;a/2:F;");
  assert_read(dir, (struct ledger_part_filter){.prefix = "b/"}, 99, "b/1:P;b/[1]:P;");
  assert_read(dir, (struct ledger_part_filter){.match = "*/1"}, 99, "a/1:D;b/1:P;other/a/1:P;");
  assert_read(dir, (struct ledger_part_filter){.match = "b/[1]"}, 99,
              "b/1:P;b/[1]:P;"); /* the glob, and the very name */
  assert_read(dir, (struct ledger_part_filter){.match = "?"}, 99, "c:P;");
  assert_read(dir, (struct ledger_part_filter){.prefix = "a", .match = "*1", .states = 1u << PART_PENDING}, 99,
              "other/a/1:P;");
  assert_read(dir, (struct ledger_part_filter){0}, 0, "");
  ledger_close(l);
}

static void parts_in_pages(void **state) {
  int64_t d;
  struct ledger *l = some_parts(*state, &d);
  struct ledger_part_filter filter = {0};
  struct seen s = {0};
  char after[64];
  for (int pages = 0; pages < 4; pages++) {
    assert_int_equal(ledger_read_parts(*state, "j", &filter, 2, take_part, &s, NULL), SLUICE_OK);
    memcpy(after, s.last, sizeof after);
    filter.after_delivery = s.delivery, filter.after_name = after;
  }
  assert_string_equal(s.text, "a/1:D;a/2:F;b/1:P;b/[1]:P;c:P;other/a/1:P;");
  ledger_close(l);
}

static int take_whole(void *context, const struct ledger_part *p) {
  struct ledger_part *out = context;
  if (strcmp(p->name, "a/2") == 0) {
    assert_string_equal(p->error, "column x: not a number");
    assert_string_equal(p->error_where, "column x");
  }
  out[strcmp(p->name, "a/2") == 0] = *p;
  return SLUICE_OK;
}

static void errors_with_their_place(void **state) {
  int64_t d;
  struct ledger *l = some_parts(*state, &d);
  struct ledger_part p[2];
  struct ledger_part_filter filter = {.sink = "out", .prefix = "a/"};
  assert_int_equal(ledger_read_parts(*state, "j", &filter, 9, take_whole, p, NULL), SLUICE_OK);
  assert_int_equal(p[1].error_row, 7);
  assert_int_equal(p[1].error_offset, 99);
  assert_int_equal(p[1].attempts, 1);
  assert_int_equal(p[1].run, 0);
  assert_int_equal(p[0].run, 1);
  assert_int_equal(p[0].rows, 1);
  assert_int_equal(p[0].error_row, -1);
  assert_true(p[0].finished > 1600000000000000);
  int64_t run = begin_run(l, d);
  merge_all(l, d, "a/1=1 a/2=1", ON_CHANGE_REREAD);
  struct ledger_unit u = claim(l, run);
  finish(l, &u);
  ledger_unit_free(&u);
  assert_int_equal(
      sql_number(*state, "j", "SELECT count(*) FROM part WHERE error_where IS NOT NULL OR error_row <> -1"), 0);
  ledger_close(l);
}

static void both_generations_readable(void **state) {
  int64_t d;
  struct ledger *l = some_parts(*state, &d);
  struct ledger_generation g;
  assert_int_equal(ledger_generation_begin(l, d, &g, NULL), SLUICE_OK);
  merge_all(l, d, "z=1", ON_CHANGE_REREAD);
  assert_read(*state, (struct ledger_part_filter){.sink = "out"}, 99, "z:P;");
  assert_read(*state, (struct ledger_part_filter){.sink = "out", .settled = true}, 99,
              "a/1:D;a/2:F;b/1:P;b/[1]:P;c:P;");
  ledger_close(l);
}

/* ---- once more ---------------------------------------------------------------------------------- */

static int64_t reset(struct ledger *l, int64_t d, const char *match) {
  int64_t count = -1;
  assert_int_equal(ledger_reset_parts(l, d, match, &count, NULL), SLUICE_OK);
  return count;
}

static void reset_makes_pending(void **state) {
  char *dir = *state;
  int64_t d;
  struct ledger *l = some_parts(dir, &d);
  assert_int_equal(reset(l, d, "none"), 0);
  assert_int_equal(reset(l, d, "a/*"), 2);
  assert_read(dir, (struct ledger_part_filter){.prefix = "a/"}, 99, "a/1:P;a/2:P;other/a/1:P;");
  assert_int_equal(sql_number(dir, "j", "SELECT count(*) FROM unit"), 0);
  int64_t run = begin_run(l, d);
  struct ledger_unit u = claim(l, run);
  assert_string_equal(u.parts[0].name, "a/1");
  assert_int_equal(u.parts[0].era, 1);
  assert_false(u.resumed);
  finish(l, &u);
  ledger_unit_free(&u);
  merge_all(l, d, "a/2=1 c=1", ON_CHANGE_REREAD);
  assert_int_equal(reset(l, d, NULL), 2); /* what is not there cannot be read */
  assert_read(dir, (struct ledger_part_filter){.sink = "out", .states = 1u << PART_PENDING}, 99, "a/2:P;c:P;");
  assert_read(dir, (struct ledger_part_filter){.match = "a/1", .sink = "out"}, 99, "a/1:D-;");
  ledger_close(l);
}

/* Under a new identity, and that one is kept over a crash. */
static void reset_has_a_new_identity(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d);
  char before[65];
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  struct ledger_unit u = claim(l, run), again;
  memcpy(before, u.identity, 65);
  checkpoint(l, &u, 3, 3);
  reset(l, d, "a");
  struct ledger_progress progress = {.rows = 1};
  assert_int_equal(ledger_checkpoint(l, &u, &progress, NULL), SLUICE_ERR_CHANGED);
  ledger_unit_free(&u);
  u = claim(l, run);
  assert_false(u.resumed);
  assert_string_not_equal(u.identity, before);
  ledger_close(l);
  l = open_job(*state, "j");
  run = begin_run(l, d);
  struct ledger_settings s = default_settings();
  s.output_hash = "o2";
  assert_int_equal(ledger_claim(l, run, &s, &again, NULL), SLUICE_OK);
  assert_string_equal(again.old_identities[0], u.identity);
  assert_string_not_equal(again.identity, u.identity);
  assert_int_equal(again.parts[0].era, 1);
  ledger_unit_free(&u), ledger_unit_free(&again);
  ledger_close(l);
}

static void reset_of_skipped(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), released = 0;
  struct ledger_start now = {.kind = START_NOW};
  assert_int_equal(ledger_start_from(l, d, &now, &released, NULL), SLUICE_OK);
  merge_all(l, d, "a=1 b=1", ON_CHANGE_REREAD);
  assert_int_equal(reset(l, d, "a"), 1);
  merge_all(l, d, "a=1 b=1", ON_CHANGE_REREAD);
  assert_parts(*state, "j", "a=1:P b=1:S");
  ledger_close(l);
}

static void reset_spoils_a_refresh(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l), run = begin_run(l, d), count = 0;
  struct ledger_generation g;
  assert_int_equal(ledger_generation_begin(l, d, &g, NULL), SLUICE_OK);
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  struct ledger_unit u = claim(l, run);
  finish(l, &u);
  ledger_unit_free(&u);
  assert_int_equal(ledger_generation_committing(l, g.id, NULL), SLUICE_OK);
  assert_int_equal(ledger_reset_parts(l, d, "a", &count, NULL), SLUICE_ERR_CONFIG);
  assert_int_equal(ledger_generation_abort(l, g.id, "", NULL), SLUICE_OK);
  assert_int_equal(ledger_generation_begin(l, d, &g, NULL), SLUICE_OK);
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  assert_int_equal(reset(l, d, "a"), 1);
  assert_int_equal(ledger_generation_open(l, d, &g, NULL), SLUICE_OK);
  assert_int_equal(g.state, GENERATION_SPOILED);
  assert_string_equal(g.reason, "a was reset after it was read");
  ledger_close(l);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)
  const struct CMUnitTest tests[] = {
      TEST(runs_newest_first),
      TEST(parts_filtered),
      TEST(parts_in_pages),
      TEST(errors_with_their_place),
      TEST(both_generations_readable),
      TEST(reset_makes_pending),
      TEST(reset_has_a_new_identity),
      TEST(reset_of_skipped),
      TEST(reset_spoils_a_refresh),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
