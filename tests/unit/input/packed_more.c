/* Test data, compressed by bzip2, xz, lz4 and snappy. */
#include "packed.h"
#include <bzlib.h>
#include <lz4frame.h>
#include <lzma.h>
#include <snappy-c.h>
#include <stdlib.h>

static void must(bool ok) {
  if (!ok)
    abort();
}

static void *room_for(size_t n) {
  void *room = malloc(n);
  must(room != NULL);
  return room;
}

void block_add_bzip2(struct block *block, const void *bytes, size_t n) {
  unsigned size = (unsigned)(n + n / 50 + 1000);
  char *out = room_for(size);
  must(BZ2_bzBuffToBuffCompress(out, &size, (char *)(uintptr_t)bytes, (unsigned)n, 1, 0, 0) == BZ_OK);
  block_add(block, out, size);
  free(out);
}

void block_add_xz_dictionary(struct block *block, const void *bytes, size_t n, uint32_t dictionary) {
  lzma_options_lzma options;
  lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, NULL}};
  size_t size = lzma_stream_buffer_bound(n), used = 0;
  uint8_t *out = room_for(size);
  lzma_lzma_preset(&options, 1);
  options.dict_size = dictionary;
  must(lzma_stream_buffer_encode(filters, LZMA_CHECK_CRC64, NULL, bytes, n, out, &used, size) == LZMA_OK);
  block_add(block, out, used);
  free(out);
}

void block_add_xz(struct block *block, const void *bytes, size_t n) {
  block_add_xz_dictionary(block, bytes, n, 1 << 20);
}

void block_add_lz4(struct block *block, const void *bytes, size_t n) {
  LZ4F_preferences_t preferences = {.frameInfo = {.contentChecksumFlag = LZ4F_contentChecksumEnabled}};
  size_t room = LZ4F_compressFrameBound(n, &preferences);
  void *out = room_for(room);
  size_t size = LZ4F_compressFrame(out, room, bytes, n, &preferences);
  must(!LZ4F_isError(size));
  block_add(block, out, size);
  free(out);
}

void block_add_skippable(struct block *block) {
  block_add(block, "\x53\x2a\x4d\x18\x03\0\0\0xyz", 11);
}

/* Bit by bit, for it is compared with the one that is fast. */
static uint32_t crc32c(const uint8_t *p, size_t n) {
  uint32_t crc = 0xffffffffu;
  for (size_t i = 0; i < n; i++) {
    crc ^= p[i];
    for (int bit = 0; bit < 8; bit++)
      crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
  }
  return ~crc;
}

void block_add_snappy_chunk(struct block *block, uint8_t kind, const void *bytes, size_t n) {
  size_t size = snappy_max_compressed_length(n);
  char *packed = room_for(size);
  must(crc32c((const uint8_t *)"123456789", 9) == 0xe3069283u);
  uint32_t crc = crc32c(bytes, n), masked = (crc >> 15 | crc << 17) + 0xa282ead8u;
  must(snappy_compress(bytes, n, packed, &size) == SNAPPY_OK);
  size_t total = 4 + (kind == 0 ? size : n);
  const uint8_t head[] = {kind,
                          (uint8_t)total,
                          (uint8_t)(total >> 8),
                          (uint8_t)(total >> 16),
                          (uint8_t)masked,
                          (uint8_t)(masked >> 8),
                          (uint8_t)(masked >> 16),
                          (uint8_t)(masked >> 24)};
  block_add(block, head, sizeof head);
  block_add(block, kind == 0 ? packed : bytes, total - 4);
  free(packed);
}

void block_add_snappy(struct block *block, const void *bytes, size_t n) {
  block_add(block, "\xff\x06\0\0sNaPpY", 10);
  for (size_t at = 0; at < n; at += 65536)
    block_add_snappy_chunk(block, at % 131072 ? 1 : 0, (const uint8_t *)bytes + at, n - at < 65536 ? n - at : 65536);
}
