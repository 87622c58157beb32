/* The least rights of a job, as documents to put in place. */
#ifndef S3_POLICY_H
#define S3_POLICY_H
#include "options.h"
#include <sluice/services.h>

/* form "json": one object with, for each identity, identity_policy and kms_policy_if_encrypted, and for a role
 * trust_policy and caller_policy too; for all, bucket_policy and tags by bucket, and notes. Several identities (paths
 * with roles of their own) are in `identities`, one is in the object itself. form "terraform": the same as resources.
 * principal: who reads, or assumes the roles; NULL: a placeholder, and a note. UNSUPPORTED: another form. CONFIG: a
 * path or text that no policy can name. */
int s3_policy_write(const struct s3_options *options, const char *job, const char *form, const char *principal,
                    struct sluice_text_out *out, struct sluice_error *err);

#endif
