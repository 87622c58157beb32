/* What happened: counters for /_s3d/stats, and the log file. */
#ifndef S3D_JOURNAL_H
#define S3D_JOURNAL_H
#include "faults.h"

struct journal; /* [any thread] */

/* `path` may be NULL: counters only. NULL with errno when the log cannot be opened. */
struct journal *journal_create(const char *path);
void journal_destroy(struct journal *j);

void journal_begin(struct journal *j);
void journal_end(struct journal *j);
void journal_request(struct journal *j, enum operation op, unsigned status, uint64_t bytes, const char *bucket,
                     const char *key, const char *detail);
void journal_fault(struct journal *j, const struct fault *fault, enum operation op, const char *bucket, const char *key,
                   const char *detail);
void journal_note(struct journal *j, const char *text);
/* JSON text of malloc, or NULL. */
char *journal_stats(struct journal *j, uint64_t scans, uint64_t script_loads);
#endif
