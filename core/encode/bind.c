/* Binds the nodes of a program to the arrays of a batch. */
#include "core/encode/program.h"

static bool is_view(enum sluice_type_id id) {
  return id == SLUICE_TYPE_UTF8_VIEW || id == SLUICE_TYPE_BINARY_VIEW;
}
static bool has_validity(enum sluice_type_id id) {
  return id != SLUICE_TYPE_NULL && id != SLUICE_TYPE_DENSE_UNION && id != SLUICE_TYPE_SPARSE_UNION &&
         id != SLUICE_TYPE_RUN_END;
}

static bool has_shape(const struct node *node, const struct ArrowArray *array) {
  if (!array || array->offset < 0 || array->length < 0 || array->length > INT64_MAX - array->offset)
    return false;
  if (is_view(node->type.id) ? array->n_buffers < 3 : array->n_buffers != node->type.n_buffers)
    return false;
  return node->dictionary ? array->dictionary != NULL : array->n_children == node->n_children;
}

/* Values of a struct stand at the same places in all its children. */
static bool children_reach(const struct node *node) {
  for (int64_t i = 0; i < node->n_children && node->type.id == SLUICE_TYPE_STRUCT && !node->dictionary; i++)
    if (node->children[i].length < node->offset + node->length)
      return false;
  return true;
}

static int bad_shape(const struct node *node, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_BUG, node->path, "a batch does not have the shape of its schema here");
}

static int bind(struct node *node, const struct ArrowArray *array, struct sluice_error *err) {
  if (!has_shape(node, array))
    return bad_shape(node, err);
  int rc = SLUICE_OK;
  bool valid = has_validity(node->type.id);
  int first = valid ? 1 : 0;
  node->array = array;
  node->offset = array->offset;
  node->length = array->length;
  node->run = 0;
  node->validity = valid && array->null_count != 0 ? array->buffers[0] : NULL;
  node->values = array->n_buffers > first ? array->buffers[first] : NULL;
  node->extra = array->n_buffers > first + 1 ? array->buffers[first + 1] : NULL;
  for (int64_t i = 0; rc == SLUICE_OK && i < node->n_children; i++)
    rc = bind(node->children + i, array->dictionary ? array->dictionary : array->children[i], err);
  return rc == SLUICE_OK && !children_reach(node) ? bad_shape(node, err) : rc;
}

int program_bind(struct encoder *e, const struct ArrowArray *array, struct sluice_error *err) {
  return bind(e->nodes, array, err);
}
