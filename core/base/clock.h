/* Time: a clock that never goes back, the wall clock, and how it is printed. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H
#include <stddef.h>
#include <stdint.h>

int64_t clock_monotonic_ms(void);
int64_t clock_monotonic_us(void);
int64_t clock_wall_us(void); /* microseconds since 1970 UTC */
enum { CLOCK_TEXT_SIZE = 40 };
void clock_format(int64_t wall_us, char out[CLOCK_TEXT_SIZE]); /* 2024-02-29T13:05:59.123Z */

#endif
