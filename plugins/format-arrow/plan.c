/* Splits: runs of record batches of about the size that is asked for. */
#include "file.h"

/* Rows of a split are numbered through the file, so the head of each batch before it must be read: by the index many at
 * once, in a stream one after the other. Batches beyond these are all in the last split. */
enum { INDEXED_MAX = 1024, STREAM_MAX = 64, HEAD_SIZE = 4096, SLOT_LENGTH = 0 };

struct planning {
  struct arrow_source source;
  const struct arrow_format *format;
  struct sluice_splits *splits;
  int64_t split_bytes;
  struct sluice_split open; /* the one in work; bytes and rows so far */
  bool first, whole;        /* whole: no splits */
  int64_t row;
  struct sluice_error *err;
};

static int close_split(struct planning *p, const struct sluice_position *end) {
  struct sluice_split split = p->open;
  split.end = *end;
  if (p->first)
    split.begin = (struct sluice_position){0};
  p->first = false;
  p->open = (struct sluice_split){.begin = *end};
  return p->splits->add(p->splits, &split, p->err);
}

/* A record batch at this place: it starts a new split where the open one is large enough. */
static int add(struct planning *p, struct sluice_position at, int64_t rows, int64_t bytes) {
  at.row = p->row;
  int rc = p->open.bytes > 0 && p->open.bytes >= p->split_bytes ? close_split(p, &at) : SLUICE_OK;
  p->open.bytes += bytes;
  p->open.rows += rows;
  p->row += rows;
  return rc;
}

static int finish(struct planning *p) {
  return p->whole ? SLUICE_OK : close_split(p, &(struct sluice_position){0});
}

static void announce(const struct planning *p, const struct arrow_file *file, int64_t n) {
  struct sluice_range ranges[INDEXED_MAX];
  struct sluice_input *in = p->source.input;
  for (int64_t i = 0; i < n; i++) {
    int64_t size = file->batches[i].head < HEAD_SIZE ? file->batches[i].head : HEAD_SIZE;
    ranges[i] = (struct sluice_range){file->batches[i].offset, size};
  }
  if (in->will_need)
    in->will_need(in, ranges, (size_t)n);
}

static int plan_indexed(struct planning *p, const struct arrow_file *file) {
  int rc = SLUICE_OK;
  int64_t n = file->n_batches < INDEXED_MAX ? file->n_batches : INDEXED_MAX;
  announce(p, file, n);
  for (int64_t i = 0; rc == SLUICE_OK && i < n; i++) {
    const struct arrow_block *b = &file->batches[i];
    struct arrow_message m;
    rc = arrow_message_read_block(&p->source, b->offset, b->head, b->body, &m, p->err);
    if (rc)
      return rc;
    int64_t rows = m.kind == ARROW_RECORDS ? fb_number(&m.header, SLOT_LENGTH, 8, 0) : 0;
    arrow_message_finish(&m);
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
  for (int i = 0; rc == SLUICE_OK && i < STREAM_MAX; i++) {
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
    p.whole = true;
  if (rc == SLUICE_OK)
    rc = finish(&p);
  arrow_file_finish(&file);
  return rc;
}
