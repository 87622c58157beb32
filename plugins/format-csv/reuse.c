/* The memory of a column's batches, used again. */
#include "reuse.h"
#include <pthread.h>
#include <stdlib.h>

enum { SPARE_SETS = 2, SPARE_BYTES = 8 << 20 }; /* kept at most for a column; a larger set is freed */

struct set { /* the buffers of a batch, on their way or spare */
  struct csv_reuse *owner;
  struct sluice_buffer buffers[CSV_BUFFERS];
  const void *pointers[CSV_BUFFERS];
};
struct csv_reuse {
  pthread_mutex_t lock;
  struct set *spare[SPARE_SETS];
  size_t spares, away; /* away: sets in arrays */
  bool left;           /* the column has ended */
};

int csv_reuse_create(struct csv_reuse **out) {
  struct csv_reuse *reuse = calloc(1, sizeof *reuse);
  if (!reuse || pthread_mutex_init(&reuse->lock, NULL) != 0) {
    free(reuse);
    return SLUICE_ERR_MEMORY;
  }
  *out = reuse;
  return SLUICE_OK;
}

static void free_set(struct set *set) {
  for (int i = 0; i < CSV_BUFFERS; i++)
    sluice_buffer_free(&set->buffers[i]);
  free(set);
}

static void destroy(struct csv_reuse *reuse) {
  for (size_t i = 0; i < reuse->spares; i++)
    free_set(reuse->spare[i]);
  pthread_mutex_destroy(&reuse->lock);
  free(reuse);
}

void csv_reuse_leave(struct csv_reuse *reuse) {
  if (!reuse)
    return;
  pthread_mutex_lock(&reuse->lock);
  reuse->left = true;
  bool last = reuse->away == 0;
  pthread_mutex_unlock(&reuse->lock);
  if (last)
    destroy(reuse);
}

static size_t capacity_of(const struct set *set) {
  size_t sum = 0;
  for (int i = 0; i < CSV_BUFFERS; i++)
    sum += set->buffers[i].capacity;
  return sum;
}

static void release(struct ArrowArray *array) {
  struct set *set = array->private_data;
  struct csv_reuse *reuse = set->owner;
  pthread_mutex_lock(&reuse->lock);
  bool keep = !reuse->left && reuse->spares < SPARE_SETS && capacity_of(set) <= SPARE_BYTES;
  if (keep)
    reuse->spare[reuse->spares++] = set;
  bool last = --reuse->away == 0 && reuse->left;
  pthread_mutex_unlock(&reuse->lock);
  if (!keep)
    free_set(set);
  if (last)
    destroy(reuse);
  memset(array, 0, sizeof *array);
}

static struct set *take_spare(struct csv_reuse *reuse) {
  pthread_mutex_lock(&reuse->lock);
  struct set *set = reuse->spares ? reuse->spare[--reuse->spares] : calloc(1, sizeof *set);
  reuse->away += set != NULL;
  pthread_mutex_unlock(&reuse->lock);
  return set;
}

int csv_reuse_array(struct csv_reuse *reuse, int64_t length, int64_t null_count,
                    struct sluice_buffer buffers[CSV_BUFFERS], int64_t n, struct ArrowArray *out) {
  struct set *set = take_spare(reuse);
  if (!set)
    return SLUICE_ERR_MEMORY;
  set->owner = reuse;
  for (int i = 0; i < CSV_BUFFERS; i++) {
    struct sluice_buffer other = set->buffers[i];
    set->buffers[i] = buffers[i];
    set->pointers[i] = i > 0 || buffers[i].size ? buffers[i].data : NULL;
    other.size = 0;
    buffers[i] = other;
  }
  *out = (struct ArrowArray){.length = length,
                             .null_count = null_count,
                             .n_buffers = n,
                             .buffers = set->pointers,
                             .release = release,
                             .private_data = set};
  return SLUICE_OK;
}
