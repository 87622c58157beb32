/* What happens to a claimed unit: checkpoint, finish, release, fail, void. All are refused under an old epoch. */
#include "core/ledger/internal.h"
#include <stdlib.h>

struct unit_op {
  const struct ledger_unit *unit;
  const struct ledger_progress *progress;
  struct ledger_part_result *results;
  const struct ledger_verdict *verdicts;
  const struct sluice_error *why;
  size_t index; /* of a part, and its version, for void */
  const char *version;
  int64_t delivery, run; /* read by `held` */
  struct ledger_rows_written rows;
};

/* Sums that a hostile size could take over the edge stay below it. */
static const int64_t most = INT64_C(1) << 61;

/* The unit is still this claim's. */
static int held(struct ledger *l, struct unit_op *op, struct sluice_error *err) {
  sqlite3_stmt *row = NULL;
  int rc = ledger_db_query(&l->db, "SELECT delivery, owner FROM unit WHERE id = ? AND epoch = ? AND state = 1",
                           VALUES(NUMBER(op->unit->id), NUMBER(op->unit->epoch)), &row, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_step(&l->db, row, err);
  if (rc == SLUICE_END)
    return sluice_fail(err, SLUICE_ERR_CHANGED, op->unit->n_parts ? op->unit->parts[0].name : NULL,
                       "unit %lld was voided or claimed anew (epoch %lld is over)", (long long)op->unit->id,
                       (long long)op->unit->epoch);
  if (rc != SLUICE_OK)
    return rc;
  op->delivery = sqlite3_column_int64(row, 0);
  op->run = sqlite3_column_int64(row, 1);
  sqlite3_reset(row);
  return SLUICE_OK;
}

/* By row a part that comes back as it was gets new keys: others may have sent its records since. */
int ledger_unit_drop(struct ledger *l, int64_t unit, struct sluice_error *err) {
  int rc = ledger_db_run(&l->db,
                         "UPDATE part SET state = 0, units = units - 1, era = era + EXISTS (SELECT 1 FROM row_turn t"
                         " WHERE t.delivery = part.delivery) WHERE (delivery, name) IN (SELECT delivery, name FROM"
                         " unit_part WHERE unit = ?)",
                         VALUES(NUMBER(unit)), err);
  if (rc == SLUICE_OK)
    rc = ledger_rejects_drop_unit(l, unit, err); /* whoever reads the parts again finds theirs */
  if (rc == SLUICE_OK)
    rc = ledger_db_run(&l->db, "DELETE FROM unit_part WHERE unit = ?", VALUES(NUMBER(unit)), err);
  if (rc == SLUICE_OK)
    rc = ledger_db_run(&l->db, "DELETE FROM unit WHERE id = ?", VALUES(NUMBER(unit)), err);
  return rc;
}

static int set_states(struct ledger *l, const struct unit_op *op, enum ledger_unit_state unit, enum part_state parts,
                      struct sluice_error *err) {
  int rc = ledger_db_run(&l->db, "UPDATE unit SET state = ?, alone = 0 WHERE id = ?",
                         VALUES(NUMBER(unit), NUMBER(op->unit->id)), err);
  if (rc != SLUICE_OK)
    return rc;
  return ledger_db_run(
      &l->db,
      "UPDATE part SET state = iif(state = 3 AND units > 1, 3, ?) WHERE delivery = ? AND name IN (SELECT name FROM"
      " unit_part WHERE unit = ?)", /* another piece of it failed */
      VALUES(NUMBER(parts), NUMBER(op->delivery), NUMBER(op->unit->id)), err);
}

/* The last error of a part, with its place. */
static int note_error(struct ledger *l, const struct unit_op *op, const char *name, const struct sluice_error *why,
                      struct sluice_error *err) {
  char text[sizeof why->where + sizeof why->message + 2];
  snprintf(text, sizeof text, "%s%s%s", why->where, why->where[0] ? ": " : "", why->message);
  return ledger_db_run(
      &l->db,
      "UPDATE part SET error = ?, error_where = ?, error_row = ?, error_offset = ? WHERE delivery = ?"
      " AND name = ?",
      VALUES(TEXT(text), TEXT(why->where), NUMBER(why->row), NUMBER(why->offset), NUMBER(op->delivery), BYTES(name)),
      err);
}

/* ---- checkpoint --------------------------------------------------------------------------------- */

static int advance(struct ledger *l, void *context, struct sluice_error *err) {
  struct unit_op *op = context;
  const struct ledger_progress *p = op->progress;
  int rc = held(l, op, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_run(
        &l->db, "UPDATE unit SET row = ?, offset = ?, detail0 = ?, detail1 = ?, " LEDGER_COUNTS_ADD " WHERE id = ?",
        VALUES(NUMBER(p->position.row), NUMBER(p->position.offset), NUMBER(p->position.detail[0]),
               NUMBER(p->position.detail[1]), LEDGER_COUNTS_OF(p), NUMBER(op->unit->id)),
        err);
  if (rc == SLUICE_OK)
    rc = ledger_rejects_note(l, &(struct ledger_rejected){op->delivery, op->unit->id, op->unit}, p, err);
  if (rc == SLUICE_OK)
    rc = ledger_rejects_redone(l, op->unit->id, err);
  if (rc == SLUICE_OK)
    rc = ledger_early_passed(l, op->unit->id, op->results ? INT64_MAX : p->position.row, err);
  if (rc == SLUICE_OK)
    rc = ledger_sent_passed(l, op->unit->id, op->results ? INT64_MAX : p->position.row, err);
  if (rc == SLUICE_OK)
    rc = ledger_rows_write(l, op->delivery, op->unit, p, &op->rows, err);
  if (rc == SLUICE_OK && (p->rows || p->rejects || p->filtered || p->unchanged))
    rc = ledger_db_run(&l->db, "UPDATE run SET " LEDGER_COUNTS_ADD " WHERE id = ?",
                       VALUES(LEDGER_COUNTS_OF(p), NUMBER(op->run)), err);
  return rc;
}

static int check_progress(const struct ledger_progress *p, struct sluice_error *err) {
  const int64_t counts[] = {p->rows, p->rejects, p->filtered, p->unchanged};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
    if (counts[i] < 0 || counts[i] > most)
      return sluice_fail(err, SLUICE_ERR_BUG, "checkpoint", "rows %lld, rejects %lld, filtered %lld, unchanged %lld",
                         (long long)p->rows, (long long)p->rejects, (long long)p->filtered, (long long)p->unchanged);
  if (p->reject_size && (!p->reject_lines || ((const char *)p->reject_lines)[p->reject_size - 1] != '\n'))
    return sluice_fail(err, SLUICE_ERR_BUG, "checkpoint", "reject lines without an end of line");
  if (p->n_row_changes > LEDGER_ROW_CHANGES_MAX)
    return sluice_fail(err, SLUICE_ERR_BUG, "checkpoint", "%zu rows changed at once, at most %d", p->n_row_changes,
                       LEDGER_ROW_CHANGES_MAX);
  return SLUICE_OK;
}

static void settle_rows(struct ledger *l, void *context, bool committed) {
  struct unit_op *op = context;
  ledger_rows_settle(l, op->progress, &op->rows, committed);
}

static int submit_rows(struct ledger *l, struct ledger_op *op, struct unit_op *context, struct sluice_error *err) {
  context->rows.numbers = calloc(context->unit->n_parts, sizeof *context->rows.numbers);
  if (!context->rows.numbers)
    return sluice_fail(err, SLUICE_ERR_MEMORY, l->db.path, "no memory for rows");
  op->settled = settle_rows;
  int rc = ledger_rows_make_room(l, err);
  if (rc == SLUICE_OK)
    rc = ledger_submit(l, op, err);
  free(context->rows.numbers);
  return rc;
}

static int submit_progress(struct ledger *l, ledger_op_fn *run, struct unit_op *context, struct sluice_error *err) {
  const struct ledger_progress *p = context->progress;
  int rc = check_progress(p, err);
  if (rc != SLUICE_OK)
    return rc;
  struct ledger_op op = {.run = run, .context = context, .lines = p->reject_lines, .lines_size = p->reject_size};
  if (p->n_row_changes)
    return submit_rows(l, &op, context, err);
  return ledger_submit(l, &op, err);
}

int ledger_checkpoint(struct ledger *l, const struct ledger_unit *unit, const struct ledger_progress *progress,
                      struct sluice_error *err) {
  struct unit_op op = {.unit = unit, .progress = progress};
  return submit_progress(l, advance, &op, err);
}

/* ---- finish ------------------------------------------------------------------------------------- */

/* A piece of a part: *last if no other is left. */
static int finish_piece(struct ledger *l, const struct unit_op *op, bool *last, struct sluice_error *err) {
  int64_t units = 0;
  struct ledger_part_result *r = &op->results[0];
  int rc = ledger_db_number(&l->db, "SELECT units FROM part WHERE delivery = ? AND name = ?",
                            VALUES(NUMBER(op->delivery), BYTES(op->unit->parts[0].name)), &units, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_run(&l->db, "UPDATE part SET " LEDGER_COUNTS_ADD " WHERE delivery = ? AND name = ?",
                       VALUES(LEDGER_COUNTS_OF(r), NUMBER(op->delivery), BYTES(op->unit->parts[0].name)), err);
  *last = units <= 1;
  if (rc != SLUICE_OK || *last)
    return rc;
  r->state = PART_ACTIVE;
  return ledger_db_run(&l->db, "UPDATE part SET units = units - 1 WHERE delivery = ? AND name = ?",
                       VALUES(NUMBER(op->delivery), BYTES(op->unit->parts[0].name)), err);
}

static int finish_part(struct ledger *l, const struct unit_op *op, size_t i, struct sluice_error *err) {
  bool piece = ledger_is_split(op->unit), last = true;
  struct ledger_part_result *r = &op->results[i];
  if (r->state != PART_DONE && r->state != PART_GONE)
    return sluice_fail(err, SLUICE_ERR_BUG, op->unit->parts[i].name, "a part ends in state %d", (int)r->state);
  int rc = piece ? finish_piece(l, op, &last, err) : SLUICE_OK;
  if (rc != SLUICE_OK || !last)
    return rc;
  rc = ledger_db_run(&l->db,
                     "UPDATE part SET state = ?1, delivered = ?2, absent = max(absent, 1 - ?2), units = units - 1,"
                     " rows = iif(?11, rows, ?3), rejects = iif(?11, rejects, ?4), filtered = iif(?11, filtered, ?12),"
                     " unchanged = iif(?11, unchanged, ?13), error = NULL, error_where = NULL, error_row = -1, "
                     "error_offset = -1, run = ?9,"
                     " finished = ?10, unit = ?7 WHERE delivery = ?5 AND name = ?6 AND EXISTS (SELECT 1 FROM"
                     " unit_part WHERE unit = ?7 AND ordinal = ?8 AND name = ?6)",
                     VALUES(NUMBER(r->state), NUMBER(r->state == PART_DONE), NUMBER(r->rows), NUMBER(r->rejects),
                            NUMBER(op->delivery), BYTES(op->unit->parts[i].name), NUMBER(op->unit->id),
                            NUMBER((int64_t)i), NUMBER(op->run), NUMBER(ledger_now()), NUMBER(piece),
                            NUMBER(r->filtered), NUMBER(r->unchanged)),
                     err);
  if (rc == SLUICE_OK && sqlite3_changes(l->db.handle) != 1)
    rc = sluice_fail(err, SLUICE_ERR_BUG, op->unit->parts[i].name, "not part %zu of unit %lld", i,
                     (long long)op->unit->id);
  if (rc != SLUICE_OK || r->state != PART_DONE)
    return rc;
  return ledger_rejects_drop_former(l, op->delivery, op->unit->parts[i].name, op->unit->id, piece, err);
}

static int count_finished(struct ledger *l, const struct unit_op *op, struct sluice_error *err) {
  int64_t done = 0, gone = 0, bytes = 0;
  for (size_t i = 0; i < op->unit->n_parts; i++) {
    if (op->results[i].state != PART_DONE) {
      gone += op->results[i].state == PART_GONE;
      continue;
    }
    done++;
    int64_t size = op->unit->parts[i].size;
    if (size > 0)
      bytes = size > most - bytes ? most : bytes + size;
  }
  return ledger_db_run(&l->db,
                       "UPDATE run SET parts_done = parts_done + ?, parts_gone = parts_gone + ?,"
                       " bytes = min(bytes + ?, ?) WHERE id = ?",
                       VALUES(NUMBER(done), NUMBER(gone), NUMBER(bytes), NUMBER(most), NUMBER(op->run)), err);
}

static int finish(struct ledger *l, void *context, struct sluice_error *err) {
  struct unit_op *op = context;
  int64_t n = 0;
  int rc = advance(l, op, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_number(&l->db, "SELECT count(*) FROM unit_part WHERE unit = ?", VALUES(NUMBER(op->unit->id)), &n,
                          err);
  if (rc == SLUICE_OK && n != (int64_t)op->unit->n_parts)
    rc = sluice_fail(err, SLUICE_ERR_BUG, "finish", "unit %lld has %lld parts, not %zu", (long long)op->unit->id,
                     (long long)n, op->unit->n_parts);
  for (size_t i = 0; i < op->unit->n_parts && rc == SLUICE_OK; i++)
    rc = finish_part(l, op, i, err);
  if (rc == SLUICE_OK)
    rc = count_finished(l, op, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_run(&l->db, "DELETE FROM unit_part WHERE unit = ?", VALUES(NUMBER(op->unit->id)), err);
  if (rc == SLUICE_OK)
    rc = ledger_db_run(&l->db, "DELETE FROM unit WHERE id = ?", VALUES(NUMBER(op->unit->id)), err);
  return rc;
}

int ledger_finish(struct ledger *l, const struct ledger_unit *unit, const struct ledger_progress *progress,
                  struct ledger_part_result *results, struct sluice_error *err) {
  struct unit_op op = {.unit = unit, .progress = progress, .results = results};
  return submit_progress(l, finish, &op, err);
}

/* ---- giving back -------------------------------------------------------------------------------- */

static int release(struct ledger *l, void *context, struct sluice_error *err) {
  struct unit_op *op = context;
  int rc = held(l, op, err);
  return rc == SLUICE_OK ? set_states(l, op, UNIT_FREE, PART_PENDING, err) : rc;
}

int ledger_release(struct ledger *l, const struct ledger_unit *unit, struct sluice_error *err) {
  struct unit_op op = {.unit = unit};
  return ledger_do(l, release, &op, err);
}

static int fail(struct ledger *l, void *context, struct sluice_error *err) {
  struct unit_op *op = context;
  int rc = held(l, op, err);
  if (rc == SLUICE_OK)
    rc = set_states(l, op, UNIT_FAILED, PART_FAILED, err);
  for (size_t i = 0; i < op->unit->n_parts && rc == SLUICE_OK; i++)
    rc = note_error(l, op, op->unit->parts[i].name, op->why, err);
  if (rc != SLUICE_OK)
    return rc;
  return ledger_db_run(&l->db, "UPDATE run SET parts_failed = parts_failed + ? WHERE id = ?",
                       VALUES(NUMBER((int64_t)op->unit->n_parts), NUMBER(op->run)), err);
}

int ledger_fail(struct ledger *l, const struct ledger_unit *unit, const struct sluice_error *why,
                struct sluice_error *err) {
  struct unit_op op = {.unit = unit, .why = why};
  return ledger_do(l, fail, &op, err);
}

/* ---- void --------------------------------------------------------------------------------------- */

static int part_gone(struct ledger *l, const struct unit_op *op, const char *name, struct sluice_error *err) {
  int rc = ledger_db_run(&l->db, "UPDATE part SET state = 5, absent = 1 WHERE delivery = ? AND name = ?",
                         VALUES(NUMBER(op->delivery), BYTES(name)), err);
  if (rc == SLUICE_OK)
    rc = ledger_turn_next(l, op->delivery, err);
  if (rc != SLUICE_OK)
    return rc;
  return ledger_db_run(&l->db, "UPDATE run SET parts_gone = parts_gone + 1 WHERE id = ?", VALUES(NUMBER(op->run)), err);
}

/* What the listing said of its size and time no longer holds; the next listing says it anew. */
static int part_changed(struct ledger *l, const struct unit_op *op, const char *name, struct sluice_error *err) {
  int rc = ledger_db_run(&l->db,
                         "UPDATE part SET version = ?, size = -1, modified = ?, error = NULL," LEDGER_NEW_ERA_BY_ROW
                         " WHERE delivery = ? AND name = ?",
                         VALUES(BYTES(op->version), NUMBER(INT64_MIN), NUMBER(op->delivery), BYTES(name)), err);
  return rc == SLUICE_OK ? ledger_turn_next(l, op->delivery, err) : rc;
}

/* What of the unit may have reached a full refresh under way would be there twice, or for nothing. */
static int spoil(struct ledger *l, const struct unit_op *op, const char *what, struct sluice_error *err) {
  const struct ledger_unit *u = op->unit;
  if (u->nothing_sent && u->attempts == 1)
    return SLUICE_OK;
  return ledger_spoil(l, op->delivery, u->parts[op->index].name, what, err);
}

/* Of other pieces something may have been sent. */
static int spoil_part(struct ledger *l, const struct unit_op *op, const char *what, struct sluice_error *err) {
  const struct ledger_unit *u = op->unit;
  return ledger_is_split(u) ? ledger_spoil(l, op->delivery, u->parts[op->index].name, what, err)
                            : spoil(l, op, what, err);
}

static int drop_pieces(struct ledger *l, const struct unit_op *op, struct sluice_error *err) {
  int rc = SLUICE_OK;
  while (rc == SLUICE_OK) {
    int64_t unit = 0;
    rc = ledger_db_number(&l->db, "SELECT unit FROM unit_part WHERE delivery = ? AND name = ? LIMIT 1",
                          VALUES(NUMBER(op->delivery), BYTES(op->unit->parts[op->index].name)), &unit, err);
    if (rc == SLUICE_OK)
      rc = ledger_unit_drop(l, unit, err);
  }
  return rc == SLUICE_END ? SLUICE_OK : rc;
}

static int void_unit(struct ledger *l, void *context, struct sluice_error *err) {
  struct unit_op *op = context;
  int rc = held(l, op, err);
  if (rc == SLUICE_OK)
    rc = spoil_part(l, op, op->version ? "changed" : "is gone", err);
  if (rc == SLUICE_OK)
    rc = ledger_unit_drop(l, op->unit->id, err);
  if (rc == SLUICE_OK)
    rc = drop_pieces(l, op, err);
  if (rc != SLUICE_OK)
    return rc;
  const char *name = op->unit->parts[op->index].name;
  return op->version ? part_changed(l, op, name, err) : part_gone(l, op, name, err);
}

static int renew_piece(struct ledger *l, const struct unit_op *op, struct sluice_error *err) {
  int64_t delivery = 0;
  int rc = ledger_live_run(l, op->run, &delivery, err);
  return rc == SLUICE_OK ? ledger_renew_piece(l, delivery, op->unit, err) : rc;
}

static int drop_unit(struct ledger *l, void *context, struct sluice_error *err) {
  struct unit_op *op = context;
  int rc = held(l, op, err);
  if (rc == SLUICE_OK)
    rc = spoil(l, op, "is made anew", err);
  if (rc == SLUICE_OK && ledger_is_split(op->unit))
    return renew_piece(l, op, err);
  return rc == SLUICE_OK ? ledger_unit_drop(l, op->unit->id, err) : rc;
}

int ledger_drop(struct ledger *l, const struct ledger_unit *unit, struct sluice_error *err) {
  struct unit_op op = {.unit = unit};
  return ledger_do(l, drop_unit, &op, err);
}

static int fail_part(struct ledger *l, const struct unit_op *op, const char *name, const struct sluice_error *why,
                     struct sluice_error *err) {
  int rc = ledger_db_run(&l->db, "UPDATE part SET state = 3 WHERE delivery = ? AND name = ?",
                         VALUES(NUMBER(op->delivery), BYTES(name)), err);
  if (rc == SLUICE_OK)
    rc = note_error(l, op, name, why, err);
  if (rc != SLUICE_OK)
    return rc;
  return ledger_db_run(&l->db, "UPDATE run SET parts_failed = parts_failed + 1 WHERE id = ?", VALUES(NUMBER(op->run)),
                       err);
}

static int judge_part(struct ledger *l, struct unit_op *op, size_t i, struct sluice_error *err) {
  const struct ledger_verdict *verdict = &op->verdicts[i];
  const char *name = op->unit->parts[i].name;
  op->version = verdict->version;
  switch (verdict->what) {
  case VERDICT_KEEP:
    return SLUICE_OK;
  case VERDICT_FAILED:
    return fail_part(l, op, name, verdict->why, err);
  case VERDICT_GONE:
    return part_gone(l, op, name, err);
  case VERDICT_CHANGED:
    return part_changed(l, op, name, err);
  }
  return SLUICE_ERR_BUG;
}

static int break_unit(struct ledger *l, void *context, struct sluice_error *err) {
  struct unit_op *op = context;
  int rc = held(l, op, err);
  if (rc == SLUICE_OK)
    rc = spoil(l, op, "is made anew", err);
  if (rc == SLUICE_OK)
    rc = ledger_unit_drop(l, op->unit->id, err);
  for (size_t i = 0; i < op->unit->n_parts && rc == SLUICE_OK; i++)
    rc = judge_part(l, op, i, err);
  return rc;
}

int ledger_break(struct ledger *l, const struct ledger_unit *unit, const struct ledger_verdict *verdicts,
                 struct sluice_error *err) {
  struct unit_op op = {.unit = unit, .verdicts = verdicts};
  return ledger_do(l, break_unit, &op, err);
}

int ledger_void(struct ledger *l, const struct ledger_unit *unit, size_t i, const char *version,
                struct sluice_error *err) {
  struct unit_op op = {.unit = unit, .index = i, .version = version};
  if (i >= unit->n_parts)
    return sluice_fail(err, SLUICE_ERR_BUG, "void", "no part %zu in the unit", i);
  if (version && strlen(version) > 1024)
    return sluice_fail(err, SLUICE_ERR_DATA, unit->parts[i].name, "a part's version is longer than 1024 bytes");
  return ledger_do(l, void_unit, &op, err);
}
