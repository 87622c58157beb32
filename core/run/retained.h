/* Source batches that were sent but are not yet durable, kept so that a late reject can show its source record. */
#ifndef RUN_RETAINED_H
#define RUN_RETAINED_H
#include <sluice/arrow.h>

struct retained_batch {
  struct sluice_batch batch; /* a slice that shares the memory */
  int64_t *mapped;           /* ordinals of the batch as it was sent; NULL: the same rows */
  int64_t n_mapped;
};
struct retained { /* a queue, rising in seq; zeroed is empty */
  struct retained_batch *items;
  size_t first, count, capacity;
};
/* Makes the batch's array shareable and keeps a slice of it. */
int retained_add(struct retained *, struct sluice_batch *batch);
void retained_drop(struct retained *, int64_t seq); /* all up to that one */
struct retained_batch *retained_find(struct retained *, int64_t seq);
/* Remembers which records were really sent, in their order: the sink's row i is ordinals[i] (copied). */
int retained_sent(struct retained *, int64_t seq, const struct sluice_batch *sent);
void retained_finish(struct retained *);

#endif
