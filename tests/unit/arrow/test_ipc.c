/* The IPC stream: its frames, a small one byte by byte, dictionaries, and what cannot be written. */
#include "check.h"

static int collect(void *context, const void *bytes, size_t n, struct sluice_error *err) {
  (void)err;
  return sluice_buffer_append(context, bytes, n);
}

/* ---- a reader of just enough FlatBuffers: fields of tables by slot ---- */

static uint32_t u32(const uint8_t *p) {
  uint32_t value;
  memcpy(&value, p, sizeof value);
  return value;
}

static int64_t i64(const uint8_t *p) {
  int64_t value;
  memcpy(&value, p, sizeof value);
  return value;
}

static const uint8_t *follow(const uint8_t *p) {
  return p + u32(p);
}

/* Where a slot's value is; NULL: not there. */
static const uint8_t *slot(const uint8_t *table, unsigned i) {
  const uint8_t *list = table - (int32_t)u32(table);
  uint16_t size, place = 0;
  memcpy(&size, list, sizeof size);
  if (4 + 2 * i < size)
    memcpy(&place, list + 4 + 2 * i, sizeof place);
  return place ? table + place : NULL;
}

struct frame {
  const uint8_t *header, *body;
  int64_t body_size;
  int type; /* 1 schema, 2 dictionary, 3 records; 0: the end */
};

static const uint8_t *next_frame(const struct sluice_buffer *stream, const uint8_t *at, struct frame *out) {
  assert_true((size_t)(stream->data + stream->size - at) >= 8);
  assert_int_equal(u32(at), 0xffffffff);
  uint32_t size = u32(at + 4);
  memset(out, 0, sizeof *out);
  if (size == 0)
    return at + 8;
  assert_int_equal((size_t)(at - stream->data) % 64, 0);
  assert_int_equal((size + 8) % 64, 0);
  const uint8_t *message = follow(at + 8);
  uint16_t version;
  memcpy(&version, slot(message, 0), sizeof version);
  assert_int_equal(version, 4);
  out->type = *slot(message, 1);
  out->header = follow(slot(message, 2));
  out->body_size = i64(slot(message, 3));
  out->body = at + 8 + size;
  assert_int_equal(out->body_size % 64, 0);
  assert_true(out->body_size <= stream->data + stream->size - out->body);
  return out->body + out->body_size;
}

static const uint8_t *buffer_of(const struct frame *f, unsigned i, int64_t *size) {
  const uint8_t *list = follow(slot(f->header, 2));
  assert_true(i < u32(list));
  const uint8_t *entry = list + 4 + (size_t)i * 16;
  int64_t offset = i64(entry);
  *size = i64(entry + 8);
  assert_int_equal(offset % 64, 0);
  assert_true(offset >= 0 && *size >= 0 && offset + *size <= f->body_size);
  return f->body + offset;
}

static void a_small_stream(void **state) {
  (void)state;
  static const char *const texts[] = {"ab", NULL, "cde", "f"};
  struct ArrowSchema schema = {0};
  struct ArrowArray column = {0}, batch = {0}, part = {0};
  struct sluice_buffer stream = {0}, none = {0};
  struct sluice_ipc_writer *writer = NULL;
  struct frame f;
  int64_t size;
  assert_ok(sluice_schema_nested(&schema, "+s", "", 0, 1));
  make_texts("u", texts, 4, schema.children[0], &column);
  assert_ok(sluice_array_adopt(&batch, 4, 0, &none, 1, &column, 1, NULL));
  assert_ok(sluice_array_share(&batch));
  assert_ok(sluice_array_slice(&batch, 1, 2, &part));
  assert_ok(sluice_ipc_create(&schema, collect, &stream, &writer, NULL));
  assert_ok(sluice_ipc_write(writer, &part, NULL));
  assert_ok(sluice_ipc_finish(writer, NULL));
  sluice_ipc_destroy(writer);

  const uint8_t *at = next_frame(&stream, stream.data, &f);
  assert_int_equal(f.type, 1);
  assert_int_equal(f.body_size, 0);
  const uint8_t *fields = follow(slot(f.header, 1));
  assert_int_equal(u32(fields), 1);
  const uint8_t *field = follow(fields + 4), *name = follow(slot(field, 0));
  assert_int_equal(u32(name), 6);
  assert_memory_equal(name + 4, "column", 7);
  assert_int_equal(*slot(field, 1), 1);
  assert_int_equal(*slot(field, 2), 5);

  at = next_frame(&stream, at, &f);
  assert_int_equal(f.type, 3);
  assert_int_equal(i64(slot(f.header, 0)), 2);
  const uint8_t *nodes = follow(slot(f.header, 1));
  assert_int_equal(u32(nodes), 1);
  assert_int_equal(i64(nodes + 4), 2);
  assert_int_equal(i64(nodes + 12), 1);
  assert_int_equal(buffer_of(&f, 0, &size)[0] & 3, 2); /* null, then a value */
  assert_int_equal(size, 1);
  const uint8_t *offsets = buffer_of(&f, 1, &size);
  assert_int_equal(size, 12);
  assert_memory_equal(offsets, "\0\0\0\0\0\0\0\0\3\0\0\0", 12);
  assert_memory_equal(buffer_of(&f, 2, &size), "cde", 3);
  assert_int_equal(size, 3);
  assert_null(slot(f.header, 4));

  at = next_frame(&stream, at, &f);
  assert_int_equal(f.type, 0);
  assert_ptr_equal(at, stream.data + stream.size);
  sluice_buffer_free(&stream);
  sluice_array_release(&part);
  sluice_array_release(&batch);
  sluice_schema_release(&schema);
}

static void frames_of_all_types_are_aligned(void **state) {
  (void)state;
  struct ArrowSchema schema = {0};
  struct ArrowArray array = {0}, part = {0};
  struct sluice_buffer stream = {0};
  struct sluice_ipc_writer *writer = NULL;
  struct frame f;
  int counts[4] = {0};
  assert_ok(sample_schema(&schema, false));
  assert_ok(sample_array(&schema, 30, &array, NULL));
  assert_ok(sluice_array_share(&array));
  assert_ok(sluice_array_slice(&array, 5, 20, &part));
  assert_ok(sluice_ipc_create(&schema, collect, &stream, &writer, NULL));
  assert_ok(sluice_ipc_write(writer, &array, NULL));
  assert_ok(sluice_ipc_write(writer, &part, NULL));
  assert_ok(sluice_ipc_finish(writer, NULL));
  sluice_ipc_destroy(writer);
  for (const uint8_t *at = stream.data; at < stream.data + stream.size;) {
    at = next_frame(&stream, at, &f);
    counts[f.type]++;
    uint32_t buffers = f.type == 3 ? u32(follow(slot(f.header, 2))) : 0;
    for (uint32_t i = 0; i < buffers; i++) {
      int64_t size;
      buffer_of(&f, i, &size);
    }
  }
  assert_int_equal(counts[0], 1);
  assert_int_equal(counts[1], 1);
  assert_int_equal(counts[2], 3); /* the same for both batches, so sent once */
  assert_int_equal(counts[3], 2);
  sluice_buffer_free(&stream);
  sluice_array_release(&part);
  sluice_array_release(&array);
  sluice_schema_release(&schema);
}

static void write_one(const struct ArrowSchema *schema, const struct ArrowArray *array, struct sluice_buffer *out) {
  struct sluice_ipc_writer *writer = NULL;
  assert_ok(sluice_ipc_create(schema, collect, out, &writer, NULL));
  assert_ok(sluice_ipc_write(writer, array, NULL));
  sluice_ipc_destroy(writer);
}

/* True for layouts of which a slice keeps its children or data whole, so that a copy's stream is shorter. */
static bool keeps_whole(const struct ArrowSchema *schema) {
  return schema->format[0] == 'v' || strncmp(schema->format, "+v", 2) == 0 || strncmp(schema->format, "+ud", 3) == 0;
}

/* A slice and a copy of its rows give the same bytes: offsets, bitmaps and run ends start anew. */
static void slices_are_written_as_copies_are(void **state) {
  (void)state;
  static const uint8_t keep[20] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  struct ArrowSchema all = {0};
  assert_ok(sample_schema(&all, false));
  for (int64_t i = 0; i < all.n_children; i++) {
    struct ArrowSchema schema = {0};
    struct ArrowArray array = {0}, slice = {0}, copy = {0};
    struct sluice_buffer a = {0}, b = {0};
    if (keeps_whole(all.children[i]))
      continue;
    assert_ok(sluice_schema_nested(&schema, "+s", "", 0, 1));
    assert_ok(sluice_schema_copy(all.children[i], schema.children[0]));
    assert_ok(sample_array(&schema, 40, &array, NULL));
    assert_ok(sluice_array_share(&array));
    assert_ok(sluice_array_slice(&array, 9, 20, &slice));
    assert_ok(sluice_array_filter(&schema, &slice, keep, &copy, NULL));
    write_one(&schema, &slice, &a);
    write_one(&schema, &copy, &b);
    assert_int_equal(a.size, b.size);
    assert_memory_equal(a.data, b.data, a.size);
    sluice_buffer_free(&a);
    sluice_buffer_free(&b);
    sluice_array_release(&copy);
    sluice_array_release(&slice);
    sluice_array_release(&array);
    sluice_schema_release(&schema);
  }
  sluice_schema_release(&all);
}

/* A record of one dictionary column, whose dictionary is these texts. */
static void make_indexed(const struct ArrowSchema *schema, const char *const *texts, int64_t n,
                         struct ArrowArray *out) {
  struct sluice_builder *b = NULL;
  assert_ok(sluice_builder_create(schema, &b, NULL));
  struct sluice_builder *column = sluice_builder_child(b, 0), *values = sluice_builder_child(column, 0);
  for (int64_t i = 0; i < n; i++)
    assert_ok(sluice_builder_bytes(values, texts[i], strlen(texts[i])));
  for (int64_t i = 0; i < n; i++)
    assert_ok(sluice_builder_int(column, i));
  for (int64_t i = 0; i < n; i++)
    assert_ok(sluice_builder_end(b));
  assert_ok(sluice_builder_finish(b, out, NULL));
  sluice_builder_destroy(b);
}

static void dictionaries_are_sent_when_they_change(void **state) {
  (void)state;
  static const char *const sets[][2] = {{"a", "b"}, {"a", "b"}, {"a", "c"}, {"a", "b"}};
  static const int wanted[] = {1, 2, 3, 3, 2, 3, 2, 3, 0}; /* kinds of frames */
  struct ArrowSchema schema = {0};
  struct sluice_buffer stream = {0};
  struct sluice_ipc_writer *writer = NULL;
  struct frame f;
  assert_ok(sluice_schema_nested(&schema, "+s", "", 0, 1));
  assert_ok(sample_dictionary(schema.children[0], "c", "u", "colour"));
  assert_ok(sluice_ipc_create(&schema, collect, &stream, &writer, NULL));
  for (int i = 0; i < 4; i++) {
    struct ArrowArray array = {0};
    make_indexed(&schema, sets[i], 2, &array);
    assert_ok(sluice_ipc_write(writer, &array, NULL));
    sluice_array_release(&array); /* its memory may be the next one's: content decides */
  }
  assert_ok(sluice_ipc_finish(writer, NULL));
  sluice_ipc_destroy(writer);
  const uint8_t *at = stream.data;
  for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
    at = next_frame(&stream, at, &f);
    assert_int_equal(f.type, wanted[i]);
  }
  assert_ptr_equal(at, stream.data + stream.size);
  sluice_buffer_free(&stream);
  sluice_schema_release(&schema);
}

static void what_has_no_form_is_refused(void **state) {
  (void)state;
  struct ArrowSchema schema = {0};
  struct ArrowArray array = {0};
  struct sluice_error err = {0};
  struct sluice_buffer stream = {0};
  struct sluice_ipc_writer *writer = NULL;
  assert_ok(sluice_schema_init(&schema, "i", "x", 0));
  assert_int_equal(sluice_ipc_create(&schema, collect, &stream, &writer, &err), SLUICE_ERR_UNSUPPORTED);
  sluice_schema_release(&schema);
  assert_ok(sluice_schema_nested(&schema, "+s", "", ARROW_FLAG_NULLABLE, 1));
  assert_ok(sluice_schema_init(schema.children[0], "i", "x", ARROW_FLAG_NULLABLE));
  assert_ok(sluice_array_nulls(&schema, 3, &array));
  assert_ok(sluice_ipc_create(&schema, collect, &stream, &writer, &err));
  size_t before = stream.size;
  assert_int_equal(sluice_ipc_write(writer, &array, &err), SLUICE_ERR_UNSUPPORTED);
  array.children[0]->n_buffers = 1;
  assert_int_equal(sluice_ipc_write(writer, &array, &err), SLUICE_ERR_DATA);
  array.children[0]->n_buffers = 2;
  assert_int_equal(stream.size, before);
  sluice_ipc_destroy(writer);
  sluice_ipc_destroy(NULL);
  sluice_buffer_free(&stream);
  sluice_array_release(&array);
  sluice_schema_release(&schema);
}

static int refuse(void *context, const void *bytes, size_t n, struct sluice_error *err) {
  (void)bytes, (void)n;
  int *left = context;
  return (*left)-- > 0 ? SLUICE_OK : sluice_fail(err, SLUICE_ERR_RETRY, "disk", "full");
}

static void errors_of_the_receiver_come_back(void **state) {
  (void)state;
  struct ArrowSchema schema = {0};
  struct ArrowArray array = {0};
  assert_ok(sample_schema(&schema, false));
  assert_ok(sample_array(&schema, 5, &array, NULL));
  for (int n = 0, done = 0; !done; n++) {
    struct sluice_ipc_writer *writer = NULL;
    struct sluice_error err = {0};
    int left = n;
    int status = sluice_ipc_create(&schema, refuse, &left, &writer, &err);
    if (status == SLUICE_OK)
      status = sluice_ipc_write(writer, &array, &err);
    if (status == SLUICE_OK)
      status = sluice_ipc_finish(writer, &err);
    done = left >= 0;
    assert_int_equal(status, done ? SLUICE_OK : SLUICE_ERR_RETRY);
    assert_string_equal(err.message, done ? "" : "full");
    sluice_ipc_destroy(writer);
  }
  sluice_array_release(&array);
  sluice_schema_release(&schema);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_small_stream),
      cmocka_unit_test(frames_of_all_types_are_aligned),
      cmocka_unit_test(slices_are_written_as_copies_are),
      cmocka_unit_test(dictionaries_are_sent_when_they_change),
      cmocka_unit_test(what_has_no_form_is_refused),
      cmocka_unit_test(errors_of_the_receiver_come_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
