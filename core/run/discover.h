/* Listing the source, page by page, into the ledger; the job's schema is settled on the way. */
#ifndef RUN_DISCOVER_H
#define RUN_DISCOVER_H
#include "core/run/state.h"

/* Ends with state_listed, or with state_fail. */
void discover(struct run_state *);

#endif
