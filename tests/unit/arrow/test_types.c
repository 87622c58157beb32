/* Formats, names and schemas. */
#include "check.h"

static void formats(void **state) {
  (void)state;
  struct sluice_type type;
  assert_ok(sluice_type_parse("tsu:Europe/Berlin", &type, NULL));
  assert_int_equal(type.id, SLUICE_TYPE_TIMESTAMP);
  assert_int_equal(type.unit, SLUICE_MICRO);
  assert_string_equal(type.timezone, "Europe/Berlin");
  assert_ok(sluice_type_parse("d:50,-3,256", &type, NULL));
  assert_int_equal(type.id, SLUICE_TYPE_DECIMAL256);
  assert_int_equal(type.precision, 50);
  assert_int_equal(type.scale, -3);
  assert_int_equal(type.width, 32);
  assert_ok(sluice_type_parse("+w:7", &type, NULL));
  assert_int_equal(type.width, 7);
  assert_ok(sluice_type_parse("+ud:3,127", &type, NULL));
  assert_int_equal(type.n_buffers, 2);
}

static void wrong_formats(void **state) {
  (void)state;
  static const char *const wrong[] = {"",
                                      "x",
                                      "ii",
                                      "d:",
                                      "d:0,0",
                                      "d:39,0",
                                      "d:10,0,32",
                                      "d:5",
                                      "d:5,2,",
                                      "d:5,2,64x",
                                      "w:",
                                      "w:-1",
                                      "w:99999999999",
                                      "+w:",
                                      "t",
                                      "ts",
                                      "tsu",
                                      "tsx:",
                                      "tdX",
                                      "ttx",
                                      "tD",
                                      "+",
                                      "+x",
                                      "+u",
                                      "+ud",
                                      "+ud:1,",
                                      "+ud:1,1",
                                      "+ud:128",
                                      "+us:-1",
                                      "vx",
                                      "v",
                                      "tiX",
                                      "ttss",
                                      "+ll"};
  struct sluice_type type = {.precision = 77};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    struct sluice_error err = {0};
    assert_int_equal(sluice_type_parse(wrong[i], &type, &err), SLUICE_ERR_DATA);
    assert_non_null(strstr(err.message, wrong[i]));
  }
  assert_int_equal(sluice_type_parse(NULL, &type, NULL), SLUICE_ERR_DATA);
  assert_int_equal(type.precision, 77);
}

static void expect_name(const char *name, const char *format, const char *shown) {
  char out[64], back[96];
  assert_ok(sluice_type_from_name(name, out, NULL));
  assert_string_equal(out, format);
  sluice_type_name(out, back, sizeof back);
  assert_string_equal(back, shown);
}

static void names(void **state) {
  (void)state;
  char out[64] = "kept";
  struct sluice_error err = {0};
  expect_name("string", "u", "string");
  expect_name("Int", "l", "int64");
  expect_name("double", "g", "float64");
  expect_name("timestamp", "tsu:UTC", "timestamp[us, UTC]");
  expect_name("timestamp[ms]", "tsm:", "timestamp[ms]");
  expect_name("timestamp[ns, Europe/Berlin]", "tsn:Europe/Berlin", "timestamp[ns, Europe/Berlin]");
  expect_name("decimal(10,2)", "d:10,2", "decimal(10, 2)");
  expect_name("Decimal( 50, 3 )", "d:50,3,256", "decimal256(50, 3)");
  expect_name("decimal64(12, 2)", "d:12,2,64", "decimal64(12, 2)");
  expect_name("time[s]", "tts", "time[s]");
  expect_name("duration[ns]", "tDn", "duration[ns]");
  expect_name("fixed_binary(16)", "w:16", "fixed_binary(16)");
  expect_name("date", "tdD", "date");
  static const char *const wrong[] = {"",
                                      "strings",
                                      "decimal",
                                      "decimal(99,2)",
                                      "decimal(5,2",
                                      "time[us,UTC]",
                                      "timestamp[x]",
                                      "fixed_binary(x)",
                                      "timestamp[us]x"};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
    assert_int_equal(sluice_type_from_name(wrong[i], out, &err), SLUICE_ERR_CONFIG);
  assert_string_equal(out, "kept");
}

static void schemas_are_copied_and_compared(void **state) {
  (void)state;
  struct ArrowSchema schema = {0}, copy = {0};
  assert_ok(sample_schema(&schema, false));
  assert_ok(sluice_schema_validate(&schema, NULL));
  assert_ok(sluice_schema_copy(&schema, &copy));
  assert_true(sluice_schema_equal(&schema, &copy));
  assert_memory_equal(copy.metadata, schema.metadata, 52);
  assert_int_equal(sluice_schema_find(&copy, "tdD"), 21);
  assert_int_equal(sluice_schema_find(&copy, "missing"), -1);
  copy.children[3]->flags = 0;
  assert_false(sluice_schema_equal(&schema, &copy));
  sluice_schema_release(&schema);
  assert_string_equal(copy.children[1]->format, "b");
  sluice_schema_release(&copy);
}

static void expect_unsound(struct ArrowSchema *schema, const char *where) {
  struct sluice_error err = {0};
  assert_int_equal(sluice_schema_validate(schema, &err), SLUICE_ERR_DATA);
  assert_string_equal(err.where, where);
}

static void unsound_schemas(void **state) {
  (void)state;
  struct ArrowSchema schema = {0}, *child;
  assert_ok(sluice_schema_nested(&schema, "+s", "top", 0, 2));
  assert_ok(sluice_schema_init(schema.children[0], "i", "a", 0));
  expect_unsound(&schema, ""); /* an empty child */
  assert_ok(sample_field(schema.children[1], "+m", "m"));
  assert_ok(sluice_schema_validate(&schema, NULL));
  child = schema.children[1]->children[0];
  child->n_children = 1;
  expect_unsound(&schema, "m");
  child->n_children = 2;
  schema.children[1]->n_children = -1;
  expect_unsound(&schema, "m");
  schema.children[1]->n_children = 1;
  schema.children[0]->name = "\xff";
  assert_int_equal(sluice_schema_validate(&schema, NULL), SLUICE_ERR_DATA);
  schema.children[0]->name = "a";
  schema.children[0]->format = "+ud:1";
  expect_unsound(&schema, "a");
  schema.children[0]->format = "i";
  assert_ok(sluice_schema_validate(&schema, NULL));
  sluice_schema_release(&schema);
}

static void too_deep(void **state) {
  (void)state;
  struct ArrowSchema schema = {0}, inner = {0};
  assert_ok(sluice_schema_init(&inner, "i", "x", 0));
  for (int i = 0; i < 66; i++) {
    assert_ok(sluice_schema_nested(&schema, "+l", "x", 0, 1));
    sluice_schema_move(&inner, schema.children[0]);
    sluice_schema_move(&schema, &inner);
    assert_int_equal(sluice_schema_validate(&inner, NULL), i < 64 ? SLUICE_OK : SLUICE_ERR_DATA);
  }
  sluice_schema_release(&inner);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(formats),         cmocka_unit_test(wrong_formats),
      cmocka_unit_test(names),           cmocka_unit_test(schemas_are_copied_and_compared),
      cmocka_unit_test(unsound_schemas), cmocka_unit_test(too_deep),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
