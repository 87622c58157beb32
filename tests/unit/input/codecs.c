/* What all kinds of compression do alike. */
#include "core/input/codec.h"
#include "packed.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
/* cmocka needs the two above */
#include <cmocka.h>

static const struct kind {
  const struct codec *codec;
  void (*add)(struct block *, const void *, size_t);
  bool many;    /* several may stand one behind the other */
  bool checked; /* by a checksum, as we pack it here */
} kinds[] = {
    {&codec_gzip, block_add_gzip, true, true},    {&codec_zstd, block_add_zstd, true, false},
    {&codec_bzip2, block_add_bzip2, true, true},  {&codec_xz, block_add_xz, true, true},
    {&codec_lz4, block_add_lz4, true, true},      {&codec_snappy, block_add_snappy, true, true},
    {&codec_zip, block_add_zip_one, false, true},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* What reading all in pieces gives: the content up to where it ended, and the status that ended it. */
struct outcome {
  struct block content;
  int status;
  struct sluice_error err;
};

static struct outcome read_packed(const struct block *packed, size_t piece) {
  struct outcome all = {0};
  struct sluice_input memory, in;
  uint8_t *buf = malloc(piece);
  size_t got = piece;
  assert_non_null(buf);
  assert_int_equal(input_memory(packed->data, packed->size, &memory, &all.err), SLUICE_OK);
  all.status = input_decompress(&memory, "part", &in, &all.err);
  if (all.status != SLUICE_OK)
    in = memory;
  while (all.status == SLUICE_OK && got == piece) {
    all.status = in.read_at(&in, (int64_t)all.content.size, buf, piece, &got, &all.err);
    if (all.status == SLUICE_OK)
      block_add(&all.content, buf, got);
  }
  in.release(&in);
  free(buf);
  return all;
}

static bool same(const struct block *a, const struct block *b) {
  return a->size == b->size && (a->size == 0 || memcmp(a->data, b->data, a->size) == 0);
}

static void check_good(const struct block *packed, const struct block *want, size_t piece) {
  struct outcome all = read_packed(packed, piece);
  assert_int_equal(all.status, SLUICE_OK);
  assert_true(same(&all.content, want));
  block_free(&all.content);
}

static void check_bad(const struct block *packed, size_t piece) {
  struct outcome all = read_packed(packed, piece);
  assert_int_equal(all.status, SLUICE_ERR_DATA);
  assert_string_equal(all.err.where, "part");
  assert_in_range(all.err.offset, 0, packed->size);
  assert_non_null(strstr(all.err.message, "damaged at"));
  block_free(&all.content);
}

static void test_pieces(void **state) {
  static const size_t pieces[] = {1000, 65536, 1 << 20, 3000001};
  struct block all = content_make(2500000);
  (void)state;
  for (size_t k = 0; k < KINDS; k++) {
    struct block packed = {0};
    kinds[k].add(&packed, all.data, all.size);
    assert_true(kinds[k].codec->match(packed.data, packed.size));
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
      check_good(&packed, &all, pieces[i]);
    block_free(&packed);
  }
  block_free(&all);
}

static void test_one_byte_reads(void **state) {
  struct block all = content_make(3000);
  (void)state;
  for (size_t k = 0; k < KINDS; k++) {
    struct block packed = {0};
    kinds[k].add(&packed, all.data, all.size);
    check_good(&packed, &all, 1);
    block_free(&packed);
  }
  block_free(&all);
}

static void test_many(void **state) {
  struct block all = content_make(600000);
  (void)state;
  for (size_t k = 0; k < KINDS; k++) {
    struct block packed = {0};
    if (!kinds[k].many)
      continue;
    for (size_t at = 0; at < all.size; at += 60000) {
      kinds[k].add(&packed, all.data + at, 60000);
      kinds[k].add(&packed, "", 0);
    }
    check_good(&packed, &all, 5000);
    check_good(&packed, &all, 1 << 20);
    block_free(&packed);
  }
  block_free(&all);
}

static void test_empty(void **state) {
  struct block nothing = {0};
  (void)state;
  for (size_t k = 0; k < KINDS; k++) {
    struct block packed = {0};
    kinds[k].add(&packed, "", 0);
    check_good(&packed, &nothing, 100);
    block_free(&packed);
  }
}

/* The codec alone, that gets one byte at a time and has room for one. */
static void test_one_byte_steps(void **state) {
  struct block all = content_make(3000);
  (void)state;
  for (size_t k = 0; k < KINDS; k++) {
    const struct codec *codec = kinds[k].codec;
    struct block packed = {0}, made = {0};
    kinds[k].add(&packed, all.data, all.size);
    if (kinds[k].many)
      kinds[k].add(&packed, all.data, 0);
    void *self = codec->open();
    assert_non_null(self);
    struct sluice_range range = {0, (int64_t)packed.size};
    struct sluice_input in;
    struct sluice_error err = {0};
    assert_int_equal(input_memory(packed.data, packed.size, &in, &err), SLUICE_OK);
    if (codec->locate)
      assert_int_equal(codec->locate(self, &in, "part", &range, &err), SLUICE_OK);
    in.release(&in);
    bool full = false;
    for (int64_t at = range.offset; at < range.offset + range.size || full;) {
      uint8_t byte;
      struct codec_step step = {packed.data + at, at < range.offset + range.size, &byte, 1, NULL, SLUICE_ERR_DATA};
      size_t given = step.in_size;
      assert_true(codec->step(self, &step));
      at += (int64_t)(given - step.in_size);
      full = step.out_size == 0;
      block_add(&made, &byte, full);
    }
    assert_true(codec->complete(self));
    assert_true(same(&made, &all));
    codec->close(self);
    block_free(&made);
    block_free(&packed);
  }
  block_free(&all);
}

static void test_cut(void **state) {
  struct block all = content_make(400);
  (void)state;
  for (size_t k = 0; k < KINDS; k++) {
    struct block packed = {0};
    kinds[k].add(&packed, all.data, 200);
    size_t member = packed.size;
    if (kinds[k].many)
      kinds[k].add(&packed, all.data + 200, 200);
    size_t last = kinds[k].codec == &codec_zip ? packed.size - 7 : packed.size; /* a comment may be cut */
    for (size_t cut = CODEC_MAGIC; cut < last; cut++) {
      struct block part = {malloc(cut), cut}; /* of that size, so that a sanitizer sees more */
      assert_non_null(part.data);
      memcpy(part.data, packed.data, cut);
      struct outcome read = read_packed(&part, 70);
      bool at_end = cut == member || (kinds[k].codec == &codec_snappy && read.status == SLUICE_OK);
      assert_int_equal(read.status, at_end ? SLUICE_OK : SLUICE_ERR_DATA);
      assert_true(read.content.size <= all.size);
      assert_memory_equal(read.content.data, all.data, read.content.size);
      block_free(&read.content);
      if (!at_end && cut % 8 == 0)
        check_bad(&part, 5000);
      block_free(&part);
    }
    block_free(&packed);
  }
  block_free(&all);
}

/* Whatever bit is wrong: an error, or the right content. Each seventh bit, for time. */
static void test_one_bit(void **state) {
  struct block all = content_make(100);
  (void)state;
  for (size_t k = 0; k < KINDS; k++) {
    struct block packed = {0};
    size_t bad = 0;
    kinds[k].add(&packed, all.data, all.size);
    for (size_t bit = 0; bit < packed.size * 8 && kinds[k].checked; bit += 7) {
      packed.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
      struct outcome read = read_packed(&packed, 5000);
      bool plain = bit < CODEC_MAGIC * 8 && same(&read.content, &packed);
      assert_true(read.status != SLUICE_OK || plain || same(&read.content, &all));
      if (read.status != SLUICE_OK)
        assert_non_null(read.err.message[0] ? read.err.message : NULL);
      bad += read.status != SLUICE_OK;
      block_free(&read.content);
      packed.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_true(!kinds[k].checked || bad > packed.size / 2);
    block_free(&packed);
  }
  block_free(&all);
}

static void test_garbage(void **state) {
  struct block all = content_make(2000);
  (void)state;
  for (size_t k = 0; k < KINDS; k++) {
    struct block packed = {0};
    if (!kinds[k].many)
      continue;
    kinds[k].add(&packed, all.data, all.size);
    size_t clean = packed.size;
    block_add(&packed, "garbage that is long enough", 27);
    struct outcome read = read_packed(&packed, 4096);
    assert_int_equal(read.status, SLUICE_ERR_DATA);
    assert_in_range(read.err.offset, clean, clean + 10);
    block_free(&read.content);
    check_bad(&packed, 700);
    block_free(&packed);
  }
  block_free(&all);
}

/* Reads that fail for a moment lose nothing, wherever they strike. */
static void test_retry(void **state) {
  struct block all = content_make(1500000);
  uint8_t *buf = malloc(200001);
  (void)state;
  assert_non_null(buf);
  for (size_t k = 0; k < KINDS; k++) {
    struct flaky flaky = {0};
    struct sluice_input inner, in;
    struct sluice_error err = {0};
    size_t at = 0, got = 1;
    kinds[k].add(&flaky.block, all.data, all.size);
    flaky_input(&flaky, &inner);
    flaky.every = 2;
    for (; input_decompress(&inner, "part", &in, &err) == SLUICE_ERR_RETRY; flaky.reads = 0)
      flaky.every++; /* one more than there are reads before the first byte, in the end */
    while (got > 0) {
      int rc = in.read_at(&in, (int64_t)at, buf, 200001, &got, &err);
      if (rc == SLUICE_ERR_RETRY)
        continue;
      assert_int_equal(rc, SLUICE_OK);
      assert_memory_equal(buf, all.data + at, got);
      at += got;
    }
    assert_int_equal(at, all.size);
    in.release(&in);
    assert_true(flaky.released);
    block_free(&flaky.block);
  }
  free(buf);
  block_free(&all);
}

static void test_names(void **state) {
  static const struct {
    const char *name;
    size_t plain;
  } cases[] = {{"a.csv", 5},     {"a.csv.gz", 5},     {"a.csv.BZ2", 5}, {"x/a.csv.xz", 7},
               {"a.csv.lz4", 5}, {"a.csv.snappy", 5}, {"a.csv.sz", 5},  {"a.csv.zip", 5},
               {"a.csv.zst", 5}, {".gz", 3},          {"", 0},          {"a.csv.gz/b", 10},
               {"gz", 2},        {"a.csv.rar", 9}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_int_equal(input_plain_size(cases[i].name), cases[i].plain);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_pieces),  cmocka_unit_test(test_one_byte_reads),
      cmocka_unit_test(test_many),    cmocka_unit_test(test_empty),
      cmocka_unit_test(test_cut),     cmocka_unit_test(test_one_byte_steps),
      cmocka_unit_test(test_one_bit), cmocka_unit_test(test_garbage),
      cmocka_unit_test(test_retry),   cmocka_unit_test(test_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
