/* Sending rejected records again, through today's format options, mapping, transforms and sink. */
#ifndef RETRY_RETRY_H
#define RETRY_RETRY_H
#include "core/run/run.h"

struct retry_question { /* NULL: all */
  const char *sink;     /* as --sink gives it; NULL: the job's own */
  const char *part;     /* the name, or a glob of * ? [...], in which * also passes / */
  const char *stage, *id;
};
struct retry_result {
  enum run_outcome outcome;
  int64_t found;             /* rejected records that match */
  int64_t accepted, refused; /* of those sent: refused again */
  int64_t left;              /* not sent: their file changed, is gone, or cannot be read now */
  int64_t milliseconds;
  struct sluice_error error; /* why, where it is not done */
};
/* Says in the log what became of each file that is left, and one summary line. Raise `stop` to end it early. */
void retry_job(struct registry *, const struct config *, const struct config_job *, const struct retry_question *,
               struct stop *stop, struct retry_result *out);

#endif
