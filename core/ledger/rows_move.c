/* Moving rows from memory and row_log into row_key, in order of keys and some at a time. */
#include "core/ledger/internal.h"
#include <stdlib.h>

struct step_op {
  bool mine;                  /* this operation does the step of its group */
  struct recent_order *order; /* it freezes: the order of what is active */
  size_t to;                  /* it moves rows up to here */
};

static int freeze(struct ledger *l, struct step_op *op, struct sluice_error *err) {
  struct ledger_recent *r = &l->recent;
  op->order = malloc((r->active.used + r->active.reserved) * sizeof *op->order);
  if (!op->order)
    return sluice_fail(err, SLUICE_ERR_MEMORY, l->db.path, "no memory for rows");
  int rc = ledger_db_run(&l->db, "UPDATE row_log SET frozen = 1", NULL, 0, err);
  r->freezing = rc == SLUICE_OK;
  return rc;
}

/* Rows of a full refresh that was aborted, or of a delivery that was reset, are nobody's. */
static int is_wanted(struct ledger *l, int64_t parts, bool *out, struct sluice_error *err) {
  int64_t found = 0;
  int rc =
      ledger_db_number(&l->db,
                       "SELECT EXISTS (SELECT 1 FROM delivery WHERE iif(generation, -generation, id) = ?1 OR open ="
                       " -?1)",
                       VALUES(NUMBER(parts)), &found, err);
  *out = found != 0;
  return rc;
}

static int move_row(struct ledger *l, sqlite3_stmt *insert, const struct recent_row *row, struct sluice_error *err) {
  sqlite3_bind_int64(insert, 1, row->parts);
  sqlite3_bind_blob(insert, 2, row->key, LEDGER_KEY_SIZE, SQLITE_STATIC);
  sqlite3_bind_int64(insert, 3, (int64_t)row->fingerprint);
  sqlite3_bind_int64(insert, 4, row->part);
  sqlite3_bind_int64(insert, 5, row->row);
  sqlite3_bind_int64(insert, 6, recent_flags(row));
  int rc = ledger_db_step(&l->db, insert, err);
  return rc == SLUICE_END ? SLUICE_OK : rc;
}

static int move(struct ledger *l, struct step_op *op, struct sluice_error *err) {
  const struct ledger_recent *r = &l->recent;
  sqlite3_stmt *insert = NULL;
  int64_t asked = 0;
  bool wanted = false;
  op->to = r->frozen.used - r->applied > r->step ? r->applied + r->step : r->frozen.used;
  int rc = ledger_db_query(&l->db, "INSERT OR REPLACE INTO row_key VALUES (?, ?, ?, ?, ?, ?)", NULL, 0, &insert, err);
  for (size_t i = r->applied; i < op->to && rc == SLUICE_OK; i++) {
    const struct recent_row *row = &r->frozen.rows[r->order[i].number];
    if (row->parts != asked)
      rc = is_wanted(l, row->parts, &wanted, err);
    asked = row->parts;
    if (rc == SLUICE_OK && wanted)
      rc = move_row(l, insert, row, err);
  }
  if (rc != SLUICE_OK || op->to < r->frozen.used)
    return rc;
  return ledger_db_run(&l->db, "DELETE FROM row_log WHERE frozen = 1", NULL, 0, err);
}

static bool is_behind(const struct ledger_recent *r) {
  if (r->frozen.used) /* twice as fast as rows come: long done when the next are many */
    return r->applied / 2 < r->active.used;
  return r->active.used >= r->limit;
}

static int step(struct ledger *l, void *context, struct sluice_error *err) {
  struct step_op *op = context;
  struct ledger_recent *r = &l->recent;
  if (r->stepping || !is_behind(r))
    return SLUICE_OK;
  r->stepping = op->mine = true;
  return r->frozen.used ? move(l, op, err) : freeze(l, op, err);
}

/* What was reserved in `next` since then goes with it. */
static void take_frozen(struct ledger_recent *r, struct step_op *op) {
  pthread_rwlock_wrlock(&r->lock);
  r->frozen = r->active;
  r->active = r->next;
  r->order = op->order;
  r->applied = 0;
  memset(&r->next, 0, sizeof r->next);
  pthread_rwlock_unlock(&r->lock);
  op->order = NULL;
  recent_sort(&r->frozen, r->order);
}

static void take_moved(struct ledger_recent *r, size_t to) {
  pthread_rwlock_wrlock(&r->lock);
  r->applied = to;
  if (to == r->frozen.used) {
    recent_clear(&r->frozen);
    free(r->order);
    r->order = NULL;
    r->applied = 0;
  }
  pthread_rwlock_unlock(&r->lock);
}

static void settle_step(struct ledger *l, void *context, bool committed) {
  struct step_op *op = context;
  struct ledger_recent *r = &l->recent;
  if (!op->mine)
    return;
  if (committed && r->freezing)
    take_frozen(r, op);
  else if (committed)
    take_moved(r, op->to);
  recent_clear(&r->next);
  r->stepping = r->freezing = false;
}

static bool needs_room(struct ledger_recent *r) {
  pthread_rwlock_rdlock(&r->lock);
  bool behind = is_behind(r);
  pthread_rwlock_unlock(&r->lock);
  return behind;
}

int ledger_rows_make_room(struct ledger *l, struct sluice_error *err) {
  int rc = ledger_rows_load(l, err);
  while (rc == SLUICE_OK && needs_room(&l->recent)) {
    struct step_op step_op = {0};
    struct ledger_op op = {.run = step, .context = &step_op, .settled = settle_step};
    rc = ledger_submit(l, &op, err);
    free(step_op.order);
  }
  return rc;
}
