/* How the bucket changes: parts come, are replaced, touched, renamed, put back, and go. */
#include "history.h"
#include <stdio.h>
#include <string.h>

enum { KEYS = 40, HOUR = 3600 };

/* ---- content ---- */

static enum row_kind choose_kind(const struct history *h, struct chance *c, const struct version *v) {
  bool by_row = is_by_row(h->model.mode);
  if (v->n_rows % 3 != 1) /* most are good, so that no run has rejects alone */
    return ROW_GOOD;
  switch (chance_below(c, 24)) {
  case 0:
    return ROW_BROKEN;
  case 1:
    return ROW_REFUSED;
  case 2:
    return by_row ? ROW_NULL_KEY : ROW_GOOD;
  case 3:
    return by_row ? ROW_TWICE : ROW_GOOD;
  default:
    return ROW_GOOD;
  }
}

static bool has_key(const struct version *v, int64_t id) {
  for (int i = 0; i < v->n_rows; i++)
    if (v->rows[i].id == id && v->rows[i].kind != ROW_BROKEN)
      return true;
  return false;
}

/* By row, values come again, so that some records are as they were. */
static void add_row(struct history *h, struct chance *c, struct version *v) {
  struct model_row *row = &v->rows[v->n_rows];
  bool by_row = is_by_row(h->model.mode);
  row->kind = choose_kind(h, c, v);
  row->id = by_row ? chance_below(c, KEYS) : h->model.next_id++;
  if (row->kind == ROW_TWICE)
    *row = (struct model_row){.id = v->rows[0].id, .kind = ROW_TWICE};
  else if (by_row && row->kind != ROW_BROKEN && has_key(v, row->id))
    return;
  bool again = by_row && h->model.next_value > 5 && chance_of(c, 30);
  int value = again ? h->model.next_value - 1 - chance_below(c, 5) : h->model.next_value++;
  snprintf(row->value, sizeof row->value, "s%d%s", value, row->kind == ROW_REFUSED ? "!" : "");
  v->n_rows++;
}

static void fill_rows(struct history *h, struct chance *c, struct version *v) {
  static const int sizes[] = {1, 4, 4, 12, 12, 40, MODEL_ROWS};
  int n = sizes[chance_below(c, sizeof sizes / sizeof *sizes)];
  if (h->model.mode != REFRESH && chance_of(c, 5))
    n = 0;
  for (int i = 0; i < n; i++)
    add_row(h, c, v);
}

/* Without records there may be a header all the same, which is no reason to take its columns for text ever after. */
static void write_rows(const struct version *v, struct world_part *out) {
  bool header = v->n_rows || v->serial % 2;
  size_t n = header ? (size_t)snprintf(out->bytes, sizeof out->bytes, "id,v\n") : 0;
  for (int i = 0; i < v->n_rows; i++) {
    const struct model_row *row = &v->rows[i];
    char *at = out->bytes + n;
    size_t room = sizeof out->bytes - n;
    if (row->kind == ROW_BROKEN)
      n += (size_t)snprintf(at, room, "broken\n");
    else if (row->kind == ROW_NULL_KEY)
      n += (size_t)snprintf(at, room, ",%s\n", row->value);
    else
      n += (size_t)snprintf(at, room, "%lld,%s\n", (long long)row->id, row->value);
  }
  out->size = (int)n;
}

/* Times are of no use to tell what is new: they lie, go back, and come twice. */
static void describe(const struct version *v, struct chance *c, struct world_part *out) {
  static const int64_t now = INT64_C(1760000000);
  *out = (struct world_part){.there = true, .sized = v->sized, .serial = v->serial};
  int64_t seconds = chance_of(c, 40) ? now : now - HOUR * chance_below(c, 1000) + v->serial;
  out->modified = seconds * 1000000;
  write_rows(v, out);
}

/* ---- changes ---- */

static int any_part(const struct history *h, struct chance *c, bool there) {
  int found[WORLD_PARTS], n = 0;
  for (int i = 0; i < WORLD_PARTS; i++)
    if ((h->model.now[i] != 0) == there)
      found[n++] = i;
  return n ? found[chance_below(c, n)] : -1;
}

static int count_parts(const struct history *h) {
  int n = 0;
  for (int i = 0; i < WORLD_PARTS; i++)
    n += h->model.now[i] != 0;
  return n;
}

static void put_in_place(struct history *h, struct chance *c, int part, int version) {
  model_disturb_bundles(&h->model);
  h->model.now[part] = version + 1;
  describe(&h->model.versions[version], c, &h->world->parts[part]);
}

static int make_new(struct history *h, struct chance *c, int part) {
  int version = model_add(&h->model, part);
  struct version *v = &h->model.versions[version];
  v->sized = chance_of(c, 50);
  v->refusing = h->settings.refuse;
  fill_rows(h, c, v);
  return version;
}

/* The same rows once more: under another name, or as another version. */
static int make_copy(struct history *h, struct chance *c, int part, int from) {
  int version = model_add(&h->model, part);
  struct version *v = &h->model.versions[version], *other = &h->model.versions[from];
  v->n_rows = other->n_rows;
  memcpy(v->rows, other->rows, sizeof v->rows);
  v->sized = chance_of(c, 50);
  v->refusing = h->settings.refuse;
  v->fresh = other->fresh = false;
  return version;
}

static void add(struct history *h, struct chance *c) {
  int part = any_part(h, c, false);
  if (part < 0)
    return;
  int version = make_new(h, c, part);
  history_tell(h, "  part %d is new: v%d, %d rows%s", part, version, h->model.versions[version].n_rows,
               h->model.versions[version].sized ? "" : ", of unknown size");
  put_in_place(h, c, part, version);
}

static void replace(struct history *h, struct chance *c, int part) {
  int version = make_new(h, c, part);
  history_tell(h, "  part %d is replaced: v%d, %d rows%s", part, version, h->model.versions[version].n_rows,
               h->model.versions[version].sized ? "" : ", of unknown size");
  put_in_place(h, c, part, version);
}

static void touch(struct history *h, struct chance *c, int part) {
  int version = make_copy(h, c, part, h->model.now[part] - 1);
  history_tell(h, "  part %d is touched: v%d", part, version);
  put_in_place(h, c, part, version);
}

static void take_away(struct history *h, int part) {
  model_disturb_bundles(&h->model);
  history_tell(h, "  part %d is gone", part);
  h->model.now[part] = 0;
  h->world->parts[part].there = false;
}

static void rename_part(struct history *h, struct chance *c, int part) {
  int to = any_part(h, c, false);
  if (to < 0)
    return;
  int version = make_copy(h, c, to, h->model.now[part] - 1);
  history_tell(h, "  part %d is renamed to %d: v%d", part, to, version);
  put_in_place(h, c, to, version);
  take_away(h, part);
}

/* What an earlier version of the part held comes back, as a version of its own. */
static void revert(struct history *h, struct chance *c, int part) {
  int first = chance_of(c, 60) ? 0 : chance_below(c, h->model.n_versions); /* mostly the one before */
  for (int i = 0; i < h->model.n_versions; i++) {
    int from = (first + h->model.n_versions - 1 - i) % h->model.n_versions;
    if (h->model.versions[from].part != part || from == h->model.now[part] - 1)
      continue;
    int version = make_copy(h, c, part, from);
    history_tell(h, "  part %d is as in v%d again: v%d", part, from, version);
    put_in_place(h, c, part, version);
    return;
  }
}

void bucket_change(struct history *h, struct chance *c) {
  int part = any_part(h, c, true), choice = chance_below(c, 20);
  if (part < 0 || choice < 5)
    add(h, c);
  else if (choice < 9)
    replace(h, c, part);
  else if (choice < 11)
    touch(h, c, part);
  else if (choice < 13)
    rename_part(h, c, part);
  else if (choice < 17)
    revert(h, c, part);
  else if (count_parts(h) > 1)
    take_away(h, part);
}

void bucket_fill(struct history *h, struct chance *c, int n) {
  while (count_parts(h) < n)
    add(h, c);
}

void bucket_touch_all(struct history *h) {
  struct chance c = {h->seed};
  for (int i = 0; i < WORLD_PARTS; i++)
    if (h->model.now[i])
      touch(h, &c, i);
}

/* ---- while a run reads ---- */

void bucket_change_later(struct history *h, struct chance *c) {
  struct world *world = h->world;
  int part = any_part(h, c, true);
  if (part < 0)
    return;
  world->change_part = part;
  atomic_store(&world->change_at, 1 + chance_below(c, 6));
  if (chance_of(c, 30) && count_parts(h) > 1) {
    world->change = (struct world_part){.there = false};
    return;
  }
  int version = make_new(h, c, part);
  describe(&h->model.versions[version], c, &world->change);
}

void bucket_changed(struct history *h) {
  struct world *world = h->world;
  if (!atomic_load(&world->changed))
    return;
  model_disturb_bundles(&h->model);
  h->model.now[world->change_part] = world->change.there ? world->change.serial + 1 : 0;
  if (world->change.there)
    history_tell(h, "  meanwhile part %d was replaced: v%d, %d rows", world->change_part, world->change.serial,
                 h->model.versions[world->change.serial].n_rows);
  else
    history_tell(h, "  meanwhile part %d went", world->change_part);
}
