/* A CSV file read as a table of texts. */
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "table.h"
#include <stdlib.h>

static json_t *cell(const struct ArrowArray *a, int64_t i) {
  const int32_t *offsets = a->buffers[1];
  if (sluice_is_null(a, i))
    return json_null();
  const char *text = (const char *)a->buffers[2] + offsets[i];
  return json_stringn(text, (size_t)(offsets[i + 1] - offsets[i]));
}

static void add_rows(json_t *rows, const struct ArrowArray *a) {
  for (int64_t i = 0; i < a->length; i++) {
    json_t *row = json_array();
    for (int64_t k = 0; k < a->n_children; k++)
      json_array_append_new(row, cell(a->children[k], i));
    json_array_append_new(rows, row);
  }
}

static void read_rows(struct table *t, struct kit_open *open, struct sluice_error *err) {
  struct ArrowSchema schema = {0};
  t->rc = open->reader.schema(&open->reader, &schema, err);
  for (int64_t i = 0; t->rc == SLUICE_OK && i < schema.n_children; i++)
    json_array_append_new(t->names, json_string(schema.children[i]->name));
  while (t->rc == SLUICE_OK) {
    struct sluice_batch batch = {.struct_size = sizeof batch};
    t->rc = open->reader.next(&open->reader, &batch, err);
    if (t->rc)
      break;
    assert_int_equal(sluice_array_validate(&schema, &batch.array, SLUICE_CHECK_FULL, err), SLUICE_OK);
    add_rows(t->rows, &batch.array);
    sluice_array_release(&batch.array);
  }
  sluice_schema_release(&schema);
}

struct table table_read_bytes(const char *data, size_t size, const char *path, const char *settings, bool sniff) {
  struct table t = {.names = json_array(), .rows = json_array()};
  struct kit_bytes bytes = {.data = (const uint8_t *)data, .size = size};
  struct kit_options o;
  struct kit_rejects rejects;
  struct kit_open open;
  struct sluice_error err = {0};
  kit_rejects_init(&rejects, NULL);
  kit_defaults(&o);
  if (sniff)
    kit_find_all(&o);
  kit_parse_options(&o, settings);
  o.config.sample = 1; /* no whole record is in it: all columns are text */
  o.scan.rejects = &rejects.base;
  o.scan.part = path;
  t.rc = kit_open(&o, &bytes, &open, &err);
  if (t.rc == SLUICE_OK)
    read_rows(&t, &open, &err);
  t.rejects = rejects.count;
  snprintf(t.message, sizeof t.message, "%s", err.message);
  kit_close(&open);
  return t;
}

struct table table_read(const char *path, const char *settings, bool sniff) {
  size_t size;
  char *data = kit_read_file(path, &size);
  assert_non_null(data);
  struct table t = table_read_bytes(data, size, path, settings, sniff);
  free(data);
  return t;
}

void table_finish(struct table *t) {
  json_decref(t->names);
  json_decref(t->rows);
}

size_t table_same_rows(const json_t *a, const json_t *b) {
  size_t n = json_array_size(a), m = json_array_size(b), least = n < m ? n : m, head = 0, tail = 0;
  while (head < least && json_equal(json_array_get(a, head), json_array_get(b, head)))
    head++;
  while (head + tail < least && json_equal(json_array_get(a, n - 1 - tail), json_array_get(b, m - 1 - tail)))
    tail++;
  size_t between = 0; /* rows in their places */
  for (size_t i = head; n == m && i < n - tail; i++)
    between += json_equal(json_array_get(a, i), json_array_get(b, i)) != 0;
  return head + tail + between;
}

json_t *table_objects(const struct table *t) {
  json_t *list = json_array();
  for (size_t i = 0; i < json_array_size(t->rows); i++) {
    json_t *object = json_object(), *row = json_array_get(t->rows, i);
    for (size_t k = 0; k < json_array_size(row); k++)
      json_object_set(object, json_string_value(json_array_get(t->names, k)), json_array_get(row, k));
    json_array_append_new(list, object);
  }
  return list;
}
