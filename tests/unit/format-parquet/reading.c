/* Reading in parts: splits, resuming, batches by rows and bytes, projection, what is asked of the input, its errors. */
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "kit.h"
#include <stdlib.h>

struct file {
  uint8_t *data;
  size_t size;
};

static struct file load(const char *name) {
  char path[1024];
  struct file f;
  snprintf(path, sizeof path, "%s/%s.parquet", PQ_SEEDS, name);
  f.data = kit_file(path, &f.size);
  assert_non_null(f.data);
  return f;
}

static struct kit_result read_all(const struct kit_options *o, const struct file *f, struct kit_bytes *bytes,
                                  int64_t from_batch) {
  struct kit_result r;
  *bytes = (struct kit_bytes){.data = f->data, .size = f->size};
  kit_read(o, bytes, from_batch, &r);
  assert_null(r.invalid);
  assert_int_equal(bytes->opened, 0);
  return r;
}

static const char *const names[] = {"numbers",          "numbers-groups", "numbers-delta", "numbers-split", "texts",
                                    "texts-dictionary", "texts-delta",    "others",        "others-brotli", "nested",
                                    "nested-pages",     "hints",          "nested-groups"};

/* Where a batch ends depends on its rows alone, so reading goes on with the very same batches from any of them. */
static void resumes_at_every_batch(void **state) {
  static const int64_t sizes[][2] = {{1, 1 << 20}, {3, 1 << 20}, {7, 100}, {100, 250}, {1000, 1}};
  struct kit_bytes *bytes = calloc(1, sizeof *bytes);
  (void)state;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
      struct file f = load(names[i]);
      struct kit_options o;
      kit_defaults(&o);
      o.scan.batch_rows = sizes[k][0];
      o.scan.batch_bytes = sizes[k][1];
      struct kit_result whole = read_all(&o, &f, bytes, 1);
      assert_int_equal(whole.code, SLUICE_END);
      assert_int_equal(whole.rows, 20);
      for (int64_t at = 1; at < whole.batches; at++) {
        struct kit_result first = read_all(&o, &f, bytes, at);
        struct kit_options rest = o;
        rest.scan.from = first.middle;
        struct kit_result second = read_all(&rest, &f, bytes, 0);
        assert_int_equal(second.code, SLUICE_END);
        assert_int_equal(second.batches, whole.batches - at);
        assert_true(second.digest == first.later);
      }
      free(f.data);
    }
  free(bytes);
}

struct kept {
  struct sluice_split splits[16];
  int n;
};

static int keep(struct sluice_splits *splits, const struct sluice_split *split, struct sluice_error *err) {
  struct kept *kept = splits->private_data;
  (void)err;
  assert_true(kept->n < 16);
  kept->splits[kept->n++] = *split;
  return SLUICE_OK;
}

static void splits_are_row_groups(void **state) {
  static const int64_t rows[] = {6, 6, 6, 2};
  struct file f = load("nested-groups");
  struct kit_bytes *bytes = calloc(1, sizeof *bytes);
  struct kit_options o;
  struct kept kept = {.n = 0};
  struct sluice_splits splits = {keep, &kept};
  struct sluice_error err = {0};
  struct sluice_input in;
  int64_t sum = 0;
  (void)state;
  kit_defaults(&o);
  *bytes = (struct kit_bytes){.data = f.data, .size = f.size};
  kit_input(bytes, &in);
  assert_int_equal(pq_plan(NULL, &in, &o.scan, 1, &splits, &err), SLUICE_OK);
  assert_int_equal(kept.n, 4);
  for (int i = 0; i < 4; i++) {
    o.scan.begin = kept.splits[i].begin;
    o.scan.end = kept.splits[i].end;
    struct kit_result r = read_all(&o, &f, bytes, 1);
    assert_int_equal(r.code, SLUICE_END);
    assert_int_equal(r.rows, rows[i]);
    assert_int_equal(kept.splits[i].rows, rows[i]);
    sum += r.rows;
  }
  assert_int_equal(sum, 20);
  kept.n = 0;
  assert_int_equal(pq_plan(NULL, &in, &o.scan, 1 << 20, &splits, &err), SLUICE_OK);
  assert_int_equal(kept.n, 1);
  free(bytes);
  free(f.data);
}

static void reads_only_what_was_asked_for(void **state) {
  struct file f = load("numbers-groups");
  struct kit_bytes *bytes = calloc(1, sizeof *bytes);
  struct ArrowSchema want;
  struct kit_options o;
  (void)state;
  kit_defaults(&o);
  struct kit_result all = read_all(&o, &f, bytes, 1);
  int64_t all_bytes = bytes->announced;
  assert_int_equal(all.rows, 20);
  assert_int_equal(bytes->foreign, 1); /* the footer */
  assert_int_equal(sluice_schema_nested(&want, "+s", "", 0, 2), SLUICE_OK);
  assert_int_equal(sluice_schema_init(want.children[0], "", "g", ARROW_FLAG_NULLABLE), SLUICE_OK);
  assert_int_equal(sluice_schema_init(want.children[1], "u", "absent", ARROW_FLAG_NULLABLE), SLUICE_OK);
  o.scan.want = &want;
  struct kit_result one = read_all(&o, &f, bytes, 1);
  assert_int_equal(one.code, SLUICE_END);
  assert_int_equal(one.rows, 20);
  assert_int_equal(bytes->foreign, 1);
  assert_true(bytes->announced < all_bytes / 3);
  sluice_schema_release(&want);
  free(bytes);
  free(f.data);
}

/* {s: {q: {t}}} of a file in which s has p and q, and q has r and t. */
static void projects_to_nested_leaves(void **state) {
  struct file f = load("nested");
  struct kit_bytes *bytes = calloc(1, sizeof *bytes);
  struct pq_format format;
  struct ArrowSchema want, got;
  struct sluice_error err = {0};
  struct sluice_reader reader;
  struct sluice_input in;
  struct kit_options o;
  (void)state;
  kit_defaults(&o);
  format = (struct pq_format){.config = &o.config};
  assert_int_equal(sluice_schema_nested(&want, "+s", "", 0, 1), SLUICE_OK);
  assert_int_equal(sluice_schema_nested(want.children[0], "+s", "s", 2, 1), SLUICE_OK);
  assert_int_equal(sluice_schema_nested(want.children[0]->children[0], "+s", "q", 2, 1), SLUICE_OK);
  assert_int_equal(sluice_schema_init(want.children[0]->children[0]->children[0], "u", "t", 2), SLUICE_OK);
  o.scan.want = &want;
  *bytes = (struct kit_bytes){.data = f.data, .size = f.size};
  kit_input(bytes, &in);
  assert_int_equal(pq_decode(&format, &in, &o.scan, &reader, &err), SLUICE_OK);
  assert_int_equal(reader.schema(&reader, &got, &err), SLUICE_OK);
  assert_true(sluice_schema_equal(&got, &want));
  reader.release(&reader);
  struct kit_result r = read_all(&o, &f, bytes, 1);
  assert_int_equal(r.code, SLUICE_END);
  assert_int_equal(r.rows, 20);
  sluice_schema_release(&want);
  sluice_schema_release(&got);
  free(bytes);
  free(f.data);
}

static void takes_types_from_the_writers_schema(void **state) {
  struct file f = load("hints");
  struct kit_bytes *bytes = calloc(1, sizeof *bytes);
  struct kit_options o;
  struct ArrowSchema got;
  struct sluice_error err = {0};
  struct sluice_reader reader;
  struct sluice_input in;
  (void)state;
  kit_defaults(&o);
  const struct pq_format format = {.config = &o.config};
  *bytes = (struct kit_bytes){.data = f.data, .size = f.size};
  kit_input(bytes, &in);
  assert_int_equal(pq_decode((void *)&format, &in, &o.scan, &reader, &err), SLUICE_OK);
  assert_int_equal(reader.schema(&reader, &got, &err), SLUICE_OK);
  assert_string_equal(got.children[0]->format, "tsu:Europe/Paris");
  assert_string_equal(got.children[1]->format, "tDn");
  assert_string_equal(got.children[2]->children[0]->format, "+L");
  assert_string_equal(got.children[2]->children[0]->children[0]->format, "U");
  sluice_schema_release(&got);
  reader.release(&reader);
  struct kit_result r = read_all(&o, &f, bytes, 1);
  assert_int_equal(r.code, SLUICE_END);
  assert_int_equal(r.rows, 20);
  free(bytes);
  free(f.data);
}

static void errors_of_the_input_come_through(void **state) {
  struct file f = load("nested-pages");
  struct kit_bytes *bytes = calloc(1, sizeof *bytes);
  struct kit_options o;
  struct kit_result r;
  (void)state;
  kit_defaults(&o);
  for (int read = 1;; read++) {
    *bytes = (struct kit_bytes){.data = f.data, .size = f.size, .fail_read = read, .fail_code = SLUICE_ERR_AUTH};
    kit_read(&o, bytes, 1, &r);
    assert_int_equal(bytes->opened, 0);
    if (bytes->reads < read)
      break;
    assert_int_equal(r.code, SLUICE_ERR_AUTH);
  }
  assert_int_equal(r.code, SLUICE_END);
  free(bytes);
  free(f.data);
}

/* Each byte changed and each length cut: an error or other values, but no fault of ours. */
static void damaged_files_do_no_harm(void **state) {
  struct kit_bytes *bytes = calloc(1, sizeof *bytes);
  struct kit_options o;
  int64_t read = 0, refused = 0;
  (void)state;
  kit_defaults(&o);
  o.config.verify_crc = 0;
  o.config.max_page = o.config.max_row = 1 << 20;
  o.scan.end.row = 10000;
  for (size_t i = 0; i < sizeof names / sizeof *names; i += 2) {
    struct file f = load(names[i]);
    for (size_t at = 0; at < f.size; at++) {
      uint8_t old = f.data[at];
      f.data[at] ^= (uint8_t)(1u << at % 8 | 0x80 >> at % 5);
      struct kit_result r = read_all(&o, &f, bytes, 1);
      read += r.code == SLUICE_END;
      refused += r.code < 0 && r.err.message[0];
      assert_true(r.code == SLUICE_END || (r.code < 0 && r.err.message[0]));
      f.data[at] = old;
    }
    free(f.data);
  }
  printf("%lld damaged files were read, %lld refused\n", (long long)read, (long long)refused);
  assert_true(refused > 100 && read > 100);
  free(bytes);
}

static void checksums_are_verified(void **state) {
  struct file f = load("numbers-groups");
  struct kit_bytes *bytes = calloc(1, sizeof *bytes);
  struct kit_options o;
  (void)state;
  kit_defaults(&o);
  f.data[40] ^= 1; /* in the first page */
  struct kit_result r = read_all(&o, &f, bytes, 1);
  assert_int_equal(r.code, SLUICE_ERR_DATA);
  assert_non_null(strstr(r.err.message, "checksum"));
  free(bytes);
  free(f.data);
}

static void what_is_no_parquet_is_refused(void **state) {
  static const struct {
    const char *bytes;
    size_t size;
    int code;
  } cases[] = {{"", 0, SLUICE_ERR_DATA},
               {"PAR1", 4, SLUICE_ERR_DATA},
               {"PAR1\0\0\0\0PAR1", 12, SLUICE_ERR_DATA},
               {"PAR1\377\377\377\377PAR1", 12, SLUICE_ERR_DATA},
               {"PAR1abcdefgh\4\0\0\0PARE", 20, SLUICE_ERR_UNSUPPORTED},
               {"id,name\n1,a\n2,b\n", 16, SLUICE_ERR_DATA}};
  struct kit_bytes *bytes = calloc(1, sizeof *bytes);
  struct kit_options o;
  (void)state;
  kit_defaults(&o);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    uint8_t copy[32];
    memcpy(copy, cases[i].bytes, cases[i].size);
    const struct file f = {copy, cases[i].size};
    struct kit_result r = read_all(&o, &f, bytes, 1);
    assert_int_equal(r.code, cases[i].code);
    assert_true(r.err.message[0] != 0);
  }
  assert_int_equal(pq_probe("PAR1", 4, "x"), 100);
  assert_int_equal(pq_probe("PAR2", 4, "x.csv"), 0);
  assert_int_equal(pq_probe("", 0, "x.parquet"), 30);
  free(bytes);
}

/* Items must not slip into other rows, also where both columns have as many in all. */
static void columns_of_a_list_agree_in_each_row(void **state) {
  struct kit_bytes *bytes = calloc(1, sizeof *bytes);
  struct file f = load("uneven");
  struct kit_options o;
  (void)state;
  kit_defaults(&o);
  for (o.scan.batch_rows = 1; o.scan.batch_rows <= 2; o.scan.batch_rows++) {
    struct kit_result r = read_all(&o, &f, bytes, 1);
    assert_int_equal(r.code, SLUICE_ERR_DATA);
    assert_non_null(strstr(r.err.message, "more or fewer items in a row"));
    assert_int_equal(r.rows, 0);
  }
  free(f.data);
  free(bytes);
}

static void expect_refusal(const char *name, const struct kit_options *o, const char *part_of_message) {
  struct kit_bytes *bytes = calloc(1, sizeof *bytes);
  struct file f = load(name);
  struct kit_result r = read_all(o, &f, bytes, 1);
  assert_int_equal(r.code, SLUICE_ERR_DATA);
  assert_non_null(strstr(r.err.message, part_of_message));
  free(f.data);
  free(bytes);
}

static void few_bytes_do_not_make_many_items(void **state) {
  struct kit_bytes *bytes = calloc(1, sizeof *bytes);
  struct file f = load("many-nulls");
  struct kit_options o;
  (void)state;
  kit_defaults(&o);
  for (o.config.max_items = 1 << 15; o.config.max_items <= 1 << 16; o.config.max_items <<= 1)
    assert_int_equal(read_all(&o, &f, bytes, 1).rows, 2);
  o.config.max_items = (1 << 15) - 1;
  expect_refusal("many-nulls", &o, "more items than the option max_items allows");
  free(f.data);
  free(bytes);
}

static void keys_of_maps_are_not_null(void **state) {
  struct kit_options o;
  (void)state;
  kit_defaults(&o);
  expect_refusal("null-keys", &o, "a null as a key");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(resumes_at_every_batch),
                                     cmocka_unit_test(columns_of_a_list_agree_in_each_row),
                                     cmocka_unit_test(splits_are_row_groups),
                                     cmocka_unit_test(reads_only_what_was_asked_for),
                                     cmocka_unit_test(projects_to_nested_leaves),
                                     cmocka_unit_test(takes_types_from_the_writers_schema),
                                     cmocka_unit_test(errors_of_the_input_come_through),
                                     cmocka_unit_test(damaged_files_do_no_harm),
                                     cmocka_unit_test(checksums_are_verified),
                                     cmocka_unit_test(few_bytes_do_not_make_many_items),
                                     cmocka_unit_test(keys_of_maps_are_not_null),
                                     cmocka_unit_test(what_is_no_parquet_is_refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
