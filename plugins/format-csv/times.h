/* Fast ways for the usual shapes of times; each falls back to core/arrow's exact parsers. Texts have 16 readable bytes
 * behind their end. */
#ifndef CSV_TIMES_H
#define CSV_TIMES_H
#include "numbers.h"

/* HH:MM:SS as seconds. */
static inline bool csv_split_clock(const char *p, int64_t *seconds) {
  uint64_t w =
      csv_load_few(p, 2) | csv_load_few(p + 3, 2) << 16 | csv_load_few(p + 6, 2) << 32 | (uint64_t)0x3030 << 48;
  if (p[2] != ':' || p[5] != ':' || !csv_all_digits8(w))
    return false;
  w -= 0x3030303030303030ull;
  w = w * 10 + (w >> 8);
  uint32_t hour = w & 0xff, minute = w >> 16 & 0xff, second = w >> 32 & 0xff;
  *seconds = hour * 3600 + minute * 60 + second;
  return hour < 24 && minute < 60 && second < 60;
}

/* A point and 1 to 9 digits, and behind them perhaps a Z, as billionths; false: none, or something else. */
static inline bool csv_split_fraction(const char *p, size_t n, uint32_t *nanos, bool *zulu) {
  static const uint32_t scales[] = {0, 100000000, 10000000, 1000000, 100000, 10000, 1000, 100, 10, 1};
  uint64_t value;
  *nanos = 0;
  *zulu = n > 0 && p[n - 1] == 'Z';
  n -= *zulu;
  if (n == 0)
    return true;
  if (p[0] != '.' || n < 2 || n > 10 || !csv_digits(p + 1, n - 1, &value))
    return false;
  *nanos = (uint32_t)value * scales[n - 1];
  return true;
}

/* As sluice_parse_timestamp: YYYY-MM-DD[T ]HH:MM:SS[.fraction][Z] is read by words. */
static inline bool csv_parse_timestamp(const char *p, size_t n, enum sluice_time_unit unit, int64_t *out, bool *zoned) {
  static const int64_t units[] = {1, 1000, 1000000, 1000000000};
  static const uint32_t nanos_of[] = {1000000000, 1000000, 1000, 1};
  uint32_t year, month, day, nanos;
  int64_t seconds;
  int32_t days;
  bool zulu;
  if (n < 19 || (p[10] != ' ' && p[10] != 'T') || !csv_split_date(p, &year, &month, &day) ||
      !csv_split_clock(p + 11, &seconds) || !csv_split_fraction(p + 19, n - 19, &nanos, &zulu))
    return sluice_parse_timestamp(p, n, unit, out, zoned);
  if (unit == SLUICE_NANO && (year < 1700 || year > 2200)) /* 64 bits may not hold it */
    return sluice_parse_timestamp(p, n, unit, out, zoned);
  if (nanos % nanos_of[unit] != 0 || !csv_days_of(year, month, day, &days))
    return false;
  *out = ((int64_t)days * 86400 + seconds) * units[unit] + nanos / nanos_of[unit];
  *zoned = zulu;
  return true;
}

#endif
