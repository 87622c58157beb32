/* Wanted records on their way through the chain, in batches of a few read ones. */
#include "core/log/log.h"
#include "core/retry/internal.h"
#include "core/run/batch.h"
#include <stdlib.h>

struct retry_record *sending_find(const struct sending *s, int64_t row) {
  size_t low = 0, high = s->n_records;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (s->records[middle].row < row)
      low = middle + 1;
    else
      high = middle;
  }
  return low < s->n_records && s->records[low].row == row ? &s->records[low] : NULL;
}

int sending_refuse(struct sending *s, struct retry_record *record, const struct reject_record *why,
                   struct sluice_error *err) {
  struct reject_record full = *why;
  full.delivery = s->r->stream->delivery;
  full.part = s->unit.parts[0].name;
  full.version = s->unit.parts[0].version;
  full.row = record->row;
  full.piece = s->piece;
  full.attempts = record->attempts + (why->attempts ? why->attempts : 1);
  record->state = RETRY_REFUSED;
  s->refused++;
  return reject_log_add(&s->log, 0, &full, err);
}

/* The sink may die with a position behind it: then it does not get the record again. */
static int keep_early(struct sending *s, const struct chain_reject *r, struct sluice_error *err) {
  if (!s->early_unit || strcmp(r->stage, "deliver") != 0)
    return SLUICE_OK;
  return ledger_early_add(s->r->state.ledger, s->early_unit, r->ordinal, reject_log_last(&s->log), err);
}

/* Of a batch that the sink has already, what it refused when it got it. */
static int refuse_early(struct sending *s, int64_t end, struct sluice_error *err) {
  int code = SLUICE_OK;
  for (; s->early_at < s->n_early && s->early[s->early_at].row < end && !code; s->early_at++) {
    struct retry_record *record = sending_find(s, s->early[s->early_at].row);
    if (!record || record->state != RETRY_SENT)
      continue;
    record->state = RETRY_REFUSED;
    s->refused++;
    code = reject_log_add_line(&s->log, 0, s->early[s->early_at].line);
  }
  return sluice_fail(err, code, s->unit.parts[0].name, "no memory for rejects");
}

static int on_chain_reject(void *context, const struct chain_reject *r, struct sluice_error *err) {
  struct sending *s = context;
  struct retry_record *record = sending_find(s, r->ordinal);
  if (!record || record->state != RETRY_SENT)
    return sluice_fail(err, SLUICE_ERR_BUG, s->r->sink_name,
                       "a record was rejected twice, or was never sent; this is a fault of the plugin");
  struct reject_record why = {.offset = -1,
                              .column = r->column,
                              .stage = r->stage,
                              .reason = r->reason,
                              .raw = r->raw,
                              .raw_size = r->raw_size,
                              .attempts = r->attempts};
  if (s->by_row)
    by_row_refuse(s->by_row, r->seq, r->ordinal);
  int code = sending_refuse(s, record, &why, err);
  return code ? code : keep_early(s, r, err);
}

/* By row all is sent again, as in a run: another unit may have overwritten what the sink has of this one. */
int sending_begin(struct sending *s, struct sluice_error *err) {
  const struct pipeline *p = &s->r->state.pipeline;
  if (!p->commit || p->job->sync.n_keys)
    return SLUICE_OK;
  int code = p->commit->committed(p->sink.self, s->r->stream->delivery, s->unit.identity, &s->committed, err);
  s->replaying = code == SLUICE_OK;
  s->failed = code < SLUICE_OK;
  if (s->failed)
    return code;
  s->early_unit = ledger_early_again(s->unit.identity);
  return ledger_early_take(s->r->state.ledger, s->early_unit, s->replaying ? s->committed.row : 0, &s->early,
                           &s->n_early, err);
}

static int open_chain(struct sending *s, struct sluice_error *err) {
  struct run_state *state = &s->r->state;
  if (s->chain)
    return SLUICE_OK;
  struct chain_target target = {s->r->stream->name, s->r->stream->delivery, 0};
  int code = chain_create(&state->pipeline, &target, s->schema, 0, on_chain_reject, s, &s->chain, err);
  if (code || !state->job->sync.n_keys)
    return code;
  code = by_row_create(state->ledger, s->r->stream->id, state->job, chain_schema(s->chain), &s->by_row, err);
  if (code)
    return code;
  by_row_look_at_all(s->by_row); /* what was refused may lie before the cursor by now */
  by_row_begin(s->by_row, &s->unit, NULL, NULL);
  chain_by_row(s->chain, s->by_row);
  return SLUICE_OK;
}

static int no_such_position(const struct sending *s, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_BUG, s->unit.parts[0].name,
                     "the sink holds what was sent again up to row %lld, where no batch ends: the file or a plugin "
                     "changed under an old version",
                     (long long)s->committed.row);
}

static int send(struct sending *s, struct sluice_batch *batch, struct sluice_error *err) {
  struct sluice_position end = batch->end;
  int64_t seq;
  int code = open_chain(s, err);
  if (code) {
    batch_release(batch);
    return code;
  }
  if (!s->replaying)
    return chain_write(s->chain, batch, s->unit.identity, &seq, err);
  code = chain_replay(s->chain, batch, s->unit.identity, &seq, err);
  if (!code)
    code = refuse_early(s, end.row, err);
  if (memcmp(&end, &s->committed, sizeof end) == 0)
    s->replaying = false;
  return !code && s->replaying && end.row > s->committed.row ? no_such_position(s, err) : code;
}

/* What is held, as one batch. */
static int join(struct sending *s, struct sluice_batch *out, struct sluice_error *err) {
  const struct ArrowArray *arrays[RETRY_JOIN];
  int64_t *origin = malloc((size_t)(s->held_rows + 1) * sizeof *origin), n = 0;
  batch_init(out);
  if (!origin)
    return SLUICE_ERR_MEMORY;
  for (size_t i = 0; i < s->n_held; i++) {
    arrays[i] = &s->held[i].array;
    for (int64_t k = 0; k < s->held[i].array.length; k++)
      origin[n++] = batch_ordinal(&s->held[i], k);
  }
  int code = sluice_array_concat(s->schema, arrays, (int64_t)s->n_held, &out->array, err);
  if (!code)
    code = sluice_array_attach(&out->array, origin);
  if (code) {
    batch_release(out);
    free(origin);
    return code;
  }
  out->origin = origin;
  out->first_row = s->held[0].first_row;
  out->end = s->held[s->n_held - 1].end;
  return SLUICE_OK;
}

static int send_held(struct sending *s, struct sluice_error *err) {
  struct sluice_batch joined;
  if (s->n_held == 0)
    return SLUICE_OK;
  s->failed = true;
  int code = join(s, &joined, err);
  for (size_t i = 0; i < s->n_held; i++)
    batch_release(&s->held[i]);
  s->n_held = 0;
  s->held_rows = s->held_bytes = 0;
  if (!code)
    code = send(s, &joined, err);
  s->failed = code != SLUICE_OK;
  return sluice_fail(err, code, s->unit.parts[0].name, "no memory");
}

int sending_add(struct sending *s, struct sluice_batch *batch, struct sluice_error *err) {
  const struct config_job *job = s->r->state.job;
  if (batch->array.length == 0) {
    batch_release(batch);
    return SLUICE_OK;
  }
  s->held_rows += batch->array.length;
  s->held_bytes += sluice_array_bytes(s->schema, &batch->array);
  s->held[s->n_held++] = *batch;
  bool full = s->n_held == RETRY_JOIN || s->held_rows >= job->batch_rows || s->held_bytes >= job->batch_bytes;
  return full ? send_held(s, err) : SLUICE_OK;
}

int sending_flush(struct sending *s, struct sluice_error *err) {
  int code = send_held(s, err);
  if (code)
    return code;
  s->failed = true;
  if (s->replaying)
    code = no_such_position(s, err);
  if (!code && s->chain)
    code = chain_flush(s->chain, err);
  s->failed = code != SLUICE_OK;
  return code;
}

void sending_forget(struct sending *s) {
  const struct pipeline *p = &s->r->state.pipeline;
  struct sluice_error why = {0}; /* what the sink keeps of it longer does no harm but to its size */
  if (p->commit && p->commit->forget(p->sink.self, s->r->stream->delivery, s->unit.identity, &why))
    log_write(SLUICE_WARN, s->r->state.job->name, "sink: it could not forget what was sent again: %s", why.message);
}

void sending_finish(struct sending *s) {
  for (size_t i = 0; i < s->n_held; i++)
    batch_release(&s->held[i]);
  chain_destroy(s->chain);
  by_row_destroy(s->by_row);
  reject_log_clear(&s->log);
  ledger_early_free(s->early, s->n_early);
}
