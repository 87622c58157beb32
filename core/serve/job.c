/* Making served jobs of a configuration. */
#include "core/serve/job.h"
#include "core/base/clock.h"
#include "core/config/timing.h"
#include "core/log/log.h"
#include "core/serve/identity.h"
#include <inttypes.h>
#include <stdlib.h>

const char *served_outcome_name(size_t i) {
  static const char *const names[JOB_OUTCOMES] = {
      "done",          "done with rejects", "failed", "held",    "interrupted",
      "misconfigured", "cancelled",         "paused", "crashed", "hung"};
  return i < JOB_OUTCOMES ? names[i] : NULL;
}

/* What is behind its last run, and what the listing of the active one found since. */
void served_lag(const struct served *served, int64_t *files, int64_t *bytes) {
  const struct serve_result *last = &served->kept.last;
  *files = last->lag_files;
  *bytes = last->lag_bytes;
  if (served->kept.machine.run == RUN_IDLE || !served->process.watch)
    return;
  const struct watch_counters *c = &served->process.watch->counters;
  *files += atomic_load(&c->found_parts) - atomic_load(&c->done_parts) - atomic_load(&c->gone_parts);
  *bytes += atomic_load(&c->found_bytes) - atomic_load(&c->bytes);
  *files = *files > 0 ? *files : 0;
  *bytes = *bytes > 0 ? *bytes : 0;
}

void served_counted(const struct served *served, struct counted *out) {
  *out = served->totals.counted;
  counted_add(out, served->process.watch);
}

int64_t served_stage_us(const struct served *served, enum stage stage) {
  int64_t us = served->totals.stage_us[stage];
  bool active = served->kept.machine.run != RUN_IDLE && served->process.watch;
  return active ? us + atomic_load(&served->process.watch->counters.stage_us[stage]) : us;
}

void served_renew(struct served *served) {
  served->process.stale = true;
  memset(served->avoided, 0, sizeof served->avoided);
}

int served_configure(struct served *served, const struct config *config, const struct config_job *job,
                     struct sluice_error *err) {
  struct schedule *schedule = NULL;
  char identity[HASH_SIZE];
  int code = identity_of_job(config, job, identity, err);
  if (!code)
    code = timing_create(&job->sync, job->group, &schedule, err);
  if (code)
    return sluice_fail(err, code, job->name, "no memory for the job");
  if (strcmp(identity, served->identity) != 0)
    served_renew(served);
  memcpy(served->identity, identity, sizeof identity);
  schedule_destroy(served->schedule);
  served->schedule = schedule;
  served->config = job;
  served->wake = 0;
  return SLUICE_OK;
}

int served_create(const struct config *config, const struct config_job *job, const struct store_job *kept,
                  struct served **out, struct sluice_error *err) {
  struct served *served = calloc(1, sizeof *served);
  if (!served)
    return sluice_fail(err, SLUICE_ERR_MEMORY, job->name, "no memory for the job");
  served->process.fd = -1;
  if (kept && !kept->absent)
    served->kept = *kept;
  snprintf(served->kept.name, sizeof served->kept.name, "%s", job->name);
  int code = served_configure(served, config, job, err);
  if (code) {
    served_destroy(served);
    return code;
  }
  machine_recover(&served->kept.machine, served->schedule);
  *out = served;
  return SLUICE_OK;
}

int served_create_absent(const struct store_job *kept, struct served **out) {
  struct served *served = calloc(1, sizeof *served);
  if (!served)
    return SLUICE_ERR_MEMORY;
  served->process.fd = -1;
  served->kept = *kept;
  served->kept.absent = true;
  *out = served;
  return SLUICE_OK;
}

void served_destroy(struct served *served) {
  if (!served)
    return;
  process_finish(&served->process);
  schedule_destroy(served->schedule);
  free(served);
}

void served_refuse(struct served *served, const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(served->kept.refusal, sizeof served->kept.refusal, format, args);
  va_end(args);
  log_redact(served->kept.refusal);
  served->kept.refused = clock_wall_us() / 1000;
  log_write(SLUICE_WARN, served->kept.name, "%s", served->kept.refusal);
}

void served_note_passed(struct served *served, const struct schedule_decision *passed) {
  if (passed->skipped > 0)
    served_refuse(served, "%" PRId64 " due time%s came while a run went on, and %s no run of %s own (overlap)",
                  passed->skipped, passed->skipped == 1 ? "" : "s", passed->skipped == 1 ? "gets" : "get",
                  passed->skipped == 1 ? "its" : "their");
  if (passed->missed > 0)
    served_refuse(served, "%" PRId64 " due time%s passed while nothing served, and %s no run (catch_up)",
                  passed->missed, passed->missed == 1 ? "" : "s", passed->missed == 1 ? "gets" : "get");
}
