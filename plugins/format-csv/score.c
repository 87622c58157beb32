/* How well a dialect fits the text that was read with it. */
#include "score.h"

double csv_score_share(const struct csv_grid *g) {
  return g->filled ? (double)g->regular / g->filled : 0;
}

double csv_score_values(const struct csv_grid *g, int quote) {
  static const double weights[CSV_LOOKS] = {
      [CSV_LOOK_EMPTY] = 0.9, [CSV_LOOK_NUMBER] = 1, [CSV_LOOK_TIME] = 1, [CSV_LOOK_WORD] = 0.9, [CSV_LOOK_TEXT] = 0.3};
  double sum = 0;
  size_t cells = 0;
  for (uint32_t row = 0; row < g->cells.rows; row++)
    for (uint32_t column = 0; column < g->columns; column++) {
      const char *text;
      size_t n;
      bool quoted = csv_grid_cell(g, quote, row, column, &text, &n);
      enum csv_look look = csv_cell_look(text, n);
      sum += quoted && look > CSV_LOOK_TIME ? 0.95 : weights[look];
      cells++;
    }
  return cells ? sum / (double)cells : 0;
}

/* The first record, mostly a header, should have as many fields as the others; a title before them may not. */
static double first_score(const struct csv_grid *g) {
  uint32_t first = 0;
  while (first + 1 < g->count && g->records[first].fields == 0)
    first++;
  return g->records[first].fields == g->columns ? 1 : 0.8;
}

double csv_score_shape(const struct csv_grid *g) {
  if (g->filled == 0)
    return 0;
  double same = csv_score_share(g);
  double sound = g->broken >= g->filled ? 0 : 1 - (double)g->broken / g->filled;
  double many = g->columns > 1 ? (double)(g->columns - 1) / g->columns : 0.35;
  return same * same * sound * sound * many * first_score(g);
}

bool csv_score_has_values(const struct csv_grid *g, int quote) {
  for (uint32_t column = 1; column < g->columns; column++) {
    uint32_t values = 0;
    for (uint32_t row = 0; row < g->cells.rows; row++) {
      const char *text;
      size_t n;
      csv_grid_cell(g, quote, row, column, &text, &n);
      enum csv_look look = csv_cell_look(text, n);
      values += look == CSV_LOOK_NUMBER || look == CSV_LOOK_TIME;
    }
    if (2 * values > g->cells.rows)
      return true;
  }
  return false;
}

bool csv_score_has_byte(const struct csv_grid *g, int quote, uint8_t byte) {
  for (uint32_t row = 0; row < g->cells.rows; row++)
    for (uint32_t column = 0; column < g->columns; column++) {
      const char *text;
      size_t n;
      if (!csv_grid_cell(g, quote, row, column, &text, &n) && memchr(text, byte, n))
        return true;
    }
  return false;
}

static size_t count_in(const char *text, size_t n, char c) {
  size_t count = 0;
  for (size_t i = 0; i < n; i++)
    count += text[i] == c;
  return count;
}

/* Cells that are in quotes, numbers or times are one value each. */
static bool is_shared(const struct csv_grid *g, int quote, char c) {
  size_t first = 0;
  for (uint32_t row = 0; row < g->cells.rows; row++) {
    const char *text;
    size_t n;
    if (csv_grid_cell(g, quote, row, 0, &text, &n) || csv_cell_look(text, n) < CSV_LOOK_WORD)
      return false;
    size_t count = count_in(text, n, c);
    if (count == 0 || (row > 0 && count != first))
      return false;
    first = count;
  }
  return g->cells.rows > 1;
}

char csv_score_shared(const struct csv_grid *g, int quote) {
  static const char marks[] = " :#/=&!*";
  for (const char *c = marks; *c; c++)
    if (is_shared(g, quote, *c))
      return *c;
  return 0;
}
