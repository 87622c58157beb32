/* What a compressed batch may become: much of a large one, little of a small one; and buffers that share bytes. */
#include "cmocka_all.h"

#include "craft.h"
#include "kit.h"
#include <stdlib.h>

enum { BLOCK = 128 * 1024, KIND_RECORDS = 3, ZSTD = 1 };

/* A Zstandard frame of whole blocks: `plain` as they are, then `runs` of one zero byte each. */
static void put_frame(struct sluice_buffer *out, int plain, int runs) {
  static const uint8_t zeros[BLOCK], head[6] = {0x28, 0xb5, 0x2f, 0xfd, 0, 0x38}; /* a window of one block */
  assert_int_equal(sluice_buffer_append(out, head, sizeof head), SLUICE_OK);
  for (int i = 0; i < plain + runs; i++) {
    uint32_t type = i < plain ? 0 : 1, word = (uint32_t)BLOCK << 3 | type << 1 | (i + 1 == plain + runs);
    assert_int_equal(sluice_buffer_append(out, &word, 3), SLUICE_OK);
    assert_int_equal(sluice_buffer_append(out, zeros, type ? 1 : BLOCK), SLUICE_OK);
  }
}

/* A stream of one batch with a column of bytes that is zstd. */
static void make(struct craft *c, int plain, int runs) {
  struct sluice_buffer body = {0};
  int64_t claimed = (int64_t)(plain + runs) * BLOCK;
  assert_int_equal(sluice_buffer_append(&body, &claimed, sizeof claimed), SLUICE_OK);
  put_frame(&body, plain, runs);
  const int64_t node[2] = {claimed, 0}, buffers[4] = {0, 0, 0, (int64_t)body.size};
  static const uint8_t padding[8];
  assert_int_equal(sluice_buffer_append(&body, padding, -body.size & 7), SLUICE_OK);
  craft_init(c);
  craft_schema(c, SLUICE_IPC_INT, craft_int(c, 8));
  size_t compression = craft_compression(c, ZSTD);
  craft_message(c, KIND_RECORDS, craft_batch(c, claimed, node, 1, buffers, 2, compression), body.data, body.size);
  sluice_buffer_free(&body);
}

/* Reads the first rows with this max_batch; what it says, or "" where it has rows. */
static void read_some(const struct craft *c, int64_t max_batch, struct sluice_error *err) {
  struct test_input input = {.data = c->out.data, .size = c->out.size};
  struct sluice_scan scan = {.struct_size = sizeof scan, .part = "part", .batch_rows = 100};
  struct arrow_side side = {.config = arrow_side_config()};
  struct sluice_batch batch = {.struct_size = sizeof batch};
  side.config.max_batch = max_batch;
  *err = (struct sluice_error){0};
  assert_int_equal(arrow_side_open(&side, &input, &scan, err), SLUICE_OK);
  int rc = side.reader.next(&side.reader, &batch, err);
  assert_true(rc == SLUICE_ERR_DATA ? err->message[0] != 0 : rc == SLUICE_OK && batch.array.length == 100);
  sluice_array_release(&batch.array);
  arrow_side_close(&side);
}

static void assert_reads(int plain, int runs, int64_t max_batch, const char *what) {
  struct craft c;
  struct sluice_error err;
  make(&c, plain, runs);
  read_some(&c, max_batch, &err);
  if (*what ? !strstr(err.message, what) : err.message[0])
    fail_msg("\"%s\" is not \"%s\"", err.message, what);
  craft_finish(&c);
}

static void what_a_batch_may_become(void **state) {
  static const int free_blocks = 1024; /* 128 MiB */
  (void)state;
  assert_reads(0, free_blocks, 0, "");
  assert_reads(0, 1100, 0, "would take at least 144179200 bytes decompressed");
  assert_reads(0, 1100, 0, "set max_batch");
  assert_reads(4, 1024 + 4 * 63, 0, ""); /* 64 times as much as it has */
  assert_reads(4, 1024 + 4 * 65, 0, "set max_batch");
  assert_reads(0, 1100, (int64_t)200 << 20, "");
  assert_reads(0, 9, 1 << 20, "raise max_batch, which is 1048576");
}

/* Columns of one body, which have to be swapped. */
static void buffers_that_share_bytes(void **state) {
  enum { COLUMNS = 300, ITEMS = BLOCK };
  static const uint64_t body[ITEMS];
  static int64_t nodes[2 * COLUMNS], buffers[4 * COLUMNS];
  struct craft c;
  struct sluice_error err;
  size_t fields[COLUMNS];
  (void)state;
  for (int i = 0; i < COLUMNS; i++) {
    nodes[2 * i] = ITEMS;
    buffers[4 * i + 3] = sizeof body;
  }
  craft_init(&c);
  c.endianness = 1;
  for (int i = 0; i < COLUMNS; i++)
    fields[i] = craft_field(&c, "x", SLUICE_IPC_INT, craft_int(&c, 64), 0);
  c.children = flat_references(&c.flat, fields, COLUMNS);
  craft_schema(&c, SLUICE_IPC_STRUCT, 0);
  int64_t outer[2 + 2 * COLUMNS] = {ITEMS, 0}, all[2 + 4 * COLUMNS] = {0};
  memcpy(outer + 2, nodes, sizeof nodes);
  memcpy(all + 2, buffers, sizeof buffers);
  craft_message(&c, KIND_RECORDS, craft_batch(&c, ITEMS, outer, 1 + COLUMNS, all, 1 + 2 * COLUMNS, 0), body,
                sizeof body);
  read_some(&c, 0, &err);
  assert_non_null(strstr(err.message, "buffers of the record batch overlap"));
  craft_finish(&c);
}

/* A list whose items take no bytes. */
static void items_that_no_byte_stands_for(void **state) {
  static const int64_t many = (int64_t)1 << 40, offsets[2] = {0, (int64_t)1 << 40};
  const int64_t nodes[4] = {1, 0, many, many}, buffers[4] = {0, 0, 0, sizeof offsets};
  struct craft c;
  struct sluice_error err;
  (void)state;
  craft_init(&c);
  size_t item = craft_field(&c, "item", SLUICE_IPC_NULL, 0, 0);
  c.children = flat_references(&c.flat, &item, 1);
  craft_schema(&c, SLUICE_IPC_LARGE_LIST, 0);
  craft_message(&c, KIND_RECORDS, craft_batch(&c, 1, nodes, 2, buffers, 2, 0), offsets, sizeof offsets);
  read_some(&c, 0, &err);
  assert_non_null(strstr(err.message, "raise max_empty_rows"));
  craft_finish(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(what_a_batch_may_become),
                                     cmocka_unit_test(buffers_that_share_bytes),
                                     cmocka_unit_test(items_that_no_byte_stands_for)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
