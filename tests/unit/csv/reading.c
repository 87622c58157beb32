/* Resuming at every batch, splits, rejects, records over max_line, inputs that fail, cancel, and the probe. */
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "kit.h"
#include <stdlib.h>

static const char *const samples[] = {
    "a,b\n1,x\n2,\"y\nz\"\n\n3,w\n4,\n5,v\n6,\"q\"\"q\"\n7,s\n",
    "a,b\r\n1,x\r\n2\r\n3,w\r\nbad,\r\n\r\n5,v\r\n6,u\r\n7,\"open\r\n8,r\r\n",
    "a\r1\r\r\r\n3\r\n4\rx\r5\r",
    "\xef\xbb\xbf\n\na,b\n1,2\n3,4\n0123456789012345678901234567890123456789,4\n5,6\n7,8",
    "a,b\n1,x\n2,y\n3,z\n4,w\n5,v\n\nSource: a letter\nof last year\n",
};
static const char *const settings[] = {"",
                                       "header = false\n",
                                       "want = a:string\nsample = 6\n",
                                       "max_line = 30\n",
                                       "ragged = pad\nbatch_bytes = 9\n",
                                       "comment = #\n",
                                       "encoding = latin1\n",
                                       "skip_footer = 1\n",
                                       "lone_quotes = text\nragged = fit\n",
                                       "find = all\nheader_rows = 1\n",
                                       "find = all\nencoding = latin1\n"};

static struct kit_bytes bytes_of(const char *text) {
  return (struct kit_bytes){.data = (const uint8_t *)text, .size = strlen(text)};
}

struct reading { /* what was read from a position on: a text a batch, and where each ended */
  char *texts[64];
  struct sluice_position ends[64];
  size_t n;
};

static void add_batch(struct reading *r, const struct ArrowSchema *schema, const struct sluice_batch *batch) {
  size_t size;
  FILE *out = open_memstream(&r->texts[r->n], &size);
  fprintf(out, "first %lld, end %lld at %lld\n", (long long)batch->first_row, (long long)batch->end.row,
          (long long)batch->end.offset);
  kit_print_schema(out, schema);
  kit_print_batch(out, schema, batch);
  fclose(out);
  r->ends[r->n++] = batch->end;
}

static struct reading read_from(const struct kit_options *o, const char *input, bool unknown_size,
                                struct sluice_position from) {
  struct reading r = {.n = 0};
  struct kit_options with = *o;
  struct kit_bytes bytes = bytes_of(input);
  struct kit_rejects rejects;
  struct kit_open open;
  struct ArrowSchema schema = {0};
  struct sluice_error err = {0};
  bytes.unknown_size = unknown_size;
  kit_rejects_init(&rejects, NULL);
  with.scan.rejects = &rejects.base;
  with.scan.from = from;
  assert_int_equal(kit_open(&with, &bytes, &open, &err), SLUICE_OK);
  assert_int_equal(open.reader.schema(&open.reader, &schema, &err), SLUICE_OK);
  for (;;) {
    struct sluice_batch batch = {.struct_size = sizeof batch};
    int rc = open.reader.next(&open.reader, &batch, &err);
    if (rc == SLUICE_END)
      break;
    assert_int_equal(rc, SLUICE_OK);
    assert_int_equal(sluice_array_validate(&schema, &batch.array, SLUICE_CHECK_FULL, &err), SLUICE_OK);
    assert_true(r.n < 64);
    add_batch(&r, &schema, &batch);
    sluice_array_release(&batch.array);
  }
  sluice_schema_release(&schema);
  kit_close(&open);
  assert_int_equal(bytes.opened, 0);
  return r;
}

static void reading_finish(struct reading *r) {
  for (size_t i = 0; i < r->n; i++)
    free(r->texts[i]);
}

/* Whatever batch reading is resumed behind, exactly the following batches come. */
static void resume_everywhere(const struct kit_options *o, const char *input) {
  struct reading all = read_from(o, input, false, (struct sluice_position){0});
  for (size_t i = 0; i < all.n; i++) {
    for (int unknown = 0; unknown < 2; unknown++) {
      struct reading rest = read_from(o, input, unknown, all.ends[i]);
      assert_int_equal(rest.n, all.n - i - 1);
      for (size_t k = 0; k < rest.n; k++)
        assert_string_equal(rest.texts[k], all.texts[i + 1 + k]);
      reading_finish(&rest);
    }
  }
  reading_finish(&all);
}

static void resumes_at_every_batch(void **state) {
  static const int64_t rows[] = {1, 2, 3, 7};
  (void)state;
  for (size_t s = 0; s < sizeof samples / sizeof *samples; s++)
    for (size_t t = 0; t < sizeof settings / sizeof *settings; t++)
      for (size_t r = 0; r < 4; r++) {
        struct kit_options o;
        kit_defaults(&o);
        kit_parse_options(&o, settings[t]);
        o.scan.batch_rows = rows[r];
        resume_everywhere(&o, samples[s]);
        kit_options_finish(&o);
      }
}

/* Two splits that meet at a record give what the whole gives. */
static void reads_splits(void **state) {
  const char *input = "a,b\n1,x\n2,y\n\n3,z\n4,w\n";
  struct kit_options o;
  (void)state;
  for (int64_t cut = 4; cut <= 21; cut++) {
    if (input[cut - 1] != '\n')
      continue;
    kit_defaults(&o);
    o.scan.end.offset = cut;
    struct kit_bytes bytes = bytes_of(input), again = bytes_of(input), whole = bytes_of(input);
    char *first = kit_dump(&o, &bytes);
    kit_defaults(&o);
    o.scan.begin = (struct sluice_position){.row = 100, .offset = cut};
    char *second = kit_dump(&o, &again);
    kit_defaults(&o);
    char *all = kit_dump(&o, &whole);
    size_t rows = 0;
    for (int64_t value = 1; value <= 4; value++) {
      char cell[8];
      snprintf(cell, sizeof cell, "| %d |", (int)value);
      bool here = strstr(first, cell) != NULL, there = strstr(second, cell) != NULL;
      assert_true(here != there);
      rows += here;
    }
    if (rows < 4)
      assert_non_null(strstr(second, "\n100 |"));
    free(first);
    free(second);
    free(all);
  }
}

static void counts_rows_of_batches(void **state) {
  struct kit_options o;
  struct kit_rejects rejects;
  struct kit_open open;
  struct sluice_error err = {0};
  struct kit_bytes bytes = bytes_of("a,b\n1,2\nx\n3,4\n5,6\n7,8\n");
  struct sluice_batch batch = {.struct_size = sizeof batch};
  (void)state;
  kit_defaults(&o);
  kit_rejects_init(&rejects, NULL);
  o.scan.rejects = &rejects.base;
  o.scan.batch_rows = 3;
  assert_int_equal(kit_open(&o, &bytes, &open, &err), SLUICE_OK);
  assert_int_equal(open.reader.next(&open.reader, &batch, &err), SLUICE_OK);
  assert_int_equal(batch.array.length, 2);
  assert_int_equal(batch.end.row, 3);
  assert_int_equal(batch.end.offset, 14);
  assert_non_null(batch.origin);
  assert_int_equal(batch.origin[0], 0);
  assert_int_equal(batch.origin[1], 2);
  sluice_array_release(&batch.array);
  batch = (struct sluice_batch){.struct_size = sizeof batch};
  assert_int_equal(open.reader.next(&open.reader, &batch, &err), SLUICE_OK);
  assert_int_equal(batch.first_row, 3);
  assert_null(batch.origin);
  sluice_array_release(&batch.array);
  assert_int_equal(open.reader.next(&open.reader, &batch, &err), SLUICE_END);
  assert_int_equal(open.reader.next(&open.reader, &batch, &err), SLUICE_END);
  kit_close(&open);
}

static void stops_at_the_first_fault_without_rejects(void **state) {
  struct kit_options o;
  struct kit_open open;
  struct sluice_error err = {0};
  struct kit_bytes bytes = bytes_of("a,b\n1,2\nx\n");
  struct sluice_batch batch = {.struct_size = sizeof batch};
  (void)state;
  kit_defaults(&o);
  assert_int_equal(kit_open(&o, &bytes, &open, &err), SLUICE_OK);
  assert_int_equal(open.reader.next(&open.reader, &batch, &err), SLUICE_ERR_DATA);
  assert_int_equal(err.row, 1);
  assert_int_equal(err.offset, 8);
  assert_string_equal(err.where, "part");
  kit_close(&open);
}

/* A header, a record of 200 MB, and one behind it. */
enum { LONG_RECORD = 200 * 1000 * 1000 };
static void make_long(int64_t offset, uint8_t *out, size_t n) {
  static const char before[] = "a,b\n1,2\n", behind[] = "\n3,4\n";
  memset(out, 'x', n);
  for (int64_t at = offset; at < 8; at++)
    out[at - offset] = (uint8_t)before[at];
  int64_t from = offset > 8 + LONG_RECORD ? offset : 8 + LONG_RECORD;
  for (int64_t at = from; at < offset + (int64_t)n; at++)
    out[at - offset] = (uint8_t)behind[at - 8 - LONG_RECORD];
}

static int64_t peak_kilobytes(void) {
  char line[256];
  long long peak = 0;
  FILE *file = fopen("/proc/self/status", "r");
  while (file && fgets(line, sizeof line, file))
    if (sscanf(line, "VmHWM: %lld", &peak) == 1)
      break;
  if (file)
    fclose(file);
  return peak;
}

static void walks_over_a_long_record(void **state) {
  struct kit_options o;
  struct kit_bytes bytes = {.size = 8 + LONG_RECORD + 5, .make = make_long};
  int64_t before = peak_kilobytes();
  (void)state;
  kit_defaults(&o);
  o.config.max_line = 1 << 20;
  char *text = kit_dump(&o, &bytes);
  assert_non_null(strstr(text,
                         "reject 1 at 8: the record has 200000000 bytes, and max_line is 1048576 (of its 200000000 "
                         "bytes the first 65536 are kept) [xxxx"));
  assert_non_null(strstr(text, "0 | 1 | 2\n2 | 3 | 4\nend\n"));
  free(text);
  assert_true(peak_kilobytes() - before < 40 * 1024);
}

/* A footer far behind the start, with as many quotes before it as are good, or one more within quotes than lines. */
static void finds_a_far_footer(void **state) {
  static const char *const records[] = {"%d,x\n", "%d,\"x, y\"\n", "%d,\"x\ny\"\n"};
  (void)state;
  for (size_t k = 0; k < sizeof records / sizeof *records; k++) {
    struct kit_options o;
    char *text = NULL, last[64];
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    fputs("id,what\n", out);
    for (int i = 0; i <= 20000; i++)
      fprintf(out, k == 2 && i % 7 ? records[0] : records[k], i);
    fputs("\nSource: a letter of last year\n", out);
    fclose(out);
    struct kit_bytes bytes = {.data = (const uint8_t *)text, .size = size};
    kit_defaults(&o);
    kit_find_all(&o);
    o.scan.batch_rows = 100 * 1000;
    char *got = kit_dump(&o, &bytes);
    assert_non_null(strstr(got, "1 line behind the table is skipped"));
    assert_null(strstr(got, "reject"));
    snprintf(last, sizeof last, "20000 | 20000 | \"x%s\"\nend\n", k == 1 ? ", y" : "");
    assert_non_null(strstr(got, last));
    free(got);
    free(text);
  }
}

/* Every read made to fail once, in every way: the code passes unchanged, and nothing leaks. */
static void passes_errors_of_the_input(void **state) {
  static const int codes[] = {SLUICE_ERR_RETRY, SLUICE_ERR_CANCELLED, SLUICE_ERR_CHANGED, SLUICE_ERR_AUTH};
  size_t size = 3 * CSV_CHUNK;
  char *big = malloc(size + 1);
  (void)state;
  for (size_t i = 0; i < size; i += 4)
    memcpy(big + i, i ? "1,2\n" : "a,b\n", 4);
  big[size] = 0;
  for (int read = 1; read <= 3; read++)
    for (size_t c = 0; c < 4; c++) {
      struct kit_options o;
      char expected[32];
      struct kit_bytes bytes = bytes_of(big);
      bytes.fail_read = read;
      bytes.fail_code = codes[c];
      kit_defaults(&o);
      o.config.sample = 1000;
      char *text = kit_dump(&o, &bytes);
      snprintf(expected, sizeof expected, "error %d: this read", codes[c]);
      assert_non_null(strstr(text, expected));
      assert_int_equal(bytes.opened, 0);
      free(text);
    }
  free(big);
}

static void go_on_after_retry(const char *text, int fail_read, size_t lost) {
  size_t size = 4 * CSV_CHUNK, rows = 0;
  char *big = malloc(size + 1);
  struct kit_options o;
  struct kit_open open;
  struct sluice_error err = {0};
  for (size_t i = 0; i < size; i += 4)
    memcpy(big + i, i ? "1,2\n" : "a,b\n", 4);
  big[size] = 0;
  struct kit_bytes bytes = bytes_of(big);
  bytes.fail_read = fail_read;
  bytes.fail_code = SLUICE_ERR_RETRY;
  kit_defaults(&o);
  kit_parse_options(&o, text);
  o.config.sample = 1000;
  o.scan.batch_rows = 1000000;
  assert_int_equal(kit_open(&o, &bytes, &open, &err), SLUICE_OK);
  for (int rc = SLUICE_OK; rc != SLUICE_END;) {
    struct sluice_batch batch = {.struct_size = sizeof batch};
    err = (struct sluice_error){0};
    rc = open.reader.next(&open.reader, &batch, &err);
    assert_true(rc == SLUICE_OK || rc == SLUICE_END || rc == SLUICE_ERR_RETRY);
    if (rc != SLUICE_OK)
      continue;
    rows += (size_t)batch.array.length;
    sluice_array_release(&batch.array);
  }
  assert_int_equal(rows, size / 4 - 1 - lost);
  kit_close(&open);
  free(big);
}

/* After RETRY the same reader goes on, and no row is lost or doubled. */
static void goes_on_after_retry(void **state) {
  (void)state;
  for (int read = 3; read <= 4; read++) {
    go_on_after_retry("", read, 0);
    go_on_after_retry("encoding = latin1\n", read, 0);
    go_on_after_retry("encoding = shift_jis\nskip_footer = 3\n", read, 3);
    go_on_after_retry("trim = true\n", read, 0);
  }
}

static void stops_when_cancelled(void **state) {
  struct kit_options o;
  struct kit_open open;
  struct sluice_error err = {0};
  struct kit_bytes bytes = bytes_of("a\n1\n");
  struct sluice_batch batch = {.struct_size = sizeof batch};
  (void)state;
  kit_defaults(&o);
  assert_int_equal(kit_open(&o, &bytes, &open, &err), SLUICE_OK);
  kit_cancelled = 1;
  assert_int_equal(open.reader.next(&open.reader, &batch, &err), SLUICE_ERR_CANCELLED);
  kit_cancelled = 0;
  kit_close(&open);
}

/* Of unknown size: never back behind the first MiB, even when resumed far in. */
static void reads_forward_only(void **state) {
  size_t size = 5 << 20;
  char *big = malloc(size + 1);
  struct kit_options o;
  (void)state;
  for (size_t i = 0; i < size; i += 4)
    memcpy(big + i, i ? "1,2\n" : "a,b\n", 4);
  big[size] = 0;
  struct kit_bytes bytes = bytes_of(big);
  bytes.unknown_size = true;
  kit_defaults(&o);
  o.scan.from = (struct sluice_position){.row = (4 << 20) / 4 - 1, .offset = 4 << 20};
  char *text = kit_dump(&o, &bytes);
  assert_false(bytes.rewound);
  assert_non_null(strstr(text, "a: int64, b: int64\n1048575 | 1 | 2\n"));
  assert_non_null(strstr(text, "1310718 | 1 | 2\nend\n"));
  free(text);
  struct kit_bytes sized = bytes_of(big);
  kit_defaults(&o);
  o.scan.batch_rows = 100000;
  text = kit_dump(&o, &sized);
  assert_true(sized.announced > 0 && sized.announced <= (int64_t)size);
  free(text);
  free(big);
}

static void refuses_wrong_options(void **state) {
  static const char *const wrong[] = {"delimiter = abcdefgh\n", "delimiter = \xc2\xa7\n", "quote = xx\n",
                                      "quote = ,\ndelimiter = ,\n"};
  (void)state;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    struct kit_options o;
    struct kit_open open;
    struct sluice_error err = {0};
    struct kit_bytes bytes = bytes_of("a\n1\n");
    kit_defaults(&o);
    kit_parse_options(&o, wrong[i]);
    assert_int_equal(kit_open(&o, &bytes, &open, &err), SLUICE_ERR_CONFIG);
    assert_true(err.where[0] != 0);
  }
}

static void probes(void **state) {
  static const struct {
    const char *text, *name;
    int lowest, highest;
  } heads[] = {
      {"a,b\n1,2\n", "x", 50, 99},
      {"a;b;c\n1;2;3\n4;\"x;\n\";6\n", "x", 50, 99},
      {"a\tb\n1\t2\n", "x", 50, 99},
      {"one\ntwo\n", "x.csv", 1, 49},
      {"one\ntwo\n", "x.TSV.gz", 1, 49},
      {"one\ntwo\n", "x.log", 0, 0},
      {"", "x.csv", 1, 49},
      {"{\"a\":1,\"b\":2}\n{\"a\":1,\"b\":2}\n", "x", 0, 0},
      {"PAR1\x01\x02", "x.csv", 0, 0},
      {"Obj\x01,\n,\n", "x.csv", 0, 49}, /* the magic of Avro is for its own reader to know */
      {"a,b\n1,2,3\n1\n", "x", 0, 0},
      {"number,text\n1,one\n2,tw\xff\n3,three\n4,four\n", "x.csv", 1, 49},
      {"number,text\n1,one\n2,tw\xff\n3,three\n4,four\n", "x", 0, 0},
      {"\xff\xfe"
       "a\0,\0",
       "x.csv", 1, 49},
      {"\xff\xfe"
       "a\0,\0",
       "x.bin", 0, 0},
      {"a,b\n1,\xff\xff\xff\xff\xff\n", "x.csv", 1, 49}, /* of an encoding with one byte a character */
      {"a,b\n1,\xff\xff\xff\xff\xff\n", "x", 0, 0},
      {"a,b\n1,\x02\x03\x04\x05\x06\n", "x.csv", 0, 0},
      {"a\x01"
       "b\n1\x01"
       "2\n",
       "x", 50, 99},
      {"a,b\n1,2\n\x1a", "x.csv", 30, 99},
  };
  (void)state;
  for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
    int got = kit_format()->probe(heads[i].text, strlen(heads[i].text), heads[i].name);
    if (got < heads[i].lowest || got > heads[i].highest)
      fprintf(stderr, "head %zu gives %d\n", i, got);
    assert_in_range(got, heads[i].lowest, heads[i].highest);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(resumes_at_every_batch),     cmocka_unit_test(reads_splits),
      cmocka_unit_test(counts_rows_of_batches),     cmocka_unit_test(stops_at_the_first_fault_without_rejects),
      cmocka_unit_test(walks_over_a_long_record),   cmocka_unit_test(finds_a_far_footer),
      cmocka_unit_test(passes_errors_of_the_input), cmocka_unit_test(goes_on_after_retry),
      cmocka_unit_test(stops_when_cancelled),       cmocka_unit_test(reads_forward_only),
      cmocka_unit_test(refuses_wrong_options),      cmocka_unit_test(probes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
