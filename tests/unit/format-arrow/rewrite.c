/* Arrow files through the reader and the writer. */
#include "rewrite.h"

static int keep(void *context, const void *bytes, size_t n, struct sluice_error *err) {
  int rc = sluice_buffer_append(context, bytes, n);
  return rc ? sluice_fail(err, rc, NULL, "no memory for the test's stream") : rc;
}

static int copy(struct arrow_side *side, struct sluice_ipc_writer **writer, struct sluice_buffer *out,
                struct sluice_error *err) {
  struct ArrowSchema schema = {0};
  int rc = side->reader.schema(&side->reader, &schema, err);
  if (rc == SLUICE_OK)
    rc = sluice_ipc_create(&schema, keep, out, writer, err);
  sluice_schema_release(&schema);
  while (rc == SLUICE_OK) {
    struct sluice_batch batch = {.struct_size = sizeof batch};
    rc = side->reader.next(&side->reader, &batch, err);
    if (rc == SLUICE_OK)
      rc = sluice_ipc_write(*writer, &batch.array, err);
    sluice_array_release(&batch.array);
  }
  return rc == SLUICE_END ? sluice_ipc_finish(*writer, err) : rc;
}

int rewrite(const uint8_t *data, size_t size, int64_t batch_rows, struct sluice_buffer *out, struct sluice_error *err) {
  struct sluice_scan all = {.struct_size = sizeof all, .part = "part", .batch_rows = batch_rows};
  struct test_input input = {.data = data, .size = size};
  struct arrow_side side = {.config = arrow_side_config()};
  struct sluice_ipc_writer *writer = NULL;
  int rc = arrow_side_open(&side, &input, &all, err);
  if (rc == SLUICE_OK)
    rc = copy(&side, &writer, out, err);
  sluice_ipc_destroy(writer);
  arrow_side_close(&side);
  return rc;
}

int write_stream(const struct ArrowSchema *schema, const struct ArrowArray *const *batches, size_t n,
                 struct sluice_buffer *out, struct sluice_error *err) {
  struct sluice_ipc_writer *writer = NULL;
  int rc = sluice_ipc_create(schema, keep, out, &writer, err);
  for (size_t i = 0; rc == SLUICE_OK && i < n; i++)
    rc = sluice_ipc_write(writer, batches[i], err);
  if (rc == SLUICE_OK)
    rc = sluice_ipc_finish(writer, err);
  sluice_ipc_destroy(writer);
  return rc;
}
