/* Allocations that fail at will: programs with failing.c are linked with --wrap for each function that allocates. */
#ifndef TEST_MAPPING_FAILING_H
#define TEST_MAPPING_FAILING_H
#include <stdint.h>

extern int64_t failing_in; /* allocations that still succeed; below 0: all do */

#endif
