/* When a job runs: by hand, at a fixed distance, or by a cron expression, and what becomes of the times at which it
 * could not. Pure logic: the caller tells the time and keeps the state. Times are milliseconds since 1970 UTC.
 *
 * - `every` counts from the last start, also one by hand. A start that is late by less than a tenth of the period
 * counts from when it was due, so that the small delays of waking up do not add up. The first run is due at once.
 * - `jitter` delays a job by a part of it that follows from the job's name, so a restart keeps the moment. It is less
 *   than the time to the next due time, so the order stays. With `every` it only moves the first run.
 * - A due time that passes while the job runs, by the schedule or by hand: `skip` drops it, `queue` runs once more when
 *   the run ends, however many passed.
 * - Due times that passed while nobody asked (the host was down, asleep, or the job paused): `once` makes up for them
 *   by one run at once, `all` by as many as were missed up to a limit, `none` by no run, except for one that is less
 *   than a minute late.
 * - No due time is served twice and none is passed over in silence: the state holds the last due time that was dealt
 *   with, and that only goes forward. A clock that is set back by up to three hours waits until it is past that again;
 *   one set back further is a correction, as in Debian's cron: the schedule goes on from the new time and the decision
 *   says so. `every` goes on from the new time at once. A clock set forward is as if the host had been down.
 * - A changed expression, zone or period starts afresh: what the new one would have had in the past is not missed. */
#ifndef SLUICE_SCHEDULE_H
#define SLUICE_SCHEDULE_H
#include <sluice/sdk.h>
#include <stdbool.h>

/* In the order of the configuration's choices. */
enum schedule_overlap { SCHEDULE_SKIP, SCHEDULE_QUEUE };
enum schedule_catch_up { SCHEDULE_ONCE, SCHEDULE_NONE, SCHEDULE_ALL };

struct schedule_options {
  const char *job;      /* its name, for the jitter */
  int64_t every_ms;     /* 0: none */
  const char *cron;     /* NULL: none; with neither the job runs by hand */
  const char *timezone; /* NULL: UTC */
  int64_t jitter_ms;    /* 0: none */
  enum schedule_overlap overlap;
  enum schedule_catch_up catch_up;
  int64_t catch_up_limit; /* of `all`; 0: 10 */
};
struct schedule;
/* CONFIG: err->where is "every", "cron", "timezone", "jitter" or "catch_up". Texts are copied. */
int schedule_create(const struct schedule_options *, struct schedule **out, struct sluice_error *err);
void schedule_destroy(struct schedule *); /* takes NULL */

struct schedule_state { /* all zero: never seen; the caller stores it as it stands whenever it changed */
  int64_t identity;     /* of the schedule that wrote it */
  int64_t last_due;     /* the latest due time that was dealt with, without jitter */
  int64_t last_start, last_end;
  int64_t queued;  /* runs to start as soon as none is going on */
  int64_t running; /* 0 or 1 */
};

enum schedule_action {
  SCHEDULE_WAIT,   /* until `next` */
  SCHEDULE_RUN,    /* start a run now, then tell by schedule_start */
  SCHEDULE_RUNNING /* a run is going on; ask again at its end, by schedule_finish, or at `next` */
};
struct schedule_decision {
  enum schedule_action action;
  int64_t due;     /* RUN: the latest due time that the run serves; 0: asked for by hand, before any was due */
  int64_t next;    /* when the next due time will be dealt with; SCHEDULE_NEVER */
  int64_t skipped; /* due times that passed since the last call and get no run: one was going on or waiting */
  int64_t missed;  /* and: nobody asked in time, and the catch-up policy gives them none */
  bool restarted;  /* the schedule went on from the present: new, changed, or the clock was set back */
};
#define SCHEDULE_NEVER INT64_MAX

/* What to do now. Calling it again changes nothing more; a RUN that is not started stays due. `out` may be NULL. */
void schedule_tick(const struct schedule *, struct schedule_state *, int64_t now, struct schedule_decision *out);
/* A run starts, by the schedule or by hand. Store the state before the run's first effect. */
void schedule_start(const struct schedule *, struct schedule_state *, int64_t now);
void schedule_finish(const struct schedule *, struct schedule_state *, int64_t now, struct schedule_decision *out);
/* One more run as soon as possible; at most one waits. */
void schedule_request(struct schedule_state *);
/* When the host starts, before the first tick: a run that the state says is going on was cut off. It is made up for by
 * one run, unless catch_up is `none`. */
void schedule_recover(const struct schedule *, struct schedule_state *);

/* For display: when the next run starts if none is going on then; `now` where one is due. */
int64_t schedule_next(const struct schedule *, const struct schedule_state *, int64_t now);

#endif
