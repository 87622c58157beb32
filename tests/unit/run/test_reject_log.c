/* Reject lines: their form, their order by batch, and hostile contents. */
#include "core/run/reject_log.h"
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static struct reject_record record(int64_t row) {
  return (struct reject_record){.delivery = "j/s/main",
                                .part = "a.csv",
                                .version = "v1",
                                .row = row,
                                .offset = 7,
                                .column = "c",
                                .stage = "decode",
                                .reason = "because",
                                .raw = "1,2",
                                .raw_size = 3};
}

static json_t *only_line(struct reject_log *log) {
  struct text lines = {0};
  int64_t n = 0;
  assert_int_equal(reject_log_peek(log, INT64_MAX, &lines, &n), SLUICE_OK);
  assert_int_equal(n, 1);
  json_t *json = json_loads(text_get(&lines), 0, NULL);
  assert_non_null(json);
  text_finish(&lines);
  return json;
}

static const char *member(json_t *json, const char *name) {
  return json_string_value(json_object_get(json, name));
}

static void a_line_says_all(void **state) {
  (void)state;
  struct reject_log log = {0};
  struct sluice_error err = {0};
  struct reject_record r = record(5);
  assert_int_equal(reject_log_add(&log, 1, &r, &err), SLUICE_OK);
  json_t *json = only_line(&log);
  assert_string_equal(member(json, "delivery"), "j/s/main");
  assert_string_equal(member(json, "part"), "a.csv");
  assert_string_equal(member(json, "version"), "v1");
  assert_string_equal(member(json, "stage"), "decode");
  assert_string_equal(member(json, "reason"), "because");
  assert_string_equal(member(json, "raw"), "1,2");
  assert_int_equal(json_integer_value(json_object_get(json, "row")), 5);
  assert_int_equal(strlen(member(json, "id")), 32);
  json_decref(json);
  reject_log_clear(&log);
}

static void ids_repeat_with_their_record(void **state) {
  (void)state;
  char ids[3][33];
  for (int i = 0; i < 3; i++) {
    struct reject_log log = {0};
    struct sluice_error err = {0};
    struct reject_record r = record(i == 2 ? 6 : 5);
    assert_int_equal(reject_log_add(&log, i, &r, &err), SLUICE_OK);
    json_t *json = only_line(&log);
    snprintf(ids[i], sizeof ids[i], "%s", member(json, "id"));
    json_decref(json);
    reject_log_clear(&log);
  }
  assert_string_equal(ids[0], ids[1]);
  assert_string_not_equal(ids[0], ids[2]);
}

static void lines_go_with_their_batch(void **state) {
  (void)state;
  struct reject_log log = {0};
  struct sluice_error err = {0};
  const int64_t marks[] = {2, 1, 3, 1};
  for (size_t i = 0; i < 4; i++) {
    struct reject_record r = record((int64_t)i);
    assert_int_equal(reject_log_add(&log, marks[i], &r, &err), SLUICE_OK);
  }
  struct text lines = {0};
  int64_t n = 0;
  assert_int_equal(reject_log_peek(&log, 1, &lines, &n), SLUICE_OK);
  assert_int_equal(n, 2);
  reject_log_drop(&log, 2);
  text_clear(&lines);
  assert_int_equal(reject_log_peek(&log, INT64_MAX, &lines, &n), SLUICE_OK);
  assert_int_equal(n, 1);
  assert_non_null(strstr(text_get(&lines), "\"row\":2"));
  text_finish(&lines);
  reject_log_clear(&log);
  assert_int_equal(log.bytes, 0);
}

static void broken_bytes_are_shown_in_hex(void **state) {
  (void)state;
  struct reject_log log = {0};
  struct sluice_error err = {0};
  struct reject_record r = record(1);
  r.raw = "a\xff\x00z";
  r.raw_size = 4;
  r.reason = "not UTF-8: \xff";
  r.part = "b\xff.csv";
  assert_int_equal(reject_log_add(&log, 1, &r, &err), SLUICE_OK);
  json_t *json = only_line(&log);
  assert_string_equal(member(json, "raw_hex"), "61ff007a");
  assert_null(json_object_get(json, "raw"));
  json_decref(json);
  reject_log_clear(&log);
}

static void a_long_record_is_cut_between_characters(void **state) {
  (void)state;
  struct reject_log log = {0};
  struct sluice_error err = {0};
  struct reject_record r = record(1);
  size_t size = 200001;
  char *raw = malloc(size);
  assert_non_null(raw);
  raw[0] = 'x';
  for (size_t i = 1; i + 1 < size; i += 2)
    memcpy(raw + i, "\xc3\xa4", 2);
  r.raw = raw;
  r.raw_size = size;
  assert_int_equal(reject_log_add(&log, 1, &r, &err), SLUICE_OK);
  json_t *json = only_line(&log);
  assert_true(json_is_true(json_object_get(json, "raw_cut")));
  size_t kept = json_string_length(json_object_get(json, "raw"));
  assert_in_range(kept, 65534, 65536);
  assert_memory_equal(member(json, "raw"), raw, kept);
  json_decref(json);
  free(raw);
  reject_log_clear(&log);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_line_says_all),
      cmocka_unit_test(ids_repeat_with_their_record),
      cmocka_unit_test(lines_go_with_their_batch),
      cmocka_unit_test(broken_bytes_are_shown_in_hex),
      cmocka_unit_test(a_long_record_is_cut_between_characters),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
