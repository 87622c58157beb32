/* `evolution` of a job: what becomes of columns that are new, missing or of another type. Private to core/config. */
#ifndef CONFIG_EVOLUTION_H
#define CONFIG_EVOLUTION_H
#include "core/config/config.h"

struct evolution_options { /* as bound */
  int32_t fresh, missing, changed;
  const char *rescue_column;
};
extern const struct sluice_options evolution_table;

/* options NULL: all defaults. keeps: columns that no rule names go out. group: the job, for the place of an error. */
int evolution_set(const struct evolution_options *options, bool keeps, const struct config_value *group,
                  struct config_evolution *out, struct sluice_error *err);

#endif
