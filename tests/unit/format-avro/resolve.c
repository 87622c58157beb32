/* A reader's schema: what the specification's section "Schema Resolution" has. */
#include "cmocka_all.h"
#include "kit.h"

static void read_as(const char *writer, const char *reader, int64_t count, const char *bytes, size_t n,
                    struct kit_rejects *rejects, struct kit_result *r) {
  struct kit_file file = {0}, data = {0};
  struct kit_options o;
  kit_put(&data, bytes, n);
  kit_header(&file, writer, NULL);
  kit_block(&file, count, &data);
  kit_defaults(&o);
  o.config.reader_schema = reader;
  if (rejects) {
    kit_rejects_init(rejects);
    o.scan.rejects = &rejects->base;
  }
  struct kit_bytes input = {.data = file.data, .size = file.size};
  kit_read(&o, &input, r);
  kit_free(&file);
  kit_free(&data);
}

static void expect(const char *writer, const char *reader, int64_t count, const char *bytes, size_t n,
                   const char *lines) {
  struct kit_result r;
  read_as(writer, reader, count, bytes, n, NULL, &r);
  if (r.code != SLUICE_END)
    fail_msg("%s", r.err.message);
  assert_string_equal(r.text, lines);
  kit_result_free(&r);
}
#define EXPECT(writer, reader, count, bytes, lines) expect(writer, reader, count, bytes, sizeof(bytes) - 1, lines)

static void expect_error(const char *writer, const char *reader, const char *cause) {
  struct kit_result r;
  read_as(writer, reader, 0, "", 0, NULL, &r);
  assert_true(r.code < 0);
  if (!strstr(r.err.message, cause))
    fail_msg("%s", r.err.message);
  kit_result_free(&r);
}

#define RECORD(fields) "{\"type\":\"record\",\"name\":\"r\",\"fields\":[" fields "]}"

static void promotions(void **state) {
  (void)state;
  EXPECT("\"int\"", "\"long\"", 1, "\x05", "0 -3\n");
  EXPECT("\"int\"", "\"float\"", 1, "\x06", "0 3\n");
  EXPECT("\"int\"", "\"double\"", 1, "\x06", "0 3\n");
  EXPECT("\"long\"", "\"float\"", 1, "\x06", "0 3\n");
  EXPECT("\"long\"", "\"double\"", 1, "\x06", "0 3\n");
  EXPECT("\"float\"", "\"double\"", 1, "\0\0\xa0\x3f", "0 1.25\n");
  EXPECT("\"string\"", "\"bytes\"", 1, "\x02q", "0 \"\\71\"\n");
  EXPECT("\"bytes\"", "\"string\"", 1, "\x02q", "0 \"q\"\n");
  expect_error("\"long\"", "\"int\"", "the file has long, which reader_schema cannot take as int");
  expect_error("\"string\"", "\"boolean\"", "cannot take");
}

static void fields(void **state) {
  static const char writer[] = RECORD("{\"name\":\"a\",\"type\":\"int\"},{\"name\":\"b\",\"type\":\"string\"},"
                                      "{\"name\":\"c\",\"type\":{\"type\":\"array\",\"items\":\"long\"}}");
  (void)state;
  EXPECT(writer, RECORD("{\"name\":\"b\",\"type\":\"string\"},{\"name\":\"a\",\"type\":\"long\"}"), 2,
         "\x02\x02x\x02\x02\x00\x04\x02y\x00", "0 \"x\",1\n1 \"y\",2\n");
  EXPECT(
      writer,
      RECORD("{\"name\":\"z\",\"type\":\"int\",\"aliases\":[\"a\"]},{\"name\":\"d\",\"type\":[\"null\",\"string\"],"
             "\"default\":null},{\"name\":\"e\",\"type\":{\"type\":\"map\",\"values\":\"int\"},\"default\":{\"k\":5}},"
             "{\"name\":\"f\",\"type\":\"bytes\",\"default\":\"\\u00ff\\u0000a\"}"),
      1, "\x02\x02x\x02\x02\x00", "0 1,null,[{key=\"k\",value=5}],\"\\ff\\00\\61\"\n");
  expect_error(writer, RECORD("{\"name\":\"d\",\"type\":\"int\"}"), "gives no default");
  expect_error(writer, RECORD("{\"name\":\"d\",\"type\":\"int\",\"default\":\"x\"}"), "the default of field \"d\"");
  expect_error(writer, "{\"type\":\"record\",\"name\":\"other\",\"fields\":[]}", "cannot take");
  EXPECT(writer,
         "{\"type\":\"record\",\"name\":\"other\",\"aliases\":[\"r\"],\"fields\":[{\"name\":\"a\",\"type\":\"int\"}]}",
         1, "\x02\x02x\x02\x02\x00", "0 1\n");
}

static void enums(void **state) {
  static const char writer[] = "{\"type\":\"enum\",\"name\":\"e\",\"symbols\":[\"A\",\"B\",\"C\"]}";
  struct kit_rejects rejects;
  struct kit_result r;
  (void)state;
  EXPECT(writer, "{\"type\":\"enum\",\"name\":\"e\",\"symbols\":[\"C\",\"X\",\"A\"],\"default\":\"X\"}", 3,
         "\x00\x02\x04", "0 \"A\"\n1 \"X\"\n2 \"C\"\n");
  read_as(writer, "{\"type\":\"enum\",\"name\":\"e\",\"symbols\":[\"C\",\"A\"]}", 3, "\x00\x02\x04", 3, &rejects, &r);
  assert_string_equal(r.text, "0 \"A\"\n2 \"C\"\n");
  assert_int_equal(rejects.count, 1);
  assert_non_null(strstr(rejects.reason, "lacks the symbol \"B\""));
  kit_result_free(&r);
}

static void unions(void **state) {
  struct kit_rejects rejects;
  struct kit_result r;
  (void)state;
  EXPECT("\"int\"", "[\"null\",\"int\"]", 1, "\x02", "0 1\n");
  EXPECT("\"int\"", "[\"null\",\"string\",\"double\"]", 1, "\x02", "0 double:1\n");
  EXPECT("[\"null\",\"int\"]", "[\"long\",\"null\"]", 2, "\x00\x02\x04", "0 null\n1 2\n");
  EXPECT("[\"int\",\"string\"]", "[\"string\",\"null\",\"long\"]", 2, "\x00\x04\x02\x02p",
         "0 long:2\n1 string:\"p\"\n");
  EXPECT("[\"string\",\"bytes\"]", "[\"string\",\"bytes\"]", 2, "\x02\x02\xff\x00\x02p",
         "0 bytes:\"\\ff\"\n1 string:\"p\"\n");
  expect_error("\"int\"", "[\"null\",\"string\"]", "cannot take");
  read_as("[\"int\",\"string\"]", "\"int\"", 3, "\x00\x04\x02\x02p\x00\x06", 7, &rejects, &r);
  assert_string_equal(r.text, "0 2\n2 3\n");
  assert_int_equal(rejects.count, 1);
  kit_result_free(&r);
}

static void names(void **state) {
  (void)state;
  EXPECT("{\"type\":\"fixed\",\"name\":\"a.f\",\"size\":1}", "{\"type\":\"fixed\",\"name\":\"b.f\",\"size\":1}", 1, "q",
         "0 \"\\71\"\n");
  expect_error("{\"type\":\"fixed\",\"name\":\"f\",\"size\":1}", "{\"type\":\"fixed\",\"name\":\"f\",\"size\":2}",
               "cannot take");
  expect_error("{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":4,\"scale\":2}",
               "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":4,\"scale\":1}", "cannot take");
  expect_error("\"int\"", "{\"type\":\"no such\"}", "reader_schema cannot be read");
}

/* A default within a type within itself. */
static void recursion(void **state) {
  (void)state;
  EXPECT(RECORD("{\"name\":\"v\",\"type\":\"int\"},{\"name\":\"n\",\"type\":[\"null\",\"r\"]}"),
         RECORD("{\"name\":\"v\",\"type\":\"double\"},{\"name\":\"w\",\"type\":\"string\",\"default\":\"d\"},"
                "{\"name\":\"n\",\"type\":[\"null\",\"r\"]}"),
         1, "\x02\x02\x04\x00", "0 1,\"d\",\"{\"v\":2.0,\"n\":null,\"w\":\"d\"}\"\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(promotions), cmocka_unit_test(fields),
                                     cmocka_unit_test(enums),      cmocka_unit_test(unions),
                                     cmocka_unit_test(names),      cmocka_unit_test(recursion)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
