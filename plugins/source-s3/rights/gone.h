/* An object that S3 refuses because it is gone: told from one that we may not read. */
#ifndef S3_GONE_H
#define S3_GONE_H
#include "request/engine.h"

/* S3 answers 404 for an object that is not there only to who may list the bucket without a prefix; to others 403, as
 * for an object that they may not read. Asks with one LIST whether the key (and this version of it; NULL: any) is still
 * there. status and own: how reading it failed; own is passed on to err. Gives NOT_FOUND where it is gone, RETRY or
 * CANCELLED where that could not be asked, else the status. */
int gone_judge(struct access *access, struct engine *engine, const char *key, const char *version_id, int status,
               const struct sluice_error *own, struct sluice_error *err);

/* The same of a read, where a refusal may also be this object's alone (rights/refused.h): DATA. */
int gone_judge_read(struct access *access, struct engine *engine, const char *key, const char *version_id, int status,
                    const struct sluice_error *own, struct sluice_error *err);

/* Wraps an open input so that its reads are judged so. MEMORY: the input is released. */
int gone_guard(struct access *access, struct engine *engine, const struct sluice_part *part, struct sluice_input *input,
               struct sluice_error *err);

#endif
