/* Schema mapping: names, paths, types, constants, defaults, required fields, and every mistake in the rules. */
#include "core/mapping/mapping.h"
#include "tests/unit/run/record_batch.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

struct seen { /* rejects */
  int n;
  int64_t rows[8];
  char columns[8][32], reasons[8][160];
};
static int see(struct sluice_rejects *rejects, const struct sluice_reject *reject, struct sluice_error *err) {
  struct seen *seen = rejects->private_data;
  (void)err;
  assert_in_range(seen->n, 0, 7);
  seen->rows[seen->n] = reject->row;
  snprintf(seen->columns[seen->n], sizeof seen->columns[0], "%s", reject->column);
  snprintf(seen->reasons[seen->n++], sizeof seen->reasons[0], "%s", reject->reason);
  return SLUICE_OK;
}

static int create(const struct mapping_rule *rules, size_t n, struct mapping **out, struct sluice_error *err) {
  struct mapping_spec spec = {.rules = rules, .n = n};
  return mapping_create(&spec, out, err);
}

static const char *const fields[][2] = {{"u", "id"}, {"l", "n"}, {"u", "ts"}};

static void expect(const struct mapping_rule *rules, size_t n, const char *const *values, int64_t rows,
                   const char *lines, uint8_t *keep, struct seen *seen) {
  struct mapping *mapping;
  struct mapping_bound *bound;
  struct ArrowSchema schema;
  struct ArrowArray in, out;
  struct sluice_error err = {0};
  struct sluice_rejects rejects = {see, seen};
  struct text text = {0};
  assert_int_equal(create(rules, n, &mapping, &err), SLUICE_OK);
  assert_int_equal(record_schema(fields, 3, &schema), SLUICE_OK);
  assert_int_equal(record_array(&schema, values, rows, &in), SLUICE_OK);
  assert_int_equal(mapping_bind(mapping, &schema, &bound, &err), SLUICE_OK);
  memset(keep, 1, (size_t)rows);
  assert_int_equal(mapping_apply(bound, &in, 1, &rejects, keep, &out, &err), SLUICE_OK);
  assert_null(in.release);
  assert_int_equal(sluice_array_validate(mapping_schema(bound), &out, SLUICE_CHECK_FULL, &err), SLUICE_OK);
  assert_int_equal(record_lines(mapping_schema(bound), &out, &text), SLUICE_OK);
  assert_string_equal(text_get(&text), lines);
  text_finish(&text);
  sluice_array_release(&out);
  mapping_unbind(bound);
  sluice_schema_release(&schema);
  mapping_destroy(mapping);
}

static void names_paths_types_and_constants(void **state) {
  (void)state;
  const struct mapping_rule rules[] = {{.from = "n", .to = "a.b.count", .type = "string"},
                                       {.from = "id"},
                                       {.value = "7", .to = "a.version", .type = "int64"},
                                       {.from = "ts", .to = "time", .type = "timestamp"},
                                       {.value = "web", .to = "from"}};
  const char *values[] = {"x", "1", "2026-11-19T10:00:00Z", NULL, NULL, NULL};
  uint8_t keep[2];
  struct seen seen = {0};
  expect(rules, 5, values, 2,
         "{\"a\":{\"b\":{\"count\":\"1\"},\"version\":7},\"id\":\"x\",\"time\":\"2026-11-19T10:00:00.000000Z\","
         "\"from\":\"web\"}\n"
         "{\"a\":{\"b\":{\"count\":null},\"version\":7},\"id\":null,\"time\":null,\"from\":\"web\"}\n",
         keep, &seen);
  assert_int_equal(seen.n, 0);
}

static void one_column_in_two_places(void **state) {
  (void)state;
  const struct mapping_rule rules[] = {{.from = "n", .to = "number"}, {.from = "n", .to = "text", .type = "string"}};
  const char *values[] = {"x", "41", NULL};
  uint8_t keep[1];
  struct seen seen = {0};
  expect(rules, 2, values, 1, "{\"number\":41,\"text\":\"41\"}\n", keep, &seen);
}

static void defaults_fill_nulls(void **state) {
  (void)state;
  const struct mapping_rule rules[] = {{.from = "n", .default_value = "-1"},
                                       {.from = "id", .default_value = "none", .required = true}};
  const char *values[] = {"a", NULL, NULL, NULL, "2", NULL, NULL, NULL, NULL};
  uint8_t keep[3];
  struct seen seen = {0};
  expect(rules, 2, values, 3, "{\"n\":-1,\"id\":\"a\"}\n{\"n\":2,\"id\":\"none\"}\n{\"n\":-1,\"id\":\"none\"}\n", keep,
         &seen);
  assert_int_equal(seen.n, 0);
}

static void records_that_do_not_fit_are_rejected_once(void **state) {
  (void)state;
  const struct mapping_rule rules[] = {{.from = "id", .type = "int32", .required = true},
                                       {.from = "ts", .required = true}};
  const char *values[] = {"1", "0", "a", "x", "0", NULL, NULL, "0", "b", "4", "0", "c"};
  uint8_t keep[4];
  struct seen seen = {0};
  expect(rules, 2, values, 4,
         "{\"id\":1,\"ts\":\"a\"}\n{\"id\":null,\"ts\":null}\n{\"id\":null,\"ts\":\"b\"}\n{\"id\":4,\"ts\":\"c\"}\n",
         keep, &seen);
  assert_memory_equal(keep, ((uint8_t[]){1, 0, 0, 1}), 4);
  assert_int_equal(seen.n, 2);
  assert_int_equal(seen.rows[0], 1);
  assert_string_equal(seen.columns[0], "id");
  assert_non_null(strstr(seen.reasons[0], "x"));
  assert_int_equal(seen.rows[1], 2);
  assert_non_null(strstr(seen.reasons[1], "required"));
}

static void want_is_what_decoders_shall_give(void **state) {
  (void)state;
  const struct mapping_rule rules[] = {{.from = "a", .type = "string"},
                                       {.from = "b", .to = "x", .type = "int64"},
                                       {.from = "b", .to = "y"},
                                       {.value = "1", .to = "z"},
                                       {.from = "c"}};
  struct mapping *mapping;
  struct ArrowSchema want;
  struct sluice_error err = {0};
  assert_int_equal(create(rules, 5, &mapping, &err), SLUICE_OK);
  assert_int_equal(mapping_want(mapping, NULL, &want), SLUICE_OK);
  assert_int_equal(want.n_children, 3);
  assert_string_equal(want.children[0]->format, "u");
  assert_string_equal(want.children[1]->name, "b");
  assert_string_equal(want.children[1]->format, ""); /* two rules, two types: as found */
  assert_string_equal(want.children[2]->format, "");
  sluice_schema_release(&want);
  mapping_destroy(mapping);
}

static void mistakes_are_named(void **state) {
  (void)state;
  static const struct {
    struct mapping_rule rules[2];
    size_t n;
    const char *says;
  } cases[] = {
      {{{.to = "x"}}, 1, "`from`"},
      {{{.from = "a", .value = "b"}}, 1, "not both"},
      {{{.value = "b"}}, 1, "`to`"},
      {{{.from = "a", .type = "integr"}}, 1, "integr"},
      {{{.from = "a"}, {.from = "b", .to = "a"}}, 2, "already taken"},
      {{{.from = "a", .to = "x"}, {.from = "b", .to = "x.y"}}, 2, "already taken"},
      {{{.from = "a", .to = "x.y"}, {.from = "b", .to = "x"}}, 2, "already taken"},
      {{{.from = "a", .to = "x..y"}}, 1, "not a path"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct mapping *mapping = NULL;
    struct sluice_error err = {0};
    assert_int_equal(create(cases[i].rules, cases[i].n, &mapping, &err), SLUICE_ERR_CONFIG);
    if (!strstr(err.message, cases[i].says))
      fail_msg("case %zu: '%s' does not say '%s'", i, err.message, cases[i].says);
  }
}

static void a_missing_column_is_an_error_that_lists_what_there_is(void **state) {
  (void)state;
  const struct mapping_rule rules[] = {{.from = "idd"}};
  struct mapping *mapping;
  struct mapping_bound *bound = NULL;
  struct ArrowSchema schema;
  struct sluice_error err = {0};
  assert_int_equal(create(rules, 1, &mapping, &err), SLUICE_OK);
  assert_int_equal(record_schema(fields, 3, &schema), SLUICE_OK);
  assert_int_equal(mapping_bind(mapping, &schema, &bound, &err), SLUICE_ERR_CONFIG);
  assert_non_null(strstr(err.message, "'idd'"));
  assert_non_null(strstr(err.message, "id, n, ts"));
  sluice_schema_release(&schema);
  mapping_destroy(mapping);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_paths_types_and_constants),
      cmocka_unit_test(one_column_in_two_places),
      cmocka_unit_test(defaults_fill_nulls),
      cmocka_unit_test(records_that_do_not_fit_are_rejected_once),
      cmocka_unit_test(want_is_what_decoders_shall_give),
      cmocka_unit_test(mistakes_are_named),
      cmocka_unit_test(a_missing_column_is_an_error_that_lists_what_there_is),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
