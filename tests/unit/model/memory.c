/* Every allocation of open, bind and apply made to fail once: each time a clear error, no leak, nothing half done.
 * But jansson's own: its reader (2.14) may drop a character of a text that it has no memory for, and say nothing. */
#include "failing.h"
#include "kit.h"
#include <stdlib.h>

struct memory_case {
  enum model_type type;
  const char *schema;
  const struct kit_field *fields;
  const char *rows;
  int64_t kept;
};

static int apply(struct kit *kit, void *bound, struct sluice_batch *in, int64_t *kept) {
  struct sluice_batch out = {.struct_size = sizeof out};
  int code = model_apply(kit->model, bound, in, &kit->rejects, &out, &kit->err);
  if (!code)
    *kept = out.array.length;
  if (!code)
    sluice_array_release(&out.array);
  return code;
}

/* With the n-th allocation failing; true if it was reached. */
static bool run(const struct memory_case *c, const struct ArrowSchema *in, int64_t n) {
  struct kit kit;
  struct ArrowSchema out = {0};
  struct sluice_batch batch = {.struct_size = sizeof batch, .seq = 7};
  void *bound = NULL;
  int64_t kept = -1;
  kit_init(&kit, c->schema);
  kit.config.model_type = (int32_t)c->type;
  kit.config.text_numbers = 1;
  kit.config.model_version = "v0";
  assert_int_equal(kit_make_array(in, c->rows, &batch.array), SLUICE_OK);
  failing_in = n;
  int code = kit_open(&kit);
  if (!code)
    code = model_bind(kit.model, in, &out, &bound, &kit.err);
  if (!code)
    code = apply(&kit, bound, &batch, &kept);
  bool reached = failing_in < 0;
  failing_in = -1;
  if (code != (reached ? SLUICE_ERR_MEMORY : SLUICE_OK))
    fail_msg("allocation %lld: code %d: %s", (long long)n, code, kit.err.message);
  if (reached)
    assert_true(kit.err.message[0] != 0);
  else
    assert_int_equal(kept, c->kept);
  if (bound)
    model_unbind(kit.model, bound);
  sluice_schema_release(&out);
  sluice_array_release(&batch.array);
  kit_finish(&kit);
  return reached;
}

static int64_t fail_each(const struct memory_case *c) {
  struct ArrowSchema in;
  int64_t n = 0;
  assert_int_equal(kit_make_schema(c->fields, &in), SLUICE_OK);
  while (run(c, &in, n))
    n++;
  sluice_schema_release(&in);
  return n;
}

static void survives_every_failed_allocation(void **state) {
  const struct memory_case cases[] = {
      {MODEL_SCORE_CATEGORICAL,
       "{\"predictionId\":\"id\",\"prediction_label\":\"p\",\"timestamp\":\"t\",\"prediction_score\":\"s\","
       "\"version\":\"v\",\"features\":\"f/\",\"tags_list\":[\"x\"],\"shap_values\":\"h/\",\"exclude\":[\"secret\"],"
       "\"embedding_features\":[{\"feature_name\":\"e\",\"vector_col\":\"e\",\"raw_data_col\":\"d\"}]}",
       FIELDS({"id", "Du"}, {"p", "u"}, {"t", "u"}, {"s", "u"}, {"v", "l"}, {"f/a", "U"}, {"x", "u"}, {"h/a", "g"},
              {"secret", "u"}, {"e", "Lf"}, {"d", "Lu"}),
       "[[\"1\",\"x\",\"2022-04-16\",\"0.5\",null,\"a\",\"b\",1,\"s\",[1,2],[\"y\"]],"
       "[\"2\",\"x\",\"never\",\"0.5\",1,\"a\",\"b\",1,\"s\",[1,2],null],"
       "[\"3\",\"x\",\"2022-04-16\",\"0.5\",1,\"a\",\"b\",null,\"s\",[1,2],null]]",
       1},
      {MODEL_RANKING, "{\"prediction_id\":\"id\",\"prediction_group_id\":\"g\",\"rank\":\"r\"}",
       FIELDS({"id", "l"}, {"g", "u"}, {"r", "c"}), "[[1,\"a\",1],[2,\"a\",1],[3,\"b\",1]]", 2},
  };
  int64_t n = 0;
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    n += fail_each(&cases[i]);
  printf("%lld allocations failed\n", (long long)n);
  assert_true(n > 150);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(survives_every_failed_allocation)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
