/* Full refreshes: from begin to commit or abort. */
#include "core/ledger/internal.h"

int ledger_generation_end(struct ledger *l, int64_t id, enum ledger_generation_state state, const char *reason,
                          struct sluice_error *err) {
  return ledger_db_run(&l->db, "UPDATE generation SET state = ?, ended = ?, reason = ? WHERE id = ?",
                       VALUES(NUMBER(state), NUMBER(ledger_now()), TEXT(reason), NUMBER(id)), err);
}

static int spoil(struct ledger *l, int64_t id, const char *reason, struct sluice_error *err) {
  return ledger_db_run(&l->db, "UPDATE generation SET state = ?, reason = ? WHERE id = ? AND state = ?",
                       VALUES(NUMBER(GENERATION_SPOILED), TEXT(reason), NUMBER(id), NUMBER(GENERATION_OPEN)), err);
}

int ledger_spoil(struct ledger *l, int64_t parts, const char *part, const char *what, struct sluice_error *err) {
  char reason[200];
  if (parts > 0)
    return SLUICE_OK;
  snprintf(reason, sizeof reason, "%.120s %.60s after it was read", part, what);
  return spoil(l, -parts, reason, err);
}

#define GENERATIONS_MAX (INT64_C(1) << 53) /* what JSON holds */

/* ---- begin -------------------------------------------------------------------------------------- */

struct generation_op {
  int64_t delivery, id;
  const char *reason;
  int (*leave)(struct ledger *, int64_t parts, struct sluice_error *err); /* what becomes of its parts */
  struct ledger_generation out;
  struct ledger_readiness readiness;
};

static int read_generation(struct ledger *l, int64_t id, struct generation_op *op, struct sluice_error *err) {
  sqlite3_stmt *row = NULL;
  int rc = ledger_db_query(&l->db, "SELECT state, begun, reason, delivery FROM generation WHERE id = ?",
                           VALUES(NUMBER(id)), &row, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_step(&l->db, row, err);
  if (rc == SLUICE_END)
    return sluice_fail(err, SLUICE_ERR_BUG, l->db.path, "no full refresh %lld", (long long)id);
  if (rc != SLUICE_OK)
    return rc;
  op->out = (struct ledger_generation){.id = id,
                                       .state = (enum ledger_generation_state)sqlite3_column_int(row, 0),
                                       .resumed = true,
                                       .begun = sqlite3_column_int64(row, 1)};
  snprintf(op->out.reason, sizeof op->out.reason, "%s", ledger_db_text(row, 2));
  op->delivery = sqlite3_column_int64(row, 3);
  sqlite3_reset(row);
  return SLUICE_OK;
}

static int find_open(struct ledger *l, void *context, struct sluice_error *err) {
  struct generation_op *op = context;
  struct ledger_place place;
  int rc = ledger_place_of(l, op->delivery, &place, err);
  if (rc != SLUICE_OK)
    return rc;
  return place.open ? read_generation(l, place.generation, op, err) : SLUICE_END;
}

static int make(struct ledger *l, struct generation_op *op, struct sluice_error *err) {
  op->out = (struct ledger_generation){.state = GENERATION_OPEN, .begun = ledger_now()};
  int rc = ledger_db_run(
      &l->db, "INSERT INTO generation (delivery, state, begun, listed, ended, reason) VALUES (?, ?, ?, 0, 0, '')",
      VALUES(NUMBER(op->delivery), NUMBER(GENERATION_OPEN), NUMBER(op->out.begun)), err);
  op->out.id = sqlite3_last_insert_rowid(l->db.handle);
  int64_t former = 0;
  if (rc == SLUICE_OK)
    rc = ledger_db_number(&l->db, "SELECT generation FROM delivery WHERE id = ?", VALUES(NUMBER(op->delivery)), &former,
                          err);
  op->out.first = former == 0;
  if (rc != SLUICE_OK)
    return rc;
  return ledger_db_run(&l->db, "UPDATE delivery SET open = ? WHERE id = ?",
                       VALUES(NUMBER(op->out.id), NUMBER(op->delivery)), err);
}

static int begin(struct ledger *l, void *context, struct sluice_error *err) {
  struct generation_op *op = context;
  int rc = find_open(l, op, err);
  if (rc == SLUICE_END)
    rc = make(l, op, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_run(&l->db, "UPDATE generation SET listed = 0 WHERE id = ? AND state = ?",
                       VALUES(NUMBER(op->out.id), NUMBER(GENERATION_OPEN)), err);
  if (rc != SLUICE_OK)
    return rc;
  return ledger_db_run(&l->db, "UPDATE run SET generation = ? WHERE delivery = ? AND ended = 0 AND reason = ''",
                       VALUES(NUMBER(op->out.id), NUMBER(op->delivery)), err);
}

int ledger_generation_begin(struct ledger *l, int64_t delivery, struct ledger_generation *out,
                            struct sluice_error *err) {
  struct generation_op op = {.delivery = delivery};
  int rc = ledger_do(l, begin, &op, err);
  if (rc == SLUICE_OK)
    *out = op.out;
  return rc;
}

static int begin_above(struct ledger *l, void *context, struct sluice_error *err) {
  const struct generation_op *op = context;
  return ledger_db_run(&l->db, "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'generation'",
                       VALUES(NUMBER(op->id)), err);
}

int ledger_generation_above(struct ledger *l, int64_t number, struct sluice_error *err) {
  struct generation_op op = {.id = number};
  if (number >= GENERATIONS_MAX)
    return sluice_fail(err, SLUICE_ERR_CONFIG, l->job, "no generation can follow one of the number %lld",
                       (long long)number);
  return ledger_do(l, begin_above, &op, err);
}

int ledger_generation_open(struct ledger *l, int64_t delivery, struct ledger_generation *out,
                           struct sluice_error *err) {
  struct generation_op op = {.delivery = delivery};
  int rc = ledger_do(l, find_open, &op, err);
  if (rc == SLUICE_OK)
    *out = op.out;
  return rc;
}

/* ---- ready -------------------------------------------------------------------------------------- */

/* Of parts that are under way. */
static int count_units(struct ledger *l, struct generation_op *op, struct sluice_error *err) {
  sqlite3_stmt *row = NULL;
  int rc = ledger_db_query(&l->db,
                           "SELECT CAST(total(rows) AS INTEGER), CAST(total(rejects) AS INTEGER) FROM unit WHERE"
                           " delivery = ?",
                           VALUES(NUMBER(-op->id)), &row, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_step(&l->db, row, err);
  if (rc != SLUICE_OK)
    return rc;
  op->readiness.rows += sqlite3_column_int64(row, 0);
  op->readiness.rejects += sqlite3_column_int64(row, 1);
  sqlite3_reset(row);
  return SLUICE_OK;
}

static int count_parts(struct ledger *l, struct generation_op *op, struct sluice_error *err) {
  struct ledger_readiness *r = &op->readiness;
  sqlite3_stmt *row = NULL;
  int rc = ledger_db_query(
      &l->db, "SELECT state, count(*), sum(rows), sum(rejects) FROM part WHERE delivery = ? GROUP BY state",
      VALUES(NUMBER(-op->id)), &row, err);
  while (rc == SLUICE_OK) {
    rc = ledger_db_step(&l->db, row, err);
    int state = rc == SLUICE_OK ? sqlite3_column_int(row, 0) : -1;
    if (state < 0 || state > PART_GONE)
      continue;
    r->parts[state] = sqlite3_column_int64(row, 1);
    r->rows += state == PART_DONE ? sqlite3_column_int64(row, 2) : 0;
    r->rejects += state == PART_DONE ? sqlite3_column_int64(row, 3) : 0;
  }
  return rc == SLUICE_END ? SLUICE_OK : rc;
}

static int first_failed(struct ledger *l, struct generation_op *op, struct sluice_error *err) {
  struct ledger_readiness *r = &op->readiness;
  sqlite3_stmt *row = NULL;
  int rc = ledger_db_query(&l->db,
                           "SELECT name, coalesce(error, '') FROM part WHERE delivery = ? AND state = 3 ORDER BY name"
                           " LIMIT 1",
                           VALUES(NUMBER(-op->id)), &row, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_step(&l->db, row, err);
  if (rc != SLUICE_OK)
    return rc == SLUICE_END ? SLUICE_OK : rc;
  snprintf(r->why, sizeof r->why, "%lld parts failed, first %.200s: ", (long long)r->parts[PART_FAILED],
           ledger_db_text(row, 0));
  size_t used = strlen(r->why);
  snprintf(r->why + used, sizeof r->why - used, "%.400s", ledger_db_text(row, 1));
  return SLUICE_OK;
}

static int judge(struct ledger *l, struct generation_op *op, bool listed, struct sluice_error *err) {
  struct ledger_readiness *r = &op->readiness;
  int64_t left = r->parts[PART_PENDING] + r->parts[PART_ACTIVE];
  r->restart = op->out.state == GENERATION_SPOILED;
  if (r->restart)
    snprintf(r->why, sizeof r->why, "it must begin anew: %s", op->out.reason);
  else if (op->out.state != GENERATION_OPEN)
    snprintf(r->why, sizeof r->why, "it is not under way");
  else if (!listed)
    snprintf(r->why, sizeof r->why, "its listing did not come to the end");
  else if (r->parts[PART_FAILED])
    return first_failed(l, op, err);
  else if (left)
    snprintf(r->why, sizeof r->why, "%lld parts are left", (long long)left);
  else if (r->parts[PART_DONE] == 0) {
    r->empty = true;
    snprintf(r->why, sizeof r->why, "no part was delivered");
  } else
    r->ready = true;
  return SLUICE_OK;
}

static int ready(struct ledger *l, void *context, struct sluice_error *err) {
  struct generation_op *op = context;
  int64_t listed = 0;
  int rc = read_generation(l, op->id, op, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_number(&l->db, "SELECT listed FROM generation WHERE id = ?", VALUES(NUMBER(op->id)), &listed, err);
  if (rc == SLUICE_OK)
    rc = count_parts(l, op, err);
  if (rc == SLUICE_OK)
    rc = count_units(l, op, err);
  return rc == SLUICE_OK ? judge(l, op, listed != 0, err) : rc;
}

int ledger_generation_ready(struct ledger *l, int64_t generation, struct ledger_readiness *out,
                            struct sluice_error *err) {
  struct generation_op op = {.id = generation};
  int rc = ledger_do(l, ready, &op, err);
  if (rc == SLUICE_OK)
    *out = op.readiness;
  return rc;
}

/* ---- commit and abort --------------------------------------------------------------------------- */

static int not_so(struct ledger *l, const struct generation_op *op, const char *what, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_CHANGED, l->db.path, "full refresh %lld %s", (long long)op->id, what);
}

/* By its indexes alone, however many parts there are. */
static int anything_left(struct ledger *l, const struct generation_op *op, bool *out, struct sluice_error *err) {
  int64_t left = 0;
  int rc = ledger_db_number(&l->db,
                            "SELECT EXISTS (SELECT 1 FROM unit WHERE delivery = ?1 AND state = 0) OR EXISTS (SELECT 1"
                            " FROM unit WHERE delivery = ?1 AND state = 1) OR EXISTS (SELECT 1 FROM part WHERE delivery"
                            " = ?1 AND state = 0 AND units = 0) OR EXISTS (SELECT 1 FROM part WHERE delivery = ?1 AND"
                            " state = 3) OR (SELECT listed = 0 FROM generation WHERE id = -?1)",
                            VALUES(NUMBER(-op->id)), &left, err);
  *out = left != 0;
  return rc;
}

static int committing(struct ledger *l, void *context, struct sluice_error *err) {
  struct generation_op *op = context;
  bool left = false;
  int rc = read_generation(l, op->id, op, err);
  if (rc == SLUICE_OK)
    rc = anything_left(l, op, &left, err);
  if (rc != SLUICE_OK)
    return rc;
  if (op->out.state == GENERATION_COMMITTING)
    return SLUICE_OK;
  if (op->out.state != GENERATION_OPEN || left)
    return not_so(l, op, "is not ready to be committed", err);
  return ledger_db_run(&l->db, "UPDATE generation SET state = ? WHERE id = ?",
                       VALUES(NUMBER(GENERATION_COMMITTING), NUMBER(op->id)), err);
}

int ledger_generation_committing(struct ledger *l, int64_t generation, struct sluice_error *err) {
  struct generation_op op = {.id = generation};
  return ledger_do(l, committing, &op, err);
}

static int committed(struct ledger *l, void *context, struct sluice_error *err) {
  struct generation_op *op = context;
  struct ledger_place place;
  int rc = read_generation(l, op->id, op, err);
  if (rc == SLUICE_OK)
    rc = ledger_place_of(l, op->delivery, &place, err);
  if (rc != SLUICE_OK || op->out.state == GENERATION_COMMITTED)
    return rc;
  if (op->out.state != GENERATION_COMMITTING)
    return not_so(l, op, "was not about to be committed", err);
  rc = ledger_abandon(l, place.settled, err);
  if (rc == SLUICE_OK)
    rc = ledger_generation_end(l, op->id, GENERATION_COMMITTED, "", err);
  if (rc != SLUICE_OK)
    return rc;
  return ledger_db_run(&l->db, "UPDATE delivery SET generation = ?, open = 0 WHERE id = ?",
                       VALUES(NUMBER(op->id), NUMBER(op->delivery)), err);
}

int ledger_generation_committed(struct ledger *l, int64_t generation, struct sluice_error *err) {
  struct generation_op op = {.id = generation};
  int rc = ledger_do(l, committed, &op, err);
  return rc == SLUICE_OK ? ledger_sweep(l, err) : rc;
}

static int abandon(struct ledger *l, void *context, struct sluice_error *err) {
  struct generation_op *op = context;
  int rc = read_generation(l, op->id, op, err);
  if (rc != SLUICE_OK)
    return rc;
  if (op->out.state == GENERATION_COMMITTED || op->out.state == GENERATION_ABORTED)
    return not_so(l, op, "is over", err);
  rc = op->leave(l, -op->id, err);
  if (rc == SLUICE_OK && op->leave == ledger_abandon_undone)
    rc = ledger_rejects_drop_given_up(l, op->delivery, -op->id, err);
  if (rc == SLUICE_OK)
    rc = ledger_generation_end(l, op->id, GENERATION_ABORTED, op->reason, err);
  if (rc != SLUICE_OK)
    return rc;
  return ledger_db_run(&l->db, "UPDATE delivery SET open = 0 WHERE id = ?", VALUES(NUMBER(op->delivery)), err);
}

int ledger_generation_abort(struct ledger *l, int64_t generation, const char *reason, struct sluice_error *err) {
  struct generation_op op = {.id = generation, .reason = reason ? reason : "", .leave = ledger_abandon};
  int rc = ledger_do(l, abandon, &op, err);
  return rc == SLUICE_OK ? ledger_sweep(l, err) : rc;
}

int ledger_generation_refuse(struct ledger *l, int64_t generation, const char *reason, struct sluice_error *err) {
  struct generation_op op = {.id = generation, .reason = reason ? reason : "", .leave = ledger_abandon_undone};
  int rc = ledger_do(l, abandon, &op, err);
  return rc == SLUICE_OK ? ledger_sweep(l, err) : rc;
}

static int give_up(struct ledger *l, void *context, struct sluice_error *err) {
  const struct generation_op *op = context;
  char reason[200];
  snprintf(reason, sizeof reason, "%.190s", op->reason);
  return spoil(l, op->id, reason, err);
}

int ledger_generation_spoil(struct ledger *l, int64_t generation, const char *reason, struct sluice_error *err) {
  struct generation_op op = {.id = generation, .reason = reason ? reason : ""};
  return ledger_do(l, give_up, &op, err);
}
