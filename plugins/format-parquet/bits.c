/* Bitmaps as Arrow has them: least significant bit first. */
#include "bits.h"
#include "twice.h"

enum { STEP = 56 }; /* bits that eight bytes hold wherever the first lies in its byte */

static uint64_t ones(int64_t n) { /* below 64 */
  return ((uint64_t)1 << n) - 1;
}

/* Writes n bits, at most 56, the lowest first. Eight bytes are read and written. */
static void put(uint8_t *dst, int64_t at, uint64_t bits, int64_t n) {
  uint8_t *to = dst + (at >> 3);
  int64_t shift = at & 7;
  uint64_t mask = ones(n) << shift, word = (pq_load64(to) & ~mask) | (bits << shift & mask);
  memcpy(to, &word, sizeof word);
}

void pq_bits_fill(uint8_t *dst, int64_t start, int64_t n, bool value) {
  uint64_t bits = value ? UINT64_MAX : 0;
  int64_t head = (8 - (start & 7)) & 7;
  if (n <= STEP) {
    put(dst, start, bits, n);
    return;
  }
  put(dst, start, bits, head);
  int64_t bytes = (n - head) / 8, tail = (n - head) & 7;
  memset(dst + (start + head) / 8, (int)(bits & 0xff), (size_t)bytes);
  put(dst, start + n - tail, bits, tail);
}

void pq_bits_copy(uint8_t *dst, int64_t dst_start, const uint8_t *src, int64_t src_start, int64_t n) {
  for (int64_t i = 0; i < n; i += STEP) {
    int64_t from = src_start + i;
    put(dst, dst_start + i, pq_load64(src + (from >> 3)) >> (from & 7), n - i < STEP ? n - i : STEP);
  }
}

PQ_INLINE int64_t count_any(const uint8_t *bits, int64_t start, int64_t n) {
  const uint8_t *p = bits + (start >> 3);
  int64_t head = start & 7, count = 0, left = n + head;
  uint64_t word, skip = ones(head);
  for (; left >= 64; left -= 64, p += 8, skip = 0) {
    word = pq_load64(p) & ~skip;
    count += __builtin_popcountll(word);
  }
  for (; left > 0; left -= 8, p++, skip = 0) {
    word = *p & ~skip & (left < 8 ? ones(left) : 0xff);
    count += __builtin_popcountll(word);
  }
  return count;
}
TWICE("popcnt", int64_t, count, (const uint8_t *bits, int64_t start, int64_t n), (bits, start, n))

int64_t pq_bits_count(const uint8_t *bits, int64_t start, int64_t n) {
  return count(bits, start, n);
}

static void set_bit(uint8_t *dst, int64_t i, bool value) {
  uint8_t mask = (uint8_t)(1u << (i & 7));
  dst[i >> 3] = (uint8_t)(value ? dst[i >> 3] | mask : dst[i >> 3] & ~mask);
}

int64_t pq_bits_at_least(uint8_t *dst, int64_t start, const uint8_t *bytes, int64_t n, uint8_t least) {
  int64_t i = 0, count = 0;
  for (; i < n && ((start + i) & 7); i++) {
    set_bit(dst, start + i, bytes[i] >= least);
    count += bytes[i] >= least;
  }
  for (; n - i >= 8; i += 8) {
    /* both are below 128, so the top bit of each byte tells, and none carries into the next */
    uint64_t tops = (pq_load64(bytes + i) + 0x0101010101010101u * (128u - least)) & 0x8080808080808080u;
    uint8_t packed = (uint8_t)((tops >> 7) * 0x0102040810204080u >> 56);
    dst[(start + i) >> 3] = packed;
    count += __builtin_popcount(packed);
  }
  for (; i < n; i++) {
    set_bit(dst, start + i, bytes[i] >= least);
    count += bytes[i] >= least;
  }
  return count;
}

void pq_spread_bits(uint8_t *values, int64_t at, const uint8_t *bits, int64_t start, int64_t n, int64_t n_set) {
  int64_t from = n_set - 1;
  for (int64_t i = n - 1; i >= 0 && from < i; i--) {
    bool set = sluice_bit(bits, start + i);
    bool value = set && sluice_bit(values, at + from);
    set_bit(values, at + i, value);
    from -= set;
  }
}
