/* One request: records of one batch, from encoding to delivery. */
#ifndef SINK_HTTP_REQUEST_H
#define SINK_HTTP_REQUEST_H
#include "body.h"
#include <zlib.h>

struct batch_mark {    /* what outlives a batch */
  int64_t seq, before; /* before: seq of the batch written before it */
  int64_t first_row;
  char unit[SLUICE_KEY_SIZE];
};
struct request {
  struct request *next;
  struct batch_mark mark;
  struct body body;
  struct sluice_buffer packed;             /* compressed, where that is wanted; made once */
  int64_t attempts, first_try, not_before; /* ms; first_try 0: not tried yet */
  bool running;
};

void batch_mark_init(struct batch_mark *, const struct sluice_batch *, int64_t before);
void request_destroy(struct request *); /* takes NULL */
/* The idempotency key of its records; "" where the host gave the batch no identity. */
void request_key(const struct request *, char out[SLUICE_KEY_SIZE]);
/* Compresses the sealed body into `packed`. MEMORY. */
int request_pack(struct request *, enum http_body, z_stream *);

#endif
