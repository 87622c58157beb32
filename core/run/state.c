/* What the threads of one run share. */
#include "core/run/state.h"
#include <stdlib.h>

int state_init(struct run_state *state, const struct config_job *job) {
  memset(state, 0, sizeof *state);
  state->job = job;
  pthread_mutex_init(&state->lock, NULL);
  pthread_cond_init(&state->changed, NULL);
  policy_init(&state->policy, job, 0, 0);
  budget_init(&state->budget, job->memory);
  streams_init(&state->streams);
  return stop_init(&state->stop);
}

void state_end_pass(struct run_state *state) {
  ledger_close(state->ledger);
  state->ledger = NULL;
  state->delivery = state->run = state->first_listed = 0;
  streams_clear(&state->streams);
  memset(&state->counters, 0, sizeof state->counters);
  state->listed = state->refused = state->rows_known = false;
  state->code = SLUICE_OK;
  memset(&state->error, 0, sizeof state->error);
  stop_lower(&state->stop);
}

void state_finish(struct run_state *state) {
  pipeline_close(&state->pipeline);
  ledger_close(state->ledger);
  streams_finish(&state->streams);
  budget_finish(&state->budget);
  stop_finish(&state->stop);
  pthread_cond_destroy(&state->changed);
  pthread_mutex_destroy(&state->lock);
}

void state_fail(struct run_state *state, int code, const struct sluice_error *why) {
  pthread_mutex_lock(&state->lock);
  if (!state->code) {
    state->code = code;
    state->error = *why;
  }
  pthread_cond_broadcast(&state->changed);
  pthread_mutex_unlock(&state->lock);
  stop_raise(&state->stop, STOP_DRAIN);
}

void state_count_rows(struct run_state *state, struct by_row_counts more) {
  atomic_fetch_add(&state->counters.inserted, more.inserted);
  atomic_fetch_add(&state->counters.updated, more.updated);
  atomic_fetch_add(&state->counters.unchanged, more.unchanged);
  atomic_fetch_add(&state->counters.superseded, more.superseded);
  atomic_fetch_add(&state->counters.passed, more.passed);
}

void state_wake(struct run_state *state) {
  pthread_mutex_lock(&state->lock);
  pthread_cond_broadcast(&state->changed);
  pthread_mutex_unlock(&state->lock);
}

void state_listed(struct run_state *state) {
  pthread_mutex_lock(&state->lock);
  state->listed = true;
  pthread_cond_broadcast(&state->changed);
  pthread_mutex_unlock(&state->lock);
}

void state_wait(struct run_state *state) {
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += 1;
  pthread_mutex_lock(&state->lock);
  if (!state->listed && !stop_at(&state->stop, STOP_DRAIN))
    pthread_cond_timedwait(&state->changed, &state->lock, &until);
  pthread_mutex_unlock(&state->lock);
}

bool state_all_listed(struct run_state *state) {
  pthread_mutex_lock(&state->lock);
  bool listed = state->listed;
  pthread_mutex_unlock(&state->lock);
  return listed;
}
