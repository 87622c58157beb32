/* What a schedule's state becomes as time goes by and runs start and end. */
#include "core/schedule/schedule_internal.h"

enum { GRACE_MS = 60000 /* a due time this late is on time */, CORRECTION_MS = 3 * 3600 * 1000 };

static int64_t clamp(int64_t value, int64_t low, int64_t high) {
  return value < low ? low : value > high ? high : value;
}

/* What was stored may be of any kind; after this no sum of times wraps. */
static void sanitize(const struct schedule *s, struct schedule_state *state) {
  int64_t *times[] = {&state->last_due, &state->last_start, &state->last_end};
  for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
    *times[i] = clamp(*times[i], -SCHEDULE_TIME_MAX, SCHEDULE_TIME_MAX);
  state->queued = clamp(state->queued, 0, s->limit);
  state->running = state->running != 0;
}

/* True: the schedule goes on from the present. */
static bool settle_origin(const struct schedule *s, struct schedule_state *state, int64_t now) {
  if (state->identity != s->identity) {
    state->identity = s->identity;
    state->last_due = due_origin(s, now);
    if (s->kind == SCHEDULE_EVERY && state->last_start > 0) /* it counts from there, but one due time is enough */
      state->last_due = clamp(state->last_start, now - s->every, now);
    return true;
  }
  bool corrected = state->last_due > now + CORRECTION_MS;
  if (corrected || (s->kind == SCHEDULE_EVERY && state->last_due > now))
    state->last_due = now;
  return corrected;
}

/* n more due times, of which at most `room` runs may wait in all. The rest get none. */
static int64_t enqueue(struct schedule_state *state, int64_t n, int64_t room) {
  int64_t free = room > state->queued ? room - state->queued : 0, taken = n < free ? n : free;
  state->queued += taken;
  return n - taken;
}

static void pass(const struct schedule *s, struct schedule_state *state, int64_t now, struct schedule_decision *out) {
  int64_t n = due_passed(s, now, &state->last_due);
  if (n == 0)
    return;
  bool late = now - due_moment(s, state->last_due) > GRACE_MS;
  if (state->running)
    out->skipped = enqueue(state, n, s->overlap == SCHEDULE_QUEUE ? 1 : 0);
  else
    out->missed = enqueue(state, n, s->catch_up == SCHEDULE_NONE && late ? 0 : s->limit);
}

void schedule_tick(const struct schedule *s, struct schedule_state *state, int64_t now, struct schedule_decision *out) {
  struct schedule_decision decision = {.action = SCHEDULE_WAIT};
  now = clamp(now, 0, SCHEDULE_TIME_MAX);
  sanitize(s, state);
  decision.restarted = settle_origin(s, state, now);
  pass(s, state, now, &decision);
  decision.next = due_moment(s, due_after(s, state->last_due));
  if (state->running)
    decision.action = SCHEDULE_RUNNING;
  else if (state->queued > 0) {
    decision.action = SCHEDULE_RUN;
    decision.due = state->last_due;
  }
  if (out)
    *out = decision;
}

void schedule_start(const struct schedule *s, struct schedule_state *state, int64_t now) {
  schedule_tick(s, state, now, NULL);
  now = clamp(now, 0, SCHEDULE_TIME_MAX);
  state->queued -= state->queued > 0;
  state->running = 1;
  state->last_start = now;
  if (s->kind == SCHEDULE_EVERY && now - state->last_due >= (s->every + 9) / 10)
    state->last_due = now;
}

void schedule_finish(const struct schedule *s, struct schedule_state *state, int64_t now,
                     struct schedule_decision *out) {
  struct schedule_decision passed, decision;
  schedule_tick(s, state, now, &passed); /* what came due meanwhile met a run */
  state->running = 0;
  state->last_end = clamp(now, 0, SCHEDULE_TIME_MAX);
  schedule_tick(s, state, now, &decision);
  decision.skipped += passed.skipped;
  decision.restarted |= passed.restarted;
  if (out)
    *out = decision;
}

void schedule_request(struct schedule_state *state) {
  if (state->queued < 1)
    state->queued = 1;
}

void schedule_recover(const struct schedule *s, struct schedule_state *state) {
  if (!state->running)
    return;
  state->running = 0;
  if (s->catch_up != SCHEDULE_NONE)
    schedule_request(state);
}

int64_t schedule_next(const struct schedule *s, const struct schedule_state *state, int64_t now) {
  struct schedule_state copy = *state;
  struct schedule_decision decision;
  schedule_tick(s, &copy, now, &decision);
  return decision.action == SCHEDULE_RUN ? now : decision.next;
}
