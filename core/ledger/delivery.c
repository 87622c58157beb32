/* Deliveries: their numbers, whose data they deliver, and from when on. */
#include "core/ledger/internal.h"

/* ---- numbers ------------------------------------------------------------------------------------- */

struct delivery_op {
  const char *sink, *stream;
  int64_t id;
};

static int find_or_make(struct ledger *l, void *context, struct sluice_error *err) {
  struct delivery_op *op = context;
  static const char find[] = "SELECT id FROM delivery WHERE job = ? AND sink = ? AND stream = ?";
  int rc = ledger_db_number(&l->db, find, VALUES(TEXT(l->job), TEXT(op->sink), TEXT(op->stream)), &op->id, err);
  if (rc != SLUICE_END)
    return rc;
  rc = ledger_db_run(&l->db, "INSERT INTO delivery (job, sink, stream, created) VALUES (?, ?, ?, ?)",
                     VALUES(TEXT(l->job), TEXT(op->sink), TEXT(op->stream), NUMBER(ledger_now())), err);
  if (rc == SLUICE_OK)
    op->id = sqlite3_last_insert_rowid(l->db.handle);
  return rc;
}

/* A name without "/" keeps "job/sink/stream" unambiguous; both must fit struct ledger_status. */
static int check_names(const char *sink, const char *stream, struct sluice_error *err) {
  size_t room = sizeof((struct ledger_status *)0)->sink;
  if (!sink[0] || strlen(sink) >= room || strchr(sink, '/'))
    return sluice_fail(err, SLUICE_ERR_CONFIG, "sink", "sink name \"%.100s\": use 1 to %zu bytes without /", sink,
                       room - 1);
  if (strlen(stream) >= room)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "stream", "stream name \"%.100s...\" is longer than %zu bytes", stream,
                       room - 1);
  return SLUICE_OK;
}

int ledger_delivery(struct ledger *l, const char *sink, const char *stream, int64_t *delivery,
                    struct sluice_error *err) {
  struct delivery_op op = {.sink = sink, .stream = stream};
  int rc = check_names(sink, stream, err);
  if (rc == SLUICE_OK)
    rc = ledger_do(l, find_or_make, &op, err);
  if (rc == SLUICE_OK)
    *delivery = op.id;
  return rc;
}

/* ---- whose data it is --------------------------------------------------------------------------- */

enum { IDENTITY_MAX = 4096 };

struct identify_op {
  int64_t delivery;
  const struct ledger_identity *now;
  enum identity_choice choice;
};

static int store_identity(struct ledger *l, const struct identify_op *op, struct sluice_error *err) {
  return ledger_db_run(
      &l->db, "UPDATE delivery SET source = ?, format = ?, destination = ? WHERE id = ?",
      VALUES(TEXT(op->now->source), TEXT(op->now->format), TEXT(op->now->destination), NUMBER(op->delivery)), err);
}

static void say_change(char *out, size_t size, const char *what, const char *before, const char *now) {
  size_t used = strlen(out);
  if (strcmp(before, now) != 0)
    snprintf(out + used, size - used, "%sits %s was \"%.90s\" and is \"%.90s\" now", used ? "; " : "", what, before,
             now);
}

/* Nothing is written: what changed, and the two ways on. Nothing changed: OK. */
int ledger_compare_identity(const char *job, sqlite3_stmt *row, const struct ledger_identity *now,
                            struct sluice_error *err) {
  char changes[640] = "";
  if (sqlite3_column_type(row, 0) == SQLITE_NULL)
    return SLUICE_OK; /* none is known yet */
  say_change(changes, sizeof changes, "source", ledger_db_text(row, 0), now->source);
  say_change(changes, sizeof changes, "format", ledger_db_text(row, 1), now->format);
  say_change(changes, sizeof changes, "destination", ledger_db_text(row, 2), now->destination);
  if (!changes[0])
    return SLUICE_OK;
  return sluice_fail(err, SLUICE_ERR_CONFIG, job,
                     "%s. --adopt keeps what was delivered, --reset starts anew; or undo the change", changes);
}

static int identify(struct ledger *l, void *context, struct sluice_error *err) {
  struct identify_op *op = context;
  sqlite3_stmt *row = NULL;
  int rc = ledger_db_query(&l->db, LEDGER_IDENTITY_SQL, VALUES(NUMBER(op->delivery)), &row, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_step(&l->db, row, err);
  if (rc == SLUICE_END)
    return sluice_fail(err, SLUICE_ERR_BUG, l->db.path, "no delivery %lld", (long long)op->delivery);
  if (rc == SLUICE_OK && op->choice == IDENTITY_ASK)
    rc = ledger_compare_identity(l->job, row, op->now, err);
  if (rc == SLUICE_OK && op->choice == IDENTITY_RESET)
    rc = ledger_forget(l, op->delivery, err);
  return rc == SLUICE_OK ? store_identity(l, op, err) : rc;
}

int ledger_identify(struct ledger *l, int64_t delivery, const struct ledger_identity *now, enum identity_choice choice,
                    struct sluice_error *err) {
  struct identify_op op = {.delivery = delivery, .now = now, .choice = choice};
  if (strlen(now->source) > IDENTITY_MAX || strlen(now->format) > IDENTITY_MAX ||
      strlen(now->destination) > IDENTITY_MAX)
    return sluice_fail(err, SLUICE_ERR_CONFIG, l->job, "source, format or destination is longer than %d bytes",
                       IDENTITY_MAX);
  int rc = ledger_do(l, identify, &op, err);
  return rc == SLUICE_OK && choice == IDENTITY_RESET ? ledger_sweep(l, err) : rc;
}

/* ---- from when on ------------------------------------------------------------------------------- */

struct start_op {
  int64_t delivery, released;
  struct ledger_start start;
};

/* Parts that were left out and are wanted now. Of those that are away nothing is known: they come as new. */
static int release(struct ledger *l, const struct ledger_place *place, struct start_op *op, struct sluice_error *err) {
  int64_t date = op->start.kind == START_ALL ? INT64_MIN : op->start.date;
  int rc = ledger_db_run(&l->db,
                         "UPDATE part SET state = iif(state <> 4, state, iif(absent, 5, 0)), skip = 0,"
                         " error = iif(state = 4, NULL, error) WHERE delivery = ? AND skip <> 0 AND modified >= ?",
                         VALUES(NUMBER(place->parts), NUMBER(date)), err);
  if (rc != SLUICE_OK)
    return rc;
  op->released = sqlite3_changes64(l->db.handle);
  return ledger_db_run(&l->db, "UPDATE part SET skip = ? WHERE delivery = ? AND skip <> 0",
                       VALUES(NUMBER(SKIP_BEFORE), NUMBER(place->parts)), err);
}

static int start_from(struct ledger *l, void *context, struct sluice_error *err) {
  struct start_op *op = context;
  struct ledger_place place;
  int rc = ledger_place_of(l, op->delivery, &place, err);
  if (rc != SLUICE_OK || (place.start.kind == op->start.kind && place.start.date == op->start.date))
    return rc;
  if (op->start.kind != START_NOW)
    rc = release(l, &place, op, err);
  if (rc != SLUICE_OK)
    return rc;
  return ledger_db_run(&l->db, "UPDATE delivery SET start_kind = ?, start_time = ? WHERE id = ?",
                       VALUES(NUMBER(op->start.kind), NUMBER(op->start.date), NUMBER(op->delivery)), err);
}

int ledger_start_from(struct ledger *l, int64_t delivery, const struct ledger_start *start, int64_t *released,
                      struct sluice_error *err) {
  struct start_op op = {.delivery = delivery, .start = *start};
  if (op.start.kind != START_DATE)
    op.start.date = 0;
  int rc = ledger_do(l, start_from, &op, err);
  if (rc == SLUICE_OK)
    *released = op.released;
  return rc;
}
