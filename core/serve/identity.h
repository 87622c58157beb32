/* What the process of a job was made of, so that another one is started where that changed. */
#ifndef SERVE_IDENTITY_H
#define SERVE_IDENTITY_H
#include "core/base/hash.h"
#include "core/base/text.h"

struct config;
struct config_job;

/* The job, its sink, the ledger folder, and the files that their options name. */
int identity_of_job(const struct config *, const struct config_job *, char out[HASH_SIZE], struct sluice_error *err);
/* A line of what the file system tells of a file. */
int identity_add_file(const char *path, struct text *out);

#endif
