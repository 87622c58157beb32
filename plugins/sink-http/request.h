/* One request: records of one batch, from encoding to delivery. */
#ifndef SINK_HTTP_REQUEST_H
#define SINK_HTTP_REQUEST_H
#include "body.h"
#include "endpoint.h"
#include "keyset.h"
#include <zlib.h>

struct batch_mark {    /* what outlives a batch */
  int64_t seq, before; /* before: seq of the batch written before it */
  int64_t first_row;
  char unit[SLUICE_KEY_SIZE];
};
enum { REQUEST_KEY_SIZE = SLUICE_KEY_SIZE + 32 };

struct request {
  struct request *next;
  struct batch_mark mark;
  const struct endpoint *place;
  int operation;            /* enum sluice_op; -1: its batch has none */
  struct sluice_buffer url; /* filled in, ended by NUL; empty: the place's text */
  struct body body;
  struct keyset keys;                      /* of its records, where the sink knows keys */
  bool clear;                              /* no earlier request holds it up */
  uint64_t looked;                         /* the window's count of removals when that was last looked at */
  struct sluice_buffer packed;             /* compressed, where that is wanted; made once */
  int64_t attempts, first_try, not_before; /* ms; first_try 0: not tried yet */
  bool running, tried;
};

void batch_mark_init(struct batch_mark *, const struct sluice_batch *, int64_t before);
void request_destroy(struct request *); /* takes NULL */
/* The idempotency key of its records; "" where the host gave the batch no identity. generation 0: there is none. */
void request_key(const struct request *, int64_t generation, char out[REQUEST_KEY_SIZE]);
/* False: the URL says it all, as in DELETE /things/7. */
bool request_has_body(const struct request *);
/* Compresses the sealed body into `packed`. MEMORY. */
int request_pack(struct request *, enum http_body, z_stream *);

#endif
