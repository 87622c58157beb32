/* CSV records and header. */
#include "sample.h"
#include <math.h>

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

static void test_lone_empty_text(void **state) {
  static const int32_t offsets[] = {0, 0, 0};
  static const uint8_t first[] = {1};
  struct column text, record;
  (void)state;
  column_set(&text, "u", "t", 2, 3, first, offsets, "");
  record_set(&record, 2, 1, &text);
  assert_string_equal(encode_all("csv", NULL, &record, NULL), "\"\"\r\n\"\"\r\n");
}

static void test_not_finite(void **state) {
  static const double doubles[] = {NAN, INFINITY, -INFINITY, 1.5};
  static const float floats[] = {-INFINITY, NAN, -NAN, 0};
  static const uint16_t halves[] = {0x7c00, 0xfc00, 0x7e00, 0};
  static const int32_t lists[] = {0, 1, 2, 3, 4};
  static const uint8_t three[] = {7};
  struct column g, f, e, item, list, record;
  (void)state;
  column_set(&g, "g", "g", 4, 2, NULL, doubles);
  column_set(&f, "f", "f", 4, 2, three, floats);
  column_set(&e, "e", "e", 4, 2, NULL, halves);
  column_set(&item, "g", "item", 4, 2, NULL, doubles);
  column_set(&list, "+l", "l", 4, 2, NULL, lists);
  column_child(&list, &item);
  record_set(&record, 4, 4, &g, &f, &e, &list);
  assert_string_equal(encode_all("csv", NULL, &record, NULL), "NaN,-inf,inf,\"[null]\"\r\ninf,NaN,-inf,\"[null]\"\r\n"
                                                              "-inf,NaN,NaN,\"[null]\"\r\n1.5,,0.0,\"[1.5]\"\r\n");
  assert_string_equal(encode_all("csv", "null", &record, NULL), ",,,\"[null]\"\r\n,,,\"[null]\"\r\n,,,\"[null]\"\r\n"
                                                                "1.5,,0.0,\"[1.5]\"\r\n");
  assert_string_equal(encode_all("csv", "string", &record, NULL),
                      "NaN,-Infinity,Infinity,\"[\"\"NaN\"\"]\"\r\n"
                      "Infinity,NaN,-Infinity,\"[\"\"Infinity\"\"]\"\r\n"
                      "-Infinity,NaN,NaN,\"[\"\"-Infinity\"\"]\"\r\n1.5,,0.0,\"[1.5]\"\r\n");
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
                                     cmocka_unit_test(test_lone_empty_text), cmocka_unit_test(test_not_finite),
                                     cmocka_unit_test(test_header)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
