/* The streaming merge of a listing with the parts that the ledger knows: both in byte order, one step a name. */
#include "core/ledger/internal.h"
#include <stdlib.h>

enum { NAME_SIZE = 4097, VERSION_SIZE = 1025, WINDOW = 128 };

/* A part as the ledger has it. Copied: nothing is changed under an open cursor. */
struct known {
  char name[NAME_SIZE], version[VERSION_SIZE];
  int64_t size, units;
  int state;
  bool absent, delivered;
};
struct merge {
  struct ledger *l;
  int64_t delivery;
  const struct ledger_listed *listed;
  size_t n;
  bool final;
  enum on_change policy;
  struct ledger_merged out;
  struct known *window; /* some known parts after `from` */
  size_t used, next;
  bool all; /* no more in the ledger */
  char from[NAME_SIZE];
};

/* ---- reading the ledger's side ------------------------------------------------------------------ */

static int damaged(struct merge *m, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_CONFIG, m->l->db.path, "the ledger %s is damaged (a part that none could write)",
                     m->l->db.path);
}

static int read_known(struct merge *m, sqlite3_stmt *row, struct known *out, struct sluice_error *err) {
  const char *name = ledger_db_text(row, 0), *version = ledger_db_text(row, 1);
  size_t name_size = strlen(name) + 1, version_size = strlen(version) + 1;
  if (name_size > NAME_SIZE || version_size > VERSION_SIZE)
    return damaged(m, err);
  memcpy(out->name, name, name_size);
  memcpy(out->version, version, version_size);
  out->size = sqlite3_column_int64(row, 2);
  out->state = sqlite3_column_int(row, 3);
  out->absent = sqlite3_column_int(row, 4) != 0;
  out->delivered = sqlite3_column_int(row, 5) != 0;
  out->units = sqlite3_column_int64(row, 6);
  return SLUICE_OK;
}

#define KNOWN "SELECT name, version, size, state, absent, delivered, units FROM part WHERE delivery = ?1 AND name "

static int query_window(struct merge *m, sqlite3_stmt **out, struct sluice_error *err) {
  static const char to_end[] = KNOWN "> ?2 ORDER BY name LIMIT ?3";
  static const char to_last[] = KNOWN "> ?2 AND name <= ?4 ORDER BY name LIMIT ?3";
  if (m->final)
    return ledger_db_query(&m->l->db, to_end, VALUES(NUMBER(m->delivery), BYTES(m->from), NUMBER(WINDOW)), out, err);
  return ledger_db_query(&m->l->db, to_last,
                         VALUES(NUMBER(m->delivery), BYTES(m->from), NUMBER(WINDOW), BYTES(m->listed[m->n - 1].name)),
                         out, err);
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

/* The part as it is now: an earlier step of this merge may have voided a unit that held it. */
static int read_again(struct merge *m, struct known *part, struct sluice_error *err) {
  static const char sql[] = KNOWN "= ?2";
  sqlite3_stmt *row = NULL;
  int rc = ledger_db_query(&m->l->db, sql, VALUES(NUMBER(m->delivery), BYTES(part->name)), &row, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_step(&m->l->db, row, err);
  if (rc == SLUICE_OK)
    rc = read_known(m, row, part, err);
  return rc == SLUICE_END ? damaged(m, err) : rc;
}

/* ---- what happens to one part ------------------------------------------------------------------- */

static int add(struct merge *m, const struct ledger_listed *p, struct sluice_error *err) {
  m->out.added++;
  return ledger_db_run(
      &m->l->db,
      "INSERT INTO part (delivery, name, version, size, modified, state, absent, delivered, units,"
      " generation, rows, rejects, attempts) VALUES (?, ?, ?, ?, ?, 0, 0, 0, 0, 0, 0, 0, 0)",
      VALUES(NUMBER(m->delivery), BYTES(p->name), BYTES(p->version), NUMBER(p->size), NUMBER(p->modified)), err);
}

static int drop_units(struct merge *m, const struct known *part, struct sluice_error *err) {
  for (int64_t i = 0; i < part->units; i++) {
    int64_t unit = 0;
    int rc = ledger_db_number(&m->l->db, "SELECT unit FROM unit_part WHERE delivery = ? AND name = ? LIMIT 1",
                              VALUES(NUMBER(m->delivery), BYTES(part->name)), &unit, err);
    if (rc == SLUICE_END)
      return damaged(m, err);
    if (rc == SLUICE_OK)
      rc = ledger_unit_drop(m->l, unit, err);
    if (rc != SLUICE_OK)
      return rc;
  }
  return SLUICE_OK;
}

static int set_state(struct merge *m, const struct known *part, enum part_state state, bool absent,
                     struct sluice_error *err) {
  return ledger_db_run(&m->l->db, "UPDATE part SET state = ?, absent = ? WHERE delivery = ? AND name = ?",
                       VALUES(NUMBER(state), NUMBER(absent), NUMBER(m->delivery), BYTES(part->name)), err);
}

static int returned(struct merge *m, const struct known *part, struct sluice_error *err) {
  return ledger_db_run(&m->l->db, "UPDATE part SET absent = 0 WHERE delivery = ? AND name = ?",
                       VALUES(NUMBER(m->delivery), BYTES(part->name)), err);
}

/* The part becomes pending as it was listed, as if new. */
static int renew(struct merge *m, const struct known *part, const struct ledger_listed *p, struct sluice_error *err) {
  int rc = drop_units(m, part, err);
  if (rc != SLUICE_OK)
    return rc;
  return ledger_db_run(
      &m->l->db,
      "UPDATE part SET version = ?, size = ?, modified = ?, state = 0, absent = 0, delivered = 0,"
      " rows = 0, rejects = 0, attempts = 0, error = NULL WHERE delivery = ? AND name = ?",
      VALUES(BYTES(p->version), NUMBER(p->size), NUMBER(p->modified), NUMBER(m->delivery), BYTES(p->name)), err);
}

/* The old version stays written, so that the next listing finds it changed again. */
static int refuse(struct merge *m, const struct known *part, const struct ledger_listed *p, struct sluice_error *err) {
  char text[256];
  snprintf(text, sizeof text, "changed from version %.80s to %.80s (on_change = \"fail\")", part->version, p->version);
  m->out.refused++;
  int rc = drop_units(m, part, err);
  if (rc != SLUICE_OK)
    return rc;
  return ledger_db_run(&m->l->db, "UPDATE part SET state = 3, absent = 0, error = ? WHERE delivery = ? AND name = ?",
                       VALUES(TEXT(text), NUMBER(m->delivery), BYTES(p->name)), err);
}

static int has_progress(struct merge *m, const struct known *part, bool *out, struct sluice_error *err) {
  int64_t found = 0;
  int rc = ledger_db_number(&m->l->db,
                            "SELECT count(*) FROM unit_part p JOIN unit u ON u.id = p.unit WHERE p.delivery = ? AND"
                            " p.name = ? AND (u.rows > 0 OR u.rejects > 0 OR u.row <> u.begin_row)",
                            VALUES(NUMBER(m->delivery), BYTES(part->name)), &found, err);
  *out = found > 0;
  return rc;
}

static int keep(struct merge *m, const struct known *part, struct sluice_error *err) {
  if (part->state == PART_FAILED)
    return set_state(m, part, PART_DONE, false, err);
  return part->absent ? returned(m, part, err) : SLUICE_OK;
}

/* Policies speak of what was delivered, whole or in part: of a version that nothing was read of there is nothing to
 * keep. */
static int changed(struct merge *m, struct known *part, const struct ledger_listed *p, struct sluice_error *err) {
  int rc = read_again(m, part, err);
  if (rc != SLUICE_OK)
    return rc;
  if (part->state == PART_GONE) {
    m->out.added++;
    return renew(m, part, p, err);
  }
  m->out.changed++;
  bool whole = part->state == PART_DONE || part->state == PART_SKIPPED || part->delivered;
  bool touched = whole || part->state == PART_ACTIVE || (part->state == PART_FAILED && part->units == 0);
  if (m->policy == ON_CHANGE_IGNORE && (whole || part->state == PART_ACTIVE)) /* active: its worker will see */
    return keep(m, part, err);
  if (m->policy == ON_CHANGE_FAIL && !touched)
    rc = has_progress(m, part, &touched, err);
  if (rc != SLUICE_OK)
    return rc;
  return m->policy == ON_CHANGE_FAIL && touched ? refuse(m, part, p, err) : renew(m, part, p, err);
}

/* A failed part is tried again where it stopped; one that failed only because it had changed, and changed back, is
 * done.
 */
static int retry(struct merge *m, const struct known *part, struct sluice_error *err) {
  if (part->delivered)
    return set_state(m, part, PART_DONE, false, err);
  int rc = set_state(m, part, PART_PENDING, false, err);
  if (rc != SLUICE_OK)
    return rc;
  return ledger_db_run(
      &m->l->db,
      "UPDATE unit SET state = 0 WHERE state = 2 AND id IN (SELECT unit FROM unit_part WHERE delivery = ?"
      " AND name = ?)",
      VALUES(NUMBER(m->delivery), BYTES(part->name)), err);
}

static int learn_size(struct merge *m, const struct known *part, const struct ledger_listed *p,
                      struct sluice_error *err) {
  return ledger_db_run(&m->l->db, "UPDATE part SET size = ?, modified = ? WHERE delivery = ? AND name = ?",
                       VALUES(NUMBER(p->size), NUMBER(p->modified), NUMBER(m->delivery), BYTES(part->name)), err);
}

/* Of the same version as it was. Nearly all are, in nearly all listings: these cost no statement. */
static int unchanged(struct merge *m, struct known *part, const struct ledger_listed *p, struct sluice_error *err) {
  m->out.unchanged++;
  bool settled = part->state == PART_DONE || part->state == PART_SKIPPED || part->size >= 0 || p->size < 0;
  if (settled && !part->absent && part->state != PART_FAILED)
    return SLUICE_OK;
  int rc = read_again(m, part, err);
  if (rc == SLUICE_OK && part->state == PART_FAILED)
    return retry(m, part, err);
  if (rc == SLUICE_OK && part->absent)
    rc = returned(m, part, err);
  if (rc == SLUICE_OK && part->state == PART_PENDING && part->units == 0 && part->size < 0 && p->size >= 0)
    rc = learn_size(m, part, p, err);
  return rc;
}

static int seen(struct merge *m, struct known *part, const struct ledger_listed *p, struct sluice_error *err) {
  if (strcmp(part->version, p->version) != 0)
    return changed(m, part, p, err);
  if (part->state != PART_GONE)
    return unchanged(m, part, p, err);
  m->out.added++;
  return renew(m, part, p, err);
}

static int missing(struct merge *m, struct known *part, struct sluice_error *err) {
  if (part->state == PART_GONE)
    return SLUICE_OK;
  if (part->absent && (part->state == PART_DONE || part->state == PART_SKIPPED))
    return SLUICE_OK;
  int rc = read_again(m, part, err);
  if (rc != SLUICE_OK)
    return rc;
  if (part->absent && part->state == PART_ACTIVE)
    return SLUICE_OK;
  m->out.gone++;
  if (part->delivered)
    return set_state(m, part, PART_DONE, true, err);
  if (part->state == PART_SKIPPED || part->state == PART_ACTIVE) /* active: its worker will see */
    return set_state(m, part, (enum part_state)part->state, true, err);
  rc = drop_units(m, part, err);
  return rc == SLUICE_OK ? set_state(m, part, PART_GONE, true, err) : rc;
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
    return add(m, p, err);
  return order > 0 ? missing(m, part, err) : seen(m, part, p, err);
}

static int run(struct ledger *l, void *context, struct sluice_error *err) {
  struct merge *m = context;
  m->l = l;
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
