/* Types of the Schema table as C Data format strings. */
#ifndef ARROW_TYPE_H
#define ARROW_TYPE_H
#include "fields.h"

enum { ARROW_FORMAT_SIZE = 640 };
/* out has ARROW_FORMAT_SIZE bytes. tag: the number of the type in its union. flags: of the field, to which some types
 * add. NULL, or what is wrong. */
const char *arrow_type_format(int64_t tag, const struct fb_table *type, int64_t n_children, char *out, int64_t *flags);
/* The integer that indexes a dictionary; type NULL: as where the file does not say. */
const char *arrow_type_index(const struct fb_table *type, char *out);
enum arrow_layout arrow_type_layout(enum sluice_type_id id);
/* Bytes of an offset or a fixed value of a type. */
int32_t arrow_type_width(const struct sluice_type *type);

#endif
