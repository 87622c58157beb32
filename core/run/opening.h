/* Opening the ledger's side of a run: the job as a whole, and its streams, those known before and those found. */
#ifndef RUN_OPENING_H
#define RUN_OPENING_H
#include "core/run/state.h"

/* Before the listing. A job without streams gets its one; else all that the ledger knows are opened. */
int opening_begin(struct run_state *, struct sluice_error *err);
/* [instance] with the listing: the stream of this part, opened if it is new. NULL: it can be of none, which was counted
 * and told. END: no rule is for it. */
int opening_stream_of(struct run_state *, const char *part, struct stream **out, struct sluice_error *err);
/* The listing is merged to its end. */
int opening_listed(struct run_state *, struct sluice_error *err);
/* Ends the runs of streams; the job's own is the caller's. outcome: of the whole run, where it did not come to its end.
 */
int opening_end(struct run_state *, bool complete, const char *outcome, const char *message, struct sluice_error *err);

#endif
