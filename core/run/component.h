/* One opened plugin instance: its options, its host and itself. */
#ifndef RUN_COMPONENT_H
#define RUN_COMPONENT_H
#include "core/config/config.h"
#include "core/load/options.h"
#include "core/run/host.h"

struct component {
  const struct registry_component *loaded; /* NULL: not opened */
  struct options_bound *options;
  struct host host; /* the instance points into it: a component never moves once opened */
  void *self;
};
struct component_names { /* for the instance's messages; "" where there is none */
  const char *job, *sink, *run;
  struct metrics *metrics; /* where it counts; NULL: nobody wants to know */
};
/* Opens what the group's `type` names. Zeroed before; nothing to close after an error. */
int component_open(struct registry *, enum sluice_kind kind, const struct config_value *group, struct component_names,
                   const struct stop *, struct component *out, struct sluice_error *err);
/* The same for a component that is known already; group may be NULL. */
int component_open_loaded(const struct registry_component *, const struct config_value *group, struct component_names,
                          const struct stop *, struct component *out, struct sluice_error *err);
void component_close(struct component *); /* takes a zeroed one */

#endif
