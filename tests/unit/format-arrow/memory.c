/* Every allocation of a small reading made to fail once: each time a clear error, no leak, and nothing half done. */
#include "cmocka_all.h"

#include "failing.h"
#include "kit.h"
#include <stdlib.h>

static int read_schema(struct arrow_side *side, struct sluice_error *err) {
  struct ArrowSchema schema = {0};
  int rc = side->reader.schema(&side->reader, &schema, err);
  sluice_schema_release(&schema);
  return rc;
}

/* Reads all with the n-th allocation failing; true if it was reached. */
static bool read_with_failure(const struct kit_file *f, const struct sluice_scan *scan, int64_t n) {
  struct test_input input = {.data = f->data, .size = f->size, .views = n % 2};
  struct arrow_side side = {.config = arrow_side_config()};
  struct sluice_error err = {0};
  failing_in = n;
  int rc = arrow_side_open(&side, &input, scan, &err);
  if (rc == SLUICE_OK)
    rc = read_schema(&side, &err);
  while (rc == SLUICE_OK) {
    struct sluice_batch batch = {.struct_size = sizeof batch};
    rc = side.reader.next(&side.reader, &batch, &err);
    sluice_array_release(&batch.array);
  }
  bool reached = failing_in < 0;
  failing_in = -1;
  arrow_side_close(&side);
  assert_int_equal(input.opened, 0);
  assert_int_equal(input.views_open, 0);
  assert_int_equal(rc, reached ? SLUICE_ERR_MEMORY : SLUICE_END);
  assert_true(!reached || err.message[0]);
  return reached;
}

static void survives_every_failed_allocation(void **state) {
  int64_t failed = 0;
  (void)state;
  for (int i = 0; kit_files[i]; i++) {
    struct kit_file f = kit_file(kit_files[i]);
    struct ArrowSchema want = {0};
    struct sluice_scan scan = {
        .struct_size = sizeof scan, .part = "part", .batch_rows = 2, .flags = SLUICE_SCAN_EXTRA, .want = &want};
    assert_int_equal(sluice_schema_nested(&want, "+s", "", 0, 1), SLUICE_OK);
    assert_int_equal(sluice_schema_init(want.children[0], "u", "missing", ARROW_FLAG_NULLABLE), SLUICE_OK);
    for (int64_t n = 0; read_with_failure(&f, &scan, n) || read_with_failure(&f, &scan, n + 1); n++)
      failed++;
    sluice_schema_release(&want);
    kit_file_free(&f);
  }
  printf("%lld allocations failed\n", (long long)failed);
  assert_true(failed > 500);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(survives_every_failed_allocation)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
