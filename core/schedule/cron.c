/* Parsing of cron expressions. */
#include "core/schedule/cron.h"
#include <ctype.h>
#include <strings.h>

enum { TEXT_MAX = 1000, SHOWN = 24 };

static const char *const month_names[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL",
                                          "AUG", "SEP", "OCT", "NOV", "DEC", NULL};
static const char *const weekday_names[] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT", NULL};
static const struct field {
  const char *name, *allowed;
  int low, high, last; /* `last`: of a `*`; 7 is one more Sunday */
  const char *const *names;
} fields[CRON_FIELDS] = {
    {"minute", "0 to 59", 0, 59, 59, NULL},
    {"hour", "0 to 23", 0, 23, 23, NULL},
    {"day of the month", "1 to 31", 1, 31, 31, NULL},
    {"month", "1 to 12 or JAN to DEC", 1, 12, 12, month_names},
    {"day of the week", "0 to 7 (0 and 7 are Sunday) or SUN to SAT", 0, 7, 6, weekday_names},
};
static const struct macro {
  const char *name, *text;
} macros[] = {
    {"@hourly", "0 * * * *"},  {"@daily", "0 0 * * *"},  {"@midnight", "0 0 * * *"}, {"@weekly", "0 0 * * 0"},
    {"@monthly", "0 0 1 * *"}, {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"},
};

struct parser {
  const char *text, *at;
  struct sluice_error *err;
};

/* Names the place: the character, counted from 1, and the word that stands there. */
__attribute__((format(printf, 3, 4))) static int fail_at(const struct parser *p, const char *at, const char *format,
                                                         ...) {
  char word[SHOWN + 1], why[400];
  size_t n = strcspn(at, " \t");
  n = n < SHOWN ? n : SHOWN;
  for (size_t i = 0; i < n; i++)
    word[i] = isprint((unsigned char)at[i]) ? at[i] : '?';
  word[n] = 0;
  va_list args;
  va_start(args, format);
  vsnprintf(why, sizeof why, format, args);
  va_end(args);
  if (n == 0)
    return sluice_fail(p->err, SLUICE_ERR_CONFIG, "cron", "character %zu: %s", (size_t)(at - p->text) + 1, why);
  return sluice_fail(p->err, SLUICE_ERR_CONFIG, "cron", "character %zu, at \"%s\": %s", (size_t)(at - p->text) + 1,
                     word, why);
}

static void skip_blanks(struct parser *p) {
  p->at += strspn(p->at, " \t");
}

/* Up to four digits, so that no number can wrap; -1: none here. */
static int take_number(struct parser *p) {
  int value = 0, n = 0;
  for (; n < 4 && *p->at >= '0' && *p->at <= '9'; n++)
    value = value * 10 + (*p->at++ - '0');
  return n ? value : -1;
}

static int take_name(struct parser *p, const struct field *field) {
  if (!field->names || isalpha((unsigned char)p->at[0]) == 0 ||
      strspn(p->at + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != 2)
    return -1;
  for (int i = 0; field->names[i]; i++)
    if (strncasecmp(p->at, field->names[i], 3) == 0) {
      p->at += 3;
      return i + field->low;
    }
  return -1;
}

static int take_value(struct parser *p, const struct field *field, int *out) {
  const char *start = p->at;
  int value = take_number(p);
  if (value < 0)
    value = take_name(p, field);
  if (value < field->low || value > field->high)
    return fail_at(p, start, "the %s must be %s, a range such as %d-%d, a list with commas, or *", field->name,
                   field->allowed, field->low, field->low + 3);
  *out = value;
  return SLUICE_OK;
}

static int take_range(struct parser *p, const struct field *field, const char *start, int *low, int *high) {
  p->at++; /* the dash */
  int status = take_value(p, field, high);
  if (status != SLUICE_OK)
    return status;
  if (field->names == weekday_names && *high == 0)
    *high = 7; /* FRI-SUN */
  if (*high < *low)
    return fail_at(p, start, "the range ends before it begins; write two, such as %d-%d,%d-%d", *low, field->last,
                   field->low, *high);
  return SLUICE_OK;
}

static int take_step(struct parser *p, const struct field *field, int low, int high, int *out) {
  const char *start = p->at++;
  int step = take_number(p);
  if (step < 1)
    return fail_at(p, start, "a step is a number of at least 1, as in */2");
  if (step > high - low && high > low)
    return fail_at(p, start,
                   "the step of %d is beyond the range %d-%d, and a step does not go on into the next hour, day, month "
                   "or year; for a fixed distance in time use `every` in place of `cron`",
                   step, low, high);
  if (high == low)
    return fail_at(p, start, "a step follows * or a range; write %d-%d/%d", low, field->last, step);
  *out = step;
  return SLUICE_OK;
}

static int take_item(struct parser *p, const struct field *field, uint64_t *set, bool *star) {
  const char *start = p->at;
  int low = field->low, high = field->last, step = 1, status = SLUICE_OK;
  if (*p->at == '*') {
    p->at++;
    *star = true;
  } else {
    status = take_value(p, field, &low);
    high = low;
    if (status == SLUICE_OK && *p->at == '-')
      status = take_range(p, field, start, &low, &high);
  }
  if (status == SLUICE_OK && *p->at == '/')
    status = take_step(p, field, low, high, &step);
  for (int i = low; status == SLUICE_OK && i <= high; i += step)
    *set |= UINT64_C(1) << i;
  return status;
}

static int take_field(struct parser *p, const struct field *field, uint64_t *set, bool *star) {
  for (;;) {
    int status = take_item(p, field, set, star);
    if (status != SLUICE_OK)
      return status;
    if (*p->at == 0 || *p->at == ' ' || *p->at == '\t')
      return SLUICE_OK;
    if (*p->at != ',')
      return fail_at(p, p->at, "this cannot follow in the field of the %s, which takes %s", field->name,
                     field->allowed);
    p->at++;
  }
}

/* The longest that a month ever is. */
static uint64_t days_of_month(int month) {
  int days = month == 2 ? 29 : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
  return (UINT64_C(1) << (days + 1)) - 1;
}

/* Each date of the calendar falls on each weekday sooner or later, the 29th of February too: only the date can fail. */
static bool ever_matches(const struct cron *cron) {
  if (cron->either)
    return true;
  for (int month = 1; month <= 12; month++)
    if (cron->sets[CRON_MONTH] >> month & 1 && cron->sets[CRON_DAY] & days_of_month(month))
      return true;
  return false;
}

static int parse_fields(struct parser *p, struct cron *out) {
  struct cron cron = {0};
  bool star[CRON_FIELDS] = {false};
  for (int i = 0; i < CRON_FIELDS; i++) {
    skip_blanks(p);
    if (*p->at == 0)
      return fail_at(p, p->at,
                     "%d of 5 fields are there; the %s is missing (minute hour day-of-month month day-of-week)", i,
                     fields[i].name);
    int status = take_field(p, &fields[i], &cron.sets[i], &star[i]);
    if (status != SLUICE_OK)
      return status;
  }
  skip_blanks(p);
  if (*p->at)
    return fail_at(p, p->at,
                   "text behind the five fields (minute hour day-of-month month day-of-week); there is none "
                   "for seconds or years");
  cron.sets[CRON_WEEKDAY] = (cron.sets[CRON_WEEKDAY] | cron.sets[CRON_WEEKDAY] >> 7) & 0x7f;
  cron.either = !star[CRON_DAY] && !star[CRON_WEEKDAY];
  cron.every_hour = cron.sets[CRON_HOUR] == (UINT64_C(1) << 24) - 1;
  if (!ever_matches(&cron))
    return sluice_fail(p->err, SLUICE_ERR_CONFIG, "cron",
                       "it never matches: none of its months has such a day; change the day of the month (third field) "
                       "or the month (fourth)");
  *out = cron;
  return SLUICE_OK;
}

static int parse_macro(struct parser *p, struct cron *out) {
  size_t n = strcspn(p->at, " \t");
  for (size_t i = 0; i < sizeof macros / sizeof macros[0]; i++) {
    if (strlen(macros[i].name) != n || strncasecmp(p->at, macros[i].name, n) != 0)
      continue;
    const char *rest = p->at + n;
    if (rest[strspn(rest, " \t")])
      return fail_at(p, rest + strspn(rest, " \t"), "nothing may follow %s", macros[i].name);
    struct parser fixed = {macros[i].text, macros[i].text, p->err};
    return parse_fields(&fixed, out);
  }
  return fail_at(p, p->at,
                 "the names are @hourly, @daily, @weekly, @monthly and @yearly; for a fixed distance in time "
                 "use `every` in place of `cron`");
}

int cron_parse(const char *text, struct cron *out, struct sluice_error *err) {
  struct parser p = {text, text, err};
  if (strlen(text) > TEXT_MAX)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "cron", "it is longer than %d characters", TEXT_MAX);
  skip_blanks(&p);
  return *p.at == '@' ? parse_macro(&p, out) : parse_fields(&p, out);
}
