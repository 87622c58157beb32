/* One job of a configuration, bound and checked. Private to core/config. */
#ifndef CONFIG_JOB_H
#define CONFIG_JOB_H
#include "core/config/config.h"
#include "core/load/options.h"

struct job {
  struct config_job config;
  struct options_bound *bound;
  struct config_value *auto_format; /* made where the file has none */
  const struct config_value **transforms;
  struct naming *streams;
  struct where *where;
};
/* On an error the job is to be finished too. */
int job_init(struct job *, const struct config_value *group, struct sluice_error *err);
void job_finish(struct job *);
/* Names of jobs and sinks become names of files and keys. */
int job_check_name(const struct config_value *named, struct sluice_error *err);
/* OK: a group with a text `type`. */
int job_check_component(const struct config_value *, struct sluice_error *err);

#endif
