/* Fills a batch block by block: index, convert, report what cannot be read, go on. */
#include "reader.h"
#include <stdlib.h>

static int no_memory(struct csv_reader *r, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_MEMORY, r->part, "no memory for a batch from record %lld on; lower batch_bytes",
                     (long long)r->first_row);
}

static int convert_block(struct csv_reader *r, struct sluice_error *err) {
  for (uint32_t i = 0; i < r->layout.count; i++) {
    struct csv_column *c = &r->layout.columns[i];
    if (!c->missing && c->parse(c, &r->parse) != SLUICE_OK)
      return no_memory(r, err);
  }
  return SLUICE_OK;
}

static int by_ordinal(const void *a, const void *b) {
  uint32_t x = ((const struct csv_fault *)a)->ordinal, y = ((const struct csv_fault *)b)->ordinal;
  return (x > y) - (x < y);
}

static int report_faults(struct csv_reader *r, struct sluice_error *err) {
  struct csv_index *ix = &r->index;
  qsort(ix->faults, ix->n_faults, sizeof *ix->faults, by_ordinal);
  for (uint32_t i = 0; i < ix->n_faults; i++) {
    const struct csv_fault *f = &ix->faults[i];
    size_t size = f->end - f->start;
    const struct csv_record record = {r->row + f->ordinal, r->text.window.offset + f->start, ix->source + f->start,
                                      size, size};
    int rc = csv_report(&r->reporter, f, &record, ix->data + f->text, err);
    if (rc)
      return rc;
  }
  return SLUICE_OK;
}

/* The rows of the block that could be converted now are in the columns; if some could not, all columns go back and take
 * the good rows alone. */
static int convert_good(struct csv_reader *r, struct sluice_error *err) {
  uint32_t faults = r->index.n_faults;
  int rc = convert_block(r, err);
  if (rc || r->index.n_faults == faults)
    return rc;
  for (uint32_t i = 0; i < r->layout.count; i++)
    csv_column_rollback(&r->layout.columns[i]);
  csv_index_drop(&r->index);
  return convert_block(r, err);
}

/* Writes down the ordinals of the records kept, from the first dropped record of the batch on for all of it. */
static int note_origin(struct csv_reader *r, struct sluice_error *err) {
  const struct csv_index *ix = &r->index;
  if (!r->dropped && ix->rows == ix->seen)
    return SLUICE_OK;
  size_t before = r->dropped ? 0 : (size_t)r->rows;
  if (sluice_buffer_reserve(&r->origin, (before + ix->rows) * sizeof(int64_t)) != SLUICE_OK)
    return no_memory(r, err);
  int64_t *at = (int64_t *)(void *)(r->origin.data + r->origin.size);
  for (size_t i = 0; i < before; i++)
    *at++ = r->first_row + (int64_t)i;
  for (uint32_t i = 0; i < ix->rows; i++)
    *at++ = r->row + ix->ordinals[i];
  r->origin.size += (before + ix->rows) * sizeof(int64_t);
  r->dropped = true;
  return SLUICE_OK;
}

/* Takes the records of the index into the batch. On an error the batch is as it was. */
static int take_block(struct csv_reader *r, struct sluice_error *err) {
  struct csv_index *ix = &r->index;
  r->parse.utf8 = ix->ascii || sluice_utf8_valid(ix->data, ix->used) == ix->used;
  for (uint32_t i = 0; i < r->layout.count; i++)
    csv_column_mark(&r->layout.columns[i]);
  int rc = convert_good(r, err);
  if (rc == SLUICE_OK && ix->n_faults)
    rc = report_faults(r, err);
  if (rc == SLUICE_OK)
    rc = note_origin(r, err);
  if (rc) {
    for (uint32_t i = 0; i < r->layout.count; i++)
      csv_column_rollback(&r->layout.columns[i]);
    return rc;
  }
  r->rows += ix->rows;
  r->row += ix->seen;
  r->bytes += ix->bytes;
  csv_window_skip(&r->text.window, ix->next);
  return SLUICE_OK;
}

static int begin_skip(struct csv_reader *r, struct sluice_error *err) {
  struct csv_skip *s = &r->skip;
  size_t held = csv_window_size(&r->text.window);
  *s = (struct csv_skip){.offset = r->text.window.offset, .held = held < CSV_RAW_MAX ? held : CSV_RAW_MAX};
  s->raw = malloc(s->held + 1);
  if (!s->raw)
    return no_memory(r, err);
  memcpy(s->raw, csv_window_bytes(&r->text.window), s->held);
  s->active = true;
  return SLUICE_OK;
}

static int end_skip(struct csv_reader *r, struct sluice_error *err) {
  struct csv_skip *s = &r->skip;
  const struct csv_fault fault = {.column = -1, .code = CSV_FAULT_LONG, .detail = s->walk.state == CSV_WALK_QUOTED};
  const struct csv_record record = {r->row, s->offset, s->raw, s->held, s->size - s->walk.ending};
  int rc = csv_report(&r->reporter, &fault, &record, NULL, err);
  if (rc)
    return rc;
  r->index.rows = 0;
  r->index.seen = 1;
  rc = note_origin(r, err);
  if (rc)
    return rc;
  r->row++;
  free(s->raw);
  *s = (struct csv_skip){0};
  return SLUICE_OK;
}

static bool is_cancelled(const struct csv_reader *r) {
  return r->format->host && r->format->host->cancelled(r->format->host);
}

/* Walks over a record that is too long, without holding it. */
static int skip_record(struct csv_reader *r, struct sluice_error *err) {
  struct csv_skip *s = &r->skip;
  struct csv_window *w = &r->text.window;
  int rc = s->active ? SLUICE_OK : begin_skip(r, err);
  while (rc == SLUICE_OK) {
    size_t n = csv_walk(&s->walk, &r->found.shape.dialect, csv_window_bytes(w), csv_window_size(w));
    s->size += n;
    csv_window_skip(w, n);
    if (s->walk.state == CSV_WALK_DONE || (w->ended && csv_window_size(w) == 0))
      return end_skip(r, err);
    if (is_cancelled(r))
      return sluice_fail(err, SLUICE_ERR_CANCELLED, r->part, "stopped while reading");
    rc = csv_window_more(w, err);
  }
  return rc;
}

static int64_t rows_left(const struct csv_reader *r) {
  return r->batch_rows - (r->row - r->unit_row) % r->batch_rows;
}

static enum csv_stop index_block(struct csv_reader *r, int64_t rows) {
  int64_t stop = r->stop - r->text.window.offset;
  const struct csv_bounds bounds = {
      .size = csv_window_size(&r->text.window),
      .final = r->text.window.ended,
      .stop = stop > 0 ? (size_t)stop : 0,
      .rows = rows,
      .bytes = r->batch_bytes - r->bytes,
      .fresh = r->row == r->first_row,
      .max_line = r->reporter.max_line,
      .pad = csv_pads(r->format->config),
      .cut = csv_cuts(r->format->config),
  };
  return csv_index_block(&r->index, &r->found.shape.dialect, csv_window_bytes(&r->text.window), &bounds);
}

/* More bytes for the record at the window's start, or past it if it is too long already. */
static int read_on(struct csv_reader *r, struct sluice_error *err) {
  if (csv_window_size(&r->text.window) <= r->reporter.max_line + 2)
    return csv_window_more(&r->text.window, err);
  return skip_record(r, err);
}

int csv_batch_fill(struct csv_reader *r, struct sluice_error *err) {
  int64_t target = r->first_row + r->batch_rows - (r->first_row - r->unit_row) % r->batch_rows;
  while (!r->ended && r->row < target) {
    if (is_cancelled(r))
      return sluice_fail(err, SLUICE_ERR_CANCELLED, r->part, "stopped while reading");
    if (r->skip.active) {
      int rc = skip_record(r, err);
      if (rc)
        return rc;
      continue;
    }
    enum csv_stop stop = index_block(r, rows_left(r));
    int rc = stop == CSV_STOP_MEMORY ? no_memory(r, err) : take_block(r, err);
    if (rc == SLUICE_OK && stop == CSV_STOP_MORE)
      rc = read_on(r, err);
    if (rc)
      return rc;
    if (stop == CSV_STOP_BYTES)
      break;
    r->ended = stop == CSV_STOP_END;
  }
  return SLUICE_OK;
}

/* Lets the array own the ordinals, so that they live as long as it does. */
static int attach_origin(struct csv_reader *r, struct ArrowArray *array, const int64_t **origin) {
  int rc = sluice_array_attach(array, r->origin.data);
  if (rc)
    return rc;
  *origin = (const int64_t *)(const void *)r->origin.data;
  r->origin = (struct sluice_buffer){0};
  return SLUICE_OK;
}

static int take_columns(struct csv_reader *r, struct ArrowArray *out) {
  uint32_t n = r->layout.count, taken = 0;
  struct ArrowArray *children = calloc(n + 1, sizeof *children);
  struct sluice_buffer validity = {0};
  int rc = children ? SLUICE_OK : SLUICE_ERR_MEMORY;
  while (rc == SLUICE_OK && taken < n) {
    rc = csv_column_take(&r->layout.columns[taken], r->layout.schema.children[taken], r->rows, &children[taken]);
    taken += rc == SLUICE_OK;
  }
  if (rc == SLUICE_OK)
    rc = sluice_array_adopt(out, r->rows, 0, &validity, 1, children, n, NULL);
  for (uint32_t i = 0; rc && i < taken; i++)
    sluice_array_release(&children[i]);
  free(children);
  return rc;
}

int csv_batch_take(struct csv_reader *r, struct sluice_batch *out, struct sluice_error *err) {
  struct ArrowArray array = {0};
  const int64_t *origin = NULL;
  int rc = r->broken ? SLUICE_ERR_MEMORY : take_columns(r, &array);
  if (rc == SLUICE_OK && r->dropped) {
    rc = attach_origin(r, &array, &origin);
    if (rc)
      sluice_array_release(&array);
  }
  r->broken = rc != SLUICE_OK;
  if (rc)
    return no_memory(r, err);
  out->first_row = r->first_row;
  out->end = (struct sluice_position){.row = r->row, .offset = r->text.window.offset};
  out->origin = origin;
  out->ops = NULL;
  out->array = array;
  r->first_row = r->row;
  r->rows = r->bytes = 0;
  r->dropped = false;
  return SLUICE_OK;
}
