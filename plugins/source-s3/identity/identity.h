/* Credentials that stay fresh: got in the background, ahead of their end, shared by all requests that sign with them.
 */
#ifndef S3_IDENTITY_H
#define S3_IDENTITY_H
#include "identity/fetch.h"
#include "identity/sts.h"

struct identity;
struct identity_settings { /* the world and the contexts are borrowed for the identity's life */
  const struct world *world;
  /* [any] Says how credentials are got: called at create, and before each fetch, so that files that changed count. */
  int (*resolve)(void *context, struct plan *out, struct sluice_error *err);
  int (*own_keys)(void *context, struct credentials **out, struct sluice_error *err); /* for PLAN_OPTIONS */
  void *context;
  int level;                    /* at which the first source that answers is logged */
  void (*ready)(void *context); /* after each fetch, good or bad; by another thread; may be NULL */
  void *ready_context;
};

/* Resolves, and asks nobody yet. CONFIG: as plan_resolve. */
int identity_create(const struct identity_settings *settings, struct identity **out, struct sluice_error *err);
void identity_destroy(struct identity *identity); /* waits for a fetch that is under way; takes NULL */
bool identity_anonymous(const struct identity *identity);

/* Never blocks. OK: a reference, *out NULL where nothing is signed. END: not yet; `ready` will be called. Anything
 * else: the last fetch failed so, and there are no credentials that still hold; a later call tries again. [any] */
int identity_get(struct identity *identity, struct credentials **out, struct sluice_error *err);
int identity_wait(struct identity *identity, struct credentials **out, struct sluice_error *err); /* [any] waits */
/* A server says that these are no longer good: others will be got. [any] */
void identity_expired(struct identity *identity, const struct credentials *used);

/* [any] Blocking. How they were got: label of the plan, for people. */
void identity_label(struct identity *identity, char *out, size_t size);
int identity_caller(struct identity *identity, struct sts_caller *out, struct sluice_error *err);
int identity_try_open_role(struct identity *identity, struct sluice_error *err); /* as fetch_open_role */

#endif
