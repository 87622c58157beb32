/* Types of columns, found from a sample: each value strikes out the types that it does not fit. */
#include "infer.h"

enum { INT = 1, DOUBLE = 2, BOOL = 4, DATE = 8, STAMP = 16, STAMP_UTC = 32, ALL = 63 };

static bool is_digit(char c) {
  return (unsigned)(c - '0') <= 9;
}

/* A sign, and zeros before other digits, are part of what was written: such a value stays text. */
static bool is_bare_number(const char *p, size_t n) {
  if (n > 0 && p[0] == '-') {
    p++;
    n--;
  }
  if (n == 0 || !(is_digit(p[0]) || (p[0] == '.' && n > 1 && is_digit(p[1]))))
    return false;
  return !(n > 1 && p[0] == '0' && is_digit(p[1]));
}

static bool is_exact_in_double(int64_t v) {
  return v >= -(1ll << 53) && v <= 1ll << 53;
}

static uint8_t number_types(const char *p, size_t n, struct csv_guess *g) {
  int64_t whole;
  double real;
  if (!is_bare_number(p, n))
    return 0;
  g->digits = true;
  if (sluice_parse_int(p, n, &whole)) {
    if (whole == 0 && p[0] == '-')
      return DOUBLE;
    return is_exact_in_double(whole) ? INT | DOUBLE : INT;
  }
  if (!memchr(p, '.', n) && !memchr(p, 'e', n) && !memchr(p, 'E', n))
    return 0; /* an integer over 64 bits */
  return sluice_parse_double(p, n, &real) && real - real == 0 ? DOUBLE : 0;
}

static uint8_t time_types(const char *p, size_t n) {
  int32_t days;
  int64_t at;
  bool zoned;
  if (n < 10 || !is_digit(p[0]) || p[4] != '-')
    return 0;
  if (n == 10)
    return sluice_parse_date(p, n, &days) ? DATE : 0;
  if (!sluice_parse_timestamp(p, n, SLUICE_MICRO, &at, &zoned))
    return 0;
  return zoned ? STAMP_UTC : STAMP;
}

static uint8_t word_types(const char *p, size_t n) {
  bool truth;
  double real;
  if (sluice_parse_bool(p, n, &truth))
    return BOOL;
  if (n > 0 && (p[0] == '-' || !is_digit(p[0])) && p[0] != '+' && sluice_parse_double(p, n, &real) && real - real != 0)
    return DOUBLE; /* nan, inf */
  return 0;
}

static void look_at(struct csv_guess *g, const char *p, size_t n) {
  uint8_t fits = 0;
  if (g->candidates & (INT | DOUBLE))
    fits |= number_types(p, n, g);
  if (!fits && (g->candidates & (DATE | STAMP | STAMP_UTC)))
    fits |= time_types(p, n);
  if (!fits && (g->candidates & (BOOL | DOUBLE)))
    fits |= word_types(p, n);
  g->candidates &= fits;
}

static int look_at_column(const struct csv_index *ix, uint32_t column, const struct csv_field_rules *rules,
                          struct sluice_buffer *scratch, struct csv_guess *g) {
  const struct csv_fields f = csv_index_column(ix, column);
  for (uint32_t row = 0; row < ix->rows; row++) {
    if (g->values && !g->candidates)
      break;
    uint32_t start = f.from[row * f.stride] + f.plus;
    struct csv_text text;
    int kind =
        csv_field_read(rules, ix->data + start, (int32_t)(f.to[(size_t)row * ix->columns] - start), scratch, &text);
    if (kind < 0)
      return SLUICE_ERR_MEMORY;
    if (kind != CSV_TEXT)
      continue;
    if (!g->values)
      g->candidates = ALL;
    g->values = true;
    look_at(g, text.data, text.size);
  }
  return SLUICE_OK;
}

int csv_infer(struct csv_index *ix, const struct csv_dialect *dialect, const struct csv_nulls *nulls,
              const uint8_t *data, const struct csv_bounds *sample, struct csv_guess *guesses,
              struct sluice_error *err) {
  const struct csv_field_rules rules = {dialect->quote, nulls};
  struct sluice_buffer scratch = {0};
  struct csv_bounds rest = *sample;
  enum csv_stop stop = CSV_STOP_FULL;
  int rc = SLUICE_OK;
  while (rc == SLUICE_OK && stop == CSV_STOP_FULL) {
    stop = csv_index_block(ix, dialect, data, &rest);
    if (stop == CSV_STOP_MEMORY)
      rc = SLUICE_ERR_MEMORY;
    for (uint32_t i = 0; rc == SLUICE_OK && i < ix->columns; i++)
      if (guesses[i].wanted)
        rc = look_at_column(ix, i, &rules, &scratch, &guesses[i]);
    data += ix->next;
    rest.size -= ix->next;
  }
  sluice_buffer_free(&scratch);
  return rc ? sluice_fail(err, rc, "", "no memory to find the types of the columns") : rc;
}

const char *csv_guess_format(const struct csv_guess *g) {
  if (!g->values || !g->candidates)
    return "u";
  if (g->candidates & BOOL)
    return "b";
  if (g->candidates & INT)
    return "l";
  if (g->candidates & DOUBLE)
    return g->digits ? "g" : "u";
  if (g->candidates & DATE)
    return "tdD";
  return g->candidates & STAMP ? "tsu:" : "tsu:UTC";
}
