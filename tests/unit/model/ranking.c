/* Ranking: groups, ranks, relevance. */
#include "kit.h"
#include <stdlib.h>

#define RANKED "{\"prediction_id\":\"id\",\"prediction_group_id\":\"g\",\"rank\":\"r\",\"relevance_label\":\"l\"}"

static void init(struct kit *kit, const char *schema) {
  kit_init(kit, schema);
  kit->config.model_type = MODEL_RANKING;
}

static const struct kit_field texts[] = {{"id", "u"}, {"g", "u"}, {"r", "l"}, {"l", "u"}, {NULL, NULL}};

static void ranks_are_1_to_100(void **state) {
  static const char *const types[] = {"c", "s", "i", "l"};
  (void)state;
  for (size_t i = 0; i < 4; i++) {
    struct kit kit;
    struct kit_field fields[] = {{"id", "u"}, {"g", "u"}, {"r", types[i]}, {"l", "u"}, {NULL, NULL}};
    init(&kit, RANKED);
    kit_accepts(&kit, fields, "[[\"1\",\"a\",1,null],[\"2\",\"a\",100,\"bought\"]]");
    kit_rejects(&kit, fields, "[[\"1\",\"a\",1,null],[\"2\",\"a\",0,null]]", 1, "r", "Invalid_Rank_Value",
                "rank 0 is out of range: ranks are 1 to 100");
    kit_rejects(&kit, fields, "[[\"1\",\"a\",101,null]]", 0, "r", "Invalid_Rank_Value", "rank 101 is out of range");
    kit_rejects(&kit, fields, "[[\"1\",\"a\",-1,null]]", 0, "r", "Invalid_Rank_Value", "rank -1 is out of range");
    kit_rejects(&kit, fields, "[[\"1\",\"a\",null,null]]", 0, "r", "Invalid_Missing_Value",
                "Ranks must not be missing");
    kit_finish(&kit);
  }
}

static void groups_are_there_and_short(void **state) {
  char rows[700], group[514];
  struct kit kit;
  (void)state;
  init(&kit, RANKED);
  kit_rejects(&kit, texts, "[[\"1\",null,1,null],[\"2\",\"a\",1,null]]", 0, "g", "Invalid_Missing_Value",
              "Prediction group IDs must not be missing");
  kit_rejects(&kit, texts, "[[\"1\",\"\",1,null]]", 0, "g", "Invalid_String_Length_In_Column",
              "Prediction group IDs must have 1 to 512 characters");
  memset(group, 'g', sizeof group);
  group[513] = 0;
  snprintf(rows, sizeof rows, "[[\"1\",\"%s\",1,null]]", group);
  kit_rejects(&kit, texts, rows, 0, "g", "Invalid_String_Length_In_Column", "not 513");
  group[512] = 0;
  snprintf(rows, sizeof rows, "[[\"1\",\"%s\",1,null]]", group);
  kit_accepts(&kit, texts, rows);
  kit_finish(&kit);
}

static void a_rank_is_there_once_in_a_group(void **state) {
  struct kit kit;
  (void)state;
  init(&kit, RANKED);
  kit_accepts(&kit, texts, "[[\"1\",\"a\",1,null],[\"2\",\"b\",1,null],[\"3\",\"a\",2,null]]");
  kit_rejects(&kit, texts, "[[\"1\",\"a\",1,null],[\"2\",\"b\",1,null],[\"3\",\"a\",1,null]]", 2, "r",
              "Invalid_Rank_Value", "rank 1 is there twice in group 'a': give each row of a group its own rank");
  kit_rejects(&kit, FIELDS({"id", "u"}, {"g", "i"}, {"r", "c"}, {"l", "u"}),
              "[[\"1\",7,3,null],[\"2\",-7,3,null],[\"3\",7,3,null]]", 2, "r", "Invalid_Rank_Value",
              "rank 3 is there twice in group '7'");
  kit_finish(&kit);
}

/* Groups that are the start of another are others. */
static void groups_are_compared_whole(void **state) {
  struct kit kit;
  (void)state;
  init(&kit, RANKED);
  kit_accepts(&kit, texts, "[[\"1\",\"aa\",1,null],[\"2\",\"a\",1,null],[\"3\",\"aaa\",1,null],[\"4\",\"b\",1,null]]");
  kit_finish(&kit);
}

static void a_group_has_at_most_100_rows(void **state) {
  struct kit kit;
  char *rows = malloc(101 * 40 + 2);
  (void)state;
  assert_non_null(rows);
  for (int n = 100; n <= 101; n++) {
    size_t at = 0;
    for (int i = 0; i < n; i++)
      at += (size_t)snprintf(rows + at, 101 * 40 + 2 - at, "%s[\"%d\",\"a\",%d,null]", i ? "," : "[", i, i + 1);
    snprintf(rows + at, 101 * 40 + 2 - at, "]");
    init(&kit, RANKED);
    if (n == 100)
      kit_accepts(&kit, texts, rows);
    else
      kit_rejects(&kit, texts, rows, 100, "g", "Invalid_Number_Of_Rows_In_Group", "group 'a' has more than 100 rows");
    kit_finish(&kit);
  }
  free(rows);
}

static void relevance_labels_are_not_empty(void **state) {
  static const struct kit_field lists[] = {{"id", "u"}, {"g", "u"}, {"r", "l"}, {"l", "Lu"}, {NULL, NULL}};
  struct kit kit;
  (void)state;
  init(&kit, RANKED);
  kit_rejects(&kit, texts, "[[\"1\",\"a\",1,\"x\"],[\"2\",\"a\",2,\"\"]]", 1, "l", "Invalid_Relevance_Label",
              "a relevance label cannot be an empty text: leave it null");
  kit_accepts(&kit, lists, "[[\"1\",\"a\",1,[\"click\",\"buy\"]],[\"2\",\"a\",2,null]]");
  assert_non_null(strstr(kit.lines, "\"relevance_label\":[\"click\",\"buy\"]"));
  kit_rejects(&kit, lists, "[[\"1\",\"a\",1,[\"x\"]],[\"2\",\"a\",2,[]]]", 1, "l", "Invalid_Relevance_Label",
              "cannot be an empty list");
  kit_rejects(&kit, lists, "[[\"1\",\"a\",1,[\"x\",\"\"]]]", 0, "l", "Invalid_Relevance_Label", "with an empty text");
  kit_rejects(&kit, lists, "[[\"1\",\"a\",1,[null]]]", 0, "l", "Invalid_Relevance_Label", "with a null");
  kit_accepts(&kit, FIELDS({"id", "u"}, {"g", "u"}, {"r", "l"}, {"l", "n"}), "[[\"1\",\"a\",1,null]]");
  kit_finish(&kit);
}

/* Actuals that come later need neither group nor rank. */
static void delayed_relevance(void **state) {
  struct kit kit;
  (void)state;
  init(&kit, "{\"prediction_id\":\"id\",\"relevance_label\":\"l\",\"timestamp\":\"t\"}");
  kit_passes(&kit, FIELDS({"id", "u"}, {"l", "u"}, {"t", "l"}), "[[\"1\",\"bought\",1650125707]]",
             "{\"prediction_id\":\"1\",\"timestamp\":\"2022-04-16T16:15:07Z\",\"model\":{\"name\":\"m\","
             "\"type\":\"ranking\",\"environment\":\"production\"},\"actual\":{\"relevance_label\":\"bought\"}}\n");
  kit_rejects(&kit, FIELDS({"id", "u"}, {"l", "u"}, {"t", "l"}), "[[\"1\",null,1650125707]]", 0, "l", "Invalid_Record",
              "all of l are null");
  kit_finish(&kit);
}

static void all_that_a_ranking_record_has(void **state) {
  struct kit kit;
  (void)state;
  init(&kit, "{\"prediction_id\":\"id\",\"prediction_group_id\":\"g\",\"rank\":\"r\",\"prediction_scores\":\"s\","
             "\"relevance_score\":\"rs\",\"timestamp\":\"t\"}");
  kit_passes(&kit, FIELDS({"id", "u"}, {"g", "l"}, {"r", "i"}, {"s", "g"}, {"rs", "l"}, {"t", "l"}),
             "[[\"1\",5,1,0.5,3,1650125707]]",
             "{\"prediction_id\":\"1\",\"timestamp\":\"2022-04-16T16:15:07Z\",\"model\":{\"name\":\"m\","
             "\"type\":\"ranking\",\"environment\":\"production\"},\"prediction\":{\"scores\":0.5,\"group_id\":5,"
             "\"rank\":1},\"actual\":{\"relevance_score\":3}}\n");
  kit_finish(&kit);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ranks_are_1_to_100),
      cmocka_unit_test(groups_are_there_and_short),
      cmocka_unit_test(a_rank_is_there_once_in_a_group),
      cmocka_unit_test(groups_are_compared_whole),
      cmocka_unit_test(a_group_has_at_most_100_rows),
      cmocka_unit_test(relevance_labels_are_not_empty),
      cmocka_unit_test(delayed_relevance),
      cmocka_unit_test(all_that_a_ranking_record_has),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
