/* Unions of metadata before V5, which had a bitmap of their own. */
#ifndef ARROW_UNION_NULLS_H
#define ARROW_UNION_NULLS_H
#include "buffer.h"

/* Makes *array, a loaded union of the type `schema`, anew, where the bitmap has nulls: each becomes a null of the child
 * that its type code picks (a code that the union does not have: of the first child). DATA: the union is not sound. */
int arrow_union_take_nulls(struct arrow_loading *l, const struct ArrowSchema *schema, const void *bitmap,
                           struct ArrowArray *array);

#endif
