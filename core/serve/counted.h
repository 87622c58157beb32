/* What the plugins of a job counted since the program started: over all the processes that the job had. */
#ifndef SERVE_COUNTED_H
#define SERVE_COUNTED_H
#include "core/run/watch.h"
#include <jansson.h>

struct counted { /* zeroed is empty */
  size_t n;
  struct counted_item {
    char plugin[METRIC_PLUGIN], name[METRIC_NAME];
    long long value;
  } items[METRICS_MAX];
};
/* Adds what a process counted so far. It may have written anything there: what is no counter is left out. watch NULL:
 * nothing. */
void counted_add(struct counted *, const struct watch *);
long long counted_sum(const struct counted *, const char *name);
json_t *counted_json(const struct counted *); /* {"source-s3": {"requests": 5}}; NULL: no memory */

#endif
