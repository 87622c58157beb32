/* The types that each role takes, and those that it does not. */
#include "kit.h"

static const char *const every[] = {"n",   "b",      "u",   "c",  "s",  "i",   "l",   "C",   "S",
                                    "I",   "L",      "e",   "f",  "g",  "z",   "tdD", "tdm", "tss:UTC",
                                    "ttm", "d:10,2", "tDs", "Lu", "Ll", "Lf",  "Lg",  "LLg", "LS",
                                    "LV",  "LLu",    "w:4", "Du", "U",  "YYf", "F4g"};
enum { EVERY = sizeof every / sizeof every[0] };

/* "S" alone would be a struct to the kit: unsigned 16 bits are left out. */
static bool spelled(const char *type) {
  return strcmp(type, "S") != 0 && strcmp(type, "L") != 0;
}

static bool among(const char *type, const char *types) {
  size_t n = strlen(type);
  for (const char *at = strstr(types, type); at; at = strstr(at + 1, type))
    if ((at == types || at[-1] == ' ') && (at[n] == ' ' || at[n] == 0))
      return true;
  return false;
}

/* A schema that names the column x in this role; every other column is a fine one. */
static void expect_types(enum model_type model, const char *schema, const struct kit_field *others, const char *types,
                         const char *who) {
  for (size_t i = 0; i < EVERY; i++) {
    struct kit_field fields[KIT_FIELDS] = {{"x", every[i]}};
    struct kit kit;
    if (!spelled(every[i]))
      continue;
    for (size_t k = 0; others[k].name; k++)
      fields[k + 1] = others[k];
    kit_init(&kit, schema);
    kit.config.model_type = (int32_t)model;
    int code = kit_bind(&kit, fields);
    if (among(every[i], types) != !code)
      fail_msg("%s of type %s: %s", who, every[i], kit.err.message);
    if (code && (!strstr(kit.err.message, "Invalid_Type: ") || !strstr(kit.err.message, who)))
      fail_msg("%s: %s", who, kit.err.message);
    kit_finish(&kit);
  }
}

#define ANY_SCALAR "n b u c s i l f g U Du"
#define NUMBERS "n c s i l f g"

static void ids_and_times(void **state) {
  (void)state;
  expect_types(MODEL_SCORE_CATEGORICAL, "{\"prediction_id\":\"x\",\"prediction_label\":\"p\"}", FIELDS({"p", "u"}),
               "u c s i l U Du", "Prediction IDs");
  expect_types(MODEL_SCORE_CATEGORICAL, "{\"prediction_id\":\"id\",\"prediction_label\":\"p\",\"timestamp\":\"x\"}",
               FIELDS({"id", "u"}, {"p", "u"}), "l g tdD tdm tss:UTC u U Du", "Prediction timestamps");
  expect_types(MODEL_SCORE_CATEGORICAL, "{\"prediction_id\":\"id\",\"prediction_label\":\"p\",\"version\":\"x\"}",
               FIELDS({"id", "u"}, {"p", "u"}), "u c s i l U Du", "Model versions");
  expect_types(MODEL_SCORE_CATEGORICAL, "{\"prediction_id\":\"id\",\"prediction_label\":\"p\",\"batch_id\":\"x\"}",
               FIELDS({"id", "u"}, {"p", "u"}), "u c s i l U Du", "Batch IDs");
}

static void features_and_tags(void **state) {
  static const struct kit_field others[] = {{"id", "u"}, {"p", "u"}, {NULL, NULL}};
  (void)state;
  expect_types(MODEL_SCORE_CATEGORICAL, "{\"prediction_id\":\"id\",\"prediction_label\":\"p\"}", others,
               ANY_SCALAR " Lu", "Features");
  expect_types(MODEL_SCORE_CATEGORICAL, "{\"prediction_id\":\"id\",\"prediction_label\":\"p\",\"tags_list\":[\"x\"]}",
               others, ANY_SCALAR, "Tags");
}

static void shap_values(void **state) {
  static const char *const fine[] = {"i", "l", "f", "g"}, *const bad[] = {"c", "s", "u", "b", "n", "Lf"};
  (void)state;
  for (size_t i = 0; i < 10; i++) {
    struct kit kit;
    kit_init(&kit, "{\"prediction_id\":\"id\",\"prediction_label\":\"p\",\"shap_values\":\"s/\"}");
    if (i < 4)
      kit_binds(&kit, FIELDS({"id", "u"}, {"p", "u"}, {"s/a", fine[i]}));
    else
      kit_bind_fails(&kit, FIELDS({"id", "u"}, {"p", "u"}, {"s/a", bad[i - 4]}), "Invalid_Type",
                     "SHAP values must be int32, int64, float32, float64, but column 's/a' is");
    kit_finish(&kit);
  }
}

static void labels_and_scores(void **state) {
  static const struct kit_field others[] = {{"id", "u"}, {"p", "u"}, {NULL, NULL}};
  static const struct kit_field numbers[] = {{"id", "u"}, {"s", "g"}, {NULL, NULL}};
  (void)state;
  expect_types(MODEL_SCORE_CATEGORICAL, "{\"prediction_id\":\"id\",\"prediction_label\":\"x\"}", FIELDS({"id", "u"}),
               ANY_SCALAR, "Prediction labels");
  expect_types(MODEL_SCORE_CATEGORICAL, "{\"prediction_id\":\"id\",\"prediction_label\":\"p\",\"actual_label\":\"x\"}",
               others, ANY_SCALAR, "Actual labels");
  expect_types(MODEL_NUMERIC, "{\"prediction_id\":\"id\",\"prediction_label\":\"x\"}", FIELDS({"id", "u"}), NUMBERS,
               "Prediction labels");
  expect_types(MODEL_NUMERIC, "{\"prediction_id\":\"id\",\"prediction_score\":\"s\",\"actual_label\":\"x\"}", numbers,
               NUMBERS, "Actual labels");
  expect_types(MODEL_NUMERIC, "{\"prediction_id\":\"id\",\"prediction_score\":\"x\"}", FIELDS({"id", "u"}), NUMBERS,
               "Prediction scores");
  expect_types(MODEL_NUMERIC, "{\"prediction_id\":\"id\",\"prediction_score\":\"s\",\"actual_score\":\"x\"}", numbers,
               NUMBERS, "Actual scores");
}

static void scores_of_classes(void **state) {
  (void)state;
  expect_types(MODEL_MULTI_CLASS, "{\"prediction_id\":\"id\",\"prediction_scores\":\"x\"}", FIELDS({"id", "u"}), "LS",
               "Prediction scores");
  expect_types(MODEL_MULTI_CLASS, "{\"prediction_id\":\"id\",\"prediction_scores\":\"s\",\"threshold_scores\":\"x\"}",
               FIELDS({"id", "u"}, {"s", "LT"}), "LS", "Threshold scores");
  expect_types(MODEL_SCORE_CATEGORICAL,
               "{\"prediction_id\":\"id\",\"prediction_label\":\"p\",\"prediction_scores\":\"x\"}",
               FIELDS({"id", "u"}, {"p", "u"}), NUMBERS " LS", "Prediction scores");
}

static void ranking(void **state) {
  (void)state;
  expect_types(MODEL_RANKING, "{\"prediction_id\":\"id\",\"prediction_group_id\":\"g\",\"rank\":\"x\"}",
               FIELDS({"id", "u"}, {"g", "u"}), "c s i l", "Ranks");
  expect_types(MODEL_RANKING, "{\"prediction_id\":\"id\",\"prediction_group_id\":\"x\",\"rank\":\"r\"}",
               FIELDS({"id", "u"}, {"r", "c"}), "u c s i l U Du", "Prediction group IDs");
  expect_types(MODEL_RANKING,
               "{\"prediction_id\":\"id\",\"prediction_group_id\":\"g\",\"rank\":\"r\",\"relevance_label\":\"x\"}",
               FIELDS({"id", "u"}, {"g", "u"}, {"r", "i"}), "n u U Du Lu", "Relevance labels");
  expect_types(MODEL_RANKING,
               "{\"prediction_id\":\"id\",\"prediction_group_id\":\"g\",\"rank\":\"r\",\"relevance_score\":\"x\"}",
               FIELDS({"id", "u"}, {"g", "u"}, {"r", "i"}), NUMBERS, "Relevance scores");
}

static void embeddings(void **state) {
  static const struct kit_field others[] = {{"id", "u"}, {"p", "u"}, {"v", "Lf"}, {NULL, NULL}};
#define EMBEDDED(members)                                                                                              \
  "{\"prediction_id\":\"id\",\"prediction_label\":\"p\",\"exclude\":[\"v\"],\"embedding_features\":[{"                 \
  "\"feature_name\":\"e\"," members "}]}"
#define EMBEDDED_WITH(members)                                                                                         \
  "{\"prediction_id\":\"id\",\"prediction_label\":\"p\",\"embedding_features\":[{\"feature_name\":\"e\","              \
  "\"vector_col\":\"v\"," members "}]}"
  (void)state;
  expect_types(MODEL_SCORE_CATEGORICAL, EMBEDDED("\"vector_col\":\"x\""), others, "Lf Lg F4g", "Embedding vectors");
  expect_types(MODEL_SCORE_CATEGORICAL, EMBEDDED_WITH("\"raw_data_col\":\"x\""), others, "u U Du Lu",
               "Raw data of embeddings");
  expect_types(MODEL_SCORE_CATEGORICAL, EMBEDDED_WITH("\"link_to_data_col\":\"x\""), others, "u U Du",
               "Links of embeddings");
}

static void boxes(void **state) {
#define DETECTED(b, c, s)                                                                                              \
  "{\"prediction_id\":\"id\",\"features_list\":[],\"prediction_object_detection\":{\"bounding_boxes_coordinates_"      \
  "column_name\":\"" b "\",\"bounding_boxes_categories_column_name\":\"" c                                             \
  "\",\"bounding_boxes_scores_column_name\":\"" s "\"}}"
  static const struct kit_field others[] = {{"id", "u"}, {"b", "LLf"}, {"c", "Lu"}, {"s", "Lg"}, {NULL, NULL}};
  (void)state;
  expect_types(MODEL_OBJECT_DETECTION, DETECTED("x", "c", "s"), others, "LLg YYf", "Bounding boxes");
  expect_types(MODEL_OBJECT_DETECTION, DETECTED("b", "x", "s"), others, "Lu", "Categories of boxes");
  expect_types(MODEL_OBJECT_DETECTION, DETECTED("b", "c", "x"), others, "Ll Lf Lg F4g", "Scores of boxes");
}

/* ---- what messages say ---- */

static void every_wrong_type_is_named_with_advice(void **state) {
  struct kit kit;
  (void)state;
  kit_init(&kit, "{\"prediction_id\":\"id\",\"prediction_label\":\"p\",\"prediction_score\":\"s\",\"exclude\":[]}");
  kit_bind_fails(&kit, FIELDS({"id", "g"}, {"p", "u"}, {"s", "u"}, {"day", "tdD"}, {"parts", "Ll"}),
                 "Prediction IDs must be string, int8 to int64, but column 'id' is float64",
                 "integers with a missing value among them may have become numbers with a fraction");
  static const char *const texts[] = {"column 's' is string; set text_numbers = true", "column 'day' is date; list it",
                                      "column 'parts' is list<item: int64>"};
  for (size_t i = 0; i < 3; i++)
    if (!strstr(kit.err.message, texts[i]) && !strstr(kit.logged, texts[i]))
      fail_msg("no '%s' in %s / %s", texts[i], kit.err.message, kit.logged);
  kit_finish(&kit);
}

/* ---- numbers in text ---- */

static void numbers_from_text(void **state) {
  static const struct kit_field fields[] = {{"id", "u"}, {"g", "u"},   {"r", "u"},
                                            {"s", "u"},  {"h/a", "u"}, {NULL, NULL}};
  struct kit kit;
  (void)state;
  kit_init(&kit, "{\"prediction_id\":\"id\",\"prediction_group_id\":\"g\",\"rank\":\"r\",\"prediction_score\":\"s\","
                 "\"shap_values\":\"h/\"}");
  kit.config.model_type = MODEL_RANKING;
  kit.config.text_numbers = 1;
  kit_accepts(&kit, fields, "[[\"1\",\"a\",\"7\",\"0.5\",\"1e-3\"],[\"2\",\"a\",\"8\",null,\"0\"]]");
  assert_non_null(strstr(kit.lines, "\"prediction\":{\"score\":0.5,\"group_id\":\"a\",\"rank\":7}"));
  assert_non_null(strstr(kit.lines, "\"shap_values\":{\"a\":0.001}"));
  kit_rejects(&kit, fields, "[[\"1\",\"a\",\"7\",\"0.5\",\"1\"],[\"2\",\"a\",\"8\",\"half\",\"1\"]]", 1, "s",
              "Invalid_Type", "\"half\" does not fit float64");
  kit_rejects(&kit, fields, "[[\"1\",\"a\",\"7.5\",\"0.5\",\"1\"]]", 0, "r", "Invalid_Type",
              "\"7.5\" does not fit int64");
  kit_rejects(&kit, fields, "[[\"1\",\"a\",\"700\",\"0.5\",\"1\"]]", 0, "r", "Invalid_Rank_Value", "rank 700");
  kit_finish(&kit);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ids_and_times),
      cmocka_unit_test(features_and_tags),
      cmocka_unit_test(shap_values),
      cmocka_unit_test(labels_and_scores),
      cmocka_unit_test(scores_of_classes),
      cmocka_unit_test(ranking),
      cmocka_unit_test(embeddings),
      cmocka_unit_test(boxes),
      cmocka_unit_test(every_wrong_type_is_named_with_advice),
      cmocka_unit_test(numbers_from_text),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
