/* Lines, arrays, sequences; what is broken in them; positions, splits, limits. */
#include "kit.h"
#include <sluice/services.h>
#include <stdlib.h>

static const char three[] = "a int64\n0 1\n1 2\n2 3\n";

static void finds_layouts(void **state) {
  static const char *const inputs[] = {
      "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n",
      "\xef\xbb\xbf{\"a\":1}\r\n\r\n  {\"a\":2}  \r\n{\"a\":3}",
      "[{\"a\":1},{\"a\":2},{\"a\":3}]",
      "\xef\xbb\xbf \n[ {\"a\" : 1 } ,\n{\"a\":\t2},{\n\"a\":3\n}\n]\n",
      "{\"a\":1}{\"a\":2}{\"a\":3}",
      "{\n  \"a\": 1\n}\n{\n  \"a\": 2\n}\n{\n  \"a\": 3\n}\n",
      "\x1e{\"a\":1}\n\x1e{\"a\":2}\n\x1e{\"a\":3}\n",
  };
  (void)state;
  for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
    kit_expect("", inputs[i], three);
  kit_expect("layout=sequence", inputs[0], three);
  kit_expect("", "{}\n{\n \"a\": 1\n}\n{}\n", "a int64\n0 null\n1 1\n2 null\n");
  kit_expect("", "{\"a\":1}\n{\"a\":\n{\"a\":2}\n",
             "a int64\nreject 1 at 8: not JSON: a value expected at byte 5 of the record, where it ends [{\"a\":]\n0 "
             "1\n2 2\n");
  kit_expect("layout=array", inputs[2], three);
  kit_expect("", "[]", "\n");
  kit_expect("", "[ ]\n", "\n");
  kit_expect("", "{\"a\":1}", "a int64\n0 1\n");
  kit_expect("", "{\"a\":\n{\"a\":2}\n{\"a\":3}\n",
             "a int64\nreject 0 at 0: not JSON: a value expected at byte 5 of the record, where it ends [{\"a\":]\n"
             "1 2\n2 3\n");
}

static void goes_to_the_records(void **state) {
  (void)state;
  kit_expect(
      "records=/data/items",
      "{\"n\":[1,{\"data\":5},\"]}\\\"\"],\"data\":{\"x\":null,\"items\":[{\"a\":1},{\"a\":2},{\"a\":3}],\"y\":1}}",
      three);
  kit_expect("records=/1/a~1b", "[0,{\"a/b\":[{\"a\":1},{\"a\":2},{\"a\":3}]}]", three);
  kit_expect_error("records=/x", "{\"y\":1}", SLUICE_ERR_DATA, "leads nowhere");
  kit_expect_error("records=/y", "{\"y\":1}", SLUICE_ERR_DATA, "there is no array");
  kit_expect_error("records=/y", "{\"y\"", SLUICE_ERR_DATA, "leads nowhere");
  kit_expect_error("records=x", "{}", SLUICE_ERR_CONFIG, "JSON pointer");
  kit_expect_error("records=/x layout=lines", "{}", SLUICE_ERR_CONFIG, "leave layout away");
}

static void rejects_bad_lines(void **state) {
  (void)state;
  kit_expect(
      "",
      "{\"a\":1}\n{\"a\":1\n{\"a\":2}x\n{\"a\":\"\n{\"a\" "
      "1}\n[1]\n5\n{\"a\":01}\n{\"a\":1,}\n{\"a\":+1}\n{\"a\":.5}\n{\"a\":1.}\n"
      "{'a':1}\n{\"a\":tru}\n{\"a\":[1,]}\n{\"a\":{]}}\n{\"a\":1}}\n{\"a\":\"\t\"}\n{\"a\":\"\\x\"}\n{\"a\":7}\n",
      "a int64\n"
      "reject 1 at 8: not JSON: a comma or } expected at byte 6 of the record, where it ends [{\"a\":1]\n"
      "reject 2 at 15: not JSON: the end of the record expected at byte 7 of the record, where there is \"x\" "
      "[{\"a\":2}x]\n"
      "reject 3 at 24: not JSON: a string is opened and never closed [{\"a\":\"]\n"
      "reject 4 at 31: not JSON: a colon expected at byte 5 of the record, where there is \"1}\" [{\"a\" 1}]\n"
      "reject 5 at 39: the record is no object [[1]]\n"
      "reject 6 at 43: the record is no object [5]\n"
      "reject 7 at 45: not JSON: a value expected at byte 5 of the record, where there is \"01}\" [{\"a\":01}]\n"
      "reject 8 at 54: not JSON: a name in quotes expected at byte 7 of the record, where there is \"}\" [{\"a\":1,}]\n"
      "reject 9 at 63: not JSON: a value expected at byte 5 of the record, where there is \"+1}\" [{\"a\":+1}]\n"
      "reject 10 at 72: not JSON: a value expected at byte 5 of the record, where there is \".5}\" [{\"a\":.5}]\n"
      "reject 11 at 81: not JSON: a value expected at byte 5 of the record, where there is \"1.}\" [{\"a\":1.}]\n"
      "reject 12 at 90: not JSON: a name in quotes expected at byte 1 of the record, where there is \"'a':1}\" "
      "[{'a':1}]\n"
      "reject 13 at 98: not JSON: a value expected at byte 5 of the record, where there is \"tru}\" [{\"a\":tru}]\n"
      "reject 14 at 108: not JSON: a value expected at byte 8 of the record, where there is \"]}\" [{\"a\":[1,]}]\n"
      "reject 15 at 119: not JSON: a name in quotes expected at byte 6 of the record, where there is \"]}}\" "
      "[{\"a\":{]}}]\n"
      "reject 16 at 129: not JSON: the end of the record expected at byte 7 of the record, where there is \"}\" "
      "[{\"a\":1}}]\n"
      "reject 17 at 138: not JSON: a control character in a string, which must be escaped [{\"a\":\".\"}]\n"
      "reject 18 at 148: not JSON: an escape that JSON has expected at byte 6 of the record, where there is \"\\x\"}\" "
      "[{\"a\":\"\\x\"}]\n"
      "0 1\n19 7\n");
  kit_expect_error("strict", "{\"a\":1}\n{\"a\":1\n", SLUICE_ERR_DATA, "record 1, at byte 8: not JSON");
}

static void treats_broken_arrays(void **state) {
  (void)state;
  kit_expect(
      "", "[{\"a\":1},5,\"x,]\",null,[1,{}],{\"a\":tru},{\"a\":2}]",
      "a int64\nreject 1 at 9: the record is no object [5]\nreject 2 at 11: the record is no object [\"x,]\"]\n"
      "reject 3 at 17: the record is no object [null]\nreject 4 at 22: the record is no object [[1,{}]]\n"
      "reject 5 at 29: not JSON: a value expected at byte 5 of the record, where there is \"tru}\" [{\"a\":tru}]\n"
      "0 1\n6 2\n");
  kit_expect("", "[{\"a\":1},{\"a\":2", "a int64\nreject 1 at 9: the part ends within the record [{\"a\":2]\n0 1\n");
  kit_expect_error("", "[{\"a\":1},", SLUICE_ERR_DATA, "cut short");
  kit_expect_error("", "[{\"a\":1}", SLUICE_ERR_DATA, "a comma or ]");
  kit_expect_error("", "[{\"a\":1} {\"a\":2}]", SLUICE_ERR_DATA, "a comma or ]");
  kit_expect_error("", "[{\"a\":1}] x", SLUICE_ERR_DATA, "nothing more");
  kit_expect_error("layout=array", "{\"a\":1}", SLUICE_ERR_DATA, "begins an array");
  kit_expect_error("", "\xff\xfe{\0", SLUICE_ERR_DATA, "UTF-16");
  kit_expect("layout=sequence", "{\"a\":1} oops\n{\"a\":2}",
             "a int64\nreject 1 at 8: the record is no object [oops]\n0 1\n2 2\n");
}

/* What the first reading of a whole part finds broken is told once, at its place. */
static void finds_types_of_a_broken_part(void **state) {
  (void)state;
  kit_expect_error("infer=whole", "[{\"a\":1},{\"a\":2.5} oops", SLUICE_ERR_DATA,
                   "at byte 19 there should be a comma or ]");
  kit_expect("infer=whole", "{\"a\":1}\n{\"a\":\n{\"a\":2.5}\n",
             "a float64\nreject 1 at 8: not JSON: a value expected at byte 5 of the record, where it ends [{\"a\":]\n0 "
             "1\n2 2.5\n");
}

static void delivers_rows_before_a_failure(void **state) {
  struct kit_result r;
  struct kit_options o;
  struct kit_input input = kit_text("[{\"a\":1},{\"a\":2} oops");
  (void)state;
  kit_options(&o, "");
  kit_read(&o, &input, &r);
  assert_int_equal(r.code, SLUICE_ERR_DATA);
  assert_string_equal(r.text, "a int64\n0 1\n1 2\n");
  kit_result_free(&r);
}

static void walks_over_long_records(void **state) {
  (void)state;
  kit_expect(
      "max_record=20", "{\"a\":1}\n{\"a\":\"0123456789012345\"}\n{\"a\":2}\n{\"a\":\"0123456789012345\"}",
      "a int64\nreject 1 at 8: the record has 24 bytes, and max_record is 20 (of its 24 bytes the first 20 are kept) "
      "[{\"a\":\"01234567890123]\n"
      "reject 3 at 41: the record has 24 bytes, and max_record is 20 (of its 24 bytes the first 20 are kept) "
      "[{\"a\":\"01234567890123]\n0 1\n2 2\n");
}

/* ---- positions ---- */

static const char *const samples[] = {
    "{\"a\":1,\"s\":\"x\"}\n\n{\"a\":2}\n{\"a\":tru}\n "
    "{\"a\":3,\"s\":\"yyyyyyyyyyyyyyyyyyyyyyyy\"}\r\n{\"a\":4,\"z\":{}}\n{\"a\":5}",
    "[{\"a\":1,\"l\":[1,2]},\n{\"a\":2,\"l\":[]} , 7,{\"a\":3,\"l\":[3]},{\"a\":4,\"l\":\"x\"},{\"a\":5}]\n",
    "{\"a\":1}{\"a\":2}\n{\n\"a\":3}{\"a\":\"x\"}{\"a\":5,\"o\":{\"p\":[{}]}}",
    "{\"a\":\"0123456789012345678901234567890123456789\"}\n{\"a\":\"2\"}\n{\"a\":\"3\"}\n{\"a\":\"\xff\"}\n{\"a\":"
    "\"5\"}\n"};
static const char *const settings[] = {"",
                                       "rows=1",
                                       "rows=2",
                                       "rows=3",
                                       "bytes=1",
                                       "bytes=30",
                                       "rows=2 bytes=20",
                                       "rows=2 sample=10",
                                       "max_record=30 rows=2",
                                       "bad_text=replace rows=2",
                                       "rows=2 want=a:string,q:{x:int64,y:int64}"};

static void resume_everywhere(const struct kit_options *o, struct kit_input *input, const struct kit_result *all) {
  for (int64_t i = 0; i < all->batches; i++) {
    struct kit_options with = *o;
    struct kit_result rest;
    with.scan.from = all->ends[i];
    kit_read(&with, input, &rest);
    assert_int_equal(rest.code, all->code);
    assert_string_equal(rest.text + rest.begin, all->text + all->text_at[i]);
    assert_int_equal(rest.batches, all->batches - i - 1);
    for (int64_t k = 0; k < rest.batches; k++)
      assert_memory_equal(&rest.ends[k], &all->ends[i + 1 + k], sizeof rest.ends[k]);
    kit_result_free(&rest);
  }
}

static void resumes_behind_every_batch(void **state) {
  (void)state;
  for (size_t s = 0; s < sizeof samples / sizeof *samples; s++)
    for (size_t t = 0; t < sizeof settings / sizeof *settings; t++)
      for (int unknown = 0; unknown < 2; unknown++) {
        struct kit_options o;
        struct kit_result all;
        struct kit_input input = kit_text(samples[s]);
        input.unknown_size = unknown;
        kit_options(&o, settings[t]);
        kit_read(&o, &input, &all);
        assert_int_equal(all.code, SLUICE_END);
        assert_int_equal(all.rows + all.rejects, s < 2 ? 6 : 5);
        resume_everywhere(&o, &input, &all);
        kit_result_free(&all);
        kit_options_finish(&o);
      }
}

static void notices_a_changed_part(void **state) {
  struct kit_options o;
  struct kit_result r;
  struct kit_input lines = kit_text("{\"a\":1}\n{\"a\":2}\n");
  (void)state;
  kit_options(&o, "");
  o.scan.from = (struct sluice_position){.row = 1, .offset = 9, .detail = {JSON_LAYOUT_ARRAY}};
  kit_read(&o, &lines, &r);
  assert_int_equal(r.code, SLUICE_ERR_CHANGED);
  kit_result_free(&r);
}

static void goes_on_after_a_failed_read(void **state) {
  enum { RECORDS = 60000 };
  char *text = malloc(RECORDS * 20 + 1), *to = text;
  int64_t sum = 0;
  (void)state;
  for (int i = 0; i < RECORDS; i++)
    to += snprintf(to, 20, "{\"a\":%d}\n", i);
  for (int fail = 1; fail < 8; fail++) {
    struct kit_input input = {.data = text, .size = (size_t)(to - text), .fail_code = SLUICE_ERR_RETRY};
    struct kit_options o;
    struct sluice_input in;
    struct sluice_reader reader;
    struct sluice_error err = {0};
    void *self;
    int64_t rows = 0, failures = 0;
    kit_options(&o, "sample=1000");
    assert_int_equal(kit_format()->open(kit_host(), &o.config, &self, &err), SLUICE_OK);
    kit_input_open(&input, &in);
    assert_int_equal(kit_format()->decode(self, &in, &o.scan, &reader, &err), SLUICE_OK);
    input.fail_read = input.reads + fail;
    for (;;) {
      struct sluice_batch batch = {.struct_size = sizeof batch};
      int code = reader.next(&reader, &batch, &err);
      failures += code == SLUICE_ERR_RETRY;
      if (code == SLUICE_ERR_RETRY)
        continue;
      if (code == SLUICE_END)
        break;
      assert_int_equal(code, SLUICE_OK);
      rows += batch.array.length;
      sluice_array_release(&batch.array);
    }
    assert_int_equal(rows, RECORDS);
    sum += failures;
    reader.release(&reader);
    kit_format()->close(self);
  }
  assert_true(sum > 0);
  free(text);
}

static void stops_when_cancelled(void **state) {
  struct kit_options o;
  struct kit_result r;
  struct kit_input input = kit_text("{\"a\":1}\n");
  (void)state;
  kit_options(&o, "");
  kit_cancelled = 1;
  kit_read(&o, &input, &r);
  kit_cancelled = 0;
  assert_int_equal(r.code, SLUICE_ERR_CANCELLED);
  kit_result_free(&r);
}

/* ---- splits ---- */

struct splits {
  struct sluice_splits base;
  struct sluice_split items[32];
  size_t n;
};
static int keep_split(struct sluice_splits *base, const struct sluice_split *split, struct sluice_error *err) {
  struct splits *s = base->private_data;
  (void)err;
  assert_true(s->n < 32);
  s->items[s->n++] = *split;
  return SLUICE_OK;
}

static void plan(const struct kit_options *o, struct kit_input *input, int64_t bytes, struct splits *out) {
  struct sluice_error err = {0};
  struct sluice_input in;
  void *self;
  *out = (struct splits){.base = {keep_split, out}};
  assert_int_equal(kit_format()->open(kit_host(), &o->config, &self, &err), SLUICE_OK);
  kit_input_open(input, &in);
  assert_int_equal(kit_format()->plan(self, &in, &o->scan, bytes, &out->base, &err), SLUICE_OK);
  in.release(&in);
  kit_format()->close(self);
}

/* The splits together give what the whole gives, but for the numbers. */
static void splits_lines(void **state) {
  static const char input[] =
      "{\"a\":1,\"s\":\"x\\n\"}\n\n{\"a\":2}\r\n  {\"a\":3}\n{\"a\":\"\n{\"a\":4}\n\n\n{\"a\":5}\n{\"a\":6}";
  (void)state;
  for (int64_t bytes = 1; bytes < 60; bytes++) {
    struct kit_options o;
    struct kit_input in = kit_text(input);
    struct splits s;
    struct kit_result r;
    int64_t rows = 0, rejects = 0, end = 0;
    kit_options(&o, "want=a:int64");
    plan(&o, &in, bytes, &s);
    for (size_t i = 0; i < s.n; i++) {
      assert_int_equal(s.items[i].begin.offset, end);
      end = s.items[i].end.offset;
      o.scan.begin = s.items[i].begin;
      o.scan.end = s.items[i].end;
      kit_read(&o, &in, &r);
      assert_int_equal(r.code, SLUICE_END);
      rows += r.rows;
      rejects += r.rejects;
      kit_result_free(&r);
    }
    assert_int_equal(end, 0);
    assert_int_equal(rows, 6);
    assert_int_equal(rejects, 1);
    assert_true(bytes > 30 || s.n > 1);
    kit_options_finish(&o);
  }
}

static void does_not_split_arrays(void **state) {
  struct kit_options o;
  struct kit_input array = kit_text(samples[1]), sequence = kit_text(samples[2]);
  struct splits s;
  (void)state;
  kit_options(&o, "");
  plan(&o, &array, 5, &s);
  assert_int_equal(s.n, 1);
  plan(&o, &sequence, 5, &s);
  assert_int_equal(s.n, 1);
}

/* ---- what it is ---- */

static int keep_text(struct sluice_text_out *out, const char *bytes, size_t n, struct sluice_error *err) {
  (void)err;
  snprintf(out->private_data, 1000, "%.*s", (int)n, bytes);
  return SLUICE_OK;
}

static void inspects(void **state) {
  char text[1000];
  struct kit_options o;
  struct kit_input input = kit_text("[{\"a\":1,\"l\":[{\"x\":\"t\"}]},{\"a\":[]}]");
  struct sluice_input in;
  struct sluice_error err = {0};
  struct sluice_text_out out = {keep_text, text};
  const struct sluice_inspect *power = kit_format()->base->extension(SLUICE_INSPECT);
  void *self;
  (void)state;
  kit_options(&o, "");
  assert_int_equal(kit_format()->open(kit_host(), &o.config, &self, &err), SLUICE_OK);
  kit_input_open(&input, &in);
  assert_int_equal(power->inspect(self, &in, "part", &out, &err), SLUICE_OK);
  in.release(&in);
  kit_format()->close(self);
  assert_string_equal(
      text, "{\"format\":\"json\",\"layout\":\"array\",\"sampled records\":2,\"schema\":[{\"name\":\"a\",\"type\":"
            "\"json\"},{\"name\":\"l\",\"type\":\"list of struct of x string\"}]}");
  assert_null(kit_format()->base->extension("sluice.other/1"));
}

static void probes(void **state) {
  const struct {
    const char *head, *name;
    int least, most;
  } cases[] = {{"{\"a\":1}\n", "x", 50, 99},
               {"[{\"a\":1}]", "x", 50, 99},
               {" [ {", "x", 0, 0},
               {"\xef\xbb\xbf{ }", "x", 50, 99},
               {"a,b\n1,2\n", "x", 0, 0},
               {"", "x.jsonl", 1, 49},
               {"{\"a\":1}", "x.ndjson.gz", 61, 99},
               {"[1,2]", "x.JSON", 1, 49},
               {"{abc}", "x", 0, 0},
               {"\x1e{\"a\":1}", "x", 50, 99},
               {"", "json", 0, 0}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int score = kit_format()->probe(cases[i].head, strlen(cases[i].head), cases[i].name);
    if (score < cases[i].least || score > cases[i].most)
      fail_msg("case %zu: %d", i, score);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(finds_layouts),
      cmocka_unit_test(goes_to_the_records),
      cmocka_unit_test(rejects_bad_lines),
      cmocka_unit_test(treats_broken_arrays),
      cmocka_unit_test(finds_types_of_a_broken_part),
      cmocka_unit_test(delivers_rows_before_a_failure),
      cmocka_unit_test(walks_over_long_records),
      cmocka_unit_test(resumes_behind_every_batch),
      cmocka_unit_test(notices_a_changed_part),
      cmocka_unit_test(goes_on_after_a_failed_read),
      cmocka_unit_test(stops_when_cancelled),
      cmocka_unit_test(splits_lines),
      cmocka_unit_test(does_not_split_arrays),
      cmocka_unit_test(inspects),
      cmocka_unit_test(probes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
