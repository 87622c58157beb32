/* Where a batch is cut into requests: by rows and bytes counted from its first row, so that it is always the same. */
#ifndef SINK_HTTP_CUT_H
#define SINK_HTTP_CUT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cut {
  int64_t max_rows;
  size_t max_bytes, overhead; /* overhead: bytes of a request beside its records */
  int64_t rows;
  size_t bytes; /* of records, in the request being filled */
};

void cut_init(struct cut *, int64_t max_rows, size_t max_bytes, size_t overhead);
/* Begins the next request. */
void cut_restart(struct cut *);
/* Adds the record, or says false: it begins the next request. A rejected record has no bytes, but counts as a row. */
bool cut_add(struct cut *, size_t size);
/* The row that begins the second half of first..last-1; it depends on nothing else. */
int64_t cut_half(int64_t first, int64_t last);

#endif
