/* Cuts a large part into pieces of whole records. */
#ifndef CSV_PLAN_H
#define CSV_PLAN_H
#include "csv.h"

int csv_plan(void *self, struct sluice_input *in, const struct sluice_scan *scan, int64_t split_bytes,
             struct sluice_splits *out, struct sluice_error *err);

#endif
