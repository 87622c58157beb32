/* Integers and decimals as text. */
#include "internal.h"

__extension__ typedef unsigned __int128 u128;

const char digit_pairs[200] =
    "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
    "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";

static size_t count_digits(uint64_t value) {
  size_t n = 1;
  for (; value >= 10000; value /= 10000)
    n += 4;
  return n + (value >= 10) + (value >= 100) + (value >= 1000);
}

/* Exactly n digits, zeros in front; what does not fit is cut off at the front. */
static void write_digits(char *out, uint64_t value, size_t n) {
  for (; n >= 2; n -= 2, value /= 100)
    memcpy(out + n - 2, digit_pairs + value % 100 * 2, 2);
  if (n)
    out[0] = (char)('0' + value % 10);
}

size_t sluice_print_uint(char *out, uint64_t value) {
  size_t n = count_digits(value);
  write_digits(out, value, n);
  return n;
}

size_t sluice_print_int(char *out, int64_t value) {
  if (value >= 0)
    return sluice_print_uint(out, (uint64_t)value);
  *out = '-';
  return 1 + sluice_print_uint(out + 1, 0 - (uint64_t)value);
}

size_t print_padded(char *out, uint64_t value, size_t width) {
  size_t n = count_digits(value);
  if (n < width)
    n = width;
  write_digits(out, value, n);
  return n;
}

size_t wide_print(char *out, struct wide value) {
  enum { CHUNK = 18, CHUNKS = 5 };
  static const uint64_t billion_squared = 1000000000000000000u;
  uint64_t chunks[CHUNKS];
  size_t n = 0;
  do
    chunks[n++] = wide_divide(&value, billion_squared);
  while (!wide_is_zero(value) && n < CHUNKS);
  size_t at = sluice_print_uint(out, chunks[--n]);
  while (n > 0)
    at += print_padded(out + at, chunks[--n], CHUNK);
  return at;
}

/* digits * 10^-scale with the point in place, or 12e-345 where that would need many zeros. */
static size_t place_point(char *out, const char *digits, size_t n, int32_t scale) {
  enum { ZEROS_MAX = 40 };
  int64_t whole = (int64_t)n - scale; /* digits in front of the point */
  if (scale > 0 && whole > 0) {
    memcpy(out, digits, (size_t)whole);
    out[whole] = '.';
    memcpy(out + whole + 1, digits + whole, (size_t)scale);
    return n + 1;
  }
  if (scale > 0 && whole > -ZEROS_MAX) {
    size_t zeros = (size_t)-whole;
    memcpy(out, "0.", 2);
    memset(out + 2, '0', zeros);
    memcpy(out + 2 + zeros, digits, n);
    return 2 + zeros + n;
  }
  memcpy(out, digits, n);
  if (scale == 0 || (n == 1 && digits[0] == '0'))
    return n;
  if (scale < 0 && scale >= -ZEROS_MAX) {
    memset(out + n, '0', (size_t)-scale);
    return n + (size_t)-scale;
  }
  out[n] = 'e';
  return n + 1 + sluice_print_int(out + n + 1, -(int64_t)scale);
}

/* Nearly all decimals are small, whatever their width. */
static bool load_small(const uint8_t *p, int32_t bytes, int64_t *out) {
  int32_t low32;
  int64_t word;
  if (bytes < (int32_t)sizeof word) {
    memcpy(&low32, p, sizeof low32);
    *out = low32;
    return true;
  }
  memcpy(out, p, sizeof word);
  for (int32_t at = sizeof word; at < bytes; at += (int32_t)sizeof word) {
    memcpy(&word, p + at, sizeof word);
    if (word != *out >> 63)
      return false;
  }
  return true;
}

/* Of a scale that is one of the powers. */
static size_t print_small(char *out, int64_t value, int32_t scale) {
  static const uint64_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};
  uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  size_t n = value < 0;
  out[0] = '-';
  n += sluice_print_uint(out + n, size / powers[scale]);
  if (scale == 0)
    return n;
  out[n++] = '.';
  write_digits(out + n, size % powers[scale], (size_t)scale);
  return n + (size_t)scale;
}

size_t sluice_print_decimal(char *out, const void *little_endian, int32_t bytes, int32_t scale) {
  enum { SMALL_SCALES = 10 };
  char digits[96];
  int64_t small;
  if (scale >= 0 && scale < SMALL_SCALES && load_small(little_endian, bytes, &small))
    return print_small(out, small, scale);
  struct wide value = wide_load(little_endian, bytes);
  bool negative = wide_negative(value);
  if (negative)
    value = wide_negate(value);
  size_t n = wide_print(digits, value);
  if (negative)
    *out = '-';
  return negative + place_point(out + negative, digits, n, scale);
}
