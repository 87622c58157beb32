/* Splits: runs of record batches of about the size that is asked for. */
#include "file.h"

enum { MESSAGES_MAX = 64 * 1024, ROWS_KNOWN_UP_TO = 1024, SLOT_LENGTH = 0 };

struct planning {
  struct arrow_source source;
  const struct arrow_format *format;
  struct sluice_splits *splits;
  int64_t split_bytes;
  struct sluice_split open; /* the one in work; bytes and rows so far */
  bool first, rows_known;
  int64_t row;
  struct sluice_error *err;
};

static int close_split(struct planning *p, const struct sluice_position *end) {
  struct sluice_split split = p->open;
  split.end = *end;
  if (p->first)
    split.begin = (struct sluice_position){0};
  if (!p->rows_known)
    split.rows = -1;
  p->first = false;
  p->open = (struct sluice_split){.begin = *end};
  return p->splits->add(p->splits, &split, p->err);
}

/* A record batch at this place: it starts a new split where the open one is large enough. */
static int add(struct planning *p, struct sluice_position at, int64_t rows, int64_t bytes) {
  at.row = p->rows_known ? p->row : 0;
  int rc = p->open.bytes > 0 && p->open.bytes >= p->split_bytes ? close_split(p, &at) : SLUICE_OK;
  p->open.bytes += bytes;
  p->open.rows += rows;
  p->row += rows;
  return rc;
}

static int finish(struct planning *p) {
  return close_split(p, &(struct sluice_position){0});
}

static int plan_indexed(struct planning *p, const struct arrow_file *file) {
  int rc = SLUICE_OK;
  p->rows_known = file->n_batches <= ROWS_KNOWN_UP_TO;
  for (int64_t i = 0; rc == SLUICE_OK && i < file->n_batches; i++) {
    const struct arrow_block *b = &file->batches[i];
    struct arrow_message m;
    int64_t rows = 0;
    if (p->rows_known) {
      rc = arrow_message_read_block(&p->source, b->offset, b->head, b->body, &m, p->err);
      if (rc)
        return rc;
      rows = m.kind == ARROW_RECORDS ? fb_number(&m.header, SLOT_LENGTH, 8, 0) : 0;
      arrow_message_finish(&m);
    }
    rc = add(p, (struct sluice_position){.offset = b->offset, .detail = {0, i + 1}}, rows > 0 ? rows : 0,
             b->head + b->body);
  }
  return rc;
}

/* Without an index each message tells where the next one is. What comes behind a damaged one is in the last split,
 * whose reader will tell. */
static int plan_stream(struct planning *p, const struct arrow_file *file) {
  int64_t offset = file->first;
  int rc = SLUICE_OK;
  p->rows_known = true;
  for (int i = 0; rc == SLUICE_OK && i < MESSAGES_MAX; i++) {
    struct arrow_message m;
    struct sluice_error why = {0};
    int read = arrow_message_read(&p->source, offset, &m, &why);
    if (read == SLUICE_END || read == SLUICE_ERR_DATA || read == SLUICE_ERR_UNSUPPORTED)
      break;
    if (read)
      return arrow_pass(p->err, read, &why);
    int64_t rows = m.kind == ARROW_RECORDS ? fb_number(&m.header, SLOT_LENGTH, 8, 0) : 0;
    if (m.kind == ARROW_RECORDS)
      rc = add(p, (struct sluice_position){.offset = offset}, rows > 0 ? rows : 0, m.next - offset);
    offset = m.next;
    arrow_message_finish(&m);
    if (p->format->host->cancelled(p->format->host))
      rc = sluice_fail(p->err, SLUICE_ERR_CANCELLED, p->source.part, "cancelled");
  }
  return rc;
}

int arrow_plan(void *self, struct sluice_input *in, const struct sluice_scan *scan, int64_t split_bytes,
               struct sluice_splits *splits, struct sluice_error *err) {
  struct planning p = {.source = {in, scan->part ? scan->part : ""},
                       .format = self,
                       .splits = splits,
                       .split_bytes = split_bytes > 0 ? split_bytes : INT64_MAX,
                       .first = true,
                       .err = err};
  struct arrow_file file = {0};
  int rc = in->size < 0 ? SLUICE_OK : arrow_file_open(&p.source, p.format->host, &file, err);
  if (rc == SLUICE_OK && in->size >= 0)
    rc = file.indexed ? plan_indexed(&p, &file) : plan_stream(&p, &file);
  else
    p.open.bytes = -1;
  if (rc == SLUICE_OK)
    rc = finish(&p);
  arrow_file_finish(&file);
  return rc;
}
