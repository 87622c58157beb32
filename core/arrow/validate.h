/* What the two halves of array validation share. */
#ifndef SLUICE_ARROW_VALIDATE_H
#define SLUICE_ARROW_VALIDATE_H
#include "path.h"

struct column { /* an array whose shape is proved, with all that a message needs */
  const struct ArrowSchema *schema;
  const struct ArrowArray *array;
  struct sluice_type type;
  const struct path *path;
  struct sluice_error *err;
  enum sluice_check_level level;
};

/* Every value of a column whose shape is proved; its children are checked by themselves. */
int validate_values(const struct column *column);

#endif
