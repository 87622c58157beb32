/* Records to a file descriptor. */
#include "core/cli/output.h"
#include "core/cli/descriptor.h"
#include "core/encode/encode.h"
#include <stdlib.h>

struct output {
  enum output_format format;
  struct descriptor descriptor;
  const struct ArrowSchema *schema;
  void *encoder;
  struct sluice_ipc_writer *ipc;
};

static int write_all(void *context, const void *bytes, size_t n, struct sluice_error *err) {
  struct output *out = context;
  return descriptor_write(&out->descriptor, bytes, n, err);
}

/* A reader that went away ends the work without an error. */
static int result(const struct output *out, int code) {
  return code != SLUICE_OK && out->descriptor.closed ? SLUICE_END : code;
}

static int start_csv(struct output *out, struct sluice_error *err) {
  struct sluice_buffer header = {0};
  int code = encode_csv_header(out->schema, &header, err);
  if (code == SLUICE_OK)
    code = write_all(out, header.data, header.size, err);
  sluice_buffer_free(&header);
  return code;
}

static int start(struct output *out, struct sluice_error *err) {
  if (out->format == OUTPUT_ARROW)
    return sluice_ipc_create(out->schema, write_all, out, &out->ipc, err);
  const char *name = out->format == OUTPUT_CSV ? "csv" : "ndjson";
  int code = encode_service()->open(name, NULL, out->schema, &out->encoder, err);
  return code == SLUICE_OK && out->format == OUTPUT_CSV ? start_csv(out, err) : code;
}

int output_create(enum output_format format, int fd, const struct stop *stop, const struct ArrowSchema *schema,
                  struct output **made, struct sluice_error *err) {
  struct output *out = calloc(1, sizeof *out);
  if (!out)
    return sluice_fail(err, SLUICE_ERR_MEMORY, NULL, "no memory for the output");
  *out = (struct output){.format = format, .descriptor = {fd, stop, false}, .schema = schema};
  int code = start(out, err);
  if (code != SLUICE_OK && !out->descriptor.closed) {
    output_destroy(out);
    return code;
  }
  *made = out; /* one that is closed already says so at its first write */
  return SLUICE_OK;
}

void output_destroy(struct output *out) {
  if (!out)
    return;
  encode_service()->close(out->encoder);
  sluice_ipc_destroy(out->ipc);
  free(out);
}

static int write_arrow(struct output *out, struct sluice_batch *batch, int64_t rows, struct sluice_error *err) {
  struct ArrowArray slice;
  if (rows == batch->array.length)
    return sluice_ipc_write(out->ipc, &batch->array, err);
  int code = sluice_array_share(&batch->array);
  if (code == SLUICE_OK)
    code = sluice_array_slice(&batch->array, 0, rows, &slice);
  if (code != SLUICE_OK)
    return sluice_fail(err, code, NULL, "no memory for the records");
  code = sluice_ipc_write(out->ipc, &slice, err);
  sluice_array_release(&slice);
  return code;
}

static int write_text(struct output *out, const struct sluice_batch *batch, int64_t rows,
                      struct sluice_rejects *rejects, struct sluice_error *err) {
  enum { ROWS_AT_ONCE = 1024 }; /* one call makes at most 1 GiB */
  int code = SLUICE_OK;
  for (int64_t first = 0; first < rows && code == SLUICE_OK; first += ROWS_AT_ONCE) {
    int64_t last = rows - first < ROWS_AT_ONCE ? rows : first + ROWS_AT_ONCE;
    struct sluice_encoded encoded;
    code = encode_service()->encode(out->encoder, batch, first, last, rejects, &encoded, err);
    if (code == SLUICE_OK)
      code = write_all(out, encoded.data, encoded.size, err);
  }
  return code;
}

int output_write(struct output *out, struct sluice_batch *batch, int64_t rows, struct sluice_rejects *rejects,
                 struct sluice_error *err) {
  if (out->descriptor.closed)
    return SLUICE_END;
  return result(out, out->ipc ? write_arrow(out, batch, rows, err) : write_text(out, batch, rows, rejects, err));
}

int output_finish(struct output *out, struct sluice_error *err) {
  if (out->descriptor.closed)
    return SLUICE_END;
  return out->ipc ? result(out, sluice_ipc_finish(out->ipc, err)) : SLUICE_OK;
}

bool output_closed(const struct output *out) {
  return out->descriptor.closed;
}
