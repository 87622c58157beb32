/* Mapping a batch: columns move where they can, are cast where they must, and records that do not fit are reported. */
#include "core/mapping/internal.h"
#include <stdlib.h>

struct job { /* of one call of mapping_apply */
  const struct mapping_bound *bound;
  struct ArrowArray *in;
  int64_t seq;
  struct sluice_rejects *rejects;
  uint8_t *keep;
  const char *column; /* source column, for messages */
  struct sluice_error *err;
};

static int reject(struct job *job, int64_t row, const char *reason) {
  if (!job->keep[row])
    return SLUICE_OK; /* its first reason is enough */
  struct sluice_reject record = {
      .struct_size = sizeof record, .seq = job->seq, .row = row, .offset = -1, .column = job->column, .reason = reason};
  int code = job->rejects->add(job->rejects, &record, job->err);
  if (!code)
    job->keep[row] = 0;
  return code;
}

static int on_misfit(void *context, int64_t row, const char *column, const char *reason) {
  (void)column;
  return reject(context, row, reason);
}

/* Column i as an own array: a slice where the struct has an offset, or others need the column too, else moved out. */
static int take_column(struct job *job, int64_t i, struct ArrowArray *out) {
  struct ArrowArray *child = job->in->children[i];
  bool whole = job->in->offset == 0 && child->length == job->in->length;
  if (whole && job->bound->uses[i] == 1) {
    sluice_array_move(child, out);
    return SLUICE_OK;
  }
  int code = sluice_array_share(child);
  return code ? code : sluice_array_slice(child, job->in->offset, job->in->length, out);
}

/* n rows, each the one value. */
static int repeat(const struct ArrowSchema *field, const struct ArrowArray *value, int64_t n, struct ArrowArray *out,
                  struct sluice_error *err) {
  const struct ArrowArray **pieces = malloc((size_t)(n ? n : 1) * sizeof *pieces);
  if (!pieces)
    return SLUICE_ERR_MEMORY;
  for (int64_t i = 0; i < n; i++)
    pieces[i] = value;
  int code = sluice_array_concat(field, pieces, n, out, err);
  free((void *)pieces);
  return code;
}

static int64_t count_nulls(const struct ArrowArray *array) {
  int64_t nulls = 0;
  if (array->null_count == 0)
    return 0;
  for (int64_t i = 0; i < array->length; i++)
    nulls += sluice_is_null(array, i);
  return nulls;
}

/* Replaces nulls by the leaf's value: runs of rows and single defaults, put together anew. */
static int fill_nulls(const struct leaf *leaf, struct ArrowArray *array, struct sluice_error *err) {
  if (count_nulls(array) == 0)
    return SLUICE_OK;
  size_t n = 0, rows = (size_t)array->length;
  struct ArrowArray *slices = calloc(rows + 1, sizeof *slices), filled;
  const struct ArrowArray **pieces = calloc(rows + 1, sizeof *pieces);
  int code = slices && pieces ? sluice_array_share(array) : SLUICE_ERR_MEMORY;
  for (int64_t i = 0; i < array->length && !code; n++) {
    int64_t start = i;
    while (i < array->length && !sluice_is_null(array, i))
      i++;
    if (i > start)
      code = sluice_array_slice(array, start, i - start, &slices[n]);
    pieces[n] = i > start ? &slices[n] : &leaf->value;
    if (i == start)
      i++;
  }
  if (!code)
    code = sluice_array_concat(&leaf->target, pieces, (int64_t)n, &filled, err);
  for (size_t i = 0; slices && i < n; i++)
    sluice_array_release(&slices[i]);
  free(slices);
  free((void *)pieces);
  if (code)
    return code;
  sluice_array_release(array);
  sluice_array_move(&filled, array);
  return SLUICE_OK;
}

static int check_required(struct job *job, const struct ArrowArray *array) {
  if (count_nulls(array) == 0)
    return SLUICE_OK;
  int code = SLUICE_OK;
  for (int64_t i = 0; i < array->length && !code; i++)
    if (sluice_is_null(array, i))
      code = reject(job, i, "the field is required, but it is null");
  return code;
}

static int apply_leaf(struct job *job, long index, struct ArrowArray *out) {
  const struct rule *rule = &job->bound->mapping->rules[index];
  const struct leaf *leaf = &job->bound->leaves[index];
  if (leaf->column < 0)
    return repeat(&leaf->target, &leaf->value, job->in->length, out, job->err);
  struct ArrowArray column = {0}, cast = {0};
  job->column = rule->from;
  int code = take_column(job, leaf->column, &column);
  if (!code)
    code = sluice_cast(&leaf->found, &column, &leaf->target, on_misfit, job, &cast, job->err);
  if (!code && rule->default_value)
    code = fill_nulls(leaf, &cast, job->err);
  if (!code && rule->required)
    code = check_required(job, &cast);
  sluice_array_release(&column);
  if (code)
    sluice_array_release(&cast);
  else
    sluice_array_move(&cast, out);
  return code;
}

static int apply_node(struct job *job, const struct node *node, struct ArrowArray *out) {
  if (node->rule >= 0)
    return apply_leaf(job, node->rule, out);
  struct ArrowArray *children = calloc(node->n_children + 1, sizeof *children);
  struct sluice_buffer validity = {0};
  int code = children ? SLUICE_OK : SLUICE_ERR_MEMORY;
  for (size_t i = 0; i < node->n_children && !code; i++)
    code = apply_node(job, &node->children[i], &children[i]);
  if (!code)
    code = sluice_array_adopt(out, job->in->length, 0, &validity, 1, children, (int64_t)node->n_children, NULL);
  for (size_t i = 0; children && i < node->n_children; i++)
    sluice_array_release(&children[i]);
  free(children);
  return code;
}

int mapping_apply(const struct mapping_bound *bound, struct ArrowArray *in, int64_t seq, struct sluice_rejects *rejects,
                  uint8_t *keep, struct ArrowArray *out, struct sluice_error *err) {
  struct job job = {bound, in, seq, rejects, keep, NULL, err};
  int code = apply_node(&job, &bound->mapping->root, out);
  if (code == SLUICE_ERR_MEMORY)
    sluice_fail(err, code, "mapping", "no memory");
  if (!code)
    sluice_array_release(in);
  return code;
}
