/* All ways to index a block agree: on random texts, bounds and dialects each scanner that the machine has gives the
 * same index as the state machine alone, which takes one character after the other. */
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "cuts.h"
#include <stdlib.h>

static uint64_t seed = 7;
static uint32_t random_below(uint32_t n) {
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return (uint32_t)(seed >> 20) % n;
}

/* Mostly records of so many fields, well-formed but for some accidents. */
static size_t make_text(uint8_t *out, size_t size, uint32_t columns, uint32_t accidents) {
  static const char *const fields[] = {"",     "1",          "abc",      "\"q\"",      "\"a,b\"",
                                       "\"\"", "\"x\"\"y\"", "\"\"\"\"", "\"l\nm\r\"", "longer than that"};
  static const char *const ends[] = {"\n", "\r\n", "\r"};
  static const char odd[] = "\",\n\r\0\xc3 x";
  const char *end = ends[random_below(3)];
  size_t n = 0;
  uint32_t plain = random_below(2) ? 10 : 3;
  for (uint32_t column = 0; n + 24 < size; column = column + 1 < columns ? column + 1 : 0) {
    const char *field = fields[random_below(plain)];
    n += (size_t)snprintf((char *)out + n, 20, "%s%s", field, column + 1 < columns ? "," : end);
    if (accidents && random_below(accidents) == 0)
      out[n - 1 - random_below(n < 3 ? 1 : 3)] = (uint8_t)odd[random_below(8)];
  }
  return n;
}

static void compare(const struct csv_index *a, const struct csv_index *b, const char *name) {
  if (a->rows != b->rows || a->seen != b->seen || a->next != b->next || a->bytes != b->bytes)
    fail_msg("%s: rows %u and %u, seen %u and %u, next %zu and %zu", name, a->rows, b->rows, a->seen, b->seen, a->next,
             b->next);
  assert_int_equal(a->n_faults, b->n_faults);
  for (uint32_t i = 0; i < a->n_faults; i++) {
    assert_int_equal(a->faults[i].code, b->faults[i].code);
    assert_int_equal(a->faults[i].ordinal, b->faults[i].ordinal);
    assert_int_equal(a->faults[i].start, b->faults[i].start);
    assert_int_equal(a->faults[i].end, b->faults[i].end);
  }
  assert_memory_equal(a->starts, b->starts, a->rows * sizeof *a->starts);
  assert_memory_equal(a->ordinals, b->ordinals, a->rows * sizeof *a->ordinals);
  assert_memory_equal(a->ends, b->ends, (size_t)a->rows * a->columns * sizeof *a->ends);
  if (!b->simple) /* the state machine has seen a doubled quote */
    assert_false(a->simple);
}

static struct csv_bounds random_bounds(size_t size) {
  struct csv_bounds b = {.size = size,
                         .final = random_below(2),
                         .stop = SIZE_MAX,
                         .rows = INT64_MAX,
                         .bytes = INT64_MAX,
                         .fresh = random_below(2),
                         .max_line = SIZE_MAX,
                         .pad = random_below(2)};
  if (random_below(4) == 0)
    b.stop = random_below((uint32_t)size + 1);
  if (random_below(4) == 0)
    b.rows = 1 + random_below(40);
  if (random_below(4) == 0)
    b.bytes = random_below((uint32_t)size + 1);
  if (random_below(4) == 0)
    b.max_line = 1 + random_below(60);
  return b;
}

static void one_text(const struct csv_scanner *scanners, uint8_t *text, size_t size, uint32_t columns) {
  const struct csv_dialect dialect = {.delimiter = ',', .quote = random_below(5) ? '"' : -1};
  const struct csv_bounds bounds = random_bounds(size);
  struct csv_index slow, fast;
  assert_int_equal(csv_index_init(&slow, columns, NULL), SLUICE_OK);
  assert_int_equal(csv_index_init(&fast, columns, NULL), SLUICE_OK);
  slow.scan = NULL;
  enum csv_stop stop = csv_index_block(&slow, &dialect, text, &bounds);
  for (int i = 0; i < CSV_SCANNERS; i++) {
    if (!scanners[i].scan)
      continue;
    fast.scan = scanners[i].scan;
    assert_int_equal(csv_index_block(&fast, &dialect, text, &bounds), stop);
    compare(&fast, &slow, scanners[i].name);
  }
  csv_index_finish(&slow);
  csv_index_finish(&fast);
}

static void agree(void **state) {
  enum { ROUNDS = 4000, SIZE = 3000 };
  struct csv_scanner scanners[CSV_SCANNERS];
  int found = 0;
  (void)state;
  csv_scanners(scanners);
  for (int i = 0; i < CSV_SCANNERS; i++) {
    found += scanners[i].scan != NULL;
    printf("%s: %s\n", scanners[i].name, scanners[i].scan ? "here" : "not on this machine");
  }
  assert_true(found > 0);
  assert_non_null(scanners[CSV_SCANNERS - 1].scan);
  for (int i = 0; i < ROUNDS; i++) {
    size_t room = 30 + random_below(SIZE);
    uint32_t columns = 1 + random_below(random_below(10) ? 6 : 90);
    static const uint32_t accidents[] = {0, 5, 60, 1000};
    uint8_t *text = calloc(1, room + CSV_PADDING);
    assert_non_null(text);
    size_t n = make_text(text, room, columns, accidents[random_below(4)]);
    memset(text + n, 0, room - n);
    one_text(scanners, text, n, columns);
    free(text);
  }
}

/* What the scan leaves to the state machine is little: all whole records of a plain text are its own. */
static void takes_what_is_plain(void **state) {
  struct csv_scanner scanners[CSV_SCANNERS];
  (void)state;
  csv_scanners(scanners);
  for (int i = 0; i < CSV_SCANNERS; i++) {
    static uint8_t text[1000 + CSV_PADDING];
    const struct csv_dialect dialect = {.delimiter = ',', .quote = '"'};
    const struct csv_bounds bounds = {
        .size = 1000, .stop = SIZE_MAX, .rows = INT64_MAX, .bytes = INT64_MAX, .fresh = true, .max_line = SIZE_MAX};
    const struct csv_scan_limits limits = {100000, SIZE_MAX};
    struct csv_index ix;
    if (!scanners[i].scan)
      continue;
    for (size_t at = 0; at < 1000; at += 10)
      memcpy(text + at, "12,\"3,4\",\n", 10);
    assert_int_equal(csv_index_init(&ix, 3, NULL), SLUICE_OK);
    ix.data = text;
    assert_int_equal(scanners[i].scan(&ix, &dialect, &bounds, &limits), 960); /* the last 40 bytes are not 64 */
    assert_int_equal(ix.rows, 96);
    assert_true(ix.simple && ix.ascii);
    csv_index_finish(&ix);
  }
}

/* One text in pieces of random sizes, with and without passing over blocks. */
static void cut_text(csv_pass_fn *pass, const uint8_t *text, size_t size) {
  const struct csv_dialect dialect = {.delimiter = ',', .quote = '"', .escape = -1};
  struct csv_cuts slow, fast;
  csv_cuts_begin(&slow, &dialect);
  csv_cuts_begin(&fast, &dialect);
  slow.pass = NULL;
  fast.pass = pass;
  for (size_t at = 0; at < size;) {
    size_t n = 1 + random_below((uint32_t)(size - at)), target = random_below(2) ? random_below((uint32_t)n) : n;
    bool found, also;
    size_t went = csv_cuts_scan(&slow, text + at, n, target, &found);
    assert_int_equal(csv_cuts_scan(&fast, text + at, n, target, &also), went);
    assert_int_equal(found, also);
    assert_int_equal(slow.rows, fast.rows);
    assert_int_equal(slow.state, fast.state);
    assert_int_equal(slow.line_begins, fast.line_begins);
    assert_int_equal(slow.stray, fast.stray);
    if (went == 0)
      break;
    at += went;
  }
}

static void passes_over_what_is_sound(void **state) {
  enum { ROUNDS = 2000, SIZE = 4000 };
  struct csv_scanner scanners[CSV_SCANNERS];
  (void)state;
  csv_scanners(scanners);
  for (int i = 0; i < ROUNDS; i++) {
    static const uint32_t accidents[] = {0, 20, 200};
    size_t room = 30 + random_below(SIZE);
    uint8_t *text = calloc(1, room + 2 * CSV_PADDING);
    assert_non_null(text);
    size_t n = make_text(text, room, 1 + random_below(5), accidents[random_below(3)]);
    for (int k = 0; k < CSV_SCANNERS && n; k++)
      if (scanners[k].scan)
        cut_text(scanners[k].pass, text, n);
    free(text);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(agree), cmocka_unit_test(takes_what_is_plain),
                                     cmocka_unit_test(passes_over_what_is_sound)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
