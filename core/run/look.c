/* Looking at the first parts: which columns there are, and of which types. */
#include "core/run/look.h"
#include "core/base/nearest.h"
#include "core/log/log.h"
#include "core/run/batch.h"
#include "core/run/selection.h"
#include "core/schema/schema.h"
#include <stdlib.h>

enum { ENOUGH_PARTS = 4 };

int schema_hash(const struct pipeline *pipeline, char out[HASH_SIZE]) {
  const struct config_job *job = pipeline->job;
  bool keeps = pipeline->mapping && job->keep_unmapped; /* then rules that bring nothing matter too */
  char *json = NULL, rules[HASH_SIZE] = "";
  int code = pipeline->want.release ? schema_to_json(&pipeline->want, &json) : SLUICE_OK;
  if (!code && keeps)
    code = config_hash(job->mapping_value, rules);
  const char *asks = job->evolution.changed == CONFIG_CHANGED_RESCUE ? "text" : "types"; /* they cut other batches */
  const char *texts[] = {json, pipeline->decode_hash, rules, job->evolution.rescue_column, asks};
  if (!code)
    code = hash_texts(texts, job->evolution.rescue_column ? 5 : keeps ? 3 : 2, out);
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
  const char *rescue = pipeline->job->evolution.rescue_column;
  struct ArrowSchema none;
  int64_t n = want->release ? want->n_children : 0;
  int code = sluice_schema_nested(&none, "+s", "", 0, n + (rescue != NULL));
  if (code)
    return code;
  for (int64_t i = 0; i < n && !code; i++) {
    const struct ArrowSchema *column = want->children[i];
    code = sluice_schema_init(none.children[i], column->format[0] ? column->format : "u", column->name,
                              ARROW_FLAG_NULLABLE);
  }
  if (!code && rescue)
    code = sluice_schema_init(none.children[n], "u", rescue, ARROW_FLAG_NULLABLE);
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

static int read_first(struct sluice_reader *reader, const char *part, struct ArrowSchema *schema,
                      struct sluice_batch *batch, struct sluice_error *err) {
  int code = reader->schema(reader, schema, err);
  if (!code)
    code = sluice_schema_validate(schema, err);
  if (!code)
    code = reader->next(reader, batch, err);
  if (code == SLUICE_OK)
    code = batch_check(schema, &batch->array, part, err);
  return code == SLUICE_END ? SLUICE_OK : code;
}

int schema_first_batch(struct pipeline *pipeline, const struct sluice_part *part, const struct ArrowSchema *want,
                       struct ArrowSchema *out, struct sluice_batch *batch, struct sluice_error *err) {
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
    code = read_first(&reader, part->name, &schema, batch, err);
  if (!code)
    sluice_schema_move(&schema, out);
  sluice_schema_release(&schema);
  if (reader.release)
    reader.release(&reader);
  pipeline_part_release(&opened);
  return code;
}

/* Without a record types are guesses that must not spoil those of other parts. */
int schema_of_part(struct pipeline *pipeline, const struct sluice_part *part, const struct ArrowSchema *want,
                   struct ArrowSchema *out, bool *evidence, struct sluice_error *err) {
  struct sluice_batch batch;
  batch_init(&batch);
  int code = schema_first_batch(pipeline, part, want, out, &batch, err);
  if (!code)
    *evidence = batch.array.release;
  batch_release(&batch);
  return code;
}

/* What was found so far: by parts with records, and by parts without, which only count where there is nothing else. */
struct found {
  struct ArrowSchema sure, guess;
  size_t sure_parts;
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

/* What ends the run rather than the part. */
static bool is_fatal(int code) {
  return code == SLUICE_ERR_CONFIG || code == SLUICE_ERR_AUTH || code == SLUICE_ERR_CANCELLED ||
         code == SLUICE_ERR_MEMORY || code == SLUICE_ERR_BUG || code == SLUICE_ERR_RETRY;
}

static int add_part(struct pipeline *pipeline, const struct sluice_part *part, const struct ArrowSchema *want,
                    struct found *found, struct sluice_error *err) {
  struct ArrowSchema one = {0};
  bool evidence = false;
  watch_looking(pipeline->watch, part->name, part->version);
  struct sluice_error why = {0};
  int code = schema_of_part(pipeline, part, want, &one, &evidence, &why);
  if (code == SLUICE_ERR_CHANGED) { /* whoever reads it takes it as it is now, too */
    struct sluice_part now = *part;
    now.version = NULL;
    code = schema_of_part(pipeline, &now, want, &one, &evidence, err);
  } else if (code) {
    *err = why;
  }
  found->sure_parts += evidence;
  if (!code)
    code = merge_into(evidence ? &found->sure : &found->guess, &one, err);
  sluice_schema_release(&one);
  return code;
}

/* Adds parts until a few with records could be read. What is wrong with the others is said by the worker that reads
 * them. */
static int add_parts(struct pipeline *pipeline, const struct sluice_part *parts, size_t n,
                     const struct ArrowSchema *want, struct found *found, struct sluice_error *err) {
  int code = SLUICE_OK;
  for (size_t i = 0; i < n && found->sure_parts < ENOUGH_PARTS && !code; i++) {
    struct sluice_error why = {0};
    code = add_part(pipeline, &parts[i], want, found, &why);
    if (code && is_fatal(code))
      *err = why;
    else
      code = SLUICE_OK;
  }
  return code;
}

static struct ArrowSchema *best_of(struct found *found) {
  return found->sure.release ? &found->sure : &found->guess;
}

static void found_finish(struct found *found) {
  sluice_schema_release(&found->sure);
  sluice_schema_release(&found->guess);
}

/* Columns that some file has and another has not may be null in any. */
static bool take_best(struct found *found, struct ArrowSchema *out) {
  struct ArrowSchema *schema = best_of(found);
  if (!schema->release || schema->n_children == 0)
    return false;
  schema_allow_nulls(schema);
  sluice_schema_move(schema, out);
  return true;
}

int schema_see(struct pipeline *pipeline, const struct sluice_part *parts, size_t n, struct ArrowSchema *out,
               struct sluice_error *err) {
  struct found all = {0};
  int code = add_parts(pipeline, parts, n, NULL, &all, err);
  if (!code && all.sure.release)
    code = selection_check(pipeline, &all.sure, err);
  if (!code)
    take_best(&all, out);
  found_finish(&all);
  return code;
}

/* ---- with a mapping: which columns there are decides what is asked for ---- */

void schema_missing_text(const struct ArrowSchema *seen, const char *name, bool excluded, char *out, size_t size) {
  const char **names = calloc((size_t)seen->n_children + 1, sizeof *names);
  for (int64_t i = 0; names && i < seen->n_children; i++)
    names[i] = seen->children[i]->name;
  const char *near = names ? nearest_name(name, names, (size_t)seen->n_children) : NULL;
  snprintf(out, size, "no column '%s' in the first files, so %s%s%s%s", name,
           excluded ? "nothing is excluded" : "it is null", near ? "; did you mean '" : "", near ? near : "",
           near ? "'?" : "");
  free(names);
}

struct warning {
  const struct pipeline *pipeline;
  const struct ArrowSchema *seen;
};

/* What a mapping names and no part has is null in every record: most likely a slip, so it is said. */
static int warn_of_missing(void *context, const char *name, bool excluded) {
  const struct warning *w = context;
  char text[400];
  schema_missing_text(w->seen, name, excluded, text, sizeof text);
  log_write(SLUICE_WARN, w->pipeline->job->name, "mapping: %s", text);
  return SLUICE_OK;
}

static int find_want(struct pipeline *pipeline, const struct sluice_part *parts, size_t n, struct ArrowSchema *out,
                     struct sluice_error *err) {
  struct ArrowSchema seen = {0};
  struct warning warning = {pipeline, &seen};
  int code = schema_see(pipeline, parts, n, &seen, err);
  if (!code && seen.release)
    code = mapping_missing(pipeline->mapping, &seen, warn_of_missing, &warning);
  if (!code)
    code = mapping_want(pipeline->mapping, seen.release ? &seen : NULL, out);
  sluice_schema_release(&seen);
  return code;
}

/* ---- the column for what is rescued ---- */

static int add_rescue_column(const struct pipeline *pipeline, struct ArrowSchema *schema, struct sluice_error *err) {
  const char *name = pipeline->job->evolution.rescue_column;
  struct ArrowSchema rescue = {0}, grown;
  if (!name)
    return SLUICE_OK;
  if (sluice_schema_find(schema, name) >= 0)
    return sluice_fail(
        err, SLUICE_ERR_CONFIG, pipeline->job->name,
        "the files have a column '%s', where the job puts what it rescues: choose another rescue_column in "
        "`evolution`",
        name);
  int code = sluice_schema_nested(&rescue, "+s", "", 0, 1);
  if (!code)
    code = sluice_schema_init(rescue.children[0], "u", name, ARROW_FLAG_NULLABLE);
  if (!code)
    code = schema_append(schema, &rescue, &grown);
  sluice_schema_release(&rescue);
  if (code)
    return code;
  sluice_schema_release(schema);
  sluice_schema_move(&grown, schema);
  return SLUICE_OK;
}

static int look_at(struct pipeline *pipeline, const struct sluice_part *parts, size_t n, struct ArrowSchema *out,
                   bool *sure, struct sluice_error *err) {
  struct found found = {0};
  struct ArrowSchema want = {0}, schema = {0};
  int code = pipeline->mapping ? find_want(pipeline, parts, n, &want, err) : SLUICE_OK;
  if (!code)
    code = add_parts(pipeline, parts, n, pipeline->mapping ? &want : NULL, &found, err);
  if (!code && !pipeline->mapping && found.sure.release)
    code = selection_check(pipeline, &found.sure, err);
  bool any = !code && take_best(&found, &schema);
  if (any)
    code = add_rescue_column(pipeline, &schema, err);
  if (any && !code)
    sluice_schema_move(&schema, out);
  if (any && !code && sure)
    *sure = found.sure_parts > 0;
  sluice_schema_release(&schema);
  sluice_schema_release(&want);
  found_finish(&found);
  return code;
}

int schema_look(struct pipeline *pipeline, const struct sluice_part *parts, size_t n, struct ArrowSchema *out,
                bool *sure, struct sluice_error *err) {
  struct sluice_part *chosen = malloc((n + 1) * sizeof *chosen);
  if (!chosen)
    return sluice_fail(err, SLUICE_ERR_MEMORY, pipeline->job->name, "no memory");
  int code = look_at(pipeline, chosen, avoid_choose(pipeline->avoided, parts, n, chosen), out, sure, err);
  free(chosen);
  return code;
}
