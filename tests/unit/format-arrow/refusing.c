/* What is refused, by name or as damaged, with a message that says so. */
#include "cmocka_all.h"

#include "craft.h"
#include "kit.h"
#include <stdlib.h>

enum { KIND_RECORDS = 3, KIND_TENSOR = 4 };

static void assert_says(const char *text, const char *what) {
  if (!strstr(text, what))
    fail_msg("\"%s\" does not say \"%s\"", text, what);
}

static void assert_fails(const struct craft *c, const char *what) {
  char *text = craft_read(c);
  assert_says(text, what);
  free(text);
}

static void feather_of_the_first_version(void **state) {
  (void)state;
  char *text = kit_text((const uint8_t *)"FEA1\0\0\0\0", 8);
  assert_says(text, "Feather file of version 1");
  free(text);
}

static void versions_that_are_not_known(void **state) {
  static const int versions[] = {0, 2, 5, 100};
  static const char *const names[] = {"version V1;", "version V3;", "version V6;", "version V101;"};
  (void)state;
  for (size_t i = 0; i < 4; i++) {
    struct craft c;
    craft_init(&c);
    c.version = versions[i];
    craft_schema(&c, SLUICE_IPC_NULL, 0);
    assert_fails(&c, names[i]);
    craft_finish(&c);
  }
}

static void tensors(void **state) {
  (void)state;
  struct craft c;
  craft_init(&c);
  flat_open(&c.flat);
  craft_message(&c, KIND_TENSOR, flat_close(&c.flat, 0), "", 0);
  assert_fails(&c, "is a tensor");
  craft_finish(&c);
  craft_init(&c);
  flat_open(&c.flat);
  craft_message(&c, KIND_TENSOR + 1, flat_close(&c.flat, 0), "", 0);
  assert_fails(&c, "is a sparse tensor");
  craft_finish(&c);
}

static void types_that_do_not_exist(void **state) {
  static const int tags[] = {0, 27, 200};
  (void)state;
  for (size_t i = 0; i < 3; i++) {
    struct craft c;
    craft_init(&c);
    craft_schema(&c, tags[i], 0);
    assert_fails(&c, "its type is not one of the Arrow format");
    craft_finish(&c);
  }
  struct craft c;
  craft_init(&c);
  craft_schema(&c, SLUICE_IPC_INT, craft_int(&c, 24));
  assert_fails(&c, "8, 16, 32 or 64 bits");
  craft_finish(&c);
}

static void nothing_at_all(void **state) {
  (void)state;
  char *text = kit_text((const uint8_t *)"", 0);
  assert_says(text, "it ends before its schema");
  free(text);
  text = kit_text((const uint8_t *)"id,name\n1,x\n", 12);
  assert_says(text, "no Arrow stream or file");
  free(text);
}

/* A batch of an int64 column with buffers as given. */
static void assert_batch_fails(int64_t length, int64_t values, const int64_t *buffers, size_t n_buffers,
                               const char *what) {
  static const uint64_t body[8];
  const int64_t node[2] = {values, 0};
  struct craft c;
  craft_init(&c);
  craft_schema(&c, SLUICE_IPC_INT, craft_int(&c, 64));
  craft_message(&c, KIND_RECORDS, craft_batch(&c, length, node, 1, buffers, n_buffers, 0), body, sizeof body);
  assert_fails(&c, what);
  craft_finish(&c);
}

static void batches_that_do_not_add_up(void **state) {
  (void)state;
  assert_batch_fails(8, 8, (const int64_t[]){0, 0, 0, 64}, 2, "0\n0\n0\n");
  assert_batch_fails(8, 8, (const int64_t[]){0, 0, 8, 64}, 2, "a buffer lies outside its body");
  assert_batch_fails(8, 8, (const int64_t[]){0, 0, -8, 64}, 2, "a buffer lies outside its body");
  assert_batch_fails(8, 8, (const int64_t[]){0, 0, 8, INT64_MAX}, 2, "a buffer lies outside its body");
  assert_batch_fails(8, 8, (const int64_t[]){0, 0, 0, 56}, 2, "too few for 8 values");
  assert_batch_fails(8, 7, (const int64_t[]){0, 0, 0, 64}, 2, "too few rows");
  assert_batch_fails(INT64_MAX, INT64_MAX, (const int64_t[]){0, 0, 0, 64}, 2, "out of range");
  assert_batch_fails(-1, 8, (const int64_t[]){0, 0, 0, 64}, 2, "negative");
  assert_batch_fails(8, -8, (const int64_t[]){0, 0, 0, 64}, 2, "out of range");
  assert_batch_fails(8, 8, (const int64_t[]){0, 64}, 1, "too few arrays or buffers");
  assert_batch_fails(8, 8, (const int64_t[]){0, 0, 0, 64, 0, 0}, 3, "more arrays or buffers");
}

/* A few hundred bytes that claim a trillion records. */
static void rows_that_no_byte_stands_for(void **state) {
  static const int64_t length = (int64_t)1 << 40, node[2] = {(int64_t)1 << 40, (int64_t)1 << 40};
  (void)state;
  struct craft c;
  craft_init(&c);
  craft_schema(&c, SLUICE_IPC_NULL, 0);
  craft_message(&c, KIND_RECORDS, craft_batch(&c, length, node, 1, NULL, 0, 0), "", 0);
  assert_fails(&c, "raise max_empty_rows");
  craft_finish(&c);
}

static void assert_packed_fails(int codec, int64_t claimed, const char *bytes, size_t n, const char *what) {
  uint8_t body[64] = {0};
  const int64_t node[2] = {8, 0}, buffers[4] = {0, 0, 0, (int64_t)n + 8};
  struct craft c;
  memcpy(body, &claimed, sizeof claimed);
  memcpy(body + 8, bytes, n);
  craft_init(&c);
  craft_schema(&c, SLUICE_IPC_INT, craft_int(&c, 64));
  size_t compression = craft_compression(&c, codec);
  craft_message(&c, KIND_RECORDS, craft_batch(&c, 8, node, 1, buffers, 2, compression), body, sizeof body);
  assert_fails(&c, what);
  craft_finish(&c);
}

static void compression_that_claims_too_much(void **state) {
  static const char junk[16] = "no such frame";
  (void)state;
  for (int codec = 0; codec < 2; codec++) {
    assert_packed_fails(codec, 64, junk, sizeof junk, "cannot be decompressed by");
    assert_packed_fails(codec, (int64_t)1 << 40, junk, sizeof junk, "cannot become");
    assert_packed_fails(codec, -2, junk, sizeof junk, "cannot become");
    assert_packed_fails(codec, -1, junk, sizeof junk, "too few for 8 values");
  }
  assert_packed_fails(2, 64, junk, sizeof junk, "neither lz4 nor zstd");
}

static void text_that_is_none(void **state) {
  static const uint8_t body[16] = {0, 0, 0, 0, 2, 0, 0, 0, 0xc3, 0x28};
  static const int64_t node[2] = {1, 0}, buffers[6] = {0, 0, 0, 8, 8, 2};
  (void)state;
  struct craft c;
  craft_init(&c);
  craft_schema(&c, SLUICE_IPC_UTF8, 0);
  craft_message(&c, KIND_RECORDS, craft_batch(&c, 1, node, 1, buffers, 3, 0), body, sizeof body);
  assert_fails(&c, "column 'x': row 0: text is not UTF-8");
  craft_finish(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(feather_of_the_first_version),
      cmocka_unit_test(versions_that_are_not_known),
      cmocka_unit_test(tensors),
      cmocka_unit_test(types_that_do_not_exist),
      cmocka_unit_test(nothing_at_all),
      cmocka_unit_test(batches_that_do_not_add_up),
      cmocka_unit_test(rows_that_no_byte_stands_for),
      cmocka_unit_test(compression_that_claims_too_much),
      cmocka_unit_test(text_that_is_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
