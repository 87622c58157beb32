/* Batches inside the host: zeroing, memory that lives as long as the array, checks at the border to plugins. */
#ifndef RUN_BATCH_H
#define RUN_BATCH_H
#include <sluice/arrow.h>

void batch_init(struct sluice_batch *); /* zeroed, with its size set */
static inline void batch_release(struct sluice_batch *batch) {
  sluice_array_release(&batch->array);
}
/* The ordinal of row i in the unit. */
static inline int64_t batch_ordinal(const struct sluice_batch *batch, int64_t i) {
  return batch->origin ? batch->origin[i] : batch->first_row + i;
}
/* The ordinals, malloc'ed; NULL where the batch has none of its own. */
int batch_copy_origin(const struct sluice_batch *, int64_t **out);
/* Index of the row with that ordinal; -1: not in the batch. Ordinals rise. */
int64_t batch_find(const struct sluice_batch *, int64_t ordinal);
/* Validates what a plugin gave or gets: in full in builds with SLUICE_FULL_CHECKS, else the shape. BUG, naming `who`.
 */
int batch_check(const struct ArrowSchema *, const struct ArrowArray *, const char *who, struct sluice_error *err);

#endif
