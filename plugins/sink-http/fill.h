/* Encodes batches and fills requests with their records: each of one batch and one operation. */
#ifndef SINK_HTTP_FILL_H
#define SINK_HTTP_FILL_H
#include "columns.h"
#include "cut.h"
#include "window.h"

struct filling { /* a request that is not full yet */
  struct request *request;
  struct cut cut;
};
struct filler {
  const struct target *target;
  struct window *window;
  const struct sluice_encode *encode;
  void *encoder;
  struct columns columns;               /* of keys and URLs */
  size_t *keys, key_count;              /* which of them are the key */
  size_t url_columns[3][URL_NAMES_MAX]; /* by operation: which of them its URL holds */
  struct filling open[3];               /* by operation; without keys at most one */
  /* the batch in hand; it stays where it is when a call returns RETRY */
  bool begun;
  struct batch_mark mark;
  struct sluice_encoded part; /* rows part_first.. of the batch */
  int64_t part_first, next;   /* next: the first row that is in no request yet */
};

int filler_init(struct filler *, const struct target *, const struct ArrowSchema *, struct window *,
                struct sluice_error *err);
void filler_finish(struct filler *);
/* Hands all records of the batch to the window. After RETRY it goes on where it was. UNSUPPORTED: an operation that the
 * target does not take; then nothing was sent. */
int filler_send(struct filler *, const struct sluice_batch *, struct sluice_error *err);

#endif
