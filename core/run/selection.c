/* Filters of jobs, put to batches. A reader that was asked for text, so that what does not fit can be rescued, gives
 * text: then the values are compared as the job's types. */
#include "core/run/selection.h"
#include "core/filter/filter.h"
#include "core/run/conform.h"
#include <stdlib.h>

struct selection {
  const struct ArrowSchema *from;
  struct ArrowSchema typed; /* of what the filter sees */
  bool *cast;               /* of each column: it is compared as another type than it came in */
  bool any_cast;
  struct filter *filter;
  const char *part;
};

static bool reads_as_text(const struct pipeline *pipeline) {
  return pipeline->job->evolution.changed == CONFIG_CHANGED_RESCUE;
}

const struct sluice_where *selection_hint(const struct pipeline *pipeline) {
  return reads_as_text(pipeline) ? NULL : pipeline->job->where; /* a reader would compare texts as texts */
}

int selection_check(const struct pipeline *pipeline, const struct ArrowSchema *seen, struct sluice_error *err) {
  const struct config_job *job = pipeline->job;
  struct filter *filter = NULL;
  struct sluice_error why = {0};
  int code = job->where ? filter_create(job->where, seen, NULL, &filter, &why) : SLUICE_OK;
  filter_destroy(filter);
  return code ? config_value_fail(job->where_value, err, code, "%s", why.message) : code;
}

/* ---- opening ---- */

static bool is_asked(const struct sluice_where *where, const char *column) {
  for (size_t i = 0; i < where->count; i++)
    if (strcmp(where->tests[i].column.items[0], column) == 0)
      return true;
  return false;
}

static const struct ArrowSchema *type_to_compare(const struct selection *s, const struct sluice_where *where,
                                                 const struct ArrowSchema *job, int64_t i) {
  const struct ArrowSchema *column = s->from->children[i];
  int64_t at = sluice_schema_find(job, column->name);
  bool text = strcmp(column->format, "u") == 0 && at >= 0 && strcmp(job->children[at]->format, "u") != 0;
  bool castable = text && sluice_cast_check(column, job->children[at], NULL) == SLUICE_OK;
  return castable && is_asked(where, column->name) ? job->children[at] : NULL;
}

static int settle_types(struct selection *s, const struct sluice_where *where, const struct ArrowSchema *job,
                        bool as_text) {
  int64_t n = s->from->n_children;
  s->cast = calloc((size_t)n + 1, sizeof *s->cast);
  int code = s->cast ? sluice_schema_nested(&s->typed, "+s", "", 0, n) : SLUICE_ERR_MEMORY;
  for (int64_t i = 0; i < n && !code; i++) {
    const struct ArrowSchema *type = as_text ? type_to_compare(s, where, job, i) : NULL;
    s->cast[i] = type != NULL;
    s->any_cast |= s->cast[i];
    code = sluice_schema_copy(type ? type : s->from->children[i], s->typed.children[i]);
  }
  return code;
}

int selection_create(const struct pipeline *pipeline, const struct ArrowSchema *from, const struct ArrowSchema *job,
                     const char *part, struct selection **out, struct sluice_error *err) {
  const struct sluice_where *where = pipeline->job->where;
  *out = NULL;
  if (!where)
    return SLUICE_OK;
  struct selection *s = calloc(1, sizeof *s);
  if (!s)
    return sluice_fail(err, SLUICE_ERR_MEMORY, part, "no memory for the filter");
  *s = (struct selection){.from = from, .part = part};
  int code = settle_types(s, where, job, reads_as_text(pipeline));
  if (!code)
    code = filter_create(where, &s->typed, part, &s->filter, err);
  if (code) {
    selection_destroy(s);
    return sluice_fail(err, code == SLUICE_ERR_CONFIG ? SLUICE_ERR_DATA : code, part, "no memory for the filter");
  }
  *out = s;
  return SLUICE_OK;
}

void selection_destroy(struct selection *s) {
  if (!s)
    return;
  filter_destroy(s->filter);
  sluice_schema_release(&s->typed);
  free(s->cast);
  free(s);
}

/* ---- batches ---- */

/* A value that is none of the job's type is null, so that no comparison is true of it. */
static int on_misfit(void *context, int64_t row, const char *column, const char *reason) {
  (void)context, (void)row, (void)column, (void)reason;
  return SLUICE_OK;
}

static int cast_column(const struct selection *s, struct ArrowArray *batch, int64_t i, struct ArrowArray *out,
                       struct sluice_error *err) {
  struct ArrowArray slice = {0};
  int code = sluice_array_share(batch->children[i]);
  if (!code)
    code = sluice_array_slice(batch->children[i], 0, batch->children[i]->length, &slice);
  if (!code)
    code = sluice_cast(s->from->children[i], &slice, s->typed.children[i], on_misfit, NULL, out, err);
  sluice_array_release(&slice);
  return code;
}

/* The batch with the columns that are compared as another type in place of those that came. */
static int mark_cast(const struct selection *s, struct ArrowArray *batch, uint8_t *keep, int64_t *n,
                     struct sluice_error *err) {
  struct ArrowArray view = *batch;
  struct ArrowArray *cast = calloc((size_t)batch->n_children + 1, sizeof *cast);
  view.children = calloc((size_t)batch->n_children + 1, sizeof *view.children);
  int code = cast && view.children ? SLUICE_OK : SLUICE_ERR_MEMORY;
  for (int64_t i = 0; i < batch->n_children && !code; i++) {
    view.children[i] = s->cast[i] ? &cast[i] : batch->children[i];
    if (s->cast[i])
      code = cast_column(s, batch, i, &cast[i], err);
  }
  if (!code)
    code = filter_apply(s->filter, &view, keep, n);
  for (int64_t i = 0; cast && i < batch->n_children; i++)
    sluice_array_release(&cast[i]);
  free(cast);
  free(view.children);
  return code;
}

static int mark(const struct selection *s, struct sluice_batch *batch, uint8_t *keep, int64_t *n,
                struct sluice_error *err) {
  int code = s->any_cast ? mark_cast(s, &batch->array, keep, n, err) : filter_apply(s->filter, &batch->array, keep, n);
  return code ? sluice_fail(err, code, s->part, "no memory for the filter") : code;
}

int selection_mark(const struct selection *s, struct sluice_batch *batch, uint8_t *keep, struct sluice_error *err) {
  int64_t n;
  if (s)
    return mark(s, batch, keep, &n, err);
  memset(keep, 1, (size_t)batch->array.length);
  return SLUICE_OK;
}

int selection_apply(const struct selection *s, struct sluice_batch *batch, int64_t *dropped, struct sluice_error *err) {
  int64_t rows = batch->array.length, kept = rows;
  uint8_t *keep = s && rows ? malloc((size_t)rows) : NULL;
  int code = keep || !s || !rows ? SLUICE_OK : sluice_fail(err, SLUICE_ERR_MEMORY, s->part, "no memory for the filter");
  if (!code && keep)
    code = mark(s, batch, keep, &kept, err);
  if (!code && kept < rows)
    code = conform_drop_rows(s->from, batch, keep, err);
  free(keep);
  if (code)
    return sluice_fail(err, code, s->part, "no memory for the filter");
  *dropped = rows - kept;
  return SLUICE_OK;
}
