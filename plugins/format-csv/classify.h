/* 64 bytes at a time: which are delimiters, line ends and quotes, as bit masks. */
#ifndef CSV_CLASSIFY_H
#define CSV_CLASSIFY_H
#include "csv.h"
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

struct csv_masks {
  uint64_t delimiter, line, quote; /* line: CR or LF */
};
struct csv_seen {  /* over all bytes looked at, perhaps a few behind the last record too */
  bool high, zero; /* a byte that is not ASCII; a zero byte */
};

/* Bit i is set where byte i of the eight is c. */
static inline uint64_t csv_equal8(uint64_t word, uint8_t c) {
  const uint64_t low = 0x7f7f7f7f7f7f7f7full;
  uint64_t t = word ^ (0x0101010101010101ull * c);
  uint64_t hit = ~(((t & low) + low) | t | low);
  return ((hit >> 7) * 0x0102040810204080ull) >> 56;
}

static inline uint64_t csv_load8(const void *p) {
  uint64_t word;
  memcpy(&word, p, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  return word;
}

static inline struct csv_masks csv_classify_words(const uint8_t *p, const struct csv_dialect *d,
                                                  struct csv_seen *seen) {
  struct csv_masks m = {0, 0, 0};
  for (int i = 0; i < 64; i += 8) {
    uint64_t word = csv_load8(p + i);
    m.delimiter |= csv_equal8(word, d->delimiter) << i;
    m.line |= (csv_equal8(word, '\n') | csv_equal8(word, '\r')) << i;
    if (d->quote >= 0)
      m.quote |= csv_equal8(word, (uint8_t)d->quote) << i;
    seen->high |= (word & 0x8080808080808080ull) != 0;
    seen->zero |= csv_equal8(word, 0) != 0;
  }
  return m;
}

#if defined(__SSE2__)
static inline uint64_t csv_move_mask(const __m128i v[4]) {
  uint64_t mask = 0;
  for (int i = 3; i >= 0; i--)
    mask = mask << 16 | (uint64_t)(uint32_t)_mm_movemask_epi8(v[i]);
  return mask;
}

static inline uint64_t csv_equal64(const __m128i bytes[4], uint8_t c) {
  const __m128i pattern = _mm_set1_epi8((char)c);
  __m128i v[4];
  for (int i = 0; i < 4; i++)
    v[i] = _mm_cmpeq_epi8(bytes[i], pattern);
  return csv_move_mask(v);
}

static inline uint64_t csv_line_ends64(const __m128i bytes[4]) {
  const __m128i lf = _mm_set1_epi8('\n'), cr = _mm_set1_epi8('\r');
  __m128i v[4];
  for (int i = 0; i < 4; i++)
    v[i] = _mm_or_si128(_mm_cmpeq_epi8(bytes[i], lf), _mm_cmpeq_epi8(bytes[i], cr));
  return csv_move_mask(v);
}

static inline struct csv_masks csv_classify(const uint8_t *p, const struct csv_dialect *d, struct csv_seen *seen) {
  __m128i b[4];
  for (int i = 0; i < 4; i++)
    b[i] = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i));
  __m128i any = _mm_or_si128(_mm_or_si128(b[0], b[1]), _mm_or_si128(b[2], b[3]));
  __m128i least = _mm_min_epu8(_mm_min_epu8(b[0], b[1]), _mm_min_epu8(b[2], b[3]));
  seen->high |= _mm_movemask_epi8(any) != 0;
  seen->zero |= _mm_movemask_epi8(_mm_cmpeq_epi8(least, _mm_setzero_si128())) != 0;
  return (struct csv_masks){csv_equal64(b, d->delimiter), csv_line_ends64(b),
                            d->quote >= 0 ? csv_equal64(b, (uint8_t)d->quote) : 0};
}
#else
static inline struct csv_masks csv_classify(const uint8_t *p, const struct csv_dialect *d, struct csv_seen *seen) {
  return csv_classify_words(p, d, seen);
}
#endif

#endif
