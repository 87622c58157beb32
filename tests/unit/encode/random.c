/* Random records read back by jansson are equal, whatever range of the batch is encoded. */
#include "sample.h"
#include <jansson.h>
#include <stdlib.h>

enum { ROWS = 200, TEXT = 40 };
static uint32_t seed = 12345;
static uint32_t random_below(uint32_t n) {
  seed = seed * 1664525 + 1013904223;
  return (seed >> 8) % n;
}

struct data {
  int64_t numbers[ROWS];
  double reals[ROWS];
  int32_t offsets[ROWS + 1], lists[ROWS + 1];
  char text[ROWS * TEXT];
  uint8_t valid[ROWS / 8 + 1];
};

static void fill(struct data *d) {
  static const char *const pieces[] = {
      "a", "\"", "\\", "\n", "\x01", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x8c\x8a", "word ", "/"};
  for (int i = 0; i < ROWS; i++) {
    uint64_t bits =
        (uint64_t)random_below(1 << 24) << 40 ^ (uint64_t)random_below(1 << 24) << 20 ^ random_below(1 << 24);
    memcpy(d->numbers + i, &bits, 8);
    d->reals[i] = (double)d->numbers[i] / (1 + random_below(100000));
    d->offsets[i + 1] = d->offsets[i];
    for (uint32_t n = random_below(10); n > 0; n--) {
      const char *piece = pieces[random_below(10)];
      memcpy(d->text + d->offsets[i + 1], piece, strlen(piece));
      d->offsets[i + 1] += (int32_t)strlen(piece);
      if (d->offsets[i + 1] - d->offsets[i] > TEXT - 8)
        break;
    }
    d->lists[i + 1] = d->lists[i] + (int32_t)random_below(3);
    if (d->lists[i + 1] > ROWS)
      d->lists[i + 1] = ROWS;
    if (random_below(4))
      d->valid[i / 8] = (uint8_t)(d->valid[i / 8] | 1 << (i & 7));
  }
}

static void check_record(const struct data *d, int64_t i, const char *line, size_t n) {
  json_error_t problem;
  json_t *record = json_loadb(line, n, JSON_ALLOW_NUL, &problem);
  assert_non_null(record);
  assert_int_equal(json_integer_value(json_object_get(record, "n")), d->numbers[i]);
  double real = json_number_value(json_object_get(record, "r"));
  assert_memory_equal(&real, d->reals + i, sizeof real);
  json_t *text = json_object_get(record, "t"), *list = json_object_get(record, "l");
  if (sluice_bit(d->valid, i)) {
    assert_int_equal(json_string_length(text), d->offsets[i + 1] - d->offsets[i]);
    assert_memory_equal(json_string_value(text), d->text + d->offsets[i], json_string_length(text));
  } else {
    assert_true(json_is_null(text));
  }
  assert_int_equal(json_array_size(list), d->lists[i + 1] - d->lists[i]);
  for (size_t k = 0; k < json_array_size(list); k++)
    assert_int_equal(json_integer_value(json_array_get(list, k)), d->numbers[d->lists[i] + (int32_t)k]);
  json_decref(record);
}

static void test_read_back(void **state) {
  struct data *d = calloc(1, sizeof *d);
  struct column number, real, text, item, list, record;
  struct sluice_error err = {0};
  void *encoder = NULL;
  (void)state;
  assert_non_null(d);
  fill(d);
  column_set(&number, "l", "n", ROWS, 2, NULL, d->numbers);
  column_set(&real, "g", "r", ROWS, 2, NULL, d->reals);
  column_set(&text, "u", "t", ROWS, 3, d->valid, d->offsets, d->text);
  column_set(&item, "l", "item", ROWS, 2, NULL, d->numbers);
  column_set(&list, "+l", "l", ROWS, 2, NULL, d->lists);
  column_child(&list, &item);
  record_set(&record, ROWS, 4, &number, &real, &text, &list);
  struct sluice_batch batch = {.struct_size = sizeof batch, .array = record.array};
  assert_int_equal(encode_service()->open("ndjson", NULL, &record.schema, &encoder, &err), SLUICE_OK);
  for (int round = 0; round < 200; round++) {
    int64_t shift = random_below(ROWS), first = random_below((uint32_t)(ROWS - shift)),
            last = first + random_below((uint32_t)(ROWS - shift - first + 1));
    struct sluice_encoded out;
    batch.array.offset = shift; /* a slice of the record as a whole */
    batch.array.length = ROWS - shift;
    assert_int_equal(encode_service()->encode(encoder, &batch, first, last, NULL, &out, &err), SLUICE_OK);
    for (int64_t i = 0; i < out.rows; i++) {
      size_t start = i ? out.ends[i - 1] : 0;
      check_record(d, shift + first + i, (const char *)out.data + start, out.ends[i] - start);
    }
  }
  encode_service()->close(encoder);
  free(d);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_read_back)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
