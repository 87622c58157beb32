/* Broken files: a clear error, or on to the next block; never a crash, whatever is cut or changed. */
#include "cmocka_all.h"
#include "kit.h"
#include <stdlib.h>

static const char schema[] =
    "{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"id\",\"type\":\"int\"},{\"name\":\"t\",\"type\":"
    "\"string\"},{\"name\":\"b\",\"type\":\"boolean\"},{\"name\":\"e\",\"type\":{\"type\":\"enum\",\"name\":\"e\","
    "\"symbols\":[\"A\",\"B\"]}},{\"name\":\"u\",\"type\":[\"int\",\"string\",\"null\"]}]}";

static void put_record(struct kit_file *data, int64_t id, const char *text, int flag, int64_t symbol) {
  kit_long(data, id);
  kit_text(data, text);
  kit_put(data, &(uint8_t){(uint8_t)flag}, 1);
  kit_long(data, symbol);
  kit_long(data, 1);
  kit_text(data, "u");
}

/* Three blocks of two records; block `at` has `with` in place of its first record. */
static void make(struct kit_file *file, int at, const struct kit_file *with) {
  kit_header(file, schema, NULL);
  for (int b = 0; b < 3; b++) {
    struct kit_file data = {0};
    if (b == at)
      kit_put(&data, with->data, with->size);
    else
      put_record(&data, b * 2, "x", 1, 0);
    put_record(&data, b * 2 + 1, "y", 0, 1);
    kit_block(file, 2, &data);
    kit_free(&data);
  }
}

static void read_with(const struct kit_file *file, int on_corrupt, struct kit_rejects *rejects, struct kit_result *r) {
  struct kit_options o;
  struct kit_bytes bytes = {.data = file->data, .size = file->size};
  kit_defaults(&o);
  o.config.on_corrupt = on_corrupt;
  if (rejects) {
    kit_rejects_init(rejects);
    o.scan.rejects = &rejects->base;
  }
  kit_read(&o, &bytes, r);
  r->rejects = rejects ? rejects->count : 0;
}

static const char others[] = "0 0,\"x\",true,\"A\",string:\"u\"\n1 1,\"y\",false,\"B\",string:\"u\"\n"
                             "3 3,\"y\",false,\"B\",string:\"u\"\n4 4,\"x\",true,\"A\",string:\"u\"\n"
                             "5 5,\"y\",false,\"B\",string:\"u\"\n";

/* A record that cannot be taken, though its end is known, is rejected alone. */
static void expect_reject(const struct kit_file *record, const char *reason, const char *column) {
  struct kit_file file = {0};
  struct kit_rejects rejects;
  struct kit_result r;
  make(&file, 1, record);
  read_with(&file, AVRO_CORRUPT_FAIL, &rejects, &r);
  assert_int_equal(r.code, SLUICE_END);
  assert_string_equal(r.text, others);
  assert_int_equal(rejects.count, 1);
  assert_int_equal(rejects.last_row, 2);
  assert_non_null(strstr(rejects.reason, reason));
  assert_string_equal(rejects.column, column);
  kit_result_free(&r);
  read_with(&file, AVRO_CORRUPT_FAIL, NULL, &r);
  assert_int_equal(r.code, SLUICE_ERR_DATA);
  assert_int_equal(r.rows, 2);
  assert_int_equal(r.err.row, 2);
  kit_result_free(&r);
  kit_free(&file);
}

static void single_records(void **state) {
  struct kit_file d[4] = {{0}};
  (void)state;
  put_record(&d[0], INT64_C(1) << 40, "z", 1, 0);
  expect_reject(&d[0], "does not fit an int", "id");
  put_record(&d[1], 2, "caf\xc3", 1, 0);
  expect_reject(&d[1], "not valid UTF-8", "t");
  put_record(&d[2], 2, "z", 2, 0);
  expect_reject(&d[2], "neither 0 nor 1", "b");
  put_record(&d[3], 2, "z", 1, 7);
  expect_reject(&d[3], "no symbol of the enum", "e");
  for (int i = 0; i < 4; i++)
    kit_free(&d[i]);
}

/* Of a character that is cut in two between texts, each half is wrong. */
static void halves_of_a_character(void **state) {
  struct kit_file file = {0}, data = {0};
  struct kit_rejects rejects;
  struct kit_result r;
  (void)state;
  put_record(&data, 1, "\xc3", 1, 0);
  put_record(&data, 2, "\xa9", 1, 0);
  put_record(&data, 3, "\xc3\xa9", 1, 0);
  kit_header(&file, schema, NULL);
  kit_block(&file, 3, &data);
  read_with(&file, AVRO_CORRUPT_FAIL, &rejects, &r);
  assert_string_equal(r.text, "2 3,\"\\c3\\a9\",true,\"A\",string:\"u\"\n");
  assert_int_equal(rejects.count, 2);
  kit_result_free(&r);
  kit_free(&file);
  kit_free(&data);
}

static void expect_broken(const struct kit_file *file, const char *cause, int64_t row, const char *lines) {
  struct kit_rejects rejects;
  struct kit_result r;
  read_with(file, AVRO_CORRUPT_FAIL, NULL, &r);
  assert_int_equal(r.code, SLUICE_ERR_DATA);
  assert_non_null(strstr(r.err.message, cause));
  assert_non_null(strstr(r.err.message, "the block at byte"));
  assert_string_equal(r.err.where, "part.avro");
  kit_result_free(&r);
  read_with(file, AVRO_CORRUPT_SKIP_BLOCK, &rejects, &r);
  assert_int_equal(r.code, SLUICE_END);
  assert_string_equal(r.text, lines);
  assert_int_equal(rejects.count, 1);
  assert_int_equal(rejects.last_row, row);
  assert_non_null(strstr(rejects.reason, cause));
  kit_result_free(&r);
}

static const char without_block[] = "0 0,\"x\",true,\"A\",string:\"u\"\n1 1,\"y\",false,\"B\",string:\"u\"\n"
                                    "4 4,\"x\",true,\"A\",string:\"u\"\n5 5,\"y\",false,\"B\",string:\"u\"\n";
static const char without_count[] = "0 0,\"x\",true,\"A\",string:\"u\"\n1 1,\"y\",false,\"B\",string:\"u\"\n"
                                    "3 4,\"x\",true,\"A\",string:\"u\"\n4 5,\"y\",false,\"B\",string:\"u\"\n";

static void broken_records(void **state) {
  static const struct {
    const char *bytes;
    size_t n;
    const char *cause;
  } cases[] = {{"\x02\xfe\xff\xff\x7f", 5, "past the end of the block"},
               {"\x02\x03", 2, "a negative length"},
               {"\x02\x02x\x01\x00\x06", 6, "beyond its types"},
               {"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 12, "more than 10 bytes"},
               {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 10, "or 64 bits"},
               {"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x02", 10, "or 64 bits"}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct kit_file file = {0}, data = {0};
    kit_put(&data, cases[i].bytes, cases[i].n);
    make(&file, 1, &data);
    expect_broken(&file, cases[i].cause, 2, without_block);
    kit_free(&file);
    kit_free(&data);
  }
}

static size_t second_block(const struct kit_file *file) {
  size_t n = 16, at = file->size;
  const uint8_t *sync = file->data + file->size - n;
  for (size_t i = 0, seen = 0; i + n <= file->size; i++)
    if (memcmp(file->data + i, sync, n) == 0 && ++seen == 2)
      at = i + n;
  return at;
}

static void broken_blocks(void **state) {
  static const struct {
    const char *head;
    const char *cause;
  } cases[] = {{"\x01", "negative number of records"},
               {"\x7e", "more records than it has bytes"},
               {"\x04\x01", "a negative size"},
               {"\x04\x2e", "no sync marker"},
               {"\x04\xfe\xff\xff\x7f", "max_block"},
               {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x03\x04", "its head is no number"}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct kit_file file = {0}, data = {0};
    put_record(&data, 2, "z", 1, 0);
    make(&file, 1, &data);
    memcpy(file.data + second_block(&file), cases[i].head, strlen(cases[i].head));
    bool counted = strstr(cases[i].cause, "bytes") != NULL;
    struct kit_result r;
    struct kit_rejects rejects;
    if (!counted)
      expect_broken(&file, cases[i].cause, 2, without_count);
    read_with(&file, AVRO_CORRUPT_SKIP_BLOCK, &rejects, &r);
    assert_int_equal(r.rows, 4);
    assert_int_equal(rejects.count, 1);
    assert_non_null(strstr(rejects.reason, cases[i].cause));
    kit_result_free(&r);
    kit_free(&file);
    kit_free(&data);
  }
}

static void what_is_no_container(void **state) {
  static const struct {
    const char *bytes;
    size_t n;
    const char *what;
  } cases[] = {{"\xc3\x01\0\0\0\0\0\0\0\0\0\0", 12, "single-object message"},
               {"\0\0\0\0\7abcdefgh", 13, "schema registry"},
               {"Obj\2abcdefghijkl", 16, "version 2"},
               {"PAR1abcdefghijkl", 16, "no Avro object container file"},
               {"", 0, "no Avro object container file"}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct kit_file file = {0};
    struct kit_result r;
    kit_put(&file, cases[i].bytes, cases[i].n);
    read_with(&file, AVRO_CORRUPT_FAIL, NULL, &r);
    assert_true(r.code < 0);
    assert_non_null(strstr(r.err.message, cases[i].what));
    kit_result_free(&r);
    kit_free(&file);
  }
}

/* No cut and no changed byte does more than end in an error. */
static void every_cut_and_change(void **state) {
  struct kit_file file = {0}, record = {0};
  (void)state;
  put_record(&record, 2, "z", 1, 0);
  make(&file, 1, &record);
  for (size_t size = 0; size < file.size; size++) {
    struct kit_file cut = {0};
    struct kit_result r;
    kit_put(&cut, file.data, size);
    read_with(&cut, AVRO_CORRUPT_FAIL, NULL, &r);
    assert_true(r.code < 0 || r.rows % 2 == 0);
    kit_result_free(&r);
    kit_free(&cut);
  }
  for (size_t i = 0; i < file.size; i++) {
    struct kit_rejects rejects;
    struct kit_result r;
    uint8_t kept = file.data[i];
    for (int change = 0; change < 3; change++) {
      file.data[i] = (uint8_t)(change == 0 ? 0xff : change == 1 ? 0 : kept ^ 1);
      read_with(&file, AVRO_CORRUPT_SKIP_BLOCK, &rejects, &r);
      assert_true(r.code == SLUICE_END || r.err.message[0]);
      kit_result_free(&r);
    }
    file.data[i] = kept;
  }
  kit_free(&file);
  kit_free(&record);
}

/* Lists that claim much in few bytes. */
static void floods(void **state) {
  static const struct {
    const char *schema;
    const char *bytes;
    size_t n;
  } cases[] = {{"{\"type\":\"array\",\"items\":\"null\"}", "\xfe\xff\xff\xff\xff\x0f\x00", 7},
               {"{\"type\":\"array\",\"items\":\"long\"}", "\xfe\xff\xff\xff\xff\x0f\x00", 7},
               {"{\"type\":\"map\",\"values\":\"null\"}", "\xfe\xff\xff\xff\xff\x0f\x00", 7},
               {"{\"type\":\"array\",\"items\":\"null\"}", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00\x00", 12},
               {"{\"type\":\"fixed\",\"name\":\"f\",\"size\":1000000000}", "abc", 3}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct kit_file file = {0}, data = {0};
    struct kit_result r;
    kit_put(&data, cases[i].bytes, cases[i].n);
    kit_header(&file, cases[i].schema, NULL);
    kit_block(&file, 1, &data);
    read_with(&file, AVRO_CORRUPT_FAIL, NULL, &r);
    assert_int_equal(r.code, SLUICE_ERR_DATA);
    assert_int_equal(r.rows, 0);
    kit_result_free(&r);
    kit_free(&file);
    kit_free(&data);
  }
}

/* A value within itself, many times over. */
static void deep_values(void **state) {
  struct kit_file file = {0}, data = {0};
  struct kit_result r;
  (void)state;
  for (int i = 0; i < 100000; i++)
    kit_put(&data, "\x02", 1);
  kit_put(&data, "", 1);
  kit_header(&file, "{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"n\",\"type\":[\"null\",\"r\"]}]}",
             NULL);
  kit_block(&file, 1, &data);
  read_with(&file, AVRO_CORRUPT_FAIL, NULL, &r);
  assert_int_equal(r.code, SLUICE_ERR_DATA);
  assert_non_null(strstr(r.err.message, "nested deeper"));
  kit_result_free(&r);
  kit_free(&file);
  kit_free(&data);
}

/* Reads on behind the n-th read, which fails once. */
static bool retries(const struct kit_file *file, int n, int64_t *rows, int64_t *rejected) {
  struct kit_options o;
  struct kit_rejects rejects;
  struct kit_open open;
  struct sluice_error err = {0};
  struct kit_bytes bytes = {.data = file->data, .size = file->size, .fail_read = n, .fail_code = SLUICE_ERR_RETRY};
  kit_defaults(&o);
  kit_rejects_init(&rejects);
  o.config.on_corrupt = AVRO_CORRUPT_SKIP_BLOCK;
  o.scan.rejects = &rejects.base;
  int code = kit_open(&o, &bytes, &open, &err);
  *rows = 0;
  if (code == SLUICE_ERR_RETRY)
    code = kit_open(&o, &bytes, &open, &err);
  while (code == SLUICE_OK || code == SLUICE_ERR_RETRY) {
    struct sluice_batch batch = {.struct_size = sizeof batch};
    code = open.reader.next(&open.reader, &batch, &err);
    if (code)
      continue;
    *rows += batch.array.length;
    sluice_array_release(&batch.array);
  }
  kit_close(&open);
  assert_int_equal(code, SLUICE_END);
  *rejected = rejects.count;
  return bytes.reads >= n;
}

/* Wherever a read fails and is tried again, as many records and rejects. */
static void goes_on_after_retry(void **state) {
  struct kit_file file = {0}, data = {0};
  int64_t rows, rejected;
  int n = 1;
  (void)state;
  kit_header(&file, "\"int\"", NULL);
  kit_put(&data, "\2\4", 2);
  kit_block(&file, 2, &data);
  for (int i = 0; i < 150000; i++)
    kit_put(&file, "\1junk", 5);
  for (int i = 0; i < 3; i++)
    kit_block(&file, 2, &data);
  while (retries(&file, n, &rows, &rejected)) {
    assert_int_equal(rows, 6);
    assert_int_equal(rejected, 1);
    n++;
  }
  assert_true(n > 3);
  kit_free(&file);
  kit_free(&data);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(single_records), cmocka_unit_test(halves_of_a_character), cmocka_unit_test(broken_records),
      cmocka_unit_test(broken_blocks),  cmocka_unit_test(what_is_no_container),  cmocka_unit_test(every_cut_and_change),
      cmocka_unit_test(floods),         cmocka_unit_test(deep_values),           cmocka_unit_test(goes_on_after_retry)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
