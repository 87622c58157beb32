/* A sink that counts records and writes a line for each batch: the least that a sink is made of. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sluice/sdk.h>
#include <stdlib.h>
#include <unistd.h>

struct count_options { /* what the host fills from the configuration */
  const char *path;
  int64_t stop_after;
};
static const struct sluice_option items[] = {
    SLUICE_OPTION(struct count_options, path, SLUICE_OPTION_TEXT, .flags = SLUICE_OPTION_REQUIRED,
                  .help = "The file that lines are added to."),
    SLUICE_OPTION(struct count_options, stop_after, SLUICE_OPTION_INT, .default_text = "0", .min = 0, .max = INT64_MAX,
                  .help = "Refuse more records than this; 0: no limit."),
};
static const struct sluice_options options = SLUICE_OPTIONS(struct count_options, items);

struct count { /* one open sink; several writers share it, each on its own thread */
  const struct count_options *options;
  pthread_mutex_t lock;
  int64_t total;
  int fd;
};

static int open_count(const struct sluice_host *host, const void *config, void **self, struct sluice_error *err) {
  (void)host;
  struct count *count = calloc(1, sizeof *count);
  if (!count)
    return sluice_fail(err, SLUICE_ERR_MEMORY, NULL, "no memory for the sink");
  count->options = config;
  count->fd = open(count->options->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (count->fd < 0) {
    int status =
        sluice_fail(err, SLUICE_ERR_CONFIG, "path", "cannot open %s: %s", count->options->path, strerror(errno));
    free(count);
    return status;
  }
  pthread_mutex_init(&count->lock, NULL);
  *self = count;
  return SLUICE_OK;
}

static void close_count(void *self) {
  struct count *count = self;
  pthread_mutex_destroy(&count->lock);
  close(count->fd);
  free(count);
}

/* One write call a line: lines of several writers do not mix. */
static int add_line(struct count *count, const struct sluice_batch *batch, struct sluice_error *err) {
  char key[SLUICE_KEY_SIZE], line[SLUICE_KEY_SIZE + 48];
  int64_t rows = batch->array.length, limit = count->options->stop_after;
  if (limit && rows > limit - count->total)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "stop_after", "more than %lld records came", (long long)limit);
  sluice_batch_key(batch, 0, rows - 1, key);
  int n = snprintf(line, sizeof line, "%lld %lld %s\n", (long long)(count->total + rows), (long long)rows, key);
  ssize_t done = write(count->fd, line, (size_t)n);
  if (done != n)
    return sluice_fail(err, SLUICE_ERR_CONFIG, count->options->path, "cannot write: %s",
                       done < 0 ? strerror(errno) : "the line was cut short");
  count->total += rows;
  return SLUICE_OK;
}

static int write_batch(struct sluice_writer *writer, struct sluice_batch *batch, struct sluice_error *err) {
  struct count *count = writer->private_data;
  pthread_mutex_lock(&count->lock);
  int status = add_line(count, batch, err);
  pthread_mutex_unlock(&count->lock);
  if (status == SLUICE_OK)
    sluice_array_release(&batch->array); /* it is the writer's now */
  return status;
}

static int flush(struct sluice_writer *writer, struct sluice_error *err) {
  struct count *count = writer->private_data;
  if (fsync(count->fd) == 0 || errno == EINVAL || errno == EROFS)
    return SLUICE_OK; /* a pipe or terminal has no disk */
  return sluice_fail(err, SLUICE_ERR_CONFIG, count->options->path, "cannot flush: %s", strerror(errno));
}

static void release(struct sluice_writer *writer) {
  free(writer);
}

static int make_writer(void *self, const struct sluice_stream *stream, const struct ArrowSchema *schema,
                       struct sluice_writer **out, struct sluice_error *err) {
  (void)stream;
  (void)schema;
  struct sluice_writer *writer = calloc(1, sizeof *writer);
  if (!writer)
    return sluice_fail(err, SLUICE_ERR_MEMORY, NULL, "no memory for a writer");
  *writer = (struct sluice_writer){
      .struct_size = sizeof *writer, .write = write_batch, .flush = flush, .release = release, .private_data = self};
  *out = writer;
  return SLUICE_OK;
}

static const struct sluice_base base = {.struct_size = sizeof base,
                                        .kind = SLUICE_SINK,
                                        .name = "count",
                                        .version = "1.0.0",
                                        .help = "Counts records and writes a line for each batch.",
                                        .options = &options};
static const struct sluice_sink sink = {
    .struct_size = sizeof sink, .base = &base, .open = open_count, .close = close_count, .writer = make_writer};
SLUICE_PLUGIN(SLUICE_SINK, "sink count 1.0.0\n", &sink)
