/* Whose data a delivery is: a change of source, format or destination is noticed and asked about. */
#ifndef RUN_WHOSE_H
#define RUN_WHOSE_H
#include "core/ledger/known.h"
#include "core/run/state.h"

/* As ledger_take_over, and says so where a sink was renamed; then as ledger_split_by. Before any delivery is opened. */
int whose_take_over(struct run_state *, enum identity_choice, struct sluice_error *err);
/* As ledger_identify, with texts made of the job's groups: the type, and where it says so the place. */
int whose_check(struct run_state *, int64_t delivery, enum identity_choice, struct sluice_error *err);
/* The same question of a ledger that is only read: CONFIG, where a run would ask. */
int whose_compare(struct known *, const struct config_job *, const struct config_value *sink, struct sluice_error *err);
/* Takes the job's start_from into the ledger. late: the delivery came after the job was listed whole, so nothing of it
 * was there before. */
int whose_start_from(struct run_state *, int64_t delivery, bool late, struct sluice_error *err);

#endif
