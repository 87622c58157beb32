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

static void set(struct watch *watch, size_t i, const char *plugin, const char *name, long long value) {
  struct metric *metric = &watch->metrics.items[i];
  snprintf(metric->plugin, sizeof metric->plugin, "%s", plugin);
  snprintf(metric->name, sizeof metric->name, "%s", name);
  atomic_store(&metric->value, value);
  atomic_store(&metric->taken, true);
}

/* A process may write anything into its memory: what is no counter is left out, and none comes twice. */
static void test_counters_of_plugins(void **state) {
  (void)state;
  struct watch *watch = calloc(1, sizeof *watch);
  struct served *served = calloc(1, sizeof *served);
  struct served *jobs[] = {served, served};
  struct metrics_view view = {.jobs = jobs, .n_jobs = 1};
  struct text text = {0};
  set(watch, 0, "source-s3", "requests", 5);
  set(watch, 1, "source-s3", "requests", 2);
  set(watch, 2, "source-s3\"} 1\nx", "requests", 1);
  set(watch, 3, "source-s3", "x_total", 1);
  set(watch, 4, "source-s3", "sent_bytes", 7);
  set(watch, 5, "source-s3", "below", -7);
  set(watch, 6, "source-s3", "huge", INT64_MAX);
  set(watch, 7, "source-s3", "huge", INT64_MAX);
  memset(watch->metrics.items[8].plugin, 'x', METRIC_PLUGIN);
  memset(watch->metrics.items[8].name, 'x', METRIC_NAME);
  atomic_store(&watch->metrics.items[8].taken, true);
  snprintf(served->kept.name, sizeof served->kept.name, "clicks");
  counted_add(&served->totals.counted, watch);
  counted_add(&served->totals.counted, NULL);
  assert_int_equal(served->totals.counted.n, 3);
  assert_int_equal(counted_sum(&served->totals.counted, "requests"), 7);
  assert_int_equal(metrics_text(&view, METRICS_OPENMETRICS, &text), SLUICE_OK);
  assert_true(has(&text, "# TYPE sluice_plugin_requests counter"));
  assert_true(has(&text, "sluice_plugin_requests_total{job=\"clicks\",plugin=\"source-s3\"} 7"));
  assert_true(has(&text, "# UNIT sluice_plugin_sent_bytes bytes"));
  assert_true(has(&text, "sluice_stage_time_seconds_total{job=\"clicks\",stage=\"map\"} 0"));
  assert_null(strstr(text_get(&text), "below"));
  text_clear(&text);
  view.n_jobs = 2; /* each family once */
  assert_int_equal(metrics_text(&view, METRICS_PROMETHEUS, &text), SLUICE_OK);
  const char *first = strstr(text_get(&text), "# TYPE sluice_plugin_requests_total");
  assert_non_null(first);
  assert_null(strstr(first + 1, "# TYPE sluice_plugin_requests_total"));
  text_finish(&text);
  served_destroy(served);
  free(watch);
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
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines),   cmocka_unit_test(test_counters_of_plugins),
                                     cmocka_unit_test(test_no_jobs), cmocka_unit_test(test_no_room),
                                     cmocka_unit_test(test_forms),   cmocka_unit_test(test_addresses)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
