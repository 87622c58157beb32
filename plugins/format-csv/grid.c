/* The start of a text read in one dialect, as a table: with the reader's own index, so that both agree. */
#include "grid.h"
#include "rewrite.h"
#include <stdlib.h>

void csv_sample_skip(struct csv_sample *s, int32_t lines) {
  while (lines-- > 0) {
    size_t i = 0;
    while (i < s->size && s->data[i] != '\n' && s->data[i] != '\r')
      i++;
    i += i + 1 < s->size && s->data[i] == '\r' && s->data[i + 1] == '\n';
    i += i < s->size;
    s->data += i;
    s->size -= i;
  }
}

int csv_grid_init(struct csv_grid *g, struct sluice_error *err) {
  g->has_cells = false;
  return csv_index_init(&g->one, 1, err);
}

static void drop_cells(struct csv_grid *g) {
  if (g->has_cells)
    csv_index_finish(&g->cells);
  g->has_cells = false;
}

void csv_grid_finish(struct csv_grid *g) {
  csv_index_finish(&g->one);
  drop_cells(g);
}

static uint32_t source_start(const struct csv_index *ix, uint32_t row) {
  return ix->data == ix->source ? ix->starts[row] : ix->made->spans[ix->ordinals[row]].start;
}

/* The records of a block of the index of one column. */
static void take_block(struct csv_grid *g, uint32_t base) {
  struct csv_index *ix = &g->one;
  struct csv_grid_record *to = g->records + g->count;
  uint32_t room = CSV_GRID_ROWS - g->count;
  for (uint32_t i = 0; i < ix->rows; i++)
    if (ix->ordinals[i] < room)
      to[ix->ordinals[i]] =
          (struct csv_grid_record){base + source_start(ix, i), ix->ends[i] > ix->starts[i] ? 1 : 0, false};
  for (uint32_t i = 0; i < ix->n_faults; i++) {
    const struct csv_fault *f = &ix->faults[i];
    bool broken = f->code >= CSV_FAULT_STRAY_QUOTE && f->code <= CSV_FAULT_LONG;
    if (f->ordinal < room)
      to[f->ordinal] = (struct csv_grid_record){base + f->start, f->detail ? f->detail : 1, broken};
  }
  g->count += ix->seen < room ? ix->seen : room;
}

static uint32_t count_of(const struct csv_grid *g, uint32_t fields) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < g->count; i++)
    n += g->records[i].fields == fields;
  return n;
}

/* The number of fields that most records have; of two, the larger. */
static void find_columns(struct csv_grid *g) {
  g->columns = g->regular = g->filled = g->broken = 0;
  for (uint32_t i = 0; i < g->count; i++) {
    const struct csv_grid_record *r = &g->records[i];
    g->filled += r->fields > 0;
    g->broken += r->broken;
    if (r->fields == 0 || r->fields == g->columns)
      continue;
    uint32_t n = count_of(g, r->fields);
    if (n > g->regular || (n == g->regular && r->fields > g->columns)) {
      g->regular = n;
      g->columns = r->fields;
    }
  }
}

int csv_grid_count(struct csv_grid *g, const struct csv_dialect *dialect, const struct csv_sample *sample,
                   struct sluice_error *err) {
  size_t base = 0;
  enum csv_stop stop = CSV_STOP_FULL;
  g->count = 0;
  while (stop == CSV_STOP_FULL && g->count < CSV_GRID_ROWS) {
    const struct csv_bounds bounds = {.size = sample->size - base,
                                      .final = sample->final,
                                      .stop = SIZE_MAX,
                                      .rows = CSV_GRID_ROWS - g->count,
                                      .bytes = INT64_MAX,
                                      .fresh = true,
                                      .max_line = sample->size};
    stop = csv_index_block(&g->one, dialect, sample->data + base, &bounds);
    if (stop == CSV_STOP_MEMORY)
      return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory to find the dialect");
    take_block(g, (uint32_t)base);
    base += g->one.next;
  }
  find_columns(g);
  g->open = stop == CSV_STOP_MORE && sample->size - base > sample->size / 2;
  if (g->open)
    g->broken += g->filled + 1;
  return SLUICE_OK;
}

int csv_grid_read(struct csv_grid *g, const struct csv_dialect *dialect, const struct csv_sample *sample,
                  uint32_t first, struct sluice_error *err) {
  drop_cells(g);
  size_t from = first < g->count ? g->records[first].start : sample->size;
  int rc = csv_index_init(&g->cells, g->columns ? g->columns : 1, err);
  if (rc)
    return rc;
  g->has_cells = true;
  g->first = first;
  const struct csv_bounds bounds = {.size = sample->size - from,
                                    .final = sample->final,
                                    .stop = SIZE_MAX,
                                    .rows = CSV_GRID_ROWS,
                                    .bytes = INT64_MAX,
                                    .fresh = true,
                                    .max_line = sample->size,
                                    .pad = true,
                                    .cut = true};
  if (csv_index_block(&g->cells, dialect, sample->data + from, &bounds) == CSV_STOP_MEMORY)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory to find the dialect");
  return SLUICE_OK;
}

int64_t csv_grid_row(const struct csv_grid *g, uint32_t record) {
  uint32_t from = g->first < g->count ? g->records[g->first].start : 0;
  for (uint32_t row = 0; row < g->cells.rows; row++)
    if (from + source_start(&g->cells, row) == g->records[record].start)
      return row;
  return -1;
}

bool csv_grid_cell(const struct csv_grid *g, int quote, uint32_t row, uint32_t column, const char **text, size_t *n) {
  const struct csv_fields f = csv_index_column(&g->cells, column);
  uint32_t start = f.from[(size_t)row * f.stride] + f.plus, end = f.to[(size_t)row * g->cells.columns];
  bool quoted = end > start + 1 && g->cells.data[start] == quote;
  *text = (const char *)g->cells.data + start + quoted;
  *n = end <= start ? 0 : end - start - 2u * quoted;
  return quoted;
}
