/* Bitmaps as Arrow has them: least significant bit first. */
#include "bits.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

static void set_bit(uint8_t *dst, int64_t i, bool value) {
  uint8_t mask = (uint8_t)(1u << (i & 7));
  dst[i >> 3] = (uint8_t)(value ? dst[i >> 3] | mask : dst[i >> 3] & ~mask);
}

static void fill_some(uint8_t *dst, int64_t start, int64_t n, bool value) {
  for (int64_t i = start; i < start + n; i++)
    set_bit(dst, i, value);
}

void pq_bits_fill(uint8_t *dst, int64_t start, int64_t n, bool value) {
  int64_t head = (8 - (start & 7)) & 7;
  if (head >= n) {
    fill_some(dst, start, n, value);
    return;
  }
  fill_some(dst, start, head, value);
  int64_t bytes = (n - head) / 8;
  memset(dst + (start + head) / 8, value ? 0xff : 0, (size_t)bytes);
  fill_some(dst, start + head + bytes * 8, n - head - bytes * 8, value);
}

void pq_bits_copy(uint8_t *dst, int64_t dst_start, const uint8_t *src, int64_t src_start, int64_t n) {
  int64_t head = (8 - (dst_start & 7)) & 7, i = 0;
  for (; i < head && i < n; i++)
    set_bit(dst, dst_start + i, sluice_bit(src, src_start + i));
  for (; n - i >= 32; i += 32) {
    uint32_t word = (uint32_t)(pq_load64(src + ((src_start + i) >> 3)) >> ((src_start + i) & 7));
    memcpy(dst + ((dst_start + i) >> 3), &word, sizeof word);
  }
  for (; i < n; i++)
    set_bit(dst, dst_start + i, sluice_bit(src, src_start + i));
}

int64_t pq_bits_count(const uint8_t *bits, int64_t start, int64_t n) {
  int64_t count = 0, i = start, end = start + n;
  for (; i < end && (i & 7); i++)
    count += sluice_bit(bits, i);
  for (; end - i >= 64; i += 64)
    count += __builtin_popcountll(pq_load64(bits + i / 8));
  for (; i < end; i++)
    count += sluice_bit(bits, i);
  return count;
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

/* From the last to the first, so that nothing is overwritten before it was moved; stops where all are in place. */
#define SPREAD(T)                                                                                                      \
  static void spread_##T(uint8_t *values, const uint8_t *bits, int64_t start, int64_t n, int64_t n_set) {              \
    T *v = (T *)(void *)values;                                                                                        \
    int64_t from = n_set - 1;                                                                                          \
    for (int64_t i = n - 1; i >= 0 && from < i; i--) {                                                                 \
      bool set = sluice_bit(bits, start + i);                                                                          \
      v[i] = set ? v[from] : 0;                                                                                        \
      from -= set;                                                                                                     \
    }                                                                                                                  \
  }
#if defined(__x86_64__)
/* Eight values a step, those of the last first. Reads up to 64 bytes behind the packed values. */
__attribute__((target("avx512f"))) static void spread_wide(uint8_t *values, const uint8_t *bits, int64_t start,
                                                           int64_t n, int64_t n_set) {
  uint64_t *v = (uint64_t *)(void *)values;
  int64_t from = n_set, i = n;
  for (; i > 0 && ((start + i) & 7) && from < i; i--) {
    bool set = sluice_bit(bits, start + i - 1);
    from -= set;
    v[i - 1] = set ? v[from] : 0;
  }
  for (; i >= 8 && from < i; i -= 8) {
    uint8_t mask = bits[(start + i - 8) >> 3];
    from -= __builtin_popcount(mask);
    __m512i spread = _mm512_maskz_expand_epi64(mask, _mm512_loadu_si512(v + from));
    _mm512_storeu_si512(v + i - 8, spread);
  }
  for (; i > 0 && from < i; i--) {
    bool set = sluice_bit(bits, start + i - 1);
    from -= set;
    v[i - 1] = set ? v[from] : 0;
  }
}
#endif

SPREAD(uint8_t)
SPREAD(uint16_t)
SPREAD(uint32_t)
SPREAD(uint64_t)

static void spread_any(uint8_t *values, size_t width, const uint8_t *bits, int64_t start, int64_t n, int64_t n_set) {
  int64_t from = n_set - 1;
  for (int64_t i = n - 1; i >= 0 && from < i; i--) {
    uint8_t *to = values + (size_t)i * width;
    if (sluice_bit(bits, start + i))
      memmove(to, values + (size_t)from-- * width, width);
    else
      memset(to, 0, width);
  }
}

void pq_spread(uint8_t *values, size_t width, const uint8_t *bits, int64_t start, int64_t n, int64_t n_set) {
  if (n_set == n)
    return;
  switch (width) {
  case 1:
    spread_uint8_t(values, bits, start, n, n_set);
    return;
  case 2:
    spread_uint16_t(values, bits, start, n, n_set);
    return;
  case 4:
    spread_uint32_t(values, bits, start, n, n_set);
    return;
  case 8:
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) {
      spread_wide(values, bits, start, n, n_set);
      return;
    }
#endif
    spread_uint64_t(values, bits, start, n, n_set);
    return;
  default:
    spread_any(values, width, bits, start, n, n_set);
  }
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
