/* What a cell of a table looks like: a number, a date or time, a word, or text with signs that may be delimiters. */
#include "cell.h"
#include <strings.h>

static bool is_digit(char c) {
  return (unsigned)(c - '0') <= 9;
}

static bool is_letter(char c) {
  return (unsigned)((c | 0x20) - 'a') <= 'z' - 'a';
}

/* What a cell consists of, so that most of what it is not is known at one look. */
enum { DIGITS = 1, LETTERS = 2, NOT_TIME = 4, NOT_MONTH_DATE = 8, PARTS = 16 };

static unsigned kind_of_sign(char c) {
  switch (c) {
  case ' ':
  case ':':
  case '-':
  case '/':
  case '.':
    return 0;
  case '+':
    return NOT_MONTH_DATE;
  case ',':
    return PARTS;
  case ';':
  case '\t':
  case '|':
  case '"':
    return PARTS | NOT_TIME | NOT_MONTH_DATE;
  default:
    return NOT_TIME | NOT_MONTH_DATE;
  }
}

static unsigned kinds_of(const char *p, size_t n) {
  unsigned kinds = 0;
  for (size_t i = 0; i < n; i++)
    if (is_digit(p[i]))
      kinds |= DIGITS;
    else if (is_letter(p[i]))
      kinds |= p[i] == 'T' || p[i] == 'Z' ? LETTERS : LETTERS | NOT_TIME;
    else
      kinds |= kind_of_sign(p[i]);
  return kinds;
}

static bool is_missing(const char *p, size_t n) {
  static const char *const words[] = {"NA", "N/A", "null", "nan", "none", "-", "--", ".", "?"};
  if (n > strlen("null"))
    return false;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strlen(words[i]) == n && strncasecmp(words[i], p, n) == 0)
      return true;
  return n == 0;
}

/* No commas, one, or such as stand before every three digits. */
static bool has_sound_commas(const char *p, size_t n) {
  size_t commas = 0, behind = 0;
  bool thousands = true;
  for (size_t i = 0; i < n; i++) {
    if (p[i] == ',') {
      thousands = thousands && (commas == 0 || behind == 3);
      commas++;
      behind = 0;
    } else {
      behind += commas && is_digit(p[i]);
      if (p[i] == '.')
        break;
    }
  }
  return commas < 2 || (thousands && behind == 3);
}

/* Digits with points, commas and apostrophes between them, perhaps a sign or currency before and an exponent, percent
 * or currency behind. */
static bool is_number(const char *p, size_t n) {
  size_t i = 0, digits = 0;
  while (i < n && (strchr("+-$#<>=~", p[i]) != NULL || (uint8_t)p[i] >= 0x80))
    i++; /* pounds and euros have bytes over 7f */
  if (i > 5)
    return false;
  for (; i < n && (is_digit(p[i]) || p[i] == '.' || p[i] == ',' || p[i] == '\''); i++)
    digits += is_digit(p[i]);
  if (digits == 0 || !has_sound_commas(p, i))
    return false;
  if (i + 1 < n && (p[i] == 'e' || p[i] == 'E')) {
    i += p[i + 1] == '-' || p[i + 1] == '+' ? 2 : 1;
    size_t exponent = i;
    while (i < n && is_digit(p[i]))
      i++;
    return i == n && i > exponent;
  }
  return i == n || (i + 1 == n && p[i] == '%');
}

/* Groups of digits with one kind of sign between them, three of them, or two with a colon: dates, times, both. */
static bool is_time(const char *p, size_t n) {
  size_t digits = 0, signs = 0, colons = 0;
  if (n < 4 || n > 40 || !is_digit(p[0]))
    return false;
  for (size_t i = 0; i < n; i++) {
    digits += is_digit(p[i]);
    colons += p[i] == ':';
    signs += p[i] == '-' || p[i] == '/' || p[i] == '.';
  }
  return digits >= 3 && (colons > 0 || signs >= 2);
}

/* A month by its first letters, digits and a few signs. */
static bool is_month_date(const char *p, size_t n) {
  static const char months[] = "jan feb mar apr may jun jul aug sep oct nov dec ";
  size_t digits = 0, letters = 0;
  char word[4] = "";
  if (n < 6 || n > 30)
    return false;
  for (size_t i = 0; i < n; i++) {
    digits += is_digit(p[i]);
    if (is_letter(p[i]) && letters < 3)
      word[letters] = (char)(p[i] | 0x20);
    letters += is_letter(p[i]);
  }
  const char *month = letters >= 3 && letters <= 9 ? strstr(months, word) : NULL;
  return month && (month - months) % 4 == 0 && digits >= 3;
}

static bool is_word(const char *p, size_t n, unsigned kinds) {
  if (n > 1 && p[0] == '\'' && p[n - 1] == '\'')
    return false; /* it is in quotes, if not in those of the dialect */
  return !(kinds & PARTS);
}

enum csv_look csv_cell_look(const char *p, size_t n) {
  while (n && (p[0] == ' ' || p[0] == '\t')) {
    p++;
    n--;
  }
  while (n && (p[n - 1] == ' ' || p[n - 1] == '\t'))
    n--;
  if (is_missing(p, n))
    return CSV_LOOK_EMPTY;
  unsigned kinds = kinds_of(p, n);
  if ((kinds & DIGITS) && !(kinds & NOT_TIME) && is_time(p, n))
    return CSV_LOOK_TIME;
  if ((kinds & DIGITS) && (kinds & LETTERS) && !(kinds & NOT_MONTH_DATE) && is_month_date(p, n))
    return CSV_LOOK_TIME;
  if ((kinds & DIGITS) && is_number(p, n))
    return CSV_LOOK_NUMBER;
  return is_word(p, n, kinds) ? CSV_LOOK_WORD : CSV_LOOK_TEXT;
}

bool csv_cell_is_blank(const char *p, size_t n) {
  size_t i = 0;
  while (i < n && (p[i] == ' ' || p[i] == '\t' || p[i] == '\r' || p[i] == '\n'))
    i++;
  return i == n;
}
