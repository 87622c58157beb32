/* Test data, compressed. */
#include "packed.h"
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

static void must(bool ok) {
  if (!ok)
    abort();
}

struct block content_make(size_t n) {
  struct block block = {malloc(n + 1), n};
  uint32_t seed = 7;
  must(block.data != NULL);
  for (size_t i = 0; i < n; i++) {
    seed = seed * 1103515245 + 12345;
    block.data[i] = (uint8_t)('a' + (seed >> 16) % 20);
  }
  return block;
}

void block_free(struct block *block) {
  free(block->data);
  *block = (struct block){0};
}

void block_add(struct block *block, const void *bytes, size_t n) {
  uint8_t *data = realloc(block->data, block->size + n + 1);
  must(data != NULL);
  memcpy(data + block->size, bytes, n);
  block->data = data;
  block->size += n;
}

void block_add_gzip(struct block *block, const void *bytes, size_t n) {
  z_stream z = {0};
  must(deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  size_t room = deflateBound(&z, n) + 64;
  uint8_t *out = malloc(room);
  must(out != NULL);
  z.next_in = (z_const Bytef *)bytes;
  z.avail_in = (uInt)n;
  z.next_out = out;
  z.avail_out = (uInt)room;
  must(deflate(&z, Z_FINISH) == Z_STREAM_END);
  block_add(block, out, room - z.avail_out);
  deflateEnd(&z);
  free(out);
}

void block_add_zstd(struct block *block, const void *bytes, size_t n) {
  size_t room = ZSTD_compressBound(n);
  void *out = malloc(room);
  must(out != NULL);
  size_t size = ZSTD_compress(out, room, bytes, n, 3);
  must(!ZSTD_isError(size));
  block_add(block, out, size);
  free(out);
}

void block_add_zstd_window(struct block *block, const void *bytes, size_t n, int window_log) {
  ZSTD_CCtx *context = ZSTD_createCCtx();
  size_t room = ZSTD_compressBound(n) + 64;
  void *data = malloc(room);
  must(context && data);
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
  ZSTD_inBuffer in = {bytes, n, 0};
  ZSTD_outBuffer out = {data, room, 0};
  must(!ZSTD_isError(
      ZSTD_compressStream2(context, &out, &in, ZSTD_e_flush))); /* the size is not known yet, so the window is told */
  must(ZSTD_compressStream2(context, &out, &in, ZSTD_e_end) == 0);
  block_add(block, data, out.pos);
  free(data);
  ZSTD_freeCCtx(context);
}

static int flaky_read_at(struct sluice_input *in, int64_t offset, void *buf, size_t n, size_t *got,
                         struct sluice_error *err) {
  struct flaky *flaky = in->private_data;
  if (flaky->every && ++flaky->reads % flaky->every == 0)
    return sluice_fail(err, SLUICE_ERR_RETRY, "", "try again");
  size_t rest = (uint64_t)offset < flaky->block.size ? flaky->block.size - (size_t)offset : 0;
  *got = n < rest ? n : rest;
  if (*got)
    memcpy(buf, flaky->block.data + offset, *got);
  return SLUICE_OK;
}

static void flaky_will_need(struct sluice_input *in, const struct sluice_range *ranges, size_t count) {
  struct flaky *flaky = in->private_data;
  for (size_t i = 0; i < count; i++) {
    flaky->in_order &= ranges[i].offset == flaky->asked_end && ranges[i].size > 0;
    flaky->asked_end = ranges[i].offset + ranges[i].size;
  }
}

static void flaky_release(struct sluice_input *in) {
  ((struct flaky *)in->private_data)->released = true;
}

void flaky_input(struct flaky *flaky, struct sluice_input *out) {
  flaky->in_order = true;
  *out = (struct sluice_input){
      (int64_t)flaky->block.size, 1 << 20, flaky_read_at, NULL, flaky_will_need, flaky_release, flaky};
}
