/* Numbers as text in both forms, and which form a request asks for. */
#include "core/serve/metrics.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static bool has(const struct text *text, const char *line) {
  size_t n = strlen(line);
  for (const char *at = strstr(text_get(text), line); at; at = strstr(at + 1, line))
    if ((at == text->data || at[-1] == '\n') && at[n] == '\n')
      return true;
  return false;
}

static void write_both(struct text *prometheus, struct text *openmetrics) {
  struct served *served = calloc(1, sizeof *served);
  snprintf(served->kept.name, sizeof served->kept.name, "clicks");
  served->totals.rows = INT64_C(9007199254740993);
  served->totals.runs[0] = 4;
  served->kept.last = (struct serve_result){
      .outcome = "done", .lag_files = 2, .lag_bytes = 30, .milliseconds = 1500, .counters = {.parts_done = 5}};
  struct metrics_view view = {.jobs = &served, .n_jobs = 1, .started_us = 1500000, .reloads = 3};
  assert_int_equal(metrics_text(&view, METRICS_PROMETHEUS, prometheus), SLUICE_OK);
  assert_int_equal(metrics_text(&view, METRICS_OPENMETRICS, openmetrics), SLUICE_OK);
  served_destroy(served);
}

static void test_lines(void **state) {
  (void)state;
  struct text prometheus = {0}, openmetrics = {0};
  write_both(&prometheus, &openmetrics);
  const struct text *const both[] = {&prometheus, &openmetrics};
  for (size_t i = 0; i < 2; i++) {
    assert_true(has(both[i], "sluice_up 1"));
    assert_true(has(both[i], "sluice_reloads_total 3"));
    assert_true(has(both[i], "sluice_runs_total{job=\"clicks\",reason=\"done\"} 4"));
    assert_true(has(both[i], "sluice_lag_files{job=\"clicks\"} 2"));
    assert_true(has(both[i], "sluice_lag_bytes{job=\"clicks\"} 30"));
    assert_true(has(both[i], "sluice_last_run_duration_seconds{job=\"clicks\"} 1.5"));
    assert_true(has(both[i], "sluice_run_parts{job=\"clicks\",state=\"done\"} 5"));
    assert_true(has(both[i], "sluice_job_state{job=\"clicks\",state=\"active\"} 1"));
  }
  assert_true(has(&prometheus, "# TYPE sluice_rows_total counter"));
  assert_true(has(&openmetrics, "# TYPE sluice_rows counter"));
  assert_true(has(&openmetrics, "# UNIT sluice_lag_bytes bytes"));
  assert_null(strstr(text_get(&prometheus), "# EOF"));
  assert_string_equal(openmetrics.data + openmetrics.size - 6, "# EOF\n");
  text_finish(&prometheus);
  text_finish(&openmetrics);
}

static void test_no_jobs(void **state) {
  (void)state;
  struct metrics_view view = {.n_jobs = 0};
  struct text text = {0};
  assert_int_equal(metrics_text(&view, METRICS_OPENMETRICS, &text), SLUICE_OK);
  assert_true(has(&text, "sluice_up 1"));
  text_finish(&text);
}

static void test_no_room(void **state) {
  (void)state;
  struct metrics_view view = {.n_jobs = 0};
  struct text text = {.limit = 300};
  assert_int_equal(metrics_text(&view, METRICS_PROMETHEUS, &text), SLUICE_ERR_MEMORY);
  text_finish(&text);
}

static void test_forms(void **state) {
  (void)state;
  assert_int_equal(metrics_form(NULL), METRICS_PROMETHEUS);
  assert_int_equal(metrics_form("*/*"), METRICS_PROMETHEUS);
  assert_int_equal(metrics_form("text/plain;version=0.0.4"), METRICS_PROMETHEUS);
  assert_int_equal(metrics_form("application/openmetrics-text; version=1.0.0; q=0.9, */*"), METRICS_OPENMETRICS);
}

static void test_addresses(void **state) {
  (void)state;
  static const char *const wrong[] = {
      "",       "9464",      "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1",
      "host:1", "[::1:9464", "::1:9464",  "[x]:1",      "1.2.3.4.5:1"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    struct metrics_server *server = NULL;
    struct sluice_error err = {0};
    assert_int_equal(metrics_open(wrong[i], NULL, NULL, &server, &err), SLUICE_ERR_CONFIG);
    assert_null(server);
    assert_non_null(strstr(err.message, "no address"));
  }
  static const char *const right[] = {"127.0.0.1:0", "localhost:0", ":0"};
  for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
    struct metrics_server *server = NULL;
    struct sluice_error err = {0};
    assert_int_equal(metrics_open(right[i], NULL, NULL, &server, &err), SLUICE_OK);
    metrics_close(server);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines), cmocka_unit_test(test_no_jobs),
                                     cmocka_unit_test(test_no_room), cmocka_unit_test(test_forms),
                                     cmocka_unit_test(test_addresses)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
