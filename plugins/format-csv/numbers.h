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

/* Where a right-aligned word of eight has its point, from 0; 8: nowhere. */
static inline unsigned csv_find_point(uint64_t w) {
  uint64_t x = w ^ 0x2e2e2e2e2e2e2e2eull;
  uint64_t hit = ~(((x & 0x7f7f7f7f7f7f7f7full) + 0x7f7f7f7f7f7f7f7full) | x | 0x7f7f7f7f7f7f7f7full);
  return hit ? (unsigned)__builtin_ctzll(hit) >> 3 : 8;
}

/* Takes the byte at `point` out; those before it move up by one, and `first` comes to the front. */
static inline uint64_t csv_close_gap(uint64_t w, unsigned point, uint64_t first) {
  uint64_t before = ((uint64_t)1 << (8 * point)) - 1, after = ~(before << 8 | 0xff);
  return (w & after) | (w & before) << 8 | first;
}

/* The same of 9 to 16 bytes. */
static inline bool csv_split_long(const char *p, size_t n, uint64_t *value, unsigned *fraction) {
  uint64_t low = csv_load8(p + n - 8), high = csv_load_digits(p, n - 8);
  unsigned point = csv_find_point(low);
  *fraction = 0;
  if (point < 8) {
    *fraction = 7 - point;
    low = csv_close_gap(low, point, high >> 56);
    high = high << 8 | '0';
  } else if (csv_find_point(high) < 8) {
    point = csv_find_point(high);
    *fraction = 15 - point;
    high = csv_close_gap(high, point, '0');
  }
  *value = csv_value8(low) + csv_value8(high) * 100000000u;
  bool digits = csv_all_digits8(low) && csv_all_digits8(high);
  return digits && (point == 8 || (*fraction > 0 && *fraction + 1u < n)); /* digits on both sides of the point */
}

/* A number without its point, and how many digits were behind it. False: not 1 to 16 digits and points of the usual
 * shape. */
static inline bool csv_split_point(const char *p, size_t n, uint64_t *value, unsigned *fraction) {
  if (n - 1 > 7)
    return n - 1 <= 15 && csv_split_long(p, n, value, fraction);
  uint64_t w = csv_load_digits(p, n);
  unsigned point = csv_find_point(w);
  *fraction = 0;
  if (point < 8) {
    *fraction = 7 - point;
    w = csv_close_gap(w, point, '0');
  }
  *value = csv_value8(w);
  return csv_all_digits8(w) && (point == 8 || (*fraction > 0 && *fraction + 1u < n));
}

/* Up to 15 digits and a point, or 16 digits: both parts of the quotient are exact, or the divisor is 1, so it is
 * rounded once. */
static inline bool csv_parse_double(const char *p, size_t n, double *out) {
  static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  bool minus = p[0] == '-';
  uint64_t value;
  unsigned fraction;
  if (!csv_split_point(p + minus, n - minus, &value, &fraction))
    return sluice_parse_double(p, n, out);
  double quotient = (double)value / powers[fraction];
  *out = minus ? -quotient : quotient;
  return true;
}

static inline uint64_t csv_load_few(const char *p, size_t n) {
  uint64_t word = 0;
  memcpy(&word, p, n);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  return word;
}

/* Days since 1970-01-01 of a day in the years 0000 to 9999; false: there is no such day. */
static inline bool csv_days_of(uint32_t year, uint32_t month, uint32_t day, int32_t *out) {
  static const uint8_t lengths[16] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  static const uint16_t before[16] = {0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
  if (month > 12 || day - 1 >= lengths[month]) {
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (month != 2 || day != 29 || !leap)
      return false;
  }
  /* 400 years later, so that nothing is negative; January and February belong to the leap years before */
  uint32_t of = year + 400 - (month <= 2), leaps = of / 4 - of / 100 + of / 400;
  *out = (int32_t)(365 * (year + 400) + leaps + before[month] + day) - 865625;
  return true;
}

/* The digits of YYYY-MM-DD side by side. */
static inline uint64_t csv_date_digits(const char *p) {
  return csv_load_few(p, 4) | csv_load_few(p + 5, 2) << 32 | csv_load_few(p + 8, 2) << 48;
}

/* The same as numbers, which must have digits and hyphens in their places. */
static inline bool csv_split_date(const char *p, uint32_t *year, uint32_t *month, uint32_t *day) {
  uint64_t w = csv_date_digits(p);
  if (p[4] != '-' || p[7] != '-' || !csv_all_digits8(w))
    return false;
  w -= 0x3030303030303030ull;
  w = w * 10 + (w >> 8); /* two digits each in bytes 0, 2, 4 and 6 */
  *year = (uint32_t)(w & 0xff) * 100 + (uint32_t)(w >> 16 & 0xff);
  *month = (uint32_t)(w >> 32 & 0xff);
  *day = (uint32_t)(w >> 48 & 0xff);
  return true;
}

static inline bool csv_parse_date(const char *p, size_t n, int32_t *out) {
  uint32_t year, month, day;
  if (n != 10 || !csv_split_date(p, &year, &month, &day))
    return sluice_parse_date(p, n, out);
  return csv_days_of(year, month, day, out);
}

#endif
