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
  return stop_init(&state->stop);
}

static void forget_schemas(struct run_state *state) {
  while (state->schema) {
    struct job_schema *older = state->schema->older;
    sluice_schema_release(&state->schema->schema);
    free(state->schema);
    state->schema = older;
  }
  state->first_schema = 0;
}

void state_end_pass(struct run_state *state) {
  ledger_close(state->ledger);
  state->ledger = NULL;
  state->delivery = state->run = 0;
  forget_schemas(state);
  memset(&state->counters, 0, sizeof state->counters);
  state->listed = false;
  state->code = SLUICE_OK;
  memset(&state->error, 0, sizeof state->error);
  stop_lower(&state->stop);
}

void state_finish(struct run_state *state) {
  pipeline_close(&state->pipeline);
  ledger_close(state->ledger);
  forget_schemas(state);
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

const struct job_schema *state_schema(struct run_state *state) {
  pthread_mutex_lock(&state->lock);
  const struct job_schema *schema = state->schema;
  pthread_mutex_unlock(&state->lock);
  return schema;
}

static const struct job_schema *find_locked(const struct run_state *state, int64_t number) {
  const struct job_schema *schema = state->schema;
  while (schema && schema->number != number)
    schema = schema->older;
  return schema;
}

const struct job_schema *state_find_schema(struct run_state *state, int64_t number) {
  pthread_mutex_lock(&state->lock);
  const struct job_schema *schema = find_locked(state, number);
  pthread_mutex_unlock(&state->lock);
  return schema;
}

int state_keep_schema(struct run_state *state, int64_t number, struct ArrowSchema *schema) {
  struct job_schema *kept = calloc(1, sizeof *kept);
  if (!kept)
    return SLUICE_ERR_MEMORY;
  kept->number = number;
  sluice_schema_move(schema, &kept->schema);
  pthread_mutex_lock(&state->lock);
  bool add = state->schema && !find_locked(state, number);
  if (add) {
    kept->older = state->schema->older;
    state->schema->older = kept;
  }
  pthread_mutex_unlock(&state->lock);
  if (!add) {
    sluice_schema_release(&kept->schema);
    free(kept);
  }
  return SLUICE_OK;
}

int state_add_schema(struct run_state *state, int64_t number, struct ArrowSchema *schema) {
  struct job_schema *added = calloc(1, sizeof *added);
  if (!added)
    return SLUICE_ERR_MEMORY;
  added->number = number;
  sluice_schema_move(schema, &added->schema);
  pthread_mutex_lock(&state->lock);
  added->older = state->schema;
  state->schema = added;
  pthread_mutex_unlock(&state->lock);
  return SLUICE_OK;
}
