/* What went wrong with one attempt of a request, and what that means. */
#ifndef S3_FAULT_H
#define S3_FAULT_H
#include <sluice/sdk.h>
#include <stdbool.h>

enum fault_kind {
  FAULT_NONE,
  FAULT_TRANSIENT,  /* try again soon */
  FAULT_THROTTLE,   /* try again later, and with fewer at once */
  FAULT_GARBLED,    /* an answer that makes no sense: a few tries, then the data is bad */
  FAULT_UNREADABLE, /* it should be XML and is not: as bad as a 500 */
  FAULT_SKEW,       /* our clock is wrong */
  FAULT_MAYBE_SKEW, /* a bad signature, or our clock */
  FAULT_REGION,     /* the bucket is elsewhere */
  FAULT_AUTH,
  FAULT_EXPIRED, /* the credentials have ended */
  FAULT_NOT_FOUND,
  FAULT_CHANGED,
  FAULT_CONFIG,
  FAULT_DATA,
  FAULT_MEMORY,
  FAULT_CANCELLED
};

struct fault {
  enum fault_kind kind;
  int http;              /* 0: no answer */
  int64_t wait_ms;       /* as the server asks, -1: it does not */
  int64_t wait_extra_ms; /* most that wait_ms may add to our own delay */
  char code[64], message[256], region[64], endpoint[256], request_id[96], host_id[128];
};

struct fault_site { /* the request, for the message */
  const char *operation, *bucket, *key, *region, *host, *canonical_hash;
  int attempts;
  bool names_owner, pays; /* expected_bucket_owner, requester_pays */
};

void fault_clear(struct fault *fault);
/* Sets kind and message. */
__attribute__((format(printf, 3, 4))) void fault_set(struct fault *fault, enum fault_kind kind, const char *format,
                                                     ...);
/* Takes Code, Message and Region from an error body, if it is one. True: its root is an Error. Of a web page the
 * message says that it is one. */
bool fault_read_body(struct fault *fault, const void *body, size_t n);
/* Takes out the texts that repeat this secret, or a part of it. */
void fault_hide(struct fault *fault, const char *secret);
/* Decides the kind from the HTTP status and code. object: the request is for an object, not a bucket. */
void fault_classify(struct fault *fault, bool object);
int fault_status(const struct fault *fault); /* the sluice code when no attempt is left */
/* Fills err, returns fault_status. */
int fault_report(const struct fault *fault, const struct fault_site *site, struct sluice_error *err);

#endif
