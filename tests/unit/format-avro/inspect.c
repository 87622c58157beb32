/* What is told of a file, and what it looks like to the probe. */
#include "cmocka_all.h"
#include "kit.h"
#include <jansson.h>
#include <sluice/services.h>

static int put_text(struct sluice_text_out *out, const char *bytes, size_t n, struct sluice_error *err) {
  (void)err;
  kit_put(out->private_data, bytes, n);
  return SLUICE_OK;
}

static json_t *inspect(const struct kit_file *file) {
  const struct sluice_format *format = kit_format();
  const struct sluice_inspect *power = format->base->extension(SLUICE_INSPECT);
  struct kit_options o;
  struct kit_bytes bytes = {.data = file->data, .size = file->size};
  struct sluice_input in;
  struct sluice_error err = {0};
  struct kit_file told = {0};
  struct sluice_text_out out = {put_text, &told};
  void *self;
  kit_defaults(&o);
  kit_input(&bytes, &in);
  assert_int_equal(format->open(NULL, &o.config, &self, &err), SLUICE_OK);
  int code = power->inspect(self, &in, "part", &out, &err);
  format->close(self);
  in.release(&in);
  json_t *json = code ? NULL : json_loadb((const char *)told.data, told.size, 0, NULL);
  kit_free(&told);
  return json;
}

static void tells_what_is_in_it(void **state) {
  struct kit_file file = {0}, data = {0};
  (void)state;
  kit_put(&data, "\x02\x04", 2);
  kit_header(&file, "{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"a\",\"type\":[\"null\",\"int\"]}]}",
             "null");
  kit_block(&file, 1, &data);
  kit_block(&file, 1, &data);
  json_t *json = inspect(&file);
  assert_non_null(json);
  assert_int_equal(json_integer_value(json_object_get(json, "rows")), 2);
  assert_string_equal(json_string_value(json_object_get(json, "codec")), "null");
  assert_int_equal(json_array_size(json_object_get(json, "blocks")), 2);
  const json_t *field = json_array_get(json_object_get(json, "schema"), 0);
  assert_string_equal(json_string_value(json_object_get(field, "name")), "a");
  assert_string_equal(json_string_value(json_object_get(field, "type")), "union of null, int");
  assert_null(json_object_get(json, "broken"));
  json_decref(json);
  file.size -= 3;
  json = inspect(&file);
  assert_non_null(json_object_get(json, "broken"));
  json_decref(json);
  kit_free(&file);
  kit_free(&data);
}

static void every_cut(void **state) {
  struct kit_file file = {0}, data = {0};
  (void)state;
  kit_header(&file, "\"int\"", "deflate");
  kit_block(&file, 0, &data);
  for (size_t whole = file.size; file.size > 0; file.size--) {
    json_t *json = inspect(&file);
    assert_true(json || file.size < whole);
    json_decref(json);
  }
  kit_free(&file);
}

static void probe(void **state) {
  (void)state;
  assert_int_equal(kit_format()->probe("Obj\1xyz", 7, "x"), 100);
  assert_int_equal(kit_format()->probe("a,b\n", 4, "x.csv"), 0);
  assert_in_range(kit_format()->probe("a,b\n", 4, "x.AVRO"), 1, 49);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(tells_what_is_in_it), cmocka_unit_test(every_cut),
                                     cmocka_unit_test(probe)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
