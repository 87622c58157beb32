/* CSV records and header. */
#include "sample.h"

static void test_cells(void **state) {
  static const int32_t offsets[] = {0, 1, 1, 4, 8, 8};
  static const uint8_t first_four[] = {0x0f};
  static const int64_t numbers[] = {1, -2, 3, 4, 5};
  static const int32_t lists[] = {0, 1, 1, 3, 3, 3};
  static const int32_t days[] = {0, 0, 0, 0, 0};
  struct column text, number, item, list, date, record;
  (void)state;
  column_set(&text, "u", "t", 5, 3, first_four, offsets, "aa,bx\"\ny");
  column_set(&number, "l", "n", 5, 2, first_four, numbers);
  column_set(&item, "u", "item", 3, 3, NULL, (const int32_t[]){0, 1, 2, 3}, "pqr");
  column_set(&list, "+l", "l", 5, 2, first_four, lists);
  column_child(&list, &item);
  column_set(&date, "tdD", "d", 5, 2, NULL, days);
  record_set(&record, 5, 4, &text, &number, &list, &date);
  assert_string_equal(encode_all("csv", NULL, &record, NULL), "a,1,\"[\"\"p\"\"]\",1970-01-01\r\n"
                                                              "\"\",-2,\"[]\",1970-01-01\r\n"
                                                              "\"a,b\",3,\"[\"\"q\"\",\"\"r\"\"]\",1970-01-01\r\n"
                                                              "\"x\"\"\ny\",4,\"[]\",1970-01-01\r\n"
                                                              ",,,1970-01-01\r\n");
}

static void test_lone_null(void **state) {
  static const uint8_t none[] = {0};
  static const int64_t numbers[] = {1};
  struct column number, record;
  (void)state;
  column_set(&number, "l", "n", 1, 2, none, numbers);
  record_set(&record, 1, 1, &number);
  assert_string_equal(encode_all("csv", NULL, &record, NULL), "\"\"\r\n");
}

static void test_header(void **state) {
  struct column a, b, record;
  struct sluice_buffer out = {0};
  struct sluice_error err = {0};
  (void)state;
  column_set(&a, "l", "plain", 0, 2, NULL, NULL);
  column_set(&b, "l", "with, \"quotes\"", 0, 2, NULL, NULL);
  record_set(&record, 0, 2, &a, &b);
  assert_int_equal(encode_csv_header(&record.schema, &out, &err), SLUICE_OK);
  assert_int_equal(out.size, strlen("plain,\"with, \"\"quotes\"\"\"\r\n"));
  assert_memory_equal(out.data, "plain,\"with, \"\"quotes\"\"\"\r\n", out.size);
  b.schema.name = "\xff";
  assert_int_equal(encode_csv_header(&record.schema, &out, &err), SLUICE_ERR_DATA);
  sluice_buffer_free(&out);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_cells), cmocka_unit_test(test_lone_null),
                                     cmocka_unit_test(test_header)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
