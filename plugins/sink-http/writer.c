/* Encodes batches, cuts them into requests and hands these to the window. */
#include "writer.h"
#include "cut.h"
#include "window.h"
#include <stdlib.h>

enum { PART_ROWS = 1024 }; /* encoded at a time; it has no influence on the cuts */

struct http_writer {
  struct sluice_writer base; /* first: the host's pointer is ours */
  const struct target *target;
  const struct sluice_encode *encode;
  void *encoder;
  struct sluice_rejects *rejects;
  struct cut cut;
  struct window window;
  /* the batch in hand; it stays where it is when write returns RETRY */
  bool begun;
  struct batch_mark mark;
  struct sluice_encoded part; /* rows part_first.. of the batch */
  int64_t part_first, next;   /* next: the first row that is in no request yet */
  struct request *filling;
};

static int fail_memory(const struct http_writer *writer, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_MEMORY, writer->target->name, "no memory for a request");
}

static int check_ops(const struct http_writer *writer, const struct sluice_batch *batch, struct sluice_error *err) {
  for (int64_t i = 0; batch->ops && i < batch->array.length; i++)
    if (batch->ops[i] == SLUICE_OP_DELETE)
      return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, writer->target->name,
                         "the http sink cannot delete records; choose a sync mode without deletes");
  return SLUICE_OK;
}

static int begin(struct http_writer *writer, const struct sluice_batch *batch, struct sluice_error *err) {
  if (writer->begun) {
    if (writer->mark.seq == batch->seq)
      return SLUICE_OK;
    return sluice_fail(err, SLUICE_ERR_BUG, writer->target->name, "batch %lld came before batch %lld was taken",
                       (long long)batch->seq, (long long)writer->mark.seq);
  }
  int status = check_ops(writer, batch, err);
  if (status != SLUICE_OK)
    return status;
  batch_mark_init(&writer->mark, batch, writer->window.written);
  memset(&writer->part, 0, sizeof writer->part);
  writer->part_first = writer->next = 0;
  writer->begun = true;
  return SLUICE_OK;
}

static int encode_more(struct http_writer *writer, const struct sluice_batch *batch, struct sluice_error *err) {
  if (writer->next < writer->part_first + writer->part.rows)
    return SLUICE_OK;
  int64_t first = writer->next, last = batch->array.length;
  if (last - first > PART_ROWS)
    last = first + PART_ROWS;
  struct sluice_encoded part = {0};
  int status = writer->encode->encode(writer->encoder, batch, first, last, writer->rejects, &part, err);
  if (status != SLUICE_OK)
    return status;
  if (part.rows != last - first)
    return sluice_fail(err, SLUICE_ERR_BUG, writer->target->name, "the encoder gave %lld of %lld rows",
                       (long long)part.rows, (long long)(last - first));
  writer->part = part;
  writer->part_first = first;
  return SLUICE_OK;
}

/* Adds rows of the part to the request; *full: the next row belongs to the next request. */
static int fill(struct http_writer *writer, bool *full) {
  const struct sluice_encoded *part = &writer->part;
  int64_t from = writer->next - writer->part_first, to = from;
  size_t before = from > 0 ? part->ends[from - 1] : 0;
  while (to < part->rows && cut_add(&writer->cut, part->ends[to] - before))
    before = part->ends[to++];
  int status = body_append(&writer->filling->body, part, from, to);
  if (status != SLUICE_OK)
    return status;
  writer->next += to - from;
  *full = to < part->rows;
  return SLUICE_OK;
}

static int next_request(struct http_writer *writer) {
  if (writer->filling)
    return SLUICE_OK;
  cut_restart(&writer->cut);
  return window_take(&writer->window, &writer->mark, writer->next, &writer->filling);
}

static int send_rows(struct http_writer *writer, const struct sluice_batch *batch, struct sluice_error *err) {
  int64_t rows = batch->array.length;
  while (writer->next < rows) {
    bool full = false;
    int status = encode_more(writer, batch, err);
    if (status != SLUICE_OK)
      return status;
    if (next_request(writer) != SLUICE_OK || fill(writer, &full) != SLUICE_OK)
      return fail_memory(writer, err);
    if (!full && writer->next < rows)
      continue;
    window_put(&writer->window, writer->filling);
    writer->filling = NULL;
    if (writer->next < rows) /* after the last one the next call waits, while the host reads on */
      status = window_wait(&writer->window, writer->window.slots, err);
    if (status != SLUICE_OK)
      return status;
  }
  return SLUICE_OK;
}

static int http_write(struct sluice_writer *base, struct sluice_batch *batch, struct sluice_error *err) {
  struct http_writer *writer = (struct http_writer *)(void *)base;
  int status = begin(writer, batch, err);
  if (status == SLUICE_OK)
    status = window_wait(&writer->window, writer->window.slots, err);
  if (status == SLUICE_OK)
    status = send_rows(writer, batch, err);
  if (status != SLUICE_OK)
    return status;
  writer->begun = false;
  writer->window.written = batch->seq;
  sluice_array_release(&batch->array);
  return SLUICE_OK;
}

static int http_flush(struct sluice_writer *base, struct sluice_error *err) {
  return window_wait(&((struct http_writer *)(void *)base)->window, 0, err);
}

static int64_t http_acked(struct sluice_writer *base) {
  struct window *window = &((struct http_writer *)(void *)base)->window;
  window_step(window);
  return window_acked(window);
}

static void http_release(struct sluice_writer *base) {
  struct http_writer *writer = (struct http_writer *)(void *)base;
  request_destroy(writer->filling);
  window_finish(&writer->window);
  writer->encode->close(writer->encoder);
  free(writer);
}

static int open_encoder(struct http_writer *writer, const struct ArrowSchema *schema, struct sluice_error *err) {
  const struct sluice_host *host = writer->target->host;
  writer->encode = host->service(host, SLUICE_ENCODE);
  if (!writer->encode)
    return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, writer->target->name, "this host does not offer %s", SLUICE_ENCODE);
  const struct sluice_pair nan = {"nan", "string"};
  struct sluice_map options = {&nan, writer->target->options->nan == HTTP_NAN_STRING ? 1 : 0};
  return writer->encode->open("ndjson", &options, schema, &writer->encoder, err);
}

static void init_cut(struct http_writer *writer) {
  const struct http_options *options = writer->target->options;
  int64_t rows = options->body == HTTP_RECORD ? 1 : options->batch_rows;
  cut_init(&writer->cut, rows, (size_t)options->batch_bytes, options->body == HTTP_JSON ? 1 : 0);
}

int writer_create(const struct target *target, const struct sluice_stream *stream, const struct ArrowSchema *schema,
                  struct sluice_writer **out, struct sluice_error *err) {
  struct http_writer *writer = calloc(1, sizeof *writer);
  if (!writer)
    return sluice_fail(err, SLUICE_ERR_MEMORY, target->name, "no memory for a writer");
  writer->target = target;
  writer->rejects = stream->rejects;
  init_cut(writer);
  int status = open_encoder(writer, schema, err);
  if (status != SLUICE_OK) {
    free(writer);
    return status;
  }
  status = window_init(&writer->window, target, stream->rejects, err);
  if (status != SLUICE_OK) {
    writer->encode->close(writer->encoder);
    free(writer);
    return status;
  }
  writer->base = (struct sluice_writer){.struct_size = sizeof writer->base,
                                        .write = http_write,
                                        .flush = http_flush,
                                        .acked = http_acked,
                                        .release = http_release,
                                        .private_data = writer};
  *out = &writer->base;
  return SLUICE_OK;
}
