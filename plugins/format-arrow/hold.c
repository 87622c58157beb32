/* Arrays over memory that they share. Consumers may move children out and release them later, on any thread. */
#include "hold.h"
#include <stdatomic.h>
#include <stdlib.h>

struct arrow_hold {
  atomic_size_t references;
  struct sluice_bytes *bytes;
  size_t count, room;
};
struct node { /* one block: this, buffers, child pointers, children, dictionary */
  struct arrow_hold *hold;
};

int arrow_hold_create(struct arrow_hold **out) {
  struct arrow_hold *hold = calloc(1, sizeof *hold);
  if (!hold)
    return SLUICE_ERR_MEMORY;
  atomic_init(&hold->references, 1);
  *out = hold;
  return SLUICE_OK;
}

void arrow_hold_drop(struct arrow_hold *hold) {
  if (!hold || atomic_fetch_sub_explicit(&hold->references, 1, memory_order_acq_rel) != 1)
    return;
  for (size_t i = 0; i < hold->count; i++)
    arrow_bytes_release(&hold->bytes[i]);
  free(hold->bytes);
  free(hold);
}

int arrow_hold_take(struct arrow_hold *hold, struct sluice_bytes *bytes) {
  if (!bytes->release)
    return SLUICE_OK; /* borrowed for as long as the input's memory lives, or empty */
  if (hold->count == hold->room) {
    size_t room = hold->room * 2 + 8;
    struct sluice_bytes *grown = realloc(hold->bytes, room * sizeof *grown);
    if (!grown)
      return SLUICE_ERR_MEMORY;
    hold->bytes = grown;
    hold->room = room;
  }
  hold->bytes[hold->count++] = *bytes;
  memset(bytes, 0, sizeof *bytes);
  return SLUICE_OK;
}

uint8_t *arrow_hold_memory(struct arrow_hold *hold, size_t n) {
  struct sluice_bytes bytes;
  uint8_t *data;
  if (arrow_bytes_create(n, &bytes, &data) != SLUICE_OK)
    return NULL;
  if (arrow_hold_take(hold, &bytes) == SLUICE_OK)
    return data;
  arrow_bytes_release(&bytes);
  return NULL;
}

static void release_node(struct ArrowArray *array) {
  struct node *node = array->private_data;
  for (int64_t i = 0; i < array->n_children; i++)
    sluice_array_release(array->children[i]);
  if (array->dictionary)
    sluice_array_release(array->dictionary);
  arrow_hold_drop(node->hold);
  memset(array, 0, sizeof *array);
  free(node);
}

int arrow_hold_array(struct arrow_hold *hold, int64_t length, int64_t n_buffers, int64_t n_children, bool dictionary,
                     struct ArrowArray *out) {
  size_t b = (size_t)n_buffers, c = (size_t)n_children;
  struct node *node = calloc(1, sizeof *node + (b + c) * sizeof(void *) + (c + dictionary) * sizeof(struct ArrowArray));
  if (!node)
    return SLUICE_ERR_MEMORY;
  const void **buffers = (const void **)(node + 1);
  struct ArrowArray **links = (struct ArrowArray **)(buffers + b), *children = (struct ArrowArray *)(links + c);
  for (size_t i = 0; i < c; i++)
    links[i] = &children[i];
  node->hold = hold;
  atomic_fetch_add_explicit(&hold->references, 1, memory_order_relaxed);
  *out = (struct ArrowArray){.length = length,
                             .n_buffers = n_buffers,
                             .n_children = n_children,
                             .buffers = b ? buffers : NULL,
                             .children = c ? links : NULL,
                             .dictionary = dictionary ? &children[c] : NULL,
                             .release = release_node,
                             .private_data = node};
  return SLUICE_OK;
}
