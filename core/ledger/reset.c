/* Parts to be delivered once more, and what the host notes of a run. */
#include "core/ledger/history.h"
#include "core/ledger/internal.h"

/* ---- parts -------------------------------------------------------------------------------------- */

struct reset_op {
  int64_t delivery, count;
  const char *match;
};

/* Units that hold a part that matches. The other parts of a bundle become pending with it. */
static int drop_units(struct ledger *l, int64_t parts, const char *match, struct sluice_error *err) {
  int64_t unit = 0;
  int rc = SLUICE_OK;
  while (rc == SLUICE_OK) {
    rc = ledger_db_number(&l->db,
                          "SELECT unit FROM unit_part WHERE delivery = ?1 AND (name = ?2 OR CAST(name AS TEXT) GLOB "
                          "CAST(?2 AS TEXT)) LIMIT 1",
                          VALUES(NUMBER(parts), BYTES(match)), &unit, err);
    if (rc == SLUICE_OK)
      rc = ledger_unit_drop(l, unit, err);
  }
  return rc == SLUICE_END ? SLUICE_OK : rc;
}

/* Those that are not there any more stay as they are, but where some of their records were rejected: these can be
 * found again only in the file, should it come back. */
static int reset_absent(struct ledger *l, int64_t parts, const char *match, struct sluice_error *err) {
  return ledger_db_run(
      &l->db,
      "UPDATE part SET state = 5, delivered = 0, rejects = 0, era = era + 1 WHERE delivery = ?1 AND (name = ?2 OR"
      " CAST(name AS TEXT) GLOB CAST(?2 AS TEXT)) AND absent <> 0 AND state = 2 AND (rejects > 0 OR EXISTS (SELECT 1"
      " FROM reject_range r WHERE r.delivery = ?1 AND r.name = part.name))",
      VALUES(NUMBER(parts), BYTES(match)), err);
}

static int reset_at(struct ledger *l, struct reset_op *op, int64_t parts, struct sluice_error *err) {
  int rc = drop_units(l, parts, op->match, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_run(
        &l->db,
        "UPDATE part SET state = 0, delivered = 0, " LEDGER_COUNTS_NONE ", attempts = 0, error = NULL,"
        " skip = 0, error_row = -1, error_offset = -1, error_where = NULL, run = 0, finished = 0,"
        " era = era + 1 WHERE delivery = ?1 AND (name = ?2 OR CAST(name AS TEXT) GLOB CAST(?2 AS TEXT)) AND absent = 0",
        VALUES(NUMBER(parts), BYTES(op->match)), err);
  if (rc != SLUICE_OK)
    return rc;
  op->count = sqlite3_changes64(l->db.handle);
  rc = ledger_db_run(&l->db, "DELETE FROM row_cursor WHERE delivery = ?", VALUES(NUMBER(parts)), err);
  if (rc == SLUICE_OK)
    rc = reset_absent(l, parts, op->match, err);
  return rc == SLUICE_OK ? ledger_turn_next(l, parts, err) : rc;
}

/* Where a full refresh is under way: of those behind it too, which go on if it is given up. */
static int reset(struct ledger *l, void *context, struct sluice_error *err) {
  struct reset_op *op = context;
  struct ledger_place place;
  int rc = ledger_place_of(l, op->delivery, &place, err);
  if (rc == SLUICE_OK && place.open && place.state == GENERATION_COMMITTING)
    return sluice_fail(err, SLUICE_ERR_CONFIG, l->job, "a full refresh is being committed; run the job first");
  if (rc == SLUICE_OK && place.open)
    rc = reset_at(l, op, place.settled, err);
  if (rc == SLUICE_OK)
    rc = reset_at(l, op, place.parts, err);
  if (rc != SLUICE_OK)
    return rc;
  return op->count && place.open ? ledger_spoil(l, place.parts, op->match, "was reset", err) : SLUICE_OK;
}

int ledger_reset_parts(struct ledger *l, int64_t delivery, const char *match, int64_t *count,
                       struct sluice_error *err) {
  struct reset_op op = {.delivery = delivery, .match = match ? match : "*"};
  int rc = ledger_do(l, reset, &op, err);
  if (rc == SLUICE_OK)
    *count = op.count;
  return rc;
}

/* ---- runs --------------------------------------------------------------------------------------- */

struct note_op {
  int64_t run;
  const struct ledger_run_facts *facts;
};

static int note(struct ledger *l, void *context, struct sluice_error *err) {
  const struct note_op *op = context;
  const struct ledger_run_facts *f = op->facts;
  int64_t delivery = 0;
  int rc = ledger_live_run(l, op->run, &delivery, err);
  if (rc != SLUICE_OK)
    return rc;
  return ledger_db_run(&l->db,
                       "UPDATE run SET kind = ?, listed = ?, listing_ms = ?, reading_ms = ?, fetched = ?, requests = ?,"
                       " credential_requests = ? WHERE id = ?",
                       VALUES(NUMBER(f->kind), NUMBER(f->listed), NUMBER(f->listing_ms), NUMBER(f->reading_ms),
                              NUMBER(f->fetched), NUMBER(f->requests), NUMBER(f->credential_requests), NUMBER(op->run)),
                       err);
}

int ledger_run_note(struct ledger *l, int64_t run, const struct ledger_run_facts *facts, struct sluice_error *err) {
  struct note_op op = {.run = run, .facts = facts};
  return ledger_do(l, note, &op, err);
}
