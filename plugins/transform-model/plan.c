/* The tree of the record that goes out, and its schema. */
#include "bound.h"
#include <stdlib.h>

void *plan_grow(void *items, size_t count, size_t *room, size_t size) {
  if (count < *room)
    return items;
  size_t more = *room ? *room * 2 : 8;
  void *grown = more < SIZE_MAX / 2 / size ? realloc(items, more * size) : NULL;
  if (grown)
    *room = more;
  return grown;
}

static struct node *append(struct node *parent, const char *name, enum node_kind kind) {
  struct node *grown = plan_grow(parent->children, parent->count, &parent->room, sizeof *grown);
  if (!grown)
    return NULL;
  parent->children = grown;
  struct node *node = &grown[parent->count++];
  *node = (struct node){.name = name, .kind = kind};
  return node;
}

struct node *plan_child(struct node *parent, const char *name, enum node_kind kind) {
  for (size_t i = 0; i < parent->count; i++)
    if (strcmp(parent->children[i].name, name) == 0)
      return &parent->children[i];
  return append(parent, name, kind);
}

int plan_leaf(struct node *parent, const char *name, size_t use) {
  struct node *node = append(parent, name, NODE_COLUMN);
  if (!node)
    return SLUICE_ERR_MEMORY;
  node->use = use;
  return SLUICE_OK;
}

/* A constant, or a column with the constant for its nulls; nothing where there is neither. */
static int add_constant(struct bound *b, struct node *model, const char *name, int constant, int64_t use) {
  struct constant *text = &b->constants[constant];
  if (!text->text && use < 0)
    return SLUICE_OK;
  struct node *node = append(model, name, use < 0 ? NODE_CONSTANT : NODE_FILLED);
  if (!node)
    return SLUICE_ERR_MEMORY;
  node->use = use < 0 ? 0 : (size_t)use;
  node->constant = text->text ? text : NULL;
  return SLUICE_OK;
}

int plan_start(struct bound *b) {
  static const char *const names[] = {"prediction_id", "timestamp",  "model",  "features",  "tags",
                                      "shap_values",   "prediction", "actual", "embeddings"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (!append(&b->root, names[i], i < 2 ? NODE_NOW : NODE_STRUCT))
      return SLUICE_ERR_MEMORY;
  return SLUICE_OK;
}

int plan_rest(struct bound *b) {
  static const char *const names[CONSTANTS] = {"space", "name", "type", "version", "environment", "batch_id"};
  struct node *model = &b->root.children[2];
  int code = SLUICE_OK;
  b->root.children[0].kind = NODE_COLUMN;
  b->root.children[0].use = (size_t)b->of_entry[ENTRY_PREDICTION_ID];
  if (b->time != NO_USE) {
    b->root.children[1].kind = NODE_TIME;
    b->root.children[1].use = (size_t)b->time;
  }
  for (int i = 0; i < CONSTANTS && !code; i++) {
    int64_t use = i == CONSTANT_VERSION ? b->of_entry[ENTRY_VERSION] : NO_USE;
    use = i == CONSTANT_BATCH ? b->of_entry[ENTRY_BATCH_ID] : use;
    code = add_constant(b, model, names[i], i, use);
  }
  return code;
}

void plan_prune(struct node *node) {
  size_t kept = 0;
  for (size_t i = 0; i < node->count; i++) {
    struct node *child = &node->children[i];
    plan_prune(child);
    if (child->kind == NODE_STRUCT && child->count == 0)
      plan_finish(child);
    else
      node->children[kept++] = *child;
  }
  node->count = kept;
}

void plan_finish(struct node *node) {
  for (size_t i = 0; i < node->count; i++)
    plan_finish(&node->children[i]);
  free(node->children);
  memset(node, 0, sizeof *node);
}

/* ---- schema ---- */

static int leaf_schema(const struct bound *b, const struct node *node, struct ArrowSchema *out) {
  static const char *const times[] = {"tss:UTC", "tsm:UTC", "tsu:UTC", "tsn:UTC"};
  switch (node->kind) {
  case NODE_NOW:
    return sluice_schema_init(out, times[SLUICE_MICRO], node->name, 0);
  case NODE_TIME:
    return sluice_schema_init(out, times[b->time_unit], node->name, 0);
  case NODE_CONSTANT:
    return sluice_schema_init(out, "u", node->name, 0);
  default:
    break;
  }
  int code = sluice_schema_copy(&b->uses[node->use].plain, out);
  if (!code) {
    out->flags |= ARROW_FLAG_NULLABLE;
    code = sluice_schema_rename(out, node->name);
  }
  return code;
}

static int node_schema(const struct bound *b, const struct node *node, struct ArrowSchema *out) {
  if (node->kind != NODE_STRUCT)
    return leaf_schema(b, node, out);
  int code = sluice_schema_nested(out, "+s", node->name, 0, (int64_t)node->count);
  for (size_t i = 0; i < node->count && !code; i++)
    code = node_schema(b, &node->children[i], out->children[i]);
  return code;
}

int plan_schema(const struct bound *b, struct ArrowSchema *out) {
  struct ArrowSchema made = {0};
  int code = node_schema(b, &b->root, &made);
  if (code)
    sluice_schema_release(&made);
  else
    sluice_schema_move(&made, out);
  return code;
}
