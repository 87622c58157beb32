/* The ways to index well-formed records: words of eight bytes, and what the machine's vectors offer. */
#include "scan.h"
#include "scan_block.h"

static struct csv_bytes64 classify_words(const uint8_t *p, const struct csv_bytes64_of *of) {
  struct csv_bytes64 m = {0};
  uint64_t all = 0;
  for (int i = 0; i < 64; i += 8) {
    uint64_t word = csv_load8(p + i);
    m.delimiter |= csv_equal8(word, of->delimiter) << i;
    m.lf |= csv_equal8(word, '\n') << i;
    m.cr |= csv_equal8(word, '\r') << i;
    m.quote |= csv_equal8(word, of->quote) << i;
    m.zero |= csv_equal8(word, 0) << i;
    all |= word;
  }
  m.quote &= of->quotes;
  m.high = (all & 0x8080808080808080ull) != 0;
  return m;
}

static uint64_t prefix_xor_shifts(uint64_t bits) {
  for (int by = 1; by < 64; by *= 2)
    bits ^= bits << by;
  return bits;
}

static void flatten_bits(uint32_t *out, uint64_t bits, uint32_t base) {
  for (; bits; bits &= bits - 1)
    *out++ = base + (uint32_t)__builtin_ctzll(bits);
}

static const struct csv_scan_ways ways_words = {classify_words, prefix_xor_shifts, flatten_bits};

static size_t scan_words(struct csv_index *ix, const struct csv_dialect *dialect, const struct csv_bounds *bounds,
                         const struct csv_scan_limits *limits) {
  return csv_scan_all(ix, dialect, bounds, limits, &ways_words);
}

static size_t pass_words(struct csv_pass *pass, const struct csv_dialect *dialect, const uint8_t *data, size_t n) {
  return csv_pass_all(pass, dialect, data, n, &ways_words);
}

#if defined(__x86_64__)
#include <immintrin.h>

static struct csv_bytes64 classify_sse2(const uint8_t *p, const struct csv_bytes64_of *of) {
  __m128i b[4];
  for (int i = 0; i < 4; i++)
    b[i] = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i));
  __m128i any = _mm_or_si128(_mm_or_si128(b[0], b[1]), _mm_or_si128(b[2], b[3]));
  __m128i least = _mm_min_epu8(_mm_min_epu8(b[0], b[1]), _mm_min_epu8(b[2], b[3]));
  bool zero = _mm_movemask_epi8(_mm_cmpeq_epi8(least, _mm_setzero_si128())) != 0;
  return (struct csv_bytes64){.delimiter = csv_equal64(b, of->delimiter),
                              .lf = csv_equal64(b, '\n'),
                              .cr = csv_equal64(b, '\r'),
                              .quote = csv_equal64(b, of->quote) & of->quotes,
                              .zero = zero ? csv_equal64(b, 0) : 0,
                              .high = _mm_movemask_epi8(any) != 0};
}

static const struct csv_scan_ways ways_sse2 = {classify_sse2, prefix_xor_shifts, flatten_bits};

static size_t scan_sse2(struct csv_index *ix, const struct csv_dialect *dialect, const struct csv_bounds *bounds,
                        const struct csv_scan_limits *limits) {
  return csv_scan_all(ix, dialect, bounds, limits, &ways_sse2);
}

static size_t pass_sse2(struct csv_pass *pass, const struct csv_dialect *dialect, const uint8_t *data, size_t n) {
  return csv_pass_all(pass, dialect, data, n, &ways_sse2);
}

#define AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt,pclmul")))
#define AVX512 __attribute__((target("avx2,bmi,bmi2,popcnt,pclmul,avx512f,avx512bw,avx512vl,avx512vbmi2")))

/* The product with all ones, without carries, is the xor of all bits up to each. */
AVX2 static uint64_t prefix_xor_product(uint64_t bits) {
  __m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, (long long)bits), _mm_set1_epi8(-1), 0);
  return (uint64_t)_mm_cvtsi128_si64(product);
}

AVX2 static uint64_t equal_avx2(__m256i low, __m256i high, uint8_t c) {
  const __m256i pattern = _mm256_set1_epi8((char)c);
  uint32_t a = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, pattern));
  uint32_t b = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, pattern));
  return (uint64_t)b << 32 | a;
}

AVX2 static struct csv_bytes64 classify_avx2(const uint8_t *p, const struct csv_bytes64_of *of) {
  __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)p);
  __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(p + 32));
  return (struct csv_bytes64){.delimiter = equal_avx2(low, high, of->delimiter),
                              .lf = equal_avx2(low, high, '\n'),
                              .cr = equal_avx2(low, high, '\r'),
                              .quote = equal_avx2(low, high, of->quote) & of->quotes,
                              .zero = equal_avx2(low, high, 0),
                              .high = _mm256_movemask_epi8(_mm256_or_si256(low, high)) != 0};
}

/* Eight at a time, whether there are as many or not, so that few branches depend on how many there are. */
AVX2 static void flatten_eights(uint32_t *out, uint64_t bits, uint32_t base) {
  uint64_t n = (uint64_t)__builtin_popcountll(bits);
  for (uint64_t done = 0; done < n; done += 8)
    for (int i = 0; i < 8; i++) {
      *out++ = base + (uint32_t)_tzcnt_u64(bits);
      bits = _blsr_u64(bits);
    }
}

static const struct csv_scan_ways ways_avx2 = {classify_avx2, prefix_xor_product, flatten_eights};

AVX2 static size_t scan_avx2(struct csv_index *ix, const struct csv_dialect *dialect, const struct csv_bounds *bounds,
                             const struct csv_scan_limits *limits) {
  return csv_scan_all(ix, dialect, bounds, limits, &ways_avx2);
}

AVX2 static size_t pass_avx2(struct csv_pass *pass, const struct csv_dialect *dialect, const uint8_t *data, size_t n) {
  return csv_pass_all(pass, dialect, data, n, &ways_avx2);
}

AVX512 static struct csv_bytes64 classify_avx512(const uint8_t *p, const struct csv_bytes64_of *of) {
  __m512i b = _mm512_loadu_si512(p);
  return (struct csv_bytes64){.delimiter = _mm512_cmpeq_epi8_mask(b, _mm512_set1_epi8((char)of->delimiter)),
                              .lf = _mm512_cmpeq_epi8_mask(b, _mm512_set1_epi8('\n')),
                              .cr = _mm512_cmpeq_epi8_mask(b, _mm512_set1_epi8('\r')),
                              .quote = _mm512_cmpeq_epi8_mask(b, _mm512_set1_epi8((char)of->quote)) & of->quotes,
                              .zero = _mm512_testn_epi8_mask(b, b),
                              .high = _mm512_movepi8_mask(b) != 0};
}

/* The numbers 0 to 63 of the bits that are set are pushed together, then widened sixteen at a time. */
AVX512 static void flatten_pressed(uint32_t *out, uint64_t bits, uint32_t base) {
  static const uint8_t numbers[64] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                      16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
                                      32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
                                      48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
  __m512i pressed = _mm512_maskz_compress_epi8(bits, _mm512_loadu_si512(numbers));
  const __m512i bases = _mm512_set1_epi32((int)base);
  int n = __builtin_popcountll(bits);
  _mm512_storeu_si512(out, _mm512_add_epi32(_mm512_cvtepu8_epi32(_mm512_castsi512_si128(pressed)), bases));
  if (n > 16)
    _mm512_storeu_si512(out + 16, _mm512_add_epi32(_mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(pressed, 1)), bases));
  if (n > 32) {
    _mm512_storeu_si512(out + 32, _mm512_add_epi32(_mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(pressed, 2)), bases));
    _mm512_storeu_si512(out + 48, _mm512_add_epi32(_mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(pressed, 3)), bases));
  }
}

static const struct csv_scan_ways ways_avx512 = {classify_avx512, prefix_xor_product, flatten_pressed};

AVX512 static size_t scan_avx512(struct csv_index *ix, const struct csv_dialect *dialect,
                                 const struct csv_bounds *bounds, const struct csv_scan_limits *limits) {
  return csv_scan_all(ix, dialect, bounds, limits, &ways_avx512);
}

AVX512 static size_t pass_avx512(struct csv_pass *pass, const struct csv_dialect *dialect, const uint8_t *data,
                                 size_t n) {
  return csv_pass_all(pass, dialect, data, n, &ways_avx512);
}

static bool has_avx2(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
         __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("pclmul");
}

static bool has_avx512(void) {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi2");
}

void csv_scanners(struct csv_scanner out[CSV_SCANNERS]) {
  out[0] = (struct csv_scanner){"avx512", has_avx512() ? scan_avx512 : NULL, pass_avx512};
  out[1] = (struct csv_scanner){"avx2", has_avx2() ? scan_avx2 : NULL, pass_avx2};
  out[2] = (struct csv_scanner){"sse2", scan_sse2, pass_sse2};
  out[3] = (struct csv_scanner){"words", scan_words, pass_words};
}
#else
void csv_scanners(struct csv_scanner out[CSV_SCANNERS]) {
  out[0] = (struct csv_scanner){"avx512", NULL, NULL};
  out[1] = (struct csv_scanner){"avx2", NULL, NULL};
  out[2] = (struct csv_scanner){"sse2", NULL, NULL};
  out[3] = (struct csv_scanner){"words", scan_words, pass_words};
}
#endif

struct csv_scanner csv_scan_best(void) {
  struct csv_scanner all[CSV_SCANNERS];
  int i = 0;
  csv_scanners(all);
  while (!all[i].scan) /* the last one is always there */
    i++;
  return all[i];
}
