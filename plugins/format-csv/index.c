/* Builds the index of a block: masks of 64 bytes at a time, then one step for each delimiter, line end and quote. */
#include "index.h"
#include "classify.h"
#include "rewrite.h"
#include "scan.h"
#include "walk.h"
#include <stdlib.h>

enum { BLOCK_ROWS = 2048, BLOCK_FIELDS = 32 * 1024, BLOCK_BYTES = 128 * 1024 };
enum { PLAIN, QUOTED, CLOSED, RUNNING = -1 };

struct cursor { /* where the scan is */
  struct csv_index *ix;
  const struct csv_bounds *bounds;
  const struct csv_dialect *dialect;
  uint32_t record, field, closed; /* where the record and field began; where the last quote was closed */
  uint32_t fields;                /* of the record, that have ended */
  uint32_t *ends;                 /* of the record */
  int state, stop;                /* stop: enum csv_stop, or RUNNING */
  bool single;                    /* of the dialect */
  enum csv_fault_code fault;      /* the first of the record */
};

int csv_index_init(struct csv_index *ix, uint32_t columns, struct sluice_error *err) {
  uint32_t rows = BLOCK_FIELDS / columns;
  *ix = (struct csv_index){.columns = columns};
  ix->max_rows = rows < 1 ? 1 : rows > BLOCK_ROWS ? BLOCK_ROWS : rows;
  ix->starts = malloc(ix->max_rows * sizeof *ix->starts);
  ix->ordinals = malloc(ix->max_rows * sizeof *ix->ordinals);
  ix->ends = malloc(((size_t)ix->max_rows * columns + 2 * CSV_SCAN_SLACK) * sizeof *ix->ends);
  ix->scan = csv_scan_best().scan;
  ix->hit = malloc(ix->max_rows);
  ix->faults = malloc(ix->max_rows * sizeof *ix->faults);
  if (ix->starts && ix->ordinals && ix->ends && ix->hit && ix->faults)
    return SLUICE_OK;
  csv_index_finish(ix);
  return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory to index records of %u columns", columns);
}

void csv_index_finish(struct csv_index *ix) {
  free(ix->starts);
  free(ix->ordinals);
  free(ix->ends);
  free(ix->hit);
  free(ix->faults);
  csv_rewritten_destroy(ix->made);
  *ix = (struct csv_index){0};
}

static void note(struct cursor *c, enum csv_fault_code code) {
  if (c->fault == CSV_FAULT_NONE)
    c->fault = code;
}

static void add_field(struct cursor *c, uint32_t pos) {
  if (c->fields < c->ix->columns)
    c->ends[c->fields] = pos;
  c->fields++;
}

static void begin_record(struct cursor *c, uint32_t pos) {
  c->record = c->field = pos;
  c->fields = 0;
  c->state = PLAIN;
  c->fault = CSV_FAULT_NONE;
}

/* True if the record has the right number of fields, perhaps after padding. */
static bool complete(struct cursor *c, uint32_t pos) {
  if (c->fields < c->ix->columns && c->bounds->pad)
    for (uint32_t i = c->fields; i < c->ix->columns; i++)
      c->ends[i] = pos; /* begins behind its end: missing, which is not the same as empty */
  return c->fields == c->ix->columns || (c->fields < c->ix->columns ? c->bounds->pad : c->bounds->cut);
}

static void keep(struct cursor *c) {
  struct csv_index *ix = c->ix;
  ix->starts[ix->rows] = c->record;
  ix->ordinals[ix->rows++] = ix->seen;
  c->ends += ix->columns;
}

static void refuse(struct cursor *c, uint32_t end) {
  struct csv_index *ix = c->ix;
  ix->hit[ix->seen] = 1;
  ix->faults[ix->n_faults++] = (struct csv_fault){
      .ordinal = ix->seen, .start = c->record, .end = end, .detail = c->fields, .column = -1, .code = c->fault};
}

/* Takes the record that ends at `end`; the next begins at `next`. */
static void end_record(struct cursor *c, uint32_t end, uint32_t next) {
  struct csv_index *ix = c->ix;
  const struct csv_bounds *b = c->bounds;
  if (end == c->record && ix->columns > 1) { /* a blank line */
    begin_record(c, next);
    return;
  }
  add_field(c, end);
  bool too_long = end - c->record > b->max_line;
  int64_t size = too_long ? 0 : (int64_t)next - c->record;
  if (c->record >= b->stop)
    c->stop = CSV_STOP_END;
  else if (size > b->bytes - ix->bytes && !(b->fresh && ix->seen == 0))
    c->stop = CSV_STOP_BYTES;
  if (c->stop != RUNNING)
    return;
  if (too_long) {
    c->fields = c->fault == CSV_FAULT_OPEN_QUOTE;
    c->fault = CSV_FAULT_LONG;
  }
  if (c->fault == CSV_FAULT_NONE && !complete(c, end))
    c->fault = CSV_FAULT_RAGGED;
  if (c->fault == CSV_FAULT_NONE)
    keep(c);
  else
    refuse(c, end);
  ix->seen++;
  ix->bytes += size;
  begin_record(c, next);
  if (ix->seen >= b->rows)
    c->stop = CSV_STOP_ROWS;
  else if (ix->seen == ix->max_rows || next >= BLOCK_BYTES)
    c->stop = CSV_STOP_FULL;
}

static void end_line(struct cursor *c, uint32_t pos) {
  uint32_t next = pos + 1;
  if (c->ix->data[pos] == '\r') {
    if (next == c->bounds->size && !c->bounds->final) {
      c->stop = CSV_STOP_MORE; /* whether LF follows decides where the next record begins */
      return;
    }
    next += next < c->bounds->size && c->ix->data[next] == '\n';
  }
  end_record(c, pos, next);
}

static uint64_t from_bit(uint64_t bit) {
  return bit < 64 ? ~0ull << bit : 0;
}

/* 64 bytes without a quote, outside quotes. */
static void scan_plain(struct cursor *c, const struct csv_masks *m, uint64_t live, uint32_t base) {
  uint64_t bits = (m->delimiter | m->line) & live;
  const uint32_t columns = c->ix->columns;
  uint32_t fields = c->fields, field = c->field, *ends = c->ends; /* kept in registers for the length of a record */
  while (bits) {
    uint32_t bit = (uint32_t)__builtin_ctzll(bits), pos = base + bit;
    bits &= bits - 1;
    if (!(m->line >> bit & 1)) {
      if (fields < columns)
        ends[fields] = pos;
      fields++;
      field = pos + 1;
      continue;
    }
    c->fields = fields;
    end_line(c, pos);
    if (c->stop != RUNNING)
      return;
    bits &= from_bit(c->record - base);
    fields = 0;
    field = c->record;
    ends = c->ends;
  }
  c->fields = fields;
  c->field = field;
}

static void on_quote(struct cursor *c, uint32_t pos) {
  if (c->state == CLOSED && pos == c->closed + 1) {
    c->state = QUOTED;
    c->ix->simple = false; /* a doubled one */
  } else if (c->state == PLAIN && pos == c->field)
    c->state = QUOTED;
  else {
    note(c, c->state == CLOSED ? CSV_FAULT_AFTER_QUOTE : CSV_FAULT_STRAY_QUOTE);
    c->state = PLAIN;
  }
}

static void leave_field(struct cursor *c, uint32_t pos) {
  if (c->state == CLOSED && pos != c->closed + 1)
    note(c, CSV_FAULT_AFTER_QUOTE);
  c->state = PLAIN;
}

/* 64 bytes with quotes in or around them. */
static void scan_quoted(struct cursor *c, const struct csv_masks *m, uint64_t live, uint32_t base) {
  for (;;) {
    uint64_t bits =
        live & (c->state == QUOTED ? m->quote | (c->single ? m->line : 0) : m->delimiter | m->line | m->quote);
    if (!bits)
      return;
    uint32_t bit = (uint32_t)__builtin_ctzll(bits), pos = base + bit;
    live &= ~1ull << bit;
    if (c->state == QUOTED && m->quote >> bit & 1) {
      c->state = CLOSED;
      c->closed = pos;
    } else if (m->quote >> bit & 1) {
      on_quote(c, pos);
    } else if (m->delimiter >> bit & 1) {
      leave_field(c, pos);
      add_field(c, pos);
      c->field = pos + 1;
    } else {
      if (c->state == QUOTED)
        note(c, CSV_FAULT_QUOTED_END);
      leave_field(c, pos);
      end_line(c, pos);
      if (c->stop != RUNNING)
        return;
      live &= from_bit(c->record - base);
    }
  }
}

/* The bytes are used up: what is left is incomplete, or the last record without a line end. */
static void end_of_bytes(struct cursor *c) {
  const struct csv_bounds *b = c->bounds;
  uint32_t size = (uint32_t)b->size;
  if (c->record >= b->stop || (b->final && c->record == size)) {
    c->stop = CSV_STOP_END;
  } else if (!b->final) {
    c->stop = CSV_STOP_MORE;
  } else {
    if (c->state == QUOTED)
      note(c, CSV_FAULT_OPEN_QUOTE);
    leave_field(c, size);
    end_record(c, size, size);
    if (c->stop == RUNNING || c->stop == CSV_STOP_FULL)
      c->stop = CSV_STOP_END;
  }
}

/* Where a row's record is in the source; the index does not say how far it goes if fields of it were cut off. */
static struct csv_span span_of(const struct csv_index *ix, uint32_t row) {
  struct csv_span span = {ix->starts[row], ix->ends[(size_t)row * ix->columns + ix->columns - 1]};
  if (ix->data != ix->source)
    return ix->made->spans[ix->ordinals[row]];
  if (span.end < ix->used && ix->source[span.end] == ix->dialect->delimiter) {
    struct csv_walk walk = {.state = CSV_WALK_START};
    size_t n = csv_walk(&walk, ix->dialect, ix->source + span.start, ix->used - span.start);
    span.end = span.start + (uint32_t)n - walk.ending;
  }
  return span;
}

static void refuse_zero_bytes(struct csv_index *ix) {
  if (!memchr(ix->data, 0, ix->next))
    return;
  for (uint32_t row = 0; row < ix->rows; row++) {
    struct csv_span span = span_of(ix, row);
    if (memchr(ix->data + span.start, 0, span.end - span.start))
      csv_index_fault(ix, row, CSV_FAULT_ZERO_BYTE, -1, 0, 0);
  }
  csv_index_drop(ix);
}

/* Takes as many records as the fast way can. */
static void scan_ahead(struct cursor *c, struct csv_seen *seen) {
  struct csv_index *ix = c->ix;
  const struct csv_bounds *b = c->bounds;
  const struct csv_scan_limits limits = {b->rows < ix->max_rows ? (uint32_t)b->rows : ix->max_rows, BLOCK_BYTES};
  size_t next = ix->scan(ix, c->dialect, b, &limits);
  ix->seen = ix->rows;
  ix->bytes = (int64_t)next;
  seen->high = !ix->ascii;
  c->ends += (size_t)ix->rows * ix->columns;
  begin_record(c, (uint32_t)next);
  if (ix->rows && ix->seen >= b->rows)
    c->stop = CSV_STOP_ROWS;
  else if (ix->seen == ix->max_rows || next >= BLOCK_BYTES)
    c->stop = CSV_STOP_FULL;
}

/* The masks of the last bytes, fewer than 64. */
static struct csv_masks classify_tail(const uint8_t *p, size_t n, const struct csv_dialect *d, struct csv_seen *seen) {
  uint8_t tail[64];
  memset(tail, ' ', sizeof tail);
  memcpy(tail, p, n);
  return csv_classify(tail, d, seen);
}

static enum csv_stop index_fast(struct csv_index *ix, const struct csv_dialect *dialect, const uint8_t *data,
                                const struct csv_bounds *bounds) {
  struct csv_seen seen = {false, false};
  struct cursor c = {
      .ix = ix, .bounds = bounds, .dialect = dialect, .ends = ix->ends, .stop = RUNNING, .single = dialect->single};
  ix->data = ix->source = data;
  ix->rows = ix->seen = ix->n_faults = 0;
  ix->bytes = 0;
  ix->simple = true;
  memset(ix->hit, 0, ix->max_rows);
  if (ix->scan && !dialect->single)
    scan_ahead(&c, &seen);
  for (size_t base = c.record; base < bounds->size && c.stop == RUNNING; base += 64) {
    size_t left = bounds->size - base;
    uint64_t live = left < 64 ? ~from_bit(left) : ~0ull;
    struct csv_masks m =
        left < 64 ? classify_tail(data + base, left, dialect, &seen) : csv_classify(data + base, dialect, &seen);
    if (c.field > base)
      live &= from_bit(c.field - base);
    if (c.state == PLAIN && !(m.quote & live))
      scan_plain(&c, &m, live, (uint32_t)base);
    else
      scan_quoted(&c, &m, live, (uint32_t)base);
  }
  if (c.stop == RUNNING)
    end_of_bytes(&c);
  ix->next = ix->used = c.record;
  ix->ascii = !seen.high;
  if (seen.zero && !dialect->zeros)
    refuse_zero_bytes(ix);
  return (enum csv_stop)c.stop;
}

static bool has_quote_fault(const struct csv_index *ix) {
  for (uint32_t i = 0; i < ix->n_faults; i++)
    if (ix->faults[i].code >= CSV_FAULT_STRAY_QUOTE && ix->faults[i].code <= CSV_FAULT_LONG)
      return true;
  return false;
}

/* The fast index has no way for quotes that are text, nor for bytes that are to be replaced. */
static bool must_rewrite(const struct csv_index *ix, const struct csv_dialect *d, enum csv_stop stop,
                         const struct csv_bounds *bounds) {
  if (d->lenient && (has_quote_fault(ix) || (stop == CSV_STOP_MORE && bounds->size - ix->next > bounds->max_line + 2)))
    return true;
  return d->replace && !ix->ascii && sluice_utf8_valid(ix->data, ix->used) != ix->used;
}

enum csv_stop csv_index_block(struct csv_index *ix, const struct csv_dialect *dialect, const uint8_t *data,
                              const struct csv_bounds *bounds) {
  ix->dialect = dialect;
  if (!dialect->odd) {
    enum csv_stop stop = index_fast(ix, dialect, data, bounds);
    if (!must_rewrite(ix, dialect, stop, bounds))
      return stop;
  }
  ix->simple = false;
  return csv_rewrite_block(ix, dialect, data, bounds);
}

void csv_index_fault(struct csv_index *ix, uint32_t row, enum csv_fault_code code, int32_t column, uint32_t text,
                     uint32_t text_end) {
  uint32_t ordinal = ix->ordinals[row];
  if (ix->hit[ordinal])
    return;
  struct csv_span span = span_of(ix, row);
  ix->hit[ordinal] = 1;
  ix->faults[ix->n_faults++] = (struct csv_fault){.ordinal = ordinal,
                                                  .start = span.start,
                                                  .end = span.end,
                                                  .text = text,
                                                  .text_end = text_end,
                                                  .column = column,
                                                  .code = code};
}

void csv_index_drop(struct csv_index *ix) {
  uint32_t kept = 0;
  for (uint32_t row = 0; row < ix->rows; row++) {
    if (ix->hit[ix->ordinals[row]])
      continue;
    ix->starts[kept] = ix->starts[row];
    ix->ordinals[kept] = ix->ordinals[row];
    memmove(ix->ends + (size_t)kept * ix->columns, ix->ends + (size_t)row * ix->columns,
            ix->columns * sizeof *ix->ends);
    kept++;
  }
  ix->rows = kept;
}
