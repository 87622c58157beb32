/* All Parquet files of the corpora, the hostile ones too: each is read or refused, with valid batches, within bounds,
 * and what is read in two parts is what is read in one. Counts are printed. */
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "kit.h"
#include <dirent.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

static int64_t files, read_whole, refused, harmful, viewed;
enum { LARGEST = 64 << 20, PEAK_MB = 512 };

static bool ends_in(const char *name, const char *end) {
  size_t n = strlen(name), m = strlen(end);
  return n >= m && strcmp(name + n - m, end) == 0;
}

/* Its value of 1 GiB is read in the comparison with other readers. */
static bool is_parquet(const char *path, const uint8_t *data, size_t size) {
  bool named = ends_in(path, ".parquet") || ends_in(path, ".parq") || ends_in(path, ".encrypted");
  return (named || (size >= 4 && memcmp(data, "PAR1", 4) == 0)) && !strstr(path, "large_string_map");
}

/* Texts as views are the same texts. Batches may end elsewhere, for a view has more bytes than an offset. */
static bool same_as_views(const struct kit_options *plain, const uint8_t *data, size_t size,
                          const struct kit_result *wanted) {
  struct kit_bytes *bytes = calloc(1, sizeof *bytes);
  struct kit_options o = *plain;
  struct kit_result got;
  o.scan.accepts = SLUICE_ACCEPT_VIEW;
  *bytes = (struct kit_bytes){.data = data, .size = size};
  kit_read(&o, bytes, 0, &got);
  bool good = !got.invalid && bytes->opened == 0 && got.code == wanted->code;
  if (good && got.code == SLUICE_END && got.batches == wanted->batches)
    good = got.digest == wanted->digest;
  viewed += good && got.code == SLUICE_END && got.batches == wanted->batches;
  free(bytes);
  return good;
}

static void read_twice(const char *path, const uint8_t *data, size_t size) {
  struct kit_bytes *bytes = calloc(1, sizeof *bytes);
  struct kit_options o;
  struct kit_result first, second;
  kit_defaults(&o);
  o.scan.batch_rows = 500;
  o.scan.end.row = 500 * 400;
  *bytes = (struct kit_bytes){.data = data, .size = size};
  kit_read(&o, bytes, 2, &first);
  bool good = !first.invalid && bytes->opened == 0 && (first.code == SLUICE_END || first.err.message[0]);
  good = good && same_as_views(&o, data, size, &first);
  if (good && first.code == SLUICE_END && first.middle.row > 0) {
    o.scan.from = first.middle;
    *bytes = (struct kit_bytes){.data = data, .size = size};
    kit_read(&o, bytes, 0, &second);
    good = second.code == SLUICE_END && second.digest == first.later;
  }
  files++;
  read_whole += first.code == SLUICE_END;
  refused += first.code != SLUICE_END;
  if (first.code != SLUICE_END && getenv("PQ_SHOW"))
    printf("refused %s: %s\n", path, first.err.message);
  if (!good) {
    harmful++;
    print_error("%s: %s\n", path,
                first.invalid ? first.invalid : "it differs when it is resumed, or with texts as views");
  }
  free(bytes);
}

static void walk(const char *folder) {
  DIR *dir = opendir(folder);
  for (const struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir)) {
    char path[4096];
    struct stat info;
    size_t size;
    if (entry->d_name[0] == '.' || strcmp(entry->d_name, "_oracle") == 0)
      continue;
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (lstat(path, &info) != 0)
      continue;
    if (S_ISDIR(info.st_mode))
      walk(path);
    uint8_t *data = S_ISREG(info.st_mode) && info.st_size < LARGEST ? kit_file(path, &size) : NULL;
    if (data && is_parquet(path, data, size))
      read_twice(path, data, size);
    free(data);
  }
  if (dir)
    closedir(dir);
}

static void reads_or_refuses_all(void **state) {
  const char *root = getenv("SLUICE_CORPORA");
  char path[4096];
  struct rusage usage;
  (void)state;
  snprintf(path, sizeof path, "%s/formats", root && root[0] ? root : PQ_CORPORA);
  walk(path);
  if (files == 0) {
    printf("skipped: no corpora at %s\n", path);
    skip();
  }
  getrusage(RUSAGE_SELF, &usage);
  printf("%lld files: %lld read, %lld refused, %lld harmful; peak %ld MB\n", (long long)files, (long long)read_whole,
         (long long)refused, (long long)harmful, usage.ru_maxrss / 1024);
  assert_int_equal(harmful, 0);
  printf("%lld of them with texts as views, batch by batch the same\n", (long long)viewed);
  assert_true(read_whole >= 428 && viewed >= 420);
  assert_true(usage.ru_maxrss / 1024 < PEAK_MB);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(reads_or_refuses_all)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
