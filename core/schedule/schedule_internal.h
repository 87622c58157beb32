/* What the files of a schedule share: its compiled form, and the sequence of its due times. */
#ifndef SLUICE_SCHEDULE_INTERNAL_H
#define SLUICE_SCHEDULE_INTERNAL_H
#include "core/schedule/cron.h"
#include "core/schedule/schedule.h"

#define SCHEDULE_TIME_MAX (ZONE_MAX * 1000)

struct schedule {
  enum { SCHEDULE_MANUAL, SCHEDULE_EVERY, SCHEDULE_CRON } kind;
  int64_t every, jitter, limit, identity;
  uint32_t share; /* of the jitter that this job takes, in 2^-32 */
  enum schedule_overlap overlap;
  enum schedule_catch_up catch_up;
  struct cron cron;
  struct zone *zone;
};

/* The first due time after another, without jitter; SCHEDULE_NEVER. */
int64_t due_after(const struct schedule *, int64_t due);
/* When a due time is to be dealt with: itself and the job's part of the jitter. */
int64_t due_moment(const struct schedule *, int64_t due);
/* What comes before the first due time of a schedule that begins now. */
int64_t due_origin(const struct schedule *, int64_t now);
/* Counts the due times after *last whose moment is not after now, and moves *last to the latest of them. */
int64_t due_passed(const struct schedule *, int64_t now, int64_t *last);

#endif
