/* Fills a batch block by block, a run of records at a time. */
#include "reader.h"
#include <stdlib.h>

static int no_memory(const struct avro_reader *r, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_MEMORY, r->part, "no memory for a batch from record %lld on; lower batch_bytes",
                     (long long)r->first_row);
}

static bool is_cancelled(const struct avro_reader *r) {
  return r->format->host && r->format->host->cancelled && r->format->host->cancelled(r->format->host);
}

/* ---- blocks ---- */

/* A split ends where a block begins; in what was skipped there may have been no such place. */
static int check_stop(struct avro_reader *r, struct sluice_error *err) {
  r->ended = true;
  if (r->file.input.offset == r->stop || r->skip_block)
    return SLUICE_OK;
  return sluice_fail(err, SLUICE_ERR_DATA, r->part,
                     "no block begins at byte %lld, where another reader was to begin; read it without splits",
                     (long long)r->stop);
}

static bool is_empty_flood(struct avro_reader *r) {
  r->empty += r->file.blocks.least == 0 ? r->block.count : 0;
  return r->empty > AVRO_MAX_EMPTY;
}

static int open_block(struct avro_reader *r, struct sluice_error *err) {
  if (r->file.input.offset >= r->stop)
    return check_stop(r, err);
  int code = avro_block_read(&r->file.blocks, &r->block, err);
  r->taken = r->at = r->careful = 0;
  r->ended = code == SLUICE_END;
  if (code == SLUICE_END)
    return SLUICE_OK;
  if (code == SLUICE_ERR_DATA && r->block.why)
    return avro_reject_block(r, r->block.why, err);
  if (code)
    return sluice_fail(err, code, r->part, "it cannot be read");
  if (is_empty_flood(r))
    return avro_reject_block(r, "with it, the file claims more records of no bytes than are taken", err);
  r->in_block = true;
  return SLUICE_OK;
}

static int close_block(struct avro_reader *r, struct sluice_error *err) {
  if (r->at != (int64_t)r->block.plain.size)
    return avro_reject_block(r, "bytes are left behind its last record", err);
  r->in_block = false;
  avro_input_skip(&r->file.input, (size_t)(r->block.next - r->block.offset));
  return SLUICE_OK;
}

/* ---- records ---- */

/* Over the limit with other records in the batch: it alone may well fit the next one. */
static int end_run(struct avro_reader *r, enum avro_outcome outcome, struct sluice_error *err) {
  struct avro_run *run = &r->run;
  if (outcome == AVRO_FULL)
    r->full = true;
  if (outcome == AVRO_FAULT)
    return avro_reject_record(r, err);
  if (outcome != AVRO_BROKEN)
    return SLUICE_OK;
  if (run->code == SLUICE_ERR_MEMORY && r->columns.top->length > 0) {
    r->full = true;
    return SLUICE_OK;
  }
  if (run->code == SLUICE_ERR_MEMORY && !r->columns.over)
    return no_memory(r, err);
  return avro_reject_block(r, run->cause, err);
}

static void begin_run(struct avro_reader *r) {
  struct avro_run *run = &r->run;
  run->p = run->from = r->block.plain.data + r->at;
  run->end = r->block.plain.data + r->block.plain.size;
  run->budget = r->batch_bytes - r->cost;
  run->empty = 0;
  run->careful = r->taken < r->careful;
  run->code = SLUICE_OK;
  run->cause = NULL;
  run->fault = false;
  run->culprit = NULL;
  r->columns.over = false;
}

/* Few where records are wide, so that room for them is a part of the limit. */
static int64_t run_size(const struct avro_reader *r, int64_t target) {
  int64_t n = r->block.count - r->taken, rows = target - r->row;
  int64_t fit = 1 + r->columns.limit / 8 / (r->columns.top->width + 1);
  n = n < rows ? n : rows;
  n = n < fit ? n : fit;
  if (r->taken < r->careful && n > r->careful - r->taken)
    n = r->careful - r->taken;
  return n < AVRO_ROWS ? n : AVRO_ROWS;
}

/* Decodes some records of the block; where a text is not UTF-8, does it again, one text at a time. */
static int decode_some(struct avro_reader *r, int64_t target, struct sluice_error *err) {
  struct avro_columns *c = &r->columns;
  int64_t before = c->top->length, n = run_size(r, target);
  if (avro_scope_reserve(c, c->top, n) != SLUICE_OK) {
    r->full = before > 0;
    return r->full ? SLUICE_OK : no_memory(r, err);
  }
  avro_columns_mark(c);
  begin_run(r);
  enum avro_outcome outcome = avro_run(&r->run, n);
  if (outcome != AVRO_DONE)
    avro_columns_cut(c, c->top->length, false);
  if (!avro_columns_check(c)) {
    avro_columns_cut(c, before, true);
    r->careful = r->taken + n;
    return SLUICE_OK;
  }
  int64_t kept = c->top->length - before;
  if (avro_rows_keep(r, kept) != SLUICE_OK)
    return no_memory(r, err);
  r->taken += kept;
  r->cost += r->run.used;
  r->at = r->run.from - r->block.plain.data;
  return end_run(r, outcome, err);
}

static int go_on(struct avro_reader *r, int64_t target, struct sluice_error *err) {
  if (r->leaving)
    return avro_leave_block(r, err);
  if (!r->in_block)
    return open_block(r, err);
  if (r->taken == r->block.count)
    return close_block(r, err);
  return decode_some(r, target, err);
}

/* An error in the midst of a batch waits until what was read is delivered. */
static int keep_failure(struct avro_reader *r, int code, struct sluice_error *err) {
  bool waits = code == SLUICE_ERR_DATA || code == SLUICE_ERR_UNSUPPORTED;
  if (!waits || r->row == r->first_row)
    return code;
  r->failed = code;
  if (err) {
    r->failure = *err;
    *err = (struct sluice_error){0};
  }
  return SLUICE_OK;
}

int avro_batch_fill(struct avro_reader *r, struct sluice_error *err) {
  int64_t target = r->first_row + r->batch_rows - (r->first_row - r->unit_row) % r->batch_rows;
  while (!r->ended && !r->full && !r->failed && r->row < target) {
    if (is_cancelled(r))
      return sluice_fail(err, SLUICE_ERR_CANCELLED, r->part, "stopped while reading");
    int code = go_on(r, target, err);
    if (code)
      code = keep_failure(r, code, err);
    if (code)
      return code;
  }
  return SLUICE_OK;
}

/* ---- the batch ---- */

/* Lets the array own the ordinals, so that they live as long as it does. */
static int attach_origin(struct avro_reader *r, struct ArrowArray *array, const int64_t **origin) {
  int rc = sluice_array_attach(array, r->origin.data);
  if (rc)
    return rc;
  *origin = (const int64_t *)(const void *)r->origin.data;
  r->origin = (struct sluice_buffer){0};
  return SLUICE_OK;
}

/* Where a block ends, the position is the begin of the next. */
static struct sluice_position position_of(const struct avro_reader *r) {
  struct sluice_position at = {.row = r->row, .offset = r->file.input.offset};
  if (!r->in_block || r->taken == 0)
    return at;
  at.detail[0] = r->taken;
  at.detail[1] = r->at;
  return at;
}

int avro_batch_take(struct avro_reader *r, struct sluice_batch *out, struct sluice_error *err) {
  struct ArrowArray array = {0};
  const int64_t *origin = NULL;
  int code = r->broken ? SLUICE_ERR_MEMORY : avro_columns_take(&r->columns, &array);
  if (!code && r->dropped) {
    code = attach_origin(r, &array, &origin);
    if (code)
      sluice_array_release(&array);
  }
  r->broken = code != SLUICE_OK;
  if (code)
    return no_memory(r, err);
  out->first_row = r->first_row;
  out->end = position_of(r);
  out->origin = origin;
  out->ops = NULL;
  out->array = array;
  r->first_row = r->row;
  r->cost = 0;
  r->dropped = r->full = false;
  return SLUICE_OK;
}
