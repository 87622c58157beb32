/* The columns of a file: its Schema table as a C Data schema, and beside each field how its values lie in messages. */
#ifndef ARROW_FIELDS_H
#define ARROW_FIELDS_H
#include "message.h"

enum arrow_layout { /* which buffers an array of a type has in a message */
                    ARROW_LAYOUT_NULL,
                    ARROW_LAYOUT_BITS,
                    ARROW_LAYOUT_FIXED,
                    ARROW_LAYOUT_BYTES,
                    ARROW_LAYOUT_VIEW,
                    ARROW_LAYOUT_LIST,
                    ARROW_LAYOUT_LIST_VIEW,
                    ARROW_LAYOUT_FIXED_LIST,
                    ARROW_LAYOUT_STRUCT,
                    ARROW_LAYOUT_DENSE_UNION,
                    ARROW_LAYOUT_SPARSE_UNION,
                    ARROW_LAYOUT_RUN_END
};

struct arrow_field {
  struct sluice_type type; /* of what messages hold: of a dictionary field, its index */
  enum arrow_layout layout;
  int32_t width; /* bytes of an offset, or of a fixed value */
  bool wanted;
  int64_t n_children;
  struct arrow_field *children;
  int64_t place;              /* among the children of its parent that go out, where it is wanted */
  int64_t n_kept;             /* children that go out */
  struct arrow_field *values; /* of a dictionary field; NULL: it is none */
  int64_t dictionary;         /* its id */
};

struct arrow_fields {
  struct ArrowSchema schema; /* all of the file: a struct */
  struct arrow_field root;
  bool big_endian;
};

/* From a Schema table. */
int arrow_fields_read(const struct arrow_source *source, const struct fb_table *table, struct arrow_fields *out,
                      struct sluice_error *err);
void arrow_fields_finish(struct arrow_fields *fields);

#endif
