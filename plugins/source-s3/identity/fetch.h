/* Getting credentials as a plan says: blocking, with all network, files and programs through the world. */
#ifndef S3_FETCH_H
#define S3_FETCH_H
#include "identity/plan.h"

struct fetcher { /* borrows all; one fetch at a time */
  const struct world *world;
  const struct plan *plan;
  /* The pair that the plugin's options name, for PLAN_OPTIONS. */
  int (*own_keys)(void *context, struct credentials **out, struct sluice_error *err);
  void *own_context;
  /* Kept between fetches: the metadata token, and the last set if the metadata service is away for a moment. */
  char imds_token[1025];
  int64_t imds_token_until;
  struct credentials *imds_last;
  int64_t imds_ahead_s; /* the service's clock less ours, when they came */
};

/* The base, then each role in turn. PLAN_ANONYMOUS is BUG. AUTH: refused. CONFIG: the user must change something.
 * RETRY: the service is away. Each message names the step, what answered, and what to do. Logs nothing secret. */
int fetch(struct fetcher *fetcher, struct credentials **out, struct sluice_error *err);
/* All but the last role, and the last role without its external ID. OK: it lets us in. AUTH: it refuses. Anything else:
 * that cannot be told. */
int fetch_open_role(struct fetcher *fetcher, struct sluice_error *err);
void fetcher_finish(struct fetcher *fetcher);

#endif
