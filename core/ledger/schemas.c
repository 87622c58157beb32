/* The job's schema as the ledger keeps it: numbered texts, changed by compare and swap. */
#include "core/ledger/internal.h"
#include <stdlib.h>

struct schema_op {
  int64_t delivery, number;
  char *text;
};

static int newest(struct ledger *l, void *context, struct sluice_error *err) {
  struct schema_op *op = context;
  sqlite3_stmt *row = NULL;
  int rc = ledger_db_query(&l->db, "SELECT number, text FROM schema WHERE delivery = ? ORDER BY number DESC LIMIT 1",
                           VALUES(NUMBER(op->delivery)), &row, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_step(&l->db, row, err);
  if (rc == SLUICE_END)
    return SLUICE_OK;
  if (rc != SLUICE_OK)
    return rc;
  op->number = sqlite3_column_int64(row, 0);
  op->text = strdup(ledger_db_text(row, 1));
  return op->text ? SLUICE_OK : sluice_fail(err, SLUICE_ERR_MEMORY, l->db.path, "no memory");
}

int ledger_schema(struct ledger *l, int64_t delivery, int64_t *number, char **text, struct sluice_error *err) {
  struct schema_op op = {.delivery = delivery};
  int rc = ledger_do(l, newest, &op, err);
  if (rc != SLUICE_OK) {
    free(op.text);
    return rc;
  }
  *number = op.number;
  *text = op.text;
  return SLUICE_OK;
}

static int numbered(struct ledger *l, void *context, struct sluice_error *err) {
  struct schema_op *op = context;
  sqlite3_stmt *row = NULL;
  int rc = ledger_db_query(&l->db, "SELECT text FROM schema WHERE delivery = ? AND number = ?",
                           VALUES(NUMBER(op->delivery), NUMBER(op->number)), &row, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_step(&l->db, row, err);
  if (rc == SLUICE_END)
    return SLUICE_OK;
  if (rc != SLUICE_OK)
    return rc;
  op->text = strdup(ledger_db_text(row, 0));
  return op->text ? SLUICE_OK : sluice_fail(err, SLUICE_ERR_MEMORY, l->db.path, "no memory");
}

int ledger_schema_text(struct ledger *l, int64_t delivery, int64_t number, char **text, struct sluice_error *err) {
  struct schema_op op = {.delivery = delivery, .number = number};
  int rc = ledger_do(l, numbered, &op, err);
  if (rc == SLUICE_OK)
    *text = op.text;
  else
    free(op.text);
  return rc;
}

struct since_op {
  int64_t delivery, number;
  const char *prefix;
};

static int since(struct ledger *l, void *context, struct sluice_error *err) {
  struct since_op *op = context;
  int64_t size = (int64_t)strlen(op->prefix);
  return ledger_db_number(
      &l->db, "SELECT coalesce(max(number), 0) + 1 FROM schema WHERE delivery = ? AND substr(text, 1, ?) <> ?",
      VALUES(NUMBER(op->delivery), NUMBER(size), TEXT(op->prefix)), &op->number, err);
}

int ledger_schema_since(struct ledger *l, int64_t delivery, const char *prefix, int64_t *number,
                        struct sluice_error *err) {
  struct since_op op = {.delivery = delivery, .prefix = prefix};
  int rc = ledger_do(l, since, &op, err);
  if (rc == SLUICE_OK)
    *number = op.number;
  return rc;
}

struct swap_op {
  int64_t delivery, number;
  const char *text;
};

static int swap(struct ledger *l, void *context, struct sluice_error *err) {
  struct swap_op *op = context;
  int64_t current = 0;
  int rc = ledger_db_number(&l->db, "SELECT coalesce(max(number), 0) FROM schema WHERE delivery = ?",
                            VALUES(NUMBER(op->delivery)), &current, err);
  if (rc != SLUICE_OK)
    return rc;
  if (current != op->number)
    return sluice_fail(err, SLUICE_ERR_CHANGED, l->db.path, "the schema is number %lld now, not %lld",
                       (long long)current, (long long)op->number);
  return ledger_db_run(&l->db, "INSERT INTO schema VALUES (?, ?, ?, ?)",
                       VALUES(NUMBER(op->delivery), NUMBER(op->number + 1), TEXT(op->text), NUMBER(ledger_now())), err);
}

int ledger_schema_swap(struct ledger *l, int64_t delivery, int64_t number, const char *text, struct sluice_error *err) {
  struct swap_op op = {.delivery = delivery, .number = number, .text = text};
  return ledger_do(l, swap, &op, err);
}
