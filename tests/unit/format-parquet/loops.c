/* Inner loops against what they must give: bitmaps at any place, values moved apart, Snappy beside Debian's library. */
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "bits.h"
#include "snappy.h"
#include "spread.h"
#include "store.h"
#include <snappy-c.h>
#include <stdlib.h>

static uint64_t seed = 42;
static uint64_t next_random(void) {
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return seed;
}

static void fill(uint8_t *bytes, size_t n) {
  for (size_t i = 0; i < n; i++)
    bytes[i] = (uint8_t)next_random();
}

static void copies_bits_to_any_place(void **state) {
  enum { BITS = 400 };
  uint8_t from[BITS / 8 + PQ_PADDING], to[BITS / 8 + PQ_PADDING], before[BITS / 8 + PQ_PADDING];
  (void)state;
  for (int round = 0; round < 3000; round++) {
    int64_t n = (int64_t)(next_random() % 300), start = (int64_t)(next_random() % 100);
    int64_t source = (int64_t)(next_random() % 100);
    bool copies = round & 1, value = round & 2;
    fill(from, sizeof from);
    fill(to, sizeof to);
    memcpy(before, to, sizeof to);
    if (copies)
      pq_bits_copy(to, start, from, source, n);
    else
      pq_bits_fill(to, start, n, value);
    int64_t set = 0;
    for (int64_t i = 0; i < BITS; i++) {
      bool inside = i >= start && i < start + n;
      bool wanted = !inside ? sluice_bit(before, i) : copies ? sluice_bit(from, source + i - start) : value;
      assert_int_equal(sluice_bit(to, i), wanted);
      set += inside && wanted;
    }
    assert_int_equal(pq_bits_count(to, start, n), set);
  }
}

static void compares_levels(void **state) {
  uint8_t levels[200], bits[32];
  (void)state;
  for (size_t i = 0; i < sizeof levels; i++)
    levels[i] = (uint8_t)(next_random() % 128);
  for (int64_t start = 0; start < 9; start++)
    for (unsigned least = 0; least < 128; least += 9) {
      int64_t count = 0;
      memset(bits, 0xa5, sizeof bits);
      int64_t got = pq_bits_at_least(bits, start, levels, 200, (uint8_t)least);
      for (int64_t i = 0; i < 200; i++) {
        assert_int_equal(sluice_bit(bits, start + i), levels[i] >= least);
        count += levels[i] >= least;
      }
      assert_int_equal(got, count);
    }
}

static void check_spread(size_t width, int64_t start, int64_t n, int kind) {
  enum { MOST = 200 };
  _Alignas(64) uint8_t values[MOST * 16 + PQ_PADDING], packed[MOST * 16 + PQ_PADDING], twin[MOST * 16 + PQ_PADDING];
  uint8_t bits[MOST / 8 + 16];
  int64_t set = 0;
  for (size_t i = 0; i < sizeof bits; i++)
    bits[i] = (uint8_t)(kind == 0 ? next_random() : kind == 1 ? next_random() | next_random() | next_random() : 0xff);
  for (size_t i = 0; i < sizeof packed; i++)
    packed[i] = values[i] = twin[i] = (uint8_t)(next_random() | 1);
  if (kind == 2)
    bits[4] &= 0xfb; /* one alone */
  for (int64_t i = 0; i < n; i++)
    set += sluice_bit(bits, start + i);
  pq_spread(values, width, bits, start, n, set);
  pq_spread_portable(twin, width, bits, start, n, set);
  for (int64_t i = 0, k = 0; i < n; i++)
    for (size_t b = 0; b < width; b++) {
      bool valid = sluice_bit(bits, start + i);
      assert_int_equal(values[(size_t)i * width + b], valid ? packed[(size_t)k * width + b] : 0);
      k += valid && b + 1 == width;
    }
  assert_memory_equal(values, twin, (size_t)n * width);
}

static void spreads_values(void **state) {
  static const size_t widths[] = {1, 2, 3, 4, 8, 12, 16};
  (void)state;
  for (int64_t n = 1; n < 140; n++)
    for (size_t w = 0; w < sizeof widths / sizeof widths[0]; w++)
      for (int64_t start = 0; start < 9; start += 3)
        for (int kind = 0; kind < 3; kind++)
          check_spread(widths[w], start, n, kind);
}

/* ---- Snappy ---- */

/* Bytes of which parts were there before, at all distances. */
static void make_text(uint8_t *text, size_t n) {
  for (size_t i = 0; i < n;) {
    size_t size = 1 + next_random() % (next_random() % 8 ? 24 : 300),
           back = 1 + next_random() % (next_random() % 2 ? 20 : 70000);
    bool repeat = next_random() % 3 != 0;
    for (size_t k = 0; k < size && i < n; k++, i++)
      text[i] = repeat && back <= i ? text[i - back] : (uint8_t)next_random();
  }
}

static void agree(const uint8_t *packed, size_t n, size_t size) {
  uint8_t *ours = malloc(size + 1), *theirs = malloc(size + 1); /* exact, so that nothing behind is written unseen */
  size_t got = 0;
  bool good = snappy_uncompressed_length((const char *)packed, n, &got) == SNAPPY_OK && got == size &&
              snappy_uncompress((const char *)packed, n, (char *)theirs, &got) == SNAPPY_OK;
  ours[size] = 0x5a;
  assert_int_equal(pq_unsnap(packed, n, ours, size) == NULL, good);
  assert_int_equal(ours[size], 0x5a);
  if (good)
    assert_memory_equal(ours, theirs, size);
  free(ours);
  free(theirs);
}

static void unpacks_snappy_as_the_library_does(void **state) {
  enum { MOST = 100000 };
  static uint8_t text[MOST];
  int damaged = 0;
  (void)state;
  for (int round = 0; round < 300; round++) {
    size_t n = next_random() % (round % 10 ? 3000 : MOST), size = snappy_max_compressed_length(n);
    make_text(text, n);
    char *room = malloc(size);
    assert_int_equal(snappy_compress((const char *)text, n, room, &size), SNAPPY_OK);
    uint8_t *packed = malloc(size);
    memcpy(packed, room, size);
    free(room);
    agree(packed, size, n);
    agree(packed, size, n + 1);
    for (int k = 0; k < 20; k++, damaged++) {
      size_t at = next_random() % size;
      uint8_t was = packed[at];
      packed[at] = (uint8_t)next_random();
      agree(packed, size, n);
      packed[at] = was;
      agree(packed, next_random() % size, n);
    }
    free(packed);
  }
  assert_true(damaged == 6000);
}

/* At the end of the bytes, where fewer can be read at once, as before it. */
static void turns_decimals_round(void **state) {
  enum { MOST = 23 };
  (void)state;
  for (uint32_t size = 1; size <= 17; size++)
    for (size_t n = 0; n <= MOST; n++) {
      const struct pq_store s = {.kind = PQ_STORE_BIG, .width = size > 16 ? 32 : 16, .physical = size};
      uint8_t *in = malloc(n * size + 1), out[MOST * 32], wanted[32];
      assert_non_null(in);
      fill(in, n * size);
      assert_null(pq_store_convert(&s, in, n, out));
      for (size_t i = 0; i < n; i++) {
        assert_null(pq_store_big(&s, in + i * size, size, wanted));
        assert_memory_equal(out + i * s.width, wanted, s.width);
      }
      free(in);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(copies_bits_to_any_place), cmocka_unit_test(compares_levels),
                                     cmocka_unit_test(spreads_values), cmocka_unit_test(turns_decimals_round),
                                     cmocka_unit_test(unpacks_snappy_as_the_library_does)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
