/* Every allocation fails once, ours and those of the libraries: MEMORY, and nothing leaks. */
#include "failing.h"
#include "packed.h"
#include <bzlib.h>
#include <lzma.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
/* cmocka needs the two above */
#include <cmocka.h>

int __real_BZ2_bzDecompressInit(bz_stream *z, int verbosity, int small);
int __real_BZ2_bzDecompress(bz_stream *z);
lzma_ret __real_lzma_stream_decoder(lzma_stream *z, uint64_t limit, uint32_t flags);
lzma_ret __real_lzma_code(lzma_stream *z, lzma_action action);
int __wrap_BZ2_bzDecompressInit(bz_stream *z, int verbosity, int small);
int __wrap_BZ2_bzDecompress(bz_stream *z);
lzma_ret __wrap_lzma_stream_decoder(lzma_stream *z, uint64_t limit, uint32_t flags);
lzma_ret __wrap_lzma_code(lzma_stream *z, lzma_action action);

int __wrap_BZ2_bzDecompressInit(bz_stream *z, int verbosity, int small) {
  return failing_now() ? BZ_MEM_ERROR : __real_BZ2_bzDecompressInit(z, verbosity, small);
}
int __wrap_BZ2_bzDecompress(bz_stream *z) {
  return failing_now() ? BZ_MEM_ERROR : __real_BZ2_bzDecompress(z);
}
lzma_ret __wrap_lzma_stream_decoder(lzma_stream *z, uint64_t limit, uint32_t flags) {
  return failing_now() ? LZMA_MEM_ERROR : __real_lzma_stream_decoder(z, limit, flags);
}
lzma_ret __wrap_lzma_code(lzma_stream *z, lzma_action action) {
  return failing_now() ? LZMA_MEM_ERROR : __real_lzma_code(z, action);
}

/* Reads two pieces and a leap; gives the first status that is not OK. */
static int read_some(struct sluice_input *memory, size_t size, struct sluice_error *err) {
  static uint8_t buf[100];
  struct sluice_input in;
  size_t got;
  int rc = input_decompress(memory, "part", &in, err);
  if (rc != SLUICE_OK)
    return rc;
  for (int64_t at = 0; at <= (int64_t)size && rc == SLUICE_OK; at += (int64_t)size / 2)
    rc = in.read_at(&in, at, buf, sizeof buf, &got, err);
  in.release(&in);
  memset(memory, 0, sizeof *memory);
  return rc;
}

static int times(void (*add)(struct block *, const void *, size_t), bool many) {
  struct block all = content_make(3000000), packed = {0};
  int n = 0, rc = SLUICE_ERR_MEMORY;
  add(&packed, all.data, all.size / 2);
  if (many)
    add(&packed, all.data, all.size / 2);
  for (; rc == SLUICE_ERR_MEMORY; n++) {
    struct sluice_input memory;
    struct sluice_error err = {0};
    assert_int_equal(input_memory(packed.data, packed.size, &memory, &err), SLUICE_OK);
    failing_in = n;
    rc = read_some(&memory, many ? all.size : all.size / 2, &err);
    failing_in = -1;
    if (rc != SLUICE_OK) {
      assert_int_equal(rc, SLUICE_ERR_MEMORY);
      assert_non_null(strstr(err.message, "no memory"));
    }
    if (memory.release)
      memory.release(&memory);
  }
  assert_int_equal(rc, SLUICE_OK);
  block_free(&packed);
  block_free(&all);
  return n;
}

static void test_allocations(void **state) {
  (void)state;
  assert_in_range(times(block_add_gzip, true), 5, 20);
  assert_in_range(times(block_add_zstd, true), 5, 20);
  assert_in_range(times(block_add_lz4, true), 5, 20);
  assert_in_range(times(block_add_snappy, true), 5, 20);
  assert_in_range(times(block_add_zip_one, false), 7, 20);
  assert_in_range(times(block_add_bzip2, true), 30, 1000);
  assert_in_range(times(block_add_xz, true), 30, 1000);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_allocations)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
