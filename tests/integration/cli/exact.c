/* Test plugin: a sink that keeps the position with the records, in one file, and refuses records with a "!". It dies
 * right behind a commit when it is told to: what a crash between the sink's commit and the ledger's does. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sluice/sdk.h>
#include <sluice/services.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct config {
  const char *path, *die;
  int32_t refuse;
};
static const struct sluice_option items[] = {
    SLUICE_OPTION(struct config, path, SLUICE_OPTION_TEXT, .flags = SLUICE_OPTION_REQUIRED, .help = "The file."),
    SLUICE_OPTION(struct config, die, SLUICE_OPTION_TEXT, .default_text = "",
                  .help = "While this file is there, it dies behind as many commits as that has bytes."),
    SLUICE_OPTION(struct config, refuse, SLUICE_OPTION_BOOL, .default_text = "true", .help = "Records with a !."),
};
static const struct sluice_options options = SLUICE_OPTIONS(struct config, items);

struct sink {
  const struct config *config;
  const struct sluice_encode *encode;
  int fd;
  long long commits;
};
struct writer {
  struct sluice_writer base;
  struct sink *sink;
  void *encoder;
  struct sluice_rejects *rejects;
};

static int no_memory(struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_MEMORY, "exact", "no memory");
}

static int exact_open(const struct sluice_host *host, const void *config, void **self, struct sluice_error *err) {
  struct sink *sink = calloc(1, sizeof *sink);
  if (!sink)
    return no_memory(err);
  *sink = (struct sink){.config = config, .encode = host->service(host, SLUICE_ENCODE)};
  sink->fd = open(sink->config->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  *self = sink;
  if (sink->fd >= 0)
    return SLUICE_OK;
  int code = sluice_fail(err, SLUICE_ERR_CONFIG, "path", "cannot open %s: %s", sink->config->path, strerror(errno));
  free(sink);
  return code;
}

static void exact_close(void *self) {
  struct sink *sink = self;
  close(sink->fd);
  free(sink);
}

/* ---- positions: lines "C UNIT ROW OFFSET DETAIL DETAIL", the last one of a unit counts ---- */

static bool read_mark(const char *line, const char *unit, struct sluice_position *out) {
  char name[80];
  struct sluice_position p;
  if (sscanf(line, "C %79s %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64, name, &p.row, &p.offset, &p.detail[0],
             &p.detail[1]) != 5 ||
      strcmp(name, unit) != 0)
    return false;
  *out = p;
  return true;
}

static int committed(void *self, const char *delivery, const char *unit, struct sluice_position *out,
                     struct sluice_error *err) {
  const struct sink *sink = self;
  FILE *file = fopen(sink->config->path, "r");
  char *line = NULL;
  size_t room = 0;
  bool found = false;
  (void)delivery;
  if (!file)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "path", "cannot read %s", sink->config->path);
  while (getline(&line, &room, file) > 0)
    found = read_mark(line, unit, out) || found;
  free(line);
  fclose(file);
  return found ? SLUICE_OK : SLUICE_END;
}

static int forget(void *self, const char *delivery, const char *unit, struct sluice_error *err) {
  (void)self, (void)delivery, (void)unit, (void)err;
  return SLUICE_OK;
}

/* ---- writing: each batch is a commit ---- */

static void die_if_told(struct sink *sink) {
  struct stat info;
  sink->commits++;
  if (stat(sink->config->die, &info) == 0 && sink->commits >= info.st_size) {
    kill(getpid(), SIGKILL);
    pause();
  }
}

static int put(struct sink *sink, const char *text, size_t size, struct sluice_error *err) {
  if (write(sink->fd, text, size) != (ssize_t)size)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "path", "cannot write: %s", strerror(errno));
  die_if_told(sink);
  return SLUICE_OK;
}

static int refuse(struct writer *w, const struct sluice_batch *batch, int64_t row, struct sluice_error *err) {
  struct sluice_reject reject = {.struct_size = sizeof reject,
                                 .attempts = 1,
                                 .seq = batch->seq,
                                 .row = row,
                                 .offset = -1,
                                 .column = "n",
                                 .reason = "it has a !"};
  return w->rejects->add(w->rejects, &reject, err);
}

static int write_records(struct writer *w, const struct sluice_batch *batch, FILE *out, struct sluice_error *err) {
  struct sluice_encoded lines;
  int code = w->sink->encode->encode(w->encoder, batch, 0, batch->array.length, w->rejects, &lines, err);
  for (int64_t i = 0; i < batch->array.length && !code; i++) {
    size_t from = i ? lines.ends[i - 1] : 0, size = lines.ends[i] - from;
    const char *record = (const char *)lines.data + from;
    if (w->sink->config->refuse && memchr(record, '!', size))
      code = refuse(w, batch, i, err);
    else
      fprintf(out, "R %.*s", (int)size, record);
  }
  return code;
}

static int writer_write(struct sluice_writer *base, struct sluice_batch *batch, struct sluice_error *err) {
  struct writer *w = base->private_data;
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);
  if (!out)
    return no_memory(err);
  int code = write_records(w, batch, out, err);
  const struct sluice_position *end = &batch->end;
  fprintf(out, "C %s %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "\n", batch->unit, end->row, end->offset,
          end->detail[0], end->detail[1]);
  fclose(out);
  if (!code)
    code = put(w->sink, text, size, err);
  free(text);
  if (!code)
    sluice_array_release(&batch->array);
  return code;
}

static int writer_flush(struct sluice_writer *base, struct sluice_error *err) {
  (void)base, (void)err;
  return SLUICE_OK;
}

static void writer_release(struct sluice_writer *base) {
  struct writer *w = base->private_data;
  w->sink->encode->close(w->encoder);
  free(w);
}

static int exact_writer(void *self, const struct sluice_stream *stream, const struct ArrowSchema *schema,
                        struct sluice_writer **out, struct sluice_error *err) {
  struct writer *w = calloc(1, sizeof *w);
  if (!w)
    return no_memory(err);
  *w = (struct writer){.sink = self, .rejects = stream->rejects};
  w->base = (struct sluice_writer){.struct_size = sizeof w->base,
                                   .write = writer_write,
                                   .flush = writer_flush,
                                   .release = writer_release,
                                   .private_data = w};
  int code = w->sink->encode->open("ndjson", NULL, schema, &w->encoder, err);
  if (code)
    free(w);
  else
    *out = &w->base;
  return code;
}

static const void *exact_extension(const char *id) {
  static const struct sluice_commit powers = {.struct_size = sizeof powers, .committed = committed, .forget = forget};
  return strcmp(id, SLUICE_COMMIT) == 0 ? &powers : NULL;
}
static const struct sluice_base base = {.struct_size = sizeof base,
                                        .kind = SLUICE_SINK,
                                        .name = "exact",
                                        .version = "1.0.0",
                                        .help = "Keeps positions with the records, for tests.",
                                        .options = &options,
                                        .extension = exact_extension};
static const struct sluice_sink component = {
    .struct_size = sizeof component, .base = &base, .open = exact_open, .close = exact_close, .writer = exact_writer};
SLUICE_PLUGIN(SLUICE_SINK, "sink exact 1.0.0\n", &component)
