/* Batches of a reader to the job's schema. */
#include "core/run/conform.h"
#include "core/run/record.h"
#include <stdlib.h>

struct conform {
  const struct ArrowSchema *from, *to;
  const char *part;
  bool same;
  int64_t *columns; /* of `from`, for each of `to`; -1: missing */
};
struct job { /* of one conform_apply */
  const struct conform *conform;
  const struct ArrowArray *source; /* the batch as it came */
  const struct sluice_batch *batch;
  struct sluice_rejects *rejects;
  uint8_t *keep;
  const char *column;
  struct sluice_error *err;
};

const char *conform_extra(const struct ArrowSchema *from, const struct ArrowSchema *to) {
  for (int64_t i = 0; i < from->n_children; i++)
    if (sluice_schema_find(to, from->children[i]->name) < 0)
      return from->children[i]->name;
  return NULL;
}

static int check_column(struct conform *c, int64_t i, struct sluice_error *err) {
  const struct ArrowSchema *to = c->to->children[i];
  c->columns[i] = sluice_schema_find(c->from, to->name);
  if (c->columns[i] >= 0)
    return sluice_cast_check(c->from->children[c->columns[i]], to, err);
  if (to->flags & ARROW_FLAG_NULLABLE)
    return SLUICE_OK;
  return sluice_fail(err, SLUICE_ERR_DATA, c->part,
                     "column '%s' is missing, and the job's schema does not allow nulls in it", to->name);
}

int conform_create(const struct ArrowSchema *from, const struct ArrowSchema *to, const char *part, struct conform **out,
                   struct sluice_error *err) {
  struct conform *c = calloc(1, sizeof *c);
  if (!c)
    return sluice_fail(err, SLUICE_ERR_MEMORY, part, "no memory");
  *c = (struct conform){from, to, part, sluice_schema_equal(from, to),
                        calloc((size_t)to->n_children + 1, sizeof *c->columns)};
  int code = c->columns ? SLUICE_OK : sluice_fail(err, SLUICE_ERR_MEMORY, part, "no memory");
  for (int64_t i = 0; i < to->n_children && !code && !c->same; i++)
    code = check_column(c, i, err);
  if (code)
    conform_destroy(c);
  else
    *out = c;
  return code;
}

void conform_destroy(struct conform *c) {
  if (!c)
    return;
  free(c->columns);
  free(c);
}

static int on_misfit(void *context, int64_t row, const char *column, const char *reason) {
  struct job *job = context;
  (void)column;
  if (!job->keep[row])
    return SLUICE_OK;
  struct text raw = {0};
  int code = record_json(job->conform->from, job->source, row, &raw, job->err);
  struct sluice_reject reject = {.struct_size = sizeof reject,
                                 .row = batch_ordinal(job->batch, row),
                                 .offset = -1,
                                 .column = job->column,
                                 .reason = reason,
                                 .raw = text_get(&raw),
                                 .raw_size = raw.size};
  if (!code)
    code = job->rejects->add(job->rejects, &reject, job->err);
  if (!code)
    job->keep[row] = 0;
  text_finish(&raw);
  return code;
}

static int convert_column(struct job *job, int64_t i, struct ArrowArray *out) {
  const struct conform *c = job->conform;
  const struct ArrowSchema *to = c->to->children[i];
  int64_t n = job->source->length;
  if (c->columns[i] < 0)
    return sluice_array_nulls(to, n, out);
  struct ArrowArray *child = job->source->children[c->columns[i]], slice = {0};
  int code = sluice_array_share(child);
  if (!code)
    code = sluice_array_slice(child, job->source->offset, n, &slice);
  job->column = to->name;
  if (!code)
    code = sluice_cast(c->from->children[c->columns[i]], &slice, to, on_misfit, job, out, job->err);
  if (code)
    sluice_array_release(&slice);
  return code;
}

static int convert(struct job *job, struct ArrowArray *out) {
  int64_t n = job->conform->to->n_children;
  struct ArrowArray *children = calloc((size_t)n + 1, sizeof *children);
  struct sluice_buffer validity = {0};
  int code = children ? SLUICE_OK : SLUICE_ERR_MEMORY;
  for (int64_t i = 0; i < n && !code; i++)
    code = convert_column(job, i, &children[i]);
  if (!code)
    code = sluice_array_adopt(out, job->source->length, 0, &validity, 1, children, n, NULL);
  for (int64_t i = 0; children && i < n; i++)
    sluice_array_release(&children[i]);
  free(children);
  return code;
}

int conform_drop_rows(const struct ArrowSchema *schema, struct sluice_batch *batch, const uint8_t *keep,
                      struct sluice_error *err) {
  int64_t kept = 0, n = 0;
  for (int64_t i = 0; i < batch->array.length; i++)
    kept += keep[i] != 0;
  if (kept == batch->array.length)
    return SLUICE_OK;
  struct ArrowArray filtered = {0};
  int64_t *origin = malloc((size_t)(kept + 1) * sizeof *origin);
  int code = origin ? sluice_array_filter(schema, &batch->array, keep, &filtered, err) : SLUICE_ERR_MEMORY;
  for (int64_t i = 0; i < batch->array.length && !code; i++)
    if (keep[i])
      origin[n++] = batch_ordinal(batch, i);
  if (!code)
    code = batch_attach(&filtered, origin);
  if (code) {
    sluice_array_release(&filtered);
    free(origin);
    return code;
  }
  batch_release(batch);
  batch->array = filtered;
  batch->origin = origin;
  return SLUICE_OK;
}

int conform_apply(const struct conform *c, struct sluice_batch *batch, struct sluice_rejects *rejects,
                  struct sluice_error *err) {
  if (c->same)
    return SLUICE_OK;
  struct ArrowArray out = {0};
  int64_t *origin = NULL;
  uint8_t *keep = malloc((size_t)batch->array.length + 1);
  int code = keep ? batch_copy_origin(batch, &origin) : SLUICE_ERR_MEMORY;
  struct job job = {c, &batch->array, batch, rejects, keep, NULL, err};
  if (!code) {
    memset(keep, 1, (size_t)batch->array.length);
    code = convert(&job, &out);
  }
  if (!code && origin)
    code = batch_attach(&out, origin);
  if (code) {
    free(origin);
    sluice_array_release(&out);
  } else {
    batch_release(batch);
    batch->array = out;
    batch->origin = origin;
    code = conform_drop_rows(c->to, batch, keep, err);
  }
  free(keep);
  return sluice_fail(err, code, c->part, "no memory");
}
