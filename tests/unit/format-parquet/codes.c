/* Encodings one by one: packed bits, runs, differences, ALP; what is cut or lies is told. */
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "alp.h"
#include "bits.h"
#include "codec.h"
#include "delta.h"
#include "levels.h"
#include "rle.h"
#include "store.h"
#include "thrift.h"
#include "unpack.h"
#include <stdlib.h>

static uint64_t seed = 42;
static uint64_t next_random(void) {
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return seed;
}

static uint64_t bits_at(const uint8_t *p, size_t bit, uint32_t width) {
  uint64_t value = 0;
  for (uint32_t i = 0; i < width; i++)
    value |= (uint64_t)sluice_bit(p, (int64_t)(bit + i)) << i;
  return value;
}

/* The loops for AVX2, for AVX-512 and for any processor give the same. */
static void check_unpacked(const uint8_t *bytes, uint32_t width, size_t n) {
  uint32_t out[64], plain[64], narrow[64], portable[64], highest = 0, found = 0;
  pq_unpack32(bytes, width, plain, n);
  uint32_t best = pq_unpack32_highest(bytes, width, out, n);
  assert_int_equal(pq_unpack32_portable(bytes, width, portable, n), best);
  assert_memory_equal(out, portable, n * sizeof *out);
  assert_memory_equal(plain, portable, n * sizeof *plain);
  if (pq_unpack32_avx2(bytes, width, narrow, n, &highest)) {
    assert_int_equal(highest, best);
    assert_memory_equal(narrow, portable, n * sizeof *narrow);
  }
  for (size_t i = 0; i < n; i++) {
    assert_int_equal(out[i], bits_at(bytes, i * width, width));
    found = out[i] > found ? out[i] : found;
  }
  assert_int_equal(best, found);
}

static void unpacks_all_widths(void **state) {
  uint8_t bytes[64 * 64 / 8 + PQ_PADDING];
  uint64_t wide[64];
  (void)state;
  for (size_t i = 0; i < sizeof bytes; i++)
    bytes[i] = (uint8_t)next_random();
  for (uint32_t width = 0; width <= 64; width++) {
    pq_unpack64(bytes, width, wide, 64);
    for (size_t i = 0; i < 64; i++)
      assert_int_equal(wide[i], bits_at(bytes, i * width, width));
    for (size_t n = 0; n <= 64 && width <= 32; n += 8)
      check_unpacked(bytes, width, n);
  }
}

static void reads_runs_and_groups(void **state) {
  /* five 3s, then the numbers 0 to 7 of three bits as in the specification's example, then three 1s */
  static const uint8_t bytes[PQ_PADDING + 8] = {5 << 1, 3, 1 << 1 | 1, 0x88, 0xc6, 0xfa, 3 << 1, 1};
  static const uint32_t wanted[] = {3, 3, 3, 3, 3, 0, 1, 2, 3, 4, 5, 6, 7, 1, 1, 1};
  (void)state;
  for (size_t step = 1; step <= 17; step++) {
    uint32_t out[32];
    uint8_t small[32];
    size_t done = 0, got;
    struct pq_rle r, s;
    pq_rle_init(&r, bytes, bytes + 8, 3);
    pq_rle_init(&s, bytes, bytes + 8, 3);
    do {
      got = pq_rle_read(&r, out + done, step);
      assert_int_equal(pq_rle_read_bytes(&s, small + done, step), got);
      done += got;
    } while (got == step && done < 16);
    assert_int_equal(done, 16);
    assert_memory_equal(out, wanted, sizeof wanted);
    for (size_t i = 0; i < 16; i++)
      assert_int_equal(small[i], wanted[i]);
  }
}

static void reads_bits_at_any_place(void **state) {
  static const uint8_t bytes[PQ_PADDING + 8] = {3 << 1 | 1, 0xa5, 0x0f, 0x81, 10 << 1, 1, 1 << 1 | 1, 0x55};
  uint8_t all[8 + PQ_PADDING] = {0}, parts[8 + PQ_PADDING];
  int64_t ones = 0, sum;
  struct pq_rle r;
  (void)state;
  pq_rle_init(&r, bytes, bytes + 8, 1);
  assert_int_equal(pq_rle_read_bits(&r, all, 0, 42, &ones), 42);
  assert_int_equal(ones, 4 + 4 + 2 + 10 + 4);
  for (size_t step = 1; step < 42; step++) {
    memset(parts, 0xff, sizeof parts);
    sum = 0;
    pq_rle_init(&r, bytes, bytes + 8, 1);
    for (size_t at = 0; at < 42; at += step) {
      size_t n = 42 - at < step ? 42 - at : step;
      assert_int_equal(pq_rle_read_bits(&r, parts, (int64_t)at, n, &ones), n);
      sum += ones;
    }
    assert_int_equal(sum, 24);
    for (int64_t i = 0; i < 42; i++)
      assert_int_equal(sluice_bit(parts, i), sluice_bit(all, i));
  }
}

static void cut_runs_end(void **state) {
  static const uint8_t bytes[PQ_PADDING + 8] = {4 << 1 | 1, 0xff, 0xff};
  uint32_t out[64];
  struct pq_rle r;
  (void)state;
  pq_rle_init(&r, bytes, bytes + 3, 5); /* 32 values are said, and 16 bits are there */
  assert_int_equal(pq_rle_read(&r, out, 32), 3);
  pq_rle_init(&r, bytes, bytes, 5);
  assert_int_equal(pq_rle_read(&r, out, 1), 0);
}

static void levels_are_checked(void **state) {
  static const uint8_t high[PQ_PADDING + 8] = {4 << 1, 3}, msb[PQ_PADDING + 8] = {0x1b, 0x40};
  uint8_t out[16];
  size_t used;
  struct pq_levels l;
  (void)state;
  pq_levels_init(&l, 2, high, high + 2);
  assert_non_null(pq_levels_read(&l, out, 4));
  pq_levels_init(&l, 3, high, high + 2);
  assert_null(pq_levels_read(&l, out, 4));
  assert_non_null(pq_levels_read(&l, out, 1));
  assert_null(pq_levels_init_msb(&l, 3, msb, msb + 2, 5, &used));
  assert_int_equal(used, 2);
  assert_null(pq_levels_read(&l, out, 5));
  assert_memory_equal(out, ((const uint8_t[]){0, 1, 2, 3, 1}), 5);
  assert_non_null(pq_levels_init_msb(&l, 3, msb, msb + 2, 9, &used));
}

static size_t put_varint(uint8_t *out, uint64_t value) {
  size_t n = 0;
  for (; value >= 0x80; value >>= 7)
    out[n++] = (uint8_t)(value | 0x80);
  out[n++] = (uint8_t)value;
  return n;
}

static uint64_t zigzag(uint64_t v) {
  return v << 1 ^ (0 - (v >> 63));
}

/* Writes values as differences of `width` bits over the least difference `step`. */
static size_t put_delta(uint8_t *out, const uint64_t *values, size_t n, uint64_t step, uint32_t width) {
  size_t at = put_varint(out, 128);
  at += put_varint(out + at, 4);
  at += put_varint(out + at, n);
  at += put_varint(out + at, zigzag(values[0]));
  for (size_t i = 1; i < n; i += 128) {
    at += put_varint(out + at, zigzag(step));
    memset(out + at, (int)width, 4);
    at += 4;
    for (size_t m = i; m < i + 128 && m < n; m += 32) {
      for (size_t k = 0; k < 32; k++) {
        uint64_t packed = m + k < n ? values[m + k] - values[m + k - 1] - step : 0;
        for (uint32_t b = 0; b < width; b++)
          if (packed >> b & 1)
            out[at + (k * width + b) / 8] |= (uint8_t)(1u << ((k * width + b) & 7));
      }
      at += (size_t)4 * width;
    }
  }
  return at;
}

static void deltas_come_back(void **state) {
  enum { N = 300 };
  uint64_t values[N], out[N];
  uint32_t small[N];
  (void)state;
  for (uint32_t width = 1; width <= 64; width++)
    for (size_t step = 1; step < 140; step += 23) {
      uint8_t *bytes = calloc(1, N * 16);
      const uint8_t *end;
      struct pq_delta d;
      uint64_t least = next_random(), mask = width == 64 ? UINT64_MAX : (1ull << width) - 1;
      values[0] = next_random();
      for (size_t i = 1; i < N; i++)
        values[i] = values[i - 1] + least + (next_random() & mask);
      size_t size = put_delta(bytes, values, N, least, width);
      assert_null(pq_delta_init(&d, bytes, bytes + size));
      assert_null(pq_delta_end(&d, &end));
      assert_ptr_equal(end, bytes + size);
      for (size_t at = 0; at < N; at += step)
        assert_null(pq_delta_read64(&d, out + at, N - at < step ? N - at : step));
      assert_memory_equal(out, values, sizeof values);
      assert_non_null(pq_delta_read64(&d, out, 1));
      assert_null(pq_delta_init(&d, bytes, bytes + size));
      for (size_t at = 0; at < N; at += step)
        assert_null(pq_delta_read32(&d, small + at, N - at < step ? N - at : step));
      for (size_t i = 0; i < N; i++)
        assert_int_equal(small[i], (uint32_t)values[i]);
      assert_null(pq_delta_init(&d, bytes, bytes + size / 2));
      assert_non_null(pq_delta_read64(&d, out, N));
      free(bytes);
    }
}

/* The last group may end behind its last value: no more than the padding behind it is read. */
static void cut_groups_stay_inside(void **state) {
  static const uint8_t head[] = {0x80, 1, 4, 2, 0, 0};
  (void)state;
  for (uint8_t width = 1; width <= 64; width++) {
    size_t size = sizeof head + 4 + (width + 7u) / 8;
    uint8_t *bytes = malloc(size + PQ_PADDING);
    uint64_t out[2];
    struct pq_delta d;
    memcpy(bytes, head, sizeof head);
    memset(bytes + sizeof head, width, 4);
    memset(bytes + sizeof head + 4, 0xff, size - sizeof head - 4 + PQ_PADDING);
    assert_null(pq_delta_init(&d, bytes, bytes + size));
    assert_null(pq_delta_read64(&d, out, 2));
    assert_true(out[0] == 0 && out[1] == UINT64_MAX >> (64 - width));
    assert_null(pq_delta_init(&d, bytes, bytes + size - 1));
    assert_non_null(pq_delta_read64(&d, out, 2));
    free(bytes);
  }
}

static void bad_deltas_are_refused(void **state) {
  static const uint8_t heads[][4] = {{0x80, 1, 0, 2}, {0x81, 1, 4, 2}, {0x80, 1, 3, 2}, {0x80, 1, 8, 2}, {0, 1, 1, 0}};
  struct pq_delta d;
  (void)state;
  for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
    uint8_t bytes[PQ_PADDING] = {0};
    memcpy(bytes, heads[i], 4);
    assert_non_null(pq_delta_init(&d, bytes, bytes + 8));
  }
}

/* The example of the specification: 1500.0, NaN, 2500.0, 333.5. */
static void reads_alp(void **state) {
  uint8_t page[7 + 4 + 31 + PQ_PADDING] = {0, 0, 3, 4, 0, 0, 0, 4, 0, 0, 0, 4, 3, 1, 0, 0x07, 0x0d};
  static const uint64_t deltas[] = {11665, 11665, 21665, 0};
  const double nan = (double)__builtin_nanf("");
  double out[4];
  struct pq_alp a = {0};
  (void)state;
  page[11 + 4 + 8] = 15;
  for (size_t i = 0; i < 4; i++)
    for (size_t b = 0; b < 15; b++)
      if (deltas[i] >> b & 1)
        page[24 + (15 * i + b) / 8] |= (uint8_t)(1u << ((15 * i + b) & 7));
  page[32] = 1;
  memcpy(page + 34, &nan, sizeof nan);
  for (size_t step = 1; step <= 4; step++) {
    assert_null(pq_alp_init(&a, 8, page, page + 42));
    for (size_t at = 0; at < 4; at += step)
      assert_null(pq_alp_read(&a, (uint8_t *)(out + at), 4 - at < step ? 4 - at : step));
    assert_true(out[0] == 1500.0 && out[2] == 2500.0 && out[3] == 333.5);
    assert_memory_equal(&out[1], &nan, sizeof nan);
    assert_non_null(pq_alp_read(&a, (uint8_t *)out, 1));
  }
  for (size_t cut = 0; cut < 42; cut++) {
    pq_fault fault = pq_alp_init(&a, 8, page, page + cut);
    assert_true(fault || pq_alp_read(&a, (uint8_t *)out, 4));
  }
  page[32] = 4; /* an exception behind its vector */
  assert_null(pq_alp_init(&a, 8, page, page + 42));
  assert_non_null(pq_alp_read(&a, (uint8_t *)out, 4));
  pq_alp_finish(&a);
}

static void stores_big_decimals(void **state) {
  static const uint8_t minus[] = {0xff, 0xff, 0xfe}, large[] = {0, 0x80, 0};
  const struct pq_store s = {.kind = PQ_STORE_BIG, .width = 2}, wide = {.kind = PQ_STORE_BIG, .width = 16};
  uint8_t out[16];
  (void)state;
  assert_null(pq_store_big(&s, minus, 3, out));
  assert_memory_equal(out, ((const uint8_t[]){0xfe, 0xff}), 2);
  assert_non_null(pq_store_big(&s, large, 3, out));
  assert_null(pq_store_big(&wide, large, 3, out));
  assert_memory_equal(out, ((const uint8_t[16]){0, 0x80}), 16);
  assert_null(pq_store_big(&wide, large, 0, out));
  assert_memory_equal(out, ((const uint8_t[16]){0}), 16);
}

static void thrift_is_bounded(void **state) {
  uint8_t deep[300], item;
  struct pq_thrift_field f = {0};
  (void)state;
  memset(deep, 0x1c, sizeof deep); /* structs in structs */
  struct pq_thrift t = {.p = deep, .end = deep + sizeof deep};
  pq_thrift_skip(&t, 12);
  assert_non_null(t.fault);
  static const uint8_t list[] = {0xf5, 0xff, 0xff, 0xff, 0xff, 0x0f, 1, 2};
  t = (struct pq_thrift){.p = list, .end = list + sizeof list};
  assert_int_equal(pq_thrift_list(&t, 9, &item), 0);
  assert_non_null(t.fault);
  assert_false(pq_thrift_next(&t, &f));
}

static void gzip_members_follow_each_other(void **state) {
  static const uint8_t member[] = {0x1f, 0x8b, 8, 0,    0,    0,    0,    0, 0, 3, 0x4b, 0x4c,
                                   0x4a, 6,    0, 0xc2, 0x41, 0x24, 0x35, 3, 0, 0, 0}; /* "abc" */
  uint8_t both[sizeof member * 2], out[8];
  struct pq_codecs c = {0};
  (void)state;
  memcpy(both, member, sizeof member);
  memcpy(both + sizeof member, member, sizeof member);
  assert_null(pq_unpack_page(&c, 2, both, sizeof both, out, 6));
  assert_memory_equal(out, "abcabc", 6);
  assert_non_null(pq_unpack_page(&c, 2, both, sizeof both, out, 7));
  assert_non_null(pq_unpack_page(&c, 2, both, sizeof both, out, 5));
  assert_non_null(pq_unpack_page(&c, 3, both, sizeof both, out, 5));
  pq_codecs_finish(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(unpacks_all_widths),
                                     cmocka_unit_test(reads_runs_and_groups),
                                     cmocka_unit_test(reads_bits_at_any_place),
                                     cmocka_unit_test(cut_runs_end),
                                     cmocka_unit_test(levels_are_checked),
                                     cmocka_unit_test(deltas_come_back),
                                     cmocka_unit_test(cut_groups_stay_inside),
                                     cmocka_unit_test(bad_deltas_are_refused),
                                     cmocka_unit_test(reads_alp),
                                     cmocka_unit_test(stores_big_decimals),
                                     cmocka_unit_test(thrift_is_bounded),
                                     cmocka_unit_test(gzip_members_follow_each_other)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
