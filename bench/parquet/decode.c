/* Decodes a Parquet file to Arrow batches, some times over, and throws them away.
 * Usage: bench-parquet-decode FILE [ROUNDS [THREADS [plain|views [COLUMN...]]]]. Prints the best seconds by the wall
 * and of CPU, rows, and peak memory in MB. plain: texts as utf8 (the default); views: as utf8_view.
 * Threads take the splits that the format plans, as workers do. Not a test: it judges nothing. */
#include "../file.h"
#include "pq.h"
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

enum { BATCH_ROWS = 8192, SPLITS_MAX = 4096 };

struct job {
  struct bench_file file;
  struct ArrowSchema *want;
  struct sluice_split splits[SPLITS_MAX];
  int n_splits, next, threads;
  uint64_t accepts;
  int64_t rows;
  pthread_mutex_t lock;
};

static const struct pq_config config = {.max_page = (int64_t)2 << 30,
                                        .max_row = (int64_t)2 << 30,
                                        .max_items = 1 << 24,
                                        .verify_crc = 1,
                                        .int96 = SLUICE_NANO};
static struct pq_format format = {.config = &config};

static int64_t decode(struct job *job, const struct sluice_split *split) {
  struct sluice_input in = bench_file_input(&job->file);
  struct sluice_scan scan = {.struct_size = sizeof scan,
                             .begin = split->begin,
                             .end = split->end,
                             .batch_rows = BATCH_ROWS,
                             .batch_bytes = 64 << 20,
                             .want = job->want,
                             .accepts = job->accepts,
                             .part = "file"};
  struct sluice_reader reader;
  struct sluice_error err = {0};
  int64_t rows = 0;
  if (pq_decode(&format, &in, &scan, &reader, &err) != SLUICE_OK)
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

static double seconds(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void plan(struct job *job) {
  struct sluice_input in = bench_file_input(&job->file);
  struct sluice_splits splits = {add_split, job};
  struct sluice_scan scan = {.struct_size = sizeof scan, .part = "file"};
  struct sluice_error err = {0};
  job->n_splits = job->next = 0;
  if (job->threads == 1)
    job->splits[job->n_splits++] = (struct sluice_split){.rows = -1, .bytes = -1};
  else if (pq_plan(&format, &in, &scan, 8 << 20, &splits, &err) != SLUICE_OK)
    bench_fail(err.message);
}

struct took {
  double wall, cpu;
};
static struct took run(struct job *job) {
  pthread_t threads[64];
  double start = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
  plan(job);
  job->rows = 0;
  for (int i = 0; i < job->threads; i++)
    if (pthread_create(&threads[i], NULL, work, job) != 0)
      bench_fail("no thread");
  for (int i = 0; i < job->threads; i++)
    pthread_join(threads[i], NULL);
  return (struct took){seconds(CLOCK_MONOTONIC) - start, seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu};
}

static void want_columns(struct job *job, int n, char **names) {
  static struct ArrowSchema want;
  if (n == 0 || sluice_schema_nested(&want, "+s", "", 0, n) != SLUICE_OK)
    return;
  for (int i = 0; i < n; i++)
    if (sluice_schema_init(want.children[i], "", names[i], ARROW_FLAG_NULLABLE) != SLUICE_OK)
      bench_fail("no memory");
  job->want = &want;
}

int main(int argc, char **argv) {
  static struct job job = {.lock = PTHREAD_MUTEX_INITIALIZER};
  struct rusage usage;
  struct took best = {1e9, 1e9};
  if (argc < 2)
    bench_fail("usage: bench-parquet-decode FILE [ROUNDS [THREADS [plain|views [COLUMN...]]]]");
  bench_keep_memory();
  int rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 3;
  job.threads = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 1;
  if (job.threads < 1 || job.threads > 64)
    bench_fail("the number of threads is not 1..64");
  bench_file_open(&job.file, argv[1]);
  job.accepts = argc > 4 && strcmp(argv[4], "views") == 0 ? SLUICE_ACCEPT_VIEW : 0;
  want_columns(&job, argc > 5 ? argc - 5 : 0, argv + 5);
  for (int i = 0; i < rounds; i++) {
    struct took took = run(&job);
    best.wall = took.wall < best.wall ? took.wall : best.wall;
    best.cpu = took.cpu < best.cpu ? took.cpu : best.cpu;
  }
  getrusage(RUSAGE_SELF, &usage);
  printf("%.6f %.6f %lld %.1f\n", best.wall, best.cpu, (long long)job.rows, (double)usage.ru_maxrss / 1024);
  return 0;
}
