/* Having parts delivered once more. */
#ifndef RETRY_RESET_H
#define RETRY_RESET_H
#include <sluice/sdk.h>

struct reset_counts {
  int64_t parts, rejects; /* to be delivered again; records that were rejected, and are forgotten */
};
/* The parts of DIR/JOB.db for this sink that match (as in struct ledger_part_filter; NULL: all) are to be delivered
 * again, whole, and their rejects are forgotten; of those that are gone the rejects are forgotten. RETRY: another
 * process owns the job. */
int reset_parts(const char *dir, const char *job, const char *sink, const char *match, struct reset_counts *out,
                struct sluice_error *err);

#endif
