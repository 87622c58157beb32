/* What a served job may do next: its schedule, what people asked of it, and how its runs end. Pure logic: the caller
 * tells the time (milliseconds since 1970 UTC), starts and stops processes, and stores the state before it acts.
 *
 *   job:  active <-> paused; either -> deleted. Only an active one starts runs.
 *   run:  idle -> running -> idle, by itself; running -> stopping -> idle, by cancel, pause, delete or the end of all.
 *
 * - pause ends the active run at a checkpoint; resume makes up for that run at once, and for due times by catch_up.
 * - cancel ends the active run at a checkpoint, or takes back one that waits. The next due time is as it was.
 * - A run whose process died, or hung, is tried again after 10 s, then 20 s, and so on up to 10 min, each by up to a
 *   quarter more or less. No other run starts before, but by run-now. A run that ends by itself sets that back.
 * - A run that was cut off by the end of the program is made up for when it starts again. */
#ifndef SERVE_MACHINE_H
#define SERVE_MACHINE_H
#include "core/schedule/schedule.h"

enum machine_job { JOB_ACTIVE, JOB_PAUSED, JOB_DELETED };
enum machine_run { RUN_IDLE, RUN_ACTIVE, RUN_STOPPING };
enum machine_reason { STOP_NO_REASON, STOP_CANCELLED, STOP_PAUSED, STOP_DELETED, STOP_REMOVED, STOP_ENDING };
enum machine_end {
  END_BY_ITSELF,
  END_INTERRUPTED, /* at a checkpoint, as it was told */
  END_LOST         /* its process died or was killed */
};
struct machine { /* zeroed: active, never run */
  /* stored */
  enum machine_job job;
  struct schedule_state schedule;
  int64_t owed;       /* a pause cut a run off */
  int64_t failures;   /* processes lost in a row */
  int64_t not_before; /* no run before; 0: none */
  /* of this process */
  enum machine_run run;
  enum machine_reason reason; /* while stopping */
};

/* After the state was read, before anything else. */
void machine_recover(struct machine *, const struct schedule *);
/* True: a run is to be started now. *wake: when to ask again, SCHEDULE_NEVER at most. `passed` (or NULL): due times
 * that get no run. */
bool machine_due(struct machine *, const struct schedule *, int64_t now, int64_t *wake,
                 struct schedule_decision *passed);
void machine_started(struct machine *, const struct schedule *, int64_t now);
/* random: any 32 bits, for the jitter of a new try. `passed` as above. */
void machine_ended(struct machine *, const struct schedule *, enum machine_end, int64_t now, uint32_t random,
                   struct schedule_decision *passed);

/* What people ask for. NULL: done, and *drain says whether the active run is to be ended. Else why not, for people. */
const char *machine_pause(struct machine *, bool *drain);
const char *machine_resume(struct machine *);
const char *machine_cancel(struct machine *, bool *drain);
const char *machine_run_now(struct machine *);
const char *machine_delete(struct machine *, bool *drain);
/* The job is no more in the configuration, or the program ends. True: its active run is to be ended. */
bool machine_stop(struct machine *, enum machine_reason);

/* When the next run starts; SCHEDULE_NEVER: none is planned. */
int64_t machine_next(const struct machine *, const struct schedule *, int64_t now);
const char *machine_job_name(const struct machine *); /* "active", "paused", "deleted" */
const char *machine_run_name(const struct machine *, const struct schedule *, int64_t now); /* "idle", "running", ... */

#endif
