/* Whose data a delivery is: a change of source, format or destination is noticed and asked about. */
#ifndef RUN_WHOSE_H
#define RUN_WHOSE_H
#include "core/run/state.h"

/* As ledger_identify, with texts made of the job's groups: the type, and where it says so the place. */
int whose_check(struct run_state *, const struct config_value *sink, enum identity_choice, struct sluice_error *err);
/* Takes the job's start_from into the ledger. */
int whose_start_from(struct run_state *, struct sluice_error *err);

#endif
