/* The requests of one writer that are not delivered yet: in flight, waiting for another attempt, or for their turn. */
#ifndef SINK_HTTP_WINDOW_H
#define SINK_HTTP_WINDOW_H
#include "stream_places.h"
#include "transfer.h"

struct window {
  const struct target *target;
  struct stream_places places; /* of the stream that is written */
  struct sluice_rejects *rejects;
  CURLM *multi;
  struct transfer *transfers;
  size_t slots, count;          /* count: requests in the list */
  struct request *head, *spare; /* head: oldest first, in the order of their rows */
  int64_t generation;           /* of a full refresh; 0: none */
  uint64_t removals;            /* from the list, so far */
  int64_t written;              /* seq of the last batch that is wholly in here or delivered */
  int64_t pause_until, stepped; /* ms; no request starts before; when libcurl was last given the processor */
  uint64_t random;
  z_stream zip;
  bool zip_open, warned;
  int failure; /* what write and flush are to return, or OK */
  struct sluice_error error;
};

int window_init(struct window *, const struct target *, const struct sluice_stream *, struct sluice_error *err);
void window_finish(struct window *);
/* An empty request, from those used before if there is one. operation: enum sluice_op; -1: its batch has none. */
int window_take(struct window *, const struct batch_mark *, int operation, struct request **out);
/* Takes the filled request over and starts it if there is a free slot, and no request before it that it must not
 * overtake: where the sink knows keys, one with a key of its; else, if one of the two has an operation, each. Never
 * waits. */
void window_put(struct window *, struct request *);
/* Moves bytes without waiting. */
void window_step(struct window *);
/* Waits until no more than `most` requests are left, or something failed, or the host cancels. */
int window_wait(struct window *, size_t most, struct sluice_error *err);
/* Seq up to which each request of each batch is delivered. */
int64_t window_acked(const struct window *);

/* ---- for outcome.c ---- */

/* Keeps the failure for the next write or flush; the first one wins, but RETRY gives way. */
void window_fail(struct window *, int code, const struct sluice_error *);
void window_remove(struct window *, struct request *); /* from the list, and recycles it */
/* Keeps the memory of an ordinary request for the next one, and gives back that of an exceptionally large one. */
void window_recycle(struct window *, struct request *);

#endif
