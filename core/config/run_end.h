/* `on_run_end` of a job: who is told how a run ended. */
#ifndef CONFIG_RUN_END_H
#define CONFIG_RUN_END_H
#include "core/config/value.h"

struct config_run_end {
  struct sluice_list command; /* program and arguments; none: no command */
  const char *url;            /* NULL: none */
  struct sluice_list on;      /* outcomes; none: all */
  int64_t timeout;            /* milliseconds */
};
extern const struct sluice_options run_end_table; /* private to core/config */
/* group: the job, for the place of an error. CONFIG: neither command nor url, or not an outcome. */
int run_end_check(const struct config_run_end *, const struct config_value *group, struct sluice_error *err);

#endif
