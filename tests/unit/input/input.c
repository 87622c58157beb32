/* Decompression, inputs over memory, counting. */
#include "packed.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
/* cmocka needs the two above */
#include <cmocka.h>

static void open_block(const struct block *packed, struct sluice_input *out) {
  struct sluice_input memory;
  struct sluice_error err = {0};
  assert_int_equal(input_memory(packed->data, packed->size, &memory, &err), SLUICE_OK);
  assert_int_equal(input_decompress(&memory, "part", out, &err), SLUICE_OK);
}

/* Reads all in pieces of `piece` and compares; gives the status that ended it. */
static int read_all(const struct block *packed, size_t piece, const struct block *want, struct sluice_error *err) {
  struct sluice_input in;
  uint8_t *buf = malloc(piece);
  size_t at = 0, got = piece;
  int rc = SLUICE_OK;
  assert_non_null(buf);
  memset(err, 0, sizeof *err);
  open_block(packed, &in);
  while (rc == SLUICE_OK && got == piece) {
    rc = in.read_at(&in, (int64_t)at, buf, piece, &got, err);
    if (rc != SLUICE_OK)
      break;
    assert_true(got <= want->size - at);
    assert_memory_equal(buf, want->data + at, got);
    at += got;
  }
  if (rc == SLUICE_OK)
    assert_int_equal(at, want->size);
  in.release(&in);
  free(buf);
  return rc;
}

static void check_good(const struct block *packed, const struct block *want) {
  static const size_t pieces[] = {1000, 65536, 1 << 20, 3000001};
  struct sluice_error err;
  for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
    assert_int_equal(read_all(packed, pieces[i], want, &err), SLUICE_OK);
}

static void test_gzip(void **state) {
  struct block all = content_make(2500000), packed = {0};
  (void)state;
  block_add_gzip(&packed, all.data, all.size);
  check_good(&packed, &all);
  block_add(&packed, (uint8_t[1000]){0}, 1000); /* padding */
  check_good(&packed, &all);
  packed.size = 0;
  for (size_t at = 0; at < all.size; at += 250000)
    block_add_gzip(&packed, all.data + at, 250000); /* members */
  block_add_gzip(&packed, "", 0);
  check_good(&packed, &all);
  block_free(&packed);
  block_free(&all);
}

static void test_zstd(void **state) {
  static const uint8_t skippable[] = {0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'x', 'y', 'z'};
  struct block all = content_make(2500000), packed = {0};
  (void)state;
  block_add_zstd(&packed, all.data, all.size);
  check_good(&packed, &all);
  packed.size = 0;
  block_add(&packed, skippable, sizeof skippable);
  for (size_t at = 0; at < all.size; at += 250000)
    block_add_zstd(&packed, all.data + at, 250000);
  block_add(&packed, skippable, sizeof skippable);
  check_good(&packed, &all);
  block_free(&packed);
  block_free(&all);
}

static void test_empty(void **state) {
  struct block nothing = content_make(0), packed = {0};
  (void)state;
  check_good(&nothing, &nothing);
  block_add_gzip(&packed, "", 0);
  check_good(&packed, &nothing);
  packed.size = 0;
  block_add_zstd(&packed, "", 0);
  check_good(&packed, &nothing);
  block_free(&packed);
  block_free(&nothing);
}

static void test_window_limit(void **state) {
  struct block all = content_make(300000), packed = {0};
  struct sluice_error err;
  (void)state;
  block_add_zstd_window(&packed, all.data, all.size, 27);
  assert_int_equal(read_all(&packed, 65536, &all, &err), SLUICE_OK);
  packed.size = 0;
  block_add_zstd_window(&packed, all.data, all.size, 28);
  assert_int_equal(read_all(&packed, 65536, &all, &err), SLUICE_ERR_DATA);
  assert_non_null(strstr(err.message, "zstd"));
  block_free(&packed);
  block_free(&all);
}

/* Cut at every byte: an error each time, but for the places where a whole member ends. */
static void check_cuts(const struct block *packed, const struct block *all, size_t member) {
  for (size_t cut = 4; cut < packed->size; cut++) {
    struct block part = {malloc(cut), cut};
    struct sluice_error err;
    assert_non_null(part.data);
    memcpy(part.data, packed->data, cut);
    if (cut == member) {
      struct block half = {all->data, all->size / 2};
      assert_int_equal(read_all(&part, 4096, &half, &err), SLUICE_OK);
    } else {
      assert_int_equal(read_all(&part, 4096, all, &err), SLUICE_ERR_DATA);
      assert_string_equal(err.where, "part");
      assert_in_range(err.offset, 0, cut);
    }
    block_free(&part);
  }
}

static void test_cut(void **state) {
  struct block all = content_make(2000), packed = {0};
  (void)state;
  block_add_gzip(&packed, all.data, 1000);
  size_t member = packed.size;
  block_add_gzip(&packed, all.data + 1000, 1000);
  check_cuts(&packed, &all, member);
  packed.size = 0;
  block_add_zstd(&packed, all.data, 1000);
  member = packed.size;
  block_add_zstd(&packed, all.data + 1000, 1000);
  check_cuts(&packed, &all, member);
  block_free(&packed);
  block_free(&all);
}

static void test_garbage(void **state) {
  struct block all = content_make(2000), packed = {0};
  struct sluice_error err;
  (void)state;
  block_add_gzip(&packed, all.data, all.size);
  size_t clean = packed.size;
  block_add(&packed, "garbage", 7);
  assert_int_equal(read_all(&packed, 4096, &all, &err), SLUICE_ERR_DATA);
  assert_int_equal(err.offset, clean);
  packed.size = clean;
  block_add(&packed, "\0\0x", 3);
  assert_int_equal(read_all(&packed, 4096, &all, &err), SLUICE_ERR_DATA);
  packed.size = clean;
  packed.data[clean - 6] ^= 1; /* the checksum */
  assert_int_equal(read_all(&packed, 4096, &all, &err), SLUICE_ERR_DATA);
  packed.size = 0;
  block_add_zstd(&packed, all.data, all.size);
  block_add(&packed, "garbage", 7);
  assert_int_equal(read_all(&packed, 4096, &all, &err), SLUICE_ERR_DATA);
  block_free(&packed);
  block_free(&all);
}

/* The first 1 MiB again and again; then forward only, with leaps. */
static void test_again_and_forward(void **state) {
  struct block all = content_make(4000000), packed = {0};
  struct sluice_input in;
  struct sluice_error err = {0};
  static uint8_t buf[1 << 20];
  size_t got = 0;
  (void)state;
  block_add_gzip(&packed, all.data, all.size);
  open_block(&packed, &in);
  assert_int_equal(in.size, -1);
  for (int i = 0; i < 3; i++) {
    assert_int_equal(in.read_at(&in, 100 * i, buf, sizeof buf - 300, &got, &err), SLUICE_OK);
    assert_int_equal(got, sizeof buf - 300);
    assert_memory_equal(buf, all.data + 100 * i, got);
  }
  assert_int_equal(in.read_at(&in, 3000000, buf, 1000, &got, &err), SLUICE_OK);
  assert_memory_equal(buf, all.data + 3000000, 1000);
  assert_int_equal(in.read_at(&in, 0, buf, 10, &got, &err), SLUICE_ERR_UNSUPPORTED);
  memset(&err, 0, sizeof err);
  assert_int_equal(in.read_at(&in, 3999995, buf, 1000, &got, &err), SLUICE_OK);
  assert_int_equal(got, 5);
  assert_int_equal(in.read_at(&in, 9000000, buf, 1000, &got, &err), SLUICE_OK);
  assert_int_equal(got, 0);
  in.release(&in);
  block_free(&packed);
  block_free(&all);
}

/* A head smaller than 1 MiB stays readable even when its end was seen. */
static void test_small_stays(void **state) {
  struct block all = content_make(5000), packed = {0};
  struct sluice_input in;
  struct sluice_error err = {0};
  uint8_t buf[8192];
  size_t got = 0;
  (void)state;
  block_add_gzip(&packed, all.data, all.size);
  open_block(&packed, &in);
  for (int i = 0; i < 3; i++) {
    assert_int_equal(in.read_at(&in, 0, buf, sizeof buf, &got, &err), SLUICE_OK);
    assert_int_equal(got, 5000);
  }
  in.release(&in);
  block_free(&packed);
  block_free(&all);
}

/* Reads that fail for a moment lose nothing, wherever they strike; hints come in order. */
static void test_retry(void **state) {
  struct block all = content_make(3000000);
  uint8_t *buf = malloc(700001);
  (void)state;
  assert_non_null(buf);
  for (int every = 2; every < 6; every++) {
    struct flaky flaky = {0};
    struct sluice_input inner, in;
    struct sluice_error err = {0};
    size_t at = 0, got = 1;
    block_add_gzip(&flaky.block, all.data, all.size);
    flaky_input(&flaky, &inner);
    assert_int_equal(input_decompress(&inner, "part", &in, &err), SLUICE_OK);
    flaky.every = every;
    while (got > 0) {
      memset(&err, 0, sizeof err);
      int rc = in.read_at(&in, (int64_t)at, buf, 700001, &got, &err);
      if (rc == SLUICE_ERR_RETRY)
        continue;
      assert_int_equal(rc, SLUICE_OK);
      assert_memory_equal(buf, all.data + at, got);
      at += got;
    }
    assert_int_equal(at, all.size);
    assert_true(flaky.in_order);
    assert_int_equal(flaky.asked_end, flaky.block.size);
    in.release(&in);
    assert_true(flaky.released);
    block_free(&flaky.block);
  }
  free(buf);
  block_free(&all);
}

static void test_plain_passes(void **state) {
  struct block all = content_make(1000);
  struct sluice_input in;
  struct sluice_bytes view;
  struct sluice_error err = {0};
  (void)state;
  open_block(&all, &in);
  assert_int_equal(in.size, 1000);
  assert_int_equal(in.view_at(&in, 990, 100, &view, &err), SLUICE_OK);
  in.release(&in);
  assert_int_equal(view.size, 10); /* the view outlives the input */
  assert_memory_equal(view.data, all.data + 990, 10);
  view.release(&view);
  block_free(&all);
}

static void test_count(void **state) {
  struct block all = content_make(1000);
  struct sluice_input memory, in;
  struct sluice_bytes view;
  struct sluice_error err = {0};
  atomic_llong counter = 0;
  uint8_t buf[600];
  size_t got = 0;
  (void)state;
  void *own = malloc(all.size);
  assert_non_null(own);
  memcpy(own, all.data, all.size);
  assert_int_equal(input_memory_own(own, all.size, &memory, &err), SLUICE_OK);
  assert_int_equal(input_count(&memory, &counter, &in, &err), SLUICE_OK);
  assert_int_equal(in.read_at(&in, 0, buf, 600, &got, &err), SLUICE_OK);
  assert_int_equal(in.read_at(&in, 600, buf, 600, &got, &err), SLUICE_OK);
  assert_int_equal(got, 400);
  assert_int_equal(counter, 1000);
  assert_int_equal(in.view_at(&in, 0, 5, &view, &err), SLUICE_OK);
  assert_int_equal(counter, 1000); /* those were counted */
  in.release(&in);
  assert_memory_equal(view.data, all.data, 5);
  view.release(&view);
  block_free(&all);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_gzip),
      cmocka_unit_test(test_zstd),
      cmocka_unit_test(test_empty),
      cmocka_unit_test(test_window_limit),
      cmocka_unit_test(test_cut),
      cmocka_unit_test(test_garbage),
      cmocka_unit_test(test_again_and_forward),
      cmocka_unit_test(test_small_stays),
      cmocka_unit_test(test_retry),
      cmocka_unit_test(test_plain_passes),
      cmocka_unit_test(test_count),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
