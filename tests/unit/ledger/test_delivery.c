/* Whose data a delivery is, and from when on it delivers. */
#include "helpers.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- identity ----------------------------------------------------------------------------------- */

static const struct ledger_identity first = {"s3 s3://a/", "csv", "http http://x/"};

static void assert_identified(struct ledger *l, int64_t d, struct ledger_identity now, enum identity_choice choice) {
  struct sluice_error err = {0};
  if (ledger_identify(l, d, &now, choice, &err) != SLUICE_OK)
    fail_msg("%s", err.message);
}

static void change_asks(void **state) {
  struct ledger *l = open_job(*state, "clicks");
  int64_t d = delivery_of(l);
  struct sluice_error err = {0};
  struct ledger_identity moved = {"s3 s3://b/", "csv", "http http://y/"};
  assert_identified(l, d, moved, IDENTITY_ASK);
  assert_identified(l, d, first, IDENTITY_ASK); /* no part is known yet, so there is nothing to ask about */
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  assert_identified(l, d, first, IDENTITY_ASK);
  assert_int_equal(ledger_identify(l, d, &moved, IDENTITY_ASK, &err), SLUICE_ERR_CONFIG);
  assert_string_equal(err.where, "clicks");
  assert_string_equal(
      err.message, "its source was \"s3 s3://a/\" and is \"s3 s3://b/\" now; its destination was \"http http://x/\" "
                   "and is \"http http://y/\" now. --adopt keeps what was delivered, --reset starts anew; or undo the "
                   "change");
  ledger_close(l);
  l = open_job(*state, "clicks");
  assert_identified(l, d, first, IDENTITY_ASK); /* the refused one was not stored */
  assert_identified(l, d, moved, IDENTITY_ADOPT);
  assert_identified(l, d, moved, IDENTITY_ASK);
  assert_int_equal(ledger_identify(l, d, &first, IDENTITY_ASK, NULL), SLUICE_ERR_CONFIG);
  assert_int_equal(ledger_identify(l, 99, &first, IDENTITY_ASK, NULL), SLUICE_ERR_BUG);
  ledger_close(l);
}

/* ---- sinks that are called otherwise ------------------------------------------------------------ */

static const char *const configured[] = {"other", "third"};

static void take(struct ledger *l, const char *sink, const char *destination, enum identity_choice choice,
                 const char *former) {
  struct ledger_takeover question = {sink, destination, configured, 2};
  struct sluice_error err = {0};
  char name[LEDGER_SINK_SIZE];
  if (ledger_take_over(l, &question, choice, name, &err) != SLUICE_OK)
    fail_msg("%s", err.message);
  assert_string_equal(name, former);
}

static int64_t delivery_to(struct ledger *l, const char *sink) {
  int64_t d = 0;
  assert_int_equal(ledger_delivery(l, sink, "main", &d, NULL), SLUICE_OK);
  return d;
}

static void renamed_sinks(void **state) {
  struct ledger *l = open_job(*state, "j");
  struct sluice_error err = {0};
  char text[400];
  int64_t d = delivery_to(l, "first");
  assert_identified(l, d, first, IDENTITY_ASK);
  take(l, "second", first.destination, IDENTITY_ASK, ""); /* it delivered nothing */
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  take(l, "first", first.destination, IDENTITY_ASK, "");
  delivery_to(l, "second");
  take(l, "second", first.destination, IDENTITY_ASK, "first");
  assert_int_equal(delivery_to(l, "second"), d);
  assert_int_equal(ledger_delivery_text(l, d, text, sizeof text, NULL), SLUICE_OK);
  assert_string_equal(text, "j/first/main"); /* keys and marks stay */
  take(l, "other", "file /x", IDENTITY_RESET, "");
  struct ledger_takeover question = {"other", "file /x", configured, 2};
  assert_int_equal(ledger_take_over(l, &question, IDENTITY_ASK, text, &err), SLUICE_ERR_CONFIG);
  assert_string_equal(err.message,
                      "it delivered to the sink second (\"http http://x/\"), which the configuration has no "
                      "more, and delivers to other (\"file /x\") now. --adopt keeps what was delivered, "
                      "--reset starts anew; or undo the change");
  take(l, "other", "file /x", IDENTITY_ADOPT, "second");
  take(l, "fourth", "file /y", IDENTITY_ASK, ""); /* "other" is still configured: each has its own position */
  ledger_close(l);
}

static void long_texts(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l);
  struct sluice_error err = {0};
  char text[4097];
  memset(text, 'x', 4096);
  text[4096] = 0;
  assert_identified(l, d, (struct ledger_identity){text, text, text}, IDENTITY_ASK);
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  assert_int_equal(ledger_identify(l, d, &first, IDENTITY_ASK, &err), SLUICE_ERR_CONFIG);
  assert_non_null(strstr(err.message, "--adopt keeps"));
  char longer[4098];
  snprintf(longer, sizeof longer, "%s-", text);
  struct ledger_identity too_long = {longer, "", ""};
  assert_int_equal(ledger_identify(l, d, &too_long, IDENTITY_RESET, NULL), SLUICE_ERR_CONFIG);
  ledger_close(l);
}

static struct ledger *one_done_one_open(const char *dir, int64_t *d, char identity[65]) {
  struct ledger *l = open_job(dir, "j");
  *d = delivery_of(l);
  assert_identified(l, *d, first, IDENTITY_ASK);
  merge_all(l, *d, "a=1 b=1", ON_CHANGE_REREAD);
  int64_t run = begin_run(l, *d);
  struct ledger_unit a = claim(l, run), b = claim(l, run);
  memcpy(identity, a.identity, 65);
  assert_int_equal(ledger_schema_swap(l, *d, 0, "text", NULL), SLUICE_OK);
  finish(l, &a);
  checkpoint(l, &b, 3, 3);
  ledger_unit_free(&a), ledger_unit_free(&b);
  return l;
}

static void adopt_keeps(void **state) {
  int64_t d;
  char identity[65];
  struct ledger *l = one_done_one_open(*state, &d, identity);
  assert_identified(l, d, (struct ledger_identity){"s3 s3://b/", "csv", ""}, IDENTITY_ADOPT);
  assert_parts(*state, "j", "a=1:D b=1:A");
  ledger_close(l);
}

static void reset_forgets(void **state) {
  int64_t d;
  char identity[65];
  struct ledger *l = one_done_one_open(*state, &d, identity);
  assert_identified(l, d, first, IDENTITY_RESET);
  assert_int_equal(sql_number(*state, "j",
                              "SELECT (SELECT count(*) FROM part) + (SELECT count(*) FROM unit) +"
                              " (SELECT count(*) FROM unit_part) + (SELECT count(*) FROM schema) +"
                              " (SELECT count(*) FROM unused)"),
                   0);
  assert_int_equal(sql_number(*state, "j", "SELECT count(*) FROM run"), 1);
  int64_t run = begin_run(l, d);
  merge_all(l, d, "a=1 b=1", ON_CHANGE_REREAD);
  assert_parts(*state, "j", "a=1:P b=1:P");
  struct ledger_unit u = claim(l, run);
  assert_string_not_equal(u.identity, identity); /* or a destination would take it for a repeat */
  ledger_unit_free(&u);
  ledger_close(l);
}

/* ---- start_from --------------------------------------------------------------------------------- */

static int64_t start(struct ledger *l, int64_t d, enum ledger_start_kind kind, int64_t date) {
  struct ledger_start s = {kind, date};
  int64_t released = -1;
  assert_int_equal(ledger_start_from(l, d, &s, &released, NULL), SLUICE_OK);
  return released;
}

/* "name=version@time" */
static struct ledger_merged merge_dated(struct ledger *l, int64_t d, const char *listing, bool final,
                                        enum on_change policy) {
  struct ledger_listed listed[16];
  struct ledger_merged out = {0};
  size_t n = 0;
  char *text = strdup(listing), *save = NULL;
  for (char *word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
    char *equals = strchr(word, '='), *at = strchr(word, '@');
    *equals = *at = 0;
    listed[n++] = (struct ledger_listed){word, equals + 1, 10, at[1] == '?' ? INT64_MIN : strtoll(at + 1, NULL, 10)};
  }
  assert_int_equal(ledger_merge(l, d, "", listed, n, final, policy, &out, NULL), SLUICE_OK);
  free(text);
  return out;
}

static void by_date(void **state) {
  char *dir = *state;
  struct ledger *l = open_job(dir, "j");
  int64_t d = delivery_of(l);
  assert_int_equal(start(l, d, START_DATE, 100), 0);
  struct ledger_merged m = merge_dated(l, d, "a=1@99 b=1@100 c=1@?", true, ON_CHANGE_REREAD);
  assert_int_equal(m.added, 3);
  assert_int_equal(m.skipped, 1);
  assert_parts(dir, "j", "a=1:S b=1:P c=1:P");
  char *error = sql_text(dir, "j", "SELECT error FROM part WHERE state = 4");
  assert_string_equal(error, "before start_from\n");
  free(error);
  m = merge_dated(l, d, "a=1@99 aa=1@5 b=1@100 c=1@?", true, ON_CHANGE_REREAD); /* late and old */
  assert_int_equal(m.skipped, 1);
  assert_parts(dir, "j", "a=1:S aa=1:S b=1:P c=1:P");
  m = merge_dated(l, d, "a=2@98 aa=2@101 b=2@50 c=1@?", true,
                  ON_CHANGE_IGNORE); /* each by its new date, but b was seen */
  assert_int_equal(m.changed, 3);
  assert_int_equal(m.skipped, 1);
  assert_parts(dir, "j", "a=2:S aa=2:P b=2:P c=1:P");
  merge_dated(l, d, "aa=2@101 b=2@50 c=1@?", true, ON_CHANGE_REREAD);
  assert_parts(dir, "j", "a=2:S- aa=2:P b=2:P c=1:P");
  merge_dated(l, d, "a=2@98 aa=2@101 b=2@50 c=1@?", true, ON_CHANGE_REREAD);
  assert_parts(dir, "j", "a=2:S aa=2:P b=2:P c=1:P");
  ledger_close(l);
}

static void earlier_releases(void **state) {
  char *dir = *state;
  struct ledger *l = open_job(dir, "j");
  int64_t d = delivery_of(l);
  start(l, d, START_DATE, 100);
  merge_dated(l, d, "a=1@10 b=1@50 c=1@99 d=1@100", true, ON_CHANGE_REREAD);
  merge_dated(l, d, "a=1@10 b=1@50 d=1@100", true, ON_CHANGE_REREAD);
  assert_int_equal(start(l, d, START_DATE, 100), 0);
  assert_int_equal(start(l, d, START_DATE, 200), 0); /* later: what is known stays */
  assert_parts(dir, "j", "a=1:S b=1:S c=1:S- d=1:P");
  assert_int_equal(start(l, d, START_DATE, 50), 2);
  assert_parts(dir, "j", "a=1:S b=1:P c=1:G- d=1:P");
  merge_dated(l, d, "a=1@10 b=1@50 c=1@99 d=1@100", true, ON_CHANGE_REREAD);
  assert_parts(dir, "j", "a=1:S b=1:P c=1:P d=1:P");
  assert_int_equal(start(l, d, START_ALL, 77), 1);
  assert_int_equal(start(l, d, START_ALL, 78), 0);
  assert_parts(dir, "j", "a=1:P b=1:P c=1:P d=1:P");
  ledger_close(l);
}

/* "now" lasts until a listing came to its end, and never comes again. */
static void from_now(void **state) {
  char *dir = *state;
  struct ledger *l = open_job(dir, "j");
  int64_t d = delivery_of(l);
  start(l, d, START_NOW, 0);
  merge_dated(l, d, "a=1@10 b=1@50", false, ON_CHANGE_REREAD);
  ledger_close(l); /* died in the middle of the listing */
  l = open_job(dir, "j");
  assert_int_equal(start(l, d, START_NOW, 0), 0);
  struct ledger_merged m = merge_dated(l, d, "a=2@10 b=1@50 c=1@60", true, ON_CHANGE_REREAD);
  assert_int_equal(m.skipped, 2);
  assert_parts(dir, "j", "a=2:S b=1:S c=1:S");
  m = merge_dated(l, d, "a=2@10 b=1@50 bb=1@1 c=1@60", true, ON_CHANGE_REREAD); /* backdated, but it was not there */
  assert_int_equal(m.skipped, 0);
  assert_parts(dir, "j", "a=2:S b=1:S bb=1:P c=1:S");
  merge_dated(l, d, "a=3@70 b=1@50 bb=1@1 c=1@60", true, ON_CHANGE_IGNORE);
  assert_parts(dir, "j", "a=2:S b=1:S bb=1:P c=1:S");
  merge_dated(l, d, "a=3@70 b=1@50 bb=1@1 c=2@60", true, ON_CHANGE_FAIL);
  assert_parts(dir, "j", "a=2:F b=1:S bb=1:P c=1:F");
  merge_dated(l, d, "a=2@10 b=1@50 bb=1@1", true, ON_CHANGE_FAIL);
  assert_parts(dir, "j", "a=2:S b=1:S bb=1:P c=1:S-");
  merge_dated(l, d, "a=3@70 b=1@50 bb=1@1 c=1@60", true, ON_CHANGE_REREAD);
  assert_parts(dir, "j", "a=3:P b=1:S bb=1:P c=1:S");
  assert_int_equal(start(l, d, START_DATE, 55), 1);
  assert_parts(dir, "j", "a=3:P b=1:S bb=1:P c=1:P");
  assert_int_equal(start(l, d, START_NOW, 0), 0);
  merge_dated(l, d, "a=3@70 b=1@50 bb=1@1 bbb=1@1 c=1@60", true, ON_CHANGE_REREAD);
  assert_parts(dir, "j", "a=3:P b=1:S bb=1:P bbb=1:P c=1:P");
  ledger_close(l);
}

/* An empty bucket was listed whole, too. */
static void from_now_with_nothing(void **state) {
  struct ledger *l = open_job(*state, "j");
  int64_t d = delivery_of(l);
  start(l, d, START_NOW, 0);
  merge_all(l, d, "", ON_CHANGE_REREAD);
  merge_all(l, d, "a=1", ON_CHANGE_REREAD);
  assert_parts(*state, "j", "a=1:P");
  assert_identified(l, d, first, IDENTITY_RESET);
  merge_all(l, d, "a=1", ON_CHANGE_REREAD); /* anew, so "now" again */
  assert_parts(*state, "j", "a=1:S");
  ledger_close(l);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)
  const struct CMUnitTest tests[] = {
      TEST(change_asks), TEST(renamed_sinks),    TEST(long_texts), TEST(adopt_keeps),           TEST(reset_forgets),
      TEST(by_date),     TEST(earlier_releases), TEST(from_now),   TEST(from_now_with_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
