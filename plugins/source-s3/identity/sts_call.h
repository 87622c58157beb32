/* One call of STS with its attempts. Private to sts. */
#ifndef S3_STS_CALL_H
#define S3_STS_CALL_H
#include "identity/sts.h"

struct sts_fields { /* what an answer holds; zeroed is empty */
  struct text access_key_id, secret, token, expiration, arn, account, code, message;
};
/* The first of each name counts, at any depth. False: it is no whole XML. */
bool sts_read(const void *body, size_t n, struct sts_fields *out);
void sts_fields_finish(struct sts_fields *fields);

struct sts_call { /* borrows all */
  const struct world *world;
  const struct plan *plan;
  const char *region;             /* "" or NULL: the plan's */
  const struct credentials *with; /* NULL: not signed */
  const struct text *body;
  const char *step, *advice; /* for messages; advice: where it is not allowed */
  const char *keys;          /* what it is signed with, or which token it brings */
};
void sts_add(struct text *body, const char *name, const char *value);
/* issuer_now: the Date of the answer; -1: it has none. After a refusal out has its code. */
int sts_send(const struct sts_call *call, struct sts_fields *out, int64_t *issuer_now, struct sluice_error *err);

#endif
