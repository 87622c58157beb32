/* Putting the filter to the columns that it needs. What it leaves of these waits for the batch that gets it; a batch
 * that is full leaves the rest to the next one. */
#include "late.h"
#include <stdlib.h>

enum { STEP = 1 << 16, BATCH_MAX = 1 << 28 }; /* rows at once; bytes of a batch, over which two must not be joined */

/* ---- making ---- */

static struct pq_leaf *leaf_of(const struct pq_shape *shape, int64_t column) {
  const struct pq_node *node = shape->columns[column];
  if (!node || node->kind != PQ_NODE_LEAF)
    return NULL;
  for (int32_t i = 0; i < shape->n_leaves; i++)
    if (shape->leaves[i]->node == node && shape->leaves[i]->max_rep == 0)
      return shape->leaves[i];
  return NULL;
}

static void add_column(struct pq_late *l, int64_t column) {
  if (l->column_of[column] >= 0)
    return;
  l->column_of[column] = l->n_columns;
  l->columns[l->n_columns++] = (struct pq_late_column){.column = column, .leaf = leaf_of(l->shape, column)};
}

/* What cannot be put to rows here is left to the host. */
static int add_test(struct pq_late *l, const struct sluice_test *test) {
  const struct ArrowSchema *schema = &l->shape->schema;
  int64_t column = test->column.count == 1 ? sluice_schema_find(schema, test->column.items[0]) : -1;
  if (column < 0 || !leaf_of(l->shape, column))
    return SLUICE_OK;
  int code = sluice_comparison_create(schema->children[column], test->compare, test->literal,
                                      &l->tests[l->n_tests].comparison, NULL);
  if (code)
    return code == SLUICE_ERR_MEMORY ? code : SLUICE_OK;
  l->tests[l->n_tests++].column = column;
  add_column(l, column);
  return SLUICE_OK;
}

static void bind_leaves(struct pq_late *l) {
  for (int32_t i = 0; i < l->n_columns; i++)
    l->columns[i].leaf->early = true;
  for (int32_t i = 0; i < l->shape->n_leaves; i++)
    l->shape->leaves[i]->picks = l->shape->leaves[i]->early ? NULL : &l->picks;
}

int pq_late_create(struct pq_shape *shape, const struct sluice_where *where, int64_t batch_bytes,
                   struct pq_late **out) {
  size_t n = where->count, columns = (size_t)shape->schema.n_children;
  *out = NULL;
  if (batch_bytes > BATCH_MAX)
    return SLUICE_OK;
  struct pq_late *l = calloc(1, sizeof *l);
  if (!l)
    return SLUICE_ERR_MEMORY;
  *l = (struct pq_late){.shape = shape,
                        .tests = calloc(n + 1, sizeof *l->tests),
                        .columns = calloc(n + 1, sizeof *l->columns),
                        .column_of = calloc(columns + 1, sizeof *l->column_of)};
  int code = l->tests && l->columns && l->column_of ? SLUICE_OK : SLUICE_ERR_MEMORY;
  for (size_t i = 0; i < columns && !code; i++)
    l->column_of[i] = -1;
  for (size_t i = 0; i < n && !code; i++)
    code = add_test(l, &where->tests[i]);
  if (code || l->n_columns == 0 || l->n_columns == shape->n_leaves) {
    pq_late_destroy(l);
    return code;
  }
  bind_leaves(l);
  *out = l;
  return SLUICE_OK;
}

void pq_late_destroy(struct pq_late *l) {
  if (!l)
    return;
  for (int32_t i = 0; i < l->n_tests; i++)
    sluice_comparison_destroy(l->tests[i].comparison);
  for (int32_t i = 0; i < l->n_columns; i++)
    sluice_array_release(&l->columns[i].rows);
  free(l->tests);
  free(l->columns);
  free(l->column_of);
  free(l->picks.keep);
  free(l->picks.places);
  free(l);
}

/* ---- asking ---- */

static int make_room(struct pq_late *l, int64_t n) {
  if (n <= l->capacity)
    return SLUICE_OK;
  if (n >= UINT32_MAX)
    return SLUICE_ERR_MEMORY;
  uint8_t *keep = realloc(l->picks.keep, (size_t)n);
  l->picks.keep = keep ? keep : l->picks.keep;
  uint32_t *places = keep ? realloc(l->picks.places, (size_t)(n + 1) * sizeof *places) : NULL;
  if (!places)
    return SLUICE_ERR_MEMORY;
  l->picks.places = places;
  l->capacity = n;
  return SLUICE_OK;
}

/* *rows: as many as all of them have, at most as many as it was. */
static int read_columns(struct pq_late *l, const struct pq_leaf_context *c, int64_t *rows, struct sluice_error *err) {
  int code = SLUICE_OK;
  for (int32_t i = 0; i < l->n_columns && !code; i++) {
    struct pq_leaf *leaf = l->columns[i].leaf;
    code = pq_leaf_read(leaf, c, *rows, err);
    *rows = leaf->rows < *rows ? leaf->rows : *rows;
  }
  return code;
}

static int take_columns(struct pq_late *l, int64_t rows, struct ArrowArray *out) {
  int code = SLUICE_OK;
  for (int32_t i = 0; i < l->n_columns && !code; i++) {
    struct pq_leaf *leaf = l->columns[i].leaf;
    pq_fault fault = NULL; /* rows were counted above: it has them */
    code = pq_node_take(leaf->node, rows, leaf->rows == rows, &out[i], &fault);
    leaf->rows -= rows;
  }
  return code;
}

static int apply(const struct pq_late *l, const struct ArrowArray *arrays, int64_t rows, uint8_t *keep) {
  int code = SLUICE_OK;
  memset(keep, 1, (size_t)rows);
  for (int32_t i = 0; i < l->n_tests && !code; i++)
    code = sluice_comparison_apply(l->tests[i].comparison, &arrays[l->column_of[l->tests[i].column]], 0, rows, keep);
  return code;
}

/* Puts an array behind those that wait. It is taken in any case. */
static int add_rows(struct pq_late_column *column, const struct ArrowSchema *field, struct ArrowArray *more) {
  const struct ArrowArray *const list[] = {&column->rows, more};
  struct ArrowArray both = *more;
  int code = SLUICE_OK;
  if (column->rows.release) {
    code = sluice_array_concat(field, list, 2, &both, NULL);
    sluice_array_release(more);
  }
  *more = (struct ArrowArray){0};
  if (code)
    return code;
  sluice_array_release(&column->rows);
  column->rows = both;
  return SLUICE_OK;
}

/* What the filter leaves of an array, which is taken in any case. */
static int add_left(struct pq_late_column *column, const struct ArrowSchema *field, struct ArrowArray *array,
                    const uint8_t *keep, int64_t left) {
  struct ArrowArray some = {0};
  if (left == array->length)
    return add_rows(column, field, array);
  int code = left ? sluice_array_filter(field, array, keep, &some, NULL) : SLUICE_OK;
  sluice_array_release(array);
  return code || left == 0 ? code : add_rows(column, field, &some);
}

/* Counts the next rows in, of which `keep` has the marks already; returns how many are wanted. */
static int64_t place(struct pq_picks *p, int64_t rows) {
  int64_t before = p->kept;
  for (int64_t i = p->n; i < p->n + rows; i++) { /* there is room for one place more */
    p->places[p->kept] = (uint32_t)i;
    p->kept += p->keep[i];
  }
  p->n += rows;
  return p->kept - before;
}

static int add_step(struct pq_late *l, int64_t rows, struct ArrowArray *arrays) {
  struct pq_picks *p = &l->picks;
  const uint8_t *keep = p->keep + p->n;
  int code = take_columns(l, rows, arrays);
  if (!code)
    code = apply(l, arrays, rows, p->keep + p->n);
  int64_t left = code ? 0 : place(p, rows);
  for (int32_t i = 0; i < l->n_columns && !code; i++)
    code = add_left(&l->columns[i], l->shape->schema.children[l->columns[i].column], &arrays[i], keep, left);
  return code;
}

static bool is_full(const struct pq_late *l, const struct pq_leaf_context *c) {
  int64_t bytes = 0;
  for (int32_t i = 0; i < l->n_columns && l->picks.kept; i++)
    bytes += pq_late_bytes(l, l->columns[i].column, l->picks.kept);
  return bytes > c->batch_bytes;
}

/* Up to n rows in all. */
static int ask_step(struct pq_late *l, const struct pq_leaf_context *c, int64_t n, struct sluice_error *err) {
  int64_t rows = n - l->picks.n < STEP ? n - l->picks.n : STEP;
  int code = read_columns(l, c, &rows, err);
  if (code)
    return code;
  struct ArrowArray *arrays = calloc((size_t)l->n_columns + 1, sizeof *arrays);
  code = arrays ? add_step(l, rows, arrays) : SLUICE_ERR_MEMORY;
  for (int32_t i = 0; arrays && i < l->n_columns; i++)
    sluice_array_release(&arrays[i]);
  free(arrays);
  return code ? sluice_fail(err, code, c->part,
                            "no memory for the columns of the filter; lower batch_bytes or batch_rows")
              : code;
}

int pq_late_ask(struct pq_late *l, const struct pq_leaf_context *c, int64_t n, struct sluice_error *err) {
  int code = make_room(l, n) ? sluice_fail(err, SLUICE_ERR_MEMORY, c->part, "no memory for a batch") : SLUICE_OK;
  while (!code && l->picks.n < n && !is_full(l, c))
    code = ask_step(l, c, n, err);
  return code;
}

/* ---- what is left ---- */

bool pq_late_has(const struct pq_late *l, int64_t column) {
  return l && l->column_of[column] >= 0;
}

static int64_t text_bytes(const struct ArrowArray *array, bool large, int64_t rows) {
  const uint8_t *offsets = array->buffers[1];
  int64_t at = array->offset, from = 0, to = 0;
  size_t width = large ? 8 : 4;
  memcpy(&from, offsets + (size_t)at * width, width); /* the low bytes come first */
  memcpy(&to, offsets + (size_t)(at + rows) * width, width);
  return 4 * rows + to - from;
}

/* As pq_node_bytes has it: of the rows alone, whatever lies beside them. */
int64_t pq_late_bytes(const struct pq_late *l, int64_t column, int64_t rows) {
  const struct pq_late_column *own = &l->columns[l->column_of[column]];
  const struct pq_node *node = own->leaf->node;
  const struct ArrowArray *array = &own->rows;
  int64_t bytes = node->nullable ? (rows + 7) / 8 : 0;
  switch (node->store->kind) {
  case PQ_STORE_NOTHING:
    return bytes;
  case PQ_STORE_BITS:
    return bytes + (rows + 7) / 8;
  case PQ_STORE_VIEWS:
    return bytes + PQ_VIEW * rows +
           (int64_t)pq_views_bytes((const uint8_t *)array->buffers[1] + array->offset * PQ_VIEW, (size_t)rows);
  case PQ_STORE_BYTES:
    return bytes + text_bytes(array, node->large, rows);
  default:
    return bytes + rows * node->store->width;
  }
}

int pq_late_take(struct pq_late *l, int64_t column, int64_t rows, struct ArrowArray *out) {
  struct pq_late_column *own = &l->columns[l->column_of[column]];
  struct ArrowArray first = {0}, rest = {0};
  if (rows == own->rows.length) {
    *out = own->rows;
    own->rows = (struct ArrowArray){0};
    return SLUICE_OK;
  }
  int code = sluice_array_share(&own->rows);
  if (!code)
    code = sluice_array_slice(&own->rows, 0, rows, &first);
  if (!code)
    code = sluice_array_slice(&own->rows, rows, own->rows.length - rows, &rest);
  if (code) {
    sluice_array_release(&first);
    return code;
  }
  sluice_array_release(&own->rows);
  own->rows = rest;
  *out = first;
  return SLUICE_OK;
}

void pq_late_done(struct pq_late *l, int64_t n, int64_t taken) {
  struct pq_picks *p = &l->picks;
  memmove(p->keep, p->keep + n, (size_t)(p->n - n));
  for (int64_t i = taken; i < p->kept; i++)
    p->places[i - taken] = p->places[i] - (uint32_t)n;
  p->first += n;
  p->n -= n;
  p->kept -= taken;
}
