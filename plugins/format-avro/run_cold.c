/* The rarer operations. */
#include "varint.h"

/* ---- unions ---- */

static const struct avro_op *choose(struct avro_run *r, const struct avro_op *op, const uint8_t **p) {
  int64_t branch;
  *p = avro_long(r, *p, &branch);
  if ((uint64_t)branch < op->count)
    return r->program->ops + op->of.targets[branch];
  *p = avro_run_break(r, SLUICE_ERR_DATA, "a union's number is beyond its types");
  return op + 1;
}

static const uint8_t *enter(struct avro_run *r, const struct avro_op *op, const uint8_t *p, int64_t *i) {
  struct avro_column *c = op->column;
  struct avro_scope *scope = c->children[op->branch]->scope;
  if (avro_scope_reserve(r->columns, scope, 1) != SLUICE_OK)
    return avro_run_break(r, SLUICE_ERR_MEMORY,
                          "no memory for a union, or more than a batch may have: raise max_block");
  c->values[*i] = op->branch;
  c->offsets[*i] = (int32_t)scope->length;
  r->frames[r->depth++] = (struct avro_frame){.op = op, .at = *i};
  r->extra += scope->width;
  *i = scope->length;
  return p;
}

static void leave(struct avro_run *r, int64_t *i) {
  const struct avro_frame *f = &r->frames[--r->depth];
  f->op->column->children[f->op->branch]->scope->length++;
  *i = f->at;
}

static const uint8_t *put_null(struct avro_run *r, const struct avro_op *op, const uint8_t *p, int64_t i) {
  if (avro_column_null(r->columns, op->column, i) == SLUICE_OK)
    return p;
  return avro_run_break(r, SLUICE_ERR_MEMORY, "no memory for a null");
}

/* ---- defaults ---- */

static const uint8_t *begin_input(struct avro_run *r, const struct avro_op *op, const uint8_t *p) {
  r->saved = p;
  r->saved_end = r->end;
  r->end = op->of.fallback->data + op->of.fallback->size;
  r->extra += (int64_t)op->of.fallback->size;
  return op->of.fallback->data;
}

static const uint8_t *end_input(struct avro_run *r) {
  r->end = r->saved_end;
  return r->saved;
}

/* ---- promotions ---- */

static const uint8_t *put_float(struct avro_run *r, const struct avro_op *op, const uint8_t *p, int64_t i) {
  int64_t value;
  p = avro_long(r, p, &value);
  float number = (float)value;
  memcpy(op->column->values + i * 4, &number, sizeof number);
  return p;
}

static const uint8_t *put_double(struct avro_run *r, const struct avro_op *op, const uint8_t *p, int64_t i) {
  int64_t value;
  p = avro_long(r, p, &value);
  double number = (double)value;
  memcpy(op->column->values + i * 8, &number, sizeof number);
  return p;
}

static const uint8_t *widen(const struct avro_op *op, const uint8_t *p, int64_t i) {
  float value;
  memcpy(&value, p, sizeof value);
  double number = value;
  memcpy(op->column->values + i * 8, &number, sizeof number);
  return p + sizeof value;
}

/* ---- fixed values that are something else ---- */

/* Months, days and milliseconds of 32 bits without a sign to Arrow's months, days and nanoseconds. */
static void put_duration(struct avro_run *r, const struct avro_op *op, const uint8_t *p, int64_t i) {
  uint32_t parts[3];
  memcpy(parts, p, sizeof parts);
  if (parts[0] > INT32_MAX || parts[1] > INT32_MAX)
    avro_run_fault(r, op->column, "a duration of %u months and %u days does not fit", parts[0], parts[1]);
  int64_t nanos = (int64_t)parts[2] * 1000000;
  memcpy(op->column->values + i * 16, parts, 8);
  memcpy(op->column->values + i * 16 + 8, &nanos, sizeof nanos);
}

static void put_uuid(struct avro_run *r, const struct avro_op *op, const uint8_t *p, int64_t i) {
  char text[64];
  size_t n = avro_uuid_print(p, text);
  avro_bytes_put(r, op->column, i, text, n);
}

static const uint8_t *put_sized(struct avro_run *r, const struct avro_op *op, const uint8_t *p, int64_t i) {
  if (op->size > r->end - p)
    return avro_run_break(r, SLUICE_ERR_DATA, "a fixed value that leads past the end of the block");
  if (op->code == AVRO_OP_DURATION)
    put_duration(r, op, p, i);
  else if (op->code == AVRO_OP_UUID)
    put_uuid(r, op, p, i);
  else if (op->code == AVRO_OP_FIXED_DECIMAL && op->size > 0 && op->size <= 8 && op->column->width == 16)
    avro_decimal_short(r, op, p, i, op->size);
  else if (op->code == AVRO_OP_FIXED_DECIMAL)
    avro_decimal_put(r, op, p, i, op->size);
  else
    avro_bytes_put(r, op->column, i, p, (size_t)op->size);
  return r->code ? r->end + 1 : p + op->size;
}

/* ---- bytes that are something else ---- */

static const uint8_t *put_big_decimal(struct avro_run *r, const struct avro_op *op, const uint8_t *p, int64_t i) {
  char text[AVRO_DECIMAL_TEXT];
  int64_t n;
  p = avro_length(r, p, r->end, &n);
  if (p > r->end)
    return p;
  size_t size = avro_big_decimal_print(p, (size_t)n, text);
  if (size == 0)
    avro_run_fault(r, op->column, "a big-decimal of %lld bytes is none, or larger than is taken", (long long)n);
  return avro_bytes_put(r, op->column, i, text, size) ? p + n : r->end + 1;
}

static const uint8_t *put_value(struct avro_run *r, const struct avro_op *op, const uint8_t *p, int64_t i) {
  switch (op->code) {
  case AVRO_OP_NULL:
    return put_null(r, op, p, i);
  case AVRO_OP_FAIL:
    avro_run_fault(r, op->column, "%.200s", op->of.reason);
    return p;
  case AVRO_OP_SKIP_TREE:
    return avro_skip(r, op->of.type, p, 0);
  case AVRO_OP_JSON:
    return avro_json_put(r, op, p, i);
  case AVRO_OP_LONG_FLOAT:
    return put_float(r, op, p, i);
  case AVRO_OP_LONG_DOUBLE:
    return put_double(r, op, p, i);
  case AVRO_OP_FLOAT_DOUBLE:
    return widen(op, p, i);
  case AVRO_OP_BIG_DECIMAL:
    return put_big_decimal(r, op, p, i);
  default:
    return put_sized(r, op, p, i);
  }
}

const struct avro_op *avro_run_cold(struct avro_run *r, const struct avro_op *op, const uint8_t **p, int64_t *i) {
  switch (op->code) {
  case AVRO_OP_UNION:
    return choose(r, op, p);
  case AVRO_OP_ENTER:
    *p = enter(r, op, *p, i);
    break;
  case AVRO_OP_LEAVE:
    leave(r, i);
    break;
  case AVRO_OP_INPUT:
    *p = begin_input(r, op, *p);
    break;
  case AVRO_OP_RESTORE:
    *p = end_input(r);
    break;
  default:
    *p = put_value(r, op, *p, *i);
  }
  return op + 1;
}
