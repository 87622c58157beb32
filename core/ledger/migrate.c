/* Bringing ledger files of older versions forward, one step a version. */
#include "core/ledger/database.h"

static const char *const steps[LEDGER_FILE_VERSION] = {
    ledger_tables_1, ledger_tables_2, ledger_tables_3, ledger_tables_4,  ledger_tables_5,  ledger_tables_6,
    ledger_tables_7, ledger_tables_8, ledger_tables_9, ledger_tables_10, ledger_tables_11, ledger_tables_12};

int ledger_db_migrate_from(struct ledger_db *db, int64_t version, struct sluice_error *err) {
  char number[64];
  int rc = SLUICE_OK;
  for (; version < LEDGER_FILE_VERSION && rc == SLUICE_OK; version++)
    rc = ledger_db_exec(db, steps[version], err);
  snprintf(number, sizeof number, "PRAGMA user_version = %d", LEDGER_FILE_VERSION);
  return rc == SLUICE_OK ? ledger_db_exec(db, number, err) : rc;
}

static int migrate(struct ledger_db *db, struct sluice_error *err) {
  int64_t version = 0; /* asked again: under the transaction's lock it can no longer change */
  int rc = ledger_db_exec(db, "BEGIN IMMEDIATE", err);
  if (rc == SLUICE_OK)
    rc = ledger_db_number(db, "PRAGMA user_version", NULL, 0, &version, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_migrate_from(db, version, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_exec(db, "COMMIT", err);
  if (rc != SLUICE_OK && !sqlite3_get_autocommit(db->handle)) {
    struct sluice_error ignored = {0};
    ledger_db_exec(db, "ROLLBACK", &ignored);
  }
  return rc;
}

int ledger_db_migrate(struct ledger_db *db, struct sluice_error *err) {
  int64_t version = 0;
  int rc = ledger_db_number(db, "PRAGMA user_version", NULL, 0, &version, err);
  return rc != SLUICE_OK || version == LEDGER_FILE_VERSION ? rc : migrate(db, err);
}
