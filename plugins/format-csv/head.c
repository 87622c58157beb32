/* The head of a part: byte order mark, lines to skip, names of the columns, where the records begin. */
#include "head.h"
#include "field.h"
#include "index.h"
#include <stdlib.h>

struct reading { /* of a head */
  struct csv_window *window;
  const struct csv_dialect *dialect;
  size_t max_line;
  const char *part;
  struct csv_index one; /* of one column, to find records and count their fields */
  struct sluice_error *err;
};

/* One line, whatever is in it. */
static int skip_line(struct csv_window *w, struct sluice_error *err) {
  for (bool done = false; !done;) {
    const uint8_t *p = csv_window_bytes(w);
    size_t i = 0, n = csv_window_size(w);
    while (i < n && p[i] != '\n' && p[i] != '\r')
      i++;
    csv_window_skip(w, i);
    int rc = csv_window_need(w, 2, err);
    n = csv_window_size(w);
    p = csv_window_bytes(w);
    if (rc || n == 0)
      return rc;
    done = p[0] == '\n' || p[0] == '\r';
    if (done)
      csv_window_skip(w, n > 1 && p[0] == '\r' && p[1] == '\n' ? 2 : 1);
  }
  return SLUICE_OK;
}

static int fail_long(struct reading *r, bool quoted) {
  return sluice_fail(r->err, SLUICE_ERR_DATA, r->part, "the first record is longer than max_line, %zu bytes%s",
                     r->max_line, quoted ? "; a quote in it is not closed" : "");
}

/* Indexes the record `at` bytes into the window, which is read as far as that takes. At the end of the part none is
 * seen. */
static int index_at(struct reading *r, struct csv_index *ix, size_t at) {
  for (;;) {
    size_t held = csv_window_size(r->window) - at;
    const struct csv_bounds bounds = {.size = held,
                                      .final = r->window->ended,
                                      .stop = SIZE_MAX,
                                      .rows = 1,
                                      .bytes = INT64_MAX,
                                      .fresh = true,
                                      .max_line = r->max_line};
    enum csv_stop stop = csv_index_block(ix, r->dialect, csv_window_bytes(r->window) + at, &bounds);
    if (stop == CSV_STOP_MEMORY)
      return sluice_fail(r->err, SLUICE_ERR_MEMORY, r->part, "no memory to read its header");
    if (ix->n_faults && ix->faults[0].code == CSV_FAULT_LONG)
      return fail_long(r, ix->faults[0].detail);
    if (stop != CSV_STOP_MORE)
      return SLUICE_OK;
    if (held > r->max_line + 2)
      return fail_long(r, false);
    int rc = csv_window_more(r->window, r->err);
    if (rc)
      return rc;
  }
}

/* The index of one column has a blank line. */
static bool is_blank(const struct csv_index *one) {
  return one->rows == 1 && one->ends[0] <= one->starts[0];
}

static int count_fields(struct reading *r, uint32_t *out) {
  uint32_t fields = r->one.rows ? 1 : r->one.faults[0].detail;
  if (fields > CSV_MAX_COLUMNS)
    return sluice_fail(r->err, SLUICE_ERR_DATA, r->part, "the first record has %u fields, and at most %d are read",
                       fields, CSV_MAX_COLUMNS);
  *out = fields < 1 ? 1 : fields;
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

static int read_names(struct reading *r, const struct csv_index *ix, struct csv_names *names) {
  for (uint32_t i = 0; i < ix->columns; i++) {
    const struct csv_fields f = csv_index_column(ix, i);
    uint32_t start = f.from[0] + f.plus;
    size_t n = f.to[0] - start;
    if (sluice_utf8_valid(ix->data + start, n) != n)
      return sluice_fail(r->err, SLUICE_ERR_DATA, r->part,
                         "the name of column %u in the header is not UTF-8; set encoding, or invalid_utf8 = "
                         "\"replace\"",
                         i + 1);
    if (read_name(r->dialect, ix->data + start, n, &names->items[i]) != SLUICE_OK)
      return sluice_fail(r->err, SLUICE_ERR_MEMORY, r->part, "no memory for the names of the columns");
  }
  return SLUICE_OK;
}

static int fail_header(struct reading *r, const struct csv_index *ix) {
  const char *why = ix->n_faults && ix->faults[0].code == CSV_FAULT_ZERO_BYTE ? "it holds a zero byte"
                                                                              : "its quotes are not as they must be";
  return sluice_fail(r->err, SLUICE_ERR_DATA, r->part,
                     "the header cannot be read: %s; mend it, or set header = false or lone_quotes = \"text\"", why);
}

/* The names in the record at the window's start, of which the index of one column has been made. */
static int read_record(struct reading *r, struct csv_names *names) {
  struct csv_index ix;
  uint32_t fields = 0;
  *names = (struct csv_names){0};
  int rc = count_fields(r, &fields);
  if (!rc)
    rc = csv_index_init(&ix, fields, r->err);
  if (rc)
    return rc;
  rc = index_at(r, &ix, 0);
  if (!rc && ix.rows != 1)
    rc = fail_header(r, &ix);
  if (!rc)
    rc = csv_names_init(names, fields, r->err);
  if (!rc)
    rc = read_names(r, &ix, names);
  if (rc)
    csv_names_finish(names);
  else
    csv_window_skip(r->window, ix.next);
  csv_index_finish(&ix);
  return rc;
}

/* Goes to the next record that is not blank; false: there is none. */
static int next_record(struct reading *r, bool *found) {
  for (;;) {
    int rc = csv_window_need(r->window, 1, r->err);
    if (!rc)
      rc = index_at(r, &r->one, 0);
    if (rc)
      return rc;
    *found = r->one.seen > 0;
    if (!*found || !is_blank(&r->one))
      return SLUICE_OK;
    csv_window_skip(r->window, r->one.next);
  }
}

static int read_with_header(struct reading *r, struct csv_names *names, int32_t rows, uint32_t columns) {
  for (int32_t row = 0; row < rows; row++) {
    struct csv_names more;
    bool found;
    int rc = next_record(r, &found);
    if (rc || !found)
      return rc;
    rc = read_record(r, &more);
    if (!rc)
      rc = csv_names_join(names, &more, row + 1 == rows, r->err);
    if (rc)
      return rc;
  }
  return csv_names_widen(names, columns, r->err);
}

/* The first record that is not blank tells the number of columns; if all lines are blank, there is one column. */
static int read_without_header(struct reading *r, struct csv_names *names, uint32_t columns) {
  uint32_t fields = 1;
  int rc = csv_window_need(r->window, 1, r->err);
  if (rc || csv_window_size(r->window) == 0)
    return rc;
  for (size_t at = 0; at < r->max_line; at += r->one.next) {
    rc = index_at(r, &r->one, at);
    if (rc)
      return rc;
    if (r->one.seen && is_blank(&r->one))
      continue;
    rc = r->one.seen ? count_fields(r, &fields) : SLUICE_OK;
    break;
  }
  return rc ? rc : csv_names_number(names, columns ? columns : fields, r->err);
}

int csv_head_read(struct csv_head *head, struct csv_window *window, const struct csv_shape *shape, size_t max_line,
                  const char *part, struct sluice_error *err) {
  struct reading r = {.window = window, .dialect = &shape->dialect, .max_line = max_line, .part = part, .err = err};
  *head = (struct csv_head){0};
  int rc = csv_index_init(&r.one, 1, err);
  for (int32_t i = 0; !rc && i < shape->skip_rows; i++)
    rc = skip_line(window, err);
  if (!rc)
    rc = shape->header_rows ? read_with_header(&r, &head->names, shape->header_rows, shape->columns)
                            : read_without_header(&r, &head->names, shape->columns);
  if (!rc && shape->header_rows)
    rc = csv_names_settle(&head->names, err);
  csv_index_finish(&r.one);
  head->records = window->offset;
  if (rc)
    csv_head_finish(head);
  return rc;
}

void csv_head_finish(struct csv_head *head) {
  csv_names_finish(&head->names);
}
