/* `sync` of a job: when it runs and what a run delivers. Private to core/config. */
#ifndef CONFIG_SYNC_H
#define CONFIG_SYNC_H
#include "core/config/config.h"

struct sync_options { /* as bound */
  int32_t mode, on_change, overlap, catch_up, allow_empty;
  int64_t every, jitter;
  const char *start_from, *cursor, *cron, *timezone;
  struct sluice_list key;
};
extern const struct sluice_options sync_table;

/* options NULL: all defaults. group: the job, for the place of an error. Texts are those of `options`. */
int sync_set(const struct sync_options *options, const struct config_value *group, struct config_sync *out,
             struct sluice_error *err);

#endif
