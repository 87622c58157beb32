/* Single buffers of a RecordBatch: as they lie in the body, or decompressed, swapped or moved to aligned memory. */
#ifndef ARROW_BUFFER_H
#define ARROW_BUFFER_H
#include "load.h"
#include "swap.h"

struct arrow_loading { /* one batch on its way to arrays */
  struct arrow_loader *loader;
  struct arrow_batch *batch;
  const char *column; /* the top-level one in work, for messages */
  struct sluice_error *err;
};
struct arrow_want { /* of a buffer */
  int64_t items;    /* that it must have */
  int64_t width;    /* bytes of one; 0: bits */
  enum arrow_swap swap;
};
struct arrow_buffer {
  const void *data; /* never NULL, and aligned to what the items need */
  int64_t size;
};
int arrow_buffer_get(struct arrow_loading *l, size_t i, const struct arrow_want *want, struct arrow_buffer *out);
/* DATA: what is wrong with the column in work. */
__attribute__((format(printf, 2, 3))) int arrow_load_fail(const struct arrow_loading *l, const char *format, ...);
int arrow_load_memory(const struct arrow_loading *l);

#endif
