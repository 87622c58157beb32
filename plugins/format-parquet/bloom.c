/* Bloom filters: the header, then the one block of 32 bytes that a value can be in. */
#include "bloom.h"
#include "xxhash.h"

enum { BLOCK = 32, HEADER_MOST = 64, BITS_MOST = 1 << 30 };

/* A union of which only the first member, an empty struct, is known. */
static bool read_first(struct pq_thrift *t, uint8_t type) {
  struct pq_thrift_field f = {0};
  bool first = false;
  if (!pq_thrift_struct(t, type))
    return false;
  while (pq_thrift_next(t, &f)) {
    first = f.id == 1;
    pq_thrift_skip(t, f.type);
  }
  return first;
}

/* Size of the header and of the bits; false: it is none that is known here. */
static bool read_header(struct pq_slice bytes, size_t *header, int64_t *bits) {
  struct pq_thrift t = {.p = bytes.data, .end = bytes.data + bytes.size};
  struct pq_thrift_field f = {0};
  int known = 0;
  *bits = 0;
  t.depth = 1;
  while (pq_thrift_next(&t, &f)) {
    if (f.id == 1)
      *bits = pq_thrift_int(&t, f.type, 0);
    else if (f.id >= 2 && f.id <= 4)
      known += read_first(&t, f.type);
    else
      pq_thrift_skip(&t, f.type);
  }
  *header = (size_t)(t.p - bytes.data);
  return !t.fault && known == 3 && *bits >= BLOCK && *bits <= BITS_MOST && *bits % BLOCK == 0;
}

static bool block_has(const uint8_t *block, uint32_t key) {
  static const uint32_t salt[] = {0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d,
                                  0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31};
  for (int i = 0; i < 8; i++)
    if (!(pq_load32(block + 4 * i) >> (key * salt[i] >> 27) & 1))
      return false;
  return true;
}

int pq_bloom_ask(struct pq_nearby *near, const struct pq_chunk *chunk, struct pq_slice value, bool *maybe,
                 struct sluice_error *err) {
  struct pq_slice bytes;
  size_t header;
  int64_t bits, most = chunk->bloom_size > 0 && chunk->bloom_size < HEADER_MOST ? chunk->bloom_size : HEADER_MOST;
  *maybe = true;
  if (chunk->bloom_at <= 0)
    return SLUICE_OK;
  if (most > near->end - chunk->bloom_at)
    most = near->end - chunk->bloom_at;
  int code = pq_nearby_read(near, chunk->bloom_at, most, 0, &bytes, err);
  if (code || !bytes.data || !read_header(bytes, &header, &bits))
    return code;
  uint64_t hash = pq_xxhash64(value.data, value.size);
  int64_t block = (int64_t)((hash >> 32) * (uint64_t)(bits / BLOCK) >> 32);
  code = pq_nearby_read(near, chunk->bloom_at + (int64_t)header + block * BLOCK, BLOCK, 0, &bytes, err);
  if (!code && bytes.data)
    *maybe = block_has(bytes.data, (uint32_t)hash);
  return code;
}
