/* Mapping a batch: columns move where they can, are cast where they must, and records that do not fit are reported. */
#include "core/mapping/internal.h"
#include <stdlib.h>

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

/* Replaces nulls by the leaf's value. */
static int fill_nulls(const struct leaf *leaf, struct ArrowArray *array, struct sluice_error *err) {
  if (array->null_count == 0)
    return SLUICE_OK;
  uint8_t *nulls = calloc((size_t)array->length + 1, 1);
  if (!nulls)
    return SLUICE_ERR_MEMORY;
  for (int64_t i = 0; i < array->length; i++)
    nulls[i] = sluice_is_null(array, i);
  int code = mapping_replace(&leaf->target, array, nulls, &leaf->value, err);
  free(nulls);
  return code;
}

static int check_required(struct job *job, const struct ArrowArray *array) {
  int code = SLUICE_OK;
  if (array->null_count == 0)
    return SLUICE_OK;
  for (int64_t i = 0; i < array->length && !code; i++)
    if (sluice_is_null(array, i))
      code = mapping_reject(job, i, "the field is required, but it is null");
  return code;
}

static int apply_leaf(struct job *job, size_t index, struct ArrowArray *out) {
  const struct rule *rule = &job->bound->mapping->rules[index];
  const struct leaf *leaf = &job->bound->leaves[index];
  if (leaf->way.n == 0)
    return repeat(&leaf->target, &leaf->value, job->in->length, out, job->err);
  struct ArrowArray column = {0}, cast = {0};
  job->column = rule->from;
  int code = mapping_take_leaf(job, leaf, &column);
  if (!code)
    code = sluice_cast(&leaf->found, &column, &leaf->target, mapping_on_misfit, job, &cast, job->err);
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

static int apply_kept(struct job *job, const struct kept *kept, struct ArrowArray *out) {
  struct ArrowArray column = {0};
  int code = mapping_take(job, kept->column, &column);
  if (!code && kept->whole) {
    sluice_array_move(&column, out);
    return SLUICE_OK;
  }
  if (!code)
    code = sluice_array_share(&column);
  if (!code)
    code = mapping_prune_array(job->bound, &column, kept->column, out);
  sluice_array_release(&column);
  return code;
}

static const struct list *find_list(const struct mapping_bound *bound, const struct node *node) {
  size_t i = 0;
  while (bound->lists[i].node != node)
    i++;
  return &bound->lists[i];
}

static int apply_node(struct job *job, const struct node *node, struct ArrowArray *out);

/* A struct of what the node's children bring, and of `more` columns that follow. */
static int apply_record(struct job *job, const struct node *node, const struct kept *more, size_t n_more,
                        struct ArrowArray *out) {
  size_t n = node->n_children + n_more;
  struct ArrowArray *children = calloc(n + 1, sizeof *children);
  struct sluice_buffer validity = {0};
  int code = children ? SLUICE_OK : SLUICE_ERR_MEMORY;
  for (size_t i = 0; i < node->n_children && !code; i++)
    code = apply_node(job, &node->children[i], &children[i]);
  for (size_t i = 0; i < n_more && !code; i++)
    code = apply_kept(job, &more[i], &children[node->n_children + i]);
  if (!code)
    code = sluice_array_adopt(out, job->in->length, 0, &validity, 1, children, (int64_t)n, NULL);
  for (size_t i = 0; children && i < n; i++)
    sluice_array_release(&children[i]);
  free(children);
  return code;
}

static int apply_node(struct job *job, const struct node *node, struct ArrowArray *out) {
  if (node->kind == NODE_LEAF)
    return apply_leaf(job, node->rule, out);
  if (node->kind == NODE_RECORD)
    return apply_record(job, node, NULL, 0, out);
  return mapping_apply_list(job, find_list(job->bound, node), out);
}

int mapping_apply(const struct mapping_bound *bound, struct ArrowArray *in, int64_t seq, struct sluice_rejects *rejects,
                  uint8_t *keep, struct ArrowArray *out, struct sluice_error *err) {
  struct job job = {bound, in, seq, rejects, keep, NULL, err};
  int code = apply_record(&job, &bound->mapping->root, bound->kept, bound->n_kept, out);
  if (code == SLUICE_ERR_MEMORY)
    sluice_fail(err, code, "mapping", "no memory");
  if (!code)
    sluice_array_release(in);
  return code;
}
