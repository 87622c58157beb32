/* What an encoder refuses: formats, options, schemas, ranges; and rejects without a policy. */
#include "sample.h"

static int open_with(const char *format, const char *name, const char *value, const struct ArrowSchema *schema,
                     struct sluice_error *err) {
  const struct sluice_pair pair = {name, value};
  const struct sluice_map options = {&pair, name ? 1 : 0};
  void *encoder = NULL;
  memset(err, 0, sizeof *err);
  int rc = encode_service()->open(format, &options, schema, &encoder, err);
  encode_service()->close(encoder);
  return rc;
}

static void test_open(void **state) {
  static const int64_t numbers[] = {1};
  struct column a, b, record;
  struct sluice_error err;
  (void)state;
  column_set(&a, "l", "a", 1, 2, NULL, numbers);
  column_set(&b, "l", "b", 1, 2, NULL, numbers);
  record_set(&record, 1, 2, &a, &b);
  assert_int_equal(open_with("ndjson", NULL, NULL, &record.schema, &err), SLUICE_OK);
  assert_int_equal(open_with("xml", NULL, NULL, &record.schema, &err), SLUICE_ERR_UNSUPPORTED);
  assert_int_equal(open_with("ndjson", "nun", "null", &record.schema, &err), SLUICE_ERR_CONFIG);
  assert_int_equal(open_with("ndjson", "nan", "zero", &record.schema, &err), SLUICE_ERR_CONFIG);
  assert_string_equal(err.where, "nan");
  assert_int_equal(open_with("ndjson", NULL, NULL, &a.schema, &err), SLUICE_ERR_BUG);
  b.schema.name = "a"; /* an object with a key twice would lose one */
  assert_int_equal(open_with("ndjson", NULL, NULL, &record.schema, &err), SLUICE_ERR_CONFIG);
  assert_string_equal(err.where, "a");
  assert_non_null(strstr(err.message, "two columns have the name 'a'"));
  assert_non_null(strstr(err.message, "one that names 'a' takes the first of them"));
  assert_int_equal(open_with("csv", NULL, NULL, &record.schema, &err), SLUICE_OK);
}

static void test_encode(void **state) {
  static const int32_t offsets[] = {0, 1, 2, 3};
  const struct sluice_encode *service = encode_service();
  struct column text, record;
  struct sluice_encoded out;
  struct sluice_error err = {0};
  struct refusals seen = {0};
  void *encoder = NULL;
  (void)state;
  column_set(&text, "u", "a\"b", 3, 3, NULL, offsets, "x\xffz");
  record_set(&record, 3, 1, &text);
  struct sluice_batch batch = {.struct_size = sizeof batch, .first_row = 100, .array = record.array};
  assert_int_equal(service->open("ndjson", NULL, &record.schema, &encoder, &err), SLUICE_OK);
  assert_int_equal(service->encode(encoder, &batch, 0, 3, NULL, &out, &err), SLUICE_ERR_DATA);
  assert_int_equal(err.row, 101);
  assert_string_equal(err.where, "a\"b");
  assert_int_equal(service->encode(encoder, &batch, 2, 4, NULL, &out, &err), SLUICE_ERR_BUG);
  assert_int_equal(service->encode(encoder, &batch, 2, 3, NULL, &out, &err), SLUICE_OK);
  assert_int_equal(out.rows, 1);
  assert_memory_equal(out.data, "{\"a\\\"b\":\"z\"}\n", 13);
  assert_int_equal(service->encode(encoder, &batch, 1, 1, NULL, &out, &err), SLUICE_OK);
  assert_int_equal(out.size, 0);
  service->close(encoder);
  assert_string_equal(encode_all("ndjson", NULL, &record, &seen), "{\"a\\\"b\":\"x\"}\n{\"a\\\"b\":\"z\"}\n");
  assert_int_equal(seen.row, 1);
}

/* What a broken reader could hand over is refused, not read. */
static void test_broken_arrays(void **state) {
  static const int32_t backwards[] = {5, 2}, outside[] = {0, 100};
  static const int64_t numbers[] = {1, 2};
  struct column c, item;
  (void)state;
  column_set(&c, "u", "v", 1, 3, NULL, backwards, "abcdef");
  check_values(&c, NULL, (const char *const[]){NULL});
  column_set(&item, "l", "item", 2, 2, NULL, numbers);
  column_set(&c, "+l", "v", 1, 2, NULL, outside);
  column_child(&c, &item);
  check_values(&c, NULL, (const char *const[]){NULL});
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_open), cmocka_unit_test(test_encode),
                                     cmocka_unit_test(test_broken_arrays)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
