/* Asked first, so that a job does not work until its first update. */
#include "core/run/ability.h"
#include "core/load/registry.h"
#include "core/run/by_row.h"

static int fail_at(const struct config_job *job, const char *option, const char *why, struct sluice_error *err) {
  const struct config_value *sync = config_value_find(job->group, "sync");
  const struct config_value *at = sync ? config_value_find(sync, option) : NULL;
  return config_value_fail(at ? at : job->group, err, SLUICE_ERR_CONFIG, "%s", why);
}

static int ask(const struct pipeline *p, uint32_t asks, const char *option, struct sluice_error *err) {
  const struct sluice_check *check = registry_extension(p->sink.loaded, SLUICE_CHECK);
  struct sluice_error why = {0};
  if (!check || !SLUICE_HAS(check, able))
    return SLUICE_OK;
  int code = check->able(p->sink.self, asks, &why);
  if (code != SLUICE_ERR_UNSUPPORTED && code != SLUICE_ERR_CONFIG) {
    if (code)
      *err = why;
    return code;
  }
  return fail_at(p->job, option, why.message[0] ? why.message : "the sink cannot do this, and gave no reason", err);
}

static int check_batch(const struct config_job *job, struct sluice_error *err) {
  if (job->batch_rows <= BY_ROW_FULL)
    return SLUICE_OK;
  const struct config_value *at = config_value_find(job->group, "batch_rows");
  return config_value_fail(at ? at : job->group, err, SLUICE_ERR_CONFIG, "with sync.key a batch has at most %d records",
                           BY_ROW_FULL);
}

int ability_check(const struct pipeline *p, struct sluice_error *err) {
  int code = SLUICE_OK;
  if (p->job->sync.mode == CONFIG_FULL_REFRESH)
    code = ask(p, SLUICE_ASKS_GENERATIONS, "mode", err);
  if (!code && p->job->sync.n_keys)
    code = check_batch(p->job, err);
  if (!code && p->job->sync.n_keys)
    code = ask(p, SLUICE_ASKS_UPDATES, "key", err);
  return code;
}
