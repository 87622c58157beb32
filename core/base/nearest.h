/* The known name that a mistyped one was meant to be. */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H
#include <stddef.h>

/* The nearest of n names (NULLs are passed over), or NULL where none is near enough to be suggested. */
const char *nearest_name(const char *wanted, const char *const *names, size_t n);
/* Number of single letter edits, swaps included, that make one of the other; at most `limit` + 1. */
size_t nearest_distance(const char *a, const char *b, size_t limit);

#endif
