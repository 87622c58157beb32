/* How fast the CSV reader is: makes a file of 8 columns in memory, or reads one, and decodes it some times over.
 * Usage: csv-decode [MEGABYTES or FILE]. Not a test: it prints, and judges nothing. */
#include "kit.h"
#include <stdlib.h>
#include <time.h>

static uint64_t seed = 42;
static uint64_t next_random(void) {
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return seed;
}

static size_t make_row(char *out, size_t size, uint64_t i, bool quoted) {
  static const char *const words[] = {"rail", "truck", "ship", "air, express", "mail", "foot"};
  uint64_t r = next_random();
  const char *word = words[r % 6], *quote = quoted || r % 6 == 3 ? "\"" : "";
  return (size_t)snprintf(out, size, "%llu,%u,%u.%02u,0.%04u,2024-%02u-%02u,%s%s%s,%suser-%08llx%s,%s\n",
                          (unsigned long long)i, (unsigned)(r >> 8) % 100000, (unsigned)(r >> 20) % 100000,
                          (unsigned)(r >> 40) % 100, (unsigned)(r >> 24) % 10000, 1 + (unsigned)(r >> 30) % 12,
                          1 + (unsigned)(r >> 34) % 28, quote, word, quote, quoted ? "\"" : "",
                          (unsigned long long)(r >> 32), quoted ? "\"" : "", r & 1 ? "true" : "false");
}

static char *make_file(size_t wanted, bool quoted, size_t *size) {
  char *data = malloc(wanted + 512);
  size_t n = 0;
  if (!data)
    exit(1);
  n += (size_t)snprintf(data, 512, "id,quantity,price,discount,day,mode,user,flag\n");
  for (uint64_t i = 0; n < wanted; i++)
    n += make_row(data + n, 512, i, quoted);
  *size = n;
  return data;
}

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int64_t decode(const struct kit_options *o, const char *data, size_t size) {
  struct kit_bytes bytes = {.data = (const uint8_t *)data, .size = size};
  struct kit_open open;
  struct sluice_error err = {0};
  int64_t rows = 0;
  if (kit_open(o, &bytes, &open, &err) != SLUICE_OK) {
    fprintf(stderr, "%s\n", err.message);
    exit(1);
  }
  for (;;) {
    struct sluice_batch batch = {.struct_size = sizeof batch};
    int rc = open.reader.next(&open.reader, &batch, &err);
    if (rc == SLUICE_END)
      break;
    if (rc) {
      fprintf(stderr, "%s\n", err.message);
      exit(1);
    }
    rows += batch.array.length;
    sluice_array_release(&batch.array);
  }
  kit_close(&open);
  return rows;
}

static void measure(const char *name, const struct kit_options *o, const char *data, size_t size) {
  double best = 1e9;
  int64_t rows = 0;
  for (int i = 0; i < 5; i++) {
    double start = seconds();
    rows = decode(o, data, size);
    double took = seconds() - start;
    if (took < best)
      best = took;
  }
  printf("%-24s %9lld rows %8.1f MB/s %6.2f M rows/s\n", name, (long long)rows, (double)size / best / 1e6,
         (double)rows / best / 1e6);
}

int main(int argc, char **argv) {
  struct kit_options o;
  size_t size;
  char *end = NULL;
  long megabytes = argc > 1 ? strtol(argv[1], &end, 10) : 100;
  bool file = argc > 1 && *end;
  char *plain = file ? kit_read_file(argv[1], &size) : make_file((size_t)megabytes << 20, false, &size);
  if (!plain)
    return 1;
  kit_defaults(&o);
  o.scan.batch_rows = 8192;
  o.scan.batch_bytes = 8 << 20;
  measure("typed", &o, plain, size);
  if (!file) {
    kit_parse_options(&o, "want = id:int64\n");
    measure("one column", &o, plain, size);
    kit_options_finish(&o);
    free(plain);
    plain = make_file((size_t)megabytes << 20, true, &size);
    kit_defaults(&o);
    o.scan.batch_rows = 8192;
    o.scan.batch_bytes = 8 << 20;
    measure("typed, texts quoted", &o, plain, size);
  }
  free(plain);
  return 0;
}
