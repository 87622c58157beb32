/* The dialect as the options give it, and what they leave to the content. */
#include "csv.h"

static bool is_auto(const char *text) {
  return !text || strcmp(text, "auto") == 0;
}

static int read_mark(const char *option, const char *text, struct csv_mark *out, struct sluice_error *err) {
  if (strcmp(text, "\\t") == 0)
    text = "\t";
  size_t n = strlen(text);
  bool ok = n <= CSV_MARK_MAX;
  for (size_t i = 0; ok && i < n; i++)
    ok = (uint8_t)text[i] < 0x80 && text[i] != '\n' && text[i] != '\r';
  if (!ok)
    return sluice_fail(err, SLUICE_ERR_CONFIG, option,
                       "%s must be at most %d ASCII characters that do not end a line, and is \"%.32s\"", option,
                       CSV_MARK_MAX, text);
  out->size = (uint8_t)n;
  memcpy(out->text, text, n);
  return SLUICE_OK;
}

/* An option of one character, or none: -1. */
static int read_character(const char *option, const char *text, int *out, struct sluice_error *err) {
  struct csv_mark mark = {0};
  int rc = read_mark(option, text, &mark, err);
  if (rc)
    return rc;
  if (mark.size > 1)
    return sluice_fail(err, SLUICE_ERR_CONFIG, option, "%s must be one ASCII character, and is \"%.32s\"", option,
                       text);
  *out = mark.size ? mark.text[0] : -1;
  return SLUICE_OK;
}

void csv_dialect_settle(struct csv_dialect *d) {
  d->delimiter = d->separator.text[0];
  if (d->escape == d->quote)
    d->escape = -1;
  d->odd = d->separator.size > 1 || d->escape >= 0 || d->comment.size || d->trim || d->ends != CSV_ENDS_ANY;
}

static bool holds(const struct csv_mark *mark, int c) {
  return c >= 0 && memchr(mark->text, c, mark->size) != NULL;
}

/* No mark may be taken for another. */
static int check_clash(const struct csv_dialect *d, const struct csv_find *find, struct sluice_error *err) {
  if (!find->delimiter && !find->quote && holds(&d->separator, d->quote))
    return sluice_fail(err, SLUICE_ERR_CONFIG, "quote", "quote and delimiter are the same character; change one");
  if (!find->delimiter && !find->escape && holds(&d->separator, d->escape))
    return sluice_fail(err, SLUICE_ERR_CONFIG, "escape", "escape and delimiter are the same character; change one");
  return SLUICE_OK;
}

static int read_delimiter(const struct csv_config *config, struct csv_format *f, struct sluice_error *err) {
  struct csv_dialect *d = &f->given.dialect;
  const char *text = config->delimiter && config->delimiter[0] ? config->delimiter : "auto";
  f->find.delimiter = is_auto(text);
  return read_mark("delimiter", f->find.delimiter ? "," : text, &d->separator, err);
}

static void read_rows(const struct csv_config *config, struct csv_format *f) {
  f->find.header = config->header && config->header_rows == CSV_FOUND;
  f->find.skip = config->skip_rows == CSV_FOUND;
  f->find.footer = config->skip_footer == CSV_FOUND;
  f->given.header_rows = !config->header ? 0 : f->find.header ? 1 : (int32_t)config->header_rows;
  f->given.skip_rows = f->find.skip ? 0 : (int32_t)config->skip_rows;
}

int csv_dialect_read(const struct csv_config *config, struct csv_format *f, struct sluice_error *err) {
  struct csv_dialect *d = &f->given.dialect;
  *d = (struct csv_dialect){.trim = config->trim,
                            .lenient = config->lone_quotes == CSV_BAD_KEEP,
                            .replace = config->invalid_utf8 == CSV_UTF8_REPLACE,
                            .zeros = config->zero_bytes == CSV_BAD_KEEP,
                            .single = config->pieces == CSV_PIECES_LINES,
                            .ends = (uint8_t)config->line_end};
  f->find.quote = is_auto(config->quote);
  f->find.escape = is_auto(config->escape);
  f->find.comment = is_auto(config->comment);
  int rc = read_delimiter(config, f, err);
  if (!rc)
    rc = read_character("quote", f->find.quote ? "\"" : config->quote, &d->quote, err);
  if (!rc)
    rc = read_character("escape", f->find.escape ? "" : config->escape, &d->escape, err);
  if (!rc)
    rc = read_mark("comment", f->find.comment ? "" : config->comment, &d->comment, err);
  if (!rc)
    rc = check_clash(d, &f->find, err);
  read_rows(config, f);
  csv_dialect_settle(d);
  return rc;
}
