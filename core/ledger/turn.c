/* Turns: by row, which records of a unit are sent depends on what is known of other files. A unit that is taken again
 * after that changed would cut its requests otherwise: some under new keys, others under those of the try before, which
 * a destination that knows keys does not apply again, so that older records would stay in place of newer ones. So the
 * ledger counts what changes as turns, and a unit whose records were last sent in an earlier one gets new keys. If a
 * part changed since, it is read from its start as well: what it left out then, another part may not have any more. */
#include "core/ledger/internal.h"

int ledger_turn_next(struct ledger *l, int64_t parts, struct sluice_error *err) {
  return ledger_db_run(&l->db, "UPDATE row_turn SET turn = turn + 1, moved = turn + 1 WHERE delivery = ?",
                       VALUES(NUMBER(parts)), err);
}

int ledger_turn_begin(struct ledger *l, int64_t parts, int64_t unit, struct sluice_error *err) {
  int rc = ledger_db_run(&l->db,
                         "INSERT INTO row_turn (delivery, turn, moved) VALUES (?, 1, 0) ON CONFLICT DO UPDATE SET turn"
                         " = turn + 1",
                         VALUES(NUMBER(parts)), err);
  if (rc != SLUICE_OK)
    return rc;
  rc = ledger_db_run(&l->db, "UPDATE unit SET turn = (SELECT turn FROM row_turn WHERE delivery = ?) WHERE id = ?",
                     VALUES(NUMBER(parts), NUMBER(unit)), err);
  if (rc != SLUICE_OK || sqlite3_changes(l->db.handle) > 0)
    return rc;
  return ledger_db_run(&l->db, "UPDATE row_turn SET retried_turn = turn WHERE delivery = ?", VALUES(NUMBER(parts)),
                       err); /* what is sent again is of a unit that is done */
}

/* Has nobody sent anything since this part's rejects were sent again and not settled, they have the same keys. */
static int turn_retry(struct ledger *l, int64_t parts, const char *name, int64_t *era, struct sluice_error *err) {
  int64_t same = 0;
  int rc = ledger_db_number(
      &l->db, "SELECT coalesce(retried = ?2 AND retried_turn = turn, 0) FROM row_turn WHERE delivery = ?1",
      VALUES(NUMBER(parts), BYTES(name)), &same, err);
  if (rc != SLUICE_OK || same)
    return rc;
  rc = ledger_db_number(&l->db, "UPDATE part SET era = era + 1 WHERE delivery = ? AND name = ? RETURNING era",
                        VALUES(NUMBER(parts), BYTES(name)), era, err);
  if (rc != SLUICE_OK)
    return rc;
  return ledger_db_run(&l->db, "UPDATE row_turn SET retried = ?2, retried_turn = 0 WHERE delivery = ?1",
                       VALUES(NUMBER(parts), BYTES(name)), err);
}

int ledger_turn_retry(struct ledger *l, int64_t parts, const char *name, int64_t *era, struct sluice_error *err) {
  int rc = ledger_db_run(&l->db, "INSERT OR IGNORE INTO row_turn (delivery, turn, moved) VALUES (?, 1, 0)",
                         VALUES(NUMBER(parts)), err);
  return rc == SLUICE_OK ? turn_retry(l, parts, name, era, err) : rc;
}

int ledger_turn_look(struct ledger *l, int64_t parts, struct ledger_unit *unit, struct sluice_error *err) {
  sqlite3_stmt *row = NULL;
  int rc = ledger_db_query(&l->db,
                           "SELECT u.turn <> t.turn, u.turn < t.moved FROM unit u, row_turn t WHERE u.id = ? AND"
                           " t.delivery = ?",
                           VALUES(NUMBER(unit->id), NUMBER(parts)), &row, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_step(&l->db, row, err);
  if (rc != SLUICE_OK)
    return rc == SLUICE_END ? SLUICE_OK : rc;
  unit->overtaken = sqlite3_column_int(row, 0) != 0;
  unit->restarted = sqlite3_column_int(row, 1) != 0;
  sqlite3_reset(row);
  return SLUICE_OK;
}

static int is_by_row(struct ledger *l, int64_t parts, int64_t *out, struct sluice_error *err) {
  return ledger_db_number(&l->db, "SELECT EXISTS (SELECT 1 FROM row_turn WHERE delivery = ?)", VALUES(NUMBER(parts)),
                          out, err);
}

/* The part's own era rises too: should the unit be made anew, its keys are none that were there before. */
int ledger_turn_renew(struct ledger *l, int64_t parts, struct ledger_unit *unit, struct sluice_error *err) {
  int64_t by_row = 0;
  int rc = is_by_row(l, parts, &by_row, err);
  for (size_t i = 0; i < unit->n_parts && rc == SLUICE_OK && by_row; i++) {
    struct ledger_unit_part *part = &unit->parts[i];
    rc = ledger_db_number(&l->db, "UPDATE part SET era = max(era, ?) + 1 WHERE delivery = ? AND name = ? RETURNING era",
                          VALUES(NUMBER(part->era), NUMBER(parts), BYTES(part->name)), &part->era, err);
    if (rc == SLUICE_OK)
      rc = ledger_db_run(&l->db, "UPDATE unit_part SET era = ? WHERE unit = ? AND ordinal = ?",
                         VALUES(NUMBER(part->era), NUMBER(unit->id), NUMBER((int64_t)i)), err);
  }
  return rc == SLUICE_END ? sluice_fail(err, SLUICE_ERR_BUG, l->db.path, "a unit without its part") : rc;
}

/* Rows are stamped with it. Read in another way they may stand elsewhere in the part, or not be there: those of the
 * reading before are not to be taken for this one's. */
int ledger_turn_renumber(struct ledger *l, int64_t parts, struct ledger_unit *unit, struct sluice_error *err) {
  int64_t by_row = 0, id = 0;
  int rc = is_by_row(l, parts, &by_row, err);
  if (rc != SLUICE_OK || !by_row)
    return rc;
  rc = ledger_db_number(&l->db, "UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'unit' RETURNING seq", NULL, 0,
                        &id, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_run(&l->db, "UPDATE unit_part SET unit = ? WHERE unit = ?", VALUES(NUMBER(id), NUMBER(unit->id)),
                       err);
  if (rc == SLUICE_OK)
    rc = ledger_db_run(&l->db, "UPDATE unit SET id = ? WHERE id = ?", VALUES(NUMBER(id), NUMBER(unit->id)), err);
  if (rc == SLUICE_OK)
    unit->id = id;
  return rc == SLUICE_END ? sluice_fail(err, SLUICE_ERR_BUG, l->db.path, "no unit was ever numbered") : rc;
}
