/* Lists made of columns: "tags[]", "items[].id", "items[0].id". */
#include "kit.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static void values_of_several_rules_are_a_list_in_their_order(void **state) {
  (void)state;
  struct mapping_spec spec = {KIT_RULES({.from = "b", .to = "tags[]"}, {.from = "a", .to = "tags[]"},
                                        {.value = "x", .to = "tags[]"}, {.from = "a", .to = "one[]"})};
  kit_expect(&spec, "{a:u,b:u}", "[{\"a\":\"1\",\"b\":\"2\"},{\"a\":null,\"b\":\"3\"},{}]",
             "{\"tags\":[\"2\",\"1\",\"x\"],\"one\":[\"1\"]}\n"
             "{\"tags\":[\"3\",null,\"x\"],\"one\":[null]}\n"
             "{\"tags\":[null,null,\"x\"],\"one\":[null]}\n");
}

static void lists_bring_their_items(void **state) {
  (void)state;
  struct mapping_spec spec = {
      KIT_RULES({.from = "first", .to = "all[]"}, {.from = "more", .to = "all[]"}, {.from = "more", .to = "copy[]"})};
  kit_expect(&spec, "{first:l,more:[l]}", "[{\"first\":1,\"more\":[2,3]},{\"more\":[]},{\"first\":4}]",
             "{\"all\":[1,2,3],\"copy\":[2,3]}\n{\"all\":[null],\"copy\":[]}\n{\"all\":[4],\"copy\":null}\n");
}

static void lists_are_zipped_into_records(void **state) {
  (void)state;
  struct mapping_spec spec = {KIT_RULES({.from = "ids", .to = "items[].id"}, {.from = "ns", .to = "items[].n"},
                                        {.from = "who", .to = "items[].by.name"},
                                        {.value = "EUR", .to = "items[].cur"})};
  kit_expect(&spec, "{ids:[u],ns:[l],who:u}",
             "[{\"ids\":[\"a\",\"b\"],\"ns\":[1,2],\"who\":\"me\"},{\"ids\":[],\"ns\":[]},"
             "{\"ids\":[\"c\"]},{\"who\":\"x\"}]",
             "{\"items\":[{\"id\":\"a\",\"n\":1,\"by\":{\"name\":\"me\"},\"cur\":\"EUR\"},"
             "{\"id\":\"b\",\"n\":2,\"by\":{\"name\":\"me\"},\"cur\":\"EUR\"}]}\n"
             "{\"items\":[]}\n"
             "{\"items\":[{\"id\":\"c\",\"n\":null,\"by\":{\"name\":null},\"cur\":\"EUR\"}]}\n"
             "{\"items\":null}\n");
}

static void scalars_make_one_record(void **state) {
  (void)state;
  struct mapping_spec spec = {KIT_RULES({.from = "a", .to = "m.items[].id"}, {.from = "b", .to = "m.items[].n"})};
  kit_expect(&spec, "{a:u,b:l}", "[{\"a\":\"x\",\"b\":1},{}]",
             "{\"m\":{\"items\":[{\"id\":\"x\",\"n\":1}]}}\n{\"m\":{\"items\":[{\"id\":null,\"n\":null}]}}\n");
}

static void places_are_fixed(void **state) {
  (void)state;
  struct mapping_spec spec = {KIT_RULES({.from = "b", .to = "items[1].x"}, {.from = "a", .to = "items[0].x"},
                                        {.from = "a", .to = "items[1].y"}, {.from = "a", .to = "pair[0]"},
                                        {.from = "b", .to = "pair[1]"})};
  kit_expect(&spec, "{a:l,b:l}", "[{\"a\":1,\"b\":2},{\"a\":3}]",
             "{\"items\":[{\"x\":1,\"y\":null},{\"x\":2,\"y\":1}],\"pair\":[1,2]}\n"
             "{\"items\":[{\"x\":3,\"y\":null},{\"x\":null,\"y\":3}],\"pair\":[3,null]}\n");
}

static void lists_in_lists(void **state) {
  (void)state;
  struct mapping_spec spec = {KIT_RULES({.from = "m", .to = "a[].b[].c"}, {.from = "ids", .to = "a[].id"},
                                        {.from = "m", .to = "rows[].cells"}, {.from = "m", .to = "flat[][]"})};
  kit_expect(&spec, "{m:[[l]],ids:[u]}", "[{\"m\":[[1,2],[],null],\"ids\":[\"x\",\"y\",\"z\"]}]",
             "{\"a\":[{\"b\":[{\"c\":1},{\"c\":2}],\"id\":\"x\"},{\"b\":[],\"id\":\"y\"},{\"b\":null,\"id\":\"z\"}],"
             "\"rows\":[{\"cells\":[1,2]},{\"cells\":[]},{\"cells\":null}],\"flat\":[[1,2],[],null]}\n");
}

static void types_and_defaults_are_of_items(void **state) {
  (void)state;
  struct mapping_spec spec = {KIT_RULES({.from = "n", .to = "x[].n", .type = "string", .default_value = "?"},
                                        {.from = "n", .to = "plain[]", .type = "double"})};
  kit_expect(&spec, "{n:[l]}", "[{\"n\":[1,null]},{\"n\":[]},{}]",
             "{\"x\":[{\"n\":\"1\"},{\"n\":\"?\"}],\"plain\":[1.0,null]}\n{\"x\":[],\"plain\":[]}\n"
             "{\"x\":null,\"plain\":null}\n");
}

static void a_null_type_takes_the_others(void **state) {
  (void)state;
  struct mapping_spec spec = {
      KIT_RULES({.from = "n", .to = "x[]"}, {.from = "a", .to = "x[]"}, {.null = true, .to = "x[]"})};
  kit_expect(&spec, "{n:n,a:l}", "[{\"a\":5}]", "{\"x\":[null,5,null]}\n");
}

static void records_that_do_not_fit_are_rejected(void **state) {
  (void)state;
  struct mapping_spec spec = {KIT_RULES({.from = "a", .to = "i[].a", .required = true}, {.from = "b", .to = "i[].b"},
                                        {.from = "t", .to = "n[]", .type = "int64"})};
  struct kit kit;
  kit_init(&kit, &spec, "{a:[l],b:[l],t:[u]}");
  kit_map(&kit,
          "[{\"a\":[1],\"b\":[2,3],\"t\":[]},{\"a\":[1,null],\"b\":[1,2]},{\"b\":null},{\"a\":[1],\"b\":[1]},"
          "{\"a\":[1],\"b\":[1],\"t\":[\"5\",\"five\"]}]",
          0);
  assert_int_equal(kit.n_rejects, 4);
  assert_memory_equal(kit.keep, ((uint8_t[]){0, 0, 0, 1, 0}), 5);
  assert_int_equal(kit.rejects[0].row, 0);
  assert_string_equal(kit.rejects[0].column, "b");
  assert_non_null(strstr(kit.rejects[0].reason, "2 items, but that of 'a' has 1"));
  assert_string_equal(kit.rejects[1].column, "a");
  assert_non_null(strstr(kit.rejects[1].reason, "required, but it is null"));
  assert_int_equal(kit.rejects[2].row, 2);
  assert_non_null(strstr(kit.rejects[2].reason, "its list is null"));
  assert_int_equal(kit.rejects[3].row, 4);
  assert_string_equal(kit.rejects[3].column, "t");
  assert_non_null(strstr(kit.rejects[3].reason, "five"));
  kit_finish(&kit);
}

static void rows_behind_an_offset(void **state) {
  (void)state;
  struct mapping_spec spec = {KIT_RULES({.from = "a", .to = "i[].a"}, {.from = "b", .to = "i[].b"}, {.from = "b"})};
  struct kit kit;
  kit_init(&kit, &spec, "{a:[l],b:l}");
  kit_map(&kit, "[{\"a\":[9]},{\"a\":[1,2],\"b\":3},{}]", 1);
  assert_string_equal(kit.lines, "{\"i\":[{\"a\":1,\"b\":3},{\"a\":2,\"b\":3}],\"b\":3}\n{\"i\":null,\"b\":null}\n");
  kit_finish(&kit);
}

static void mistakes_are_named(void **state) {
  (void)state;
  static const struct {
    struct mapping_rule rules[2];
    const char *says;
  } cases[] = {
      {{{.from = "a", .to = "x[]"}, {.from = "b", .to = "x[].y"}}, "already taken"},
      {{{.from = "a", .to = "x[].y"}, {.from = "b", .to = "x[]"}}, "already taken"},
      {{{.from = "a", .to = "x[].y"}, {.from = "b", .to = "x[].y"}}, "already taken"},
      {{{.from = "a", .to = "x"}, {.from = "b", .to = "x[]"}}, "already taken"},
      {{{.from = "a", .to = "x[0]"}, {.from = "b", .to = "x[]"}}, "already taken"},
      {{{.from = "a", .to = "x[0]"}, {.from = "b", .to = "x[0]"}}, "already taken"},
      {{{.from = "a", .to = "x[0].y"}, {.from = "b", .to = "x.y"}}, "already taken"},
      {{{.from = "a", .to = "x[0]"}, {.from = "b", .to = "x[2]"}}, "'x' has no rule for its place [1]"},
      {{{.from = "a", .to = "x[256]"}, {.from = "b"}}, "not a path"},
      {{{.from = "a", .to = "x[-1]"}, {.from = "b"}}, "not a path"},
      {{{.from = "a", .to = "x["}, {.from = "b"}}, "not a path"},
      {{{.from = "a", .to = "x]"}, {.from = "b"}}, "not a path"},
      {{{.from = "a", .to = "x[]y"}, {.from = "b"}}, "not a path"},
      {{{.from = "a", .to = "[]"}, {.from = "b"}}, "not a path"},
      {{{.from = "a", .to = "x.[]"}, {.from = "b"}}, "not a path"},
      {{{.from = "a", .to = ""}, {.from = "b"}}, "not a path"},
      {{{.from = "a", .to = "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a"}, {.from = "b"}}, "not a path"},
      {{{.from = "a", .to = "x[]"}, {.from = "b", .to = "x[]"}}, "'x' would hold string and int64"},
      {{{.from = "a", .to = "x[0].y"}, {.from = "b", .to = "x[1].y"}}, "string and int64: give its rules one `type`"},
      {{{.from = "a", .to = "x[0]"}, {.from = "b", .to = "x[1].y"}}, "'x' would hold string and struct"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct mapping_spec spec = {cases[i].rules, 2, false, NULL};
    kit_refused(&spec, "{a:u,b:l}", cases[i].says);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(values_of_several_rules_are_a_list_in_their_order),
      cmocka_unit_test(lists_bring_their_items),
      cmocka_unit_test(lists_are_zipped_into_records),
      cmocka_unit_test(scalars_make_one_record),
      cmocka_unit_test(places_are_fixed),
      cmocka_unit_test(lists_in_lists),
      cmocka_unit_test(types_and_defaults_are_of_items),
      cmocka_unit_test(a_null_type_takes_the_others),
      cmocka_unit_test(records_that_do_not_fit_are_rejected),
      cmocka_unit_test(rows_behind_an_offset),
      cmocka_unit_test(mistakes_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
