/* Dates, times of day and timestamps as text (RFC 3339), by arithmetic over the whole range of 64 bits. */
#include "internal.h"

enum { DAYS_400 = 146097, DAYS_TO_1970 = 719468 /* from 0000-03-01 */, SECONDS_A_DAY = 86400 };

int64_t units_per_second(enum sluice_time_unit unit) {
  static const int64_t per_second[] = {1, 1000, 1000000, 1000000000};
  return per_second[unit];
}

int fraction_digits(enum sluice_time_unit unit) {
  return 3 * (int)unit;
}

/* Years start in March here, so that the leap day is the last of its year. */
void civil_from_days(int64_t days, int64_t *year, int *month, int *day) {
  int64_t era = floor_div(days, DAYS_400) + DAYS_TO_1970 / DAYS_400;
  int64_t of_era = days % DAYS_400;
  if (of_era < 0)
    of_era += DAYS_400;
  of_era += DAYS_TO_1970 % DAYS_400;
  if (of_era >= DAYS_400) {
    of_era -= DAYS_400;
    era++;
  }
  int n = (int)of_era;
  int of_year = (n - n / 1460 + n / 36524 - n / 146096) / 365;
  int rest = n - (365 * of_year + of_year / 4 - of_year / 100);
  int shifted = (5 * rest + 2) / 153; /* 0 is March */
  *day = rest - (153 * shifted + 2) / 5 + 1;
  *month = shifted < 10 ? shifted + 3 : shifted - 9;
  *year = of_year + era * 400 + (*month <= 2);
}

int64_t days_from_civil(int64_t year, int month, int day) {
  year -= month <= 2;
  int64_t era = floor_div(year, 400), of_era = year - era * 400;
  int shifted = month > 2 ? month - 3 : month + 9;
  int64_t of_year = (153 * shifted + 2) / 5 + day - 1;
  return era * DAYS_400 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - DAYS_TO_1970;
}

/* Timestamps are a large part of what is printed: their short fields go without print_padded's general way. */
static size_t print_two(char *out, uint32_t value) {
  memcpy(out, digit_pairs + 2 * (size_t)value, 2);
  return 2;
}

static size_t print_year(char *out, int64_t year) {
  if (year >= 0 && year <= 9999)
    return print_two(out, (uint32_t)year / 100) + print_two(out + 2, (uint32_t)year % 100);
  out[0] = year < 0 ? '-' : '+';
  return 1 + print_padded(out + 1, (uint64_t)(year < 0 ? -year : year), 4);
}

/* Years of four digits, by multiplications with constants in place of most divisions: the way of C. Neri and L.
 * Schneider, "Euclidean affine functions and their application to calendar algorithms" (2022), proven far beyond here.
 */
static size_t print_short_date(char *out, uint32_t days_of_0) {
  uint32_t quarters = 4 * days_of_0 + 3, century = quarters / DAYS_400;
  uint64_t in_century = (uint64_t)2939745 * (quarters % DAYS_400 | 3);
  uint32_t year = (uint32_t)(in_century >> 32), of_year = (uint32_t)in_century / 2939745 / 4;
  uint32_t months = 2141 * of_year + 197913, next = of_year >= 306;
  year += 100 * century + next;
  print_two(out, year / 100);
  print_two(out + 2, year % 100);
  out[4] = out[7] = '-';
  print_two(out + 5, (months >> 16) - 12 * next);
  print_two(out + 8, (months & 0xffff) / 2141 + 1);
  return 10;
}

size_t sluice_print_date(char *out, int64_t days) {
  enum { FIRST = -DAYS_TO_1970, LAST = 2932896 /* 9999-12-31 */ };
  if (days >= FIRST && days <= LAST)
    return print_short_date(out, (uint32_t)(days - FIRST));
  int64_t year;
  int month, day;
  civil_from_days(days, &year, &month, &day);
  size_t n = print_year(out, year);
  out[n++] = '-';
  n += print_two(out + n, (uint32_t)month);
  out[n++] = '-';
  return n + print_two(out + n, (uint32_t)day);
}

/* HH:MM:SS.fraction of an amount of units; more than 24 hours are just printed so. */
static size_t print_clock(char *out, uint64_t value, enum sluice_time_unit unit) {
  uint64_t per_second = (uint64_t)units_per_second(unit), seconds = value / per_second;
  uint32_t in_hour = (uint32_t)(seconds % 3600);
  size_t n = print_padded(out, seconds / 3600, 2);
  out[n++] = ':';
  n += print_two(out + n, in_hour / 60);
  out[n++] = ':';
  n += print_two(out + n, in_hour % 60);
  if (unit == SLUICE_SECOND)
    return n;
  out[n++] = '.';
  return n + print_padded(out + n, value % per_second, (size_t)fraction_digits(unit));
}

size_t sluice_print_time(char *out, int64_t value, enum sluice_time_unit unit) {
  if (value >= 0)
    return print_clock(out, (uint64_t)value, unit);
  *out = '-';
  return 1 + print_clock(out + 1, 0 - (uint64_t)value, unit);
}

size_t sluice_print_timestamp(char *out, int64_t value, enum sluice_time_unit unit, bool utc) {
  int64_t per_day = units_per_second(unit) * SECONDS_A_DAY, rest = value % per_day;
  int64_t days = floor_div(value, per_day);
  size_t n = sluice_print_date(out, days);
  out[n++] = 'T';
  n += print_clock(out + n, (uint64_t)(rest < 0 ? rest + per_day : rest), unit);
  if (utc)
    out[n++] = 'Z';
  return n;
}
