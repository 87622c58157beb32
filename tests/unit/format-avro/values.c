/* Values of each type, from their bytes to columns. */
#include "cmocka_all.h"
#include "kit.h"

/* One block of `count` records of these bytes, read, must print these lines. */
static void expect(const char *schema, int64_t count, const void *bytes, size_t n, const char *lines) {
  struct kit_file file = {0}, data = {0};
  kit_put(&data, bytes, n);
  kit_header(&file, schema, NULL);
  kit_block(&file, count, &data);
  kit_expect(&file, lines);
  kit_free(&file);
  kit_free(&data);
}
#define EXPECT(schema, count, bytes, lines) expect(schema, count, bytes, sizeof(bytes) - 1, lines)

static void primitives(void **state) {
  (void)state;
  EXPECT("\"null\"", 3, "", "0 null\n1 null\n2 null\n");
  EXPECT("\"boolean\"", 2, "\0\1", "0 false\n1 true\n");
  EXPECT("\"int\"", 4, "\x00\x01\x7f\x80\x01", "0 0\n1 -1\n2 -64\n3 64\n");
  EXPECT("\"int\"", 2, "\xfe\xff\xff\xff\x0f\xff\xff\xff\xff\x0f", "0 2147483647\n1 -2147483648\n");
  EXPECT("\"long\"", 2, "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
         "0 9223372036854775807\n1 -9223372036854775808\n");
  EXPECT("\"long\"", 2, "\x80\x80\x80\x80\x80\x80\x80\x01\x80\x80\x80\x80\x80\x80\x80\x80\x01",
         "0 281474976710656\n1 36028797018963968\n");
  EXPECT("\"float\"", 1, "\0\0\xa0\x3f", "0 1.25\n");
  EXPECT("\"double\"", 1, "\0\0\0\0\0\0\x04\x40", "0 2.5\n");
  EXPECT("\"string\"", 3,
         "\x06"
         "foo\0\x26"
         "longer than sixteen",
         "0 \"foo\"\n1 \"\"\n2 \"longer than sixteen\"\n");
  EXPECT("\"bytes\"", 1, "\x04\0\xff", "0 \"\\00\\ff\"\n");
  EXPECT("{\"type\":\"fixed\",\"name\":\"f\",\"size\":3}", 2, "abcdef", "0 \"\\61\\62\\63\"\n1 \"\\64\\65\\66\"\n");
}

static void every_length_of_number(void **state) {
  (void)state;
  for (int shift = 0; shift < 63; shift++) {
    struct kit_file file = {0}, data = {0};
    char lines[200];
    int64_t value = INT64_C(1) << shift;
    kit_long(&data, value);
    kit_long(&data, -value);
    kit_long(&data, value - 1);
    kit_header(&file, "\"long\"", NULL);
    kit_block(&file, 3, &data);
    snprintf(lines, sizeof lines, "0 %lld\n1 %lld\n2 %lld\n", (long long)value, (long long)-value,
             (long long)value - 1);
    kit_expect(&file, lines);
    kit_free(&file);
    kit_free(&data);
  }
}

static void nested(void **state) {
  (void)state;
  EXPECT("{\"type\":\"array\",\"items\":\"long\"}", 3, "\x04\x06\x36\0\0\x03\x04\x02\x04\x02\x06\0",
         "0 [3,27]\n1 []\n2 [1,2,3]\n");
  EXPECT("{\"type\":\"map\",\"values\":\"int\"}", 1,
         "\x04\x02"
         "a\x02\x02"
         "b\x04\0",
         "0 [{key=\"a\",value=1},{key=\"b\",value=2}]\n");
  EXPECT("{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"a\",\"type\":{\"type\":\"record\",\"name\":\"s\","
         "\"fields\":[{\"name\":\"x\",\"type\":\"int\"},{\"name\":\"y\",\"type\":\"string\"}]}},{\"name\":\"b\","
         "\"type\":[\"null\",\"s\"]}]}",
         2, "\x02\x02p\0\x02\x02q\x02\x04\x02r", "0 {x=1,y=\"p\"},null\n1 {x=1,y=\"q\"},{x=2,y=\"r\"}\n");
  EXPECT("{\"type\":\"array\",\"items\":{\"type\":\"array\",\"items\":[\"null\",\"int\"]}}", 2,
         "\x04\x04\x00\x02\x0e\0\0\0\x02\x00\0", "0 [[null,7],[]]\n1 [[]]\n");
}

static void unions(void **state) {
  (void)state;
  EXPECT("[\"string\",\"null\"]", 2, "\x00\x02x\x02", "0 \"x\"\n1 null\n");
  EXPECT("[\"int\"]", 1, "\x00\x0a", "0 5\n");
  EXPECT("[\"null\",\"int\",\"string\"]", 3, "\x00\x02\x0a\x04\x02z", "0 null:null\n1 int:5\n2 string:\"z\"\n");
  EXPECT("{\"type\":\"array\",\"items\":[\"int\",\"string\",{\"type\":\"array\",\"items\":\"int\"}]}", 1,
         "\x06\x00\x02\x02\x02w\x04\x02\x04\x00\0", "0 [int:1,string:\"w\",array:[2]]\n");
}

static void enums(void **state) {
  (void)state;
  EXPECT("{\"type\":\"enum\",\"name\":\"e\",\"symbols\":[\"A\",\"B\"]}", 3, "\x02\x00\x02",
         "0 \"B\"\n1 \"A\"\n2 \"B\"\n");
}

static void logical(void **state) {
  (void)state;
  EXPECT("{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":4,\"scale\":2}", 3, "\x04\x04\xd2\x02\xff\0",
         "0 12.34\n1 -0.01\n2 0.00\n");
  EXPECT("{\"type\":\"fixed\",\"name\":\"d\",\"size\":2,\"logicalType\":\"decimal\",\"precision\":4,\"scale\":1}", 1,
         "\xff\xfe", "0 -0.2\n");
  EXPECT("{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":50}", 1,
         "\x22\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "0 340282366920938463463374607431768211456\n");
  EXPECT("{\"type\":\"fixed\",\"name\":\"d\",\"size\":12,\"logicalType\":\"duration\"}", 1,
         "\1\0\0\0\2\0\0\0\xb8\x0b\0\0", "0 1M2D3000000000ns\n");
  EXPECT("{\"type\":\"fixed\",\"name\":\"u\",\"size\":16,\"logicalType\":\"uuid\"}", 1,
         "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff",
         "0 \"00112233-4455-6677-8899-aabbccddeeff\"\n");
  EXPECT("{\"type\":\"bytes\",\"logicalType\":\"big-decimal\"}", 2, "\x08\x04\x04\xd2\x04\x06\x02\xfb\x06",
         "0 \"12.34\"\n1 \"-0.005\"\n");
  EXPECT("{\"type\":\"long\",\"logicalType\":\"timestamp-nanos\"}", 1, "\x02", "0 1\n");
}

/* "If a logical type is invalid, ... implementations should ignore the logical type". */
static void invalid_annotations(void **state) {
  (void)state;
  EXPECT("{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":2,\"scale\":3}", 1, "\x02\x01", "0 \"\\01\"\n");
  EXPECT("{\"type\":\"bytes\",\"logicalType\":\"decimal\"}", 1, "\x02\x01", "0 \"\\01\"\n");
  EXPECT("{\"type\":\"fixed\",\"name\":\"d\",\"size\":1,\"logicalType\":\"decimal\",\"precision\":3}", 1, "\x01",
         "0 \"\\01\"\n");
  EXPECT("{\"type\":\"string\",\"logicalType\":\"date\"}", 1, "\x02y", "0 \"y\"\n");
  EXPECT("{\"type\":\"int\",\"logicalType\":\"no such\"}", 1, "\x02", "0 1\n");
  EXPECT("{\"type\":\"fixed\",\"name\":\"d\",\"size\":4,\"logicalType\":\"duration\"}", 1, "abcd",
         "0 \"\\61\\62\\63\\64\"\n");
}

static void recursion(void **state) {
  (void)state;
  EXPECT("{\"type\":\"record\",\"name\":\"list\",\"fields\":[{\"name\":\"v\",\"type\":\"long\"},{\"name\":\"next\","
         "\"type\":[\"null\",\"list\"]}]}",
         2, "\x02\x02\x04\x02\x06\x00\x08\x00", "0 1,\"{\"v\":2,\"next\":{\"v\":3,\"next\":null}}\"\n1 4,null\n");
  EXPECT("{\"type\":\"record\",\"name\":\"tree\",\"fields\":[{\"name\":\"s\",\"type\":\"string\"},{\"name\":\"b\","
         "\"type\":\"bytes\"},{\"name\":\"in\",\"type\":{\"type\":\"array\",\"items\":\"tree\"}}]}",
         1, "\x02p\x00\x02\x04\"\n\x06\x01\x02\x03\x00\x00",
         "0 \"p\",\"\",[\"{\"s\":\"\\\"\\n\",\"b\":\"AQID\",\"in\":[]}\"]\n");
}

static void records_without_bytes(void **state) {
  struct kit_file file = {0}, data = {0};
  struct kit_options o;
  struct kit_result r;
  (void)state;
  EXPECT("{\"type\":\"record\",\"name\":\"r\",\"fields\":[]}", 2, "", "0\n1\n");
  kit_header(&file, "{\"type\":\"record\",\"name\":\"r\",\"fields\":[]}", NULL);
  kit_block(&file, 1000000000, &data);
  kit_defaults(&o);
  struct kit_bytes bytes = {.data = file.data, .size = file.size};
  kit_read(&o, &bytes, &r);
  assert_int_equal(r.code, SLUICE_ERR_DATA);
  assert_int_equal(r.rows, 0);
  assert_non_null(strstr(r.err.message, "more records of no bytes"));
  kit_result_free(&r);
  kit_free(&file);
}

static void columns_of_a_want(void **state) {
  static const char schema[] =
      "{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"a\",\"type\":\"string\"},{\"name\":\"b\",\"type\":"
      "{\"type\":\"record\",\"name\":\"s\",\"fields\":[{\"name\":\"x\",\"type\":\"int\"},{\"name\":\"y\",\"type\":"
      "{\"type\":\"array\",\"items\":\"string\"}},{\"name\":\"z\",\"type\":[\"null\",\"double\"]}]}},{\"name\":\"c\","
      "\"type\":\"long\"}]}";
  struct kit_file file = {0}, data = {0};
  struct ArrowSchema want;
  struct kit_options o;
  struct kit_result r;
  (void)state;
  kit_put(&data, "\x02p\x02\x02\x02q\x00\x00\x04\x02p\x06\x01\x04\x02r\x00\x00\x08", 19);
  kit_header(&file, schema, NULL);
  kit_block(&file, 2, &data);
  kit_expect(&file, "0 \"p\",{x=1,y=[\"q\"],z=null},2\n1 \"p\",{x=3,y=[\"r\"],z=null},4\n");
  sluice_schema_nested(&want, "+s", "", 0, 3);
  sluice_schema_init(want.children[0], "", "c", ARROW_FLAG_NULLABLE);
  sluice_schema_nested(want.children[1], "+s", "b", ARROW_FLAG_NULLABLE, 1);
  sluice_schema_init(want.children[1]->children[0], "g", "z", ARROW_FLAG_NULLABLE);
  sluice_schema_init(want.children[2], "l", "absent", ARROW_FLAG_NULLABLE);
  kit_defaults(&o);
  o.scan.want = &want;
  struct kit_bytes bytes = {.data = file.data, .size = file.size};
  kit_read(&o, &bytes, &r);
  assert_string_equal(r.text, "0 2,{z=null},null\n1 4,{z=null},null\n");
  kit_result_free(&r);
  o.scan.flags = SLUICE_SCAN_EXTRA;
  kit_read(&o, &bytes, &r);
  assert_string_equal(r.text, "0 2,{x=1,y=[\"q\"],z=null},null,\"p\"\n1 4,{x=3,y=[\"r\"],z=null},null,\"p\"\n");
  kit_result_free(&r);
  sluice_schema_release(&want);
  kit_free(&file);
  kit_free(&data);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(primitives),
                                     cmocka_unit_test(every_length_of_number),
                                     cmocka_unit_test(nested),
                                     cmocka_unit_test(unions),
                                     cmocka_unit_test(enums),
                                     cmocka_unit_test(logical),
                                     cmocka_unit_test(recursion),
                                     cmocka_unit_test(invalid_annotations),
                                     cmocka_unit_test(columns_of_a_want),
                                     cmocka_unit_test(records_without_bytes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
