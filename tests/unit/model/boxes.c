/* Object detection: boxes, their categories and scores. */
#include "kit.h"

#define SIDE(side, b, c, s)                                                                                            \
  "\"" side "_object_detection\":{\"bounding_boxes_coordinates_column_name\":\"" b                                     \
  "\",\"bounding_boxes_categories_column_name\":\"" c "\"" s "}"
#define DETECTION "{\"prediction_id\":\"id\",\"timestamp\":\"t\"," SIDE("prediction", "b", "c", "") "}"

static void init(struct kit *kit, const char *schema) {
  kit_init(kit, schema);
  kit->config.model_type = MODEL_OBJECT_DETECTION;
}

static void a_whole_record(void **state) {
  struct kit kit;
  (void)state;
  init(&kit, "{\"prediction_id\":\"id\",\"timestamp\":\"t\"," SIDE(
                 "prediction", "b", "c", ",\"bounding_boxes_scores_column_name\":\"s\"") "," SIDE("actual", "ab", "ac",
                                                                                                  "") "}");
  kit_passes(&kit, FIELDS({"id", "u"}, {"t", "l"}, {"b", "LLf"}, {"c", "Lu"}, {"s", "Lg"}, {"ab", "YYi"}, {"ac", "Lu"}),
             "[[\"1\",1650125707,[[0,0,1,2],[3,4,5.5,6]],[\"cat\",\"dog\"],[0.5,null],[[1,1,2,2]],[\"cat\"]],"
             "[\"2\",1650125707,[],[],[],null,null]]",
             "{\"prediction_id\":\"1\",\"timestamp\":\"2022-04-16T16:15:07Z\",\"model\":{\"name\":\"m\","
             "\"type\":\"object_detection\",\"environment\":\"production\"},\"prediction\":{\"object_detection\":{"
             "\"coordinates\":[[0.0,0.0,1.0,2.0],[3.0,4.0,5.5,6.0]],\"categories\":[\"cat\",\"dog\"],"
             "\"scores\":[0.5,null]}},\"actual\":{\"object_detection\":{\"coordinates\":[[1,1,2,2]],"
             "\"categories\":[\"cat\"]}}}\n"
             "{\"prediction_id\":\"2\",\"timestamp\":\"2022-04-16T16:15:07Z\",\"model\":{\"name\":\"m\","
             "\"type\":\"object_detection\",\"environment\":\"production\"},\"prediction\":{\"object_detection\":{"
             "\"coordinates\":[],\"categories\":[],\"scores\":[]}},\"actual\":{\"object_detection\":{"
             "\"coordinates\":null,\"categories\":null}}}\n");
  kit_finish(&kit);
}

static void expect(const char *type, const char *box, const char *text) {
  struct kit kit;
  char rows[200];
  struct kit_field fields[] = {{"id", "u"}, {"t", "l"}, {"b", type}, {"c", "Lu"}, {NULL, NULL}};
  init(&kit, DETECTION);
  snprintf(rows, sizeof rows, "[[\"1\",1650125707,[[0,0,1,1],%s],[\"x\",\"y\"]]]", box);
  if (text)
    kit_rejects(&kit, fields, rows, 0, "b", "Invalid_Bounding_Box_Coordinates", text);
  else
    kit_accepts(&kit, fields, rows);
  kit_finish(&kit);
}

static void what_a_box_is(void **state) {
  static const char *const types[] = {"LLl", "LLg", "LLf", "YYc"};
  (void)state;
  for (size_t i = 0; i < 4; i++) {
    expect(types[i], "[1,2,3,4]", NULL);
    expect(types[i], "[0,0,1,1]", NULL);
    expect(types[i], "[1,2,3]", "box 1 has not exactly 4 numbers: give the top left corner, then the bottom right");
    expect(types[i], "[1,2,3,4,5]", "has not exactly 4 numbers");
    expect(types[i], "[]", "has not exactly 4 numbers");
    expect(types[i], "null", "has not exactly 4 numbers");
    expect(types[i], "[1,2,3,null]", "has a null");
    expect(types[i], "[-1,2,3,4]", "has a number that is negative or not finite");
    expect(types[i], "[3,2,3,4]", "does not have x1 < x2 and y1 < y2");
    expect(types[i], "[1,4,3,4]", "does not have x1 < x2 and y1 < y2");
    expect(types[i], "[5,6,1,2]", "does not have x1 < x2 and y1 < y2");
  }
  expect("LF4g", "[1,2,3,4]", NULL);
  expect("LF4g", "[4,2,3,4]", "x1 < x2");
}

static void a_category_and_a_score_for_each_box(void **state) {
  static const struct kit_field fields[] = {{"id", "u"}, {"t", "l"},  {"b", "LLf"},
                                            {"c", "Lu"}, {"s", "Lf"}, {NULL, NULL}};
  struct kit kit;
  (void)state;
  init(&kit, "{\"prediction_id\":\"id\",\"timestamp\":\"t\"," SIDE("prediction", "b", "c",
                                                                   ",\"bounding_boxes_scores_column_name\":\"s\"") "}");
  kit_accepts(&kit, fields, "[[\"1\",1650125707,[[0,0,1,1]],[\"x\"],[0.5]]]");
  kit_rejects(&kit, fields, "[[\"1\",1650125707,[[0,0,1,1]],[\"x\",\"y\"],[0.5]]]", 0, "c",
              "Invalid_Bounding_Box_Coordinates", "there are 1 boxes but 2 of column 'c': give one for each box");
  kit_rejects(&kit, fields, "[[\"1\",1650125707,[[0,0,1,1]],[\"x\"],[]]]", 0, "s", "Invalid_Bounding_Box_Coordinates",
              "there are 1 boxes but 0 of column 's'");
  kit_finish(&kit);
}

static void a_row_without_boxes(void **state) {
  struct kit kit;
  (void)state;
  init(&kit, DETECTION);
  kit_rejects(&kit, FIELDS({"id", "u"}, {"t", "l"}, {"b", "LLf"}, {"c", "Lu"}), "[[\"1\",1650125707,null,null]]", 0,
              "b", "Invalid_Record", "all of b, c are null");
  kit_finish(&kit);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_whole_record),
      cmocka_unit_test(what_a_box_is),
      cmocka_unit_test(a_category_and_a_score_for_each_box),
      cmocka_unit_test(a_row_without_boxes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
