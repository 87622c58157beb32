/* Every allocation of small readings made to fail once: each time a clear error, no leak, and nothing half done. */
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "failing.h"
#include "kit.h"
#include <dirent.h>
#include <stdlib.h>

/* Reads all with the n-th allocation failing; true if it was reached. */
static bool read_with_failure(const uint8_t *data, size_t size, uint64_t accepts, const struct sluice_where *where,
                              int64_t n) {
  struct kit_bytes *bytes = calloc(1, sizeof *bytes);
  struct kit_options o;
  struct kit_result r;
  kit_defaults(&o);
  o.scan.batch_bytes = 300; /* columns get ahead of each other */
  o.scan.accepts = accepts;
  o.scan.where = where;
  *bytes = (struct kit_bytes){.data = data, .size = size};
  failing_in = n;
  kit_read(&o, bytes, 1, &r);
  bool reached = failing_in < 0;
  failing_in = -1;
  assert_null(r.invalid);
  assert_int_equal(bytes->opened, 0);
  if (reached && r.code != SLUICE_ERR_MEMORY)
    print_error("allocation %lld: code %d, %s\n", (long long)n, r.code, r.err.message);
  assert_int_equal(r.code, reached ? SLUICE_ERR_MEMORY : SLUICE_END);
  assert_true(!reached || r.err.message[0]);
  free(bytes);
  return reached;
}

/* A filter that needs statistics, Bloom filters and page indexes, and rows to be gone past. */
static const struct sluice_where *filter(void) {
  static const char *const names[] = {"i", "d"};
  static const struct sluice_test tests[] = {{{&names[0], 1}, "111", SLUICE_GREATER, 0},
                                             {{&names[1], 1}, "30.25", SLUICE_EQUAL, 0}};
  static const struct sluice_where where = {tests, 2};
  return &where;
}

/* Those that are refused whatever memory there is are for other tests. */
static bool is_sound(const char *name) {
  return strstr(name, ".parquet") && strcmp(name, "uneven.parquet") != 0 && strcmp(name, "null-keys.parquet") != 0;
}

static void survives_every_failed_allocation(void **state) {
  DIR *folder = opendir(PQ_SEEDS);
  int64_t total = 0, files = 0;
  (void)state;
  assert_non_null(folder);
  for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
    char path[1024];
    size_t size;
    int64_t plain = 0, views = 0, filtered = 0;
    snprintf(path, sizeof path, "%s/%s", PQ_SEEDS, entry->d_name);
    uint8_t *data = is_sound(entry->d_name) ? kit_file(path, &size) : NULL;
    if (!data)
      continue;
    bool indexed = strncmp(entry->d_name, "where-", 6) == 0; /* they are large, and else like the others */
    while (!indexed && read_with_failure(data, size, 0, NULL, plain))
      plain++;
    while (!indexed && read_with_failure(data, size, SLUICE_ACCEPT_VIEW, NULL, views))
      views++;
    while (indexed && read_with_failure(data, size, 0, filter(), filtered))
      filtered++;
    total += plain + views + filtered;
    files++;
    free(data);
  }
  closedir(folder);
  printf("%lld allocations failed in %lld files\n", (long long)total, (long long)files);
  assert_true(files >= 10 && total > 500);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(survives_every_failed_allocation)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
