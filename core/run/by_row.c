/* Sync by row: which records of a batch are new, changed, or as they were. */
#include "core/run/by_row.h"
#include "core/run/batch.h"
#include "core/run/conform.h"
#include "core/run/pending_rows.h"
#include "core/run/record_keys.h"
#include "core/run/row_cursor.h"
#include <stdlib.h>

struct by_row {
  const struct ArrowSchema *schema;
  struct record_keys *keys;
  struct ledger_rows *stored;
  struct row_cursor *cursor; /* NULL: there is none */
  struct pending_rows pending;
  const struct ledger_unit *unit;
  const int64_t *starts;
  struct ledger_part_result *results;
  bool begun;     /* the unit is: what others had on their way is uncertain */
  bool pass_none; /* records of its parts were rejected before: none is passed over */
  struct by_row_counts counts;
};
struct sorting { /* of one batch */
  struct by_row *by;
  struct sluice_batch *batch;
  struct sluice_rejects *rejects;
  struct record_key *keys;
  struct ledger_row_found *found;
  uint8_t (*wanted)[LEDGER_KEY_SIZE];
  uint8_t *keep, *ops, *passed; /* passed: before the cursor */
  uint8_t *later;               /* a part that is later in this batch has the key too */
  struct sluice_error *err;
};

int by_row_create(struct ledger *ledger, int64_t delivery, const struct config_job *job,
                  const struct ArrowSchema *schema, struct by_row **out, struct sluice_error *err) {
  struct by_row *by = calloc(1, sizeof *by);
  int code = by ? SLUICE_OK : sluice_fail(err, SLUICE_ERR_MEMORY, "sync.key", "no memory for the keys");
  if (!code)
    code = record_keys_create(job->sync.keys, job->sync.n_keys, schema, &by->keys, err);
  if (!code)
    code = ledger_rows_open(ledger, delivery, &by->stored, err);
  if (!code && job->sync.cursor)
    code = row_cursor_create(ledger, delivery, job, schema, &by->cursor, err);
  if (code) {
    by_row_destroy(by);
    return code;
  }
  by->schema = schema;
  *out = by;
  return SLUICE_OK;
}

void by_row_destroy(struct by_row *by) {
  if (!by)
    return;
  record_keys_destroy(by->keys);
  ledger_rows_close(by->stored);
  row_cursor_destroy(by->cursor);
  pending_rows_finish(&by->pending);
  free(by);
}

void by_row_look_at_all(struct by_row *by) {
  row_cursor_destroy(by->cursor);
  by->cursor = NULL;
}

void by_row_begin(struct by_row *by, const struct ledger_unit *unit, const int64_t *starts,
                  struct ledger_part_result *results) {
  by->unit = unit;
  by->starts = starts;
  by->results = results;
  by->begun = by->pass_none = false;
  if (by->cursor)
    row_cursor_clear(by->cursor);
  pending_rows_clear(&by->pending);
}

/* ---- where a record stands ---- */

static uint32_t part_of(const struct by_row *by, int64_t ordinal) {
  uint32_t part = 0;
  while (by->starts && part + 1 < by->unit->n_parts && by->starts[part + 1] <= ordinal)
    part++;
  return part;
}

static int64_t stamp(const struct by_row *by, uint32_t part, int64_t ordinal) {
  return ledger_row_stamp(by->unit->id, ordinal - (by->starts ? by->starts[part] : 0));
}

static bool is_repeated(const struct ledger_row_found *found, int64_t now) {
  return found->place == ROW_SAME_PART && ledger_row_unit(found->row) == ledger_row_unit(now) && found->row < now;
}

/* ---- one record ---- */

static bool has_key(const struct record_key *key) {
  return key->plain && !key->null_column;
}

static int refuse(struct sorting *s, int64_t i, const char *column, const char *reason) {
  struct sluice_reject reject = {
      .struct_size = sizeof reject, .seq = s->batch->seq, .row = i, .offset = -1, .column = column, .reason = reason};
  s->keep[i] = 0;
  return s->rejects->add(s->rejects, &reject, s->err);
}

static int note_row(struct sorting *s, int64_t i, struct ledger_row *change) {
  memcpy(change->key, s->keys[i].key, sizeof change->key);
  int code = pending_rows_add(&s->by->pending, s->batch->seq, batch_ordinal(s->batch, i), change);
  return sluice_fail(s->err, code, "sync.key", "no memory for the keys");
}

static int note(struct sorting *s, int64_t i, uint32_t part, int64_t row) {
  struct ledger_row change = {.fingerprint = s->keys[i].fingerprint, .row = row, .part = part};
  return note_row(s, i, &change);
}

static int send(struct sorting *s, int64_t i, uint32_t part, int64_t row, bool known) {
  s->ops[i] = known ? SLUICE_OP_UPDATE : SLUICE_OP_INSERT;
  *(known ? &s->by->counts.updated : &s->by->counts.inserted) += 1;
  return note(s, i, part, row);
}

static void leave_out(struct sorting *s, int64_t i, uint32_t part, int64_t *why) {
  s->keep[i] = 0;
  *why += 1;
  if (!s->by->results)
    return;
  s->by->results[part].rows--;
  s->by->results[part].unchanged++;
}

/* Against what the ledger has of its key. */
static int sort_stored(struct sorting *s, int64_t i, uint32_t part, int64_t row) {
  const struct ledger_row_found *found = &s->found[i];
  bool known = found->place != ROW_ABSENT && !found->deleted;
  if (found->place == ROW_LATER && (found->held || s->later[i])) {
    leave_out(s, i, part, &s->by->counts.superseded);
    return SLUICE_OK;
  }
  if (is_repeated(found, row))
    return refuse(s, i, NULL, "its key comes a second time in this file; the first record with it counts");
  if (!known || found->uncertain || found->fingerprint != s->keys[i].fingerprint)
    return send(s, i, part, row, known);
  leave_out(s, i, part, &s->by->counts.unchanged);
  return note(s, i, part, row); /* it is as it was, but stands here now */
}

/* It is not looked at, but its part is known to have it. One of the same key may follow that is not before the cursor,
 * so it is no first one: it stands as if at the end. */
static int pass(struct sorting *s, int64_t i) {
  struct by_row *by = s->by;
  const struct ledger_row_found *found = &s->found[i];
  uint32_t part = part_of(by, batch_ordinal(s->batch, i));
  leave_out(s, i, part, &by->counts.passed);
  int64_t now = ledger_row_stamp(by->unit->id, LEDGER_ROW_LAST);
  bool ours = has_key(&s->keys[i]) && found->place == ROW_SAME_PART;
  if (!ours || ledger_row_unit(found->row) == ledger_row_unit(now) || pending_rows_find(&by->pending, s->keys[i].key))
    return SLUICE_OK;
  struct ledger_row same = {.fingerprint = found->fingerprint,
                            .row = now,
                            .part = part,
                            .deleted = found->deleted,
                            .uncertain = found->uncertain};
  return note_row(s, i, &same);
}

static int sort_record(struct sorting *s, int64_t i) {
  struct by_row *by = s->by;
  if (s->passed[i])
    return pass(s, i);
  if (!s->keys[i].plain)
    return SLUICE_OK; /* the sink says what is wrong with it */
  if (s->keys[i].null_column)
    return refuse(s, i, s->keys[i].null_column,
                  "a column of the key has no value, so it cannot be told which record this is");
  int64_t ordinal = batch_ordinal(s->batch, i);
  uint32_t part = part_of(by, ordinal);
  int64_t row = stamp(by, part, ordinal);
  const struct ledger_row *before = pending_rows_find(&by->pending, s->keys[i].key);
  if (!before || before->row == ledger_row_stamp(by->unit->id, LEDGER_ROW_LAST))
    return sort_stored(s, i, part, row);
  if (before->part == part)
    return refuse(s, i, NULL, "its key comes a second time in this file; the first record with it counts");
  return send(s, i, part, row, true); /* whether the one before arrives is not known yet, so it goes in any case */
}

/* ---- a batch ---- */

/* Keys of other epochs are not found. Of the first they are as they always were. */
static void set_apart(struct sorting *s) {
  uint64_t epoch = (uint64_t)ledger_rows_epoch(s->by->stored);
  for (int64_t i = 0; i < s->batch->array.length && epoch; i++)
    for (size_t at = 0; at < sizeof epoch; at++)
      s->keys[i].key[LEDGER_KEY_SIZE - 1 - at] ^= (uint8_t)(epoch >> (8 * at));
}

/* Runs of records of one part, for what is stored is asked for by part. */
static int find_stored(struct sorting *s) {
  int64_t n = s->batch->array.length;
  int code = SLUICE_OK;
  for (int64_t i = 0; i < n; i++)
    memcpy(s->wanted[i], s->keys[i].key, LEDGER_KEY_SIZE);
  for (int64_t first = 0, last; first < n && !code; first = last) {
    uint32_t part = part_of(s->by, batch_ordinal(s->batch, first));
    for (last = first + 1; last < n && part_of(s->by, batch_ordinal(s->batch, last)) == part;)
      last++;
    code = ledger_rows_find(s->by->stored, s->by->unit->parts[part].name,
                            (const uint8_t(*)[LEDGER_KEY_SIZE])(s->wanted + first), (size_t)(last - first),
                            s->found + first, s->err);
  }
  return code;
}

/* By key, then as they stand in the batch. */
static int compare_keys(const void *a, const void *b) {
  const struct record_key *const *x = a, *const *y = b;
  int order = memcmp((*x)->key, (*y)->key, sizeof(*x)->key);
  return order ? order : (*x > *y) - (*x < *y);
}

/* What its part is known to have, so that no part before it has a say. */
static bool counts_in_part(const struct sorting *s, int64_t i) {
  return has_key(&s->keys[i]) && (!s->passed[i] || s->found[i].place == ROW_SAME_PART);
}

static void mark_run(struct sorting *s, const struct record_key *const *first, size_t n) {
  uint32_t last = part_of(s->by, batch_ordinal(s->batch, first[n - 1] - s->keys));
  for (size_t i = 0; i + 1 < n; i++)
    s->later[first[i] - s->keys] = part_of(s->by, batch_ordinal(s->batch, first[i] - s->keys)) < last;
}

/* The parts of a bundle that changed are read together. Only where the ledger names one of which it does not know
 * whether it still has the key. */
static int find_later(struct sorting *s) {
  int64_t n = s->batch->array.length, doubtful = 0;
  size_t used = 0;
  for (int64_t i = 0; i < n; i++)
    doubtful += s->found[i].place == ROW_LATER && !s->found[i].held;
  if (doubtful == 0 || !s->by->starts)
    return SLUICE_OK;
  const struct record_key **keys = malloc((size_t)n * sizeof *keys);
  if (!keys)
    return SLUICE_ERR_MEMORY;
  for (int64_t i = 0; i < n; i++)
    if (counts_in_part(s, i))
      keys[used++] = &s->keys[i];
  qsort((void *)keys, used, sizeof *keys, compare_keys);
  for (size_t first = 0, last; first < used; first = last) {
    for (last = first + 1; last < used && memcmp(keys[last]->key, keys[first]->key, sizeof keys[first]->key) == 0;)
      last++;
    mark_run(s, keys + first, last - first);
  }
  free((void *)keys);
  return SLUICE_OK;
}

/* Drops what is not sent, and hangs the operations on the rest. */
static int leave_kept(struct sorting *s) {
  int64_t n = s->batch->array.length, kept = 0;
  uint8_t *ops = malloc((size_t)n + 1);
  if (!ops)
    return SLUICE_ERR_MEMORY;
  for (int64_t i = 0; i < n; i++)
    if (s->keep[i])
      ops[kept++] = s->ops[i];
  int code = conform_drop_rows(s->by->schema, s->batch, s->keep, s->err);
  if (!code)
    code = sluice_array_attach(&s->batch->array, ops);
  if (code)
    free(ops);
  else
    s->batch->ops = ops;
  return code;
}

/* ---- what is on its way ---- */

/* Before anything of the batch is handed over. What is not stored yet is sent whenever it comes, so it needs no word.
 */
static int name_known(struct sorting *s) {
  struct by_row *by = s->by;
  size_t n = 0;
  for (int64_t i = 0; i < s->batch->array.length; i++)
    if (s->keep[i] && s->keys[i].plain && s->found[i].place != ROW_ABSENT && !s->found[i].uncertain)
      memcpy(s->wanted[n++], s->keys[i].key, LEDGER_KEY_SIZE);
  return ledger_rows_sending(by->stored, by->unit->id, s->batch->end.row, (const uint8_t(*)[LEDGER_KEY_SIZE])s->wanted,
                             n, s->err);
}

/* Of what was rejected the cursor cannot tell: files that were read since may have moved it on. */
static int begin(struct by_row *by, struct sluice_error *err) {
  if (by->begun)
    return SLUICE_OK;
  int code = ledger_rows_doubt(by->stored, by->unit->id, err);
  if (!code && by->cursor)
    code = ledger_rows_refused(by->stored, by->unit->id, &by->pass_none, err);
  by->begun = !code;
  return code;
}

int by_row_apply(struct by_row *by, struct sluice_batch *batch, struct sluice_rejects *rejects,
                 struct sluice_error *err) {
  size_t n = (size_t)batch->array.length;
  struct sorting s = {.by = by, .batch = batch, .rejects = rejects, .err = err};
  s.keys = calloc(n + 1, sizeof *s.keys);
  s.found = calloc(n + 1, sizeof *s.found);
  s.wanted = calloc(n + 1, sizeof *s.wanted);
  s.keep = malloc(n + 1);
  s.ops = calloc(n + 1, 1);
  s.passed = calloc(n + 1, 1);
  s.later = calloc(n + 1, 1);
  int code =
      s.keys && s.found && s.wanted && s.keep && s.ops && s.passed && s.later ? begin(by, err) : SLUICE_ERR_MEMORY;
  if (!code) {
    memset(s.keep, 1, n);
    code = record_keys_of(by->keys, batch, s.keys, err);
    set_apart(&s);
  }
  if (!code && by->cursor)
    code = row_cursor_see(by->cursor, batch, s.passed);
  if (by->pass_none)
    memset(s.passed, 0, n);
  if (!code)
    code = find_stored(&s);
  if (!code)
    code = find_later(&s);
  for (int64_t i = 0; i < batch->array.length && !code; i++)
    code = sort_record(&s, i);
  if (!code)
    code = name_known(&s);
  if (!code)
    code = leave_kept(&s);
  free(s.keys);
  free(s.found);
  free(s.wanted);
  free(s.keep);
  free(s.ops);
  free(s.passed);
  free(s.later);
  return sluice_fail(err, code, "sync.key", "no memory for the keys");
}

/* ---- what becomes of it ---- */

void by_row_refuse(struct by_row *by, int64_t seq, int64_t ordinal) {
  pending_rows_remove(&by->pending, seq, ordinal);
}
int by_row_peek(const struct by_row *by, int64_t seq, struct ledger_row **out, size_t *n) {
  return pending_rows_peek(&by->pending, seq, out, n);
}
int by_row_cursor(struct by_row *by, int64_t seq, const char **out) {
  *out = NULL;
  return by->cursor ? row_cursor_text(by->cursor, seq, out) : SLUICE_OK;
}
void by_row_drop(struct by_row *by, int64_t seq) {
  if (by->cursor)
    row_cursor_drop(by->cursor, seq);
  pending_rows_drop(&by->pending, seq);
}
size_t by_row_pending(const struct by_row *by) {
  return by->pending.count;
}
int64_t by_row_left_out(const struct by_row *by) {
  return by->counts.unchanged + by->counts.superseded + by->counts.passed;
}
struct by_row_counts by_row_counts(const struct by_row *by) {
  return by->counts;
}
