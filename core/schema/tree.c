/* Memory of a schema that is being put together. */
#include "core/schema/tree.h"
#include <stdlib.h>

struct schema_tree_block {
  struct schema_tree_block *next;
  max_align_t data[];
};

void *schema_tree_alloc(struct schema_tree *tree, size_t n, size_t size) {
  if (size && n > (SIZE_MAX - sizeof(struct schema_tree_block)) / size)
    return NULL;
  struct schema_tree_block *block = calloc(1, sizeof *block + n * size);
  if (!block)
    return NULL;
  block->next = tree->blocks;
  tree->blocks = block;
  return block->data;
}

void schema_tree_finish(struct schema_tree *tree) {
  while (tree->blocks) {
    struct schema_tree_block *next = tree->blocks->next;
    free(tree->blocks);
    tree->blocks = next;
  }
}

struct ArrowSchema *schema_tree_node(struct schema_tree *tree, const struct ArrowSchema *like) {
  struct ArrowSchema *node = schema_tree_alloc(tree, 1, sizeof *node);
  if (!node)
    return NULL;
  *node = *like;
  node->release = NULL;
  node->private_data = NULL;
  return node;
}

bool schema_tree_children(struct schema_tree *tree, struct ArrowSchema *node, size_t n) {
  node->children = n ? schema_tree_alloc(tree, n, sizeof *node->children) : NULL;
  node->n_children = (int64_t)n;
  return n == 0 || node->children;
}
