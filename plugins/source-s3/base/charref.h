/* Numeric references to characters that XML 1.0 forbids: S3 services send them for control characters in names. */
#ifndef S3_CHARREF_H
#define S3_CHARREF_H
#include <stdbool.h>
#include <stddef.h>

enum { CHARREF_MAX = 12 };
struct charref { /* zeroed is the start */
  char held[CHARREF_MAX];
  size_t size;
  bool replaced; /* one was met */
};

/* Copies n bytes, with U+FFFD in place of such references, also of one that goes on from the call before. `out` has
 * room for n + CHARREF_MAX bytes. Returns the bytes written; what may be the beginning of a reference is held back. */
size_t charref_filter(struct charref *ref, const char *in, size_t n, char *out);
size_t charref_end(struct charref *ref, char *out); /* what is held back; at most CHARREF_MAX bytes */

#endif
