/* Small pieces of a file that lie near each other, such as its page index: read with what follows, and kept. */
#ifndef PQ_NEARBY_H
#define PQ_NEARBY_H
#include "pq.h"

enum { PQ_NEARBY_MAX = 64 << 20 };
struct pq_nearby { /* zeroed but for these */
  struct sluice_input *input;
  const char *part;
  int64_t end; /* nothing is read from here on */
  uint8_t *data;
  int64_t at;
  size_t size, capacity;
  int64_t bytes; /* read so far */
};
/* *out is valid up to the next call; empty: it does not lie in the file, or is too large. `more`: bytes behind it that
 * are likely to be asked for next. */
int pq_nearby_read(struct pq_nearby *b, int64_t at, int64_t size, int64_t more, struct pq_slice *out,
                   struct sluice_error *err);
void pq_nearby_finish(struct pq_nearby *b);

#endif
