/* What a column of a type that was found, not asked for, takes: after the sample no more than in it. */
#include "convert_rows.h"
#include "csv.h"

enum { EXACT_DIGITS = 15 }; /* a double holds any integer of so many */

/* Nan and inf: no digits, and no sign that would be lost. */
static bool is_word(const char *text) {
  return text[0] != '+' && (unsigned)(text[0] - '0') > 9 && text[0] != '.';
}

static bool is_whole(const char *text, size_t n) {
  return !memchr(text, '.', n) && !memchr(text, 'e', n) && !memchr(text, 'E', n);
}

static bool keeps_int(const char *text, size_t n) {
  return csv_values_bare(text, n) && !(text[0] == '-' && text[1] == '0');
}

static bool keeps_real(const char *text, size_t n) {
  int64_t whole;
  if (!csv_values_bare(text, n))
    return is_word(text) && !(text[0] == '-' && (unsigned)(text[1] - '0') <= 9);
  if (n <= EXACT_DIGITS || !is_whole(text, n))
    return true;
  return sluice_parse_int(text, n, &whole) && csv_values_exact(whole);
}

static bool keeps(const struct csv_column *c, const char *text, size_t n) {
  switch (c->type.id) {
  case SLUICE_TYPE_INT64:
    return keeps_int(text, n);
  case SLUICE_TYPE_DOUBLE:
    return keeps_real(text, n);
  default:
    return csv_values_bare(text, n);
  }
}

static bool keeps_written(const struct csv_column *c, const char *text, size_t n) {
  char plain[CSV_NUMBER_MAX + CSV_PADDING];
  size_t size;
  return csv_values_number(c->written, text, n, plain, &size) && size > 0 && keeps(c, plain, size);
}

/* Digits are truth values only where one is asked for, or where they are said to be. */
static bool keeps_bool(const struct csv_column *c, const char *text, size_t n) {
  (void)n;
  return c->written->trues || (unsigned)(text[0] - '0') > 9;
}

void csv_column_found(struct csv_column *c) {
  if (c->type.id == SLUICE_TYPE_BOOL)
    c->keeps = keeps_bool;
  else if (csv_number_parser(&c->type, true))
    c->keeps = c->written->plain ? keeps : keeps_written;
}
