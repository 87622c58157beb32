/* Reading values of one block. Every value may be loaded whole, since AVRO_SYNC bytes behind the block can be read; the
 * place behind it is compared with the end afterwards. */
#ifndef AVRO_VARINT_H
#define AVRO_VARINT_H
#include "program.h"

#define AVRO_LIKELY(x) __builtin_expect(!!(x), 1)
#define AVRO_UNLIKELY(x) __builtin_expect(!!(x), 0)

static inline int64_t avro_unzigzag(uint64_t v) {
  return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

enum { AVRO_LONG_MAX = 10 }; /* bytes of a number */

/* A number in the first of n bytes; how many it takes, or 0: it is cut short, or has more than 64 bits. */
static inline size_t avro_long_within(const uint8_t *p, size_t n, int64_t *out) {
  uint64_t value = 0;
  for (size_t i = 0; i < n && i < AVRO_LONG_MAX; i++) {
    if (i == AVRO_LONG_MAX - 1 && p[i] > 1)
      return 0;
    value |= (uint64_t)(p[i] & 0x7f) << (7 * i);
    if (p[i] & 0x80)
      continue;
    *out = avro_unzigzag(value);
    return i + 1;
  }
  return 0;
}

/* Variable-length and zig-zag, up to 8 bytes without a loop. */
static inline const uint8_t *avro_long(struct avro_run *r, const uint8_t *p, int64_t *out) {
  uint64_t word;
  if (AVRO_LIKELY(!(p[0] & 0x80))) {
    *out = avro_unzigzag(p[0]);
    return p + 1;
  }
  memcpy(&word, p, sizeof word);
  uint64_t ends = ~word & 0x8080808080808080u;
  if (AVRO_UNLIKELY(ends == 0))
    return avro_long_slow(r, p, out);
  word &= ends ^ (ends - 1); /* nothing behind the last byte */
  word = (word & 0x007f007f007f007fu) | (word & 0x7f007f007f007f00u) >> 1;
  word = (word & 0x00003fff00003fffu) | (word & 0x3fff00003fff0000u) >> 2;
  word = (word & 0x000000000fffffffu) | (word & 0x0fffffff00000000u) >> 4;
  *out = avro_unzigzag(word);
  return p + (__builtin_ctzll(ends) >> 3) + 1;
}

/* Big-endian bytes, at least one and at most 8, to a decimal of 16 little-endian ones, by one load. */
static inline void avro_decimal_short(struct avro_run *r, const struct avro_op *op, const uint8_t *p, int64_t i,
                                      int64_t n) {
  int64_t word;
  memcpy(&word, p, sizeof word);
  word = (int64_t)__builtin_bswap64((uint64_t)word) >> (64 - 8 * n);
  if (AVRO_UNLIKELY((uint64_t)word + (op->of.spread >> 1) > op->of.spread))
    avro_decimal_fault(r, op, n);
  const int64_t value[2] = {word, word >> 63};
  memcpy(op->column->values + i * 16, value, sizeof value);
}

/* A length and where its bytes begin; what is too long breaks the run. */
static inline const uint8_t *avro_length(struct avro_run *r, const uint8_t *p, const uint8_t *end, int64_t *out) {
  p = avro_long(r, p, out);
  if (AVRO_UNLIKELY(*out < 0 || *out > end - p)) {
    bool negative = *out < 0;
    *out = 0;
    return avro_run_break(r, SLUICE_ERR_DATA,
                          negative ? "a negative length" : "a length that leads past the end of the block");
  }
  return p;
}

#endif
