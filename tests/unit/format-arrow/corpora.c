/* All Arrow files of the corpora: equal to the truth beside them, also after a way through the writer; the others read
 * or refused with a clear error. */
#include "cmocka_all.h"

#include "compare.h"
#include "rewrite.h"
#include <dirent.h>
#include <ftw.h>
#include <stdlib.h>
#include <unistd.h>

static struct { int golden, equal, rewritten, excused, decoded, refused, differing; } counts;
static const char *root;

static const char *corpora(void) {
  const char *set = getenv("SLUICE_CORPORA");
  return set ? set : ARROW_CORPORA;
}

static bool ends_with(const char *text, const char *end) {
  size_t n = strlen(text), m = strlen(end);
  return n >= m && strcmp(text + n - m, end) == 0;
}

static bool is_excused(const char *path) {
  char line[512];
  bool found = false;
  FILE *file = fopen(ARROW_EXCUSED, "r");
  assert_non_null(file);
  while (fgets(line, sizeof line, file)) {
    line[strcspn(line, " \n")] = 0;
    found |= line[0] != '#' && line[0] && ends_with(path, line);
  }
  fclose(file);
  return found;
}

/* ---- golden files ---- */

static void tell(const char *path, const char *how, const char *difference) {
  if (is_excused(path)) {
    counts.excused++;
    return;
  }
  counts.differing++;
  fprintf(stderr, "%s, %s: %s\n", path + strlen(root), how, difference);
}

struct bytes {
  const uint8_t *data;
  size_t size;
};

static bool equals(const char *path, const char *how, struct bytes truth, struct bytes file,
                   const struct sluice_scan *scan) {
  struct sluice_error err = {0};
  struct side a, b = {0};
  char difference[2048] = "";
  int64_t rows;
  int rc = side_open(&a, "truth.json", truth.data, truth.size, NULL, &err);
  if (rc == SLUICE_OK)
    rc = side_open(&b, path, file.data, file.size, scan, &err);
  if (rc == SLUICE_OK)
    rc = compare_sides(&a, &b, VALUES_METADATA | VALUES_NULLABILITY, difference, sizeof difference, &rows, &err);
  if (rc)
    tell(path, how, rc == SLUICE_END ? difference : err.message);
  side_close(&a);
  side_close(&b);
  assert_int_equal(b.input.opened, 0);
  assert_int_equal(b.input.views_open, 0);
  return rc == SLUICE_OK;
}

static void check_golden(const char *path, const char *json) {
  static const struct sluice_scan small = {
      .struct_size = sizeof small, .batch_rows = 3, .batch_bytes = 100, .part = "part"};
  struct sluice_error err = {0};
  struct bytes truth, file;
  struct sluice_buffer written = {0};
  uint8_t *text = test_file_read(json, &truth.size), *data = test_file_read(path, &file.size);
  assert_true(text && data);
  truth.data = text;
  file.data = data;
  counts.golden++;
  bool same = equals(path, "as it is", truth, file, NULL) && equals(path, "in small batches", truth, file, &small);
  counts.equal += same;
  bool again = true;
  for (int64_t rows = 0; rows <= 3; rows += 3) { /* as they come, and slices of them */
    written.size = 0;
    again &= rewrite(data, file.size, rows, &written, &err) == SLUICE_OK;
    if (err.message[0])
      tell(path, "by the writer", err.message);
    else
      again &= equals(path, "written anew", truth, (struct bytes){written.data, written.size}, NULL);
  }
  counts.rewritten += again;
  sluice_buffer_free(&written);
  free(text);
  free(data);
}

static int visit_golden(const char *path, const struct stat *info, int type, struct FTW *ftw) {
  char json[4096];
  (void)info, (void)ftw;
  if (type != FTW_F || (!ends_with(path, ".stream") && !ends_with(path, ".arrow_file")))
    return 0;
  snprintf(json, sizeof json, "%.*s.json.gz", (int)(strrchr(path, '.') - path), path);
  if (access(json, R_OK) == 0)
    check_golden(path, json);
  return 0;
}

/* ---- all others ---- */

static int drain(const uint8_t *data, size_t size, struct sluice_error *err) {
  struct side side;
  int rc = side_open(&side, "x", data, size, NULL, err);
  while (rc == SLUICE_OK) {
    rc = side_next(&side, err);
    side.at = side.rows;
  }
  side_close(&side);
  return rc;
}

static void check_same_rewritten(const char *path, const uint8_t *data, size_t size) {
  struct sluice_error err = {0};
  struct sluice_buffer written = {0};
  struct side a, b = {0};
  char difference[2048] = "";
  int64_t rows;
  int rc = rewrite(data, size, 2, &written, &err);
  if (rc == SLUICE_OK)
    rc = side_open(&a, path, data, size, NULL, &err);
  else
    memset(&a, 0, sizeof a);
  if (rc == SLUICE_OK)
    rc = side_open(&b, "written anew", written.data, written.size, NULL, &err);
  if (rc == SLUICE_OK)
    rc = compare_sides(&a, &b, VALUES_METADATA | VALUES_NULLABILITY, difference, sizeof difference, &rows, &err);
  if (rc)
    tell(path, "written anew", rc == SLUICE_END ? difference : err.message);
  side_close(&a);
  side_close(&b);
  sluice_buffer_free(&written);
}

static bool is_bad(const char *path) {
  return strstr(path, "fuzz") || strstr(path, "/crash-") || strstr(path, "schema_v6") || ends_with(path, "README.md");
}

static int visit_other(const char *path, const struct stat *info, int type, struct FTW *ftw) {
  static const char *const suffixes[] = {".feather", ".arrows", ".arrow", ".ipc"};
  bool ours = strstr(path, "/arrow-ipc-") && !strstr(path, "/integration/");
  struct sluice_error err = {0};
  size_t size;
  (void)info, (void)ftw;
  for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
    ours |= ends_with(path, suffixes[i]);
  if (type != FTW_F || !ours)
    return 0;
  uint8_t *data = test_file_read(path, &size);
  assert_non_null(data);
  int rc = drain(data, size, &err);
  counts.decoded += rc == SLUICE_END;
  counts.refused += rc != SLUICE_END;
  if (rc != SLUICE_END && (!is_bad(path) || !err.message[0] || (rc != SLUICE_ERR_DATA && rc != SLUICE_ERR_UNSUPPORTED)))
    tell(path, "not read", err.message);
  if (rc == SLUICE_END)
    check_same_rewritten(path, data, size);
  free(data);
  return 0;
}

/* Arrow 0.17, 1.0 and 2.0 wrote the same table, by three ways to compress. */
static void check_versions(void) {
  static const char *const names[] = {"data-arrow_0.17.0_lz4.feather", "data-arrow_1.0.1_lz4.feather",
                                      "data-arrow_2.0.0_lz4.feather", "data-arrow_2.0.0_zstd.feather"};
  struct bytes files[4];
  uint8_t *data[4];
  for (int i = 0; i < 4; i++) {
    char path[4096];
    snprintf(path, sizeof path, "%s/formats/arrow/r/tests/testthat/golden-files/%s", root, names[i]);
    data[i] = test_file_read(path, &files[i].size);
    assert_non_null(data[i]);
    files[i].data = data[i];
  }
  for (int i = 1; i < 4; i++) {
    struct side a, b = {0};
    struct sluice_error err = {0};
    char difference[2048] = "";
    int64_t rows = 0;
    assert_int_equal(side_open(&a, names[0], files[0].data, files[0].size, NULL, &err), SLUICE_OK);
    assert_int_equal(side_open(&b, names[i], files[i].data, files[i].size, NULL, &err), SLUICE_OK);
    if (compare_sides(&a, &b, 0, difference, sizeof difference, &rows, &err) != SLUICE_OK)
      tell(names[i], "against 0.17", difference[0] ? difference : err.message);
    assert_true(rows > 0);
    side_close(&a);
    side_close(&b);
  }
  for (int i = 0; i < 4; i++)
    free(data[i]);
}

static void files_of_the_corpora(void **state) {
  char path[4096];
  (void)state;
  root = corpora();
  snprintf(path, sizeof path, "%s/formats", root);
  if (access(path, R_OK) != 0) {
    printf("skipped: no corpora in '%s'\n", root);
    return;
  }
  nftw(path, visit_golden, 16, FTW_PHYS);
  nftw(path, visit_other, 16, FTW_PHYS);
  check_versions();
  printf("golden %d: equal %d, equal after the writer %d, excused differences %d\n", counts.golden, counts.equal,
         counts.rewritten, counts.excused);
  printf("others: decoded %d, refused %d\ndiffering: %d\n", counts.decoded, counts.refused, counts.differing);
  assert_int_equal(counts.differing, 0);
  assert_true(counts.golden > 100 && counts.equal > 100 && counts.rewritten > 100 && counts.decoded > 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(files_of_the_corpora)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
