/* Cutting a large part into units, so that several workers read it. The format says where. */
#ifndef RUN_SPLIT_H
#define RUN_SPLIT_H
#include "core/run/worker.h"

/* The worker's unit, just opened: where its format can cut it, it becomes the first of its pieces; the others are free
 * for whoever claims them. Else it stays as it is. */
int split_unit(struct worker *, struct pipeline_part *opened, struct sluice_error *err);

#endif
