/* Finds comments, the lines before a table, and whether it has a header: by what the first record has that the others
 * do not. */
#include "header.h"
#include "sniff.h"
#include <stdlib.h>

enum { ROWS = 200, PREAMBLE = 100, YEAR_FIRST = 1900, YEAR_LAST = 2100 };

struct text {
  const char *data;
  size_t size;
};
struct column { /* what the records behind the first have in it */
  uint32_t looks[CSV_LOOKS], filled;
  uint32_t years, repeats; /* numbers that may be years; cells that are the same as the first record's */
  size_t shortest, longest;
};

static struct text cell(const struct csv_grid *g, int quote, uint32_t row, uint32_t column) {
  struct text t;
  csv_grid_cell(g, quote, row, column, &t.data, &t.size);
  return t;
}

static enum csv_look look_of(struct text t) {
  return csv_cell_look(t.data, t.size);
}

/* A number of at most 9 digits and nothing else; -1: it is none. */
static int64_t whole(struct text t) {
  int64_t value = 0;
  if (t.size == 0 || t.size > 9)
    return -1;
  for (size_t i = 0; i < t.size; i++) {
    if (t.data[i] < '0' || t.data[i] > '9')
      return -1;
    value = value * 10 + (t.data[i] - '0');
  }
  return value;
}

static bool is_year(struct text t) {
  int64_t value = whole(t);
  return t.size == 4 && value >= YEAR_FIRST && value <= YEAR_LAST;
}

static bool is_same(struct text a, struct text b) {
  return a.size == b.size && a.size > 0 && memcmp(a.data, b.data, a.size) == 0;
}

static struct column look_at(const struct csv_grid *g, int quote, uint32_t head, uint32_t column) {
  struct column c = {.shortest = SIZE_MAX};
  struct text first = cell(g, quote, head, column);
  for (uint32_t row = head + 1; row < g->cells.rows && row <= head + ROWS; row++) {
    struct text t = cell(g, quote, row, column);
    enum csv_look look = look_of(t);
    c.looks[look]++;
    if (look == CSV_LOOK_EMPTY)
      continue;
    c.filled++;
    c.years += is_year(t);
    c.repeats += is_same(first, t);
    c.shortest = t.size < c.shortest ? t.size : c.shortest;
    c.longest = t.size > c.longest ? t.size : c.longest;
  }
  return c;
}

/* Is the first cell a name for what is below it? 1: surely; -1: surely not. */
static double vote(const struct column *c, struct text first) {
  enum csv_look look = look_of(first);
  bool is_text = look >= CSV_LOOK_WORD;
  uint32_t most = c->filled - c->filled / 10;
  if (c->filled == 0 || look == CSV_LOOK_EMPTY)
    return 0;
  if (c->looks[CSV_LOOK_NUMBER] >= most || c->looks[CSV_LOOK_TIME] >= most) {
    bool same = c->looks[look] >= most;
    if (is_text || !same)
      return is_text ? 1 : 0.3;
    return is_year(first) && c->years < c->filled / 2 ? 0.5 : -1;
  }
  if (!is_text)
    return -0.3;
  if (c->repeats)
    return -0.5;
  if (c->filled < 3 || c->shortest != c->longest || c->shortest < 2)
    return 0;
  return first.size != c->shortest ? 0.3 : -0.05;
}

/* Names such as 0, 1, 2: they count the columns. */
static bool is_sequence(const struct csv_grid *g, int quote, uint32_t row) {
  int64_t first = whole(cell(g, quote, row, 0));
  bool same = g->columns >= 3 && (first == 0 || first == 1);
  for (uint32_t i = 1; same && i < g->columns; i++)
    same = whole(cell(g, quote, row, i)) == first + i;
  return same;
}

/* Most cells are texts, the others are empty, and no two are the same. */
static bool is_naming(const struct csv_grid *g, int quote, uint32_t row) {
  uint32_t n = g->columns < ROWS ? g->columns : ROWS, empty = 0;
  for (uint32_t i = 0; i < n; i++) {
    struct text t = cell(g, quote, row, i);
    empty += t.size == 0;
    if (t.size && look_of(t) < CSV_LOOK_WORD)
      return false;
    for (uint32_t k = 0; k < i; k++)
      if (is_same(t, cell(g, quote, row, k)))
        return false;
  }
  return 2 * empty < n;
}

static double sum_votes(const struct csv_grid *g, int quote, uint32_t row) {
  double sum = 0;
  for (uint32_t i = 0; i < g->columns; i++) {
    struct column c = look_at(g, quote, row, i);
    sum += vote(&c, cell(g, quote, row, i));
  }
  return sum;
}

static bool has_header(const struct csv_grid *g, int quote, uint32_t row, char *doubt) {
  if (row + 1 < g->cells.rows && is_sequence(g, quote, row) && !is_sequence(g, quote, row + 1))
    return true;
  double sum = sum_votes(g, quote, row);
  if (sum > 0.2 || sum < -0.2) {
    if (sum < 0 && g->columns == 1 && whole(cell(g, quote, row, 0)) == 0 && !doubt[0])
      snprintf(doubt, CSV_DOUBT_MAX, "the first record, \"0\", was taken for a value, and may be a header");
    return sum > 0;
  }
  bool naming = is_naming(g, quote, row);
  if (!naming && row + 1 < g->cells.rows && !doubt[0])
    snprintf(doubt, CSV_DOUBT_MAX, "the first record was taken for values, and may be a header");
  return naming;
}

/* ---- what stands before ---- */

static int32_t count_lines(const struct csv_sample *sample, size_t end) {
  int32_t lines = 0;
  for (size_t i = 0; i < end; i++)
    lines +=
        sample->data[i] == '\n' || (sample->data[i] == '\r' && !(i + 1 < sample->size && sample->data[i + 1] == '\n'));
  return lines;
}

static uint32_t count_filled(const struct csv_grid *g, int quote, uint32_t row) {
  uint32_t filled = 0;
  for (uint32_t i = 0; i < g->columns; i++)
    filled += cell(g, quote, row, i).size > 0;
  return filled;
}

/* A record with as many fields as most, half of them or more with something in them. */
static bool is_of_table(const struct csv_grid *g, int quote, uint32_t record) {
  int64_t row = csv_grid_row(g, record);
  return g->records[record].fields == g->columns && row >= 0 &&
         (g->columns == 1 || 2 * count_filled(g, quote, (uint32_t)row) >= g->columns);
}

static uint32_t first_filled(const struct csv_grid *g) {
  uint32_t i = 0;
  while (i < g->count && g->records[i].fields == 0)
    i++;
  return i;
}

/* The record with which the table begins. */
static uint32_t find_table(const struct csv_grid *g, int quote) {
  uint32_t first = first_filled(g);
  if (g->columns < 2 || g->regular < 2)
    return first;
  for (uint32_t i = first; i < g->count && i < first + PREAMBLE; i++)
    if (is_of_table(g, quote, i))
      return i;
  return first;
}

/* Lines are skipped only before a header: a ragged record at the start of others is not lost. */
static bool is_preamble(const struct csv_grid *g, int quote, uint32_t first, uint32_t table) {
  int64_t row = csv_grid_row(g, table);
  char ignored[CSV_DOUBT_MAX] = "";
  if (row < 0 || 2 * g->regular < g->filled || !has_header(g, quote, (uint32_t)row, ignored))
    return false;
  bool titles = true; /* lines with one thing in them, or nothing */
  for (uint32_t i = first; i < table; i++) {
    int64_t before = csv_grid_row(g, i);
    titles = titles && before >= 0 && count_filled(g, quote, (uint32_t)before) <= 1;
  }
  return titles || sum_votes(g, quote, (uint32_t)row) > 0.2;
}

static void find_preamble(const struct csv_grid *g, const struct csv_sample *sample, uint32_t *table,
                          struct csv_shape *shape, char *doubt) {
  uint32_t first = first_filled(g), found = find_table(g, shape->dialect.quote);
  *table = first;
  if (found == first || !is_preamble(g, shape->dialect.quote, first, found))
    return;
  *table = found;
  shape->skip_rows = count_lines(sample, g->records[found].start);
  if (!doubt[0])
    snprintf(doubt, CSV_DOUBT_MAX, "%d line%s before the header %s skipped", (int)shape->skip_rows,
             shape->skip_rows == 1 ? "" : "s", shape->skip_rows == 1 ? "is" : "are");
}

/* Lines with # at the start of the text, not all of which look like records. */
static bool has_comments(const struct csv_grid *g, const struct csv_sample *sample) {
  uint32_t lines = 0, alike = 0;
  for (uint32_t i = first_filled(g); i < g->count; i++) {
    if (g->records[i].fields == 0)
      continue;
    if (sample->data[g->records[i].start] != '#')
      return alike < lines;
    lines++;
    alike += g->records[i].fields == g->columns;
  }
  return false; /* all lines have it */
}

int csv_header_comments(struct csv_grid *g, const struct csv_sample *sample, const struct csv_find *find,
                        struct csv_shape *shape, struct sluice_error *err) {
  struct csv_dialect *d = &shape->dialect;
  if (!find->comment || d->comment.size || d->quote == '#' || d->delimiter == '#' || !has_comments(g, sample))
    return SLUICE_OK;
  d->comment = (struct csv_mark){1, {'#'}};
  csv_dialect_settle(d);
  return csv_grid_count(g, d, sample, err);
}

int csv_header_find(struct csv_grid *g, const struct csv_sample *sample, const struct csv_find *find,
                    struct csv_shape *shape, char *doubt, struct sluice_error *err) {
  const struct csv_dialect *d = &shape->dialect;
  uint32_t table = 0;
  int rc = csv_grid_read(g, d, sample, 0, err);
  if (rc)
    return rc;
  if (find->skip)
    find_preamble(g, sample, &table, shape, doubt);
  else
    table = first_filled(g);
  if (table < g->count && g->records[table].fields != g->columns && !doubt[0])
    snprintf(doubt, CSV_DOUBT_MAX, "the first record has %u fields, and most have %u", g->records[table].fields,
             g->columns);
  int64_t row = table < g->count ? csv_grid_row(g, table) : -1;
  if (find->header && row < 0 && g->count)
    shape->header_rows = 0; /* blank lines, each a record of one empty field */
  else if (find->header && row >= 0)
    shape->header_rows = has_header(g, d->quote, (uint32_t)row, doubt);
  return SLUICE_OK;
}
