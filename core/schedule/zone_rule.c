/* The rule behind a zone's last listed change: a TZ text as in POSIX, with hours of -167 to 167 (RFC 9636). */
#include "core/schedule/zone_internal.h"
#include <ctype.h>
#include <time.h>

enum { YEARS_AROUND = 2, EVENTS = 2 * (2 * YEARS_AROUND + 1) };

struct scan {
  const char *at, *end;
};
struct event {
  int64_t at;
  int32_t offset; /* from then on */
};

static char look(const struct scan *s) {
  return s->at < s->end ? *s->at : 0;
}

static bool accept(struct scan *s, char c) {
  bool found = look(s) == c;
  s->at += found;
  return found;
}

static bool take_int(struct scan *s, int low, int high, int *out) {
  int value = 0, digits = 0;
  for (; digits < 4 && isdigit((unsigned char)look(s)); digits++)
    value = value * 10 + (*s->at++ - '0');
  *out = value;
  return digits > 0 && value >= low && value <= high;
}

static bool take_abbreviation(struct scan *s) {
  bool quoted = accept(s, '<');
  const char *start = s->at;
  while (isalpha((unsigned char)look(s)) ||
         (quoted && (isdigit((unsigned char)look(s)) || look(s) == '+' || look(s) == '-')))
    s->at++;
  return s->at - start >= 3 && (!quoted || accept(s, '>'));
}

/* [+-]hh[:mm[:ss]] in seconds */
static bool take_time(struct scan *s, int hours_max, int32_t *out) {
  int hours, minutes = 0, seconds = 0;
  bool negative = accept(s, '-');
  if (!negative)
    accept(s, '+');
  if (!take_int(s, 0, hours_max, &hours))
    return false;
  if (accept(s, ':')) {
    if (!take_int(s, 0, 59, &minutes) || (accept(s, ':') && !take_int(s, 0, 59, &seconds)))
      return false;
  }
  int32_t value = hours * 3600 + minutes * 60 + seconds;
  *out = negative ? -value : value;
  return true;
}

static bool take_date(struct scan *s, struct rule_date *out) {
  struct rule_date date = {.time = 2 * 3600};
  bool good;
  if (accept(s, 'M')) {
    date.kind = RULE_WEEKDAY;
    good = take_int(s, 1, 12, &date.month) && accept(s, '.') && take_int(s, 1, 5, &date.week) && accept(s, '.') &&
           take_int(s, 0, 6, &date.day);
  } else if (accept(s, 'J')) {
    date.kind = RULE_JULIAN;
    good = take_int(s, 1, 365, &date.day);
  } else {
    date.kind = RULE_DAY;
    good = take_int(s, 0, 365, &date.day);
  }
  if (good && accept(s, '/'))
    good = take_time(s, 167, &date.time);
  *out = date;
  return good;
}

/* POSIX counts offsets westward. */
bool zone_rule_parse(const char *text, size_t n, struct zone_rule *out) {
  struct scan s = {text, text + n};
  struct zone_rule rule = {0};
  int32_t west;
  if (!take_abbreviation(&s) || !take_time(&s, 24, &west))
    return false;
  rule.standard = -west;
  rule.summer = rule.standard + 3600;
  if (s.at < s.end) {
    rule.changes = true;
    if (!take_abbreviation(&s))
      return false;
    if (look(&s) != ',') {
      if (!take_time(&s, 24, &west))
        return false;
      rule.summer = -west;
    }
    if (!accept(&s, ',') || !take_date(&s, &rule.starts) || !accept(&s, ',') || !take_date(&s, &rule.ends))
      return false;
  }
  *out = rule;
  return s.at == s.end;
}

/* Midnight UTC of a date, in seconds since 1970. */
static int64_t midnight(int year, int month, int day) {
  struct tm date = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
  return (int64_t)timegm(&date);
}

static bool is_leap(int year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int64_t weekday_date(const struct rule_date *date, int year) {
  int64_t first = midnight(year, date->month, 1), next = midnight(year, date->month + 1, 1);
  int64_t weekday = ((first / DAY + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
  int64_t day = first + ((date->day - weekday + 7) % 7 + (date->week - 1) * 7) * DAY;
  return day < next ? day : day - 7 * DAY; /* week 5 is the last one */
}

/* In local seconds of the clock as it stands before the change. */
static int64_t date_in(const struct rule_date *date, int year) {
  if (date->kind == RULE_WEEKDAY)
    return weekday_date(date, year) + date->time;
  int days = date->day;
  if (date->kind == RULE_JULIAN)
    days += (is_leap(year) && days > 59) - 1;
  return midnight(year, 1, 1) + (int64_t)days * DAY + date->time;
}

static int year_of(int64_t utc) {
  time_t when = (time_t)utc;
  struct tm parts;
  return gmtime_r(&when, &parts) ? parts.tm_year + 1900 : 1970;
}

/* The changes of the years around, in order, as hours beyond a day can move a change into another year. Summer time
 * that ends at the moment when the next year's begins lasts for ever: the later year comes second. */
static void list_events(const struct zone_rule *rule, int year, struct event events[EVENTS]) {
  size_t n = 0;
  for (int y = year - YEARS_AROUND; y <= year + YEARS_AROUND; y++) {
    struct event pair[] = {{date_in(&rule->starts, y) - rule->standard, rule->summer},
                           {date_in(&rule->ends, y) - rule->summer, rule->standard}};
    for (int i = 0; i < 2; i++) {
      size_t at = n++;
      for (; at > 0 && pair[i].at < events[at - 1].at; at--)
        events[at] = events[at - 1];
      events[at] = pair[i];
    }
  }
}

void zone_rule_span(const struct zone_rule *rule, int64_t utc, int64_t floor, int64_t reached, struct zone_span *out) {
  struct zone_span span = {floor, ZONE_MAX + 1, reached, rule->standard};
  struct event events[EVENTS];
  size_t n = rule->changes ? EVENTS : 0;
  if (n) {
    list_events(rule, year_of(utc), events);
    span.offset = events[0].offset == rule->summer ? rule->standard : rule->summer;
  }
  for (size_t i = 0; i < n; i++) {
    if (events[i].at > utc) {
      span.until = events[i].at < span.until ? events[i].at : span.until;
      break;
    }
    int64_t shown = events[i].at + span.offset;
    if (events[i].at > floor) {
      span.reached = shown > span.reached ? shown : span.reached;
      span.from = events[i].at;
    }
    span.offset = events[i].offset;
  }
  if (span.reached == INT64_MIN)
    span.reached = span.from + span.offset;
  *out = span;
}
