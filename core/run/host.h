/* The host as one plugin instance sees it: its log, cancel, secrets and services. */
#ifndef RUN_HOST_H
#define RUN_HOST_H
#include "core/load/registry.h"
#include "core/run/metrics.h"
#include "core/run/stop.h"

struct host {
  struct sluice_host vtable; /* what the instance gets */
  const struct stop *stop;
  enum stop_level level; /* from which the instance is cancelled: sinks drain, so theirs is STOP_NOW */
  struct metrics *metrics;
  char plugin[METRIC_PLUGIN];
};
/* All texts are borrowed for the life of the instance; stop and metrics (or NULL) too. */
void host_init(struct host *, const struct registry_component *, const char *job, const char *sink, const char *run,
               const struct stop *, struct metrics *);

#endif
