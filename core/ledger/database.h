/* A connection to an SQLite file and its prepared statements: what ledgers are made of, and the small file of `serve`
 * beside them. [instance] */
#ifndef LEDGER_DATABASE_H
#define LEDGER_DATABASE_H
#include <sluice/sdk.h>
#include <sqlite3.h>
#include <stdbool.h>

enum { LEDGER_APPLICATION = 0x534c6c67, LEDGER_FILE_VERSION = 12, LEDGER_STATEMENTS = 192 };

struct ledger_db {
  sqlite3 *handle;
  char *path;
  size_t n_statements;
  struct {
    const char *sql; /* compared by address: always a constant of its own */
    sqlite3_stmt *statement;
  } statements[LEDGER_STATEMENTS];
};

/* SQL that makes each version of the one before; the first one of an empty file. */
extern const char ledger_tables_1[], ledger_tables_2[], ledger_tables_3[], ledger_tables_4[], ledger_tables_5[],
    ledger_tables_6[], ledger_tables_7[], ledger_tables_8[], ledger_tables_9[], ledger_tables_10[], ledger_tables_11[],
    ledger_tables_12[];

/* Brings a file of an older version to today's in one transaction: whole or not at all. The connection can write. */
int ledger_db_migrate(struct ledger_db *, struct sluice_error *err);
/* The steps alone, in the caller's transaction, from this version (0: an empty file). */
int ledger_db_migrate_from(struct ledger_db *, int64_t version, struct sluice_error *err);

/* Opens DIR/JOB.db to write, made when absent; the caller holds the job's lock. */
int ledger_db_open(const char *path, struct ledger_db *out, struct sluice_error *err);
/* Opens it to read beside a writer, also from a directory that cannot be written; a file of an older version is left as
 * it is: what is read then is a temporary copy of it, brought to today's. NOT_FOUND: there is none. */
int ledger_db_open_read(const char *path, struct ledger_db *out, struct sluice_error *err);
/* Opens it to read as a file that nobody changes, which the caller sees to: no file is made beside it, nothing locked.
 */
int ledger_db_open_still(const char *path, struct ledger_db *out, struct sluice_error *err);
/* Does the log beside the file hold anything? */
bool ledger_has_log(const char *path);
void ledger_db_finish(struct ledger_db *); /* takes a zeroed one */
/* The code and text for a result of SQLite. */
int ledger_db_fail(struct ledger_db *, int result, struct sluice_error *err);
/* The same for errno of another file of the ledger. */
int ledger_file_fail(const char *path, int number, const char *what, struct sluice_error *err);

/* ---- statements: values typed by these, borrowed until the statement is used again or reset ---- */

struct ledger_value {
  enum { VALUE_NUMBER, VALUE_TEXT, VALUE_BYTES, VALUE_BLOB } type;
  int64_t number;   /* of BLOB: its size */
  const void *text; /* NULL: SQL NULL */
};
#define NUMBER(n)                                                                                                      \
  { .type = VALUE_NUMBER, .number = (n) }
#define TEXT(s)                                                                                                        \
  { .type = VALUE_TEXT, .text = (s) }
#define BYTES(s)                                                                                                       \
  { .type = VALUE_BYTES, .text = (s) } /* names and versions: compared as bytes */
#define BLOB(p, n)                                                                                                     \
  { .type = VALUE_BLOB, .number = (int64_t)(n), .text = (p) }
#define VALUES(...)                                                                                                    \
  (const struct ledger_value[]){__VA_ARGS__}, sizeof((struct ledger_value[]){__VA_ARGS__}) / sizeof(struct ledger_value)

/* The statement of this constant SQL, ready to step. Prepared once a connection. */
int ledger_db_query(struct ledger_db *, const char *sql, const struct ledger_value *, size_t n, sqlite3_stmt **out,
                    struct sluice_error *err);
/* OK: a row. END: no more rows. */
int ledger_db_step(struct ledger_db *, sqlite3_stmt *, struct sluice_error *err);
/* Runs a statement to its end. */
int ledger_db_run(struct ledger_db *, const char *sql, const struct ledger_value *, size_t n, struct sluice_error *err);
/* First column of the first row; END: no row. */
int ledger_db_number(struct ledger_db *, const char *sql, const struct ledger_value *, size_t n, int64_t *out,
                     struct sluice_error *err);
int ledger_db_exec(struct ledger_db *, const char *sql, struct sluice_error *err); /* without values, not kept */
/* Ends every statement: an operation need not end its own. */
void ledger_db_reset(struct ledger_db *);
/* A column of text or bytes with a NUL at its end, "" for NULL; borrowed until the next step. */
const char *ledger_db_text(sqlite3_stmt *, int column);

#endif
