/* Which columns become what: discovery, prefixes, lists, exclusion; and everything that is wrong with them. */
#include "kit.h"

#define ID "\"prediction_id\":\"id\",\"prediction_label\":\"p\""
static const char golden_schema[] =
    "{\"prediction_id\":\"prediction_id\",\"timestamp\":\"prediction_ts\",\"prediction_score\":\"prediction_score\","
    "\"prediction_label\":\"prediction_label\",\"actual_score\":\"actual_score\",\"actual_label\":\"actual_label\","
    "\"tags\":\"tag/\",\"shap_values\":\"shap/\",\"exclude\":[\"user_id\"]}";

/* The members of one struct of the record, in their order, each followed by a comma. "" where there is no such one. */
static void members(struct kit *kit, const struct kit_field *fields, const char *group, char *out, size_t size) {
  struct ArrowSchema in, made;
  void *bound;
  out[0] = 0;
  assert_int_equal(kit_open(kit), SLUICE_OK);
  assert_int_equal(kit_make_schema(fields, &in), SLUICE_OK);
  if (model_bind(kit->model, &in, &made, &bound, &kit->err))
    fail_msg("%s", kit->err.message);
  int64_t at = sluice_schema_find(&made, group);
  for (int64_t i = 0; at >= 0 && i < made.children[at]->n_children; i++)
    snprintf(out + strlen(out), size - strlen(out), "%s,", made.children[at]->children[i]->name);
  model_unbind(kit->model, bound);
  sluice_schema_release(&made);
  sluice_schema_release(&in);
}

static void expect_members(const char *schema, const struct kit_field *fields, const char *group, const char *names) {
  struct kit kit;
  char found[1000];
  kit_init(&kit, schema);
  members(&kit, fields, group, found, sizeof found);
  assert_string_equal(found, names);
  kit_finish(&kit);
}

static void the_golden_example(void **state) {
  static const struct kit_field fields[] = {{"prediction_id", "u"},
                                            {"prediction_ts", "l"},
                                            {"user_id", "u"},
                                            {"metropolitan_area", "u"},
                                            {"industry", "u"},
                                            {"state", "u"},
                                            {"established_business", "b"},
                                            {"experienced_business", "b"},
                                            {"safe_business", "b"},
                                            {"owner_gender", "u"},
                                            {"payroll_bracket", "g"},
                                            {"avg_payroll_bracket", "g"},
                                            {"risk_b_2", "l"},
                                            {"risk_bracket", "u"},
                                            {"prediction_score", "g"},
                                            {"actual_score", "g"},
                                            {"prediction_label", "u"},
                                            {"actual_label", "u"},
                                            {"tag/age", "l"},
                                            {"tag/team", "u"},
                                            {"shap/state", "g"},
                                            {"shap/industry", "g"},
                                            {NULL, NULL}};
  (void)state;
  expect_members(golden_schema, fields, "features",
                 "metropolitan_area,industry,state,established_business,experienced_business,safe_business,"
                 "owner_gender,payroll_bracket,avg_payroll_bracket,risk_b_2,risk_bracket,");
  expect_members(golden_schema, fields, "tags", "age,team,");
  expect_members(golden_schema, fields, "shap_values", "state,industry,");
  expect_members(golden_schema, fields, "prediction", "label,score,");
  expect_members(golden_schema, fields, "actual", "label,score,");
}

static const struct kit_field mixed[] = {{"id", "u"},          {"p", "u"},     {"feature/bank", "u"},
                                         {"feature/age", "l"}, {"other", "u"}, {"tag_team", "u"},
                                         {"shap/bank", "g"},   {"extra", "l"}, {NULL, NULL}};

static void prefixes_name_by_suffix(void **state) {
  (void)state;
  expect_members("{" ID ",\"features\":\"feature/\",\"tags\":\"tag_\",\"shap_values\":\"shap/\"}", mixed, "features",
                 "bank,age,");
  expect_members("{" ID ",\"features\":\"feature/\",\"tags\":\"tag_\"}", mixed, "tags", "team,");
  expect_members("{" ID ",\"features\":\"feature/\",\"shap_values\":\"shap/\"}", mixed, "shap_values", "bank,");
  expect_members("{" ID ",\"features\":\"feature/\"}", mixed, "tags", "");
}

static void lists_and_prefixes_add_up(void **state) {
  (void)state;
  expect_members("{" ID ",\"features_list\":[\"extra\",\"other\"]}", mixed, "features", "extra,other,");
  expect_members("{" ID ",\"features_list\":[\"extra\"],\"features\":\"feature/\"}", mixed, "features",
                 "extra,bank,age,");
  expect_members("{" ID ",\"features_list\":[\"feature/age\"],\"features\":\"feature/\"}", mixed, "features",
                 "age,bank,");
  expect_members("{" ID ",\"tags_list\":[\"other\"],\"tags\":\"tag_\"}", mixed, "tags", "other,team,");
  expect_members("{" ID ",\"tags_list\":[\"other\"],\"tags\":\"tag_\"}", mixed, "features",
                 "feature/bank,feature/age,shap/bank,extra,");
  expect_members("{" ID ",\"features_list\":[]}", mixed, "features", "");
}

static void the_longest_prefix_wins(void **state) {
  static const struct kit_field fields[] = {{"id", "u"}, {"p", "u"}, {"t/a", "u"}, {"t/x/b", "u"}, {NULL, NULL}};
  (void)state;
  expect_members("{" ID ",\"features\":\"t/\",\"tags\":\"t/x/\"}", fields, "features", "a,");
  expect_members("{" ID ",\"features\":\"t/\",\"tags\":\"t/x/\"}", fields, "tags", "b,");
}

/* prediction_ as a prefix does not take what the schema names. */
static void named_columns_are_no_features(void **state) {
  static const struct kit_field fields[] = {{"prediction_id", "u"}, {"prediction_label", "u"}, {"prediction_time", "l"},
                                            {"changed", "tdD"},     {"prediction_x", "u"},     {NULL, NULL}};
  (void)state;
  expect_members("{\"prediction_id\":\"prediction_id\",\"prediction_label\":\"prediction_label\","
                 "\"timestamp\":\"prediction_time\",\"features\":\"prediction_\"}",
                 fields, "features", "x,");
  expect_members("{\"prediction_id\":\"prediction_id\",\"prediction_label\":\"prediction_label\","
                 "\"change_timestamp\":\"changed\"}",
                 fields, "features", "prediction_time,prediction_x,");
}

static void excluded_columns_are_left_out(void **state) {
  (void)state;
  expect_members("{" ID ",\"exclude\":[\"other\",\"tag_team\",\"shap/bank\"]}", mixed, "features",
                 "feature/bank,feature/age,extra,");
  expect_members("{" ID ",\"features\":\"feature/\",\"exclude\":[\"feature/age\"]}", mixed, "features", "bank,");
}

static void an_excluded_column_that_is_not_there_is_told_once(void **state) {
  struct kit kit;
  (void)state;
  kit_init(&kit, "{" ID ",\"exclude\":[\"othr\"]}");
  kit_binds(&kit, mixed);
  assert_non_null(strstr(kit.logged, "exclude names a column that is not there: 'othr'; did you mean 'other'?"));
  kit.logged[0] = 0;
  kit_binds(&kit, mixed);
  assert_string_equal(kit.logged, "");
  kit_finish(&kit);
}

static void a_prefix_that_no_column_has_is_told_once(void **state) {
  struct kit kit;
  (void)state;
  kit_init(&kit, "{" ID ",\"features\":\"feature/\",\"tags\":\"tags_\"}");
  kit_binds(&kit, mixed);
  kit_binds(&kit, mixed);
  assert_string_equal(kit.logged, "no column starts with 'tags_', which the schema has as a prefix\n");
  kit_finish(&kit);
}

static void embeddings_are_no_features(void **state) {
  static const struct kit_field fields[] = {{"id", "u"},  {"p", "u"}, {"vec", "Lf"}, {"raw", "u"},
                                            {"url", "u"}, {"f", "u"}, {NULL, NULL}};
  (void)state;
  expect_members("{" ID ",\"embedding_features\":[{\"feature_name\":\"img\",\"vector_col\":\"vec\","
                 "\"raw_data_col\":\"raw\",\"link_to_data_col\":\"url\"}]}",
                 fields, "features", "f,");
  expect_members("{" ID ",\"embedding_features\":[{\"feature_name\":\"img\",\"vector_col\":\"vec\"}]}", fields,
                 "features", "raw,url,f,");
}

/* ---- mistakes ---- */

static void expect_fault(const char *schema, const struct kit_field *fields, const char *code, const char *text) {
  struct kit kit;
  kit_init(&kit, schema);
  kit_bind_fails(&kit, fields, code, text);
  kit_finish(&kit);
}

static void every_missing_column_is_named(void **state) {
  struct kit kit;
  (void)state;
  kit_init(&kit, "{\"prediction_id\":\"idd\",\"prediction_label\":\"label\",\"features_list\":[\"othr\"],"
                 "\"tags_list\":[\"nothing\"],\"embedding_features\":[{\"feature_name\":\"e\",\"vector_col\":\"v\"}]}");
  kit_bind_fails(&kit, mixed, "Missing_Columns: there is no column 'idd', which the schema names as prediction_id",
                 "did you mean 'id'?");
  static const char *const texts[] = {"no column 'label'", "as prediction_label", "no column 'othr'",
                                      "'other'?",          "no column 'nothing'", "as one of tags_list",
                                      "no column 'v'",     "as vector_col"};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    if (!strstr(kit.err.message, texts[i]) && !strstr(kit.logged, texts[i]))
      fail_msg("no '%s' in %s and %s", texts[i], kit.err.message, kit.logged);
  kit_finish(&kit);
}

static void columns_of_one_name(void **state) {
  static const struct kit_field twice[] = {{"id", "u"}, {"p", "u"}, {"x", "u"}, {"x", "l"}, {"x", "l"}, {NULL, NULL}};
  static const struct kit_field members_twice[] = {{"id", "u"}, {"p", "u"}, {"f/x", "u"}, {"x", "l"}, {NULL, NULL}};
  (void)state;
  expect_fault("{" ID "}", twice, "Duplicate_Columns: the file has several columns called 'x'", "rename all but one");
  expect_fault("{" ID ",\"features\":\"f/\",\"features_list\":[\"x\"]}", members_twice,
               "Duplicate_Columns: several columns would be the member of features called 'x'", "rename");
}

static void a_column_without_a_name(void **state) {
  static const struct kit_field fields[] = {{"id", "u"}, {"p", "u"}, {"f/", "u"}, {"", "u"}, {NULL, NULL}};
  (void)state;
  expect_fault("{" ID ",\"features\":\"f/\"}", fields, "Invalid_Column_Name_Empty_String",
               "column 'f/' leaves no name for one of features");
  expect_fault("{" ID ",\"exclude\":[\"f/\"]}", fields, "Invalid_Column_Name_Empty_String", "column '' leaves no name");
}

static void used_and_excluded(void **state) {
  (void)state;
  expect_fault("{" ID ",\"exclude\":[\"p\"]}", mixed, "Invalid_Schema: column 'p' is both used and excluded",
               "remove one of the two");
}

/* ---- delayed actuals ---- */

static const struct kit_field later[] = {{"id", "u"}, {"a", "u"},     {"tag_team", "u"},
                                         {"f", "u"},  {"day", "tdD"}, {NULL, NULL}};

static void actuals_bring_no_features(void **state) {
  struct kit kit;
  char found[100];
  (void)state;
  kit_init(&kit, "{\"prediction_id\":\"id\",\"actual_label\":\"a\",\"tags\":\"tag_\"}");
  members(&kit, later, "features", found, sizeof found);
  assert_string_equal(found, "");
  members(&kit, later, "tags", found, sizeof found);
  assert_string_equal(found, "team,");
  members(&kit, later, "actual", found, sizeof found);
  assert_string_equal(found, "label,");
  kit_finish(&kit);
}

/* One schema can serve both jobs: what only predictions have is not looked for. */
static void actuals_need_no_columns_of_predictions(void **state) {
  struct kit kit;
  char found[100];
  (void)state;
  kit_init(&kit, "{" ID ",\"actual_label\":\"a\",\"features_list\":[\"none\"],\"shap_values\":\"shap/\","
                 "\"embedding_features\":[{\"feature_name\":\"e\",\"vector_col\":\"v\"}]}");
  kit.config.records = MODEL_RECORDS_ACTUALS;
  members(&kit, later, "prediction", found, sizeof found);
  assert_string_equal(found, "");
  members(&kit, later, "actual", found, sizeof found);
  assert_string_equal(found, "label,");
  kit_finish(&kit);
}

static void actuals_need_their_own_columns(void **state) {
  (void)state;
  expect_fault("{\"prediction_id\":\"id\",\"actual_label\":\"b\"}", later, "Missing_Columns", "no column 'b'");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_golden_example),
      cmocka_unit_test(prefixes_name_by_suffix),
      cmocka_unit_test(lists_and_prefixes_add_up),
      cmocka_unit_test(the_longest_prefix_wins),
      cmocka_unit_test(named_columns_are_no_features),
      cmocka_unit_test(excluded_columns_are_left_out),
      cmocka_unit_test(an_excluded_column_that_is_not_there_is_told_once),
      cmocka_unit_test(a_prefix_that_no_column_has_is_told_once),
      cmocka_unit_test(embeddings_are_no_features),
      cmocka_unit_test(every_missing_column_is_named),
      cmocka_unit_test(columns_of_one_name),
      cmocka_unit_test(a_column_without_a_name),
      cmocka_unit_test(used_and_excluded),
      cmocka_unit_test(actuals_bring_no_features),
      cmocka_unit_test(actuals_need_no_columns_of_predictions),
      cmocka_unit_test(actuals_need_their_own_columns),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
