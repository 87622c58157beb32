/* Every allocation of a small reading made to fail once: each time a clear error, no leak, and nothing half done. */
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "failing.h"
#include "kit.h"
#include <sluice/services.h>
#include <stdlib.h>

/* Reads all with the n-th allocation failing; true if it was reached. */
static bool read_with_failure(const struct kit_options *o, const char *input, size_t size, int64_t n, int64_t *rows) {
  struct kit_bytes bytes = {.data = (const uint8_t *)input, .size = size};
  struct kit_options with = *o;
  struct kit_rejects rejects;
  struct kit_open open;
  struct sluice_error err = {0};
  kit_rejects_init(&rejects, NULL);
  with.scan.rejects = &rejects.base;
  failing_in = n;
  *rows = 0;
  int rc = kit_open(&with, &bytes, &open, &err);
  while (rc == SLUICE_OK) {
    struct sluice_batch batch = {.struct_size = sizeof batch};
    rc = open.reader.next(&open.reader, &batch, &err);
    if (rc)
      break;
    *rows += batch.array.length;
    sluice_array_release(&batch.array);
  }
  bool reached = failing_in < 0;
  failing_in = -1;
  kit_close(&open);
  assert_int_equal(bytes.opened, 0);
  assert_int_equal(rc, reached ? SLUICE_ERR_MEMORY : SLUICE_END);
  if (reached)
    assert_true(err.message[0] != 0);
  return reached;
}

static int64_t fail_each_of(const char *settings, const char *input, size_t size) {
  struct kit_options o;
  int64_t n = 0, rows;
  kit_defaults(&o);
  kit_parse_options(&o, settings);
  while (read_with_failure(&o, input, size, n, &rows))
    n++;
  kit_options_finish(&o);
  assert_true(rows > 0);
  return n;
}

static int64_t fail_each(const char *settings, const char *input) {
  return fail_each_of(settings, input, strlen(input));
}

static void survives_every_failed_allocation(void **state) {
  int64_t n = 0;
  (void)state;
  n += fail_each("batch_rows = 2\n", "a,b,a\n1,x,\"q\"\"q\"\n2,,true\n\n3,y,z\nbad\n4,\"l\nm\",\n");
  n += fail_each("want = x:int64,b:bool,a:double!\nextra = 1\nmax_line = 20\n",
                 "a,b,c\n1,true,x\n,false,x\n1234567890123456789012345,,\n2,,\"7\"\"\"\n");
  n += fail_each("header = false\nragged = pad\n", "2024-01-01,x\n\n2024-01-02\n");
  n += fail_each("comment = #\nescape = \\\nmax_line = 20\n",
                 "a,b\n1,x\n#\n2,\"p\\\"\"\n3,45678901234567890123456\n4\n");
  n += fail_each("lone_quotes = text\nragged = fit\ntrim = true\n", "a,b\n1,\"\"x\"\n2,\"y,\"z\"\n3\n4,\"\n");
  n += fail_each("header_rows = 2\nskip_rows = 1\nskip_footer = 2\n", "x\na,,c\nd,e,f,g\n1,2,3,4\nend\nof it\n");
  n += fail_each("invalid_utf8 = replace\n", "a,b\n1,\"\xff\"\n2,\xe2\x82\n");
  n += fail_each("encoding = latin1\n", "a,b\n1,\"\xff\"\n2,\xe2\x82\n");
  n += fail_each_of("skip_footer = 1\n",
                    "\xff\xfe"
                    "a\0\n\0"
                    "1\0\n\0"
                    "x\0",
                    12);
  n += fail_each("find = all\n", "title\n\na;b\n1;'x, y'\n2;\"z\\\"\"\n3;w\n");
  n += fail_each("find = all\nlone_quotes = text\n", "# made\n# by, hand\na,b\n1,\"x\"y\n2,z\n");
  n += fail_each("find = all\ninfer = whole\n", "a,,b,\nx,y,x,y\n1,2,3,4\n5,6,7,8\n9,8,7,6\n\nSource: a letter\n");
  n += fail_each("find = all\n", "a;b\n1;2;\n3;4;\n");
  n += fail_each("find = all\n", "a || b\n1 || 2\n3 || 4\n");
  n += fail_each("infer = whole\nbatch_rows = 1\ndate_formats = %d/%m/%Y|%F\ntime_formats = %H:%M\n"
                 "timestamp_formats = %F %T\ntrue_values = y\nfalse_values = n\n",
                 "a,b,c,d\n01/02/2020,10:20,2020-01-02 03:04:05,y\n2020-01-02,10:21,2020-01-02 03:04:06,n\n,,,\n");
  n += fail_each("thousands = ,\nfractions = decimal\nquote = '\n", "a,b\n'1,000.5','31/12/2020'\n'2','01/02/2020'\n");
  printf("%lld allocations failed\n", (long long)n);
  assert_true(n > 200);
}

static int count_split(struct sluice_splits *splits, const struct sluice_split *split, struct sluice_error *err) {
  (void)split;
  (void)err;
  ++*(int *)splits->private_data;
  return SLUICE_OK;
}

static int put_nothing(struct sluice_text_out *out, const char *bytes, size_t n, struct sluice_error *err) {
  (void)bytes;
  (void)n;
  (void)err;
  ++*(int *)out->private_data;
  return SLUICE_OK;
}

/* Plans the part (or tells what is in it) with the n-th allocation failing; true if it was reached. */
static bool look_with_failure(const struct kit_options *o, const char *input, bool plan, int64_t n) {
  const struct sluice_inspect *inspect = kit_format()->base->extension(SLUICE_INSPECT);
  struct kit_bytes bytes = {.data = (const uint8_t *)input, .size = strlen(input)};
  struct sluice_input in;
  struct sluice_error err = {0};
  int seen = 0;
  struct sluice_splits splits = {count_split, &seen};
  struct sluice_text_out out = {put_nothing, &seen};
  void *self = kit_format_open(o);
  kit_input(&bytes, &in);
  failing_in = n;
  int rc = plan ? kit_format()->plan(self, &in, &o->scan, 6, &splits, &err)
                : inspect->inspect(self, &in, "part", &out, &err);
  bool reached = failing_in < 0;
  failing_in = -1;
  in.release(&in);
  kit_format()->close(self);
  assert_int_equal(bytes.opened, 0);
  assert_int_equal(rc, reached ? SLUICE_ERR_MEMORY : SLUICE_OK);
  assert_true(reached ? err.message[0] != 0 : seen > 0);
  return reached;
}

static void plans_and_tells_without_memory(void **state) {
  int64_t n[2] = {0, 0};
  (void)state;
  for (int plan = 0; plan < 2; plan++) {
    struct kit_options o;
    kit_defaults(&o);
    kit_find_all(&o);
    while (look_with_failure(&o, "a,b\n1,\"x\ny\"\n2,z\n3,w\n4,v\n", plan, n[plan]))
      n[plan]++;
    kit_options_finish(&o);
    assert_true(n[plan] > 10);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(survives_every_failed_allocation),
                                     cmocka_unit_test(plans_and_tells_without_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
