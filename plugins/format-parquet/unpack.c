/* Values of any width of bits to words. */
#include "unpack.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* Eight values of one width take as many bytes as a value has bits. With a constant width the compiler knows all
 * shifts. */
static inline void unpack_eight(const uint8_t *in, uint32_t width, uint32_t *out) {
  uint32_t mask = width == 32 ? UINT32_MAX : (1u << width) - 1;
  for (uint32_t i = 0; i < 8; i++)
    out[i] = (uint32_t)(pq_load64(in + (i * width >> 3)) >> (i * width & 7)) & mask;
}

#define WIDTH(w)                                                                                                       \
  case w:                                                                                                              \
    for (size_t i = 0; i < n; i += 8)                                                                                  \
      unpack_eight(in + i / 8 * w, w, out + i);                                                                        \
    return;

void pq_unpack32_portable(const uint8_t *in, uint32_t width, uint32_t *out, size_t n) {
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

__attribute__((target("avx2"))) static void unpack_avx2(const uint8_t *in, uint32_t width, uint32_t *out, size_t n) {
  int w = (int)width, s0 = w & 7, s1 = 2 * w & 7, s2 = 3 * w & 7;
  int high = 4 * w & 7; /* the second half begins within a byte where the width is odd */
  __m256i place = _mm256_loadu_si256((const __m256i *)(const void *)places[width]);
  __m256i shift = _mm256_setr_epi32(0, s0, s1, s2, high, 5 * w & 7, 6 * w & 7, 7 * w & 7);
  __m256i mask = _mm256_set1_epi32((int)((1u << width) - 1));
  for (size_t i = 0; i < n; i += 8, in += width) {
    __m128i low = _mm_loadu_si128((const __m128i *)(const void *)in);
    __m128i top = _mm_loadu_si128((const __m128i *)(const void *)(in + width / 2));
    __m256i bytes = _mm256_shuffle_epi8(_mm256_inserti128_si256(_mm256_castsi128_si256(low), top, 1), place);
    __m256i values = _mm256_and_si256(_mm256_srlv_epi32(bytes, shift), mask);
    _mm256_storeu_si256((__m256i *)(void *)(out + i), values);
  }
}

void pq_unpack32(const uint8_t *in, uint32_t width, uint32_t *out, size_t n) {
  if (width > 0 && width <= SHUFFLE_MAX && __builtin_cpu_supports("avx2"))
    unpack_avx2(in, width, out, n);
  else
    pq_unpack32_portable(in, width, out, n);
}
#else
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
