/* The loop of the structure pass, made once for each set of instructions: whoever includes this gives it a way to
 * classify 64 bytes and one to XOR all bits below each bit. */
#ifndef JSON_SCAN_LOOP_H
#define JSON_SCAN_LOOP_H
#include "scan.h"

struct json_classes { /* bit i: byte i is one */
  uint64_t quote, backslash, line, control, open, close, comma;
  bool high; /* any byte over 0x7f */
};
typedef void json_classify_fn(const uint8_t *p, struct json_classes *out);
typedef uint64_t json_prefix_fn(uint64_t bits);
#define JSON_INLINE static inline __attribute__((always_inline))

/* Bytes behind an odd number of backslashes. */
JSON_INLINE uint64_t json_find_escaped(uint64_t backslash, uint64_t *carried) {
  const uint64_t even = 0x5555555555555555ull;
  uint64_t escaped = *carried, sum;
  if (backslash == 0) {
    *carried = 0;
    return escaped;
  }
  backslash &= ~escaped;
  uint64_t follows = backslash << 1 | escaped;
  uint64_t odd_starts = backslash & ~even & ~follows;
  *carried = __builtin_add_overflow(odd_starts, backslash, &sum);
  return (even ^ sum << 1) & follows;
}

/* Bits from the lowest one of `bit` down; all where there is none. */
JSON_INLINE uint64_t json_up_to(uint64_t bit) {
  return bit ? bit ^ (bit - 1) : ~0ull;
}

/* The bracket that closes the first, as a bit; 0: not in this block. */
JSON_INLINE uint64_t json_find_close(struct json_carry *c, uint64_t open, uint64_t close) {
  int64_t closes = __builtin_popcountll(close);
  if (c->depth > closes) {
    c->depth += __builtin_popcountll(open) - closes;
    return 0;
  }
  for (uint64_t both = open | close; both; both &= both - 1) {
    uint64_t bit = both & -both;
    c->depth += open & bit ? 1 : -1;
    if (c->depth <= 0)
      return bit;
  }
  return 0;
}

/* One block; returns how many of its bytes are the record's, 64 unless it ends here. */
JSON_INLINE size_t json_scan_block(struct json_carry *c, const struct json_classes *k, bool lines,
                                   json_prefix_fn *prefix, struct json_block *out) {
  uint64_t quotes = k->quote & ~json_find_escaped(k->backslash, &c->escaped);
  uint64_t string = prefix(quotes) ^ c->in_string;
  c->in_string = (uint64_t)((int64_t)string >> 63);
  c->high |= k->high;
  out->quotes = quotes;
  out->escapes = k->backslash;
  out->marks = (k->open | k->close | k->comma) & ~string;
  uint64_t end = lines ? k->line & -k->line : json_find_close(c, k->open & ~string, k->close & ~string);
  c->control |= (k->control & string & json_up_to(end) & ~(lines ? end : 0)) != 0;
  if (!end)
    return 64;
  c->found = true;
  c->open = (string & end) != 0;
  return (size_t)__builtin_ctzll(end) + !lines;
}

JSON_INLINE size_t json_scan_loop(struct json_carry *c, const uint8_t *data, size_t n, struct json_block *out,
                                  bool lines, json_classify_fn *classify, json_prefix_fn *prefix) {
  for (size_t i = 0; i < n; i++) {
    struct json_classes k;
    classify(data + 64 * i, &k);
    size_t taken = json_scan_block(c, &k, lines, prefix, &out[i]);
    if (c->found)
      return 64 * i + taken;
  }
  return 64 * n;
}

json_kernel json_lines_words, json_values_words;
#if defined(__x86_64__)
json_kernel json_lines_sse2, json_values_sse2, json_lines_avx2, json_values_avx2, json_lines_avx512, json_values_avx512;
#endif

#endif
