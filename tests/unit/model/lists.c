/* Embeddings and scores of classes: built lists of every layout. */
#include "kit.h"
#include <stdlib.h>

#define EMBEDDED                                                                                                       \
  "{\"prediction_id\":\"id\",\"prediction_label\":\"p\",\"embedding_features\":[{\"feature_name\":\"text\","           \
  "\"vector_col\":\"v\",\"raw_data_col\":\"d\",\"link_to_data_col\":\"l\"}]}"

/* "[[...,[0,0,...]]]" with n numbers. */
static char *vector_row(size_t n) {
  size_t room = n * 2 + 40;
  char *row = malloc(room);
  assert_non_null(row);
  size_t at = (size_t)snprintf(row, room, "[[\"1\",\"x\",[");
  for (size_t i = 0; i < n; i++)
    at += (size_t)snprintf(row + at, room - at, "%s0", i ? "," : "");
  snprintf(row + at, room - at, "],null,null]]");
  return row;
}

static void vectors(void **state) {
  static const char *const types[] = {"Lf", "Lg", "Yf"};
  (void)state;
  for (size_t t = 0; t < 3; t++) {
    struct kit kit;
    struct kit_field fields[] = {{"id", "u"}, {"p", "u"}, {"v", types[t]}, {"d", "u"}, {"l", "u"}, {NULL, NULL}};
    kit_init(&kit, EMBEDDED);
    kit_accepts(&kit, fields,
                "[[\"1\",\"x\",[0.5,1.5],\"words\",\"https://e.org/1\"],[\"2\",\"x\",null,null,null],"
                "[\"3\",\"x\",[],null,null]]");
    assert_non_null(strstr(kit.lines, "\"embeddings\":{\"text\":{\"vector\":[0.5,1.5],\"data\":\"words\","
                                      "\"link\":\"https://e.org/1\"}}"));
    kit_rejects(&kit, fields, "[[\"1\",\"x\",[0.5,1],null,null],[\"2\",\"x\",[0.5],null,null]]", 1, "v",
                "Invalid_Embedding_Dimension", "a vector has 2 to 20000 numbers (or none), not 1");
    char *most = vector_row(20000), *more = vector_row(20001);
    kit_accepts(&kit, fields, most);
    kit_rejects(&kit, fields, more, 0, "v", "Invalid_Embedding_Dimension", "not 20001");
    free(most);
    free(more);
    kit_finish(&kit);
  }
}

static void vectors_of_a_fixed_size(void **state) {
  struct kit kit;
  (void)state;
  kit_init(&kit, EMBEDDED);
  kit_accepts(&kit, FIELDS({"id", "u"}, {"p", "u"}, {"v", "F2f"}, {"d", "u"}, {"l", "u"}),
              "[[\"1\",\"x\",[1,2],null,null],[\"2\",\"x\",null,null,null]]");
  kit_rejects(&kit, FIELDS({"id", "u"}, {"p", "u"}, {"v", "F1g"}, {"d", "u"}, {"l", "u"}),
              "[[\"1\",\"x\",[1],null,null],[\"2\",\"x\",null,null,null]]", 0, "v", "Invalid_Embedding_Dimension",
              "not 1");
  kit_finish(&kit);
}

/* A row whose raw data is n characters: one text, or a list of two. */
static char *data_row(size_t n, bool list) {
  char *row = malloc(n + 60), *text = malloc(n + 1);
  assert_non_null(row);
  assert_non_null(text);
  memset(text, 'w', n);
  text[n] = 0;
  if (list)
    snprintf(row, n + 60, "[[\"1\",\"x\",null,[\"%.*s\",\"%s\"],null]]", (int)(n / 2), text, text + n / 2);
  else
    snprintf(row, n + 60, "[[\"1\",\"x\",null,\"%s\",null]]", text);
  free(text);
  return row;
}

static void raw_data(void **state) {
  (void)state;
  for (int list = 0; list < 2; list++) {
    struct kit kit;
    struct kit_field fields[] = {{"id", "u"}, {"p", "u"},  {"v", "Lf"}, {"d", list ? "Lu" : "u"},
                                 {"l", "u"},  {NULL, NULL}};
    kit_init(&kit, EMBEDDED);
    char *most = data_row(2000000, list), *more = data_row(2000001, list);
    kit_accepts(&kit, fields, most);
    kit_rejects(&kit, fields, more, 0, "d", "Invalid_String_Length_In_Column",
                "raw data has at most 2000000 characters, not 2000001: cut it");
    kit_accepts(&kit, fields, "[[\"1\",\"x\",null,null,null]]");
    free(most);
    free(more);
    kit_finish(&kit);
  }
}

/* ---- scores of classes ---- */

#define MULTI "{\"prediction_id\":\"id\",\"prediction_scores\":\"s\",\"actual_scores\":\"a\"}"

static void scores(void **state) {
  static const char *const types[] = {"LS", "YS"};
  (void)state;
  for (size_t t = 0; t < 2; t++) {
    struct kit kit;
    struct kit_field fields[] = {{"id", "u"}, {"s", types[t]}, {"a", "LS"}, {NULL, NULL}};
    kit_init(&kit, MULTI);
    kit.config.model_type = MODEL_MULTI_CLASS;
    kit_accepts(&kit, fields, "[[\"1\",[[\"cat\",0.25],[\"dog\",0.75]],null]]");
    assert_non_null(strstr(kit.lines, "\"prediction\":{\"scores\":[{\"class_name\":\"cat\",\"score\":0.25},"
                                      "{\"class_name\":\"dog\",\"score\":0.75}]},\"actual\":{\"scores\":null}"));
    kit_rejects(&kit, fields, "[[\"1\",[[\"cat\",1]],null],[\"2\",[[\"a\",0],[\"\",1]],null]]", 1, "s",
                "Invalid_Class_Name", "class name '' of item 1 must have 1 to 100 characters");
    kit_rejects(&kit, fields, "[[\"1\",[[null,1]],null]]", 0, "s", "Invalid_Class_Name", "of item 0");
    kit_rejects(&kit, fields, "[[\"1\",null,null]]", 0, "s", "Invalid_Record", "all of s, a are null");
    kit_finish(&kit);
  }
}

static char *classes_row(size_t n) {
  size_t room = n * 16 + 40, at;
  char *row = malloc(room);
  assert_non_null(row);
  at = (size_t)snprintf(row, room, "[[\"1\",[");
  for (size_t i = 0; i < n; i++)
    at += (size_t)snprintf(row + at, room - at, "%s[\"c%zu\",0]", i ? "," : "", i);
  snprintf(row + at, room - at, "]]]");
  return row;
}

static void limits_of_classes(void **state) {
  static const struct kit_field fields[] = {{"id", "u"}, {"s", "LS"}, {NULL, NULL}};
  char rows[400], name[102];
  struct kit kit;
  (void)state;
  kit_init(&kit, "{\"prediction_id\":\"id\",\"prediction_scores\":\"s\"}");
  kit.config.model_type = MODEL_MULTI_CLASS;
  char *most = classes_row(500), *more = classes_row(501);
  kit_accepts(&kit, fields, most);
  kit_rejects(&kit, fields, more, 0, "s", "Invalid_Number_Of_Classes", "at most 500 classes, not 501");
  free(most);
  free(more);
  memset(name, 'n', sizeof name);
  name[101] = 0;
  snprintf(rows, sizeof rows, "[[\"1\",[[\"%s\",1]]]]", name);
  kit_rejects(&kit, fields, rows, 0, "s", "Invalid_Class_Name", "must have 1 to 100 characters");
  name[100] = 0;
  snprintf(rows, sizeof rows, "[[\"1\",[[\"%s\",1]]]]", name);
  kit_accepts(&kit, fields, rows);
  kit_finish(&kit);
}

/* The score stands first, and is a whole number. */
static void members_in_another_order(void **state) {
  struct kit kit;
  (void)state;
  kit_init(&kit, "{\"prediction_id\":\"id\",\"prediction_scores\":\"s\",\"threshold_scores\":\"t\"}");
  kit.config.model_type = MODEL_MULTI_CLASS;
  kit_accepts(&kit, FIELDS({"id", "u"}, {"s", "LT"}, {"t", "LT"}), "[[\"1\",[[1,\"cat\"]],[[2,\"dog\"]]]]");
  assert_non_null(strstr(kit.lines, "\"scores\":[{\"score\":1,\"class_name\":\"cat\"}]"));
  assert_non_null(strstr(kit.lines, "\"threshold_scores\":[{\"score\":2,\"class_name\":\"dog\"}]"));
  kit_rejects(&kit, FIELDS({"id", "u"}, {"s", "LT"}, {"t", "LT"}), "[[\"1\",[[1,\"cat\"]],[[2,\"\"]]]]", 0, "t",
              "Invalid_Class_Name", "item 0");
  kit_finish(&kit);
}

static void features_can_be_lists_of_text(void **state) {
  struct kit kit;
  (void)state;
  kit_init(&kit, "{\"prediction_id\":\"id\",\"prediction_label\":\"p\"}");
  kit_accepts(&kit, FIELDS({"id", "u"}, {"p", "u"}, {"f", "Lu"}),
              "[[\"1\",\"x\",[\"a\",null,\"b\"]],[\"2\",\"x\",null]]");
  assert_non_null(strstr(kit.lines, "\"features\":{\"f\":[\"a\",null,\"b\"]}"));
  kit_finish(&kit);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(vectors),
      cmocka_unit_test(vectors_of_a_fixed_size),
      cmocka_unit_test(raw_data),
      cmocka_unit_test(scores),
      cmocka_unit_test(limits_of_classes),
      cmocka_unit_test(members_in_another_order),
      cmocka_unit_test(features_can_be_lists_of_text),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
