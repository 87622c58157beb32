/* Decimals of Avro: big-endian bytes to Arrow's little-endian values, and to digits; UUIDs to text. */
#include "varint.h"

__extension__ typedef unsigned __int128 u128;
enum { MAX_LIMBS = 384 }; /* of 32 bits: about 3,700 digits */

static const uint64_t tens[] = {UINT64_C(1),
                                UINT64_C(10),
                                UINT64_C(100),
                                UINT64_C(1000),
                                UINT64_C(10000),
                                UINT64_C(100000),
                                UINT64_C(1000000),
                                UINT64_C(10000000),
                                UINT64_C(100000000),
                                UINT64_C(1000000000),
                                UINT64_C(10000000000),
                                UINT64_C(100000000000),
                                UINT64_C(1000000000000),
                                UINT64_C(10000000000000),
                                UINT64_C(100000000000000),
                                UINT64_C(1000000000000000),
                                UINT64_C(10000000000000000),
                                UINT64_C(100000000000000000),
                                UINT64_C(1000000000000000000)};
enum { TENS = 18, MAX_WORDS = 4 };

uint64_t avro_decimal_spread(int32_t precision) {
  return precision > TENS ? UINT64_MAX : 2 * (tens[precision] - 1);
}

void avro_decimal_fault(struct avro_run *r, const struct avro_op *op, int64_t n) {
  avro_run_fault(r, op->column, "a decimal of %lld bytes does not fit %u digits", (long long)n,
                 (unsigned)op->column->type->precision);
}

/* 10 to this power as n words, the lowest first. */
static void raise_ten(int32_t power, uint64_t *out, size_t n) {
  memset(out, 0, n * sizeof *out);
  out[0] = 1;
  for (; power > 0; power -= TENS) {
    u128 carry = 0;
    for (size_t i = 0; i < n; i++) {
      carry += (u128)out[i] * tens[power < TENS ? power : TENS];
      out[i] = (uint64_t)carry;
      carry >>= 64;
    }
  }
}

/* Whether a little-endian value of this width has no more digits than `precision`. */
static bool has_digits(const uint8_t *value, uint32_t width, int32_t precision) {
  uint64_t words[MAX_WORDS], limit[MAX_WORDS];
  size_t n = width / sizeof *words;
  memcpy(words, value, width);
  uint64_t negative = words[n - 1] >> 63, carry = negative;
  for (size_t i = 0; i < n; i++) {
    words[i] = (words[i] ^ -negative) + carry;
    carry = carry && words[i] == 0;
  }
  raise_ten(precision, limit, n);
  while (n > 1 && words[n - 1] == limit[n - 1])
    n--;
  return words[n - 1] < limit[n - 1];
}

const uint8_t *avro_decimal_put(struct avro_run *r, const struct avro_op *op, const uint8_t *p, int64_t i, int64_t n) {
  uint32_t width = op->column->width;
  uint8_t *out = op->column->values + i * width;
  uint8_t sign = n > 0 && (p[0] & 0x80) ? 0xff : 0;
  for (; n > width; n--, p++)
    if (*p != sign)
      break;
  if (n > width || (n == width && (p[0] & 0x80) != (sign & 0x80))) {
    avro_decimal_fault(r, op, n);
    n = 0;
  }
  for (int64_t k = 0; k < n; k++)
    out[k] = p[n - 1 - k];
  memset(out + n, sign, width - (size_t)n);
  if (!has_digits(out, width, op->column->type->precision))
    avro_decimal_fault(r, op, n);
  return p;
}

/* Big-endian two's complement to limbs of its absolute value, the lowest first. */
static size_t load(const uint8_t *p, size_t n, uint32_t *limbs, bool *negative) {
  size_t count = (n + 3) / 4;
  *negative = n > 0 && (p[0] & 0x80);
  uint64_t carry = *negative;
  for (size_t i = 0; i < count; i++) {
    uint32_t limb = 0;
    for (size_t k = 0; k < 4; k++) {
      size_t at = i * 4 + k;
      uint32_t byte = at < n ? p[n - 1 - at] : *negative ? 0xff : 0;
      limb |= byte << (8 * k);
    }
    carry += *negative ? (uint32_t)~limb : limb;
    limbs[i] = (uint32_t)carry;
    carry >>= 32;
  }
  while (count > 0 && limbs[count - 1] == 0)
    count--;
  return count;
}

/* Digits of the limbs, which it uses up, the last ones first, by nine; at least one. */
static size_t to_digits(uint32_t *limbs, size_t count, char *digits) {
  size_t n = 0;
  do {
    uint64_t rest = 0;
    for (size_t i = count; i > 0; i--) {
      rest = rest << 32 | limbs[i - 1];
      limbs[i - 1] = (uint32_t)(rest / 1000000000);
      rest %= 1000000000;
    }
    while (count > 0 && limbs[count - 1] == 0)
      count--;
    for (int k = 0; k < 9; k++, rest /= 10)
      digits[n++] = (char)('0' + rest % 10);
  } while (count > 0);
  while (n > 1 && digits[n - 1] == '0')
    n--;
  return n;
}

/* digits are the last first. */
static size_t place_point(const char *digits, size_t n, size_t scale, char *out) {
  size_t at = 0;
  if (scale >= n) {
    out[at++] = '0';
    if (scale)
      out[at++] = '.';
    for (size_t k = n; k < scale; k++)
      out[at++] = '0';
  }
  for (size_t k = n; k > 0; k--) {
    if (k == scale && k != n)
      out[at++] = '.';
    out[at++] = digits[k - 1];
  }
  return at;
}

size_t avro_big_decimal_print(const uint8_t *p, size_t n, char *out) {
  uint32_t limbs[MAX_LIMBS];
  char digits[MAX_LIMBS * 10];
  const uint8_t *end = p + n;
  int64_t size = 0, scale = 0;
  bool negative;
  size_t head = avro_long_within(p, n, &size);
  p += head;
  if (!head || size < 0 || size > end - p || size > (MAX_LIMBS - 8) * 4)
    return 0;
  size_t rest = (size_t)(end - p - size), tail = avro_long_within(p + size, rest, &scale);
  if (!tail || tail != rest || scale < 0 || scale > 300)
    return 0;
  size_t count = to_digits(limbs, load(p, (size_t)size, limbs, &negative), digits);
  size_t at = 0;
  if (negative)
    out[at++] = '-';
  return at + place_point(digits, count, (size_t)scale, out + at);
}

size_t avro_uuid_print(const uint8_t *p, char *out) {
  static const char hex[] = "0123456789abcdef";
  size_t n = 0;
  for (int i = 0; i < 16; i++) {
    if (i == 4 || i == 6 || i == 8 || i == 10)
      out[n++] = '-';
    out[n++] = hex[p[i] >> 4];
    out[n++] = hex[p[i] & 15];
  }
  return n;
}
