/* Configurations: files into one tree, the tree into jobs and sinks. */
#include "core/config/config.h"
#include "core/base/nearest.h"
#include "core/base/text.h"
#include "core/config/job.h"
#include "core/config/prices.h"
#include "core/config/read.h"
#include "core/config/serve.h"
#include <stdlib.h>

#define PRICE(field, text)                                                                                             \
  SLUICE_OPTION(struct config_prices, field, SLUICE_OPTION_DOUBLE, .default_text = "0", .max = 1000000, .help = text)
static const struct sluice_option price_items[] = {
    SLUICE_OPTION(struct config_prices, currency, SLUICE_OPTION_TEXT, .default_text = "USD",
                  .help = "The currency of the prices, as it is to be shown."),
    PRICE(price_per_1000_list, "Of 1,000 requests that list the source."),
    PRICE(price_per_1000_get, "Of 1,000 requests that read from the source."),
    PRICE(price_per_1000_send, "Of 1,000 requests to the destination."),
    PRICE(price_per_gib, "Of 1 GiB read from the source."),
};
static const struct sluice_options price_table = SLUICE_OPTIONS(struct config_prices, price_items);

struct config_options {
  const char *ledger;
  struct sluice_list plugin_dirs;
  const struct config_prices *plan;
  const struct config_serve *serve;
};
static const struct sluice_option items[] = {
    SLUICE_OPTION(struct config_options, ledger, SLUICE_OPTION_TEXT, .default_text = "./sluice-ledger",
                  .help = "The folder that holds what has been delivered."),
    SLUICE_OPTION(struct config_options, plugin_dirs, SLUICE_OPTION_LIST, .help = "More folders of plugins."),
    SLUICE_OPTION(struct config_options, plan, SLUICE_OPTION_GROUP, .group = &price_table,
                  .help = "Prices, for the estimate of `sluice plan`."),
    SLUICE_OPTION(struct config_options, serve, SLUICE_OPTION_GROUP, .group = &serve_table,
                  .help = "What `sluice serve` listens on."),
};
static const struct sluice_options table = SLUICE_OPTIONS(struct config_options, items);
static const char *const also_known[] = {"sinks", "jobs", NULL};

struct config {
  struct config_value *root;
  struct options_bound *bound;
  struct job *jobs;
  size_t job_count;
};

static const struct config_options *options(const struct config *config) {
  return options_config(config->bound);
}

const char *config_ledger(const struct config *config) {
  return options(config)->ledger;
}
struct sluice_list config_plugin_dirs(const struct config *config) {
  return options(config)->plugin_dirs;
}
const struct config_prices *config_prices(const struct config *config) {
  return options(config)->plan;
}
const struct config_serve *config_serve(const struct config *config) {
  static const struct config_serve none = {.hang_timeout_ms = 600000};
  return options(config)->serve ? options(config)->serve : &none;
}
size_t config_job_count(const struct config *config) {
  return config->job_count;
}
const struct config_job *config_job_at(const struct config *config, size_t i) {
  return &config->jobs[i].config;
}

void config_unload(struct config *config) {
  if (!config)
    return;
  for (size_t i = 0; i < config->job_count; i++)
    job_finish(&config->jobs[i]);
  free(config->jobs);
  options_release(config->bound);
  config_value_destroy(config->root);
  free(config);
}

static int require_group(const struct config_value *value, struct sluice_error *err) {
  if (value->kind == CONFIG_GROUP)
    return SLUICE_OK;
  return config_value_fail(value, err, SLUICE_ERR_CONFIG, "'%s' must be a group { name = { ... }; }, not %s",
                           value->name, config_kind_name(value->kind));
}

static int check_sinks(const struct config_value *sinks, struct sluice_error *err) {
  int status = sinks ? require_group(sinks, err) : SLUICE_OK;
  for (size_t i = 0; status == SLUICE_OK && sinks && i < sinks->count; i++) {
    status = job_check_name(sinks->items[i], err);
    if (status == SLUICE_OK)
      status = job_check_component(sinks->items[i], err);
  }
  return status;
}

static int make_jobs(struct config *config, const struct config_value *jobs, struct sluice_error *err) {
  int status = jobs ? require_group(jobs, err) : SLUICE_OK;
  if (status != SLUICE_OK)
    return status;
  if (!jobs || jobs->count == 0)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "jobs", "there are no jobs: add jobs = { NAME = { source = ...; }; };");
  config->jobs = calloc(jobs->count + 1, sizeof *config->jobs);
  if (!config->jobs)
    return config_value_fail(jobs, err, SLUICE_ERR_MEMORY, "no memory for the jobs");
  for (size_t i = 0; i < jobs->count && status == SLUICE_OK; i++) {
    status = require_group(jobs->items[i], err);
    if (status != SLUICE_OK)
      return status;
    config->job_count++; /* also after a failure there is something to finish */
    status = job_init(&config->jobs[i], jobs->items[i], err);
  }
  return status;
}

/* The sink of every job is resolved once here, so that a wrong name is found before anything runs. */
static int check_job_sinks(const struct config *config, struct sluice_error *err) {
  int status = SLUICE_OK;
  for (size_t i = 0; i < config->job_count && status == SLUICE_OK; i++) {
    const struct config_value *value;
    const char *name;
    const struct config_job *job = &config->jobs[i].config;
    if (config_value_find(job->group, "sink"))
      status = config_job_sink(config, job, NULL, &value, &name, err);
  }
  return status;
}

/* Takes the tree, also on an error. */
static int make_config(struct config_value *root, struct config **out, struct sluice_error *err) {
  struct config *config = calloc(1, sizeof *config);
  if (!config) {
    config_value_destroy(root);
    return sluice_fail(err, SLUICE_ERR_MEMORY, NULL, "no memory for the configuration");
  }
  config->root = root;
  int status = options_bind(&table, root, also_known, &config->bound, err);
  if (status == SLUICE_OK)
    status = serve_check(config_serve(config), config_value_find(root, "serve"), err);
  if (status == SLUICE_OK)
    status = check_sinks(config_value_find(root, "sinks"), err);
  if (status == SLUICE_OK)
    status = make_jobs(config, config_value_find(root, "jobs"), err);
  if (status == SLUICE_OK)
    status = check_job_sinks(config, err);
  if (status != SLUICE_OK) {
    config_unload(config);
    return status;
  }
  *out = config;
  return SLUICE_OK;
}

int config_load_text(const char *name, const char *text, size_t size, struct config **out, struct sluice_error *err) {
  struct config_value *root;
  struct text copy = {0}; /* the reader needs the NUL */
  if (text_append(&copy, text, size) != SLUICE_OK)
    return sluice_fail(err, SLUICE_ERR_MEMORY, name, "no memory for the configuration, or it is too large");
  int status = read_config_text(name, ".", copy.data, copy.size, &root, err);
  text_finish(&copy);
  return status == SLUICE_OK ? make_config(root, out, err) : status;
}

static int overlay_file(struct config_value *root, const char *path, struct sluice_error *err) {
  struct config_value *over;
  int status = read_config_file(path, &over, err);
  if (status != SLUICE_OK)
    return status;
  status = config_value_overlay(root, over);
  if (status == SLUICE_OK)
    return status;
  config_value_destroy(over);
  return sluice_fail(err, status, path, "no memory for the configuration");
}

int config_load(const char *const *paths, size_t n, struct config **out, struct sluice_error *err) {
  struct config_value *root;
  if (n == 0)
    return sluice_fail(err, SLUICE_ERR_CONFIG, NULL, "there is no configuration file");
  int status = read_config_file(paths[0], &root, err);
  if (status != SLUICE_OK)
    return status;
  for (size_t i = 1; i < n && status == SLUICE_OK; i++)
    status = overlay_file(root, paths[i], err);
  if (status == SLUICE_OK)
    return make_config(root, out, err);
  config_value_destroy(root);
  return status;
}

/* ---- finding by name ---- */

/* "unknown WHAT 'x': did you mean 'y'? Known: y, z" */
static int fail_unknown(const char *what, const char *name, const char *where, const struct config_value *known,
                        struct sluice_error *err) {
  struct text list = {0};
  size_t n = known && known->kind == CONFIG_GROUP ? known->count : 0;
  const char **names = calloc(n + 1, sizeof *names);
  for (size_t i = 0; names && i < n; i++)
    names[i] = known->items[i]->name;
  for (size_t i = 0; names && i < n; i++)
    if (text_printf(&list, "%s%s", i ? ", " : "", names[i]) != SLUICE_OK)
      break;
  const char *nearest = names ? nearest_name(name, names, n) : NULL;
  int status = sluice_fail(err, SLUICE_ERR_CONFIG, where, "unknown %s '%s'%s%s%s; the configuration has %s%s", what,
                           name, nearest ? ": did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "",
                           n ? "these: " : "none", text_get(&list));
  free(names);
  text_finish(&list);
  return status;
}

int config_find_job(const struct config *config, const char *name, const struct config_job **out,
                    struct sluice_error *err) {
  for (size_t i = 0; i < config->job_count; i++)
    if (strcmp(config->jobs[i].config.name, name) == 0) {
      *out = &config->jobs[i].config;
      return SLUICE_OK;
    }
  return fail_unknown("job", name, "--job", config_value_find(config->root, "jobs"), err);
}

static int find_sink(const struct config *config, const char *sink, const char *where,
                     const struct config_value **value, const char **name, struct sluice_error *err) {
  const struct config_value *sinks = config_value_find(config->root, "sinks");
  const struct config_value *found = config_value_find(sinks, sink);
  if (!found)
    return fail_unknown("sink", sink, where, sinks, err);
  *value = found;
  *name = found->name;
  return SLUICE_OK;
}

int config_job_sink(const struct config *config, const struct config_job *job, const char *override,
                    const struct config_value **value, const char **name, struct sluice_error *err) {
  if (override)
    return find_sink(config, override, "--sink", value, name, err);
  const struct config_value *sink = config_value_find(job->group, "sink");
  if (!sink)
    return config_value_fail(job->group, err, SLUICE_ERR_CONFIG,
                             "the job has no sink: add sink = \"name\" or sink = { type = ...; }, or use --sink NAME");
  if (sink->kind == CONFIG_TEXT) {
    char where[224];
    config_value_where(sink, NULL, where, sizeof where);
    return find_sink(config, sink->text, where, value, name, err);
  }
  int status = job_check_component(sink, err);
  if (status != SLUICE_OK)
    return status;
  *value = sink;
  *name = config_value_member(sink, "type");
  return SLUICE_OK;
}
