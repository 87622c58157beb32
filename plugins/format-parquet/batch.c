/* Batches: all columns brought to the same row, cut where the bytes are too many, and taken out. */
#include "reader.h"
#include "tally.h"
#include <stdlib.h>

static int64_t bytes_of(const struct pq_reader *r, int64_t rows) {
  int64_t bytes = 0;
  for (int64_t i = 0; i < r->shape.schema.n_children; i++)
    if (pq_late_has(r->late, i))
      bytes += pq_late_bytes(r->late, i, rows);
    else
      bytes += r->shape.columns[i] ? pq_node_bytes(r->shape.columns[i], rows) : 0;
  return bytes;
}

/* The most rows, at least one, that are no more bytes than a batch may have. */
static int64_t cut(const struct pq_reader *r, int64_t rows) {
  int64_t low = 1, high = rows;
  if (rows <= 1 || bytes_of(r, rows) <= r->context.batch_bytes)
    return rows;
  while (low < high) { /* `low` fits, or is 1 */
    int64_t middle = low + (high - low + 1) / 2;
    if (bytes_of(r, middle) <= r->context.batch_bytes)
      low = middle;
    else
      high = middle - 1;
  }
  return low;
}

/* Columns whose rows differ in size go first: where one is full, the others need no more rows than it has. */
static int fill(struct pq_reader *r, int64_t *rows, struct sluice_error *err) {
  struct pq_shape *s = &r->shape;
  int code = SLUICE_OK;
  for (int32_t i = 0; i < s->n_leaves && !code; i++) {
    if (!s->leaves[i]->varies || s->leaves[i]->early)
      continue;
    code = pq_leaf_read(s->leaves[i], &r->context, *rows, err);
    *rows = s->leaves[i]->rows < *rows ? s->leaves[i]->rows : *rows;
  }
  *rows = code ? *rows : cut(r, *rows);
  for (int32_t i = 0; i < s->n_leaves && !code; i++)
    if (!s->leaves[i]->varies && !s->leaves[i]->early)
      code = pq_leaf_read(s->leaves[i], &r->context, *rows, err);
  return code;
}

static const struct pq_leaf *find_odd(const struct pq_reader *r, int64_t rows) {
  for (int32_t i = 0; i < r->shape.n_leaves; i++)
    if (!pq_tally_agrees(r->shape.leaves[i], rows))
      return r->shape.leaves[i];
  return NULL;
}

/* Whether no column is ahead of this row. */
static bool is_even(const struct pq_reader *r, int64_t rows) {
  for (int32_t i = 0; i < r->shape.n_leaves; i++)
    if (r->shape.leaves[i]->rows != rows && !r->shape.leaves[i]->early)
      return false;
  return true;
}

static int take_column(struct pq_reader *r, int64_t i, int64_t rows, bool even, struct ArrowArray *out,
                       struct sluice_error *err) {
  pq_fault fault = NULL;
  int code;
  if (pq_late_has(r->late, i))
    code = pq_late_take(r->late, i, rows, out);
  else
    code = r->shape.columns[i] ? pq_node_take(r->shape.columns[i], rows, even, out, &fault)
                               : sluice_array_nulls(r->shape.schema.children[i], rows, out);
  if (fault)
    return sluice_fail(err, code, r->part, "column '%s', rows up to %lld: %s", r->shape.schema.children[i]->name,
                       (long long)(r->row + rows), fault);
  return code ? sluice_fail(err, code, r->part, "no memory for a batch; lower batch_bytes or batch_rows") : code;
}

static int take(struct pq_reader *r, int64_t rows, struct ArrowArray *out, struct sluice_error *err) {
  int64_t n = r->shape.schema.n_children, taken = 0;
  bool even = is_even(r, rows);
  struct sluice_buffer validity = {0};
  struct ArrowArray *children = calloc((size_t)n + 1, sizeof *children);
  int code = children ? SLUICE_OK : sluice_fail(err, SLUICE_ERR_MEMORY, r->part, "no memory for a batch");
  const struct pq_leaf *odd = code ? NULL : find_odd(r, rows);
  if (odd)
    code = sluice_fail(err, SLUICE_ERR_DATA, r->part,
                       "column '%.*s', rows up to %lld: it has more or fewer items in a row than the columns beside it",
                       (int)odd->element->name.size, (const char *)odd->element->name.data, (long long)(r->row + rows));
  while (!code && taken < n) {
    code = take_column(r, taken, rows, even, &children[taken], err);
    taken += !code;
  }
  if (!code && sluice_array_adopt(out, rows, 0, &validity, 1, children, n, NULL) != SLUICE_OK)
    code = sluice_fail(err, SLUICE_ERR_MEMORY, r->part, "no memory for a batch");
  for (int64_t i = 0; code && i < taken; i++)
    sluice_array_release(&children[i]);
  free(children);
  for (int32_t i = 0; i < r->shape.n_leaves; i++)
    r->shape.leaves[i]->rows -= r->shape.leaves[i]->early ? 0 : rows;
  return code;
}

static int throw_away(struct pq_reader *r, int64_t rows, struct sluice_error *err) {
  struct ArrowArray array = {0};
  int code = take(r, rows, &array, err);
  sluice_array_release(&array);
  return code;
}

int pq_batch_next(struct pq_reader *r, int64_t n, bool drop, struct sluice_batch *out, struct sluice_error *err) {
  struct ArrowArray array = {0};
  int64_t rows = n;
  int code = r->broken ? sluice_fail(err, SLUICE_ERR_DATA, r->part, "it cannot go on behind an error") : SLUICE_OK;
  if (!code)
    code = fill(r, &rows, err);
  if (!code)
    code = drop ? throw_away(r, rows, err) : take(r, rows, &array, err);
  if (code) {
    r->broken |= code != SLUICE_ERR_RETRY && code != SLUICE_ERR_CANCELLED;
    return code;
  }
  int64_t first = r->row;
  r->row += rows;
  if (drop)
    return SLUICE_OK;
  out->first_row = first;
  out->end = (struct sluice_position){.row = r->row, .offset = r->row};
  out->origin = NULL;
  out->ops = NULL;
  out->array = array;
  return SLUICE_OK;
}
