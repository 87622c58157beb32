/* The streaming merge of a listing with the parts that the ledger knows: both in byte order, one step a name. */
#include "core/ledger/merge.h"
#include <stdlib.h>

enum { WINDOW = 128 };

/* ---- reading the ledger's side ------------------------------------------------------------------ */

int ledger_merge_damaged(struct merge *m, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_CONFIG, m->l->db.path, "the ledger %s is damaged (a part that none could write)",
                     m->l->db.path);
}

static int read_known(struct merge *m, sqlite3_stmt *row, struct known *out, struct sluice_error *err) {
  const char *name = ledger_db_text(row, 0), *version = ledger_db_text(row, 1);
  size_t name_size = strlen(name) + 1, version_size = strlen(version) + 1;
  if (name_size > NAME_SIZE || version_size > VERSION_SIZE)
    return ledger_merge_damaged(m, err);
  memcpy(out->name, name, name_size);
  memcpy(out->version, version, version_size);
  out->size = sqlite3_column_int64(row, 2);
  out->state = sqlite3_column_int(row, 3);
  out->absent = sqlite3_column_int(row, 4) != 0;
  out->delivered = sqlite3_column_int(row, 5) != 0;
  out->units = sqlite3_column_int64(row, 6);
  out->attempts = sqlite3_column_int64(row, 7);
  out->skip = sqlite3_column_int(row, 8);
  return SLUICE_OK;
}

#define KNOWN                                                                                                          \
  "SELECT name, version, size, state, absent, delivered, units, attempts, skip FROM part WHERE delivery = ?1 AND "     \
  "name "

static int query_window(struct merge *m, sqlite3_stmt **out, struct sluice_error *err) {
  static const char to_end[] = KNOWN "> ?2 ORDER BY name LIMIT ?3";
  static const char to_last[] = KNOWN "> ?2 AND name <= ?4 ORDER BY name LIMIT ?3";
  if (m->final)
    return ledger_db_query(&m->l->db, to_end, VALUES(NUMBER(m->place.parts), BYTES(m->from), NUMBER(WINDOW)), out, err);
  return ledger_db_query(
      &m->l->db, to_last,
      VALUES(NUMBER(m->place.parts), BYTES(m->from), NUMBER(WINDOW), BYTES(m->listed[m->n - 1].name)), out, err);
}

static int fill_window(struct merge *m, struct sluice_error *err) {
  sqlite3_stmt *row = NULL;
  m->used = m->next = 0;
  int rc = query_window(m, &row, err);
  while (rc == SLUICE_OK && m->used < WINDOW) {
    rc = ledger_db_step(&m->l->db, row, err);
    if (rc == SLUICE_OK)
      rc = read_known(m, row, &m->window[m->used], err);
    if (rc == SLUICE_OK)
      m->used++;
  }
  if (rc < 0)
    return rc;
  m->all = m->used < WINDOW;
  if (m->used > 0)
    memcpy(m->from, m->window[m->used - 1].name, NAME_SIZE);
  return SLUICE_OK;
}

/* The next known part; NULL: there are no more. */
static int peek(struct merge *m, struct known **out, struct sluice_error *err) {
  if (m->next == m->used && !m->all) {
    int rc = fill_window(m, err);
    if (rc != SLUICE_OK)
      return rc;
  }
  *out = m->next < m->used ? &m->window[m->next] : NULL;
  return SLUICE_OK;
}

int ledger_merge_read_again(struct merge *m, struct known *part, struct sluice_error *err) {
  static const char sql[] = KNOWN "= ?2";
  sqlite3_stmt *row = NULL;
  int rc = ledger_db_query(&m->l->db, sql, VALUES(NUMBER(m->place.parts), BYTES(part->name)), &row, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_step(&m->l->db, row, err);
  if (rc == SLUICE_OK)
    rc = read_known(m, row, part, err);
  return rc == SLUICE_END ? ledger_merge_damaged(m, err) : rc;
}

/* ---- the merge ---------------------------------------------------------------------------------- */

static int step(struct merge *m, size_t *i, struct known *part, struct sluice_error *err) {
  const struct ledger_listed *p = *i < m->n ? &m->listed[*i] : NULL;
  int order = !p ? 1 : !part ? -1 : strcmp(p->name, part->name);
  if (order <= 0)
    ++*i;
  if (order >= 0)
    m->next++;
  if (order < 0)
    return ledger_listed_new(m, p, err);
  return order > 0 ? ledger_listed_missing(m, part, err) : ledger_listed_again(m, part, p, err);
}

static int merge_page(struct merge *m, struct sluice_error *err) {
  for (size_t i = 0;;) {
    struct known *part = NULL;
    int rc = peek(m, &part, err);
    if (rc != SLUICE_OK || (i == m->n && !part))
      return rc;
    rc = step(m, &i, part, err);
    if (rc != SLUICE_OK)
      return rc;
  }
}

/* The listing was merged to its end: what `start_from` and full refreshes wait for. */
static int note_listed(struct merge *m, struct sluice_error *err) {
  int rc = SLUICE_OK;
  if (m->place.listed == 0)
    rc = ledger_db_run(&m->l->db, "UPDATE delivery SET listed = ? WHERE id = ?",
                       VALUES(NUMBER(ledger_now()), NUMBER(m->delivery)), err);
  if (rc != SLUICE_OK || !m->place.open)
    return rc;
  return ledger_db_run(&m->l->db, "UPDATE generation SET listed = ? WHERE id = ?",
                       VALUES(NUMBER(ledger_now()), NUMBER(m->place.generation)), err);
}

static int run(struct ledger *l, void *context, struct sluice_error *err) {
  struct merge *m = context;
  m->l = l;
  int rc = ledger_place_of(l, m->delivery, &m->place, err);
  if (rc == SLUICE_OK && m->place.open && m->place.state == GENERATION_COMMITTING)
    rc = sluice_fail(err, SLUICE_ERR_BUG, "listing", "full refresh %lld is being committed: that comes first",
                     (long long)m->place.generation);
  if (rc == SLUICE_OK)
    rc = merge_page(m, err);
  if (rc == SLUICE_OK && m->moved)
    rc = ledger_turn_next(l, m->place.parts, err);
  return rc == SLUICE_OK && m->final ? note_listed(m, err) : rc;
}

static int check_page(const char *after, const struct ledger_listed *listed, size_t n, struct sluice_error *err) {
  const char *before = after;
  for (size_t i = 0; i < n; i++) {
    const struct ledger_listed *p = &listed[i];
    if (strlen(p->name) >= NAME_SIZE || strlen(p->version) >= VERSION_SIZE)
      return sluice_fail(err, SLUICE_ERR_DATA, p->name, "a part's name is longer than %d bytes or its version than %d",
                         NAME_SIZE - 1, VERSION_SIZE - 1);
    if (strcmp(p->name, before) <= 0)
      return sluice_fail(err, SLUICE_ERR_DATA, p->name,
                         "the listing is not in byte order, or names a part twice: it follows \"%.200s\"", before);
    before = p->name;
  }
  return SLUICE_OK;
}

int ledger_merge(struct ledger *l, int64_t delivery, const char *after, const struct ledger_listed *listed, size_t n,
                 bool final, enum on_change policy, struct ledger_merged *out, struct sluice_error *err) {
  struct merge m = {.delivery = delivery, .listed = listed, .n = n, .final = final, .policy = policy};
  int rc = strlen(after) >= NAME_SIZE ? sluice_fail(err, SLUICE_ERR_DATA, "listing", "a part's name is too long")
                                      : check_page(after, listed, n, err);
  if (rc != SLUICE_OK)
    return rc;
  if (n > 0 || final) {
    memcpy(m.from, after, strlen(after) + 1);
    m.window = malloc(WINDOW * sizeof *m.window);
    if (!m.window)
      return sluice_fail(err, SLUICE_ERR_MEMORY, "listing", "no memory");
    rc = ledger_do(l, run, &m, err);
    free(m.window);
  }
  if (rc == SLUICE_OK)
    *out = m.out;
  return rc;
}
