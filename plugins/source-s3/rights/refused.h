/* An object that S3 refuses although it is there: whether that is about this object, or about all of them. */
#ifndef S3_REFUSED_H
#define S3_REFUSED_H
#include "request/engine.h"

/* An object of this path was read: who asks has the right. */
void refused_none(struct access *access);
/* *alone: others are read, so that the refusal is this object's (its key of KMS, its owner, a policy for it). Where
 * none was read yet, or many were refused one after the other, that is tried with one LIST of the path and reads of up
 * to two other objects; not where versions are read, for these need other rights. CANCELLED and RETRY: it could not be
 * tried. */
int refused_judge(struct access *access, struct engine *engine, const char *key, bool versioned, bool *alone,
                  struct sluice_error *err);

#endif
