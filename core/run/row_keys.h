/* By which columns the records of a delivery are known, as its ledger has it. */
#ifndef RUN_ROW_KEYS_H
#define RUN_ROW_KEYS_H
#include "core/run/state.h"

/* Before anything is delivered: where the job's `key` is another than before, or there is none any more, what the
 * ledger has of records is not what the destination will have; then it is dropped, with its cursor, and that is said.
 */
int row_keys_settle(struct run_state *, int64_t delivery, struct sluice_error *err);

#endif
