/* Does a job's mapping fit its first files? */
#ifndef PLAN_FIT_H
#define PLAN_FIT_H
#include "core/run/pipeline.h"

struct fit {
  int64_t files;  /* that were looked for columns; 0: there is none */
  size_t missing; /* rules whose column none of them has; all were told */
};
typedef void fit_missing_fn(void *context, const char *text);
/* The pipeline is open, with a mapping. Tells of each column that a rule names and no file has. CONFIG: the rules and
 * the columns do not go together; err says why. Nothing is written. */
int fit_check(struct pipeline *, const struct stop *, fit_missing_fn *, void *context, struct fit *out,
              struct sluice_error *err);

#endif
