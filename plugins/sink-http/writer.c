/* A writer: requests are filled from batches, and the window delivers them. */
#include "writer.h"
#include "fill.h"
#include <stdlib.h>

struct http_writer {
  struct sluice_writer base; /* first: the host's pointer is ours */
  struct filler filler;
  struct window window;
};

static int http_write(struct sluice_writer *base, struct sluice_batch *batch, struct sluice_error *err) {
  struct http_writer *writer = (struct http_writer *)(void *)base;
  int status = filler_send(&writer->filler, batch, err);
  if (status != SLUICE_OK)
    return status;
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
  filler_finish(&writer->filler);
  window_finish(&writer->window);
  free(writer);
}

int writer_create(const struct target *target, const struct sluice_stream *stream, const struct ArrowSchema *schema,
                  struct sluice_writer **out, struct sluice_error *err) {
  struct http_writer *writer = calloc(1, sizeof *writer);
  if (!writer)
    return sluice_fail(err, SLUICE_ERR_MEMORY, target->name, "no memory for a writer");
  int status = window_init(&writer->window, target, stream, err);
  if (status == SLUICE_OK) {
    status = filler_init(&writer->filler, target, schema, &writer->window, err);
    if (status != SLUICE_OK)
      window_finish(&writer->window);
  }
  if (status != SLUICE_OK) {
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
