/* Dates, times of day and timestamps from text. */
#include "internal.h"

__extension__ typedef __int128 i128;

struct scanner {
  const char *at, *end;
};

static bool is_digit(char c) {
  return (unsigned char)(c - '0') <= 9;
}

static bool take(struct scanner *s, char c) {
  bool found = s->at < s->end && *s->at == c;
  s->at += found;
  return found;
}

static bool take_two(struct scanner *s, int *out) {
  if (s->end - s->at < 2 || !is_digit(s->at[0]) || !is_digit(s->at[1]))
    return false;
  *out = (s->at[0] - '0') * 10 + (s->at[1] - '0');
  s->at += 2;
  return true;
}

/* Four digits; with a sign four to seventeen, as they are printed. */
static bool take_year(struct scanner *s, int64_t *out) {
  bool minus = take(s, '-'), sign = minus || take(s, '+');
  int64_t year = 0;
  int n = 0, most = sign ? 17 : 4;
  for (; n < most && s->at < s->end && is_digit(*s->at); n++, s->at++)
    year = year * 10 + (*s->at - '0');
  *out = minus ? -year : year;
  return n >= 4;
}

static bool take_date(struct scanner *s, int64_t *days) {
  static const int64_t year_max = 25000000000000000; /* its days fit 64 bits */
  static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  int64_t year;
  int month, day;
  if (!take_year(s, &year) || !take(s, '-') || !take_two(s, &month) || !take(s, '-') || !take_two(s, &day))
    return false;
  if (year > year_max || year < -year_max)
    return false;
  if (month < 1 || month > 12 || day < 1)
    return false;
  bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  if (day > lengths[month - 1] + (leap && month == 2))
    return false;
  *days = days_from_civil(year, month, day);
  return true;
}

/* Digits behind the point; those that the unit cannot hold must be zeros. */
static bool take_fraction(struct scanner *s, enum sluice_time_unit unit, int64_t *out) {
  int room = fraction_digits(unit), n = 0;
  int64_t value = 0;
  for (; s->at < s->end && is_digit(*s->at); s->at++, n++) {
    if (n < room)
      value = value * 10 + (*s->at - '0');
    else if (*s->at != '0')
      return false;
  }
  if (n == 0)
    return false;
  for (; n < room; n++)
    value *= 10;
  *out = value;
  return true;
}

/* HH:MM[:SS[.fraction]] as seconds and a fraction in units. */
static bool take_clock(struct scanner *s, enum sluice_time_unit unit, int64_t *seconds, int64_t *fraction) {
  int hour, minute, second = 0;
  *fraction = 0;
  if (!take_two(s, &hour) || !take(s, ':') || !take_two(s, &minute) || hour > 23 || minute > 59)
    return false;
  if (take(s, ':')) {
    if (!take_two(s, &second) || second > 59)
      return false;
    if (take(s, '.') && !take_fraction(s, unit, fraction))
      return false;
  }
  *seconds = hour * 3600 + minute * 60 + second;
  return true;
}

/* Z, +hh, +hhmm or +hh:mm; nothing at all is no zone. */
static bool take_zone(struct scanner *s, int64_t *seconds, bool *zoned) {
  *seconds = 0;
  *zoned = s->at < s->end;
  if (!*zoned || take(s, 'Z') || take(s, 'z'))
    return true;
  bool minus = take(s, '-');
  int hours, minutes = 0;
  if (!minus && !take(s, '+'))
    return false;
  if (!take_two(s, &hours) || hours > 23)
    return false;
  bool colon = take(s, ':');
  if ((colon || s->at < s->end) && (!take_two(s, &minutes) || minutes > 59))
    return false;
  *seconds = (hours * 3600 + minutes * 60) * (minus ? -1 : 1);
  return true;
}

bool sluice_parse_date(const char *text, size_t n, int32_t *days) {
  struct scanner s = {text, text + n};
  int64_t value;
  if (!take_date(&s, &value) || s.at != s.end || value < INT32_MIN || value > INT32_MAX)
    return false;
  *days = (int32_t)value;
  return true;
}

bool sluice_parse_time(const char *text, size_t n, enum sluice_time_unit unit, int64_t *out) {
  struct scanner s = {text, text + n};
  int64_t seconds, fraction;
  if (!take_clock(&s, unit, &seconds, &fraction) || s.at != s.end)
    return false;
  *out = seconds * units_per_second(unit) + fraction;
  return true;
}

bool sluice_parse_timestamp(const char *text, size_t n, enum sluice_time_unit unit, int64_t *out, bool *zoned) {
  struct scanner s = {text, text + n};
  int64_t days, seconds, fraction, offset;
  bool zone;
  if (!take_date(&s, &days) || !(take(&s, 'T') || take(&s, ' ') || take(&s, 't')))
    return false;
  if (!take_clock(&s, unit, &seconds, &fraction) || !take_zone(&s, &offset, &zone) || s.at != s.end)
    return false;
  i128 value = ((i128)days * 86400 + seconds - offset) * units_per_second(unit) + fraction;
  if (value < INT64_MIN || value > INT64_MAX)
    return false;
  *out = (int64_t)value;
  *zoned = zone;
  return true;
}
