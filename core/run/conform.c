/* Batches of a reader to the job's schema. */
#include "core/run/conform.h"
#include "core/run/record.h"
#include "core/run/rescue.h"
#include <stdlib.h>

struct conform {
  const struct ArrowSchema *from, *to;
  const char *part;
  bool same;
  int64_t *columns; /* of `from`, for each of `to`; -1: missing */
  bool *hopeless;   /* of each of `to`: no value of its column can fit, so that all are rescued */
  struct conform_rescue how;
  struct rescue *rescue; /* NULL: nothing is rescued */
  int64_t rescued;       /* its column in `to` */
};
struct job { /* of one conform_apply */
  const struct conform *conform;
  const struct ArrowArray *source; /* the batch as it came */
  const struct sluice_batch *batch;
  struct sluice_rejects *rejects;
  uint8_t *keep;
  int64_t column;                 /* of `to`, in work */
  const struct ArrowArray *array; /* the values of that column as they came */
  struct sluice_error *err;
};

/* ---- opening ---- */

static int cannot_be(const struct conform *c, int64_t i, int code, const struct sluice_error *why,
                     struct sluice_error *err) {
  char found[96], wanted[96];
  const struct ArrowSchema *to = c->to->children[i];
  if (strcmp(why->where, to->name) != 0)
    return sluice_fail(err, code, c->part, "column '%s' is of another type in this file than in the job's schema: %s",
                       why->where, why->message);
  sluice_type_name(c->from->children[c->columns[i]]->format, found, sizeof found);
  sluice_type_name(to->format, wanted, sizeof wanted);
  return sluice_fail(err, code, c->part, "column '%s' is %s in this file, and %s in the job's schema: %s", to->name,
                     found, wanted, why->message);
}

static int check_column(struct conform *c, int64_t i, struct sluice_error *err) {
  const struct ArrowSchema *to = c->to->children[i];
  struct sluice_error why = {0};
  c->columns[i] = sluice_schema_find(c->from, to->name);
  if (c->columns[i] >= 0) {
    int code = sluice_cast_within_check(c->from->children[c->columns[i]], to, &why);
    c->hopeless[i] = code == SLUICE_ERR_UNSUPPORTED && c->how.changed;
    return !code || c->hopeless[i] ? SLUICE_OK : cannot_be(c, i, code, &why, err);
  }
  if (to->flags & ARROW_FLAG_NULLABLE)
    return SLUICE_OK;
  return sluice_fail(err, SLUICE_ERR_DATA, c->part,
                     "column '%s' is missing, and the job's schema does not allow nulls in it", to->name);
}

struct opening {
  const struct conform *conform;
  struct sluice_error *err;
};

/* The job has no place for its values. */
static int on_new(void *context, const struct schema_new *new) {
  const struct opening *o = context;
  const struct conform *c = o->conform;
  const struct mapping *mapping = c->how.mapping;
  const char *column = c->from->children[new->way[0]]->name;
  char type[96];
  if (mapping && (!mapping_keeps(mapping, column) || !mapping_keeps(mapping, new->path)))
    return SLUICE_OK;
  if (!new->repeated)
    return rescue_always(c->rescue, new);
  sluice_type_name(new->field->format, type, sizeof type);
  return sluice_fail(o->err, SLUICE_ERR_DATA, c->part,
                     "column '%.160s' (%s) is new in the records of a list or map, of which none can be rescued alone: "
                     "set evolution.new = \"add\", or \"ignore\"",
                     new->path, type);
}

/* A column of the file's own under that name would be lost, or taken for what was rescued. */
static int open_rescue(struct conform *c, struct sluice_error *err) {
  c->rescued = sluice_schema_find(c->to, c->how.column);
  if (c->rescued < 0 || sluice_schema_find(c->from, c->how.column) >= 0)
    return sluice_fail(err, SLUICE_ERR_DATA, c->part,
                       "it has a column '%s', where the job puts what it rescues: choose another rescue_column in "
                       "`evolution`",
                       c->how.column);
  int code = rescue_create(c->from, &c->rescue, err);
  if (!code && c->how.fresh)
    code = schema_find_new(c->to, c->from, on_new, &(struct opening){c, err});
  return sluice_fail(err, code, c->part, "no memory for what is rescued");
}

int conform_create(const struct ArrowSchema *from, const struct ArrowSchema *to, const char *part,
                   const struct conform_rescue *rescue, struct conform **out, struct sluice_error *err) {
  struct conform *c = calloc(1, sizeof *c);
  if (!c)
    return sluice_fail(err, SLUICE_ERR_MEMORY, part, "no memory");
  *c = (struct conform){.from = from, .to = to, .part = part, .rescued = -1};
  c->how = rescue ? *rescue : (struct conform_rescue){0};
  c->columns = calloc((size_t)to->n_children + 1, sizeof *c->columns);
  c->hopeless = calloc((size_t)to->n_children + 1, sizeof *c->hopeless);
  c->same = !rescue && sluice_schema_equal(from, to);
  int code = c->columns && c->hopeless ? SLUICE_OK : sluice_fail(err, SLUICE_ERR_MEMORY, part, "no memory");
  if (!code && rescue)
    code = open_rescue(c, err);
  for (int64_t i = 0; i < to->n_children && !code && !c->same; i++)
    if (i != c->rescued)
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
  rescue_destroy(c->rescue);
  free(c->columns);
  free(c->hopeless);
  free(c);
}

/* ---- values that do not fit ---- */

static int reject(struct job *job, int64_t row, const char *column, const char *reason) {
  if (!job->keep[row])
    return SLUICE_OK;
  struct text raw = {0};
  int code = record_json(job->conform->from, job->source, row, &raw, job->err);
  struct sluice_reject record = {.struct_size = sizeof record,
                                 .row = batch_ordinal(job->batch, row),
                                 .offset = -1,
                                 .column = column,
                                 .reason = reason,
                                 .raw = text_get(&raw),
                                 .raw_size = raw.size};
  if (!code)
    code = job->rejects->add(job->rejects, &record, job->err);
  if (!code)
    job->keep[row] = 0;
  text_finish(&raw);
  return code;
}

bool conform_is_empty(const struct ArrowSchema *field, const struct ArrowArray *array, int64_t row) {
  const int32_t *ends = array->buffers[1];
  int64_t i = array->offset + row;
  return strcmp(field->format, "u") == 0 && ends[i] == ends[i + 1];
}

/* The path within the column; its name alone where the path is cut short before it ends. */
static const char *path_in(const struct ArrowSchema *column, const char *path) {
  return path && strncmp(column->name, path, strlen(path)) != 0 ? path : column->name;
}

/* What decoders take for null in a column of numbers, an empty text, is no value that was lost. */
static int on_misfit(void *context, int64_t row, const char *column, const char *reason) {
  struct job *job = context;
  const struct conform *c = job->conform;
  int64_t from = c->columns[job->column];
  if (!c->how.changed)
    return reject(job, row, path_in(c->to->children[job->column], column), reason);
  if (!conform_is_empty(c->from->children[from], job->array, row))
    rescue_mark(c->rescue, from, row);
  return SLUICE_OK;
}

static int on_unwritable(void *context, int64_t row, const char *column, const char *reason) {
  return reject(context, row, column, reason);
}

/* ---- columns ---- */

/* Truth values from text as decoders read them: 0 and 1 beside the words. */
static int read_flag(struct job *job, const struct ArrowArray *array, int64_t row, struct sluice_builder *out) {
  const int32_t *ends = array->buffers[1];
  int64_t i = array->offset + row;
  const char *text = (const char *)array->buffers[2] + (ends[i] == ends[i + 1] ? 0 : ends[i]);
  size_t n = (size_t)(ends[i + 1] - ends[i]);
  bool digit = n == 1 && (text[0] == '0' || text[0] == '1'), value = digit && text[0] == '1';
  if (sluice_is_null(array, row))
    return sluice_builder_null(out);
  if (digit || (n && sluice_parse_bool(text, n, &value)))
    return sluice_builder_int(out, value);
  int code = on_misfit(job, row, NULL, NULL);
  return code ? code : sluice_builder_null(out);
}

static int read_flags(struct job *job, struct ArrowArray *array, const struct ArrowSchema *to, struct ArrowArray *out) {
  struct sluice_builder *builder;
  int code = sluice_builder_create(to, &builder, job->err);
  if (code)
    return code;
  for (int64_t row = 0; row < array->length && !code; row++)
    code = read_flag(job, array, row, builder);
  if (!code)
    code = sluice_builder_finish(builder, out, job->err);
  sluice_builder_destroy(builder);
  return code;
}

static int cast_column(struct job *job, const struct ArrowSchema *from, struct ArrowArray *array,
                       const struct ArrowSchema *to, struct ArrowArray *out) {
  bool flags = strcmp(from->format, "u") == 0 && strcmp(to->format, "b") == 0 && job->conform->how.changed;
  return flags ? read_flags(job, array, to, out) : sluice_cast_within(from, array, to, on_misfit, job, out, job->err);
}

static int convert_column(struct job *job, int64_t i, struct ArrowArray *out) {
  const struct conform *c = job->conform;
  const struct ArrowSchema *to = c->to->children[i];
  int64_t n = job->source->length, from = c->columns[i];
  for (int64_t row = 0; row < n && c->hopeless[i]; row++)
    rescue_mark(c->rescue, from, row);
  if (from < 0 || c->hopeless[i])
    return sluice_array_nulls(to, n, out);
  struct ArrowArray *child = job->source->children[from], slice = {0};
  int code = sluice_array_share(child);
  if (!code)
    code = sluice_array_slice(child, job->source->offset, n, &slice);
  job->column = i;
  job->array = &slice;
  if (!code)
    code = cast_column(job, c->from->children[from], &slice, to, out);
  sluice_array_release(&slice);
  return code;
}

static int convert_all(struct job *job, struct ArrowArray *children) {
  const struct conform *c = job->conform;
  int code = SLUICE_OK;
  if (c->rescue)
    rescue_begin(c->rescue, job->source->length);
  for (int64_t i = 0; i < c->to->n_children && !code; i++)
    if (i != c->rescued)
      code = convert_column(job, i, &children[i]);
  if (code || !c->rescue)
    return code;
  return rescue_finish(c->rescue, job->source, on_unwritable, job, &children[c->rescued], job->err);
}

static int convert(struct job *job, struct ArrowArray *out) {
  int64_t n = job->conform->to->n_children;
  struct ArrowArray *children = calloc((size_t)n + 1, sizeof *children);
  struct sluice_buffer validity = {0};
  int code = children ? convert_all(job, children) : SLUICE_ERR_MEMORY;
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
    code = sluice_array_attach(&filtered, origin);
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
  struct job job = {c, &batch->array, batch, rejects, keep, -1, NULL, err};
  if (!code) {
    memset(keep, 1, (size_t)batch->array.length);
    code = convert(&job, &out);
  }
  if (!code && origin)
    code = sluice_array_attach(&out, origin);
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
