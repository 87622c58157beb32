/* Runs. A run's counters are in the ledger while it goes on, so that a crash does not lose them. */
#include "core/ledger/internal.h"

enum { RUNS_KEPT = 1000 };

/* ---- begin -------------------------------------------------------------------------------------- */

struct begin_op {
  int64_t delivery, run;
  struct ledger_counters carried;
};

void ledger_read_counters(sqlite3_stmt *row, int column, struct ledger_counters *out) {
  int64_t *const fields[] = {&out->parts_done, &out->parts_failed, &out->parts_gone, &out->parts_skipped, &out->rows,
                             &out->rejects,    &out->bytes,        &out->filtered,   &out->unchanged};
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
    *fields[i] = sqlite3_column_int64(row, column + (int)i);
}

/* Of those since the last that ended, apart from retries and those that never began (they end as they start). */
static int carry_last(struct ledger *l, struct begin_op *op, struct sluice_error *err) {
  sqlite3_stmt *row = NULL;
  int rc = ledger_db_query(&l->db,
                           "SELECT " LEDGER_COUNTER_SUMS
                           " FROM run WHERE delivery = ?1 AND kind <> 2 AND id > coalesce((SELECT max(id) FROM"
                           " run WHERE delivery = ?1 AND kind <> 2 AND ended > started), 0)",
                           VALUES(NUMBER(op->delivery)), &row, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_step(&l->db, row, err);
  if (rc != SLUICE_OK)
    return rc;
  ledger_read_counters(row, 0, &op->carried);
  sqlite3_reset(row);
  return SLUICE_OK;
}

int ledger_bury_runs(struct ledger *l, int64_t delivery, struct sluice_error *err) {
  return ledger_db_run(&l->db, "UPDATE run SET reason = 'died' WHERE delivery = ? AND ended = 0 AND reason = ''",
                       VALUES(NUMBER(delivery)), err);
}

int ledger_free_claimed(struct ledger *l, int64_t parts, int64_t crashes, struct sluice_error *err) {
  int rc =
      ledger_db_run(&l->db,
                    "UPDATE part SET state = 0 WHERE delivery = ?1 AND state = 1 AND name IN (SELECT p.name FROM unit u"
                    " JOIN unit_part p ON p.unit = u.id WHERE u.delivery = ?1 AND u.state = 1)",
                    VALUES(NUMBER(parts)), err);
  if (rc != SLUICE_OK)
    return rc;
  return ledger_db_run(
      &l->db,
      "UPDATE unit SET state = 0, crashes = crashes + ?2, crashes_alone = crashes_alone + ?2 * alone, alone = 0"
      " WHERE delivery = ?1 AND state = 1",
      VALUES(NUMBER(parts), NUMBER(crashes)), err);
}

static int prune_runs(struct ledger *l, int64_t delivery, struct sluice_error *err) {
  return ledger_db_run(&l->db,
                       "DELETE FROM run WHERE delivery = ?1 AND id <= (SELECT id FROM run WHERE delivery = ?1"
                       " ORDER BY id DESC LIMIT 1 OFFSET ?2)",
                       VALUES(NUMBER(delivery), NUMBER(RUNS_KEPT)), err);
}

static int begin(struct ledger *l, void *context, struct sluice_error *err) {
  struct begin_op *op = context;
  struct ledger_place place;
  int rc = ledger_place_of(l, op->delivery, &place, err);
  if (rc == SLUICE_OK)
    rc = carry_last(l, op, err);
  if (rc == SLUICE_OK)
    rc = ledger_bury_runs(l, op->delivery, err);
  if (rc == SLUICE_OK)
    rc = ledger_free_claimed(l, place.parts, 1, err);
  if (rc != SLUICE_OK)
    return rc;
  rc =
      ledger_db_run(&l->db,
                    "INSERT INTO run (delivery, started, ended, reason, message, " LEDGER_COUNTERS ", generation)"
                    " VALUES (?, ?, 0, '', '', " LEDGER_COUNTERS_NONE ", ?)",
                    VALUES(NUMBER(op->delivery), NUMBER(ledger_now()), NUMBER(place.open ? place.generation : 0)), err);
  if (rc == SLUICE_OK)
    op->run = sqlite3_last_insert_rowid(l->db.handle);
  return rc == SLUICE_OK ? prune_runs(l, op->delivery, err) : rc;
}

int ledger_run_begin(struct ledger *l, int64_t delivery, int64_t *run, struct ledger_counters *carried,
                     struct sluice_error *err) {
  struct begin_op op = {.delivery = delivery};
  int rc = ledger_do(l, begin, &op, err);
  if (rc == SLUICE_OK)
    rc = ledger_sweep(l, err);
  if (rc != SLUICE_OK)
    return rc;
  *run = op.run;
  *carried = op.carried;
  return SLUICE_OK;
}

/* ---- end ---------------------------------------------------------------------------------------- */

int ledger_live_run(struct ledger *l, int64_t run, int64_t *delivery, struct sluice_error *err) {
  int rc = ledger_db_number(&l->db, "SELECT delivery FROM run WHERE id = ? AND ended = 0 AND reason = ''",
                            VALUES(NUMBER(run)), delivery, err);
  if (rc != SLUICE_END)
    return rc;
  return sluice_fail(err, SLUICE_ERR_CHANGED, l->db.path, "run %lld has ended, or another took its place",
                     (long long)run);
}

struct end_op {
  int64_t run;
  const char *reason, *message;
  const struct ledger_counters *counters;
};

static int end(struct ledger *l, void *context, struct sluice_error *err) {
  struct end_op *op = context;
  const struct ledger_counters *c = op->counters;
  struct ledger_place place;
  int64_t delivery = 0;
  int rc = ledger_live_run(l, op->run, &delivery, err);
  if (rc == SLUICE_OK)
    rc = ledger_place_of(l, delivery, &place, err);
  if (rc == SLUICE_OK)
    rc = ledger_free_claimed(l, place.parts, 0, err);
  if (rc == SLUICE_OK && c)
    rc = ledger_db_run(&l->db,
                       "UPDATE run SET parts_done = ?, parts_failed = ?, parts_gone = ?, parts_skipped = ?, rows = ?,"
                       " rejects = ?, filtered = ?, unchanged = ?, bytes = ? WHERE id = ?",
                       VALUES(NUMBER(c->parts_done), NUMBER(c->parts_failed), NUMBER(c->parts_gone),
                              NUMBER(c->parts_skipped), LEDGER_COUNTS_OF(c), NUMBER(c->bytes), NUMBER(op->run)),
                       err);
  if (rc == SLUICE_OK && strncmp(op->reason, "done", 4) == 0)
    rc = ledger_rejects_drop_given_up(l, delivery, 0, err);
  if (rc != SLUICE_OK)
    return rc;
  return ledger_db_run(&l->db, "UPDATE run SET ended = ?, reason = ?, message = ? WHERE id = ?",
                       VALUES(NUMBER(ledger_now()), TEXT(op->reason), TEXT(op->message), NUMBER(op->run)), err);
}

int ledger_run_end(struct ledger *l, int64_t run, const char *reason, const char *message,
                   const struct ledger_counters *counters, struct sluice_error *err) {
  struct end_op op = {.run = run, .reason = reason, .message = message ? message : "", .counters = counters};
  if (!reason || !reason[0])
    return sluice_fail(err, SLUICE_ERR_BUG, "run", "a run ends for a reason");
  return ledger_do(l, end, &op, err);
}

/* ---- not begun ---------------------------------------------------------------------------------- */

struct refused_op {
  const char *sink, *reason, *message;
};

static int refused(struct ledger *l, void *context, struct sluice_error *err) {
  const struct refused_op *op = context;
  return ledger_db_run(
      &l->db,
      "INSERT INTO run (delivery, started, ended, reason, message, " LEDGER_COUNTERS
      ") SELECT d.id, ?4, ?4, ?2, ?3, " LEDGER_COUNTERS_NONE
      " FROM (SELECT id FROM delivery ORDER BY sink = ?1 DESC, stream = '*' DESC, id LIMIT 1) d"
      " WHERE NOT EXISTS (SELECT 1 FROM run WHERE id = (SELECT max(id) FROM run WHERE delivery = d.id) AND message = ?3"
      " AND ended = started)",
      VALUES(TEXT(op->sink), TEXT(op->reason), TEXT(op->message), NUMBER(ledger_now())), err);
}

int ledger_run_refused(struct ledger *l, const char *sink, const char *reason, const char *message,
                       struct sluice_error *err) {
  struct refused_op op = {sink, reason, message};
  return ledger_do(l, refused, &op, err);
}
