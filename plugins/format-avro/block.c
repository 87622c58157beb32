/* Reads the blocks of a file. */
#include "block.h"
#include "varint.h"

size_t avro_block_head(const uint8_t *p, size_t n, int64_t *count, int64_t *size) {
  size_t first = avro_long_within(p, n, count);
  size_t second = first ? avro_long_within(p + first, n - first, size) : 0;
  return second ? first + second : 0;
}

static int broken(struct avro_block *block, const char *why) {
  block->why = why;
  return SLUICE_ERR_DATA;
}

static int check_head(const struct avro_blocks *b, struct avro_block *block) {
  if (block->count < 0)
    return broken(block, "it claims a negative number of records");
  if (block->stored < 0)
    return broken(block, "it claims a negative size");
  if (block->stored > b->max_block)
    return broken(block, "it is larger than max_block");
  return SLUICE_OK;
}

/* Known once the bytes are decoded, but told by a small number of bytes. */
static int check_count(const struct avro_blocks *b, struct avro_block *block) {
  if (b->least == 0 && block->count > AVRO_MAX_EMPTY)
    return broken(block, "it claims more records of no bytes than are taken");
  if (b->least > 0 && block->count > (int64_t)block->plain.size / b->least)
    return broken(block, "it claims more records than it has bytes for");
  return SLUICE_OK;
}

int avro_block_read(const struct avro_blocks *b, struct avro_block *block, struct sluice_error *err) {
  struct avro_input *w = b->input;
  *block = (struct avro_block){.offset = w->offset, .next = -1};
  int code = avro_input_need(w, AVRO_HEAD_MAX + AVRO_SYNC, err);
  if (code)
    return code;
  if (avro_input_size(w) == 0)
    return SLUICE_END;
  size_t head = avro_block_head(avro_input_bytes(w), avro_input_size(w), &block->count, &block->stored);
  if (!head)
    return broken(block, avro_input_size(w) < AVRO_HEAD_MAX ? "it is cut short" : "its head is no number");
  code = check_head(b, block);
  size_t whole = head + (size_t)block->stored + AVRO_SYNC;
  if (!code)
    code = avro_input_need(w, whole, err);
  if (code)
    return code;
  if (avro_input_size(w) < whole)
    return broken(block, "it is cut short");
  const uint8_t *data = avro_input_bytes(w) + head;
  if (memcmp(data + block->stored, b->header->sync, AVRO_SYNC) != 0)
    return broken(block, "no sync marker follows it");
  block->next = block->offset + (int64_t)whole;
  code = avro_codec_decode(b->codec, data, (size_t)block->stored, &block->plain, &block->why);
  if (code == SLUICE_ERR_MEMORY)
    return sluice_fail(err, code, "", "%s", block->why);
  return code ? code : check_count(b, block);
}

int avro_block_find(struct avro_input *w, const uint8_t sync[AVRO_SYNC], int64_t offset, struct sluice_error *err) {
  int code = avro_input_seek(w, offset + 1, err);
  while (!code) {
    code = avro_input_need(w, AVRO_CHUNK / 4, err);
    size_t size = avro_input_size(w);
    if (code)
      return code;
    if (size < AVRO_SYNC)
      return SLUICE_END;
    const uint8_t *p = avro_input_bytes(w), *at = memmem(p, size, sync, AVRO_SYNC);
    avro_input_skip(w, at ? (size_t)(at - p) + AVRO_SYNC : size - AVRO_SYNC + 1);
    if (at)
      return SLUICE_OK;
  }
  return code;
}
