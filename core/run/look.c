/* Looking at the first parts: which columns there are, and of which types. */
#include "core/run/look.h"
#include "core/base/nearest.h"
#include "core/run/batch.h"
#include "core/run/looking.h"
#include "core/run/selection.h"
#include "core/schema/schema.h"
#include <stdlib.h>

enum { ENOUGH_PARTS = 4 };

/* In what these are lists or maps of, too; the entries of maps, their keys and what is in unions stay as they are. */
static void allow_nulls_within(struct ArrowSchema *field) {
  bool map = strcmp(field->format, "+m") == 0 && field->n_children == 1 && field->children[0]->n_children == 2;
  if (strcmp(field->format, "+s") == 0)
    schema_allow_nulls(field);
  else if (map)
    allow_nulls_within(field->children[0]->children[1]);
  else if (field->n_children == 1)
    allow_nulls_within(field->children[0]);
}

void schema_allow_nulls(struct ArrowSchema *schema) {
  for (int64_t i = 0; i < schema->n_children; i++) {
    schema->children[i]->flags |= ARROW_FLAG_NULLABLE;
    allow_nulls_within(schema->children[i]);
  }
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

int found_add(struct pipeline *pipeline, const struct sluice_part *parts, size_t n, const struct ArrowSchema *want,
              struct found *found, struct sluice_error *err) {
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

struct ArrowSchema *found_best(struct found *found) {
  return found->sure.release ? &found->sure : &found->guess;
}

void found_finish(struct found *found) {
  sluice_schema_release(&found->sure);
  sluice_schema_release(&found->guess);
}

bool found_take(struct found *found, struct ArrowSchema *out) {
  struct ArrowSchema *schema = found_best(found);
  if (!schema->release || schema->n_children == 0)
    return false;
  schema_allow_nulls(schema);
  sluice_schema_move(schema, out);
  return true;
}

int schema_see(struct pipeline *pipeline, const struct sluice_part *parts, size_t n, struct ArrowSchema *out,
               struct sluice_error *err) {
  struct found all = {0};
  int code = found_add(pipeline, parts, n, NULL, &all, err);
  if (!code && all.sure.release)
    code = selection_check(pipeline, &all.sure, err);
  if (!code)
    found_take(&all, out);
  found_finish(&all);
  return code;
}

void schema_missing_text(const struct ArrowSchema *seen, const struct mapping *mapping, const char *name, char *out,
                         size_t size) {
  char becomes[120];
  const char **names = calloc((size_t)seen->n_children + 1, sizeof *names);
  for (int64_t i = 0; names && i < seen->n_children; i++)
    names[i] = seen->children[i]->name;
  const char *near = names ? nearest_name(name, names, (size_t)seen->n_children) : NULL;
  mapping_without(mapping, name, becomes, sizeof becomes);
  snprintf(out, size, "no column '%s' in the first files, so %s%s%s%s", name, becomes, near ? "; did you mean '" : "",
           near ? near : "", near ? "'?" : "");
  free(names);
}
