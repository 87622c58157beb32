/* Fuzz target: the text of a configuration, through the parser, the jobs, overlays, hashes and expansion. Nothing of
 * the machine is read: no variable, no file, no include. */
#include "core/config/config.h"
#include "core/config/expand.h"
#include "core/load/options.h"

struct target {
  const char *text;
  int64_t size, wait;
  struct sluice_list list;
  struct sluice_map map;
  struct sluice_secret secret;
};
#define OPTION(field, kind) SLUICE_OPTION(struct target, field, kind, .help = "")
static const struct sluice_option items[] = {
    OPTION(text, SLUICE_OPTION_TEXT), OPTION(size, SLUICE_OPTION_SIZE), OPTION(wait, SLUICE_OPTION_DURATION),
    OPTION(list, SLUICE_OPTION_LIST), OPTION(map, SLUICE_OPTION_MAP),   OPTION(secret, SLUICE_OPTION_SECRET),
};
static const struct sluice_options table = SLUICE_OPTIONS(struct target, items);

static void use_job(const struct config *config, const struct config_job *job) {
  static const char *const also_known[] = {"type", NULL};
  struct sluice_error err = {0};
  struct options_bound *bound = NULL;
  const struct config_value *sink;
  const char *name;
  char hash[65];
  config_hash(job->group, hash);
  config_job_sink(config, job, NULL, &sink, &name, &err);
  config_job_sink(config, job, "local", &sink, &name, &err);
  if (options_bind(&table, job->source, also_known, &bound, &err) == SLUICE_OK)
    options_release(bound);
}

static void overlay_itself(const struct config_job *job) {
  struct config_value *base, *over;
  if (config_value_copy(job->group, &base) != SLUICE_OK)
    return;
  if (config_value_copy(job->source, &over) == SLUICE_OK && config_value_overlay(base, over) != SLUICE_OK)
    config_value_destroy(over);
  config_value_destroy(base);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct config *config;
  struct sluice_error err = {0};
  expand_isolate();
  if (config_load_text("fuzz", (const char *)data, size, &config, &err) != SLUICE_OK)
    return 0;
  for (size_t i = 0; i < config_job_count(config); i++) {
    use_job(config, config_job_at(config, i));
    overlay_itself(config_job_at(config, i));
  }
  config_unload(config);
  return 0;
}
