/* Public CSV files: csv-spectrum and csv-test-data against their JSON, and zsv's, which must be read without a crash.
 * All are read as text. */
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "table.h"
#include <dirent.h>
#include <stdlib.h>

static char root[1024];

/* The copy of one file has lost the CRs that its JSON shows; they are put back. */
static char *restore_crs(char *data, size_t *size) {
  char *restored = malloc(2 * *size + 1), *to = restored;
  if (memchr(data, '\r', *size))
    printf("  this copy has its CRs: restoring them is needed no more\n");
  for (size_t i = 0; i < *size; i++) {
    if (data[i] == '\n' && (i == 0 || data[i - 1] != '\r'))
      *to++ = '\r';
    *to++ = data[i];
  }
  *size = (size_t)(to - restored);
  free(data);
  return restored;
}

static struct table read_table(const char *path, const char *settings, bool header, bool sniff) {
  size_t size;
  char all[200], *data = kit_read_file(path, &size);
  assert_non_null(data);
  if (strstr(path, "newlines_crlf.csv"))
    data = restore_crs(data, &size);
  snprintf(all, sizeof all, "%s%s", settings, header ? "" : "header = false\n");
  struct table t = table_read_bytes(data, size, path, all, sniff);
  free(data);
  return t;
}

struct counts {
  int equal, different, refused, files;
};

/* What is to be found is the dialect: whether there is a header cannot be seen in files as small as these. */
static void compare(const char *folder, const char *name, bool header, bool sniff, struct counts *n) {
  char path[3000], json[3000];
  size_t stem = strlen(name) - 4;
  snprintf(path, sizeof path, "%s/formats/%s/%s", root, folder, name);
  snprintf(json, sizeof json, "%s/formats/%s/../json/%.*s.json", root, folder, (int)stem, name);
  struct table t = read_table(path, "header_rows = 1\nskip_rows = 0\n", header, sniff);
  json_t *expected = json_load_file(json, JSON_DECODE_ANY, NULL), *got = header ? table_objects(&t) : json_copy(t.rows);
  bool equal = expected && json_equal(got, expected);
  n->files++;
  if (t.rc != SLUICE_END || t.rejects)
    n->refused++;
  else if (equal)
    n->equal++;
  else
    n->different++;
  if (!equal)
    printf("  %s/%s: %s\n", folder, name, t.rc != SLUICE_END || t.rejects ? "refused" : "different");
  json_decref(expected);
  json_decref(got);
  table_finish(&t);
}

typedef void visit_fn(const char *folder, const char *name, bool sniff, struct counts *n);

/* Runs over the files of a folder; false: there is no such folder. */
static bool each_file(const char *folder, bool sniff, visit_fn *visit, struct counts *n) {
  char path[2000];
  snprintf(path, sizeof path, "%s/formats/%s", root, folder);
  DIR *dir = opendir(path);
  if (!dir) {
    printf("skipped: no folder %s\n", path);
    return false;
  }
  for (struct dirent *e = readdir(dir); e; e = readdir(dir))
    if (e->d_type == DT_REG)
      visit(folder, e->d_name, sniff, n);
  closedir(dir);
  printf("%s, dialect %s: %d files, %d equal, %d different, %d refused\n", folder, sniff ? "found" : "given", n->files,
         n->equal, n->different, n->refused);
  return true;
}

static void visit_spectrum(const char *folder, const char *name, bool sniff, struct counts *n) {
  compare(folder, name, true, sniff, n);
}

static void visit_test_data(const char *folder, const char *name, bool sniff, struct counts *n) {
  compare(folder, name, strncmp(name, "header-", 7) == 0 || strncmp(name, "bad-header-", 11) == 0, sniff, n);
}

static void visit_any(const char *folder, const char *name, bool sniff, struct counts *n) {
  char path[3000];
  snprintf(path, sizeof path, "%s/formats/%s/%s", root, folder, name);
  size_t length = strlen(name);
  bool tabs = length > 4 && (strcmp(name + length - 4, ".tsv") == 0 || strcmp(name, "hi.txt") == 0);
  struct table t = read_table(path, tabs && !sniff ? "delimiter = \t\n" : "", true, sniff);
  n->files++;
  printf("  %s: %zu columns, %zu rows, %lld rejects, %s\n", name, json_array_size(t.names), json_array_size(t.rows),
         (long long)t.rejects, t.rc == SLUICE_END ? "read to the end" : t.message);
  assert_true(t.rc == SLUICE_END || t.message[0]);
  n->refused += t.rc != SLUICE_END || t.rejects > 0;
  table_finish(&t);
}

static void csv_spectrum(void **state) {
  (void)state;
  for (int sniff = 0; sniff < 2; sniff++) {
    struct counts n = {0, 0, 0, 0};
    if (!each_file("csv-spectrum/csvs", sniff, visit_spectrum, &n))
      return;
    assert_int_equal(n.equal, n.files);
  }
}

static void csv_test_data(void **state) {
  (void)state;
  for (int sniff = 0; sniff < 2; sniff++) {
    struct counts n = {0, 0, 0, 0};
    if (!each_file("csv-test-data/csv", sniff, visit_test_data, &n))
      return;
    assert_int_equal(n.different, 0);
    assert_int_equal(n.refused, 3); /* the three that are named bad- */
  }
}

static void zsv(void **state) {
  (void)state;
  for (int sniff = 0; sniff < 2; sniff++) {
    struct counts n = {0, 0, 0, 0}, more = {0, 0, 0, 0};
    if (!each_file("zsv/data", sniff, visit_any, &n))
      return;
    each_file("zsv/data/test", sniff, visit_any, &more);
    assert_true(n.files > 10 && more.files > 20);
  }
}

/* DuckDB's own tests, many of them of broken files: each is read to its end, or refused with a reason. */
static void duckdb(void **state) {
  static const char *const folders[] = {
      "duckdb/data/csv",       "duckdb/data/csv/test",    "duckdb/data/csv/real",     "duckdb/data/csv/auto",
      "duckdb/data/csv/error", "duckdb/data/csv/fuzzing", "duckdb/data/csv/comments", "duckdb/data/csv/validator"};
  int files = 0;
  (void)state;
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
    struct counts n = {0, 0, 0, 0};
    if (!each_file(folders[i], true, visit_any, &n))
      return;
    files += n.files;
  }
  assert_true(files > 150);
}

int main(void) {
  const char *given = getenv("SLUICE_CORPORA");
  const struct CMUnitTest tests[] = {cmocka_unit_test(csv_spectrum), cmocka_unit_test(csv_test_data),
                                     cmocka_unit_test(zsv), cmocka_unit_test(duckdb)};
  snprintf(root, sizeof root, "%s", given ? given : CSV_CORPORA);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
