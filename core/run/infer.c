/* The job's schema. The ledger's text is "HASH\nJSON": the hash is of what the mapping wants, so that a changed mapping
 * is noticed and the wanted types win. */
#include "core/run/infer.h"
#include "core/base/hash.h"
#include "core/base/nearest.h"
#include "core/base/text.h"
#include "core/log/log.h"
#include "core/run/batch.h"
#include "core/schema/schema.h"
#include <stdlib.h>

enum { MAX_GROW_TRIES = 20, ENOUGH_PARTS = 4 };

static int want_hash(const struct run_state *state, char out[HASH_SIZE]) {
  char *json = NULL;
  int code = state->pipeline.want.release ? schema_to_json(&state->pipeline.want, &json) : SLUICE_OK;
  const char *texts[] = {json, state->pipeline.decode_hash};
  if (!code)
    code = hash_texts(texts, 2, out);
  free(json);
  return code;
}

/* The ledger's newest; *out is released where there is none for this want. */
static int load(struct run_state *state, int64_t *number, struct ArrowSchema *out, struct sluice_error *err) {
  char hash[HASH_SIZE];
  char *text = NULL;
  memset(out, 0, sizeof *out);
  int code = ledger_schema(state->ledger, state->delivery, number, &text, err);
  if (!code)
    code = want_hash(state, hash);
  bool ours = !code && text && strncmp(text, hash, 64) == 0 && text[64] == '\n';
  if (ours)
    code = schema_from_json(text + 65, out, err);
  free(text);
  return code;
}

/* Saves as number + 1 and makes it the run's; CHANGED: another was quicker. Takes *schema on OK. */
static int save(struct run_state *state, int64_t number, struct ArrowSchema *schema, struct sluice_error *err) {
  char hash[HASH_SIZE];
  char *json = NULL;
  struct text text = {0};
  int code = schema_to_json(schema, &json);
  if (!code)
    code = want_hash(state, hash);
  if (!code)
    code = text_printf(&text, "%s\n", hash);
  if (!code)
    code = text_add(&text, json);
  if (!code)
    code = ledger_schema_swap(state->ledger, state->delivery, number, text_get(&text), err);
  if (!code)
    code = state_add_schema(state, number + 1, schema);
  text_finish(&text);
  free(json);
  return code;
}

/* Where the schemas begin that were made for what is wanted today. */
static int find_first(struct run_state *state, struct sluice_error *err) {
  char prefix[HASH_SIZE + 1];
  int code = want_hash(state, prefix);
  if (code)
    return code;
  snprintf(prefix + HASH_SIZE - 1, 2, "\n");
  return ledger_schema_since(state->ledger, state->delivery, prefix, &state->first_schema, err);
}

int schema_of_unit(struct run_state *state, int64_t number, const struct job_schema **out, struct sluice_error *err) {
  struct ArrowSchema schema = {0};
  char *text = NULL;
  const struct job_schema *known = state_find_schema(state, number);
  int code = known ? SLUICE_OK : ledger_schema_text(state->ledger, state->delivery, number, &text, err);
  const char *json = !code && text ? strchr(text, '\n') : NULL;
  if (!code && !known && !json)
    code = sluice_fail(err, SLUICE_ERR_CONFIG, state->job->name,
                       "the ledger lacks schema number %lld, which a unit needs", (long long)number);
  if (!code && !known)
    code = schema_from_json(json + 1, &schema, err);
  if (!code && !known)
    code = state_keep_schema(state, number, &schema);
  sluice_schema_release(&schema);
  free(text);
  if (code)
    return sluice_fail(err, code, state->job->name, "no memory for a schema");
  *out = known ? known : state_find_schema(state, number);
  return SLUICE_OK;
}

int schema_remembered(struct run_state *state, bool *found, struct sluice_error *err) {
  struct ArrowSchema schema;
  int64_t number;
  int code = load(state, &number, &schema, err);
  if (code)
    return code;
  *found = schema.release;
  code = find_first(state, err);
  if (!code && schema.release)
    code = state_add_schema(state, number, &schema);
  sluice_schema_release(&schema);
  return code;
}

static int ignore(struct sluice_rejects *rejects, const struct sluice_reject *reject, struct sluice_error *err) {
  (void)rejects, (void)reject, (void)err;
  return SLUICE_OK;
}

/* Is there a record at all? Without one, types are guesses that must not spoil those of other parts. */
static int has_records(struct sluice_reader *reader, bool *out, struct sluice_error *err) {
  struct sluice_batch batch;
  batch_init(&batch);
  int code = reader->next(reader, &batch, err);
  batch_release(&batch);
  *out = code == SLUICE_OK;
  return code == SLUICE_END ? SLUICE_OK : code;
}

/* The schema that a decoder finds in one part. */
static int part_schema(struct run_state *state, const struct sluice_part *part, const struct ArrowSchema *want,
                       struct ArrowSchema *out, bool *evidence, struct sluice_error *err) {
  struct sluice_rejects rejects = {ignore, NULL};
  struct sluice_scan scan = {.struct_size = sizeof scan,
                             .batch_rows = state->job->batch_rows,
                             .batch_bytes = state->job->batch_bytes,
                             .want = want,
                             .rejects = &rejects,
                             .part = part->name};
  struct pipeline_part opened = {0};
  struct sluice_reader reader = {0};
  struct ArrowSchema schema = {0};
  int code = pipeline_open_part(&state->pipeline, part, NULL, &opened, err);
  if (!code)
    code = pipeline_decode(&state->pipeline, &opened, &scan, &reader, err);
  if (!code)
    code = reader.schema(&reader, &schema, err);
  if (!code)
    code = sluice_schema_validate(&schema, err);
  if (!code)
    code = has_records(&reader, evidence, err);
  if (!code)
    sluice_schema_move(&schema, out);
  sluice_schema_release(&schema);
  if (reader.release)
    reader.release(&reader);
  pipeline_part_release(&opened);
  return code;
}

/* A column may be missing in a later file, so every one may be null. */
static void allow_nulls(struct ArrowSchema *schema) {
  for (int64_t i = 0; i < schema->n_children; i++)
    schema->children[i]->flags |= ARROW_FLAG_NULLABLE;
}

/* What was found so far: by parts with records, and by parts without, which only count where there is nothing else. */
struct found {
  struct ArrowSchema sure, guess;
};

static int merge_into(struct ArrowSchema *found, struct ArrowSchema *one, struct sluice_error *err) {
  struct ArrowSchema merged;
  if (!found->release) {
    sluice_schema_move(one, found);
    return SLUICE_OK;
  }
  int code = schema_merge(found, one, &merged, err);
  if (code)
    return code;
  sluice_schema_release(found);
  sluice_schema_move(&merged, found);
  return SLUICE_OK;
}

static int add_part(struct run_state *state, const struct sluice_part *part, struct found *found,
                    struct sluice_error *err) {
  struct ArrowSchema one = {0};
  bool evidence = false;
  const struct ArrowSchema *want = state->pipeline.want.release ? &state->pipeline.want : NULL;
  int code = part_schema(state, part, want, &one, &evidence, err);
  if (!code)
    code = merge_into(evidence ? &found->sure : &found->guess, &one, err);
  sluice_schema_release(&one);
  return code;
}

/* What ends the run rather than the part. */
static bool is_fatal(int code) {
  return code == SLUICE_ERR_CONFIG || code == SLUICE_ERR_AUTH || code == SLUICE_ERR_CANCELLED ||
         code == SLUICE_ERR_MEMORY || code == SLUICE_ERR_BUG || code == SLUICE_ERR_RETRY;
}

/* Remembers the schema under the next number. */
static int remember(struct run_state *state, struct ArrowSchema *schema, struct sluice_error *err) {
  struct ArrowSchema newest = {0};
  int64_t number = 0;
  allow_nulls(schema);
  int code = load(state, &number, &newest, err);
  if (!code)
    code = save(state, number, schema, err);
  sluice_schema_release(&newest);
  return code;
}

/* What a mapping names and no part has is null in every record: most likely a slip, so it is said. */
static void warn_of_missing(const struct run_state *state, const struct ArrowSchema *seen) {
  const struct ArrowSchema *want = &state->pipeline.want;
  const char **names = calloc((size_t)seen->n_children + 1, sizeof *names);
  for (int64_t i = 0; names && i < seen->n_children; i++)
    names[i] = seen->children[i]->name;
  for (int64_t i = 0; names && i < want->n_children; i++) {
    const char *name = want->children[i]->name;
    const char *near = nearest_name(name, names, (size_t)seen->n_children);
    if (sluice_schema_find(seen, name) < 0)
      log_write(SLUICE_WARN, state->job->name, "mapping: no column '%s' in the first files, so it is null%s%s%s", name,
                near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
  }
  free(names);
}

/* All columns that the first parts have, wanted or not. */
static void look_for_wanted(struct run_state *state, const struct sluice_part *parts, size_t n) {
  struct ArrowSchema seen = {0};
  int code = SLUICE_OK;
  for (size_t i = 0; i < n && !code; i++) {
    struct sluice_error why = {0};
    struct ArrowSchema one = {0};
    bool evidence;
    if (part_schema(state, &parts[i], NULL, &one, &evidence, &why))
      continue; /* not readable: that is said elsewhere */
    if (one.n_children > 0)
      code = merge_into(&seen, &one, &why);
    sluice_schema_release(&one);
  }
  if (!code && seen.n_children > 0)
    warn_of_missing(state, &seen);
  sluice_schema_release(&seen);
}

int schema_infer(struct run_state *state, const struct sluice_part *parts, size_t n, bool *out,
                 struct sluice_error *err) {
  struct found found = {0};
  int code = SLUICE_OK;
  size_t good = 0, looked = 0;
  for (; looked < n && good < ENOUGH_PARTS && !code; looked++) {
    struct sluice_error why = {0};
    code = add_part(state, &parts[looked], &found, &why);
    good += code == SLUICE_OK;
    if (code && is_fatal(code))
      *err = why;
    else
      code = SLUICE_OK; /* the worker that reads this part says what is wrong with it */
  }
  if (!code && state->pipeline.want.release)
    look_for_wanted(state, parts, looked);
  struct ArrowSchema *schema = found.sure.release ? &found.sure : &found.guess;
  bool any = !code && schema->release && schema->n_children > 0;
  if (any)
    code = remember(state, schema, err);
  sluice_schema_release(&found.sure);
  sluice_schema_release(&found.guess);
  if (!code)
    *out = any;
  return code;
}

/* All of `base`, then what only `more` has. */
static int append_columns(const struct ArrowSchema *base, const struct ArrowSchema *more, struct ArrowSchema *out) {
  int64_t n = base->n_children;
  for (int64_t i = 0; i < more->n_children; i++)
    n += sluice_schema_find(base, more->children[i]->name) < 0;
  struct ArrowSchema grown;
  int code = sluice_schema_nested(&grown, "+s", "", 0, n);
  int64_t at = 0;
  for (int64_t i = 0; i < base->n_children && !code; i++)
    code = sluice_schema_copy(base->children[i], grown.children[at++]);
  for (int64_t i = 0; i < more->n_children && !code; i++)
    if (sluice_schema_find(base, more->children[i]->name) < 0)
      code = sluice_schema_copy(more->children[i], grown.children[at++]);
  if (code)
    sluice_schema_release(&grown);
  else
    sluice_schema_move(&grown, out);
  return code;
}

int schema_fallback(struct run_state *state, struct sluice_error *err) {
  const struct ArrowSchema *want = &state->pipeline.want;
  struct ArrowSchema none = {0}, newest = {0};
  int64_t number = 0;
  if (state_schema(state))
    return SLUICE_OK;
  int64_t n = want->release ? want->n_children : 0;
  int code = load(state, &number, &newest, err);
  if (!code)
    code = sluice_schema_nested(&none, "+s", "", 0, n);
  for (int64_t i = 0; i < n && !code; i++) {
    const struct ArrowSchema *column = want->children[i];
    code = sluice_schema_init(none.children[i], column->format[0] ? column->format : "u", column->name,
                              ARROW_FLAG_NULLABLE);
  }
  if (!code)
    code = state_add_schema(state, number, &none);
  sluice_schema_release(&none);
  sluice_schema_release(&newest);
  return code;
}

/* Another worker, or an earlier run, may have made a newer one: that comes first. */
static int grow_once(struct run_state *state, const struct ArrowSchema *more, bool *done, struct sluice_error *err) {
  const struct job_schema *now = state_schema(state);
  struct ArrowSchema grown = {0}, newest = {0};
  int64_t number = 0;
  int code = load(state, &number, &newest, err);
  if (!code && newest.release && number > now->number)
    code = state_add_schema(state, number, &newest);
  now = state_schema(state);
  if (!code)
    code = append_columns(&now->schema, more, &grown);
  *done = !code && grown.n_children == now->schema.n_children;
  if (!code && !*done) {
    allow_nulls(&grown);
    code = save(state, number, &grown, err);
    *done = !code;
  }
  sluice_schema_release(&grown);
  sluice_schema_release(&newest);
  return code;
}

int schema_grow(struct run_state *state, const struct ArrowSchema *more, struct sluice_error *err) {
  for (int tries = 0; tries < MAX_GROW_TRIES; tries++) {
    struct sluice_error why = {0};
    bool done = false;
    int code = grow_once(state, more, &done, &why);
    if (done)
      return SLUICE_OK;
    if (code && code != SLUICE_ERR_CHANGED) {
      *err = why;
      return code;
    }
  }
  return sluice_fail(err, SLUICE_ERR_BUG, state->job->name, "the job's schema is changed again and again");
}
