/* Writes a stream with a column of every type to a file, whole batches and slices of them: check_pyarrow.py reads it.
 */
#include "sample.h"

static int write_file(void *context, const void *bytes, size_t n, struct sluice_error *err) {
  if (fwrite(bytes, 1, n, context) == n)
    return SLUICE_OK;
  return sluice_fail(err, SLUICE_ERR_RETRY, NULL, "cannot write the sample");
}

static int write_batches(FILE *file, struct sluice_error *err) {
  struct ArrowSchema schema = {0};
  struct ArrowArray array = {0}, slice = {0}, none = {0};
  struct sluice_ipc_writer *writer = NULL;
  int status = sample_schema(&schema, true);
  if (status == SLUICE_OK)
    status = sample_array(&schema, 100, &array, err);
  if (status == SLUICE_OK)
    status = sluice_array_share(&array);
  if (status == SLUICE_OK)
    status = sluice_array_slice(&array, 13, 50, &slice);
  if (status == SLUICE_OK)
    status = sluice_array_slice(&array, 20, 0, &none);
  if (status == SLUICE_OK)
    status = sluice_array_validate(&schema, &slice, SLUICE_CHECK_FULL, err);
  if (status == SLUICE_OK)
    status = sluice_ipc_create(&schema, write_file, file, &writer, err);
  if (status == SLUICE_OK)
    status = sluice_ipc_write(writer, &array, err);
  if (status == SLUICE_OK)
    status = sluice_ipc_write(writer, &slice, err);
  if (status == SLUICE_OK)
    status = sluice_ipc_write(writer, &none, err);
  if (status == SLUICE_OK)
    status = sluice_ipc_finish(writer, err);
  sluice_ipc_destroy(writer);
  sluice_array_release(&none);
  sluice_array_release(&slice);
  sluice_array_release(&array);
  sluice_schema_release(&schema);
  return status;
}

int main(int argc, char **argv) {
  struct sluice_error err = {0};
  FILE *file = argc == 2 ? fopen(argv[1], "wb") : NULL;
  if (!file) {
    fprintf(stderr, "usage: %s FILE\n", argv[0]);
    return 2;
  }
  int status = write_batches(file, &err);
  if (status != SLUICE_OK)
    fprintf(stderr, "%d %s: %s\n", status, err.where, err.message);
  return fclose(file) != 0 || status != SLUICE_OK;
}
