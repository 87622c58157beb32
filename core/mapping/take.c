/* Taking columns, and fields of columns, out of a batch. */
#include "core/mapping/internal.h"
#include <stdlib.h>

int mapping_reject(struct job *job, int64_t row, const char *reason) {
  if (!job->keep[row])
    return SLUICE_OK; /* its first reason is enough */
  struct sluice_reject record = {
      .struct_size = sizeof record, .seq = job->seq, .row = row, .offset = -1, .column = job->column, .reason = reason};
  int code = job->rejects->add(job->rejects, &record, job->err);
  if (!code)
    job->keep[row] = 0;
  return code;
}

int mapping_on_misfit(void *context, int64_t row, const char *column, const char *reason) {
  (void)column;
  return mapping_reject(context, row, reason);
}

int mapping_take(struct job *job, int64_t i, struct ArrowArray *out) {
  struct ArrowArray *child = job->in->children[i];
  bool whole = job->in->offset == 0 && child->length == job->in->length;
  if (whole && job->bound->uses[i] == 1) {
    sluice_array_move(child, out);
    return SLUICE_OK;
  }
  int code = sluice_array_share(child);
  return code ? code : sluice_array_slice(child, job->in->offset, job->in->length, out);
}

/* Runs of rows and single values, put together anew. */
static int join(const struct ArrowSchema *field, struct ArrowArray *array, const uint8_t *replace,
                const struct ArrowArray *value, struct ArrowArray *slices, const struct ArrowArray **pieces,
                struct ArrowArray *out, struct sluice_error *err) {
  int64_t n = 0;
  for (int64_t i = 0; i < array->length; n++) {
    int64_t start = i;
    while (i < array->length && !replace[i])
      i++;
    int code = i > start ? sluice_array_slice(array, start, i - start, &slices[n]) : SLUICE_OK;
    if (code)
      return code;
    pieces[n] = i > start ? &slices[n] : value;
    i += i == start;
  }
  return sluice_array_concat(field, pieces, n, out, err);
}

int mapping_replace(const struct ArrowSchema *field, struct ArrowArray *array, const uint8_t *replace,
                    const struct ArrowArray *value, struct sluice_error *err) {
  size_t rows = (size_t)array->length;
  if (!memchr(replace, 1, rows))
    return SLUICE_OK;
  struct ArrowArray *slices = calloc(rows + 1, sizeof *slices), joined;
  const struct ArrowArray **pieces = calloc(rows + 1, sizeof *pieces);
  int code = slices && pieces ? sluice_array_share(array) : SLUICE_ERR_MEMORY;
  if (!code)
    code = join(field, array, replace, value, slices, pieces, &joined, err);
  for (size_t i = 0; slices && i < rows; i++)
    sluice_array_release(&slices[i]);
  free(slices);
  free((void *)pieces);
  if (code)
    return code;
  sluice_array_release(array);
  sluice_array_move(&joined, array);
  return SLUICE_OK;
}

/* ---- into structs ---- */

/* Child i, cut to the rows of its parent, in the parent's place. */
static int step_into(struct ArrowArray *array, int64_t i, uint8_t *hidden) {
  struct ArrowArray child;
  for (int64_t row = 0; row < array->length; row++)
    hidden[row] |= sluice_is_null(array, row);
  int code = sluice_array_share(array);
  if (!code)
    code = sluice_array_slice(array->children[i], array->offset, array->length, &child);
  if (code)
    return code;
  sluice_array_release(array);
  sluice_array_move(&child, array);
  return SLUICE_OK;
}

/* What a null struct has for this field is no value. */
static int hide(const struct ArrowSchema *field, struct ArrowArray *array, uint8_t *hidden, struct sluice_error *err) {
  struct ArrowArray null = {0};
  for (int64_t row = 0; row < array->length; row++)
    if (sluice_is_null(array, row))
      hidden[row] = 0;
  if (!memchr(hidden, 1, (size_t)array->length))
    return SLUICE_OK;
  int code = sluice_array_nulls(field, 1, &null);
  if (!code)
    code = mapping_replace(field, array, hidden, &null, err);
  sluice_array_release(&null);
  return code;
}

/* The schema of what the way leads to, as it came. */
static const struct ArrowSchema *field_at(const struct ArrowSchema *in, const struct way *way) {
  for (int i = 0; i < way->n; i++)
    in = in->children[way->steps[i]];
  return in;
}

static int take_field(struct job *job, const struct leaf *leaf, struct ArrowArray *array) {
  struct ArrowArray plain = {0};
  uint8_t *hidden = calloc((size_t)array->length + 1, 1);
  int code = hidden ? SLUICE_OK : SLUICE_ERR_MEMORY;
  for (int i = 1; i < leaf->way.n && !code; i++)
    code = step_into(array, leaf->way.steps[i], hidden);
  if (!code)
    code = sluice_cast(field_at(&job->bound->in, &leaf->way), array, &leaf->found, NULL, NULL, &plain, job->err);
  if (!code)
    sluice_array_move(&plain, array);
  if (!code)
    code = hide(&leaf->found, array, hidden, job->err);
  free(hidden);
  return code;
}

int mapping_take_leaf(struct job *job, const struct leaf *leaf, struct ArrowArray *out) {
  struct ArrowArray array = {0};
  int code = mapping_take(job, leaf->way.steps[0], &array);
  if (!code && (leaf->way.n > 1 || leaf->plain))
    code = take_field(job, leaf, &array);
  if (code)
    sluice_array_release(&array);
  else
    sluice_array_move(&array, out);
  return code;
}
