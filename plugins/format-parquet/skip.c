/* Going past rows: their values are decoded and thrown away where the encoding asks for it, but whole pages of them are
 * not even unpacked. */
#include "skip.h"
#include "pick.h"

enum { MOST = 4096, TEXTS_MOST = 1 << 20, SAME_MOST = 1 << 16 };
static const uint32_t nowhere[1];

/* ---- which rows ---- */

static const struct pq_row_list *wanted_of(const struct pq_leaf *l) {
  return l->plan->pruned ? &l->plan->pruned->rows : NULL;
}

int64_t pq_rows_wanted(const struct pq_leaf *l) {
  return pq_row_list_count(wanted_of(l));
}

int64_t pq_rows_gap(const struct pq_leaf *l) {
  const struct pq_row_list *rows = l->plan ? wanted_of(l) : NULL;
  if (!rows || l->range == rows->n)
    return 0;
  int64_t begin = rows->items[l->range].begin, left = rows->items[l->range].end - l->row;
  if (begin > l->row)
    return begin - l->row;
  int64_t late = l->picks ? l->picks->first - l->candidate : 0;
  return late < 0 ? 0 : late < left ? late : left;
}

int64_t pq_rows_told(const struct pq_leaf *l) {
  const struct pq_rows *range = &wanted_of(l)->items[l->range];
  int64_t told = l->picks->first + l->picks->n - l->candidate, left = range->end - l->row;
  return told < left ? told : left;
}

/* Of those that were told, how many from here on the filter said this of; of very many, fewer. */
static int64_t count_same(const struct pq_leaf *l, uint8_t wanted) {
  const uint8_t *keep = l->picks->keep + (l->candidate - l->picks->first);
  int64_t n = pq_rows_told(l) < SAME_MOST ? pq_rows_told(l) : SAME_MOST, i = 0;
  while (i < n && keep[i] == wanted)
    i++;
  return i;
}

int64_t pq_rows_ahead(const struct pq_leaf *l) {
  int64_t gap = pq_rows_gap(l);
  const struct pq_row_list *rows = l->plan ? wanted_of(l) : NULL;
  return gap || !l->picks || !rows || l->range == rows->n ? gap : count_same(l, 0);
}

int64_t pq_rows_here(const struct pq_leaf *l) {
  const struct pq_row_list *rows = l->plan ? wanted_of(l) : NULL;
  if (!rows)
    return l->group_rows;
  if (l->range == rows->n || rows->items[l->range].begin > l->row)
    return 0;
  return l->picks ? count_same(l, 1) : rows->items[l->range].end - l->row;
}

void pq_rows_took(struct pq_leaf *l, int64_t rows) {
  const struct pq_row_list *list = l->plan ? wanted_of(l) : NULL;
  l->row += rows;
  l->candidate += rows;
  if (list && l->range < list->n && l->row >= list->items[l->range].end)
    l->range++;
}

void pq_rows_pass(struct pq_leaf *l, int64_t rows) {
  const struct pq_row_list *list = wanted_of(l);
  if (l->range == list->n || list->items[l->range].begin > l->row) {
    l->row += rows;
    return;
  }
  l->group_rows -= rows;
  pq_rows_took(l, rows);
}

/* ---- pages ---- */

pq_fault pq_skip_page(struct pq_leaf *l, const struct pq_page_header *h) {
  static const char misfit[] = "the page index of the file says something else than the page; read it without `where`";
  const struct pq_pruned *pruned = l->plan->pruned;
  const struct pq_pages *pages = pruned && pruned->pages ? &pruned->pages[l->column] : NULL;
  if (!pages || !pages->items)
    return NULL;
  const struct pq_page_place *before = l->page_index ? &pages->items[l->page_index - 1] : NULL;
  if (l->page_index == pages->n || l->page_at != l->page_due || (before && l->row != before->first + before->rows))
    return misfit;
  const struct pq_page_place *place = &pages->items[l->page_index++];
  if ((int64_t)h->size + h->compressed != place->size || (h->rows >= 0 && h->rows != place->rows) ||
      (l->max_rep == 0 && h->values != place->rows))
    return misfit;
  l->row = place->first;
  l->page_due += place->size;
  return NULL;
}

/* Past n rows, which may be so for several reasons, one after the other. */
static void pass_all(struct pq_leaf *l, int64_t n) {
  for (int64_t some; n > 0; n -= some) {
    some = pq_rows_ahead(l);
    some = some > 0 && some < n ? some : n;
    pq_rows_pass(l, some);
  }
}

/* Is nobody's any of n rows from this one on? */
static bool all_unwanted(const struct pq_leaf *l, int64_t row, int64_t n) {
  struct pq_leaf ahead = *l; /* goes there in place of it */
  for (ahead.row = row; n > 0;) {
    int64_t some = pq_rows_ahead(&ahead);
    if (some == 0)
      return ahead.range == wanted_of(l)->n;
    some = some < n ? some : n;
    pq_rows_pass(&ahead, some);
    n -= some;
  }
  return true;
}

bool pq_page_is_unwanted(const struct pq_leaf *l, const struct pq_page_header *h) {
  const struct pq_pages *pages = l->plan->pruned->pages ? &l->plan->pruned->pages[l->column] : NULL;
  bool listed = pages && pages->items && l->page_index < pages->n;
  return h->values > 0 && all_unwanted(l, listed ? pages->items[l->page_index].first : l->row, h->values);
}

void pq_page_passed(struct pq_leaf *l, const struct pq_page_header *h) {
  l->levels_left -= h->values;
  pass_all(l, h->values);
}

bool pq_skip_rest(struct pq_leaf *l) {
  if (!all_unwanted(l, l->row, l->page_left))
    return false;
  pass_all(l, l->page_left);
  l->page_left = 0;
  return true;
}

/* ---- values ---- */

static pq_fault room(struct sluice_buffer *b, size_t n) {
  b->size = 0;
  return sluice_buffer_reserve(b, n + PQ_PADDING) == SLUICE_OK ? NULL : pq_no_memory;
}

static pq_fault skip_texts(struct pq_leaf *l, size_t n) {
  struct sluice_buffer ends = {0}, bytes = {0};
  pq_fault fault = NULL;
  while (n > 0 && !fault) {
    size_t some = pq_values_fit(&l->values, n, TEXTS_MOST);
    fault = pq_pick_texts(&l->values, &(struct pq_pick){nowhere, 0, some}, &ends, &bytes);
    n -= some;
  }
  sluice_buffer_free(&ends);
  sluice_buffer_free(&bytes);
  return fault;
}

/* At most MOST of them. */
static pq_fault skip_some(struct pq_leaf *l, size_t n) {
  const struct pq_pick none = {nowhere, 0, n};
  struct sluice_buffer *b = &l->unwanted;
  uint64_t text_bytes = 0;
  pq_fault fault = room(b, 0);
  if (fault)
    return fault;
  if (l->store.kind == PQ_STORE_BITS)
    return pq_pick_bits(&l->values, &none, b->data, 0);
  if (l->store.kind == PQ_STORE_VIEWS)
    return pq_pick_views(&l->values, &none, b->data, &text_bytes);
  return pq_pick_fixed(&l->values, &none, b->data);
}

static pq_fault skip_values(struct pq_leaf *l, size_t n) {
  pq_fault fault = NULL;
  if (l->store.kind == PQ_STORE_NOTHING)
    return NULL;
  if (l->store.kind == PQ_STORE_BYTES)
    return skip_texts(l, n);
  for (size_t some; n > 0 && !fault; n -= some) {
    some = n < MOST ? n : MOST;
    fault = skip_some(l, some);
  }
  return fault;
}

static size_t count_values(const struct pq_leaf *l, const uint8_t *levels, size_t n) {
  size_t set = 0;
  for (size_t i = 0; i < n; i++)
    set += levels[i] == l->max_def;
  return set;
}

/* At most MOST levels, read as those of the leaf always are; how many of them have values. */
static pq_fault skip_flat_levels(struct pq_leaf *l, size_t n, size_t *set) {
  uint8_t levels[MOST];
  int64_t ones = 0;
  *set = n;
  if (l->max_def == 0)
    return NULL;
  if (pq_leaf_has_bits(l)) {
    pq_fault fault = pq_levels_read_bits(&l->defs, levels, 0, n, &ones);
    *set = (size_t)ones;
    return fault;
  }
  pq_fault fault = pq_levels_read(&l->defs, levels, n);
  *set = fault ? 0 : count_values(l, levels, n);
  return fault;
}

pq_fault pq_skip_flat(struct pq_leaf *l, int64_t n) {
  pq_fault fault = NULL;
  size_t set = 0;
  if (n >= l->page_left) { /* the rest of it need not be looked at */
    pq_rows_pass(l, l->page_left);
    l->page_left = 0;
    return NULL;
  }
  for (int64_t some; n > 0 && !fault; n -= some) {
    some = n < MOST ? n : MOST;
    fault = skip_flat_levels(l, (size_t)some, &set);
    if (!fault)
      fault = skip_values(l, set);
    l->page_left -= some;
    pq_rows_pass(l, some);
  }
  return fault;
}

pq_fault pq_skip_levels(struct pq_leaf *l) {
  int64_t ahead = pq_rows_ahead(l), begun = 0;
  size_t i = l->level_at;
  if (l->rep_levels[i] != 0 && !l->dropping)
    return "its first value goes on with a row that was not begun";
  for (; i < l->level_n && (l->rep_levels[i] != 0 || begun < ahead); i++)
    begun += l->rep_levels[i] == 0;
  l->dropping = i == l->level_n; /* the last row may go on */
  pq_fault fault = skip_values(l, count_values(l, l->def_levels + l->level_at, i - l->level_at));
  l->level_at = i;
  pq_rows_pass(l, begun);
  return fault;
}
