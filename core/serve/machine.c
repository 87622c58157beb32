/* The states of a served job. */
#include "core/serve/machine.h"

enum { BACKOFF_MS = 10000, BACKOFF_MAX_MS = 600000 };

void machine_recover(struct machine *m, const struct schedule *schedule) {
  m->run = RUN_IDLE;
  m->reason = STOP_NO_REASON;
  if (m->job > JOB_DELETED)
    m->job = JOB_PAUSED; /* the file may hold anything; the safe one */
  if (m->job == JOB_ACTIVE)
    schedule_recover(schedule, &m->schedule);
  m->owed |= m->job == JOB_PAUSED && m->schedule.running;
  m->schedule.running = 0;
}

bool machine_due(struct machine *m, const struct schedule *schedule, int64_t now, int64_t *wake,
                 struct schedule_decision *passed) {
  struct schedule_decision decision = {.next = SCHEDULE_NEVER};
  *wake = SCHEDULE_NEVER;
  if (m->job != JOB_ACTIVE)
    return false;
  schedule_tick(schedule, &m->schedule, now, &decision);
  if (passed)
    *passed = decision;
  *wake = decision.next;
  if (decision.action != SCHEDULE_RUN || m->run != RUN_IDLE)
    return false;
  if (m->not_before - now > BACKOFF_MAX_MS * 2) /* the clock was set back */
    m->not_before = 0;
  if (now >= m->not_before)
    return true;
  *wake = decision.next < m->not_before ? decision.next : m->not_before;
  return false;
}

void machine_started(struct machine *m, const struct schedule *schedule, int64_t now) {
  schedule_start(schedule, &m->schedule, now);
  m->owed = 0;
  m->run = RUN_ACTIVE;
  m->reason = STOP_NO_REASON;
}

static int64_t backoff(int64_t failures, uint32_t random) {
  int64_t ms = BACKOFF_MS;
  for (int64_t i = 1; i < failures && ms < BACKOFF_MAX_MS; i++)
    ms *= 2;
  ms = ms < BACKOFF_MAX_MS ? ms : BACKOFF_MAX_MS;
  return ms - ms / 4 + (int64_t)((double)ms / 2 * (random / 4294967296.0));
}

void machine_ended(struct machine *m, const struct schedule *schedule, enum machine_end end, int64_t now,
                   uint32_t random, struct schedule_decision *passed) {
  enum machine_reason reason = m->reason;
  m->run = RUN_IDLE;
  m->reason = STOP_NO_REASON;
  if (end != END_BY_ITSELF && reason == STOP_ENDING)
    return; /* the schedule still says that it runs: the next start of the program makes up for it */
  schedule_finish(schedule, &m->schedule, now, passed);
  bool asked = reason == STOP_CANCELLED || reason == STOP_DELETED || reason == STOP_REMOVED;
  if (end != END_BY_ITSELF && reason == STOP_PAUSED && m->job == JOB_ACTIVE) /* resumed meanwhile */
    schedule_request(&m->schedule);
  else if (end != END_BY_ITSELF && reason == STOP_PAUSED)
    m->owed = 1;
  if (end == END_BY_ITSELF || asked || reason == STOP_PAUSED) {
    m->failures = m->not_before = 0;
    return;
  }
  m->failures++;
  m->not_before = now + backoff(m->failures, random);
  schedule_request(&m->schedule);
}

/* ---- what people ask for ---- */

static bool drain_for(struct machine *m, enum machine_reason reason) {
  if (m->run == RUN_IDLE)
    return false;
  m->run = RUN_STOPPING;
  if (m->reason < reason) /* the stronger one counts */
    m->reason = reason;
  return true;
}

static const char deleted[] = "the job was deleted";

const char *machine_pause(struct machine *m, bool *drain) {
  *drain = false;
  if (m->job == JOB_DELETED)
    return deleted;
  if (m->job == JOB_PAUSED)
    return "the job is paused already";
  m->job = JOB_PAUSED;
  *drain = drain_for(m, STOP_PAUSED);
  m->owed |= m->schedule.queued > 0;
  m->schedule.queued = 0;
  return NULL;
}

const char *machine_resume(struct machine *m) {
  if (m->job == JOB_DELETED)
    return deleted;
  if (m->job == JOB_ACTIVE)
    return "the job is not paused";
  m->job = JOB_ACTIVE;
  m->failures = m->not_before = 0;
  if (m->owed)
    schedule_request(&m->schedule);
  return NULL;
}

const char *machine_cancel(struct machine *m, bool *drain) {
  *drain = false;
  if (m->run == RUN_STOPPING)
    return "the active run is ending already";
  if (m->run == RUN_ACTIVE) {
    *drain = drain_for(m, STOP_CANCELLED);
    return NULL;
  }
  if (m->schedule.queued == 0)
    return "no run is active";
  m->schedule.queued = m->failures = m->not_before = 0;
  return NULL;
}

const char *machine_run_now(struct machine *m) {
  if (m->job == JOB_DELETED)
    return deleted;
  if (m->job == JOB_PAUSED)
    return "the job is paused: resume it first";
  if (m->run != RUN_IDLE)
    return "a run is active";
  m->not_before = 0;
  schedule_request(&m->schedule);
  return NULL;
}

const char *machine_delete(struct machine *m, bool *drain) {
  *drain = false;
  if (m->job == JOB_DELETED)
    return "the job was deleted already";
  m->job = JOB_DELETED;
  m->schedule.queued = m->owed = m->failures = m->not_before = 0;
  *drain = drain_for(m, STOP_DELETED);
  return NULL;
}

bool machine_stop(struct machine *m, enum machine_reason reason) {
  return drain_for(m, reason);
}

/* ---- for display ---- */

int64_t machine_next(const struct machine *m, const struct schedule *schedule, int64_t now) {
  if (m->job != JOB_ACTIVE)
    return SCHEDULE_NEVER;
  int64_t next = schedule_next(schedule, &m->schedule, now);
  return next < m->not_before ? m->not_before : next;
}

const char *machine_job_name(const struct machine *m) {
  return m->job == JOB_ACTIVE ? "active" : m->job == JOB_PAUSED ? "paused" : "deleted";
}

const char *machine_run_name(const struct machine *m, const struct schedule *schedule, int64_t now) {
  if (m->run != RUN_IDLE)
    return m->run == RUN_ACTIVE ? "running" : "stopping";
  if (m->job == JOB_ACTIVE && now < m->not_before && m->failures)
    return "waiting to try again";
  return m->job == JOB_ACTIVE && schedule_next(schedule, &m->schedule, now) <= now ? "waiting" : "idle";
}
