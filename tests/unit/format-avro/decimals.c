/* Decimals at the edge of their precision: the greatest value is read, one more rejects the record. */
#include "cmocka_all.h"
#include "kit.h"

/* Reads one value of this schema; true: it was taken. false: the record was rejected for its digits. */
static bool takes(const char *schema, const struct kit_file *data) {
  struct kit_file file = {0};
  struct kit_options o;
  struct kit_rejects rejects;
  struct kit_result r;
  kit_header(&file, schema, NULL);
  kit_block(&file, 1, data);
  kit_defaults(&o);
  kit_rejects_init(&rejects);
  o.scan.rejects = &rejects.base;
  struct kit_bytes bytes = {.data = file.data, .size = file.size};
  kit_read(&o, &bytes, &r);
  assert_int_equal(r.code, SLUICE_END);
  assert_int_equal(r.rows + rejects.count, 1);
  if (rejects.count) {
    assert_non_null(strstr(rejects.reason, "does not fit"));
    assert_string_equal(rejects.column, "value");
  }
  kit_result_free(&r);
  kit_free(&file);
  return rejects.count == 0;
}

/* 10 to a power, and how far it is from that, as 33 big-endian bytes. */
static void raise(int power, int more, bool negative, uint8_t out[33]) {
  memset(out, 0, 33);
  out[32] = 1;
  for (int k = 0; k < power; k++) {
    unsigned carry = 0;
    for (int i = 32; i >= 0; i--) {
      carry += out[i] * 10u;
      out[i] = (uint8_t)carry;
      carry >>= 8;
    }
  }
  for (int i = 32; more < 0 && i >= 0; i--)
    if (out[i]-- != 0)
      break;
  for (int i = 32, carry = 1; negative && i >= 0; i--) {
    carry += (uint8_t)~out[i];
    out[i] = (uint8_t)carry;
    carry >>= 8;
  }
}

/* The fewest bytes that hold it, or `size` of them. */
static const uint8_t *shorten(const uint8_t *value, size_t *size) {
  size_t n = 33;
  for (; n > 1 && *size == 0; n--, value++)
    if ((value[0] != 0 && value[0] != 0xff) || ((value[0] ^ value[1]) & 0x80))
      break;
  if (*size) {
    value += 33 - *size;
    n = *size;
  }
  *size = n;
  return value;
}

static bool takes_bytes(int precision, const uint8_t *value) {
  struct kit_file data = {0};
  char schema[200];
  size_t n = 0;
  const uint8_t *bytes = shorten(value, &n);
  snprintf(schema, sizeof schema, "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":%d}", precision);
  kit_long(&data, (int64_t)n);
  kit_put(&data, bytes, n);
  bool taken = takes(schema, &data);
  kit_free(&data);
  return taken;
}

static bool takes_fixed(int precision, size_t n, const uint8_t *value) {
  struct kit_file data = {0};
  char schema[200];
  snprintf(schema, sizeof schema,
           "{\"type\":\"fixed\",\"name\":\"f\",\"size\":%zu,\"logicalType\":\"decimal\",\"precision\":%d}", n,
           precision);
  kit_put(&data, shorten(value, &n), n);
  bool taken = takes(schema, &data);
  kit_free(&data);
  return taken;
}

static void every_precision(void **state) {
  (void)state;
  for (int precision = 1; precision <= 76; precision++) {
    size_t n = precision <= 18 ? 8 : precision <= 38 ? 16 : 32;
    for (int negative = 0; negative < 2; negative++) {
      uint8_t most[33], over[33];
      raise(precision, -1, negative, most);
      raise(precision, 0, negative, over);
      assert_true(takes_bytes(precision, most));
      assert_false(takes_bytes(precision, over));
      assert_true(takes_fixed(precision, n, most));
      assert_false(takes_fixed(precision, n, over));
    }
  }
}

/* The greatest numbers that bytes can hold. */
static void whole_words(void **state) {
  static const struct {
    size_t n;
    int precision;
    bool fits;
  } cases[] = {{2, 2, false},   {2, 4, false},   {2, 5, true},    {8, 18, false},  {8, 19, true},   {8, 20, true},
               {16, 38, false}, {16, 18, false}, {16, 39, true},  {32, 76, false}, {32, 39, false}, {17, 38, false},
               {9, 18, false},  {9, 22, true},   {33, 76, false}, {1, 2, false},   {1, 3, true}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (int negative = 0; negative < 2; negative++) {
      struct kit_file data = {0};
      char schema[200];
      snprintf(schema, sizeof schema, "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":%d}",
               cases[i].precision);
      kit_long(&data, (int64_t)cases[i].n);
      kit_put(&data, negative ? "\x80" : "\x7f", 1);
      for (size_t k = 1; k < cases[i].n; k++)
        kit_put(&data, negative ? "" : "\xff", 1);
      assert_int_equal(takes(schema, &data), cases[i].fits);
      kit_free(&data);
    }
}

/* Within a type within itself, which becomes JSON text. */
static void in_json(void **state) {
  static const char schema[] =
      "{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"n\",\"type\":[\"null\",\"r\"]},{\"name\":\"d\","
      "\"type\":{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":2}}]}";
  static const char records[] = "\x02\x00\x02\x63\x02\x05"
                                "\x02\x00\x04\x7f\xff\x02\x05"
                                "\x00\x02\x9d";
  struct kit_file file = {0}, data = {0};
  struct kit_options o;
  struct kit_rejects rejects;
  struct kit_result r;
  (void)state;
  kit_put(&data, records, sizeof records - 1);
  kit_header(&file, schema, NULL);
  kit_block(&file, 3, &data);
  kit_defaults(&o);
  kit_rejects_init(&rejects);
  o.scan.rejects = &rejects.base;
  struct kit_bytes bytes = {.data = file.data, .size = file.size};
  kit_read(&o, &bytes, &r);
  assert_string_equal(r.text, "0 \"{\"n\":null,\"d\":99}\",5\n2 null,-99\n");
  assert_int_equal(rejects.count, 1);
  assert_string_equal(rejects.column, "n");
  kit_result_free(&r);
  kit_free(&file);
  kit_free(&data);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_precision), cmocka_unit_test(whole_words),
                                     cmocka_unit_test(in_json)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
