/* Casts of lists, structs, unions, and what can be copied as it is. */
#include "cast.h"

int cast_copy(struct cast *c, const struct ArrowArray *array, int64_t first, int64_t n, struct rows rows) {
  (void)rows;
  return sluice_builder_append(c->out, array, first, n);
}

int cast_nulls(struct cast *c, const struct ArrowArray *array, int64_t first, int64_t n, struct rows rows) {
  (void)array, (void)first, (void)rows;
  return sluice_builder_nulls(c->out, n);
}

static int list_row(struct cast *c, const struct ArrowArray *array, int64_t i, int64_t row) {
  int64_t start, count;
  if (sluice_is_null(array, i))
    return sluice_builder_null(c->out);
  array_items(&c->from, array, i, &start, &count);
  if (c->to.id == SLUICE_TYPE_FIXED_LIST && count != c->to.width) {
    char text[SLUICE_TEXT_MAX];
    size_t n = sluice_print_int(text, count);
    memcpy(text + n, " items", 6);
    return cast_misfit(c, row, text, n + 6, "another number of items");
  }
  struct cast *items = c->children[0];
  int status = items->step(items, array->children[0], start, count, (struct rows){row, 0});
  return status == SLUICE_OK ? sluice_builder_end(c->out) : status;
}

int cast_list(struct cast *c, const struct ArrowArray *array, int64_t first, int64_t n, struct rows rows) {
  int status = SLUICE_OK;
  for (int64_t i = 0; status == SLUICE_OK && i < n; i++)
    status = list_row(c, array, first + i, rows.first + i * rows.step);
  return status;
}

/* Rows none of which is null. */
static int struct_rows(struct cast *c, const struct ArrowArray *array, int64_t first, int64_t n, struct rows rows) {
  int status = SLUICE_OK;
  for (int64_t i = 0; status == SLUICE_OK && i < c->n_children; i++) {
    struct cast *child = c->children[i];
    if (child)
      status = child->step(child, array->children[c->source[i]], array->offset + first, n, rows);
    else
      status = sluice_builder_nulls(c->out->children[i], n);
  }
  if (status == SLUICE_OK)
    status = builder_mark(c->out, n, true);
  if (status == SLUICE_OK)
    c->out->length += n;
  return status;
}

int cast_struct(struct cast *c, const struct ArrowArray *array, int64_t first, int64_t n, struct rows rows) {
  int status = SLUICE_OK;
  for (int64_t i = 0, end; status == SLUICE_OK && i < n; i = end) {
    bool null = sluice_is_null(array, first + i);
    for (end = i + 1; end < n && sluice_is_null(array, first + end) == null;)
      end++;
    struct rows here = {rows.first + i * rows.step, rows.step};
    status = null ? sluice_builder_nulls(c->out, end - i) : struct_rows(c, array, first + i, end - i, here);
  }
  return status;
}

/* The child of a union that row i is in, and where in it. */
static int64_t union_child(struct cast *c, const struct ArrowArray *array, int64_t i, int64_t *at) {
  int8_t codes[128];
  int64_t n = array->n_children, child = 0;
  *at = array->offset + i;
  int8_t code = ((const int8_t *)array->buffers[0])[*at];
  if (c->from.id == SLUICE_TYPE_DENSE_UNION)
    *at = ((const int32_t *)array->buffers[1])[*at];
  union_codes(c->from_schema->format, n, codes);
  while (child < n && codes[child] != code)
    child++;
  return child < n ? child : -1;
}

static int union_row(struct cast *c, const struct ArrowArray *array, int64_t i, struct rows row, int64_t *chosen) {
  int64_t at, from = union_child(c, array, i, &at);
  for (int64_t to = 0; from >= 0 && to < c->n_children; to++) {
    struct cast *child = c->children[to];
    if (!child || c->source[to] != from)
      continue;
    *chosen = to;
    return child->step(child, array->children[from], at, 1, row);
  }
  return SLUICE_ERR_DATA;
}

int cast_union(struct cast *c, const struct ArrowArray *array, int64_t first, int64_t n, struct rows rows) {
  int status = SLUICE_OK;
  for (int64_t i = 0; status == SLUICE_OK && i < n; i++) {
    int64_t chosen = 0;
    status = union_row(c, array, first + i, (struct rows){rows.first + i * rows.step, 0}, &chosen);
    if (status == SLUICE_OK)
      status = sluice_builder_union(c->out, chosen);
  }
  return status;
}

/* A field for each kind of value, of which one is not null. */
int cast_union_to_struct(struct cast *c, const struct ArrowArray *array, int64_t first, int64_t n, struct rows rows) {
  int status = SLUICE_OK;
  for (int64_t i = 0; status == SLUICE_OK && i < n; i++) {
    int64_t chosen = 0;
    status = union_row(c, array, first + i, (struct rows){rows.first + i * rows.step, 0}, &chosen);
    for (int64_t k = 0; status == SLUICE_OK && k < c->n_children; k++)
      if (k != chosen)
        status = sluice_builder_null(c->out->children[k]);
    if (status == SLUICE_OK)
      status = sluice_builder_end(c->out);
  }
  return status;
}
