/* Who needs what: the paths of a job by identity and bucket. */
#ifndef S3_POLICY_PLAN_H
#define S3_POLICY_PLAN_H
#include "options.h"
#include <stdbool.h>

struct policy_place { /* one path */
  struct s3_place options;
  char *bucket, *key; /* bucket: its name, or the ARN of an access point */
  char *bucket_arn;   /* of the bucket or access point */
  char *object_arn;   /* what comes before a key: "arn:aws:s3:::bucket/" */
  char region[64];    /* "": not known */
  char partition[16]; /* "aws" */
  bool access_point;
  size_t identity, at_bucket; /* index of the first place with that role, with that bucket */
};
struct policy_plan { /* zeroed, then initialised */
  const struct s3_options *options;
  const char *job, *principal; /* principal: a placeholder where none is known */
  bool principal_known;
  char placeholder[64];
  struct policy_place *places;
  size_t count;
};
int policy_plan_init(struct policy_plan *, const struct s3_options *, const char *job, const char *principal,
                     struct sluice_error *err);
void policy_plan_finish(struct policy_plan *); /* takes a zeroed one */

static inline bool policy_starts_identity(const struct policy_plan *plan, size_t i) {
  return plan->places[i].identity == i;
}
static inline bool policy_starts_bucket(const struct policy_plan *plan, size_t i) {
  return plan->places[i].at_bucket == i;
}
/* Objects are read by their version id. */
static inline bool policy_by_version(const struct policy_plan *plan) {
  return plan->options->pin == S3_PIN_VERSION || plan->options->version_id;
}

#endif
