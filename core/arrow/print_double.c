/* Shortest decimal text of a double or float: Raffaello Giulietti's Schubfach method, with 128-bit powers of ten. */
#include "internal.h"
#include <math.h>

__extension__ typedef unsigned __int128 u128;

struct decimal { /* digits * 10^exponent */
  uint64_t digits;
  int exponent;
};

/* Upper part of power * value, where the lowest bit says whether anything was cut off ("round to odd"). */
static uint64_t round_to_odd(uint64_t high, uint64_t low, uint64_t value) {
  uint64_t carried = (uint64_t)(((u128)low * value) >> 64);
  u128 product = (u128)high * value + carried;
  return (uint64_t)(product >> 64) | ((uint64_t)product > 1);
}

static int floor_log2_power(int exponent) {
  return (exponent * 1741647) >> 19;
} /* log2(10^exponent) */

/* The shortest decimal in the rounding interval of significand * 2^exponent, the closest of those. `uneven` is true at
 * powers of two, whose lower neighbour is only half as far away. */
static struct decimal shortest(uint64_t significand, int exponent, bool uneven) {
  int k = (exponent * 1262611 - (uneven ? 524031 : 0)) >> 22; /* floor of log10 of the interval's width */
  int shift = exponent + floor_log2_power(-k) + 1;
  uint64_t high, low;
  bool exact;
  power_of_ten(-k, &high, &low, &exact);
  if (!exact && ++low == 0)
    high++;                        /* rounded up */
  uint64_t open = significand & 1; /* an odd value's interval does not contain its ends */
  uint64_t value = round_to_odd(high, low, (significand * 4) << shift);
  uint64_t lower = round_to_odd(high, low, (significand * 4 - 2 + uneven) << shift) + open;
  uint64_t upper = round_to_odd(high, low, (significand * 4 + 2) << shift) - open;
  uint64_t s = value / 4;
  if (s >= 10) {
    uint64_t tens = s / 10;
    bool below = lower <= 40 * tens, above = 40 * tens + 40 <= upper;
    if (below != above)
      return (struct decimal){tens + above, k + 1};
  }
  bool below = lower <= 4 * s, above = 4 * s + 4 <= upper;
  if (below != above)
    return (struct decimal){s + above, k};
  uint64_t middle = 4 * s + 2;
  bool up = value > middle || (value == middle && (s & 1));
  return (struct decimal){s + up, k};
}

static struct decimal without_zeros(struct decimal d) {
  if (d.digits % 100000000 == 0) /* short decimals come with ten zeros or more */
    d.digits /= 100000000, d.exponent += 8;
  while (d.digits % 10000 == 0)
    d.digits /= 10000, d.exponent += 4;
  while (d.digits % 10 == 0)
    d.digits /= 10, d.exponent++;
  return d;
}

/* 1.5e-7: for values that need many zeros. */
static size_t layout_exponent(char *out, const char *digits, size_t n, int point) {
  size_t at = 0;
  out[at++] = digits[0];
  if (n > 1) {
    out[at++] = '.';
    memcpy(out + at, digits + 1, n - 1);
    at += n - 1;
  }
  out[at++] = 'e';
  return at + sluice_print_int(out + at, point - 1);
}

/* `point` is where the decimal point stands, counted from the first digit. */
static size_t layout(char *out, struct decimal d) {
  char digits[20];
  size_t n = sluice_print_uint(digits, d.digits);
  int point = (int)n + d.exponent;
  if (point > 16 || point < -3)
    return layout_exponent(out, digits, n, point);
  if (point <= 0) {
    size_t zeros = (size_t)-point;
    memcpy(out, "0.000", 5);
    memcpy(out + 2 + zeros, digits, n);
    return 2 + zeros + n;
  }
  size_t whole = (size_t)point;
  if (whole >= n) {
    memcpy(out, digits, n);
    memset(out + n, '0', whole - n);
    memcpy(out + whole, ".0", 2);
    return whole + 2;
  }
  memcpy(out, digits, whole);
  out[whole] = '.';
  memcpy(out + whole + 1, digits + whole, n - whole);
  return n + 1;
}

static size_t print_special(char *out, bool negative, bool nan) {
  if (nan) {
    memcpy(out, "nan", 3);
    return 3;
  }
  memcpy(out, "-inf", 4);
  if (!negative)
    memcpy(out, "inf", 3);
  return negative ? 4 : 3;
}

/* `bits` of explicit significand, an exponent with this bias. */
static size_t print_parts(char *out, uint64_t fraction, int exponent, int bits, int bias) {
  if (exponent == 0 && fraction == 0) {
    memcpy(out, "0.0", 3);
    return 3;
  }
  uint64_t significand = exponent ? fraction | (uint64_t)1 << bits : fraction;
  int power = (exponent ? exponent : 1) - bias - bits;
  if (power <= 0 && power > -bits - 1 && (significand & (((uint64_t)1 << -power) - 1)) == 0)
    return layout(out, without_zeros((struct decimal){significand >> -power, 0})); /* a small whole number */
  return layout(out, without_zeros(shortest(significand, power, fraction == 0 && exponent > 1)));
}

size_t sluice_print_double(char *out, double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  bool negative = bits >> 63;
  int exponent = (int)(bits >> 52 & 0x7ff);
  uint64_t fraction = bits & (((uint64_t)1 << 52) - 1);
  if (exponent == 0x7ff)
    return print_special(out, negative, fraction != 0);
  if (negative)
    *out = '-';
  return negative + print_parts(out + negative, fraction, exponent, 52, 1023);
}

size_t sluice_print_float(char *out, float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  bool negative = bits >> 31;
  int exponent = (int)(bits >> 23 & 0xff);
  uint32_t fraction = bits & 0x7fffff;
  if (exponent == 0xff)
    return print_special(out, negative, fraction != 0);
  if (negative)
    *out = '-';
  return negative + print_parts(out + negative, fraction, exponent, 23, 127);
}
