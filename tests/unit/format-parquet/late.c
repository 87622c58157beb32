/* Columns that are read for the rows only that a filter leaves: the same records come as when all are read and looked
 * at behind. Filters are made of what is in the files: each column, values of it, all comparisons. */
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "kit.h"
#include <dirent.h>
#include <stdlib.h>

enum { ROWS = 64, LITERAL = 64 };

struct column { /* flat, of the top; some of its values */
  char name[64];
  char values[ROWS][LITERAL];
  int n;
};
struct file {
  uint8_t *data;
  size_t size;
  struct column columns[16];
  int n;
};

static uint64_t next_random(void) {
  static uint64_t state = 88172645463325252u;
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state >> 16;
}

/* ---- what is in a file ---- */

static void take_values(const struct ArrowSchema *field, struct ArrowArray *array, struct column *out) {
  struct ArrowSchema text = {0};
  struct ArrowArray texts = {0};
  snprintf(out->name, sizeof out->name, "%s", field->name);
  assert_int_equal(sluice_schema_init(&text, "u", field->name, ARROW_FLAG_NULLABLE), SLUICE_OK);
  if (sluice_cast_check(field, &text, NULL) == SLUICE_OK &&
      sluice_cast(field, array, &text, NULL, NULL, &texts, NULL) == SLUICE_OK) {
    const int32_t *ends = texts.buffers[1];
    int64_t step = texts.length / ROWS + 1;
    for (int64_t i = 0; i < texts.length; i += step)
      if (!sluice_is_null(&texts, i) && ends[i + 1] - ends[i] < LITERAL)
        snprintf(out->values[out->n++], LITERAL, "%.*s", (int)(ends[i + 1] - ends[i]),
                 texts.buffers[2] ? (const char *)texts.buffers[2] + ends[i] : "");
    sluice_array_release(&texts);
  }
  sluice_schema_release(&text);
}

static void look(struct file *f, struct kit_bytes *bytes) {
  struct kit_options o;
  struct sluice_input in;
  struct sluice_reader reader = {0};
  struct ArrowSchema schema = {0};
  struct sluice_batch batch = {.struct_size = sizeof batch};
  kit_defaults(&o);
  struct pq_format format = {.config = &o.config};
  *bytes = (struct kit_bytes){.data = f->data, .size = f->size};
  kit_input(bytes, &in);
  assert_int_equal(pq_decode(&format, &in, &o.scan, &reader, NULL), SLUICE_OK);
  assert_int_equal(reader.schema(&reader, &schema, NULL), SLUICE_OK);
  if (reader.next(&reader, &batch, NULL) == SLUICE_OK) {
    for (int64_t i = 0; i < schema.n_children && f->n < 16; i++)
      take_values(schema.children[i], batch.array.children[i], &f->columns[f->n++]);
    sluice_array_release(&batch.array);
  }
  sluice_schema_release(&schema);
  reader.release(&reader);
}

/* ---- filters ---- */

struct filter {
  const char *names[2];
  struct sluice_test tests[2];
  struct sluice_where where;
};

static void make_filter(const struct file *f, struct filter *out) {
  out->where = (struct sluice_where){out->tests, 1 + next_random() % 2};
  for (size_t i = 0; i < 2; i++) {
    const struct column *c = &f->columns[next_random() % (uint64_t)f->n];
    int32_t compare = 1 + (int32_t)(next_random() % (c->n ? 8 : 2));
    compare = c->n ? compare : compare + 6; /* of no values: tests of null */
    const char *literal = compare < SLUICE_IS_NULL ? c->values[next_random() % (uint64_t)c->n] : NULL;
    out->names[i] = c->name;
    out->tests[i] = (struct sluice_test){{&out->names[i], 1}, literal, compare, 0};
  }
}

static struct kit_result read_file(const struct file *f, const struct kit_options *o, struct kit_bytes *bytes) {
  struct kit_result r;
  const struct kit_bytes before = *bytes;
  *bytes = (struct kit_bytes){.data = f->data,
                              .size = f->size,
                              .untold = before.untold,
                              .again = before.again,
                              .fail_read = before.fail_read,
                              .fail_code = before.fail_code};
  kit_read(o, bytes, 0, &r);
  assert_int_equal(bytes->opened, 0);
  return r;
}

/* The records for which it is true, with their numbers; *fewer: others were left out. */
static void expect_same(const char *name, const struct file *f, struct kit_bytes *bytes, int64_t *fewer) {
  static const int64_t rows[] = {1, 2, 7, 60, 1024}, sizes[] = {1, 100, 300, 8 << 20, 8 << 20};
  struct filter filter;
  struct kit_options o;
  kit_defaults(&o);
  make_filter(f, &filter);
  o.match = &filter.where;
  o.scan.accepts = next_random() % 2 ? SLUICE_ACCEPT_VIEW : 0;
  struct kit_result all = read_file(f, &o, bytes);
  if (all.code == SLUICE_ERR_CONFIG)
    return; /* values of this type cannot be compared */
  o.scan.where = &filter.where;
  o.scan.batch_rows = rows[next_random() % 5];
  o.scan.batch_bytes = sizes[next_random() % 5];
  bytes->untold = next_random() % 2;
  struct kit_result left = read_file(f, &o, bytes);
  assert_null(left.invalid);
  if (left.code != all.code || left.matches != all.matches || left.matching != all.matching)
    fail_msg("%s: %s, %d with %s and %zu more, batches of %lld and %lld: %lld of %lld, %s", name, filter.names[0],
             (int)filter.tests[0].compare, filter.tests[0].literal ? filter.tests[0].literal : "null",
             filter.where.count - 1, (long long)o.scan.batch_rows, (long long)o.scan.batch_bytes,
             (long long)left.matches, (long long)all.matches, left.err.message);
  *fewer += left.rows < all.rows;
}

static void each_file(void (*call)(const char *name, struct file *f, struct kit_bytes *bytes, int64_t *count),
                      int64_t *count) {
  DIR *folder = opendir(PQ_SEEDS);
  struct kit_bytes *bytes = calloc(1, sizeof *bytes);
  struct file *f = calloc(1, sizeof *f);
  assert_true(folder && bytes && f);
  for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", PQ_SEEDS, entry->d_name);
    memset(f, 0, sizeof *f);
    bool sound = strstr(entry->d_name, ".parquet") && strcmp(entry->d_name, "uneven.parquet") != 0;
    f->data = sound ? kit_file(path, &f->size) : NULL;
    if (!f->data)
      continue;
    look(f, bytes);
    if (f->n)
      call(entry->d_name, f, bytes, count);
    free(f->data);
  }
  closedir(folder);
  free(bytes);
  free(f);
}

static void compare_file(const char *name, struct file *f, struct kit_bytes *bytes, int64_t *fewer) {
  for (int i = 0; i < 150; i++)
    expect_same(name, f, bytes, fewer);
}

static void the_same_records_come(void **state) {
  int64_t fewer = 0;
  (void)state;
  each_file(compare_file, &fewer);
  assert_true(fewer > 700);
}

/* ---- reads that fail once ---- */

/* One read in turn: but for those at the beginning, before there is a reader, all comes as it would. */
static void retry_file(const char *name, struct file *f, struct kit_bytes *bytes, int64_t *count) {
  struct filter filter;
  struct kit_options o;
  kit_defaults(&o);
  *bytes = (struct kit_bytes){.again = true, .fail_code = SLUICE_ERR_RETRY};
  for (int i = 0; i < 20; i++) {
    make_filter(f, &filter);
    o.scan.where = &filter.where;
    o.scan.batch_rows = 1 + (int64_t)(next_random() % 100);
    bytes->fail_read = 0;
    struct kit_result whole = read_file(f, &o, bytes);
    for (int reads = bytes->reads; whole.code == SLUICE_END && reads > 0; reads--) {
      bytes->fail_read = reads;
      struct kit_result r = read_file(f, &o, bytes);
      assert_true(r.code == SLUICE_END || (r.code == SLUICE_ERR_RETRY && r.batches == 0));
      if (r.code == SLUICE_END && r.digest != whole.digest)
        fail_msg("%s: another result where read %d fails", name, reads);
      *count += r.code == SLUICE_END;
    }
  }
  *bytes = (struct kit_bytes){.data = NULL};
}

static void reading_goes_on_where_it_failed(void **state) {
  int64_t tried = 0;
  (void)state;
  each_file(retry_file, &tried);
  assert_true(tried > 100);
}

/* ---- damaged files ---- */

static void damage_file(const char *name, struct file *f, struct kit_bytes *bytes, int64_t *count) {
  struct kit_options o;
  (void)name;
  kit_defaults(&o);
  o.config.verify_crc = 0;
  o.config.max_page = o.config.max_row = 1 << 20;
  o.scan.end.row = 10000;
  o.scan.batch_rows = 9;
  for (size_t at = 0; at < f->size; at += 1 + next_random() % 3) {
    struct filter filter;
    uint8_t old = f->data[at];
    make_filter(f, &filter);
    o.scan.where = &filter.where;
    o.scan.accepts = at % 2 ? SLUICE_ACCEPT_VIEW : 0;
    f->data[at] ^= (uint8_t)(1u << at % 8 | 0x80 >> at % 5);
    struct kit_result r = read_file(f, &o, bytes);
    f->data[at] = old;
    assert_true(r.code == SLUICE_END || (r.code < 0 && r.err.message[0]));
    *count += r.code < 0;
  }
}

static void damage_does_no_harm(void **state) {
  int64_t refused = 0;
  (void)state;
  each_file(damage_file, &refused);
  assert_true(refused > 100);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_same_records_come),
      cmocka_unit_test(reading_goes_on_where_it_failed),
      cmocka_unit_test(damage_does_no_harm),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
