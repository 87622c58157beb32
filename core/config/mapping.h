/* `mapping` and `unmapped` of a job: which columns go where. Private to core/config. */
#ifndef CONFIG_MAPPING_H
#define CONFIG_MAPPING_H
#include "core/config/config.h"

extern const struct sluice_options mapping_table; /* of one rule: struct config_mapping */
extern const char *const mapping_unmapped[];      /* the answers of `unmapped`, by enum config_unmapped */

/* Checks what rules of a bound job say, one by one and together. unmapped CONFIG_UNMAPPED_OPEN: by the rules. group:
 * the job, for the place of an error. Texts are those of `rules`. */
int mapping_set(const struct sluice_groups *rules, enum config_unmapped unmapped, const struct config_value *group,
                struct config_job *out, struct sluice_error *err);

#endif
