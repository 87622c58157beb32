/* Full refresh: tells the server of generations. The functions of sluice.commit/1. */
#ifndef SINK_HTTP_GENERATION_H
#define SINK_HTTP_GENERATION_H
#include "target.h"
#include <sluice/services.h>

extern const struct sluice_commit generation_power;
int generation_not_set(const struct target *, enum target_step, struct sluice_error *err); /* UNSUPPORTED */

#endif
