/* Arrow data laid out by hand. */
#include "sample.h"
#include <stdlib.h>

static void keep_schema(struct ArrowSchema *schema) {
  (void)schema;
}
static void keep_array(struct ArrowArray *array) {
  (void)array;
}

void column_set(struct column *c, const char *format, const char *name, int64_t length, int n_buffers, ...) {
  va_list args;
  memset(c, 0, sizeof *c);
  c->schema = (struct ArrowSchema){
      .format = format, .name = name, .flags = ARROW_FLAG_NULLABLE, .children = c->schemas, .release = keep_schema};
  c->array = (struct ArrowArray){.length = length,
                                 .null_count = -1,
                                 .n_buffers = n_buffers,
                                 .buffers = c->buffers,
                                 .children = c->arrays,
                                 .release = keep_array};
  va_start(args, n_buffers);
  for (int i = 0; i < n_buffers; i++)
    c->buffers[i] = va_arg(args, const void *);
  va_end(args);
}

void column_child(struct column *parent, struct column *child) {
  parent->schemas[parent->schema.n_children++] = &child->schema;
  parent->arrays[parent->array.n_children++] = &child->array;
}

void column_dictionary(struct column *indexes, struct column *values) {
  indexes->schema.dictionary = &values->schema;
  indexes->array.dictionary = &values->array;
}

void record_set(struct column *record, int64_t length, int n, ...) {
  va_list args;
  column_set(record, "+s", "", length, 1, NULL);
  va_start(args, n);
  for (int i = 0; i < n; i++)
    column_child(record, va_arg(args, struct column *));
  va_end(args);
}

static int note_reject(struct sluice_rejects *rejects, const struct sluice_reject *reject, struct sluice_error *err) {
  struct refusals *seen = rejects->private_data;
  (void)err;
  seen->count++;
  seen->row = reject->row;
  snprintf(seen->column, sizeof seen->column, "%s", reject->column ? reject->column : "-");
  snprintf(seen->reason, sizeof seen->reason, "%s", reject->reason);
  return SLUICE_OK;
}

const char *encode_all(const char *format, const char *nan, const struct column *record, struct refusals *seen) {
  static char *text;
  const struct sluice_encode *service = encode_service();
  const struct sluice_pair pair = {"nan", nan};
  const struct sluice_map options = {&pair, nan ? 1 : 0};
  struct refusals unseen = {0};
  struct sluice_rejects rejects = {note_reject, seen ? seen : &unseen};
  struct sluice_batch batch = {.struct_size = sizeof batch, .array = record->array};
  struct sluice_encoded out;
  struct sluice_error err = {0};
  void *encoder = NULL;
  free(text);
  text = NULL;
  assert_int_equal(service->open(format, &options, &record->schema, &encoder, &err), SLUICE_OK);
  assert_int_equal(service->encode(encoder, &batch, 0, record->array.length, &rejects, &out, &err), SLUICE_OK);
  assert_int_equal(out.rows, record->array.length);
  if (out.rows)
    assert_int_equal(out.ends[out.rows - 1], out.size);
  text = malloc(out.size + 1);
  assert_non_null(text);
  if (out.size)
    memcpy(text, out.data, out.size);
  text[out.size] = 0;
  service->close(encoder);
  return text;
}

void check_values(struct column *value, const char *nan, const char *const *expected) {
  struct column record;
  struct refusals seen = {0};
  int rejected = 0;
  char *want = calloc(1, 1 << 20);
  assert_non_null(want);
  value->schema.name = "v";
  record_set(&record, value->array.length, 1, value);
  for (int64_t i = 0; i < value->array.length; i++) {
    size_t n = strlen(want);
    if (expected[i])
      snprintf(want + n, (1 << 20) - n, "{\"v\":%s}\n", expected[i]);
    else
      rejected++;
  }
  assert_string_equal(encode_all("ndjson", nan, &record, &seen), want);
  assert_int_equal(seen.count, rejected);
  free(want);
}
