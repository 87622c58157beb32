/* Source batches on their way. */
#include "core/run/retained.h"
#include "core/run/batch.h"
#include <stdlib.h>

static void release(struct retained_batch *item) {
  free((void *)(uintptr_t)item->batch.origin);
  free(item->mapped);
  batch_release(&item->batch);
}

static int make_room(struct retained *retained) {
  if (retained->first + retained->count < retained->capacity)
    return SLUICE_OK;
  if (retained->first > 0) {
    memmove(retained->items, retained->items + retained->first, retained->count * sizeof *retained->items);
    retained->first = 0;
    return SLUICE_OK;
  }
  size_t capacity = retained->capacity ? retained->capacity * 2 : 16;
  struct retained_batch *grown = realloc(retained->items, capacity * sizeof *grown);
  if (!grown)
    return SLUICE_ERR_MEMORY;
  retained->items = grown;
  retained->capacity = capacity;
  return SLUICE_OK;
}

int retained_add(struct retained *retained, struct sluice_batch *batch) {
  int64_t *origin;
  int code = make_room(retained);
  if (!code)
    code = batch_copy_origin(batch, &origin);
  if (code)
    return code;
  struct retained_batch *item = &retained->items[retained->first + retained->count];
  *item = (struct retained_batch){.batch = *batch};
  memset(&item->batch.array, 0, sizeof item->batch.array);
  item->batch.origin = origin;
  code = sluice_array_share(&batch->array);
  if (!code)
    code = sluice_array_slice(&batch->array, 0, batch->array.length, &item->batch.array);
  if (code)
    free(origin);
  else
    retained->count++;
  return code;
}

void retained_drop(struct retained *retained, int64_t seq) {
  while (retained->count && retained->items[retained->first].batch.seq <= seq) {
    release(&retained->items[retained->first]);
    retained->first++;
    retained->count--;
  }
  if (retained->count == 0)
    retained->first = 0;
}

struct retained_batch *retained_find(struct retained *retained, int64_t seq) {
  for (size_t i = 0; i < retained->count; i++)
    if (retained->items[retained->first + i].batch.seq == seq)
      return &retained->items[retained->first + i];
  return NULL;
}

int retained_sent(struct retained *retained, int64_t seq, const struct sluice_batch *sent) {
  struct retained_batch *item = retained_find(retained, seq);
  if (!item ||
      (!sent->origin && !item->batch.origin && !item->mapped && sent->array.length == item->batch.array.length))
    return SLUICE_OK;
  int64_t *ordinals = malloc((size_t)(sent->array.length + 1) * sizeof *ordinals);
  if (!ordinals)
    return SLUICE_ERR_MEMORY;
  for (int64_t i = 0; i < sent->array.length; i++)
    ordinals[i] = batch_ordinal(sent, i);
  free(item->mapped);
  item->mapped = ordinals;
  item->n_mapped = sent->array.length;
  return SLUICE_OK;
}

void retained_finish(struct retained *retained) {
  retained_drop(retained, INT64_MAX);
  free(retained->items);
  memset(retained, 0, sizeof *retained);
}
