/* Allocations that fail at will, and a count of the blocks that live. */
#ifndef TEST_FAILING_H
#define TEST_FAILING_H
#include <stdbool.h>
#include <stdint.h>

extern int64_t failing_in;   /* allocations that still succeed, then one fails; below 0: all succeed */
extern int64_t failing_live; /* blocks that were allocated and not freed */

/* Whether the allocation at hand is to fail; counts it. For functions that a test makes fail itself. */
bool failing_now(void);

#endif
