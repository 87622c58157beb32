/* Counters of plugins: what sluice.metrics/1 gives them. The table lies where its owner wants, also in memory that
 * another process watches. */
#ifndef RUN_METRICS_H
#define RUN_METRICS_H
#include <sluice/services.h>
#include <stdatomic.h>
#include <stdbool.h>

#define METRIC_PRUNED "pruned_rows" /* records that a format passed over by a scan's `where` */
/* Of a source, and not among its `requests`: what it asked to be let in. */
#define METRIC_CREDENTIALS "credential_requests"
enum { METRICS_MAX = 64, METRIC_NAME = 48, METRIC_PLUGIN = 96 };
struct metric {
  atomic_bool taken; /* set last */
  bool is_pruned;    /* METRIC_PRUNED */
  char plugin[METRIC_PLUGIN], name[METRIC_NAME];
  atomic_llong value;
};
struct metrics { /* zeroed; those that are taken stand first */
  struct metric items[METRICS_MAX];
};
/* [any] The same for the same texts. CONFIG: no such name. UNSUPPORTED: the table is full, or there is none (NULL). */
int metrics_counter(struct metrics *, const char *plugin, const char *name, struct metric **out,
                    struct sluice_error *err);
bool metrics_name_fits(const char *name); /* see sluice_metrics.counter */
/* Of all counters of this name; plugin NULL: of any. */
long long metrics_sum(const struct metrics *, const char *plugin, const char *name);
/* What the calling thread counted as METRIC_PRUNED, ever: a reader that counts where it reads can be told from others.
 */
long long metrics_pruned_here(void);
const struct sluice_metrics *metrics_service(void);

#endif
