/* Validation: each way in which an array can be wrong is found, and nothing outside is read on the way. */
#include "check.h"

struct column { /* one column of a type, whose buffers the test may spoil */
  struct ArrowSchema schema;
  struct ArrowArray array;
};

static void make(struct column *c, const char *format, int64_t rows) {
  memset(c, 0, sizeof *c);
  assert_ok(sample_field(&c->schema, format, "column"));
  assert_ok(sample_array(&c->schema, rows, &c->array, NULL));
  assert_ok(sluice_array_validate(&c->schema, &c->array, SLUICE_CHECK_FULL, NULL));
}

static void drop(struct column *c) {
  sluice_array_release(&c->array);
  sluice_schema_release(&c->schema);
}

/* The test owns the memory that it spoils: const is for other readers. */
static void *writable(const void *buffer) {
  void *out;
  memcpy(&out, &buffer, sizeof out);
  return out;
}

static void expect_bad(struct column *c, enum sluice_check_level level, const char *what) {
  struct sluice_error err = {0};
  assert_int_equal(sluice_array_validate(&c->schema, &c->array, level, &err), SLUICE_ERR_DATA);
  if (!strstr(err.message, what))
    fail_msg("\"%s\" does not say \"%s\"", err.message, what);
  assert_string_equal(err.where[0] ? err.where : "column", "column");
}

static void expect_only_full(struct column *c, const char *what) {
  assert_ok(sluice_array_validate(&c->schema, &c->array, SLUICE_CHECK_SHAPE, NULL));
  expect_bad(c, SLUICE_CHECK_FULL, what);
}

static void spoil_count(struct column *c, int64_t *field, int64_t value, const char *what) {
  int64_t old = *field;
  *field = value;
  expect_bad(c, SLUICE_CHECK_SHAPE, what);
  *field = old;
}

static void counts(void **state) {
  (void)state;
  struct column c;
  make(&c, "i", 20);
  spoil_count(&c, &c.array.length, -1, "length");
  spoil_count(&c, &c.array.offset, -1, "length or offset");
  spoil_count(&c, &c.array.offset, INT64_MAX - 5, "length or offset");
  spoil_count(&c, &c.array.length, INT64_MAX, "length");
  spoil_count(&c, &c.array.null_count, -2, "null count");
  spoil_count(&c, &c.array.null_count, 21, "null count");
  spoil_count(&c, &c.array.n_buffers, 1, "1 buffers");
  spoil_count(&c, &c.array.n_buffers, 0, "0 buffers");
  spoil_count(&c, &c.array.n_buffers, -1, "-1 buffers");
  spoil_count(&c, &c.array.n_children, 1, "1 children");
  c.array.null_count = 5;
  expect_only_full(&c, "null count is 5");
  drop(&c);
}

static void missing_buffers(void **state) {
  (void)state;
  static const char *const formats[] = {"b", "i", "u", "Z", "vu", "+l", "+L", "+vl", "d:5,2", "tdD"};
  for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
    struct column c;
    make(&c, formats[i], 20);
    const void *old = c.array.buffers[1];
    c.array.buffers[1] = NULL;
    expect_bad(&c, SLUICE_CHECK_SHAPE, "buffer 1 is missing");
    c.array.buffers[1] = old;
    old = c.array.buffers[0];
    c.array.buffers[0] = NULL;
    expect_bad(&c, SLUICE_CHECK_SHAPE, "no validity bitmap");
    c.array.buffers[0] = old;
    const void **list = c.array.buffers;
    c.array.buffers = NULL;
    expect_bad(&c, SLUICE_CHECK_SHAPE, "pointers are missing");
    c.array.buffers = list;
    drop(&c);
  }
}

static void unaligned_buffers(void **state) {
  (void)state;
  struct column c;
  make(&c, "l", 20);
  const void *old = c.array.buffers[1];
  c.array.length = 10;
  c.array.null_count = -1;
  c.array.buffers[1] = (const char *)old + 4;
  expect_bad(&c, SLUICE_CHECK_SHAPE, "not aligned");
  c.array.buffers[1] = old;
  drop(&c);
}

static void offsets_of_text(void **state) {
  (void)state;
  struct column c;
  make(&c, "u", 20);
  int32_t *offsets = writable(c.array.buffers[1]), last = offsets[20];
  offsets[0] = -1;
  expect_bad(&c, SLUICE_CHECK_SHAPE, "offsets");
  offsets[0] = 0;
  offsets[20] = -5;
  expect_bad(&c, SLUICE_CHECK_SHAPE, "offsets");
  offsets[20] = last;
  offsets[7] = INT32_MAX;
  expect_only_full(&c, "row 7: offsets do not rise");
  drop(&c);
}

static void offsets_of_lists(void **state) {
  (void)state;
  struct column c;
  make(&c, "+l", 20);
  int32_t *offsets = writable(c.array.buffers[1]);
  ++offsets[20];
  expect_bad(&c, SLUICE_CHECK_SHAPE, "beyond the items");
  --offsets[20];
  offsets[3] = 1000;
  expect_only_full(&c, "row 3: offsets do not rise");
  drop(&c);
  make(&c, "+vL", 20);
  int64_t *starts = writable(c.array.buffers[1]);
  starts[5] = INT64_MAX;
  expect_only_full(&c, "row 5: a list view beyond its items");
  drop(&c);
  make(&c, "+w:2", 20);
  --c.array.children[0]->length;
  c.array.children[0]->null_count = -1;
  expect_bad(&c, SLUICE_CHECK_SHAPE, "too few items");
  ++c.array.children[0]->length;
  drop(&c);
}

static void text_that_is_not_utf8(void **state) {
  (void)state;
  static const char *const formats[] = {"u", "U"};
  for (int i = 0; i < 2; i++) {
    struct column c;
    make(&c, formats[i], 20);
    uint8_t *data = writable(c.array.buffers[2]);
    data[0] = 0xff;
    expect_only_full(&c, "row 0: text is not UTF-8");
    data[0] = 'a';
    drop(&c);
  }
  static const char *const texts[] = {"caf\xc3\xa9"};
  struct column c = {{0}, {0}};
  make_texts("u", texts, 1, &c.schema, &c.array);
  int32_t *offsets = writable(c.array.buffers[1]);
  offsets[1] = 4; /* within the last character */
  expect_only_full(&c, "row 0: text is not UTF-8");
  drop(&c);
}

/* What lies under a null is nobody's. */
static void nulls_hide_what_is_there(void **state) {
  (void)state;
  static const char *const texts[] = {"good", "bad", "good"};
  static const uint8_t valid = 5;
  struct column c = {{0}, {0}};
  make_texts("u", texts, 3, &c.schema, &c.array);
  memset((char *)writable(c.array.buffers[2]) + 4, 0xff, 3);
  expect_only_full(&c, "row 1: text is not UTF-8");
  c.array.buffers[0] = &valid;
  c.array.null_count = 1;
  assert_ok(sluice_array_validate(&c.schema, &c.array, SLUICE_CHECK_FULL, NULL));
  c.array.buffers[0] = NULL; /* not the array's to free */
  drop(&c);
}

struct view {
  int32_t size;
  char prefix[4];
  int32_t buffer, offset;
};

static void views(void **state) {
  (void)state;
  static const char *const texts[] = {"a text that is not inline", "short"};
  struct column c = {{0}, {0}};
  make_texts("vu", texts, 2, &c.schema, &c.array);
  struct view *views = writable(c.array.buffers[1]), good = views[0];
  views[0].size = -1;
  expect_only_full(&c, "negative size");
  views[0] = good;
  views[0].buffer = 1;
  expect_only_full(&c, "buffer that is not there");
  views[0].buffer = -1;
  expect_only_full(&c, "buffer that is not there");
  views[0] = good;
  views[0].offset = 1;
  expect_only_full(&c, "beyond its buffer");
  views[0].offset = -1;
  expect_only_full(&c, "beyond its buffer");
  views[0] = good;
  views[0].size = INT32_MAX;
  expect_only_full(&c, "beyond its buffer");
  views[0] = good;
  views[0].prefix[2] = '!';
  expect_only_full(&c, "prefix");
  views[0] = good;
  views[1].prefix[0] = (char)0xff;
  expect_only_full(&c, "row 1: text is not UTF-8");
  views[1].prefix[0] = 's';
  int64_t *sizes = writable(c.array.buffers[3]);
  sizes[0] = -1;
  expect_bad(&c, SLUICE_CHECK_SHAPE, "a data buffer is missing");
  sizes[0] = 25;
  assert_ok(sluice_array_validate(&c.schema, &c.array, SLUICE_CHECK_FULL, NULL));
  drop(&c);
}

static void unions(void **state) {
  (void)state;
  struct column c;
  make(&c, "+ud:0,5", 20);
  int8_t *types = writable(c.array.buffers[0]);
  int32_t *offsets = writable(c.array.buffers[1]), old = offsets[4];
  types[3] = 1;
  expect_only_full(&c, "row 3: a type code");
  types[3] = -1;
  expect_only_full(&c, "row 3: a type code");
  types[3] = 5;
  offsets[4] = 10;
  expect_only_full(&c, "row 4: an offset beyond");
  offsets[4] = -1;
  expect_only_full(&c, "row 4: an offset beyond");
  offsets[4] = old;
  drop(&c);
  make(&c, "+us:3,1", 20);
  --c.array.children[1]->length;
  c.array.children[1]->null_count = -1;
  expect_bad(&c, SLUICE_CHECK_SHAPE, "too few rows");
  ++c.array.children[1]->length;
  drop(&c);
}

static void runs(void **state) {
  (void)state;
  struct column c;
  make(&c, "+r", 20);
  int32_t *ends = writable(c.array.children[0]->buffers[1]);
  int64_t n = c.array.children[0]->length;
  --ends[n - 1];
  expect_bad(&c, SLUICE_CHECK_SHAPE, "end before the last row");
  ++ends[n - 1];
  ends[1] = ends[0];
  expect_only_full(&c, "row 1: run ends do not rise");
  ends[1] = 0;
  expect_only_full(&c, "row 1: run ends do not rise");
  ends[1] = 3;
  --c.array.children[1]->length;
  c.array.children[1]->null_count = -1;
  expect_bad(&c, SLUICE_CHECK_SHAPE, "fewer values than runs");
  ++c.array.children[1]->length;
  drop(&c);
}

static void dictionaries(void **state) {
  (void)state;
  static const char *const formats[] = {"c", "C", "s", "S", "i", "I", "l", "L"};
  for (size_t i = 0; i < 8; i++) {
    struct column c = {{0}, {0}};
    struct sluice_type type;
    assert_ok(sample_dictionary(&c.schema, formats[i], "u", "column"));
    assert_ok(sample_array(&c.schema, 20, &c.array, NULL));
    assert_ok(sluice_array_validate(&c.schema, &c.array, SLUICE_CHECK_FULL, NULL));
    assert_ok(sluice_type_parse(formats[i], &type, NULL));
    uint8_t *index = (uint8_t *)writable(c.array.buffers[1]) + 2 * type.width;
    index[0] = 10;
    expect_only_full(&c, "row 2: an index beyond");
    memset(index, 0xff, (size_t)type.width);
    expect_only_full(&c, "row 2: an index beyond");
    struct ArrowArray *dictionary = c.array.dictionary;
    c.array.dictionary = NULL;
    expect_bad(&c, SLUICE_CHECK_SHAPE, "dictionary is missing");
    c.array.dictionary = dictionary;
    drop(&c);
  }
}

static void structs_and_maps(void **state) {
  (void)state;
  struct column c;
  make(&c, "+s", 20);
  c.array.children[0]->length = 19;
  c.array.children[0]->null_count = -1;
  expect_bad(&c, SLUICE_CHECK_SHAPE, "too few rows");
  c.array.children[0]->length = 20;
  struct ArrowArray *child = c.array.children[1];
  c.array.children[1] = NULL;
  expect_bad(&c, SLUICE_CHECK_SHAPE, "a child is missing");
  c.array.children[1] = child;
  drop(&c);
  make(&c, "+m", 20);
  static uint8_t none[16];
  struct ArrowArray *keys = c.array.children[0]->children[0];
  keys->buffers[0] = none;
  keys->null_count = -1;
  expect_only_full(&c, "a key of a map is null");
  keys->buffers[0] = NULL;
  drop(&c);
}

static void faults_below_have_their_path(void **state) {
  (void)state;
  struct ArrowSchema schema = {0};
  struct ArrowArray array = {0};
  struct sluice_error err = {0};
  assert_ok(sluice_schema_nested(&schema, "+s", "top", 0, 1));
  assert_ok(sluice_schema_nested(schema.children[0], "+l", "tags", 0, 1));
  assert_ok(sample_field(schema.children[0]->children[0], "+s", "item"));
  assert_ok(sample_array(&schema, 20, &array, NULL));
  array.children[0]->children[0]->children[1]->buffers[1] =
      (free(writable(array.children[0]->children[0]->children[1]->buffers[1])), NULL);
  assert_int_equal(sluice_array_validate(&schema, &array, SLUICE_CHECK_SHAPE, &err), SLUICE_ERR_DATA);
  assert_string_equal(err.where, "tags.item.b");
  sluice_array_release(&array);
  sluice_schema_release(&schema);
}

/* Random bits in every buffer, but for what C Data has no way to prove (the last offset of text, the sizes of a view's
 * buffers, more rows than there are): whatever the full check lets through must be safe to copy, weigh and write. */
static void spoil(struct ArrowArray *array, const struct ArrowSchema *schema) {
  bool view = schema->format[0] == 'v';
  for (int64_t i = 0; i < array->n_buffers - view && array->length > 2; i++) {
    uint8_t *bytes = writable(array->buffers[i]);
    if (bytes && next_random() % 4 == 0)
      bytes[next_random() % 8] ^= (uint8_t)(1u << next_random() % 8);
  }
  if (next_random() % 8 == 0 && array->length > 0)
    --array->length;
  for (int64_t i = 0; i < array->n_children; i++)
    if (next_random() % 4 == 0)
      spoil(array->children[i], schema->children[i]);
  if (array->dictionary && next_random() % 4 == 0)
    spoil(array->dictionary, schema->dictionary);
}

static int discard(void *context, const void *bytes, size_t n, struct sluice_error *err) {
  (void)err;
  for (size_t i = 0; i < n; i++)
    *(uint64_t *)context += ((const uint8_t *)bytes)[i];
  return SLUICE_OK;
}

static int use(const struct ArrowSchema *schema, const struct ArrowArray *array) {
  uint8_t keep[64];
  uint64_t sum = 0;
  struct ArrowArray copy = {0};
  struct sluice_ipc_writer *writer = NULL;
  memset(keep, 1, sizeof keep);
  keep[3] = 0;
  if (sluice_array_validate(schema, array, SLUICE_CHECK_FULL, NULL) != SLUICE_OK)
    return 0;
  assert_true(array->length <= 64);
  assert_true(sluice_array_bytes(schema, array) >= 0);
  assert_ok(sluice_array_filter(schema, array, keep, &copy, NULL));
  sluice_array_release(&copy);
  assert_ok(sluice_ipc_create(schema, discard, &sum, &writer, NULL));
  int status = sluice_ipc_write(writer, array, NULL);
  assert_true(status == SLUICE_OK || status == SLUICE_ERR_UNSUPPORTED);
  sluice_ipc_destroy(writer);
  return 1;
}

static void what_passes_is_safe(void **state) {
  (void)state;
  struct ArrowSchema all = {0};
  int passed = 0, tried = 0;
  assert_ok(sample_schema(&all, false));
  for (int64_t i = 0; i < all.n_children * 12; i++) {
    struct ArrowSchema schema = {0};
    struct ArrowArray array = {0};
    int64_t lengths = 16;
    assert_ok(sluice_schema_nested(&schema, "+s", "", 0, 1));
    assert_ok(sluice_schema_copy(all.children[i % all.n_children], schema.children[0]));
    assert_ok(sample_array(&schema, lengths, &array, NULL));
    spoil(array.children[0], schema.children[0]);
    passed += use(&schema, &array);
    tried++;
    sluice_array_release(&array);
    sluice_schema_release(&schema);
  }
  assert_true(passed > 0 && passed < tried);
  sluice_schema_release(&all);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(counts),
      cmocka_unit_test(missing_buffers),
      cmocka_unit_test(unaligned_buffers),
      cmocka_unit_test(offsets_of_text),
      cmocka_unit_test(offsets_of_lists),
      cmocka_unit_test(text_that_is_not_utf8),
      cmocka_unit_test(nulls_hide_what_is_there),
      cmocka_unit_test(views),
      cmocka_unit_test(unions),
      cmocka_unit_test(runs),
      cmocka_unit_test(dictionaries),
      cmocka_unit_test(structs_and_maps),
      cmocka_unit_test(faults_below_have_their_path),
      cmocka_unit_test(what_passes_is_safe),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
