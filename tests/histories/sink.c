/* Sinks: `plain`, which only appends, and `exact`, which has sluice.commit/1 with generations. Both write the book. */
#include "book.h"
#include "plugin.h"
#include "world.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sluice/services.h>
#include <stdlib.h>
#include <unistd.h>

enum { REQUEST_ROWS = 7, LINE = 256, LAG = 1 };
enum manner { AT_ONCE, AT_FLUSH, LATER }; /* when what is written is delivered */

struct config {
  int64_t world;
  int32_t manner, refuse;
  const char *label;
};
static const char *const manners[] = {"at-once", "at-flush", "later", NULL};
static const struct sluice_option items[] = {
    SLUICE_OPTION(struct config, world, SLUICE_OPTION_INT, .flags = SLUICE_OPTION_REQUIRED, .help = "Its address."),
    SLUICE_OPTION(struct config, manner, SLUICE_OPTION_CHOICE, .choices = manners, .default_text = "at-once",
                  .help = "When a batch is delivered."),
    SLUICE_OPTION(struct config, refuse, SLUICE_OPTION_BOOL, .default_text = "true", .help = "Values with a !."),
    SLUICE_OPTION(struct config, label, SLUICE_OPTION_TEXT, .help = "Means nothing."),
};
static const struct sluice_options options = SLUICE_OPTIONS(struct config, items);

struct sink {
  const struct config *config;
  struct world *world;
  const struct sluice_encode *encode;
  int fd;
  pthread_mutex_t lock; /* of the rest */
  struct book_content book;
};
struct delivery { /* a batch on its way */
  int64_t seq;
  char *text; /* what is to be written */
  size_t size;
  int64_t *refused; /* rows */
  size_t n_refused;
  struct delivery *next;
};
struct writer {
  struct sluice_writer base;
  struct sink *sink;
  void *encoder;
  struct sluice_rejects *rejects;
  struct delivery *first;
  int64_t generation, acked;
  bool exact;
};

/* ---- the instance ---- */

static int no_memory(struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_MEMORY, "book", "no memory");
}

static int open_book(struct sink *sink, bool exact, struct sluice_error *err) {
  char wrong[512];
  if (!book_load(sink->world->book, exact, &sink->book, wrong, sizeof wrong))
    return sluice_fail(err, SLUICE_ERR_BUG, "book", "%s", wrong);
  sink->fd = open(sink->world->book, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (sink->fd < 0 || ftruncate(sink->fd, (off_t)sink->book.size) != 0)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "book", "%s: %s", sink->world->book, strerror(errno));
  atomic_store(&sink->world->book_fd, sink->fd);
  return SLUICE_OK;
}

static void sink_close(void *self) {
  struct sink *sink = self;
  atomic_store(&sink->world->book_fd, -1);
  if (sink->fd >= 0)
    close(sink->fd);
  book_free(&sink->book);
  pthread_mutex_destroy(&sink->lock);
  free(sink);
}

static int sink_open(const struct sluice_host *host, const void *config, bool exact, void **self,
                     struct sluice_error *err) {
  struct sink *sink = calloc(1, sizeof *sink);
  if (!sink)
    return no_memory(err);
  sink->config = config;
  sink->world = (struct world *)(uintptr_t)sink->config->world;
  sink->encode = host->service(host, SLUICE_ENCODE);
  pthread_mutex_init(&sink->lock, NULL);
  int code = open_book(sink, exact, err);
  if (code)
    sink_close(sink);
  else
    *self = sink;
  return code;
}
static int plain_open(const struct sluice_host *host, const void *config, void **self, struct sluice_error *err) {
  return sink_open(host, config, false, self, err);
}
static int exact_open(const struct sluice_host *host, const void *config, void **self, struct sluice_error *err) {
  return sink_open(host, config, true, self, err);
}

/* One write, so that what several writers write does not mix. */
static int put(struct sink *sink, const char *text, size_t size, struct sluice_error *err) {
  if (write(sink->fd, text, size) != (ssize_t)size)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "book", "cannot write: %s", strerror(errno));
  return SLUICE_OK;
}

/* ---- positions and generations ---- */

static struct book_mark *find_mark(struct sink *sink, const char *unit) {
  for (size_t i = sink->book.n_marks; i > 0; i--)
    if (strncmp(sink->book.marks[i - 1].unit, unit, BOOK_UNIT) == 0)
      return &sink->book.marks[i - 1];
  return NULL;
}

/* Only what was there when the run began is asked for. */
static int committed(void *self, const char *delivery, const char *unit, struct sluice_position *out,
                     struct sluice_error *err) {
  struct sink *sink = self;
  (void)delivery, (void)err;
  pthread_mutex_lock(&sink->lock);
  const struct book_mark *mark = find_mark(sink, unit);
  if (mark)
    *out = mark->end;
  pthread_mutex_unlock(&sink->lock);
  return mark ? SLUICE_OK : SLUICE_END;
}

static int forget(void *self, const char *delivery, const char *unit, struct sluice_error *err) {
  struct sink *sink = self;
  char line[LINE];
  (void)delivery;
  pthread_mutex_lock(&sink->lock);
  struct book_mark *mark;
  for (mark = find_mark(sink, unit); mark; mark = find_mark(sink, unit))
    mark->unit[0] = 0;
  int n = snprintf(line, sizeof line, "F %.*s\n", BOOK_UNIT, unit);
  int code = put(sink, line, (size_t)n, err);
  pthread_mutex_unlock(&sink->lock);
  return code;
}

static int note(struct sink *sink, char what, int64_t generation, struct sluice_error *err) {
  char line[LINE];
  int n = snprintf(line, sizeof line, "%c %" PRId64 "\n", what, generation);
  pthread_mutex_lock(&sink->lock);
  int code = put(sink, line, (size_t)n, err);
  if (!code)
    *(what == 'B' ? &sink->book.begun : &sink->book.current) = generation;
  pthread_mutex_unlock(&sink->lock);
  return code;
}
static int begin(void *self, const char *delivery, int64_t generation, struct sluice_error *err) {
  struct sink *sink = self;
  (void)delivery;
  if (generation <= sink->book.current)
    return sluice_fail(err, SLUICE_ERR_BUG, "book", "generation %" PRId64 " was committed already", generation);
  return sink->book.begun == generation ? SLUICE_OK : note(sink, 'B', generation, err);
}
static int commit(void *self, const char *delivery, int64_t generation, struct sluice_error *err) {
  struct sink *sink = self;
  (void)delivery;
  if (sink->book.current == generation)
    return SLUICE_OK;
  if (sink->book.begun != generation)
    return sluice_fail(err, SLUICE_ERR_BUG, "book", "generation %" PRId64 " was not begun", generation);
  return note(sink, 'K', generation, err);
}
static int give_up(void *self, const char *delivery, int64_t generation, struct sluice_error *err) {
  struct sink *sink = self;
  char line[LINE];
  (void)delivery;
  if (generation == sink->book.current)
    return sluice_fail(err, SLUICE_ERR_BUG, "book", "generation %" PRId64 " is in place", generation);
  int n = snprintf(line, sizeof line, "A %" PRId64 "\n", generation);
  pthread_mutex_lock(&sink->lock);
  int code = put(sink, line, (size_t)n, err);
  for (size_t i = 0; i < sink->book.n_marks; i++)
    if (sink->book.marks[i].generation == generation)
      sink->book.marks[i].unit[0] = 0;
  pthread_mutex_unlock(&sink->lock);
  return code;
}
static int current(void *self, const char *delivery, int64_t *generation, struct sluice_error *err) {
  (void)delivery, (void)err;
  *generation = ((struct sink *)self)->book.current;
  return SLUICE_OK;
}

static const struct sluice_commit powers = {.struct_size = sizeof powers,
                                            .committed = committed,
                                            .forget = forget,
                                            .begin = begin,
                                            .commit = commit,
                                            .abort = give_up,
                                            .current = current};
static const void *exact_extension(const char *id) {
  return strcmp(id, SLUICE_COMMIT) == 0 ? &powers : NULL;
}

/* ---- a batch as text ---- */

static int64_t ordinal_of(const struct sluice_batch *batch, int64_t i) {
  return batch->origin ? batch->origin[i] : batch->first_row + i;
}

static void add_record(const struct writer *w, const struct sluice_batch *batch, int64_t i, const char *record,
                       int size, struct delivery *d) {
  int64_t first = i / REQUEST_ROWS * REQUEST_ROWS, last = first + REQUEST_ROWS - 1;
  last = last < batch->array.length ? last : batch->array.length - 1;
  d->size += (size_t)snprintf(d->text + d->size, LINE, "R %" PRId64 " %.*s %" PRId64 " %" PRId64 " %" PRId64 " %d %.*s",
                              w->generation, BOOK_UNIT, batch->unit, ordinal_of(batch, first), ordinal_of(batch, last),
                              ordinal_of(batch, i), batch->ops ? batch->ops[i] : 0, size, record);
}

static int add_records(struct writer *w, struct sluice_batch *batch, struct delivery *d, struct sluice_error *err) {
  struct sluice_encoded lines;
  int code = w->sink->encode->encode(w->encoder, batch, 0, batch->array.length, w->rejects, &lines, err);
  for (int64_t i = 0; i < batch->array.length && !code; i++) {
    size_t from = i ? lines.ends[i - 1] : 0, size = lines.ends[i] - from;
    const char *record = (const char *)lines.data + from;
    if (size == 0 || size > LINE / 2)
      code = sluice_fail(err, SLUICE_ERR_BUG, "book", "a record of %zu bytes", size);
    else if (w->sink->config->refuse && memchr(record, '!', size))
      d->refused[d->n_refused++] = i;
    else
      add_record(w, batch, i, record, (int)size, d);
  }
  return code;
}

static void delivery_free(struct delivery *d) {
  if (d) {
    free(d->text);
    free(d->refused);
  }
  free(d);
}

static int make_delivery(struct writer *w, struct sluice_batch *batch, struct delivery **out,
                         struct sluice_error *err) {
  size_t rows = (size_t)batch->array.length;
  struct delivery *d = calloc(1, sizeof *d);
  if (!d)
    return no_memory(err);
  d->seq = batch->seq;
  d->text = malloc((rows + 1) * LINE);
  d->refused = calloc(rows + 1, sizeof *d->refused);
  int code = d->text && d->refused ? add_records(w, batch, d, err) : no_memory(err);
  if (code) {
    delivery_free(d);
    return code;
  }
  const struct sluice_position *end = &batch->end;
  if (w->exact)
    d->size += (size_t)snprintf(d->text + d->size, LINE,
                                "C %" PRId64 " %.*s %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "\n", w->generation,
                                BOOK_UNIT, batch->unit, end->row, end->offset, end->detail[0], end->detail[1]);
  *out = d;
  return SLUICE_OK;
}

/* ---- delivering ---- */

static int refuse(struct writer *w, const struct delivery *d, struct sluice_error *err) {
  int code = SLUICE_OK;
  for (size_t i = 0; i < d->n_refused && !code; i++) {
    struct sluice_reject reject = {.struct_size = sizeof reject,
                                   .attempts = 1,
                                   .seq = d->seq,
                                   .row = d->refused[i],
                                   .offset = -1,
                                   .column = "v",
                                   .reason = "it has a !"};
    code = w->rejects->add(w->rejects, &reject, err);
  }
  return code;
}

/* A failing one may have been taken, which the writer does not know. */
static int deliver_first(struct writer *w, struct sluice_error *err) {
  struct delivery *d = w->first;
  struct world *world = w->sink->world;
  bool fails = atomic_load(&world->deliver_fails_at) > 0 && atomic_fetch_sub(&world->deliver_fails_at, 1) == 1;
  int code = refuse(w, d, err); /* before the position behind it is durable */
  pthread_mutex_lock(&w->sink->lock);
  if (!code)
    code = put(w->sink, d->text, d->size, err);
  pthread_mutex_unlock(&w->sink->lock);
  if (!code && fails)
    code = sluice_fail(err, SLUICE_ERR_AUTH, "book", "this delivery fails");
  if (code)
    return code;
  w->acked = d->seq;
  w->first = d->next;
  delivery_free(d);
  return SLUICE_OK;
}

static int deliver(struct writer *w, size_t keep, struct sluice_error *err) {
  size_t n = 0;
  for (struct delivery *d = w->first; d; d = d->next)
    n++;
  int code = SLUICE_OK;
  for (; n > keep && !code; n--)
    code = deliver_first(w, err);
  return code;
}

static int writer_write(struct sluice_writer *base, struct sluice_batch *batch, struct sluice_error *err) {
  struct writer *w = base->private_data;
  struct delivery *d = NULL, **end = &w->first;
  int code = make_delivery(w, batch, &d, err);
  if (code)
    return code;
  while (*end)
    end = &(*end)->next;
  *end = d;
  if (w->sink->config->manner != AT_FLUSH)
    code = deliver(w, w->sink->config->manner == LATER ? LAG : 0, err);
  if (!code)
    sluice_array_release(&batch->array);
  return code;
}
static int writer_flush(struct sluice_writer *base, struct sluice_error *err) {
  return deliver(base->private_data, 0, err);
}
static int64_t writer_acked(struct sluice_writer *base) {
  return ((struct writer *)base->private_data)->acked;
}

static void writer_release(struct sluice_writer *base) {
  struct writer *w = base->private_data;
  while (w->first) {
    struct delivery *next = w->first->next;
    delivery_free(w->first);
    w->first = next;
  }
  w->sink->encode->close(w->encoder);
  free(w);
}

static int make_writer(struct sink *sink, bool exact, const struct sluice_stream *stream,
                       const struct ArrowSchema *schema, struct sluice_writer **out, struct sluice_error *err) {
  struct writer *w = calloc(1, sizeof *w);
  if (!w)
    return no_memory(err);
  *w = (struct writer){.sink = sink, .exact = exact, .generation = stream->generation, .rejects = stream->rejects};
  w->base = (struct sluice_writer){.struct_size = sizeof w->base,
                                   .write = writer_write,
                                   .flush = writer_flush,
                                   .acked = sink->config->manner == AT_FLUSH ? NULL : writer_acked,
                                   .release = writer_release,
                                   .private_data = w};
  int code = sink->encode->open("ndjson", NULL, schema, &w->encoder, err);
  if (code)
    free(w);
  else
    *out = &w->base;
  return code;
}
static int plain_writer(void *self, const struct sluice_stream *stream, const struct ArrowSchema *schema,
                        struct sluice_writer **out, struct sluice_error *err) {
  return make_writer(self, false, stream, schema, out, err);
}
static int exact_writer(void *self, const struct sluice_stream *stream, const struct ArrowSchema *schema,
                        struct sluice_writer **out, struct sluice_error *err) {
  return make_writer(self, true, stream, schema, out, err);
}

static const struct sluice_base plain_base = {.struct_size = sizeof plain_base,
                                              .kind = SLUICE_SINK,
                                              .name = "plain",
                                              .version = "1.0.0",
                                              .help = "Appends, for tests.",
                                              .options = &options};
static const struct sluice_base exact_base = {.struct_size = sizeof exact_base,
                                              .kind = SLUICE_SINK,
                                              .name = "exact",
                                              .version = "1.0.0",
                                              .help = "Keeps positions with the records, for tests.",
                                              .options = &options,
                                              .extension = exact_extension};
const struct sluice_sink plain_sink = {.struct_size = sizeof plain_sink,
                                       .base = &plain_base,
                                       .open = plain_open,
                                       .close = sink_close,
                                       .writer = plain_writer};
const struct sluice_sink exact_sink = {.struct_size = sizeof exact_sink,
                                       .base = &exact_base,
                                       .open = exact_open,
                                       .close = sink_close,
                                       .writer = exact_writer};
