/* Every allocation of a small reading made to fail once: each time a clear error, no leak, and nothing half done. */
#include "cmocka_all.h"
#include "failing.h"
#include "kit.h"
#include <jansson.h>
#include <stdlib.h>

static bool in_json; /* it was jansson's: it may call a text broken that it had no memory for */

static void *json_malloc(size_t n) {
  in_json |= failing_in == 0;
  return malloc(n);
}

/* Reads all with the n-th allocation failing; true if it was reached. */
static bool read_with_failure(const struct kit_options *o, const struct kit_file *file, int64_t n, int64_t *rows) {
  struct kit_bytes bytes = {.data = file->data, .size = file->size};
  struct kit_options with = *o;
  struct kit_rejects rejects;
  struct kit_open open;
  struct sluice_error err = {0};
  kit_rejects_init(&rejects);
  with.scan.rejects = &rejects.base;
  failing_in = n;
  in_json = false;
  *rows = 0;
  int code = kit_open(&with, &bytes, &open, &err);
  while (code == SLUICE_OK) {
    struct sluice_batch batch = {.struct_size = sizeof batch};
    code = open.reader.next(&open.reader, &batch, &err);
    if (code)
      break;
    *rows += batch.array.length;
    sluice_array_release(&batch.array);
  }
  bool reached = failing_in < 0;
  failing_in = -1;
  kit_close(&open);
  assert_int_equal(bytes.opened, 0);
  assert_true(code == SLUICE_END || (reached && (in_json || code == SLUICE_ERR_MEMORY)));
  assert_true(code == SLUICE_END || err.message[0] != 0);
  return reached;
}

static int64_t fail_each(const struct kit_options *o, const struct kit_file *file) {
  int64_t n = 0, rows;
  while (read_with_failure(o, file, n, &rows))
    n++;
  assert_true(rows > 0);
  return n;
}

static const char schema[] =
    "{\"type\":\"record\",\"name\":\"a.r\",\"fields\":[{\"name\":\"id\",\"type\":\"int\"},{\"name\":\"t\",\"type\":"
    "[\"null\",\"string\"]},{\"name\":\"e\",\"type\":{\"type\":\"enum\",\"name\":\"e\",\"symbols\":[\"A\",\"B\"]}},"
    "{\"name\":\"u\",\"type\":[\"int\",\"string\",\"null\"]},{\"name\":\"l\",\"type\":{\"type\":\"array\",\"items\":"
    "\"long\"}},{\"name\":\"m\",\"type\":{\"type\":\"map\",\"values\":\"bytes\"}},{\"name\":\"next\",\"type\":["
    "\"null\","
    "\"r\"]}]}";
static const char reader[] =
    "{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"id\",\"type\":\"double\"},{\"name\":\"more\",\"type\":"
    "{\"type\":\"array\",\"items\":\"string\"},\"default\":[\"a\",\"b\"]},{\"name\":\"next\",\"type\":[\"null\",\"r\"]}"
    "]}";

static void put_record(struct kit_file *data, int64_t id, bool deep, const char *text) {
  kit_long(data, id);
  kit_long(data, 1);
  kit_text(data, text);
  kit_put(data, "\x02\x02\x02x\x04\x02\x04\x00\x02\x02k\x02v\x00", 14);
  kit_long(data, deep);
  if (deep)
    put_record(data, id + 1, false, text);
}

static void survives_every_failed_allocation(void **state) {
  struct kit_file file = {0};
  struct kit_options o;
  int64_t n = 0;
  (void)state;
  json_set_alloc_funcs(json_malloc, free);
  kit_header(&file, schema, "null");
  for (int b = 0; b < 3; b++) {
    struct kit_file data = {0};
    put_record(&data, b, true, b == 1 ? "\xff" : "text");
    put_record(&data, INT64_C(1) << (b * 20), false, "other");
    kit_block(&file, 2, &data);
    kit_free(&data);
  }
  kit_defaults(&o);
  n += fail_each(&o, &file);
  o.scan.batch_rows = 2;
  o.config.reader_schema = reader;
  n += fail_each(&o, &file);
  printf("%lld allocations failed\n", (long long)n);
  assert_true(n > 100);
  kit_free(&file);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(survives_every_failed_allocation)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
