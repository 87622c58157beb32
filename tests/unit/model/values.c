/* Limits of values: ids, tags, SHAP values, missing values; and one bad row does not stop the others. */
#include "kit.h"
#include <stdlib.h>

#define SCHEMA(more) "{\"prediction_id\":\"id\",\"prediction_label\":\"p\"" more "}"

/* A row whose column at `place` is n times that text, the others as in `row` (with %s there). */
static char *long_row(const char *row, const char *piece, size_t n) {
  size_t size = strlen(piece) * n, room = size + strlen(row) + 1;
  char *text = malloc(size + 1), *made = malloc(room);
  assert_non_null(text);
  assert_non_null(made);
  for (size_t i = 0; i < n; i++)
    memcpy(text + i * strlen(piece), piece, strlen(piece));
  text[size] = 0;
  const char *at = strstr(row, "%s");
  snprintf(made, room, "%.*s%s%s", (int)(at - row), row, text, at + 2);
  free(text);
  return made;
}

static void accepts_long(struct kit *kit, const struct kit_field *fields, const char *row, const char *piece,
                         size_t n) {
  char *rows = long_row(row, piece, n);
  kit_accepts(kit, fields, rows);
  free(rows);
}

static void rejects_long(struct kit *kit, const struct kit_field *fields, const char *row, const char *piece, size_t n,
                         const char *column, const char *code, const char *text) {
  char *rows = long_row(row, piece, n);
  kit_rejects(kit, fields, rows, 0, column, code, text);
  free(rows);
}

static const struct kit_field plain[] = {{"id", "u"}, {"p", "u"}, {NULL, NULL}};

static void ids_are_there_and_short(void **state) {
  struct kit kit;
  (void)state;
  kit_init(&kit, SCHEMA(""));
  kit_accepts(&kit, plain, "[[\"1\",\"x\"],[\"a b\",\"x\"]]");
  kit_rejects(&kit, plain, "[[\"1\",\"x\"],[null,\"x\"]]", 1, "id", "Invalid_Missing_Value",
              "Prediction IDs must not be missing: give this row a value");
  kit_rejects(&kit, plain, "[[\"\",\"x\"]]", 0, "id", "Invalid_String_Length_In_Column",
              "Prediction IDs must have 1 to 512 characters, not 0");
  accepts_long(&kit, plain, "[[\"%s\",\"x\"]]", "x", 512);
  accepts_long(&kit, plain, "[[\"%s\",\"x\"]]", "\xc3\xa9", 512); /* characters, not bytes */
  rejects_long(&kit, plain, "[[\"%s\",\"x\"]]", "x", 513, "id", "Invalid_String_Length_In_Column", "not 513");
  rejects_long(&kit, plain, "[[\"%s\",\"x\"]]", "\xc3\xa9", 513, "id", "Invalid_String_Length_In_Column", "not 513");
  kit_finish(&kit);
}

static void ids_can_be_numbers(void **state) {
  struct kit kit;
  (void)state;
  kit_init(&kit, SCHEMA(""));
  kit_accepts(&kit, FIELDS({"id", "c"}, {"p", "u"}), "[[0,\"x\"],[-7,\"x\"]]");
  kit_rejects(&kit, FIELDS({"id", "l"}, {"p", "u"}), "[[1,\"x\"],[null,\"x\"]]", 1, "id", "Invalid_Missing_Value",
              "Prediction IDs");
  kit_finish(&kit);
}

/* The same prediction twice is two predictions. */
static void ids_can_repeat(void **state) {
  struct kit kit;
  (void)state;
  kit_init(&kit, SCHEMA(""));
  kit_accepts(&kit, plain, "[[\"1\",\"x\"],[\"1\",\"x\"]]");
  const char *second = strchr(kit.lines, '\n') + 1;
  assert_int_equal(strlen(kit.lines), 2 * strlen(second));
  kit_finish(&kit);
}

static void tags_are_not_too_long(void **state) {
  static const struct kit_field fields[] = {{"id", "u"}, {"p", "u"}, {"tag/t", "u"}, {NULL, NULL}};
  struct kit kit;
  (void)state;
  kit_init(&kit, SCHEMA(",\"tags\":\"tag/\""));
  accepts_long(&kit, fields, "[[\"1\",\"x\",\"%s\"]]", "x", 1000);
  kit_accepts(&kit, fields, "[[\"1\",\"x\",\"\"],[\"1\",\"x\",null]]");
  assert_string_equal(kit.logged, "");
  accepts_long(&kit, fields, "[[\"1\",\"x\",\"%s\"]]", "x", 20000);
  assert_non_null(strstr(kit.logged, "tag column 'tag/t' has values of over 1000 bytes"));
  accepts_long(&kit, fields, "[[\"1\",\"x\",\"%s\"]]", "\xc3\xa9", 20000);
  rejects_long(&kit, fields, "[[\"1\",\"x\",\"%s\"],[\"2\",\"x\",\"short\"]]", "x", 20001, "tag/t",
               "Invalid_Tag_Length", "a tag has at most 20000 characters, not 20001: cut it");
  assert_non_null(strstr(kit.lines, "\"tags\":{\"t\":\"short\"}"));
  assert_null(strstr(strstr(kit.logged, "tag column") + 1, "tag column")); /* said once */
  kit_finish(&kit);
}

static void features_can_be_long(void **state) {
  struct kit kit;
  (void)state;
  kit_init(&kit, SCHEMA(""));
  accepts_long(&kit, FIELDS({"id", "u"}, {"p", "u"}, {"f", "u"}), "[[\"1\",\"x\",\"%s\"]]", "x", 30000);
  kit_finish(&kit);
}

static void a_row_has_some_shap_value(void **state) {
  static const struct kit_field fields[] = {{"id", "u"}, {"p", "u"}, {"s/a", "g"}, {"s/b", "i"}, {NULL, NULL}};
  struct kit kit;
  (void)state;
  kit_init(&kit, SCHEMA(",\"shap_values\":\"s/\""));
  kit_accepts(&kit, fields, "[[\"1\",\"x\",0.5,null],[\"2\",\"x\",null,0],[\"3\",\"x\",0,1]]");
  kit_rejects(&kit, fields, "[[\"1\",\"x\",0.5,null],[\"2\",\"x\",null,null]]", 1, "s/a", "Invalid_Shap_Values",
              "all of s/a, s/b are null: give at least one SHAP value");
  kit_finish(&kit);
}

/* ---- many at once ---- */

static void bad_rows_do_not_stop_the_others(void **state) {
  struct kit kit;
  (void)state;
  kit_init(&kit, SCHEMA(""));
  assert_int_equal(kit_run(&kit, FIELDS({"id", "u"}, {"p", "u"}, {"f", "l"}),
                           "[[\"a\",\"x\",1],[null,\"x\",2],[\"c\",null,3],[null,null,4],[\"e\",\"y\",null]]"),
                   SLUICE_OK);
  assert_int_equal(kit.n_rejected, 3); /* each row once, though the fourth breaks two rules */
  assert_int_equal(kit.rejected[0].row, 1);
  assert_int_equal(kit.rejected[1].row, 3);
  assert_int_equal(kit.rejected[2].row, 2);
  assert_non_null(strstr(kit.lines, "{\"prediction_id\":\"a\""));
  assert_non_null(strstr(kit.lines, "{\"prediction_id\":\"e\""));
  assert_non_null(strstr(kit.lines, "\"features\":{\"f\":null}"));
  assert_non_null(kit.origin);
  assert_int_equal(kit.origin[0], 100);
  assert_int_equal(kit.origin[1], 104);
  kit_finish(&kit);
}

static void all_rows_bad(void **state) {
  struct kit kit;
  (void)state;
  kit_init(&kit, SCHEMA(""));
  assert_int_equal(kit_run(&kit, plain, "[[null,\"x\"],[null,\"x\"]]"), SLUICE_OK);
  assert_int_equal(kit.n_rejected, 2);
  assert_string_equal(kit.lines, "");
  kit_finish(&kit);
}

static void no_rows(void **state) {
  struct kit kit;
  (void)state;
  kit_init(&kit, SCHEMA(",\"timestamp\":\"t\""));
  kit_passes(&kit, FIELDS({"id", "u"}, {"p", "u"}, {"t", "u"}), "[]", "");
  kit_finish(&kit);
}

static void the_policy_can_stop(void **state) {
  struct kit kit;
  (void)state;
  kit_init(&kit, SCHEMA(""));
  kit.stop_after = 2;
  assert_int_equal(kit_run(&kit, plain, "[[null,\"x\"],[null,\"x\"],[null,\"x\"]]"), SLUICE_ERR_CANCELLED);
  assert_int_equal(kit.n_rejected, 2);
  assert_string_equal(kit.err.message, "too many");
  kit_finish(&kit);
}

static void a_hostile_value_is_shown_cut(void **state) {
  struct kit kit;
  char *rows = long_row("[[\"1\",\"x\",\"\\u001b[31m%s\"]]", "\xe2\x82\xac", 100);
  (void)state;
  kit_init(&kit, SCHEMA(",\"timestamp\":\"t\""));
  kit_rejects(&kit, FIELDS({"id", "u"}, {"p", "u"}, {"t", "u"}), rows, 0, "t", "Invalid_Timestamp_Value",
              "'?[31m\xe2\x82\xac");
  assert_null(strchr(kit.rejected[0].reason, 0x1b));
  assert_int_equal(sluice_utf8_valid(kit.rejected[0].reason, strlen(kit.rejected[0].reason)),
                   strlen(kit.rejected[0].reason));
  assert_non_null(strstr(kit.rejected[0].reason, "...'"));
  free(rows);
  kit_finish(&kit);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ids_are_there_and_short),
      cmocka_unit_test(ids_can_be_numbers),
      cmocka_unit_test(ids_can_repeat),
      cmocka_unit_test(tags_are_not_too_long),
      cmocka_unit_test(features_can_be_long),
      cmocka_unit_test(a_row_has_some_shap_value),
      cmocka_unit_test(bad_rows_do_not_stop_the_others),
      cmocka_unit_test(all_rows_bad),
      cmocka_unit_test(no_rows),
      cmocka_unit_test(the_policy_can_stop),
      cmocka_unit_test(a_hostile_value_is_shown_cut),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
