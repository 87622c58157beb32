/* Every allocation of small readings made to fail once: each time a clear error, no leak, and no record lost or there
 * twice; and how much memory hostile parts can take. */
#include "failing.h"
#include "kit.h"
#include <stdlib.h>

static bool failed; /* the last reading came to the allocation that was to fail */

struct reading {
  int64_t rows, rejects;
  int code;
};

static int count_reject(struct sluice_rejects *rejects, const struct sluice_reject *reject, struct sluice_error *err) {
  (void)reject, (void)err;
  ++*(int64_t *)rejects->private_data;
  return SLUICE_OK;
}

/* Reads all with the n-th allocation failing; goes on behind a failure, as a host that has got memory again does. */
static struct reading read_with_failure(const struct kit_options *o, struct kit_input *input, int64_t n) {
  struct reading r = {0};
  struct sluice_rejects rejects = {count_reject, &r.rejects};
  struct kit_options with = *o;
  struct sluice_input in;
  struct sluice_reader reader;
  struct sluice_error err = {0};
  void *self = NULL;
  with.config.records = with.records;
  with.scan.part = with.part;
  with.scan.rejects = &rejects;
  with.scan.want = o->want.release ? &o->want : NULL;
  failing_in = n;
  r.code = kit_format()->open(kit_host(), &with.config, &self, &err);
  if (!r.code) {
    kit_input_open(input, &in);
    r.code = kit_format()->decode(self, &in, &with.scan, &reader, &err);
    if (r.code)
      in.release(&in);
  }
  bool opened = !r.code;
  while (!r.code) {
    struct sluice_batch batch = {.struct_size = sizeof batch};
    r.code = reader.next(&reader, &batch, &err);
    if (r.code)
      break;
    r.rows += batch.array.length;
    sluice_array_release(&batch.array);
  }
  failed = n >= 0 && failing_in < 0;
  failing_in = -1;
  if (opened)
    reader.release(&reader);
  if (self)
    kit_format()->close(self);
  assert_int_equal(input->opened, 0);
  assert_true(!failed || err.message[0]);
  return r;
}

static int64_t fail_each(const char *words, const char *text) {
  struct kit_options o;
  struct kit_input input = kit_text(text);
  int64_t n = 0;
  kit_options(&o, words);
  struct reading all = read_with_failure(&o, &input, -1);
  assert_int_equal(all.code, SLUICE_END);
  for (;; n++) {
    struct reading r = read_with_failure(&o, &input, n);
    if (!failed) {
      assert_int_equal(r.rows, all.rows);
      break;
    }
    assert_int_equal(r.code, SLUICE_ERR_MEMORY);
    assert_true(r.rows <= all.rows && r.rejects <= all.rejects);
  }
  kit_options_finish(&o);
  return n;
}

static void survives_every_failed_allocation(void **state) {
  int64_t n = 0;
  (void)state;
  n += fail_each("rows=2", "{\"a\":1,\"b\":\"x\\n\",\"c\":[1,{\"d\":null}],\"e\":{\"f\":1.5}}\n{\"a\":\"x\"}\nbad\n"
                           "{\"a\":1,\"z\":2}\n{\"b\":\"\xff\",\"a\":true}\n");
  n += fail_each("sample=30 bad_text=replace",
                 "{\"a\":1,\"l\":[[1],[2,3]]}\n{\"a\":\"\xff\"}\n{\"n\\u0041\":[\"\xc3\"],\"l\":[]}\n");
  n += fail_each("extra max_record=40 want=x:int64,b:bool,m:<string>,l:[{p:date32}]",
                 "[{\"b\":true,\"m\":{\"k\":\"v\"},\"q\":1},{\"x\":\"0123456789012345678901234567890123456789\"},"
                 "{\"l\":[{\"p\":\"2024-01-01\"},null]}]");
  n += fail_each("records=/data infer=whole", "{\"x\":[{}],\"data\":[{\"a\":1},{\"a\":{\"b\":2}}]}");
  n += fail_each("rows=3", "{\"a\":true}\n{\"a\":null}\n{}\n{\"a\":false}\nx\n{\"a\":true}\n");
  printf("%lld allocations failed\n", (long long)n);
  assert_true(n > 200);
}

/* ---- hostile parts ---- */

struct text {
  char *data;
  size_t size, capacity;
};
static void put(struct text *t, const char *piece, size_t times) {
  size_t n = strlen(piece);
  if (t->size + n * times + 1 > t->capacity) {
    t->capacity = 2 * (t->size + n * times + 1);
    t->data = realloc(t->data, t->capacity);
    assert_non_null(t->data);
  }
  for (size_t i = 0; i < times; i++, t->size += n)
    memcpy(t->data + t->size, piece, n);
  t->data[t->size] = 0;
}

static void read_text(const char *words, struct text *t, struct kit_result *r) {
  struct kit_options o;
  struct kit_input input = {.data = t->data, .size = t->size};
  kit_options(&o, words);
  kit_read(&o, &input, r);
  kit_options_finish(&o);
  free(t->data);
  *t = (struct text){0};
}

static void stands_deep_nesting(void **state) {
  struct text t = {0};
  struct kit_result r;
  (void)state;
  put(&t, "{\"a\":1,\"b\":", 1);
  put(&t, "[", 1000);
  put(&t, "]", 1000);
  put(&t, "}\n{\"a\":2,\"b\":", 1);
  put(&t, "[", 100000);
  put(&t, "]", 100000);
  put(&t, "}\n{\"a\":3,\"b\":", 1);
  put(&t, "{\"k\":", 100000);
  put(&t, "\n{\"a\":4}\n", 1);
  read_text("", &t, &r);
  assert_int_equal(r.code, SLUICE_END);
  assert_int_equal(r.rows, 2);
  assert_non_null(strstr(r.text, "nested deeper than 1024 levels"));
  kit_result_free(&r);
  put(&t, "{\"a\":1,\"b\":", 1);
  put(&t, "[", 2000);
  put(&t, "]", 2000);
  put(&t, "}\n{\"a\":2}\n", 1);
  read_text("want=a:int64", &t, &r);
  assert_int_equal(r.rows, 1);
  kit_result_free(&r);
}

static void bounds_columns(void **state) {
  struct text t = {0};
  struct kit_result r;
  char name[40];
  (void)state;
  put(&t, "{\"x\":1", 1);
  for (int i = 0; i < 100000; i++) {
    snprintf(name, sizeof name, ",\"key%d\":%d", i, i);
    put(&t, name, 1);
  }
  put(&t, "}\n", 1);
  struct text again = {0};
  put(&again, t.data, 1);
  read_text("max_record=10000000", &t, &r);
  assert_int_equal(r.code, SLUICE_ERR_UNSUPPORTED);
  assert_non_null(strstr(r.err.message, "over 10000 columns"));
  kit_result_free(&r);
  read_text("max_record=10000000 want=x:int64,key99999:", &again, &r);
  assert_int_equal(r.code, SLUICE_END);
  assert_string_equal(r.text, "x int64, key99999 int64\n0 1, 99999\n");
  kit_result_free(&r);
}

/* What has too many names is data: it stays JSON. */
static void keeps_crowded_objects_as_json(void **state) {
  struct text t = {0};
  struct kit_result r;
  char name[40];
  (void)state;
  put(&t, "{\"id\":1,\"m\":{\"k\":0", 1);
  for (int i = 0; i < 1500; i++) {
    snprintf(name, sizeof name, ",\"key%d\":%d", i, i);
    put(&t, name, 1);
  }
  put(&t, "}}\n", 1);
  read_text("", &t, &r);
  assert_int_equal(r.code, SLUICE_END);
  assert_memory_equal(r.text, "id int64, m json\n", 17);
  kit_result_free(&r);
}

/* Two bytes of input that make thousands of nulls cost as much as they take. */
static void bounds_nulls(void **state) {
  struct text t = {0};
  struct kit_result r;
  char name[40];
  (void)state;
  put(&t, "{\"l\":[{\"k\":0", 1);
  for (int i = 0; i < 900; i++) {
    snprintf(name, sizeof name, ",\"key%d\":%d", i, i);
    put(&t, name, 1);
  }
  put(&t, "}]}\n{\"l\":[{}", 1);
  put(&t, ",{}", 300000);
  put(&t, "]}\n", 1);
  read_text("bytes=100000 sample=10000", &t, &r);
  assert_int_equal(r.code, SLUICE_END);
  assert_int_equal(r.rows, 1);
  assert_non_null(strstr(r.text, "too much memory"));
  kit_result_free(&r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(survives_every_failed_allocation),
      cmocka_unit_test(stands_deep_nesting),
      cmocka_unit_test(bounds_columns),
      cmocka_unit_test(keeps_crowded_objects_as_json),
      cmocka_unit_test(bounds_nulls),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
