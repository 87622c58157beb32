/* The job's schema. The ledger's text is "HASH\nJSON": the hash is of what the mapping wants, so that a changed mapping
 * is noticed and the wanted types win. */
#include "core/run/infer.h"
#include "core/base/hash.h"
#include "core/base/text.h"
#include "core/log/log.h"
#include "core/schema/schema.h"
#include <stdlib.h>

enum { MAX_GROW_TRIES = 20 };

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

int schema_remembered(struct run_state *state, bool *found, struct sluice_error *err) {
  struct ArrowSchema schema;
  int64_t number;
  int code = load(state, &number, &schema, err);
  if (code)
    return code;
  *found = schema.release;
  code = schema.release ? state_add_schema(state, number, &schema) : SLUICE_OK;
  sluice_schema_release(&schema);
  return code;
}

/* The schema that a decoder finds in one part. */
static int part_schema(struct run_state *state, const struct sluice_part *part, struct ArrowSchema *out,
                       struct sluice_error *err) {
  struct sluice_scan scan = {.struct_size = sizeof scan,
                             .batch_rows = state->job->batch_rows,
                             .batch_bytes = state->job->batch_bytes,
                             .want = state->pipeline.want.release ? &state->pipeline.want : NULL,
                             .part = part->name};
  struct pipeline_part opened = {0};
  struct sluice_reader reader = {0};
  int code = pipeline_open_part(&state->pipeline, part, NULL, &opened, err);
  if (!code)
    code = pipeline_decode(&state->pipeline, &opened, &scan, &reader, err);
  if (!code)
    code = reader.schema(&reader, out, err);
  if (!code)
    code = sluice_schema_validate(out, err);
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

/* Adds what one part shows to what was found so far. */
static int add_part(struct run_state *state, const struct sluice_part *part, struct ArrowSchema *found,
                    struct sluice_error *err) {
  struct ArrowSchema one = {0}, merged = {0};
  int code = part_schema(state, part, &one, err);
  if (!code && found->release) {
    code = schema_merge(found, &one, &merged, err);
    if (!code)
      sluice_schema_release(found);
    if (!code)
      sluice_schema_move(&merged, found);
  } else if (!code) {
    sluice_schema_move(&one, found);
  }
  sluice_schema_release(&one);
  return code;
}

/* What ends the run rather than the part. */
static bool is_fatal(int code) {
  return code == SLUICE_ERR_CONFIG || code == SLUICE_ERR_AUTH || code == SLUICE_ERR_CANCELLED ||
         code == SLUICE_ERR_MEMORY || code == SLUICE_ERR_BUG || code == SLUICE_ERR_RETRY;
}

int schema_infer(struct run_state *state, const struct sluice_part *parts, size_t n, bool *found,
                 struct sluice_error *err) {
  struct ArrowSchema schema = {0}, newest = {0};
  int64_t number = 0;
  int code = SLUICE_OK;
  for (size_t i = 0; i < n && !code; i++) {
    struct sluice_error why = {0};
    code = add_part(state, &parts[i], &schema, &why);
    if (!code)
      continue;
    if (is_fatal(code))
      *err = why;
    else
      code = SLUICE_OK; /* the worker that reads this part says what is wrong with it */
  }
  *found = !code && schema.release && schema.n_children > 0;
  if (*found) {
    allow_nulls(&schema);
    code = load(state, &number, &newest, err);
    if (!code)
      code = save(state, number, &schema, err);
  }
  sluice_schema_release(&schema);
  sluice_schema_release(&newest);
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

int schema_grow(struct run_state *state, const struct ArrowSchema *more, struct sluice_error *err) {
  for (int tries = 0; tries < MAX_GROW_TRIES; tries++) {
    const struct job_schema *now = state_schema(state);
    struct ArrowSchema grown = {0};
    int code = append_columns(&now->schema, more, &grown);
    if (!code && grown.n_children == now->schema.n_children) { /* another worker did it */
      sluice_schema_release(&grown);
      return SLUICE_OK;
    }
    if (!code)
      allow_nulls(&grown);
    struct sluice_error why = {0};
    if (!code)
      code = save(state, now->number, &grown, &why);
    sluice_schema_release(&grown);
    if (code != SLUICE_ERR_CHANGED) {
      if (code)
        *err = why;
      return code;
    }
    stop_sleep(&state->stop, STOP_DRAIN, 10); /* the one that was quicker is about to show it */
  }
  return sluice_fail(err, SLUICE_ERR_BUG, state->job->name, "the job's schema is changed again and again");
}
