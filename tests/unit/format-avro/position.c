/* Where reading stops and goes on: batches, positions, splits. */
#include "cmocka_all.h"
#include "kit.h"
#include <stdlib.h>

static const char schema[] =
    "{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"id\",\"type\":\"long\"},{\"name\":\"t\",\"type\":"
    "\"string\"},{\"name\":\"u\",\"type\":[\"null\",\"int\",\"string\"]},{\"name\":\"l\",\"type\":{\"type\":\"array\","
    "\"items\":[\"null\",\"string\"]}}]}";

static void put_record(struct kit_file *data, int64_t i) {
  char text[64];
  snprintf(text, sizeof text, "text number %lld", (long long)i);
  kit_long(data, i);
  kit_text(data, text);
  kit_long(data, i % 3);
  if (i % 3 == 1)
    kit_long(data, i);
  if (i % 3 == 2)
    kit_text(data, "u");
  for (int64_t k = i % 4; k > 0; k--) {
    kit_long(data, 1);
    kit_long(data, k & 1);
    if (k & 1)
      kit_text(data, text);
  }
  kit_long(data, 0);
}

/* Blocks of 0, 1, 2, ... records. */
static void make(struct kit_file *file, int blocks) {
  int64_t i = 0;
  kit_header(file, schema, NULL);
  for (int b = 0; b < blocks; b++) {
    struct kit_file data = {0};
    for (int k = 0; k < b; k++)
      put_record(&data, i++);
    kit_block(file, b, &data);
    kit_free(&data);
  }
}

/* Behind each batch the rest comes as it came before: the same records in the same batches. */
static void resume_everywhere(struct kit_options *o, struct kit_bytes *bytes, const struct kit_result *all) {
  struct kit_rejects rejects;
  struct kit_result rest;
  for (int64_t i = 0; i < all->batches && i < 64; i++) {
    kit_rejects_init(&rejects);
    o->scan.rejects = o->scan.rejects ? &rejects.base : NULL;
    o->scan.from = all->ends[i];
    kit_read(o, bytes, &rest);
    assert_int_equal(rest.code, SLUICE_END);
    assert_string_equal(rest.text, all->text + all->text_at[i]);
    assert_int_equal(rest.batches, all->batches - i - 1);
    kit_result_free(&rest);
  }
}

static void resumes_behind_every_batch(int64_t rows, int64_t size, bool unknown) {
  struct kit_file file = {0};
  struct kit_options o;
  struct kit_result all;
  make(&file, 12);
  kit_defaults(&o);
  o.scan.batch_rows = rows;
  o.scan.batch_bytes = size;
  struct kit_bytes bytes = {.data = file.data, .size = file.size, .unknown_size = unknown};
  kit_read(&o, &bytes, &all);
  assert_int_equal(all.code, SLUICE_END);
  assert_int_equal(all.rows, 66);
  resume_everywhere(&o, &bytes, &all);
  kit_result_free(&all);
  kit_free(&file);
}

static void resumes(void **state) {
  (void)state;
  resumes_behind_every_batch(1, 1 << 20, false);
  resumes_behind_every_batch(7, 1 << 20, true);
  resumes_behind_every_batch(1024, 300, false);
  resumes_behind_every_batch(5, 200, false);
  resumes_behind_every_batch(1024, 1, false);
}

/* Texts that are not UTF-8 are looked for only once one was met in the block: that must not move the ends of batches.
 */
static void resumes_among_rejects(void **state) {
  struct kit_file file = {0}, data = {0};
  struct kit_options o;
  struct kit_rejects rejects;
  struct kit_result all;
  (void)state;
  for (int64_t i = 0; i < 24; i++)
    kit_text(&data, i % 4 == 1 ? "\xff that is no UTF-8, and long enough to fill a batch" : "a text");
  kit_header(&file, "\"string\"", NULL);
  kit_block(&file, 24, &data);
  kit_defaults(&o);
  struct kit_bytes bytes = {.data = file.data, .size = file.size};
  for (o.scan.batch_bytes = 1; o.scan.batch_bytes < 200; o.scan.batch_bytes += 3) {
    kit_rejects_init(&rejects);
    o.scan.rejects = &rejects.base;
    o.scan.from = (struct sluice_position){0};
    kit_read(&o, &bytes, &all);
    assert_int_equal(all.code, SLUICE_END);
    assert_int_equal(all.rows, 18);
    assert_int_equal(rejects.count, 6);
    resume_everywhere(&o, &bytes, &all);
    kit_result_free(&all);
  }
  kit_free(&data);
  kit_free(&file);
}

struct list {
  struct sluice_splits base;
  struct sluice_split items[64];
  int n;
};
static int add_split(struct sluice_splits *splits, const struct sluice_split *split, struct sluice_error *err) {
  struct list *list = splits->private_data;
  (void)err;
  assert_true(list->n < 64);
  list->items[list->n++] = *split;
  return SLUICE_OK;
}

static void splits_hold_all_records_once(void **state) {
  struct kit_file file = {0};
  struct kit_options o;
  struct kit_result r;
  int64_t most = 0;
  (void)state;
  make(&file, 12);
  kit_defaults(&o);
  for (int64_t size = 1; size < (int64_t)file.size + 100; size += 53) {
    struct kit_bytes bytes = {.data = file.data, .size = file.size};
    struct list list = {.base = {add_split, &list}};
    struct sluice_input in;
    struct sluice_error err = {0};
    void *self;
    int64_t rows = 0;
    kit_input(&bytes, &in);
    assert_int_equal(kit_format()->open(NULL, &o.config, &self, &err), SLUICE_OK);
    assert_int_equal(kit_format()->plan(self, &in, &o.scan, size, &list.base, &err), SLUICE_OK);
    in.release(&in);
    kit_format()->close(self);
    for (int i = 0; i < list.n; i++) {
      struct kit_options with = o;
      with.scan.begin = list.items[i].begin;
      with.scan.end = list.items[i].end;
      kit_read(&with, &bytes, &r);
      assert_int_equal(r.code, SLUICE_END);
      rows += r.rows;
      kit_result_free(&r);
    }
    assert_int_equal(rows, 66);
    most = list.n > most ? list.n : most;
  }
  assert_true(most > 8);
  kit_free(&file);
}

/* A split that ends where no block begins must not go unnoticed. */
static void a_false_end_is_an_error(void **state) {
  struct kit_file file = {0};
  struct kit_options o;
  struct kit_result r;
  (void)state;
  make(&file, 6);
  kit_defaults(&o);
  o.scan.end.offset = (int64_t)file.size - 20;
  struct kit_bytes bytes = {.data = file.data, .size = file.size};
  kit_read(&o, &bytes, &r);
  assert_int_equal(r.code, SLUICE_ERR_DATA);
  assert_non_null(strstr(r.err.message, "no block begins"));
  kit_result_free(&r);
  kit_free(&file);
}

static void reads_that_fail_are_told(void **state) {
  struct kit_file file = {0};
  struct kit_options o;
  struct kit_result r;
  (void)state;
  make(&file, 6);
  kit_defaults(&o);
  struct kit_bytes bytes = {.data = file.data, .size = file.size, .fail_read = 1, .fail_code = SLUICE_ERR_RETRY};
  kit_read(&o, &bytes, &r);
  assert_int_equal(r.code, SLUICE_ERR_RETRY);
  kit_result_free(&r);
  kit_free(&file);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(resumes), cmocka_unit_test(resumes_among_rejects),
                                     cmocka_unit_test(splits_hold_all_records_once),
                                     cmocka_unit_test(a_false_end_is_an_error),
                                     cmocka_unit_test(reads_that_fail_are_told)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
