/* Parsing and printing of numbers with units. */
#include "core/base/quantity.h"
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct unit {
  const char *name;
  int64_t factor;
};
static const struct unit sizes[] = {
    {"", 1},          {"B", 1},           {"kB", 1000},          {"KB", 1000},
    {"MB", 1000000},  {"GB", 1000000000}, {"TB", 1000000000000}, {"KiB", INT64_C(1) << 10},
    {"kiB", 1 << 10}, {"MiB", 1 << 20},   {"GiB", 1 << 30},      {"TiB", INT64_C(1) << 40},
};
static const struct unit durations[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};

bool quantity_int(const char *text, int64_t *out) {
  const char *digits = text + (*text == '-' || *text == '+');
  if (*digits < '0' || *digits > '9')
    return false;
  errno = 0;
  char *end;
  intmax_t value = strtoimax(text, &end, 10);
  if (errno || *end || value < INT64_MIN || value > INT64_MAX)
    return false;
  *out = value;
  return true;
}

/* strtod also takes spaces, hex, infinities and names, which no configuration means. */
static bool parse_decimal(const char *text, double *out, const char **end) {
  size_t n = strspn(text, "+-0123456789.eE");
  if (n == 0 || n > 63 || !strpbrk(text, "0123456789"))
    return false;
  char copy[64], *stop;
  memcpy(copy, text, n);
  copy[n] = 0;
  double value = strtod(copy, &stop);
  if (stop == copy || !isfinite(value))
    return false;
  *out = value;
  *end = text + (stop - copy);
  return true;
}

bool quantity_double(const char *text, double *out) {
  const char *end;
  double value;
  if (!parse_decimal(text, &value, &end) || *end)
    return false;
  *out = value;
  return true;
}

bool quantity_bool(const char *text, bool *out) {
  bool yes = strcmp(text, "true") == 0;
  if (!yes && strcmp(text, "false") != 0)
    return false;
  *out = yes;
  return true;
}

static const struct unit *find_unit(const struct unit *units, size_t n, const char *name) {
  for (size_t i = 0; i < n; i++)
    if (strcmp(units[i].name, name) == 0)
      return &units[i];
  return NULL;
}

/* Whole numbers are exact to 64 bits; others go through a double and are rounded down. */
static bool parse_with_unit(const char *text, const struct unit *units, size_t n, int64_t *out) {
  size_t digits = strspn(text, "0123456789");
  if (digits == 0)
    return false;
  size_t length = strspn(text, "0123456789.");
  const char *name = text + length + strspn(text + length, " ");
  const struct unit *unit = find_unit(units, n, name);
  char number[24];
  if (!unit || length >= sizeof number)
    return false;
  memcpy(number, text, length);
  number[length] = 0;
  int64_t whole;
  if (digits == length)
    return quantity_int(number, &whole) && !__builtin_mul_overflow(whole, unit->factor, out);
  double value;
  if (!quantity_double(number, &value) || value * (double)unit->factor >= 9e18)
    return false;
  *out = (int64_t)(value * (double)unit->factor);
  return true;
}

bool quantity_size(const char *text, int64_t *bytes) {
  return parse_with_unit(text, sizes, sizeof sizes / sizeof sizes[0], bytes);
}

bool quantity_duration(const char *text, int64_t *ms) {
  return parse_with_unit(text, durations, sizeof durations / sizeof durations[0], ms);
}

bool quantity_percent(const char *text, double *fraction) {
  size_t n = strlen(text);
  char number[32];
  double value;
  if (n < 2 || n > sizeof number || text[n - 1] != '%')
    return false;
  memcpy(number, text, n - 1);
  number[n - 1] = 0;
  if (!quantity_double(number, &value) || value < 0 || value > 100)
    return false;
  *fraction = value / 100;
  return true;
}

void quantity_print_size(int64_t bytes, char out[QUANTITY_TEXT_SIZE]) {
  static const char *const names[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double value = (double)bytes;
  size_t i = 0;
  for (; value >= 1024 && i + 1 < sizeof names / sizeof names[0]; i++)
    value /= 1024;
  snprintf(out, QUANTITY_TEXT_SIZE, i ? "%.1f %s" : "%.0f %s", value, names[i]);
}

void quantity_print_duration(int64_t ms, char out[QUANTITY_TEXT_SIZE]) {
  int64_t seconds = ms / 1000;
  if (ms < 1000)
    snprintf(out, QUANTITY_TEXT_SIZE, "%" PRId64 "ms", ms);
  else if (seconds < 60)
    snprintf(out, QUANTITY_TEXT_SIZE, "%" PRId64 ".%" PRId64 "s", seconds, ms % 1000 / 100);
  else if (seconds < 3600)
    snprintf(out, QUANTITY_TEXT_SIZE, "%" PRId64 "m %02" PRId64 "s", seconds / 60, seconds % 60);
  else
    snprintf(out, QUANTITY_TEXT_SIZE, "%" PRId64 "h %02" PRId64 "m", seconds / 3600, seconds / 60 % 60);
}

bool quantity_time(const char *text, int64_t *us) {
  static const char *const forms[] = {"%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"};
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
    struct tm tm = {0};
    char again[64]; /* strptime takes blanks and short numbers, and months of 31 days */
    const char *end = strptime(text, forms[i], &tm);
    if (!end || *end)
      continue;
    time_t seconds = timegm(&tm);
    if (strftime(again, sizeof again, forms[i], &tm) == 0 || strcmp(again, text) != 0)
      continue;
    *us = (int64_t)seconds * 1000000;
    return true;
  }
  return false;
}
