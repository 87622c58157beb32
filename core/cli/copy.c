/* Copying records, part by part. */
#include "core/cli/copy.h"
#include "core/base/nearest.h"
#include "core/base/text.h"
#include "core/log/log.h"
#include "core/run/batch.h"
#include <stdlib.h>

enum { BATCH_ROWS = 8192, BATCH_BYTES = 8 << 20 };

/* ---- columns ---- */

int copy_split_columns(const char *list, struct names *out, struct sluice_error *err) {
  int code = SLUICE_OK;
  for (const char *at = list; at && code == SLUICE_OK;) {
    struct text name = {0};
    size_t n = strcspn(at, ",");
    if (n == 0)
      return sluice_fail(err, SLUICE_ERR_CONFIG, NULL, "--columns takes names with commas between them, not '%s'",
                         list);
    code = text_append(&name, at, n);
    if (code == SLUICE_OK)
      code = names_add(out, text_get(&name));
    text_finish(&name);
    at = at[n] ? at + n + 1 : NULL;
  }
  return code == SLUICE_OK ? code : sluice_fail(err, code, NULL, "no memory for the columns, or too many");
}

static int fail_column(const struct copy *copy, const struct ArrowSchema *schema, const char *wanted,
                       struct sluice_error *err) {
  struct text known = {.limit = 400};
  const char **names = calloc((size_t)schema->n_children + 1, sizeof *names);
  for (int64_t i = 0; names && i < schema->n_children; i++) {
    names[i] = schema->children[i]->name;
    (void)text_printf(&known, "%s%s", i ? ", " : "", names[i] ? names[i] : ""); /* a shorter list still serves */
  }
  const char *nearest = names ? nearest_name(wanted, names, (size_t)schema->n_children) : NULL;
  int code =
      sluice_fail(err, SLUICE_ERR_CONFIG, copy->part, "there is no column '%s'%s%s%s; there are: %s", wanted,
                  nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "", text_get(&known));
  text_finish(&known);
  free(names);
  return code;
}

static int check_columns(const struct copy *copy, const struct ArrowSchema *schema, struct sluice_error *err) {
  for (size_t i = 0; i < copy->columns.count; i++)
    if (sluice_schema_find(schema, copy->columns.items[i]) < 0)
      return fail_column(copy, schema, copy->columns.items[i], err);
  return SLUICE_OK;
}

/* The columns of --columns, of types as found. */
static int want_columns(struct copy *copy, struct sluice_error *err) {
  const struct names *columns = &copy->columns;
  int code = sluice_schema_nested(&copy->want, "+s", "", 0, (int64_t)columns->count);
  for (size_t i = 0; i < columns->count && code == SLUICE_OK; i++)
    code = sluice_schema_init(copy->want.children[i], "", columns->items[i], ARROW_FLAG_NULLABLE);
  return code == SLUICE_OK ? code : sluice_fail(err, code, NULL, "no memory for the columns");
}

/* A part must not have columns that the output does not have: they would be lost. */
static int check_same(const struct copy *copy, const struct ArrowSchema *schema, struct sluice_error *err) {
  char have[96], need[96];
  for (int64_t i = 0; i < schema->n_children; i++) {
    const struct ArrowSchema *field = schema->children[i];
    int64_t first = sluice_schema_find(&copy->schema, field->name);
    if (first < 0)
      return sluice_fail(err, SLUICE_ERR_DATA, copy->part,
                         "this part has the column '%s', and the parts before it have not; choose by --columns",
                         field->name);
    sluice_type_name(field->format, have, sizeof have);
    sluice_type_name(copy->schema.children[first]->format, need, sizeof need);
    if (!sluice_schema_equal(field, copy->schema.children[first]))
      return sluice_fail(err, SLUICE_ERR_DATA, copy->part,
                         "its column '%s' is %s here, but %s in the parts before it; read it alone", field->name, have,
                         need);
  }
  if (sluice_schema_equal(schema, &copy->schema))
    return SLUICE_OK;
  return sluice_fail(err, SLUICE_ERR_DATA, copy->part,
                     "its columns are not those of the parts before it; read it alone");
}

/* A type that says nothing ("n") is not asked for. */
static int forget_null_types(struct ArrowSchema *want) {
  int code = SLUICE_OK;
  for (int64_t i = 0; i < want->n_children && code == SLUICE_OK; i++) {
    struct ArrowSchema *field = want->children[i], any = {0};
    if (strcmp(field->format, "n") != 0)
      continue;
    code = sluice_schema_init(&any, "", field->name, ARROW_FLAG_NULLABLE);
    if (code == SLUICE_OK) {
      sluice_schema_release(field);
      sluice_schema_move(&any, field);
    }
  }
  return code;
}

/* What is known now is asked of all parts that follow. */
static int remember_schema(struct copy *copy, const struct ArrowSchema *schema, struct sluice_error *err) {
  sluice_schema_release(&copy->want);
  memset(&copy->want, 0, sizeof copy->want);
  int code = sluice_schema_copy(schema, &copy->schema);
  if (code == SLUICE_OK)
    code = sluice_schema_copy(schema, &copy->want);
  if (code == SLUICE_OK)
    code = forget_null_types(&copy->want);
  if (code != SLUICE_OK)
    return sluice_fail(err, code, NULL, "no memory for the columns");
  return output_create(copy->format, copy->fd, copy->stop, &copy->schema, &copy->output, err);
}

/* ---- rejects ---- */

static int warn_reject(struct copy *copy, int64_t row, int64_t offset, const char *column, const char *reason) {
  char place[48] = "";
  if (offset >= 0)
    snprintf(place, sizeof place, " (byte %lld)", (long long)offset);
  log_write(SLUICE_WARN, NULL, "%s: record %lld%s: %s%s%s", copy->part, (long long)row, place, column ? column : "",
            column ? ": " : "", reason ? reason : "no reason given");
  copy->reject_count++;
  return SLUICE_OK;
}

static int add_read_reject(struct sluice_rejects *rejects, const struct sluice_reject *reject,
                           struct sluice_error *err) {
  (void)err;
  return warn_reject(rejects->private_data, reject->row, reject->offset, reject->column, reject->reason);
}

struct writing { /* rejects of the encoder are by index in this batch */
  struct copy *copy;
  const struct sluice_batch *batch;
};

static int add_write_reject(struct sluice_rejects *rejects, const struct sluice_reject *reject,
                            struct sluice_error *err) {
  struct writing *writing = rejects->private_data;
  (void)err;
  return warn_reject(writing->copy, batch_ordinal(writing->batch, reject->row), -1, reject->column, reject->reason);
}

/* ---- parts ---- */

struct opened { /* one part down to its records */
  struct sluice_rejects rejects;
  struct sluice_reader reader;
  struct ArrowSchema found; /* of the reader */
  struct narrow narrow;
  const struct ArrowSchema *schema; /* of what goes out */
};

static void close_opened(struct opened *opened) {
  if (opened->reader.release)
    opened->reader.release(&opened->reader);
  narrow_close(&opened->narrow);
  sluice_schema_release(&opened->found);
  memset(opened, 0, sizeof *opened);
}

static int64_t rows_at_once(const struct copy *copy) {
  int64_t rows = copy->rows_left < BATCH_ROWS && !copy->where ? copy->rows_left : BATCH_ROWS;
  return rows ? rows : 1;
}

static int open_reader(struct copy *copy, const struct sluice_part *part, const struct ArrowSchema *want,
                       struct opened *out, struct sluice_error *err) {
  struct pipeline_part bytes = {0};
  struct sluice_scan scan = {.struct_size = sizeof scan,
                             .flags = want && copy->columns.count == 0 ? SLUICE_SCAN_EXTRA : 0,
                             .batch_rows = rows_at_once(copy),
                             .batch_bytes = BATCH_BYTES,
                             .want = want,
                             .rejects = &out->rejects,
                             .part = part->name,
                             .where = copy->where};
  out->rejects = (struct sluice_rejects){add_read_reject, copy};
  int code = pipeline_open_part(&copy->pipeline, part, NULL, &bytes, err);
  if (code == SLUICE_OK)
    code = pipeline_decode(&copy->pipeline, &bytes, &scan, &out->reader, err);
  if (code == SLUICE_OK)
    code = out->reader.schema(&out->reader, &out->found, err);
  if (code == SLUICE_OK)
    code = sluice_schema_validate(&out->found, err);
  pipeline_part_release(&bytes);
  return code == SLUICE_OK ? code : sluice_fail(err, code, part->name, "it cannot be opened, and no reason was given");
}

/* Columns that only the filter looks at stand behind the others. */
static int open_part(struct copy *copy, const struct sluice_part *part, const struct ArrowSchema *want,
                     struct opened *out, struct sluice_error *err) {
  struct ArrowSchema more = {0};
  bool filters = want && copy->where;
  int code = filters ? filter_want(copy->where, want, &more) : SLUICE_OK;
  if (code == SLUICE_OK)
    code = open_reader(copy, part, filters ? &more : want, out, err);
  bool cut = filters && copy->columns.count && out->found.n_children > want->n_children;
  if (code == SLUICE_OK && out->found.n_children > 0)
    code = narrow_open(copy->where, &out->found, cut ? want->n_children : out->found.n_children, part->name,
                       &out->narrow, err);
  out->schema = cut ? &out->narrow.schema : &out->found;
  sluice_schema_release(&more);
  return code == SLUICE_OK ? code : sluice_fail(err, code, part->name, "no memory for the columns");
}

/* The first part shows which columns there are: a mistyped one would else be a column of nulls. */
static int check_first(struct copy *copy, const struct sluice_part *part, struct sluice_error *err) {
  struct opened opened = {0};
  int code = open_part(copy, part, NULL, &opened, err);
  if (code == SLUICE_OK)
    code = check_columns(copy, opened.schema, err);
  close_opened(&opened);
  return code == SLUICE_OK ? want_columns(copy, err) : code;
}

static int write_batch(struct copy *copy, struct sluice_batch *batch, struct sluice_error *err) {
  int64_t rows = batch->array.length < copy->rows_left ? batch->array.length : copy->rows_left;
  struct writing writing = {copy, batch};
  struct sluice_rejects rejects = {add_write_reject, &writing};
  copy->rows_left -= rows;
  return rows ? output_write(copy->output, batch, rows, &rejects, err) : SLUICE_OK;
}

static int copy_batch(struct copy *copy, struct opened *opened, struct sluice_error *err) {
  struct sluice_batch batch;
  batch_init(&batch);
  if (stop_at(copy->stop, STOP_DRAIN))
    return sluice_fail(err, SLUICE_ERR_CANCELLED, NULL, "interrupted");
  int code = opened->reader.next(&opened->reader, &batch, err);
  if (code == SLUICE_OK)
    code = batch_check(&opened->found, &batch.array, "the format", err);
  if (code == SLUICE_OK)
    code = narrow_apply(&opened->narrow, &batch, err);
  if (code == SLUICE_OK && opened->schema->n_children == 0 && batch.array.length > 0 && !copy->output)
    code = remember_schema(copy, opened->schema, err); /* records without a column are records all the same */
  if (code == SLUICE_OK && copy->output && batch.array.length > 0)
    code = write_batch(copy, &batch, err);
  batch_release(&batch);
  return code;
}

/* A part without columns, such as an empty file, says nothing about the others. */
static int start_part(struct copy *copy, const struct opened *opened, struct sluice_error *err) {
  if (opened->schema->n_children == 0)
    return SLUICE_OK;
  return copy->output ? check_same(copy, opened->schema, err) : remember_schema(copy, opened->schema, err);
}

static int copy_part(struct copy *copy, const struct sluice_part *part, struct sluice_error *err) {
  struct opened opened = {0};
  int code = SLUICE_OK;
  copy->part = part->name;
  if (copy->columns.count && !copy->want.release)
    code = check_first(copy, part, err);
  if (code == SLUICE_OK)
    code = open_part(copy, part, copy->want.release ? &copy->want : NULL, &opened, err);
  if (code == SLUICE_OK)
    code = start_part(copy, &opened, err);
  while (code == SLUICE_OK && copy->rows_left > 0)
    code = copy_batch(copy, &opened, err);
  close_opened(&opened);
  copy->parts++;
  return code == SLUICE_END ? SLUICE_OK : code;
}

/* Even no records have a schema: a header, or that of a stream. */
static bool goes_on(const struct copy *copy) {
  return !copy->output || (copy->rows_left > 0 && !output_closed(copy->output));
}

static int finish_output(struct copy *copy, struct sluice_error *err) {
  struct ArrowSchema none;
  int code = SLUICE_OK;
  if (!copy->output && copy->format == OUTPUT_ARROW && copy->parts) { /* a stream without columns is one too */
    code = sluice_schema_nested(&none, "+s", "", 0, 0);
    if (code != SLUICE_OK)
      return sluice_fail(err, code, NULL, "no memory for the columns");
    code = remember_schema(copy, &none, err);
    sluice_schema_release(&none);
  }
  if (code == SLUICE_OK && copy->output)
    code = output_finish(copy->output, err);
  return code == SLUICE_END ? SLUICE_OK : code;
}

int copy_parts(struct copy *copy, struct sluice_error *err) {
  const struct component *source = &copy->pipeline.source;
  int code = source->loaded->source.list(source->self, NULL, err);
  while (code == SLUICE_OK && goes_on(copy)) {
    struct sluice_part part = {.struct_size = sizeof part};
    code = source->loaded->source.next_part(source->self, &part, err);
    if (code == SLUICE_OK && part.skip)
      tally_add(&copy->skipped, part.skip);
    else if (code == SLUICE_OK)
      code = copy_part(copy, &part, err);
  }
  return code == SLUICE_OK || code == SLUICE_END ? finish_output(copy, err) : code;
}

void copy_finish(struct copy *copy) {
  output_destroy(copy->output);
  sluice_schema_release(&copy->schema);
  sluice_schema_release(&copy->want);
  names_finish(&copy->columns);
  pipeline_close(&copy->pipeline);
}
