/* Keys whose records are on their way to the sink, and what becomes of them where no checkpoint followed: what is
 * stored of them is uncertain, for the destination may have another record. */
#include "core/ledger/internal.h"
#include <stdlib.h>

/* ---- on their way ------------------------------------------------------------------------------- */

static int add(struct ledger *l, void *context, struct sluice_error *err) {
  const struct rows_sending *s = *(const struct rows_sending **)context;
  return ledger_db_run(
      &l->db, "INSERT INTO row_sent (delivery, unit, end_row, keys) VALUES (?, ?, ?, ?)",
      VALUES(NUMBER(s->parts), NUMBER(s->unit), NUMBER(s->end_row), BLOB(s->keys, s->n * LEDGER_KEY_SIZE)), err);
}

int ledger_sent_add(struct ledger *l, const struct rows_sending *sending, struct sluice_error *err) {
  if (sending->n > LEDGER_ROW_CHANGES_MAX)
    return sluice_fail(err, SLUICE_ERR_BUG, "rows", "%zu keys at once, at most %d", sending->n, LEDGER_ROW_CHANGES_MAX);
  return ledger_do(l, add, &sending, err);
}

int ledger_sent_passed(struct ledger *l, int64_t unit, int64_t row, struct sluice_error *err) {
  return ledger_db_run(&l->db, "DELETE FROM row_sent WHERE unit = ? AND end_row <= ?",
                       VALUES(NUMBER(unit), NUMBER(row)), err);
}

int ledger_sent_orphan(struct ledger *l, int64_t unit, struct sluice_error *err) {
  return ledger_db_run(&l->db, "UPDATE row_sent SET unit = 0 WHERE unit = ?", VALUES(NUMBER(unit)), err);
}

/* ---- uncertain ---------------------------------------------------------------------------------- */

struct doubt_op {              /* of one row of row_sent */
  int64_t parts, unit, number; /* unit: whose own are left */
  struct recent_row *rows;
  size_t n;
  bool done; /* there was none */
};

static int find_in_table(struct ledger *l, struct recent_row *row, struct sluice_error *err) {
  sqlite3_stmt *query = NULL;
  int rc = ledger_db_query(&l->db, "SELECT fingerprint, part, row, deleted FROM row_key WHERE delivery = ? AND key = ?",
                           VALUES(NUMBER(row->parts), BLOB(row->key, LEDGER_KEY_SIZE)), &query, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_step(&l->db, query, err);
  if (rc != SLUICE_OK)
    return rc;
  row->fingerprint = (uint64_t)sqlite3_column_int64(query, 0);
  row->part = (uint32_t)sqlite3_column_int64(query, 1);
  row->row = sqlite3_column_int64(query, 2);
  row->deleted = sqlite3_column_int(query, 3) & ROW_DELETED;
  sqlite3_reset(query);
  return SLUICE_OK;
}

/* END: nothing is stored of it. Only this thread changes what is in memory. */
static int find_row(struct ledger *l, struct recent_row *row, struct sluice_error *err) {
  const struct recent_row *found = recent_get(&l->recent.active, row->parts, row->key);
  if (!found)
    found = recent_get(&l->recent.frozen, row->parts, row->key);
  if (found)
    *row = *found;
  return found ? SLUICE_OK : find_in_table(l, row, err);
}

static int find_rows(struct ledger *l, struct doubt_op *op, const uint8_t *keys, size_t n, struct sluice_error *err) {
  op->rows = calloc(n + 1, sizeof *op->rows);
  if (!op->rows)
    return sluice_fail(err, SLUICE_ERR_MEMORY, l->db.path, "no memory for rows");
  int rc = SLUICE_OK;
  for (size_t i = 0; i < n && rc >= SLUICE_OK; i++) {
    struct recent_row *row = &op->rows[op->n];
    *row = (struct recent_row){.parts = op->parts};
    memcpy(row->key, keys + i * LEDGER_KEY_SIZE, LEDGER_KEY_SIZE);
    rc = find_row(l, row, err);
    row->uncertain = true;
    op->n += rc == SLUICE_OK;
  }
  return rc == SLUICE_END ? SLUICE_OK : rc;
}

static int store_rows(struct ledger *l, const struct doubt_op *op, struct sluice_error *err) {
  struct rows_packed packed;
  int rc = ledger_rows_pack_begin(l, op->parts, op->n, &packed, err);
  for (size_t i = 0; i < op->n && rc == SLUICE_OK; i++)
    ledger_rows_pack(&packed, &op->rows[i]);
  return rc == SLUICE_OK ? ledger_rows_pack_end(l, &packed, err) : rc;
}

static int doubt(struct ledger *l, void *context, struct sluice_error *err) {
  struct doubt_op *op = context;
  sqlite3_stmt *query = NULL;
  int rc = ledger_db_query(&l->db, "SELECT id, keys FROM row_sent WHERE delivery = ? AND unit <> ? LIMIT 1",
                           VALUES(NUMBER(op->parts), NUMBER(op->unit)), &query, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_step(&l->db, query, err);
  op->done = rc == SLUICE_END;
  if (rc != SLUICE_OK)
    return op->done ? ledger_turn_begin(l, op->parts, op->unit, err) : rc;
  op->number = sqlite3_column_int64(query, 0);
  const uint8_t *keys = sqlite3_column_blob(query, 1);
  rc = find_rows(l, op, keys, (size_t)sqlite3_column_bytes(query, 1) / LEDGER_KEY_SIZE, err);
  sqlite3_reset(query);
  if (rc == SLUICE_OK && op->n)
    rc = store_rows(l, op, err);
  return rc == SLUICE_OK ? ledger_db_run(&l->db, "DELETE FROM row_sent WHERE id = ?", VALUES(NUMBER(op->number)), err)
                         : rc;
}

static void settle(struct ledger *l, void *context, bool committed) {
  struct doubt_op *op = context;
  struct ledger_recent *r = &l->recent;
  pthread_rwlock_wrlock(&r->lock);
  for (size_t i = 0; i < op->n && committed; i++)
    recent_put(&r->active, &op->rows[i]);
  pthread_rwlock_unlock(&r->lock);
}

int ledger_sent_doubt(struct ledger *l, int64_t parts, int64_t unit, struct sluice_error *err) {
  bool done = false;
  int rc = SLUICE_OK;
  while (rc == SLUICE_OK && !done) {
    struct doubt_op context = {.parts = parts, .unit = unit};
    struct ledger_op op = {.run = doubt, .context = &context, .settled = settle};
    rc = ledger_rows_make_room(l, err);
    if (rc == SLUICE_OK)
      rc = ledger_submit(l, &op, err);
    free(context.rows);
    done = context.done;
  }
  return rc;
}
