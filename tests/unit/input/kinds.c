/* What single kinds of compression do: zip's refusals, skippable frames, padding, limits, chunks. */
#include "packed.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
/* cmocka needs the two above */
#include <cmocka.h>

static uint8_t content[300000];

/* Opens, and reads up to the size of `content`. */
static int read_packed(const struct block *packed, size_t *got, struct sluice_error *err) {
  struct sluice_input memory, in;
  memset(err, 0, sizeof *err);
  *got = 0;
  assert_int_equal(input_memory(packed->data, packed->size, &memory, err), SLUICE_OK);
  int rc = input_decompress(&memory, "part", &in, err);
  if (rc == SLUICE_OK)
    rc = in.read_at(&in, 0, content, sizeof content, got, err);
  else
    in = memory;
  in.release(&in);
  return rc;
}

static void check_good(struct block *packed, const struct block *want) {
  struct sluice_error err;
  size_t got;
  assert_int_equal(read_packed(packed, &got, &err), SLUICE_OK);
  assert_int_equal(got, want->size);
  assert_memory_equal(content, want->data, got);
  block_free(packed);
}

static void check_refused(struct block *packed, int status, const char *words) {
  struct sluice_error err;
  size_t got;
  assert_int_equal(read_packed(packed, &got, &err), status);
  if (!strstr(err.message, words))
    fail_msg("'%s' is not in: %s", words, err.message);
  assert_string_equal(err.where, "part");
  block_free(packed);
}

static void test_zip_forms(void **state) {
  struct block all = content_make(150000), packed = {0};
  (void)state;
  for (int form = 0; form < 8; form++) {
    const struct zip_file files[] = {{.name = "x/", .stored = true, .bytes = ""},
                                     {.name = "x/a.csv",
                                      .bytes = all.data,
                                      .n = all.size,
                                      .stored = form & 1,
                                      .descriptor = form & 2,
                                      .zip64 = form & 4},
                                     {.name = "__MACOSX/._a.csv", .bytes = "what macOS adds", .n = 15}};
    block_add_zip(&packed, files + 1, 1);
    check_good(&packed, &all);
    block_add_zip(&packed, files, 3);
    check_good(&packed, &all);
  }
  block_free(&all);
}

static void test_zip_refusals(void **state) {
  struct block packed = {0};
  const struct zip_file a = {.name = "a.csv", .bytes = "a\n1\n", .n = 4};
  (void)state;
  block_add_zip(&packed, (const struct zip_file[]){a, {.name = "b\x01\xff.csv", .bytes = "b", .n = 1}}, 2);
  check_refused(&packed, SLUICE_ERR_UNSUPPORTED, "such as 'a.csv' and 'b??.csv'; extract");
  block_add_zip(&packed, &(const struct zip_file){.name = "a.csv", .bytes = "a", .n = 1, .flags = 1}, 1);
  check_refused(&packed, SLUICE_ERR_UNSUPPORTED, "'a.csv' in this zip archive is encrypted");
  block_add_zip(&packed, &(const struct zip_file){.name = "a.csv", .bytes = "a", .n = 1, .method = 14}, 1);
  check_refused(&packed, SLUICE_ERR_UNSUPPORTED, "'a.csv' in this zip archive is packed by lzma (method 14)");
  block_add_zip(&packed, &(const struct zip_file){.name = "a.csv", .bytes = "a", .n = 1, .method = 77}, 1);
  check_refused(&packed, SLUICE_ERR_UNSUPPORTED, "an unknown method (method 77)");
  block_add_zip(&packed, NULL, 0);
  check_refused(&packed, SLUICE_ERR_UNSUPPORTED, "without any file");
  block_add_zip(&packed, &a, 1);
  packed.data[packed.size - 25] = 1; /* of a second disk */
  check_refused(&packed, SLUICE_ERR_UNSUPPORTED, "one of several files");
  block_add_zip(&packed, &a, 1);
  packed.size -= 30;
  check_refused(&packed, SLUICE_ERR_DATA, "the file was cut");
}

/* The sizes of the directory count: the content must be so long. Its sizes are 24 and 20 bytes behind its start. */
static void test_zip_sizes(void **state) {
  struct block packed = {0};
  const struct zip_file a = {.name = "a.csv", .bytes = "a\n1\n", .n = 4};
  (void)state;
  size_t entry = 46 + 5 + 2 + 29; /* with its name and comment, and the end record with its comment */
  for (int by = -1; by <= 1; by += 2) {
    block_add_zip(&packed, &a, 1);
    packed.data[packed.size - entry + 24] = (uint8_t)(4 + by);
    check_refused(&packed, SLUICE_ERR_DATA, by < 0 ? "more content than" : "less content than");
  }
  block_add_zip(&packed, &a, 1);
  packed.data[packed.size - entry + 20]--;
  check_refused(&packed, SLUICE_ERR_DATA, "it ends too early");
  block_add_zip(&packed, &a, 1);
  packed.data[packed.size - entry + 20]++;
  check_refused(&packed, SLUICE_ERR_DATA, "longer than the archive");
  block_add_zip(&packed, &(const struct zip_file){.name = "a.csv", .bytes = "abcd", .n = 4, .descriptor = true}, 1);
  packed.data[packed.size - entry + 20] += 5; /* into the descriptor */
  check_refused(&packed, SLUICE_ERR_DATA, "behind the deflated data");
}

/* A member that ends at each place around the end of a chunk of 128 KiB, moved there by a name in its header. */
static void test_gzip_at_chunk_end(void **state) {
  enum { CHUNK = 128 * 1024, AROUND = 24, BEHIND = 500 };
  struct block all = content_make(250000), member = {0}, second = {0};
  char name[4000];
  (void)state;
  memset(name, 'n', sizeof name);
  size_t n = all.size - BEHIND;
  for (; member.size == 0 || member.size > CHUNK - AROUND; n -= 1000) {
    member.size = 0;
    block_add_gzip(&member, all.data, n);
  }
  n += 1000;
  block_add_gzip(&second, all.data + n, BEHIND);
  all.size = n + BEHIND;
  for (size_t end = CHUNK - AROUND; end <= CHUNK + AROUND; end++) {
    struct block packed = {0};
    size_t size = end - member.size;
    assert_in_range(size, 1, sizeof name);
    block_add(&packed, member.data, 10);
    packed.data[3] |= 8; /* a name follows */
    block_add(&packed, name, size - 1);
    block_add(&packed, "", 1);
    block_add(&packed, member.data + 10, member.size - 10);
    block_add(&packed, second.data, second.size);
    check_good(&packed, &all);
  }
  block_free(&member);
  block_free(&second);
  block_free(&all);
}

static void test_lz4_skippable(void **state) {
  struct block all = content_make(100000), packed = {0};
  (void)state;
  block_add_skippable(&packed);
  block_add_skippable(&packed);
  block_add_lz4(&packed, all.data, 50000);
  block_add_skippable(&packed);
  block_add_lz4(&packed, all.data + 50000, 50000);
  block_add_skippable(&packed);
  check_good(&packed, &all);
  block_add_skippable(&packed);
  block_add_zstd(&packed, all.data, all.size);
  check_good(&packed, &all);
  all.size = 0;
  block_add_skippable(&packed);
  check_good(&packed, &all);
  block_free(&all);
}

static void test_xz_padding(void **state) {
  struct block all = content_make(1000), packed = {0};
  (void)state;
  for (size_t n = 0; n <= 8; n++) {
    block_add_xz(&packed, all.data, 500);
    block_add(&packed, (uint8_t[8]){0}, n);
    block_add_xz(&packed, all.data + 500, 500);
    block_add(&packed, (uint8_t[8]){0}, n);
    if (n % 4 == 0)
      check_good(&packed, &all);
    else
      check_refused(&packed, SLUICE_ERR_DATA, "behind the last xz stream");
    block_add_xz(&packed, all.data, all.size);
    block_add(&packed, (uint8_t[8]){0}, n);
    if (n % 4 == 0)
      check_good(&packed, &all);
    else
      check_refused(&packed, SLUICE_ERR_DATA, "it ends too early");
  }
  block_free(&all);
}

static void test_xz_limit(void **state) {
  struct block all = content_make(1000), packed = {0};
  (void)state;
  block_add_xz_dictionary(&packed, all.data, all.size, 64 << 20); /* as xz -9 */
  check_good(&packed, &all);
  block_add_xz_dictionary(&packed, all.data, all.size, 256 << 20);
  check_refused(&packed, SLUICE_ERR_DATA, "its dictionary is too large: 192 MiB");
  block_free(&all);
}

static void test_bzip2_name(void **state) {
  struct block text = {(uint8_t *)"BZh9,name\n1,a\n", 15}, packed = {0};
  (void)state;
  block_add(&packed, text.data, text.size);
  check_good(&packed, &text); /* a header that looks like one of bzip2 */
}

static void test_snappy_chunks(void **state) {
  struct block all = content_make(1000), packed = {0};
  uint8_t *large = calloc(1, 70000);
  (void)state;
  assert_non_null(large);
  block_add_snappy(&packed, all.data, 500);
  block_add(&packed, "\xfe\x03\0\0\0\0\0\x80\0\0\0", 11); /* padding; one to skip, of no size */
  block_add_snappy_chunk(&packed, 1, all.data + 500, 500);
  check_good(&packed, &all);
  block_add_snappy(&packed, all.data, 500);
  block_add(&packed, "\x02\x03\0\0abc", 7);
  check_refused(&packed, SLUICE_ERR_DATA, "a chunk of an unknown kind");
  for (uint8_t kind = 0; kind < 2; kind++) {
    block_add_snappy(&packed, all.data, 500);
    block_add_snappy_chunk(&packed, kind, large, 70000);
    check_refused(&packed, SLUICE_ERR_DATA,
                  kind ? "a chunk is too small or too large" : "content of a chunk is too large");
    block_add_snappy(&packed, all.data, 500);
    block_add_snappy_chunk(&packed, kind, "abc", 3);
    packed.data[packed.size - 4] ^= 1; /* in what its checksum is of, or next to it */
    check_refused(&packed, SLUICE_ERR_DATA, kind ? "incorrect checksum" : "");
  }
  block_add_snappy(&packed, all.data, 500);
  block_add(&packed, "\0\x03\0\0abc", 7);
  check_refused(&packed, SLUICE_ERR_DATA, "a chunk is too small or too large");
  block_free(&all);
  free(large);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_zip_forms),     cmocka_unit_test(test_zip_refusals),
      cmocka_unit_test(test_zip_sizes),     cmocka_unit_test(test_gzip_at_chunk_end),
      cmocka_unit_test(test_lz4_skippable), cmocka_unit_test(test_xz_padding),
      cmocka_unit_test(test_xz_limit),      cmocka_unit_test(test_bzip2_name),
      cmocka_unit_test(test_snappy_chunks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
