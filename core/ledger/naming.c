/* By what a job's files are split into streams. Other streams know nothing of what these delivered, so a change is
 * asked about, and there is nothing to adopt. */
#include "core/ledger/internal.h"
#include "core/ledger/streams.h"

struct split_op {
  const char *sink, *naming;
  enum identity_choice choice;
  bool forgot;
};

static int fail_changed(const char *job, const struct split_op *op, const char *before, struct sluice_error *err) {
  char was[160] = "not split into streams", now[160] = "not";
  if (before[0])
    snprintf(was, sizeof was, "split into streams by %.120s", before);
  if (op->naming[0])
    snprintf(now, sizeof now, "by %.120s", op->naming);
  return sluice_fail(
      err, SLUICE_ERR_CONFIG, job,
      "its files were %s, and are %s now. What was delivered cannot be told by other streams, so --adopt "
      "does not help: --reset delivers all again; or undo the change",
      was, now);
}

/* Are there parts of this sink in "main", or outside of it? */
static int find_parts(struct ledger_db *db, const char *job, const char *sink, bool in_main, bool *out,
                      struct sluice_error *err) {
  int64_t found = 0;
  int rc = ledger_db_number(db,
                            "SELECT 1 FROM delivery d JOIN part p ON p.delivery IN (d.id, -d.generation, -d.open)"
                            " WHERE d.job = ? AND d.sink = ? AND (d.stream = 'main') = ? LIMIT 1",
                            VALUES(TEXT(job), TEXT(sink), NUMBER(in_main)), &found, err);
  *out = found != 0;
  return rc == SLUICE_END ? SLUICE_OK : rc;
}

struct before {
  char naming[256];
  bool known,
      listed; /* known: it had streams, by `naming`; listed: the same, at a time when it was not noted by what */
  bool parts, main_parts;
};

static int read_before(struct ledger_db *db, const char *job, const struct split_op *op, struct before *out,
                       struct sluice_error *err) {
  sqlite3_stmt *row = NULL;
  int rc = ledger_db_query(db,
                           "SELECT naming, listed FROM delivery WHERE job = ? AND sink = ? AND stream"
                           " = '" LEDGER_WHOLE_JOB "'",
                           VALUES(TEXT(job), TEXT(op->sink)), &row, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_step(db, row, err);
  if (rc == SLUICE_OK) {
    out->known = sqlite3_column_type(row, 0) != SQLITE_NULL;
    out->listed = sqlite3_column_int64(row, 1) != 0;
    snprintf(out->naming, sizeof out->naming, "%s", ledger_db_text(row, 0));
    sqlite3_reset(row);
  }
  if (rc == SLUICE_OK || rc == SLUICE_END)
    rc = find_parts(db, job, op->sink, false, &out->parts, err);
  return rc == SLUICE_OK ? find_parts(db, job, op->sink, true, &out->main_parts, err) : rc;
}

/* One of the streams may be called "main", where there are others. */
static bool is_changed(const struct split_op *op, const struct before *before) {
  if (!op->naming[0])
    return before->parts || (before->known && before->main_parts);
  if (before->known)
    return strcmp(before->naming, op->naming) != 0 && (before->parts || before->main_parts);
  return !before->listed && before->main_parts;
}

static int compare(struct ledger_db *db, const char *job, const struct split_op *op, bool *changed,
                   struct sluice_error *err) {
  struct before before = {.known = false};
  int rc = read_before(db, job, op, &before, err);
  *changed = rc == SLUICE_OK && is_changed(op, &before);
  if (*changed && op->choice != IDENTITY_RESET)
    return fail_changed(job, op, before.known ? before.naming : before.parts ? "another rule" : "", err);
  return rc;
}

int ledger_compare_split(struct ledger_db *db, const char *job, const char *sink, const char *naming,
                         struct sluice_error *err) {
  struct split_op op = {.sink = sink, .naming = naming, .choice = IDENTITY_ASK};
  bool changed = false;
  return compare(db, job, &op, &changed, err);
}

static int forget_all(struct ledger *l, const char *sink, struct sluice_error *err) {
  int64_t id = 0, last = 0;
  int rc = SLUICE_OK;
  while (rc == SLUICE_OK) {
    rc = ledger_db_number(&l->db, "SELECT id FROM delivery WHERE job = ? AND sink = ? AND id > ? ORDER BY id LIMIT 1",
                          VALUES(TEXT(l->job), TEXT(sink), NUMBER(last)), &id, err);
    if (rc == SLUICE_OK)
      rc = ledger_forget(l, id, err);
    last = id;
  }
  return rc == SLUICE_END ? SLUICE_OK : rc;
}

static int note(struct ledger *l, const struct split_op *op, struct sluice_error *err) {
  if (!op->naming[0])
    return ledger_db_run(&l->db, "UPDATE delivery SET naming = NULL WHERE job = ? AND sink = ? AND naming IS NOT NULL",
                         VALUES(TEXT(l->job), TEXT(op->sink)), err);
  return ledger_db_run(&l->db,
                       "INSERT INTO delivery (job, sink, stream, created, naming) VALUES (?1, ?2, '" LEDGER_WHOLE_JOB
                       "', ?4, ?3) ON CONFLICT (job, sink, stream) DO UPDATE SET naming = ?3 WHERE naming IS NOT ?3",
                       VALUES(TEXT(l->job), TEXT(op->sink), TEXT(op->naming), NUMBER(ledger_now())), err);
}

static int split_by(struct ledger *l, void *context, struct sluice_error *err) {
  struct split_op *op = context;
  int rc = compare(&l->db, l->job, op, &op->forgot, err);
  if (rc == SLUICE_OK && op->forgot)
    rc = forget_all(l, op->sink, err);
  return rc == SLUICE_OK ? note(l, op, err) : rc;
}

int ledger_split_by(struct ledger *l, const char *sink, const char *naming, enum identity_choice choice,
                    struct sluice_error *err) {
  struct split_op op = {.sink = sink, .naming = naming, .choice = choice};
  int rc = ledger_do(l, split_by, &op, err);
  return rc == SLUICE_OK && op.forgot ? ledger_sweep(l, err) : rc;
}
