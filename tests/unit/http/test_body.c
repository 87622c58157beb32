/* Bodies: JSON lines, arrays made in place, single records, and parts of them. */
#include "body.h"
#include "cmocka_all.h"
#include "request.h"

/* Four rows, of which the second was rejected. */
static const char text[] = "{\"a\":1}\n{\"b\":22}\n{}\n";
static const size_t ends[] = {8, 8, 17, 20};
static const struct sluice_encoded encoded = {(const uint8_t *)text, sizeof text - 1, ends, 4};

static void assert_body(const struct body *body, enum http_body kind, const char *expected) {
  size_t size = 0;
  const uint8_t *data = body_data(body, kind, &size);
  assert_int_equal(size, strlen(expected));
  assert_memory_equal(data, expected, size);
}

static void lines_stay_as_they_are(void **state) {
  (void)state;
  struct body body = {0};
  assert_int_equal(body_start(&body), SLUICE_OK);
  assert_int_equal(body_append(&body, &encoded, 5, 0, 2), SLUICE_OK);
  assert_int_equal(body_append(&body, &encoded, 5, 2, 4), SLUICE_OK);
  assert_int_equal(body.rows, 4);
  assert_int_equal(body.records, 3);
  assert_int_equal(body_first(&body), 5);
  assert_int_equal(body_last(&body), 8);
  body_seal(&body, HTTP_NDJSON);
  assert_body(&body, HTTP_NDJSON, text);
  body_finish(&body);
}

static void an_array_and_its_halves(void **state) {
  (void)state;
  struct body whole = {0}, half = {0};
  assert_int_equal(body_start(&whole), SLUICE_OK);
  assert_int_equal(body_append(&whole, &encoded, 100, 0, 4), SLUICE_OK);
  body_seal(&whole, HTTP_JSON);
  assert_body(&whole, HTTP_JSON, "[{\"a\":1},{\"b\":22},{}]");
  assert_int_equal(body_copy(&whole, 0, 3, &half), SLUICE_OK);
  body_seal(&half, HTTP_JSON);
  assert_body(&half, HTTP_JSON, "[{\"a\":1},{\"b\":22}]");
  assert_int_equal(half.records, 2);
  assert_int_equal(body_copy(&whole, 1, 4, &half), SLUICE_OK);
  body_seal(&half, HTTP_JSON);
  assert_body(&half, HTTP_JSON, "[{\"b\":22},{}]");
  assert_int_equal(body_first(&half), 101);
  assert_int_equal(body_first_record(&half), 102); /* 101 was rejected */
  body_finish(&whole);
  body_finish(&half);
}

static void rejected_rows_at_the_end(void **state) {
  (void)state;
  struct body body = {0};
  assert_int_equal(body_start(&body), SLUICE_OK);
  assert_int_equal(body_append(&body, &encoded, 5, 0, 2), SLUICE_OK);
  body_seal(&body, HTTP_JSON);
  assert_body(&body, HTTP_JSON, "[{\"a\":1}]");
  body_finish(&body);
}

static void a_single_record(void **state) {
  (void)state;
  struct body body = {0};
  assert_int_equal(body_start(&body), SLUICE_OK);
  assert_int_equal(body_append(&body, &encoded, 0, 2, 3), SLUICE_OK);
  body_seal(&body, HTTP_RECORD);
  assert_body(&body, HTTP_RECORD, "{\"b\":22}");
  body_finish(&body);
}

/* Rows of another operation stand between those of this request. */
static void rows_that_do_not_follow_each_other(void **state) {
  (void)state;
  struct body body = {0}, half = {0};
  assert_int_equal(body_start(&body), SLUICE_OK);
  assert_int_equal(body_append(&body, &encoded, 7, 0, 1), SLUICE_OK);
  assert_int_equal(body_skip(&body, 8), SLUICE_OK);
  assert_int_equal(body_append(&body, &encoded, 50, 2, 4), SLUICE_OK);
  assert_int_equal(body.rows, 4);
  assert_int_equal(body.records, 3);
  body_seal(&body, HTTP_NDJSON);
  assert_body(&body, HTTP_NDJSON, text);
  assert_int_equal(body_copy(&body, 1, 4, &half), SLUICE_OK);
  assert_int_equal(body_first(&half), 8);
  assert_int_equal(body_first_record(&half), 52);
  assert_int_equal(body_last(&half), 53);
  body_finish(&body);
  body_finish(&half);
}

static void the_key_names_the_rows(void **state) {
  (void)state;
  struct request request = {.mark = {.first_row = 1000, .unit = "abc"}};
  char key[REQUEST_KEY_SIZE];
  assert_int_equal(body_start(&request.body), SLUICE_OK);
  assert_int_equal(body_append(&request.body, &encoded, 10, 0, 4), SLUICE_OK);
  request_key(&request, 0, key);
  assert_string_equal(key, "abc-1010-1013");
  request_key(&request, 7, key); /* another full refresh is no repeat */
  assert_string_equal(key, "g7-abc-1010-1013");
  memset(request.mark.unit, 'u', sizeof request.mark.unit - 1);
  request.mark.first_row = INT64_MAX - 100;
  request_key(&request, INT64_MAX, key);
  assert_non_null(strstr(key, "-9223372036854775717-9223372036854775720")); /* whole, however long */
  request.mark.unit[0] = 0; /* keys of two units would be the same: none is sent */
  request_key(&request, 7, key);
  assert_string_equal(key, "");
  body_finish(&request.body);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(lines_stay_as_they_are),
                                     cmocka_unit_test(an_array_and_its_halves),
                                     cmocka_unit_test(rejected_rows_at_the_end),
                                     cmocka_unit_test(a_single_record),
                                     cmocka_unit_test(rows_that_do_not_follow_each_other),
                                     cmocka_unit_test(the_key_names_the_rows)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
