/* Projection: which columns come, which bytes are read; and what is told of a file. */
#include "cmocka_all.h"

#include "kit.h"
#include "rewrite.h"
#include <jansson.h>
#include <sluice/services.h>
#include <stdlib.h>

static void want_init(struct ArrowSchema *want, int64_t n) {
  assert_int_equal(sluice_schema_nested(want, "+s", "", 0, n), SLUICE_OK);
}

static void want_set(struct ArrowSchema *want, int64_t i, const char *name, const char *format, int64_t flags) {
  assert_int_equal(sluice_schema_init(want->children[i], format, name, flags), SLUICE_OK);
}

static void assert_projects(const char *name, struct ArrowSchema *want, uint32_t flags, const char *expected) {
  struct kit_file f = kit_file(name);
  struct kit_read r;
  kit_init(&r, f.data, f.size);
  r.scan.want = want;
  r.scan.flags = flags;
  kit_run(&r);
  put_text(&r.text, r.rc == SLUICE_END ? "" : r.err.message);
  assert_int_equal(sluice_buffer_append(&r.text, "", 1), SLUICE_OK);
  assert_string_equal((const char *)r.text.data, expected);
  kit_finish(&r);
  sluice_schema_release(want);
  kit_file_free(&f);
}

static void columns_in_the_wanted_order(void **state) {
  (void)state;
  struct ArrowSchema want = {0};
  want_init(&want, 3);
  want_set(&want, 0, "b", "", ARROW_FLAG_NULLABLE);
  want_set(&want, 1, "absent", "l", ARROW_FLAG_NULLABLE);
  want_set(&want, 2, "i", "l", ARROW_FLAG_NULLABLE); /* the type is for the host to cast to */
  assert_projects("v4", &want, 0, "true|null|1\nnull|null|null\nfalse|null|3\n");
  want_init(&want, 1);
  want_set(&want, 0, "b", "", ARROW_FLAG_NULLABLE);
  assert_projects("v4", &want, SLUICE_SCAN_EXTRA,
                  "true|1|'a'\nnull|null|null\nfalse|3|'long text, longer than a view'\n");
  want_init(&want, 2);
  want_set(&want, 0, "b", "", ARROW_FLAG_NULLABLE);
  want_set(&want, 1, "b", "", ARROW_FLAG_NULLABLE);
  assert_projects("v4", &want, 0, "true|true\nnull|null\nfalse|false\n");
  want_init(&want, 0);
  assert_projects("v4", &want, 0, "\n\n\n");
  want_init(&want, 1);
  want_set(&want, 0, "absent", "l", 0);
  assert_projects("v4", &want, 0,
                  "there is no column \"absent\", which must have values; check the file, or make the column optional");
}

static void fields_of_structs(void **state) {
  (void)state;
  struct ArrowSchema want = {0};
  want_init(&want, 1);
  assert_int_equal(sluice_schema_nested(want.children[0], "+s", "st", ARROW_FLAG_NULLABLE, 1), SLUICE_OK);
  want_set(want.children[0], 0, "b", "", ARROW_FLAG_NULLABLE);
  assert_projects("nested.stream", &want, 0, "{[1.5]}\nnull\n{null}\nnull\n{null}\n");
}

/* What is not wanted is not even decompressed: it may be damaged. */
static void what_is_not_wanted_is_left_alone(void **state) {
  (void)state;
  struct kit_read r;
  struct kit_file f = kit_file("plain.zstd");
  struct ArrowSchema want = {0};
  char *text = kit_text(f.data, f.size);
  static const uint8_t frame[4] = {0x28, 0xb5, 0x2f, 0xfd};
  size_t frames = 0;
  for (size_t i = 0; i + 4 < f.size; i++)
    if (memcmp(f.data + i, frame, 4) == 0 && frames++ % 7 >= 2) /* the first two of a batch are of the column `i` */
      f.data[i] = 0;
  assert_int_equal(frames, 14);
  char *broken = kit_text(f.data, f.size);
  want_init(&want, 1);
  want_set(&want, 0, "i", "", ARROW_FLAG_NULLABLE);
  kit_init(&r, f.data, f.size);
  r.scan.want = &want;
  kit_run(&r);
  assert_string_not_equal(text, broken);
  assert_int_equal(r.rc, SLUICE_END);
  assert_int_equal(r.rows, 6);
  kit_finish(&r);
  sluice_schema_release(&want);
  free(text);
  free(broken);
  kit_file_free(&f);
}

static void make_wide(struct sluice_buffer *out, int64_t rows) {
  struct ArrowSchema schema = {0};
  struct ArrowArray array = {0};
  const struct ArrowArray *batches[] = {&array};
  struct sluice_builder *b = NULL;
  assert_int_equal(sluice_schema_nested(&schema, "+s", "", 0, 3), SLUICE_OK);
  for (int64_t i = 0; i < 3; i++)
    assert_int_equal(sluice_schema_init(schema.children[i], "l", i == 1 ? "middle" : "other", 0), SLUICE_OK);
  assert_int_equal(sluice_builder_create(&schema, &b, NULL), SLUICE_OK);
  for (int64_t row = 0; row < rows; row++) {
    for (int64_t i = 0; i < 3; i++)
      assert_int_equal(sluice_builder_int(sluice_builder_child(b, i), row), SLUICE_OK);
    assert_int_equal(sluice_builder_end(b), SLUICE_OK);
  }
  assert_int_equal(sluice_builder_finish(b, &array, NULL), SLUICE_OK);
  sluice_builder_destroy(b);
  assert_int_equal(write_stream(&schema, batches, 1, out, NULL), SLUICE_OK);
  array.release(&array);
  schema.release(&schema);
}

/* Of three columns of 800 kB the one in the middle: the source is told which bytes, and not asked for others. */
static void only_wanted_bytes_are_read(void **state) {
  enum { ROWS = 100000 };
  (void)state;
  struct sluice_buffer stream = {.limit = SIZE_MAX};
  struct ArrowSchema want = {0};
  struct kit_read r;
  make_wide(&stream, ROWS);
  want_init(&want, 1);
  want_set(&want, 0, "middle", "", 0);
  kit_init(&r, stream.data, stream.size);
  r.scan.want = &want;
  kit_run(&r);
  assert_int_equal(r.rc, SLUICE_END);
  assert_int_equal(r.rows, ROWS);
  assert_in_range(r.input.announced, 8 * ROWS, 8 * ROWS + 64);
  assert_in_range(r.input.read_bytes, 8 * ROWS, 8 * ROWS + 4096);
  kit_finish(&r);
  sluice_schema_release(&want);
  sluice_buffer_free(&stream);
}

/* ---- inspection ---- */

struct told {
  struct sluice_text_out base;
  struct sluice_buffer json;
};

static int take_text(struct sluice_text_out *out, const char *bytes, size_t n, struct sluice_error *err) {
  struct told *told = out->private_data;
  (void)err;
  return sluice_buffer_append(&told->json, bytes, n);
}

static json_t *inspect(const uint8_t *data, size_t size, struct sluice_error *err) {
  struct told told = {.base = {take_text, &told}};
  struct test_input input = {.data = data, .size = size};
  struct sluice_input in;
  const struct sluice_inspect *power = arrow_side_format()->base->extension(SLUICE_INSPECT);
  struct kit_file v4 = kit_file("v4");
  struct test_input other = {.data = v4.data, .size = v4.size};
  struct sluice_scan scan = {.struct_size = sizeof scan, .part = "part"};
  struct arrow_side side = {.config = arrow_side_config()};
  assert_non_null(power);
  assert_int_equal(arrow_side_open(&side, &other, &scan, err), SLUICE_OK);
  test_input_open(&input, &in);
  int rc = power->inspect(side.self, &in, "part", &told.base, err);
  in.release(&in);
  arrow_side_close(&side);
  json_t *root = rc == SLUICE_OK ? json_loadb((const char *)told.json.data, told.json.size, 0, NULL) : NULL;
  assert_true(rc != SLUICE_OK || root);
  sluice_buffer_free(&told.json);
  kit_file_free(&v4);
  return root;
}

static const char *text_member(const json_t *object, const char *name) {
  const char *value = json_string_value(json_object_get(object, name));
  return value ? value : "";
}

static void what_is_told_of_a_file(void **state) {
  (void)state;
  struct sluice_error err = {0};
  struct kit_file f = kit_file("delta");
  json_t *root = inspect(f.data, f.size, &err);
  const json_t *dictionaries = json_object_get(root, "dictionaries");
  const json_t *first = json_array_get(json_object_get(root, "schema"), 0);
  assert_string_equal(text_member(root, "kind"), "IPC stream");
  assert_string_equal(text_member(root, "version"), "V5");
  assert_int_equal(json_integer_value(json_object_get(root, "rows")), 6);
  assert_string_equal(text_member(first, "name"), "d");
  assert_string_equal(text_member(first, "type"), "dictionary<int8, string>");
  assert_int_equal(json_array_size(dictionaries), 3);
  assert_true(json_is_false(json_object_get(json_array_get(dictionaries, 0), "isDelta")));
  assert_true(json_is_true(json_object_get(json_array_get(dictionaries, 2), "isDelta")));
  assert_int_equal(json_array_size(json_object_get(root, "recordBatches")), 3);
  json_decref(root);
  kit_file_free(&f);
  f = kit_file("plain.zstd");
  root = inspect(f.data, f.size, &err);
  assert_string_equal(text_member(json_array_get(json_object_get(root, "recordBatches"), 0), "compression"), "zstd");
  json_decref(root);
  kit_file_free(&f);
}

/* Damage is part of what is told; only without a schema there is nothing to tell. */
static void what_is_told_of_damaged_ones(void **state) {
  (void)state;
  for (int i = 0; kit_files[i]; i++) {
    struct kit_file f = kit_file(kit_files[i]);
    int told = 0;
    for (size_t n = 0; n < f.size; n += 3) {
      struct sluice_error err = {0};
      json_t *root = inspect(f.data, n, &err);
      assert_true(root || err.message[0]);
      told += root != NULL;
      json_decref(root);
    }
    assert_true(told > 0);
    kit_file_free(&f);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(columns_in_the_wanted_order),      cmocka_unit_test(fields_of_structs),
      cmocka_unit_test(what_is_not_wanted_is_left_alone), cmocka_unit_test(only_wanted_bytes_are_read),
      cmocka_unit_test(what_is_told_of_a_file),           cmocka_unit_test(what_is_told_of_damaged_ones),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
