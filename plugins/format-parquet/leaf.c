/* One column of the file, row by row into its node. */
#include "leaf_add.h"
#include "leaf_pick.h"
#include "skip.h"
#include "tally.h"
#include <stdlib.h>

void pq_leaf_destroy(struct pq_leaf *l) {
  if (!l)
    return;
  pq_values_finish(&l->values);
  pq_dictionary_finish(&l->dictionary);
  sluice_buffer_free(&l->page);
  sluice_buffer_free(&l->slots);
  sluice_buffer_free(&l->unwanted);
  free(l->owned);
  pq_tally_destroy(l);
  free(l->def_levels);
  free(l->rep_levels);
  free(l);
}

/* ---- row groups ---- */

static int check_chunk(const struct pq_leaf *l, const struct pq_leaf_context *c, struct sluice_error *err) {
  const struct pq_chunk *chunk = &l->plan->chunks[l->column];
  if (chunk->type == l->element->type)
    return SLUICE_OK;
  return pq_leaf_fail(l, c, "its row group has values of another type than the schema says", err);
}

static int next_group(struct pq_leaf *l, const struct pq_leaf_context *c, struct sluice_error *err) {
  struct pq_group_plan *next = NULL;
  struct pq_window *w = &c->fetch->windows[l->column];
  pq_window_unpin(w);
  while (l->plan && l->chunk_left > 0) { /* bytes behind the last page that is needed */
    int64_t most = 1 << 20;
    size_t n = (size_t)(l->chunk_left < most ? l->chunk_left : most);
    int code = pq_fetch_need(c->fetch, l->column, n, err);
    if (code)
      return code;
    pq_window_skip(w, n);
    l->chunk_left -= (int64_t)n;
  }
  int code = pq_fetch_next_group(c->fetch, l->plan, &next, err);
  if (code)
    return code;
  l->plan = next;
  l->group_rows = next->pruned ? pq_rows_wanted(l) : c->footer->groups[next->group].rows;
  l->chunk_left = next->sizes[l->column];
  const struct pq_chunk *chunk = &next->chunks[l->column];
  l->levels_left = l->chunk_left > chunk->compressed ? chunk->values : INT64_MAX;
  l->page_left = l->page_at = 0;
  l->row = 0;
  l->range = 0;
  l->page_index = 0;
  l->page_due = next->pruned && next->pruned->pages ? next->pruned->pages[l->column].head : 0;
  l->dropping = false;
  l->level_at = l->level_n = 0;
  l->dictionary.loaded = false;
  l->node->held.dictionary = NULL;
  return check_chunk(l, c, err);
}

/* ---- sizes ---- */

static int64_t text_bytes(const struct pq_leaf *l) {
  return l->store.kind == PQ_STORE_VIEWS ? (int64_t)l->node->text_bytes : (int64_t)l->node->values.size;
}

static int64_t bytes_of(const struct pq_leaf *l) {
  int64_t bytes = l->store.kind == PQ_STORE_BYTES ? text_bytes(l) + 4 * l->node->length
                                                  : l->node->length * (l->store.width ? l->store.width : 1);
  bytes += l->store.kind == PQ_STORE_VIEWS ? text_bytes(l) : 0;
  for (int32_t i = 0; i < l->n_owned; i++)
    bytes += l->owned[i]->kind == PQ_NODE_LIST ? 4 * l->owned[i]->length : 0;
  return bytes;
}

static bool is_full(const struct pq_leaf *l, const struct pq_leaf_context *c) {
  return l->varies && bytes_of(l) > c->batch_bytes;
}

/* How many of n texts may be taken so that they do not pass the batch by more than one. */
static size_t fit(const struct pq_leaf *l, const struct pq_leaf_context *c, size_t n) {
  if (l->store.kind != PQ_STORE_BYTES && l->store.kind != PQ_STORE_VIEWS)
    return n;
  int64_t room = c->batch_bytes - text_bytes(l);
  return pq_values_fit(&l->values, n, room > 0 ? (size_t)room : 0);
}

static int begin_page(struct pq_leaf *l, const struct pq_leaf_context *c, struct sluice_error *err) {
  int code = pq_page_next(l, c, err);
  return code == SLUICE_END ? pq_leaf_fail(l, c, "it ends before all rows of its row group", err) : code;
}

/* As many as can be added at once. */
static int64_t flat_rows(const struct pq_leaf *l, const struct pq_leaf_context *c, int64_t rows) {
  int64_t n = rows - l->rows < PQ_SEGMENT ? rows - l->rows : PQ_SEGMENT, here = pq_rows_here(l);
  n = n < l->page_left ? n : l->page_left;
  return (int64_t)fit(l, c, (size_t)(n < here ? n : here));
}

static void took(struct pq_leaf *l, int64_t n, int64_t kept) {
  l->rows += kept;
  l->group_rows -= n;
  l->page_left -= n;
  pq_rows_took(l, n);
}

static pq_fault step_flat(struct pq_leaf *l, const struct pq_leaf_context *c, int64_t rows) {
  int64_t ahead = pq_rows_ahead(l), n = ahead ? 0 : flat_rows(l, c, rows);
  pq_fault fault = ahead ? pq_skip_flat(l, ahead) : pq_add_rows(l, (size_t)n);
  took(l, n, n);
  return fault;
}

static pq_fault step_picked(struct pq_leaf *l, const struct pq_leaf_context *c, int64_t rows) {
  int64_t gap = pq_rows_gap(l), n;
  if (gap)
    return pq_skip_flat(l, gap);
  n = pq_rows_told(l) < l->page_left ? pq_rows_told(l) : l->page_left;
  n = (int64_t)fit(l, c, (size_t)(n < PQ_SEGMENT ? n : PQ_SEGMENT));
  if (n == 0)
    return "it is read further than the filter was asked";
  struct pq_picked some = pq_picked_rows(l, n, rows - l->rows);
  if (some.kept == 0)
    return pq_skip_flat(l, n);
  pq_fault fault = some.kept == some.n ? pq_add_rows(l, (size_t)some.n) : pq_add_picked(l, &some);
  took(l, some.n, some.kept);
  return fault;
}

/* A page with rows that are wanted; page_left stays 0 where the group had none any more. */
static int begin_rows(struct pq_leaf *l, const struct pq_leaf_context *c, struct sluice_error *err) {
  int code = SLUICE_OK;
  while (l->group_rows == 0 && !code)
    code = next_group(l, c, err);
  if (!code && l->page_left == 0)
    code = pq_pages_pass(l, c, err);
  return code || l->page_left || l->group_rows == 0 ? code : begin_page(l, c, err);
}

static int read_flat(struct pq_leaf *l, const struct pq_leaf_context *c, int64_t rows, struct sluice_error *err) {
  while (l->rows < rows && !is_full(l, c)) {
    int code = begin_rows(l, c, err);
    if (code)
      return code;
    if (l->page_left == 0)
      continue;
    pq_fault fault = l->picks ? step_picked(l, c, rows) : step_flat(l, c, rows);
    if (fault)
      return pq_leaf_fail(l, c, fault, err);
  }
  return SLUICE_OK;
}

/* Whole pages, and what is left of one, are not looked at. */
static int pass_flat(struct pq_leaf *l, const struct pq_leaf_context *c, struct sluice_error *err) {
  int code = SLUICE_OK;
  while (!code && l->candidate < l->picks->first) {
    while (l->group_rows == 0 && !code)
      code = next_group(l, c, err);
    if (!code && l->page_left == 0)
      code = pq_pages_pass(l, c, err);
    else if (!code && !pq_skip_rest(l))
      break;
    if (!code && l->page_left == 0 && l->group_rows > 0)
      break;
  }
  return code;
}

/* ---- rows with lists ---- */

static pq_fault fill_levels(struct pq_leaf *l) {
  size_t n = l->page_left < PQ_LEVELS ? (size_t)l->page_left : PQ_LEVELS;
  if (!l->def_levels)
    l->def_levels = malloc(PQ_LEVELS + PQ_PADDING);
  if (!l->rep_levels)
    l->rep_levels = malloc(PQ_LEVELS + PQ_PADDING);
  if (!l->def_levels || !l->rep_levels)
    return pq_no_memory;
  pq_fault fault = pq_levels_read(&l->reps, l->rep_levels, n);
  if (!fault)
    fault = pq_levels_read(&l->defs, l->def_levels, n);
  if (fault)
    return fault;
  l->level_at = 0;
  l->level_n = n;
  l->page_left -= (int64_t)n;
  return NULL;
}

/* The levels from here on that belong to the batch: up to the row behind the last that is wanted. */
static size_t count_levels(const struct pq_leaf *l, int64_t rows, int64_t *begun) {
  const uint8_t *reps = l->rep_levels;
  int64_t here = pq_rows_here(l), more = rows - l->rows < here ? rows - l->rows : here, count = 0;
  size_t i = l->level_at;
  for (; i < l->level_n; i++) {
    if (reps[i] == 0 && count == more)
      break;
    count += reps[i] == 0;
  }
  *begun = count;
  return i - l->level_at;
}

/* The leaf's own slots among n levels: all of them, or those that reach into its innermost list. */
static const uint8_t *pick_slots(struct pq_leaf *l, const uint8_t *defs, size_t n, size_t *count) {
  uint8_t least = l->node->slot_def, *out = l->slots.data;
  size_t k = 0;
  for (size_t i = 0; i < n; i++) {
    out[k] = defs[i];
    k += defs[i] >= least;
  }
  *count = k;
  return out;
}

static pq_fault add_nested(struct pq_leaf *l, size_t n) {
  const uint8_t *defs = l->def_levels + l->level_at, *reps = l->rep_levels + l->level_at;
  size_t slots = 0;
  pq_fault fault = pq_add_start(l);
  if (!fault && !l->slots.data && sluice_buffer_reserve(&l->slots, PQ_LEVELS + PQ_PADDING) != SLUICE_OK)
    fault = pq_no_memory;
  if (!fault)
    fault = pq_add_structs(l, defs, reps, n);
  if (fault)
    return fault;
  const uint8_t *levels = pick_slots(l, defs, n, &slots);
  return slots ? pq_add_slots(l, levels, slots) : NULL;
}

/* At the end of a page the row may go on in the next, unless its group is over. */
static int more_levels(struct pq_leaf *l, const struct pq_leaf_context *c, struct sluice_error *err) {
  int code = l->page_left ? SLUICE_OK : pq_page_next(l, c, err);
  if (code == SLUICE_END && l->group_rows > 0)
    return pq_leaf_fail(l, c, "it ends before all rows of its row group", err);
  pq_fault fault = code ? NULL : fill_levels(l);
  return fault ? pq_leaf_fail(l, c, fault, err) : code;
}

/* Counts those of the last row among the n levels that come next. */
static void count_items(struct pq_leaf *l, size_t n, bool begins) {
  const uint8_t *reps = l->rep_levels + l->level_at;
  size_t last = n;
  while (begins && last > 0 && reps[last - 1] != 0)
    last--;
  l->items = begins ? (int64_t)(n - last) + 1 : l->items + (int64_t)n;
}

static pq_fault take_levels(struct pq_leaf *l, const struct pq_leaf_context *c, int64_t rows, bool *stopped) {
  int64_t begun = 0;
  if (!l->row_open && l->rep_levels[l->level_at] != 0)
    return "its first value goes on with a row that was not begun";
  size_t n = count_levels(l, rows, &begun), most = fit(l, c, n);
  *stopped = n == 0;
  if (most < n) { /* fewer at once: their rows are counted again */
    n = most;
    begun = 0;
    for (size_t i = 0; i < n; i++)
      begun += l->rep_levels[l->level_at + i] == 0;
  }
  count_items(l, n, begun > 0);
  if (l->items > c->config->max_items)
    return "a row has more items than the option max_items allows";
  pq_fault fault = n ? add_nested(l, n) : NULL;
  l->level_at += n;
  l->rows += begun;
  l->group_rows -= begun;
  pq_rows_took(l, begun);
  l->row_open |= n > 0;
  if (!fault && bytes_of(l) > c->batch_bytes && bytes_of(l) - c->batch_bytes > c->config->max_row)
    return "a row is larger than the option max_row allows";
  return fault;
}

static int read_nested(struct pq_leaf *l, const struct pq_leaf_context *c, int64_t rows, struct sluice_error *err) {
  bool stopped = false;
  while (l->rows < rows || l->row_open) {
    if (l->row_open && is_full(l, c))
      rows = l->rows; /* up to the end of this row */
    int code = SLUICE_OK;
    while (l->group_rows == 0 && !l->row_open && !code)
      code = next_group(l, c, err);
    if (!code && l->level_at == l->level_n)
      code = more_levels(l, c, err);
    if (code == SLUICE_END) {
      l->row_open = false;
      continue;
    }
    if (code)
      return code;
    bool drop = !l->row_open && (l->dropping || pq_rows_ahead(l) > 0);
    pq_fault fault = drop ? pq_skip_levels(l) : take_levels(l, c, rows, &stopped);
    if (fault)
      return pq_leaf_fail(l, c, fault, err);
    if (drop)
      continue;
    if (stopped)
      l->row_open = false;
    if (stopped && l->group_rows == 0 && l->rows < rows)
      l->level_at = l->level_n; /* more rows than the group has: they are nobody's */
    if (stopped && l->rows >= rows)
      break;
  }
  return SLUICE_OK;
}

int pq_leaf_read(struct pq_leaf *l, const struct pq_leaf_context *c, int64_t rows, struct sluice_error *err) {
  return l->max_rep ? read_nested(l, c, rows, err) : read_flat(l, c, rows, err);
}

static int pass_nested(struct pq_leaf *l, const struct pq_leaf_context *c, struct sluice_error *err) {
  int code = SLUICE_OK;
  while (!code && l->candidate < l->picks->first) {
    while (l->group_rows == 0 && !code)
      code = next_group(l, c, err);
    if (!code && l->level_at == l->level_n)
      code = more_levels(l, c, err);
    pq_fault fault = code ? NULL : pq_skip_levels(l);
    if (fault)
      code = pq_leaf_fail(l, c, fault, err);
  }
  return code;
}

int pq_leaf_pass(struct pq_leaf *l, const struct pq_leaf_context *c, struct sluice_error *err) {
  return l->max_rep ? pass_nested(l, c, err) : pass_flat(l, c, err);
}
