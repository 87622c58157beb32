/* The record that goes out: exact text, constants and columns that override them, memory that is not copied. */
#include "kit.h"
#include <stdlib.h>

#define FULL                                                                                                           \
  "{\"prediction_id\":\"id\",\"timestamp\":\"t\",\"prediction_label\":\"p\",\"prediction_score\":\"s\","               \
  "\"actual_label\":\"a\",\"tags\":\"tag/\",\"shap_values\":\"shap/\",\"version\":\"v\",\"batch_id\":\"b\"}"
static const struct kit_field full[] = {{"id", "l"}, {"t", "l"},     {"p", "u"},      {"s", "g"},
                                        {"a", "u"},  {"tag/x", "u"}, {"shap/f", "g"}, {"v", "u"},
                                        {"b", "i"},  {"f", "Du"},    {NULL, NULL}};

static void the_whole_record(void **state) {
  struct kit kit;
  (void)state;
  kit_init(&kit, FULL);
  kit.config.space = "home";
  kit.config.model_version = "v0";
  kit.config.batch_id = "none";
  kit_passes(&kit, full,
             "[[1,1650125707,\"yes\",0.5,null,\"t\",0.25,\"v2\",7,\"blue\"],"
             "[2,1650125708,\"no\",null,\"yes\",null,0,null,null,null]]",
             "{\"prediction_id\":1,\"timestamp\":\"2022-04-16T16:15:07Z\",\"model\":{\"space\":\"home\",\"name\":\"m\","
             "\"type\":\"score_categorical\",\"version\":\"v2\",\"environment\":\"production\",\"batch_id\":\"7\"},"
             "\"features\":{\"f\":\"blue\"},\"tags\":{\"x\":\"t\"},\"shap_values\":{\"f\":0.25},"
             "\"prediction\":{\"label\":\"yes\",\"score\":0.5},\"actual\":{\"label\":null}}\n"
             "{\"prediction_id\":2,\"timestamp\":\"2022-04-16T16:15:08Z\",\"model\":{\"space\":\"home\",\"name\":\"m\","
             "\"type\":\"score_categorical\",\"version\":\"v0\",\"environment\":\"production\",\"batch_id\":\"none\"},"
             "\"features\":{\"f\":null},\"tags\":{\"x\":null},\"shap_values\":{\"f\":0.0},"
             "\"prediction\":{\"label\":\"no\",\"score\":null},\"actual\":{\"label\":\"yes\"}}\n");
  kit_finish(&kit);
}

/* Several versions in one file. */
static void versions_per_row(void **state) {
  struct kit kit;
  (void)state;
  kit_init(&kit, "{\"prediction_id\":\"id\",\"prediction_label\":\"p\",\"version\":\"v\"}");
  kit_accepts(&kit, FIELDS({"id", "u"}, {"p", "u"}, {"v", "l"}),
              "[[\"1\",\"x\",1],[\"2\",\"x\",2],[\"3\",\"x\",null]]");
  assert_non_null(strstr(kit.lines, "\"version\":\"1\""));
  assert_non_null(strstr(kit.lines, "\"version\":\"2\""));
  assert_non_null(strstr(kit.lines, "\"version\":null"));
  kit_finish(&kit);
}

static void delayed_actuals(void **state) {
  struct kit kit;
  (void)state;
  kit_init(&kit, "{\"prediction_id\":\"id\",\"actual_label\":\"a\",\"actual_score\":\"s\",\"timestamp\":\"t\"}");
  kit_passes(&kit, FIELDS({"id", "u"}, {"a", "u"}, {"s", "l"}, {"t", "u"}, {"other", "tdD"}),
             "[[\"1\",\"yes\",1,\"2022-04-16T16:15:00Z\",19000]]",
             "{\"prediction_id\":\"1\",\"timestamp\":\"2022-04-16T16:15:00.000000Z\",\"model\":{\"name\":\"m\","
             "\"type\":\"score_categorical\",\"environment\":\"production\"},"
             "\"actual\":{\"label\":\"yes\",\"score\":1}}\n");
  kit_finish(&kit);
}

/* ---- memory and origins ---- */

struct bound_kit {
  struct kit kit;
  struct ArrowSchema in, out;
  void *bound;
};

static void open_bound(struct bound_kit *b, const char *schema, const struct kit_field *fields) {
  kit_init(&b->kit, schema);
  assert_int_equal(kit_open(&b->kit), SLUICE_OK);
  assert_int_equal(kit_make_schema(fields, &b->in), SLUICE_OK);
  assert_int_equal(model_bind(b->kit.model, &b->in, &b->out, &b->bound, &b->kit.err), SLUICE_OK);
}

static void close_bound(struct bound_kit *b) {
  model_unbind(b->kit.model, b->bound);
  sluice_schema_release(&b->in);
  sluice_schema_release(&b->out);
  kit_finish(&b->kit);
}

static const struct ArrowArray *find(const struct bound_kit *b, const struct ArrowArray *array, const char *group,
                                     const char *name) {
  int64_t at = sluice_schema_find(&b->out, group);
  assert_true(at >= 0);
  if (!name)
    return array->children[at];
  int64_t in = sluice_schema_find(b->out.children[at], name);
  assert_true(in >= 0);
  return array->children[at]->children[in];
}

static void columns_are_not_copied(void **state) {
  static const struct kit_field fields[] = {{"id", "u"}, {"p", "u"}, {"t", "l"}, {"f", "g"}, {NULL, NULL}};
  struct bound_kit b;
  struct sluice_batch in = {.struct_size = sizeof in}, out = {.struct_size = sizeof out};
  const void *values[4];
  (void)state;
  open_bound(&b, "{\"prediction_id\":\"id\",\"prediction_label\":\"p\",\"timestamp\":\"t\"}", fields);
  assert_int_equal(kit_make_array(&b.in, "[[\"1\",\"x\",1650125707,0.5],[\"2\",\"y\",1650125707,1.5]]", &in.array),
                   SLUICE_OK);
  for (int i = 0; i < 4; i++)
    values[i] = in.array.children[i]->buffers[1];
  assert_int_equal(model_apply(b.kit.model, b.bound, &in, &b.kit.rejects, &out, &b.kit.err), SLUICE_OK);
  assert_ptr_equal(find(&b, &out.array, "prediction_id", NULL)->buffers[1], values[0]);
  assert_ptr_equal(find(&b, &out.array, "prediction", "label")->buffers[1], values[1]);
  assert_ptr_equal(find(&b, &out.array, "timestamp", NULL)->buffers[1], values[2]);
  assert_ptr_equal(find(&b, &out.array, "features", "f")->buffers[1], values[3]);
  assert_null(out.origin);
  assert_null(out.ops);
  sluice_array_release(&out.array);
  close_bound(&b);
}

/* Rows that an earlier step dropped, and operations: both go along, also where rows are rejected. */
static void origins_and_operations(void **state) {
  static const struct kit_field fields[] = {{"id", "u"}, {"p", "u"}, {NULL, NULL}};
  static const char *const rows[] = {"[[\"1\",\"x\"],[\"2\",\"x\"],[\"3\",\"y\"]]",
                                     "[[\"1\",\"x\"],[null,\"x\"],[\"3\",\"y\"]]"};
  struct bound_kit b;
  (void)state;
  open_bound(&b, "{\"prediction_id\":\"id\",\"prediction_label\":\"p\"}", fields);
  for (int i = 0; i < 2; i++) {
    int64_t origin[] = {5, 9, 11};
    uint8_t ops[] = {SLUICE_OP_INSERT, SLUICE_OP_UPDATE, SLUICE_OP_DELETE};
    struct sluice_batch in = {.struct_size = sizeof in, .seq = 7, .origin = origin, .ops = ops};
    struct sluice_batch out = {.struct_size = sizeof out};
    assert_int_equal(kit_make_array(&b.in, rows[i], &in.array), SLUICE_OK);
    assert_int_equal(model_apply(b.kit.model, b.bound, &in, &b.kit.rejects, &out, &b.kit.err), SLUICE_OK);
    memset(origin, 0, sizeof origin);
    memset(ops, 9, sizeof ops);
    assert_int_equal(out.array.length, i ? 2 : 3);
    assert_int_equal(out.origin[0], 5);
    assert_int_equal(out.origin[1], i ? 11 : 9);
    assert_int_equal(out.ops[1], i ? SLUICE_OP_DELETE : SLUICE_OP_UPDATE);
    sluice_array_release(&out.array);
  }
  assert_int_equal(b.kit.n_rejected, 1);
  close_bound(&b);
}

/* A batch that is a part of a longer one: neither values nor nulls of other rows count. */
static void slices(void **state) {
  static const struct kit_field fields[] = {{"id", "u"}, {"p", "u"},  {"t", "u"},   {"v", "l"},
                                            {"e", "Lf"}, {"f", "Yu"}, {"s/f", "g"}, {NULL, NULL}};
  struct bound_kit b;
  struct ArrowArray whole;
  (void)state;
  open_bound(&b,
             "{\"prediction_id\":\"id\",\"prediction_label\":\"p\",\"timestamp\":\"t\",\"version\":\"v\","
             "\"shap_values\":\"s/\",\"embedding_features\":[{\"feature_name\":\"e\",\"vector_col\":\"e\"}]}",
             fields);
  assert_int_equal(kit_make_array(&b.in,
                                  "[[null,null,\"never\",1,[1],[\"x\"],null],"
                                  "[\"1\",\"a\",\"2022-04-16\",2,[1,2],[\"y\",\"z\"],1],"
                                  "[\"2\",\"b\",\"2022-04-17\",3,[3,4],[\"w\"],2],"
                                  "[null,null,null,null,[1],null,null]]",
                                  &whole),
                   SLUICE_OK);
  assert_int_equal(sluice_array_share(&whole), SLUICE_OK);
  struct sluice_batch in = {.struct_size = sizeof in}, out = {.struct_size = sizeof out};
  struct sluice_error err = {0};
  assert_int_equal(sluice_array_slice(&whole, 1, 2, &in.array), SLUICE_OK);
  sluice_array_release(&whole);
  assert_int_equal(model_apply(b.kit.model, b.bound, &in, &b.kit.rejects, &out, &b.kit.err), SLUICE_OK);
  assert_int_equal(b.kit.n_rejected, 0);
  assert_int_equal(sluice_array_validate(&b.out, &out.array, SLUICE_CHECK_FULL, &err), SLUICE_OK);
  const struct ArrowArray *vector = find(&b, &out.array, "embeddings", "e")->children[0];
  const int32_t *offsets = (const int32_t *)vector->buffers[1] + vector->offset;
  const float *numbers = (const float *)vector->children[0]->buffers[1] + vector->children[0]->offset;
  assert_true(numbers[offsets[0]] == 1 && numbers[offsets[1]] == 3);
  const struct ArrowArray *times = find(&b, &out.array, "timestamp", NULL);
  assert_int_equal(((const int64_t *)times->buffers[1])[times->offset], INT64_C(1650067200000000));
  sluice_array_release(&out.array);
  close_bound(&b);
}

/* Longer and shorter batches share one column of the constant. */
static void constants_are_made_once(void **state) {
  static const struct kit_field fields[] = {{"id", "u"}, {"p", "u"}, {NULL, NULL}};
  struct bound_kit b;
  const void *values = NULL;
  (void)state;
  open_bound(&b, "{\"prediction_id\":\"id\",\"prediction_label\":\"p\"}", fields);
  for (int i = 0; i < 3; i++) {
    struct sluice_batch in = {.struct_size = sizeof in}, out = {.struct_size = sizeof out};
    assert_int_equal(kit_make_array(&b.in, i == 1 ? "[[\"1\",\"x\"]]" : "[[\"1\",\"x\"],[\"2\",\"x\"]]", &in.array),
                     SLUICE_OK);
    assert_int_equal(model_apply(b.kit.model, b.bound, &in, &b.kit.rejects, &out, &b.kit.err), SLUICE_OK);
    const void *found = find(&b, &out.array, "model", "name")->buffers[2];
    assert_true(!values || found == values);
    values = found;
    sluice_array_release(&out.array);
  }
  close_bound(&b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_whole_record),        cmocka_unit_test(versions_per_row),
      cmocka_unit_test(delayed_actuals),         cmocka_unit_test(columns_are_not_copied),
      cmocka_unit_test(origins_and_operations),  cmocka_unit_test(slices),
      cmocka_unit_test(constants_are_made_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
