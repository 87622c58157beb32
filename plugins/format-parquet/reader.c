/* Opens the reader of a unit: footer, columns, place to begin; and the reader's face to the host. */
#include "reader.h"
#include "pruned.h"
#include <stdlib.h>

enum { DEFAULT_ROWS = 64 * 1024, SKIP_ROWS = 16 * 1024 };
static const int64_t most_bytes = 1 << 30; /* of a batch: its texts must fit offsets of 32 bits */

static void count_pruned(const struct pq_reader *r) {
  const struct pq_prune_counts *c = &r->prune->counts;
  sluice_count(r->format->pruned_groups, (uint64_t)c->groups_out);
  sluice_count(r->format->pruned_pages, (uint64_t)c->pages_out);
  sluice_count(r->format->pruned_bytes, (uint64_t)c->bytes_out);
  pq_pruned_log(r);
}

static void destroy(struct pq_reader *r) {
  pq_late_destroy(r->late);
  pq_prune_destroy(r->prune);
  pq_fetch_finish(&r->fetch);
  pq_shape_finish(&r->shape);
  pq_codecs_finish(&r->codecs);
  pq_footer_finish(&r->footer);
  free(r);
}

static void reader_release(struct sluice_reader *reader) {
  struct pq_reader *r = reader->private_data;
  if (r->prune)
    count_pruned(r);
  if (r->input.release)
    r->input.release(&r->input);
  destroy(r);
  reader->release = NULL;
  reader->private_data = NULL;
}

static int reader_schema(struct sluice_reader *reader, struct ArrowSchema *out, struct sluice_error *err) {
  struct pq_reader *r = reader->private_data;
  int code = sluice_schema_copy(&r->shape.schema, out);
  return code ? sluice_fail(err, code, r->part, "no memory for the schema") : code;
}

static int reader_next(struct sluice_reader *reader, struct sluice_batch *out, struct sluice_error *err) {
  struct pq_reader *r = reader->private_data;
  if (r->row >= r->stop)
    return SLUICE_END;
  if (r->format->host && r->format->host->cancelled(r->format->host))
    return sluice_fail(err, SLUICE_ERR_CANCELLED, r->part, "stopped while reading");
  if (r->prune)
    return pq_pruned_next(r, out, err);
  int64_t rows = r->batch_rows - (r->row - r->unit_row) % r->batch_rows;
  return pq_batch_next(r, rows < r->stop - r->row ? rows : r->stop - r->row, false, out, err);
}

/* ---- opening ---- */

static int32_t group_of(const struct pq_footer *f, int64_t row) {
  int32_t low = 0, high = f->n_groups;
  while (low < high) { /* the first group that ends behind the row */
    int32_t middle = low + (high - low) / 2;
    if (f->groups[middle].first_row + f->groups[middle].rows > row)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

static int64_t count_rows(const struct pq_footer *f) {
  const struct pq_group *last = f->n_groups ? &f->groups[f->n_groups - 1] : NULL;
  int64_t rows = last ? last->first_row + last->rows : 0;
  return f->n_leaves == 0 && f->n_groups == 0 && f->rows > 0 ? f->rows : rows;
}

static void read_scan(struct pq_reader *r, const struct sluice_scan *scan) {
  int64_t all = count_rows(&r->footer);
  const struct sluice_position *from = scan->from.row > scan->begin.row ? &scan->from : &scan->begin;
  r->batch_rows = scan->batch_rows > 0 ? scan->batch_rows : DEFAULT_ROWS;
  r->unit_row = scan->begin.row;
  r->row = from->row < 0 ? 0 : from->row;
  r->stop = scan->end.row > 0 && scan->end.row < all ? scan->end.row : all;
  r->context = (struct pq_leaf_context){
      .fetch = &r->fetch,
      .codecs = &r->codecs,
      .config = r->format->config,
      .footer = &r->footer,
      .part = r->part,
      .batch_bytes = scan->batch_bytes > 0 && scan->batch_bytes < most_bytes ? scan->batch_bytes : most_bytes};
}

/* Begins with the group in which the first row is, and goes through it up to that row. */
static int go_to_start(struct pq_reader *r, struct sluice_error *err) {
  if (r->row >= r->stop || r->shape.n_leaves == 0)
    return SLUICE_OK;
  int32_t first = group_of(&r->footer, r->row), last = group_of(&r->footer, r->stop - 1) + 1;
  int code =
      pq_fetch_init(&r->fetch, &r->input, &r->footer, r->shape.ordinals, r->shape.n_leaves, first, last, r->part, err);
  if (r->prune) { /* rows before the first are passed over like all that nobody wants */
    r->fetch.prune = r->prune;
    return code;
  }
  int64_t start = r->row;
  r->row = r->footer.groups[first].first_row;
  while (!code && r->row < start)
    code = pq_batch_next(r, start - r->row < SKIP_ROWS ? start - r->row : SKIP_ROWS, true, NULL, err);
  return code;
}

/* Rows without columns take no bytes, so a file can say any number. */
static int check_rows(const struct pq_reader *r, struct sluice_error *err) {
  enum { EMPTY_ROWS_MAX = 1 << 24 };
  if (r->footer.n_leaves > 0 || r->stop <= EMPTY_ROWS_MAX)
    return SLUICE_OK;
  return sluice_fail(err, SLUICE_ERR_DATA, r->part, "it says that it has %lld rows, and no columns",
                     (long long)r->stop);
}

static int prepare(struct pq_reader *r, const struct sluice_scan *scan, struct sluice_error *err) {
  int code = pq_footer_read(&r->input, r->part, &r->footer, err);
  if (code)
    return code;
  read_scan(r, scan);
  code = check_rows(r, err);
  if (code)
    return code;
  code = pq_shape_init(&r->shape, &r->footer, r->format->config, scan, err);
  if (!code)
    code = pq_prune_create(&r->input, &r->footer, &r->shape, scan, r->part, &r->prune, err);
  if (!code && r->prune) {
    r->prune->begin = r->row;
    r->prune->end = r->stop;
    code = pq_late_create(&r->shape, scan->where, r->context.batch_bytes, &r->late);
    code = code ? sluice_fail(err, code, r->part, "no memory for the filter") : code;
  }
  return code ? code : go_to_start(r, err);
}

int pq_decode(void *self, struct sluice_input *in, const struct sluice_scan *scan, struct sluice_reader *out,
              struct sluice_error *err) {
  struct pq_reader *r = calloc(1, sizeof *r);
  if (!r)
    return sluice_fail(err, SLUICE_ERR_MEMORY, scan->part, "no memory for a reader");
  r->format = self;
  r->input = *in;
  snprintf(r->part, sizeof r->part, "%s", scan->part ? scan->part : "");
  int code = prepare(r, scan, err);
  if (code) {
    destroy(r); /* the input is still the caller's */
    return code;
  }
  memset(in, 0, sizeof *in);
  *out = (struct sluice_reader){reader_schema, reader_next, reader_release, r};
  return SLUICE_OK;
}
