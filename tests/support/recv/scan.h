/* Finds the records in the bytes of a body, as they come, and writes them out one a line. */
#ifndef RECV_SCAN_H
#define RECV_SCAN_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum scan_kind { SCAN_NDJSON, SCAN_JSON }; /* JSON: an array of records, or one record */

struct lines { /* growable; zeroed is empty */
  char *data;
  size_t size, capacity;
};
bool lines_append(struct lines *, const void *bytes, size_t n); /* false: no memory, or past the limit */
void lines_finish(struct lines *);

struct scan {
  enum scan_kind kind;
  int state;
  bool in_string, escaped, in_array, line_used;
  int64_t depth, records;
  struct lines *out;   /* NULL: only count */
  const char *problem; /* what is wrong with the body; NULL: nothing yet */
};
void scan_init(struct scan *, enum scan_kind, struct lines *out);
void scan_feed(struct scan *, const uint8_t *bytes, size_t n);
void scan_end(struct scan *);

#endif
