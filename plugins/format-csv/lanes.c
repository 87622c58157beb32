/* Kernels that read the values of eight lanes at once, for machines with AVX-512. */
#include "lanes.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX512 __attribute__((target("avx2,bmi,bmi2,popcnt,avx512f,avx512bw,avx512vl,avx512dq")))

AVX512 static inline __m512i load_sizes(const uint8_t *sizes) {
  return _mm512_cvtepu8_epi64(_mm_loadl_epi64((const __m128i *)(const void *)sizes));
}

AVX512 static inline __mmask8 load_flags(const uint8_t *flags) {
  __m128i bytes = _mm_loadl_epi64((const __m128i *)(const void *)flags);
  return (__mmask8)_mm_test_epi8_mask(bytes, bytes);
}

/* The bytes of each field at the upper end of its lane, zeros as digits before them. */
AVX512 static inline __m512i load_fields(const uint64_t *words, __m512i sizes) {
  const __m512i zeros = _mm512_set1_epi8('0');
  __m512i bits = _mm512_slli_epi64(sizes, 3);
  __m512i up = _mm512_sllv_epi64(_mm512_loadu_si512(words), _mm512_sub_epi64(_mm512_set1_epi64(64), bits));
  return _mm512_or_si512(up, _mm512_srlv_epi64(zeros, bits));
}

/* The number of each lane's eight digits; lanes with anything else in *good are 0. */
AVX512 static inline __m512i read_digits(__m512i bytes, __mmask8 *good) {
  const __m512i nine = _mm512_set1_epi8(9);
  __m512i digits = _mm512_sub_epi8(bytes, _mm512_set1_epi8('0'));
  *good = _mm512_cmpeq_epi64_mask(_mm512_max_epu8(digits, nine), nine);
  __m512i pairs = _mm512_maddubs_epi16(digits, _mm512_set1_epi16(0x010a));
  __m512i fours = _mm512_madd_epi16(pairs, _mm512_set1_epi32(0x00010064));
  return _mm512_add_epi64(_mm512_mul_epu32(fours, _mm512_set1_epi64(10000)), _mm512_srli_epi64(fours, 32));
}

static inline void leave(struct csv_lanes *lanes, size_t i, uint8_t good) {
  lanes->left[i / 64] |= (uint64_t)(uint8_t)~good << (i % 64);
}

static void begin(struct csv_lanes *lanes) {
  for (size_t i = 0; i < CSV_LANES / 64; i++)
    lanes->left[i] = 0;
}

AVX512 static void read_int64(struct csv_lanes *lanes, size_t n, void *out) {
  begin(lanes);
  for (size_t i = 0; i < n; i += 8) {
    __mmask8 good, minus = load_flags(lanes->minus + i);
    __m512i sizes = load_sizes(lanes->sizes + i);
    __m512i value = read_digits(load_fields(lanes->words + i, sizes), &good);
    value = _mm512_mask_sub_epi64(value, minus, _mm512_setzero_si512(), value);
    _mm512_storeu_si512((int64_t *)out + i, value);
    leave(lanes, i, good & _mm512_test_epi64_mask(sizes, sizes));
  }
}

/* The power of ten to divide by, by the place of the point in the lane. */
AVX512 static inline __m512d divisors(__mmask8 pointed, __m512i place) {
  const __m512d powers = _mm512_setr_pd(1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 1e1, 1e0);
  return _mm512_mask_permutexvar_pd(_mm512_set1_pd(1), pointed, place, powers);
}

/* As csv_parse_double does it one by one: the point is taken out, and the digits are divided by a power of ten, both
 * exact, so that it is rounded once. */
AVX512 static void read_double(struct csv_lanes *lanes, size_t n, void *out) {
  const __m512i one = _mm512_set1_epi64(1), low = _mm512_set1_epi64(0xff);
  begin(lanes);
  for (size_t i = 0; i < n; i += 8) {
    __mmask8 good, minus = load_flags(lanes->minus + i);
    __m512i sizes = load_sizes(lanes->sizes + i), bytes = load_fields(lanes->words + i, sizes);
    __m512i points = _mm512_movm_epi8(_mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('.')));
    __mmask8 pointed = _mm512_test_epi64_mask(points, points);
    __m512i first = _mm512_and_si512(points, _mm512_sub_epi64(_mm512_setzero_si512(), points));
    __m512i before = _mm512_sub_epi64(first, one);
    __m512i upto = _mm512_or_si512(_mm512_slli_epi64(before, 8), low);
    __m512i moved = _mm512_or_si512(_mm512_slli_epi64(_mm512_and_si512(bytes, before), 8), _mm512_set1_epi64('0'));
    bytes = _mm512_mask_or_epi64(bytes, pointed, _mm512_andnot_si512(upto, bytes), moved);
    __m512i place = _mm512_sad_epu8(_mm512_and_si512(before, _mm512_set1_epi8(1)), _mm512_setzero_si512());
    /* digits on both sides: the point is not the last byte, nor the first of the field */
    __mmask8 sound = _mm512_cmplt_epu64_mask(place, _mm512_set1_epi64(7)) &
                     _mm512_cmpgt_epu64_mask(_mm512_add_epi64(place, sizes), _mm512_set1_epi64(8));
    __m512d value = _mm512_cvtepi64_pd(read_digits(bytes, &good));
    value = _mm512_div_pd(value, divisors(pointed, place));
    value = _mm512_mask_xor_pd(value, minus, value, _mm512_set1_pd(-0.0));
    _mm512_storeu_pd((double *)out + i, value);
    leave(lanes, i, (uint8_t)(good & (sound | ~pointed) & _mm512_test_epi64_mask(sizes, sizes)));
  }
}

/* Days since 1970-01-01, as csv_days_of does it; February 29 is left. */
AVX512 static void read_date32(struct csv_lanes *lanes, size_t n, void *out) {
  const __m512i before_low = _mm512_setr_epi64(0, 0, 31, 59, 90, 120, 151, 181);
  const __m512i before_high = _mm512_setr_epi64(212, 243, 273, 304, 334, 0, 0, 0);
  const __m512i length_low = _mm512_setr_epi64(0, 31, 28, 31, 30, 31, 30, 31);
  const __m512i length_high = _mm512_setr_epi64(31, 30, 31, 30, 31, 0, 0, 0);
  begin(lanes);
  for (size_t i = 0; i < n; i += 8) {
    __mmask8 good;
    __m512i sizes = load_sizes(lanes->sizes + i);
    __m512i value = read_digits(_mm512_loadu_si512(lanes->words + i), &good);
    __m512i year = _mm512_srli_epi64(_mm512_mul_epu32(value, _mm512_set1_epi64(109951163)), 40); /* / 10000 */
    __m512i rest = _mm512_sub_epi64(value, _mm512_mul_epu32(year, _mm512_set1_epi64(10000)));
    __m512i month = _mm512_srli_epi64(_mm512_mul_epu32(rest, _mm512_set1_epi64(5243)), 19); /* / 100 */
    __m512i day = _mm512_sub_epi64(rest, _mm512_mul_epu32(month, _mm512_set1_epi64(100)));
    __m512i before = _mm512_permutex2var_epi64(before_low, month, before_high);
    __m512i length = _mm512_permutex2var_epi64(length_low, month, length_high);
    good &= _mm512_cmple_epu64_mask(month, _mm512_set1_epi64(12)) & _mm512_test_epi64_mask(sizes, sizes) &
            _mm512_cmplt_epu64_mask(_mm512_sub_epi64(day, _mm512_set1_epi64(1)), length);
    __m512i later = _mm512_add_epi64(year, _mm512_set1_epi64(400)), leap = later;
    leap =
        _mm512_mask_sub_epi64(leap, _mm512_cmple_epu64_mask(month, _mm512_set1_epi64(2)), leap, _mm512_set1_epi64(1));
    __m512i centuries = _mm512_srli_epi64(_mm512_mul_epu32(leap, _mm512_set1_epi64(5243)), 19);
    __m512i leaps =
        _mm512_sub_epi64(_mm512_add_epi64(_mm512_srli_epi64(leap, 2), _mm512_srli_epi64(centuries, 2)), centuries);
    __m512i days = _mm512_add_epi64(_mm512_mul_epu32(later, _mm512_set1_epi64(365)), leaps);
    days = _mm512_add_epi64(days, _mm512_add_epi64(before, day));
    days = _mm512_sub_epi64(days, _mm512_set1_epi64(865625));
    _mm256_storeu_si256((__m256i *)(void *)((int32_t *)out + i), _mm512_cvtepi64_epi32(days));
    leave(lanes, i, good);
  }
}

const struct csv_kernels *csv_kernels_best(void) {
  static const struct csv_kernels kernels = {read_int64, read_double, read_date32};
  bool here = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
              __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
              __builtin_cpu_supports("bmi2");
  return here ? &kernels : NULL;
}
#else
const struct csv_kernels *csv_kernels_best(void) {
  return NULL;
}
#endif
