/* Which entries each model type, environment and kind of record needs and takes. */
#ifndef MODEL_RULES_H
#define MODEL_RULES_H
#include "options.h"

/* Says whether the records are delayed actuals, and checks the schema against the model's type and environment. */
void rules_check(struct model *, struct faults *);
/* The entries whose columns are read: all of the schema, less those of predictions where the records are actuals. */
uint32_t rules_read(const struct model *);
/* Entries of the schema on that side (SIDE_*). */
uint32_t rules_side(const struct model *, int side);

#endif
