/* The due times of a schedule, one after another. */
#include "core/schedule/schedule_internal.h"

enum { COUNT_MAX = 10000 /* of due times that are looked at one by one */, RECENT_MS = 2 * 86400 * 1000 };

static int64_t floor_seconds(int64_t ms) {
  return ms / 1000 - (ms % 1000 < 0);
}

int64_t due_after(const struct schedule *s, int64_t due) {
  int64_t seconds;
  if (s->kind == SCHEDULE_EVERY)
    return due + s->every <= SCHEDULE_TIME_MAX ? due + s->every : SCHEDULE_NEVER;
  if (s->kind == SCHEDULE_CRON && cron_next(&s->cron, s->zone, floor_seconds(due), &seconds))
    return seconds * 1000;
  return SCHEDULE_NEVER;
}

static int64_t share_of(const struct schedule *s, int64_t ms) {
  return (int64_t)((uint64_t)ms * s->share >> 32); /* jitter is a day at most: no overflow */
}

/* Runs of `every` keep their distance by themselves, so only the first is moved: see due_origin. */
int64_t due_moment(const struct schedule *s, int64_t due) {
  if (s->kind != SCHEDULE_CRON || s->jitter == 0 || due == SCHEDULE_NEVER)
    return due;
  int64_t after = due_after(s, due), room = after == SCHEDULE_NEVER ? s->jitter : after - due;
  return due + share_of(s, s->jitter < room ? s->jitter : room);
}

int64_t due_origin(const struct schedule *s, int64_t now) {
  return s->kind == SCHEDULE_EVERY ? now - s->every + share_of(s, s->jitter) : now;
}

static int64_t every_passed(const struct schedule *s, int64_t now, int64_t *last) {
  if (now < *last)
    return 0;
  int64_t count = (now - *last) / s->every;
  *last += count * s->every;
  return count;
}

int64_t due_passed(const struct schedule *s, int64_t now, int64_t *last) {
  if (s->kind == SCHEDULE_EVERY)
    return every_passed(s, now, last);
  int64_t count = 0, due = due_after(s, *last);
  bool jumped = false;
  while (due != SCHEDULE_NEVER && due_moment(s, due) <= now) {
    count++;
    *last = due;
    /* After years of absence only the last days still count; those whose jitter is still to come must be seen. */
    int64_t near = now - s->jitter - RECENT_MS;
    if (count == COUNT_MAX && !jumped && near > *last) {
      jumped = true;
      *last = near;
    }
    due = due_after(s, *last);
  }
  return count;
}
