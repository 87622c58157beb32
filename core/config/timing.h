/* The schedule that a job's `sync` makes. */
#ifndef CONFIG_TIMING_H
#define CONFIG_TIMING_H
#include "core/config/config.h"
#include "core/schedule/schedule.h"

/* group: the job, for its name and the place of an error. CONFIG: the options make no schedule. */
int timing_create(const struct config_sync *, const struct config_value *group, struct schedule **out,
                  struct sluice_error *err);
/* Whether they make one. Each command asks, so that `check` and `run` refuse what `serve` would. */
int timing_check(const struct config_sync *, const struct config_value *group, struct sluice_error *err);

#endif
