/* The next moment of a cron expression: first in local time, then through the changes of the zone's clock. */
#include "core/schedule/cron.h"
#include <time.h>

enum { DAY_SECONDS = 86400, LAST_YEAR = 9999, SHIFT_MAX = 26 * 3600 /* what an offset can be */ };

struct month {
  int64_t start; /* days since 1970 of its first day */
  int year, month, length, weekday;
};

static int month_length(int year, int month) {
  static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return lengths[month - 1] + (leap && month == 2);
}

static void month_advance(struct month *m) {
  m->start += m->length;
  m->weekday = (m->weekday + m->length) % 7;
  m->year += m->month == 12;
  m->month = m->month % 12 + 1;
  m->length = month_length(m->year, m->month);
}

/* The month of a day, and the day in it. */
static bool month_of(int64_t day, struct month *out, int *of_month) {
  time_t when = (time_t)(day * DAY_SECONDS);
  struct tm parts;
  if (!gmtime_r(&when, &parts))
    return false;
  *out = (struct month){.start = day - (parts.tm_mday - 1), .year = parts.tm_year + 1900, .month = parts.tm_mon + 1};
  out->length = month_length(out->year, out->month);
  out->weekday = (parts.tm_wday + 35 - (parts.tm_mday - 1)) % 7;
  *of_month = parts.tm_mday;
  return true;
}

/* Bit d: day d of the month matches. */
static uint64_t matching_days(const struct cron *cron, const struct month *m) {
  if (!(cron->sets[CRON_MONTH] >> m->month & 1))
    return 0;
  uint64_t week = cron->sets[CRON_WEEKDAY], turned = (week >> m->weekday | week << (7 - m->weekday)) & 0x7f,
           by_week = 0;
  for (int first = 1; first <= 29; first += 7)
    by_week |= turned << first;
  uint64_t days = cron->either ? cron->sets[CRON_DAY] | by_week : cron->sets[CRON_DAY] & by_week;
  return days & ((UINT64_C(1) << (m->length + 1)) - 2);
}

/* The first value at or after `from`; -1: none. */
static int next_in(uint64_t set, int from) {
  uint64_t rest = set >> from;
  return rest ? from + __builtin_ctzll(rest) : -1;
}

/* Minutes since midnight, at or after `from`; -1: none on this day. */
static int next_of_day(const struct cron *cron, int from) {
  int hour = from / 60, minute = -1;
  if (cron->sets[CRON_HOUR] >> hour & 1)
    minute = next_in(cron->sets[CRON_MINUTE], from % 60);
  if (minute >= 0)
    return hour * 60 + minute;
  hour = next_in(cron->sets[CRON_HOUR], hour + 1);
  return hour < 0 ? -1 : hour * 60 + next_in(cron->sets[CRON_MINUTE], 0);
}

static int64_t floor_to(int64_t value, int64_t unit) {
  int64_t rest = value % unit;
  return value - (rest < 0 ? rest + unit : rest);
}

bool cron_next_local(const struct cron *cron, int64_t local, int64_t *out) {
  struct month month;
  int of_month;
  int64_t start = floor_to(local + 59, 60), midnight = floor_to(start, DAY_SECONDS);
  if (!month_of(midnight / DAY_SECONDS, &month, &of_month))
    return false;
  uint64_t days = matching_days(cron, &month);
  int minute = days >> of_month & 1 ? next_of_day(cron, (int)(start - midnight) / 60) : -1;
  if (minute >= 0) {
    *out = midnight + minute * 60;
    return true;
  }
  for (days &= ~((UINT64_C(2) << of_month) - 1); month.year <= LAST_YEAR; days = matching_days(cron, &month)) {
    if (days) {
      *out = (month.start + __builtin_ctzll(days) - 1) * DAY_SECONDS + next_of_day(cron, 0) * 60;
      return true;
    }
    month_advance(&month);
  }
  return false;
}

/* The first firing at or after `at`, a moment of the span. `until` of the span: it may be later still. */
static bool next_in_span(const struct cron *cron, const struct zone_span *span, int64_t at, int64_t *local,
                         int64_t *fires) {
  int64_t from = at + span->offset;
  /* What the clock had reached is done; what it jumped over is due at the first moment. */
  if (!cron->every_hour && (at == span->from || span->reached > from))
    from = span->reached;
  if (!cron_next_local(cron, from, local))
    return false;
  int64_t moment = *local - span->offset;
  *fires = moment > at ? moment : at;
  return true;
}

bool cron_next(const struct cron *cron, const struct zone *zone, int64_t after, int64_t *out) {
  int64_t at = after < ZONE_MIN ? ZONE_MIN : after < ZONE_MAX ? after + 1 : ZONE_MAX + 1, local, fires;
  while (at <= ZONE_MAX) {
    struct zone_span span;
    zone_span(zone, at, &span);
    if (!next_in_span(cron, &span, at, &local, &fires))
      return false;
    if (fires < span.until) {
      *out = fires;
      return fires <= ZONE_MAX;
    }
    /* Whatever the offsets are, no clock shows that time before it is near. */
    int64_t near = local - SHIFT_MAX;
    at = near > span.until ? near : span.until;
  }
  return false;
}
