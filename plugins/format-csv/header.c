/* Finds comments, the lines before a table, and the records of its header. */
#include "header.h"
#include "naming.h"
#include "sniff.h"
#include <stdlib.h>

enum { PREAMBLE = 100, HEADER_MOST = 5 };

static int32_t count_lines(const struct csv_sample *sample, size_t end) {
  int32_t lines = 0;
  for (size_t i = 0; i < end; i++)
    lines +=
        sample->data[i] == '\n' || (sample->data[i] == '\r' && !(i + 1 < sample->size && sample->data[i + 1] == '\n'));
  return lines;
}

static uint32_t count_filled(const struct csv_grid *g, int quote, uint32_t row) {
  uint32_t filled = 0;
  for (uint32_t i = 0; i < g->columns; i++) {
    const char *text;
    size_t n;
    csv_grid_cell(g, quote, row, i, &text, &n);
    filled += n > 0;
  }
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
  if (row < 0 || 2 * g->regular < g->filled || !csv_naming_is_header(g, quote, (uint32_t)row, ignored))
    return false;
  bool titles = true; /* lines with one thing in them, or nothing */
  for (uint32_t i = first; i < table; i++) {
    int64_t before = csv_grid_row(g, i);
    titles = titles && before >= 0 && count_filled(g, quote, (uint32_t)before) <= 1;
  }
  return titles || csv_naming_votes(g, quote, (uint32_t)row) > 0.2;
}

/* The first record that is neither blank nor of a preamble. */
static uint32_t skip_preamble(const struct csv_grid *g, int quote) {
  uint32_t first = first_filled(g), found = find_table(g, quote);
  return found != first && is_preamble(g, quote, first, found) ? found : first;
}

/* ---- the header ---- */

struct header { /* records of the grid */
  uint32_t first, rows;
};

/* The row of a record with as many fields as most; -1: it has other fields, or is not among the rows. */
static int64_t regular_row(const struct csv_grid *g, uint32_t record) {
  bool regular = record < g->count && g->records[record].fields == g->columns && !g->records[record].broken;
  return regular ? csv_grid_row(g, record) : -1;
}

/* Records behind the first that are of the header too: they are next to it, for a blank line ends it. */
static void extend_down(const struct csv_grid *g, int quote, struct header *h) {
  for (uint32_t last = h->first + h->rows - 1; h->rows < HEADER_MOST; last++) {
    int64_t above = regular_row(g, last), row = regular_row(g, last + 1);
    if (above < 0 || row < 0 || !csv_naming_goes_on(g, quote, (uint32_t)above, (uint32_t)row))
      return;
    h->rows++;
  }
}

/* Records before it, which were taken for a preamble, that name groups of its columns. */
static void extend_up(const struct csv_grid *g, int quote, uint32_t from, struct header *h) {
  while (h->first > from && h->rows < HEADER_MOST) {
    int64_t row = regular_row(g, h->first - 1), below = regular_row(g, h->first);
    if (row < 0 || below < 0 || !csv_naming_spans(g, quote, (uint32_t)row, (uint32_t)below))
      return;
    h->first--;
    h->rows++;
  }
}

static void find_rows(const struct csv_grid *g, int quote, uint32_t from, struct header *h, char *doubt) {
  int64_t row = h->first < g->count ? csv_grid_row(g, h->first) : -1;
  h->rows = row >= 0 && csv_naming_is_header(g, quote, (uint32_t)row, doubt);
  if (!h->rows || g->columns < 2)
    return;
  extend_down(g, quote, h);
  extend_up(g, quote, from, h);
}

/* What is unusual is said: lines that are left out, a header of several records. */
static void doubt_header(int32_t lines, const struct header *h, char *doubt) {
  char skipped[64] = "", several[64] = "";
  if (lines > 0)
    snprintf(skipped, sizeof skipped, "%d line%s before the header %s skipped", (int)lines, lines == 1 ? "" : "s",
             lines == 1 ? "is" : "are");
  if (h->rows > 1)
    snprintf(several, sizeof several, "the first %u records are taken for the header", h->rows);
  if (!doubt[0])
    snprintf(doubt, CSV_DOUBT_MAX, "%s%s%s", skipped, skipped[0] && several[0] ? "; " : "", several);
}

/* ---- comments ---- */

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

/* Nearly all records have more fields than the header, and nothing in those: each ends with a delimiter. Where there is
 * something in them, who can tell which column it is that has no name? */
static bool is_narrow(const struct csv_grid *g, int quote, const struct header *h) {
  uint32_t named = h->first < g->count ? g->records[h->first].fields : 0;
  if (h->rows != 1 || named >= g->columns || 10 * g->regular < 9 * (g->filled - 1))
    return false;
  for (uint32_t row = 0; row < g->cells.rows; row++)
    for (uint32_t i = named; i < g->columns; i++) {
      const char *text;
      size_t n;
      csv_grid_cell(g, quote, row, i, &text, &n);
      if (!csv_cell_is_blank(text, n))
        return false;
    }
  return true;
}

int csv_header_find(struct csv_grid *g, const struct csv_sample *sample, const struct csv_find *find,
                    struct csv_shape *shape, char *doubt, struct sluice_error *err) {
  const struct csv_dialect *d = &shape->dialect;
  int rc = csv_grid_read(g, d, sample, 0, err);
  if (rc)
    return rc;
  uint32_t first = first_filled(g);
  struct header h = {.first = find->skip ? skip_preamble(g, d->quote) : first};
  if (h.first < g->count && g->records[h.first].fields != g->columns && !doubt[0])
    snprintf(doubt, CSV_DOUBT_MAX, "the first record has %u fields, and most have %u", g->records[h.first].fields,
             g->columns);
  if (find->header && g->count) {
    find_rows(g, d->quote, find->skip ? first : h.first, &h, doubt);
    shape->header_rows = (int32_t)h.rows;
  }
  if (shape->header_rows)
    shape->columns = is_narrow(g, d->quote, &h) ? g->columns : 0;
  if (h.first != first)
    shape->skip_rows = count_lines(sample, g->records[h.first].start);
  doubt_header(h.first != first ? shape->skip_rows : 0, &h, doubt);
  return SLUICE_OK;
}
