/* Indexes well-formed records, 64 bytes at a time without a step for each character: the positions of all delimiters
 * and line ends outside quotes in a row. It ends before the first record that is not as it must be, which the index
 * then reads by its own rules. */
#ifndef CSV_SCAN_H
#define CSV_SCAN_H
#include "index.h"

enum { CSV_SCAN_SLACK = 64 }; /* positions that may be written behind those of the last row */

struct csv_scan_limits {
  uint32_t rows;  /* at most */
  size_t records; /* once this many bytes are used */
};
/* Takes rows from the start of ix->data into the empty index, and returns where the first one that it did not take
 * begins; sets ix->rows, ix->simple and ix->ascii. */
typedef size_t csv_scan_fn(struct csv_index *ix, const struct csv_dialect *dialect, const struct csv_bounds *bounds,
                           const struct csv_scan_limits *limits);

struct csv_pass {      /* between two bytes */
  bool quoted, closed; /* within quotes; behind a quote that closed them, or that is the first of two */
  bool boundary;       /* a field begins here */
  bool line_begins;
  int64_t rows; /* lines that are not blank, line ends within quotes aside */
};
/* Goes on over whole blocks of 64 bytes with quotes as they must be, and returns how many bytes that were. */
typedef size_t csv_pass_fn(struct csv_pass *pass, const struct csv_dialect *dialect, const uint8_t *data, size_t n);

struct csv_scanner {
  const char *name;
  csv_scan_fn *scan; /* NULL: this machine cannot */
  csv_pass_fn *pass;
};
/* All ways to do it, the fastest first; the last one, "words", is always there. */
enum { CSV_SCANNERS = 4 };
void csv_scanners(struct csv_scanner out[CSV_SCANNERS]);
struct csv_scanner csv_scan_best(void);

#endif
