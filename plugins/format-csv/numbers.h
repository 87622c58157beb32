/* Fast ways for the usual shapes of numbers; each falls back to core/arrow's exact parsers. Texts have 16 readable
 * bytes behind their start. */
#ifndef CSV_NUMBERS_H
#define CSV_NUMBERS_H
#include "classify.h"

static inline bool csv_all_digits8(uint64_t w) {
  return ((w & 0xf0f0f0f0f0f0f0f0ull) | ((w + 0x0606060606060606ull) & 0xf0f0f0f0f0f0f0f0ull) >> 4) ==
         0x3333333333333333ull;
}

/* The number that eight digits stand for, the first in the lowest byte. */
static inline uint64_t csv_value8(uint64_t w) {
  w -= 0x3030303030303030ull;
  w = w * 10 + (w >> 8);
  return ((w & 0x000000ff000000ffull) * 0x000f424000000064ull +
          ((w >> 16) & 0x000000ff000000ffull) * 0x0000271000000001ull) >>
         32;
}

/* n digits, 1 to 8, with zeros put before them. */
static inline uint64_t csv_load_digits(const char *p, size_t n) {
  uint64_t w = csv_load8(p);
  return n == 8 ? w : w << (8 * (8 - n)) | 0x3030303030303030ull >> (8 * n);
}

static inline bool csv_digits(const char *p, size_t n, uint64_t *out) {
  if (n - 1 > 15)
    return false;
  size_t high = n > 8 ? n - 8 : 0;
  uint64_t low = csv_load_digits(p + high, n - high), value = 0;
  bool ok = csv_all_digits8(low);
  if (high) {
    uint64_t w = csv_load_digits(p, high);
    ok &= csv_all_digits8(w);
    value = csv_value8(w) * 100000000u;
  }
  *out = value + csv_value8(low);
  return ok;
}

static inline bool csv_parse_int(const char *p, size_t n, int64_t *out) {
  bool minus = p[0] == '-';
  uint64_t value;
  if (!csv_digits(p + minus, n - minus, &value))
    return sluice_parse_int(p, n, out);
  *out = minus ? -(int64_t)value : (int64_t)value;
  return true;
}

/* Up to 15 digits and a point: both parts of the quotient are exact, so it is rounded once. */
static inline bool csv_parse_double(const char *p, size_t n, double *out) {
  static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14};
  bool minus = p[0] == '-';
  uint64_t value = 0;
  size_t i = minus, point = n;
  if (n > 16 + (size_t)minus)
    return sluice_parse_double(p, n, out);
  for (; i < n; i++) {
    unsigned digit = (unsigned char)(p[i] - '0');
    if (digit <= 9)
      value = value * 10 + digit;
    else if (p[i] == '.' && point == n)
      point = i;
    else
      return sluice_parse_double(p, n, out);
  }
  size_t whole = point - minus, fraction = point == n ? 0 : n - 1 - point;
  if (whole == 0 || (point < n && fraction == 0) || whole + fraction > 15)
    return sluice_parse_double(p, n, out);
  double quotient = (double)value / powers[fraction];
  *out = minus ? -quotient : quotient;
  return true;
}

/* YYYY-MM-DD in the years 0000 to 9999. */
static inline bool csv_parse_date(const char *p, size_t n, int32_t *out) {
  static const uint8_t lengths[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (n != 10 || p[4] != '-' || p[7] != '-')
    return sluice_parse_date(p, n, out);
  /* the eight digits side by side, checked and read at once */
  char digits[8] = {p[0], p[1], p[2], p[3], p[5], p[6], p[8], p[9]};
  uint64_t w = csv_load8(digits);
  if (!csv_all_digits8(w))
    return false;
  uint32_t v = (uint32_t)csv_value8(w), year = v / 10000, month = v / 100 % 100, day = v % 100;
  bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  if (month - 1 > 11 || day == 0 || day > lengths[month] + (uint32_t)(leap && month == 2))
    return false;
  /* days since March 1 of year 0, a leap day being the last of a year that begins in March */
  int32_t y = (int32_t)year - (month <= 2), era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
  int32_t of_year = (153 * (int32_t)(month > 2 ? month - 3 : month + 9) + 2) / 5 + (int32_t)day - 1;
  *out = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
  return true;
}

#endif
