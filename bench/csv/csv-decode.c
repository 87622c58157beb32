/* Reads a CSV file into Arrow batches, some times over, and throws them away; a compressed one through the host's
 * decompression. Usage: bench-csv-decode FILE [ROUNDS [THREADS [OPTION=VALUE...]]], the options as in
 * tests/unit/csv/kit.h; with "count" for THREADS it counts line ends instead, which is the least that any reader must
 * do. THREADS 0: one, which reads the file in one piece. Prints the best seconds by the wall and of CPU, rows, and peak
 * memory in MB. Threads take the splits that the format plans, as workers do. Not a test: it judges nothing. */
#include "../file.h"
#include "core/input/input.h"
#include "kit.h"
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

enum { BATCH_ROWS = 8192, SPLITS_MAX = 4096, SPLIT_BYTES = 64 << 20, COUNT_BYTES = 256 << 10 };

struct job {
  struct bench_file file;
  const char *path;
  struct kit_options options;
  void *format;
  struct sluice_split splits[SPLITS_MAX];
  int n_splits, next, threads;
  bool count, pieces;
  int64_t rows;
  pthread_mutex_t lock;
};

static int never(const struct sluice_host *host) {
  (void)host;
  return 0;
}
static const struct sluice_host host = {
    .struct_size = sizeof host, .job = "", .sink = "", .run = "", .cancelled = never};

static struct sluice_input open_input(struct job *job) {
  struct sluice_input in, file = bench_file_input(&job->file);
  struct sluice_error err = {0};
  if (input_decompress(&file, job->path, &in, &err) != SLUICE_OK)
    bench_fail(err.message);
  return in;
}

static int64_t decode(struct job *job, const struct sluice_split *split) {
  struct sluice_input in = open_input(job);
  struct sluice_scan scan = job->options.scan;
  struct sluice_reader reader;
  struct sluice_error err = {0};
  int64_t rows = 0;
  scan.begin = split->begin;
  scan.end = split->end;
  if (kit_format()->decode(job->format, &in, &scan, &reader, &err) != SLUICE_OK)
    bench_fail(err.message);
  for (;;) {
    struct sluice_batch batch = {.struct_size = sizeof batch};
    int code = reader.next(&reader, &batch, &err);
    if (code == SLUICE_END)
      break;
    if (code)
      bench_fail(err.message);
    rows += batch.array.length;
    sluice_array_release(&batch.array);
  }
  reader.release(&reader);
  return rows;
}

static int add_split(struct sluice_splits *splits, const struct sluice_split *split, struct sluice_error *err) {
  struct job *job = splits->private_data;
  if (job->n_splits == SPLITS_MAX)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "too many splits");
  job->splits[job->n_splits++] = *split;
  return SLUICE_OK;
}

static void plan(struct job *job) {
  struct sluice_splits splits = {add_split, job};
  struct sluice_error err = {0};
  job->n_splits = job->next = 0;
  if (job->pieces && kit_format()->plan) {
    struct sluice_input in = open_input(job);
    if (kit_format()->plan(job->format, &in, &job->options.scan, SPLIT_BYTES, &splits, &err) != SLUICE_OK)
      bench_fail(err.message);
    if (in.release)
      in.release(&in);
  }
  if (job->n_splits == 0)
    job->splits[job->n_splits++] = (struct sluice_split){.rows = -1, .bytes = -1};
}

static void *work(void *context) {
  struct job *job = context;
  for (;;) {
    pthread_mutex_lock(&job->lock);
    int at = job->next < job->n_splits ? job->next++ : -1;
    pthread_mutex_unlock(&job->lock);
    if (at < 0)
      return NULL;
    int64_t rows = decode(job, &job->splits[at]);
    pthread_mutex_lock(&job->lock);
    job->rows += rows;
    pthread_mutex_unlock(&job->lock);
  }
}

static void decode_all(struct job *job) {
  pthread_t threads[64];
  plan(job);
  for (int i = 1; i < job->threads; i++)
    if (pthread_create(&threads[i], NULL, work, job) != 0)
      bench_fail("no thread");
  work(job);
  for (int i = 1; i < job->threads; i++)
    pthread_join(threads[i], NULL);
}

static void count_all(struct job *job) {
  static char bytes[COUNT_BYTES];
  struct sluice_input in = open_input(job);
  struct sluice_error err = {0};
  size_t got = COUNT_BYTES;
  for (int64_t at = 0; got == COUNT_BYTES; at += COUNT_BYTES) {
    if (in.read_at(&in, at, bytes, COUNT_BYTES, &got, &err) != SLUICE_OK)
      bench_fail(err.message);
    for (size_t i = 0; i < got; i++)
      job->rows += bytes[i] == '\n';
  }
  if (in.release)
    in.release(&in);
}

static double seconds(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  static struct job job = {.lock = PTHREAD_MUTEX_INITIALIZER};
  struct rusage usage;
  struct sluice_error err = {0};
  double best = 1e9, best_cpu = 1e9;
  if (argc < 2)
    bench_fail("usage: bench-csv-decode FILE [ROUNDS [THREADS [OPTION=VALUE...]]]");
  int rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 3;
  job.count = argc > 3 && strcmp(argv[3], "count") == 0;
  job.threads = argc > 3 && !job.count ? (int)strtol(argv[3], NULL, 10) : 0;
  job.pieces = job.threads > 0;
  job.threads += !job.pieces;
  job.path = argv[1];
  if (job.threads < 1 || job.threads > 64)
    bench_fail("the number of threads is not 0..64");
  bench_keep_memory();
  bench_file_open(&job.file, argv[1]);
  kit_defaults(&job.options);
  job.options.scan.batch_rows = BATCH_ROWS;
  job.options.scan.batch_bytes = 8 << 20;
  job.options.scan.part = argv[1];
  for (int i = 4; i < argc; i++)
    kit_parse_options(&job.options, argv[i]);
  if (kit_format()->open(&host, &job.options.config, &job.format, &err) != SLUICE_OK)
    bench_fail(err.message);
  for (int i = 0; i < rounds; i++) {
    double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    job.rows = 0;
    (job.count ? count_all : decode_all)(&job);
    wall = seconds(CLOCK_MONOTONIC) - wall;
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    best = wall < best ? wall : best;
    best_cpu = cpu < best_cpu ? cpu : best_cpu;
  }
  kit_format()->close(job.format);
  getrusage(RUSAGE_SELF, &usage);
  printf("%.6f %.6f %lld %.1f\n", best, best_cpu, (long long)job.rows, (double)usage.ru_maxrss / 1024);
  return 0;
}
