/* Test data: content, compressed in several ways; and an input that behaves badly on purpose. */
#ifndef TESTS_UNIT_INPUT_PACKED_H
#define TESTS_UNIT_INPUT_PACKED_H
#include "core/input/input.h"
#include <stdbool.h>

struct block {
  uint8_t *data;
  size_t size;
};
/* Bytes that compress about as text does, the same for the same size. */
struct block content_make(size_t n);
void block_free(struct block *);
void block_add(struct block *, const void *bytes, size_t n);
void block_add_gzip(struct block *, const void *bytes, size_t n);
void block_add_zstd(struct block *, const void *bytes, size_t n);
void block_add_zstd_window(struct block *, const void *bytes, size_t n, int window_log);

/* An input over the block that fails every `every`-th read with RETRY (0: never), and has a window. */
struct flaky {
  struct block block;
  int every, reads;
  int64_t asked_end; /* of the ranges that will_need named: they must come in order, each once */
  bool in_order, released;
};
void flaky_input(struct flaky *, struct sluice_input *out);

#endif
