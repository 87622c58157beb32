/* Arrow types as JSON Schema. */
#include "core/plan/json_schema.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static void nested(struct ArrowSchema *out, const char *format, const char *name, int64_t n) {
  assert_int_equal(sluice_schema_nested(out, format, name, 0, n), SLUICE_OK);
}
static void field(struct ArrowSchema *out, const char *format, const char *name, int64_t flags) {
  assert_int_equal(sluice_schema_init(out, format, name, flags), SLUICE_OK);
}

/* Takes the record; of its first column. */
static void check(struct ArrowSchema *record, const char *expected) {
  json_t *schema = json_schema_of(record);
  assert_non_null(schema);
  assert_string_equal(json_string_value(json_object_get(schema, "type")), "object");
  json_t *properties = json_object_get(schema, "properties");
  assert_int_equal(json_object_size(properties), (size_t)record->n_children);
  const json_t *column = json_object_get(properties, record->children[0]->name);
  char *text = json_dumps(column, JSON_COMPACT | JSON_SORT_KEYS);
  assert_string_equal(text, expected);
  free(text);
  json_decref(schema);
  sluice_schema_release(record);
}

static void check_scalar(const char *format, int64_t flags, const char *expected) {
  struct ArrowSchema record;
  nested(&record, "+s", "", 1);
  field(record.children[0], format, "x", flags);
  check(&record, expected);
}

static void scalars(void **state) {
  (void)state;
  static const struct {
    const char *format, *expected;
  } cases[] = {
      {"n", "{\"type\":\"null\"}"},
      {"b", "{\"type\":\"boolean\"}"},
      {"c", "{\"type\":\"integer\"}"},
      {"l", "{\"type\":\"integer\"}"},
      {"L", "{\"minimum\":0,\"type\":\"integer\"}"},
      {"g", "{\"type\":[\"number\",\"null\"]}"}, /* NaN is null */
      {"d:10,2", "{\"type\":\"number\"}"},
      {"u", "{\"type\":\"string\"}"},
      {"vu", "{\"type\":\"string\"}"},
      {"z", "{\"contentEncoding\":\"base64\",\"type\":\"string\"}"},
      {"w:16", "{\"contentEncoding\":\"base64\",\"type\":\"string\"}"},
      {"tdD", "{\"format\":\"date\",\"type\":\"string\"}"},
      {"tsu:UTC", "{\"format\":\"date-time\",\"type\":\"string\"}"},
      {"tts", "{\"format\":\"time\",\"type\":\"string\"}"},
      {"tDn", "{\"format\":\"duration\",\"type\":\"string\"}"},
      {"tiM", "{\"type\":\"string\"}"},
      {"", "{}"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    check_scalar(cases[i].format, 0, cases[i].expected);
  check_scalar("l", ARROW_FLAG_NULLABLE, "{\"type\":[\"integer\",\"null\"]}");
  check_scalar("n", ARROW_FLAG_NULLABLE, "{\"type\":\"null\"}");
  check_scalar("tdD", ARROW_FLAG_NULLABLE, "{\"format\":\"date\",\"type\":[\"string\",\"null\"]}");
}

static void lists_and_structs(void **state) {
  (void)state;
  struct ArrowSchema record;
  nested(&record, "+s", "", 1);
  nested(record.children[0], "+l", "x", 1);
  nested(record.children[0]->children[0], "+s", "item", 1);
  field(record.children[0]->children[0]->children[0], "u", "a", ARROW_FLAG_NULLABLE);
  check(&record, "{\"items\":{\"properties\":{\"a\":{\"type\":[\"string\",\"null\"]}},\"type\":\"object\"},"
                 "\"type\":\"array\"}");
  nested(&record, "+s", "", 1);
  nested(record.children[0], "+w:3", "x", 1);
  field(record.children[0]->children[0], "i", "item", 0);
  check(&record, "{\"items\":{\"type\":\"integer\"},\"maxItems\":3,\"minItems\":3,\"type\":\"array\"}");
}

static void map(const char *key, const char *expected) {
  struct ArrowSchema record;
  nested(&record, "+s", "", 1);
  nested(record.children[0], "+m", "x", 1);
  struct ArrowSchema *entries = record.children[0]->children[0];
  nested(entries, "+s", "entries", 2);
  field(entries->children[0], key, "key", 0);
  field(entries->children[1], "l", "value", 0);
  check(&record, expected);
}

static void maps(void **state) {
  (void)state;
  map("u", "{\"additionalProperties\":{\"type\":\"integer\"},\"type\":\"object\"}");
  map("i", "{\"items\":{\"properties\":{\"key\":{\"type\":\"integer\"},\"value\":{\"type\":\"integer\"}},"
           "\"type\":\"object\"},\"type\":\"array\"}");
}

static void unions_and_dictionaries(void **state) {
  (void)state;
  struct ArrowSchema record, values;
  nested(&record, "+s", "", 1);
  nested(record.children[0], "+us:0,1", "x", 2);
  field(record.children[0]->children[0], "l", "a", 0);
  field(record.children[0]->children[1], "u", "b", 0);
  check(&record, "{\"anyOf\":[{\"type\":\"integer\"},{\"type\":\"string\"}]}");
  nested(&record, "+s", "", 1);
  field(record.children[0], "i", "x", ARROW_FLAG_NULLABLE);
  field(&values, "u", "", 0);
  assert_int_equal(sluice_schema_set_dictionary(record.children[0], &values), SLUICE_OK);
  check(&record, "{\"type\":[\"string\",\"null\"]}");
}

static void names_that_are_not_utf8(void **state) {
  (void)state;
  struct ArrowSchema record;
  nested(&record, "+s", "", 1);
  field(record.children[0], "l", "\xff\xfe", 0);
  assert_null(json_schema_of(&record));
  sluice_schema_release(&record);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(scalars),
      cmocka_unit_test(lists_and_structs),
      cmocka_unit_test(maps),
      cmocka_unit_test(unions_and_dictionaries),
      cmocka_unit_test(names_that_are_not_utf8),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
