/* From what is wanted and what was found to columns and their Arrow schema. */
#ifndef JSON_BUILD_H
#define JSON_BUILD_H
#include "guess.h"

/* guess: of the records; may be NULL where nothing needs one. UNSUPPORTED: a wanted type that
 * JSON cannot become, or too many columns. */
int json_build(const struct json_config *config, const struct json_guess *guess, const struct sluice_scan *scan,
               struct json_column **root, struct ArrowSchema *schema, struct sluice_error *err);

#endif
