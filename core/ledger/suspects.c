/* Units that were in flight when the process died: one of them may be why. They are claimed before all others, and
 * while one is, nothing else is; one that died so alone again and again is set aside. */
#include "core/ledger/claim.h"
#include <stdlib.h>

enum { ASK_AGAIN_MS = 100 };

static int wait_for(struct claim *c, const char *why, struct sluice_error *err) {
  sluice_fail(err, SLUICE_ERR_RETRY, c->l->db.path, "%s", why);
  if (err)
    err->retry_ms = ASK_AGAIN_MS;
  return SLUICE_ERR_RETRY;
}

/* ---- no suspects -------------------------------------------------------------------------------- */

static int pardon(struct ledger *l, void *context, struct sluice_error *err) {
  const int64_t *delivery = context;
  struct ledger_place place;
  int rc = ledger_place_of(l, *delivery, &place, err);
  return rc == SLUICE_OK ? ledger_free_claimed(l, place.parts, 0, err) : rc;
}

int ledger_pardon(struct ledger *l, int64_t delivery, struct sluice_error *err) {
  return ledger_do(l, pardon, &delivery, err);
}

/* ---- setting aside ------------------------------------------------------------------------------ */

static bool is_guilty(const struct claim *c) {
  const struct ledger_settings *s = c->settings;
  return c->unit.crashes_alone >= s->crashes_alone && strcmp(c->decode_hash, s->decode_hash) == 0 &&
         strcmp(c->output_hash, s->output_hash) == 0;
}

static int set_aside(struct claim *c, struct sluice_error *err) {
  struct ledger_unit *u = &c->unit;
  char text[256];
  snprintf(text, sizeof text,
           "set aside: the process died %lld times while it read this, %lld of them with nothing else under way; it is"
           " read again when it or the settings change, or after a reset of this part",
           (long long)u->crashes, (long long)u->crashes_alone);
  int rc = ledger_db_run(&c->l->db, "UPDATE unit SET state = 2, owner = ?, alone = 0 WHERE id = ?",
                         VALUES(NUMBER(c->run), NUMBER(u->id)), err);
  if (rc == SLUICE_OK)
    rc = ledger_db_run(
        &c->l->db,
        "UPDATE part SET state = 3, error = ?, error_where = NULL, error_row = -1, error_offset = -1 WHERE"
        " delivery = ? AND name IN (SELECT name FROM unit_part WHERE unit = ?)",
        VALUES(TEXT(text), NUMBER(c->place.parts), NUMBER(u->id)), err);
  if (rc == SLUICE_OK)
    rc = ledger_db_run(&c->l->db, "UPDATE run SET parts_failed = parts_failed + ? WHERE id = ?",
                       VALUES(NUMBER((int64_t)u->n_parts), NUMBER(c->run)), err);
  u->set_aside = rc == SLUICE_OK;
  return rc;
}

/* ---- a bundle ----------------------------------------------------------------------------------- */

static int make_single(struct claim *c, size_t i, struct sluice_error *err) {
  struct claim one = {.l = c->l, .run = c->run, .delivery = c->delivery, .place = c->place, .settings = c->settings};
  one.unit.parts = &c->unit.parts[i];
  one.unit.n_parts = 1;
  int rc = ledger_claim_insert(&one, err);
  if (rc != SLUICE_OK)
    return rc;
  return ledger_db_run(&c->l->db,
                       "UPDATE unit SET state = 0, owner = 0, epoch = 0, attempts = 0, crashes = ? WHERE id = ?",
                       VALUES(NUMBER(c->unit.crashes), NUMBER(one.unit.id)), err);
}

/* A bundle that died alone: its parts become units of their own, each a suspect, so that the others are not set aside
 * with the one that is to blame. */
static int take_apart(struct claim *c, struct sluice_error *err) {
  int rc = ledger_spoil(c->l, c->place.parts, c->unit.parts[0].name, "is made anew", err);
  if (rc == SLUICE_OK)
    rc = ledger_unit_drop(c->l, c->unit.id, err);
  for (size_t i = 0; i < c->unit.n_parts && rc == SLUICE_OK; i++)
    rc = make_single(c, i, err);
  return rc;
}

static void unload(struct claim *c) {
  ledger_unit_free(&c->unit);
  free(c->decode_hash);
  free(c->output_hash);
  c->decode_hash = c->output_hash = NULL;
}

/* ---- claiming ----------------------------------------------------------------------------------- */

static int load_next(struct claim *c, struct sluice_error *err) {
  int64_t id = 0;
  int rc = ledger_db_number(&c->l->db,
                            "SELECT id FROM unit WHERE delivery = ? AND state = 0 AND crashes > 0 AND owner <> ?"
                            " ORDER BY id LIMIT 1",
                            VALUES(NUMBER(c->place.parts), NUMBER(c->run)), &id, err);
  return rc == SLUICE_OK ? ledger_claim_load(c, id, err) : rc;
}

/* How many units are claimed, and whether one of them is alone: END: none. */
static int in_flight(struct claim *c, int64_t *alone, struct sluice_error *err) {
  return ledger_db_number(&c->l->db,
                          "SELECT alone FROM unit WHERE delivery = ? AND state = 1 ORDER BY alone DESC LIMIT 1",
                          VALUES(NUMBER(c->place.parts)), alone, err);
}

int ledger_claim_suspect(struct claim *c, struct sluice_error *err) {
  int64_t alone = 0;
  int busy = in_flight(c, &alone, err);
  if (busy < 0)
    return busy;
  if (alone)
    return wait_for(c, "a unit that was under way at a crash runs alone", err);
  int rc = load_next(c, err);
  if (rc == SLUICE_OK && c->unit.n_parts > 1 && c->unit.crashes_alone > 0) {
    rc = take_apart(c, err);
    unload(c);
    rc = rc == SLUICE_OK ? load_next(c, err) : rc;
  }
  if (rc == SLUICE_OK && is_guilty(c))
    return set_aside(c, err);
  if (rc == SLUICE_OK && busy == SLUICE_OK)
    return wait_for(c, "a unit that was under way at a crash waits for the others", err);
  if (rc != SLUICE_OK)
    return rc;
  c->unit.alone = true;
  return ledger_claim_take(c, err);
}
