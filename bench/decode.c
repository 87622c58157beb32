/* A benchmark of one reader: prints, and judges nothing. */
#include "decode.h"
#include "file.h"
#include <sluice/arrow.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

extern const struct sluice_plugin sluice_plugin_v1;

static double seconds(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* In KB. Not ru_maxrss, which keeps what this process had before exec. */
static long peak_memory(void) {
  char line[256];
  long kilobytes = 0;
  FILE *status = fopen("/proc/self/status", "r");
  while (status && kilobytes == 0 && fgets(line, sizeof line, status))
    if (strncmp(line, "VmHWM:", 6) == 0)
      kilobytes = strtol(line + 6, NULL, 10);
  if (status)
    fclose(status);
  return kilobytes;
}

/* As the program's default, but where BATCH_ROWS is set. */
static int64_t rows_of_batch(void) {
  const char *rows = getenv("BATCH_ROWS");
  return rows ? strtoll(rows, NULL, 10) : 10000;
}

static int64_t decode(const struct sluice_format *format, void *self, struct bench_file *file,
                      const struct ArrowSchema *want) {
  struct sluice_input in = bench_file_input(file);
  struct sluice_scan scan = {.struct_size = sizeof scan,
                             .batch_rows = rows_of_batch(),
                             .batch_bytes = 16 << 20,
                             .want = want,
                             .part = "bench"};
  struct sluice_reader reader;
  struct sluice_error err = {0};
  int64_t rows = 0;
  int code = format->decode(self, &in, &scan, &reader, &err);
  if (code)
    bench_fail(err.message);
  for (;;) {
    struct sluice_batch batch = {.struct_size = sizeof batch};
    code = reader.next(&reader, &batch, &err);
    if (code)
      break;
    rows += batch.array.length;
    sluice_array_release(&batch.array);
  }
  if (code != SLUICE_END)
    bench_fail(err.message);
  reader.release(&reader);
  return rows;
}

int bench_decode(int argc, char **argv, const void *config) {
  const struct sluice_format *format = (const struct sluice_format *)(const void *)sluice_plugin_v1.components[0];
  struct ArrowSchema want = {0};
  struct bench_file file;
  void *self;
  if (argc < 3)
    bench_fail("usage: FILE TIMES [COLUMN...]");
  bench_keep_memory();
  bench_file_open(&file, argv[1]);
  if (format->open(NULL, config, &self, NULL) != SLUICE_OK)
    bench_fail("the format cannot be opened");
  if (argc > 3 && sluice_schema_nested(&want, "+s", "", 0, argc - 3) != SLUICE_OK)
    bench_fail("no memory");
  for (int i = 3; i < argc; i++)
    sluice_schema_init(want.children[i - 3], "", argv[i], ARROW_FLAG_NULLABLE);
  for (long i = strtol(argv[2], NULL, 10); i > 0; i--) {
    double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    int64_t rows = decode(format, self, &file, argc > 3 ? &want : NULL);
    printf("%lld %.6f %.6f\n", (long long)rows, seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu,
           seconds(CLOCK_MONOTONIC) - wall);
    fflush(stdout);
  }
  printf("memory %ld\n", peak_memory());
  format->close(self);
  sluice_schema_release(&want);
  return 0;
}
