/* Tests of values: each type, each comparison, nulls, literals that the type cannot hold, encoded columns. */
#include "check.h"

static struct sluice_comparison *make(const struct ArrowSchema *field, int32_t compare, const char *literal) {
  struct sluice_comparison *c = NULL;
  struct sluice_error err = {0};
  if (sluice_comparison_create(field, compare, literal, &c, &err) != SLUICE_OK)
    fail_msg("%s: %s", literal ? literal : "null", err.message);
  return c;
}

/* "10?" is: true, false, null in the column, which no comparison is true of. */
static void expect(const struct ArrowSchema *field, const struct ArrowArray *array, int32_t compare,
                   const char *literal, const char *wanted) {
  struct sluice_comparison *c = make(field, compare, literal);
  uint8_t keep[64];
  int64_t n = (int64_t)strlen(wanted);
  char got[65] = "";
  assert_int_equal(array->length, n);
  memset(keep, 1, sizeof keep);
  assert_ok(sluice_comparison_apply(c, array, 0, n, keep));
  for (int64_t i = 0; i < n; i++)
    got[i] = keep[i] ? '1' : '0';
  if (strcmp(got, wanted) != 0)
    fail_msg("%s: comparison %d with %s: %s, not %s", field->format, (int)compare, literal ? literal : "null", got,
             wanted);
  for (int64_t first = 0; first < n; first++) { /* one by one, and what was left out stays out */
    uint8_t one = 1, none = 0;
    assert_ok(sluice_comparison_apply(c, array, first, 1, &one));
    assert_ok(sluice_comparison_apply(c, array, first, 1, &none));
    assert_int_equal(one, wanted[first] == '1');
    assert_int_equal(none, 0);
  }
  sluice_comparison_destroy(c);
}

/* The texts, cast to the type; NULL is null. */
static void make_column(const char *format, const char *const *texts, int64_t n, struct ArrowSchema *schema,
                        struct ArrowArray *array) {
  struct ArrowSchema text;
  struct ArrowArray source;
  make_texts("u", texts, n, &text, &source);
  assert_ok(sluice_schema_init(schema, format, "column", ARROW_FLAG_NULLABLE));
  assert_ok(sluice_cast(&text, &source, schema, NULL, NULL, array, NULL));
  sluice_schema_release(&text);
}

static void expect_of(const char *format, const char *const texts[4], const char *literal) {
  static const char *const wanted[] = {NULL, "0100", "1010", "1000", "1100", "0010", "0110", "0001", "1110"};
  struct ArrowSchema schema;
  struct ArrowArray array;
  make_column(format, texts, 4, &schema, &array);
  for (int32_t compare = SLUICE_EQUAL; compare <= SLUICE_IS_NOT_NULL; compare++)
    expect(&schema, &array, compare, compare < SLUICE_IS_NULL ? literal : NULL, wanted[compare]);
  sluice_array_release(&array);
  sluice_schema_release(&schema);
}

static void every_type_is_compared(void **state) {
  (void)state;
  static const char *const numbers[] = {"-3", "7", "100", NULL}, *const natural[] = {"3", "7", "100", NULL};
  static const char *const signed_formats[] = {"c", "s",     "i",        "l",         "e",      "f",
                                               "g", "d:5,0", "d:9,2,32", "d:18,2,64", "d:38,3", "d:60,1,256"};
  static const char *const natural_formats[] = {"C", "S", "I", "L"}, *const text_formats[] = {"u", "U", "vu",
                                                                                              "z", "Z", "vz"};
  for (size_t i = 0; i < sizeof signed_formats / sizeof *signed_formats; i++)
    expect_of(signed_formats[i], numbers, "7");
  for (size_t i = 0; i < sizeof natural_formats / sizeof *natural_formats; i++)
    expect_of(natural_formats[i], natural, "7");
  for (size_t i = 0; i < sizeof text_formats / sizeof *text_formats; i++)
    expect_of(text_formats[i], (const char *const[]){"", "b, and more than twelve", "\xc3\xa9", NULL},
              "b, and more than twelve");
  expect_of("w:2", (const char *const[]){"aa", "ab", "b ", NULL}, "ab");
  expect_of("tdD", (const char *const[]){"1969-12-31", "2024-02-29", "2024-03-01", NULL}, "2024-02-29");
  expect_of("tdm", (const char *const[]){"1969-12-31", "2024-02-29", "2024-03-01", NULL}, "2024-02-29");
  expect_of("ttm", (const char *const[]){"00:00:00", "12:30:00.5", "23:59:59", NULL}, "12:30:00.5");
  expect_of("ttu", (const char *const[]){"00:00:00", "12:30:00.5", "23:59:59", NULL}, "12:30:00.5");
  expect_of("tsu:", (const char *const[]){"1960-01-01T00:00:00", "2024-02-29T00:00:00", "2030-01-01T00:00:00", NULL},
            "2024-02-29");
  expect_of("tsn:UTC",
            (const char *const[]){"1960-01-01T00:00:00Z", "2024-02-29T01:00:00Z", "2030-01-01T00:00:00Z", NULL},
            "2024-02-29T02:00:00+01:00");
}

static void truth_values_have_an_order(void **state) {
  (void)state;
  struct ArrowSchema schema;
  struct ArrowArray array;
  make_column("b", (const char *const[]){"false", "true", NULL}, 3, &schema, &array);
  expect(&schema, &array, SLUICE_EQUAL, "true", "010");
  expect(&schema, &array, SLUICE_LESS, "true", "100");
  expect(&schema, &array, SLUICE_GREATER, "false", "010");
  expect(&schema, &array, SLUICE_NOT_EQUAL, "false", "010");
  expect(&schema, &array, SLUICE_GREATER_EQUAL, "false", "110");
  sluice_array_release(&array);
  sluice_schema_release(&schema);
}

struct beyond {
  const char *format, *literal;
  int32_t compare;
  const char *wanted; /* of the least, -2, -1, 0, 1, 2, the greatest */
};

/* What is less than 10.5 is at most 10; what a type cannot hold lies beyond all of its values. */
static void numbers_that_do_not_fit_are_compared(void **state) {
  (void)state;
  static const char *const values[] = {"-128", "-2", "-1", "0", "1", "2", "127"};
  static const struct beyond cases[] = {{"c", "0.5", SLUICE_LESS, "1111000"},
                                        {"c", "0.5", SLUICE_GREATER_EQUAL, "0000111"},
                                        {"c", "-1.5", SLUICE_LESS_EQUAL, "1100000"},
                                        {"c", "-1.5", SLUICE_GREATER, "0011111"},
                                        {"c", "1.5", SLUICE_EQUAL, "0000000"},
                                        {"c", "1.5", SLUICE_NOT_EQUAL, "1111111"},
                                        {"c", "1.0", SLUICE_EQUAL, "0000100"},
                                        {"c", "1e0", SLUICE_LESS, "1111000"},
                                        {"c", "128", SLUICE_LESS, "1111111"},
                                        {"c", "128", SLUICE_GREATER, "0000000"},
                                        {"c", "-128.5", SLUICE_GREATER, "1111111"},
                                        {"c", "-129", SLUICE_LESS_EQUAL, "0000000"},
                                        {"c", "99999999999999999999999", SLUICE_LESS, "1111111"},
                                        {"c", "1e300", SLUICE_NOT_EQUAL, "1111111"},
                                        {"c", "nan", SLUICE_LESS, "0000000"},
                                        {"c", "nan", SLUICE_GREATER_EQUAL, "0000000"},
                                        {"c", "nan", SLUICE_NOT_EQUAL, "1111111"},
                                        {"l", "-9223372036854775808", SLUICE_GREATER, "1111111"},
                                        {"l", "-9223372036854775809", SLUICE_GREATER_EQUAL, "1111111"},
                                        {"l", "18446744073709551615", SLUICE_LESS, "1111111"},
                                        {"d:5,1", "0.55", SLUICE_LESS, "1111000"},
                                        {"d:5,1", "-1.01", SLUICE_LESS, "1100000"},
                                        {"d:5,1", "-1.01", SLUICE_GREATER_EQUAL, "0011111"},
                                        {"d:5,1", "1.00", SLUICE_EQUAL, "0000100"},
                                        {"d:5,0", "1.9", SLUICE_LESS_EQUAL, "1111100"},
                                        {"d:5,1", "123456789012345", SLUICE_LESS, "1111111"},
                                        {"g", "nan", SLUICE_EQUAL, "0000000"},
                                        {"g", "-0.0", SLUICE_EQUAL, "0001000"},
                                        {"f", "1e300", SLUICE_LESS, "1111111"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct ArrowSchema schema;
    struct ArrowArray array;
    make_column(cases[i].format, values, 7, &schema, &array);
    expect(&schema, &array, cases[i].compare, cases[i].literal, cases[i].wanted);
    sluice_array_release(&array);
    sluice_schema_release(&schema);
  }
}

static void nan_is_beside_all_numbers(void **state) {
  (void)state;
  static const char *const wanted[] = {NULL, "0000", "1111", "0001", "0001", "1100", "1100"};
  struct ArrowSchema schema;
  struct ArrowArray array;
  static const char *const formats[] = {"e", "f", "g"};
  for (size_t k = 0; k < 3; k++) {
    make_column(formats[k], (const char *const[]){"inf", "5", "nan", "-inf"}, 4, &schema, &array);
    for (int32_t compare = SLUICE_EQUAL; compare <= SLUICE_GREATER_EQUAL; compare++)
      expect(&schema, &array, compare, "1", wanted[compare]);
    expect(&schema, &array, SLUICE_NOT_EQUAL, "nan", "1111");
    sluice_array_release(&array);
    sluice_schema_release(&schema);
  }
}

static void what_is_no_value_is_refused(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"i", "x"},          {"i", ""},   {"i", "1x"},          {"l", "--1"},
      {"d:5,1", "1.55e3"}, {"b", "1"},  {"tdD", "yesterday"}, {"tsu:", "2024-01-01T00:00:00Z"},
      {"g", "one"},        {"+s", "1"}, {"tin", "1"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct ArrowSchema schema;
    struct sluice_comparison *c = NULL;
    struct sluice_error err = {0};
    assert_ok(sluice_schema_init(&schema, cases[i][0], "column", ARROW_FLAG_NULLABLE));
    assert_int_equal(sluice_comparison_create(&schema, SLUICE_LESS, cases[i][1], &c, &err), SLUICE_ERR_CONFIG);
    assert_non_null(strstr(err.message, "column 'column'"));
    assert_null(c);
    sluice_schema_release(&schema);
  }
}

static void uuids_are_written_with_dashes(void **state) {
  (void)state;
  struct ArrowSchema schema;
  struct sluice_comparison *c;
  const void *bytes;
  size_t size;
  assert_ok(sluice_schema_init(&schema, "w:16", "id", 0));
  c = make(&schema, SLUICE_EQUAL, "00112233-4455-6677-8899-AAbbccddeeff");
  assert_true(sluice_comparison_value(c, &bytes, &size));
  assert_int_equal(size, 16);
  assert_memory_equal(bytes, "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff", 16);
  sluice_comparison_destroy(c);
  sluice_schema_release(&schema);
}

static void literals_that_no_value_equals_are_not_given(void **state) {
  (void)state;
  static const struct {
    const char *format, *literal;
    bool given;
  } cases[] = {{"c", "5", true},         {"c", "5.5", false},    {"c", "300", false},
               {"d:5,1", "1.25", false}, {"d:5,1", "1.2", true}, {"u", "x", true}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct ArrowSchema schema;
    const void *bytes;
    size_t size;
    assert_ok(sluice_schema_init(&schema, cases[i].format, "c", 0));
    struct sluice_comparison *c = make(&schema, SLUICE_EQUAL, cases[i].literal);
    assert_int_equal(sluice_comparison_value(c, &bytes, &size), cases[i].given);
    sluice_comparison_destroy(c);
    sluice_schema_release(&schema);
  }
}

/* Dictionaries, of which values may be null too, and runs are as their values are. */
static void encoded_columns_are_as_their_values(void **state) {
  (void)state;
  static const char *const texts[] = {"b", "a", NULL, "b", "c", "c", NULL};
  struct ArrowSchema plain, dictionary, values, runs;
  struct ArrowArray array, encoded;
  make_texts("u", texts, 7, &plain, &array);
  assert_ok(sluice_schema_init(&dictionary, "s", "column", ARROW_FLAG_NULLABLE));
  assert_ok(sluice_schema_init(&values, "u", "column", ARROW_FLAG_NULLABLE));
  assert_ok(sluice_schema_set_dictionary(&dictionary, &values));
  assert_ok(sluice_cast(&plain, &array, &dictionary, NULL, NULL, &encoded, NULL));
  expect(&dictionary, &encoded, SLUICE_EQUAL, "b", "1001000");
  expect(&dictionary, &encoded, SLUICE_GREATER, "a", "1001110");
  expect(&dictionary, &encoded, SLUICE_IS_NULL, NULL, "0010001");
  expect(&dictionary, &encoded, SLUICE_IS_NOT_NULL, NULL, "1101110");
  assert_ok(sluice_schema_nested(&runs, "+r", "column", ARROW_FLAG_NULLABLE, 2));
  assert_ok(sluice_schema_init(runs.children[0], "i", "run_ends", 0));
  assert_ok(sluice_schema_init(runs.children[1], "u", "values", ARROW_FLAG_NULLABLE));
  struct ArrowArray in_runs;
  assert_ok(sluice_cast(&dictionary, &encoded, &runs, NULL, NULL, &in_runs, NULL));
  expect(&runs, &in_runs, SLUICE_NOT_EQUAL, "b", "0100110");
  expect(&runs, &in_runs, SLUICE_IS_NULL, NULL, "0010001");
  sluice_array_release(&in_runs);
  sluice_schema_release(&runs);
  sluice_schema_release(&dictionary);
  sluice_schema_release(&plain);
}

static void columns_of_nulls_have_only_nulls(void **state) {
  (void)state;
  struct ArrowSchema schema;
  struct ArrowArray array;
  assert_ok(sluice_schema_init(&schema, "n", "column", ARROW_FLAG_NULLABLE));
  assert_ok(sluice_array_nulls(&schema, 3, &array));
  expect(&schema, &array, SLUICE_IS_NULL, NULL, "111");
  expect(&schema, &array, SLUICE_IS_NOT_NULL, NULL, "000");
  expect(&schema, &array, SLUICE_NOT_EQUAL, "anything", "000");
  sluice_array_release(&array);
  sluice_schema_release(&schema);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_type_is_compared),
                                     cmocka_unit_test(truth_values_have_an_order),
                                     cmocka_unit_test(numbers_that_do_not_fit_are_compared),
                                     cmocka_unit_test(nan_is_beside_all_numbers),
                                     cmocka_unit_test(what_is_no_value_is_refused),
                                     cmocka_unit_test(uuids_are_written_with_dashes),
                                     cmocka_unit_test(literals_that_no_value_equals_are_not_given),
                                     cmocka_unit_test(encoded_columns_are_as_their_values),
                                     cmocka_unit_test(columns_of_nulls_have_only_nulls)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
