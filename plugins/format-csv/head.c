/* The head of a part: byte order mark, names of the columns, where the records begin. */
#include "head.h"
#include "field.h"
#include "index.h"
#include "walk.h"
#include <stdlib.h>

static int skip_mark(struct csv_window *w, const char *part, struct sluice_error *err) {
  int rc = csv_window_need(w, 3, err);
  if (rc)
    return rc;
  const uint8_t *p = csv_window_bytes(w);
  size_t n = csv_window_size(w);
  if (n >= 2 && ((p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff)))
    return sluice_fail(err, SLUICE_ERR_DATA, part, "the text is UTF-16 and must be UTF-8; convert it first");
  if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
    csv_window_skip(w, 3);
  return SLUICE_OK;
}

static bool is_line_end(uint8_t c) {
  return c == '\n' || c == '\r';
}

/* Blank lines before the header, which are read and forgotten. */
static int skip_blank(struct csv_window *w, struct sluice_error *err) {
  for (;;) {
    int rc = csv_window_need(w, 1, err);
    if (rc)
      return rc;
    const uint8_t *p = csv_window_bytes(w);
    size_t i = 0, n = csv_window_size(w);
    while (i < n && is_line_end(p[i]))
      i++;
    csv_window_skip(w, i);
    if (i < n || w->ended)
      return SLUICE_OK;
  }
}

/* Bytes of blank lines at the window's start, which stay in it; no more than max are looked at. */
static int measure_blank(struct csv_window *w, size_t max, size_t *out, struct sluice_error *err) {
  for (size_t i = 0;;) {
    size_t n = csv_window_size(w);
    while (i < n && i < max && is_line_end(csv_window_bytes(w)[i]))
      i++;
    if (i < n || i >= max || w->ended) {
      *out = i;
      return SLUICE_OK;
    }
    int rc = csv_window_more(w, err);
    if (rc)
      return rc;
  }
}

/* Size and fields of the record `at` bytes into the window, which is read as far as that takes. */
static int measure(struct csv_window *w, const struct csv_dialect *d, size_t at, size_t max_line, size_t *size,
                   uint64_t *fields, const char *part, struct sluice_error *err) {
  struct csv_walk walk = {.state = CSV_WALK_START};
  size_t done = at;
  for (;;) {
    done += csv_walk(&walk, d, csv_window_bytes(w) + done, csv_window_size(w) - done);
    if (walk.state == CSV_WALK_DONE || w->ended)
      break;
    if (done - at > max_line + 2)
      break;
    int rc = csv_window_more(w, err);
    if (rc)
      return rc;
  }
  if (done - at - walk.ending > max_line)
    return sluice_fail(err, SLUICE_ERR_DATA, part, "the first record is longer than max_line, %zu bytes%s", max_line,
                       walk.state == CSV_WALK_QUOTED ? "; a quote in it is not closed" : "");
  if (walk.delimiters >= CSV_MAX_COLUMNS)
    return sluice_fail(err, SLUICE_ERR_DATA, part, "the first record has %llu fields, and at most %d are read",
                       (unsigned long long)walk.delimiters + 1, CSV_MAX_COLUMNS);
  *size = done - at;
  *fields = walk.delimiters + 1;
  return SLUICE_OK;
}

static int read_name(const struct csv_dialect *d, const uint8_t *raw, size_t n, char **out) {
  bool quoted = n > 0 && raw[0] == d->quote;
  char *name = malloc(n + 1);
  if (!name)
    return SLUICE_ERR_MEMORY;
  if (quoted)
    n = csv_unquote(d->quote, raw + 1, n - 2, (uint8_t *)name);
  else if (n)
    memcpy(name, raw, n);
  name[n] = 0;
  *out = name;
  return SLUICE_OK;
}

static int read_names(struct csv_names *names, const struct csv_index *ix, const struct csv_dialect *d,
                      const char *part, struct sluice_error *err) {
  for (uint32_t i = 0; i < ix->columns; i++) {
    const struct csv_fields f = csv_index_column(ix, i);
    uint32_t start = f.from[0] + f.plus;
    size_t n = f.to[0] - start;
    if (sluice_utf8_valid(ix->data + start, n) != n)
      return sluice_fail(err, SLUICE_ERR_DATA, part,
                         "the name of column %u in the header is not UTF-8; convert the part", i + 1);
    if (read_name(d, ix->data + start, n, &names->items[i]) != SLUICE_OK)
      return sluice_fail(err, SLUICE_ERR_MEMORY, part, "no memory for the names of the columns");
  }
  return csv_names_settle(names, err);
}

/* The names in the record of this size at the window's start. */
static int read_header(struct csv_names *names, const struct csv_window *w, const struct csv_dialect *d, size_t size,
                       uint32_t fields, const char *part, struct sluice_error *err) {
  const struct csv_bounds one = {.size = size,
                                 .final = true,
                                 .stop = SIZE_MAX,
                                 .rows = 1,
                                 .bytes = INT64_MAX,
                                 .fresh = true,
                                 .max_line = SIZE_MAX};
  struct csv_index ix;
  int rc = csv_index_init(&ix, fields, err);
  if (rc)
    return rc;
  csv_index_block(&ix, d, csv_window_bytes(w), &one);
  if (ix.rows != 1) {
    const char *why = ix.n_faults && ix.faults[0].code == CSV_FAULT_ZERO_BYTE ? "it holds a zero byte"
                                                                              : "its quotes are not as they must be";
    rc = sluice_fail(err, SLUICE_ERR_DATA, part, "the header cannot be read: %s; mend it, or set header = false", why);
  }
  if (rc == SLUICE_OK)
    rc = csv_names_init(names, fields, err);
  if (rc == SLUICE_OK)
    rc = read_names(names, &ix, d, part, err);
  csv_index_finish(&ix);
  return rc;
}

static int read_with_header(struct csv_head *head, struct csv_window *w, const struct csv_dialect *d, size_t max_line,
                            const char *part, struct sluice_error *err) {
  size_t size;
  uint64_t fields;
  int rc = skip_blank(w, err);
  if (rc || csv_window_size(w) == 0)
    return rc;
  rc = measure(w, d, 0, max_line, &size, &fields, part, err);
  if (rc)
    return rc;
  rc = read_header(&head->names, w, d, size, (uint32_t)fields, part, err);
  if (rc == SLUICE_OK)
    csv_window_skip(w, size);
  return rc;
}

/* The first record that is not blank tells the number of columns; if all lines are blank, there is one column. */
static int read_without_header(struct csv_head *head, struct csv_window *w, const struct csv_dialect *d,
                               size_t max_line, const char *part, struct sluice_error *err) {
  size_t blank, size;
  uint64_t fields = 1;
  int rc = csv_window_need(w, 1, err);
  if (rc || csv_window_size(w) == 0)
    return rc;
  rc = measure_blank(w, max_line, &blank, err);
  if (rc == SLUICE_OK && blank < csv_window_size(w) && blank < max_line)
    rc = measure(w, d, blank, max_line, &size, &fields, part, err);
  return rc ? rc : csv_names_number(&head->names, (uint32_t)fields, err);
}

int csv_head_read(struct csv_head *head, struct csv_window *window, const struct csv_format *format,
                  const struct csv_dialect *dialect, const char *part, struct sluice_error *err) {
  size_t max_line = (size_t)format->config->max_line;
  *head = (struct csv_head){0};
  int rc = skip_mark(window, part, err);
  if (rc == SLUICE_OK)
    rc = (format->config->header ? read_with_header : read_without_header)(head, window, dialect, max_line, part, err);
  head->records = window->offset;
  if (rc)
    csv_head_finish(head);
  return rc;
}

void csv_head_finish(struct csv_head *head) {
  csv_names_finish(&head->names);
}
