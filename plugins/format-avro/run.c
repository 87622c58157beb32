/* The hot loop: one pass over a block's bytes, one operation a value. */
#include "varint.h"
#include <stdarg.h>

const uint8_t *avro_run_break(struct avro_run *r, int code, const char *cause) {
  if (!r->code) {
    r->code = code;
    r->cause = cause;
  }
  return r->end + 1;
}

void avro_run_fault(struct avro_run *r, const struct avro_column *column, const char *format, ...) {
  if (r->fault)
    return;
  va_list args;
  va_start(args, format);
  vsnprintf(r->reason, sizeof r->reason, format, args);
  va_end(args);
  r->culprit = column;
  r->fault = true;
}

const uint8_t *avro_long_slow(struct avro_run *r, const uint8_t *p, int64_t *out) {
  size_t n = avro_long_within(p, AVRO_LONG_MAX, out); /* so many can always be read */
  if (n)
    return p + n;
  *out = 0;
  return avro_run_break(r, SLUICE_ERR_DATA, "a number of more than 10 bytes or 64 bits");
}

/* ---- values ---- */

static inline const uint8_t *put_int(struct avro_run *r, struct avro_column *c, const uint8_t *p, int64_t i) {
  int64_t value;
  p = avro_long(r, p, &value);
  int32_t narrow = (int32_t)value;
  if (AVRO_UNLIKELY(narrow != value))
    avro_run_fault(r, c, "%lld does not fit an int", (long long)value);
  memcpy(c->values + i * 4, &narrow, sizeof narrow);
  return p;
}

static inline const uint8_t *put_long(struct avro_run *r, struct avro_column *c, const uint8_t *p, int64_t i) {
  int64_t value;
  p = avro_long(r, p, &value);
  memcpy(c->values + i * 8, &value, sizeof value);
  return p;
}

static inline const uint8_t *put_bool(struct avro_run *r, struct avro_column *c, const uint8_t *p, int64_t i) {
  uint8_t value = *p;
  if (AVRO_UNLIKELY(value > 1)) {
    avro_run_fault(r, c, "a boolean is neither 0 nor 1");
    value = 1;
  }
  c->values[i] = value;
  return p + 1;
}

static bool grow_bytes(struct avro_run *r, struct avro_column *c, size_t n) {
  if (avro_column_reserve(r->columns, c, n) == SLUICE_OK)
    return true;
  avro_run_break(r, SLUICE_ERR_MEMORY, "no memory for its texts, or more than a batch may have: raise max_block");
  return false;
}

static void check_text(struct avro_run *r, const struct avro_column *c, const uint8_t *p, size_t n) {
  if (c->text && sluice_utf8_valid(p, n) != n)
    avro_run_fault(r, c, "a text is not valid UTF-8");
}

/* Short texts are copied as 16 bytes, for that many can always be read. */
static inline const uint8_t *put_bytes(struct avro_run *r, struct avro_column *c, const uint8_t *p, const uint8_t *end,
                                       int64_t i) {
  int64_t length;
  p = avro_length(r, p, end, &length);
  size_t n = (size_t)length, used = c->bytes.size;
  if (AVRO_UNLIKELY(p > end))
    return p;
  if (AVRO_UNLIKELY(n + AVRO_SYNC > c->bytes.capacity - used) && !grow_bytes(r, c, n + AVRO_SYNC))
    return r->end + 1;
  if (AVRO_LIKELY(n <= AVRO_SYNC))
    memcpy(c->bytes.data + used, p, AVRO_SYNC);
  else
    memcpy(c->bytes.data + used, p, n);
  if (AVRO_UNLIKELY(r->careful))
    check_text(r, c, p, n);
  c->bytes.size = used + n;
  c->offsets[i + 1] = (int32_t)(used + n);
  return p + n;
}

bool avro_bytes_put(struct avro_run *r, struct avro_column *c, int64_t i, const void *bytes, size_t n) {
  size_t used = c->bytes.size;
  if (n + AVRO_SYNC > c->bytes.capacity - used && !grow_bytes(r, c, n + AVRO_SYNC))
    return false;
  if (n)
    memcpy(c->bytes.data + used, bytes, n);
  c->bytes.size = used + n;
  c->offsets[i + 1] = (int32_t)(used + n);
  return true;
}

static inline const uint8_t *put_symbol(struct avro_run *r, const struct avro_op *op, const uint8_t *p, int64_t i) {
  int64_t value;
  int32_t index = 0;
  p = avro_long(r, p, &value);
  if (AVRO_UNLIKELY(value < 0 || value >= op->count))
    avro_run_fault(r, op->column, "%lld is no symbol of the enum, which has %u", (long long)value, op->count);
  else
    index = op->of.node ? op->of.node->targets[value] : (int32_t)value;
  if (AVRO_UNLIKELY(index < 0))
    avro_run_fault(r, op->column, "the enum of reader_schema lacks the symbol \"%.60s\", and has no default",
                   op->of.node->writer->symbols[value]);
  memcpy(op->column->values + i * 4, &index, sizeof index);
  return p;
}

static inline const uint8_t *put_fixed(struct avro_run *r, const struct avro_op *op, const uint8_t *p,
                                       const uint8_t *end, int64_t i) {
  if (AVRO_UNLIKELY(op->size > end - p))
    return avro_run_break(r, SLUICE_ERR_DATA, "a fixed value that leads past the end of the block");
  memcpy(op->column->values + i * op->size, p, (size_t)op->size);
  return p + op->size;
}

static inline const uint8_t *put_decimal(struct avro_run *r, const struct avro_op *op, const uint8_t *p,
                                         const uint8_t *end, int64_t i) {
  int64_t n;
  p = avro_length(r, p, end, &n);
  if (AVRO_UNLIKELY(p > end))
    return p;
  if (AVRO_UNLIKELY(n > 8 || n == 0 || op->column->width != 16))
    avro_decimal_put(r, op, p, i, n);
  else
    avro_decimal_short(r, op, p, i, n);
  return p + n;
}

static inline const uint8_t *skip_bytes(struct avro_run *r, const uint8_t *p, const uint8_t *end) {
  int64_t length;
  p = avro_length(r, p, end, &length);
  return p + length;
}

/* ---- nulls ---- */

static const uint8_t *put_null(struct avro_run *r, struct avro_column *c, const uint8_t *p, int64_t i) {
  if (avro_column_null(r->columns, c, i) == SLUICE_OK)
    return p;
  return avro_run_break(r, SLUICE_ERR_MEMORY, "no memory for a null");
}

/* *valid: the value follows. */
static inline const uint8_t *put_nullable(struct avro_run *r, const struct avro_op *op, const uint8_t *p, int64_t i,
                                          bool *valid) {
  struct avro_column *c = op->column;
  int64_t branch;
  p = avro_long(r, p, &branch);
  *valid = branch != op->branch;
  if (AVRO_UNLIKELY((uint64_t)branch > 1))
    return avro_run_break(r, SLUICE_ERR_DATA, "a union's number is neither 0 nor 1");
  c->flags[i] = *valid;
  if (*valid)
    return p;
  if (c->shape == AVRO_SHAPE_FIXED && c->width == 8)
    memset(c->values + i * 8, 0, 8);
  else if (c->shape == AVRO_SHAPE_BYTES)
    c->offsets[i + 1] = c->offsets[i];
  else
    return put_null(r, c, p, i);
  return p;
}

/* ---- lists ---- */

const uint8_t *avro_items_begin(struct avro_run *r, const uint8_t *p, int64_t least, int64_t *count, int64_t *size) {
  p = avro_long(r, p, count);
  *size = -1;
  if (*count < 0) {
    if (*count == INT64_MIN)
      return avro_run_break(r, SLUICE_ERR_DATA, "a number of items that cannot be");
    *count = -*count;
    p = avro_long(r, p, size);
    if (*size < 0 || *size > r->end - p)
      return avro_run_break(r, SLUICE_ERR_DATA, "a block of items that leads past the end of the block");
  }
  if (p > r->end)
    return p;
  if (least && *count > (r->end - p) / least)
    return avro_run_break(r, SLUICE_ERR_DATA, "more items than the block has bytes for");
  if (!least && *count > AVRO_MAX_EMPTY - r->empty)
    return avro_run_break(r, SLUICE_ERR_DATA, "more items without a byte than are taken");
  r->empty += least ? 0 : *count;
  return p;
}

/* The next block of the innermost list, or its end. */
static const struct avro_op *next_items(struct avro_run *r, const uint8_t **p, int64_t *i) {
  struct avro_frame *f = &r->frames[r->depth - 1];
  const struct avro_op *op = f->op;
  struct avro_scope *inner = op->column->inner;
  int64_t size;
  *p = avro_items_begin(r, *p, op->size, &f->left, &size);
  if (*p > r->end)
    return op;
  if (f->left == 0) {
    *i = f->at;
    op->column->offsets[*i + 1] = (int32_t)inner->length;
    r->depth--;
    return r->program->ops + op->jump;
  }
  if (avro_scope_reserve(r->columns, inner, f->left) != SLUICE_OK) {
    *p =
        avro_run_break(r, SLUICE_ERR_MEMORY, "no memory for its items, or more than a batch may have: raise max_block");
    return op;
  }
  r->extra += f->left * inner->width;
  *i = inner->length;
  return op + 1;
}

static const struct avro_op *begin_list(struct avro_run *r, const struct avro_op *op, const uint8_t **p, int64_t *i) {
  r->frames[r->depth++] = (struct avro_frame){.op = op, .at = *i};
  return next_items(r, p, i);
}

static inline const struct avro_op *end_item(struct avro_run *r, const uint8_t **p, int64_t *i) {
  struct avro_frame *f = &r->frames[r->depth - 1];
  f->op->column->inner->length = ++*i;
  if (--f->left > 0)
    return f->op + 1;
  return next_items(r, p, i);
}

/* ---- records ---- */

/* Whether the run goes on (DONE) behind a record that ends at p. What does not fit is left to the next batch even with
 * a fault: where texts are not looked at yet, none is known, and batches must end at the same place. */
static inline enum avro_outcome end_record(struct avro_run *r, const uint8_t *p, const uint8_t *start, int64_t first,
                                           int64_t i) {
  struct avro_columns *c = r->columns;
  int64_t used = (p - start) + r->extra + (i + 1 - first) * (c->top->width + 1);
  if (AVRO_UNLIKELY(used > r->budget && i > 0))
    return AVRO_FULL;
  if (AVRO_UNLIKELY(r->fault))
    return AVRO_FAULT;
  r->used = used;
  for (uint32_t k = 0; k < c->n_unions; k++)
    c->union_scopes[k]->mark = c->union_scopes[k]->length;
  return AVRO_DONE;
}

static enum avro_outcome stop(struct avro_run *r, const uint8_t *p, const uint8_t *from, int64_t i,
                              enum avro_outcome outcome) {
  r->p = p;
  r->from = from;
  r->columns->top->length = i;
  return outcome;
}

enum avro_outcome avro_run(struct avro_run *r, int64_t n) {
  const struct avro_op *const ops = r->program->ops, *op = ops;
  const uint8_t *p = r->p, *end = r->end, *const start = p, *from = p;
  int64_t i = r->columns->top->length;
  const int64_t first = i, last = i + n;
  int64_t row = i;
  enum avro_outcome outcome;
  bool valid;
  r->depth = 0;
  r->extra = r->used = 0;
  while (row < last) {
    switch (op->code) {
    case AVRO_OP_END:
      outcome = end_record(r, p, start, first, i);
      if (AVRO_UNLIKELY(outcome != AVRO_DONE))
        return stop(r, outcome == AVRO_FAULT ? p : from, from, i, outcome);
      row = ++i;
      from = p;
      op = ops;
      continue;
    case AVRO_OP_INT:
      p = put_int(r, op->column, p, i);
      break;
    case AVRO_OP_LONG:
      p = put_long(r, op->column, p, i);
      break;
    case AVRO_OP_WORD:
      memcpy(op->column->values + i * 4, p, 4);
      p += 4;
      break;
    case AVRO_OP_DOUBLE:
      memcpy(op->column->values + i * 8, p, 8);
      p += 8;
      break;
    case AVRO_OP_BOOL:
      p = put_bool(r, op->column, p, i);
      break;
    case AVRO_OP_BYTES:
      p = put_bytes(r, op->column, p, end, i);
      break;
    case AVRO_OP_ENUM:
      p = put_symbol(r, op, p, i);
      break;
    case AVRO_OP_FIXED:
      p = put_fixed(r, op, p, end, i);
      break;
    case AVRO_OP_NULLABLE:
      p = put_nullable(r, op, p, i, &valid);
      op = valid ? op : ops + op->jump - 1;
      break;
    case AVRO_OP_VALID:
      op->column->flags[i] = 1;
      break;
    case AVRO_OP_LIST:
      op = begin_list(r, op, &p, &i) - 1;
      break;
    case AVRO_OP_NEXT:
      op = end_item(r, &p, &i) - 1;
      break;
    case AVRO_OP_SKIP_LONG:
      p = avro_long(r, p, &(int64_t){0});
      break;
    case AVRO_OP_SKIP_BYTES:
      p = skip_bytes(r, p, end);
      break;
    case AVRO_OP_SKIP_FIXED:
      p = op->size > end - p ? end + 1 : p + op->size;
      break;
    case AVRO_OP_DECIMAL:
      p = put_decimal(r, op, p, end, i);
      break;
    case AVRO_OP_JUMP:
      op = ops + op->jump - 1;
      break;
    default:
      op = avro_run_cold(r, op, &p, &i) - 1;
      end = r->end;
    }
    if (AVRO_UNLIKELY(p > end)) {
      avro_run_break(r, SLUICE_ERR_DATA, "a value that leads past the end of the block");
      return stop(r, from, from, row, AVRO_BROKEN);
    }
    op++;
  }
  return stop(r, p, from, row, AVRO_DONE);
}
