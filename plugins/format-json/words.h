/* Eight bytes as one word, the first in its lowest byte. */
#ifndef JSON_WORDS_H
#define JSON_WORDS_H
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t json_load8(const void *p) {
  uint64_t word;
  memcpy(&word, p, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  return word;
}

/* Bit i is set where byte i of the eight is c. */
static inline uint64_t json_equal8(uint64_t word, uint8_t c) {
  const uint64_t low = 0x7f7f7f7f7f7f7f7full;
  uint64_t t = word ^ (0x0101010101010101ull * c);
  uint64_t hit = ~(((t & low) + low) | t | low);
  return ((hit >> 7) * 0x0102040810204080ull) >> 56;
}

/* How many digits the word begins with. */
static inline unsigned json_count_digits(uint64_t word) {
  uint64_t t = word ^ 0x3030303030303030ull;
  uint64_t other = ((t + 0x7676767676767676ull) | t) & 0x8080808080808080ull; /* right up to the first other byte */
  return other ? (unsigned)__builtin_ctzll(other) >> 3 : 8;
}

/* The number that eight digits stand for. */
static inline uint64_t json_value8(uint64_t word) {
  word -= 0x3030303030303030ull;
  word = word * 10 + (word >> 8);
  return ((word & 0x000000ff000000ffull) * 0x000f424000000064ull +
          ((word >> 16) & 0x000000ff000000ffull) * 0x0000271000000001ull) >>
         32;
}

/* The number that the first n, 1 to 8, bytes stand for, which are digits. */
static inline uint64_t json_value_of(uint64_t word, unsigned n) {
  return json_value8(n == 8 ? word : word << (64 - 8 * n) | 0x3030303030303030ull >> (8 * n));
}

#endif
