/* Fuzz target of the Arrow reader: the first four bytes choose options, the rest is the part. Each batch is validated
 * in full and each value is looked at; reading is resumed in the middle and must give the same records; the splits
 * together must give what the whole gives; a projection must not fail where all columns can be read. */
#include "arrow_side.h"
#include "values.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_BATCH = 16 << 20, MAX_ROWS = 20000, LOOKED_AT = 200, MAX_TEXT = 1 << 16 };

struct totals {
  int64_t rows, batches, columns;
  int rc;
  struct sluice_position middle; /* end of a batch, chosen by `at` */
  int64_t rows_to_middle;
  char column[64]; /* name of the last one */
};
struct part {
  const uint8_t *data;
  size_t size;
  bool views, unknown_size;
};

static void check(bool holds, const char *what) {
  if (holds)
    return;
  fprintf(stderr, "%s\n", what);
  abort();
}

static void look_at_values(const struct ArrowSchema *schema, const struct sluice_batch *b) {
  struct sluice_buffer text = {0};
  for (int64_t i = 0; i < b->array.n_children; i++)
    for (int64_t row = 0; row < b->array.length && row < LOOKED_AT && text.size < MAX_TEXT; row++)
      put_value(&text, schema->children[i], b->array.children[i], b->array.offset + row);
  sluice_buffer_free(&text);
}

static bool is_deep(const struct ArrowSchema *schema, int depth) {
  for (int64_t i = 0; i < schema->n_children; i++)
    if (depth > 2 || is_deep(schema->children[i], depth + 1))
      return true;
  return schema->dictionary && is_deep(schema->dictionary, depth + 1);
}

static void look_at_batch(const struct ArrowSchema *schema, const struct sluice_batch *b, const struct totals *t) {
  struct sluice_error err = {0};
  check(sluice_array_validate(schema, &b->array, SLUICE_CHECK_FULL, &err) == SLUICE_OK, err.message);
  check(b->array.length > 0 && b->end.row == b->first_row + b->array.length, "a batch's rows do not add up");
  check(t->batches == 0 || b->end.offset > 0, "a batch ends at byte 0");
  if (!is_deep(schema, 0)) /* lists of lists that share items are longer than any test */
    look_at_values(schema, b);
}

static struct totals read_all(const struct part *part, const struct sluice_scan *scan, int64_t at) {
  struct totals t = {0};
  struct test_input input = {
      .data = part->data, .size = part->size, .views = part->views, .unknown_size = part->unknown_size};
  struct arrow_side side = {.config = arrow_side_config()};
  struct ArrowSchema schema = {0};
  struct sluice_error err = {0};
  side.config.max_batch = MAX_BATCH;
  side.config.max_empty_rows = MAX_ROWS;
  t.rc = arrow_side_open(&side, &input, scan, &err);
  if (t.rc == SLUICE_OK)
    t.rc = side.reader.schema(&side.reader, &schema, &err);
  while (t.rc == SLUICE_OK && t.rows < MAX_ROWS) {
    struct sluice_batch batch = {.struct_size = sizeof batch};
    t.rc = side.reader.next(&side.reader, &batch, &err);
    if (t.rc)
      break;
    look_at_batch(&schema, &batch, &t);
    t.rows += batch.array.length;
    if (t.batches++ == at) {
      t.middle = batch.end;
      t.rows_to_middle = t.rows;
    }
    sluice_array_release(&batch.array);
  }
  t.columns = schema.release ? schema.n_children : 0;
  if (t.columns)
    snprintf(t.column, sizeof t.column, "%s", schema.children[t.columns - 1]->name);
  sluice_schema_release(&schema);
  arrow_side_close(&side);
  check(t.rc >= 0 || err.message[0], "an error without a message");
  check(input.opened == 0 && input.views_open == 0, "the input or a view of it was not released");
  return t;
}

struct collected {
  struct sluice_splits base;
  const struct part *part;
  const struct sluice_scan *scan;
  int64_t rows, splits;
  int rc;
};

static int take_split(struct sluice_splits *splits, const struct sluice_split *split, struct sluice_error *err) {
  struct collected *c = splits->private_data;
  struct sluice_scan scan = *c->scan;
  (void)err;
  scan.begin = split->begin;
  scan.end = split->end;
  struct totals t = read_all(c->part, &scan, -1);
  c->rows += t.rows;
  c->splits++;
  if (t.rc < 0)
    c->rc = t.rc;
  return SLUICE_OK;
}

static void check_splits(const struct part *part, const struct sluice_scan *scan, const struct totals *all) {
  struct collected c = {.base = {take_split, &c}, .part = part, .scan = scan};
  struct test_input input = {.data = part->data, .size = part->size};
  struct sluice_input in;
  struct arrow_side side = {.config = arrow_side_config()};
  struct sluice_error err = {0};
  if (arrow_side_open(&side, &input, scan, &err) != SLUICE_OK)
    return;
  test_input_open(&input, &in);
  int rc = arrow_side_format()->plan(side.self, &in, scan, 64, &c.base, &err);
  in.release(&in);
  arrow_side_close(&side);
  check(rc == SLUICE_OK && c.rc == 0, "what can be read cannot be planned, or not in splits");
  check(c.rows == all->rows, "splits give other rows");
}

static void check_projection(const struct part *part, const struct sluice_scan *scan, const struct totals *all) {
  struct ArrowSchema want = {0};
  struct sluice_scan with = *scan;
  check(sluice_schema_nested(&want, "+s", "", 0, 2) == SLUICE_OK, "no memory");
  check(sluice_schema_init(want.children[0], "", all->column, ARROW_FLAG_NULLABLE) == SLUICE_OK, "no memory");
  check(sluice_schema_init(want.children[1], "l", "\1not there", ARROW_FLAG_NULLABLE) == SLUICE_OK, "no memory");
  with.want = &want;
  struct totals t = read_all(part, &with, -1);
  check(t.rc == SLUICE_END && t.rows == all->rows && t.columns == 2, "a projection gives other rows");
  sluice_schema_release(&want);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const int64_t rows[] = {1, 3, 7, 1024}, bytes[] = {1, 50, 1000, 1 << 20};
  if (size < 4)
    return 0;
  struct sluice_scan scan = {.struct_size = sizeof scan, .part = "part"};
  scan.batch_rows = rows[data[0] & 3];
  scan.batch_bytes = bytes[data[0] >> 2 & 3];
  int64_t at = data[1] & 7;
  uint8_t *copy = aligned_alloc(64, (size + 63) / 64 * 64); /* as a source has it */
  check(copy != NULL, "no memory");
  memcpy(copy, data + 4, size - 4);
  struct part part = {copy, size - 4, data[0] & 16, data[0] & 32};
  arrow_side_format()->probe(part.data, part.size, "x");
  struct totals all = read_all(&part, &scan, at);
  if (all.rc == SLUICE_END && all.middle.offset > 0) {
    struct sluice_scan from = scan;
    from.from = all.middle;
    struct totals rest = read_all(&part, &from, -1);
    check(rest.rc == SLUICE_END, "resuming fails");
    check(rest.rows == all.rows - all.rows_to_middle, "resuming gives other rows");
    check(rest.batches == all.batches - at - 1, "resuming gives other batches");
  }
  if (all.rc == SLUICE_END && !part.unknown_size && (data[2] & 3) == 0)
    check_splits(&part, &scan, &all);
  if (all.rc == SLUICE_END && all.columns && (data[2] & 4))
    check_projection(&part, &scan, &all);
  free(copy);
  return 0;
}
