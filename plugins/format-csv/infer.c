/* Types of columns, found from records: each value strikes out what it does not fit. */
#include "infer.h"
#include "csv.h"
#include "order.h"

enum { INT = 1, DOUBLE = 2, DECIMAL = 4, BOOL = 8, TIME = 16, TIME_NANO = 32, ALL = 63 };
enum { STYLE_ISO = 1, ALL_STYLES = (1 << (CSV_ORDERS + 1)) - 1, DIGITS_MAX = 76 };

static bool is_digit(char c) {
  return (unsigned)(c - '0') <= 9;
}

/* Digits and a point alone; notes how many of them there are. */
static uint8_t decimal_types(const char *p, size_t n, struct csv_guess *g) {
  size_t sign = p[0] == '-', whole = sign, end;
  while (whole < n && is_digit(p[whole]))
    whole++;
  end = whole + (whole < n && p[whole] == '.');
  size_t fraction = end;
  while (end < n && is_digit(p[end]))
    end++;
  if (end != n || n > DIGITS_MAX)
    return 0;
  if ((int32_t)(whole - sign) > g->whole)
    g->whole = (int32_t)(whole - sign);
  if ((int32_t)(end - fraction) > g->scale)
    g->scale = (int32_t)(end - fraction);
  return DECIMAL;
}

static uint8_t plain_number_types(const char *p, size_t n, struct csv_guess *g) {
  int64_t whole;
  double real;
  if (!csv_values_bare(p, n))
    return 0;
  g->digits = true;
  uint8_t fits = decimal_types(p, n, g);
  if (sluice_parse_int(p, n, &whole)) {
    if (whole == 0 && p[0] == '-')
      return DOUBLE;
    return (uint8_t)(fits | (csv_values_exact(whole) ? INT | DOUBLE : INT));
  }
  if (!memchr(p, '.', n) && !memchr(p, 'e', n) && !memchr(p, 'E', n))
    return fits; /* an integer over 64 bits is no double: digits would be lost */
  return sluice_parse_double(p, n, &real) && real - real == 0 ? (uint8_t)(fits | DOUBLE) : fits;
}

static uint8_t number_types(const struct csv_values *values, const char *p, size_t n, struct csv_guess *g) {
  char plain[CSV_NUMBER_MAX];
  size_t size;
  if (values->plain)
    return plain_number_types(p, n, g);
  return csv_values_number(values, p, n, plain, &size) ? plain_number_types(plain, size, g) : 0;
}

static uint8_t word_types(const struct csv_values *values, const char *p, size_t n) {
  bool truth;
  double real;
  if (csv_values_bool(values, p, n, &truth))
    return BOOL;
  if (n > 0 && (p[0] == '-' || !is_digit(p[0])) && p[0] != '+' && sluice_parse_double(p, n, &real) && real - real != 0)
    return DOUBLE; /* nan, inf */
  return 0;
}

/* With seconds: 12:30 may as well be minutes, or a ratio. */
static uint8_t clock_types(const struct csv_values *values, const char *p, size_t n) {
  int64_t value;
  if (values->times.count == 0 && (n < 8 || p[2] != ':' || p[5] != ':'))
    return 0;
  if (csv_values_time(values, p, n, SLUICE_MICRO, &value))
    return TIME | TIME_NANO;
  return csv_values_time(values, p, n, SLUICE_NANO, &value) ? TIME_NANO : 0;
}

struct styles {
  uint16_t dates, stamps, nanos;
};

/* Notes under the style what the text is: by ISO 8601, or as declared. */
static void look_at_style(const struct csv_values *values, const char *p, size_t n, uint16_t style, struct csv_guess *g,
                          struct styles *s) {
  int32_t days;
  int64_t at;
  bool zoned = false;
  if (csv_values_date(values, p, n, &days))
    s->dates |= style;
  bool micro = csv_values_stamp(values, p, n, SLUICE_MICRO, &at, &zoned);
  bool nano = csv_values_stamp(values, p, n, SLUICE_NANO, &at, &zoned);
  s->stamps |= micro ? style : 0;
  s->nanos |= nano ? style : 0;
  g->zoned |= (micro | nano) && zoned;
  g->unzoned |= (micro | nano) && !zoned;
}

static void look_at_times(const struct csv_values *values, const char *p, size_t n, struct csv_guess *g) {
  static const struct csv_values iso = {.point = '.', .plain = true};
  struct styles s = {0, 0, 0};
  uint16_t open = g->dates | g->stamps | g->nanos;
  bool declared = values->dates.count || values->stamps.count;
  if (open & STYLE_ISO)
    look_at_style(values, p, n, STYLE_ISO, g, &s);
  for (int i = 0; i < CSV_ORDERS && !declared; i++) {
    char text[CSV_ORDER_TEXT];
    size_t size;
    if (open >> (i + 1) & 1 && csv_order_rewrite(i, p, n, text, &size))
      look_at_style(&iso, text, size, (uint16_t)(2 << i), g, &s);
  }
  g->dates &= s.dates;
  g->stamps &= s.stamps;
  g->nanos &= s.nanos;
}

static void look_at(const struct csv_values *values, struct csv_guess *g, const char *p, size_t n) {
  uint8_t fits = 0;
  bool times = g->dates | g->stamps | g->nanos;
  if (g->candidates & (INT | DOUBLE | DECIMAL))
    fits |= number_types(values, p, n, g);
  if (g->candidates & (BOOL | DOUBLE) && (!fits || values->trues))
    fits |= word_types(values, p, n);
  if (g->candidates & (TIME | TIME_NANO))
    fits |= clock_types(values, p, n);
  if (times)
    look_at_times(values, p, n, g);
  g->candidates &= fits;
}

static bool is_open(const struct csv_guess *g) {
  return !g->values || g->candidates || g->dates || g->stamps || g->nanos;
}

static int look_at_column(struct csv_infer *infer, const struct csv_index *ix, uint32_t column) {
  struct csv_guess *g = &infer->guesses[column];
  const struct csv_fields f = csv_index_column(ix, column);
  for (uint32_t row = 0; row < ix->rows && is_open(g); row++) {
    uint32_t start = f.from[row * f.stride] + f.plus;
    struct csv_text text;
    int kind = csv_field_read(&infer->rules, ix->data + start, (int32_t)(f.to[(size_t)row * ix->columns] - start),
                              &infer->scratch, &text);
    if (kind < 0)
      return SLUICE_ERR_MEMORY;
    if (kind != CSV_TEXT)
      continue;
    if (!g->values) {
      g->candidates = ALL;
      g->dates = g->stamps = g->nanos = ALL_STYLES;
    }
    g->values = true;
    look_at(infer->values, g, text.data, text.size);
  }
  return SLUICE_OK;
}

int csv_infer_block(struct csv_infer *infer, const struct csv_index *ix) {
  int rc = SLUICE_OK;
  for (uint32_t i = 0; rc == SLUICE_OK && i < ix->columns; i++)
    if (infer->guesses[i].wanted)
      rc = look_at_column(infer, ix, i);
  return rc;
}

void csv_infer_finish(struct csv_infer *infer) {
  sluice_buffer_free(&infer->scratch);
}

/* One style is left; of two, such as day before month and month before day, none is chosen. */
static bool is_one(uint16_t styles) {
  return styles && !(styles & (styles - 1));
}

static void number_format(const struct csv_guess *g, bool decimals, char out[CSV_FORMAT_MAX]) {
  int32_t precision = g->whole + g->scale <= 38 ? 38 : DIGITS_MAX;
  if (g->candidates & INT)
    snprintf(out, CSV_FORMAT_MAX, "l");
  else if (decimals && g->candidates & DECIMAL && g->whole + g->scale <= DIGITS_MAX)
    snprintf(out, CSV_FORMAT_MAX, precision == 38 ? "d:%d,%d" : "d:%d,%d,256", precision, g->scale);
  else
    snprintf(out, CSV_FORMAT_MAX, "%s", g->candidates & DOUBLE && g->digits ? "g" : "u");
}

static const char *time_format(const struct csv_guess *g) {
  if (is_one(g->dates))
    return "tdD";
  if (g->zoned && g->unzoned)
    return NULL;
  if (is_one(g->stamps))
    return g->zoned ? "tsu:UTC" : "tsu:";
  if (is_one(g->nanos))
    return g->zoned ? "tsn:UTC" : "tsn:";
  return NULL;
}

void csv_guess_format(const struct csv_guess *g, bool decimals, char out[CSV_FORMAT_MAX]) {
  const char *time = g->values ? time_format(g) : NULL;
  if (time)
    snprintf(out, CSV_FORMAT_MAX, "%s", time);
  else if (g->values && g->candidates & BOOL)
    snprintf(out, CSV_FORMAT_MAX, "b");
  else if (g->values && g->candidates & (TIME | TIME_NANO))
    snprintf(out, CSV_FORMAT_MAX, "%s", g->candidates & TIME ? "ttu" : "ttn");
  else if (g->values && g->candidates)
    number_format(g, decimals, out);
  else
    snprintf(out, CSV_FORMAT_MAX, "u");
}

int csv_guess_order(const struct csv_guess *g, const char *format) {
  uint16_t styles = strncmp(format, "td", 2) == 0 ? g->dates : g->stamps ? g->stamps : g->nanos;
  if (strncmp(format, "td", 2) != 0 && strncmp(format, "ts", 2) != 0)
    return CSV_ORDER_NONE;
  return !g->values || !is_one(styles) || styles == STYLE_ISO ? CSV_ORDER_NONE : __builtin_ctz(styles) - 1;
}
