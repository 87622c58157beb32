/* The policy documents of a plan, as JSON. */
#ifndef S3_POLICY_DOCUMENT_H
#define S3_POLICY_DOCUMENT_H
#include "rights/policy_plan.h"
#include <jansson.h>

/* Each gives a new document, or NULL: no memory. `first` is the first place of an identity, or of a bucket. */
json_t *policy_identity(const struct policy_plan *, size_t first);
json_t *policy_bucket(const struct policy_plan *, size_t first);
json_t *policy_kms(const struct policy_plan *, size_t first);
json_t *policy_trust(const struct policy_plan *, size_t first); /* of a role */
json_t *policy_caller(const struct policy_plan *, size_t first);
json_t *policy_tags(const struct policy_plan *, size_t first); /* {"TagSet": [...]}, empty where none is asked for */
json_t *policy_notes(const struct policy_plan *);              /* texts for people */

#endif
