/* Credentials that stay fresh: got in the background, ahead of their end, shared by all requests that sign with them.
 */
#ifndef S3_IDENTITY_H
#define S3_IDENTITY_H
#include "identity/fetch.h"
#include "identity/sts.h"

struct identity;
struct identity_settings { /* borrowed for the call, but world, own_keys and its context for the identity's life */
  const struct world *world;
  struct plan *plan; /* moved on OK */
  int (*own_keys)(void *context, struct credentials **out, struct sluice_error *err);
  void *own_context;
  void (*ready)(void *context); /* [any thread] called after each fetch, good or bad */
  void *ready_context;
};

int identity_create(const struct identity_settings *settings, struct identity **out, struct sluice_error *err);
void identity_destroy(struct identity *identity); /* waits for a fetch that is under way; takes NULL */
bool identity_anonymous(const struct identity *identity);
const struct plan *identity_plan(const struct identity *identity);

/* Never blocks. OK: a reference, *out NULL where nothing is signed. END: not yet, `ready` will be called. Anything
 * else: the last fetch failed so, and there are no credentials that still hold; a later call tries again. [any] */
int identity_get(struct identity *identity, struct credentials **out, struct sluice_error *err);
/* As identity_get, but waits. */
int identity_wait(struct identity *identity, struct credentials **out, struct sluice_error *err);
/* A server says that these are no longer good: the next identity_get gets others. [any] */
void identity_expired(struct identity *identity, const struct credentials *used);

int identity_caller(struct identity *identity, struct sts_caller *out, struct sluice_error *err);
int identity_try_open_role(struct identity *identity, struct sluice_error *err); /* as fetch_open_role */

#endif
