/* Which columns go out: fields of structs, columns kept, excluded and carried, and what is wanted of decoders. */
#include "kit.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define META "{meta:{user:{id:l,name:u},at:u},n:l}"
#define ROWS                                                                                                           \
  "[{\"meta\":{\"user\":{\"id\":1,\"name\":\"a\"},\"at\":\"x\"},\"n\":1},{\"meta\":{\"at\":\"y\"},\"n\":2},"           \
  "{\"n\":3}]"

static void fields_of_structs(void **state) {
  (void)state;
  struct mapping_spec spec = {
      KIT_RULES({.from = "meta.user.id"}, {.from = "meta.user.id", .to = "text", .type = "string"},
                {.from = "meta.user", .to = "who"}, {.from = "meta.user.id", .to = "d", .default_value = "-1"})};
  kit_expect(&spec, META, ROWS,
             "{\"meta\":{\"user\":{\"id\":1}},\"text\":\"1\",\"who\":{\"id\":1,\"name\":\"a\"},\"d\":1}\n"
             "{\"meta\":{\"user\":{\"id\":null}},\"text\":null,\"who\":null,\"d\":-1}\n"
             "{\"meta\":{\"user\":{\"id\":null}},\"text\":null,\"who\":null,\"d\":-1}\n");
}

/* What a null struct holds underneath must not come to light. */
static void a_null_struct_hides_its_fields(void **state) {
  (void)state;
  struct mapping_spec spec = {KIT_RULES({.from = "m.id", .to = "id", .type = "string"}, {.from = "m.id", .to = "l[]"})};
  struct mapping *mapping;
  struct mapping_bound *bound;
  struct sluice_error err = {0};
  struct ArrowSchema schema;
  struct ArrowArray in, out;
  uint8_t keep[2] = {1, 1};
  kit_schema("{m:{id:l}}", &schema);
  kit_array(&schema, "[{\"m\":{\"id\":5}},{}]", &in);
  struct ArrowArray *id = in.children[0]->children[0];
  ((uint8_t *)(uintptr_t)id->buffers[0])[0] = 3; /* both are there, though the second one's struct is null */
  id->null_count = 0;
  assert_int_equal(mapping_create(&spec, &mapping, &err), SLUICE_OK);
  assert_int_equal(mapping_bind(mapping, &schema, &bound, &err), SLUICE_OK);
  assert_int_equal(mapping_apply(bound, &in, 1, NULL, keep, &out, &err), SLUICE_OK);
  assert_false(sluice_is_null(out.children[0], 0));
  assert_true(sluice_is_null(out.children[0], 1));
  assert_false(sluice_is_null(out.children[1]->children[0], 0));
  assert_true(sluice_is_null(out.children[1]->children[0], 1));
  sluice_array_release(&out);
  mapping_unbind(bound);
  mapping_destroy(mapping);
  sluice_schema_release(&schema);
}

static void names_with_dots_come_first(void **state) {
  (void)state;
  struct mapping_spec spec = {
      KIT_RULES({.from = "a.b", .to = "x"}, {.from = "a.c", .to = "y"}, {.from = "s.t.u", .to = "z"})};
  kit_expect(&spec, "{a:{b:l,c:l},a.b:l,s:{t.u:l,t:{u:l}}}",
             "[{\"a\":{\"b\":1,\"c\":2},\"a.b\":3,\"s\":{\"t.u\":4,\"t\":{\"u\":5}}}]", "{\"x\":3,\"y\":2,\"z\":4}\n");
}

static void brackets_of_a_name_are_part_of_it(void **state) {
  (void)state;
  struct mapping_spec spec = {KIT_RULES({.from = "price[usd]"}, {.from = "a[0]"})};
  kit_expect(&spec, "{price[usd]:l,a[0]:l}", "[{\"price[usd]\":1,\"a[0]\":2}]", "{\"price[usd]\":1,\"a[0]\":2}\n");
}

static void other_columns_are_kept(void **state) {
  (void)state;
  struct mapping_spec spec = {KIT_RULES({.from = "n", .to = "count"}, {.from = "secret", .exclude = true}), true, NULL};
  kit_expect(&spec, "{a:u,secret:u,n:l,x.y:u}", "[{\"a\":\"1\",\"secret\":\"s\",\"n\":2,\"x.y\":\"3\"}]",
             "{\"count\":2,\"a\":\"1\",\"x.y\":\"3\"}\n");
}

static void rest_of_a_struct_is_kept(void **state) {
  (void)state;
  struct mapping_spec spec = {KIT_RULES({.from = "meta.user.id", .to = "id"}, {.from = "meta.at", .exclude = true}),
                              true, NULL};
  kit_expect(&spec, META, ROWS,
             "{\"id\":1,\"meta\":{\"user\":{\"name\":\"a\"}},\"n\":1}\n{\"id\":null,\"meta\":{\"user\":null},\"n\":2}\n"
             "{\"id\":null,\"meta\":null,\"n\":3}\n");
}

static void rest_of_a_struct_behind_an_offset(void **state) {
  (void)state;
  struct mapping_spec spec = {KIT_RULES({.from = "meta.user.name", .exclude = true}), true, NULL};
  struct kit kit;
  kit_init(&kit, &spec, META);
  kit_map(&kit, ROWS, 1);
  assert_string_equal(kit.lines, "{\"meta\":{\"user\":null,\"at\":\"y\"},\"n\":2}\n{\"meta\":null,\"n\":3}\n");
  kit_finish(&kit);
}

static void a_carried_column_follows(void **state) {
  (void)state;
  struct mapping_spec spec = {KIT_RULES({.from = "a"}), false, "_rescued"};
  struct mapping_spec renamed = {KIT_RULES({.from = "a"}, {.from = "_rescued", .to = "lost"}), true, "_rescued"};
  const char *rows = "[{\"a\":1,\"b\":2,\"_rescued\":\"r\"}]";
  kit_expect(&spec, "{a:l,b:l,_rescued:u}", rows, "{\"a\":1,\"_rescued\":\"r\"}\n");
  kit_expect(&renamed, "{a:l,b:l,_rescued:u}", rows, "{\"a\":1,\"lost\":\"r\",\"b\":2}\n");
}

static void mistakes_are_named(void **state) {
  (void)state;
  static const struct {
    struct mapping_rule rules[2];
    bool keep;
    const char *says;
  } cases[] = {
      {{{.from = "a", .to = "b"}, {.null = true, .to = "z"}},
       true,
       "'b' is kept, and a rule puts something else there"},
      {{{.from = "a", .exclude = true}, {.from = "a"}}, true, "'a' is excluded, and another rule brings it"},
      {{{.from = "a"}, {.from = "a", .exclude = true}}, false, "'a' is excluded, and another rule brings it"},
      {{{.from = "m.x", .exclude = true}, {.from = "m"}}, false, "'m.x' is excluded, and the rule for 'm'"},
      {{{.from = "m", .exclude = true}, {.from = "m.x"}}, true, "'m' is excluded, and the rule for 'm.x'"},
      {{{.exclude = true}, {.from = "a"}}, true, "needs `from`"},
      {{{.null = true}, {.from = "a"}}, true, "needs `to`"},
      {{{.null = true, .value = "x", .to = "y"}, {.from = "a"}}, true, "not both"},
      {{{.from = "m.z"}, {.from = "a"}}, false, "there is no column 'm.z'"},
      {{{.from = "a.z"}, {.from = "b"}}, false, "there is no column 'a.z'"},
      {{{.from = "long_nmae"}, {.from = "a"}}, false, "did you mean 'long_name'?"},
      {{{.from = "m", .type = "int64"}, {.from = "a"}}, false, "cannot be cast"},
      {{{.from = "a", .default_value = "x"}, {.from = "b"}}, false, "does not fit int64"},
      {{{.value = "x", .to = "y", .type = "int64"}, {.from = "b"}}, false, "does not fit int64"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct mapping_spec spec = {cases[i].rules, 2, cases[i].keep, NULL};
    kit_refused(&spec, "{a:l,b:l,m:{x:l,y:l},long_name:u}", cases[i].says);
  }
}

static void expect_want(const struct mapping_spec *spec, const char *seen, const char *wanted) {
  struct mapping *mapping;
  struct ArrowSchema in, want;
  struct sluice_error err = {0};
  char text[300] = "";
  if (seen)
    kit_schema(seen, &in);
  assert_int_equal(mapping_create(spec, &mapping, &err), SLUICE_OK);
  assert_int_equal(mapping_want(mapping, seen ? &in : NULL, &want), SLUICE_OK);
  for (int64_t i = 0; i < want.n_children; i++) {
    size_t n = strlen(text);
    snprintf(text + n, sizeof text - n, "%s:%s ", want.children[i]->name, want.children[i]->format);
  }
  assert_string_equal(text, wanted);
  sluice_schema_release(&want);
  mapping_destroy(mapping);
  if (seen)
    sluice_schema_release(&in);
}

static void wanted_columns(void **state) {
  (void)state;
  struct mapping_spec spec = {
      KIT_RULES({.from = "m.x", .type = "string"}, {.from = "ids", .to = "i[].id", .type = "string"},
                {.from = "n", .type = "int32"}, {.from = "gone", .type = "double"}, {.from = "no", .exclude = true})};
  struct mapping_spec keep = {spec.rules, spec.n, true, NULL};
  const char *seen = "{m:{x:l},ids:[l],n:l,no:l,other:u}";
  expect_want(&spec, NULL, "m.x:u ids:u n:i gone:g ");
  expect_want(&spec, seen, "m: ids: n:i gone:g ");
  expect_want(&keep, seen, "m: ids: n:i gone:g other: ");
}

static int count_missing(void *context, const char *from, bool excluded) {
  char *names = context;
  size_t n = strlen(names);
  snprintf(names + n, 100 - n, "%s%s ", from, excluded ? "!" : "");
  return SLUICE_OK;
}

static void missing_columns_are_told(void **state) {
  (void)state;
  struct mapping_spec spec = {KIT_RULES({.from = "a"}, {.from = "b"}, {.from = "m.x"}, {.from = "m.y"},
                                        {.from = "c", .exclude = true}, {.value = "1", .to = "d"})};
  struct mapping *mapping;
  struct ArrowSchema seen;
  struct sluice_error err = {0};
  char names[100] = "";
  kit_schema("{a:l,m:{x:l}}", &seen);
  assert_int_equal(mapping_create(&spec, &mapping, &err), SLUICE_OK);
  assert_int_equal(mapping_missing(mapping, &seen, count_missing, names), SLUICE_OK);
  assert_string_equal(names, "b m.y c! ");
  assert_false(mapping_keeps(mapping, "a"));
  mapping_destroy(mapping);
  sluice_schema_release(&seen);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fields_of_structs),
      cmocka_unit_test(a_null_struct_hides_its_fields),
      cmocka_unit_test(names_with_dots_come_first),
      cmocka_unit_test(brackets_of_a_name_are_part_of_it),
      cmocka_unit_test(other_columns_are_kept),
      cmocka_unit_test(rest_of_a_struct_is_kept),
      cmocka_unit_test(rest_of_a_struct_behind_an_offset),
      cmocka_unit_test(a_carried_column_follows),
      cmocka_unit_test(mistakes_are_named),
      cmocka_unit_test(wanted_columns),
      cmocka_unit_test(missing_columns_are_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
