/* Whose the lines of the reject file are: of which unit, and of which part, so that those go out of force that nobody
 * would find again. */
#include "core/ledger/internal.h"
#include <jansson.h>

/* ---- noting ------------------------------------------------------------------------------------- */

/* Of which part a line is; NULL: of none that it names. */
static const char *part_of(const char *line, size_t n, const struct ledger_unit *unit) {
  json_t *json = json_loadb(line, n, 0, NULL);
  const char *part = json_string_value(json_object_get(json, "part")), *found = NULL;
  for (size_t i = 0; part && i < unit->n_parts && !found; i++)
    found = strcmp(part, unit->parts[i].name) == 0 ? unit->parts[i].name : NULL;
  json_decref(json);
  return found;
}

static int note(struct ledger *l, const struct ledger_rejected *r, const char *part, size_t from, size_t to,
                struct sluice_error *err) {
  if (from == to)
    return SLUICE_OK;
  return ledger_db_run(&l->db, "INSERT INTO reject_range (at, size, delivery, unit, name) VALUES (?, ?, ?, ?, ?)",
                       VALUES(NUMBER(l->rejects.next + (int64_t)from), NUMBER((int64_t)(to - from)), NUMBER(r->parts),
                              NUMBER(r->unit), BYTES(part)),
                       err);
}

/* A range for each row of lines of one part. */
static int note_bundle(struct ledger *l, const struct ledger_rejected *r, const char *lines, size_t size,
                       struct sluice_error *err) {
  const char *part = NULL;
  size_t from = 0;
  int rc = SLUICE_OK;
  for (size_t at = 0; at < size && rc == SLUICE_OK;) {
    size_t n = (size_t)((const char *)memchr(lines + at, '\n', size - at) - (lines + at)) + 1;
    const char *other = part_of(lines + at, n, r->of);
    if (other != part) {
      rc = note(l, r, part, from, at, err);
      from = at;
      part = other;
    }
    at += n;
  }
  return rc == SLUICE_OK ? note(l, r, part, from, size, err) : rc;
}

int ledger_rejects_note(struct ledger *l, const struct ledger_rejected *r, const struct ledger_progress *p,
                        struct sluice_error *err) {
  if (p->reject_size == 0)
    return SLUICE_OK;
  if (r->of->n_parts == 1)
    return note(l, r, r->of->parts[0].name, 0, p->reject_size, err);
  return note_bundle(l, r, p->reject_lines, p->reject_size, err);
}

/* ---- undone ------------------------------------------------------------------------------------- */

#define UNDONE(unit) (-1 - (unit))

struct show_op {
  const struct ledger_unit *unit;
  struct ledger_progress lines;
};

static int show(struct ledger *l, void *context, struct sluice_error *err) {
  const struct show_op *op = context;
  struct ledger_rejected r = {.unit = UNDONE(op->unit->id), .of = op->unit};
  int rc = ledger_db_number(&l->db, "SELECT delivery FROM unit WHERE id = ? AND epoch = ? AND state = 1",
                            VALUES(NUMBER(op->unit->id), NUMBER(op->unit->epoch)), &r.parts, err);
  if (rc == SLUICE_END)
    return sluice_fail(err, SLUICE_ERR_CHANGED, op->unit->parts[0].name, "unit %lld was voided or claimed anew",
                       (long long)op->unit->id);
  if (rc == SLUICE_OK)
    rc = ledger_rejects_redone(l, op->unit->id, err);
  return rc == SLUICE_OK ? ledger_rejects_note(l, &r, &op->lines, err) : rc;
}

int ledger_show_rejects(struct ledger *l, const struct ledger_unit *unit, const char *lines, size_t size,
                        struct sluice_error *err) {
  struct show_op op = {.unit = unit, .lines = {.reject_lines = lines, .reject_size = size}};
  struct ledger_op submitted = {.run = show, .context = &op, .lines = lines, .lines_size = size};
  return size ? ledger_submit(l, &submitted, err) : SLUICE_OK;
}

int ledger_rejects_keep(struct ledger *l, int64_t parts, struct sluice_error *err) {
  return ledger_db_run(&l->db, "UPDATE reject_range SET unit = -1 - unit WHERE delivery = ? AND unit >= 0",
                       VALUES(NUMBER(parts)), err);
}

/* ---- by row ------------------------------------------------------------------------------------- */

struct refused_op {
  int64_t unit, any;
};

static int find_refused(struct ledger *l, void *context, struct sluice_error *err) {
  struct refused_op *op = context;
  return ledger_db_number(&l->db,
                          "SELECT EXISTS (SELECT 1 FROM unit_part p JOIN reject_range r ON r.delivery = p.delivery AND"
                          " r.name = p.name WHERE p.unit = ?1 AND r.unit NOT IN (?1, -1 - ?1))",
                          VALUES(NUMBER(op->unit)), &op->any, err);
}

int ledger_rejects_former(struct ledger *l, int64_t unit, bool *any, struct sluice_error *err) {
  struct refused_op op = {.unit = unit};
  int rc = ledger_do(l, find_refused, &op, err);
  if (rc == SLUICE_OK)
    *any = op.any != 0;
  return rc;
}

/* ---- out of force ------------------------------------------------------------------------------- */

/* Single lines of a range may be out of force already: the range takes them in, so that none stands in another. */
#define LINES_OF(ranges)                                                                                               \
  "DELETE FROM reject_gone WHERE at IN (SELECT g.at FROM reject_range r CROSS JOIN reject_gone g WHERE " ranges        \
  " AND g.at >= r.at AND g.at < r.at + r.size)"
#define RANGES_OF(ranges) "INSERT INTO reject_gone SELECT r.at, r.size FROM reject_range r WHERE " ranges
#define DELETE_OF(ranges) "DELETE FROM reject_range AS r WHERE " ranges

#define ANY_OF(ranges) "SELECT 1 FROM reject_range r WHERE " ranges " LIMIT 1"
#define DROPPING(ranges)                                                                                               \
  { ANY_OF(ranges), LINES_OF(ranges), RANGES_OF(ranges), DELETE_OF(ranges) }

struct dropping { /* the same ranges in all of them */
  const char *any, *lines, *gone, *ranges;
};

static int drop(struct ledger *l, const struct dropping *d, const struct ledger_value *values, size_t n,
                struct sluice_error *err) {
  int64_t any = 0;
  int rc = ledger_db_number(&l->db, d->any, values, n, &any, err);
  if (rc != SLUICE_OK)
    return rc == SLUICE_END ? SLUICE_OK : rc;
  rc = ledger_db_run(&l->db, d->lines, values, n, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_run(&l->db, d->gone, values, n, err);
  return rc == SLUICE_OK ? ledger_db_run(&l->db, d->ranges, values, n, err) : rc;
}

#define OF_UNIT "r.unit IN (?1, -1 - ?1)"
int ledger_rejects_drop_unit(struct ledger *l, int64_t unit, struct sluice_error *err) {
  static const struct dropping of_unit = DROPPING(OF_UNIT);
  int rc = drop(l, &of_unit, VALUES(NUMBER(unit)), err);
  return rc == SLUICE_OK ? ledger_early_passed(l, unit, INT64_MAX, err) : rc;
}

#define OF_DELIVERY "r.delivery = ?"
int ledger_rejects_drop_parts(struct ledger *l, int64_t parts, struct sluice_error *err) {
  static const struct dropping of_delivery = DROPPING(OF_DELIVERY);
  return drop(l, &of_delivery, VALUES(NUMBER(parts)), err);
}

#define OF_OTHERS "r.delivery = ?1 AND r.name = ?2 AND r.unit <> ?3 AND (r.unit = 0 OR NOT ?4)"
int ledger_rejects_drop_former(struct ledger *l, int64_t parts, const char *name, int64_t unit, bool piece,
                               struct sluice_error *err) {
  static const struct dropping of_others = DROPPING(OF_OTHERS);
  return drop(l, &of_others, VALUES(NUMBER(parts), BYTES(name), NUMBER(unit), NUMBER(piece)), err);
}

int ledger_rejects_split(struct ledger *l, int64_t parts, const struct ledger_unit *unit, struct sluice_error *err) {
  return ledger_db_run(&l->db, "UPDATE reject_range SET unit = 0 WHERE delivery = ? AND name = ? AND unit <> ?",
                       VALUES(NUMBER(parts), BYTES(unit->parts[0].name), NUMBER(unit->id)), err);
}

#define OF_UNDONE "r.unit = -1 - ?1"
int ledger_rejects_redone(struct ledger *l, int64_t unit, struct sluice_error *err) {
  static const struct dropping of_undone = DROPPING(OF_UNDONE);
  return drop(l, &of_undone, VALUES(NUMBER(unit)), err);
}

#define OF_GIVEN_UP                                                                                                    \
  "r.unit < 0 AND r.delivery <> ?2 AND r.delivery IN (SELECT -id FROM generation WHERE delivery = ?1 AND state = ?3)"
int ledger_rejects_drop_given_up(struct ledger *l, int64_t delivery, int64_t parts, struct sluice_error *err) {
  static const struct dropping of_given_up = DROPPING(OF_GIVEN_UP);
  return drop(l, &of_given_up, VALUES(NUMBER(delivery), NUMBER(parts), NUMBER(GENERATION_ABORTED)), err);
}
