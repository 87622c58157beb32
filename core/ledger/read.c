/* Reading a ledger from outside: its own read-only connection, beside whoever owns the job. */
#include "core/ledger/internal.h"
#include <stdlib.h>

int ledger_read_begin(const char *dir, const char *job, struct ledger_db *out, struct sluice_error *err) {
  char *path = NULL;
  int rc = ledger_check_job(job, err);
  if (rc == SLUICE_OK)
    rc = ledger_path(dir, job, ".db", &path, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_open_read(path, out, err);
  free(path);
  if (rc == SLUICE_OK)
    rc = ledger_db_exec(out, "BEGIN", err); /* all answers from one moment */
  return rc;
}

static void copy_text(char *out, size_t size, sqlite3_stmt *row, int column) {
  snprintf(out, size, "%s", ledger_db_text(row, column));
}

/* ---- status ------------------------------------------------------------------------------------- */

static int read_parts(struct ledger_db *db, int64_t delivery, struct ledger_status *out, struct sluice_error *err) {
  sqlite3_stmt *row = NULL;
  /* bytes: total() is a double, for sizes come from outside and their sum might not fit an integer */
  int rc = ledger_db_query(db,
                           "SELECT state, count(*), sum(rows), sum(rejects), CAST(total(max(size, 0)) AS INTEGER),"
                           " sum(filtered), sum(unchanged) FROM part WHERE delivery = ? GROUP BY state",
                           VALUES(NUMBER(delivery)), &row, err);
  while (rc == SLUICE_OK) {
    rc = ledger_db_step(db, row, err);
    if (rc != SLUICE_OK)
      break;
    int64_t state = sqlite3_column_int64(row, 0);
    if (state < 0 || state > PART_GONE)
      continue;
    out->parts[state] = sqlite3_column_int64(row, 1);
    if (state != PART_DONE)
      continue;
    out->rows = sqlite3_column_int64(row, 2);
    out->rejects = sqlite3_column_int64(row, 3);
    out->bytes = sqlite3_column_int64(row, 4);
    out->filtered = sqlite3_column_int64(row, 5);
    out->unchanged = sqlite3_column_int64(row, 6);
  }
  return rc == SLUICE_END ? SLUICE_OK : rc;
}

static int read_open_parts(struct ledger_db *db, struct ledger_status *out, struct sluice_error *err) {
  sqlite3_stmt *row = NULL;
  int rc = ledger_db_query(db, "SELECT state, count(*) FROM part WHERE delivery = ? GROUP BY state",
                           VALUES(NUMBER(-out->open)), &row, err);
  while (rc == SLUICE_OK) {
    rc = ledger_db_step(db, row, err);
    int64_t state = rc == SLUICE_OK ? sqlite3_column_int64(row, 0) : -1;
    if (state >= 0 && state <= PART_GONE)
      out->open_parts[state] = sqlite3_column_int64(row, 1);
  }
  return rc == SLUICE_END ? SLUICE_OK : rc;
}

static int read_units(struct ledger_db *db, int64_t delivery, struct ledger_status *out, struct sluice_error *err) {
  sqlite3_stmt *row = NULL;
  int rc = ledger_db_query(db,
                           "SELECT coalesce(sum(rows), 0), coalesce(sum(rejects), 0), coalesce(sum(filtered), 0),"
                           " coalesce(sum(unchanged), 0) FROM unit WHERE delivery = ?",
                           VALUES(NUMBER(delivery)), &row, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_step(db, row, err);
  if (rc != SLUICE_OK)
    return rc;
  out->rows += sqlite3_column_int64(row, 0);
  out->rejects += sqlite3_column_int64(row, 1);
  out->filtered += sqlite3_column_int64(row, 2);
  out->unchanged += sqlite3_column_int64(row, 3);
  return SLUICE_OK;
}

static int read_last_run(struct ledger_db *db, int64_t delivery, struct ledger_status *out, struct sluice_error *err) {
  sqlite3_stmt *row = NULL;
  int rc = ledger_db_query(db, "SELECT started, ended FROM run WHERE delivery = ? ORDER BY id DESC LIMIT 1",
                           VALUES(NUMBER(delivery)), &row, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_step(db, row, err);
  if (rc != SLUICE_OK)
    return rc == SLUICE_END ? SLUICE_OK : rc;
  out->started = sqlite3_column_int64(row, 0);
  out->ended = sqlite3_column_int64(row, 1);
  return SLUICE_OK;
}

static int read_ended_run(struct ledger_db *db, int64_t delivery, struct ledger_status *out, struct sluice_error *err) {
  sqlite3_stmt *row = NULL;
  int rc = ledger_db_query(db,
                           "SELECT reason, message, " LEDGER_COUNTERS
                           " FROM run WHERE delivery = ? AND (ended <> 0 OR reason <> '' OR NOT ?) ORDER BY id DESC"
                           " LIMIT 1",
                           VALUES(NUMBER(delivery), NUMBER(out->running)), &row, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_step(db, row, err);
  if (rc != SLUICE_OK)
    return rc == SLUICE_END ? SLUICE_OK : rc;
  copy_text(out->reason, sizeof out->reason, row, 0);
  if (!out->reason[0])
    snprintf(out->reason, sizeof out->reason, "died"); /* nobody has found it yet */
  copy_text(out->message, sizeof out->message, row, 1);
  ledger_read_counters(row, 2, &out->last);
  return SLUICE_OK;
}

static int read_delivery(struct ledger_db *db, sqlite3_stmt *delivery, bool running, struct ledger_status *out,
                         struct sluice_error *err) {
  int64_t id = sqlite3_column_int64(delivery, 0);
  *out = (struct ledger_status){.running = running};
  copy_text(out->sink, sizeof out->sink, delivery, 1);
  copy_text(out->stream, sizeof out->stream, delivery, 2);
  out->generation = sqlite3_column_int64(delivery, 3);
  out->open = sqlite3_column_int64(delivery, 4);
  int64_t parts = out->generation ? -out->generation : id;
  int rc = read_parts(db, parts, out, err);
  if (rc == SLUICE_OK)
    rc = read_units(db, parts, out, err);
  if (rc == SLUICE_OK && out->open)
    rc = read_open_parts(db, out, err);
  if (rc == SLUICE_OK)
    rc = read_last_run(db, id, out, err);
  if (rc == SLUICE_OK)
    rc = read_ended_run(db, id, out, err);
  return rc;
}

bool ledger_is_owned(const char *dir, const char *job) {
  char *path = NULL;
  if (ledger_path(dir, job, ".lock", &path, NULL) != SLUICE_OK)
    return false;
  bool held = ledger_lock_held(path);
  free(path);
  return held;
}

int ledger_read_status(const char *dir, const char *job, ledger_status_fn *each, void *context,
                       struct sluice_error *err) {
  struct ledger_db db = {0};
  struct ledger_status status;
  sqlite3_stmt *row = NULL;
  int rc = ledger_read_begin(dir, job, &db, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_query(&db, "SELECT id, sink, stream, generation, open FROM delivery WHERE job = ? ORDER BY id",
                         VALUES(TEXT(job)), &row, err);
  bool running = rc == SLUICE_OK && ledger_is_owned(dir, job);
  while (rc == SLUICE_OK) {
    rc = ledger_db_step(&db, row, err);
    if (rc == SLUICE_OK)
      rc = read_delivery(&db, row, running, &status, err);
    if (rc == SLUICE_OK)
      rc = each(context, &status);
  }
  ledger_db_finish(&db);
  return rc == SLUICE_END ? SLUICE_OK : rc;
}

/* ---- failed parts ------------------------------------------------------------------------------- */

int ledger_read_failed(const char *dir, const char *job, int64_t limit, ledger_failed_fn *each, void *context,
                       struct sluice_error *err) {
  struct ledger_db db = {0};
  sqlite3_stmt *row = NULL;
  int rc = ledger_read_begin(dir, job, &db, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_query(&db,
                         "SELECT d.sink, p.name, p.attempts, p.error FROM delivery d JOIN part p ON p.delivery ="
                         " iif(d.open, -d.open, iif(d.generation, -d.generation, d.id))"
                         " WHERE d.job = ? AND p.state = 3 ORDER BY d.id, p.name LIMIT ?",
                         VALUES(TEXT(job), NUMBER(limit)), &row, err);
  while (rc == SLUICE_OK) {
    rc = ledger_db_step(&db, row, err);
    if (rc == SLUICE_OK)
      rc = each(context, ledger_db_text(row, 0), ledger_db_text(row, 1), sqlite3_column_int64(row, 2),
                ledger_db_text(row, 3));
  }
  ledger_db_finish(&db);
  return rc == SLUICE_END ? SLUICE_OK : rc;
}
