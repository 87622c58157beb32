/* Finding rows: in memory first, then in row_key over a connection of its own, in order of keys. */
#include "core/ledger/internal.h"
#include <stdlib.h>

enum { KNOWN_PARTS = 4096, CACHE_KIB = 16384 };

struct ledger_rows {
  struct ledger *ledger;
  struct ledger_db db;
  int64_t parts; /* whose */
  int64_t epoch;
  char *asked; /* the part that `known` is about */
  struct known_part {
    uint32_t part;
    enum ledger_row_place place;
    int64_t units[2];   /* that read it as it is now: to its end, or so far; 0: none */
  } known[KNOWN_PARTS]; /* by number, as many as fit */
  struct recent_order *order;
  size_t room; /* of order */
};

struct open_op {
  int64_t delivery, epoch;
  struct ledger_place place;
};

static int find_place(struct ledger *l, void *context, struct sluice_error *err) {
  struct open_op *op = context;
  int rc = ledger_place_of(l, op->delivery, &op->place, err);
  if (rc != SLUICE_OK)
    return rc;
  return ledger_db_number(&l->db, "SELECT row_epoch FROM delivery WHERE id = ?", VALUES(NUMBER(op->delivery)),
                          &op->epoch, err);
}

static int open_rows(struct ledger_rows *rows, int64_t delivery, struct sluice_error *err) {
  struct open_op op = {.delivery = delivery};
  char sql[64];
  int rc = ledger_do(rows->ledger, find_place, &op, err);
  if (rc == SLUICE_OK)
    rc = ledger_rows_load(rows->ledger, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_open_read(rows->ledger->db.path, &rows->db, err);
  snprintf(sql, sizeof sql, "PRAGMA cache_size = -%d", CACHE_KIB);
  if (rc == SLUICE_OK)
    rc = ledger_db_exec(&rows->db, sql, err);
  rows->parts = op.place.parts;
  rows->epoch = op.epoch;
  return rc;
}

int ledger_rows_open(struct ledger *l, int64_t delivery, struct ledger_rows **out, struct sluice_error *err) {
  struct ledger_rows *rows = calloc(1, sizeof *rows);
  if (!rows)
    return sluice_fail(err, SLUICE_ERR_MEMORY, l->db.path, "no memory for rows");
  rows->ledger = l;
  int rc = open_rows(rows, delivery, err);
  if (rc == SLUICE_OK)
    *out = rows;
  else
    ledger_rows_close(rows);
  return rc;
}

void ledger_rows_close(struct ledger_rows *rows) {
  if (!rows)
    return;
  ledger_db_finish(&rows->db);
  free(rows->asked);
  free(rows->order);
  free(rows);
}

int64_t ledger_rows_epoch(const struct ledger_rows *rows) {
  return rows->epoch;
}

/* ---- which part is it --------------------------------------------------------------------------- */

static int ask_for(struct ledger_rows *rows, const char *part, struct sluice_error *err) {
  if (rows->asked && strcmp(rows->asked, part) == 0)
    return SLUICE_OK;
  char *copy = strdup(part);
  if (!copy)
    return sluice_fail(err, SLUICE_ERR_MEMORY, rows->db.path, "no memory for rows");
  free(rows->asked);
  rows->asked = copy;
  memset(rows->known, 0, sizeof rows->known);
  return SLUICE_OK;
}

static int look_up_part(struct ledger_rows *rows, uint32_t part, struct known_part *out, struct sluice_error *err) {
  sqlite3_stmt *row = NULL;
  int rc =
      ledger_db_query(&rows->db,
                      "SELECT r.name, iif(p.absent, 0, p.unit), (SELECT u.unit FROM unit_part u WHERE u.delivery ="
                      " r.delivery AND u.name = r.name AND NOT p.absent LIMIT 1) FROM row_part r LEFT JOIN part p ON"
                      " p.delivery = r.delivery AND p.name = r.name WHERE r.delivery = ? AND r.id = ?",
                      VALUES(NUMBER(rows->parts), NUMBER(part)), &row, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_step(&rows->db, row, err);
  if (rc == SLUICE_END)
    return sluice_fail(err, SLUICE_ERR_CONFIG, rows->db.path, "the ledger %s is damaged (a row without its part)",
                       rows->db.path);
  if (rc != SLUICE_OK)
    return rc;
  int order = strcmp(ledger_db_text(row, 0), rows->asked);
  *out = (struct known_part){.part = part,
                             .place = order < 0   ? ROW_EARLIER
                                      : order > 0 ? ROW_LATER
                                                  : ROW_SAME_PART,
                             .units = {sqlite3_column_int64(row, 1), sqlite3_column_int64(row, 2)}};
  sqlite3_reset(row);
  return SLUICE_OK;
}

static bool is_held(const struct known_part *part, int64_t stamp) {
  for (size_t i = 0; i < 2; i++)
    if (part->units[i] > 0 && ledger_row_unit(ledger_row_stamp(part->units[i], 0)) == ledger_row_unit(stamp))
      return true;
  return false;
}

static int place_row(struct ledger_rows *rows, uint32_t part, struct ledger_row_found *out, struct sluice_error *err) {
  struct known_part *known = &rows->known[part % KNOWN_PARTS];
  int rc = known->part != part ? look_up_part(rows, part, known, err) : SLUICE_OK;
  if (rc != SLUICE_OK)
    return rc;
  out->place = known->place;
  out->held = known->place == ROW_LATER && is_held(known, out->row);
  return SLUICE_OK;
}

/* ---- finding ------------------------------------------------------------------------------------ */

static bool make_order(struct ledger_rows *rows, size_t n) {
  if (n <= rows->room)
    return true;
  struct recent_order *order = n > SIZE_MAX / sizeof *order ? NULL : realloc(rows->order, n * sizeof *order);
  if (!order)
    return false;
  rows->order = order;
  rows->room = n;
  return true;
}

/* The part's number is kept in `row_part`, for it is not yet known how it stands. Returns how many were not found; they
 * are in rows->order. */
static size_t find_recent(struct ledger_rows *rows, const uint8_t (*keys)[LEDGER_KEY_SIZE], size_t n,
                          struct ledger_row_found *out, uint32_t *row_part) {
  struct ledger_recent *r = &rows->ledger->recent;
  size_t left = 0;
  pthread_rwlock_rdlock(&r->lock);
  for (size_t i = 0; i < n; i++) {
    const struct recent_row *row = recent_get(&r->active, rows->parts, keys[i]);
    if (!row)
      row = recent_get(&r->frozen, rows->parts, keys[i]);
    row_part[i] = row ? row->part : 0;
    if (row)
      out[i] = (struct ledger_row_found){
          .fingerprint = row->fingerprint, .row = row->row, .deleted = row->deleted, .uncertain = row->uncertain};
    else
      rows->order[left++].number = (uint32_t)i;
  }
  pthread_rwlock_unlock(&r->lock);
  return left;
}

static int compare_prefix(const void *a, const void *b) {
  const struct recent_order *x = a, *y = b;
  return x->prefix < y->prefix ? -1 : x->prefix > y->prefix;
}

/* Neighbours lie on one page. */
static void sort_by_key(struct ledger_rows *rows, const uint8_t (*keys)[LEDGER_KEY_SIZE], size_t n) {
  for (size_t i = 0; i < n; i++)
    rows->order[i].prefix = recent_prefix(keys[rows->order[i].number]);
  qsort(rows->order, n, sizeof *rows->order, compare_prefix);
}

static int find_one(struct ledger_rows *rows, sqlite3_stmt *query, const uint8_t *key, struct ledger_row_found *out,
                    uint32_t *part, struct sluice_error *err) {
  sqlite3_bind_blob(query, 2, key, LEDGER_KEY_SIZE, SQLITE_STATIC);
  int rc = ledger_db_step(&rows->db, query, err);
  *out = (struct ledger_row_found){.place = ROW_ABSENT};
  if (rc != SLUICE_OK)
    return rc == SLUICE_END ? SLUICE_OK : rc;
  out->fingerprint = (uint64_t)sqlite3_column_int64(query, 0);
  *part = (uint32_t)sqlite3_column_int64(query, 1);
  out->row = sqlite3_column_int64(query, 2);
  out->deleted = sqlite3_column_int(query, 3) & ROW_DELETED;
  out->uncertain = sqlite3_column_int(query, 3) & ROW_UNCERTAIN;
  sqlite3_reset(query);
  return SLUICE_OK;
}

static int find_stored(struct ledger_rows *rows, const uint8_t (*keys)[LEDGER_KEY_SIZE], size_t left,
                       struct ledger_row_found *out, uint32_t *part, struct sluice_error *err) {
  sqlite3_stmt *query = NULL;
  int rc =
      ledger_db_query(&rows->db, "SELECT fingerprint, part, row, deleted FROM row_key WHERE delivery = ? AND key = ?",
                      VALUES(NUMBER(rows->parts)), &query, err);
  for (size_t i = 0; i < left && rc == SLUICE_OK; i++) {
    size_t at = rows->order[i].number;
    rc = find_one(rows, query, keys[at], &out[at], &part[at], err);
  }
  return rc;
}

/* In one read transaction, begun after the look into memory: what left that is here. */
static int find_all(struct ledger_rows *rows, const uint8_t (*keys)[LEDGER_KEY_SIZE], size_t n,
                    struct ledger_row_found *out, uint32_t *part, struct sluice_error *err) {
  struct sluice_error ignored = {0};
  size_t left = find_recent(rows, keys, n, out, part);
  int rc = ledger_db_run(&rows->db, "BEGIN", NULL, 0, err);
  sort_by_key(rows, keys, left);
  if (rc == SLUICE_OK)
    rc = find_stored(rows, keys, left, out, part, err);
  for (size_t i = 0; i < n && rc == SLUICE_OK; i++)
    if (part[i])
      rc = place_row(rows, part[i], &out[i], err);
  ledger_db_reset(&rows->db);
  if (!sqlite3_get_autocommit(rows->db.handle))
    ledger_db_run(&rows->db, "COMMIT", NULL, 0, &ignored);
  return rc;
}

int ledger_rows_find(struct ledger_rows *rows, const char *part, const uint8_t (*keys)[LEDGER_KEY_SIZE], size_t n,
                     struct ledger_row_found *out, struct sluice_error *err) {
  if (n == 0)
    return SLUICE_OK;
  if (n > LEDGER_ROW_CHANGES_MAX)
    return sluice_fail(err, SLUICE_ERR_BUG, "rows", "%zu keys at once, at most %d", n, LEDGER_ROW_CHANGES_MAX);
  int rc = ask_for(rows, part, err);
  if (rc != SLUICE_OK)
    return rc;
  uint32_t *numbers = calloc(n, sizeof *numbers);
  if (numbers && make_order(rows, n))
    rc = find_all(rows, keys, n, out, numbers, err);
  else
    rc = sluice_fail(err, SLUICE_ERR_MEMORY, rows->db.path, "no memory for rows");
  free(numbers);
  return rc;
}

/* ---- on their way ------------------------------------------------------------------------------- */

int ledger_rows_sending(struct ledger_rows *rows, int64_t unit, int64_t end_row, const uint8_t (*keys)[LEDGER_KEY_SIZE],
                        size_t n, struct sluice_error *err) {
  struct rows_sending sending = {rows->parts, unit, end_row, keys, n};
  return n ? ledger_sent_add(rows->ledger, &sending, err) : SLUICE_OK;
}

int ledger_rows_doubt(struct ledger_rows *rows, int64_t unit, struct sluice_error *err) {
  return ledger_sent_doubt(rows->ledger, rows->parts, unit, err);
}

int ledger_rows_refused(struct ledger_rows *rows, int64_t unit, bool *any, struct sluice_error *err) {
  return ledger_rejects_former(rows->ledger, unit, any, err);
}
