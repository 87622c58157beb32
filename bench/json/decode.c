/* Reads a JSON file some times over, to Arrow batches in memory, and prints records and seconds of each time.
 * Usage: bench-json-decode FILE TIMES [COLUMN...]. Not a test: it prints, and judges nothing. */
#include "json.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

extern const struct sluice_plugin sluice_plugin_v1;

static int read_file(struct sluice_input *in, int64_t offset, void *buf, size_t n, size_t *got,
                     struct sluice_error *err) {
  ssize_t done = pread(*(int *)in->private_data, buf, n, offset);
  *got = done > 0 ? (size_t)done : 0;
  return done < 0 ? sluice_fail(err, SLUICE_ERR_RETRY, "", "a read failed") : SLUICE_OK;
}
static void release_input(struct sluice_input *in) {
  in->release = NULL;
}

static double seconds(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(const struct sluice_error *err) {
  fprintf(stderr, "%s\n", err->message);
  exit(1);
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

static int64_t decode(const struct sluice_format *format, void *self, int file, int64_t size,
                      const struct ArrowSchema *want) {
  struct sluice_input in = {.size = size, .read_at = read_file, .release = release_input, .private_data = &file};
  struct sluice_scan scan = {
      .struct_size = sizeof scan, .batch_rows = 10000, .batch_bytes = 16 << 20, .want = want, .part = "bench"};
  struct sluice_reader reader;
  struct sluice_error err = {0};
  int64_t rows = 0;
  int code = format->decode(self, &in, &scan, &reader, &err);
  if (code)
    die(&err);
  for (;;) {
    struct sluice_batch batch = {.struct_size = sizeof batch};
    code = reader.next(&reader, &batch, &err);
    if (code)
      break;
    rows += batch.array.length;
    sluice_array_release(&batch.array);
  }
  if (code != SLUICE_END)
    die(&err);
  reader.release(&reader);
  return rows;
}

int main(int argc, char **argv) {
  struct json_config config = {.times = 1, .sample = 1 << 20, .max_record = 64 << 20};
  const struct sluice_format *format = (const struct sluice_format *)(const void *)sluice_plugin_v1.components[0];
  struct ArrowSchema want = {0};
  struct stat info;
  void *self;
  int file = argc > 2 ? open(argv[1], O_RDONLY) : -1;
  if (file < 0 || fstat(file, &info) != 0 || format->open(NULL, &config, &self, NULL) != SLUICE_OK)
    return 2;
  if (argc > 3 && sluice_schema_nested(&want, "+s", "", 0, argc - 3) != SLUICE_OK)
    return 2;
  for (int i = 3; i < argc; i++)
    sluice_schema_init(want.children[i - 3], "", argv[i], ARROW_FLAG_NULLABLE);
  for (long i = strtol(argv[2], NULL, 10); i > 0; i--) {
    double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    int64_t rows = decode(format, self, file, info.st_size, argc > 3 ? &want : NULL);
    printf("%lld %.6f %.6f\n", (long long)rows, seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu,
           seconds(CLOCK_MONOTONIC) - wall);
    fflush(stdout);
  }
  printf("memory %ld\n", peak_memory());
  format->close(self);
  sluice_schema_release(&want);
  close(file);
  return 0;
}
