/* Public CSV files: csv-spectrum and csv-test-data against their JSON, and zsv's, which must be read without a crash.
 * All are read as text. */
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "kit.h"
#include <dirent.h>
#include <jansson.h>
#include <stdlib.h>

static char root[1024];

struct table { /* what was read: JSON rows, arrays or objects of texts */
  json_t *rows;
  int64_t rejects;
  int rc;
};

static json_t *cell(const struct ArrowArray *a, int64_t i) {
  const int32_t *offsets = a->buffers[1];
  return json_stringn((const char *)a->buffers[2] + offsets[i], (size_t)(offsets[i + 1] - offsets[i]));
}

static void add_rows(json_t *rows, const struct ArrowSchema *schema, const struct ArrowArray *a, bool header) {
  for (int64_t i = 0; i < a->length; i++) {
    json_t *row = header ? json_object() : json_array();
    for (int64_t k = 0; k < a->n_children; k++) {
      if (header)
        json_object_set_new(row, schema->children[k]->name, cell(a->children[k], i));
      else
        json_array_append_new(row, cell(a->children[k], i));
    }
    json_array_append_new(rows, row);
  }
}

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

static struct table read_table(const char *path, const char *settings, bool header) {
  struct table t = {json_array(), 0, 0};
  struct kit_options o;
  struct kit_bytes bytes = {0};
  struct kit_rejects rejects;
  struct kit_open open;
  struct ArrowSchema schema = {0};
  struct sluice_error err = {0};
  char *data = kit_read_file(path, &bytes.size);
  assert_non_null(data);
  if (strstr(path, "newlines_crlf.csv"))
    data = restore_crs(data, &bytes.size);
  bytes.data = (const uint8_t *)data;
  kit_rejects_init(&rejects, NULL);
  kit_defaults(&o);
  kit_parse_options(&o, settings);
  o.config.header = header;
  o.config.sample = 1; /* no whole record is in it: all columns are text */
  o.scan.rejects = &rejects.base;
  t.rc = kit_open(&o, &bytes, &open, &err);
  if (t.rc == SLUICE_OK)
    t.rc = open.reader.schema(&open.reader, &schema, &err);
  while (t.rc == SLUICE_OK) {
    struct sluice_batch batch = {.struct_size = sizeof batch};
    t.rc = open.reader.next(&open.reader, &batch, &err);
    if (t.rc)
      break;
    assert_int_equal(sluice_array_validate(&schema, &batch.array, SLUICE_CHECK_FULL, &err), SLUICE_OK);
    add_rows(t.rows, &schema, &batch.array, header);
    sluice_array_release(&batch.array);
  }
  t.rejects = rejects.count;
  sluice_schema_release(&schema);
  kit_close(&open);
  free(data);
  return t;
}

struct counts {
  int equal, different, refused, files;
};

static void compare(const char *folder, const char *name, bool header, struct counts *n) {
  char path[3000], json[3000];
  size_t stem = strlen(name) - 4;
  snprintf(path, sizeof path, "%s/formats/%s/%s", root, folder, name);
  snprintf(json, sizeof json, "%s/formats/%s/../json/%.*s.json", root, folder, (int)stem, name);
  struct table t = read_table(path, "", header);
  json_t *expected = json_load_file(json, JSON_DECODE_ANY, NULL);
  n->files++;
  if (t.rc != SLUICE_END || t.rejects)
    n->refused++;
  else if (expected && json_equal(t.rows, expected))
    n->equal++;
  else {
    n->different++;
    printf("different: %s/%s\n", folder, name);
  }
  json_decref(expected);
  json_decref(t.rows);
}

/* Runs over the files of a folder that end in .csv; false: there is no such folder. */
static bool each_file(const char *folder, void (*visit)(const char *folder, const char *name, struct counts *),
                      struct counts *n) {
  char path[2000];
  snprintf(path, sizeof path, "%s/formats/%s", root, folder);
  DIR *dir = opendir(path);
  if (!dir) {
    printf("skipped: no folder %s\n", path);
    return false;
  }
  for (struct dirent *e = readdir(dir); e; e = readdir(dir))
    if (e->d_type == DT_REG)
      visit(folder, e->d_name, n);
  closedir(dir);
  printf("%s: %d files, %d equal, %d different, %d refused\n", folder, n->files, n->equal, n->different, n->refused);
  return true;
}

static void visit_spectrum(const char *folder, const char *name, struct counts *n) {
  compare(folder, name, true, n);
}

static void visit_test_data(const char *folder, const char *name, struct counts *n) {
  compare(folder, name, strncmp(name, "header-", 7) == 0 || strncmp(name, "bad-header-", 11) == 0, n);
}

static void visit_any(const char *folder, const char *name, struct counts *n) {
  char path[3000];
  snprintf(path, sizeof path, "%s/formats/%s/%s", root, folder, name);
  size_t length = strlen(name);
  bool tabs = length > 4 && (strcmp(name + length - 4, ".tsv") == 0 || strcmp(name, "hi.txt") == 0);
  struct table t = read_table(path, tabs ? "delimiter = \t\n" : "", true);
  n->files++;
  printf("  %s: %zu rows, %lld rejects, %s\n", name, json_array_size(t.rows), (long long)t.rejects,
         t.rc == SLUICE_END ? "read to the end" : "refused");
  n->refused += t.rc != SLUICE_END || t.rejects > 0;
  json_decref(t.rows);
}

static void csv_spectrum(void **state) {
  struct counts n = {0, 0, 0, 0};
  (void)state;
  if (!each_file("csv-spectrum/csvs", visit_spectrum, &n))
    return;
  assert_int_equal(n.equal, n.files);
}

static void csv_test_data(void **state) {
  struct counts n = {0, 0, 0, 0};
  (void)state;
  if (!each_file("csv-test-data/csv", visit_test_data, &n))
    return;
  assert_int_equal(n.different, 0);
  assert_int_equal(n.refused, 3); /* the three that are named bad- */
}

static void zsv(void **state) {
  struct counts n = {0, 0, 0, 0}, more = {0, 0, 0, 0};
  (void)state;
  if (!each_file("zsv/data", visit_any, &n))
    return;
  each_file("zsv/data/test", visit_any, &more);
  assert_true(n.files > 10 && more.files > 20);
}

int main(void) {
  const char *given = getenv("SLUICE_CORPORA");
  const struct CMUnitTest tests[] = {cmocka_unit_test(csv_spectrum), cmocka_unit_test(csv_test_data),
                                     cmocka_unit_test(zsv)};
  snprintf(root, sizeof root, "%s", given ? given : CSV_CORPORA);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
