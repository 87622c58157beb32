/* JSON of structs, lists and maps. */
#include "core/encode/program.h"

static int write_struct(struct encoder *e, struct node *n, int64_t i) {
  if (n->n_children == 0)
    put_char(e, '{');
  for (int64_t c = 0; c < n->n_children; c++) {
    struct node *child = n->children + c;
    put_key(e, child);
    int rc = node_value(e, child, i);
    if (rc != SLUICE_OK)
      return rc;
  }
  put_char(e, '}');
  return SLUICE_OK;
}

/* Where the items of a list or map are in its child. */
static int item_range(struct encoder *e, const struct node *n, int64_t i, int64_t *first, int64_t *count) {
  switch (n->type.id) {
  case SLUICE_TYPE_LARGE_LIST:
    *first = ((const int64_t *)n->values)[i];
    *count = ((const int64_t *)n->values)[i + 1] - *first;
    break;
  case SLUICE_TYPE_LIST_VIEW:
    *first = ((const int32_t *)n->values)[i];
    *count = ((const int32_t *)n->extra)[i];
    break;
  case SLUICE_TYPE_LARGE_LIST_VIEW:
    *first = ((const int64_t *)n->values)[i];
    *count = ((const int64_t *)n->extra)[i];
    break;
  case SLUICE_TYPE_FIXED_LIST:
    *count = n->type.width;
    *first = i * *count;
    break;
  default:
    *first = ((const int32_t *)n->values)[i];
    *count = (int64_t)((const int32_t *)n->values)[i + 1] - *first;
    break;
  }
  if (*first < 0 || *count < 0 || *first > n->children->length || *count > n->children->length - *first)
    return encode_reject(e, n, "list offsets are outside the list's items");
  return SLUICE_OK;
}

static int write_list(struct encoder *e, struct node *n, int64_t i) {
  int64_t first = 0, count = 0;
  int rc = item_range(e, n, i, &first, &count);
  if (rc != SLUICE_OK)
    return rc;
  put_char(e, '[');
  for (int64_t k = 0; k < count; k++) {
    if (k)
      put_char(e, ',');
    rc = room_for(e, 0);
    if (rc == SLUICE_OK)
      rc = node_value(e, n->children, first + k);
    if (rc != SLUICE_OK)
      return rc;
  }
  put_char(e, ']');
  return SLUICE_OK;
}

/* An entry of a map whose keys are text: `"key":value`. */
static int write_member(struct encoder *e, struct node *entries, int64_t j) {
  struct node *key = entries->children;
  j += entries->offset;
  if (node_null(key, j + key->offset))
    return encode_reject(e, key, "a map has a key that is null");
  int rc = node_value(e, key, j);
  if (rc != SLUICE_OK)
    return rc;
  put_char(e, ':');
  return node_value(e, entries->children + 1, j);
}

static int write_map(struct encoder *e, struct node *n, int64_t i) {
  int64_t first = 0, count = 0;
  int rc = item_range(e, n, i, &first, &count);
  if (rc != SLUICE_OK)
    return rc;
  put_char(e, '{');
  for (int64_t k = 0; k < count; k++) {
    if (k)
      put_char(e, ',');
    rc = room_for(e, 0);
    if (rc == SLUICE_OK)
      rc = write_member(e, n->children, first + k);
    if (rc != SLUICE_OK)
      return rc;
  }
  put_char(e, '}');
  return SLUICE_OK;
}

/* Any other map is a list of its entries. Which of the two is known when its key's node is: at the first value. */
static int write_map_or_list(struct encoder *e, struct node *n, int64_t i) {
  const struct node *entries = n->children;
  n->write = entries->n_children == 2 && entries->children->kind == NODE_TEXT ? write_map : write_list;
  return n->write(e, n, i);
}

bool nested_choose(struct node *node) {
  node->kind = NODE_NESTED;
  switch (node->type.id) {
  case SLUICE_TYPE_STRUCT:
    node->write = write_struct;
    return true;
  case SLUICE_TYPE_LIST:
  case SLUICE_TYPE_LARGE_LIST:
  case SLUICE_TYPE_LIST_VIEW:
  case SLUICE_TYPE_LARGE_LIST_VIEW:
  case SLUICE_TYPE_FIXED_LIST:
    node->write = write_list;
    return true;
  case SLUICE_TYPE_MAP:
    node->write = write_map_or_list;
    return true;
  default:
    return false;
  }
}
