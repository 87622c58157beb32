/* Opening: new, again, twice at once, newer, foreign, damaged; and reading beside an owner. */
#include "core/ledger/database.h"
#include "helpers.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void refused(const char *dir, const char *job, int code, const char *part_of_message) {
  struct ledger *l = NULL;
  struct sluice_error err = {0};
  assert_int_equal(ledger_open(dir, job, &l, &err), code);
  assert_null(l);
  if (!strstr(err.message, part_of_message))
    fail_msg("message: %s", err.message);
}

static void new_and_again(void **state) {
  char dir[4096];
  struct stat info;
  snprintf(dir, sizeof dir, "%s/made", (char *)*state);
  struct ledger *l = open_job(dir, "clicks");
  int64_t id = delivery_of(l);
  assert_int_equal(delivery_of(l), id);
  assert_string_equal(ledger_rejects_path(l), path_in(dir, "clicks.rejects.ndjson"));
  ledger_close(l);
  assert_int_equal(stat(dir, &info), 0);
  assert_int_equal(info.st_mode & 0777, 0700);
  static const char *const files[] = {"clicks.db", "clicks.lock", "clicks.rejects.ndjson"};
  for (size_t i = 0; i < 3; i++) {
    assert_int_equal(stat(path_in(dir, files[i]), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
  }
  l = open_job(dir, "clicks");
  assert_int_equal(delivery_of(l), id);
  ledger_close(l);
  ledger_close(NULL);
  assert_int_equal(sql_number(dir, "clicks", "PRAGMA user_version"), LEDGER_FILE_VERSION);
  char *mode = sql_text(dir, "clicks", "PRAGMA journal_mode");
  assert_string_equal(mode, "wal\n");
  free(mode);
}

static void job_names(void **state) {
  char *dir = *state, long_name[300];
  memset(long_name, 'a', 299);
  long_name[299] = 0;
  static const char *const bad[] = {"", ".", "..", "a/b", "a b", "a.b", "\xc3\xa4"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    refused(dir, bad[i], SLUICE_ERR_CONFIG, "job name");
  refused(dir, long_name, SLUICE_ERR_CONFIG, "job name");
  ledger_close(open_job(dir, "A_z-09"));
}

static void second_refused(void **state) {
  char *dir = *state, me[64];
  struct ledger *l = open_job(dir, "j");
  snprintf(me, sizeof me, "job j is being run by process %ld (started 2", (long)getpid());
  refused(dir, "j", SLUICE_ERR_RETRY, me);
  pid_t child = fork();
  if (child == 0) {
    struct ledger *second = NULL;
    struct sluice_error err = {0};
    _exit(ledger_open(dir, "j", &second, &err) == SLUICE_ERR_RETRY && strstr(err.message, me) ? 0 : 1);
  }
  int status = 1;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  ledger_close(open_job(dir, "other"));
  ledger_close(l);
  ledger_close(open_job(dir, "j"));
}

static void lock_goes_with_its_process(void **state) {
  pid_t child = fork();
  if (child == 0) {
    struct ledger *l = NULL;
    _exit(ledger_open(*state, "j", &l, NULL) == SLUICE_OK ? 9 : 1); /* not closed */
  }
  int status = 0;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(WEXITSTATUS(status), 9);
  ledger_close(open_job(*state, "j"));
}

static int count_delivery(void *context, const struct ledger_status *status) {
  (void)status;
  ++*(int *)context;
  return SLUICE_OK;
}

static void read_refused(const char *dir, const char *job, int code, const char *part_of_message) {
  struct sluice_error err = {0};
  int n = 0;
  assert_int_equal(ledger_read_status(dir, job, count_delivery, &n, &err), code);
  assert_int_equal(n, 0);
  if (!strstr(err.message, part_of_message))
    fail_msg("message: %s", err.message);
}

static void newer_version(void **state) {
  char *dir = *state;
  ledger_close(open_job(dir, "j"));
  sql_exec(dir, "j", "PRAGMA user_version = 1000");
  refused(dir, "j", SLUICE_ERR_CONFIG, "made by a newer Sluice (file version 1000, ");
  read_refused(dir, "j", SLUICE_ERR_CONFIG, "made by a newer Sluice (file version 1000, ");
  char back[64];
  snprintf(back, sizeof back, "PRAGMA user_version = %d", LEDGER_FILE_VERSION);
  sql_exec(dir, "j", back);
  ledger_close(open_job(dir, "j"));
}

/* Refused, and not one byte of it changed. */
static void kept_as_it_is(const char *dir, const void *bytes, size_t n, const char *part_of_message) {
  char path[4096];
  size_t after_size = 0;
  snprintf(path, sizeof path, "%s/j.db", dir);
  write_file(path, bytes, n);
  refused(dir, "j", SLUICE_ERR_CONFIG, part_of_message);
  read_refused(dir, "j", SLUICE_ERR_CONFIG, part_of_message);
  char *after = read_file(path, &after_size);
  assert_int_equal(after_size, n);
  assert_memory_equal(after, bytes, n);
  free(after);
}

static void not_ours(void **state) {
  char *dir = *state, text[5000];
  memset(text, 'x', sizeof text);
  kept_as_it_is(dir, text, sizeof text, "not a ledger");
  kept_as_it_is(dir, text, 7, "not a ledger");
  kept_as_it_is(dir, "", 0, "not a Sluice ledger, or an emptied one");
}

static void foreign_database(void **state) {
  char *dir = *state;
  size_t n = 0;
  write_file(path_in(dir, "f.db"), "", 0);
  sql_exec(dir, "f", "CREATE TABLE mine (a)");
  char *bytes = read_file(path_in(dir, "f.db"), &n);
  kept_as_it_is(dir, bytes, n, "not a Sluice ledger");
  free(bytes);
}

static void truncated(void **state) {
  char *dir = *state;
  size_t n = 0;
  ledger_close(open_job(dir, "j"));
  char *bytes = read_file(path_in(dir, "j.db"), &n);
  kept_as_it_is(dir, bytes, n / 2, "damaged");
  kept_as_it_is(dir, bytes, 300, "damaged");
  free(bytes);
}

static void log_without_database(void **state) {
  char *dir = *state;
  write_file(path_in(dir, "j.db-wal"), "left", 4);
  refused(dir, "j", SLUICE_ERR_CONFIG, "its log");
  assert_int_equal(access(path_in(dir, "j.db"), F_OK), -1);
}

static void unfinished_making(void **state) {
  char *dir = *state;
  write_file(path_in(dir, "j.db.new"), "half", 4); /* a process died here */
  write_file(path_in(dir, "j.db.new-journal"), "half", 4);
  ledger_close(open_job(dir, "j"));
  assert_int_equal(access(path_in(dir, "j.db.new"), F_OK), -1);
}

static void bad_folder(void **state) {
  char *dir = *state;
  write_file(path_in(dir, "file"), "", 0);
  char *file = strdup(path_in(dir, "file"));
  refused(file, "j", SLUICE_ERR_CONFIG, "not a folder");
  free(file);
  char *below = strdup(path_in(dir, "file/below"));
  refused(below, "j", SLUICE_ERR_CONFIG, "Not a directory");
  free(below);
  char *deep = strdup(path_in(dir, "made/with/its/parents"));
  ledger_close(open_job(deep, "j"));
  free(deep);
}

/* ---- reading ------------------------------------------------------------------------------------ */

static void read_absent(void **state) {
  read_refused(*state, "none", SLUICE_ERR_NOT_FOUND, "no ledger");
  read_refused("/no/such/folder", "none", SLUICE_ERR_NOT_FOUND, "no ledger");
  read_refused(*state, "a/b", SLUICE_ERR_CONFIG, "job name");
}

static void read_in_a_child(const char *dir, int expected_deliveries) {
  pid_t child = fork();
  if (child == 0) {
    int n = 0;
    if (getuid() == 0 && setuid(65534) != 0)
      _exit(2); /* root may write everywhere */
    if (ledger_read_status(dir, "j", count_delivery, &n, NULL) != SLUICE_OK)
      _exit(3);
    _exit(n == expected_deliveries ? 0 : 4);
  }
  int status = 1;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
}

/* By a user who may read, not write: with an owner, after it closed, and after it was killed. */
static void read_only_folder(void **state) {
  char *dir = *state;
  struct ledger *l = open_job(dir, "j");
  delivery_of(l);
  static const char *const files[] = {"j.db", "j.db-wal", "j.db-shm", "j.lock"};
  for (size_t i = 0; i < 4; i++)
    assert_int_equal(chmod(path_in(dir, files[i]), 0644), 0);
  assert_int_equal(chmod(dir, 0555), 0);
  read_in_a_child(dir, 1);
  assert_int_equal(chmod(dir, 0755), 0);
  ledger_close(l);
  assert_int_equal(chmod(dir, 0555), 0);
  read_in_a_child(dir, 1);
  assert_int_equal(chmod(dir, 0755), 0);
  pid_t child = fork();
  if (child == 0) {
    int64_t id;
    l = NULL;
    if (ledger_open(dir, "j", &l, NULL) == SLUICE_OK)
      ledger_delivery(l, "other", "", &id, NULL);
    _exit(0);
  }
  assert_int_equal(waitpid(child, NULL, 0), child);
  assert_int_equal(chmod(dir, 0555), 0);
  read_in_a_child(dir, 2);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)
  const struct CMUnitTest tests[] = {
      TEST(new_and_again),     TEST(job_names),  TEST(second_refused),       TEST(lock_goes_with_its_process),
      TEST(newer_version),     TEST(not_ours),   TEST(foreign_database),     TEST(truncated),
      TEST(unfinished_making), TEST(bad_folder), TEST(log_without_database), TEST(read_absent),
      TEST(read_only_folder),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
