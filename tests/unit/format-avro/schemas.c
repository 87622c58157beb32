/* Schemas that are unusual: names that are empty, very many fields; and how those that cannot be read are told. */
#include "cmocka_all.h"
#include "kit.h"
#include <stdlib.h>

static void read_as(const char *writer, const char *reader, const char *bytes, size_t n, struct kit_result *r) {
  struct kit_file file = {0}, data = {0};
  struct kit_options o;
  kit_put(&data, bytes, n);
  kit_header(&file, writer, NULL);
  kit_block(&file, 1, &data);
  kit_defaults(&o);
  o.config.reader_schema = reader;
  struct kit_bytes input = {.data = file.data, .size = file.size};
  kit_read(&o, &input, r);
  kit_free(&file);
  kit_free(&data);
}

static void expect(const char *writer, const char *reader, const char *bytes, size_t n, const char *lines) {
  struct kit_result r;
  read_as(writer, reader, bytes, n, &r);
  if (r.code != SLUICE_END)
    fail_msg("%s", r.err.message);
  assert_string_equal(r.text, lines);
  kit_result_free(&r);
}

static void expect_refused(const char *writer, const char *reader, const char *why) {
  struct kit_result r;
  read_as(writer, reader, "", 0, &r);
  assert_true(r.code < 0);
  if (!strstr(r.err.message, why))
    fail_msg("\"%s\" does not say \"%s\"", r.err.message, why);
  kit_result_free(&r);
}

#define NAMELESS(fields) "{\"type\":\"record\",\"name\":\"\",\"fields\":[" fields "]}"
#define FIELD(name, type) "{\"name\":\"" name "\",\"type\":" type "}"

/* As Polars writes them. */
static void empty_names(void **state) {
  (void)state;
  expect(NAMELESS(FIELD("a", "\"int\"")), NULL, "\x02", 1, "0 1\n");
  expect(NAMELESS(FIELD("a", NAMELESS(FIELD("x", "\"int\""))) "," FIELD("b", NAMELESS(FIELD("y", "\"int\"")))), NULL,
         "\x02\x04", 2, "0 {x=1},{y=2}\n");
  expect(NAMELESS(FIELD("u", "[\"int\"," NAMELESS(FIELD("x", "\"int\"")) ",\"null\"]")), NULL, "\x02\x04", 2,
         "0 record:{x=2}\n");
  expect("{\"type\":\"record\",\"name\":\"\",\"namespace\":\"s\",\"fields\":[" FIELD(
             "a", "{\"type\":\"fixed\",\"name\":\"f\",\"size\":1}") "," FIELD("b", "\"s.f\"") "]}",
         NULL, "pq", 2, "0 \"\\70\",\"\\71\"\n");
}

static void empty_names_and_a_reader(void **state) {
  static const char named[] = "{\"type\":\"record\",\"name\":\"n.r\",\"fields\":[" FIELD("a", "\"long\"") "]}";
  (void)state;
  expect(NAMELESS(FIELD("a", "\"int\"")), named, "\x02", 1, "0 1\n");
  expect(named, NAMELESS(FIELD("a", "\"long\"")), "\x02", 1, "0 1\n");
  expect_refused("{\"type\":\"record\",\"name\":\"q\",\"fields\":[]}", named, "reader_schema cannot take");
}

static void names_that_lack(void **state) {
  (void)state;
  expect_refused("{\"type\":\"enum\",\"symbols\":[\"A\"]}", NULL, "a type that must have a name (enum) has none");
  expect_refused("{\"type\":\"record\",\"fields\":[]}", NULL, "a type that must have a name (record) has none");
  expect_refused(NAMELESS(FIELD("a", "\"\"")), NULL, "there is no type \"\"");
}

/* A record of so many fields of type int. */
static char *many_fields(int n) {
  struct kit_file text = {0};
  kit_put(&text, "{\"type\":\"record\",\"name\":\"r\",\"fields\":[", 38);
  for (int i = 0; i < n; i++) {
    char field[60];
    int size = snprintf(field, sizeof field, "%s{\"name\":\"f%d\",\"type\":\"int\"}", i ? "," : "", i);
    kit_put(&text, field, (size_t)size);
  }
  kit_put(&text, "]}", 3);
  return (char *)text.data;
}

static void very_many_fields(void **state) {
  enum { FIELDS = 50 * 1000, RECORDS = 3 };
  struct kit_file file = {0}, data = {0};
  struct kit_options o;
  struct kit_result r;
  char *schema = many_fields(FIELDS);
  (void)state;
  for (int i = 0; i < FIELDS * RECORDS; i++)
    kit_put(&data, i % FIELDS ? "\x02" : "\x04", 1);
  kit_header(&file, schema, NULL);
  kit_block(&file, RECORDS, &data);
  kit_defaults(&o);
  o.config.max_block = 64 << 20;
  struct kit_bytes bytes = {.data = file.data, .size = file.size};
  kit_read(&o, &bytes, &r);
  if (r.code != SLUICE_END)
    fail_msg("%s", r.err.message);
  assert_int_equal(r.rows, RECORDS);
  assert_memory_equal(r.text, "0 2,1,1,1,", 10);
  kit_result_free(&r);
  free(schema);
  schema = many_fields(100 * 1000);
  expect_refused(schema, NULL, "it has over 100000 types");
  free(schema);
  kit_free(&file);
  kit_free(&data);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(empty_names), cmocka_unit_test(empty_names_and_a_reader),
                                     cmocka_unit_test(names_that_lack), cmocka_unit_test(very_many_fields)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
