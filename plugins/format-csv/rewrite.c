/* Reads records byte by byte in any dialect, and writes them down anew as the converters read them. */
#include "pass.h"
#include "walk.h"
#include <stdlib.h>

enum { BLOCK_BYTES = 128 * 1024, RUNNING = -1 };

static void add_field(struct csv_pass *p, size_t start) {
  struct csv_index *ix = p->ix;
  if (p->fields < ix->columns)
    ix->ends[(size_t)ix->rows * ix->columns + p->fields] = (uint32_t)p->out->size;
  else if (!p->failed)
    p->out->size = start; /* it is not counted on */
  p->fields++;
  csv_pass_put(p, "\n", 1); /* converters expect one byte between fields */
}

static bool complete(struct csv_pass *p) {
  struct csv_index *ix = p->ix;
  for (uint32_t i = p->fields; i < ix->columns && p->bounds->pad; i++)
    ix->ends[(size_t)ix->rows * ix->columns + i] = (uint32_t)p->out->size - 1; /* begins behind its end: missing */
  return p->fields == ix->columns || (p->fields < ix->columns ? p->bounds->pad : p->bounds->cut);
}

static void keep(struct csv_pass *p, size_t start, size_t end) {
  struct csv_index *ix = p->ix;
  ix->starts[ix->rows] = (uint32_t)start;
  ix->made->spans[ix->seen] = (struct csv_span){(uint32_t)p->record, (uint32_t)end};
  ix->ordinals[ix->rows++] = ix->seen;
}

static void refuse(struct csv_pass *p, size_t end) {
  struct csv_index *ix = p->ix;
  ix->hit[ix->seen] = 1;
  ix->faults[ix->n_faults++] = (struct csv_fault){.ordinal = ix->seen,
                                                  .start = (uint32_t)p->record,
                                                  .end = (uint32_t)end,
                                                  .detail = p->fields,
                                                  .column = -1,
                                                  .code = p->fault};
}

/* The record goes from p->record to `end`, and was written from `start` on; the next begins at `next`. */
static void end_record(struct csv_pass *p, size_t start, size_t end, size_t next) {
  struct csv_index *ix = p->ix;
  const struct csv_bounds *b = p->bounds;
  int64_t size = p->fault == CSV_FAULT_LONG ? 0 : (int64_t)(next - p->record);
  if (size > b->bytes - ix->bytes && !(b->fresh && ix->seen == 0)) {
    p->stop = CSV_STOP_BYTES;
    return;
  }
  if (p->fault == CSV_FAULT_NONE && !complete(p))
    p->fault = CSV_FAULT_RAGGED;
  if (p->fault == CSV_FAULT_NONE && !p->d->zeros && memchr(p->data + p->record, 0, end - p->record))
    p->fault = CSV_FAULT_ZERO_BYTE;
  if (p->fault == CSV_FAULT_NONE)
    keep(p, start, end);
  else {
    p->out->size = start;
    refuse(p, end);
  }
  ix->seen++;
  ix->bytes += size;
  p->record = next;
  if (ix->seen >= b->rows)
    p->stop = CSV_STOP_ROWS;
  else if (ix->seen == ix->max_rows || next >= BLOCK_BYTES)
    p->stop = CSV_STOP_FULL;
}

/* A record over the limit: the walk says where it ends. */
static void end_long(struct csv_pass *p, size_t start) {
  struct csv_walk walk = {.state = CSV_WALK_START};
  size_t n = csv_walk(&walk, p->d, p->data + p->record, p->bounds->size - p->record);
  if (walk.state != CSV_WALK_DONE && !p->bounds->final) {
    p->stop = CSV_STOP_MORE;
    return;
  }
  p->fields = p->starved ? walk.state == CSV_WALK_QUOTED : p->fault == CSV_FAULT_OPEN_QUOTE;
  p->fault = CSV_FAULT_LONG;
  end_record(p, start, p->record + n - walk.ending, p->record + n);
}

/* A line that is no record: blank, where there are several columns, or a comment. */
static bool skip_line(struct csv_pass *p) {
  size_t at = p->d->trim ? csv_pass_skip_spaces(p, p->record) : p->record;
  bool comment = csv_pass_is_mark(p, &p->d->comment, at);
  while (comment && !csv_pass_line_end(p, at) && csv_pass_peek(p, at) != CSV_PASS_END)
    at++;
  size_t n = csv_pass_line_end(p, at);
  if (!(comment || (n && p->ix->columns > 1)) || p->starved)
    return false;
  p->record = at + n;
  return true;
}

static void read_record(struct csv_pass *p) {
  size_t start = p->out->size;
  p->at = p->record;
  p->fields = 0;
  p->fault = CSV_FAULT_NONE;
  for (enum csv_ending ending = CSV_AT_DELIMITER; ending == CSV_AT_DELIMITER && !p->failed;) {
    size_t field = p->out->size;
    ending = csv_pass_read_field(p);
    add_field(p, field);
  }
  size_t end = p->at;
  size_t next = end + csv_pass_line_end(p, end);
  if (p->failed)
    p->stop = CSV_STOP_MEMORY;
  else if (p->starved ? p->bounds->size - p->record > p->bounds->max_line + 2 : end - p->record > p->bounds->max_line)
    end_long(p, start);
  else if (p->starved)
    p->stop = CSV_STOP_MORE;
  else
    end_record(p, start, end, next);
}

static void mark_special(struct csv_pass *p) {
  const struct csv_dialect *d = p->d;
  p->special[d->delimiter] = CSV_IN_PLAIN;
  p->special['\n'] = p->special['\r'] = CSV_IN_PLAIN | (d->single ? CSV_IN_QUOTES : 0);
  if (d->quote >= 0)
    p->special[d->quote] = CSV_IN_PLAIN | CSV_IN_QUOTES;
  if (d->escape >= 0)
    p->special[d->escape] = CSV_IN_PLAIN | CSV_IN_QUOTES;
}

static bool make_room(struct csv_index *ix) {
  if (ix->made)
    return true;
  ix->made = calloc(1, sizeof *ix->made);
  struct csv_span *spans = ix->made ? malloc(ix->max_rows * sizeof *spans) : NULL;
  if (ix->made)
    ix->made->spans = spans;
  if (spans)
    return true;
  csv_rewritten_destroy(ix->made);
  ix->made = NULL;
  return false;
}

void csv_rewritten_destroy(struct csv_rewritten *made) {
  if (!made)
    return;
  sluice_buffer_free(&made->text);
  free(made->spans);
  free(made);
}

enum csv_stop csv_rewrite_block(struct csv_index *ix, const struct csv_dialect *dialect, const uint8_t *data,
                                const struct csv_bounds *bounds) {
  struct csv_pass p = {.ix = ix, .d = dialect, .bounds = bounds, .data = data, .stop = RUNNING};
  ix->rows = ix->seen = ix->n_faults = 0;
  ix->bytes = 0;
  ix->next = ix->used = 0;
  memset(ix->hit, 0, ix->max_rows);
  if (!make_room(ix))
    return CSV_STOP_MEMORY;
  p.out = &ix->made->text;
  p.out->size = 0;
  mark_special(&p);
  csv_pass_put(&p, "", 0); /* so that there is padding, even of nothing */
  while (p.stop == RUNNING) {
    if (p.record >= bounds->stop || (bounds->final && p.record >= bounds->size))
      p.stop = CSV_STOP_END;
    else if (p.record >= bounds->size)
      p.stop = CSV_STOP_MORE;
    else if (!skip_line(&p))
      read_record(&p);
  }
  ix->data = p.out->data;
  ix->used = p.out->size;
  ix->source = data;
  ix->next = p.record;
  ix->ascii = false;
  return (enum csv_stop)p.stop;
}
