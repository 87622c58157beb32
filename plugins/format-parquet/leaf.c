/* One column of the file, row by row into its node. */
#include "leaf.h"
#include "bits.h"
#include "skip.h"
#include "spread.h"
#include "tally.h"
#include <stdlib.h>

enum { SEGMENT = 8192 }; /* rows without lists that are taken at once */

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

/* ---- values ---- */

static pq_fault start_texts(struct pq_leaf *l) {
  static const int32_t zero = 0;
  if (l->store.kind != PQ_STORE_BYTES || l->node->offsets.size)
    return NULL;
  return sluice_buffer_append(&l->node->offsets, &zero, sizeof zero) == SLUICE_OK ? NULL : pq_no_memory;
}

/* Texts: the end of each valid one, then of each slot. */
static pq_fault add_texts(struct pq_leaf *l, size_t n, size_t set, const uint8_t *bits, int64_t at) {
  struct pq_node *node = l->node;
  if (sluice_buffer_reserve(&node->offsets, n * sizeof(int32_t) + PQ_PADDING) != SLUICE_OK)
    return pq_no_memory;
  size_t start = node->offsets.size;
  pq_fault fault = pq_values_texts(&l->values, &node->offsets, &node->values, set);
  if (fault || set == n)
    return fault;
  int32_t *ends = (int32_t *)(void *)(node->offsets.data + start);
  int64_t from = (int64_t)set - 1;
  for (int64_t i = (int64_t)n - 1; i > from; i--) {
    ends[i] = ends[from]; /* of the last valid one up to here; -1: of what was there before */
    from -= sluice_bit(bits, at + i);
  }
  node->offsets.size = start + n * sizeof(int32_t);
  return NULL;
}

static pq_fault add_bits(struct pq_leaf *l, size_t n, size_t set, const uint8_t *bits, int64_t at) {
  struct sluice_buffer *b = &l->node->values;
  int64_t slot = l->node->length;
  size_t need = (size_t)(slot + (int64_t)n + 7) / 8;
  if (sluice_buffer_reserve(b, need - (b->size > need ? need : b->size) + PQ_PADDING) != SLUICE_OK)
    return pq_no_memory;
  if (need > b->size)
    memset(b->data + b->size, 0, need - b->size);
  b->size = need;
  pq_fault fault = pq_values_bits(&l->values, b->data, slot, set);
  if (!fault && set < n)
    pq_spread_bits(b->data, slot, bits, at, (int64_t)n, (int64_t)set);
  return fault;
}

static pq_fault add_fixed(struct pq_leaf *l, size_t n, size_t set, const uint8_t *bits, int64_t at) {
  struct sluice_buffer *b = &l->node->values;
  size_t width = l->store.width;
  if (sluice_buffer_reserve(b, n * width + PQ_PADDING) != SLUICE_OK)
    return pq_no_memory;
  uint8_t *to = b->data + b->size;
  pq_fault fault = pq_values_fixed(&l->values, to, set);
  if (fault)
    return fault;
  if (set == 0)
    memset(to, 0, n * width);
  else
    pq_spread(to, width, bits, at, (int64_t)n, (int64_t)set);
  b->size += n * width;
  return NULL;
}

static pq_fault add_views(struct pq_leaf *l, size_t n, size_t set, const uint8_t *bits, int64_t at) {
  struct pq_node *node = l->node;
  struct sluice_buffer *b = &node->values;
  if (sluice_buffer_reserve(b, n * PQ_VIEW + PQ_PADDING) != SLUICE_OK)
    return pq_no_memory;
  uint8_t *to = b->data + b->size;
  pq_fault fault = pq_values_views(&l->values, to, set, &node->text_bytes);
  if (fault)
    return fault;
  pq_spread(to, PQ_VIEW, bits, at, (int64_t)n, (int64_t)set);
  b->size += n * PQ_VIEW;
  return NULL;
}

/* n slots of which `set` have values: those whose bit is set in the node's bitmap, from `at` on. The node's length is
 * still without them. */
static pq_fault add_values(struct pq_leaf *l, size_t n, size_t set, const uint8_t *bits, int64_t at) {
  switch (l->store.kind) {
  case PQ_STORE_NOTHING:
    return NULL;
  case PQ_STORE_BITS:
    return add_bits(l, n, set, bits, at);
  case PQ_STORE_BYTES:
    return add_texts(l, n, set, bits, at);
  case PQ_STORE_VIEWS:
    return add_views(l, n, set, bits, at);
  default:
    return add_fixed(l, n, set, bits, at);
  }
}

/* ---- rows without lists ---- */

static pq_fault add_all_valid(struct pq_leaf *l, size_t n) {
  pq_fault fault = add_values(l, n, n, NULL, 0);
  if (fault)
    return fault;
  return pq_node_mark(l->node, (int64_t)n, true) == SLUICE_OK ? NULL : pq_no_memory;
}

/* Slots from here on whose bits stand in the bitmap. */
static pq_fault add_marked(struct pq_leaf *l, size_t n, int64_t set) {
  struct pq_node *node = l->node;
  pq_fault fault = add_values(l, n, (size_t)set, node->validity.data, node->length);
  node->length += fault ? 0 : (int64_t)n;
  node->nulls += fault ? 0 : (int64_t)n - set;
  return fault;
}

/* An optional column of the top: its levels are its bitmap. Where all are valid none is made. */
static pq_fault add_optional(struct pq_leaf *l, size_t n) {
  struct pq_node *node = l->node;
  uint32_t level = 0;
  int64_t set = 0;
  if (node->validity.size == 0 && !l->defs.msb && pq_rle_same(&l->defs.rle, n, &level) == n && level == 1) {
    pq_rle_skip_same(&l->defs.rle, n);
    return add_all_valid(l, n);
  }
  if (pq_node_bitmap(node, (int64_t)n) != SLUICE_OK)
    return pq_no_memory;
  pq_fault fault = pq_levels_read_bits(&l->defs, node->validity.data, node->length, n, &set);
  return fault ? fault : add_marked(l, n, set);
}

static pq_fault add_slots(struct pq_leaf *l, const uint8_t *levels, size_t n) {
  struct pq_node *node = l->node;
  if (!node->nullable)
    return add_all_valid(l, n);
  if (pq_node_bitmap(node, (int64_t)n) != SLUICE_OK)
    return pq_no_memory;
  return add_marked(l, n, pq_bits_at_least(node->validity.data, node->length, levels, (int64_t)n, l->max_def));
}

static pq_fault add_structs(struct pq_leaf *l, const uint8_t *defs, const uint8_t *reps, size_t n) {
  pq_fault fault = NULL;
  for (int32_t i = 0; i < l->n_owned && !fault; i++)
    fault = pq_node_levels(l->owned[i], defs, reps, n);
  return l->tally && !fault ? pq_node_levels(l->tally, defs, reps, n) : fault;
}

static pq_fault add_flat(struct pq_leaf *l, size_t n) {
  uint8_t levels[SEGMENT];
  pq_fault fault = start_texts(l);
  if (fault)
    return fault;
  if (l->max_def == 0 && l->n_owned == 0)
    return add_all_valid(l, n);
  if (pq_leaf_has_bits(l))
    return add_optional(l, n);
  fault = pq_levels_read(&l->defs, levels, n);
  if (!fault)
    fault = add_structs(l, levels, NULL, n);
  return fault ? fault : add_slots(l, levels, n);
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
  int64_t n = rows - l->rows < SEGMENT ? rows - l->rows : SEGMENT, here = pq_rows_here(l);
  n = n < l->page_left ? n : l->page_left;
  return (int64_t)fit(l, c, (size_t)(n < here ? n : here));
}

static int read_flat(struct pq_leaf *l, const struct pq_leaf_context *c, int64_t rows, struct sluice_error *err) {
  while (l->rows < rows && !is_full(l, c)) {
    int code = SLUICE_OK;
    while (l->group_rows == 0 && !code)
      code = next_group(l, c, err);
    if (!code && l->page_left == 0)
      code = begin_page(l, c, err);
    if (code)
      return code;
    int64_t ahead = pq_rows_ahead(l), n = ahead ? 0 : flat_rows(l, c, rows);
    pq_fault fault = ahead ? pq_skip_flat(l, ahead) : add_flat(l, (size_t)n);
    if (fault)
      return pq_leaf_fail(l, c, fault, err);
    l->rows += n;
    l->group_rows -= n;
    l->page_left -= n;
    pq_rows_took(l, n);
  }
  return SLUICE_OK;
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
  pq_fault fault = start_texts(l);
  if (!fault && !l->slots.data && sluice_buffer_reserve(&l->slots, PQ_LEVELS + PQ_PADDING) != SLUICE_OK)
    fault = pq_no_memory;
  if (!fault)
    fault = add_structs(l, defs, reps, n);
  if (fault)
    return fault;
  const uint8_t *levels = pick_slots(l, defs, n, &slots);
  return slots ? add_slots(l, levels, slots) : NULL;
}

/* At the end of a page the row may go on in the next, unless its group is over. */
static int more_levels(struct pq_leaf *l, const struct pq_leaf_context *c, struct sluice_error *err) {
  int code = l->page_left ? SLUICE_OK : pq_page_next(l, c, err);
  if (code == SLUICE_END && l->group_rows > 0)
    return pq_leaf_fail(l, c, "it ends before all rows of its row group", err);
  pq_fault fault = code ? NULL : fill_levels(l);
  return fault ? pq_leaf_fail(l, c, fault, err) : code;
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
