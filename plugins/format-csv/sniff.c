/* Finds the dialect of a part: each that may be is tried on the start of the text, and the one is taken whose records
 * have the same number of fields and whose cells look like values, not like several of them. */
#include "sniff.h"
#include "delimiter.h"
#include "grid.h"
#include "header.h"
#include "score.h"
#include <stdlib.h>

enum { FEW = 5, BROKEN = 3 }; /* records with quotes out of place, before quotes are taken for text */

struct trial {
  struct csv_dialect dialect;
  double score;
  uint32_t columns;
  double share; /* of the records, that have as many fields as most */
};
struct search {
  struct csv_sample sample;
  const struct csv_format *format;
  struct csv_grid *grid;
  struct trial best, second; /* second: with another delimiter */
  bool tabs;                 /* by the name of the part */
  bool open;                 /* with some dialect the text ends in long quotes */
  struct sluice_error *err;
};

struct candidate {
  char delimiter;
  double weight;
};
static const struct candidate candidates[] = {{',', 1},    {'\t', 1}, {';', 0.99}, {'|', 0.99}, {'^', 0.9},
                                              {'~', 0.85}, {0x1f, 1}, {1, 1},      {':', 0.4},  {' ', 0.6}};
static const double LONGER = 0.7; /* of a delimiter of several characters, at least */

/* Delimiters that have nothing in common. */
static bool is_other(const struct csv_mark *a, const struct csv_mark *b) {
  for (size_t i = 0; i < a->size; i++)
    if (memchr(b->text, a->text[i], b->size))
      return false;
  return true;
}

static void note_trial(struct search *s, const struct csv_dialect *d, double score) {
  const struct trial trial = {*d, score, s->grid->columns, csv_score_share(s->grid)};
  bool other = is_other(&d->separator, &s->best.dialect.separator);
  if (score > s->best.score) {
    if (other)
      s->second = s->best;
    s->best = trial;
  } else if (other && score > s->second.score) {
    s->second = trial;
  }
}

/* The best delimiter so far is never without the others of this one: then it is this one that is meant. Spaces may be
 * of the texts that they stand before, but not of numbers. */
static bool takes_all_of_best(const struct search *s, const struct csv_dialect *d) {
  const struct csv_grid *g = s->grid;
  const struct csv_mark *best = &s->best.dialect.separator;
  if (d->separator.size < 2 || best->size != 1 || is_other(&d->separator, best) || g->columns < 2 ||
      csv_score_share(g) < s->best.share ||
      (memchr(d->separator.text, ' ', d->separator.size) && !csv_score_has_values(g, d->quote)))
    return false;
  return !csv_score_has_byte(g, d->quote, best->text[0]);
}

static int try_dialect(struct search *s, struct csv_dialect d, double weight) {
  csv_dialect_settle(&d);
  int rc = csv_grid_count(s->grid, &d, &s->sample, s->err);
  s->open |= s->grid->open;
  if (rc || (d.separator.size == 1 && csv_score_shape(s->grid) * weight <= s->second.score))
    return rc;
  rc = csv_grid_read(s->grid, &d, &s->sample, 0, s->err);
  if (rc)
    return rc;
  double score = csv_score_shape(s->grid) * csv_score_values(s->grid, d.quote) * weight;
  if (takes_all_of_best(s, &d) && score <= s->best.score)
    score = s->best.score * 1.001;
  note_trial(s, &d, score);
  return SLUICE_OK;
}

static bool has(const struct csv_sample *s, int c) {
  return c >= 0 && memchr(s->data, c, s->size) != NULL;
}

/* A backslash before a quote. */
static bool has_escape(const struct csv_sample *s, int quote) {
  const uint8_t *end = s->data + s->size;
  for (const uint8_t *p = s->data; p < end; p++) {
    p = memchr(p, '\\', (size_t)(end - p));
    if (!p)
      return false;
    if (p + 1 < end && p[1] == quote)
      return true;
  }
  return false;
}

static int try_escapes(struct search *s, struct csv_dialect d, double weight) {
  int rc = try_dialect(s, d, weight);
  if (rc || !s->format->find.escape || d.quote < 0 || !has_escape(&s->sample, d.quote))
    return rc;
  d.escape = '\\';
  return try_dialect(s, d, weight * 0.999);
}

/* A quote that no field begins with need not be tried. */
static bool begins_fields(const struct csv_sample *s, const struct csv_dialect *d, uint8_t quote) {
  for (size_t i = 0; i < s->size; i++)
    if (s->data[i] == quote && (i == 0 || s->data[i - 1] == '\n' || s->data[i - 1] == '\r' ||
                                s->data[i - 1] == d->separator.text[d->separator.size - 1]))
      return true;
  return false;
}

static int try_quotes(struct search *s, struct csv_dialect d, double weight) {
  int rc = SLUICE_OK;
  if (!s->format->find.quote)
    return try_escapes(s, d, weight);
  d.quote = '"';
  rc = try_escapes(s, d, weight);
  bool out_of_place = s->grid->broken >= BROKEN;
  if (!rc && begins_fields(&s->sample, &d, '\'')) {
    d.quote = '\'';
    rc = try_escapes(s, d, weight * 0.99);
  }
  if (!rc && out_of_place) {
    d.quote = -1;
    rc = try_dialect(s, d, weight * 0.9);
  }
  return rc;
}

/* One column: by a delimiter that is not in the text at all, so that no line is cut. */
static int try_absent(struct search *s, struct csv_dialect d) {
  size_t i = 0, n = sizeof candidates / sizeof *candidates;
  while (i < n && has(&s->sample, candidates[i].delimiter))
    i++;
  if (i == n)
    return SLUICE_OK;
  d.separator = (struct csv_mark){1, {(uint8_t)candidates[i].delimiter}};
  return try_quotes(s, d, 1.5);
}

/* What may be two or more characters wherever the first of them is: less likely there by chance than one alone. */
static int try_longer(struct search *s, struct csv_dialect d, double weight) {
  int rc = SLUICE_OK;
  for (size_t i = 0; !rc && i < sizeof candidates / sizeof *candidates; i++)
    if (has(&s->sample, candidates[i].delimiter) &&
        csv_delimiter_grow(&s->sample, (uint8_t)candidates[i].delimiter, &d.separator))
      rc = try_quotes(s, d, weight * (candidates[i].weight < LONGER ? LONGER : candidates[i].weight));
  return rc;
}

static int try_delimiters(struct search *s, struct csv_dialect d, double weight) {
  int rc = SLUICE_OK;
  if (!s->format->find.delimiter)
    return try_quotes(s, d, weight);
  for (size_t i = 0; !rc && i < sizeof candidates / sizeof *candidates; i++) {
    const struct candidate *c = &candidates[i];
    if (i > 0 && !has(&s->sample, c->delimiter))
      continue;
    if (c->delimiter == d.quote && !s->format->find.quote)
      continue;
    d.separator = (struct csv_mark){1, {(uint8_t)c->delimiter}};
    rc = try_quotes(s, d, weight * (s->tabs && c->delimiter == '\t' ? 1.5 : c->weight));
  }
  return rc ? rc : try_longer(s, d, weight);
}

/* Lines with a # first; of a text in which all lines have it, 0. */
static uint32_t count_hashes(const struct csv_sample *s) {
  uint32_t hashes = 0, lines = 0;
  for (size_t i = 0; i < s->size; i++) {
    bool begins =
        (i == 0 || s->data[i - 1] == '\n' || s->data[i - 1] == '\r') && s->data[i] != '\n' && s->data[i] != '\r';
    lines += begins;
    hashes += begins && s->data[i] == '#';
  }
  return hashes < lines ? hashes : 0;
}

static int try_all(struct search *s) {
  struct csv_dialect d = s->format->given.dialect;
  d.lenient = false; /* what is out of place tells */
  int rc = try_delimiters(s, d, 1);
  if (!rc && s->format->find.comment && d.quote != '#' && !memchr(d.separator.text, '#', CSV_MARK_MAX) &&
      count_hashes(&s->sample) > 1) {
    d.comment = (struct csv_mark){1, {'#'}};
    rc = try_delimiters(s, d, 0.9);
    d.comment = (struct csv_mark){0};
  }
  return rc || s->best.columns > 1 || !s->format->find.delimiter ? rc : try_absent(s, d);
}

/* What the options say, or would say by default, where the text shows nothing. */
static void fall_back(struct search *s) {
  struct csv_dialect d = s->format->given.dialect;
  if (s->format->find.delimiter && s->tabs)
    d.separator = (struct csv_mark){1, {'\t'}};
  csv_dialect_settle(&d);
  s->best = (struct trial){.dialect = d, .columns = 1};
}

static void spell(char out[8], const struct csv_mark *mark) {
  if (mark->size == 1 && mark->text[0] == '\t')
    snprintf(out, 8, "\\t");
  else
    snprintf(out, 8, "%.*s", mark->size, (const char *)mark->text);
}

/* True where a field that is not in quotes has what is most often a delimiter. */
static bool has_usual(const struct search *s) {
  for (size_t i = 0; i < 4; i++)
    if (csv_score_has_byte(s->grid, s->best.dialect.quote, (uint8_t)candidates[i].delimiter))
      return true;
  return false;
}

/* Says so where another delimiter fits nearly as well, where none fits, and where few records fit. */
static void doubt_delimiter(const struct search *s, char *doubt) {
  const struct csv_grid *g = s->grid;
  char best[8], second[8], shared = s->best.columns == 1 ? csv_score_shared(g, s->best.dialect.quote) : 0;
  spell(best, &s->best.dialect.separator);
  spell(second, &s->second.dialect.separator);
  if (s->format->find.delimiter && s->best.columns > 1 && s->second.columns > 1 &&
      s->second.score > 0.9 * s->best.score)
    snprintf(doubt, CSV_DOUBT_MAX, "the delimiter \"%s\" was chosen, and \"%s\" fits nearly as well", best, second);
  else if (s->format->find.delimiter && s->best.columns == 1 && has_usual(s))
    snprintf(doubt, CSV_DOUBT_MAX, "no delimiter fits, and it is read as one column");
  else if (s->format->find.delimiter && shared)
    snprintf(doubt, CSV_DOUBT_MAX, "it is read as one column, though \"%c\" is in each record, equally often", shared);
  else if (g->regular < g->filled - g->filled / 10)
    snprintf(doubt, CSV_DOUBT_MAX, "of the first %u records %u have another number of fields than %u", g->filled,
             g->filled - g->regular, g->columns);
  else if (g->broken > g->filled / 10)
    snprintf(doubt, CSV_DOUBT_MAX, "in %u of the first %u records quotes are out of place", g->broken, g->filled);
}

static int settle(struct search *s, struct csv_sniffed *out) {
  struct csv_shape *shape = &out->shape;
  shape->dialect = s->best.dialect;
  shape->dialect.lenient = s->format->given.dialect.lenient;
  int rc = csv_grid_count(s->grid, &shape->dialect, &s->sample, s->err);
  if (rc)
    return rc;
  out->cramped = !s->sample.final && (s->open || s->grid->count < FEW);
  shape->columns = s->format->find.delimiter ? s->grid->columns : 0;
  rc = csv_header_comments(s->grid, &s->sample, &s->format->find, shape, s->err);
  if (!rc)
    rc = csv_grid_read(s->grid, &shape->dialect, &s->sample, 0, s->err);
  if (rc)
    return rc;
  if (s->sample.size)
    doubt_delimiter(s, out->doubt);
  return csv_header_find(s->grid, &s->sample, &s->format->find, shape, out->doubt, s->err);
}

static bool is_needed(const struct csv_find *f) {
  return f->delimiter || f->quote || f->escape || f->comment || f->header || f->skip;
}

static int sniff(const struct csv_format *format, const char *part, const struct csv_sample *sample,
                 struct csv_sniffed *out, struct sluice_error *err) {
  struct search s = {.sample = *sample, .format = format, .err = err};
  *out = (struct csv_sniffed){.shape = format->given, .found = is_needed(&format->find)};
  if (!out->found)
    return SLUICE_OK;
  s.tabs = csv_has_suffix(part, ".tsv") || csv_has_suffix(part, ".tab");
  s.grid = malloc(sizeof *s.grid);
  int rc = s.grid ? csv_grid_init(s.grid, err) : SLUICE_ERR_MEMORY;
  if (rc) {
    free(s.grid);
    return sluice_fail(err, rc, part, "no memory to find the dialect");
  }
  csv_sample_skip(&s.sample, format->given.skip_rows);
  fall_back(&s);
  rc = try_all(&s);
  if (!rc)
    rc = settle(&s, out);
  csv_grid_finish(s.grid);
  free(s.grid);
  return rc;
}

int csv_sniff(const struct csv_format *format, const char *part, const uint8_t *data, size_t size, bool final,
              struct csv_sniffed *out, struct sluice_error *err) {
  const struct csv_sample sample = {data, size, final};
  struct csv_format told = *format;
  if (format->find.delimiter && format->find.skip && csv_delimiter_is_said(&sample, &told.given.dialect.separator)) {
    told.find.delimiter = told.find.skip = false;
    told.given.skip_rows = 1;
  }
  return sniff(&told, part, &sample, out, err);
}
