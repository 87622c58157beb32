/* The steps of plan_resolve. Private to plan. */
#ifndef S3_PLAN_PARTS_H
#define S3_PLAN_PARTS_H
#include "identity/plan.h"
#include "identity/settings.h"

bool plan_set(char **field, const char *value); /* false: no memory */
bool plan_fill_gaps(struct plan *plan);         /* texts not set become "" */
int plan_no_memory(struct sluice_error *err);

/* Follows the chain that begins at a profile. END: the profile says nothing of credentials. */
int plan_follow_profile(const struct profiles *profiles, const char *name, struct plan *plan, struct sluice_error *err);
/* What one profile has, and what plan_base_of_profile tries in order. END: it has none. */
int plan_base_of_profile(const struct profiles *profiles, const char *name, struct plan *plan,
                         struct sluice_error *err);
int plan_static_of_profile(const struct profiles *profiles, const char *name, struct plan *plan,
                           struct sluice_error *err);
int plan_sso_of_profile(const struct profiles *profiles, const char *name, struct plan *plan, struct sluice_error *err);
int plan_read_role(const struct profiles *profiles, const char *name, struct plan_role *role, struct sluice_error *err);

const char *plan_property(const struct profiles *profiles, const char *name, const char *property); /* NULL: none */
const char *plan_variable(const struct world *world, const char *name);

#endif
