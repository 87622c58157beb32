/* What is kept of jobs over restarts: there and back, one owner, and files that are none of ours. */
#include "core/serve/store.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];

static void path_of(const char *name, char out[128]) {
  snprintf(out, 128, "%s/%s", folder, name);
}

static int setup(void **state) {
  (void)state;
  snprintf(folder, sizeof folder, "/tmp/sluice-store-XXXXXX");
  return mkdtemp(folder) ? 0 : -1;
}
static int teardown(void **state) {
  static const char *const names[] = {"sluice.serve.db", "sluice.serve.db-journal", "sluice.serve.lock"};
  (void)state;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char path[128];
    path_of(names[i], path);
    unlink(path);
  }
  return rmdir(folder);
}

struct seen {
  struct store_job jobs[4];
  size_t n;
};
static int see(void *context, const struct store_job *job) {
  struct seen *seen = context;
  seen->jobs[seen->n++] = *job;
  return SLUICE_OK;
}

static void test_there_and_back(void **state) {
  (void)state;
  struct sluice_error err = {0};
  struct store store;
  struct seen *seen = calloc(1, sizeof *seen);
  struct store_job job = {
      .name = "clicks",
      .machine = {.job = JOB_PAUSED, .schedule = {1, 2, 3, 4, 5, 1}, .owed = 1, .failures = 6, .not_before = 7},
      .absent = true,
      .refusal = "said 'no'",
      .refused = 8,
      .last = {.outcome = "held", .message = "m", .counters = {.rows = 9}}};
  assert_int_equal(store_open(folder, &store, &err), SLUICE_OK);
  assert_int_equal(store_save(&store, &job, &err), SLUICE_OK);
  assert_int_equal(store_save(&store, &job, &err), SLUICE_OK);
  store_close(&store);
  assert_int_equal(store_open_read(folder, &store, &err), SLUICE_OK);
  assert_int_equal(store_each(&store, see, seen, &err), SLUICE_OK);
  store_close(&store);
  assert_int_equal(seen->n, 1);
  assert_memory_equal(&seen->jobs[0].machine, &job.machine, sizeof job.machine);
  assert_memory_equal(&seen->jobs[0].last, &job.last, sizeof job.last);
  assert_string_equal(seen->jobs[0].refusal, job.refusal);
  assert_int_equal(seen->jobs[0].refused, 8);
  assert_true(seen->jobs[0].absent);
  free(seen);
}

static void test_forgotten(void **state) {
  (void)state;
  struct sluice_error err = {0};
  struct store store;
  struct seen *seen = calloc(1, sizeof *seen);
  struct store_job job = {.name = "a"};
  assert_int_equal(store_open(folder, &store, &err), SLUICE_OK);
  store_save(&store, &job, &err);
  assert_int_equal(store_forget(&store, "a", &err), SLUICE_OK);
  assert_int_equal(store_each(&store, see, seen, &err), SLUICE_OK);
  assert_int_equal(seen->n, 0);
  store_close(&store);
  free(seen);
}

static void test_one_owner(void **state) {
  (void)state;
  struct sluice_error err = {0};
  struct store store, other;
  char path[128];
  struct stat info;
  assert_int_equal(store_open(folder, &store, &err), SLUICE_OK);
  assert_int_equal(store_open(folder, &other, &err), SLUICE_ERR_RETRY);
  assert_non_null(strstr(err.message, "served already, by process"));
  path_of("sluice.serve.db", path);
  assert_int_equal(stat(path, &info), 0);
  assert_int_equal(info.st_mode & 0777, 0600);
  store_close(&store);
  assert_int_equal(store_open(folder, &store, &err), SLUICE_OK);
  store_close(&store);
}

static void test_nothing_there(void **state) {
  (void)state;
  struct sluice_error err = {0};
  struct store store;
  assert_int_equal(store_open_read(folder, &store, &err), SLUICE_ERR_NOT_FOUND);
}

static void write_file(const char *sql_or_bytes, bool sql) {
  char path[128];
  path_of("sluice.serve.db", path);
  if (sql) {
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql_or_bytes, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    return;
  }
  FILE *file = fopen(path, "w");
  fputs(sql_or_bytes, file);
  fclose(file);
}

static void test_files_of_others(void **state) {
  (void)state;
  static const struct {
    const char *text;
    bool sql;
    const char *said;
  } files[] = {{"this is no database, and long enough for SQLite to look at its first page as one ..................",
                false, "not a"},
               {"CREATE TABLE t (a); PRAGMA application_id = 5; PRAGMA user_version = 1", true, "no"},
               {"CREATE TABLE t (a); PRAGMA application_id = 1397519222; PRAGMA user_version = 9", true, "newer"}};
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    struct sluice_error err = {0};
    struct store store;
    write_file(files[i].text, files[i].sql);
    assert_int_equal(store_open(folder, &store, &err), SLUICE_ERR_CONFIG);
    assert_non_null(strstr(err.message, files[i].said));
    teardown(state);
    assert_int_equal(mkdir(folder, 0700), 0);
  }
}

static void test_rows_of_any_kind(void **state) {
  (void)state;
  struct sluice_error err = {0};
  struct store store;
  struct seen *seen = calloc(1, sizeof *seen);
  assert_int_equal(store_open(folder, &store, &err), SLUICE_OK);
  store_close(&store);
  write_file("INSERT INTO job VALUES ('a', 77, 5, -1, -1, -1, -1, -1, -1, -1, -1, -1, 'x', -1, '{\"outcome\": 5}'), "
             "('b', -3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '', 0, 'no json')",
             true);
  assert_int_equal(store_open(folder, &store, &err), SLUICE_OK);
  assert_int_equal(store_each(&store, see, seen, &err), SLUICE_OK);
  store_close(&store);
  assert_int_equal(seen->n, 2);
  for (size_t i = 0; i < 2; i++) {
    assert_int_equal(seen->jobs[i].machine.job, JOB_PAUSED); /* what is not known starts nothing */
    assert_string_equal(seen->jobs[i].last.outcome, "");
  }
  free(seen);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_there_and_back, setup, teardown),
      cmocka_unit_test_setup_teardown(test_forgotten, setup, teardown),
      cmocka_unit_test_setup_teardown(test_one_owner, setup, teardown),
      cmocka_unit_test_setup_teardown(test_nothing_there, setup, teardown),
      cmocka_unit_test_setup_teardown(test_files_of_others, setup, teardown),
      cmocka_unit_test_setup_teardown(test_rows_of_any_kind, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
