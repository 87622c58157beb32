/* A worker's writer: batches are encoded when they come, and appended to the file in one piece at a flush. */
#include "operations.h"
#include "sink.h"
#include <stdlib.h>

enum { SPILL = 8 << 20 /* more than this waiting is committed before the next batch is taken */, MARKS_MAX = 1024 };

struct writer {
  struct sluice_writer base;
  struct sink *sink;
  struct place *place;
  struct output *output; /* of the place */
  const struct sluice_encode *encode;
  void *encoder;
  struct sluice_rejects *rejects;
  const char *operation_column; /* NULL: inserts only */
  char *delivery;
  struct sluice_buffer pending;
  struct journal_change *changes; /* a unit each; their units are ours */
  size_t count, room;
  int64_t last_seq, acked;
};

static void clear(struct writer *w) {
  for (size_t i = 0; i < w->count; i++)
    free((char *)w->changes[i].unit);
  w->count = 0;
  w->pending.size = 0;
}

static int commit(struct writer *w, struct sluice_error *err) {
  if (w->count == 0)
    return SLUICE_OK;
  int rc = output_append(w->output, w->pending.data, w->pending.size, w->changes, w->count, err);
  if (rc != SLUICE_OK)
    return rc;
  w->acked = w->last_seq;
  clear(w);
  if (w->pending.capacity > 4 * SPILL)
    sluice_buffer_free(&w->pending); /* one huge batch shall not hold its memory for ever */
  return SLUICE_OK;
}

/* The place where the position of this unit is kept until the commit; NULL: no memory. */
static struct journal_change *place(struct writer *w, const char *unit) {
  for (size_t i = w->count; i-- > 0;)
    if (strcmp(w->changes[i].unit, unit) == 0)
      return w->changes + i;
  if (w->count == w->room) {
    size_t room = w->room ? 2 * w->room : 4;
    struct journal_change *changes = realloc(w->changes, room * sizeof *changes);
    if (!changes)
      return NULL;
    w->changes = changes;
    w->room = room;
  }
  char *copy = strdup(unit);
  if (!copy)
    return NULL;
  w->changes[w->count] = (struct journal_change){.delivery = w->delivery, .unit = copy};
  return w->changes + w->count++;
}

static int append(struct writer *w, const struct sluice_encoded *encoded, const struct sluice_batch *batch) {
  if (w->operation_column)
    return operations_append(&w->pending, encoded, batch, w->operation_column);
  return sluice_buffer_append(&w->pending, encoded->data, encoded->size);
}

static int writer_write(struct sluice_writer *self, struct sluice_batch *batch, struct sluice_error *err) {
  struct writer *w = self->private_data;
  int rc = w->pending.size > SPILL || w->count >= MARKS_MAX ? commit(w, err) : SLUICE_OK;
  if (rc != SLUICE_OK)
    return rc; /* nothing of the batch is taken, so RETRY is true */
  if (!w->operation_column)
    rc = operations_refuse(batch, w->output->path, err);
  if (rc != SLUICE_OK)
    return rc;
  struct sluice_encoded encoded;
  rc = w->encode->encode(w->encoder, batch, 0, batch->array.length, w->rejects, &encoded, err);
  if (rc != SLUICE_OK)
    return rc;
  struct journal_change *change = place(w, SLUICE_HAS(batch, unit) ? batch->unit : "");
  if (!change || append(w, &encoded, batch) != SLUICE_OK)
    return sluice_fail(err, SLUICE_ERR_MEMORY, w->output->path, "no memory for %zu bytes of records", encoded.size);
  change->end = batch->end;
  w->last_seq = batch->seq;
  sluice_array_release(&batch->array);
  return SLUICE_OK;
}

static int writer_flush(struct sluice_writer *self, struct sluice_error *err) {
  return commit(self->private_data, err);
}

static int64_t writer_acked(struct sluice_writer *self) {
  return ((const struct writer *)self->private_data)->acked;
}

static void writer_release(struct sluice_writer *self) {
  struct writer *w = self->private_data;
  if (w->encoder)
    w->encode->close(w->encoder);
  clear(w);
  if (w->place)
    sink_done(w->sink, w->place);
  free(w->changes);
  free(w->delivery);
  sluice_buffer_free(&w->pending);
  free(w);
}

static int open_encoder(struct writer *w, const struct sink *sink, const struct ArrowSchema *schema,
                        struct sluice_error *err) {
  const struct sluice_pair nan = {"nan", sink->nan_text ? "string" : "null"};
  const struct sluice_map options = {&nan, 1};
  return w->encode->open("ndjson", &options, schema, &w->encoder, err);
}

int sink_writer(void *self, const struct sluice_stream *stream, const struct ArrowSchema *schema,
                struct sluice_writer **out, struct sluice_error *err) {
  struct sink *sink = self;
  const char *delivery = stream->delivery ? stream->delivery : "";
  int64_t generation = SLUICE_HAS(stream, generation) ? stream->generation : 0;
  int rc = sink->operation_column ? operations_check(sink->operation_column, schema, err) : SLUICE_OK;
  if (rc != SLUICE_OK)
    return rc;
  struct writer *w = calloc(1, sizeof *w);
  if (!w)
    return sluice_fail(err, SLUICE_ERR_MEMORY, sink->path, "no memory for a writer");
  w->base = (struct sluice_writer){sizeof w->base, 0, writer_write, writer_flush, writer_acked, writer_release, w};
  w->sink = sink;
  w->encode = sink->encode;
  w->rejects = stream->rejects;
  w->operation_column = sink->operation_column;
  w->last_seq = w->acked = -1;
  w->delivery = strdup(delivery);
  rc = w->delivery ? sink_use(sink, delivery, &w->place, err)
                   : sluice_fail(err, SLUICE_ERR_MEMORY, sink->path, "no memory for a writer");
  if (rc == SLUICE_OK)
    rc = refresh_output(sink, w->place, delivery, generation, &w->output, err);
  if (rc == SLUICE_OK)
    rc = open_encoder(w, sink, schema, err);
  if (rc == SLUICE_OK)
    *out = &w->base;
  else
    writer_release(&w->base);
  return rc;
}
