/* Text to the nearest double: exact arithmetic for short numbers, then Eisel and Lemire's method with one or two
 * products of 64 bits, and the C library for the rare ones that those cannot decide. */
#include "internal.h"
#include <math.h>
#include <stdlib.h>

__extension__ typedef unsigned __int128 u128;

enum { DIGITS_MAX = 19 }; /* fit 64 bits for sure */

struct number {
  const char *digits, *end; /* of the significand, the point included */
  uint64_t significand;     /* of the first 19 significant digits */
  int64_t exponent;         /* of ten, for that significand */
  bool negative, cut;       /* cut: some digits are not in the significand */
};

static bool is_digit(char c) {
  return (unsigned char)(c - '0') <= 9;
}

static bool scan_exponent(const char *p, const char *end, int64_t *out) {
  bool negative = p < end && *p == '-';
  int64_t value = 0;
  if (p < end && (*p == '-' || *p == '+'))
    p++;
  if (p == end)
    return false;
  for (; p < end; p++) {
    if (!is_digit(*p))
      return false;
    if (value < (int64_t)1 << 50)
      value = value * 10 + (*p - '0'); /* more is infinite or zero all the same */
  }
  *out = negative ? -value : value;
  return true;
}

/* Takes the digits from p on; `used` counts significant ones. Returns the first byte that is none. */
static const char *scan_digits(const char *p, const char *end, struct number *out, int *used, bool fraction) {
  for (; p < end && is_digit(*p); p++) {
    if (*used < DIGITS_MAX) {
      out->significand = out->significand * 10 + (uint64_t)(*p - '0');
      *used += out->significand != 0;
      out->exponent -= fraction;
    } else {
      out->cut |= *p != '0';
      out->exponent += !fraction;
    }
  }
  return p;
}

static bool scan(const char *text, size_t n, struct number *out) {
  const char *p = text, *end = text + n;
  *out = (struct number){.negative = n > 0 && *text == '-'};
  if (n > 0 && (*p == '-' || *p == '+'))
    p++;
  out->digits = p;
  int used = 0;
  p = scan_digits(p, end, out, &used, false);
  bool some = p > out->digits;
  if (p < end && *p == '.') {
    const char *fraction = p + 1;
    p = scan_digits(fraction, end, out, &used, true);
    some |= p > fraction;
  }
  out->end = p;
  if (!some)
    return false;
  if (p == end)
    return true;
  int64_t exponent;
  if ((*p | 0x20) != 'e' || !scan_exponent(p + 1, end, &exponent))
    return false;
  out->exponent += exponent;
  return true;
}

/* Both are exact as doubles, so that one operation rounds once. */
static bool convert_short(uint64_t significand, int64_t exponent, double *out) {
  static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  if (significand >> 53 || exponent < -22 || exponent > 22)
    return false;
  *out = exponent < 0 ? (double)significand / powers[-exponent] : (double)significand * powers[exponent];
  return true;
}

/* The upper 128 bits of significand * 10^exponent; false: what was cut off could decide the rounding. */
static bool multiply(uint64_t significand, int exponent, uint64_t *high, uint64_t *low) {
  uint64_t power_high, power_low;
  bool exact;
  power_of_ten(exponent, &power_high, &power_low, &exact);
  u128 product = (u128)significand * power_high;
  *high = (uint64_t)(product >> 64);
  *low = (uint64_t)product;
  if ((*high & 0x1ff) != 0x1ff || *low + significand >= significand)
    return true;
  u128 rest = (u128)significand * power_low;
  uint64_t merged = *low + (uint64_t)(rest >> 64);
  *high += merged < *low;
  *low = merged;
  return !((*high & 0x1ff) == 0x1ff && merged + 1 == 0 && (uint64_t)rest + significand < significand);
}

/* Normal doubles only; false: not decided here. */
static bool convert_product(uint64_t significand, int64_t exponent, double *out) {
  if (significand == 0 || exponent < -330 || exponent > 308)
    return false;
  int zeros = __builtin_clzll(significand);
  uint64_t high, low;
  if (!multiply(significand << zeros, (int)exponent, &high, &low))
    return false;
  int top = (int)(high >> 63);
  uint64_t mantissa = high >> (top + 9);
  if (low == 0 && (high & 0x1ff) == 0 && (mantissa & 3) == 1)
    return false; /* perhaps exactly half way */
  int64_t power = (exponent * 217706 >> 16) + 64 + 1023 - zeros - (1 ^ top);
  mantissa = (mantissa + (mantissa & 1)) >> 1;
  if (mantissa >> 53) {
    mantissa >>= 1;
    power++;
  }
  if (power < 1 || power > 2046)
    return false;
  uint64_t bits = (uint64_t)power << 52 | (mantissa & (((uint64_t)1 << 52) - 1));
  memcpy(out, &bits, sizeof bits);
  return true;
}

/* Digits and an exponent without a point, so that no locale matters. 770 digits decide every rounding; a 1 behind them
 * stands for all that follow. */
static double convert_slow(const struct number *number) {
  enum { KEPT = 770 };
  char text[KEPT + 40];
  size_t n = 0;
  int64_t exponent = number->exponent, dropped = 0;
  bool rest = false;
  int used = 0;
  for (const char *p = number->digits; p < number->end; p++) {
    if (*p == '.' || (n == 0 && *p == '0'))
      continue;
    if (used < DIGITS_MAX)
      used++;
    else
      exponent--; /* number->exponent is that of the first 19 digits */
    if (n < KEPT) {
      text[n++] = *p;
    } else {
      dropped++;
      rest |= *p != '0';
    }
  }
  if (n == 0)
    return 0;
  text[n] = '1';
  exponent += dropped - rest;
  n += rest;
  if (exponent > 100000)
    exponent = 100000;
  if (exponent < -100000)
    exponent = -100000;
  text[n++] = 'e';
  n += sluice_print_int(text + n, exponent);
  text[n] = 0;
  return strtod(text, NULL);
}

static double convert(const struct number *number) {
  double value, next;
  if (number->significand == 0)
    return 0;
  if (!number->cut && convert_short(number->significand, number->exponent, &value))
    return value;
  if (convert_product(number->significand, number->exponent, &value)) {
    if (!number->cut)
      return value;
    if (convert_product(number->significand + 1, number->exponent, &next) && next <= value)
      return value;
  }
  return convert_slow(number);
}

static bool is_word(const char *text, size_t n, const char *word) {
  if (strlen(word) != n)
    return false;
  for (size_t i = 0; i < n; i++)
    if ((text[i] | 0x20) != word[i])
      return false;
  return true;
}

static bool parse_word(const char *text, size_t n, double *out) {
  bool sign = n > 0 && (*text == '-' || *text == '+'), negative = sign && *text == '-';
  text += sign;
  n -= sign;
  if (is_word(text, n, "nan"))
    *out = (double)NAN;
  else if (is_word(text, n, "inf") || is_word(text, n, "infinity"))
    *out = negative ? -HUGE_VAL : HUGE_VAL;
  else
    return false;
  return true;
}

bool sluice_parse_double(const char *text, size_t n, double *out) {
  struct number number;
  if (!scan(text, n, &number))
    return parse_word(text, n, out);
  double value = convert(&number);
  if (isinf(value))
    return false;
  *out = number.negative ? -value : value;
  return true;
}
