/* Files of older versions: brought forward whole or left whole, read without being touched, newer ones refused. */
#include "core/base/hash.h"
#include "core/ledger/database.h"
#include "faults.h"
#include "helpers.h"
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Version 1 as it was released: kept here, so that a change of the product's text would be noticed. */
static const char version_1[] =
    "CREATE TABLE job (id INTEGER PRIMARY KEY CHECK (id = 1), created INTEGER NOT NULL, rejects_size INTEGER NOT NULL)"
    " STRICT;"
    "CREATE TABLE delivery (id INTEGER PRIMARY KEY AUTOINCREMENT, job TEXT NOT NULL, sink TEXT NOT NULL,"
    " stream TEXT NOT NULL, created INTEGER NOT NULL, UNIQUE (job, sink, stream)) STRICT;"
    "CREATE TABLE run (id INTEGER PRIMARY KEY AUTOINCREMENT, delivery INTEGER NOT NULL, started INTEGER NOT NULL,"
    " ended INTEGER NOT NULL, reason TEXT NOT NULL, message TEXT NOT NULL, parts_done INTEGER NOT NULL,"
    " parts_failed INTEGER NOT NULL, parts_gone INTEGER NOT NULL, parts_skipped INTEGER NOT NULL, rows INTEGER NOT "
    "NULL,"
    " rejects INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;"
    "CREATE INDEX run_delivery ON run (delivery, id);"
    "CREATE TABLE schema (delivery INTEGER NOT NULL, number INTEGER NOT NULL, text TEXT NOT NULL,"
    " created INTEGER NOT NULL, PRIMARY KEY (delivery, number)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE part (delivery INTEGER NOT NULL, name BLOB NOT NULL, version BLOB NOT NULL, size INTEGER NOT NULL,"
    " modified INTEGER NOT NULL, state INTEGER NOT NULL, absent INTEGER NOT NULL, delivered INTEGER NOT NULL,"
    " units INTEGER NOT NULL, generation INTEGER NOT NULL, rows INTEGER NOT NULL, rejects INTEGER NOT NULL,"
    " attempts INTEGER NOT NULL, error TEXT, PRIMARY KEY (delivery, name)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX part_pending ON part (delivery, name) WHERE state = 0 AND units = 0;"
    "CREATE INDEX part_failed ON part (delivery, name) WHERE state = 3;"
    "CREATE TABLE unit (id INTEGER PRIMARY KEY AUTOINCREMENT, delivery INTEGER NOT NULL, generation INTEGER NOT NULL,"
    " state INTEGER NOT NULL, owner INTEGER NOT NULL, epoch INTEGER NOT NULL, attempts INTEGER NOT NULL,"
    " crashes INTEGER NOT NULL, identity TEXT NOT NULL, old_identity TEXT NOT NULL, batch_rows INTEGER NOT NULL,"
    " batch_bytes INTEGER NOT NULL, schema INTEGER NOT NULL, decode_hash TEXT NOT NULL, output_hash TEXT NOT NULL,"
    " rows INTEGER NOT NULL, rejects INTEGER NOT NULL, created INTEGER NOT NULL, begin_row INTEGER NOT NULL,"
    " begin_offset INTEGER NOT NULL, begin_detail0 INTEGER NOT NULL, begin_detail1 INTEGER NOT NULL,"
    " end_row INTEGER NOT NULL, end_offset INTEGER NOT NULL, end_detail0 INTEGER NOT NULL, end_detail1 INTEGER NOT "
    "NULL,"
    " row INTEGER NOT NULL, offset INTEGER NOT NULL, detail0 INTEGER NOT NULL, detail1 INTEGER NOT NULL) STRICT;"
    "CREATE INDEX unit_free ON unit (delivery, id) WHERE state = 0;"
    "CREATE INDEX unit_claimed ON unit (delivery, id) WHERE state = 1;"
    "CREATE TABLE unit_part (unit INTEGER NOT NULL, ordinal INTEGER NOT NULL, delivery INTEGER NOT NULL,"
    " name BLOB NOT NULL, version BLOB NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL,"
    " PRIMARY KEY (unit, ordinal)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX unit_part_name ON unit_part (delivery, name);";

/* A run that died after a checkpoint at row 5 of part b, with a done and a failed part. */
static const char content_1[] =
    "PRAGMA application_id = 1397517415; PRAGMA user_version = 1;"
    "INSERT INTO job VALUES (1, 111, 0);"
    "INSERT INTO delivery VALUES (1, 'j', 'out', 'main', 222);"
    "INSERT INTO run VALUES (1, 1, 300, 400, 'done', 'm', 1, 0, 0, 0, 7, 2, 10);"
    "INSERT INTO run VALUES (2, 1, 500, 0, '', '', 0, 1, 0, 0, 5, 0, 0);"
    "INSERT INTO schema VALUES (1, 1, 'schema text', 250);"
    "INSERT INTO part VALUES (1, x'61', x'31', 10, 1000, 2, 0, 1, 0, 0, 7, 2, 1, NULL);"
    "INSERT INTO part VALUES (1, x'62', x'31', 10, 1000, 1, 0, 0, 1, 0, 0, 0, 1, NULL);"
    "INSERT INTO part VALUES (1, x'63', x'31', 10, 1000, 3, 0, 0, 1, 0, 0, 0, 3, 'bad header');"
    "INSERT INTO unit VALUES (7, 1, 0, 1, 2, 4, 1, 0, 'identity', '', 1000, 1048576, 1, 'd1', 'o1', 5, 0, 600,"
    " 0, 0, 0, 0, 0, 0, 0, 0, 5, 500, 6, 7);"
    "INSERT INTO unit VALUES (8, 1, 0, 2, 2, 4, 1, 0, 'identity2', '', 1000, 1048576, 1, 'd1', 'o1', 0, 0, 600,"
    " 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);"
    "INSERT INTO unit_part VALUES (7, 0, 1, x'62', x'31', 10, 1000);"
    "INSERT INTO unit_part VALUES (8, 0, 1, x'63', x'31', 10, 1000);"
    "PRAGMA journal_mode = WAL";

static void make_version_1(const char *dir) {
  sqlite3 *db = NULL;
  assert_int_equal(sqlite3_open(path_in(dir, "j.db"), &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, version_1, NULL, NULL, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, content_1, NULL, NULL, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static int64_t version_of(const char *dir) {
  return sql_number(dir, "j", "PRAGMA user_version");
}

static void assert_content(const char *dir) {
  assert_parts(dir, "j", "a=1:D b=1:A c=1:F");
  char *unit = sql_text(dir, "j", "SELECT id, state, epoch, identity, row, offset, detail0, detail1, rows FROM unit");
  assert_string_equal(unit, "7|1|4|identity|5|500|6|7|5\n8|2|4|identity2|0|0|0|0|0\n");
  char *runs = sql_text(dir, "j", "SELECT id, ended, reason, rows FROM run");
  assert_string_equal(runs, "1|400|done|7\n2|0||5\n");
  free(unit), free(runs);
}

/* ---- forward ------------------------------------------------------------------------------------ */

static void brought_forward(void **state) {
  char *dir = *state, *tables = NULL, *fresh = NULL;
  static const char all[] = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name";
  make_version_1(dir);
  struct ledger *l = open_job(dir, "j");
  assert_int_equal(version_of(dir), LEDGER_FILE_VERSION);
  assert_content(dir);
  assert_int_equal(sql_number(dir, "j", "SELECT listed FROM delivery"), 222);
  ledger_close(l);
  ledger_close(open_job(dir, "fresh"));
  tables = sql_text(dir, "j", all);
  fresh = sql_text(dir, "fresh", all);
  assert_string_equal(tables, fresh); /* no matter where a file began */
  free(tables), free(fresh);
}

static void work_goes_on(void **state) {
  char *dir = *state;
  make_version_1(dir);
  struct ledger *l = open_job(dir, "j");
  struct ledger_counters carried;
  int64_t d = delivery_of(l), run = 0;
  assert_int_equal(ledger_run_begin(l, d, &run, &carried, NULL), SLUICE_OK);
  assert_int_equal(run, 3);
  assert_int_equal(carried.rows, 5);
  merge_all(l, d, "a=1 b=1 c=1", ON_CHANGE_REREAD);
  assert_parts(dir, "j", "a=1:D b=1:P c=1:P");
  struct ledger_unit u = claim(l, run);
  assert_int_equal(u.id, 7);
  assert_string_equal(u.identity, "identity");
  assert_true(u.resumed);
  assert_int_equal(u.position.offset, 500);
  finish(l, &u);
  ledger_unit_free(&u);
  ledger_close(l);
}

static int take_status(void *context, const struct ledger_status *status) {
  *(struct ledger_status *)context = *status;
  return SLUICE_OK;
}

static void read_and_left_alone(void **state) {
  char *dir = *state;
  size_t before_size = 0, after_size = 0;
  struct ledger_status s = {0};
  struct sluice_error err = {0};
  make_version_1(dir);
  char *before = read_file(path_in(dir, "j.db"), &before_size);
  if (ledger_read_status(dir, "j", take_status, &s, &err) != SLUICE_OK)
    fail_msg("%s", err.message);
  assert_int_equal(s.parts[PART_DONE], 1);
  assert_int_equal(s.rows, 12);
  char *after = read_file(path_in(dir, "j.db"), &after_size);
  assert_int_equal(after_size, before_size);
  assert_memory_equal(after, before, before_size);
  free(before), free(after);
}

/* As it was before records left out were counted: what it did not count is 0. */
static void from_version_4(void **state) {
  char *dir = *state;
  struct ledger_status s = {0};
  sqlite3 *db = NULL;
  make_version_1(dir);
  assert_int_equal(sqlite3_open(path_in(dir, "j.db"), &db), SQLITE_OK);
  const char *const steps[] = {ledger_tables_2, ledger_tables_3, ledger_tables_4, "PRAGMA user_version = 4"};
  for (size_t i = 0; i < 4; i++)
    assert_int_equal(sqlite3_exec(db, steps[i], NULL, NULL, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_close(db), SQLITE_OK);
  assert_int_equal(ledger_read_status(dir, "j", take_status, &s, NULL), SLUICE_OK);
  assert_int_equal(s.filtered + s.last.filtered + s.unchanged + s.last.unchanged, 0);
  assert_int_equal(version_of(dir), 4);
  ledger_close(open_job(dir, "j"));
  assert_int_equal(version_of(dir), LEDGER_FILE_VERSION);
  assert_content(dir);
  char *text =
      sql_text(dir, "j",
               "SELECT sum(filtered), sum(unchanged) FROM (SELECT filtered, unchanged FROM run UNION ALL SELECT"
               " filtered, unchanged FROM unit UNION ALL SELECT filtered, unchanged FROM part)");
  assert_string_equal(text, "0|0\n");
  free(text);
}

/* Files made by these are out there: a step is never edited. */
static void steps_as_released(void **state) {
  char hash[65];
  const char *const steps[] = {ledger_tables_1, ledger_tables_2, ledger_tables_3, ledger_tables_4, ledger_tables_5};
  (void)state;
  assert_int_equal(hash_texts(steps, 5, hash), SLUICE_OK);
  assert_string_equal(hash, "b8c46d320c0e00c4cc03aaca5c4c578a56ceae9bb9e47e4eced2315e759677b2");
}

static void newer_refused(void **state) {
  char *dir = *state;
  struct ledger *l = NULL;
  struct sluice_error err = {0};
  make_version_1(dir);
  sql_exec(dir, "j", "PRAGMA user_version = 1000");
  assert_int_equal(ledger_open(dir, "j", &l, &err), SLUICE_ERR_CONFIG);
  assert_non_null(strstr(err.message, "made by a newer Sluice (file version 1000, "));
  assert_content(dir);
}

/* ---- failing ------------------------------------------------------------------------------------ */

static void killed_at_each_write(void **state) {
  (void)state;
  int deaths = 0, old = 0;
  for (bool died = true; died; deaths += died) {
    void *dir;
    int status = 0;
    assert_int_equal(make_folder(&dir), 0);
    make_version_1(dir);
    pid_t child = fork();
    if (child == 0) {
      struct ledger *l = NULL;
      faults_set(deaths % 2 ? FAULT_DIE : FAULT_DIE_TORN, deaths + 1, 0);
      _exit(ledger_open(dir, "j", &l, NULL));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 9));
    died = WEXITSTATUS(status) == 9;
    int64_t version = version_of(dir);
    assert_true(version == 1 || version == LEDGER_FILE_VERSION);
    old += version == 1;
    if (version == 1)
      assert_int_equal(sql_number(dir, "j", "SELECT count(*) FROM pragma_table_info('part') WHERE name = 'era'"), 0);
    assert_content(dir);
    ledger_close(open_job(dir, "j"));
    assert_int_equal(version_of(dir), LEDGER_FILE_VERSION);
    assert_content(dir);
    remove_folder(&dir);
  }
  assert_true(deaths > 5 && old > 5);
}

static void no_room(void **state) {
  char *dir = *state;
  struct ledger *l = NULL;
  struct sluice_error err = {0};
  int failures = 0;
  make_version_1(dir);
  faults_only_writes(true);
  for (int rc = SLUICE_ERR_CONFIG; rc != SLUICE_OK; failures++) {
    faults_set(FAULT_ERROR, failures + 2, ENOSPC); /* the first is the lock's */
    rc = ledger_open(dir, "j", &l, &err);
    faults_set(FAULT_NONE, 0, 0);
    if (rc == SLUICE_OK)
      break;
    assert_non_null(strstr(err.message, "no space left"));
    assert_int_equal(version_of(dir), 1);
    assert_content(dir);
  }
  faults_only_writes(false);
  assert_true(failures > 5);
  ledger_close(l);
  assert_int_equal(version_of(dir), LEDGER_FILE_VERSION);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)
  const struct CMUnitTest tests[] = {
      TEST(brought_forward),
      TEST(work_goes_on),
      TEST(read_and_left_alone),
      TEST(newer_refused),
      TEST(no_room),
      cmocka_unit_test(killed_at_each_write),
      TEST(from_version_4),
      cmocka_unit_test(steps_as_released),
  };
  faults_install();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
