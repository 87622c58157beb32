/* The job's schema, kept in the ledger as schema_recall reads it. */
#include "core/run/infer.h"
#include "core/base/hash.h"
#include "core/run/look.h"
#include "core/run/remembered.h"
#include "core/schema/schema.h"
#include <stdlib.h>

enum { MAX_GROW_TRIES = 20 };

/* The ledger's newest; *out is released where there is none for this want. */
static int load(struct run_state *state, struct stream *stream, int64_t *number, struct ArrowSchema *out,
                struct sluice_error *err) {
  char *text = NULL;
  memset(out, 0, sizeof *out);
  int code = ledger_schema(state->ledger, stream->id, number, &text, err);
  if (!code)
    code = schema_recall(&state->pipeline, text, out, err);
  free(text);
  return code;
}

/* Saves as number + 1 and makes it the run's; CHANGED: another was quicker. Takes *schema on OK. */
static int save(struct run_state *state, struct stream *stream, int64_t number, struct ArrowSchema *schema,
                struct sluice_error *err) {
  char *text = NULL;
  int code = remembered_write(&state->pipeline, schema, &text);
  if (!code)
    code = ledger_schema_swap(state->ledger, stream->id, number, text, err);
  if (!code)
    code = stream_add_schema(stream, number + 1, schema);
  free(text);
  return code;
}

/* Where the schemas begin that were made for what is wanted today. */
static int find_first(struct run_state *state, struct stream *stream, struct sluice_error *err) {
  char prefix[HASH_SIZE + 1];
  int code = schema_hash(&state->pipeline, prefix);
  if (code)
    return code;
  snprintf(prefix + HASH_SIZE - 1, 2, "\n");
  return ledger_schema_since(state->ledger, stream->id, prefix, &stream->first_schema, err);
}

int schema_of_unit(struct run_state *state, struct stream *stream, int64_t number, const struct job_schema **out,
                   struct sluice_error *err) {
  struct ArrowSchema schema = {0};
  char *text = NULL;
  const struct job_schema *known = stream_find_schema(stream, number);
  int code = known ? SLUICE_OK : ledger_schema_text(state->ledger, stream->id, number, &text, err);
  if (!code && !known && !text)
    code = sluice_fail(err, SLUICE_ERR_CONFIG, state->job->name,
                       "the ledger lacks schema number %lld, which a unit needs", (long long)number);
  if (!code && !known)
    code = remembered_read(text, &schema, err);
  if (!code && !known)
    code = stream_keep_schema(stream, number, &schema);
  sluice_schema_release(&schema);
  free(text);
  if (code)
    return sluice_fail(err, code, state->job->name, "no memory for a schema");
  *out = known ? known : stream_find_schema(stream, number);
  return SLUICE_OK;
}

int schema_remembered(struct run_state *state, struct stream *stream, bool *found, struct sluice_error *err) {
  struct ArrowSchema schema;
  int64_t number;
  int code = load(state, stream, &number, &schema, err);
  if (code)
    return code;
  *found = schema.release;
  code = find_first(state, stream, err);
  if (!code && schema.release)
    code = stream_add_schema(stream, number, &schema);
  sluice_schema_release(&schema);
  return code;
}

/* Remembers the schema under the next number. */
static int remember(struct run_state *state, struct stream *stream, struct ArrowSchema *schema,
                    struct sluice_error *err) {
  struct ArrowSchema newest = {0};
  int64_t number = 0;
  int code = load(state, stream, &number, &newest, err);
  if (!code)
    code = save(state, stream, number, schema, err);
  sluice_schema_release(&newest);
  return code;
}

int schema_infer(struct run_state *state, struct stream *stream, const struct sluice_part *parts, size_t n, bool more,
                 struct sluice_error *err) {
  struct ArrowSchema schema = {0};
  bool sure = false;
  int64_t number = 0;
  char *stored = NULL;
  int code = ledger_schema(state->ledger, stream->id, &number, &stored, err);
  if (!code)
    code = schema_look(&state->pipeline, stored, parts, n, &schema, &sure, err);
  free(stored);
  if (!code && schema.release && (sure || more)) {
    code = remember(state, stream, &schema, err);
  } else if (!code && schema.release) {
    sluice_schema_release(&stream->guess);
    sluice_schema_move(&schema, &stream->guess);
  }
  sluice_schema_release(&schema);
  return code;
}

int schema_is_known(const struct stream *stream, const char *part, struct sluice_error *err) {
  if (!stream->guessed)
    return SLUICE_OK;
  return sluice_fail(err, SLUICE_ERR_DATA, part,
                     "it has records, but when files were looked at for their columns none could be read, so the types "
                     "are not known; the next run looks again");
}

/* The mapping alone says which columns there are, and of which types. */
static bool is_decided(const struct pipeline *pipeline) {
  const struct ArrowSchema *want = &pipeline->want;
  bool decided = want->release && want->n_children > 0 && !pipeline->job->keep_unmapped;
  for (int64_t i = 0; decided && i < want->n_children; i++)
    decided = want->children[i]->format[0];
  return decided;
}

/* Types that an earlier run found stay, whatever the job is now. */
static int fall_back_on(struct run_state *state, const char *stored, struct ArrowSchema *out, bool *sure,
                        struct sluice_error *err) {
  int code = stored ? schema_look(&state->pipeline, stored, NULL, 0, out, sure, err) : SLUICE_OK;
  if (code || out->release)
    return code;
  *sure = is_decided(&state->pipeline);
  return schema_of_want(&state->pipeline, out);
}

/* Files with records that come later decide types: this is not remembered. */
int schema_fallback(struct run_state *state, struct stream *stream, struct sluice_error *err) {
  struct ArrowSchema none = {0};
  int64_t number = 0;
  char *stored = NULL;
  bool sure = false;
  if (stream_schema(stream))
    return SLUICE_OK;
  int code = ledger_schema(state->ledger, stream->id, &number, &stored, err);
  stream->guessed = !code && stream->guess.release;
  if (stream->guessed)
    sluice_schema_move(&stream->guess, &none);
  else if (!code)
    code = fall_back_on(state, stored, &none, &sure, err);
  free(stored);
  if (!code && sure) /* units of it go on under it in the next run */
    code = save(state, stream, number, &none, err);
  else if (!code)
    code = stream_add_schema(stream, number, &none);
  sluice_schema_release(&none);
  return code;
}

/* Another worker, or an earlier run, may have made a newer one: that comes first. */
static int grow_once(struct run_state *state, struct stream *stream, const struct ArrowSchema *more, bool *done,
                     struct sluice_error *err) {
  const struct job_schema *now = stream_schema(stream);
  struct ArrowSchema grown = {0}, newest = {0};
  int64_t number = 0;
  int code = load(state, stream, &number, &newest, err);
  if (!code && newest.release && number > now->number)
    code = stream_add_schema(stream, number, &newest);
  now = stream_schema(stream);
  if (!code)
    code = schema_append(&now->schema, more, &grown);
  if (!code)
    schema_allow_nulls(&grown);
  *done = !code && sluice_schema_equal(&grown, &now->schema);
  if (!code && !*done) {
    code = save(state, stream, number, &grown, err);
    *done = !code;
  }
  sluice_schema_release(&grown);
  sluice_schema_release(&newest);
  return code;
}

int schema_grow(struct run_state *state, struct stream *stream, const struct ArrowSchema *more,
                struct sluice_error *err) {
  int known = schema_is_known(stream, stream->name, err);
  if (known)
    return known;
  for (int tries = 0; tries < MAX_GROW_TRIES; tries++) {
    struct sluice_error why = {0};
    bool done = false;
    int code = grow_once(state, stream, more, &done, &why);
    if (done)
      return SLUICE_OK;
    if (code && code != SLUICE_ERR_CHANGED) {
      *err = why;
      return code;
    }
  }
  return sluice_fail(err, SLUICE_ERR_BUG, state->job->name, "the job's schema is changed again and again");
}
