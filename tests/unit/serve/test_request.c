/* Requests of the control socket, and results of children: any bytes may come. */
#include "core/serve/lines.h"
#include "core/serve/request.h"
#include "core/serve/result.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void test_each_kind(void **state) {
  (void)state;
  for (int i = 0; i < REQUEST_KINDS; i++) {
    struct request request = {.kind = REQUEST_KINDS};
    struct sluice_error err = {0};
    char line[128];
    snprintf(line, sizeof line, "{\"do\": \"%s\", \"job\": \"clicks\"}", request_name((enum request_kind)i));
    assert_int_equal(request_parse(line, &request, &err), SLUICE_OK);
    assert_int_equal(request.kind, i);
    assert_string_equal(request.job, "clicks");
  }
}

static void test_without_a_job(void **state) {
  (void)state;
  struct request request;
  struct sluice_error err = {0};
  assert_int_equal(request_parse("{\"do\": \"pause\"}", &request, &err), SLUICE_OK);
  assert_string_equal(request.job, "");
  assert_int_equal(request_parse("{\"do\": \"delete\"}", &request, &err), SLUICE_ERR_CONFIG);
}

static void test_what_is_no_request(void **state) {
  (void)state;
  static const char *const lines[] = {"",
                                      " ",
                                      "null",
                                      "[]",
                                      "{}",
                                      "{\"do\": 1}",
                                      "{\"do\": \"\"}",
                                      "{\"do\": \"dance\"}",
                                      "{\"do\": \"pause\", \"do\": \"stop\"}",
                                      "{\"do\": \"pause\", \"job\": 1}",
                                      "{\"do\": \"pause\", \"job\": null}",
                                      "{\"do\": \"pause\", \"job\": \"a\\u0000b\"}",
                                      "{\"do\": \"pause\"} x",
                                      "{\"do\": \"pause\"",
                                      "\xff\xfe"};
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    struct request request = {.kind = REQUEST_KINDS};
    struct sluice_error err = {0};
    assert_int_equal(request_parse(lines[i], &request, &err), SLUICE_ERR_CONFIG);
    assert_int_equal(request.kind, REQUEST_KINDS);
    assert_true(err.message[0]);
  }
}

static void test_a_long_name(void **state) {
  (void)state;
  char line[256], name[128];
  struct request request;
  struct sluice_error err = {0};
  for (int n = 64; n < 100; n++) {
    memset(name, 'x', sizeof name);
    snprintf(line, sizeof line, "{\"do\": \"pause\", \"job\": \"%.*s\"}", n, name);
    assert_int_equal(request_parse(line, &request, &err), n < 72 ? SLUICE_OK : SLUICE_ERR_CONFIG);
  }
}

/* Every line with one byte changed or cut is taken or refused, and nothing worse. */
static void test_changed_bytes(void **state) {
  (void)state;
  static const char good[] = "{\"do\": \"run-now\", \"job\": \"clicks\"}";
  for (size_t i = 0; i < sizeof good - 1; i++)
    for (int byte = 0; byte < 256; byte++) {
      char line[sizeof good];
      struct request request;
      struct sluice_error err = {0};
      memcpy(line, good, sizeof good);
      line[i] = (char)byte;
      if (request_parse(line, &request, &err) == SLUICE_OK)
        assert_true(strnlen(request.job, sizeof request.job) < sizeof request.job);
    }
}

static void test_results_there_and_back(void **state) {
  (void)state;
  struct serve_result result = {.outcome = "done with rejects",
                                .where = "a.csv",
                                .message = "x \"y\"\n\t\x01",
                                .part = "b/\xc3\xa9",
                                .started = 1,
                                .ended = INT64_MAX,
                                .milliseconds = 3,
                                .counters = {1, 2, 3, 4, 5, 6, 7, 8, 9},
                                .lag_files = 8,
                                .lag_bytes = INT64_MIN},
                      back;
  json_t *json = serve_result_json(&result);
  memset(&back, 1, sizeof back);
  assert_true(serve_result_parse(json, &back));
  assert_memory_equal(&result, &back, sizeof back);
  json_decref(json);
}

static void test_a_result_of_any_bytes(void **state) {
  (void)state;
  struct serve_result result = {.outcome = "failed"}, back;
  memset(result.message, 0xff, sizeof result.message - 1);
  json_t *json = serve_result_json(&result);
  assert_non_null(json);
  assert_true(serve_result_parse(json, &back));
  assert_int_equal(strlen(back.message), sizeof back.message - 1); /* escaped, and cut */
  json_decref(json);
}

static void test_what_is_no_result(void **state) {
  (void)state;
  static const char *const lines[] = {"{\"outcome\": 1}", "{\"rows\": \"1\"}", "{\"rows\": 1.5}", "{\"message\": []}"};
  struct serve_result back;
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    json_t *json = lines_parse(lines[i]);
    assert_non_null(json);
    assert_false(serve_result_parse(json, &back));
    json_decref(json);
  }
  assert_false(serve_result_parse(NULL, &back));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_each_kind),
      cmocka_unit_test(test_without_a_job),
      cmocka_unit_test(test_what_is_no_request),
      cmocka_unit_test(test_a_long_name),
      cmocka_unit_test(test_changed_bytes),
      cmocka_unit_test(test_results_there_and_back),
      cmocka_unit_test(test_a_result_of_any_bytes),
      cmocka_unit_test(test_what_is_no_result),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
