/* XXH64 with seed 0, by its specification. */
#include "xxhash.h"

static const uint64_t prime1 = 0x9E3779B185EBCA87, prime2 = 0xC2B2AE3D27D4EB4F, prime3 = 0x165667B19E3779F9,
                      prime4 = 0x85EBCA77C2B2AE63, prime5 = 0x27D4EB2F165667C5;

static uint64_t rotate(uint64_t v, unsigned bits) {
  return v << bits | v >> (64 - bits);
}

static uint64_t add_lane(uint64_t lane, uint64_t input) {
  return rotate(lane + input * prime2, 31) * prime1;
}

static uint64_t merge(uint64_t hash, uint64_t lane) {
  return (hash ^ add_lane(0, lane)) * prime1 + prime4;
}

/* Four lanes over stripes of 32 bytes. */
static uint64_t hash_stripes(const uint8_t **p, const uint8_t *end) {
  uint64_t lanes[4] = {prime1 + prime2, prime2, 0, 0 - prime1};
  for (; end - *p >= 32; *p += 32)
    for (int i = 0; i < 4; i++)
      lanes[i] = add_lane(lanes[i], pq_load64(*p + 8 * i));
  uint64_t hash = rotate(lanes[0], 1) + rotate(lanes[1], 7) + rotate(lanes[2], 12) + rotate(lanes[3], 18);
  for (int i = 0; i < 4; i++)
    hash = merge(hash, lanes[i]);
  return hash;
}

uint64_t pq_xxhash64(const uint8_t *p, size_t n) {
  const uint8_t *end = p + n;
  uint64_t hash = n >= 32 ? hash_stripes(&p, end) : prime5;
  hash += n;
  for (; end - p >= 8; p += 8)
    hash = rotate(hash ^ add_lane(0, pq_load64(p)), 27) * prime1 + prime4;
  for (; end - p >= 4; p += 4)
    hash = rotate(hash ^ pq_load32(p) * prime1, 23) * prime2 + prime3;
  for (; p < end; p++)
    hash = rotate(hash ^ *p * prime5, 11) * prime1;
  hash = (hash ^ hash >> 33) * prime2;
  hash = (hash ^ hash >> 29) * prime3;
  return hash ^ hash >> 32;
}
