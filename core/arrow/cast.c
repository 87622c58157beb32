/* Casting whole arrays: the public side. */
#include "cast.h"
#include <stdlib.h>

int sluice_cast_check(const struct ArrowSchema *from, const struct ArrowSchema *to, struct sluice_error *err) {
  struct path top = {NULL, to->name, 0};
  struct cast *c = NULL;
  int status = cast_plan(from, to, CAST_ALL_FIELDS, &top, &c, err);
  cast_destroy(c);
  return status;
}

/* The path of a column in its batch. */
static struct path column_path(const struct path *batch, const struct ArrowSchema *column) {
  return (struct path){batch, column->name, 1};
}

int sluice_cast_within_check(const struct ArrowSchema *from, const struct ArrowSchema *to, struct sluice_error *err) {
  struct path batch = {NULL, "", 0}, column = column_path(&batch, to);
  struct cast *c = NULL;
  int status = cast_plan(from, to, CAST_KNOWN_FIELDS, &column, &c, err);
  cast_destroy(c);
  return status;
}

/* Values 0..n-1 of an array, cast by a plan. */
static int run(struct cast *c, const struct ArrowArray *array, int64_t n, const struct cast_job *job,
               struct ArrowArray *out) {
  struct sluice_builder *b = NULL;
  int status = sluice_builder_create(c->to_schema, &b, job->err);
  if (status == SLUICE_OK)
    status = cast_bind(c, b, job);
  if (status == SLUICE_OK)
    status = c->step(c, array, 0, n, (struct rows){0, 1});
  if (status == SLUICE_OK)
    status = sluice_builder_finish(b, out, job->err);
  sluice_builder_destroy(b);
  if (status == SLUICE_ERR_MEMORY)
    return sluice_fail(job->err, status, c->column, "no memory for a cast, or a column over 2 GiB");
  return status;
}

/* A batch: a struct whose columns can be taken one by one. */
static bool has_columns(const struct cast *c, const struct ArrowArray *array) {
  return c->step == cast_struct && array->offset == 0 && !array->buffers[0];
}

static int cast_column(const struct cast *c, int64_t i, const struct ArrowArray *array, const struct cast_job *job,
                       struct ArrowArray *out) {
  struct cast *child = c->children[i];
  if (!child)
    return sluice_array_nulls(c->to_schema->children[i], array->length, out);
  return run(child, array->children[c->source[i]], array->length, job, out);
}

static bool can_move(const struct cast *c, int64_t i) {
  struct cast *child = c->children[i];
  return child && cast_same_type(child->from_schema, child->to_schema, true);
}

/* Columns whose type stays are moved at the very end, when nothing can fail but the last step, which gives them back.
 */
static int run_columns(const struct cast *c, struct ArrowArray *array, const struct cast_job *job,
                       struct ArrowArray *out) {
  int64_t n = c->n_children;
  struct sluice_buffer validity = {0};
  struct ArrowArray *columns = calloc((size_t)n + 1, sizeof *columns);
  if (!columns)
    return sluice_fail(job->err, SLUICE_ERR_MEMORY, NULL, "no memory for a cast");
  int status = SLUICE_OK;
  for (int64_t i = 0; status == SLUICE_OK && i < n; i++)
    if (!can_move(c, i))
      status = cast_column(c, i, array, job, &columns[i]);
  if (status == SLUICE_OK) {
    for (int64_t i = 0; i < n; i++)
      if (can_move(c, i))
        sluice_array_move(array->children[c->source[i]], &columns[i]);
    status = sluice_array_adopt(out, array->length, 0, &validity, 1, columns, n, NULL);
    for (int64_t i = 0; status != SLUICE_OK && i < n; i++)
      if (can_move(c, i))
        sluice_array_move(&columns[i], array->children[c->source[i]]);
    if (status != SLUICE_OK)
      sluice_fail(job->err, status, NULL, "no memory for a cast");
  }
  for (int64_t i = 0; status != SLUICE_OK && i < n; i++)
    sluice_array_release(&columns[i]);
  free(columns);
  return status;
}

/* Takes *array on OK. */
static int cast_all(const struct ArrowSchema *from, struct ArrowArray *array, const struct ArrowSchema *to,
                    enum cast_fields fields, const struct path *path, const struct cast_job *job,
                    struct ArrowArray *out) {
  struct ArrowArray result = {0};
  struct cast *c = NULL;
  if (cast_same_type(from, to, true)) {
    sluice_array_move(array, out);
    return SLUICE_OK;
  }
  int status = cast_plan(from, to, fields, path, &c, job->err);
  if (status != SLUICE_OK)
    return status;
  if (has_columns(c, array))
    status = run_columns(c, array, job, &result);
  else
    status = run(c, array, array->length, job, &result);
  cast_destroy(c);
  if (status != SLUICE_OK)
    return status;
  sluice_array_release(array);
  sluice_array_move(&result, out);
  return SLUICE_OK;
}

int sluice_cast(const struct ArrowSchema *from, struct ArrowArray *array, const struct ArrowSchema *to,
                sluice_misfit_fn *misfit, void *context, struct ArrowArray *out, struct sluice_error *err) {
  struct path top = {NULL, to->name, 0};
  struct cast_job job = {misfit, context, err};
  return cast_all(from, array, to, CAST_ALL_FIELDS, &top, &job, out);
}

int sluice_cast_within(const struct ArrowSchema *from, struct ArrowArray *array, const struct ArrowSchema *to,
                       sluice_misfit_fn *misfit, void *context, struct ArrowArray *out, struct sluice_error *err) {
  struct path batch = {NULL, "", 0}, column = column_path(&batch, to);
  struct cast_job job = {misfit, context, err};
  return cast_all(from, array, to, CAST_KNOWN_FIELDS, &column, &job, out);
}
