/* The structure pass in plain C, eight bytes a step: for machines without one of their own, and the measure of the
 * others. */
#include "scan_loop.h"
#include "words.h"

JSON_INLINE void classify(const uint8_t *p, struct json_classes *out) {
  struct json_classes k = {0};
  uint64_t any = 0;
  for (int i = 0; i < 64; i += 8) {
    uint64_t word = json_load8(p + i), folded = word | 0x2020202020202020ull;
    any |= word;
    k.quote |= json_equal8(word, '"') << i;
    k.backslash |= json_equal8(word, '\\') << i;
    k.line |= json_equal8(word, '\n') << i;
    k.control |= json_equal8(word & 0xe0e0e0e0e0e0e0e0ull, 0) << i;
    k.open |= json_equal8(folded, '{') << i;
    k.close |= json_equal8(folded, '}') << i;
    k.comma |= json_equal8(word, ',') << i;
  }
  k.high = (any & 0x8080808080808080ull) != 0;
  *out = k;
}

JSON_INLINE uint64_t prefix(uint64_t bits) {
  for (int shift = 1; shift < 64; shift *= 2)
    bits ^= bits << shift;
  return bits;
}

size_t json_lines_words(struct json_carry *c, const uint8_t *data, size_t n, struct json_block *out) {
  return json_scan_loop(c, data, n, out, true, classify, prefix);
}

size_t json_values_words(struct json_carry *c, const uint8_t *data, size_t n, struct json_block *out) {
  return json_scan_loop(c, data, n, out, false, classify, prefix);
}
