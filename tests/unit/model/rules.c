/* What each model type, environment and kind of record needs of a schema, and of a row. */
#include "kit.h"

#define ID "\"prediction_id\":\"id\""
#define BOXES(side)                                                                                                    \
  "\"" side "_object_detection\":{\"bounding_boxes_coordinates_column_name\":\"b\","                                   \
  "\"bounding_boxes_categories_column_name\":\"c\"}"

struct rule_case {
  enum model_type type;
  const char *schema, *code, *text; /* code NULL: it is fine */
};

static void check_case(const struct rule_case *c, enum model_environment environment, enum model_records records) {
  struct kit kit;
  kit_init(&kit, c->schema);
  kit.config.model_type = (int32_t)c->type;
  kit.config.environment = (int32_t)environment;
  kit.config.records = (int32_t)records;
  kit.config.batch_id = "b1";
  if (c->code)
    kit_open_fails(&kit, c->code, c->text);
  else if (kit_open(&kit))
    fail_msg("%s: %s", c->schema, kit.err.message);
  kit_finish(&kit);
}

static void each_model_type_needs_its_columns(void **state) {
  static const struct rule_case cases[] = {
      {MODEL_SCORE_CATEGORICAL, "{" ID ",\"prediction_label\":\"p\"}", NULL, NULL},
      {MODEL_CATEGORICAL, "{" ID ",\"prediction_label\":\"p\",\"prediction_scores\":\"s\"}", NULL, NULL},
      {MODEL_SCORE_CATEGORICAL, "{" ID ",\"prediction_score\":\"p\"}", "Missing_Columns",
       "a score_categorical model needs prediction_label"},
      {MODEL_CATEGORICAL, "{" ID "}", "Missing_Columns", "a score_categorical model needs prediction_label"},
      {MODEL_NUMERIC, "{" ID ",\"prediction_score\":\"p\"}", NULL, NULL},
      {MODEL_NUMERIC, "{" ID ",\"prediction_label\":\"p\"}", NULL, NULL},
      {MODEL_NUMERIC, "{" ID "}", "Missing_Columns", "one of prediction_label, prediction_score"},
      {MODEL_RANKING, "{" ID ",\"prediction_group_id\":\"g\",\"rank\":\"r\"}", NULL, NULL},
      {MODEL_RANKING, "{" ID ",\"prediction_group_id\":\"g\"}", "Missing_Columns", "a ranking model needs rank"},
      {MODEL_RANKING, "{" ID ",\"prediction_scores\":\"g\"}", "Missing_Columns", "needs prediction_group_id, rank"},
      {MODEL_MULTI_CLASS, "{" ID ",\"prediction_scores\":\"p\",\"threshold_scores\":\"t\"}", NULL, NULL},
      {MODEL_MULTI_CLASS, "{" ID ",\"threshold_scores\":\"t\"}", "Missing_Columns",
       "a multi_class model needs prediction_scores"},
      {MODEL_OBJECT_DETECTION, "{" ID "," BOXES("prediction") "," BOXES("actual") "}", NULL, NULL},
      {MODEL_OBJECT_DETECTION, "{" ID "}", "Missing_Columns",
       "needs prediction_object_detection.bounding_boxes_coordinates_column_name"},
      {MODEL_GENERATIVE_LLM, "{" ID "}", NULL, NULL},
      {MODEL_GENERATIVE_LLM, "{" ID ",\"prediction_label\":\"p\",\"actual_score\":\"s\"}", NULL, NULL},
      {MODEL_SCORE_CATEGORICAL, "{\"prediction_label\":\"p\"}", "Missing_Columns", "needs prediction_id"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    check_case(&cases[i], MODEL_PRODUCTION, MODEL_RECORDS_AUTO);
}

/* Actuals that come later are an advice for production alone, where they are taken. */
static void only_production_is_told_of_later_actuals(void **state) {
  static const char advice[] = "records = \"actuals\"";
  static const enum model_environment environments[] = {MODEL_PRODUCTION, MODEL_TRAINING};
  (void)state;
  for (size_t i = 0; i < sizeof environments / sizeof environments[0]; i++) {
    struct kit kit;
    kit_init(&kit, "{" ID ",\"actual_label\":\"a\"}");
    kit.config.model_type = MODEL_SCORE_CATEGORICAL;
    kit.config.environment = (int32_t)environments[i];
    kit.config.records = MODEL_RECORDS_PREDICTIONS;
    kit_open_fails(&kit, "Missing_Columns", "add what is missing");
    assert_int_equal(strstr(kit.err.message, advice) != NULL, environments[i] == MODEL_PRODUCTION);
    kit_finish(&kit);
  }
}

static void columns_of_other_model_types_are_refused(void **state) {
  static const struct rule_case cases[] = {
      {MODEL_NUMERIC, "{" ID ",\"prediction_score\":\"p\",\"rank\":\"r\"}", "Invalid_Schema",
       "a numeric model has no rank"},
      {MODEL_SCORE_CATEGORICAL, "{" ID ",\"prediction_label\":\"p\",\"relevance_label\":\"r\"}", "Invalid_Schema",
       "a score_categorical model has no relevance_label"},
      {MODEL_MULTI_CLASS, "{" ID ",\"prediction_scores\":\"p\",\"actual_label\":\"r\"}", "Invalid_Schema",
       "a multi_class model has no actual_label"},
      {MODEL_RANKING, "{" ID ",\"prediction_group_id\":\"g\",\"rank\":\"r\",\"threshold_scores\":\"t\"}",
       "Invalid_Schema", "a ranking model has no threshold_scores"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    check_case(&cases[i], MODEL_PRODUCTION, MODEL_RECORDS_AUTO);
}

static void other_environments_need_both_sides(void **state) {
  static const struct rule_case both = {MODEL_SCORE_CATEGORICAL,
                                        "{" ID ",\"prediction_label\":\"p\",\"actual_label\":\"a\"}", NULL, NULL};
  static const struct rule_case prediction = {MODEL_SCORE_CATEGORICAL, "{" ID ",\"prediction_label\":\"p\"}",
                                              "Missing_Preproduction_Actual", "need an actual beside the prediction"};
  static const struct rule_case actual = {MODEL_SCORE_CATEGORICAL, "{" ID ",\"actual_label\":\"p\"}",
                                          "Missing_Preproduction_Prediction", "need a prediction beside the actual"};
  static const enum model_environment environments[] = {MODEL_VALIDATION, MODEL_TRAINING, MODEL_TRACING};
  (void)state;
  for (size_t i = 0; i < 3; i++) {
    check_case(&both, environments[i], MODEL_RECORDS_AUTO);
    check_case(&prediction, environments[i], MODEL_RECORDS_AUTO);
    check_case(&actual, environments[i], MODEL_RECORDS_AUTO);
  }
}

/* ---- delayed actuals ---- */

static void delayed_actuals_need_an_id_and_an_actual(void **state) {
  static const struct rule_case cases[] = {
      {MODEL_SCORE_CATEGORICAL, "{" ID ",\"actual_label\":\"a\"}", NULL, NULL},
      {MODEL_RANKING, "{" ID ",\"relevance_label\":\"a\"}", NULL, NULL},
      {MODEL_SCORE_CATEGORICAL, "{\"actual_label\":\"a\"}", "Missing_Prediction_Id_Column_For_Delayed_Records",
       "name the prediction_id column"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    check_case(&cases[i], MODEL_PRODUCTION, MODEL_RECORDS_AUTO);
    check_case(&cases[i], MODEL_PRODUCTION, MODEL_RECORDS_ACTUALS);
  }
  static const struct rule_case none = {MODEL_RANKING, "{" ID ",\"prediction_group_id\":\"g\",\"rank\":\"r\"}",
                                        "Missing_Columns", "one of relevance_score, relevance_label"};
  check_case(&none, MODEL_PRODUCTION, MODEL_RECORDS_ACTUALS);
}

static void predictions_can_be_insisted_on(void **state) {
  static const struct rule_case actual = {MODEL_SCORE_CATEGORICAL, "{" ID ",\"actual_label\":\"a\"}", "Missing_Columns",
                                          "or set records = \"actuals\""};
  (void)state;
  check_case(&actual, MODEL_PRODUCTION, MODEL_RECORDS_PREDICTIONS);
}

static void only_production_has_delayed_actuals(void **state) {
  static const struct rule_case actual = {MODEL_SCORE_CATEGORICAL, "{" ID ",\"actual_label\":\"a\"}",
                                          "Invalid_Environment", "rows hold prediction and actual side by side"};
  (void)state;
  check_case(&actual, MODEL_TRAINING, MODEL_RECORDS_ACTUALS);
  check_case(&actual, MODEL_VALIDATION, MODEL_RECORDS_ACTUALS);
}

/* ---- constants ---- */

static void validation_needs_a_batch(void **state) {
  struct kit kit;
  (void)state;
  kit_init(&kit, "{" ID ",\"prediction_label\":\"p\",\"actual_label\":\"a\"}");
  kit.config.environment = MODEL_VALIDATION;
  kit_open_fails(&kit, "Invalid_Batch_ID", "set the option batch_id, or name a batch_id column");
  kit.config.batch_id = "b";
  assert_int_equal(kit_open(&kit), SLUICE_OK);
  kit_finish(&kit);
  kit_init(&kit, "{" ID ",\"prediction_label\":\"p\",\"actual_label\":\"a\",\"batch_id\":\"b\"}");
  kit.config.environment = MODEL_VALIDATION;
  assert_int_equal(kit_open(&kit), SLUICE_OK);
  kit_finish(&kit);
}

static void constants_have_a_length(void **state) {
  char text[202];
  struct kit kit;
  (void)state;
  memset(text, 'x', sizeof text);
  text[201] = 0;
  kit_init(&kit, "{" ID ",\"prediction_label\":\"p\"}");
  kit.config.model_name = text;
  kit_open_fails(&kit, "Invalid_String_Length", "model_name must have 1 to 200 bytes");
  text[200] = 0;
  assert_int_equal(kit_open(&kit), SLUICE_OK);
  kit_finish(&kit);
  kit_init(&kit, "{" ID ",\"prediction_label\":\"p\"}");
  kit.config.batch_id = "";
  kit_open_fails(&kit, "Invalid_Batch_ID", "batch_id must have 1 to 200 bytes");
  kit_finish(&kit);
}

/* ---- rows ---- */

#define BOTH "{" ID ",\"prediction_label\":\"p\",\"prediction_score\":\"s\",\"actual_label\":\"a\"}"
static const struct kit_field both[] = {{"id", "u"}, {"p", "u"}, {"s", "g"}, {"a", "u"}, {NULL, NULL}};

static void a_production_row_has_either_side(void **state) {
  struct kit kit;
  (void)state;
  kit_init(&kit, BOTH);
  kit_accepts(&kit, both, "[[\"1\",\"x\",null,null],[\"2\",null,0.5,null],[\"3\",null,null,\"y\"]]");
  kit_rejects(&kit, both, "[[\"1\",\"x\",null,null],[\"2\",null,null,null]]", 1, "p", "Invalid_Record",
              "all of p, s, a are null: a row needs a prediction or an actual");
  assert_non_null(strstr(kit.lines, "{\"prediction_id\":\"1\","));
  assert_null(strstr(kit.lines, "{\"prediction_id\":\"2\","));
  kit_finish(&kit);
}

/* JSON has no NaN: a kit of text columns makes one by text_numbers. */
static void a_nan_is_no_value(void **state) {
  struct kit kit;
  (void)state;
  kit_init(&kit, "{" ID ",\"prediction_score\":\"s\"}");
  kit.config.model_type = MODEL_NUMERIC;
  kit.config.text_numbers = 1;
  kit_accepts(&kit, FIELDS({"id", "u"}, {"s", "u"}), "[[\"1\",\"0.5\"]]");
  kit_rejects(&kit, FIELDS({"id", "u"}, {"s", "u"}), "[[\"1\",\"0\"],[\"2\",\"nan\"]]", 1, "s", "Invalid_Record",
              "all of s are null");
  kit_finish(&kit);
}

static void a_row_elsewhere_has_both_sides(void **state) {
  static const enum model_environment environments[] = {MODEL_VALIDATION, MODEL_TRAINING};
  (void)state;
  for (size_t i = 0; i < 2; i++) {
    struct kit kit;
    kit_init(&kit, BOTH);
    kit.config.environment = (int32_t)environments[i];
    kit.config.batch_id = "b";
    kit_accepts(&kit, both, "[[\"1\",\"x\",null,\"y\"],[\"2\",null,0.5,\"y\"]]");
    kit_rejects(&kit, both, "[[\"1\",\"x\",0.5,null]]", 0, "a", "Invalid_Record",
                "all of a are null: a row of this environment needs its actual too");
    kit_rejects(&kit, both, "[[\"1\",null,null,\"y\"]]", 0, "p", "Invalid_Record",
                "all of p, s are null: a row of this environment needs its prediction");
    kit_finish(&kit);
  }
}

static void a_delayed_row_has_an_actual(void **state) {
  struct kit kit;
  (void)state;
  kit_init(&kit, BOTH);
  kit.config.records = MODEL_RECORDS_ACTUALS;
  kit_accepts(&kit, FIELDS({"id", "u"}, {"a", "u"}), "[[\"1\",\"x\"]]");
  kit_rejects(&kit, FIELDS({"id", "u"}, {"a", "u"}), "[[\"1\",null]]", 0, "a", "Invalid_Record", "all of a are null");
  kit_finish(&kit);
}

static void validation_rows_have_a_batch(void **state) {
  static const struct kit_field fields[] = {{"id", "u"}, {"p", "u"}, {"a", "u"}, {"b", "u"}, {NULL, NULL}};
  struct kit kit;
  (void)state;
  kit_init(&kit, "{" ID ",\"prediction_label\":\"p\",\"actual_label\":\"a\",\"batch_id\":\"b\"}");
  kit.config.environment = MODEL_VALIDATION;
  kit_accepts(&kit, fields, "[[\"1\",\"x\",\"y\",\"b1\"]]");
  kit_rejects(&kit, fields, "[[\"1\",\"x\",\"y\",\"b1\"],[\"2\",\"x\",\"y\",null]]", 1, "b", "Invalid_Missing_Value",
              "Batch IDs must not be missing");
  kit_finish(&kit);
  kit_init(&kit, "{" ID ",\"prediction_label\":\"p\",\"actual_label\":\"a\",\"batch_id\":\"b\"}");
  kit.config.environment = MODEL_TRAINING;
  kit_accepts(&kit, fields, "[[\"1\",\"x\",\"y\",null]]");
  kit_finish(&kit);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_model_type_needs_its_columns),
      cmocka_unit_test(only_production_is_told_of_later_actuals),
      cmocka_unit_test(columns_of_other_model_types_are_refused),
      cmocka_unit_test(other_environments_need_both_sides),
      cmocka_unit_test(delayed_actuals_need_an_id_and_an_actual),
      cmocka_unit_test(predictions_can_be_insisted_on),
      cmocka_unit_test(only_production_has_delayed_actuals),
      cmocka_unit_test(validation_needs_a_batch),
      cmocka_unit_test(constants_have_a_length),
      cmocka_unit_test(a_production_row_has_either_side),
      cmocka_unit_test(a_nan_is_no_value),
      cmocka_unit_test(a_row_elsewhere_has_both_sides),
      cmocka_unit_test(a_delayed_row_has_an_actual),
      cmocka_unit_test(validation_rows_have_a_batch),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
