/* Counters of plugins. */
#include "core/run/metrics.h"
#include "core/run/host.h"
#include <pthread.h>
#include <sluice/sdk.h>

static bool ends_with(const char *name, const char *end) {
  size_t n = strlen(name), m = strlen(end);
  return n >= m && strcmp(name + n - m, end) == 0;
}

/* The endings are those by which OpenMetrics tells samples of one family apart. */
bool metrics_name_fits(const char *name) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
  static const char *const reserved[] = {"_total", "_created", "_count", "_sum", "_bucket", "_info"};
  size_t n = strnlen(name, METRIC_NAME);
  if (n == 0 || n == METRIC_NAME || name[0] < 'a' || name[0] > 'z' || strspn(name, letters) != n)
    return false;
  for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
    if (ends_with(name, reserved[i]))
      return false;
  return true;
}

static bool is_it(const struct metric *metric, const char *plugin, const char *name) {
  return (!plugin || strcmp(metric->plugin, plugin) == 0) && strcmp(metric->name, name) == 0;
}

int metrics_counter(struct metrics *metrics, const char *plugin, const char *name, struct metric **out,
                    struct sluice_error *err) {
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  if (!metrics_name_fits(name))
    return sluice_fail(err, SLUICE_ERR_CONFIG, plugin, "'%.60s' is no name of a counter: see sluice.metrics/1", name);
  pthread_mutex_lock(&lock);
  size_t i = 0;
  while (metrics && i < METRICS_MAX && atomic_load(&metrics->items[i].taken) &&
         !is_it(&metrics->items[i], plugin, name))
    i++;
  struct metric *metric = metrics && i < METRICS_MAX ? &metrics->items[i] : NULL;
  if (metric && !atomic_load(&metric->taken)) {
    snprintf(metric->plugin, sizeof metric->plugin, "%s", plugin);
    snprintf(metric->name, sizeof metric->name, "%s", name);
    metric->is_pruned = strcmp(name, METRIC_PRUNED) == 0;
    atomic_store(&metric->taken, true);
  }
  pthread_mutex_unlock(&lock);
  if (!metric)
    return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, plugin, "there is no room to count '%s'", name);
  *out = metric;
  return SLUICE_OK;
}

long long metrics_sum(const struct metrics *metrics, const char *plugin, const char *name) {
  long long sum = 0;
  for (size_t i = 0; metrics && i < METRICS_MAX && atomic_load(&metrics->items[i].taken); i++)
    if (is_it(&metrics->items[i], plugin, name))
      sum += atomic_load(&metrics->items[i].value);
  return sum;
}

/* ---- the service ---- */

static int counter(const struct sluice_host *vtable, const char *name, void **out, struct sluice_error *err) {
  const struct host *host = vtable->context;
  struct metric *metric = NULL;
  int code = metrics_counter(host->metrics, host->plugin, name, &metric, err);
  if (!code)
    *out = metric;
  return code;
}

static _Thread_local long long pruned_here;

static void add(void *counter, uint64_t n) {
  struct metric *metric = counter;
  long long more = (long long)(n & INT64_MAX);
  if (!metric)
    return;
  atomic_fetch_add_explicit(&metric->value, more, memory_order_relaxed);
  if (metric->is_pruned)
    pruned_here += more;
}

long long metrics_pruned_here(void) {
  return pruned_here;
}

const struct sluice_metrics *metrics_service(void) {
  static const struct sluice_metrics service = {sizeof service, 0, counter, add};
  return &service;
}
