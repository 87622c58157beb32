/* Fuzz target of the Parquet reader: the first two bytes, which the reader does not look at, choose options. Each batch
 * is validated in full, and reading that is resumed in the middle must give the same batches. */
#include "kit.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds, const char *what) {
  if (holds)
    return;
  fprintf(stderr, "%s\n", what);
  abort();
}

/* Filters of the columns that the seeds have; what is left out is never more than without, and numbered the same. */
static const struct sluice_where *choose_filter(uint8_t choice) {
  static const char *const names[] = {"i", "t", "d", "g", "s", "x", "l", "b", "h"};
  static const struct sluice_test tests[] = {
      {{&names[0], 1}, "111", SLUICE_GREATER, 0},    {{&names[1], 1}, "k035", SLUICE_EQUAL, 0},
      {{&names[2], 1}, "30.25", SLUICE_LESS, 0},     {{&names[3], 1}, "7", SLUICE_NOT_EQUAL, 0},
      {{&names[4], 2}, "40", SLUICE_LESS_EQUAL, 0},  {{&names[1], 1}, NULL, SLUICE_IS_NULL, 0},
      {{&names[4], 2}, NULL, SLUICE_IS_NOT_NULL, 0}, {{&names[0], 1}, "5", SLUICE_EQUAL, 0},
      {{&names[7], 1}, "true", SLUICE_EQUAL, 0},     {{&names[8], 1}, "3.5", SLUICE_GREATER_EQUAL, 0}};
  static const struct sluice_where filters[] = {{&tests[0], 1}, {&tests[1], 1}, {&tests[2], 2}, {&tests[4], 1},
                                                {&tests[5], 1}, {&tests[6], 2}, {&tests[0], 3}, {&tests[7], 3}};
  return choice & 8 ? &filters[choice & 7] : NULL;
}

static void choose(struct kit_options *o, const uint8_t *data) {
  static const int64_t rows[] = {1, 3, 100, 1024}, bytes[] = {1, 100, 2000, 1 << 20};
  kit_defaults(o);
  o->config.verify_crc = data[0] & 1;
  o->config.int96 = data[0] >> 1 & 3;
  o->scan.accepts = data[0] & 8 ? SLUICE_ACCEPT_VIEW : 0;
  o->config.max_page = 1 << 20; /* sizes that are only said must not be believed */
  o->config.max_row = 1 << 20;
  o->config.max_items = 1 << 16;
  o->scan.batch_rows = rows[data[1] & 3];
  o->scan.batch_bytes = bytes[data[1] >> 2 & 3];
  o->scan.where = choose_filter(data[1] >> 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  enum { BATCHES = 200 };
  if (size < 12 || size > 1 << 16)
    return 0;
  struct kit_bytes *bytes = calloc(1, sizeof *bytes), *again = calloc(1, sizeof *again);
  struct kit_options o;
  struct kit_result first, second;
  if (!bytes || !again)
    abort();
  choose(&o, data);
  *bytes = (struct kit_bytes){.data = data, .size = size};
  *again = *bytes;
  o.scan.end.row = o.scan.batch_rows * BATCHES; /* a few bytes can say that there are billions of nulls */
  kit_read(&o, bytes, 2, &first);
  check(!first.invalid, first.invalid);
  check(bytes->opened == 0, "an input was not released");
  check(first.code == SLUICE_END || first.err.message[0], "an error without a message");
  if (first.middle.row > 0) {
    o.scan.from = first.middle;
    kit_read(&o, again, 0, &second);
    check(second.code == first.code && (first.code != SLUICE_END || second.later == first.later),
          "reading that was resumed gives other batches");
  }
  free(bytes);
  free(again);
  return 0;
}
