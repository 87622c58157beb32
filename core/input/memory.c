/* An input over memory. */
#include "core/input/input.h"
#include <stdlib.h>

struct block {
  atomic_int references;
  const uint8_t *bytes;
  size_t size;
  void *own; /* freed with the last reference; may be NULL */
};

static void block_drop(struct block *block) {
  if (atomic_fetch_sub(&block->references, 1) > 1)
    return;
  free(block->own);
  free(block);
}

/* The part of n bytes from offset that exists. */
static size_t clip(const struct block *block, int64_t offset, size_t n) {
  if (offset < 0 || (uint64_t)offset >= block->size)
    return 0;
  size_t rest = block->size - (size_t)offset;
  return n < rest ? n : rest;
}

static int memory_read_at(struct sluice_input *in, int64_t offset, void *buf, size_t n, size_t *got,
                          struct sluice_error *err) {
  const struct block *block = in->private_data;
  (void)err;
  size_t size = clip(block, offset, n);
  if (size)
    memcpy(buf, block->bytes + offset, size);
  *got = size;
  return SLUICE_OK;
}

static void view_release(struct sluice_bytes *view) {
  block_drop(view->private_data);
  memset(view, 0, sizeof *view);
}

static int memory_view_at(struct sluice_input *in, int64_t offset, size_t n, struct sluice_bytes *out,
                          struct sluice_error *err) {
  struct block *block = in->private_data;
  (void)err;
  size_t size = clip(block, offset, n);
  atomic_fetch_add(&block->references, 1);
  *out = (struct sluice_bytes){size ? block->bytes + offset : block->bytes, size, view_release, block};
  return SLUICE_OK;
}

static void memory_release(struct sluice_input *in) {
  block_drop(in->private_data);
  memset(in, 0, sizeof *in);
}

static int memory_open(const void *bytes, void *own, size_t n, struct sluice_input *out, struct sluice_error *err) {
  struct block *block = malloc(sizeof *block);
  if (!block || n > INT64_MAX) {
    free(block);
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for an input of %zu bytes", n);
  }
  atomic_init(&block->references, 1);
  block->bytes = bytes;
  block->size = n;
  block->own = own;
  *out = (struct sluice_input){(int64_t)n, 0, memory_read_at, memory_view_at, NULL, memory_release, block};
  return SLUICE_OK;
}

int input_memory(const void *bytes, size_t n, struct sluice_input *out, struct sluice_error *err) {
  return memory_open(bytes, NULL, n, out, err);
}
int input_memory_own(void *block, size_t n, struct sluice_input *out, struct sluice_error *err) {
  return memory_open(block, block, n, out, err);
}
