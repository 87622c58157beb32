/* Timestamps: every form that they come in, the time of ingestion, and the window. */
#include "kit.h"
#include <stdlib.h>
#include <time.h>

#define SCHEMA "{\"prediction_id\":\"id\",\"prediction_label\":\"p\",\"timestamp\":\"t\"}"

/* One timestamp of that type goes out as that text; NULL: it is rejected. */
static void expect(const char *type, const char *value, const char *text) {
  struct kit kit;
  char rows[200], line[200];
  struct kit_field fields[] = {{"id", "u"}, {"p", "u"}, {"t", type}, {NULL, NULL}};
  kit_init(&kit, SCHEMA);
  kit.config.max_age = INT64_C(36500) * 86400000;
  snprintf(rows, sizeof rows, "[[\"1\",\"x\",%s]]", value);
  if (text) {
    kit_accepts(&kit, fields, rows);
    snprintf(line, sizeof line, "{\"prediction_id\":\"1\",\"timestamp\":\"%s\",\"model\":", text);
    if (strncmp(kit.lines, line, strlen(line)) != 0)
      fail_msg("%s %s: %s", type, value, kit.lines);
  } else {
    kit_rejects(&kit, fields, rows, 0, "t", "Invalid_Timestamp_Value",
                "is no time: give seconds since 1970, or a text");
  }
  kit_finish(&kit);
}

static void every_form(void **state) {
  (void)state;
  expect("l", "1650125707", "2022-04-16T16:15:07Z");
  expect("g", "1650125707.25", "2022-04-16T16:15:07.250000Z");
  expect("tdD", "19098", "2022-04-16T00:00:00Z");
  expect("tdm", "1650067200000", "2022-04-16T00:00:00.000Z");
  expect("tss:UTC", "1650125707", "2022-04-16T16:15:07Z");
  expect("tsm:America/New_York", "1650125707001", "2022-04-16T16:15:07.001Z"); /* its values are UTC */
  expect("tsu:", "1650125707000001", "2022-04-16T16:15:07.000001Z");
  expect("tsn:UTC", "1650125707000000001", "2022-04-16T16:15:07.000000001Z");
}

static void texts(void **state) {
  (void)state;
  expect("u", "\"2022-04-16T16:15:00Z\"", "2022-04-16T16:15:00.000000Z");
  expect("u", "\"2022-04-16t16:15:00z\"", "2022-04-16T16:15:00.000000Z");
  expect("u", "\"2022-04-16T18:15:00.5+02:00\"", "2022-04-16T16:15:00.500000Z");
  expect("u", "\"2022-04-16 16:15:00\"", "2022-04-16T16:15:00.000000Z"); /* without a zone it is UTC */
  expect("u", "\"2022-04-16T16:15:00.123456789Z\"", "2022-04-16T16:15:00.123456Z");
  expect("u", "\"1650125707\"", "2022-04-16T16:15:07.000000Z");
  expect("u", "\"1650125707.5\"", "2022-04-16T16:15:07.500000Z");
  expect("u", "\"2022-04-16\"", "2022-04-16T00:00:00.000000Z");
  expect("Du", "\"2022-04-16T16:15:00Z\"", "2022-04-16T16:15:00.000000Z");
}

static void no_times(void **state) {
  (void)state;
  expect("u", "\"\"", NULL);
  expect("u", "\"yesterday\"", NULL);
  expect("u", "\"nan\"", NULL);
  expect("u", "\"2022-04-16T16:15:00Zx\"", NULL);
  expect("u", "\" 1650125707\"", NULL);
  expect("u", "\"99999999999999\"", NULL);
  expect("u", "\"1e300\"", NULL);
  expect("g", "1e300", NULL);
  expect("g", "-9.1e12", NULL);
}

static void a_missing_one(void **state) {
  static const char *const types[] = {"l", "g", "tdD", "tsu:UTC", "u"};
  (void)state;
  for (size_t i = 0; i < 5; i++) {
    struct kit kit;
    struct kit_field fields[] = {{"id", "u"}, {"p", "u"}, {"t", types[i]}, {NULL, NULL}};
    kit_init(&kit, SCHEMA);
    kit_rejects(&kit, fields, "[[\"1\",\"x\",null]]", 0, "t", "Invalid_Missing_Value",
                "Prediction timestamps must not be missing");
    kit_finish(&kit);
  }
}

/* ---- the window ---- */

static const int64_t day = 86400;

static void expect_at(int64_t offset, const char *text, int64_t max_age_days, int64_t max_ahead_days) {
  static const char *const types[] = {"tss:UTC", "tsm:UTC", "tsu:UTC", "tsn:UTC", "l"};
  static const int64_t scales[] = {1, 1000, 1000000, 1000000000, 1};
  for (size_t i = 0; i < 5; i++) {
    struct kit kit;
    char rows[100];
    struct kit_field fields[] = {{"id", "u"}, {"p", "u"}, {"t", types[i]}, {NULL, NULL}};
    kit_init(&kit, SCHEMA);
    kit.config.max_age = max_age_days * day * 1000;
    kit.config.max_ahead = max_ahead_days * day * 1000;
    snprintf(rows, sizeof rows, "[[\"1\",\"x\",%lld]]", (long long)(((int64_t)time(NULL) + offset) * scales[i]));
    if (text)
      kit_rejects(&kit, fields, rows, 0, "t", "Invalid_Timestamp_Value", text);
    else
      kit_accepts(&kit, fields, rows);
    kit_finish(&kit);
  }
}

static void five_years_back_and_one_ahead(void **state) {
  (void)state;
  expect_at(0, NULL, 1825, 365);
  expect_at(-1825 * day + 60, NULL, 1825, 365);
  expect_at(-1825 * day - 60, "out of range: more than 1825 days and 0 hours in the past; mend it, or raise max_age",
            1825, 365);
  expect_at(365 * day - 60, NULL, 1825, 365);
  expect_at(365 * day + 60, "out of range: more than 365 days and 0 hours in the future; mend it, or raise max_ahead",
            1825, 365);
}

static void the_window_can_be_set(void **state) {
  (void)state;
  expect_at(-730 * day + 60, NULL, 730, 0);
  expect_at(-730 * day - 60, "more than 730 days", 730, 0);
  expect_at(60, "more than 0 days and 0 hours in the future", 730, 0);
  expect_at(-36499 * day, NULL, 36500, 36500);
  expect_at(36499 * day, NULL, 36500, 36500);
}

static void the_defaults(void **state) {
  (void)state;
  for (uint32_t i = 0; i < model_options.count; i++) {
    const struct sluice_option *option = &model_options.items[i];
    if (strcmp(option->name, "max_age") == 0)
      assert_string_equal(option->default_text, "1825d");
    if (strcmp(option->name, "max_ahead") == 0)
      assert_string_equal(option->default_text, "365d");
  }
}

static void without_a_column_it_is_now(void **state) {
  struct kit kit;
  int64_t us;
  bool zoned;
  (void)state;
  kit_init(&kit, "{\"prediction_id\":\"id\",\"prediction_label\":\"p\"}");
  int64_t before = (int64_t)time(NULL);
  kit_accepts(&kit, FIELDS({"id", "u"}, {"p", "u"}), "[[\"1\",\"x\"],[\"2\",\"x\"]]");
  const char *at = strstr(kit.lines, "\"timestamp\":\"");
  assert_non_null(at);
  at += strlen("\"timestamp\":\"");
  assert_true(sluice_parse_timestamp(at, (size_t)(strchr(at, '"') - at), SLUICE_MICRO, &us, &zoned));
  assert_true(zoned);
  assert_in_range(us / 1000000, before, before + 60);
  kit_finish(&kit);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_form),
      cmocka_unit_test(texts),
      cmocka_unit_test(no_times),
      cmocka_unit_test(a_missing_one),
      cmocka_unit_test(five_years_back_and_one_ahead),
      cmocka_unit_test(the_window_can_be_set),
      cmocka_unit_test(the_defaults),
      cmocka_unit_test(without_a_column_it_is_now),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
