/* Sinks that are called otherwise now: what a job delivered to them stays delivered, under the keys and marks that it
 * has. */
#include "core/ledger/internal.h"

/* ---- the name in keys and marks ------------------------------------------------------------------ */

struct text_op {
  int64_t delivery;
  char *out;
  size_t size;
};

static int read_text(struct ledger *l, void *context, struct sluice_error *err) {
  struct text_op *op = context;
  sqlite3_stmt *row = NULL;
  int rc = ledger_db_query(&l->db, LEDGER_DELIVERY_TEXT_SQL, VALUES(NUMBER(op->delivery)), &row, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_step(&l->db, row, err);
  if (rc == SLUICE_END)
    return sluice_fail(err, SLUICE_ERR_BUG, l->db.path, "no delivery %lld", (long long)op->delivery);
  if (rc == SLUICE_OK)
    snprintf(op->out, op->size, "%s", ledger_db_text(row, 0));
  return rc;
}

int ledger_delivery_text(struct ledger *l, int64_t delivery, char *out, size_t size, struct sluice_error *err) {
  struct text_op op = {delivery, out, size};
  return ledger_do(l, read_text, &op, err);
}

/* ---- another name ------------------------------------------------------------------------------- */

struct take_op {
  const struct ledger_takeover *question;
  enum identity_choice choice;
  char *former;
};
static bool is_configured(const struct ledger_takeover *q, const char *sink) {
  bool found = strcmp(q->sink, sink) == 0;
  for (size_t i = 0; i < q->n_configured && !found; i++)
    found = strcmp(q->configured[i], sink) == 0;
  return found;
}

/* The newest, but one that delivers to the same place comes first. */
static int find_former(struct ledger_db *db, const char *job, const struct ledger_takeover *q,
                       struct ledger_former *out, struct sluice_error *err) {
  sqlite3_stmt *row = NULL;
  int rc = ledger_db_query(db,
                           "SELECT sink, max(id), destination FROM delivery o WHERE job = ?1 AND destination IS NOT"
                           " NULL AND " LEDGER_HAS_PARTS_SQL " GROUP BY sink ORDER BY 2 DESC",
                           VALUES(TEXT(job)), &row, err);
  while (rc == SLUICE_OK && !out->same) {
    rc = ledger_db_step(db, row, err);
    bool same = rc == SLUICE_OK && strcmp(ledger_db_text(row, 2), q->destination) == 0;
    if (rc != SLUICE_OK || is_configured(q, ledger_db_text(row, 0)) || (out->found && !same))
      continue;
    out->found = true;
    out->same = same;
    snprintf(out->name, sizeof out->name, "%s", ledger_db_text(row, 0));
    snprintf(out->destination, sizeof out->destination, "%s", ledger_db_text(row, 2));
  }
  if (rc == SLUICE_OK)
    sqlite3_reset(row);
  return rc == SLUICE_END ? SLUICE_OK : rc;
}

static int has_parts(struct ledger_db *db, const char *job, const char *sink, bool *out, struct sluice_error *err) {
  int64_t found = 0;
  int rc =
      ledger_db_number(db, "SELECT 1 FROM delivery o WHERE job = ? AND sink = ? AND " LEDGER_HAS_PARTS_SQL " LIMIT 1",
                       VALUES(TEXT(job), TEXT(sink)), &found, err);
  *out = found != 0;
  return rc == SLUICE_END ? SLUICE_OK : rc;
}

int ledger_find_former(struct ledger_db *db, const char *job, const struct ledger_takeover *q,
                       enum identity_choice choice, struct ledger_former *out, struct sluice_error *err) {
  struct ledger_former former = {.found = false};
  bool known = false;
  int rc = has_parts(db, job, q->sink, &known, err);
  if (rc == SLUICE_OK && !known && choice != IDENTITY_RESET)
    rc = find_former(db, job, q, &former, err);
  if (rc == SLUICE_OK && former.found && !former.same && choice == IDENTITY_ASK)
    return sluice_fail(err, SLUICE_ERR_CONFIG, job,
                       "it delivered to the sink %s (\"%.90s\"), which the configuration has no more, and delivers to "
                       "%s (\"%.90s\") now. --adopt keeps what was delivered, --reset starts anew; or undo the change",
                       former.name, former.destination, q->sink, q->destination);
  if (rc == SLUICE_OK)
    *out = former;
  return rc;
}

/* What is there under the new name never delivered anything. */
static int rename_sink(struct ledger *l, const char *from, const char *to, struct sluice_error *err) {
  int rc =
      ledger_db_run(&l->db, "DELETE FROM run WHERE delivery IN (SELECT id FROM delivery WHERE job = ? AND sink = ?)",
                    VALUES(TEXT(l->job), TEXT(to)), err);
  if (rc == SLUICE_OK)
    rc = ledger_db_run(&l->db,
                       "DELETE FROM schema WHERE delivery IN (SELECT id FROM delivery WHERE job = ? AND sink = ?)",
                       VALUES(TEXT(l->job), TEXT(to)), err);
  if (rc == SLUICE_OK)
    rc = ledger_db_run(&l->db, "DELETE FROM delivery WHERE job = ? AND sink = ?", VALUES(TEXT(l->job), TEXT(to)), err);
  if (rc != SLUICE_OK)
    return rc;
  return ledger_db_run(
      &l->db, "UPDATE delivery SET keyed_as = coalesce(keyed_as, sink), sink = ?3 WHERE job = ?1 AND sink = ?2",
      VALUES(TEXT(l->job), TEXT(from), TEXT(to)), err);
}

static int take_over(struct ledger *l, void *context, struct sluice_error *err) {
  const struct take_op *op = context;
  struct ledger_former former;
  int rc = ledger_find_former(&l->db, l->job, op->question, op->choice, &former, err);
  if (rc != SLUICE_OK || !former.found)
    return rc;
  rc = rename_sink(l, former.name, op->question->sink, err);
  if (rc == SLUICE_OK)
    snprintf(op->former, LEDGER_SINK_SIZE, "%s", former.name);
  return rc;
}

int ledger_take_over(struct ledger *l, const struct ledger_takeover *question, enum identity_choice choice,
                     char former[LEDGER_SINK_SIZE], struct sluice_error *err) {
  char name[LEDGER_SINK_SIZE] = "";
  struct take_op op = {question, choice, name};
  int rc = ledger_do(l, take_over, &op, err);
  if (rc == SLUICE_OK)
    memcpy(former, name, sizeof name);
  return rc;
}
