/* Where the records of a part end: before lines of text that are no records. A record that was cut off must not be
 * taken for such a line, so what is left out is set apart from the table by a blank line or by how it reads. */
#include "ending.h"
#include <stdlib.h>

enum {
  LINES = 50,
  TABLE = 3,
  TAIL = 32 * 1024
}; /* of a footer, at most; records, bytes that are looked at before it */

enum kind { RECORD, GAP, NOTE };

/* The last line that is not blank has other delimiters than a record would: worth a closer look. */
static bool is_suspect(const struct csv_dialect *d, const struct csv_sample *s) {
  size_t end = s->size, filled = 0;
  while (end && (s->data[end - 1] == '\n' || s->data[end - 1] == '\r'))
    end--;
  size_t start = end;
  while (start && s->data[start - 1] != '\n' && s->data[start - 1] != '\r')
    start--;
  for (size_t i = start; i < end; i++)
    filled += s->data[i] == d->delimiter && i + 1 < end && s->data[i + 1] != d->delimiter;
  return filled == 0 || s->data[end - 1] == d->delimiter || memchr(s->data + start, ' ', end - start);
}

static size_t count_of(uint8_t byte, const uint8_t *data, size_t n) {
  size_t count = 0;
  for (size_t i = 0; i < n; i++)
    count += data[i] == byte;
  return count;
}

/* To a line near the end, before which all quotes are closed; if they may not be, nowhere. */
static void go_near_end(const struct csv_dialect *d, struct csv_sample *s) {
  if (s->size <= 2 * TAIL || d->escape >= 0)
    return;
  const uint8_t *line = memchr(s->data + s->size - TAIL, '\n', TAIL);
  size_t before = line ? (size_t)(line + 1 - s->data) : 0;
  if (d->quote >= 0 && count_of((uint8_t)d->quote, s->data, before) % 2)
    return;
  s->data += before;
  s->size -= before;
}

/* To the records at the end of the text: those that one look at it holds, the last of them the text's last. */
static int go_to_end(struct csv_grid *g, const struct csv_dialect *d, struct csv_sample *s, struct sluice_error *err) {
  go_near_end(d, s);
  for (;;) {
    int rc = csv_grid_count(g, d, s, err);
    if (rc || g->count < CSV_GRID_ROWS)
      return rc;
    size_t next = g->records[g->count - 2 * LINES].start;
    s->data += next;
    s->size -= next;
  }
}

static bool is_prose(const char *text, size_t n) {
  size_t letters = 0;
  for (size_t i = 0; i < n; i++)
    letters += (text[i] | 0x20) >= 'a' && (text[i] | 0x20) <= 'z';
  return letters >= 3 && csv_cell_look(text, n) >= CSV_LOOK_WORD;
}

/* What a record may be: blank or with nothing in it; text in its first cell with nothing, or other cells than the table
 * has, behind it. */
static enum kind kind_of(const struct csv_grid *g, int quote, uint32_t record) {
  const struct csv_grid_record *r = &g->records[record];
  int64_t row = csv_grid_row(g, record);
  uint32_t filled = 0, first = 0;
  const char *text;
  size_t n;
  if (r->fields == 0)
    return GAP;
  if (row < 0)
    return RECORD;
  for (uint32_t i = g->columns; i-- > 0;) {
    csv_grid_cell(g, quote, (uint32_t)row, i, &text, &n);
    filled += n > 0;
    first = n > 0 ? i : first;
  }
  if (filled == 0)
    return GAP;
  return first == 0 && is_prose(text, n) && (filled == 1 || r->fields != g->columns) ? NOTE : RECORD;
}

static bool has_space(const struct csv_grid *g, int quote, uint32_t record) {
  int64_t row = csv_grid_row(g, record);
  const char *text;
  size_t n;
  if (row < 0 || g->records[record].fields == 0)
    return false;
  csv_grid_cell(g, quote, (uint32_t)row, 0, &text, &n);
  return memchr(text, ' ', n) != NULL;
}

/* The notes from this record on follow the table without a gap: they must be lines of several words, as no first cell
 * of the table is. */
static bool reads_otherwise(const struct csv_grid *g, int quote, uint32_t first) {
  for (uint32_t i = first; i < g->count; i++)
    if (g->records[i].fields > 1 || (g->records[i].fields == 1 && !has_space(g, quote, i)))
      return false;
  for (uint32_t i = 0; i < first; i++)
    if (has_space(g, quote, i))
      return false;
  return true;
}

/* The first record of the footer; the count of all: there is none. */
static uint32_t find_first(const struct csv_grid *g, int quote) {
  uint32_t first = g->count, notes = 0;
  bool gap = false;
  while (first > 0 && g->count - first < LINES) {
    enum kind kind = kind_of(g, quote, first - 1);
    if (kind == RECORD)
      break;
    notes += kind == NOTE;
    gap = kind == GAP;
    first--;
  }
  if (notes == 0 || first < TABLE || g->count - first == LINES || g->records[first - 1].fields != g->columns)
    return g->count;
  return gap || reads_otherwise(g, quote, first) ? first : g->count;
}

static uint32_t count_lines(const uint8_t *data, size_t n) {
  uint32_t lines = 0;
  bool within = false;
  for (size_t i = 0; i < n; i++) {
    bool ends = data[i] == '\n' || data[i] == '\r';
    lines += !ends && !within;
    within = !ends;
  }
  return lines;
}

static int find(struct csv_grid *g, const struct csv_dialect *d, const struct csv_sample *text, size_t *at,
                uint32_t *lines, struct sluice_error *err) {
  struct csv_sample s = *text;
  int rc = go_to_end(g, d, &s, err);
  if (rc || g->columns < 2 || 2 * g->regular < g->filled)
    return rc;
  rc = csv_grid_read(g, d, &s, 0, err);
  if (rc)
    return rc;
  uint32_t first = find_first(g, d->quote);
  if (first == g->count)
    return SLUICE_OK;
  *at = (size_t)(s.data - text->data) + g->records[first].start;
  *lines = count_lines(text->data + *at, text->size - *at);
  return SLUICE_OK;
}

int csv_ending_find(const struct csv_dialect *dialect, const struct csv_sample *text, size_t *at, uint32_t *lines,
                    struct sluice_error *err) {
  *lines = 0;
  if (!is_suspect(dialect, text))
    return SLUICE_OK;
  struct csv_grid *g = malloc(sizeof *g);
  int rc = g ? csv_grid_init(g, err) : SLUICE_ERR_MEMORY;
  if (!rc) {
    rc = find(g, dialect, text, at, lines, err);
    csv_grid_finish(g);
  }
  free(g);
  return rc ? sluice_fail(err, rc, "", "no memory to find the end of the table") : rc;
}
