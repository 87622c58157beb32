/* Packed values moved apart to where a bitmap has its ones. */
#include "spread.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* All of these move values first..n-1, of those packed the last ones, and return how many packed ones are left. They go
 * from the last to the first, so that nothing is overwritten before it was moved, and stop where all are in place. */
#define SPREAD(T, name)                                                                                                \
  static int64_t name(uint8_t *values, const uint8_t *bits, int64_t start, int64_t first, int64_t n, int64_t n_set) {  \
    T *v = (T *)(void *)values;                                                                                        \
    int64_t left = n_set;                                                                                              \
    for (int64_t i = n - 1; i >= first && left <= i; i--) {                                                            \
      bool set = sluice_bit(bits, start + i);                                                                          \
      left -= set;                                                                                                     \
      v[i] = set ? v[left] : 0;                                                                                        \
    }                                                                                                                  \
    return left;                                                                                                       \
  }
SPREAD(uint8_t, spread_1)
SPREAD(uint16_t, spread_2)
SPREAD(uint32_t, spread_4)
SPREAD(uint64_t, spread_8)

/* Decimals and views. */
static int64_t spread_16(uint8_t *values, const uint8_t *bits, int64_t start, int64_t first, int64_t n, int64_t n_set) {
  uint64_t *v = (uint64_t *)(void *)values;
  int64_t left = n_set;
  for (int64_t i = n - 1; i >= first && left <= i; i--) {
    bool set = sluice_bit(bits, start + i);
    left -= set;
    uint64_t mask = 0 - (uint64_t)set, low = v[2 * left] & mask, high = v[2 * left + 1] & mask;
    v[2 * i] = low;
    v[2 * i + 1] = high;
  }
  return left;
}

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

void pq_spread_portable(uint8_t *values, size_t width, const uint8_t *bits, int64_t start, int64_t n, int64_t n_set) {
  if (n_set == n)
    return;
  switch (width) {
  case 1:
    spread_1(values, bits, start, 0, n, n_set);
    return;
  case 2:
    spread_2(values, bits, start, 0, n, n_set);
    return;
  case 4:
    spread_4(values, bits, start, 0, n, n_set);
    return;
  case 8:
    spread_8(values, bits, start, 0, n, n_set);
    return;
  case 16:
    spread_16(values, bits, start, 0, n, n_set);
    return;
  default:
    spread_any(values, width, bits, start, n, n_set);
  }
}

#if defined(__x86_64__)
/* Eight values, by the bits of `mask`, from packed ones to their places. Up to 64 bytes behind the packed ones are
 * read. */
#define EXPAND(width)                                                                                                  \
  __attribute__((target("avx512f"))) static inline void expand_##width(uint8_t *values, int64_t from, int64_t to,      \
                                                                       uint8_t mask)
EXPAND(4) {
  __m512i packed = _mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)(const void *)(values + 4 * from)));
  __m512i spread = _mm512_maskz_expand_epi32(mask, packed);
  _mm256_storeu_si256((__m256i *)(void *)(values + 4 * to), _mm512_castsi512_si256(spread));
}

EXPAND(8) {
  _mm512_storeu_si512(values + 8 * to, _mm512_maskz_expand_epi64(mask, _mm512_loadu_si512(values + 8 * from)));
}

/* Each of four bits is for two words. */
static inline uint8_t doubled(uint32_t bits) {
  return (uint8_t)(((bits & 1) | (bits & 2) << 1 | (bits & 4) << 2 | (bits & 8) << 3) * 3);
}

EXPAND(16) {
  int64_t middle = from + __builtin_popcount(mask & 15u);
  __m512i high = _mm512_maskz_expand_epi64(doubled(mask >> 4), _mm512_loadu_si512(values + 16 * middle));
  __m512i low = _mm512_maskz_expand_epi64(doubled(mask), _mm512_loadu_si512(values + 16 * from));
  _mm512_storeu_si512(values + 16 * (to + 4), high);
  _mm512_storeu_si512(values + 16 * to, low);
}

/* Whole bytes of the bitmap; what is left before and behind goes one by one. */
#define WIDE(width)                                                                                                    \
  __attribute__((target("avx512f,popcnt"))) static void wide_##width(uint8_t *values, const uint8_t *bits,             \
                                                                     int64_t start, int64_t n, int64_t n_set) {        \
    int64_t i = n - ((start + n) & 7);                                                                                 \
    i = i < 0 ? 0 : i;                                                                                                 \
    int64_t left = spread_##width(values, bits, start, i, n, n_set);                                                   \
    for (; i >= 8 && left < i; i -= 8) {                                                                               \
      uint8_t mask = bits[(start + i - 8) >> 3];                                                                       \
      left -= __builtin_popcount(mask);                                                                                \
      expand_##width(values, left, i - 8, mask);                                                                       \
    }                                                                                                                  \
    spread_##width(values, bits, start, 0, i, left);                                                                   \
  }
WIDE(4)
WIDE(8)
WIDE(16)

void pq_spread(uint8_t *values, size_t width, const uint8_t *bits, int64_t start, int64_t n, int64_t n_set) {
  bool wide = n_set < n && __builtin_cpu_supports("avx512f");
  if (wide && width == 4)
    wide_4(values, bits, start, n, n_set);
  else if (wide && width == 8)
    wide_8(values, bits, start, n, n_set);
  else if (wide && width == 16)
    wide_16(values, bits, start, n, n_set);
  else
    pq_spread_portable(values, width, bits, start, n, n_set);
}
#else
void pq_spread(uint8_t *values, size_t width, const uint8_t *bits, int64_t start, int64_t n, int64_t n_set) {
  pq_spread_portable(values, width, bits, start, n, n_set);
}
#endif
