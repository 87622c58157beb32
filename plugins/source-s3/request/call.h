/* One GET with all its attempts, as the engine runs it. */
#ifndef S3_CALL_H
#define S3_CALL_H
#include "request/client.h"
#include "request/head.h"
#include "request/retry.h"
#include <stdatomic.h>

enum call_verdict {
  CALL_GO,
  CALL_ENOUGH, /* all that was wanted is there: end the transfer well */
  CALL_PAUSE,  /* of data: nothing was taken; they are given again after engine_resume */
  CALL_FAULT   /* call->fault says why */
};

struct call;
struct transport_pool;
struct call_ops {                           /* all but destroy: by the I/O thread only, without the lock */
  void (*begin)(struct call *);             /* before each attempt: may set call->request's range and pin */
  enum call_verdict (*head)(struct call *); /* a 2xx came: call->head */
  enum call_verdict (*data)(struct call *, const char *bytes, size_t n);
  enum call_verdict (*end)(struct call *, bool whole); /* whole: the transfer ended as HTTP says it should */
  bool (*refused)(struct call *); /* optional; no 2xx: true: changed the request, try again at once */
  void (*destroy)(struct call *); /* the last reference is gone; any thread */
};

struct call {
  /* set by the owner before engine_submit */
  const struct call_ops *ops;
  struct request request;

  /* under the engine's lock */
  bool done, abandoned;
  bool early;  /* nobody waits for it yet: a fault ends it, and it only uses connections that are free */
  bool resume; /* engine_resume was called */
  int status;  /* when done */
  struct sluice_error error;
  pthread_cond_t changed;

  /* the engine's */
  atomic_int references;
  struct call *next;
  CURL *easy;
  struct transport_pool *pool;
  struct signed_request sent;
  struct head head;
  struct fault fault;
  struct text body; /* of an error answer */
  struct retry retry;
  enum call_verdict verdict;
  int64_t start_at_ms;
  int64_t refused_at_s; /* when the body of an error began; 0: not yet */
  int64_t progress;     /* bytes of this attempt that count */
  int total_attempts;
  struct credentials *with; /* a reference: what this attempt is signed with */
  bool parked;              /* waits for credentials */
  bool paused;
  bool probing, probed; /* the bucket is asked for its region, by a HEAD between two attempts */
  struct fault before;  /* the one that made us ask */
  bool moved, refused_once;
  int renewals, skews; /* of credentials, corrections of the clock, since it last got on */
  char curl_text[CURL_ERROR_SIZE];
};

int call_init(struct call *call, const struct call_ops *ops); /* with one reference, the caller's */
void call_unref(struct call *call);                           /* takes NULL */
void call_finish(struct call *call);                          /* for ops->destroy */

/* The steps of an attempt, by the engine. */
void call_reset_attempt(struct call *call);
size_t call_on_header(struct call *call, const char *line, size_t n);
size_t call_on_body(struct call *call, const char *bytes, size_t n);
/* Judges how an attempt ended. True: the call has its result (fault.kind NONE: a good one). False: the fault stands. */
bool call_succeeded(struct call *call, CURLcode code);

#endif
