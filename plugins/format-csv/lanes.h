/* Values read side by side: the fields of up to 256 rows as words of eight bytes, a lane each. What a kernel does not
 * take, such as a long number or one that is none, it leaves to the parsers that read one value at a time. */
#ifndef CSV_LANES_H
#define CSV_LANES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CSV_LANES = 256 };

struct csv_lanes {
  uint64_t words[CSV_LANES];     /* the first eight bytes of each field, the first in the lowest byte */
  uint8_t sizes[CSV_LANES];      /* how many of them are its own, 1 to 8; 0: not for the kernel */
  uint8_t minus[CSV_LANES];      /* 1: a minus was before them */
  uint64_t left[CSV_LANES / 64]; /* set by the kernel: bit i: lane i was left */
};
/* Reads the first n lanes; up to seven more values may be written at out. */
typedef void csv_lanes_fn(struct csv_lanes *lanes, size_t n, void *out);

struct csv_kernels {
  csv_lanes_fn *int64, *real; /* 1 to 8 digits; the same, or fewer and a point */
  csv_lanes_fn *date32;       /* YYYYMMDD */
};
/* NULL: this machine has none. */
const struct csv_kernels *csv_kernels_best(void);

#endif
