/* Where a delivery's parts stand: its own, or those of a full refresh; and the deletion of those that are no longer
 * anyone's. */
#include "core/ledger/internal.h"

int ledger_place_of(struct ledger *l, int64_t delivery, struct ledger_place *out, struct sluice_error *err) {
  sqlite3_stmt *row = NULL;
  int rc =
      ledger_db_query(&l->db,
                      "SELECT d.generation, d.open, coalesce(g.state, 0), d.listed, d.start_kind, d.start_time FROM"
                      " delivery d LEFT JOIN generation g ON g.id = d.open WHERE d.id = ?",
                      VALUES(NUMBER(delivery)), &row, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_step(&l->db, row, err);
  if (rc == SLUICE_END)
    return sluice_fail(err, SLUICE_ERR_BUG, l->db.path, "no delivery %lld", (long long)delivery);
  if (rc != SLUICE_OK)
    return rc;
  int64_t settled = sqlite3_column_int64(row, 0), open = sqlite3_column_int64(row, 1);
  *out = (struct ledger_place){
      .generation = open ? open : settled,
      .settled = settled ? -settled : delivery,
      .open = open != 0,
      .state = (enum ledger_generation_state)sqlite3_column_int(row, 2),
      .listed = sqlite3_column_int64(row, 3),
      .start = {(enum ledger_start_kind)sqlite3_column_int(row, 4), sqlite3_column_int64(row, 5)}};
  out->parts = out->generation ? -out->generation : delivery;
  sqlite3_reset(row);
  return SLUICE_OK;
}

/* Open units go at once, so that no worker can go on with them; the rest may be much and goes in steps. */
static int abandon(struct ledger *l, int64_t parts, struct sluice_error *err) {
  int rc = ledger_db_run(&l->db, "DELETE FROM reject_early WHERE unit IN (SELECT id FROM unit WHERE delivery = ?)",
                         VALUES(NUMBER(parts)), err);
  if (rc == SLUICE_OK)
    rc = ledger_db_run(&l->db, "DELETE FROM unit_part WHERE delivery = ?", VALUES(NUMBER(parts)), err);
  if (rc == SLUICE_OK)
    rc = ledger_db_run(&l->db, "DELETE FROM unit WHERE delivery = ?", VALUES(NUMBER(parts)), err);
  if (rc == SLUICE_OK)
    rc = ledger_db_run(&l->db, "INSERT OR IGNORE INTO unused VALUES (?)", VALUES(NUMBER(parts)), err);
  return rc;
}

int ledger_abandon(struct ledger *l, int64_t parts, struct sluice_error *err) {
  int rc = ledger_rejects_drop_parts(l, parts, err);
  return rc == SLUICE_OK ? abandon(l, parts, err) : rc;
}

int ledger_abandon_undone(struct ledger *l, int64_t parts, struct sluice_error *err) {
  int rc = ledger_rejects_keep(l, parts, err);
  return rc == SLUICE_OK ? abandon(l, parts, err) : rc;
}

int ledger_forget(struct ledger *l, int64_t delivery, struct sluice_error *err) {
  struct ledger_place place;
  int rc = ledger_place_of(l, delivery, &place, err);
  if (rc == SLUICE_OK)
    rc = ledger_abandon(l, place.parts, err);
  if (rc == SLUICE_OK && place.settled != place.parts)
    rc = ledger_abandon(l, place.settled, err);
  if (rc == SLUICE_OK && place.open)
    rc = ledger_generation_end(l, place.generation, GENERATION_ABORTED, "reset", err);
  if (rc == SLUICE_OK)
    rc = ledger_early_forget(l, delivery, err);
  if (rc == SLUICE_OK)
    rc = ledger_rejects_drop_given_up(l, delivery, 0, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_run(&l->db, "DELETE FROM schema WHERE delivery = ?", VALUES(NUMBER(delivery)), err);
  if (rc == SLUICE_OK)
    rc = ledger_db_run(
        &l->db,
        "INSERT INTO generation (delivery, state, begun, listed, ended, reason) VALUES (?1, ?2, ?3, 0, ?3,"
        " 'reset')",
        VALUES(NUMBER(delivery), NUMBER(GENERATION_COMMITTED), NUMBER(ledger_now())), err);
  if (rc != SLUICE_OK)
    return rc;
  return ledger_db_run(&l->db, "UPDATE delivery SET generation = ?, open = 0, listed = 0 WHERE id = ?",
                       VALUES(NUMBER(sqlite3_last_insert_rowid(l->db.handle)), NUMBER(delivery)), err);
}

/* ---- deleting, some at a time ------------------------------------------------------------------- */

/* A step leaves other operations their turn and the log small. */
#define SWEEP_STEP "5000"

struct sweep_op {
  bool done;
};

static int sweep(struct ledger *l, void *context, struct sluice_error *err) {
  static const char *const deletions[] = {"DELETE FROM part WHERE delivery = ?1 AND name <= (SELECT max(name) FROM "
                                          "(SELECT name FROM part WHERE delivery = ?1"
                                          " ORDER BY name LIMIT " SWEEP_STEP "))",
                                          "DELETE FROM row_key WHERE delivery = ?1 AND key <= (SELECT max(key) FROM "
                                          "(SELECT key FROM row_key WHERE delivery ="
                                          " ?1 ORDER BY key LIMIT " SWEEP_STEP "))",
                                          "DELETE FROM row_part WHERE delivery = ?1 AND id <= (SELECT max(id) FROM "
                                          "(SELECT id FROM row_part WHERE delivery ="
                                          " ?1 ORDER BY id LIMIT " SWEEP_STEP "))",
                                          "DELETE FROM row_cursor WHERE delivery = ?1",
                                          "DELETE FROM row_sent WHERE delivery = ?1",
                                          "DELETE FROM row_turn WHERE delivery = ?1",
                                          "DELETE FROM unused WHERE parts = ?1"};
  struct sweep_op *op = context;
  int64_t parts = 0;
  int rc = ledger_db_number(&l->db, "SELECT parts FROM unused LIMIT 1", NULL, 0, &parts, err);
  op->done = rc == SLUICE_END;
  for (size_t i = 0; i < sizeof deletions / sizeof deletions[0] && rc == SLUICE_OK; i++) {
    rc = ledger_db_run(&l->db, deletions[i], VALUES(NUMBER(parts)), err);
    if (rc == SLUICE_OK && sqlite3_changes(l->db.handle) > 0)
      break;
  }
  return rc == SLUICE_END ? SLUICE_OK : rc;
}

int ledger_sweep(struct ledger *l, struct sluice_error *err) {
  struct sweep_op op = {0};
  int rc = SLUICE_OK;
  while (rc == SLUICE_OK && !op.done)
    rc = ledger_do(l, sweep, &op, err);
  return rc;
}
