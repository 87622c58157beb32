/* Reference-counted arrays: slices of one array that may outlive it and each other, on any thread. */
#include "internal.h"
#include <stdatomic.h>
#include <stdlib.h>

/* The memory: the array as it was, until the last slice is gone. */
struct root {
  atomic_size_t references;
  struct ArrowArray array;
};

/* One view of a root: all its nodes in one block, though a consumer may move a child out and release it later. */
struct clone {
  atomic_size_t references; /* nodes not yet released */
  struct root *root;
  struct ArrowArray nodes[];
};

static void root_release(struct root *root) {
  if (atomic_fetch_sub_explicit(&root->references, 1, memory_order_acq_rel) != 1)
    return;
  sluice_array_release(&root->array);
  free(root);
}

static void clone_release(struct ArrowArray *array) {
  struct clone *clone = array->private_data;
  for (int64_t i = 0; i < array->n_children; i++)
    sluice_array_release(array->children[i]);
  if (array->dictionary)
    sluice_array_release(array->dictionary);
  memset(array, 0, sizeof *array); /* it may be in the block that goes now */
  if (atomic_fetch_sub_explicit(&clone->references, 1, memory_order_acq_rel) != 1)
    return;
  root_release(clone->root);
  free(clone);
}

/* Nodes and child pointers below (and with) this array. */
static void count_nodes(const struct ArrowArray *array, size_t *nodes, size_t *links) {
  ++*nodes;
  *links += (size_t)array->n_children;
  for (int64_t i = 0; i < array->n_children; i++)
    count_nodes(array->children[i], nodes, links);
  if (array->dictionary)
    count_nodes(array->dictionary, nodes, links);
}

struct places { /* where the next node and child pointer of a block go */
  struct ArrowArray *node, **link;
};

static void clone_node(const struct ArrowArray *from, struct clone *clone, struct places *at, struct ArrowArray *to) {
  struct ArrowArray **links = at->link;
  *to = *from;
  to->release = clone_release;
  to->private_data = clone;
  to->children = from->n_children ? links : NULL;
  at->link += from->n_children;
  for (int64_t i = 0; i < from->n_children; i++) {
    links[i] = at->node++;
    clone_node(from->children[i], clone, at, links[i]);
  }
  if (!from->dictionary)
    return;
  to->dictionary = at->node++;
  clone_node(from->dictionary, clone, at, to->dictionary);
}

/* A view of the whole `from`, whose memory is root's. The caller has counted the reference. */
static int clone_create(const struct ArrowArray *from, struct root *root, struct ArrowArray *out) {
  size_t nodes = 0, links = 0;
  count_nodes(from, &nodes, &links);
  size_t head = sizeof(struct clone) + (nodes - 1) * sizeof(struct ArrowArray); /* the top node is the caller's */
  struct clone *clone = malloc(head + links * sizeof(struct ArrowArray *));
  if (!clone)
    return SLUICE_ERR_MEMORY;
  atomic_init(&clone->references, nodes);
  clone->root = root;
  struct places at = {clone->nodes, (struct ArrowArray **)((char *)clone + head)};
  clone_node(from, clone, &at, out);
  return SLUICE_OK;
}

int sluice_array_share(struct ArrowArray *array) {
  if (!array->release)
    return SLUICE_ERR_BUG;
  if (array->release == clone_release)
    return SLUICE_OK;
  struct root *root = malloc(sizeof *root);
  if (!root)
    return SLUICE_ERR_MEMORY;
  atomic_init(&root->references, 1);
  root->array = *array;
  struct ArrowArray shared;
  int status = clone_create(&root->array, root, &shared);
  if (status != SLUICE_OK) {
    free(root);
    return status;
  }
  *array = shared;
  return SLUICE_OK;
}

int sluice_array_slice(struct ArrowArray *shared, int64_t offset, int64_t length, struct ArrowArray *out) {
  if (shared->release != clone_release)
    return SLUICE_ERR_BUG;
  if (offset < 0 || length < 0 || length > shared->length - offset)
    return SLUICE_ERR_DATA;
  struct root *root = ((struct clone *)shared->private_data)->root;
  struct ArrowArray slice;
  int status = clone_create(shared, root, &slice);
  if (status != SLUICE_OK)
    return status;
  atomic_fetch_add_explicit(&root->references, 1, memory_order_relaxed);
  bool all = length == shared->length;
  slice.offset += offset;
  slice.length = length;
  if (!all && slice.null_count == shared->length)
    slice.null_count = length; /* all of them */
  else if (!all && slice.null_count != 0)
    slice.null_count = -1;
  *out = slice;
  return SLUICE_OK;
}

/* ---- what lives as long as an array ---- */

struct attached { /* private data of an array that carries memory */
  struct ArrowArray inner;
  void *memory;
};

static void release_attached(struct ArrowArray *array) {
  struct attached *attached = array->private_data;
  sluice_array_release(&attached->inner);
  free(attached->memory);
  free(attached);
  array->release = NULL;
}

int sluice_array_attach(struct ArrowArray *array, void *memory) {
  struct attached *attached = malloc(sizeof *attached);
  if (!attached)
    return SLUICE_ERR_MEMORY;
  attached->inner = *array;
  attached->memory = memory;
  array->release = release_attached;
  array->private_data = attached;
  return SLUICE_OK;
}
