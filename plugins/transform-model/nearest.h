/* The known name that a mistyped one was meant to be. */
#ifndef MODEL_NEAREST_H
#define MODEL_NEAREST_H
#include <stddef.h>

/* Keeps the nearest of the names it is shown: best is NULL while none is near enough. Starts zeroed, but for wanted. */
struct nearest {
  const char *wanted, *best;
  size_t distance; /* of best */
};
void nearest_try(struct nearest *, const char *name);

#endif
