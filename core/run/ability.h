/* What a job asks beyond records that are only added, and whether the sink, with its options, can do it. */
#ifndef RUN_ABILITY_H
#define RUN_ABILITY_H
#include "core/run/pipeline.h"

/* Known before anything is read or sent; a sink that does not tell is believed to be able. CONFIG: it cannot. */
int ability_check(const struct pipeline *, struct sluice_error *err);

#endif
