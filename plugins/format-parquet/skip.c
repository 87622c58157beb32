/* Going past rows: their values are decoded and thrown away, but whole pages of them are not even read. */
#include "skip.h"

enum { MOST = 4096, TEXTS_MOST = 1 << 20 };

/* ---- which rows ---- */

static const struct pq_row_list *wanted_of(const struct pq_leaf *l) {
  return l->plan->pruned ? &l->plan->pruned->rows : NULL;
}

int64_t pq_rows_wanted(const struct pq_leaf *l) {
  return pq_row_list_count(wanted_of(l));
}

int64_t pq_rows_ahead(const struct pq_leaf *l) {
  const struct pq_row_list *rows = l->plan ? wanted_of(l) : NULL;
  if (!rows || l->range == rows->n)
    return 0;
  int64_t begin = rows->items[l->range].begin;
  return begin > l->row ? begin - l->row : 0;
}

int64_t pq_rows_here(const struct pq_leaf *l) {
  const struct pq_row_list *rows = l->plan ? wanted_of(l) : NULL;
  if (!rows)
    return l->group_rows;
  if (l->range == rows->n || rows->items[l->range].begin > l->row)
    return 0;
  return rows->items[l->range].end - l->row;
}

void pq_rows_took(struct pq_leaf *l, int64_t rows) {
  const struct pq_row_list *list = l->plan ? wanted_of(l) : NULL;
  l->row += rows;
  if (list && l->range < list->n && l->row >= list->items[l->range].end)
    l->range++;
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
    fault = room(&ends, some * sizeof(int32_t));
    bytes.size = 0;
    if (!fault)
      fault = pq_values_texts(&l->values, &ends, &bytes, some);
    n -= some;
  }
  sluice_buffer_free(&ends);
  sluice_buffer_free(&bytes);
  return fault;
}

/* At most MOST of them. */
static pq_fault skip_some(struct pq_leaf *l, size_t n) {
  struct sluice_buffer *b = &l->unwanted;
  uint64_t text_bytes = 0;
  pq_fault fault = room(b, n * (l->store.width ? l->store.width : 1));
  if (fault)
    return fault;
  if (l->store.kind == PQ_STORE_BITS) {
    memset(b->data, 0, n / 8 + 1);
    return pq_values_bits(&l->values, b->data, 0, n);
  }
  if (l->store.kind == PQ_STORE_VIEWS)
    return pq_values_views(&l->values, b->data, n, &text_bytes);
  return pq_values_fixed(&l->values, b->data, n);
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
  n = n < l->page_left ? n : l->page_left;
  for (int64_t some; n > 0 && !fault; n -= some) {
    some = n < MOST ? n : MOST;
    fault = skip_flat_levels(l, (size_t)some, &set);
    if (!fault)
      fault = skip_values(l, set);
    l->page_left -= some;
    l->row += some;
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
  l->row += begun;
  return fault;
}
