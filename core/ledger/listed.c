/* What a listing does to one part: new, changed, as it was, missing. */
#include "core/ledger/merge.h"

static const char before_start[] = "before start_from";

/* Is it left out for `start_from`? A full refresh is of all that is there: only dates hold for it. Of unknown time: no.
 */
static enum part_skip skip_of(const struct merge *m, const struct ledger_listed *p) {
  const struct ledger_place *place = &m->place;
  if (place->start.kind == START_NOW && !place->open && place->listed == 0)
    return SKIP_SEEN;
  if (place->start.kind == START_DATE && p->modified != INT64_MIN && p->modified < place->start.date)
    return SKIP_BEFORE;
  return SKIP_NO;
}

int ledger_listed_new(struct merge *m, const struct ledger_listed *p, struct sluice_error *err) {
  enum part_skip skip = skip_of(m, p);
  m->out.added++;
  m->out.skipped += skip != SKIP_NO;
  return ledger_db_run(
      &m->l->db,
      "INSERT INTO part (delivery, name, version, size, modified, state, absent, delivered, units,"
      " generation, rows, rejects, attempts, error, skip) VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0, 0, 0, 0, 0, ?, ?)",
      VALUES(NUMBER(m->place.parts), BYTES(p->name), BYTES(p->version), NUMBER(p->size), NUMBER(p->modified),
             NUMBER(skip ? PART_SKIPPED : PART_PENDING), TEXT(skip ? before_start : NULL), NUMBER(skip)),
      err);
}

static int drop_units(struct merge *m, const struct known *part, struct sluice_error *err) {
  for (int64_t i = 0; i < part->units; i++) {
    int64_t unit = 0;
    int rc = ledger_db_number(&m->l->db, "SELECT unit FROM unit_part WHERE delivery = ? AND name = ? LIMIT 1",
                              VALUES(NUMBER(m->place.parts), BYTES(part->name)), &unit, err);
    if (rc == SLUICE_END)
      return ledger_merge_damaged(m, err);
    if (rc == SLUICE_OK)
      rc = ledger_unit_drop(m->l, unit, err);
    if (rc != SLUICE_OK)
      return rc;
  }
  return SLUICE_OK;
}

static int set_state(struct merge *m, const struct known *part, enum part_state state, bool absent,
                     struct sluice_error *err) {
  m->moved = m->moved || absent != part->absent;
  return ledger_db_run(&m->l->db, "UPDATE part SET state = ?, absent = ? WHERE delivery = ? AND name = ?",
                       VALUES(NUMBER(state), NUMBER(absent), NUMBER(m->place.parts), BYTES(part->name)), err);
}

static int returned(struct merge *m, const struct known *part, struct sluice_error *err) {
  m->moved = true;
  return ledger_db_run(&m->l->db, "UPDATE part SET absent = 0 WHERE delivery = ? AND name = ?",
                       VALUES(NUMBER(m->place.parts), BYTES(part->name)), err);
}

/* Rows of what is there no longer may have gone into the full refresh under way: it must begin anew. */
static int spoil(struct merge *m, const struct known *part, const char *what, struct sluice_error *err) {
  if (!m->place.open || (part->attempts == 0 && !part->delivered))
    return SLUICE_OK;
  m->out.restart++;
  return ledger_spoil(m->l, m->place.parts, part->name, what, err);
}

/* The part is taken as it was listed, as if new. */
static int take(struct merge *m, const struct known *part, const struct ledger_listed *p, enum part_skip skip,
                struct sluice_error *err) {
  int rc = drop_units(m, part, err);
  if (rc != SLUICE_OK)
    return rc;
  m->out.skipped += skip != SKIP_NO;
  m->moved = true;
  return ledger_db_run(
      &m->l->db,
      "UPDATE part SET version = ?, size = ?, modified = ?, state = ?, absent = 0, delivered = 0,"
      " " LEDGER_COUNTS_NONE ", attempts = 0, error = ?, skip = ?, error_row = -1, error_offset = -1,"
      " error_where = NULL, run = 0, finished = 0," LEDGER_NEW_ERA_BY_ROW " WHERE delivery = ? AND name = ?",
      VALUES(BYTES(p->version), NUMBER(p->size), NUMBER(p->modified), NUMBER(skip ? PART_SKIPPED : PART_PENDING),
             TEXT(skip ? before_start : NULL), NUMBER(skip), NUMBER(m->place.parts), BYTES(p->name)),
      err);
}

static int renew(struct merge *m, const struct known *part, const struct ledger_listed *p, struct sluice_error *err) {
  int rc = spoil(m, part, "changed", err);
  return rc == SLUICE_OK ? take(m, part, p, SKIP_NO, err) : rc;
}

static int come_back(struct merge *m, const struct known *part, const struct ledger_listed *p,
                     struct sluice_error *err) {
  m->out.added++;
  return take(m, part, p, skip_of(m, p), err);
}

/* The old version stays written, so that the next listing finds it changed again: that is no news then. */
static int refuse(struct merge *m, const struct known *part, const struct ledger_listed *p, struct sluice_error *err) {
  char text[256];
  snprintf(text, sizeof text, "changed from version %.80s to %.80s (on_change = \"fail\")", part->version, p->version);
  m->out.refused++;
  m->moved = m->moved || part->state != PART_FAILED || part->units > 0 || part->absent;
  int rc = drop_units(m, part, err);
  if (rc != SLUICE_OK)
    return rc;
  return ledger_db_run(&m->l->db, "UPDATE part SET state = 3, absent = 0, error = ? WHERE delivery = ? AND name = ?",
                       VALUES(TEXT(text), NUMBER(m->place.parts), BYTES(p->name)), err);
}

static int has_progress(struct merge *m, const struct known *part, bool *out, struct sluice_error *err) {
  int64_t found = 0;
  int rc = ledger_db_number(
      &m->l->db,
      "SELECT count(*) FROM unit_part p JOIN unit u ON u.id = p.unit WHERE p.delivery = ? AND"
      " p.name = ? AND (u.rows + u.rejects + u.unchanged > 0 OR u.row <> u.begin_row OR EXISTS (SELECT 1"
      " FROM part q WHERE q.delivery = p.delivery AND q.name = p.name AND q.rows + q.rejects + q.unchanged >"
      " 0))", /* of the pieces that are done the part knows */
      VALUES(NUMBER(m->place.parts), BYTES(part->name)), &found, err);
  *out = found > 0;
  return rc;
}

/* By its date as it is now. What was there when the delivery began under "now" counts as delivered: policies hold. */
static bool still_skipped(struct merge *m, const struct known *part, const struct ledger_listed *p,
                          enum part_skip *out) {
  *out = skip_of(m, p);
  return part->state == PART_SKIPPED && (*out != SKIP_NO || part->skip == SKIP_BEFORE);
}

static int keep(struct merge *m, const struct known *part, struct sluice_error *err) {
  if (part->state == PART_FAILED)
    return set_state(m, part, part->skip ? PART_SKIPPED : PART_DONE, false, err);
  return part->absent ? returned(m, part, err) : SLUICE_OK;
}

/* Policies speak of what was delivered, whole or in part: of a version that nothing was read of there is nothing to
 * keep. */
static int changed(struct merge *m, struct known *part, const struct ledger_listed *p, struct sluice_error *err) {
  int rc = ledger_merge_read_again(m, part, err);
  if (rc != SLUICE_OK)
    return rc;
  if (part->state == PART_GONE)
    return come_back(m, part, p, err);
  enum part_skip skip = SKIP_NO;
  m->out.changed++;
  if (still_skipped(m, part, p, &skip))
    return take(m, part, p, skip, err);
  bool whole = part->state == PART_DONE || part->skip != SKIP_NO || part->delivered;
  bool touched = whole || part->state == PART_ACTIVE || (part->state == PART_FAILED && part->units == 0);
  if (m->policy == ON_CHANGE_IGNORE && (whole || part->state == PART_ACTIVE)) /* active: its worker will see */
    return keep(m, part, err);
  if (m->policy == ON_CHANGE_FAIL && !touched)
    rc = has_progress(m, part, &touched, err);
  if (rc != SLUICE_OK)
    return rc;
  return m->policy == ON_CHANGE_FAIL && touched ? refuse(m, part, p, err) : renew(m, part, p, err);
}

/* What failed in the run that lists, before its listing came so far, has had its turn. */
static int failed_now(struct merge *m, const struct known *part, bool *out, struct sluice_error *err) {
  int64_t found = 0;
  int rc = ledger_db_number(&m->l->db,
                            "SELECT count(*) FROM unit_part p JOIN unit u ON u.id = p.unit WHERE p.delivery = ?1 AND"
                            " p.name = ?2 AND u.state = 2 AND u.owner = (SELECT max(id) FROM run WHERE delivery = ?3"
                            " AND ended = 0)",
                            VALUES(NUMBER(m->place.parts), BYTES(part->name), NUMBER(m->delivery)), &found, err);
  *out = found > 0;
  return rc;
}

/* A failed part is tried again where it stopped; one that failed only because it had changed, and changed back, is
 * done.
 */
static int retry(struct merge *m, const struct known *part, struct sluice_error *err) {
  if (part->delivered || part->skip != SKIP_NO)
    return set_state(m, part, part->delivered ? PART_DONE : PART_SKIPPED, false, err);
  bool now = false;
  int rc = failed_now(m, part, &now, err);
  if (rc == SLUICE_OK)
    rc = set_state(m, part, now ? PART_FAILED : PART_PENDING, false, err);
  if (rc != SLUICE_OK || now)
    return rc;
  return ledger_db_run(
      &m->l->db,
      "UPDATE unit SET state = 0 WHERE state = 2 AND id IN (SELECT unit FROM unit_part WHERE delivery = ?"
      " AND name = ?)",
      VALUES(NUMBER(m->place.parts), BYTES(part->name)), err);
}

static int learn_size(struct merge *m, const struct known *part, const struct ledger_listed *p,
                      struct sluice_error *err) {
  return ledger_db_run(&m->l->db, "UPDATE part SET size = ?, modified = ? WHERE delivery = ? AND name = ?",
                       VALUES(NUMBER(p->size), NUMBER(p->modified), NUMBER(m->place.parts), BYTES(part->name)), err);
}

/* By row its keys may be others' since it went. */
static int has_rows(struct merge *m, const struct known *part, bool *out, struct sluice_error *err) {
  int64_t found = 0;
  int rc = ledger_db_number(&m->l->db, "SELECT EXISTS (SELECT 1 FROM row_part WHERE delivery = ? AND name = ?)",
                            VALUES(NUMBER(m->place.parts), BYTES(part->name)), &found, err);
  *out = found != 0;
  return rc;
}

static int return_done(struct merge *m, const struct known *part, const struct ledger_listed *p,
                       struct sluice_error *err) {
  bool rows = false;
  int rc = has_rows(m, part, &rows, err);
  if (rc != SLUICE_OK || !rows)
    return rc == SLUICE_OK ? returned(m, part, err) : rc;
  m->out.unchanged--;
  m->out.added++;
  return take(m, part, p, SKIP_NO, err);
}

/* Of the same version as it was. Nearly all are, in nearly all listings: these cost no statement. */
static int unchanged(struct merge *m, struct known *part, const struct ledger_listed *p, struct sluice_error *err) {
  m->out.unchanged++;
  bool settled = part->state == PART_DONE || part->state == PART_SKIPPED || part->size >= 0 || p->size < 0;
  if (settled && !part->absent && part->state != PART_FAILED)
    return SLUICE_OK;
  int rc = ledger_merge_read_again(m, part, err);
  if (rc == SLUICE_OK && part->state == PART_FAILED)
    return retry(m, part, err);
  if (rc == SLUICE_OK && part->absent && part->state == PART_DONE)
    return return_done(m, part, p, err);
  if (rc == SLUICE_OK && part->absent)
    rc = returned(m, part, err);
  if (rc == SLUICE_OK && part->state == PART_PENDING && part->units == 0 && part->size < 0 && p->size >= 0)
    rc = learn_size(m, part, p, err);
  return rc;
}

int ledger_listed_again(struct merge *m, struct known *part, const struct ledger_listed *p, struct sluice_error *err) {
  if (strcmp(part->version, p->version) != 0)
    return changed(m, part, p, err);
  if (part->state != PART_GONE)
    return unchanged(m, part, p, err);
  return come_back(m, part, p, err);
}

int ledger_listed_missing(struct merge *m, struct known *part, struct sluice_error *err) {
  if (part->state == PART_GONE)
    return SLUICE_OK;
  if (part->absent && (part->state == PART_DONE || part->state == PART_SKIPPED))
    return SLUICE_OK;
  int rc = ledger_merge_read_again(m, part, err);
  if (rc != SLUICE_OK)
    return rc;
  if (part->absent && part->state == PART_ACTIVE)
    return SLUICE_OK;
  m->out.gone++;
  rc = spoil(m, part, "is gone", err);
  if (rc != SLUICE_OK)
    return rc;
  if (part->delivered)
    return set_state(m, part, PART_DONE, true, err);
  if (part->skip != SKIP_NO)
    return set_state(m, part, PART_SKIPPED, true, err);
  if (part->state == PART_ACTIVE) /* its worker will see */
    return set_state(m, part, PART_ACTIVE, true, err);
  rc = drop_units(m, part, err);
  return rc == SLUICE_OK ? set_state(m, part, PART_GONE, true, err) : rc;
}
