/* Reading runs and parts from outside, beside whoever owns the job. */
#include "core/ledger/history.h"
#include "core/ledger/internal.h"

/* ---- runs --------------------------------------------------------------------------------------- */

static struct ledger_run run_of(sqlite3_stmt *row, bool owned) {
  struct ledger_run run = {.id = sqlite3_column_int64(row, 0),
                           .sink = ledger_db_text(row, 1),
                           .stream = ledger_db_text(row, 2),
                           .started = sqlite3_column_int64(row, 3),
                           .ended = sqlite3_column_int64(row, 4),
                           .reason = ledger_db_text(row, 5),
                           .message = ledger_db_text(row, 6),
                           .generation = sqlite3_column_int64(row, 7),
                           .facts = {.kind = (enum ledger_run_kind)sqlite3_column_int(row, 8),
                                     .listed = sqlite3_column_int64(row, 9),
                                     .listing_ms = sqlite3_column_int64(row, 10),
                                     .reading_ms = sqlite3_column_int64(row, 11),
                                     .fetched = sqlite3_column_int64(row, 12),
                                     .requests = sqlite3_column_int64(row, 13),
                                     .credential_requests = sqlite3_column_int64(row, 14)}};
  run.running = owned && run.ended == 0 && run.reason[0] == 0;
  ledger_read_counters(row, 15, &run.counters);
  return run;
}

int ledger_read_runs(const char *dir, const char *job, int64_t limit, ledger_run_fn *each, void *context,
                     struct sluice_error *err) {
  struct ledger_db db = {0};
  sqlite3_stmt *row = NULL;
  int rc = ledger_read_begin(dir, job, &db, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_query(
        &db,
        "SELECT r.id, d.sink, d.stream, r.started, r.ended, r.reason, r.message, r.generation, r.kind,"
        " r.listed, r.listing_ms, r.reading_ms, r.fetched, r.requests, r.credential_requests, " LEDGER_COUNTERS
        " FROM run r JOIN delivery d ON"
        " d.id = r.delivery WHERE d.job = ? ORDER BY r.id DESC LIMIT ?",
        VALUES(TEXT(job), NUMBER(limit)), &row, err);
  bool owned = rc == SLUICE_OK && ledger_is_owned(dir, job);
  while (rc == SLUICE_OK) {
    rc = ledger_db_step(&db, row, err);
    if (rc != SLUICE_OK)
      break;
    struct ledger_run run = run_of(row, owned);
    rc = each(context, &run);
  }
  ledger_db_finish(&db);
  return rc == SLUICE_END ? SLUICE_OK : rc;
}

int ledger_read_untold(const char *dir, const char *job, int64_t since, struct ledger_counters *out,
                       struct sluice_error *err) {
  struct ledger_db db = {0};
  sqlite3_stmt *row = NULL;
  int rc = ledger_read_begin(dir, job, &db, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_query(&db, "SELECT " LEDGER_COUNTER_SUMS " FROM run WHERE ended = 0 AND started >= ?",
                         VALUES(NUMBER(since)), &row, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_step(&db, row, err);
  if (rc == SLUICE_OK)
    ledger_read_counters(row, 0, out);
  ledger_db_finish(&db);
  return rc;
}

/* ---- parts -------------------------------------------------------------------------------------- */

struct reading {
  struct ledger_db db;
  const struct ledger_part_filter *filter;
  int64_t left; /* how many more */
  ledger_part_fn *each;
  void *context;
};

static struct ledger_part part_of(sqlite3_stmt *row, sqlite3_stmt *delivery) {
  return (struct ledger_part){.delivery = sqlite3_column_int64(delivery, 0),
                              .sink = ledger_db_text(delivery, 1),
                              .stream = ledger_db_text(delivery, 2),
                              .name = ledger_db_text(row, 0),
                              .version = ledger_db_text(row, 1),
                              .size = sqlite3_column_int64(row, 2),
                              .modified = sqlite3_column_int64(row, 3),
                              .state = (enum part_state)sqlite3_column_int(row, 4),
                              .absent = sqlite3_column_int(row, 5) != 0,
                              .rows = sqlite3_column_int64(row, 6),
                              .rejects = sqlite3_column_int64(row, 7),
                              .attempts = sqlite3_column_int64(row, 8),
                              .run = sqlite3_column_int64(row, 9),
                              .finished = sqlite3_column_int64(row, 10),
                              .error = ledger_db_text(row, 11),
                              .error_where = ledger_db_text(row, 12),
                              .error_row = sqlite3_column_int64(row, 13),
                              .error_offset = sqlite3_column_int64(row, 14),
                              .filtered = sqlite3_column_int64(row, 15),
                              .unchanged = sqlite3_column_int64(row, 16)};
}

/* The parts to read of a delivery, by its columns 3 (in force) and 4 (under way). */
static int64_t generation_of(const struct reading *r, sqlite3_stmt *delivery) {
  int64_t open = sqlite3_column_int64(delivery, 4);
  return open && !r->filter->settled ? open : sqlite3_column_int64(delivery, 3);
}

static int give(struct reading *r, sqlite3_stmt *row, sqlite3_stmt *delivery) {
  const char *prefix = r->filter->prefix;
  struct ledger_part part = part_of(row, delivery);
  part.generation = generation_of(r, delivery);
  if (prefix && strncmp(part.name, prefix, strlen(prefix)) != 0)
    return SLUICE_END; /* in byte order no other follows */
  r->left--;
  return r->each(r->context, &part);
}

static int read_delivery(struct reading *r, sqlite3_stmt *delivery, struct sluice_error *err) {
  const struct ledger_part_filter *f = r->filter;
  int64_t id = sqlite3_column_int64(delivery, 0), generation = generation_of(r, delivery);
  const char *after = f->after_delivery == id && f->after_name ? f->after_name : "";
  const char *match = f->match ? f->match : "*", *prefix = f->prefix ? f->prefix : "";
  sqlite3_stmt *row = NULL;
  int rc =
      ledger_db_query(&r->db,
                      "SELECT name, version, size, modified, state, absent, rows, rejects, attempts, run, finished,"
                      " error, error_where, error_row, error_offset, filtered, unchanged FROM part WHERE delivery = ?1"
                      " AND name > ?2 AND name >= ?3 AND (?4 = 0 OR (?4 >> state) & 1) AND (name = ?5 OR CAST(name AS "
                      "TEXT) GLOB CAST(?5 "
                      "AS TEXT)) ORDER BY name"
                      " LIMIT ?6",
                      VALUES(NUMBER(generation ? -generation : id), BYTES(after), BYTES(prefix), NUMBER(f->states),
                             BYTES(match), NUMBER(r->left)),
                      &row, err);
  while (rc == SLUICE_OK) {
    rc = ledger_db_step(&r->db, row, err);
    if (rc == SLUICE_OK)
      rc = give(r, row, delivery);
  }
  return rc == SLUICE_END ? SLUICE_OK : rc;
}

int ledger_read_parts(const char *dir, const char *job, const struct ledger_part_filter *filter, int64_t limit,
                      ledger_part_fn *each, void *context, struct sluice_error *err) {
  struct reading r = {.filter = filter, .left = limit, .each = each, .context = context};
  sqlite3_stmt *delivery = NULL;
  int rc = ledger_read_begin(dir, job, &r.db, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_query(
        &r.db,
        "SELECT id, sink, stream, generation, open FROM delivery WHERE job = ?1 AND (?2 IS NULL OR sink"
        " = ?2) AND (?3 IS NULL OR stream = ?3) AND id >= ?4 ORDER BY id",
        VALUES(TEXT(job), TEXT(filter->sink), TEXT(filter->stream), NUMBER(filter->after_delivery)), &delivery, err);
  while (rc == SLUICE_OK && r.left > 0) {
    rc = ledger_db_step(&r.db, delivery, err);
    if (rc == SLUICE_OK)
      rc = read_delivery(&r, delivery, err);
  }
  ledger_db_finish(&r.db);
  return rc == SLUICE_END ? SLUICE_OK : rc;
}
