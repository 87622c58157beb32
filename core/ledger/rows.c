/* Changes of rows: into row_log with their checkpoint, into memory once that is durable. */
#include "core/ledger/internal.h"
#include <stdlib.h>

enum {
  RECENT_MAX = 1 << 20,
  STEP = 1 << 16,
  PACKED = 37,    /* bytes of a row in row_log: key, fingerprint, row, part, deleted; little-endian */
  PACKED_HEAD = 8 /* whose they are */
};

static int no_memory(struct ledger *l, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_MEMORY, l->db.path, "no memory for rows");
}

/* ---- packed ------------------------------------------------------------------------------------- */

static void put_number(uint8_t *out, uint64_t number, int bytes) {
  for (int i = 0; i < bytes; i++)
    out[i] = (uint8_t)(number >> (8 * i));
}

static uint64_t get_number(const uint8_t *in, int bytes) {
  uint64_t number = 0;
  for (int i = 0; i < bytes; i++)
    number |= (uint64_t)in[i] << (8 * i);
  return number;
}

static void pack(uint8_t *out, const struct recent_row *row) {
  memcpy(out, row->key, LEDGER_KEY_SIZE);
  put_number(out + 16, row->fingerprint, 8);
  put_number(out + 24, (uint64_t)row->row, 8);
  put_number(out + 32, row->part, 4);
  out[36] = recent_flags(row);
}

static struct recent_row unpack(const uint8_t *in, int64_t parts) {
  struct recent_row row = {.parts = parts,
                           .fingerprint = get_number(in + 16, 8),
                           .row = (int64_t)get_number(in + 24, 8),
                           .part = (uint32_t)get_number(in + 32, 4),
                           .deleted = in[36] & ROW_DELETED,
                           .uncertain = in[36] & ROW_UNCERTAIN};
  memcpy(row.key, in, LEDGER_KEY_SIZE);
  return row;
}

static int reserve_rows(struct ledger *l, size_t n, struct sluice_error *err) {
  struct ledger_recent *r = &l->recent;
  pthread_rwlock_wrlock(&r->lock);
  bool ok = recent_reserve(r->freezing ? &r->next : &r->active, n);
  pthread_rwlock_unlock(&r->lock);
  return ok ? SLUICE_OK : no_memory(l, err);
}

int ledger_rows_pack_begin(struct ledger *l, int64_t parts, size_t n, struct rows_packed *out,
                           struct sluice_error *err) {
  *out = (struct rows_packed){.bytes = malloc(PACKED_HEAD + n * PACKED), .size = PACKED_HEAD};
  if (!out->bytes)
    return no_memory(l, err);
  put_number(out->bytes, (uint64_t)parts, PACKED_HEAD);
  return SLUICE_OK;
}

void ledger_rows_pack(struct rows_packed *packed, const struct recent_row *row) {
  pack(packed->bytes + packed->size, row);
  packed->size += PACKED;
}

int ledger_rows_pack_end(struct ledger *l, struct rows_packed *packed, struct sluice_error *err) {
  int rc = ledger_db_run(&l->db, "INSERT INTO row_log (frozen, changes) VALUES (0, ?)",
                         VALUES(BLOB(packed->bytes, packed->size)), err);
  free(packed->bytes);
  return rc == SLUICE_OK ? reserve_rows(l, (packed->size - PACKED_HEAD) / PACKED, err) : rc;
}

/* ---- loading ------------------------------------------------------------------------------------ */

static int load_changes(struct ledger *l, sqlite3_stmt *stored, struct sluice_error *err) {
  struct ledger_recent *r = &l->recent;
  struct recent_table *table = sqlite3_column_int(stored, 0) ? &r->frozen : &r->active;
  const uint8_t *bytes = sqlite3_column_blob(stored, 1);
  size_t size = (size_t)sqlite3_column_bytes(stored, 1);
  if (!bytes || size < PACKED_HEAD || (size - PACKED_HEAD) % PACKED)
    return sluice_fail(err, SLUICE_ERR_CONFIG, l->db.path, "the ledger %s is damaged (rows that none could write)",
                       l->db.path);
  int64_t parts = (int64_t)get_number(bytes, 8);
  if (!recent_reserve(table, (size - PACKED_HEAD) / PACKED))
    return no_memory(l, err);
  for (size_t at = PACKED_HEAD; at < size; at += PACKED) {
    struct recent_row row = unpack(bytes + at, parts);
    recent_put(table, &row);
  }
  table->reserved = 0;
  return SLUICE_OK;
}

static int load_all(struct ledger *l, struct sluice_error *err) {
  struct ledger_recent *r = &l->recent;
  sqlite3_stmt *stored = NULL;
  int rc = ledger_db_query(&l->db, "SELECT frozen, changes FROM row_log ORDER BY id", NULL, 0, &stored, err);
  while (rc == SLUICE_OK) {
    rc = ledger_db_step(&l->db, stored, err);
    if (rc == SLUICE_OK)
      rc = load_changes(l, stored, err);
  }
  if (rc == SLUICE_END && r->frozen.used) { /* from the start: what is there already is written once more */
    r->order = malloc(r->frozen.used * sizeof *r->order);
    if (!r->order)
      return no_memory(l, err);
    recent_sort(&r->frozen, r->order);
  }
  return rc == SLUICE_END ? SLUICE_OK : rc;
}

static int load(struct ledger *l, void *context, struct sluice_error *err) {
  struct ledger_recent *r = &l->recent;
  (void)context;
  if (r->loaded)
    return SLUICE_OK;
  pthread_rwlock_wrlock(&r->lock);
  int rc = load_all(l, err);
  r->loaded = rc == SLUICE_OK;
  if (rc != SLUICE_OK)
    ledger_recent_clear(r);
  pthread_rwlock_unlock(&r->lock);
  return rc;
}

void ledger_recent_init(struct ledger_recent *r) {
  pthread_rwlock_init(&r->lock, NULL);
  r->limit = RECENT_MAX;
  r->step = STEP;
}

void ledger_recent_finish(struct ledger_recent *r) {
  recent_clear(&r->next);
  ledger_recent_clear(r);
  pthread_rwlock_destroy(&r->lock);
}

void ledger_recent_clear(struct ledger_recent *r) {
  recent_clear(&r->active);
  recent_clear(&r->frozen);
  free(r->order);
  r->order = NULL;
  r->applied = 0;
}

int ledger_rows_load(struct ledger *l, struct sluice_error *err) {
  struct ledger_recent *r = &l->recent;
  pthread_rwlock_rdlock(&r->lock);
  bool loaded = r->loaded;
  pthread_rwlock_unlock(&r->lock);
  return loaded ? SLUICE_OK : ledger_do(l, load, NULL, err);
}

/* ---- with a checkpoint -------------------------------------------------------------------------- */

static int part_number(struct ledger *l, int64_t parts, const char *name, uint32_t *out, struct sluice_error *err) {
  int64_t id = 0;
  int rc = ledger_db_number(&l->db, "SELECT id FROM row_part WHERE delivery = ? AND name = ?",
                            VALUES(NUMBER(parts), BYTES(name)), &id, err);
  if (rc == SLUICE_END)
    rc = ledger_db_number(&l->db,
                          "INSERT INTO row_part (delivery, id, name) SELECT ?1, coalesce(max(id), 0) + 1, ?2 FROM"
                          " row_part WHERE delivery = ?1 RETURNING id",
                          VALUES(NUMBER(parts), BYTES(name)), &id, err);
  if (rc == SLUICE_OK && (id < 1 || id > UINT32_MAX))
    return sluice_fail(err, SLUICE_ERR_CONFIG, l->db.path, "the ledger %s has more parts than it can number",
                       l->db.path);
  if (rc == SLUICE_OK)
    *out = (uint32_t)id;
  return rc;
}

static int number_parts(struct ledger *l, int64_t parts, const struct ledger_unit *unit,
                        const struct ledger_progress *p, uint32_t *numbers, struct sluice_error *err) {
  int rc = SLUICE_OK;
  for (size_t i = 0; i < p->n_row_changes && rc == SLUICE_OK; i++) {
    uint32_t part = p->row_changes[i].part;
    if (part >= unit->n_parts)
      return sluice_fail(err, SLUICE_ERR_BUG, "checkpoint", "a row of part %u of %zu", (unsigned)part, unit->n_parts);
    if (!numbers[part])
      rc = part_number(l, parts, unit->parts[part].name, &numbers[part], err);
  }
  return rc;
}

static struct recent_row row_of(const struct ledger_row *change, int64_t parts, const uint32_t *numbers) {
  struct recent_row row = {.parts = parts,
                           .fingerprint = change->fingerprint,
                           .row = change->row,
                           .part = numbers[change->part],
                           .deleted = change->deleted,
                           .uncertain = change->uncertain};
  memcpy(row.key, change->key, LEDGER_KEY_SIZE);
  return row;
}

static int log_changes(struct ledger *l, int64_t parts, const struct ledger_progress *p, const uint32_t *numbers,
                       struct sluice_error *err) {
  struct rows_packed packed;
  int rc = ledger_rows_pack_begin(l, parts, p->n_row_changes, &packed, err);
  for (size_t i = 0; i < p->n_row_changes && rc == SLUICE_OK; i++) {
    struct recent_row row = row_of(&p->row_changes[i], parts, numbers);
    ledger_rows_pack(&packed, &row);
  }
  return rc == SLUICE_OK ? ledger_rows_pack_end(l, &packed, err) : rc;
}

int ledger_rows_write(struct ledger *l, int64_t parts, const struct ledger_unit *unit, const struct ledger_progress *p,
                      struct ledger_rows_written *out, struct sluice_error *err) {
  int rc = SLUICE_OK;
  out->parts = parts;
  if (p->cursor)
    rc = ledger_db_run(&l->db, "INSERT OR REPLACE INTO row_cursor VALUES (?, ?)",
                       VALUES(NUMBER(parts), TEXT(p->cursor)), err);
  if (rc != SLUICE_OK || p->n_row_changes == 0)
    return rc;
  rc = number_parts(l, parts, unit, p, out->numbers, err);
  if (rc == SLUICE_OK)
    rc = log_changes(l, parts, p, out->numbers, err);
  out->reserved = rc == SLUICE_OK;
  return rc;
}

void ledger_rows_settle(struct ledger *l, const struct ledger_progress *p, const struct ledger_rows_written *w,
                        bool committed) {
  struct ledger_recent *r = &l->recent;
  if (!w->reserved || !committed)
    return;
  pthread_rwlock_wrlock(&r->lock);
  for (size_t i = 0; i < p->n_row_changes; i++) {
    struct recent_row row = row_of(&p->row_changes[i], w->parts, w->numbers);
    recent_put(&r->active, &row);
  }
  pthread_rwlock_unlock(&r->lock);
}

/* ---- the cursor --------------------------------------------------------------------------------- */

struct cursor_op {
  int64_t delivery;
  char *text;
};

static int read_cursor(struct ledger *l, void *context, struct sluice_error *err) {
  struct cursor_op *op = context;
  struct ledger_place place;
  sqlite3_stmt *row = NULL;
  int rc = ledger_place_of(l, op->delivery, &place, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_query(&l->db, "SELECT text FROM row_cursor WHERE delivery = ?", VALUES(NUMBER(place.parts)), &row,
                         err);
  if (rc == SLUICE_OK)
    rc = ledger_db_step(&l->db, row, err);
  if (rc != SLUICE_OK)
    return rc == SLUICE_END ? SLUICE_OK : rc;
  op->text = strdup(ledger_db_text(row, 0));
  return op->text ? SLUICE_OK : no_memory(l, err);
}

int ledger_cursor(struct ledger *l, int64_t delivery, char **text, struct sluice_error *err) {
  struct cursor_op op = {.delivery = delivery};
  int rc = ledger_do(l, read_cursor, &op, err);
  if (rc == SLUICE_OK)
    *text = op.text;
  else
    free(op.text);
  return rc;
}

static int write_cursor(struct ledger *l, void *context, struct sluice_error *err) {
  const struct cursor_op *op = context;
  struct ledger_place place;
  int rc = ledger_place_of(l, op->delivery, &place, err);
  if (rc != SLUICE_OK)
    return rc;
  return ledger_db_run(&l->db, "INSERT OR REPLACE INTO row_cursor VALUES (?, ?)",
                       VALUES(NUMBER(place.parts), TEXT(op->text)), err);
}

int ledger_cursor_set(struct ledger *l, int64_t delivery, const char *text, struct sluice_error *err) {
  char *copy = strdup(text);
  struct cursor_op op = {.delivery = delivery, .text = copy};
  int rc = copy ? ledger_do(l, write_cursor, &op, err) : no_memory(l, err);
  free(copy);
  return rc;
}
