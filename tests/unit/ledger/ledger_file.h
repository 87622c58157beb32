/* A ledger file of version 1, made by hand: what a version keeps for ever. */
#ifndef TEST_LEDGER_FILE_H
#define TEST_LEDGER_FILE_H
#include "core/ledger/database.h"
#include "core/ledger/ledger.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static void ledger_sql(const char *path, const char *sql) {
  sqlite3 *db;
  char *message = NULL;
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
    fail_msg("%s", message);
  assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* FOLDER/one.db with the delivery of job "one" to sink "s"; its path is left in `path`. */
static void ledger_file(const char *folder, char *path, size_t size) {
  snprintf(path, size, "%s/one.db", folder);
  ledger_sql(
      path, "PRAGMA journal_mode = WAL;"
            "CREATE TABLE delivery (id INTEGER PRIMARY KEY, job TEXT, sink TEXT, stream TEXT, created INTEGER);"
            "CREATE TABLE schema (delivery INTEGER, number INTEGER, text TEXT, created INTEGER,"
            " PRIMARY KEY (delivery, number)) WITHOUT ROWID;"
            "CREATE TABLE part (delivery INTEGER, name BLOB, version BLOB, size INTEGER, state INTEGER, absent INTEGER,"
            " delivered INTEGER, units INTEGER, PRIMARY KEY (delivery, name)) WITHOUT ROWID;"
            "INSERT INTO delivery VALUES (7, 'one', 's', 'main', 0);"
            "PRAGMA application_id = 1397517415; PRAGMA user_version = 1");
}

static void ledger_part(const char *path, const char *name, const char *version, enum part_state state, int delivered,
                        int absent) {
  char sql[400];
  snprintf(sql, sizeof sql, "INSERT INTO part VALUES (7, CAST('%s' AS BLOB), CAST('%s' AS BLOB), 1, %d, %d, %d, 0)",
           name, version, (int)state, absent, delivered);
  ledger_sql(path, sql);
}

#endif
