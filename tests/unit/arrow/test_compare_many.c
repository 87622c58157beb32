/* Many values at once against a plain twin, value by value: random texts that are alike, and random numbers. */
#include "check.h"

enum { ROWS = 300, FIRST = 5 };

static bool is_true(int32_t compare, int order) {
  switch (compare) {
  case SLUICE_EQUAL:
    return order == 0;
  case SLUICE_NOT_EQUAL:
    return order != 0;
  case SLUICE_LESS:
    return order < 0;
  case SLUICE_LESS_EQUAL:
    return order <= 0;
  case SLUICE_GREATER:
    return order > 0;
  default:
    return order >= 0;
  }
}

/* orders[i]: of value i beside the literal; nulls: 1 where it is null. What is left out stays out. */
static void expect_all(const struct ArrowSchema *schema, const struct ArrowArray *array, const char *literal,
                       const int *orders, const uint8_t *nulls) {
  for (int32_t compare = SLUICE_EQUAL; compare <= SLUICE_GREATER_EQUAL; compare++) {
    struct sluice_comparison *c = NULL;
    uint8_t keep[ROWS], before[ROWS];
    assert_ok(sluice_comparison_create(schema, compare, literal, &c, NULL));
    for (int i = 0; i < ROWS; i++)
      keep[i] = before[i] = next_random() >> 20 & 3 ? 1 : 0;
    assert_ok(sluice_comparison_apply(c, array, FIRST, ROWS - FIRST, keep + FIRST));
    for (int i = FIRST; i < ROWS; i++)
      if (keep[i] != (before[i] && !nulls[i] && is_true(compare, orders[i])))
        fail_msg("%s, comparison %d with '%s': value %d", schema->format, (int)compare, literal, i);
    sluice_comparison_destroy(c);
  }
}

/* Texts that differ late, early, in their length only, or not at all from the literal. */
static void make_text(const char *literal, char *out) {
  size_t size = strlen(literal), at = next_random() % (size + 1);
  memcpy(out, literal, size + 1);
  switch (next_random() % 5) {
  case 0:
    out[at] = 0;
    break;
  case 1:
    memcpy(out + size, "+more than that", next_random() % 2 ? 2 : 16);
    out[size + 1] = out[size + 1] == 'm' ? 0 : out[size + 1];
    break;
  case 2:
    out[at] = at < size ? (char)('a' + next_random() % 26) : 0;
    break;
  case 3:
    out[0] = 0;
    break;
  default:
    break;
  }
}

static int sign(int order) {
  return (order > 0) - (order < 0);
}

static void expect_texts(const char *format, const char *literal) {
  static char texts[ROWS][64];
  const char *list[ROWS];
  int orders[ROWS];
  uint8_t nulls[ROWS];
  struct ArrowSchema schema;
  struct ArrowArray array;
  for (int i = 0; i < ROWS; i++) {
    memset(texts[i], 0, sizeof texts[i]);
    make_text(literal, texts[i]);
    nulls[i] = i % 9 == 4;
    list[i] = nulls[i] ? NULL : texts[i];
    orders[i] = sign(strcmp(texts[i], literal));
  }
  make_texts(format, list, ROWS, &schema, &array);
  expect_all(&schema, &array, literal, orders, nulls);
  sluice_array_release(&array);
  sluice_schema_release(&schema);
}

static void texts_of_all_lengths(void **state) {
  static const char *const formats[] = {"u", "U", "vu", "z", "Z", "vz"};
  static const char letters[] = "the quick brown fox jumps";
  (void)state;
  for (size_t k = 0; k < sizeof formats / sizeof *formats; k++)
    for (size_t size = 0; size < sizeof letters; size++) {
      char literal[sizeof letters];
      snprintf(literal, sizeof literal, "%.*s", (int)size, letters);
      expect_texts(formats[k], literal);
    }
}

/* What stands behind a short text in its view, and below a null, is nobody's. */
static void junk_in_views_is_not_compared(void **state) {
  static const char *const texts[] = {"abc", NULL, "abcd", "", "abc", "abc"};
  static const uint8_t wanted[] = {1, 0, 0, 0, 1, 1};
  struct ArrowSchema schema;
  struct ArrowArray array;
  struct sluice_comparison *c = NULL;
  uint8_t keep[] = {1, 1, 1, 1, 1, 1};
  (void)state;
  make_texts("vu", texts, 6, &schema, &array);
  uint8_t *views = (uint8_t *)(uintptr_t)array.buffers[1];
  memset(views + 7, 0xee, 9);
  memcpy(views + 16, "\3\0\0\0abc", 7);
  memset(views + 16 * 3 + 4, 'a', 12);
  assert_ok(sluice_comparison_create(&schema, SLUICE_EQUAL, "abc", &c, NULL));
  assert_ok(sluice_comparison_apply(c, &array, 0, 6, keep));
  assert_memory_equal(keep, wanted, sizeof keep);
  sluice_comparison_destroy(c);
  memset(views + 16, 0xff, 16); /* a null that points nowhere */
  memcpy(views + 16, "\x11\0\0\0long", 8);
  assert_ok(sluice_comparison_create(&schema, SLUICE_EQUAL, "long, of 17 bytes", &c, NULL));
  memset(keep, 1, sizeof keep);
  assert_ok(sluice_comparison_apply(c, &array, 0, 6, keep));
  for (int i = 0; i < 6; i++)
    assert_int_equal(keep[i], 0);
  sluice_comparison_destroy(c);
  sluice_array_release(&array);
  sluice_schema_release(&schema);
}

static void numbers(void **state) {
  static const char *const formats[] = {"c", "C", "s", "S", "i", "I", "l", "L", "e", "f", "g", "tdD", "tsu:UTC"};
  (void)state;
  for (size_t k = 0; k < sizeof formats / sizeof *formats; k++) {
    struct ArrowSchema schema;
    struct ArrowArray array;
    struct sluice_builder *b = NULL;
    int orders[ROWS];
    uint8_t nulls[ROWS];
    bool real = strchr("efg", formats[k][0]) != NULL, date = formats[k][0] == 't';
    assert_ok(sluice_schema_init(&schema, formats[k], "column", ARROW_FLAG_NULLABLE));
    assert_ok(sluice_builder_create(&schema, &b, NULL));
    for (int i = 0; i < ROWS; i++) {
      int64_t value = (int64_t)(next_random() >> 20) % 9;
      nulls[i] = next_random() >> 20 & 1;
      orders[i] = date ? (value > 0) : sign((int)(value - 4));
      assert_ok(nulls[i] ? sluice_builder_null(b)
                : real   ? sluice_builder_double(b, (double)value)
                         : sluice_builder_int(b, value));
    }
    assert_ok(sluice_builder_finish(b, &array, NULL));
    sluice_builder_destroy(b);
    expect_all(&schema, &array,
               !date                  ? "4"
               : formats[k][1] == 's' ? "1970-01-01T00:00:00Z"
                                      : "1970-01-01",
               orders, nulls);
    sluice_array_release(&array);
    sluice_schema_release(&schema);
  }
}

/* Of both signs, and beside literals that 128 bits do not hold. */
static void decimals(void **state) {
  static const char *const formats[] = {"d:9,0,32", "d:18,0,64", "d:38,0", "d:76,0,256"};
  static const struct {
    const char *text;
    int value; /* so far off that it lies beyond all values: of its sign only */
  } literals[] = {{"0", 0},
                  {"-3", -3},
                  {"5", 5},
                  {"170141183460469231731687303715884105728", 99},
                  {"-170141183460469231731687303715884105729", -99}};
  (void)state;
  for (size_t k = 0; k < 4 * sizeof literals / sizeof *literals; k++) {
    struct ArrowSchema schema, text;
    struct ArrowArray array, source;
    static char texts[ROWS][64];
    const char *list[ROWS], *literal = literals[k / 4].text;
    int orders[ROWS];
    uint8_t nulls[ROWS];
    for (int i = 0; i < ROWS; i++) {
      int value = (int)(next_random() >> 20 & 15) - 8;
      nulls[i] = next_random() >> 20 & 1;
      snprintf(texts[i], sizeof texts[i], "%d", value);
      list[i] = nulls[i] ? NULL : texts[i];
      orders[i] = sign(value - literals[k / 4].value);
    }
    make_texts("u", list, ROWS, &text, &source);
    assert_ok(sluice_schema_init(&schema, formats[k % 4], "column", ARROW_FLAG_NULLABLE));
    assert_ok(sluice_cast(&text, &source, &schema, NULL, NULL, &array, NULL));
    expect_all(&schema, &array, literal, orders, nulls);
    sluice_array_release(&array);
    sluice_schema_release(&schema);
    sluice_schema_release(&text);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(texts_of_all_lengths),
      cmocka_unit_test(junk_in_views_is_not_compared),
      cmocka_unit_test(numbers),
      cmocka_unit_test(decimals),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
