/* One small read of an object, to see whether it is allowed. */
#ifndef S3_TRY_H
#define S3_TRY_H
#include "request/engine.h"

/* Reads the first bytes of a key, of this version (NULL: the latest, without an id). got and fault are set in any case.
 */
int try_read(struct access *access, struct engine *engine, const char *key, const char *version_id, size_t *got,
             struct fault *fault, struct sluice_error *err);

#endif
