/* By which columns rows are known, and the epoch of what is stored of them. */
#include "core/ledger/internal.h"
#include <stdlib.h>

struct by_op {
  int64_t delivery;
  const char *columns;
  char *former; /* NULL: nothing was dropped */
};

static int begin_epoch(struct ledger *l, struct by_op *op, const char *former, struct sluice_error *err) {
  op->former = strdup(former);
  if (!op->former)
    return sluice_fail(err, SLUICE_ERR_MEMORY, l->db.path, "no memory for rows");
  return ledger_db_run(&l->db, "UPDATE delivery SET row_keys = ?, row_epoch = row_epoch + 1 WHERE id = ?",
                       VALUES(TEXT(op->columns), NUMBER(op->delivery)), err);
}

/* By row a part is read whole, for its records are told from those of other readings by the unit that met them. */
static int drop_pieces(struct ledger *l, int64_t parts, struct sluice_error *err) {
  int rc = SLUICE_OK;
  while (rc == SLUICE_OK) {
    int64_t unit = 0;
    rc = ledger_db_number(&l->db,
                          "SELECT id FROM unit WHERE delivery = ? AND (begin_row <> 0 OR begin_offset <> 0 OR"
                          " begin_detail0 <> 0 OR begin_detail1 <> 0 OR end_row <> 0 OR end_offset <> 0 OR end_detail0"
                          " <> 0 OR end_detail1 <> 0) LIMIT 1",
                          VALUES(NUMBER(parts)), &unit, err);
    if (rc == SLUICE_OK)
      rc = ledger_unit_drop(l, unit, err);
  }
  return rc == SLUICE_END ? SLUICE_OK : rc;
}

/* Units under way are read from their start, and what rows were known by before does not count. */
static int begin_anew(struct ledger *l, const struct by_op *op, int64_t parts, bool known, struct sluice_error *err) {
  int rc = ledger_turn_begin(l, parts, 0, err);
  if (rc == SLUICE_OK)
    rc = ledger_turn_next(l, parts, err);
  if (rc == SLUICE_OK && op->columns)
    rc = drop_pieces(l, parts, err);
  if (rc == SLUICE_OK && known)
    rc = ledger_db_run(&l->db, "DELETE FROM row_cursor WHERE delivery = ?", VALUES(NUMBER(parts)), err);
  return rc;
}

/* "?": of a file of an older version, which did not say by which; it is taken to have been these. */
static int set_columns(struct ledger *l, struct by_op *op, const char *former, struct sluice_error *err) {
  struct ledger_place place;
  bool known = former && (!op->columns || strcmp(former, "?") != 0);
  bool same = known ? op->columns && strcmp(former, op->columns) == 0 : !op->columns;
  if (same)
    return SLUICE_OK;
  int rc = ledger_place_of(l, op->delivery, &place, err);
  if (rc == SLUICE_OK)
    rc = begin_anew(l, op, place.parts, known, err);
  if (rc == SLUICE_OK && place.settled != place.parts) /* a full refresh may be given up, and these go on */
    rc = begin_anew(l, op, place.settled, known, err);
  if (rc != SLUICE_OK)
    return rc;
  if (known)
    return begin_epoch(l, op, former, err);
  return ledger_db_run(&l->db, "UPDATE delivery SET row_keys = ? WHERE id = ?",
                       VALUES(TEXT(op->columns), NUMBER(op->delivery)), err);
}

static int rows_by(struct ledger *l, void *context, struct sluice_error *err) {
  struct by_op *op = context;
  sqlite3_stmt *row = NULL;
  int rc =
      ledger_db_query(&l->db, "SELECT row_keys FROM delivery WHERE id = ?", VALUES(NUMBER(op->delivery)), &row, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_step(&l->db, row, err);
  if (rc == SLUICE_END)
    return sluice_fail(err, SLUICE_ERR_BUG, l->db.path, "no delivery %lld", (long long)op->delivery);
  if (rc != SLUICE_OK)
    return rc;
  bool by_row = sqlite3_column_type(row, 0) != SQLITE_NULL;
  char *former = by_row ? strdup(ledger_db_text(row, 0)) : NULL;
  sqlite3_reset(row);
  rc = by_row && !former ? sluice_fail(err, SLUICE_ERR_MEMORY, l->db.path, "no memory for rows")
                         : set_columns(l, op, former, err);
  free(former);
  return rc;
}

int ledger_rows_by(struct ledger *l, int64_t delivery, const char *columns, char **former, struct sluice_error *err) {
  struct by_op op = {.delivery = delivery, .columns = columns};
  int rc = ledger_do(l, rows_by, &op, err);
  if (rc == SLUICE_OK)
    *former = op.former;
  else
    free(op.former);
  return rc;
}

struct any_op {
  int64_t delivery, any;
};

static int find_any(struct ledger *l, void *context, struct sluice_error *err) {
  struct any_op *op = context;
  struct ledger_place place;
  int rc = ledger_place_of(l, op->delivery, &place, err);
  return rc == SLUICE_OK ? ledger_db_number(&l->db, "SELECT EXISTS (SELECT 1 FROM row_part WHERE delivery = ?)",
                                            VALUES(NUMBER(place.parts)), &op->any, err)
                         : rc;
}

int ledger_rows_any(struct ledger *l, int64_t delivery, bool *any, struct sluice_error *err) {
  struct any_op op = {.delivery = delivery};
  int rc = ledger_do(l, find_any, &op, err);
  if (rc == SLUICE_OK)
    *any = op.any != 0;
  return rc;
}
