/* Types found, types wanted, and every kind of value in them. */
#include "kit.h"
#include <stdlib.h>

static void finds_types(void **state) {
  (void)state;
  kit_expect(
      "",
      "{\"a\":1,\"b\":1.5,\"c\":true,\"d\":\"x\",\"e\":null}\n{\"a\":-2,\"b\":2,\"c\":false,\"d\":\"\",\"e\":null}\n",
      "a int64, b float64, c bool, d string, e string\n0 1, 1.5, true, 'x', null\n1 -2, 2, false, '', null\n");
  kit_expect("", "{\"d\":\"2024-02-29\",\"t\":\"2024-02-29T01:02:03\",\"z\":\"2024-02-29T01:02:03.5+01:00\"}\n",
             "d date, t timestamp[us], z timestamp[us, UTC]\n0 2024-02-29, 2024-02-29T01:02:03.000000, "
             "2024-02-29T00:02:03.500000Z\n");
  kit_expect("times=false", "{\"d\":\"2024-02-29\"}\n", "d string\n0 '2024-02-29'\n");
  kit_expect("", "{\"d\":\"2024-02-29\"}\n{\"d\":\"2024-02-30\"}\n", "d string\n0 '2024-02-29'\n1 '2024-02-30'\n");
  kit_expect("", "{\"z\":-0}\n{\"z\":1}\n", "z float64\n0 -0\n1 1\n");
  kit_expect("", "", "\n");
  kit_expect("", "\n \n\r\n", "\n");
}

static void finds_times(void **state) {
  (void)state;
  kit_expect("", "{\"t\":\"23:59:59\",\"n\":\"01:02:03.123456789\"}\n{\"t\":\"00:00:00.5\",\"n\":\"01:02:03\"}\n",
             "t time[us], n time[ns]\n0 23:59:59.000000, 01:02:03.123456789\n1 00:00:00.500000, 01:02:03.000000000\n");
  kit_expect("",
             "{\"t\":\"2024-01-01T00:00:00.000000001\",\"z\":\"2024-01-01T00:00:00.5Z\"}\n"
             "{\"t\":\"2024-01-01T00:00:00\",\"z\":\"2024-01-01T01:00:00.123456789+01:00\"}\n",
             "t timestamp[ns], z timestamp[ns, UTC]\n0 2024-01-01T00:00:00.000000001, 2024-01-01T00:00:00.500000000Z\n"
             "1 2024-01-01T00:00:00.000000000, 2024-01-01T00:00:00.123456789Z\n");
  kit_expect("", "{\"t\":\"2024-01-01T00:00:00.000000001\"}\n{\"t\":\"1600-01-01T00:00:00\"}\n",
             "t string\n0 '2024-01-01T00:00:00.000000001'\n1 '1600-01-01T00:00:00'\n");
  kit_expect("", "{\"t\":\"10:00\",\"u\":\"25:00:00\"}\n", "t string, u string\n0 '10:00', '25:00:00'\n");
}

static void loses_no_digit(void **state) {
  (void)state;
  kit_expect(
      "", "{\"a\":9223372036854775807,\"b\":18446744073709551615,\"c\":-9223372036854775809}\n",
      "a int64, b uint64, c decimal(38, 0)\n0 9223372036854775807, 18446744073709551615, -9223372036854775809\n");
  kit_expect("", "{\"a\":123456789012345678901234567890123456789}\n",
             "a decimal256(76, 0)\n0 123456789012345678901234567890123456789\n");
  kit_expect("", "{\"a\":9007199254740993}\n{\"a\":0.5}\n", "a decimal(38, 1)\n0 9007199254740993.0\n1 0.5\n");
  kit_expect("", "{\"a\":9007199254740992}\n{\"a\":0.5}\n", "a float64\n0 9007199254740992\n1 0.5\n");
  kit_expect("", "{\"a\":1e400}\n{\"a\":1}\n", "a json\n0 '1e400'\n1 '1'\n");
  kit_expect("", "{\"a\":0.1}\n{\"a\":123456789.12345678}\n{\"a\":2.2250738585072014e-308}\n{\"a\":1e22}\n",
             "a float64\n0 0.10000000000000001\n1 123456789.12345678\n2 2.2250738585072014e-308\n3 1e+22\n");
  kit_expect("want=a:decimal(10, 2)!,b:decimal(60, 30)",
             "{\"a\":12345678.9,\"b\":1.000000000000000000000000000001}\n{\"a\":\"0.05\",\"b\":-1e-30}\n{\"a\":-3}\n",
             "a decimal(10, 2)!, b decimal256(60, 30)\n0 12345678.90, 1.000000000000000000000000000001\n"
             "1 0.05, -0.000000000000000000000000000001\n2 -3.00, null\n");
}

/* Numbers with a fraction or an exponent, of more digits than a double gives back. */
static void finds_decimals(void **state) {
  (void)state;
  kit_expect("", "{\"a\":12345678901234567890.123}\n{\"a\":-0.5}\n{\"a\":7}\n{\"a\":1e2}\n",
             "a decimal(38, 3)\n0 12345678901234567890.123\n1 -0.500\n2 7.000\n3 100.000\n");
  kit_expect("", "{\"a\":[0.12345678901234567890123]}\n{\"a\":[1.5,null]}\n",
             "a list(item decimal(38, 23))\n0 [0.12345678901234567890123]\n1 [1.50000000000000000000000 null]\n");
  kit_expect("", "{\"a\":1234567890123456789012345678901234567.25}\n",
             "a decimal256(76, 2)\n0 1234567890123456789012345678901234567.25\n");
  kit_expect("",
             "{\"a\":1.2345678901234567891e-10,\"b\":1.2345678901234567891E+25,\"c\":0.00012345678901234567891e+5}\n",
             "a decimal(38, 29), b decimal(38, 0), c decimal(38, 18)\n"
             "0 0.00000000012345678901234567891, 12345678901234567891000000, 12.345678901234567891\n");
  kit_expect("", "{\"a\":1.2345678901234567891e-70}\n{\"a\":1}\n", "a json\n0 '1.2345678901234567891e-70'\n1 '1'\n");
  kit_expect("", "{\"a\":1e-999}\n{\"a\":1e99999999999999999999}\n{\"a\":0.0}\n",
             "a json\n0 '1e-999'\n1 '1e99999999999999999999'\n2 '0.0'\n");
  kit_expect("nan", "{\"a\":0.12345678901234567891}\n{\"a\":NaN}\n", "a json\n0 '0.12345678901234567891'\n1 'NaN'\n");
}

/* What a double gives back stays one: 17 digits, however many zeros are around them. */
static void finds_doubles(void **state) {
  (void)state;
  kit_expect("", "{\"a\":-0.00012345678901234567}\n{\"a\":1.00000000000000000000}\n{\"a\":1200000000000000000000.0}\n",
             "a float64\n0 -0.00012345678901234567\n1 1\n2 1.2e+21\n");
  kit_expect("", "{\"a\":0.0}\n{\"a\":0e-999}\n{\"a\":-0.00}\n{\"a\":5e-324}\n",
             "a float64\n0 0\n1 0\n2 -0\n3 4.9406564584124654e-324\n");
}

static void takes_fractions_for_decimals_if_asked(void **state) {
  (void)state;
  kit_expect("fractions=decimal", "{\"a\":1.50,\"b\":1,\"c\":1e300}\n{\"a\":12.5,\"b\":2,\"c\":1.5}\n",
             "a decimal(38, 2), b int64, c float64\n0 1.50, 1, 1.0000000000000001e+300\n1 12.50, 2, 1.5\n");
  kit_expect("fractions=decimal nan", "{\"a\":1.50}\n{\"a\":NaN}\n", "a float64\n0 1.5\n1 nan\n");
  kit_expect("fractions=decimal want=a:double,b:", "{\"a\":0.12345678901234567891,\"b\":0.25}\n",
             "a float64, b decimal(38, 2)\n0 0.12345678901234568, 0.25\n");
}

static void keeps_conflicts_as_json(void **state) {
  (void)state;
  kit_expect("", "{\"a\":1}\n{\"a\":\"x\\n\"}\n{\"a\":[1, {\"b\":2}]}\n{\"a\":null}\n{}\n",
             "a json\n0 '1'\n1 '\"x\\n\"'\n2 '[1, {\"b\":2}]'\n3 null\n4 null\n");
  kit_expect("", "{\"a\":{}}\n{\"a\":{}}\n", "a json\n0 '{}'\n1 '{}'\n");
  kit_expect("sample=20", "{\"a\":null,\"b\":[]}\n{\"a\":\"x\",\"b\":[1,\"y\",null]}\n{\"a\":{\"k\":1}}\n",
             "a string, b list(item string)\n0 null, []\n1 'x', ['1' 'y' null]\n2 '{\"k\":1}', null\n");
}

static void texts_beside_other_scalars_make_texts(void **state) {
  (void)state;
  kit_expect("", "{\"a\":1}\n{\"a\":\"x\\n\"}\n{\"a\":true}\n{\"a\":-1.50}\n{\"a\":null}\n",
             "a string\n0 '1'\n1 'x\\0a'\n2 'true'\n3 '-1.50'\n4 null\n");
  kit_expect("", "{\"a\":\"2024-02-29\"}\n{\"a\":7}\n", "a string\n0 '2024-02-29'\n1 '7'\n");
}

static void finds_nested_types(void **state) {
  (void)state;
  kit_expect("",
             "{\"p\":{\"x\":1,\"y\":{\"z\":\"a\"}},\"l\":[[1,2],[],null]}\n{\"p\":null,\"l\":null}\n"
             "{\"p\":{\"y\":{\"z\":null}},\"l\":[[2.5]]}\n",
             "p struct(x int64, y struct(z string)), l list(item list(item float64))\n"
             "0 {x=1 y={z='a'}}, [[1 2] [] null]\n1 null, null\n2 {x=null y={z=null}}, [[2.5]]\n");
  kit_expect("", "{\"l\":[{\"a\":1},{\"b\":[true]},{}]}\n",
             "l list(item struct(a int64, b list(item bool)))\n0 [{a=1 b=null} {a=null b=[true]} {a=null b=null}]\n");
}

static void takes_wanted_types(void **state) {
  (void)state;
  kit_expect("want=b:int64,a:string,n:int8",
             "{\"a\":5,\"b\":\"007\",\"c\":[1,{\"x\":\"]\"}]}\n{\"b\":7.0,\"a\":{\"k\":[1]}}\n",
             "b int64, a string, n int8\n0 7, '5', null\n1 7, '{\"k\":[1]}', null\n");
  kit_expect("want=a:uint8,b:int16,c:uint64,d:float",
             "{\"a\":255,\"b\":-32768,\"c\":18446744073709551615,\"d\":0.1}\n{\"a\":256}\n",
             "a uint8, b int16, c uint64, d float32\nreject 1 at 54, a: 256 is not uint8 [{\"a\":256}]\n"
             "0 255, -32768, 18446744073709551615, 0.1\n");
  kit_expect("want=t:=tts,u:timestamp[ns],b:binary,l:large_string,d:date64",
             "{\"t\":\"01:02:03\",\"u\":\"2024-01-01T00:00:00.000000001\",\"b\":\"\\u0000x\",\"l\":\"y\",\"d\":\"1970-"
             "01-02\"}\n",
             "t time[s], u timestamp[ns], b binary, l large_string, d date64\n"
             "0 01:02:03, 2024-01-01T00:00:00.000000001, '\\00x', 'y', 86400000\n");
  kit_expect("extra want=b:string", "{\"a\":1,\"b\":2}\n", "b string, a int64\n0 '2', 1\n");
  kit_expect("want=p:{y:double,q:},m:<int64>,w:[bool]",
             "{\"p\":{\"x\":1,\"y\":2,\"q\":\"s\"},\"m\":{\"k\":1,\"\\u00e9\":null},\"w\":[true,\"false\"]}\n",
             "p struct(y float64, q string), m map(entries struct(key string!, value int64)!), w list(item bool)\n"
             "0 {y=2 q='s'}, [{key='k' value=1} {key='\xc3\xa9' value=null}], [true false]\n");
}

static void fills_lists_of_fixed_size(void **state) {
  struct kit_options o;
  struct kit_result r;
  struct kit_input input = kit_text("{\"p\":[1,2]}\n{\"p\":[1]}\n{\"p\":[1,2,3]}\n{}\n{\"p\":[3,null]}\n");
  (void)state;
  kit_options(&o, "want=p:");
  sluice_schema_release(o.want.children[0]);
  assert_int_equal(sluice_schema_nested(o.want.children[0], "+w:2", "p", ARROW_FLAG_NULLABLE, 1), SLUICE_OK);
  sluice_schema_init(o.want.children[0]->children[0], "s", "item", ARROW_FLAG_NULLABLE);
  kit_read(&o, &input, &r);
  assert_int_equal(r.code, SLUICE_END);
  assert_int_equal(r.rejects, 2);
  assert_non_null(strstr(r.text, "\n0 [1 2]\n3 null\n4 [3 null]\n"));
  kit_result_free(&r);
  kit_options_finish(&o);
}

static void refuses_types(void **state) {
  (void)state;
  kit_expect_error("want=a:=tDs", "{}\n", SLUICE_ERR_UNSUPPORTED, "which json cannot read");
  kit_expect_error("want=a:=vu", "{}\n", SLUICE_ERR_UNSUPPORTED, "which json cannot read");
  kit_expect_error("want=a:=+r", "{}\n", SLUICE_ERR_UNSUPPORTED, "which json cannot read");
}

static void rejects_misfits(void **state) {
  (void)state;
  kit_expect("sample=8", "{\"a\":1}\n{\"a\":\"x\"}\n{\"a\":1.5}\n{\"a\":2.0}\n{\"a\":[1]}\n{\"a\":true}\n{\"a\":1e2}\n",
             "a int64\nreject 1 at 8, a: \"x\" is not int64 [{\"a\":\"x\"}]\nreject 2 at 18, a: 1.5 is not int64 "
             "[{\"a\":1.5}]\n"
             "reject 4 at 38, a: [1] is not int64 [{\"a\":[1]}]\nreject 5 at 48, a: true is not int64 [{\"a\":true}]\n"
             "0 1\n3 2\n6 100\n");
  kit_expect("sample=10", "{\"a\":0.5}\n{\"a\":9007199254740993}\n{\"a\":\"1\"}\n",
             "a float64\nreject 1 at 10, a: 9007199254740993 is not float64 [{\"a\":9007199254740993}]\n"
             "reject 2 at 33, a: \"1\" is not float64 [{\"a\":\"1\"}]\n0 0.5\n");
  kit_expect("sample=10", "{\"a\":0.5}\n{\"a\":0.30000000000000000001}\n{\"a\":0.12345678901234568}\n{\"a\":1e-999}\n",
             "a float64\nreject 1 at 10, a: 0.30000000000000000001 is not float64 [{\"a\":0.30000000000000000001}]\n"
             "reject 3 at 65, a: 1e-999 is not float64 [{\"a\":1e-999}]\n0 0.5\n2 0.12345678901234568\n");
  kit_expect("sample=30", "{\"a\":0.12345678901234567891}\n{\"a\":1.5}\n{\"a\":0.123456789012345678901}\n",
             "a decimal(38, 20)\nreject 2 at 39, a: 0.123456789012345678901 is not decimal(38, 20) "
             "[{\"a\":0.123456789012345678901}]\n0 0.12345678901234567891\n1 1.50000000000000000000\n");
  kit_expect("sample=10", "{\"p\":{\"q\":[1]}}\n{\"p\":{\"q\":[1,\"x\"]}}\n{\"p\":5}\n",
             "p struct(q list(item int64))\nreject 1 at 16, p.q[]: \"x\" is not int64 [{\"p\":{\"q\":[1,\"x\"]}}]\n"
             "reject 2 at 36, p: 5 is not struct [{\"p\":5}]\n0 {q=[1]}\n");
  kit_expect("want=a:int64!", "{\"a\":1}\n{\"a\":null}\n{}\n",
             "a int64!\nreject 1 at 8, a: no value for a column that must have one, int64 [{\"a\":null}]\n"
             "reject 2 at 19, a: no value for a column that must have one, int64 [{}]\n0 1\n");
  kit_expect("sample=11", "{\"a\":\"s\"}\n{\"a\":5}\n",
             "a string\nreject 1 at 10, a: 5 is not string [{\"a\":5}]\n0 's'\n");
}

/* Around the 17 digits that a double gives back, in a column of doubles that the sample found. */
static void rejects_what_a_double_would_change(void **state) {
  static const char *const kept[] = {"-0.00000000012345678901234567", "9.1234567890123457e-10",
                                     "-9.1234567890123457E+200",      "12345678901234567e-5",
                                     "123456789012345670.0",          "0.0"};
  static const char *const changed[] = {"-0.000000000123456789012345678",
                                        "1.23456789012345678e-10",
                                        "1.23456789012345678e+200",
                                        "123456789012345678e-5",
                                        "12345678901234567.5",
                                        "0.0123456789012345678",
                                        "1234567890123456789.0",
                                        "1e-400"};
  char input[80], text[240];
  (void)state;
  for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
    snprintf(input, sizeof input, "{\"a\":0.5}\n{\"a\":%s}\n", kept[i]);
    snprintf(text, sizeof text, "a float64\n0 0.5\n1 %.17g\n", strtod(kept[i], NULL));
    kit_expect("sample=10", input, text);
  }
  for (size_t i = 0; i < sizeof changed / sizeof *changed; i++) {
    snprintf(input, sizeof input, "{\"a\":0.5}\n{\"a\":%s}\n", changed[i]);
    snprintf(text, sizeof text, "a float64\nreject 1 at 10, a: %s is not float64 [{\"a\":%s}]\n0 0.5\n", changed[i],
             changed[i]);
    kit_expect("sample=10", input, text);
  }
}

/* What of a rejected record is in columns already, however deep, leaves no trace in the next. */
static void forgets_rejected_records(void **state) {
  (void)state;
  kit_expect("want=p:{x:int64,q:{y:string,l:[{z:int64}]}},m:<[int8]>",
             "{\"p\":{\"x\":1,\"q\":{\"y\":\"a\",\"l\":[{\"z\":1},{\"z\":2},{\"z\":\"no\"}]}}}\n"
             "{\"m\":{\"a\":[1,2],\"b\":[3,400]}}\n"
             "{\"p\":{\"x\":2,\"q\":{\"y\":\"b\",\"l\":[{\"z\":3}]}},\"m\":{\"c\":[4]}}\n"
             "{\"p\":{\"q\":{\"l\":[{},5]}}}\n{\"p\":{\"q\":{\"l\":[]}}}\n",
             "p struct(x int64, q struct(y string, l list(item struct(z int64)))), m map(entries struct(key string!, "
             "value list(item int8))!)\n"
             "reject 0 at 0, p.q.l[].z: \"no\" is not int64 [{\"p\":{\"x\":1,\"q\":{\"y\":\"a\",\"l\":[{\"z\":1},{\"]\n"
             "reject 1 at 61, m[].value[]: 400 is not int8 [{\"m\":{\"a\":[1,2],\"b\":[3,400]}}]\n"
             "reject 3 at 147, p.q.l[]: 5 is not struct [{\"p\":{\"q\":{\"l\":[{},5]}}}]\n"
             "2 {x=2 q={y='b' l=[{z=3}]}}, [{key='c' value=[4]}]\n4 {x=null q={y=null l=[]}}, null\n");
  kit_expect("duplicates=last want=l:[[int64]],s:{t:string}",
             "{\"l\":[[1,2],[3]],\"s\":{\"t\":\"x\"},\"l\":[[4]],\"s\":{}}\n{\"l\":[[5]]}\n",
             "l list(item list(item int64)), s struct(t string)\n0 [[4]], {t=null}\n1 [[5]], null\n");
}

static void handles_members_after_the_sample(void **state) {
  struct kit_result r;
  struct kit_options o;
  struct kit_input input = kit_text("{\"a\":1}\n{\"a\":2,\"b\":3}\n{\"c\":[1],\"a\":3}\n");
  (void)state;
  kit_options(&o, "sample=8");
  kit_read(&o, &input, &r);
  assert_string_equal(r.text, "a int64\n0 1\n1 2\n2 3\n");
  assert_int_equal(r.warnings, 1);
  kit_result_free(&r);
  assert_non_null(strstr(kit_warning, "record 1 has a member \"b\", which was in no record of the sample"));
  kit_options(&o, "want=a:int64");
  kit_read(&o, &input, &r);
  assert_int_equal(r.warnings, 0);
  kit_result_free(&r);
  kit_options_finish(&o);
  kit_expect("sample=8 extra=reject", "{\"a\":1}\n{\"a\":2,\"b\":3}\n{\"a\":4}\n",
             "a int64\nreject 1 at 8: a member \"b\", which the schema does not have; see the options extra and sample "
             "[{\"a\":2,\"b\":3}]\n0 1\n2 4\n");
  kit_expect("infer=whole sample=8", "{\"a\":1}\n{\"a\":2.5,\"b\":3}\n", "a float64, b int64\n0 1, null\n1 2.5, 3\n");
  kit_expect("extra=reject want=a:int64", "{\"a\":1,\"b\":2}\n", "a int64\n0 1\n");
}

static void tells_of_names_with_zero_bytes(void **state) {
  struct kit_result r;
  struct kit_options o;
  struct kit_input input = kit_text("{\"a\":1,\"b\\u0000c\":2}\n");
  struct kit_input escaped = kit_text("{\"a\":1}\n{\"b\\\\u0000\":2}\n");
  (void)state;
  kit_options(&o, "sample=8");
  kit_read(&o, &input, &r);
  assert_string_equal(r.text, "a int64\n0 1\n");
  assert_int_equal(r.warnings, 1);
  assert_non_null(strstr(kit_warning, "record 0 has a member \"b\\u0000c\", and a column cannot be called so"));
  kit_result_free(&r);
  kit_read(&o, &escaped, &r);
  assert_string_equal(r.text, "a int64\n0 1\n1 null\n");
  assert_int_equal(r.warnings, 1);
  assert_null(strstr(kit_warning, "cannot be called so"));
  kit_result_free(&r);
  kit_options_finish(&o);
}

static void treats_members_twice(void **state) {
  static const char input[] = "{\"a\":1,\"b\":[1],\"a\":2}\n{\"b\":[1,2],\"a\":1,\"b\":[3]}\n{\"a\":3}\n";
  (void)state;
  kit_expect("", input,
             "a int64, b list(item int64)\nreject 0 at 0, a: the object has this member more than once; see the option "
             "duplicates [{\"a\":1,\"b\":[1],\"a\":2}]\nreject 1 at 22, b: the object has this member more than once; "
             "see the option duplicates [{\"b\":[1,2],\"a\":1,\"b\":[3]}]\n2 3, null\n");
  kit_expect("duplicates=last", input, "a int64, b list(item int64)\n0 2, [1]\n1 1, [3]\n2 3, null\n");
  kit_expect("duplicates=first", input, "a int64, b list(item int64)\n0 1, [1]\n1 1, [1 2]\n2 3, null\n");
}

static void reads_texts(void **state) {
  (void)state;
  kit_expect("", "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\ud83d\\ude00\"}\n",
             "a string\n0 '\"\\/\\08\\0c\\0a\\0d\\09A\xc3\xa9\xf0\x9f\x98\x80'\n");
  kit_expect("", "{\"\\u0061\":\"x\",\"a b\":\"y\",\"\":\"z\"}\n{\"a\":\"v\",\"a\\u0020b\":\"w\",\"\":\"u\"}\n",
             "a string, a b string,  string\n0 'x', 'y', 'z'\n1 'v', 'w', 'u'\n");
  kit_expect("", "{\"a\\\"b\":1}\n{\"a\\\"b\":2}\n{\"a\"b\":2}\n",
             "a\"b int64\nreject 2 at 22: not JSON: a string is opened and never closed [{\"a\"b\":2}]\n0 1\n1 2\n");
  kit_expect("nan", "{\"a\":NaN}\n{\"a\":-Infinity}\n{\"a\":1}\n", "a float64\n0 nan\n1 -inf\n2 1\n");
  kit_expect("", "{\"a\":1.5}\n{\"a\":NaN}\n",
             "a float64\nreject 1 at 10: not JSON: a value expected at byte 5 of the record, where there is \"NaN}\" "
             "[{\"a\":NaN}]\n0 1.5\n");
}

static void treats_bad_text(void **state) {
  (void)state;
  kit_expect("", "{\"a\":\"\xff\"}\n{\"a\":\"\xc3\xa9\"}\n{\"a\":\"\\ud800x\"}\n",
             "a string\nreject 0 at 0: not UTF-8 at byte 6 of the record; see the option bad_text [{\"a\":\".\"}]\n"
             "reject 2 at 21: half of a surrogate pair at byte 6 of the record, which no text can hold; see bad_text "
             "[{\"a\":\"\\ud800x\"}]\n1 '\xc3\xa9'\n");
  kit_expect("bad_text=replace", "{\"a\":\"\xff\xc3\"}\n{\"a\":\"\\ud800x\\udc00\"}\n",
             "a string\n0 '\xef\xbf\xbd\xef\xbf\xbd'\n1 '\xef\xbf\xbdx\xef\xbf\xbd'\n");
  kit_expect_error("bad_text=error", "{\"a\":\"\xff\"}\n", SLUICE_ERR_DATA, "not UTF-8");
  kit_expect_error("bad_text=error", "{\"a\":\"\\udc00\"}\n", SLUICE_ERR_DATA, "surrogate");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(finds_types),
      cmocka_unit_test(finds_times),
      cmocka_unit_test(loses_no_digit),
      cmocka_unit_test(finds_decimals),
      cmocka_unit_test(finds_doubles),
      cmocka_unit_test(takes_fractions_for_decimals_if_asked),
      cmocka_unit_test(keeps_conflicts_as_json),
      cmocka_unit_test(texts_beside_other_scalars_make_texts),
      cmocka_unit_test(finds_nested_types),
      cmocka_unit_test(takes_wanted_types),
      cmocka_unit_test(fills_lists_of_fixed_size),
      cmocka_unit_test(refuses_types),
      cmocka_unit_test(rejects_misfits),
      cmocka_unit_test(rejects_what_a_double_would_change),
      cmocka_unit_test(forgets_rejected_records),
      cmocka_unit_test(handles_members_after_the_sample),
      cmocka_unit_test(tells_of_names_with_zero_bytes),
      cmocka_unit_test(treats_members_twice),
      cmocka_unit_test(reads_texts),
      cmocka_unit_test(treats_bad_text),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
