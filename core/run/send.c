/* Sending batches, and the checkpoints that follow what is durable. */
#include "core/base/clock.h"
#include "core/log/log.h"
#include "core/run/batch.h"
#include "core/run/infer.h"
#include "core/run/worker.h"
#include <stdlib.h>

/* The part that an ordinal of the unit belongs to. */
static size_t part_of(const struct worker *w, int64_t ordinal) {
  size_t part = 0;
  while (w->starts && part + 1 < w->unit.n_parts && w->starts[part + 1] <= ordinal)
    part++;
  return part;
}

/* A piece of which the format cannot tell the number of its first row counts its own. */
static int64_t piece_of(const struct ledger_unit *unit) {
  return unit->begin.row == 0 ? unit->begin.offset : 0;
}

int worker_reject(struct worker *w, int64_t mark, size_t part, const struct reject_record *record,
                  struct sluice_error *err) {
  struct reject_record full = *record;
  full.delivery = w->stream->delivery;
  full.part = w->unit.parts[part].name;
  full.version = w->unit.parts[part].version;
  full.piece = piece_of(&w->unit);
  w->results[part].rejects++;
  int code = reject_log_add(&w->rejects, mark, &full, err);
  return code ? code : policy_reject(&w->state->policy, full.part, full.row, full.column, full.reason, err);
}

/* A sink that keeps positions does not get the record again, so its line must not wait for the checkpoint. */
static int keep_early(struct worker *w, const struct chain_reject *r, struct sluice_error *err) {
  if (!w->state->pipeline.commit || w->by_row || strcmp(r->stage, "deliver") != 0)
    return SLUICE_OK;
  return ledger_early_add(w->state->ledger, w->unit.id, r->ordinal, reject_log_last(&w->rejects), err);
}

/* Of a batch that the sink has already, it was asked before what it refuses. */
static int take_early(struct worker *w, int64_t end, struct sluice_error *err) {
  int code = SLUICE_OK;
  for (; w->early_at < w->n_early && w->early[w->early_at].row < end && !code; w->early_at++) {
    const struct ledger_early *early = &w->early[w->early_at];
    size_t part = part_of(w, early->row);
    w->lost_rows++;
    w->results[part].rows--;
    w->results[part].rejects++;
    code = reject_log_add_line(&w->rejects, w->seq, early->line);
    if (!code)
      code = policy_reject(&w->state->policy, w->unit.parts[part].name, early->row - (w->starts ? w->starts[part] : 0),
                           NULL, "the sink refused it before", err);
  }
  return code;
}

/* A record that was refused on its way; its batch may be in work, or sent earlier. */
static int on_chain_reject(void *context, const struct chain_reject *r, struct sluice_error *err) {
  struct worker *w = context;
  size_t part = part_of(w, r->ordinal);
  struct reject_record record = {.row = r->ordinal - (w->starts ? w->starts[part] : 0),
                                 .offset = -1,
                                 .column = r->column,
                                 .stage = r->stage,
                                 .reason = r->reason,
                                 .raw = r->raw,
                                 .raw_size = r->raw_size,
                                 .attempts = r->attempts};
  size_t i = 0;
  while (i < w->n_marks && w->marks[i].seq != r->seq)
    i++;
  bool sent = i < w->n_marks;
  if (sent ? w->marks[i].rows == 0 : r->seq != w->seq + 1)
    return sluice_fail(
        err, SLUICE_ERR_BUG, w->state->pipeline.sink_name,
        "a record was rejected twice, or after it was said to be durable; this is a fault of the plugin");
  if (sent)
    w->marks[i].rows--;
  else
    w->lost_rows++;
  w->results[part].rows--;
  if (w->by_row)
    by_row_refuse(w->by_row, r->seq, r->ordinal);
  int code = worker_reject(w, r->seq, part, &record, err);
  return code ? code : keep_early(w, r, err);
}

void worker_close_chain(struct worker *w) {
  chain_destroy(w->chain);
  w->chain = NULL;
  if (w->by_row)
    state_count_rows(w->state, by_row_counts(w->by_row));
  by_row_destroy(w->by_row);
  w->by_row = NULL;
}

/* Nothing is sent yet, so what a unit has pending does not get lost with the one before. */
static int open_by_row(struct worker *w, struct sluice_error *err) {
  struct run_state *state = w->state;
  int code = by_row_create(state->ledger, w->stream->id, state->job, chain_schema(w->chain), &w->by_row, err);
  if (code)
    return code;
  by_row_begin(w->by_row, &w->unit, w->starts, w->results);
  chain_by_row(w->chain, w->by_row);
  return SLUICE_OK;
}

static int open_chain(struct worker *w, struct sluice_error *err) {
  if (w->chain && w->chain_stream == w->stream && w->chain_schema == w->schema->number)
    return SLUICE_OK;
  worker_close_chain(w);
  struct chain_target target = {w->stream->name, w->stream->delivery, w->stream->generation};
  int code = chain_create(&w->state->pipeline, &target, &w->schema->schema, w->seq, on_chain_reject, w, &w->chain, err);
  if (!code && w->state->job->sync.n_keys)
    code = open_by_row(w, err);
  w->chain_stream = w->stream;
  w->chain_schema = w->schema->number;
  if (code)
    worker_close_chain(w);
  return code;
}

static int add_mark(struct worker *w, int64_t rows, int64_t unchanged, const struct sluice_position *end) {
  if (w->n_marks == w->mark_room) {
    size_t room = w->mark_room ? w->mark_room * 2 : 64;
    struct mark *grown = realloc(w->marks, room * sizeof *grown);
    if (!grown)
      return SLUICE_ERR_MEMORY;
    w->marks = grown;
    w->mark_room = room;
  }
  w->marks[w->n_marks++] = (struct mark){w->seq, rows, w->filtered, unchanged, *end};
  w->filtered = 0;
  return SLUICE_OK;
}

static int64_t left_out(const struct worker *w) {
  return w->by_row ? by_row_left_out(w->by_row) : 0;
}

static bool same_position(const struct sluice_position *a, const struct sluice_position *b) {
  return memcmp(a, b, sizeof *a) == 0;
}

static void count_rows(struct worker *w, const struct sluice_batch *batch) {
  if (!w->starts) {
    w->results[0].rows += batch->array.length;
    return;
  }
  for (int64_t i = 0; i < batch->array.length; i++)
    w->results[part_of(w, batch_ordinal(batch, i))].rows++;
}

/* The sink has a position that these batches do not have: to go on would skip records. */
static int no_such_position(const struct worker *w, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_BUG, w->unit.parts[0].name,
                     "the sink holds it up to row %lld, where no batch ends: the file or a plugin changed under an old "
                     "version; move what the sink keeps of it away and run again",
                     (long long)w->committed.row);
}

int worker_send(struct worker *w, struct sluice_batch *batch, struct sluice_error *err) {
  struct sluice_position end = batch->end;
  int64_t rows = batch->array.length;
  int known = rows ? schema_is_known(w->stream, w->unit.parts[0].name, err) : SLUICE_OK;
  if (known) {
    batch_release(batch);
    return known;
  }
  w->sending = true;
  watch_at(w->state->watch, w->slot, WATCH_SENDING, w->unit.parts[0].name, w->unit.n_parts - 1);
  w->lost_rows = 0;
  w->bytes += sluice_array_bytes(&w->schema->schema, &batch->array);
  int code = open_chain(w, err);
  if (code) {
    batch_release(batch);
    return code;
  }
  count_rows(w, batch);
  int64_t before = left_out(w);
  w->handed_over = true;
  if (w->replaying)
    code = chain_replay(w->chain, batch, w->unit.identity, &w->seq, err);
  if (!code && w->replaying)
    code = take_early(w, end.row, err);
  else
    code = chain_write(w->chain, batch, w->unit.identity, &w->seq, err);
  int64_t unchanged = left_out(w) - before;
  if (!code)
    code = add_mark(w, rows - w->lost_rows - unchanged, unchanged, &end);
  if (code)
    return sluice_fail(err, code, w->unit.parts[0].name, "no memory");
  w->position = end;
  if (w->replaying && same_position(&end, &w->committed))
    w->replaying = false;
  if (w->replaying && end.row > w->committed.row)
    return no_such_position(w, err);
  w->sending = false;
  return SLUICE_OK;
}

/* ---- checkpoints ---- */

/* What lies at or before this batch, as the ledger wants it. lines and row changes belong to the caller. */
static int gather(struct worker *w, int64_t seq, struct ledger_progress *out, struct text *lines,
                  struct ledger_row **changes) {
  *out = (struct ledger_progress){.position = w->unit.position};
  for (size_t i = 0; i < w->n_marks && w->marks[i].seq <= seq; i++) {
    out->position = w->marks[i].end;
    out->rows += w->marks[i].rows;
    out->filtered += w->marks[i].filtered;
    out->unchanged += w->marks[i].unchanged;
  }
  if (seq == INT64_MAX)
    out->filtered += w->filtered;
  int code = reject_log_peek(&w->rejects, seq, lines, &out->rejects);
  out->reject_lines = lines->data;
  out->reject_size = lines->size;
  if (!code && w->by_row)
    code = by_row_peek(w->by_row, seq, changes, &out->n_row_changes);
  if (!code && w->by_row)
    code = by_row_cursor(w->by_row, seq, &out->cursor);
  out->row_changes = *changes;
  return code;
}

static void drop(struct worker *w, int64_t seq, const struct ledger_progress *done) {
  size_t n = 0;
  while (n < w->n_marks && w->marks[n].seq <= seq)
    n++;
  if (n > 0)
    memmove(w->marks, w->marks + n, (w->n_marks - n) * sizeof *w->marks);
  w->n_marks -= n;
  reject_log_drop(&w->rejects, seq);
  if (w->by_row)
    by_row_drop(w->by_row, seq);
  w->unit.position = done->position;
  policy_settle(&w->state->policy, done->rows, done->unchanged, done->rejects);
  atomic_fetch_add(&w->stream->rejects, done->rejects);
  atomic_fetch_add(&w->state->counters.filtered, done->filtered);
  w->last_checkpoint = clock_monotonic_ms();
  w->bytes = 0;
}

static int checkpoint_at(struct worker *w, int64_t seq, struct sluice_error *err) {
  struct ledger_progress progress;
  struct text lines = {0};
  struct ledger_row *changes = NULL;
  if (w->n_marks == 0 || w->marks[0].seq > seq)
    return SLUICE_OK;
  int code = gather(w, seq, &progress, &lines, &changes);
  if (!code)
    code = ledger_checkpoint(w->state->ledger, &w->unit, &progress, err);
  w->voided = code == SLUICE_ERR_CHANGED;
  if (!code)
    drop(w, seq, &progress);
  text_finish(&lines);
  free(changes);
  return code ? code : policy_check(&w->state->policy, false, err);
}

int worker_checkpoint(struct worker *w, struct sluice_error *err) {
  if (!w->chain)
    return SLUICE_OK;
  int code = chain_flush(w->chain, err);
  return code ? code : checkpoint_at(w, w->seq, err);
}

int worker_checkpoint_due(struct worker *w, struct sluice_error *err) {
  const struct config_job *job = w->state->job;
  bool full = w->rejects.bytes > REJECT_LOG_FULL || (w->by_row && by_row_pending(w->by_row) >= BY_ROW_FULL);
  bool due =
      full || w->bytes >= job->checkpoint_bytes || clock_monotonic_ms() - w->last_checkpoint >= job->checkpoint_ms;
  if (!due)
    return SLUICE_OK;
  w->sending = true;
  int64_t acked = full ? -1 : chain_acked(w->chain);
  bool none = acked < 0 || (w->n_marks && w->marks[0].seq > acked); /* nothing new arrives by itself: flush */
  int code = none ? worker_checkpoint(w, err) : checkpoint_at(w, acked, err);
  if (!code)
    w->sending = false;
  return code;
}

void worker_forget(struct worker *w) {
  const struct pipeline *p = &w->state->pipeline;
  for (size_t i = 0; p->commit && i <= LEDGER_OLD_IDENTITIES; i++) {
    const char *name = i ? w->unit.old_identities[i - 1] : w->unit.identity;
    struct sluice_error ignored = {0}; /* what the sink keeps of it longer does no harm but to its size */
    if (name[0] && p->commit->forget(p->sink.self, w->stream->delivery, name, &ignored))
      log_write(SLUICE_WARN, w->state->job->name, "sink: it could not forget a finished unit: %s", ignored.message);
  }
}

int worker_finish(struct worker *w, struct sluice_error *err) {
  struct ledger_progress progress;
  struct text lines = {0};
  struct ledger_row *changes = NULL;
  w->sending = true;
  int code = w->replaying ? no_such_position(w, err) : SLUICE_OK;
  if (!code && w->chain)
    code = chain_flush(w->chain, err);
  if (!code)
    code = gather(w, INT64_MAX, &progress, &lines, &changes);
  for (size_t i = 0; i < w->unit.n_parts && !code; i++)
    w->results[i].state = PART_DONE;
  if (!code)
    code = ledger_finish(w->state->ledger, &w->unit, &progress, w->results, err);
  w->voided = code == SLUICE_ERR_CHANGED;
  if (!code)
    drop(w, INT64_MAX, &progress);
  text_finish(&lines);
  free(changes);
  if (code)
    return code;
  worker_forget(w);
  struct sluice_error why = {0};
  code = policy_check(&w->state->policy, false, &why);
  if (code) /* the unit is finished all the same */
    state_fail(w->state, code, &why);
  return SLUICE_OK;
}
