/* Batches inside the host. */
#include "core/run/batch.h"
#include <stdlib.h>

void batch_init(struct sluice_batch *batch) {
  memset(batch, 0, sizeof *batch);
  batch->struct_size = sizeof *batch;
}

int batch_copy_origin(const struct sluice_batch *batch, int64_t **out) {
  int64_t *copy = NULL;
  size_t size = (size_t)batch->array.length * sizeof *copy;
  if (batch->origin) {
    copy = malloc(size ? size : 1);
    if (!copy)
      return SLUICE_ERR_MEMORY;
    memcpy(copy, batch->origin, size);
  }
  *out = copy;
  return SLUICE_OK;
}

int64_t batch_find(const struct sluice_batch *batch, int64_t ordinal) {
  int64_t low = 0, high = batch->array.length;
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    if (batch_ordinal(batch, middle) < ordinal)
      low = middle + 1;
    else
      high = middle;
  }
  return low < batch->array.length && batch_ordinal(batch, low) == ordinal ? low : -1;
}

int batch_check(const struct ArrowSchema *schema, const struct ArrowArray *array, const char *who,
                struct sluice_error *err) {
#ifdef SLUICE_FULL_CHECKS
  enum sluice_check_level level = SLUICE_CHECK_FULL;
#else
  enum sluice_check_level level = SLUICE_CHECK_SHAPE;
#endif
  struct sluice_error why = {0};
  if (sluice_array_validate(schema, array, level, &why) == SLUICE_OK)
    return SLUICE_OK;
  return sluice_fail(err, SLUICE_ERR_BUG, who,
                     "%s gave a batch that is not valid Arrow data: %s: %s; this is a fault of the plugin", who,
                     why.where, why.message);
}
