/* Looking at the first parts: which columns there are, and of which types. */
#include "core/run/look.h"
#include "core/base/nearest.h"
#include "core/log/log.h"
#include "core/run/batch.h"
#include "core/schema/schema.h"
#include <stdlib.h>

enum { ENOUGH_PARTS = 4 };

int schema_hash(const struct pipeline *pipeline, char out[HASH_SIZE]) {
  char *json = NULL;
  int code = pipeline->want.release ? schema_to_json(&pipeline->want, &json) : SLUICE_OK;
  const char *texts[] = {json, pipeline->decode_hash};
  if (!code)
    code = hash_texts(texts, 2, out);
  free(json);
  return code;
}

int schema_recall(const struct pipeline *pipeline, const char *text, struct ArrowSchema *out,
                  struct sluice_error *err) {
  char hash[HASH_SIZE];
  int code = schema_hash(pipeline, hash);
  bool ours = !code && text && strncmp(text, hash, HASH_SIZE - 1) == 0 && text[HASH_SIZE - 1] == '\n';
  return ours ? schema_from_json(text + HASH_SIZE, out, err) : code;
}

void schema_allow_nulls(struct ArrowSchema *schema) {
  for (int64_t i = 0; i < schema->n_children; i++)
    schema->children[i]->flags |= ARROW_FLAG_NULLABLE;
}

int schema_of_want(const struct pipeline *pipeline, struct ArrowSchema *out) {
  const struct ArrowSchema *want = &pipeline->want;
  struct ArrowSchema none;
  int64_t n = want->release ? want->n_children : 0;
  int code = sluice_schema_nested(&none, "+s", "", 0, n);
  if (code)
    return code;
  for (int64_t i = 0; i < n && !code; i++) {
    const struct ArrowSchema *column = want->children[i];
    code = sluice_schema_init(none.children[i], column->format[0] ? column->format : "u", column->name,
                              ARROW_FLAG_NULLABLE);
  }
  if (code)
    sluice_schema_release(&none);
  else
    sluice_schema_move(&none, out);
  return code;
}

int schema_append(const struct ArrowSchema *base, const struct ArrowSchema *more, struct ArrowSchema *out) {
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

int schema_of_part(struct pipeline *pipeline, const struct sluice_part *part, const struct ArrowSchema *want,
                   struct ArrowSchema *out, bool *evidence, struct sluice_error *err) {
  struct sluice_rejects rejects = {ignore, NULL};
  struct sluice_scan scan = {.struct_size = sizeof scan,
                             .batch_rows = pipeline->job->batch_rows,
                             .batch_bytes = pipeline->job->batch_bytes,
                             .want = want,
                             .rejects = &rejects,
                             .part = part->name};
  struct pipeline_part opened = {0};
  struct sluice_reader reader = {0};
  struct ArrowSchema schema = {0};
  int code = pipeline_open_part(pipeline, part, NULL, &opened, err);
  if (!code)
    code = pipeline_decode(pipeline, &opened, &scan, &reader, err);
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

static int add_part(struct pipeline *pipeline, const struct sluice_part *part, struct found *found,
                    struct sluice_error *err) {
  struct ArrowSchema one = {0};
  bool evidence = false;
  const struct ArrowSchema *want = pipeline->want.release ? &pipeline->want : NULL;
  watch_at(pipeline->watch, 0, WATCH_LOOKING, part->name, 0);
  int code = schema_of_part(pipeline, part, want, &one, &evidence, err);
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

/* What a mapping names and no part has is null in every record: most likely a slip, so it is said. */
static void warn_of_missing(const struct pipeline *pipeline, const struct ArrowSchema *seen) {
  const struct ArrowSchema *want = &pipeline->want;
  const char **names = calloc((size_t)seen->n_children + 1, sizeof *names);
  for (int64_t i = 0; names && i < seen->n_children; i++)
    names[i] = seen->children[i]->name;
  for (int64_t i = 0; names && i < want->n_children; i++) {
    const char *name = want->children[i]->name;
    const char *near = nearest_name(name, names, (size_t)seen->n_children);
    if (sluice_schema_find(seen, name) < 0)
      log_write(SLUICE_WARN, pipeline->job->name, "mapping: no column '%s' in the first files, so it is null%s%s%s",
                name, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
  }
  free(names);
}

/* All columns that the first parts have, wanted or not. */
static void look_for_wanted(struct pipeline *pipeline, const struct sluice_part *parts, size_t n) {
  struct ArrowSchema seen = {0};
  int code = SLUICE_OK;
  for (size_t i = 0; i < n && !code; i++) {
    struct sluice_error why = {0};
    struct ArrowSchema one = {0};
    bool evidence;
    if (schema_of_part(pipeline, &parts[i], NULL, &one, &evidence, &why))
      continue; /* not readable: that is said elsewhere */
    if (one.n_children > 0)
      code = merge_into(&seen, &one, &why);
    sluice_schema_release(&one);
  }
  if (!code && seen.n_children > 0)
    warn_of_missing(pipeline, &seen);
  sluice_schema_release(&seen);
}

int schema_look(struct pipeline *pipeline, const struct sluice_part *parts, size_t n, struct ArrowSchema *out,
                struct sluice_error *err) {
  struct found found = {0};
  int code = SLUICE_OK;
  size_t good = 0, looked = 0;
  for (; looked < n && good < ENOUGH_PARTS && !code; looked++) {
    struct sluice_error why = {0};
    code = add_part(pipeline, &parts[looked], &found, &why);
    good += code == SLUICE_OK;
    if (code && is_fatal(code))
      *err = why;
    else
      code = SLUICE_OK; /* the worker that reads this part says what is wrong with it */
  }
  if (!code && pipeline->want.release)
    look_for_wanted(pipeline, parts, looked);
  struct ArrowSchema *schema = found.sure.release ? &found.sure : &found.guess;
  if (!code && schema->release && schema->n_children > 0) {
    schema_allow_nulls(schema);
    sluice_schema_move(schema, out);
  }
  sluice_schema_release(&found.sure);
  sluice_schema_release(&found.guess);
  return code;
}
