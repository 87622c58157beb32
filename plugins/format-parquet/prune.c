/* Leaving out row groups and pages. What an index says is only believed where it fits the chunk; else all is read. */
#include "prune.h"
#include "bloom.h"
#include <stdlib.h>

enum { AHEAD = 256 << 10 }; /* indexes of one kind lie side by side */

int pq_prune_create(struct sluice_input *in, const struct pq_footer *f, const struct pq_shape *shape,
                    const struct sluice_scan *scan, const char *part, struct pq_prune **out, struct sluice_error *err) {
  *out = NULL;
  if (!SLUICE_HAS(scan, where) || scan->where->count == 0 || shape->n_leaves == 0)
    return SLUICE_OK;
  struct pq_prune *p = calloc(1, sizeof *p);
  if (!p)
    return sluice_fail(err, SLUICE_ERR_MEMORY, part, "no memory for the filter");
  const struct pq_nearby near = {.input = in, .part = part, .end = f->at};
  *p = (struct pq_prune){.columns = near,
                         .offsets = near,
                         .blooms = near,
                         .footer = f,
                         .leaves = shape->ordinals,
                         .n = shape->n_leaves,
                         .part = part};
  int code = pq_where_init(&p->where, scan->where, f, shape, part, err);
  if (code || p->where.n == 0)
    pq_prune_destroy(p);
  else
    *out = p;
  return code;
}

void pq_prune_destroy(struct pq_prune *p) {
  if (!p)
    return;
  pq_where_finish(&p->where);
  pq_nearby_finish(&p->columns);
  pq_nearby_finish(&p->offsets);
  pq_nearby_finish(&p->blooms);
  free(p);
}

void pq_pruned_finish(struct pq_pruned *out, int32_t n) {
  pq_row_list_finish(&out->rows);
  for (int32_t i = 0; out->pages && i < n; i++)
    free(out->pages[i].items);
  free(out->pages);
  *out = (struct pq_pruned){.partial = false};
}

/* ---- whole groups ---- */

static bool may_by_statistics(const struct pq_prune *p, const struct pq_chunk *chunks, int64_t rows) {
  for (int32_t i = 0; i < p->where.n; i++) {
    const struct pq_test *t = &p->where.tests[i];
    const struct pq_chunk *chunk = &chunks[t->leaf];
    struct pq_page_bounds bounds = pq_test_bounds(t, chunk, rows);
    if (chunk->found && chunk->type == t->physical && !pq_test_may(t, &bounds, rows))
      return false;
  }
  return true;
}

static int may_by_bloom(struct pq_prune *p, const struct pq_chunk *chunks, bool *may, struct sluice_error *err) {
  uint8_t room[32];
  struct pq_slice value;
  int code = SLUICE_OK;
  *may = true;
  for (int32_t i = 0; i < p->where.n && *may && !code; i++) {
    const struct pq_test *t = &p->where.tests[i];
    const struct pq_chunk *chunk = &chunks[t->leaf];
    if (t->compare == SLUICE_EQUAL && chunk->found && chunk->type == t->physical && pq_test_plain(t, room, &value))
      code = pq_bloom_ask(&p->blooms, chunk, value, may, err);
  }
  return code;
}

/* ---- pages ---- */

static pq_fault places_of(struct pq_slice bytes, const struct pq_chunk *chunk, int64_t rows, struct pq_page_place **out,
                          int32_t *n) {
  return bytes.data ? pq_offset_index_read(bytes, chunk, rows, out, n) : "it has none";
}

static int no_memory(const struct pq_prune *p, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_MEMORY, p->part, "no memory for the index of its pages");
}

/* Rows of the pages of which the test may be true. */
static int may_rows(const struct pq_test *t, const struct pq_page_place *places, const struct pq_page_bounds *bounds,
                    int32_t n, struct pq_row_list *out) {
  int code = SLUICE_OK;
  for (int32_t i = 0; i < n && !code; i++) {
    struct pq_page_bounds b = bounds[i];
    if (!t->ordered)
      b.min = b.max = (struct pq_slice){NULL, 0};
    if (pq_test_may(t, &b, places[i].rows))
      code = pq_row_list_add(out, places[i].first, places[i].first + places[i].rows);
  }
  return code;
}

static int prune_by_test(struct pq_prune *p, const struct pq_test *t, const struct pq_chunk *chunk, int64_t rows,
                         struct pq_row_list *wanted, struct sluice_error *err) {
  struct pq_slice offsets = {NULL, 0}, columns = {NULL, 0};
  struct pq_page_place *places = NULL;
  struct pq_page_bounds *bounds = NULL;
  struct pq_row_list may = {0};
  int32_t n = 0;
  int code = pq_nearby_read(&p->offsets, chunk->offset_index_at, chunk->offset_index_size, AHEAD, &offsets, err);
  pq_fault fault = code ? NULL : places_of(offsets, chunk, rows, &places, &n);
  if (!code && !fault)
    code = pq_nearby_read(&p->columns, chunk->column_index_at, chunk->column_index_size, AHEAD, &columns, err);
  if (!code && !fault && columns.data)
    fault = pq_column_index_read(columns, n, &bounds);
  if (fault == pq_no_memory)
    code = no_memory(p, err);
  if (!code && !fault && bounds && may_rows(t, places, bounds, n, &may) != SLUICE_OK)
    code = no_memory(p, err);
  if (!code && !fault && bounds && pq_row_list_intersect(wanted, &may) != SLUICE_OK)
    code = no_memory(p, err);
  pq_row_list_finish(&may);
  free(bounds);
  free(places);
  return code;
}

static int prune_pages(struct pq_prune *p, const struct pq_chunk *chunks, const struct pq_chunk *wanted, int64_t rows,
                       struct pq_row_list *list, struct sluice_error *err) {
  int code = SLUICE_OK;
  for (int32_t i = 0; i < p->where.n && list->n && !code; i++) {
    const struct pq_test *t = &p->where.tests[i];
    const struct pq_chunk *chunk = &chunks[t->leaf];
    if (chunk->type == t->physical && chunk->column_index_size > 0 && chunk->offset_index_size > 0)
      code = prune_by_test(p, t, &wanted[t->column], rows, list, err);
  }
  return code;
}

/* Leaves the pages that have wanted rows. */
static void choose_pages(struct pq_prune *p, const struct pq_row_list *rows, struct pq_pages *pages) {
  int32_t kept = 0;
  for (int32_t i = 0; i < pages->n; i++) {
    const struct pq_page_place place = pages->items[i];
    bool wanted = pq_row_list_meets(rows, place.first, place.first + place.rows);
    p->counts.pages_out += !wanted;
    p->counts.bytes_out += wanted ? 0 : place.size;
    if (wanted)
      pages->items[kept++] = place;
  }
  p->counts.pages += pages->n;
  pages->n = kept;
}

static int place_pages(struct pq_prune *p, const struct pq_chunk *wanted, int64_t rows, struct pq_pruned *out,
                       struct sluice_error *err) {
  int code = SLUICE_OK;
  out->pages = calloc((size_t)p->n + 1, sizeof *out->pages);
  if (!out->pages)
    return no_memory(p, err);
  for (int32_t i = 0; i < p->n && !code; i++) {
    struct pq_slice bytes;
    struct pq_pages *pages = &out->pages[i];
    code = pq_nearby_read(&p->offsets, wanted[i].offset_index_at, wanted[i].offset_index_size, AHEAD, &bytes, err);
    pq_fault fault = code ? NULL : places_of(bytes, &wanted[i], rows, &pages->items, &pages->n);
    if (fault == pq_no_memory)
      return no_memory(p, err);
    if (code || fault)
      continue;
    pages->head = pages->items[0].at - wanted[i].data_at;
    choose_pages(p, &out->rows, pages);
  }
  return code;
}

/* ---- a group ---- */

static void count_group(struct pq_prune *p, const struct pq_chunk *wanted, bool out) {
  p->counts.groups++;
  p->counts.groups_out += out;
  for (int32_t i = 0; i < p->n; i++) {
    int64_t bytes = wanted[i].compressed < INT64_MAX / 2 - p->counts.bytes ? wanted[i].compressed : 0;
    p->counts.bytes += bytes;
    p->counts.bytes_out += out ? bytes : 0;
  }
}

/* Rows of the group that the scan is about. */
static int clip(const struct pq_prune *p, const struct pq_group *g, struct pq_row_list *rows) {
  int64_t begin = p->begin > g->first_row ? p->begin - g->first_row : 0;
  int64_t end = p->end < g->first_row + g->rows ? p->end - g->first_row : g->rows;
  return pq_row_list_add(rows, begin, end);
}

int pq_prune_group(struct pq_prune *p, int32_t group, const struct pq_chunk *chunks, const struct pq_chunk *wanted,
                   struct pq_pruned *out, struct sluice_error *err) {
  const struct pq_group *g = &p->footer->groups[group];
  struct pq_pruned pruned = {.partial = false};
  bool may = may_by_statistics(p, chunks, g->rows);
  int code = may ? may_by_bloom(p, chunks, &may, err) : SLUICE_OK;
  if (!code && may && clip(p, g, &pruned.rows) != SLUICE_OK)
    code = no_memory(p, err);
  if (!code && may)
    code = prune_pages(p, chunks, wanted, g->rows, &pruned.rows, err);
  pruned.partial = !code && pq_row_list_count(&pruned.rows) < g->rows;
  if (pruned.partial && pruned.rows.n)
    code = place_pages(p, wanted, g->rows, &pruned, err);
  if (code) {
    pq_pruned_finish(&pruned, p->n);
    return code;
  }
  count_group(p, wanted, pruned.rows.n == 0);
  *out = pruned;
  return SLUICE_OK;
}
