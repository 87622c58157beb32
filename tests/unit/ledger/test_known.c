/* Reading a ledger so that nothing changes. */
#include "core/ledger/known.h"
#include "ledger_file.h"
#include <dirent.h>
#include <sys/stat.h>

static char folder[64], path[128];

static int make_folder(void **state) {
  (void)state;
  snprintf(folder, sizeof folder, "/tmp/sluice-known-XXXXXX");
  return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state) {
  char command[100];
  (void)state;
  snprintf(command, sizeof command, "rm -rf '%s'", folder);
  return system(command);
}

static size_t count_files(void) {
  size_t n = 0;
  DIR *dir = opendir(folder);
  assert_non_null(dir);
  for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
    n += entry->d_name[0] != '.';
  closedir(dir);
  return n;
}

static struct known *open_known(const char *sink) {
  struct sluice_error err = {0};
  struct known *known = NULL;
  assert_int_equal(known_open(folder, "one", sink, "main", &known, &err), SLUICE_OK);
  return known;
}

static void nothing_there(void **state) {
  (void)state;
  struct known_part part;
  char *text = NULL;
  struct known *known = open_known("s");
  assert_false(known_has_run(known));
  assert_int_equal(known_next(known, &part, NULL), SLUICE_END);
  assert_int_equal(known_schema(known, &text, NULL), SLUICE_OK);
  assert_null(text);
  assert_int_equal(known_verify(known, NULL), SLUICE_OK);
  known_close(known);
  assert_int_equal(count_files(), 0);
}

static void parts_in_order_over_pages(void **state) {
  (void)state;
  struct known_part part;
  char *text = NULL, name[16];
  ledger_file(folder, path, sizeof path);
  ledger_sql(path,
             "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999) INSERT INTO part SELECT 7,"
             " CAST(printf('p%04d', i) AS BLOB), CAST('v' AS BLOB), 1, 2, 0, 1, 0 FROM n;"
             "INSERT INTO schema VALUES (7, 1, 'old', 0), (7, 2, 'new', 0)");
  struct known *known = open_known("s");
  assert_true(known_has_run(known));
  for (int i = 0; i < 1000; i++) {
    snprintf(name, sizeof name, "p%04d", i);
    assert_int_equal(known_next(known, &part, NULL), SLUICE_OK);
    assert_string_equal(part.name, name);
    assert_int_equal(part.state, PART_DONE);
    assert_true(part.delivered);
  }
  assert_int_equal(known_next(known, &part, NULL), SLUICE_END);
  assert_int_equal(known_schema(known, &text, NULL), SLUICE_OK);
  assert_string_equal(text, "new");
  free(text);
  assert_int_equal(known_verify(known, NULL), SLUICE_OK);
  known_close(known);
  assert_int_equal(count_files(), 1); /* no -wal, no -shm */
  known = open_known("another");
  assert_false(known_has_run(known));
  known_close(known);
}

static void streams(void **state) {
  (void)state;
  struct known *known = NULL;
  struct known_stream stream;
  struct known_part part;
  char *text = NULL;
  int64_t count = 0;
  ledger_file(folder, path, sizeof path);
  ledger_sql(
      path,
      "INSERT INTO delivery VALUES (8, 'one', 's', '*', 5), (9, 'one', 's', 'a', 6), (10, 'one', 's', 'b', 7),"
      " (11, 'one', 'other', 'a', 8); INSERT INTO schema VALUES (9, 1, 'of a', 0);"
      "INSERT INTO part SELECT d, CAST(n AS BLOB), CAST('v' AS BLOB), 1, s, x, 1, 0 FROM (SELECT 9 AS d, 'x/1' AS n,"
      " 2 AS s, 0 AS x UNION ALL SELECT 9, 'a/0', 2, 1 UNION ALL SELECT 9, 'x/2', 5, 0 UNION ALL SELECT 10,"
      " 'y/1', 2, 0 UNION ALL SELECT 11, 'z', 2, 0 UNION ALL SELECT 7, 'q', 2, 0)");
  assert_int_equal(known_open(folder, "one", "s", "*", &known, NULL), SLUICE_OK);
  assert_true(known_has_run(known));
  assert_int_equal(known_stream(known, "none", &stream, NULL), SLUICE_END);
  assert_int_equal(known_stream(known, "a", &stream, NULL), SLUICE_OK);
  assert_int_equal(stream.delivery, 9);
  assert_int_equal(known_part(known, &stream, "x/1", &part, NULL), SLUICE_OK);
  assert_int_equal(part.state, PART_DONE);
  assert_int_equal(known_part(known, &stream, "y/1", &part, NULL), SLUICE_END);
  assert_int_equal(known_first_part(known, &stream, &text, NULL), SLUICE_OK);
  assert_string_equal(text, "x/1"); /* a/0 was away at the last listing */
  free(text);
  assert_int_equal(known_stream_schema(known, &stream, &text, NULL), SLUICE_OK);
  assert_string_equal(text, "of a");
  free(text);
  assert_int_equal(known_count(known, &count, NULL), SLUICE_OK);
  assert_int_equal(count, 2);
  known_close(known);
}

static void a_run_that_begins_is_noticed(void **state) {
  (void)state;
  struct sluice_error err = {0};
  ledger_file(folder, path, sizeof path);
  struct known *known = open_known("s");
  ledger_sql(path, "INSERT INTO schema VALUES (7, 9, 'x', 0)");
  assert_int_equal(known_verify(known, &err), SLUICE_ERR_RETRY);
  assert_non_null(strstr(err.message, "plan again"));
  known_close(known);
}

static void refused(const char *what) {
  struct sluice_error err = {0};
  struct known *known = NULL;
  assert_int_equal(known_open(folder, "one", "s", "main", &known, &err), SLUICE_ERR_CONFIG);
  assert_null(known);
  assert_non_null(strstr(err.message, what));
}

static void others_are_refused(void **state) {
  (void)state;
  ledger_file(folder, path, sizeof path);
  ledger_sql(path, "PRAGMA user_version = 1000");
  refused("newer Sluice");
  ledger_sql(path, "PRAGMA user_version = 1; PRAGMA application_id = 5");
  refused("not a Sluice ledger");
  struct sluice_error err = {0};
  struct known *known = NULL;
  assert_int_equal(known_open(folder, "../one", "s", "main", &known, &err), SLUICE_ERR_CONFIG);
}

static void damage_is_told(void **state) {
  (void)state;
  struct sluice_error err = {0};
  struct known_part part;
  ledger_file(folder, path, sizeof path);
  ledger_part(path, "a", "v", (enum part_state)77, 0, 0);
  struct known *known = open_known("s");
  assert_int_equal(known_next(known, &part, &err), SLUICE_ERR_CONFIG);
  assert_non_null(strstr(err.message, "damaged"));
  known_close(known);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(nothing_there, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(parts_in_order_over_pages, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(streams, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(a_run_that_begins_is_noticed, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(others_are_refused, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(damage_is_told, make_folder, remove_folder),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
