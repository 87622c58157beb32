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

/* In other ways: packed_more.c. */
void block_add_bzip2(struct block *, const void *bytes, size_t n);
void block_add_xz(struct block *, const void *bytes, size_t n);
void block_add_xz_dictionary(struct block *, const void *bytes, size_t n, uint32_t dictionary);
void block_add_lz4(struct block *, const void *bytes, size_t n);
void block_add_snappy(struct block *, const void *bytes, size_t n);
void block_add_snappy_chunk(struct block *, uint8_t kind, const void *bytes, size_t n); /* its checksum is made */
void block_add_skippable(struct block *);

struct zip_file { /* for block_add_zip */
  const char *name;
  const void *bytes;
  size_t n;
  bool stored, descriptor, zip64; /* descriptor: sizes and checksum stand behind the content */
  unsigned method, flags;         /* where not 0: what the headers say instead */
};
void block_add_zip(struct block *, const struct zip_file *files, size_t count);
void block_add_zip_one(struct block *, const void *bytes, size_t n); /* deflated, as a.csv */

/* An input over the block that fails every `every`-th read with RETRY (0: never), and has a window. */
struct flaky {
  struct block block;
  int every, reads;
  int64_t asked_end; /* of the ranges that will_need named: they must come in order, each once */
  bool in_order, released;
};
void flaky_input(struct flaky *, struct sluice_input *out);

#endif
