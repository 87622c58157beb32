/* The structure pass with the vector instructions of x86-64: SSE2, which all have, AVX2, and AVX-512. */
#include "scan_loop.h"
#if defined(__x86_64__)
#include <immintrin.h>

/* ---- SSE2 ---- */

JSON_INLINE uint64_t move_sse2(const __m128i v[4]) {
  uint64_t mask = 0;
  for (int i = 3; i >= 0; i--)
    mask = mask << 16 | (uint64_t)(uint32_t)_mm_movemask_epi8(v[i]);
  return mask;
}

JSON_INLINE uint64_t equal_sse2(const __m128i bytes[4], char c) {
  __m128i v[4];
  for (int i = 0; i < 4; i++)
    v[i] = _mm_cmpeq_epi8(bytes[i], _mm_set1_epi8(c));
  return move_sse2(v);
}

JSON_INLINE void classify_sse2(const uint8_t *p, struct json_classes *k) {
  __m128i b[4], folded[4], low[4];
  for (int i = 0; i < 4; i++) {
    b[i] = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i));
    folded[i] = _mm_or_si128(b[i], _mm_set1_epi8(0x20));
    low[i] = _mm_cmpeq_epi8(_mm_max_epu8(b[i], _mm_set1_epi8(0x1f)), _mm_set1_epi8(0x1f));
  }
  k->quote = equal_sse2(b, '"');
  k->backslash = equal_sse2(b, '\\');
  k->line = equal_sse2(b, '\n');
  k->comma = equal_sse2(b, ',');
  k->open = equal_sse2(folded, '{');
  k->close = equal_sse2(folded, '}');
  k->control = move_sse2(low);
  k->high = _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(b[0], b[1]), _mm_or_si128(b[2], b[3]))) != 0;
}

JSON_INLINE uint64_t prefix_sse2(uint64_t bits) {
  for (int shift = 1; shift < 64; shift *= 2)
    bits ^= bits << shift;
  return bits;
}

size_t json_lines_sse2(struct json_carry *c, const uint8_t *data, size_t n, struct json_block *out) {
  return json_scan_loop(c, data, n, out, true, classify_sse2, prefix_sse2);
}
size_t json_values_sse2(struct json_carry *c, const uint8_t *data, size_t n, struct json_block *out) {
  return json_scan_loop(c, data, n, out, false, classify_sse2, prefix_sse2);
}

/* ---- AVX2 ---- */

#define AVX2 __attribute__((target("avx2,pclmul,popcnt,bmi")))

AVX2 JSON_INLINE uint64_t move_avx2(__m256i low, __m256i high) {
  return (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32 | (uint32_t)_mm256_movemask_epi8(low);
}

AVX2 JSON_INLINE uint64_t equal_avx2(__m256i low, __m256i high, char c) {
  return move_avx2(_mm256_cmpeq_epi8(low, _mm256_set1_epi8(c)), _mm256_cmpeq_epi8(high, _mm256_set1_epi8(c)));
}

AVX2 JSON_INLINE void classify_avx2(const uint8_t *p, struct json_classes *k) {
  const __m256i last = _mm256_set1_epi8(0x1f), bit = _mm256_set1_epi8(0x20);
  __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)p);
  __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(p + 32));
  __m256i fa = _mm256_or_si256(a, bit), fb = _mm256_or_si256(b, bit);
  k->quote = equal_avx2(a, b, '"');
  k->backslash = equal_avx2(a, b, '\\');
  k->line = equal_avx2(a, b, '\n');
  k->comma = equal_avx2(a, b, ',');
  k->open = equal_avx2(fa, fb, '{');
  k->close = equal_avx2(fa, fb, '}');
  k->control = equal_avx2(_mm256_max_epu8(a, last), _mm256_max_epu8(b, last), 0x1f);
  k->high = _mm256_movemask_epi8(_mm256_or_si256(a, b)) != 0;
}

#define CARRYLESS __attribute__((target("sse2,pclmul")))
CARRYLESS JSON_INLINE uint64_t prefix_carryless(uint64_t bits) {
  __m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, (long long)bits), _mm_set1_epi8(-1), 0);
  return (uint64_t)_mm_cvtsi128_si64(product);
}

AVX2 size_t json_lines_avx2(struct json_carry *c, const uint8_t *data, size_t n, struct json_block *out) {
  return json_scan_loop(c, data, n, out, true, classify_avx2, prefix_carryless);
}
AVX2 size_t json_values_avx2(struct json_carry *c, const uint8_t *data, size_t n, struct json_block *out) {
  return json_scan_loop(c, data, n, out, false, classify_avx2, prefix_carryless);
}

/* ---- AVX-512 ---- */

#define AVX512 __attribute__((target("avx512f,avx512bw,pclmul,popcnt,bmi")))

AVX512 JSON_INLINE void classify_avx512(const uint8_t *p, struct json_classes *k) {
  __m512i b = _mm512_loadu_si512(p), folded = _mm512_or_si512(b, _mm512_set1_epi8(0x20));
  k->quote = _mm512_cmpeq_epi8_mask(b, _mm512_set1_epi8('"'));
  k->backslash = _mm512_cmpeq_epi8_mask(b, _mm512_set1_epi8('\\'));
  k->line = _mm512_cmpeq_epi8_mask(b, _mm512_set1_epi8('\n'));
  k->comma = _mm512_cmpeq_epi8_mask(b, _mm512_set1_epi8(','));
  k->open = _mm512_cmpeq_epi8_mask(folded, _mm512_set1_epi8('{'));
  k->close = _mm512_cmpeq_epi8_mask(folded, _mm512_set1_epi8('}'));
  k->control = _mm512_cmplt_epu8_mask(b, _mm512_set1_epi8(0x20));
  k->high = _mm512_movepi8_mask(b) != 0;
}

AVX512 size_t json_lines_avx512(struct json_carry *c, const uint8_t *data, size_t n, struct json_block *out) {
  return json_scan_loop(c, data, n, out, true, classify_avx512, prefix_carryless);
}
AVX512 size_t json_values_avx512(struct json_carry *c, const uint8_t *data, size_t n, struct json_block *out) {
  return json_scan_loop(c, data, n, out, false, classify_avx512, prefix_carryless);
}
#endif
