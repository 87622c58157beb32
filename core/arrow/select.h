/* Rows of an array, put into a builder. */
#ifndef SLUICE_ARROW_SELECT_H
#define SLUICE_ARROW_SELECT_H
#include "builder.h"

/* Rows of the array that are wanted: rows[i] + shift, rising, none twice. */
struct picks {
  const int64_t *rows;
  int64_t n, shift;
};

/* Fills an empty builder with them. As sluice_builder_append, one row after the other. */
int builder_fill(struct sluice_builder *b, const struct ArrowArray *array, const struct picks *picks);

#endif
