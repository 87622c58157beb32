/* One field of the schema with all below it. */
#ifndef PQ_SHAPE_FIELD_H
#define PQ_SHAPE_FIELD_H
#include "shape.h"

struct pq_shaping {
  struct pq_shape *shape;
  const struct pq_footer *footer;
  const struct pq_config *config;
  bool views; /* texts come as views */
  bool extra; /* fields that are not wanted come too */
};
/* Makes the field at this element and its node, and adds its leaves to the shape. want: the parts of it that are
 * wanted; NULL: all. */
int pq_shape_field(const struct pq_shaping *s, int32_t element, const struct ArrowSchema *want,
                   struct ArrowSchema *field, struct pq_node **node);

#endif
