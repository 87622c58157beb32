/* Claiming: which unit a worker does next, and under which identity. */
#include "core/ledger/claim.h"
#include <stdlib.h>

void ledger_unit_free(struct ledger_unit *unit) {
  for (size_t i = 0; i < unit->n_parts; i++) {
    free(unit->parts[i].name);
    free(unit->parts[i].version);
  }
  free(unit->parts);
  memset(unit, 0, sizeof *unit);
}

/* ---- parts of a unit ---------------------------------------------------------------------------- */

static int no_memory(struct ledger *l, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_MEMORY, l->db.path, "no memory for a unit");
}

static bool grow(struct ledger_unit *unit, size_t *room) {
  if (unit->n_parts < *room)
    return true;
  size_t more = *room ? *room * 2 : 4;
  if (more > SIZE_MAX / sizeof *unit->parts)
    return false;
  struct ledger_unit_part *parts = realloc(unit->parts, more * sizeof *parts);
  if (!parts)
    return false;
  unit->parts = parts;
  *room = more;
  return true;
}

/* Columns: name, version, size, modified, era. */
static int add_part(struct ledger *l, struct ledger_unit *unit, size_t *room, sqlite3_stmt *row,
                    struct sluice_error *err) {
  if (!grow(unit, room))
    return no_memory(l, err);
  struct ledger_unit_part part = {.name = strdup(ledger_db_text(row, 0)),
                                  .version = strdup(ledger_db_text(row, 1)),
                                  .size = sqlite3_column_int64(row, 2),
                                  .modified = sqlite3_column_int64(row, 3),
                                  .era = sqlite3_column_int64(row, 4)};
  if (!part.name || !part.version) {
    free(part.name);
    free(part.version);
    return no_memory(l, err);
  }
  unit->parts[unit->n_parts++] = part;
  return SLUICE_OK;
}

static int load_parts(struct ledger *l, struct ledger_unit *unit, struct sluice_error *err) {
  sqlite3_stmt *row = NULL;
  size_t room = 0;
  int rc = ledger_db_query(&l->db,
                           "SELECT name, version, size, modified, era FROM unit_part WHERE unit = ? ORDER BY ordinal",
                           VALUES(NUMBER(unit->id)), &row, err);
  while (rc == SLUICE_OK) {
    rc = ledger_db_step(&l->db, row, err);
    if (rc == SLUICE_OK)
      rc = add_part(l, unit, &room, row, err);
  }
  return rc == SLUICE_END ? SLUICE_OK : rc;
}

/* ---- a unit that was left ----------------------------------------------------------------------- */

static struct sluice_position read_position(sqlite3_stmt *row, int column) {
  return (struct sluice_position){sqlite3_column_int64(row, column),
                                  sqlite3_column_int64(row, column + 1),
                                  {sqlite3_column_int64(row, column + 2), sqlite3_column_int64(row, column + 3)}};
}

/* One behind the other with a space between, as old_identities_text writes them. */
static void read_old_identities(struct ledger_unit *u, const char *text) {
  for (size_t i = 0; i < LEDGER_OLD_IDENTITIES && text[0]; i++) {
    size_t n = strcspn(text, " ");
    snprintf(u->old_identities[i], sizeof u->old_identities[i], "%.*s", (int)(n < 64 ? n : 64), text);
    text += n + (text[n] == ' ');
  }
}

static void old_identities_text(const struct ledger_unit *u, char out[LEDGER_OLD_IDENTITIES * 65]) {
  size_t n = 0;
  out[0] = 0;
  for (size_t i = 0; i < LEDGER_OLD_IDENTITIES && u->old_identities[i][0]; i++)
    n += (size_t)snprintf(out + n, LEDGER_OLD_IDENTITIES * 65 - n, "%s%s", i ? " " : "", u->old_identities[i]);
}

static int read_unit(struct claim *c, sqlite3_stmt *row, struct sluice_error *err) {
  struct ledger_unit *u = &c->unit;
  u->epoch = sqlite3_column_int64(row, 0);
  u->attempts = sqlite3_column_int64(row, 1);
  u->crashes = sqlite3_column_int64(row, 2);
  snprintf(u->identity, sizeof u->identity, "%s", ledger_db_text(row, 3));
  read_old_identities(u, ledger_db_text(row, 4));
  u->batch_rows = sqlite3_column_int64(row, 5);
  u->batch_bytes = sqlite3_column_int64(row, 6);
  u->schema = sqlite3_column_int64(row, 7);
  c->decode_hash = strdup(ledger_db_text(row, 8));
  c->output_hash = strdup(ledger_db_text(row, 9));
  u->rows = sqlite3_column_int64(row, 10);
  u->rejects = sqlite3_column_int64(row, 11);
  u->begin = read_position(row, 12);
  u->end = read_position(row, 16);
  u->position = read_position(row, 20);
  u->generation = sqlite3_column_int64(row, 24);
  u->crashes_alone = sqlite3_column_int64(row, 25);
  u->filtered = sqlite3_column_int64(row, 26);
  u->unchanged = sqlite3_column_int64(row, 27);
  return c->decode_hash && c->output_hash ? SLUICE_OK : no_memory(c->l, err);
}

int ledger_claim_load(struct claim *c, int64_t id, struct sluice_error *err) {
  sqlite3_stmt *row = NULL;
  c->unit.id = id;
  int rc =
      ledger_db_query(&c->l->db,
                      "SELECT epoch, attempts, crashes, identity, old_identity, batch_rows, batch_bytes, schema,"
                      " decode_hash, output_hash, rows, rejects, begin_row, begin_offset, begin_detail0, begin_detail1,"
                      " end_row, end_offset, end_detail0, end_detail1, row, offset, detail0, detail1, generation, "
                      "crashes_alone, filtered, unchanged FROM unit"
                      " WHERE id = ?",
                      VALUES(NUMBER(id)), &row, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_step(&c->l->db, row, err);
  if (rc == SLUICE_OK)
    rc = read_unit(c, row, err);
  return rc == SLUICE_OK ? load_parts(c->l, &c->unit, err) : rc;
}

static bool same_position(const struct sluice_position *a, const struct sluice_position *b) {
  return a->row == b->row && a->offset == b->offset && a->detail[0] == b->detail[0] && a->detail[1] == b->detail[1];
}

/* A schema that only grew since leaves the unit its own: what of it was sent must not come again in another form. */
static bool keeps_schema(const struct ledger_unit *u, const struct ledger_settings *s) {
  return u->schema == s->schema || (s->first_schema > 0 && u->schema >= s->first_schema && u->schema < s->schema);
}

static void rewind_unit(struct ledger_unit *u) {
  u->restarted = true;
  u->position = u->begin;
  u->rows = u->rejects = u->filtered = u->unchanged = 0;
}

/* Other settings for decoding would cut the batches differently: from the start, under a new identity. Other settings
 * for output, or another schema by a changed mapping, go on from the position, under a new identity too, for the bodies
 * differ. Not in a full refresh, which is of one kind, nor a bundle, of which other parts may drop out now. */
static void adapt_settings(struct claim *c) {
  struct ledger_unit *u = &c->unit;
  const struct ledger_settings *s = c->settings;
  bool retype = !keeps_schema(u, s);
  bool restart = strcmp(c->decode_hash, s->decode_hash) != 0 || (retype && (c->place.open || u->n_parts > 1));
  u->reconfigured = restart || retype || strcmp(c->output_hash, s->output_hash) != 0;
  if (!u->reconfigured)
    return;
  u->crashes_alone = 0; /* what crashed is not what runs now */
  if (restart)
    rewind_unit(u);
  else
    u->retyped = retype;
  if (restart || retype)
    u->schema = s->schema;
}

/* Positions mean nothing where it is read again, whoever keeps them. Nor under another schema: what lies between the
 * checkpoint and where a sink is may hold records that were refused then, and are not now. */
static void keep_identity(struct ledger_unit *u) {
  if (u->restarted || u->retyped) {
    memset(u->old_identities, 0, sizeof u->old_identities);
    return;
  }
  memmove(u->old_identities[1], u->old_identities[0], sizeof u->old_identities - sizeof u->identity);
  memcpy(u->old_identities[0], u->identity, sizeof u->identity);
}

static int adapt(struct claim *c, struct sluice_error *err) {
  struct ledger_unit *u = &c->unit;
  int rc = ledger_turn_look(c->l, c->place.parts, u, err);
  if (rc != SLUICE_OK)
    return rc;
  if (u->restarted)
    rewind_unit(u);
  adapt_settings(c);
  if (!u->overtaken && !u->reconfigured)
    return SLUICE_OK;
  keep_identity(u);
  rc = ledger_turn_renew(c->l, c->place.parts, u, err); /* settings may come back that it had before */
  if (rc == SLUICE_OK && u->restarted)
    rc = ledger_spoil(c->l, c->place.parts, u->parts[0].name, "is read under other settings", err);
  if (rc == SLUICE_OK && u->restarted)
    rc = ledger_rejects_drop_unit(c->l, u->id, err);
  if (rc == SLUICE_OK)
    rc = ledger_sent_orphan(c->l, u->id, err);
  if (rc == SLUICE_OK && u->restarted)
    rc = ledger_turn_renumber(c->l, c->place.parts, u, err);
  if (rc != SLUICE_OK)
    return rc;
  return ledger_identity(c->l, c->delivery, u, c->settings->decode_hash, c->settings->output_hash, u->identity, err);
}

static int save_claim(struct claim *c, struct sluice_error *err) {
  const struct ledger_unit *u = &c->unit;
  const struct ledger_settings *s = c->settings;
  char old[LEDGER_OLD_IDENTITIES * 65];
  old_identities_text(u, old);
  return ledger_db_run(
      &c->l->db,
      "UPDATE unit SET state = 1, owner = ?, epoch = ?, attempts = ?, identity = ?, old_identity = ?,"
      " schema = ?, decode_hash = ?, output_hash = ?, rows = ?, rejects = ?, row = ?, offset = ?,"
      " detail0 = ?, detail1 = ?, alone = ?, crashes_alone = ?, filtered = ?, unchanged = ? WHERE id = ?",
      VALUES(NUMBER(c->run), NUMBER(u->epoch), NUMBER(u->attempts), TEXT(u->identity), TEXT(old), NUMBER(u->schema),
             TEXT(s->decode_hash), TEXT(s->output_hash), NUMBER(u->rows), NUMBER(u->rejects), NUMBER(u->position.row),
             NUMBER(u->position.offset), NUMBER(u->position.detail[0]), NUMBER(u->position.detail[1]), NUMBER(u->alone),
             NUMBER(u->crashes_alone), NUMBER(u->filtered), NUMBER(u->unchanged), NUMBER(u->id)),
      err);
}

int ledger_claim_take(struct claim *c, struct sluice_error *err) {
  c->unit.epoch++;
  c->unit.attempts++;
  int rc = adapt(c, err);
  c->unit.resumed = !same_position(&c->unit.position, &c->unit.begin);
  return rc == SLUICE_OK ? save_claim(c, err) : rc;
}

/* END: none. Those that this run itself gave back are for a later one, or it would turn in a circle. */
static int claim_left(struct claim *c, struct sluice_error *err) {
  int64_t id = 0;
  int rc = ledger_db_number(&c->l->db,
                            "SELECT id FROM unit WHERE delivery = ? AND state = 0 AND owner <> ? ORDER BY id LIMIT 1",
                            VALUES(NUMBER(c->place.parts), NUMBER(c->run)), &id, err);
  if (rc == SLUICE_OK)
    rc = ledger_claim_load(c, id, err);
  return rc == SLUICE_OK ? ledger_claim_take(c, err) : rc;
}

/* ---- a new unit --------------------------------------------------------------------------------- */

/* May this part follow those that are gathered? Sizes are counted as they are added, so that the sum cannot overflow.
 */
static bool fits(const struct claim *c, int64_t size, int64_t *bytes) {
  const struct ledger_settings *s = c->settings;
  bool small = size >= 0 && size <= s->small;
  if (c->unit.n_parts == 0) {
    *bytes = small ? size : INT64_MAX; /* a large one stays alone */
    return true;
  }
  if (!small || (int64_t)c->unit.n_parts >= s->bundle_parts)
    return false;
  if (*bytes > s->bundle_bytes || size > s->bundle_bytes - *bytes)
    return false;
  *bytes += size;
  return true;
}

static int gather_from(struct claim *c, const char *query, struct sluice_error *err) {
  sqlite3_stmt *row = NULL;
  int64_t bytes = 0;
  int rc = ledger_db_query(&c->l->db, query, VALUES(NUMBER(c->place.parts)), &row, err);
  while (rc == SLUICE_OK) {
    rc = ledger_db_step(&c->l->db, row, err);
    if (rc != SLUICE_OK || !fits(c, sqlite3_column_int64(row, 2), &bytes))
      break;
    rc = add_part(c->l, &c->unit, &c->room, row, err);
  }
  if (rc == SLUICE_OK)
    sqlite3_reset(row);
  return rc == SLUICE_END && c->unit.n_parts > 0 ? SLUICE_OK : rc;
}

static void turn_round(struct ledger_unit *unit) {
  for (size_t i = 0, j = unit->n_parts; i + 1 < j; i++) {
    struct ledger_unit_part part = unit->parts[i];
    unit->parts[i] = unit->parts[--j];
    unit->parts[j] = part;
  }
}

/* By row, parts that changed come first, from the last on: before it is read again nobody knows which of its keys such
 * a part still has, and whoever has the same keys earlier would send them in vain. */
static int gather(struct claim *c, struct sluice_error *err) {
  int rc = gather_from(c,
                       "SELECT name, version, size, modified, era FROM part INDEXED BY part_again WHERE delivery = ?"
                       " AND state = 0 AND units = 0 AND unit < 0 ORDER BY name DESC",
                       err);
  turn_round(&c->unit);
  if (rc != SLUICE_END)
    return rc;
  return gather_from(c,
                     "SELECT name, version, size, modified, era FROM part INDEXED BY part_pending WHERE delivery = ?"
                     " AND state = 0 AND units = 0 ORDER BY name",
                     err);
}

static int insert_unit(struct claim *c, struct sluice_error *err) {
  struct ledger_unit *u = &c->unit;
  const struct ledger_settings *s = c->settings;
  int rc =
      ledger_db_run(&c->l->db,
                    "INSERT INTO unit (delivery, generation, state, owner, epoch, attempts, crashes, identity,"
                    " old_identity, batch_rows, batch_bytes, schema, decode_hash, output_hash, rows, rejects, created,"
                    " begin_row, begin_offset, begin_detail0, begin_detail1, end_row, end_offset, end_detail0,"
                    " end_detail1, row, offset, detail0, detail1) VALUES (?, ?, 1, ?, 1, 1, 0, ?, '', ?, ?, ?, ?, ?, 0,"
                    " 0, ?, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)",
                    VALUES(NUMBER(c->place.parts), NUMBER(u->generation), NUMBER(c->run), TEXT(u->identity),
                           NUMBER(u->batch_rows), NUMBER(u->batch_bytes), NUMBER(u->schema), TEXT(s->decode_hash),
                           TEXT(s->output_hash), NUMBER(ledger_now())),
                    err);
  if (rc == SLUICE_OK)
    u->id = sqlite3_last_insert_rowid(c->l->db.handle);
  for (size_t i = 0; i < u->n_parts && rc == SLUICE_OK; i++)
    rc = ledger_db_run(&c->l->db,
                       "INSERT INTO unit_part (unit, ordinal, delivery, name, version, size, modified, era) VALUES (?, "
                       "?, ?, ?, ?, ?, ?,"
                       " ?)",
                       VALUES(NUMBER(u->id), NUMBER((int64_t)i), NUMBER(c->place.parts), BYTES(u->parts[i].name),
                              BYTES(u->parts[i].version), NUMBER(u->parts[i].size), NUMBER(u->parts[i].modified),
                              NUMBER(u->parts[i].era)),
                       err);
  return rc;
}

int ledger_claim_insert(struct claim *c, struct sluice_error *err) {
  struct ledger_unit *u = &c->unit;
  const struct ledger_settings *s = c->settings;
  u->epoch = u->attempts = 1;
  u->generation = c->place.generation;
  u->batch_rows = s->batch_rows;
  u->batch_bytes = s->batch_bytes;
  u->schema = s->schema;
  int rc = ledger_identity(c->l, c->delivery, u, s->decode_hash, s->output_hash, u->identity, err);
  if (rc == SLUICE_OK)
    rc = insert_unit(c, err);
  if (rc != SLUICE_OK)
    return rc;
  return ledger_db_run(
      &c->l->db,
      "UPDATE part SET units = units + 1 WHERE delivery = ? AND name IN (SELECT name FROM unit_part WHERE"
      " unit = ?)",
      VALUES(NUMBER(c->place.parts), NUMBER(u->id)), err);
}

static int claim_new(struct claim *c, struct sluice_error *err) {
  int rc = gather(c, err);
  return rc == SLUICE_OK ? ledger_claim_insert(c, err) : rc;
}

/* ---- the operation ------------------------------------------------------------------------------ */

static int run(struct ledger *l, void *context, struct sluice_error *err) {
  static const struct sluice_position start = {0};
  struct claim *c = context;
  c->l = l;
  int rc = ledger_live_run(l, c->run, &c->delivery, err);
  if (rc == SLUICE_OK)
    rc = ledger_place_of(l, c->delivery, &c->place, err);
  if (rc == SLUICE_OK && c->place.open && c->place.state != GENERATION_OPEN)
    return SLUICE_END;
  if (rc == SLUICE_OK)
    rc = c->settings->crashes_alone > 0 ? ledger_claim_suspect(c, err) : SLUICE_END;
  if (rc == SLUICE_END)
    rc = claim_left(c, err);
  if (rc == SLUICE_END)
    rc = claim_new(c, err);
  if (rc != SLUICE_OK || c->unit.set_aside)
    return rc;
  return ledger_db_run(
      &l->db,
      "UPDATE part SET state = iif(state = 3 AND units > 1, 3, 1), attempts = attempts + ?3 WHERE delivery = ?1 AND"
      " name IN (SELECT name FROM unit_part WHERE unit = ?2)", /* of a part in pieces the first counts */
      VALUES(NUMBER(c->place.parts), NUMBER(c->unit.id), NUMBER(same_position(&c->unit.begin, &start))), err);
}

int ledger_claim(struct ledger *l, int64_t run_id, const struct ledger_settings *settings, struct ledger_unit *out,
                 struct sluice_error *err) {
  struct claim c = {.run = run_id, .settings = settings};
  int rc = ledger_do(l, run, &c, err);
  if (rc == SLUICE_OK)
    *out = c.unit;
  else
    ledger_unit_free(&c.unit);
  free(c.decode_hash);
  free(c.output_hash);
  return rc;
}
