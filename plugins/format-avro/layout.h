/* What the making of columns shares. */
#ifndef AVRO_LAYOUT_H
#define AVRO_LAYOUT_H
#include "column.h"

struct avro_layout {
  struct avro_columns *out;
  uint32_t union_room;
  bool extra;
  const char *where;
  struct sluice_error *err;
};
struct avro_leaf { /* how values of a type without types within are held */
  enum avro_shape shape;
  char format[32];
  uint32_t width;
  bool text;
};
struct avro_note {
  const char *name, *value;
};

void avro_leaf_of(const struct avro_type *type, struct avro_leaf *out);
/* Says in the field's metadata what its Arrow type does not. */
int avro_leaf_annotate(struct avro_layout *l, const struct avro_type *type, struct ArrowSchema *field);
int avro_notes_add(struct avro_layout *l, const struct avro_note *notes, size_t n, struct ArrowSchema *field);
/* Makes an enum's field a dictionary of its symbols. */
int avro_dictionary_make(struct avro_layout *l, struct avro_column *column, struct ArrowSchema *field);

/* The record's field of that name, looked for from `near` on; -1: none. */
int64_t avro_field_find(const struct avro_type *record, const char *name, uint32_t near);
/* The one type of a union that has no other but null; *nullable is set where null is there. NULL: a general union, or
 * none. */
const struct avro_type *avro_union_only(const struct avro_type *type, bool *nullable);

#endif
