/* Casts of structs, lists, maps, dictionaries: what is reported, and where. */
#include "check.h"

struct misfits {
  int n;
  char text[512];
};

static int note(void *context, int64_t row, const char *column, const char *reason) {
  struct misfits *m = context;
  size_t at = strlen(m->text);
  m->n++;
  snprintf(m->text + at, sizeof m->text - at, "%lld %s %.6s;", (long long)row, column, reason);
  return SLUICE_OK;
}

/* A struct of text "a", text "b" and lists of text "tags". */
static void make_records(struct ArrowSchema *schema, struct ArrowArray *array) {
  static const char *const a[] = {"1", "x", "3"}, *const b[] = {"p", NULL, "r"};
  struct sluice_builder *s = NULL;
  assert_ok(sluice_schema_nested(schema, "+s", "records", 0, 3));
  assert_ok(sluice_schema_init(schema->children[0], "u", "a", ARROW_FLAG_NULLABLE));
  assert_ok(sluice_schema_init(schema->children[1], "u", "b", ARROW_FLAG_NULLABLE));
  assert_ok(sluice_schema_nested(schema->children[2], "+l", "tags", ARROW_FLAG_NULLABLE, 1));
  assert_ok(sluice_schema_init(schema->children[2]->children[0], "u", "item", ARROW_FLAG_NULLABLE));
  assert_ok(sluice_builder_create(schema, &s, NULL));
  for (int i = 0; i < 3; i++) {
    struct sluice_builder *tags = sluice_builder_child(s, 2);
    assert_ok(sluice_builder_bytes(sluice_builder_child(s, 0), a[i], 1));
    assert_ok(b[i] ? sluice_builder_bytes(sluice_builder_child(s, 1), b[i], 1)
                   : sluice_builder_null(sluice_builder_child(s, 1)));
    for (int k = 0; k < i; k++)
      assert_ok(sluice_builder_bytes(sluice_builder_child(tags, 0), k ? "bad" : "7", k ? 3 : 1));
    assert_ok(sluice_builder_end(tags));
    assert_ok(sluice_builder_end(s));
  }
  assert_ok(sluice_builder_finish(s, array, NULL));
  sluice_builder_destroy(s);
}

/* "tags" as integers of some list type, then "a" as integers, "b" as it is, and a new field. */
static void make_target(struct ArrowSchema *to, const char *list) {
  assert_ok(sluice_schema_nested(to, "+s", "records", 0, 4));
  assert_ok(sluice_schema_nested(to->children[0], list, "tags", ARROW_FLAG_NULLABLE, 1));
  assert_ok(sluice_schema_init(to->children[0]->children[0], "i", "item", ARROW_FLAG_NULLABLE));
  assert_ok(sluice_schema_init(to->children[1], "l", "a", ARROW_FLAG_NULLABLE));
  assert_ok(sluice_schema_init(to->children[2], "u", "b", ARROW_FLAG_NULLABLE));
  assert_ok(sluice_schema_init(to->children[3], "g", "new", ARROW_FLAG_NULLABLE));
}

static void fields_go_by_name(void **state) {
  (void)state;
  static const char *const lists[] = {"+l", "+L", "+vl", "+vL"};
  for (size_t i = 0; i < 4; i++) {
    struct ArrowSchema from = {0}, to = {0};
    struct ArrowArray array = {0}, out = {0};
    struct misfits m = {0};
    char room[16];
    make_records(&from, &array);
    make_target(&to, lists[i]);
    assert_ok(sluice_cast(&from, &array, &to, note, &m, &out, NULL));
    assert_ok(sluice_array_validate(&to, &out, SLUICE_CHECK_FULL, NULL));
    assert_string_equal(m.text, "2 tags.item \"bad\" ;1 a \"x\" do;");
    assert_int_equal(((const int64_t *)out.children[1]->buffers[1])[2], 3);
    assert_true(sluice_is_null(out.children[1], 1));
    assert_string_equal(text_at(out.children[2], 2, room, sizeof room), "r");
    assert_int_equal(out.children[3]->null_count, 3);
    assert_int_equal(out.children[0]->null_count, 0);
    sluice_array_release(&out);
    sluice_schema_release(&to);
    sluice_schema_release(&from);
  }
}

static void lists_of_another_length_do_not_fit(void **state) {
  (void)state;
  struct ArrowSchema from = {0}, to = {0};
  struct ArrowArray array = {0}, out = {0};
  struct misfits m = {0};
  make_records(&from, &array);
  make_target(&to, "+w:1");
  assert_ok(sluice_cast(&from, &array, &to, note, &m, &out, NULL));
  assert_string_equal(m.text, "0 tags \"0 ite;2 tags \"2 ite;1 a \"x\" do;");
  assert_int_equal(out.children[0]->null_count, 2);
  assert_ok(sluice_array_validate(&to, &out, SLUICE_CHECK_FULL, NULL));
  sluice_array_release(&out);
  sluice_schema_release(&to);
  sluice_schema_release(&from);
}

/* Columns of the same type are moved, not copied; a failure gives them back. */
static void columns_are_moved(void **state) {
  (void)state;
  struct ArrowSchema from = {0}, to = {0};
  struct ArrowArray array = {0}, out = {0};
  struct misfits m = {0};
  struct sluice_error err = {0};
  make_records(&from, &array);
  make_target(&to, "+l");
  const void *texts = array.children[1]->buffers[2];
  assert_int_equal(sluice_cast(&from, &array, &to, NULL, NULL, &out, &err), SLUICE_ERR_DATA);
  assert_string_equal(err.where, "tags.item");
  assert_ok(sluice_array_validate(&from, &array, SLUICE_CHECK_FULL, NULL));
  assert_ok(sluice_cast(&from, &array, &to, note, &m, &out, NULL));
  assert_ptr_equal(out.children[2]->buffers[2], texts);
  sluice_array_release(&out);
  sluice_schema_release(&to);
  sluice_schema_release(&from);
}

static void no_field_is_lost_or_missing(void **state) {
  (void)state;
  struct ArrowSchema from = {0}, to = {0};
  struct sluice_error err = {0};
  assert_ok(sample_field(&from, "+s", "s"));
  assert_ok(sluice_schema_nested(&to, "+s", "s", 0, 1));
  assert_ok(sluice_schema_init(to.children[0], "i", "a", ARROW_FLAG_NULLABLE));
  assert_int_equal(sluice_cast_check(&from, &to, &err), SLUICE_ERR_UNSUPPORTED);
  assert_non_null(strstr(err.message, "field \"b\" has no place"));
  memset(&err, 0, sizeof err);
  assert_ok(sluice_cast_check(&to, &from, NULL)); /* "b" becomes null */
  from.children[1]->flags = 0;
  assert_int_equal(sluice_cast_check(&to, &from, &err), SLUICE_ERR_UNSUPPORTED);
  assert_non_null(strstr(err.message, "needs a field \"b\""));
  sluice_schema_release(&from);
  sluice_schema_release(&to);
}

/* Columns of batches: fields without a place are left out, and paths begin with the column's own name. */
static void within_a_column_fields_may_be_left_out(void **state) {
  (void)state;
  struct ArrowSchema from = {0}, to = {0};
  struct ArrowArray array = {0}, out = {0};
  struct sluice_builder *b = NULL;
  struct sluice_error err = {0};
  assert_ok(sluice_schema_nested(&from, "+s", "o", ARROW_FLAG_NULLABLE, 2));
  assert_ok(sluice_schema_init(from.children[0], "u", "b", ARROW_FLAG_NULLABLE));
  assert_ok(sluice_schema_init(from.children[1], "l", "a", ARROW_FLAG_NULLABLE));
  assert_ok(sluice_schema_nested(&to, "+s", "o", ARROW_FLAG_NULLABLE, 1));
  assert_ok(sluice_schema_init(to.children[0], "c", "a", ARROW_FLAG_NULLABLE));
  assert_ok(sluice_builder_create(&from, &b, NULL));
  for (int64_t i = 0; i < 2; i++) {
    assert_ok(sluice_builder_bytes(sluice_builder_child(b, 0), "lost", 4));
    assert_ok(sluice_builder_int(sluice_builder_child(b, 1), i * 1000 + 7));
    assert_ok(sluice_builder_end(b));
  }
  assert_ok(sluice_builder_null(b));
  assert_ok(sluice_builder_finish(b, &array, NULL));
  sluice_builder_destroy(b);
  assert_int_equal(sluice_cast_check(&from, &to, &err), SLUICE_ERR_UNSUPPORTED);
  assert_ok(sluice_cast_within_check(&from, &to, NULL));
  memset(&err, 0, sizeof err);
  assert_int_equal(sluice_cast_within(&from, &array, &to, NULL, NULL, &out, &err), SLUICE_ERR_DATA);
  assert_string_equal(err.where, "o.a");
  struct misfits m = {0};
  assert_ok(sluice_cast_within(&from, &array, &to, note, &m, &out, NULL));
  assert_ok(sluice_array_validate(&to, &out, SLUICE_CHECK_FULL, NULL));
  assert_int_equal(((const int8_t *)out.children[0]->buffers[1])[0], 7);
  assert_true(sluice_is_null(out.children[0], 1));
  assert_true(sluice_is_null(&out, 2));
  sluice_array_release(&out);
  to.children[0]->format = "tdD";
  memset(&err, 0, sizeof err);
  assert_int_equal(sluice_cast_within_check(&to, &from, &err), SLUICE_ERR_UNSUPPORTED);
  assert_string_equal(err.where, "o.a");
  sluice_schema_release(&from);
  sluice_schema_release(&to);
}

static void fields_of_one_name_stay_apart(void **state) {
  (void)state;
  struct ArrowSchema from = {0}, to = {0};
  struct ArrowArray array = {0}, out = {0};
  assert_ok(sluice_schema_nested(&from, "+s", "", 0, 2));
  assert_ok(sluice_schema_init(from.children[0], "i", "x", 0));
  assert_ok(sluice_schema_init(from.children[1], "u", "x", 0));
  assert_ok(sluice_schema_copy(&from, &to));
  to.children[0]->format = "l";
  assert_ok(sample_array(&from, 5, &array, NULL));
  assert_ok(sluice_cast(&from, &array, &to, NULL, NULL, &out, NULL));
  assert_ok(sluice_array_validate(&to, &out, SLUICE_CHECK_FULL, NULL));
  assert_int_equal(((const int64_t *)out.children[0]->buffers[1])[4], 4);
  sluice_array_release(&out);
  sluice_schema_release(&from);
  sluice_schema_release(&to);
}

static void dictionaries_hold_each_value_once(void **state) {
  (void)state;
  struct ArrowSchema from = {0}, to = {0};
  struct ArrowArray array = {0}, out = {0};
  struct misfits m = {0};
  static const char *const texts[] = {"red", "blue", NULL, "red", "a longer colour name", "blue", "red"};
  static const int8_t wanted[] = {0, 1, 0, 0, 2, 1, 0};
  make_texts("vu", texts, 7, &from, &array);
  assert_ok(sample_dictionary(&to, "c", "u", "column"));
  assert_ok(sluice_cast(&from, &array, &to, note, &m, &out, NULL));
  assert_ok(sluice_array_validate(&to, &out, SLUICE_CHECK_FULL, NULL));
  assert_int_equal(out.dictionary->length, 3);
  assert_memory_equal(out.buffers[1], wanted, sizeof wanted);
  assert_true(sluice_is_null(&out, 2));
  sluice_array_release(&out);
  sluice_schema_release(&from);
  sluice_schema_release(&to);
}

static void too_many_values_for_the_indexes(void **state) {
  (void)state;
  struct ArrowSchema from = {0}, to = {0};
  struct ArrowArray array = {0}, out = {0};
  struct sluice_builder *b = NULL;
  struct misfits m = {0};
  assert_ok(sluice_schema_init(&from, "l", "column", 0));
  assert_ok(sluice_builder_create(&from, &b, NULL));
  for (int64_t i = 0; i < 3000; i++)
    assert_ok(sluice_builder_int(b, i % 130));
  assert_ok(sluice_builder_finish(b, &array, NULL));
  sluice_builder_destroy(b);
  assert_ok(sample_dictionary(&to, "c", "l", "column"));
  assert_ok(sluice_cast(&from, &array, &to, note, &m, &out, NULL));
  assert_int_equal(m.n, 3000 / 130 * 2);
  assert_int_equal(out.null_count, m.n);
  assert_int_equal(out.dictionary->length, 128);
  assert_ok(sluice_array_validate(&to, &out, SLUICE_CHECK_FULL, NULL));
  sluice_array_release(&out);
  sluice_schema_release(&from);
  sluice_schema_release(&to);
}

static void keys_of_maps_must_all_fit(void **state) {
  (void)state;
  struct ArrowSchema from = {0}, to = {0};
  struct ArrowArray array = {0}, out = {0};
  struct sluice_error err = {0};
  assert_ok(sample_field(&from, "+m", "m"));
  assert_ok(sluice_schema_copy(&from, &to));
  to.children[0]->children[0]->format = "l";
  assert_int_equal(sluice_cast_check(&from, &to, &err), SLUICE_ERR_UNSUPPORTED);
  to.children[0]->children[0]->format = "U";
  to.children[0]->children[1]->format = "u";
  assert_ok(sample_array(&from, 20, &array, NULL));
  assert_ok(sluice_cast(&from, &array, &to, NULL, NULL, &out, NULL));
  assert_ok(sluice_array_validate(&to, &out, SLUICE_CHECK_FULL, NULL));
  sluice_array_release(&out);
  sluice_schema_release(&from);
  sluice_schema_release(&to);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fields_go_by_name),
      cmocka_unit_test(lists_of_another_length_do_not_fit),
      cmocka_unit_test(columns_are_moved),
      cmocka_unit_test(no_field_is_lost_or_missing),
      cmocka_unit_test(within_a_column_fields_may_be_left_out),
      cmocka_unit_test(fields_of_one_name_stay_apart),
      cmocka_unit_test(dictionaries_hold_each_value_once),
      cmocka_unit_test(too_many_values_for_the_indexes),
      cmocka_unit_test(keys_of_maps_must_all_fit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
