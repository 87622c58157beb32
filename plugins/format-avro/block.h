/* The blocks of a file: their heads, their sync markers, and the way to the next one that is sound. */
#ifndef AVRO_BLOCK_H
#define AVRO_BLOCK_H
#include "codec.h"
#include "header.h"

struct avro_block {
  int64_t offset, next; /* in the file; next: of the block behind it; -1: not known, for the block is broken */
  int64_t count;        /* records */
  int64_t stored;       /* bytes, as they are in the file */
  struct avro_plain plain;
  const char *why; /* of DATA */
};
struct avro_blocks { /* all borrowed */
  struct avro_input *input;
  const struct avro_header *header;
  struct avro_codec *codec;
  int64_t max_block, least; /* least: bytes that a record takes at least */
};

/* Reads and decodes the block at the input's place, which stays where it is. END: there is none. DATA: it is broken;
 * block->why says how, and err stays empty. */
int avro_block_read(const struct avro_blocks *b, struct avro_block *block, struct sluice_error *err);
/* Goes behind the next sync marker that begins behind `offset`. END: there is none. */
int avro_block_find(struct avro_input *w, const uint8_t sync[AVRO_SYNC], int64_t offset, struct sluice_error *err);
/* The head of a block from n bytes: how many it takes, or 0 where it is none. */
size_t avro_block_head(const uint8_t *p, size_t n, int64_t *count, int64_t *size);

enum { AVRO_HEAD_MAX = 20 };

#endif
