/* Schedules: checking the options, and what a schedule takes from texts once and for all. */
#include "core/base/hash.h"
#include "core/schedule/schedule_internal.h"
#include <inttypes.h>
#include <stdlib.h>

#define DAY_MS INT64_C(86400000)
enum { LIMIT_DEFAULT = 10, LIMIT_MAX = 1000 };

/* The first 15 hex digits: positive, and the same on every machine. */
static int hash_number(const char *const *texts, size_t n, int64_t *out, struct sluice_error *err) {
  char hash[HASH_SIZE];
  if (hash_texts(texts, n, hash) != SLUICE_OK)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "cron", "no memory for the schedule");
  hash[15] = 0;
  *out = (int64_t)strtoll(hash, NULL, 16) | 1;
  return SLUICE_OK;
}

static int check(const struct schedule_options *o, struct sluice_error *err) {
  if (o->every_ms && o->cron)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "cron", "a job has `every` or `cron`, not both; leave one out");
  if (o->every_ms < 0 || o->every_ms > 3660 * DAY_MS)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "every", "it must be 1ms to 3660d");
  if (o->jitter_ms < 0 || o->jitter_ms > DAY_MS)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "jitter", "it must be 0s to 1d");
  if (o->every_ms && o->jitter_ms >= o->every_ms)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "jitter", "it must be less than `every`, so that runs keep their order");
  if (o->catch_up_limit < 0 || o->catch_up_limit > LIMIT_MAX)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "catch_up", "the limit of runs must be 1 to %d", LIMIT_MAX);
  return SLUICE_OK;
}

/* Texts that mean the same give the same: the sets count, not how they were written. */
static int set_identity(struct schedule *s, struct sluice_error *err) {
  char sets[160];
  const uint64_t *c = s->cron.sets;
  snprintf(sets, sizeof sets, "%" PRId64 " %" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIx64 " %d", s->every,
           c[0], c[1], c[2], c[3], c[4], s->cron.either);
  const char *const texts[] = {sets, s->zone ? zone_name(s->zone) : NULL};
  return hash_number(texts, 2, &s->identity, err);
}

static int set_share(struct schedule *s, const char *job, struct sluice_error *err) {
  const char *const texts[] = {"jitter", job};
  int64_t number = 0;
  int status = hash_number(texts, 2, &number, err);
  if (status == SLUICE_OK)
    s->share = (uint32_t)(number >> 8);
  return status;
}

static int fill(struct schedule *s, const struct schedule_options *o, struct sluice_error *err) {
  int status = SLUICE_OK;
  s->every = o->every_ms;
  s->jitter = o->jitter_ms;
  s->overlap = o->overlap;
  s->catch_up = o->catch_up;
  s->limit = o->catch_up != SCHEDULE_ALL ? 1 : o->catch_up_limit ? o->catch_up_limit : LIMIT_DEFAULT;
  s->kind = o->cron ? SCHEDULE_CRON : o->every_ms ? SCHEDULE_EVERY : SCHEDULE_MANUAL;
  if (o->cron)
    status = cron_parse(o->cron, &s->cron, err);
  if (status == SLUICE_OK && o->cron)
    status = zone_open(o->timezone ? o->timezone : "UTC", &s->zone, err);
  if (status == SLUICE_OK)
    status = set_identity(s, err);
  return status == SLUICE_OK ? set_share(s, o->job, err) : status;
}

int schedule_create(const struct schedule_options *o, struct schedule **out, struct sluice_error *err) {
  int status = check(o, err);
  if (status != SLUICE_OK)
    return status;
  struct schedule *s = calloc(1, sizeof *s);
  if (!s)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "cron", "no memory for the schedule");
  status = fill(s, o, err);
  if (status != SLUICE_OK)
    schedule_destroy(s);
  else
    *out = s;
  return status;
}

void schedule_destroy(struct schedule *s) {
  if (!s)
    return;
  zone_destroy(s->zone);
  free(s);
}
