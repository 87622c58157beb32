/* Patterns of dates and times, as strptime has them. */
#include "pattern.h"
#include "numbers.h"

__extension__ typedef __int128 i128;

static const char letters[] = "YymdebBhaAHIpMSfzTF";

static bool has(const struct csv_pattern *p, const char *any) {
  for (size_t i = 0; i < p->count; i++)
    if (p->steps[i].what != '%' && strchr(any, p->steps[i].what))
      return true;
  return false;
}

static bool add_step(struct csv_pattern *p, char what, char literal) {
  if (p->count == CSV_PATTERN_STEPS)
    return false;
  p->steps[p->count].what = what;
  p->steps[p->count++].literal = literal;
  return true;
}

static bool add_text(struct csv_pattern *p, const char *text) {
  bool fits = true;
  for (; fits && *text; text++) {
    if (*text != '%')
      fits = add_step(p, '%', *text);
    else if (*++text == 'T')
      fits = add_text(p, "%H:%M:%S");
    else if (*text == 'F')
      fits = add_text(p, "%Y-%m-%d");
    else
      fits = *text && (*text == '%' || strchr(letters, *text)) && add_step(p, *text, '%');
    if (!*text)
      return false; /* it ends with a lone % */
  }
  return fits;
}

/* No part may be there twice. */
static bool is_clear(const struct csv_pattern *p) {
  static const char *const parts[] = {"Yy", "mbBh", "de", "aA", "HI", "p", "M", "S", "f", "z"};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    int seen = 0;
    for (size_t k = 0; k < p->count; k++)
      seen += p->steps[k].what != '%' && strchr(parts[i], p->steps[k].what) != NULL;
    if (seen > 1)
      return false;
  }
  return true;
}

static bool is_of_kind(const struct csv_pattern *p, enum csv_pattern_kind kind) {
  bool date = has(p, "Yy") && has(p, "mbBh") && has(p, "de");
  bool clock = has(p, "H") || (has(p, "I") && has(p, "p"));
  bool sound = (!has(p, "M") || clock) && (!has(p, "S") || has(p, "M")) && (!has(p, "f") || has(p, "S")) &&
               (!has(p, "p") || has(p, "I"));
  if (kind == CSV_PATTERN_DATE)
    return date && !has(p, "HIpMSfz");
  if (kind == CSV_PATTERN_TIME)
    return clock && has(p, "M") && sound && !has(p, "YymbBhdeaAz");
  return date && clock && sound;
}

int csv_pattern_compile(const char *text, enum csv_pattern_kind kind, struct csv_pattern *out, const char *option,
                        struct sluice_error *err) {
  static const char *const needs[] = {"a year, a month and a day, and no time", "hours and minutes, and no date",
                                      "a year, a month, a day and hours"};
  *out = (struct csv_pattern){.count = 0};
  if (!add_text(out, text))
    return sluice_fail(err, SLUICE_ERR_CONFIG, option,
                       "\"%.60s\" in %s is no pattern: after %% comes one of %s or %%, and it has at most %d parts",
                       text, option, letters, CSV_PATTERN_STEPS);
  if (!is_clear(out) || !is_of_kind(out, kind))
    return sluice_fail(err, SLUICE_ERR_CONFIG, option, "\"%.60s\" in %s must have %s, each once", text, option,
                       needs[kind]);
  return SLUICE_OK;
}

struct scanner {
  const char *at, *end;
};

static bool take_number(struct scanner *s, int least, int most, uint32_t *out) {
  uint32_t value = 0;
  int n = 0;
  for (; n < most && s->at < s->end && (unsigned)(*s->at - '0') <= 9; n++)
    value = value * 10 + (uint32_t)(*s->at++ - '0');
  *out = value;
  return n >= least;
}

static bool take_word(struct scanner *s, const char *word) {
  size_t n = strlen(word);
  if ((size_t)(s->end - s->at) < n)
    return false;
  for (size_t i = 0; i < n; i++)
    if ((s->at[i] | 0x20) != word[i])
      return false;
  s->at += n;
  return true;
}

/* The whole name or its first three letters, in any case. */
static bool take_name(struct scanner *s, const char *const *names, uint32_t count, uint32_t *out) {
  for (uint32_t i = 0; i < count; i++) {
    char brief[4] = {names[i][0], names[i][1], names[i][2], 0};
    if (!take_word(s, names[i]) && !take_word(s, brief))
      continue;
    *out = i + 1;
    return true;
  }
  return false;
}

static bool take_fraction(struct scanner *s, uint32_t *nanos) {
  const char *start = s->at;
  if (!take_number(s, 1, 9, nanos))
    return false;
  for (ptrdiff_t n = s->at - start; n < 9; n++)
    *nanos *= 10;
  return true;
}

/* Z, +hh, +hhmm or +hh:mm. */
static bool take_zone(struct scanner *s, struct csv_moment *m) {
  uint32_t hours, minutes = 0;
  m->zoned = true;
  if (take_word(s, "z"))
    return true;
  if (s->at == s->end || (*s->at != '+' && *s->at != '-'))
    return false;
  bool minus = *s->at++ == '-';
  if (!take_number(s, 2, 2, &hours) || hours > 23)
    return false;
  bool colon = s->at < s->end && *s->at == ':';
  s->at += colon;
  bool more = s->at < s->end && (unsigned)(*s->at - '0') <= 9;
  if ((colon || more) && (!take_number(s, 2, 2, &minutes) || minutes > 59))
    return false;
  m->offset = (int32_t)(hours * 3600 + minutes * 60) * (minus ? -1 : 1);
  return true;
}

/* Two digits are 1969 to 2068, as POSIX has it. */
static bool take_short_year(struct scanner *s, uint32_t *year) {
  if (!take_number(s, 2, 2, year))
    return false;
  *year += *year < 69 ? 2000 : 1900;
  return true;
}

static bool take_half(struct scanner *s, struct csv_moment *m) {
  m->afternoon = take_word(s, "pm");
  return m->afternoon || take_word(s, "am");
}

static bool take_step(struct scanner *s, char what, char literal, struct csv_moment *m) {
  static const char *const months[] = {"january", "february", "march",     "april",   "may",      "june",
                                       "july",    "august",   "september", "october", "november", "december"};
  static const char *const days[] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
  uint32_t ignored;
  switch (what) {
  case 'Y':
    return take_number(s, 4, 4, &m->year);
  case 'y':
    return take_short_year(s, &m->year);
  case 'm':
    return take_number(s, 1, 2, &m->month);
  case 'd':
  case 'e':
    return take_number(s, 1, 2, &m->day);
  case 'b':
  case 'B':
  case 'h':
    return take_name(s, months, 12, &m->month);
  case 'a':
  case 'A':
    return take_name(s, days, 7, &ignored);
  case 'I':
    m->twelve = true;
    return take_number(s, 1, 2, &m->hour) && m->hour >= 1 && m->hour <= 12;
  case 'H':
    return take_number(s, 1, 2, &m->hour);
  case 'p':
    return take_half(s, m);
  case 'M':
    return take_number(s, 1, 2, &m->minute);
  case 'S':
    return take_number(s, 1, 2, &m->second);
  case 'f':
    return take_fraction(s, &m->nanos);
  case 'z':
    return take_zone(s, m);
  default:
    return s->at < s->end && *s->at++ == literal;
  }
}

bool csv_pattern_read(const struct csv_pattern *pattern, const char *text, size_t n, struct csv_moment *out) {
  struct csv_moment m = {.year = 1970, .month = 1, .day = 1};
  struct scanner s = {text, text + n};
  int32_t days;
  for (size_t i = 0; i < pattern->count; i++)
    if (!take_step(&s, pattern->steps[i].what, pattern->steps[i].literal, &m))
      return false;
  if (m.twelve)
    m.hour = m.hour % 12 + (m.afternoon ? 12 : 0);
  if (s.at != s.end || m.hour > 23 || m.minute > 59 || m.second > 59 || !csv_days_of(m.year, m.month, m.day, &days))
    return false;
  *out = m;
  return true;
}

bool csv_moment_date(const struct csv_moment *m, int32_t *days) {
  return csv_days_of(m->year, m->month, m->day, days);
}

bool csv_moment_time(const struct csv_moment *m, enum sluice_time_unit unit, int64_t *out) {
  static const uint32_t nanos_of[] = {1000000000, 1000000, 1000, 1};
  uint32_t nanos = nanos_of[unit];
  if (m->nanos % nanos != 0)
    return false;
  *out = (int64_t)(m->hour * 3600 + m->minute * 60 + m->second) * (1000000000 / nanos) + m->nanos / nanos;
  return true;
}

bool csv_moment_stamp(const struct csv_moment *m, enum sluice_time_unit unit, int64_t *out) {
  static const int64_t units_of[] = {1, 1000, 1000000, 1000000000};
  int32_t days;
  int64_t clock;
  if (!csv_moment_date(m, &days) || !csv_moment_time(m, unit, &clock))
    return false;
  i128 value = ((i128)days * 86400 - m->offset) * units_of[unit] + clock;
  if (value < INT64_MIN || value > INT64_MAX)
    return false;
  *out = (int64_t)value;
  return true;
}
