/* How many rejects a run may have, counted over its workers and over crashes. All [any]. */
#ifndef RUN_POLICY_H
#define RUN_POLICY_H
#include "core/config/config.h"
#include <stdatomic.h>

struct policy {
  const struct config_job *job;
  atomic_llong before_rows, before_rejects;      /* of runs that died: only the limits look at them */
  atomic_llong rejects;                          /* as soon as they are found: the limit by count */
  atomic_llong rows, unchanged, settled_rejects; /* behind checkpoints, so that all are of the same records */
  atomic_bool broken;                            /* it said no: the run ends as failed */
};
void policy_init(struct policy *, const struct config_job *, int64_t rows, int64_t rejects);
/* Records (those that need not be sent among them) of runs that died, which this one goes on with; negative: it does
 * not. */
void policy_carry(struct policy *, int64_t rows, int64_t rejects);
bool policy_has_rejects(const struct policy *); /* behind checkpoints, those of runs that died among them */
/* One more reject. OK: go on. DATA: the run must end; err says which limit, and the reject that passed it. */
int policy_reject(struct policy *, const char *part, int64_t row, const char *column, const char *reason,
                  struct sluice_error *err);
/* A checkpoint passed these. unchanged: they need not be sent, but were read and are no rejects. */
void policy_settle(struct policy *, int64_t rows, int64_t unchanged, int64_t rejects);
/* The limit by fraction; before `final` only once 1,000 records were settled. At the end: whether all were rejected.
 * DATA as above. */
int policy_check(struct policy *, bool final, struct sluice_error *err);

#endif
