/* Tests of values, type by type, in loops without branches where the type allows. */
#include "compare.h"
#include <math.h>

#define VERDICT(c, is_less, is_equal, is_greater)                                                                      \
  (uint8_t)(((is_less) & (c)->less) | ((is_equal) & (c)->equal) | ((is_greater) & (c)->greater))

#define NUMBER_LOOP(name, T, literal)                                                                                  \
  static void name(const struct sluice_comparison *c, const void *data, int64_t n, uint8_t *keep) {                    \
    const T *values = data, x = (T)(literal);                                                                          \
    const struct sluice_comparison v = *c;                                                                             \
    for (int64_t i = 0; i < n; i++)                                                                                    \
      keep[i] &= VERDICT(&v, values[i]<x, values[i] == x, values[i]> x);                                               \
  }
NUMBER_LOOP(test_int8, int8_t, c->whole)
NUMBER_LOOP(test_int16, int16_t, c->whole)
NUMBER_LOOP(test_int32, int32_t, c->whole)
NUMBER_LOOP(test_int64, int64_t, c->whole)
NUMBER_LOOP(test_uint8, uint8_t, c->natural)
NUMBER_LOOP(test_uint16, uint16_t, c->natural)
NUMBER_LOOP(test_uint32, uint32_t, c->natural)
NUMBER_LOOP(test_uint64, uint64_t, c->natural)

/* NaN is not equal to anything, and neither less nor greater. */
#define REAL_LOOP(name, T)                                                                                             \
  static void name(const struct sluice_comparison *c, const void *data, int64_t n, uint8_t *keep) {                    \
    const T *values = data, x = (T)c->real;                                                                            \
    const struct sluice_comparison v = *c;                                                                             \
    for (int64_t i = 0; i < n; i++)                                                                                    \
      keep[i] &= (uint8_t)(VERDICT(&v, values[i]<x, values[i] == x, values[i]> x) |                                    \
                           ((isunordered(values[i], x) ? 1 : 0) & v.unordered));                                       \
  }
REAL_LOOP(test_float, float)
REAL_LOOP(test_double, double)

static void test_halves(const struct sluice_comparison *c, const void *data, int64_t n, uint8_t *keep) {
  const uint16_t *values = data;
  for (int64_t i = 0; i < n; i++) {
    double value = half_to_double(values[i]);
    test_double(c, &value, 1, &keep[i]);
  }
}

static void test_bits(const struct sluice_comparison *c, const void *data, int64_t first, int64_t n, uint8_t *keep) {
  uint8_t when_false = VERDICT(c, 0 < c->whole, 0 == c->whole, 0),
          when_true = VERDICT(c, 0, 1 == c->whole, 1 > c->whole);
  for (int64_t i = 0; i < n; i++)
    keep[i] &= sluice_bit(data, first + i) ? when_true : when_false;
}

static int order_wide(struct wide a, struct wide b) {
  if (wide_negative(a) != wide_negative(b))
    return wide_negative(a) ? -1 : 1;
  for (int i = 3; i >= 0; i--)
    if (a.limb[i] != b.limb[i])
      return a.limb[i] < b.limb[i] ? -1 : 1;
  return 0;
}

/* Is it a value of 128 bits? Its upper limbs then only repeat the sign. */
static bool fits_128(struct wide value) {
  uint64_t sign = (value.limb[1] >> 63) ? UINT64_MAX : 0;
  return value.limb[2] == sign && value.limb[3] == sign;
}

static void test_decimals_128(const struct sluice_comparison *c, const uint8_t *data, int64_t n, uint8_t *keep) {
  const struct sluice_comparison v = *c;
  const uint64_t low = c->wide.limb[0];
  const int64_t high = (int64_t)c->wide.limb[1];
  for (int64_t i = 0; i < n; i++) {
    uint64_t words[2];
    memcpy(words, data + 16 * i, sizeof words);
    int64_t top = (int64_t)words[1];
    int less = (top < high) | ((top == high) & (words[0] < low)), equal = (top == high) & (words[0] == low);
    keep[i] &= VERDICT(&v, less, equal, !(less | equal));
  }
}

static void test_decimals(const struct sluice_comparison *c, const uint8_t *data, int64_t n, uint8_t *keep) {
  if (c->type.width == 16 && fits_128(c->wide)) {
    test_decimals_128(c, data, n, keep);
    return;
  }
  for (int64_t i = 0; i < n; i++) {
    int order = order_wide(wide_load(data + i * c->type.width, c->type.width), c->wide);
    keep[i] &= VERDICT(c, order<0, order == 0, order> 0);
  }
}

typedef void number_loop(const struct sluice_comparison *c, const void *data, int64_t n, uint8_t *keep);

static number_loop *loop_of(const struct sluice_type *type) {
  switch (type->id) {
  case SLUICE_TYPE_INT8:
    return test_int8;
  case SLUICE_TYPE_INT16:
    return test_int16;
  case SLUICE_TYPE_UINT8:
    return test_uint8;
  case SLUICE_TYPE_UINT16:
    return test_uint16;
  case SLUICE_TYPE_UINT32:
    return test_uint32;
  case SLUICE_TYPE_UINT64:
    return test_uint64;
  case SLUICE_TYPE_HALF:
    return test_halves;
  case SLUICE_TYPE_FLOAT:
    return test_float;
  case SLUICE_TYPE_DOUBLE:
    return test_double;
  default:
    return type->width == 4 ? test_int32 : test_int64;
  }
}

static bool is_decimal(enum sluice_type_id id) {
  return id >= SLUICE_TYPE_DECIMAL32 && id <= SLUICE_TYPE_DECIMAL256;
}

void compare_values(const struct sluice_comparison *c, const struct ArrowArray *array, int64_t first, int64_t n,
                    uint8_t *keep) {
  const struct sluice_type *type = &c->type;
  enum layout layout = type_layout(type->id);
  if (layout == LAYOUT_BITS)
    test_bits(c, array->buffers[1], array->offset + first, n, keep);
  else if (layout != LAYOUT_FIXED || type->id == SLUICE_TYPE_FIXED_BINARY)
    compare_texts(c, array, first, n, keep);
  else if (is_decimal(type->id))
    test_decimals(c, (const uint8_t *)array->buffers[1] + (array->offset + first) * type->width, n, keep);
  else
    loop_of(type)(c, (const uint8_t *)array->buffers[1] + (array->offset + first) * type->width, n, keep);
}
