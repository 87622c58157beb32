/* Undoing the compression of pages. */
#include "codec.h"
#include "chunk.h"
#include "snappy.h"
#include <brotli/decode.h>
#include <libdeflate.h>
#include <lz4.h>
#include <lz4frame.h>
#include <zstd.h>

static const char broken[] = "its compressed bytes are broken";
static const char other_size[] = "it does not unpack to the size that its header says";

void pq_codecs_finish(struct pq_codecs *c) {
  ZSTD_freeDCtx(c->zstd);
  if (c->deflate)
    libdeflate_free_decompressor(c->deflate);
  *c = (struct pq_codecs){0};
}

/* All members, one after the other. */
static pq_fault unpack_gzip(struct pq_codecs *c, const uint8_t *in, size_t n, uint8_t *out, size_t size) {
  size_t taken = 0, made = 0, used, got;
  if (!c->deflate)
    c->deflate = libdeflate_alloc_decompressor();
  if (!c->deflate)
    return pq_no_memory;
  do {
    enum libdeflate_result rc =
        libdeflate_gzip_decompress_ex(c->deflate, in + taken, n - taken, out + made, size - made, &used, &got);
    if (rc != LIBDEFLATE_SUCCESS)
      return rc == LIBDEFLATE_INSUFFICIENT_SPACE ? other_size : broken;
    taken += used;
    made += got;
  } while (taken < n && made < size);
  return made == size ? NULL : other_size;
}

static pq_fault unpack_brotli(const uint8_t *in, size_t n, uint8_t *out, size_t size) {
  size_t got = size;
  if (BrotliDecoderDecompress(n, in, &got, out) != BROTLI_DECODER_RESULT_SUCCESS)
    return broken;
  return got == size ? NULL : other_size;
}

static pq_fault unpack_zstd(struct pq_codecs *c, const uint8_t *in, size_t n, uint8_t *out, size_t size) {
  if (!c->zstd)
    c->zstd = ZSTD_createDCtx();
  if (!c->zstd)
    return pq_no_memory;
  size_t got = ZSTD_decompressDCtx(c->zstd, out, size, in, n);
  if (ZSTD_isError(got))
    return broken;
  return got == size ? NULL : other_size;
}

static pq_fault unpack_lz4_raw(const uint8_t *in, size_t n, uint8_t *out, size_t size) {
  if (n > INT32_MAX || size > INT32_MAX)
    return other_size;
  int got = LZ4_decompress_safe((const char *)in, (char *)out, (int)n, (int)size);
  if (got < 0)
    return broken;
  return (size_t)got == size ? NULL : other_size;
}

static uint32_t big32(const uint8_t *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Hadoop's frames: unpacked and packed size of a block, big-endian, then the block; a frame's data may come in several
 * packed blocks. */
static bool unpack_hadoop(const uint8_t *in, size_t n, uint8_t *out, size_t size) {
  size_t made = 0;
  while (n >= 8) {
    size_t wanted = big32(in), end = made + wanted;
    in += 4;
    n -= 4;
    if (wanted > size - made)
      return false;
    while (made < end) {
      size_t packed = n >= 4 ? big32(in) : SIZE_MAX;
      if (packed > INT32_MAX || packed > n - 4)
        return false;
      int got = LZ4_decompress_safe((const char *)in + 4, (char *)out + made, (int)packed, (int)(end - made));
      if (got <= 0)
        return false;
      made += (size_t)got;
      in += 4 + packed;
      n -= 4 + packed;
    }
  }
  return n == 0 && made == size;
}

static pq_fault unpack_lz4_frame(const uint8_t *in, size_t n, uint8_t *out, size_t size) {
  LZ4F_dctx *context = NULL;
  size_t made = 0, rc = 1;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)))
    return pq_no_memory;
  while (rc != 0 && n > 0) {
    size_t got = size - made, used = n;
    rc = LZ4F_decompress(context, out + made, &got, in, &used, NULL);
    if (LZ4F_isError(rc) || (got == 0 && used == 0))
      break;
    made += got;
    in += used;
    n -= used;
  }
  LZ4F_freeDecompressionContext(context);
  return rc == 0 && made == size ? NULL : broken;
}

/* The older LZ4 codec is three things, by who wrote it. */
static pq_fault unpack_lz4(const uint8_t *in, size_t n, uint8_t *out, size_t size) {
  static const uint8_t frame[] = {0x04, 0x22, 0x4d, 0x18};
  if (n >= 4 && memcmp(in, frame, 4) == 0 && !unpack_lz4_frame(in, n, out, size))
    return NULL;
  return unpack_hadoop(in, n, out, size) ? NULL : unpack_lz4_raw(in, n, out, size);
}

pq_fault pq_unpack_page(struct pq_codecs *c, int32_t codec, const uint8_t *in, size_t n, uint8_t *out, size_t size) {
  switch (codec) {
  case PQ_SNAPPY:
    return pq_unsnap(in, n, out, size);
  case PQ_GZIP:
    return unpack_gzip(c, in, n, out, size);
  case PQ_BROTLI:
    return unpack_brotli(in, n, out, size);
  case PQ_LZ4:
    return unpack_lz4(in, n, out, size);
  case PQ_ZSTD:
    return unpack_zstd(c, in, n, out, size);
  case PQ_LZ4_RAW:
    return unpack_lz4_raw(in, n, out, size);
  default:
    return "its compression is none that Parquet has";
  }
}
