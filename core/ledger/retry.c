/* Rejects that are sent again: what became of them, in one transaction. */
#include "core/ledger/internal.h"
#include "core/ledger/rejects.h"
#include <stdlib.h>

/* ---- the run ------------------------------------------------------------------------------------ */

struct begin_op {
  int64_t delivery, run;
};

static int begin(struct ledger *l, void *context, struct sluice_error *err) {
  struct begin_op *op = context;
  int rc = ledger_bury_runs(l, op->delivery, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_run(&l->db,
                       "INSERT INTO run (delivery, started, ended, reason, message, parts_done, parts_failed,"
                       " parts_gone, parts_skipped, rows, rejects, bytes, kind) VALUES (?, ?, 0, '', '', 0, 0, 0, 0, 0,"
                       " 0, 0, 2)",
                       VALUES(NUMBER(op->delivery), NUMBER(ledger_now())), err);
  if (rc == SLUICE_OK)
    op->run = sqlite3_last_insert_rowid(l->db.handle);
  return rc;
}

int ledger_retry_begin(struct ledger *l, int64_t delivery, int64_t *run, struct sluice_error *err) {
  struct begin_op op = {.delivery = delivery};
  int rc = ledger_do(l, begin, &op, err);
  if (rc == SLUICE_OK)
    *run = op.run;
  return rc;
}

/* ---- a part ------------------------------------------------------------------------------------- */

struct part_op {
  int64_t delivery;
  const char *name;
  struct ledger_retry_part part;
};

static int find_part(struct ledger *l, void *context, struct sluice_error *err) {
  struct part_op *op = context;
  struct ledger_place place;
  sqlite3_stmt *row = NULL;
  int rc = ledger_place_of(l, op->delivery, &place, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_query(&l->db,
                         "SELECT state, version, size, modified, era, unit FROM part WHERE delivery = ? AND name = ?",
                         VALUES(NUMBER(place.parts), BYTES(op->name)), &row, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_step(&l->db, row, err);
  if (rc != SLUICE_OK)
    return rc;
  op->part = (struct ledger_retry_part){.state = (enum part_state)sqlite3_column_int(row, 0),
                                        .size = sqlite3_column_int64(row, 2),
                                        .modified = sqlite3_column_int64(row, 3),
                                        .era = sqlite3_column_int64(row, 4),
                                        .unit = sqlite3_column_int64(row, 5),
                                        .generation = place.generation};
  snprintf(op->part.version, sizeof op->part.version, "%s", ledger_db_text(row, 1));
  sqlite3_reset(row);
  if (op->part.state != PART_DONE)
    return SLUICE_OK;
  int64_t by_row = 0;
  rc = ledger_db_number(&l->db, "SELECT row_keys IS NOT NULL FROM delivery WHERE id = ?", VALUES(NUMBER(op->delivery)),
                        &by_row, err);
  return rc == SLUICE_OK && by_row ? ledger_turn_retry(l, place.parts, op->name, &op->part.era, err) : rc;
}

int ledger_retry_part(struct ledger *l, int64_t delivery, const char *name, struct ledger_retry_part *out,
                      struct sluice_error *err) {
  struct part_op op = {.delivery = delivery, .name = name};
  int rc = ledger_do(l, find_part, &op, err);
  if (rc == SLUICE_OK)
    *out = op.part;
  return rc;
}

/* ---- lines out of force ------------------------------------------------------------------------- */

struct drop_op {
  const struct ledger_line *lines;
  size_t n;
};

static int drop_lines(struct ledger *l, const struct ledger_line *lines, size_t n, struct sluice_error *err) {
  int rc = SLUICE_OK;
  for (size_t i = 0; i < n && rc == SLUICE_OK; i++)
    rc = ledger_db_run(&l->db, "INSERT OR IGNORE INTO reject_gone VALUES (?, ?)",
                       VALUES(NUMBER(lines[i].at), NUMBER(lines[i].size)), err);
  return rc;
}

static int drop(struct ledger *l, void *context, struct sluice_error *err) {
  const struct drop_op *op = context;
  return drop_lines(l, op->lines, op->n, err);
}

int ledger_drop_rejects(struct ledger *l, const struct ledger_line *lines, size_t n, struct sluice_error *err) {
  struct drop_op op = {lines, n};
  return ledger_do(l, drop, &op, err);
}

/* ---- what became of the records of a part ------------------------------------------------------- */

struct commit_op {
  const struct ledger_retried *retried;
  struct ledger_rows_written rows;
};

static int count(struct ledger *l, int64_t parts, const struct ledger_retried *r, struct sluice_error *err) {
  const struct ledger_progress *p = &r->outcome;
  const struct ledger_unit_part *part = &r->unit->parts[0];
  int rc = ledger_db_run(&l->db,
                         "UPDATE part SET rows = rows + ?1, rejects = max(0, rejects - ?2), filtered = filtered + ?6,"
                         " unchanged = unchanged + ?7 WHERE delivery = ?3 AND name = ?4 AND version = ?5 AND state = 2",
                         VALUES(NUMBER(p->rows), NUMBER(r->records - p->rejects), NUMBER(parts), BYTES(part->name),
                                BYTES(part->version), NUMBER(p->filtered), NUMBER(p->unchanged)),
                         err);
  if (rc == SLUICE_OK && sqlite3_changes(l->db.handle) != 1)
    rc = sluice_fail(err, SLUICE_ERR_CHANGED, part->name, "it changed while its records were sent again");
  if (rc != SLUICE_OK)
    return rc;
  return ledger_db_run(&l->db, "UPDATE run SET " LEDGER_COUNTS_ADD ", parts_done = parts_done + 1 WHERE id = ?",
                       VALUES(LEDGER_COUNTS_OF(p), NUMBER(r->run)), err);
}

static int commit(struct ledger *l, void *context, struct sluice_error *err) {
  struct commit_op *op = context;
  const struct ledger_retried *r = op->retried;
  struct ledger_place place;
  int64_t delivery = 0;
  int rc = ledger_live_run(l, r->run, &delivery, err);
  if (rc == SLUICE_OK)
    rc = ledger_place_of(l, delivery, &place, err);
  if (rc == SLUICE_OK)
    rc = count(l, place.parts, r, err);
  if (rc == SLUICE_OK)
    rc = drop_lines(l, r->gone, r->n_gone, err);
  if (rc == SLUICE_OK)
    rc = ledger_rejects_note(l, &(struct ledger_rejected){place.parts, 0, r->unit}, &r->outcome, err);
  if (rc == SLUICE_OK && r->early)
    rc = ledger_early_passed(l, r->early, INT64_MAX, err);
  if (rc == SLUICE_OK)
    rc = ledger_rows_write(l, place.parts, r->unit, &r->outcome, &op->rows, err);
  if (rc == SLUICE_OK)
    rc = ledger_sent_passed(l, r->unit->id, INT64_MAX, err);
  return rc;
}

static void settle_rows(struct ledger *l, void *context, bool committed) {
  struct commit_op *op = context;
  ledger_rows_settle(l, &op->retried->outcome, &op->rows, committed);
}

int ledger_retry_commit(struct ledger *l, const struct ledger_retried *retried, struct sluice_error *err) {
  const struct ledger_progress *p = &retried->outcome;
  uint32_t number = 0; /* of the one part */
  struct commit_op context = {.retried = retried, .rows = {.numbers = &number}};
  struct ledger_op op = {.run = commit,
                         .context = &context,
                         .lines = p->reject_lines,
                         .lines_size = p->reject_size,
                         .settled = p->n_row_changes ? settle_rows : NULL};
  if (retried->unit->n_parts != 1 || p->n_row_changes > LEDGER_ROW_CHANGES_MAX)
    return sluice_fail(err, SLUICE_ERR_BUG, l->db.path, "%zu parts, %zu changes of rows", retried->unit->n_parts,
                       p->n_row_changes);
  int rc = p->n_row_changes ? ledger_rows_make_room(l, err) : SLUICE_OK;
  return rc == SLUICE_OK ? ledger_submit(l, &op, err) : rc;
}
