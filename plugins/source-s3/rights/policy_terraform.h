/* The same policies as Terraform resources. */
#ifndef S3_POLICY_TERRAFORM_H
#define S3_POLICY_TERRAFORM_H
#include "base/text.h"
#include "rights/policy_plan.h"

/* Appends a configuration that `terraform fmt` leaves as it is. MEMORY: none, or it does not fit `out`. */
int policy_terraform(const struct policy_plan *, struct text *out, struct sluice_error *err);

#endif
