/* Values of any width of bits to words. */
#include "unpack.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* Eight values of one width take as many bytes as a value has bits. With a constant width the compiler knows all
 * shifts. */
static inline uint32_t unpack_some(const uint8_t *in, uint32_t width, uint32_t *out, size_t n) {
  uint32_t mask = width == 32 ? UINT32_MAX : (1u << width) - 1, highest = 0;
  for (size_t done = 0; done < n; done += 8, in += width, out += 8)
    for (uint32_t i = 0; i < 8; i++) {
      out[i] = (uint32_t)(pq_load64(in + (i * width >> 3)) >> (i * width & 7)) & mask;
      highest = out[i] > highest ? out[i] : highest;
    }
  return highest;
}

#define WIDTH(w)                                                                                                       \
  case w:                                                                                                              \
    return unpack_some(in, w, out, n);

uint32_t pq_unpack32_portable(const uint8_t *in, uint32_t width, uint32_t *out, size_t n) {
  switch (width) {
    WIDTH(1)
    WIDTH(2)
    WIDTH(3)
    WIDTH(4)
    WIDTH(5)
    WIDTH(6)
    WIDTH(7)
    WIDTH(8)
    WIDTH(9)
    WIDTH(10)
    WIDTH(11)
    WIDTH(12)
    WIDTH(13)
    WIDTH(14)
    WIDTH(15)
    WIDTH(16)
    WIDTH(17)
    WIDTH(18)
    WIDTH(19)
    WIDTH(20)
    WIDTH(21)
    WIDTH(22)
    WIDTH(23)
    WIDTH(24)
    WIDTH(25)
    WIDTH(26)
    WIDTH(27)
    WIDTH(28)
    WIDTH(29)
    WIDTH(30)
    WIDTH(31)
    WIDTH(32)
  default:
    memset(out, 0, n * sizeof *out);
    return 0;
  }
}

#if defined(__x86_64__)
enum { SHUFFLE_MAX = 25 }; /* wider values may lie in five bytes */

/* For each width: the four bytes in which each of eight values lies, the last four from byte width / 2 on. */
#define PLACE(w, i) ((i) * (w) / 8 - ((i) >= 4 ? 4 * (w) / 8 : 0))
#define VALUE(w, i) PLACE(w, i), PLACE(w, i) + 1, PLACE(w, i) + 2, PLACE(w, i) + 3
#define ROW(w)                                                                                                         \
  { VALUE(w, 0), VALUE(w, 1), VALUE(w, 2), VALUE(w, 3), VALUE(w, 4), VALUE(w, 5), VALUE(w, 6), VALUE(w, 7) }
static const uint8_t places[SHUFFLE_MAX + 1][32] = {ROW(0),  ROW(1),  ROW(2),  ROW(3),  ROW(4),  ROW(5),  ROW(6),
                                                    ROW(7),  ROW(8),  ROW(9),  ROW(10), ROW(11), ROW(12), ROW(13),
                                                    ROW(14), ROW(15), ROW(16), ROW(17), ROW(18), ROW(19), ROW(20),
                                                    ROW(21), ROW(22), ROW(23), ROW(24), ROW(25)};

#define AVX2 __attribute__((target("avx2"))) static inline
AVX2 uint32_t highest_of(__m256i v) {
  __m128i four = _mm_max_epu32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  __m128i two = _mm_max_epu32(four, _mm_shuffle_epi32(four, 0x4e));
  return (uint32_t)_mm_cvtsi128_si32(_mm_max_epu32(two, _mm_shuffle_epi32(two, 0xb1)));
}

/* Returns the highest of each lane; who does not need it does not pay for it. */
AVX2 __m256i unpack_avx2(const uint8_t *in, uint32_t width, uint32_t *out, size_t n) {
  int w = (int)width, s0 = w & 7, s1 = 2 * w & 7, s2 = 3 * w & 7;
  int high = 4 * w & 7; /* the second half begins within a byte where the width is odd */
  __m256i place = _mm256_loadu_si256((const __m256i *)(const void *)places[width]);
  __m256i shift = _mm256_setr_epi32(0, s0, s1, s2, high, 5 * w & 7, 6 * w & 7, 7 * w & 7);
  __m256i mask = _mm256_set1_epi32((int)((1u << width) - 1)), highest = _mm256_setzero_si256();
  for (size_t i = 0; i < n; i += 8, in += width) {
    __m128i low = _mm_loadu_si128((const __m128i *)(const void *)in);
    __m128i top = _mm_loadu_si128((const __m128i *)(const void *)(in + width / 2));
    __m256i bytes = _mm256_shuffle_epi8(_mm256_inserti128_si256(_mm256_castsi128_si256(low), top, 1), place);
    __m256i values = _mm256_and_si256(_mm256_srlv_epi32(bytes, shift), mask);
    _mm256_storeu_si256((__m256i *)(void *)(out + i), values);
    highest = _mm256_max_epu32(highest, values);
  }
  return highest;
}

__attribute__((target("avx2"))) static uint32_t unpack_avx2_highest(const uint8_t *in, uint32_t width, uint32_t *out,
                                                                    size_t n) {
  return highest_of(unpack_avx2(in, width, out, n));
}

__attribute__((target("avx2"))) static void unpack_avx2_only(const uint8_t *in, uint32_t width, uint32_t *out,
                                                             size_t n) {
  unpack_avx2(in, width, out, n);
}

/* Of sixteen values those of width 25 lie in 50 bytes: the same with one load and one permutation. */
__attribute__((target("avx512f,avx512bw,avx512vbmi"))) static uint32_t unpack_vbmi(const uint8_t *in, uint32_t width,
                                                                                   uint32_t *out, size_t n) {
  __m512i bit = _mm512_mullo_epi32(_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
                                   _mm512_set1_epi32((int)width));
  __m512i first = _mm512_mullo_epi32(_mm512_srli_epi32(bit, 3), _mm512_set1_epi32(0x01010101)); /* in all four bytes */
  __m512i place = _mm512_add_epi8(first, _mm512_set1_epi32(0x03020100));
  __m512i shift = _mm512_and_si512(bit, _mm512_set1_epi32(7));
  __m512i mask = _mm512_set1_epi32((int)((1u << width) - 1)), highest = _mm512_setzero_si512();
  for (size_t i = 0; i < n; i += 16, in += 2 * (size_t)width) {
    __m512i bytes = _mm512_permutexvar_epi8(place, _mm512_loadu_si512(in));
    __m512i values = _mm512_and_si512(_mm512_srlv_epi32(bytes, shift), mask);
    _mm512_storeu_si512(out + i, values);
    highest = _mm512_max_epu32(highest, values);
  }
  return _mm512_reduce_max_epu32(highest);
}

static bool has_avx2(uint32_t width) {
  return width > 0 && width <= SHUFFLE_MAX && __builtin_cpu_supports("avx2");
}

bool pq_unpack32_avx2(const uint8_t *in, uint32_t width, uint32_t *out, size_t n, uint32_t *highest) {
  if (!has_avx2(width))
    return false;
  *highest = unpack_avx2_highest(in, width, out, n);
  return true;
}

uint32_t pq_unpack32_highest(const uint8_t *in, uint32_t width, uint32_t *out, size_t n) {
  size_t done = 0;
  uint32_t a = 0, b = 0;
  if (width > 0 && width <= SHUFFLE_MAX && n >= 16 && __builtin_cpu_supports("avx512vbmi")) {
    done = n & ~(size_t)15;
    a = unpack_vbmi(in, width, out, done);
  }
  in += done / 8 * width;
  if (done < n && !pq_unpack32_avx2(in, width, out + done, n - done, &b))
    b = pq_unpack32_portable(in, width, out + done, n - done);
  return a > b ? a : b;
}

void pq_unpack32(const uint8_t *in, uint32_t width, uint32_t *out, size_t n) {
  if (has_avx2(width))
    unpack_avx2_only(in, width, out, n);
  else
    pq_unpack32_portable(in, width, out, n);
}
#else
bool pq_unpack32_avx2(const uint8_t *in, uint32_t width, uint32_t *out, size_t n, uint32_t *highest) {
  (void)in, (void)width, (void)out, (void)n, (void)highest;
  return false;
}

uint32_t pq_unpack32_highest(const uint8_t *in, uint32_t width, uint32_t *out, size_t n) {
  return pq_unpack32_portable(in, width, out, n);
}

void pq_unpack32(const uint8_t *in, uint32_t width, uint32_t *out, size_t n) {
  pq_unpack32_portable(in, width, out, n);
}
#endif

void pq_unpack64(const uint8_t *in, uint32_t width, uint64_t *out, size_t n) {
  uint64_t mask = width == 64 ? UINT64_MAX : (1ull << width) - 1;
  for (size_t i = 0; i < n; i++) {
    size_t bit = i * width, byte = bit >> 3;
    unsigned shift = bit & 7;
    uint64_t value = pq_load64(in + byte) >> shift;
    if (shift + width > 64)
      value |= (uint64_t)in[byte + 8] << (64 - shift);
    out[i] = value & mask;
  }
}
