/* Decodes the records of a Parquet file for which a filter is true, as a job does: the filter goes to the reader as a
 * hint, and is then put to each batch; the others are dropped. Usage: bench-parquet-where FILE ROUNDS FILTER
 * Prints the best seconds by the wall and of CPU, rows, peak memory in MB, and the bytes that were read. Not a test: it
 * judges nothing. */
#include "core/config/where.h"
#include "../file.h"
#include "core/filter/filter.h"
#include "pq.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

enum { BATCH_ROWS = 8192 };

struct took {
  double wall, cpu;
};

static const struct pq_config config = {.max_page = (int64_t)2 << 30,
                                        .max_row = (int64_t)2 << 30,
                                        .max_items = 1 << 24,
                                        .verify_crc = 1,
                                        .int96 = SLUICE_NANO};
static struct pq_format format = {.config = &config};

/* How many records of the batch are left, in an array of their own. */
static int64_t select_rows(const struct filter *filter, const struct ArrowSchema *schema, struct ArrowArray *batch) {
  static uint8_t keep[BATCH_ROWS];
  struct ArrowArray left;
  int64_t n = 0;
  if (filter_apply(filter, batch, keep, &n) != SLUICE_OK)
    bench_fail("no memory");
  if (n == batch->length)
    return n;
  if (sluice_array_filter(schema, batch, keep, &left, NULL) != SLUICE_OK)
    bench_fail("no memory");
  sluice_array_release(&left);
  return n;
}

static int64_t read_once(struct bench_file *file, const struct sluice_where *where) {
  struct sluice_input in = bench_file_input(file);
  struct sluice_scan scan = {.struct_size = sizeof scan,
                             .batch_rows = BATCH_ROWS,
                             .batch_bytes = 64 << 20,
                             .accepts = SLUICE_ACCEPT_VIEW,
                             .part = "file",
                             .where = where};
  struct sluice_reader reader;
  struct sluice_error err = {0};
  struct ArrowSchema schema;
  struct filter *filter;
  int64_t rows = 0;
  if (pq_decode(&format, &in, &scan, &reader, &err) != SLUICE_OK ||
      reader.schema(&reader, &schema, &err) != SLUICE_OK ||
      filter_create(where, &schema, "file", &filter, &err) != SLUICE_OK)
    bench_fail(err.message);
  for (;;) {
    struct sluice_batch batch = {.struct_size = sizeof batch};
    int code = reader.next(&reader, &batch, &err);
    if (code == SLUICE_END)
      break;
    if (code)
      bench_fail(err.message);
    rows += select_rows(filter, &schema, &batch.array);
    sluice_array_release(&batch.array);
  }
  filter_destroy(filter);
  sluice_schema_release(&schema);
  reader.release(&reader);
  return rows;
}

static double seconds(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  struct bench_file file;
  struct rusage usage;
  struct where *where;
  struct sluice_error err = {0};
  struct took best = {1e9, 1e9};
  int64_t rows = 0;
  if (argc != 4)
    bench_fail("usage: bench-parquet-where FILE ROUNDS FILTER");
  bench_keep_memory();
  bench_file_open(&file, argv[1]);
  if (where_parse(argv[3], &where, &err) != SLUICE_OK)
    bench_fail(err.message);
  for (long i = strtol(argv[2], NULL, 10); i > 0; i--) {
    double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    file.bytes = 0;
    rows = read_once(&file, where_tests(where));
    wall = seconds(CLOCK_MONOTONIC) - wall;
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    best.wall = wall < best.wall ? wall : best.wall;
    best.cpu = cpu < best.cpu ? cpu : best.cpu;
  }
  where_destroy(where);
  getrusage(RUSAGE_SELF, &usage);
  printf("%.6f %.6f %lld %.1f %lld\n", best.wall, best.cpu, (long long)rows, (double)usage.ru_maxrss / 1024,
         (long long)file.bytes);
  return 0;
}
