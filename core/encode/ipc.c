/* A stream of its own for each range of records, so that a body made of it can be read alone. */
#include "core/encode/ipc.h"

static int append(void *context, const void *bytes, size_t n, struct sluice_error *err) {
  if (sluice_buffer_append(context, bytes, n) == SLUICE_OK)
    return SLUICE_OK;
  return sluice_fail(err, SLUICE_ERR_MEMORY, "",
                     "records take over 1 GiB as an Arrow stream, or there is no memory for it; use smaller batches");
}

int encode_ipc(const struct ArrowSchema *schema, const struct ArrowArray *array, int64_t first, int64_t last,
               struct sluice_buffer *out, struct sluice_error *err) {
  struct sluice_ipc_writer *writer = NULL;
  struct ArrowArray rows = *array; /* only read: the array keeps what it points to */
  rows.offset += first;
  rows.length = last - first;
  out->size = 0;
  int rc = sluice_ipc_create(schema, append, out, &writer, err);
  if (rc == SLUICE_OK)
    rc = sluice_ipc_write(writer, &rows, err);
  if (rc == SLUICE_OK)
    rc = sluice_ipc_finish(writer, err);
  sluice_ipc_destroy(writer);
  return rc;
}
