/* A schema being put together from borrowed texts and nodes: plain ArrowSchema structs in memory that goes all at once.
 * The result is copied out of it (sluice_schema_copy). Internal to core/schema. */
#ifndef SCHEMA_TREE_H
#define SCHEMA_TREE_H
#include <sluice/arrow.h>

enum { TREE_DEPTH_MAX = 64 };
struct schema_tree {
  struct schema_tree_block *blocks;
};
void *schema_tree_alloc(struct schema_tree *, size_t n, size_t size); /* zeroed; NULL: no memory */
void schema_tree_finish(struct schema_tree *);
/* A node like this one, to change; it shares its children. */
struct ArrowSchema *schema_tree_node(struct schema_tree *, const struct ArrowSchema *like);
/* Room for n children; false: no memory. */
bool schema_tree_children(struct schema_tree *, struct ArrowSchema *node, size_t n);

#endif
