/* How many digits a number takes, as it is written. */
#include "digits.h"
#include <sluice/arrow.h>

enum { FAR = 1 << 30 }; /* an exponent of more moves the point out of all that is counted */

struct counts {
  int64_t before, behind; /* digits on either side of the point; before: without zeros at the front */
  int64_t empty;          /* zeros between the point and the first digit that is none */
  int64_t digits;         /* from that digit on */
  int64_t significant;    /* to the last such digit */
};

/* Up to the exponent; returns its place, or n. */
static size_t count(const char *text, size_t n, struct counts *c) {
  bool point = false;
  size_t i = text[0] == '-';
  for (; i < n && (text[i] | 0x20) != 'e'; i++) {
    if (text[i] == '.') {
      point = true;
      continue;
    }
    bool zero = text[i] == '0', started = c->digits > 0 || !zero;
    c->before += started && !point;
    c->behind += point;
    c->empty += point && !started;
    c->digits += started;
    if (!zero)
      c->significant = c->digits;
  }
  return i;
}

static int64_t exponent_of(const char *text, size_t n) {
  int64_t value;
  if (n == 0)
    return 0;
  if (!sluice_parse_int(text, n, &value)) /* it is one, so it is over 64 bits */
    return text[0] == '-' ? -FAR : FAR;
  return value < -FAR ? -FAR : value > FAR ? FAR : value;
}

static uint32_t cut(int64_t n) {
  return n < 0 ? 0 : n > JSON_DIGITS_MANY ? JSON_DIGITS_MANY : (uint32_t)n;
}

struct json_digits json_digits_of(const char *text, size_t n) {
  struct counts c = {0};
  size_t end = count(text, n, &c);
  int64_t exponent = end < n ? exponent_of(text + end + 1, n - end - 1) : 0;
  if (c.significant == 0)
    return (struct json_digits){.scale = cut(c.behind)};
  int64_t first = c.before > 0 ? c.before : -c.empty;
  return (struct json_digits){cut(first + exponent), cut(c.behind - exponent), cut(c.significant)};
}
