/* Numbers and texts of the sample: what each can be, and the type that takes all of them. */
#include "guess_scalar.h"
#include "digits.h"

enum { DIGITS_MAX = 76 /* of a decimal */, DIGITS_SHORT = 38 /* of one of 128 bits */ };

/* ---- numbers ---- */

static void note_digits(struct json_guess *g, uint32_t whole, uint32_t scale) {
  g->whole = whole > g->whole ? whole : g->whole;
  g->scale = scale > g->scale ? scale : g->scale;
}

static void look_at_real(struct json_guess *g, const char *text, size_t n) {
  double real;
  if (!sluice_parse_double(text, n, &real))
    g->seen |= JSON_SEEN_OTHER;
  else {
    struct json_digits digits = json_digits_of(text, n);
    note_digits(g, digits.whole, digits.scale);
    g->seen |= JSON_SEEN_REAL;
    g->inexact |= !json_digits_kept(digits, real);
  }
}

static void look_at_whole(struct json_guess *g, const char *text, size_t n) {
  int64_t whole;
  uint64_t large;
  bool minus = text[0] == '-';
  g->seen |= JSON_SEEN_WHOLE;
  g->negative |= minus;
  note_digits(g, n - minus < JSON_DIGITS_MANY ? (uint32_t)(n - minus) : JSON_DIGITS_MANY, 0);
  bool fits = sluice_parse_int(text, n, &whole);
  g->over |= !fits;
  g->over_unsigned |= !sluice_parse_uint(text + minus, n - minus, &large);
  g->inexact |= !fits || whole < -(1ll << 53) || whole > 1ll << 53;
}

void json_guess_number(struct json_guess *g, const char *text, size_t n) {
  bool plain = !memchr(text, '.', n) && !memchr(text, 'e', n) && !memchr(text, 'E', n);
  bool minus_zero = n == 2 && memcmp(text, "-0", 2) == 0;
  if (plain && !minus_zero)
    look_at_whole(g, text, n);
  else
    look_at_real(g, text, n);
}

const char *json_guess_whole_format(const struct json_guess *g) {
  if (!g->over)
    return "l";
  if (!g->negative && !g->over_unsigned)
    return "L";
  return g->whole <= DIGITS_SHORT ? "d:38,0" : g->whole <= DIGITS_MAX ? "d:76,0,256" : "";
}

void json_guess_real_format(const struct json_guess *g, const struct json_config *config, char out[32]) {
  uint32_t digits = g->whole + g->scale;
  bool decimal = !g->words && digits <= DIGITS_MAX;
  if (!g->inexact && !(decimal && config->fractions == JSON_FRACTIONS_DECIMAL))
    snprintf(out, 32, "g");
  else if (decimal)
    snprintf(out, 32, digits <= DIGITS_SHORT ? "d:38,%u" : "d:76,%u,256", g->scale);
  else
    out[0] = 0;
}

/* ---- texts ---- */

static uint8_t clock_of(const char *p, size_t n) {
  int64_t at;
  if (sluice_parse_time(p, n, SLUICE_MICRO, &at))
    return JSON_TIME_CLOCK | JSON_TIME_CLOCK_NANO;
  return sluice_parse_time(p, n, SLUICE_NANO, &at) ? JSON_TIME_CLOCK_NANO : 0;
}

/* In nanoseconds a timestamp has more digits, in microseconds there are more years. */
static uint8_t stamp_of(const char *p, size_t n) {
  int64_t at;
  bool zoned = false;
  unsigned bits = 0;
  if (sluice_parse_timestamp(p, n, SLUICE_MICRO, &at, &zoned))
    bits = at >= INT64_MIN / 1000 && at <= INT64_MAX / 1000 ? JSON_TIME_STAMP | JSON_TIME_STAMP_NANO : JSON_TIME_STAMP;
  else if (sluice_parse_timestamp(p, n, SLUICE_NANO, &at, &zoned))
    bits = JSON_TIME_STAMP_NANO;
  return (uint8_t)(zoned ? bits << 1 : bits);
}

static uint8_t times_of(const char *p, size_t n) {
  int32_t days;
  if (n < 8 || (uint8_t)(p[0] - '0') > 9)
    return 0;
  if (p[2] == ':' && p[5] == ':')
    return clock_of(p, n);
  if (n < 10 || p[4] != '-')
    return 0;
  if (n == 10)
    return sluice_parse_date(p, n, &days) ? JSON_TIME_DATE : 0;
  return stamp_of(p, n);
}

void json_guess_text(struct json_guess *g, const struct json_config *config, const char *text, size_t n) {
  if (!(g->seen & JSON_SEEN_TEXT))
    g->times = config->times ? JSON_TIME_ALL : 0;
  g->seen |= JSON_SEEN_TEXT;
  if (g->times)
    g->times &= times_of(text, n);
}

/* The first that all texts are. */
const char *json_guess_text_format(const struct json_guess *g) {
  static const char *const formats[] = {"tdD", "tsu:", "tsu:UTC", "tsn:", "tsn:UTC", "ttu", "ttn"};
  return g->times ? formats[__builtin_ctz(g->times)] : "u";
}
