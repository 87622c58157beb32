/* A large part in pieces: units of their own, each with its begin and end. The part is done when all are. */
#include "core/ledger/internal.h"

struct split_op {
  struct ledger_unit *unit;
  const struct sluice_split *splits;
  size_t n;
  const struct ledger_settings *settings;
};

static bool is_start(const struct sluice_position *p) {
  return p->row == 0 && p->offset == 0 && p->detail[0] == 0 && p->detail[1] == 0;
}

bool ledger_is_split(const struct ledger_unit *unit) {
  return !is_start(&unit->begin) || !is_start(&unit->end);
}

/* Still as it was claimed: nothing of it can be anywhere under its identity. */
static int check_fresh(struct ledger *l, const struct ledger_unit *u, struct sluice_error *err) {
  sqlite3_stmt *row = NULL;
  int rc = ledger_db_query(&l->db,
                           "SELECT 1 FROM unit WHERE id = ? AND epoch = ? AND state = 1 AND attempts = 1 AND rows = 0"
                           " AND rejects = 0 AND unchanged = 0",
                           VALUES(NUMBER(u->id), NUMBER(u->epoch)), &row, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_step(&l->db, row, err);
  if (rc == SLUICE_END)
    return sluice_fail(err, SLUICE_ERR_CHANGED, u->parts[0].name, "unit %lld was voided or claimed anew",
                       (long long)u->id);
  sqlite3_reset(row);
  return rc;
}

static int insert_piece(struct ledger *l, const struct split_op *op, const struct ledger_unit *piece,
                        struct sluice_error *err) {
  int rc = ledger_db_run(
      &l->db,
      "INSERT INTO unit (delivery, generation, state, owner, epoch, attempts, crashes, identity, old_identity,"
      " batch_rows, batch_bytes, schema, decode_hash, output_hash, rows, rejects, created, begin_row, begin_offset,"
      " begin_detail0, begin_detail1, end_row, end_offset, end_detail0, end_detail1, row, offset, detail0, detail1)"
      " SELECT delivery, generation, 0, 0, 0, 0, 0, ?2, '', batch_rows, batch_bytes, schema, decode_hash, output_hash,"
      " 0, 0, created, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?3, ?4, ?5, ?6 FROM unit WHERE id = ?1",
      VALUES(NUMBER(op->unit->id), TEXT(piece->identity), NUMBER(piece->begin.row), NUMBER(piece->begin.offset),
             NUMBER(piece->begin.detail[0]), NUMBER(piece->begin.detail[1]), NUMBER(piece->end.row),
             NUMBER(piece->end.offset), NUMBER(piece->end.detail[0]), NUMBER(piece->end.detail[1])),
      err);
  if (rc != SLUICE_OK)
    return rc;
  return ledger_db_run(&l->db,
                       "INSERT INTO unit_part (unit, ordinal, delivery, name, version, size, modified, era) SELECT ?,"
                       " ordinal, delivery, name, version, size, modified, era FROM unit_part WHERE unit = ?",
                       VALUES(NUMBER(sqlite3_last_insert_rowid(l->db.handle)), NUMBER(op->unit->id)), err);
}

static int shrink_first(struct ledger *l, const struct ledger_unit *first, struct sluice_error *err) {
  return ledger_db_run(&l->db,
                       "UPDATE unit SET identity = ?, end_row = ?, end_offset = ?, end_detail0 = ?, end_detail1 = ?,"
                       " begin_row = ?, begin_offset = ?, begin_detail0 = ?, begin_detail1 = ?, row = ?6, offset = ?7,"
                       " detail0 = ?8, detail1 = ?9 WHERE id = ?",
                       VALUES(TEXT(first->identity), NUMBER(first->end.row), NUMBER(first->end.offset),
                              NUMBER(first->end.detail[0]), NUMBER(first->end.detail[1]), NUMBER(first->begin.row),
                              NUMBER(first->begin.offset), NUMBER(first->begin.detail[0]),
                              NUMBER(first->begin.detail[1]), NUMBER(first->id)),
                       err);
}

static int piece_of(struct ledger *l, const struct split_op *op, int64_t delivery, size_t i, struct ledger_unit *out,
                    struct sluice_error *err) {
  *out = *op->unit;
  out->begin = out->position = op->splits[i].begin;
  out->end = op->splits[i].end;
  return ledger_identity(l, delivery, out, op->settings->decode_hash, op->settings->output_hash, out->identity, err);
}

static int split(struct ledger *l, void *context, struct sluice_error *err) {
  struct split_op *op = context;
  struct ledger_unit first, piece;
  int64_t delivery = 0, parts = 0;
  int rc = check_fresh(l, op->unit, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_number(&l->db, "SELECT owner FROM unit WHERE id = ?", VALUES(NUMBER(op->unit->id)), &delivery, err);
  if (rc == SLUICE_OK)
    rc = ledger_live_run(l, delivery, &delivery, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_number(&l->db, "SELECT delivery FROM unit WHERE id = ?", VALUES(NUMBER(op->unit->id)), &parts, err);
  if (rc == SLUICE_OK)
    rc = ledger_rejects_split(l, parts, op->unit, err);
  if (rc == SLUICE_OK)
    rc = piece_of(l, op, delivery, 0, &first, err);
  for (size_t i = 1; i < op->n && rc == SLUICE_OK; i++) {
    rc = piece_of(l, op, delivery, i, &piece, err);
    if (rc == SLUICE_OK)
      rc = insert_piece(l, op, &piece, err);
  }
  if (rc == SLUICE_OK)
    rc = shrink_first(l, &first, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_run(&l->db,
                       "UPDATE part SET units = units + ?, " LEDGER_COUNTS_NONE " WHERE delivery = ? AND name = ?",
                       VALUES(NUMBER((int64_t)op->n - 1), NUMBER(parts), BYTES(op->unit->parts[0].name)), err);
  if (rc == SLUICE_OK)
    *op->unit = first;
  return rc;
}

int ledger_split(struct ledger *l, struct ledger_unit *unit, const struct ledger_settings *settings,
                 const struct sluice_split *splits, size_t n, struct sluice_error *err) {
  struct split_op op = {.unit = unit, .splits = splits, .n = n, .settings = settings};
  if (unit->n_parts != 1 || n < 2 || n > LEDGER_SPLITS_MAX || ledger_is_split(unit))
    return sluice_fail(err, SLUICE_ERR_BUG, "split", "%zu pieces of a unit of %zu parts", n, unit->n_parts);
  return ledger_do(l, split, &op, err);
}

/* The piece stays, from its start and under the newest schema: as a new unit it would be the whole part. */
static int renew_identity(struct ledger *l, int64_t delivery, struct ledger_unit *unit, struct sluice_error *err) {
  sqlite3_stmt *row = NULL;
  int rc = ledger_db_number(&l->db, "SELECT max(number) FROM schema WHERE delivery = ?", VALUES(NUMBER(delivery)),
                            &unit->schema, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_query(&l->db, "SELECT decode_hash, output_hash FROM unit WHERE id = ?", VALUES(NUMBER(unit->id)),
                         &row, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_step(&l->db, row, err);
  if (rc == SLUICE_OK)
    rc = ledger_identity(l, delivery, unit, ledger_db_text(row, 0), ledger_db_text(row, 1), unit->identity, err);
  if (row)
    sqlite3_reset(row);
  return rc == SLUICE_END ? sluice_fail(err, SLUICE_ERR_BUG, "split", "no unit %lld", (long long)unit->id) : rc;
}

int ledger_renew_piece(struct ledger *l, int64_t delivery, const struct ledger_unit *of, struct sluice_error *err) {
  struct ledger_unit unit = *of;
  int rc = renew_identity(l, delivery, &unit, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_run(
        &l->db,
        "UPDATE unit SET state = 0, owner = 0, identity = ?, old_identity = '', schema = ?, " LEDGER_COUNTS_NONE
        ", row = begin_row, offset = begin_offset, detail0 = begin_detail0, detail1 = begin_detail1, alone = 0 WHERE "
        "id = ?",
        VALUES(TEXT(unit.identity), NUMBER(unit.schema), NUMBER(unit.id)), err);
  return rc;
}
