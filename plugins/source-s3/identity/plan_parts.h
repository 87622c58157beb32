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
/* Base and its texts from one profile; END: it has none. */
int plan_base_of_profile(const struct profiles *profiles, const char *name, struct plan *plan,
                         struct sluice_error *err);
/* A pair in a profile. END: it has none. CONFIG: half of one. */
int plan_static_of_profile(const struct profiles *profiles, const char *name, struct plan *plan,
                           struct sluice_error *err);
int plan_instance(const struct world *world, const struct profiles *profiles, struct plan *plan,
                  struct sluice_error *err);
const char *plan_variable(const struct world *world, const char *name);

#endif
