/* Full refresh. The protocol with the ledger is told in core/ledger/generation.h. */
#include "core/run/refresh.h"
#include "core/ledger/generation.h"
#include "core/ledger/streams.h"
#include "core/log/log.h"
#include <stdlib.h>

enum { MAX_ROUNDS = 4 };

typedef int generation_fn(void *self, const char *delivery, int64_t generation, struct sluice_error *err);

/* append: the ledger alone knows of generations, the sink just gets all records again. */
static bool sink_takes_part(const struct run_state *state) {
  return state->job->sync.mode == CONFIG_FULL_REFRESH;
}

/* Of what is ordinary; a job of thousands of streams would fill the log with it. */
static int level(const struct run_state *state) {
  return state->job->streams ? SLUICE_DEBUG : SLUICE_INFO;
}

static int tell_sink(struct run_state *state, struct stream *stream, generation_fn *call, int64_t generation,
                     struct sluice_error *err) {
  const struct pipeline *p = &state->pipeline;
  if (!sink_takes_part(state) || !call)
    return SLUICE_OK;
  int code = call(p->sink.self, stream->delivery, generation, err);
  return sluice_fail(err, code, p->sink_name, "the sink failed at a full refresh and gave no reason");
}

int refresh_check(const struct run_state *state, struct sluice_error *err) {
  const struct sluice_commit *commit = state->pipeline.commit;
  if (!sink_takes_part(state) || (commit && commit->begin && commit->commit && commit->abort))
    return SLUICE_OK;
  const struct config_value *mode = config_value_find(config_value_find(state->job->group, "sync"), "mode");
  return config_value_fail(
      mode, err, SLUICE_ERR_CONFIG,
      "the sink %s cannot replace what is there by a whole new generation; use another sink, or mode = "
      "\"append\" to send all records again in each run",
      state->pipeline.sink.loaded->entry.full_name);
}

static int give_up(struct run_state *state, struct stream *stream, int64_t generation, const char *why,
                   struct sluice_error *err) {
  const struct sluice_commit *commit = state->pipeline.commit;
  bool unheard = stream->generation == generation && !stream->heard;
  int code = unheard ? SLUICE_OK : tell_sink(state, stream, commit ? commit->abort : NULL, generation, err);
  return code ? code : ledger_generation_abort(state->ledger, generation, why, err);
}

/* What a run that died did for another generation does not count in this one. */
static void forget_carried(struct run_state *state, struct stream *stream) {
  policy_carry(&state->policy, -stream->carried.rows - stream->carried.unchanged, -stream->carried.rejects);
  memset(&stream->carried, 0, sizeof stream->carried);
}

/* What was done for it counts whole, also by runs that ended: limits of rejects are those of the generation. */
static void carry_whole(struct run_state *state, struct stream *stream, const struct ledger_readiness *ready) {
  forget_carried(state, stream);
  stream->carried.rows = ready->rows;
  stream->carried.rejects = ready->rejects;
  policy_carry(&state->policy, ready->rows, ready->rejects);
}

static int put_in_place(struct run_state *state, struct stream *stream, int64_t generation, struct sluice_error *err) {
  const struct sluice_commit *commit = state->pipeline.commit;
  int code = tell_sink(state, stream, commit ? commit->commit : NULL, generation, err);
  return code ? code : ledger_generation_committed(state->ledger, generation, err);
}

/* A sink may know only by its options whether it can. */
int refresh_tell(struct run_state *state, struct stream *stream, struct sluice_error *err) {
  struct sluice_error why = {0}, ignored = {0};
  const struct sluice_commit *commit = state->pipeline.commit;
  int64_t generation = stream->generation;
  if (!generation || stream->told)
    return SLUICE_OK;
  log_write(level(state), state->job->name, "%s: generation %lld %s", stream->name, (long long)generation,
            stream->heard ? "goes on" : "begins");
  stream->told = stream->heard = true;
  int code = tell_sink(state, stream, commit ? commit->begin : NULL, generation, &why);
  if (code != SLUICE_ERR_UNSUPPORTED && code != SLUICE_ERR_CONFIG) {
    *err = why;
    return code;
  }
  state->refused = true;
  stream->generation = 0;
  if (ledger_generation_abort(state->ledger, generation, why.message, &ignored))
    log_write(SLUICE_WARN, state->job->name, "the generation could not be given up: %s", ignored.message);
  const struct config_value *mode = config_value_find(config_value_find(state->job->group, "sync"), "mode");
  return config_value_fail(mode, err, SLUICE_ERR_CONFIG, "%s", why.message);
}

/* One step towards an open generation. */
static int take_up(struct run_state *state, struct stream *stream, const struct ledger_generation *g,
                   struct sluice_error *err) {
  const char *job = state->job->name;
  switch (g->state) {
  case GENERATION_OPEN:
    return SLUICE_OK;
  case GENERATION_COMMITTING:
    log_write(SLUICE_INFO, job, "generation %lld was whole when the run before ended; it is put in place",
              (long long)g->id);
    return put_in_place(state, stream, g->id, err);
  case GENERATION_SPOILED:
    log_write(SLUICE_INFO, job, "generation %lld is given up: %s", (long long)g->id, g->reason);
    return give_up(state, stream, g->id, g->reason, err);
  default:
    return sluice_fail(err, SLUICE_ERR_BUG, job, "generation %lld has ended already", (long long)g->id);
  }
}

/* A ledger that knows of no generation may be new, where the former one was lost: the destination would refuse numbers
 * that it had, or take them for done. *g is ABORTED then. */
static int rise_above(struct run_state *state, struct stream *stream, struct ledger_generation *g,
                      struct sluice_error *err) {
  const struct sluice_commit *commit = state->pipeline.commit;
  struct sluice_error why = {0};
  int64_t number = 0;
  if (g->state != GENERATION_OPEN || g->resumed || !g->first || !sink_takes_part(state) || !commit || !commit->current)
    return SLUICE_OK;
  int code = commit->current(state->pipeline.sink.self, stream->delivery, &number, &why);
  if (code == SLUICE_ERR_UNSUPPORTED)
    return SLUICE_OK;
  if (code) {
    *err = why;
    return sluice_fail(err, code, state->pipeline.sink_name, "the sink did not say which generation it holds");
  }
  if (number < g->id)
    return SLUICE_OK;
  log_write(SLUICE_WARN, state->job->name,
            "%s: the destination holds generation %lld, of which the ledger knows nothing; the next one is %lld",
            stream->name, (long long)number, (long long)number + 1);
  g->state = GENERATION_ABORTED;
  code = ledger_generation_abort(state->ledger, g->id, "the destination holds a later one", err);
  return code ? code : ledger_generation_above(state->ledger, number, err);
}

/* What was delivered of it is in the sink, which is to keep it. Of other streams it hears when a file of them is found.
 */
static bool is_begun(const struct run_state *state, const struct ledger_readiness *ready) {
  bool begun = !state->job->streams;
  for (int i = 0; i < 6 && !begun; i++)
    begun = ready->parts[i] > 0;
  return begun;
}

static int begin(struct run_state *state, struct stream *stream, struct sluice_error *err) {
  struct ledger_generation g = {.state = GENERATION_ABORTED};
  struct ledger_readiness ready = {0};
  int code = SLUICE_OK;
  for (int round = 0; !code && g.state != GENERATION_OPEN; round++) {
    code = ledger_generation_begin(state->ledger, stream->id, &g, err);
    if (!code && round == MAX_ROUNDS)
      code = sluice_fail(err, SLUICE_ERR_BUG, state->job->name, "a full refresh cannot be begun");
    if (!code)
      code = take_up(state, stream, &g, err);
    if (!code)
      code = rise_above(state, stream, &g, err);
  }
  if (!code && g.resumed)
    code = ledger_generation_ready(state->ledger, g.id, &ready, err);
  if (code)
    return code;
  stream->generation = g.id;
  stream->heard = g.resumed;
  stream->told = false;
  carry_whole(state, stream, &ready);
  return is_begun(state, &ready) ? refresh_tell(state, stream, err) : SLUICE_OK;
}

/* The job was one of full refreshes, and is so no more. */
static int end_former(struct run_state *state, struct stream *stream, struct sluice_error *err) {
  struct ledger_generation g;
  const struct sluice_commit *commit = state->pipeline.commit;
  int code = ledger_generation_open(state->ledger, stream->id, &g, err);
  if (code == SLUICE_END)
    return SLUICE_OK;
  if (!code && commit && commit->abort)
    code = commit->abort(state->pipeline.sink.self, stream->delivery, g.id, err);
  if (code == SLUICE_ERR_UNSUPPORTED) /* then it has none */
    code = SLUICE_OK;
  forget_carried(state, stream);
  return code ? code : ledger_generation_abort(state->ledger, g.id, "the job's mode was changed", err);
}

int refresh_begin(struct run_state *state, struct stream *stream, struct sluice_error *err) {
  stream->generation = 0;
  return state->job->sync.mode == CONFIG_INCREMENTAL ? end_former(state, stream, err) : begin(state, stream, err);
}

static int commit(struct run_state *state, struct stream *stream, struct sluice_error *err) {
  int64_t generation = stream->generation;
  int code = refresh_tell(state, stream, err);
  if (!code)
    code = ledger_generation_committing(state->ledger, generation, err);
  if (!code)
    code = put_in_place(state, stream, generation, err);
  if (!code)
    log_write(level(state), state->job->name, "%s: generation %lld is in place", stream->name, (long long)generation);
  return code;
}

/* Of a stream that has no files any more; it may be that none was ever delivered. */
static int leave(struct run_state *state, struct stream *stream, struct sluice_error *err) {
  char *part = NULL;
  int code = ledger_stream_part(state->ledger, stream->id, &part, err);
  bool empty = part == NULL;
  free(part);
  if (code)
    return code;
  if (!empty && state->job->sync.allow_empty)
    return commit(state, stream, err);
  if (!empty)
    log_write(SLUICE_WARN, state->job->name,
              "stream %s has no files any more; its old records stay (sync.allow_empty = true would take them away)",
              stream->name);
  return give_up(state, stream, stream->generation, "no file is of this stream", err);
}

static int end(struct run_state *state, struct stream *stream, bool *again, struct sluice_error *err) {
  struct ledger_readiness ready;
  int64_t generation = stream->generation;
  if (!generation)
    return SLUICE_OK;
  int code = ledger_generation_ready(state->ledger, generation, &ready, err);
  if (code)
    return code;
  if (ready.restart) {
    *again = true;
    log_write(SLUICE_WARN, state->job->name, "the generation is given up and begun anew: %s", ready.why);
    return give_up(state, stream, generation, ready.why, err);
  }
  if (ready.empty && state->job->streams && !stream->seen)
    return leave(state, stream, err);
  if (ready.ready || (ready.empty && state->job->sync.allow_empty))
    return commit(state, stream, err);
  if (ready.empty)
    return sluice_fail(err, SLUICE_ERR_DATA, state->job->name,
                       "there is nothing to deliver, and a full refresh would leave the destination empty; set "
                       "sync.allow_empty = true if that is meant");
  return sluice_fail(err, SLUICE_ERR_DATA, state->job->name, "the generation is not whole, so the old records stay: %s",
                     ready.why);
}

static int end_one(struct run_state *state, struct stream *stream, bool *again, struct sluice_error *err) {
  int code = end(state, stream, again, err);
  stream->ended = true;
  if (code)
    stream->failure = strdup(err->message);
  return code && !stream->failure ? SLUICE_ERR_MEMORY : code;
}

/* What was rejected is why, so people want to see it. The ledger knows before the sink does: should the sink not
 * answer, the next run must not go on with it. */
static int abandon(struct run_state *state, struct stream *stream, const char *why, struct sluice_error *err) {
  const struct sluice_commit *commit = state->pipeline.commit;
  int64_t generation = stream->generation;
  stream->generation = 0;
  if (!generation)
    return SLUICE_OK;
  int code = ledger_generation_spoil(state->ledger, generation, why, err);
  if (!code)
    code = tell_sink(state, stream, commit ? commit->abort : NULL, generation, err);
  return code ? code : ledger_generation_refuse(state->ledger, generation, why, err);
}

/* Has any stream something left of former full refreshes? Asked of all at once, for there may be thousands. */
struct former {
  struct run_state *state;
  bool found;
};
static int find_former(void *context, struct sluice_error *err) {
  struct former *former = context;
  struct ledger_generation g;
  int code = SLUICE_END;
  for (size_t i = 0; i < streams_count(&former->state->streams) && code == SLUICE_END; i++)
    code = ledger_generation_open(former->state->ledger, streams_at(&former->state->streams, i)->id, &g, err);
  former->found = code == SLUICE_OK;
  return code == SLUICE_END ? SLUICE_OK : code;
}

int refresh_begin_all(struct run_state *state, struct sluice_error *err) {
  struct former former = {.state = state};
  int code = SLUICE_OK;
  if (state->job->sync.mode == CONFIG_INCREMENTAL) {
    code = ledger_together(state->ledger, find_former, &former, err);
    if (code || !former.found)
      return code;
  }
  for (size_t i = 0; i < streams_count(&state->streams) && !code; i++)
    code = refresh_begin(state, streams_at(&state->streams, i), err);
  return code;
}

int refresh_end(struct run_state *state, bool *again, struct sluice_error *err) {
  int code = SLUICE_OK;
  for (size_t i = 0; i < streams_count(&state->streams); i++) { /* one that fails is no reason to keep others back */
    struct sluice_error why = {0};
    int one = end_one(state, streams_at(&state->streams, i), again, &why);
    if (one && !code) {
      code = one;
      *err = why;
    }
  }
  return code;
}

int refresh_abandon(struct run_state *state, const char *why, struct sluice_error *err) {
  int code = SLUICE_OK;
  for (size_t i = 0; i < streams_count(&state->streams) && !code; i++)
    code = abandon(state, streams_at(&state->streams, i), why, err);
  return code;
}
