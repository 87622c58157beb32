/* Decimals of Avro: big-endian bytes to Arrow's little-endian values, and to digits; UUIDs to text. */
#include "varint.h"

enum { MAX_LIMBS = 384 }; /* of 32 bits: about 3,700 digits */

const uint8_t *avro_decimal_put(struct avro_run *r, const struct avro_op *op, const uint8_t *p, int64_t i, int64_t n) {
  uint32_t width = op->column->width;
  uint8_t *out = op->column->values + i * width;
  uint8_t sign = n > 0 && (p[0] & 0x80) ? 0xff : 0;
  for (; n > width; n--, p++)
    if (*p != sign)
      break;
  if (n > width || (n == width && (p[0] & 0x80) != (sign & 0x80))) {
    avro_run_fault(r, op->column, "a decimal of %lld bytes does not fit %u digits", (long long)n,
                   (unsigned)op->column->type->precision);
    n = 0;
  }
  for (int64_t k = 0; k < n; k++)
    out[k] = p[n - 1 - k];
  memset(out + n, sign, width - (size_t)n);
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

/* Reads a number of up to 10 bytes within p..end; NULL: there is none. */
static const uint8_t *bounded_long(const uint8_t *p, const uint8_t *end, int64_t *out) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 70 && p < end; shift += 7) {
    value |= (uint64_t)(*p & 0x7f) << shift;
    if (*p++ & 0x80)
      continue;
    *out = avro_unzigzag(value);
    return p;
  }
  return NULL;
}

size_t avro_big_decimal_print(const uint8_t *p, size_t n, char *out) {
  uint32_t limbs[MAX_LIMBS];
  char digits[MAX_LIMBS * 10];
  const uint8_t *end = p + n;
  int64_t size = 0, scale = 0;
  bool negative;
  p = bounded_long(p, end, &size);
  if (!p || size < 0 || size > end - p || size > (MAX_LIMBS - 8) * 4)
    return 0;
  const uint8_t *rest = bounded_long(p + size, end, &scale);
  if (!rest || rest != end || scale < 0 || scale > 300)
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
