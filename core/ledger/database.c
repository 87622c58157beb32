/* Statements of a ledger's connection, and what SQLite's results mean to the user. */
#include "core/ledger/database.h"
#include <errno.h>
#include <stdlib.h>

void ledger_db_finish(struct ledger_db *db) {
  for (size_t i = 0; i < db->n_statements; i++)
    sqlite3_finalize(db->statements[i].statement);
  sqlite3_close(db->handle);
  free(db->path);
  memset(db, 0, sizeof *db);
}

static int no_space(const char *path, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_CONFIG, path,
                     "no space left for the ledger %s; free some space and run again: nothing is lost", path);
}

int ledger_file_fail(const char *path, int number, const char *what, struct sluice_error *err) {
  if (number == ENOSPC || number == EDQUOT || number == EFBIG)
    return no_space(path, err);
  if (number == ENOMEM)
    return sluice_fail(err, SLUICE_ERR_MEMORY, path, "no memory");
  return sluice_fail(err, SLUICE_ERR_CONFIG, path, "cannot %s %s: %s", what, path, strerror(number));
}

static int io_fail(struct ledger_db *db, const char *text, struct sluice_error *err) {
  int number = db->handle ? sqlite3_system_errno(db->handle) : 0; /* may be stale: only these are believed */
  if (number == ENOSPC || number == EDQUOT || number == EFBIG)
    return no_space(db->path, err);
  return sluice_fail(err, SLUICE_ERR_CONFIG, db->path,
                     "the ledger %s cannot be read or written (%s); mend the disk and run again: nothing is lost",
                     db->path, text);
}

int ledger_db_fail(struct ledger_db *db, int result, struct sluice_error *err) {
  const char *text = db->handle ? sqlite3_errmsg(db->handle) : sqlite3_errstr(result);
  switch (result & 0xff) {
  case SQLITE_FULL:
    return no_space(db->path, err);
  case SQLITE_IOERR:
    return io_fail(db, text, err);
  case SQLITE_NOTADB:
    return sluice_fail(
        err, SLUICE_ERR_CONFIG, db->path,
        "%s is not a ledger, or damaged (%s); it was left as it is: put back a good copy, or move it away", db->path,
        text);
  case SQLITE_CORRUPT:
    return sluice_fail(err, SLUICE_ERR_CONFIG, db->path,
                       "the ledger %s is damaged (%s); it was left as it is: put back a good copy, or move it away",
                       db->path, text);
  case SQLITE_NOMEM:
    return sluice_fail(err, SLUICE_ERR_MEMORY, db->path, "no memory for the ledger %s", db->path);
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return sluice_fail(err, SLUICE_ERR_RETRY, db->path, "the ledger %s is in use by another program (%s)", db->path,
                       text);
  case SQLITE_READONLY:
  case SQLITE_PERM:
  case SQLITE_AUTH:
  case SQLITE_CANTOPEN:
    return sluice_fail(err, SLUICE_ERR_CONFIG, db->path,
                       "the ledger %s cannot be opened or written (%s); check the rights of the file and its folder",
                       db->path, text);
  default:
    return sluice_fail(err, SLUICE_ERR_BUG, db->path, "ledger %s: %s (SQLite %d)", db->path, text, result);
  }
}

static int prepare(struct ledger_db *db, const char *sql, sqlite3_stmt **out, struct sluice_error *err) {
  if (db->n_statements == LEDGER_STATEMENTS)
    return sluice_fail(err, SLUICE_ERR_BUG, db->path, "more statements than LEDGER_STATEMENTS");
  int rc = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL);
  if (rc != SQLITE_OK)
    return ledger_db_fail(db, rc, err);
  db->statements[db->n_statements].sql = sql;
  db->statements[db->n_statements++].statement = *out;
  return SLUICE_OK;
}

static int find(struct ledger_db *db, const char *sql, sqlite3_stmt **out, struct sluice_error *err) {
  for (size_t i = 0; i < db->n_statements; i++)
    if (db->statements[i].sql == sql) {
      *out = db->statements[i].statement;
      sqlite3_reset(*out);
      return SLUICE_OK;
    }
  return prepare(db, sql, out, err);
}

static int bind(sqlite3_stmt *statement, int i, const struct ledger_value *value) {
  if (value->type == VALUE_NUMBER)
    return sqlite3_bind_int64(statement, i, value->number);
  if (!value->text)
    return sqlite3_bind_null(statement, i);
  if (value->type == VALUE_TEXT)
    return sqlite3_bind_text(statement, i, value->text, -1, SQLITE_STATIC);
  size_t size = value->type == VALUE_BLOB ? (size_t)value->number : strlen(value->text);
  return sqlite3_bind_blob64(statement, i, value->text, size, SQLITE_STATIC);
}

int ledger_db_query(struct ledger_db *db, const char *sql, const struct ledger_value *values, size_t n,
                    sqlite3_stmt **out, struct sluice_error *err) {
  sqlite3_stmt *statement = NULL;
  int rc = find(db, sql, &statement, err);
  if (rc != SLUICE_OK)
    return rc;
  for (size_t i = 0; i < n; i++) {
    int bound = bind(statement, (int)i + 1, &values[i]);
    if (bound != SQLITE_OK)
      return ledger_db_fail(db, bound, err);
  }
  *out = statement;
  return SLUICE_OK;
}

int ledger_db_step(struct ledger_db *db, sqlite3_stmt *statement, struct sluice_error *err) {
  int rc = sqlite3_step(statement);
  if (rc == SQLITE_ROW)
    return SLUICE_OK;
  if (rc == SQLITE_DONE) {
    sqlite3_reset(statement);
    return SLUICE_END;
  }
  int code = ledger_db_fail(db, sqlite3_extended_errcode(db->handle), err);
  sqlite3_reset(statement);
  return code;
}

int ledger_db_run(struct ledger_db *db, const char *sql, const struct ledger_value *values, size_t n,
                  struct sluice_error *err) {
  sqlite3_stmt *statement = NULL;
  int rc = ledger_db_query(db, sql, values, n, &statement, err);
  while (rc == SLUICE_OK)
    rc = ledger_db_step(db, statement, err);
  return rc == SLUICE_END ? SLUICE_OK : rc;
}

int ledger_db_number(struct ledger_db *db, const char *sql, const struct ledger_value *values, size_t n, int64_t *out,
                     struct sluice_error *err) {
  sqlite3_stmt *statement = NULL;
  int rc = ledger_db_query(db, sql, values, n, &statement, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_step(db, statement, err);
  if (rc != SLUICE_OK)
    return rc;
  *out = sqlite3_column_int64(statement, 0);
  sqlite3_reset(statement);
  return SLUICE_OK;
}

int ledger_db_exec(struct ledger_db *db, const char *sql, struct sluice_error *err) {
  int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
  return rc == SQLITE_OK ? SLUICE_OK : ledger_db_fail(db, sqlite3_extended_errcode(db->handle), err);
}

void ledger_db_reset(struct ledger_db *db) {
  for (size_t i = 0; i < db->n_statements; i++)
    sqlite3_reset(db->statements[i].statement);
}

const char *ledger_db_text(sqlite3_stmt *statement, int column) {
  const unsigned char *text = sqlite3_column_text(statement, column); /* of a blob too: its bytes and a NUL */
  return text ? (const char *)text : "";
}
