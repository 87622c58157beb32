/* The pieces of a part are planned once, by its format, and are in the ledger before any of them is read. Their size is
 * the job's, never a matter of the number of workers. */
#include "core/run/split.h"
#include "core/log/log.h"
#include "core/run/evolve.h"
#include <stdlib.h>

struct gathering {
  struct sluice_split *splits;
  size_t n, room;
  const char *part;
};

static bool is_behind(const struct sluice_position *a, const struct sluice_position *b) {
  return a->row > b->row || a->offset > b->offset;
}

/* Each begins where the one before ends. */
static bool follows(const struct gathering *g, const struct sluice_split *split) {
  if (g->n == 0)
    return split->begin.row == 0;
  const struct sluice_position *before = &g->splits[g->n - 1].end;
  return memcmp(&split->begin, before, sizeof *before) == 0 &&
         (g->n == 0 || is_behind(&split->begin, &g->splits[g->n - 1].begin));
}

static int add(struct sluice_splits *splits, const struct sluice_split *split, struct sluice_error *err) {
  struct gathering *g = splits->private_data;
  if (!follows(g, split))
    return sluice_fail(err, SLUICE_ERR_BUG, g->part,
                       "the format planned a piece that does not begin where the one before ends; this is a fault of "
                       "the plugin");
  if (g->n == LEDGER_SPLITS_MAX)
    return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, g->part, "more than %d pieces", LEDGER_SPLITS_MAX);
  if (g->n == g->room) {
    size_t room = g->room ? 2 * g->room : 64;
    struct sluice_split *grown = realloc(g->splits, room * sizeof *grown);
    if (!grown)
      return sluice_fail(err, SLUICE_ERR_MEMORY, g->part, "no memory for its pieces");
    g->splits = grown;
    g->room = room;
  }
  g->splits[g->n++] = *split;
  return SLUICE_OK;
}

/* By row the order of records counts. Of what was tried before, something may be at the destination. */
static bool may_split(const struct worker *w, const struct pipeline_part *opened) {
  const struct ledger_unit *u = &w->unit;
  int64_t bytes = w->state->job->split_bytes;
  return bytes > 0 && !w->state->job->sync.n_keys && u->n_parts == 1 && u->attempts == 1 && !u->resumed &&
         !ledger_is_split(u) && opened->input.size / 2 >= bytes;
}

static int plan(struct worker *w, struct pipeline_part *opened, struct gathering *g, struct sluice_error *err) {
  const struct ledger_unit *u = &w->unit;
  struct ArrowSchema want = {0};
  struct sluice_scan scan = {.struct_size = sizeof scan,
                             .flags = evolve_flags(&w->state->pipeline),
                             .batch_rows = u->batch_rows,
                             .batch_bytes = u->batch_bytes,
                             .want = &want,
                             .part = g->part};
  struct sluice_splits splits = {add, g};
  int code = evolve_want(&w->state->pipeline, &w->schema->schema, &want);
  if (code)
    return sluice_fail(err, code, g->part, "no memory");
  code = pipeline_plan(&w->state->pipeline, opened, &scan, w->state->job->split_bytes, &splits, err);
  sluice_schema_release(&want);
  return code;
}

static bool reaches_the_end(const struct gathering *g) {
  static const struct sluice_position end = {0};
  return memcmp(&g->splits[g->n - 1].end, &end, sizeof end) == 0;
}

/* A part that cannot be cut is read whole, and says then what is wrong with it. */
static bool is_of_cutting(int code) {
  return code == SLUICE_ERR_UNSUPPORTED || code == SLUICE_ERR_DATA;
}

int split_unit(struct worker *w, struct pipeline_part *opened, struct sluice_error *err) {
  struct gathering g = {.part = w->unit.parts[0].name};
  struct sluice_error why = {0};
  if (!may_split(w, opened))
    return SLUICE_OK;
  int code = plan(w, opened, &g, &why);
  if (!code && g.n > 0 && !reaches_the_end(&g))
    code =
        sluice_fail(&why, SLUICE_ERR_BUG, g.part,
                    "the last piece that the format planned does not reach to the end; this is a fault of the plugin");
  if (!code && g.n > 1) {
    struct ledger_settings settings = worker_settings(w);
    code = ledger_split(w->state->ledger, &w->unit, &settings, g.splits, g.n, &why);
    if (!code)
      state_wake(w->state);
  }
  free(g.splits);
  if (!code || is_of_cutting(code))
    return SLUICE_OK;
  *err = why;
  return sluice_fail(err, code, g.part, "it cannot be cut into pieces, and the format gave no reason");
}
