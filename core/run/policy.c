/* The policy for rejects: on_error and max_rejects. */
#include "core/run/policy.h"

enum { FRACTION_NEEDS = 1000 };

void policy_init(struct policy *policy, const struct config_job *job, int64_t rows, int64_t rejects) {
  policy->job = job;
  atomic_init(&policy->before_rows, 0);
  atomic_init(&policy->before_rejects, 0);
  atomic_init(&policy->rows, rows);
  atomic_init(&policy->unchanged, 0);
  atomic_init(&policy->rejects, rejects);
  atomic_init(&policy->settled_rejects, rejects);
  atomic_init(&policy->broken, false);
}

void policy_carry(struct policy *policy, int64_t rows, int64_t rejects) {
  atomic_fetch_add(&policy->before_rows, rows);
  atomic_fetch_add(&policy->before_rejects, rejects);
}

bool policy_has_rejects(const struct policy *policy) {
  return atomic_load(&policy->settled_rejects) + atomic_load(&policy->before_rejects) > 0;
}

static int refuse(struct policy *policy, struct sluice_error *err) {
  atomic_store(&policy->broken, true);
  err->row = -1;
  return SLUICE_ERR_DATA;
}

int policy_reject(struct policy *policy, const char *part, int64_t row, const char *column, const char *reason,
                  struct sluice_error *err) {
  long long rejects = atomic_fetch_add(&policy->rejects, 1) + 1 + atomic_load(&policy->before_rejects);
  const char *of = column ? column : "", *between = column ? ": " : "";
  if (policy->job->on_error == CONFIG_ERROR_FAIL) {
    sluice_fail(err, SLUICE_ERR_DATA, part,
                "row %lld: %s%s%s; the job ends at the first bad record because on_error = \"fail\"", (long long)row,
                of, between, reason);
    return refuse(policy, err);
  }
  if (policy->job->max_rejects < 0 || rejects <= policy->job->max_rejects)
    return SLUICE_OK;
  sluice_fail(
      err, SLUICE_ERR_DATA, part,
      "%lld records are rejected, more than max_rejects = %lld: see `sluice rejects`; the last: row %lld: %s%s%s",
      rejects, (long long)policy->job->max_rejects, (long long)row, of, between, reason);
  return refuse(policy, err);
}

void policy_settle(struct policy *policy, int64_t rows, int64_t unchanged, int64_t rejects) {
  atomic_fetch_add(&policy->rows, rows);
  atomic_fetch_add(&policy->unchanged, unchanged);
  atomic_fetch_add(&policy->settled_rejects, rejects);
}

static int none_left(struct policy *policy, long long rejects, struct sluice_error *err) {
  sluice_fail(err, SLUICE_ERR_DATA, policy->job->name,
              "all records of this run (%lld) were rejected and nothing was delivered: see `sluice rejects`", rejects);
  return refuse(policy, err);
}

/* Those of earlier runs alone are as many: none of this one was refused for it. */
static int too_many(struct policy *policy, long long rejects, struct sluice_error *err) {
  sluice_fail(err, SLUICE_ERR_DATA, policy->job->name,
              "%lld records are rejected, more than max_rejects = %lld: see `sluice rejects`", rejects,
              (long long)policy->job->max_rejects);
  return refuse(policy, err);
}

int policy_check(struct policy *policy, bool final, struct sluice_error *err) {
  long long rejects = atomic_load(&policy->settled_rejects) + atomic_load(&policy->before_rejects);
  long long sent = atomic_load(&policy->rows) + atomic_load(&policy->before_rows);
  long long seen = sent + atomic_load(&policy->unchanged) + rejects;
  double limit = policy->job->max_reject_fraction;
  if (final && rejects > 0 && seen == rejects)
    return none_left(policy, rejects, err);
  if (policy->job->max_rejects >= 0 && rejects > policy->job->max_rejects)
    return too_many(policy, rejects, err);
  if (limit < 0 || seen == 0 || (!final && seen < FRACTION_NEEDS))
    return SLUICE_OK;
  if ((double)rejects <= limit * (double)seen)
    return SLUICE_OK;
  sluice_fail(err, SLUICE_ERR_DATA, policy->job->name,
              "%lld of %lld records are rejected, more than max_rejects = \"%g%%\": see `sluice rejects`", rejects,
              seen, limit * 100);
  return refuse(policy, err);
}
