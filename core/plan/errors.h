/* Records that would be rejected. */
#ifndef PLAN_ERRORS_H
#define PLAN_ERRORS_H
#include "core/plan/plan.h"

struct plan_refusal {
  const char *code; /* where the reason has none of its own */
  const char *column, *reason;
  const void *raw; /* the source record */
  size_t raw_size;
  int64_t row, offset;
};
/* Counts it, and keeps it if it is among the first by row. MEMORY. */
int plan_refuse(struct plan_sample *, const struct plan_refusal *);
void plan_sample_finish(struct plan_sample *);

#endif
