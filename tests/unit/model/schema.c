/* The JSON form of a file schema: both spellings, every key, every mistake. */
#include "file_schema.h"
#include "kit.h"
#include <stdlib.h>

static struct file_schema parse(const char *text) {
  struct kit kit;
  struct file_schema schema;
  struct sluice_error err = {0};
  kit_init(&kit, NULL);
  struct faults faults = {.host = &kit.host};
  assert_int_equal(file_schema_parse(text, strlen(text), &faults, &schema, &err), SLUICE_OK);
  if (faults.count)
    fail_msg("%s", faults.text);
  return schema;
}

static void expect_all(const char *text) {
  static const char *const names[ENTRY_COUNT] = {
      [ENTRY_PREDICTION_ID] = "c1",
      [ENTRY_TIMESTAMP] = "c2",
      [ENTRY_PREDICTION_LABEL] = "c3",
      [ENTRY_PREDICTION_SCORE] = "c4",
      [ENTRY_PREDICTION_SCORES] = "c5",
      [ENTRY_ACTUAL_LABEL] = "c6",
      [ENTRY_ACTUAL_SCORE] = "c7",
      [ENTRY_ACTUAL_SCORES] = "c8",
      [ENTRY_THRESHOLD_SCORES] = "c9",
      [ENTRY_VERSION] = "c10",
      [ENTRY_BATCH_ID] = "c11",
      [ENTRY_CHANGE_TIMESTAMP] = "c12",
      [ENTRY_GROUP_ID] = "c13",
      [ENTRY_RANK] = "c14",
      [ENTRY_RELEVANCE_SCORE] = "c15",
      [ENTRY_RELEVANCE_LABEL] = "c16",
      [ENTRY_PREDICTION_BOXES] = "c17",
      [ENTRY_PREDICTION_BOX_CATEGORIES] = "c18",
      [ENTRY_PREDICTION_BOX_SCORES] = "c19",
      [ENTRY_ACTUAL_BOXES] = "c20",
      [ENTRY_ACTUAL_BOX_CATEGORIES] = "c21",
  };
  struct file_schema s = parse(text);
  for (int i = 0; i < ENTRY_COUNT; i++) {
    if (names[i])
      assert_string_equal(s.columns[i], names[i]);
    else
      assert_null(s.columns[i]);
  }
  assert_string_equal(s.features, "f/");
  assert_string_equal(s.tags, "tag_");
  assert_string_equal(s.shap_values, "shap/");
  assert_int_equal(s.features_list.count, 2);
  assert_string_equal(s.features_list.items[1], "y");
  assert_int_equal(s.tags_list.count, 1);
  assert_int_equal(s.exclude.count, 1);
  assert_string_equal(s.exclude.items[0], "secret");
  assert_int_equal(s.n_embeddings, 2);
  assert_string_equal(s.embeddings[0].name, "img");
  assert_string_equal(s.embeddings[0].vector, "v");
  assert_string_equal(s.embeddings[0].data, "d");
  assert_string_equal(s.embeddings[0].link, "l");
  assert_null(s.embeddings[1].data);
  file_schema_finish(&s);
}

static void snake_case(void **state) {
  (void)state;
  expect_all("{\"prediction_id\":\"c1\",\"timestamp\":\"c2\",\"prediction_label\":\"c3\",\"prediction_score\":\"c4\","
             "\"prediction_scores\":\"c5\",\"actual_label\":\"c6\",\"actual_score\":\"c7\",\"actual_scores\":\"c8\","
             "\"threshold_scores\":\"c9\",\"version\":\"c10\",\"batch_id\":\"c11\",\"change_timestamp\":\"c12\","
             "\"prediction_group_id\":\"c13\",\"rank\":\"c14\",\"relevance_score\":\"c15\",\"relevance_label\":\"c16\","
             "\"prediction_object_detection\":{\"bounding_boxes_coordinates_column_name\":\"c17\","
             "\"bounding_boxes_categories_column_name\":\"c18\",\"bounding_boxes_scores_column_name\":\"c19\"},"
             "\"actual_object_detection\":{\"bounding_boxes_coordinates_column_name\":\"c20\","
             "\"bounding_boxes_categories_column_name\":\"c21\"},"
             "\"features\":\"f/\",\"features_list\":[\"x\",\"y\"],\"tags\":\"tag_\",\"tags_list\":[\"t\"],"
             "\"shap_values\":\"shap/\",\"exclude\":[\"secret\"],\"embedding_features\":[{\"feature_name\":\"img\","
             "\"vector_col\":\"v\",\"raw_data_col\":\"d\",\"link_to_data_col\":\"l\"},{\"feature_name\":\"i2\","
             "\"vector_col\":\"v2\"}]}");
}

static void camel_case_and_nulls(void **state) {
  (void)state;
  expect_all("{\"predictionId\":\"c1\",\"timestamp\":\"c2\",\"predictionLabel\":\"c3\",\"predictionScore\":\"c4\","
             "\"predictionScores\":\"c5\",\"actualLabel\":\"c6\",\"actualScore\":\"c7\",\"actualScores\":\"c8\","
             "\"thresholdScores\":\"c9\",\"version\":\"c10\",\"batchId\":\"c11\",\"changeTimestamp\":\"c12\","
             "\"predictionGroupId\":\"c13\",\"rank\":\"c14\",\"relevanceScore\":\"c15\",\"relevanceLabel\":\"c16\","
             "\"predictionObjectDetection\":{\"boundingBoxesCoordinatesColumnName\":\"c17\","
             "\"boundingBoxesCategoriesColumnName\":\"c18\",\"boundingBoxesScoresColumnName\":\"c19\"},"
             "\"actualObjectDetection\":{\"boundingBoxesCoordinatesColumnName\":\"c20\","
             "\"boundingBoxesCategoriesColumnName\":\"c21\",\"boundingBoxesScoresColumnName\":null},"
             "\"features\":\"f/\",\"featuresList\":[\"x\",\"y\"],\"tags\":\"tag_\",\"tagsList\":[\"t\"],"
             "\"shapValues\":\"shap/\",\"exclude\":[\"secret\"],\"embeddingFeatures\":[{\"featureName\":\"img\","
             "\"vectorCol\":\"v\",\"rawDataCol\":\"d\",\"linkToDataCol\":\"l\"},{\"featureName\":\"i2\","
             "\"vectorCol\":\"v2\",\"rawDataCol\":null}]}");
}

static void null_entries_are_absent(void **state) {
  (void)state;
  struct file_schema s = parse("{\"predictionId\":\"id\",\"features\":null,\"featuresList\":null,\"rank\":null,"
                               "\"embeddingFeatures\":null,\"actualObjectDetection\":null}");
  assert_null(s.features);
  assert_null(s.features_list.items);
  assert_int_equal(file_schema_entries(&s), ENTRY_BIT(ENTRY_PREDICTION_ID));
  file_schema_finish(&s);
}

#define BASE "\"prediction_id\":\"id\",\"prediction_label\":\"p\""
static void mistakes(void **state) {
  static const char *const cases[][3] = {
      {"{" BASE ",\"prediction_lable\":\"x\"}", "Invalid_Schema: there is no 'prediction_lable'",
       "did you mean 'prediction_label'?"},
      {"{" BASE ",\"actualLabl\":\"x\"}", "Invalid_Schema: there is no 'actualLabl'", "did you mean 'actualLabel'?"},
      {"{" BASE ",\"PredictionId\":\"x\"}", "there is no 'PredictionId'", "did you mean 'predictionId'?"},
      {"{" BASE ",\"zzz\":1}", "there is no 'zzz'", "see the plugin's README"},
      {"{" BASE ",\"a_key_that_is_longer_than_any_key_that_there_could_ever_be_in_a_schema\":1}", "there is no 'a_key",
       "README"},
      {"{" BASE ",\"actual_label\":\"\"}", "Invalid_Column_Name_Empty_String", "actual_label"},
      {"{" BASE ",\"actual_label\":7}", "Invalid_Schema: actual_label must be a text", "actual_label"},
      {"{" BASE ",\"features\":\"feature/.*\"}", "features is a prefix", "remove the '.*'"},
      {"{" BASE ",\"features\":\"\"}", "Invalid_Column_Name_Empty_String", "features"},
      {"{" BASE ",\"tags\":\"x\",\"features\":\"x\"}", "features and tags have one prefix", "'x'"},
      {"{" BASE ",\"exclude\":\"x\"}", "exclude must be a list", "list"},
      {"{" BASE ",\"exclude\":[\"x\",1]}", "exclude must be a text", "text"},
      {"{" BASE ",\"predictionId\":\"x\"}", "prediction_id is there in both spellings", "remove one"},
      {"{" BASE ",\"embedding_features\":{}}", "embedding_features must be a list", "list"},
      {"{" BASE ",\"embedding_features\":[{\"feature_name\":\"a\"}]}", "needs feature_name and vector_col", "vector"},
      {"{" BASE ",\"embedding_features\":[{\"feature_name\":\"a\",\"vectr_col\":\"b\"}]}",
       "embedding_features: there is no 'vectr_col'", "did you mean 'vector_col'?"},
      {"{" BASE ",\"embedding_features\":[{\"feature_name\":\"a\",\"vector_col\":\"b\"},{\"feature_name\":\"a\","
       "\"vector_col\":\"c\"}]}",
       "two embedding features are called 'a'", "a"},
      {"{" BASE ",\"prediction_object_detection\":[]}", "prediction_object_detection must be an object", "object"},
      {"{" BASE ",\"prediction_object_detection\":{\"boundingBoxesCoordinatesColumnName\":\"x\"}}",
       "prediction_object_detection needs bounding_boxes_categories_column_name", "needs"},
      {"{" BASE, "line 1", "is no JSON"},
      {"[1]", "is a JSON object", "not another value"},
      {"{" BASE ",\"prediction_id\":\"x\"}", "line 1", "is no JSON"}, /* a repeated key */
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct kit kit;
    kit_init(&kit, cases[i][0]);
    kit_open_fails(&kit, cases[i][1], cases[i][2]);
    kit_finish(&kit);
  }
}

static void all_mistakes_are_named_at_once(void **state) {
  struct kit kit;
  (void)state;
  kit_init(&kit, "{\"prediction_idd\":\"x\",\"exclud\":[],\"rnak\":\"r\"}");
  kit_open_fails(&kit, "did you mean 'prediction_id'?", "did you mean 'exclude'?");
  assert_non_null(strstr(kit.err.message, "did you mean 'rank'?"));
  kit_finish(&kit);
}

static void mistakes_without_room_are_in_the_log(void **state) {
  char text[4000] = "{" BASE;
  struct kit kit;
  (void)state;
  for (int i = 0; i < 40; i++)
    snprintf(text + strlen(text), sizeof text - strlen(text), ",\"nothing_like_it_%d\":1", i);
  snprintf(text + strlen(text), sizeof text - strlen(text), "}");
  kit_init(&kit, text);
  kit_open_fails(&kit, "'nothing_like_it_0'", "more, in the log");
  assert_non_null(strstr(kit.logged, "'nothing_like_it_39'"));
  kit_finish(&kit);
}

static void too_many_embeddings(void **state) {
  char text[4000];
  (void)state;
  for (int n = 30; n <= 31; n++) {
    struct kit kit;
    snprintf(text, sizeof text, "{" BASE ",\"embedding_features\":[");
    for (int i = 0; i < n; i++)
      snprintf(text + strlen(text), sizeof text - strlen(text), "%s{\"feature_name\":\"e%d\",\"vector_col\":\"v\"}",
               i ? "," : "", i);
    snprintf(text + strlen(text), sizeof text - strlen(text), "]}");
    kit_init(&kit, text);
    if (n == 31)
      kit_open_fails(&kit, "Invalid_Number_Of_Embeddings", "at most 30 embedding features, not 31");
    else
      assert_int_equal(kit_open(&kit), SLUICE_OK);
    kit_finish(&kit);
  }
}

/* ---- from a file ---- */

static void write_file(const char *path, const char *text, size_t n) {
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(text, 1, n, file), n);
  fclose(file);
}

static void from_a_file(void **state) {
  char path[] = "/tmp/sluice-model-XXXXXX";
  static const char text[] = "{" BASE "}";
  struct kit kit;
  (void)state;
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  write_file(path, text, sizeof text - 1);
  kit_init(&kit, NULL);
  kit.config.schema_file = path;
  assert_int_equal(kit_open(&kit), SLUICE_OK);
  kit_finish(&kit);
  char *large = calloc(1, (1 << 20) + 1);
  assert_non_null(large);
  memset(large, ' ', (1 << 20) + 1);
  write_file(path, large, (1 << 20) + 1);
  free(large);
  kit_init(&kit, NULL);
  kit.config.schema_file = path;
  kit_open_fails(&kit, "over 1 MiB", path);
  kit_finish(&kit);
  write_file(path, "{nope", 5);
  kit_init(&kit, NULL);
  kit.config.schema_file = path;
  kit_open_fails(&kit, "is no JSON", path);
  assert_string_equal(kit.err.where, "schema_file");
  kit_finish(&kit);
  remove(path);
}

static void no_file(void **state) {
  struct kit kit;
  (void)state;
  kit_init(&kit, NULL);
  kit_open_fails(&kit, "either schema", "schema_file");
  kit.config.schema_file = "/nowhere/schema.json";
  kit_open_fails(&kit, "cannot read '/nowhere/schema.json'", "No such file");
  assert_string_equal(kit.err.where, "schema_file");
  kit.config.schema_file = "/";
  kit_open_fails(&kit, "cannot read '/'", "directory");
  kit.config.schema = "{}";
  kit_open_fails(&kit, "either schema", "schema_file");
  kit_finish(&kit);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(snake_case),
      cmocka_unit_test(camel_case_and_nulls),
      cmocka_unit_test(null_entries_are_absent),
      cmocka_unit_test(mistakes),
      cmocka_unit_test(all_mistakes_are_named_at_once),
      cmocka_unit_test(mistakes_without_room_are_in_the_log),
      cmocka_unit_test(too_many_embeddings),
      cmocka_unit_test(from_a_file),
      cmocka_unit_test(no_file),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
