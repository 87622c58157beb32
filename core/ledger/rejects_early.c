/* Rejects that are durable before their checkpoint. A sink that keeps positions may be ahead of the ledger after a
 * crash, and what it refused up to there is not sent again: it would be in no file. */
#include "core/ledger/internal.h"
#include "core/ledger/rejects.h"
#include <stdlib.h>

struct early_op {
  int64_t unit;
  int64_t row; /* of the line; or below which lines are wanted */
  const char *line;
  struct ledger_early *lines;
  size_t n, room;
};

static int add_line(struct ledger *l, void *context, struct sluice_error *err) {
  const struct early_op *op = context;
  return ledger_db_run(&l->db, "INSERT OR REPLACE INTO reject_early VALUES (?, ?, ?)",
                       VALUES(NUMBER(op->unit), NUMBER(op->row), TEXT(op->line)), err);
}

int ledger_early_add(struct ledger *l, int64_t unit, int64_t row, const char *line, struct sluice_error *err) {
  struct early_op op = {.unit = unit, .row = row, .line = line};
  return ledger_do(l, add_line, &op, err);
}

static int take_line(struct ledger *l, struct early_op *op, sqlite3_stmt *row, struct sluice_error *err) {
  if (op->n == op->room) {
    size_t room = op->room ? op->room * 2 : 16;
    struct ledger_early *grown = realloc(op->lines, room * sizeof *grown);
    if (!grown)
      return sluice_fail(err, SLUICE_ERR_MEMORY, l->db.path, "no memory for rejects");
    op->lines = grown;
    op->room = room;
  }
  char *line = strdup(ledger_db_text(row, 1));
  if (!line)
    return sluice_fail(err, SLUICE_ERR_MEMORY, l->db.path, "no memory for rejects");
  op->lines[op->n++] = (struct ledger_early){sqlite3_column_int64(row, 0), line};
  return SLUICE_OK;
}

static int take_lines(struct ledger *l, void *context, struct sluice_error *err) {
  struct early_op *op = context;
  sqlite3_stmt *row = NULL;
  int rc = ledger_db_run(&l->db, "DELETE FROM reject_early WHERE unit = ? AND row >= ?",
                         VALUES(NUMBER(op->unit), NUMBER(op->row)), err);
  if (rc == SLUICE_OK)
    rc = ledger_db_query(&l->db, "SELECT row, line FROM reject_early WHERE unit = ? ORDER BY row",
                         VALUES(NUMBER(op->unit)), &row, err);
  while (rc == SLUICE_OK) {
    rc = ledger_db_step(&l->db, row, err);
    if (rc == SLUICE_OK)
      rc = take_line(l, op, row, err);
  }
  return rc == SLUICE_END ? SLUICE_OK : rc;
}

int ledger_early_take(struct ledger *l, int64_t unit, int64_t below, struct ledger_early **lines, size_t *n,
                      struct sluice_error *err) {
  struct early_op op = {.unit = unit, .row = below};
  int rc = ledger_do(l, take_lines, &op, err);
  if (rc == SLUICE_OK) {
    *lines = op.lines;
    *n = op.n;
  } else {
    ledger_early_free(op.lines, op.n);
  }
  return rc;
}

void ledger_early_free(struct ledger_early *lines, size_t n) {
  for (size_t i = 0; i < n; i++)
    free(lines[i].line);
  free(lines);
}

/* 62 bits of it: two of the few that there are at a time will not meet. */
int64_t ledger_early_again(const char identity[65]) {
  char head[17];
  snprintf(head, sizeof head, "%.16s", identity);
  return -1 - (int64_t)(strtoull(head, NULL, 16) >> 2);
}

/* Tries that were under way, and would not be taken up again under the same identity. */
int ledger_early_forget(struct ledger *l, int64_t delivery, struct sluice_error *err) {
  return ledger_db_run(&l->db,
                       "DELETE FROM reject_early WHERE unit < 0 AND iif(json_valid(line), json_extract(line,"
                       " '$.delivery'), '') = (SELECT job || '/' || sink || '/' || stream FROM delivery WHERE id = ?)",
                       VALUES(NUMBER(delivery)), err);
}

int ledger_early_passed(struct ledger *l, int64_t unit, int64_t row, struct sluice_error *err) {
  return ledger_db_run(&l->db, "DELETE FROM reject_early WHERE unit = ? AND row < ?", VALUES(NUMBER(unit), NUMBER(row)),
                       err);
}
