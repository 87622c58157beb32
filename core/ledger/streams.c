/* Reading the streams of a sink. */
#include "core/ledger/streams.h"
#include "core/ledger/internal.h"
#include <stdlib.h>

struct streams_op {
  const char *sink;
  size_t most, n;
  struct ledger_stream *streams;
};

static int take_row(struct streams_op *op, sqlite3_stmt *row, struct sluice_error *err) {
  if (op->n == op->most)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "streams",
                       "the job has more than %zu streams; let `stream` give fewer names", op->most);
  if ((op->n & (op->n - 1)) == 0) { /* at each power of two */
    struct ledger_stream *grown = realloc(op->streams, (op->n ? 2 * op->n : 1) * sizeof *grown);
    if (!grown)
      return sluice_fail(err, SLUICE_ERR_MEMORY, "streams", "no memory");
    op->streams = grown;
  }
  struct ledger_stream *stream = &op->streams[op->n++];
  *stream = (struct ledger_stream){.delivery = sqlite3_column_int64(row, 0),
                                   .created = sqlite3_column_int64(row, 2),
                                   .listed = sqlite3_column_int64(row, 3)};
  snprintf(stream->name, sizeof stream->name, "%s", ledger_db_text(row, 1));
  return SLUICE_OK;
}

static int read_streams(struct ledger *l, void *context, struct sluice_error *err) {
  struct streams_op *op = context;
  sqlite3_stmt *row = NULL;
  int rc = ledger_db_query(&l->db,
                           "SELECT id, stream, created, listed FROM delivery WHERE job = ? AND sink = ?"
                           " ORDER BY stream",
                           VALUES(TEXT(l->job), TEXT(op->sink)), &row, err);
  while (rc == SLUICE_OK) {
    rc = ledger_db_step(&l->db, row, err);
    if (rc == SLUICE_OK)
      rc = take_row(op, row, err);
  }
  return rc == SLUICE_END ? SLUICE_OK : rc;
}

int ledger_streams(struct ledger *l, const char *sink, size_t most, struct ledger_stream **out, size_t *n,
                   struct sluice_error *err) {
  struct streams_op op = {.sink = sink, .most = most};
  int rc = ledger_do(l, read_streams, &op, err);
  if (rc != SLUICE_OK) {
    free(op.streams);
    return rc;
  }
  *out = op.streams;
  *n = op.n;
  return SLUICE_OK;
}

struct part_op {
  int64_t delivery;
  char *name;
};

static int read_part(struct ledger *l, void *context, struct sluice_error *err) {
  struct part_op *op = context;
  struct ledger_place place;
  sqlite3_stmt *row = NULL;
  int rc = ledger_place_of(l, op->delivery, &place, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_query(&l->db, "SELECT name FROM part WHERE delivery = ? AND absent = 0 ORDER BY name LIMIT 1",
                         VALUES(NUMBER(place.settled)), &row, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_step(&l->db, row, err);
  if (rc == SLUICE_END)
    return SLUICE_OK;
  if (rc != SLUICE_OK)
    return rc;
  op->name = strdup(ledger_db_text(row, 0));
  return op->name ? SLUICE_OK : sluice_fail(err, SLUICE_ERR_MEMORY, l->job, "no memory");
}

int ledger_stream_part(struct ledger *l, int64_t delivery, char **name, struct sluice_error *err) {
  struct part_op op = {.delivery = delivery};
  int rc = ledger_do(l, read_part, &op, err);
  if (rc == SLUICE_OK)
    *name = op.name;
  return rc;
}
