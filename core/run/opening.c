/* Deliveries and runs in the ledger, a pair for each stream. */
#include "core/run/opening.h"
#include "core/ledger/streams.h"
#include "core/log/log.h"
#include "core/run/refresh.h"
#include "core/run/row_keys.h"
#include "core/run/whose.h"
#include <stdlib.h>

enum { REFUSALS_TOLD = 20 };

static const char *sink_of(const struct run_state *state) {
  return state->pipeline.sink_name;
}

static int begin_run(struct run_state *state, int64_t delivery, int64_t *run, struct ledger_counters *carried,
                     struct sluice_error *err) {
  int code = state->blame ? SLUICE_OK : ledger_pardon(state->ledger, delivery, err);
  return code ? code : ledger_run_begin(state->ledger, delivery, run, carried, err);
}

/* ---- one stream ---- */

/* Its parts are all of one folder: that of the first which the ledger has. */
static int recall_folder(struct run_state *state, struct stream *stream, struct sluice_error *err) {
  char *part = NULL;
  int code = ledger_stream_part(state->ledger, stream->id, &part, err);
  char *slash = part ? strrchr(part, '/') : NULL;
  if (slash)
    slash[1] = 0;
  else if (part)
    part[0] = 0;
  stream->folder = part;
  return code;
}

static int open_stream(struct run_state *state, struct stream *stream, bool late, enum identity_choice choice,
                       struct sluice_error *err) {
  int code = ledger_delivery(state->ledger, sink_of(state), stream->name, &stream->id, err);
  if (!code)
    code = ledger_delivery_text(state->ledger, stream->id, stream->delivery, sizeof stream->delivery, err);
  if (!code)
    code = whose_check(state, stream->id, choice, err);
  if (!code)
    code = whose_start_from(state, stream->id, late, err);
  if (!code)
    code = row_keys_settle(state, stream->id, err);
  if (!code)
    code = begin_run(state, stream->id, &stream->run, &stream->carried, err);
  if (!code)
    policy_carry(&state->policy, stream->carried.rows + stream->carried.unchanged, stream->carried.rejects);
  if (!code && state->job->streams)
    code = recall_folder(state, stream, err);
  return code;
}

static int add_stream(struct run_state *state, const char *name, bool late, enum identity_choice choice,
                      struct stream **out, struct sluice_error *err) {
  struct stream *stream = NULL;
  int code = stream_create(state->job->name, sink_of(state), name, &stream);
  if (!code)
    code = open_stream(state, stream, late, choice, err);
  if (!code)
    code = streams_add(&state->streams, stream, err);
  if (code) {
    stream_destroy(stream);
    return sluice_fail(err, code, state->job->name, "no memory for a stream");
  }
  *out = stream;
  return SLUICE_OK;
}

/* ---- all that is known ---- */

static int open_single(struct run_state *state, struct sluice_error *err) {
  struct stream *stream;
  int code = add_stream(state, "main", false, state->identity, &stream, err);
  if (code)
    return code;
  state->delivery = stream->id;
  state->run = stream->run;
  return SLUICE_OK;
}

/* Others may be of the time before the job had streams. */
static bool is_stream(const struct ledger_stream *known) {
  return strcmp(known->name, LEDGER_WHOLE_JOB) != 0 && strcmp(known->name, "main") != 0;
}

/* Whether the job had been listed whole before this stream came: then what start_from = "now" passes over is known. */
static bool is_late(const struct run_state *state, int64_t created) {
  return state->first_listed && created > state->first_listed;
}

struct opening {
  struct run_state *state;
  const struct ledger_stream *known;
  size_t n;
};
static int open_known(void *context, struct sluice_error *err) {
  const struct opening *opening = context;
  struct run_state *state = opening->state;
  const struct ledger_stream *known = opening->known;
  size_t n = opening->n;
  enum identity_choice choice = state->identity == IDENTITY_RESET ? IDENTITY_RESET : IDENTITY_ADOPT;
  int code = SLUICE_OK;
  for (size_t i = 0; i < n && !code; i++)
    if (strcmp(known[i].name, LEDGER_WHOLE_JOB) == 0 && choice != IDENTITY_RESET)
      state->first_listed = known[i].listed;
  for (size_t i = 0; i < n && !code; i++) {
    struct stream *stream;
    if (is_stream(&known[i]))
      code = add_stream(state, known[i].name, is_late(state, known[i].created), choice, &stream, err);
  }
  return code;
}

/* The job is asked first, so that nothing is touched where the answer is no; its reset is noted last, so that one that
 * was cut short is asked for again. */
static int open_streams(struct run_state *state, struct sluice_error *err) {
  struct ledger_stream *known = NULL;
  struct ledger_counters carried;
  size_t n = 0;
  bool reset = state->identity == IDENTITY_RESET;
  int code = ledger_delivery(state->ledger, sink_of(state), LEDGER_WHOLE_JOB, &state->delivery, err);
  if (!code && !reset)
    code = whose_check(state, state->delivery, state->identity, err);
  if (!code)
    code = ledger_streams(state->ledger, sink_of(state), STREAMS_MAX + 2, &known, &n, err);
  if (!code)
    code = ledger_together(state->ledger, open_known, &(struct opening){state, known, n}, err);
  free(known);
  if (!code && reset)
    code = whose_check(state, state->delivery, state->identity, err);
  if (!code)
    code = begin_run(state, state->delivery, &state->run, &carried, err);
  return code;
}

int opening_begin(struct run_state *state, struct sluice_error *err) {
  return state->job->streams ? open_streams(state, err) : open_single(state, err);
}

/* ---- a part's stream ---- */

static void refuse(struct run_state *state, const struct sluice_error *why) {
  long long n = atomic_fetch_add(&state->counters.refused_parts, 1);
  atomic_fetch_add(&state->counters.failed_parts, 1);
  if (n == 0)
    sluice_fail(&state->refusal, SLUICE_ERR_CONFIG, why->where, "%.300s: %s", why->where, why->message);
  if (n < REFUSALS_TOLD)
    log_write(SLUICE_ERROR, state->job->name, "%s: %s", why->where, why->message);
  else if (n == REFUSALS_TOLD)
    log_write(SLUICE_ERROR, state->job->name, "more files are of no stream; they are counted");
}

static bool is_in_folder(struct run_state *state, struct stream *stream, const char *part, size_t folder) {
  struct sluice_error why = {0};
  if (strlen(stream->folder) == folder && memcmp(stream->folder, part, folder) == 0)
    return true;
  sluice_fail(
      &why, SLUICE_ERR_CONFIG, part,
      "it would be of stream \"%s\", as the files of %.300s are; files of different folders are not put together "
      "unasked: name the stream by {path} too, or set across_folders = true in a rule of `streams`",
      stream->name, stream->folder);
  refuse(state, &why);
  return false;
}

/* They are put together, for that may be meant, but not in silence. */
static int warn_of_ending(struct run_state *state, struct stream *stream, const struct stream_name *name,
                          const char *part) {
  char why[800];
  bool fresh;
  int code = stream_ending_see(&stream->ending, name, part, &fresh);
  if (code || !fresh)
    return code;
  stream_ending_text(&stream->ending, stream->name, why, sizeof why);
  if (state->mixed++ < REFUSALS_TOLD)
    log_write(SLUICE_WARN, state->job->name, "%s: %s", part, why);
  else if (state->mixed == REFUSALS_TOLD + 1)
    log_write(SLUICE_WARN, state->job->name, "more streams have files of different endings; `sluice plan` lists them");
  return SLUICE_OK;
}

struct adding {
  struct run_state *state;
  const char *name;
  struct stream **out;
};
static int add_new(void *context, struct sluice_error *err) {
  const struct adding *adding = context;
  struct run_state *state = adding->state;
  return add_stream(state, adding->name, state->first_listed != 0, IDENTITY_ADOPT, adding->out, err);
}

static int find_new(struct run_state *state, const char *name, struct stream **out, struct sluice_error *err) {
  int code = ledger_together(state->ledger, add_new, &(struct adding){state, name, out}, err);
  return code ? code : refresh_begin(state, *out, err);
}

int opening_stream_of(struct run_state *state, const char *part, struct stream **out, struct sluice_error *err) {
  struct stream_name name;
  struct sluice_error why = {0};
  struct stream *stream = NULL;
  if (!state->job->streams) {
    *out = streams_at(&state->streams, 0);
    return SLUICE_OK;
  }
  int code = stream_name_of(state->job->streams, part, &name, &why);
  *out = NULL;
  if (code == SLUICE_ERR_CONFIG)
    refuse(state, &why);
  if (code)
    return code == SLUICE_ERR_CONFIG ? SLUICE_OK : code;
  stream = streams_find(&state->streams, name.text);
  if (!stream)
    code = find_new(state, name.text, &stream, err);
  if (code)
    return code;
  if (!name.any_folder && !stream->folder)
    stream->folder = strndup(part, name.folder);
  if (!name.any_folder && !stream->folder)
    return SLUICE_ERR_MEMORY;
  if (!name.any_folder && !is_in_folder(state, stream, part, name.folder))
    return SLUICE_OK;
  code = warn_of_ending(state, stream, &name, part);
  if (code)
    return code;
  *out = stream;
  return refresh_tell(state, stream, err);
}

int opening_listed(struct run_state *state, struct sluice_error *err) {
  struct ledger_merged merged;
  if (!state->job->streams)
    return SLUICE_OK;
  return ledger_merge(state->ledger, state->delivery, "", NULL, 0, true, ON_CHANGE_REREAD, &merged, err);
}

/* ---- the end ---- */

static const char *outcome_of(struct stream *stream) {
  if (atomic_load(&stream->failed) || stream->failure)
    return "failed";
  return atomic_load(&stream->rejects) ? "done with rejects" : "done";
}

struct ending {
  struct run_state *state;
  const char *outcome, *message; /* of the run; outcome NULL: each stream has its own */
};
static int end_all(void *context, struct sluice_error *err) {
  const struct ending *ending = context;
  struct run_state *state = ending->state;
  size_t n = streams_count(&state->streams);
  int code = SLUICE_OK;
  for (size_t i = 0; i < n && !code; i++) {
    struct stream *stream = streams_at(&state->streams, i);
    bool own = !ending->outcome || stream->ended; /* another stream may be why the run failed */
    const char *outcome = own ? outcome_of(stream) : ending->outcome;
    const char *message = own ? stream->failure : ending->message;
    code = ledger_run_end(state->ledger, stream->run, outcome, message, NULL, err);
  }
  return code;
}

int opening_end(struct run_state *state, bool complete, const char *outcome, const char *message,
                struct sluice_error *err) {
  struct ending ending = {state, complete ? NULL : outcome, complete ? "" : message};
  return state->job->streams ? ledger_together(state->ledger, end_all, &ending, err) : SLUICE_OK;
}
