/* Values go through a mapping as they are, byte for byte. */
#include "kit.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* Quotes doubled, numbers rounded, blanks trimmed: what other tools did to these. */
static const char *const texts[] = {"O'Brien",
                                    "''",
                                    "it''s",
                                    "1e400",
                                    "-0",
                                    "007",
                                    " padded ",
                                    "",
                                    "9223372036854775808",
                                    "\\\"q\\\"",
                                    "null",
                                    "NaN",
                                    "a\\u0000b",
                                    "\\ud83d\\ude00",
                                    "x\\ty\\\\z",
                                    "0.1",
                                    "1.0"};

static void texts_stay_as_they_are(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    struct mapping_spec spec = {KIT_RULES(
        {.from = "t", .to = "a.t"}, {.from = "t", .to = "l[]"}, {.from = "t", .to = "i[].t", .type = "string"},
        {.from = "s.t", .to = "s"}, {.from = "ts", .to = "z[].t"}, {.from = "t", .to = "d", .default_value = "x"})};
    char rows[200];
    snprintf(rows, sizeof rows, "[{\"t\":\"%s\",\"s\":{\"t\":\"%s\"},\"ts\":[\"%s\"]}]", texts[i], texts[i], texts[i]);
    struct kit kit;
    kit_init(&kit, &spec, "{t:u,s:{t:u},ts:[u]}");
    json_t *in = json_loads(rows, JSON_ALLOW_NUL, NULL);
    assert_non_null(in);
    kit_map_json(&kit, in, 0);
    json_t *out = json_loads(kit.lines, JSON_ALLOW_NUL, NULL), *text = json_object_get(json_array_get(in, 0), "t");
    assert_non_null(out);
    assert_true(json_equal(json_object_get(json_object_get(out, "a"), "t"), text));
    assert_true(json_equal(json_array_get(json_object_get(out, "l"), 0), text));
    assert_true(json_equal(json_object_get(json_array_get(json_object_get(out, "i"), 0), "t"), text));
    assert_true(json_equal(json_object_get(out, "s"), text));
    assert_true(json_equal(json_object_get(json_array_get(json_object_get(out, "z"), 0), "t"), text));
    assert_true(json_equal(json_object_get(out, "d"), text));
    json_decref(in);
    json_decref(out);
    kit_finish(&kit);
  }
}

static void numbers_keep_every_digit(void **state) {
  (void)state;
  struct mapping_spec spec = {KIT_RULES({.from = "n"}, {.from = "n", .to = "text", .type = "string"},
                                        {.from = "n", .to = "l[]"}, {.from = "u", .type = "uint64"},
                                        {.from = "d", .type = "decimal(38,10)"}, {.from = "g"})};
  kit_expect(
      &spec, "{n:l,u:u,d:u,g:g}",
      "[{\"n\":9223372036854775807,\"u\":\"18446744073709551615\",\"d\":\"1234567890123456789012345678.0000000001\","
      "\"g\":0.1},"
      "{\"n\":-9223372036854775808,\"u\":\"0\",\"d\":\"-0.5\",\"g\":5e-324},"
      "{\"n\":9007199254740993,\"u\":\"9007199254740993\",\"d\":\"1\",\"g\":1.7976931348623157e308}]",
      "{\"n\":9223372036854775807,\"text\":\"9223372036854775807\",\"l\":[9223372036854775807],"
      "\"u\":18446744073709551615,\"d\":1234567890123456789012345678.0000000001,\"g\":0.1}\n"
      "{\"n\":-9223372036854775808,\"text\":\"-9223372036854775808\",\"l\":[-9223372036854775808],"
      "\"u\":0,\"d\":-0.5000000000,\"g\":5e-324}\n"
      "{\"n\":9007199254740993,\"text\":\"9007199254740993\",\"l\":[9007199254740993],"
      "\"u\":9007199254740993,\"d\":1.0000000000,\"g\":1.7976931348623157e308}\n");
}

static void what_would_lose_a_digit_is_rejected(void **state) {
  (void)state;
  static const struct {
    const char *schema, *row, *type;
  } cases[] = {
      {"{v:u}", "[{\"v\":\"1e400\"}]", "double"},
      {"{v:u}", "[{\"v\":\"9223372036854775808\"}]", "int64"},
      {"{v:u}", "[{\"v\":\"1.005\"}]", "decimal(10,2)"},
      {"{v:g}", "[{\"v\":1.5}]", "int64"},
      {"{v:l}", "[{\"v\":300}]", "int8"},
      {"{v:l}", "[{\"v\":9007199254740993}]", "double"},
      {"{v:l}", "[{\"v\":-1}]", "uint64"},
      {"{v:u}", "[{\"v\":\"\"}]", "int64"},
      {"{v:u}", "[{\"v\":\"2026-02-30\"}]", "date"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct mapping_spec spec = {KIT_RULES({.from = "v", .type = cases[i].type})};
    struct kit kit;
    kit_init(&kit, &spec, cases[i].schema);
    kit_map(&kit, cases[i].row, 0);
    if (kit.n_rejects != 1)
      fail_msg("%s as %s was taken", cases[i].row, cases[i].type);
    assert_string_equal(kit.rejects[0].column, "v");
    kit_finish(&kit);
  }
}

static void constants_are_what_they_say(void **state) {
  (void)state;
  struct mapping_spec spec = {KIT_RULES({.value = "9223372036854775807", .to = "i", .type = "int64"},
                                        {.value = "18446744073709551615", .to = "u", .type = "uint64"},
                                        {.value = "0.10", .to = "d", .type = "decimal(5,2)"},
                                        {.value = "O'Brien", .to = "t"}, {.value = "true", .to = "b", .type = "bool"},
                                        {.null = true, .to = "n"}, {.null = true, .to = "typed", .type = "int64"},
                                        {.value = "", .to = "e"})};
  kit_expect(&spec, "{x:l}", "[{},{}]",
             "{\"i\":9223372036854775807,\"u\":18446744073709551615,\"d\":0.10,\"t\":\"O'Brien\",\"b\":true,\"n\":null,"
             "\"typed\":null,\"e\":\"\"}\n"
             "{\"i\":9223372036854775807,\"u\":18446744073709551615,\"d\":0.10,\"t\":\"O'Brien\",\"b\":true,\"n\":null,"
             "\"typed\":null,\"e\":\"\"}\n");
  kit_expect(&spec, "{x:l}", "[]", "");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(texts_stay_as_they_are), cmocka_unit_test(numbers_keep_every_digit),
      cmocka_unit_test(what_would_lose_a_digit_is_rejected), cmocka_unit_test(constants_are_what_they_say)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
