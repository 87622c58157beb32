/* Every allocation of a small reading made to fail once: each time a clear error, no leak, and nothing half done. */
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "failing.h"
#include "kit.h"
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
  n += fail_each("infer = whole\nbatch_rows = 1\ndate_formats = %d/%m/%Y|%F\ntime_formats = %H:%M\n"
                 "timestamp_formats = %F %T\ntrue_values = y\nfalse_values = n\n",
                 "a,b,c,d\n01/02/2020,10:20,2020-01-02 03:04:05,y\n2020-01-02,10:21,2020-01-02 03:04:06,n\n,,,\n");
  n += fail_each("thousands = ,\nfractions = decimal\nquote = '\n", "a,b\n'1,000.5','31/12/2020'\n'2','01/02/2020'\n");
  printf("%lld allocations failed\n", (long long)n);
  assert_true(n > 200);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(survives_every_failed_allocation)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
