/* Counters of plugins, over the processes of a job. */
#include "core/serve/counted.h"
#include <string.h>

static bool plugin_fits(const char *plugin) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  return plugin[0] && plugin[strspn(plugin, letters)] == 0;
}

static struct counted_item *find(struct counted *counted, const char *plugin, const char *name) {
  for (size_t i = 0; i < counted->n; i++)
    if (strcmp(counted->items[i].plugin, plugin) == 0 && strcmp(counted->items[i].name, name) == 0)
      return &counted->items[i];
  if (counted->n == METRICS_MAX)
    return NULL;
  struct counted_item *item = &counted->items[counted->n++];
  memset(item, 0, sizeof *item);
  memcpy(item->plugin, plugin, strlen(plugin));
  memcpy(item->name, name, strlen(name));
  return item;
}

static void add_one(struct counted *counted, const struct metric *metric) {
  char plugin[METRIC_PLUGIN], name[METRIC_NAME];
  memcpy(plugin, metric->plugin, sizeof plugin);
  memcpy(name, metric->name, sizeof name);
  bool whole = memchr(plugin, 0, sizeof plugin) && memchr(name, 0, sizeof name);
  long long value = atomic_load(&metric->value);
  if (!whole || value < 0 || !plugin_fits(plugin) || !metrics_name_fits(name))
    return;
  struct counted_item *item = find(counted, plugin, name);
  if (item && value <= INT64_MAX - item->value)
    item->value += value;
}

void counted_add(struct counted *counted, const struct watch *watch) {
  for (size_t i = 0; watch && i < METRICS_MAX && atomic_load(&watch->metrics.items[i].taken); i++)
    add_one(counted, &watch->metrics.items[i]);
}

long long counted_sum(const struct counted *counted, const char *name) {
  long long sum = 0;
  for (size_t i = 0; i < counted->n; i++)
    if (strcmp(counted->items[i].name, name) == 0 && counted->items[i].value <= INT64_MAX - sum)
      sum += counted->items[i].value;
  return sum;
}

json_t *counted_json(const struct counted *counted) {
  json_t *out = json_object();
  for (size_t i = 0; i < counted->n; i++) {
    const struct counted_item *item = &counted->items[i];
    json_t *plugin = json_object_get(out, item->plugin);
    if (!plugin) {
      plugin = json_object();
      json_object_set_new(out, item->plugin, plugin); /* without memory it is less, not wrong */
    }
    json_object_set_new(plugin, item->name, json_integer(item->value));
  }
  return out;
}
