/* The ledger as plain arrays in memory. Written from the rules in ledger.h, not from the ledger's code. */
#include "model.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const model_names[MODEL_PARTS] = {"A-b", "A/b",   "A0",    "Z",         "a",
                                              "a!",  "a\x7f", "a\x80", "a\xc3\xa4", "a\xff"};

/* ---- pieces ------------------------------------------------------------------------------------- */

static void keep_reject(struct model *m, int from, int to) {
  m->rejects[to] = m->rejects[from];
  m->rejects_of[to] = m->rejects_of[from];
  m->rejects_of_part[to] = m->rejects_of_part[from];
}

/* Of former readings of the part, which this unit read whole. */
static void drop_former(struct model *m, int part, int unit) {
  int kept = 0;
  for (int i = 0; i < m->rejects_size; i++)
    if (m->rejects_of_part[i] != part || m->rejects_of[i] == unit)
      keep_reject(m, i, kept++);
  m->rejects_size = kept;
}

/* Who reads again what it read finds its rejects again. */
static void drop_rejects(struct model *m, int unit) {
  int kept = 0;
  for (int i = 0; i < m->rejects_size; i++) {
    if (m->rejects_of[i] == unit)
      continue;
    keep_reject(m, i, kept++);
  }
  m->rejects_size = kept;
}

static void drop_unit(struct model *m, int id) {
  struct model_unit *u = &m->units[id];
  if (id == 0)
    return;
  for (int i = 0; i < u->n; i++) {
    m->parts[u->parts[i]].state = PART_PENDING;
    m->parts[u->parts[i]].unit = 0;
  }
  u->exists = false;
  drop_rejects(m, id);
}

static void renew(struct model *m, struct model_part *p, int version) {
  drop_unit(m, p->unit);
  *p = (struct model_part){.exists = true, .version = version, .size = 10};
}

static void set_parts(struct model *m, const struct model_unit *u, int state) {
  for (int i = 0; i < u->n; i++)
    m->parts[u->parts[i]].state = state;
}

static void free_claimed(struct model *m, int crashes) {
  for (int id = 1; id <= m->last_unit; id++) {
    struct model_unit *u = &m->units[id];
    if (!u->exists || u->state != 1)
      continue;
    u->state = 0;
    u->crashes += crashes;
    set_parts(m, u, PART_PENDING);
  }
}

/* ---- merge -------------------------------------------------------------------------------------- */

static void part_missing(struct model *m, struct model_part *p) {
  if (p->state == PART_GONE)
    return;
  p->absent = true;
  if (p->delivered)
    p->state = PART_DONE;
  else if (p->state != PART_ACTIVE) {
    drop_unit(m, p->unit);
    p->state = PART_GONE;
  }
}

static void part_unchanged(struct model *m, struct model_part *p) {
  const struct model_unit *u = &m->units[p->unit];
  p->absent = false;
  if (p->state == PART_FAILED && !p->delivered && p->unit && u->state == 2 && m->run_live && u->owner == m->run)
    return; /* it failed in this very run */
  if (p->state == PART_FAILED) {
    p->state = p->delivered ? PART_DONE : PART_PENDING;
    if (p->unit && m->units[p->unit].state == 2)
      m->units[p->unit].state = 0;
  } else if (p->state == PART_PENDING && p->unit == 0)
    p->size = 10;
}

static void part_changed(struct model *m, struct model_part *p, int version, enum on_change policy) {
  const struct model_unit *u = &m->units[p->unit];
  bool progress = p->unit && (u->rows || u->rejects || u->row);
  bool refused_before = p->state == PART_FAILED && p->unit == 0;
  if (policy == ON_CHANGE_IGNORE && (p->delivered || p->state == PART_ACTIVE)) {
    p->absent = false;
    if (p->delivered)
      p->state = PART_DONE;
  } else if (policy == ON_CHANGE_FAIL && (p->delivered || p->state == PART_ACTIVE || progress || refused_before)) {
    drop_unit(m, p->unit);
    p->state = PART_FAILED;
    p->absent = false;
  } else
    renew(m, p, version);
}

static int merge(struct model *m, const struct model_op *op) {
  for (int i = op->first; i <= op->last && i < MODEL_PARTS; i++) {
    struct model_part *p = &m->parts[i];
    int version = op->listed[i];
    if (!p->exists || p->state == PART_GONE) {
      if (version)
        renew(m, p, version);
    } else if (!version)
      part_missing(m, p);
    else if (version == p->version)
      part_unchanged(m, p);
    else
      part_changed(m, p, version, op->policy);
  }
  return SLUICE_OK;
}

/* ---- units -------------------------------------------------------------------------------------- */

static int left_unit(const struct model *m) {
  for (int id = 1; id <= m->last_unit; id++)
    if (m->units[id].exists && m->units[id].state == 0 && m->units[id].owner != m->run)
      return id;
  return 0;
}

static int new_unit(struct model *m, const struct model_op *op) {
  struct model_unit u = {.exists = true, .decode = op->decode, .output = op->output};
  int room = op->bundle ? 2 : 1; /* 25 bytes: two of 10 */
  for (int i = 0; i < MODEL_PARTS && u.n < room; i++) {
    struct model_part *p = &m->parts[i];
    if (!p->exists || p->state != PART_PENDING || p->unit)
      continue;
    if (u.n > 0 && (p->size < 0 || m->parts[u.parts[0]].size < 0))
      break;
    u.parts[u.n++] = i;
  }
  if (u.n == 0)
    return 0;
  m->units[++m->last_unit] = u;
  for (int i = 0; i < u.n; i++)
    m->parts[u.parts[i]].unit = m->last_unit;
  return m->last_unit;
}

static int claim(struct model *m, const struct model_op *op, int *claimed) {
  if (!m->run_live)
    return SLUICE_ERR_CHANGED;
  int id = left_unit(m);
  if (!id)
    id = new_unit(m, op);
  if (!id)
    return SLUICE_END;
  struct model_unit *u = &m->units[id];
  if (u->decode != op->decode) {
    u->row = u->rows = u->rejects = 0;
    drop_rejects(m, id);
  }
  u->decode = op->decode;
  u->output = op->output;
  u->state = 1;
  u->owner = m->run;
  u->epoch++;
  u->attempts++;
  set_parts(m, u, PART_ACTIVE);
  for (int i = 0; i < u->n; i++)
    m->parts[u->parts[i]].attempts++;
  *claimed = id;
  return SLUICE_OK;
}

static void checkpoint(struct model *m, struct model_unit *u, const struct model_op *op) {
  u->row = op->row;
  u->rows += op->rows;
  u->rejects += op->rejects;
  m->counters.rows += op->rows;
  m->counters.rejects += op->rejects;
  size_t n = strlen(op->line);
  memcpy(m->rejects + m->rejects_size, op->line, n);
  for (size_t i = 0; i < n; i++) {
    m->rejects_of[m->rejects_size + (int)i] = (short)op->unit;
    m->rejects_of_part[m->rejects_size + (int)i] = (short)(u->n == 1 ? u->parts[0] : -1);
  }
  m->rejects_size += (int)n;
}

/* Part i of the bundle is gone where bit i of index is set. */
static void finish(struct model *m, struct model_unit *u, const struct model_op *op) {
  for (int i = 0; i < u->n; i++) {
    struct model_part *p = &m->parts[u->parts[i]];
    bool gone = op->index >> i & 1;
    p->state = gone ? PART_GONE : PART_DONE;
    p->delivered = !gone;
    p->absent = p->absent || gone;
    p->rows = op->rows + i;
    p->unit = 0;
    if (gone)
      m->counters.parts_gone++;
    else
      m->counters.parts_done++;
    if (!gone)
      drop_former(m, u->parts[i], op->unit);
    if (!gone && p->size > 0)
      m->counters.bytes += p->size;
  }
  u->exists = false;
}

static void make_void(struct model *m, struct model_unit *u, const struct model_op *op) {
  struct model_part *p = &m->parts[u->parts[op->index]];
  drop_unit(m, (int)(u - m->units));
  if (op->version) {
    p->version = op->version;
    p->size = -1;
    return;
  }
  p->state = PART_GONE;
  p->absent = true;
  m->counters.parts_gone++;
}

static int act(struct model *m, const struct model_op *op) {
  struct model_unit *u = &m->units[op->unit];
  if (!u->exists || u->state != 1 || u->epoch != op->epoch)
    return SLUICE_ERR_CHANGED;
  if (op->kind == MODEL_CHECKPOINT || op->kind == MODEL_FINISH)
    checkpoint(m, u, op);
  if (op->kind == MODEL_FINISH)
    finish(m, u, op);
  if (op->kind == MODEL_VOID)
    make_void(m, u, op);
  if (op->kind == MODEL_RELEASE || op->kind == MODEL_FAIL) {
    u->state = op->kind == MODEL_FAIL ? 2 : 0;
    set_parts(m, u, op->kind == MODEL_FAIL ? PART_FAILED : PART_PENDING);
  }
  if (op->kind == MODEL_FAIL)
    m->counters.parts_failed += u->n;
  return SLUICE_OK;
}

/* ---- runs and text ------------------------------------------------------------------------------ */

static int begin(struct model *m) {
  m->counters = (struct ledger_counters){0};
  m->run++;
  m->run_live = true;
  free_claimed(m, 1);
  return SLUICE_OK;
}

static int end(struct model *m) {
  if (!m->run_live)
    return SLUICE_ERR_CHANGED;
  m->run_live = false;
  free_claimed(m, 0);
  return SLUICE_OK;
}

int model_apply(struct model *m, const struct model_op *op, int *claimed) {
  switch (op->kind) {
  case MODEL_BEGIN:
    return begin(m);
  case MODEL_END:
    return end(m);
  case MODEL_MERGE:
    return merge(m, op);
  case MODEL_CLAIM:
    return claim(m, op, claimed);
  default:
    return act(m, op);
  }
}

const char model_sql[] =
    "SELECT * FROM (SELECT 'part', hex(name), hex(version), size, state, absent, delivered, units, rows, attempts, 0, "
    "0, 0"
    " FROM part ORDER BY name)"
    " UNION ALL SELECT * FROM (SELECT 'unit', id, state, owner, epoch, attempts, crashes, row, rows, rejects, "
    "decode_hash,"
    " output_hash, (SELECT group_concat(hex(name), '+') FROM (SELECT name FROM unit_part WHERE unit = unit.id ORDER BY"
    " ordinal)) FROM unit ORDER BY id)"
    " UNION ALL SELECT * FROM (SELECT 'run', id, ended = 0, parts_done, parts_failed, parts_gone, rows, rejects, "
    "bytes, 0,"
    " 0, 0, 0 FROM run ORDER BY id DESC LIMIT 1)"
    " UNION ALL SELECT 'job', rejects_size, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM job";

static void print_hex(FILE *out, const char *text) {
  for (; *text; text++)
    fprintf(out, "%02X", (unsigned char)*text);
}

static void print_part(FILE *out, const struct model_part *p, const char *name) {
  char version[16];
  snprintf(version, sizeof version, "%d", p->version);
  fprintf(out, "part|");
  print_hex(out, name);
  fputc('|', out);
  print_hex(out, version);
  fprintf(out, "|%d|%d|%d|%d|%d|%d|%d|0|0|0\n", p->size, p->state, p->absent, p->delivered, p->unit != 0, p->rows,
          p->attempts);
}

static void print_unit(FILE *out, const struct model_unit *u, int id) {
  fprintf(out, "unit|%d|%d|%d|%d|%d|%d|%d|%d|%d|d%d|o%d|", id, u->state, u->owner, u->epoch, u->attempts, u->crashes,
          u->row, u->rows, u->rejects, u->decode, u->output);
  for (int i = 0; i < u->n; i++) {
    if (i)
      fputc('+', out);
    print_hex(out, model_names[u->parts[i]]);
  }
  fputc('\n', out);
}

char *model_text(const struct model *m) {
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);
  for (int i = 0; i < MODEL_PARTS; i++)
    if (m->parts[i].exists)
      print_part(out, &m->parts[i], model_names[i]);
  for (int id = 1; id <= m->last_unit; id++)
    if (m->units[id].exists)
      print_unit(out, &m->units[id], id);
  const struct ledger_counters *c = &m->counters;
  if (m->run)
    fprintf(out, "run|%d|%d|%d|%d|%d|%d|%d|%d|0|0|0|0\n", m->run, m->run_live, (int)c->parts_done, (int)c->parts_failed,
            (int)c->parts_gone, (int)c->rows, (int)c->rejects, (int)c->bytes);
  fprintf(out, "job|%d|0|0|0|0|0|0|0|0|0|0|0\n", m->rejects_size);
  fclose(out);
  return text;
}
