/* Cuts a large part into pieces. A piece begins only where a record surely does: its part was read for quotes up to
 * there, or no line end is within quotes. */
#include "plan.h"
#include "cuts.h"
#include "head.h"
#include "shape.h"
#include "text.h"

struct planning {
  const struct csv_format *format;
  struct csv_text_source text;
  struct csv_sniffed found;
  struct csv_head head;
  int64_t size, piece; /* of the part; of a piece, about */
  struct sluice_splits *out;
  struct sluice_position begin; /* of the piece at hand */
  const char *part;
  struct sluice_error *err;
};

static bool is_local(const char *part) {
  const char *scheme = strstr(part, "://");
  return !scheme || strncmp(part, "file://", 7) == 0;
}

static bool is_cancelled(const struct planning *p) {
  return p->format->host && p->format->host->cancelled(p->format->host);
}

static int add(struct planning *p, int64_t end, int64_t row) {
  struct sluice_split split = {.begin = p->begin, .rows = end && row ? row - p->begin.row : -1};
  split.end = (struct sluice_position){.offset = end, .row = row};
  split.bytes = (end ? end : p->size) - p->begin.offset;
  p->begin = split.end;
  return p->out->add(p->out, &split, p->err);
}

static bool has_room(const struct planning *p) {
  return p->size - p->begin.offset > p->piece + p->piece / 2;
}

/* Reads all of the part up to where the last piece begins. Rows are numbered, but for a single column, in which blank
 * lines count. */
static int cut_by_scan(struct planning *p) {
  struct csv_window *w = &p->text.window;
  struct csv_cuts cuts;
  int rc = SLUICE_OK;
  bool numbered = p->head.names.count > 1;
  csv_cuts_begin(&cuts, &p->found.shape.dialect);
  while (!rc && has_room(p)) {
    int64_t target = p->begin.offset + p->piece - w->offset;
    bool found;
    size_t n = csv_cuts_scan(&cuts, csv_window_bytes(w), csv_window_size(w), target > 0 ? (size_t)target : 0, &found);
    csv_window_skip(w, n);
    if (cuts.stray && p->found.shape.dialect.lenient)
      return SLUICE_OK; /* where a quote that is text ends, only reading tells */
    if (is_cancelled(p))
      return sluice_fail(p->err, SLUICE_ERR_CANCELLED, p->part, "stopped while looking for places to cut");
    if (found && w->offset < p->size)
      rc = add(p, w->offset, numbered ? cuts.rows : 0);
    else if (w->ended)
      break;
    else
      rc = csv_window_more(w, p->err);
  }
  return rc;
}

static bool ends_line(const struct csv_dialect *d, const uint8_t *p, size_t i, size_t n) {
  if (p[i] == '\n')
    return d->ends == CSV_ENDS_ANY || d->ends == CSV_ENDS_LF || (d->ends == CSV_ENDS_CRLF && i > 0 && p[i - 1] == '\r');
  return p[i] == '\r' && (d->ends == CSV_ENDS_CR || (d->ends == CSV_ENDS_ANY && i + 1 < n && p[i + 1] != '\n'));
}

/* Goes to the first line that begins behind the window's start; what is there may be the end of one. */
static int find_line(struct planning *p) {
  struct csv_window *w = &p->text.window;
  for (;;) {
    const uint8_t *bytes = csv_window_bytes(w);
    size_t n = csv_window_size(w);
    for (size_t i = 0; i < n; i++)
      if (ends_line(&p->found.shape.dialect, bytes, i, n)) {
        csv_window_skip(w, i + 1);
        return SLUICE_OK;
      }
    if (w->ended) {
      csv_window_skip(w, n);
      return SLUICE_OK;
    }
    csv_window_skip(w, n > 1 ? n - 1 : 0); /* the last byte tells what the next means */
    int rc = is_cancelled(p) ? SLUICE_ERR_CANCELLED : csv_window_more(w, p->err);
    if (rc)
      return sluice_fail(p->err, rc, p->part, "stopped while looking for places to cut");
  }
}

static int cut_by_lines(struct planning *p) {
  int rc = SLUICE_OK;
  while (!rc && has_room(p)) {
    rc = csv_window_seek(&p->text.window, p->begin.offset + p->piece - 1, p->err);
    if (!rc)
      rc = find_line(p);
    if (rc || p->text.window.offset >= p->size)
      break;
    rc = add(p, p->text.window.offset, 0);
  }
  return rc;
}

static int cut(struct planning *p) {
  const struct csv_dialect *d = &p->found.shape.dialect;
  int32_t how = p->format->config->pieces;
  bool by_lines = (d->single || d->quote < 0) && d->escape < 0;
  if (p->format->config->infer == CSV_INFER_WHOLE) /* each piece would read all of the part for its types */
    return SLUICE_OK;
  if (how == CSV_PIECES_NONE || p->text.recode || p->text.footer || p->head.names.count == 0)
    return SLUICE_OK;
  if (by_lines)
    return cut_by_lines(p);
  if (d->odd || (how == CSV_PIECES_AUTO && !is_local(p->part)))
    return SLUICE_OK;
  return cut_by_scan(p);
}

static int plan(struct planning *p, struct sluice_input *in) {
  const struct csv_config *config = p->format->config;
  size_t max_line = (size_t)config->max_line;
  int rc = csv_text_open(&p->text, in, config, p->err);
  if (!rc)
    rc = csv_shape_find(p->format, p->part, &p->text.window, &p->found, p->err);
  if (!rc)
    rc = csv_head_read(&p->head, &p->text.window, &p->found.shape, max_line, p->part, p->err);
  if (rc)
    return rc;
  p->begin.offset = p->head.records;
  p->size = p->found.shape.end ? p->found.shape.end : p->size;
  rc = cut(p);
  return rc ? rc : add(p, 0, 0);
}

int csv_plan(void *self, struct sluice_input *in, const struct sluice_scan *scan, int64_t split_bytes,
             struct sluice_splits *out, struct sluice_error *err) {
  struct planning p = {.format = self,
                       .size = in->size,
                       .piece = split_bytes,
                       .out = out,
                       .part = scan && scan->part ? scan->part : "",
                       .err = err};
  if (in->size < 0 || split_bytes <= 0)
    return SLUICE_OK;
  int rc = plan(&p, in);
  csv_head_finish(&p.head);
  csv_text_close(&p.text);
  return rc;
}
