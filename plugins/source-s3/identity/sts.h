/* The calls of AWS Security Token Service that Sluice makes. */
#ifndef S3_STS_H
#define S3_STS_H
#include "identity/plan.h"

/* where STS is: plan->sts_url, or the regional endpoint of the role's region or the plan's. */
int sts_assume_role(const struct world *world, const struct plan *plan, const struct plan_role *role,
                    const struct credentials *with, struct credentials **out, struct sluice_error *err);
/* The same without its external ID. OK: it lets us in. AUTH: it refuses. Anything else: that cannot be told. */
int sts_try_open_role(const struct world *world, const struct plan *plan, const struct plan_role *role,
                      const struct credentials *with, struct sluice_error *err);
int sts_assume_role_with_web_identity(const struct world *world, const struct plan *plan, const struct plan_role *role,
                                      const char *token, struct credentials **out, struct sluice_error *err);
struct sts_caller {
  char arn[2049], account[32];
};
int sts_get_caller_identity(const struct world *world, const struct plan *plan, const struct credentials *with,
                            struct sts_caller *out, struct sluice_error *err);

#endif
