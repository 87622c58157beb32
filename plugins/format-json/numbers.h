/* Fast ways for the usual shapes of numbers and dates. Each returns what is behind the value, or NULL: not that shape,
 * which says nothing about whether it is valid. At least 32 bytes behind p can be read. */
#ifndef JSON_NUMBERS_H
#define JSON_NUMBERS_H
#include "words.h"

/* What may stand behind a number. */
static inline bool json_ends_number(uint8_t c) {
  return c == ',' || c == '}' || c == ']' || (c <= ' ' && c != 0);
}

/* Up to 16 digits. */
static inline const uint8_t *json_read_digits(const uint8_t *p, uint64_t *value, unsigned *count) {
  uint64_t word = json_load8(p);
  unsigned n = json_count_digits(word);
  if (n < 8) {
    *value = n ? json_value_of(word, n) : 0;
    *count = n;
    return p + n;
  }
  uint64_t high = json_value8(word);
  word = json_load8(p + 8);
  n = json_count_digits(word);
  static const uint32_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
  *value = high * powers[n] + (n ? json_value_of(word, n) : 0);
  *count = 8 + n;
  return p + 8 + n;
}

static inline const uint8_t *json_read_int(const uint8_t *p, int64_t *out) {
  bool minus = *p == '-';
  uint64_t value;
  unsigned n;
  p += minus;
  uint8_t first = *p;
  p = json_read_digits(p, &value, &n);
  if (n == 0 || (first == '0' && n > 1) || !json_ends_number(*p))
    return NULL;
  *out = minus ? -(int64_t)value : (int64_t)value;
  return p;
}

/* Digits, a point and more digits, as one number and how many of them are behind the point; 18 digits in all. */
static inline const uint8_t *json_read_scaled(const uint8_t *p, uint64_t *out, unsigned *scale, bool *minus) {
  static const uint64_t powers[] = {1,
                                    10,
                                    100,
                                    1000,
                                    10000,
                                    100000,
                                    1000000,
                                    10000000,
                                    100000000,
                                    1000000000,
                                    10000000000,
                                    100000000000,
                                    1000000000000,
                                    10000000000000,
                                    100000000000000,
                                    1000000000000000,
                                    10000000000000000};
  uint64_t whole, rest = 0;
  unsigned n, m = 0;
  *minus = *p == '-';
  p += *minus;
  uint8_t first = *p;
  p = json_read_digits(p, &whole, &n);
  if (n == 0 || (first == '0' && n > 1))
    return NULL;
  if (*p == '.') {
    p = json_read_digits(p + 1, &rest, &m);
    if (m == 0 || n + m > 18)
      return NULL;
  }
  if (!json_ends_number(*p))
    return NULL;
  *out = whole * powers[m] + rest;
  *scale = m;
  return p;
}

/* Where both parts of the quotient are exact in a double, it is rounded once. */
static inline const uint8_t *json_read_double(const uint8_t *p, double *out) {
  static const double powers[] = {1e0, 1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7, 1e8,
                                  1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16};
  uint64_t value;
  unsigned scale;
  bool minus;
  p = json_read_scaled(p, &value, &scale, &minus);
  if (!p || value >> 53)
    return NULL;
  double quotient = (double)value / powers[scale];
  *out = minus ? -quotient : quotient;
  return p;
}

/* YYYY-MM-DD in the years 0000 to 9999; ten bytes. */
static inline bool json_read_date(const uint8_t *p, int32_t *out) {
  static const uint8_t lengths[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  uint64_t head = json_load8(p), day_digits = (uint64_t)p[8] << 48 | (uint64_t)p[9] << 56;
  uint64_t word = (head & 0xffffffff) | (head >> 40 & 0xffff) << 32 | day_digits; /* without the two dashes */
  if ((head & 0xff0000ff00000000ull) != 0x2d00002d00000000ull || json_count_digits(word) != 8)
    return false;
  uint32_t v = (uint32_t)json_value8(word), year = v / 10000, month = v / 100 % 100, day = v % 100;
  bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  if (month - 1 > 11 || day == 0 || day > lengths[month] + (uint32_t)(leap && month == 2))
    return false;
  /* a year begins in March here, so that the leap day is its last */
  int32_t y = (int32_t)year - (month <= 2), era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
  int32_t of_year = (153 * (int32_t)(month > 2 ? month - 3 : month + 9) + 2) / 5 + (int32_t)day - 1;
  *out = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
  return true;
}

#endif
