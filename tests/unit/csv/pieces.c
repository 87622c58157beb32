/* Pieces: whatever their size, and wherever quotes and line ends are, together they give what the part gives. */
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "kit.h"
#include <stdlib.h>

enum { PIECES_MAX = 4096 };

struct plan {
  struct sluice_splits base;
  struct sluice_split splits[PIECES_MAX];
  size_t n;
};

static int add_split(struct sluice_splits *splits, const struct sluice_split *split, struct sluice_error *err) {
  struct plan *p = splits->private_data;
  (void)err;
  assert_true(p->n < PIECES_MAX);
  if (p->n)
    assert_memory_equal(&split->begin, &p->splits[p->n - 1].end, sizeof split->begin);
  else
    assert_int_equal(split->begin.row, 0);
  p->splits[p->n++] = *split;
  return SLUICE_OK;
}

static void plan_pieces(const struct kit_options *o, const char *data, size_t size, int64_t split_bytes,
                        struct plan *out) {
  struct kit_bytes bytes = {.data = (const uint8_t *)data, .size = size};
  struct sluice_input in;
  struct sluice_error err = {0};
  void *self = kit_format_open(o);
  *out = (struct plan){.base = {add_split, out}};
  kit_input(&bytes, &in);
  int rc = kit_format()->plan(self, &in, &o->scan, split_bytes, &out->base, &err);
  assert_true(rc == SLUICE_OK || (rc == SLUICE_ERR_DATA && out->n == 0)); /* a header that cannot be read */
  in.release(&in);
  kit_format()->close(self);
  if (out->n)
    assert_int_equal(out->splits[out->n - 1].end.offset, 0);
}

struct reading { /* rows and rejects as text, each with its number where numbers are known */
  FILE *rows, *rejects;
  char *row_text, *reject_text;
  size_t row_size, reject_size;
};

static void reading_begin(struct reading *r) {
  *r = (struct reading){.row_text = NULL};
  r->rows = open_memstream(&r->row_text, &r->row_size);
  r->rejects = open_memstream(&r->reject_text, &r->reject_size);
}

static void reading_end(struct reading *r) {
  fclose(r->rows);
  fclose(r->rejects);
}

static void reading_finish(struct reading *r) {
  free(r->row_text);
  free(r->reject_text);
}

static void read_piece(const struct kit_options *o, const char *data, size_t size, const struct sluice_split *split,
                       bool numbered, struct reading *out) {
  struct kit_options with = *o;
  struct kit_bytes bytes = {.data = (const uint8_t *)data, .size = size};
  if (split) {
    with.scan.begin = split->begin;
    with.scan.end = split->end;
  }
  char *text = kit_dump(&with, &bytes), *line = strchr(text, '\n') + 1; /* behind the schema */
  for (char *next; *line; line = next) {
    bool reject = strncmp(line, "reject ", 7) == 0;
    next = strchr(line, '\n') + 1;
    const char *from = numbered ? line : reject ? strstr(line, " at ") : strchr(line, '|');
    if (from && from < next && strncmp(line, "end\n", 4) != 0)
      fwrite(from, 1, (size_t)(next - from), reject ? out->rejects : out->rows);
  }
  free(text);
}

static bool are_numbered(const struct plan *plan) {
  for (size_t i = 1; i < plan->n; i++)
    if (plan->splits[i].begin.row == 0)
      return false;
  return true;
}

static size_t compare(const struct kit_options *o, const char *data, size_t size, int64_t split_bytes) {
  static struct plan plan;
  struct reading whole, pieces;
  plan_pieces(o, data, size, split_bytes, &plan);
  if (plan.n == 0)
    return 0;
  bool numbered = are_numbered(&plan);
  reading_begin(&whole);
  reading_begin(&pieces);
  read_piece(o, data, size, NULL, numbered, &whole);
  for (size_t i = 0; i < plan.n; i++)
    read_piece(o, data, size, &plan.splits[i], numbered, &pieces);
  reading_end(&whole);
  reading_end(&pieces);
  bool same = strcmp(whole.row_text, pieces.row_text) == 0 && strcmp(whole.reject_text, pieces.reject_text) == 0;
  if (!same) {
    fprintf(stderr, "pieces of %lld bytes differ, of\n%.*s\nwhole:\n%s%s\npieces:\n%s%s\n", (long long)split_bytes,
            (int)size, data, whole.row_text, whole.reject_text, pieces.row_text, pieces.reject_text);
    fail();
  }
  reading_finish(&whole);
  reading_finish(&pieces);
  return plan.n;
}

static size_t compare_with(const char *settings, const char *data, size_t size, int64_t split_bytes) {
  struct kit_options o;
  kit_defaults(&o);
  o.config.sample = 1;
  kit_parse_options(&o, settings);
  size_t n = compare(&o, data, size, split_bytes);
  kit_options_finish(&o);
  return n;
}

/* A record whose quotes and line ends wander through the blocks of 64 bytes. */
static void line_ends_at_every_offset(void **state) {
  static const char *const records[] = {"1,\"x\ny\"\n", "2,\"\n\"\n",        "3,\"\"\"\n\"\"\"\n", "4,\"\",\r\n",
                                        "5,p\"q\n",     "\"6\"z,\"a\nb\"\n", "\n\n7,\"\r\n\"\r"};
  size_t pieces = 0;
  (void)state;
  for (size_t r = 0; r < sizeof records / sizeof *records; r++)
    for (int pad = 0; pad < 68; pad++) {
      char data[600];
      int n = snprintf(data, sizeof data, "a,b\n%0*d,x\n%s%0*d,\"y\"\n%s%sz,w\n", 1 + pad, 0, records[r], 30, 1,
                       records[r], records[r]);
      for (int64_t split = 5 + pad % 7; split < 90; split += 23)
        pieces += compare_with("", data, (size_t)n, split);
    }
  printf("%zu pieces\n", pieces);
  assert_true(pieces > 3000);
}

/* A footer that was found ends the last piece, wherever it is cut. */
static void footer_is_of_no_piece(void **state) {
  const char *data = "a,b\n1,x\n2,y\n3,z\n4,w\n5,v\n6,u\n7,t\n\nSource: a letter\nof last year\n";
  size_t pieces = 0;
  (void)state;
  for (int64_t split = 1; split < 40; split++) {
    pieces += compare_with("find = all\nsample = 1000\n", data, strlen(data), split);
    pieces += compare_with("find = all\nsample = 1000\npieces = lines\n", data, strlen(data), split);
  }
  assert_true(pieces > 150);
}

static uint32_t next_random(uint32_t *state) {
  return *state = *state * 1664525u + 1013904223u;
}

static void any_text(void **state) {
  static const char *const settings[] = {"",
                                         "pieces = lines\n",
                                         "quote = \n",
                                         "lone_quotes = text\n",
                                         "pieces = lines\nline_end = crlf\n",
                                         "pieces = lines\nline_end = cr\nlone_quotes = text\n",
                                         "header = false\nragged = fit\n",
                                         "max_line = 12\n",
                                         "delimiter = ;;\npieces = lines\n",
                                         "comment = #\npieces = lines\n"};
  static const char letters[] = "aa1,,,\"\"\"\n\n\r; #";
  uint32_t seed = 7;
  size_t pieces = 0;
  (void)state;
  for (int round = 0; round < 4000; round++) {
    char data[400] = "a,b\n";
    size_t n = 4 + next_random(&seed) % 390;
    for (size_t i = 4; i < n; i++)
      data[i] = letters[(next_random(&seed) >> 16) % (sizeof letters - 1)];
    pieces += compare_with(settings[round % 10], data, n, 1 + (next_random(&seed) >> 16) % 60);
  }
  printf("%zu pieces\n", pieces);
  assert_true(pieces > 10000);
}

static void plans_only_what_it_can_prove(void **state) {
  static const struct {
    const char *settings, *part;
    bool several;
  } cases[] = {{"", "data.csv", true},
               {"", "file:///tmp/data.csv", true},
               {"", "s3://bucket/data.csv", false},
               {"pieces = scan\n", "s3://bucket/data.csv", true},
               {"pieces = lines\n", "s3://bucket/data.csv", true},
               {"quote = \n", "s3://bucket/data.csv", true},
               {"pieces = none\n", "data.csv", false},
               {"escape = \\\n", "data.csv", false},
               {"encoding = latin1\n", "data.csv", false},
               {"skip_footer = 1\n", "data.csv", false}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    static struct plan plan;
    struct kit_options o;
    kit_defaults(&o);
    kit_parse_options(&o, cases[i].settings);
    o.scan.part = cases[i].part;
    plan_pieces(&o, "a,b\n1,2\n3,4\n5,6\n7,8\n", 20, 4, &plan);
    assert_int_equal(plan.n > 1, cases[i].several);
    kit_options_finish(&o);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(line_ends_at_every_offset),
                                     cmocka_unit_test(footer_is_of_no_piece), cmocka_unit_test(any_text),
                                     cmocka_unit_test(plans_only_what_it_can_prove)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
