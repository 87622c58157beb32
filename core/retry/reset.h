/* Having parts delivered once more. */
#ifndef RETRY_RESET_H
#define RETRY_RESET_H
#include <sluice/sdk.h>

/* The parts of DIR/JOB.db for this sink that match (as in struct ledger_part_filter; NULL: all) are to be delivered
 * again, whole, and their rejects are forgotten. RETRY: another process owns the job. */
int reset_parts(const char *dir, const char *job, const char *sink, const char *match, int64_t *count,
                struct sluice_error *err);

#endif
