/* From a job's options to its schedule. */
#include "core/config/timing.h"

static int fail_at(const struct config_value *group, int code, const struct sluice_error *why,
                   struct sluice_error *err) {
  const struct config_value *sync = config_value_find(group, "sync");
  const struct config_value *at = sync ? config_value_find(sync, why->where) : NULL;
  if (at)
    return config_value_fail(at, err, code, "%s", why->message);
  return config_value_fail(sync ? sync : group, err, code, "%s: %s", why->where, why->message);
}

int timing_create(const struct config_sync *sync, const struct config_value *group, struct schedule **out,
                  struct sluice_error *err) {
  struct schedule_options options = {.job = group->name,
                                     .every_ms = sync->every_ms,
                                     .cron = sync->cron,
                                     .timezone = sync->timezone,
                                     .jitter_ms = sync->jitter_ms,
                                     .overlap = (enum schedule_overlap)sync->overlap,
                                     .catch_up = (enum schedule_catch_up)sync->catch_up};
  struct sluice_error why = {0};
  int code = schedule_create(&options, out, &why);
  return code ? fail_at(group, code, &why, err) : code;
}

static bool is_written(const struct config_value *group, const char *option) {
  const struct config_value *sync = config_value_find(group, "sync");
  return sync && config_value_find(sync, option);
}

/* What would be passed over in silence. */
static int check_useless(const struct config_sync *sync, const struct config_value *group, struct sluice_error *err) {
  struct sluice_error why = {0};
  if (!sync->cron && is_written(group, "timezone"))
    sluice_fail(&why, SLUICE_ERR_CONFIG, "timezone", "`timezone` is that of `cron`, and the job has no `cron`");
  else if (!sync->cron && !sync->every_ms && sync->jitter_ms)
    sluice_fail(&why, SLUICE_ERR_CONFIG, "jitter",
                "`jitter` delays the starts by a schedule, and the job has neither `every` nor `cron`");
  else
    return SLUICE_OK;
  return fail_at(group, SLUICE_ERR_CONFIG, &why, err);
}

int timing_check(const struct config_sync *sync, const struct config_value *group, struct sluice_error *err) {
  struct schedule *schedule = NULL;
  int code = check_useless(sync, group, err);
  if (!code)
    code = timing_create(sync, group, &schedule, err);
  schedule_destroy(schedule);
  return code;
}
