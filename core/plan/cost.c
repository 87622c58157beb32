/* How many requests a run would take, and what they cost. No plugin says so itself yet; until one can, options of these
 * names are what tells: a source's `range_size` (it reads by requests of at most so many bytes, and lists by pages), a
 * sink's `batch_rows` and `batch_bytes` (it sends requests of at most that), `body` = "record" (each record alone). */
#include "core/plan/internal.h"

enum { LIST_PAGE = 1000 };

static const struct sluice_option *find_option(const struct component *component, const char *name) {
  const struct sluice_options *table = component->loaded->base.options;
  for (uint32_t i = 0; table && i < table->count; i++) {
    const struct sluice_option *option =
        (const struct sluice_option *)(const void *)((const char *)table->items + i * table->stride);
    if (strcmp(option->name, name) == 0)
      return option;
  }
  return NULL;
}

static const void *option_value(const struct component *component, const struct sluice_option *option) {
  return (const char *)options_config(component->options) + option->offset;
}

int64_t plan_option(const struct component *component, const char *name) {
  const struct sluice_option *option = find_option(component, name);
  bool number = option && (option->kind == SLUICE_OPTION_INT || option->kind == SLUICE_OPTION_SIZE);
  return number ? *(const int64_t *)option_value(component, option) : 0;
}

static bool sends_each_alone(const struct component *sink) {
  const struct sluice_option *option = find_option(sink, "body");
  if (!option || option->kind != SLUICE_OPTION_CHOICE)
    return false;
  return strcmp(option->choices[*(const int32_t *)option_value(sink, option)], "record") == 0;
}

static int64_t divide_up(int64_t n, int64_t by) {
  return n / by + (n % by != 0);
}

/* From the records and bytes that were seen to those of all files to be read; -1: nothing was seen. */
static int64_t expect(const struct plan *plan, int64_t seen) {
  const struct plan_sample *sample = &plan->sample;
  if (plan->files.read.bytes == 0)
    return 0;
  if (!sample->looked || sample->bytes_read <= 0)
    return -1;
  double n = (double)seen / (double)sample->bytes_read * (double)plan->files.read.bytes;
  return n < 9e18 ? (int64_t)(n + 0.5) : INT64_MAX;
}

static int64_t count_sends(const struct planning *p, const struct plan_cost *cost) {
  const struct plan *plan = p->plan;
  int64_t bytes = expect(plan, plan->sample.bytes_encoded), batch = p->pipeline.job->batch_rows;
  if (cost->send_rows <= 0 || cost->records < 0)
    return -1;
  if (cost->records == 0)
    return 0;
  int64_t sends = divide_up(cost->records, cost->send_rows < batch ? cost->send_rows : batch);
  int64_t by_bytes = cost->send_bytes > 0 ? divide_up(bytes, cost->send_bytes) : 0;
  sends = by_bytes > sends ? by_bytes : sends;
  return plan->files.units > sends ? plan->files.units : sends;
}

/* With those of the checks, so a run makes no more, but for sessions that end while it goes on. */
static int64_t count_credentials(const struct planning *p) {
  const struct component *source = &p->pipeline.source;
  int64_t n = metrics_sum(&p->metrics, source->loaded->entry.full_name, METRIC_CREDENTIALS);
  return n > 0 ? n : -1;
}

static double price(int64_t n, double per_1000) {
  return n > 0 ? (double)n / 1000 * per_1000 : 0;
}

static void add_prices(const struct config_prices *prices, const struct plan *plan, struct plan_cost *cost) {
  if (!prices)
    return;
  cost->priced = true;
  cost->currency = prices->currency;
  cost->list_cost = price(cost->lists, prices->price_per_1000_list);
  cost->read_cost = price(cost->reads, prices->price_per_1000_get);
  cost->send_cost = price(cost->sends, prices->price_per_1000_send);
  cost->transfer_cost = (double)plan->files.read.bytes / (1 << 30) * prices->price_per_gib;
  cost->total = cost->list_cost + cost->read_cost + cost->send_cost + cost->transfer_cost;
}

void plan_estimate(struct planning *p) {
  struct plan *plan = p->plan;
  struct plan_cost *cost = &plan->cost;
  *cost = (struct plan_cost){.lists = -1, .reads = -1, .sends = -1, .credentials = count_credentials(p), .records = -1};
  if (!plan->files.listed)
    return;
  const struct component *sink = &p->pipeline.sink;
  cost->read_bytes = plan_option(&p->pipeline.source, "range_size");
  cost->send_rows = sends_each_alone(sink) ? 1 : plan_option(sink, "batch_rows");
  cost->send_bytes = cost->send_rows == 1 ? 0 : plan_option(sink, "batch_bytes");
  cost->records = expect(plan, plan->sample.records - plan->sample.rejected - plan->sample.filtered);
  if (cost->read_bytes > 0) {
    int64_t names = plan->files.names + plan->files.skipped;
    cost->lists = names ? divide_up(names, LIST_PAGE) : 1;
    cost->reads = plan->files.reads;
  }
  cost->sends = count_sends(p, cost);
  add_prices(config_prices(p->config), plan, cost);
}
