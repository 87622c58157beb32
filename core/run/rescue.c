/* Rescued values: each column is encoded alone, and its pieces are put together row by row. */
#include "core/run/rescue.h"
#include "core/base/text.h"
#include "core/encode/encode.h"
#include "core/run/batch.h"
#include <stdlib.h>

struct column {
  const struct ArrowSchema *field;
  char *path;   /* of a field in a struct; NULL: a column */
  int64_t *way; /* to it from the record: which child each time */
  int depth;
  bool always;               /* all its values are marked */
  struct ArrowSchema record; /* a struct of this column alone; released: not used yet */
  void *encoder;
  uint8_t *marks; /* of the batch's rows; NULL: none is marked */
  bool broken;    /* no memory for marks */
  struct sluice_encoded encoded;
};
struct rescue {
  struct column *columns;
  int64_t n;
  int64_t rows;
};
struct refusing { /* rows without a JSON form */
  const struct column *column;
  sluice_misfit_fn *misfit;
  void *context;
};

static int set_way(struct column *c, const int64_t *way, int depth) {
  c->way = calloc((size_t)depth, sizeof *c->way);
  if (!c->way)
    return SLUICE_ERR_MEMORY;
  memcpy(c->way, way, (size_t)depth * sizeof *way);
  c->depth = depth;
  return SLUICE_OK;
}

static int set_columns(struct rescue *r, const struct ArrowSchema *from) {
  int code = SLUICE_OK;
  for (int64_t i = 0; i < from->n_children && !code; i++) {
    r->columns[r->n].field = from->children[i];
    code = set_way(&r->columns[r->n++], &i, 1);
  }
  return code;
}

int rescue_create(const struct ArrowSchema *from, struct rescue **out, struct sluice_error *err) {
  struct rescue *r = calloc(1, sizeof *r);
  if (r)
    r->columns = calloc((size_t)from->n_children + 1, sizeof *r->columns);
  if (!r || !r->columns || set_columns(r, from) != SLUICE_OK) {
    rescue_destroy(r);
    return sluice_fail(err, SLUICE_ERR_MEMORY, "rescue", "no memory");
  }
  *out = r;
  return SLUICE_OK;
}

static int add_field(struct rescue *r, const struct schema_new *new) {
  struct column *columns = realloc(r->columns, (size_t)(r->n + 1) * sizeof *columns);
  if (!columns)
    return SLUICE_ERR_MEMORY;
  r->columns = columns;
  struct column *c = &columns[r->n++];
  *c = (struct column){.field = new->field, .path = strdup(new->path), .always = true};
  return c->path ? set_way(c, new->way, new->depth) : SLUICE_ERR_MEMORY;
}

int rescue_always(struct rescue *r, const struct schema_new *new) {
  if (new->depth > 1)
    return add_field(r, new);
  r->columns[new->way[0]].always = true;
  return SLUICE_OK;
}

static void clear(struct rescue *r) {
  for (int64_t i = 0; i < r->n; i++) {
    free(r->columns[i].marks);
    r->columns[i].marks = NULL;
    r->columns[i].broken = false;
  }
}

void rescue_destroy(struct rescue *r) {
  if (!r)
    return;
  clear(r);
  for (int64_t i = 0; i < r->n; i++) {
    encode_service()->close(r->columns[i].encoder);
    sluice_schema_release(&r->columns[i].record);
    free(r->columns[i].path);
    free(r->columns[i].way);
  }
  free(r->columns);
  free(r);
}

void rescue_begin(struct rescue *r, int64_t rows) {
  clear(r);
  r->rows = rows;
}

void rescue_mark(struct rescue *r, int64_t column, int64_t row) {
  struct column *c = &r->columns[column];
  if (!c->marks)
    c->marks = calloc((size_t)r->rows + 1, 1);
  if (c->marks)
    c->marks[row] = 1;
  else
    c->broken = true; /* rescue_finish tells */
}

/* ---- where values are ---- */

/* Its array; the value of row i is its value *first + i, before the array's own offset. */
static struct ArrowArray *values_of(const struct column *c, const struct ArrowArray *source, int64_t *first) {
  struct ArrowArray *array = source->children[c->way[0]];
  *first = source->offset;
  for (int i = 1; i < c->depth; i++) {
    *first += array->offset;
    array = array->children[c->way[i]];
  }
  return array;
}

/* Is it null itself, or one of those that it is in? */
static bool is_null(const struct column *c, const struct ArrowArray *source, int64_t row) {
  const struct ArrowArray *array = source;
  int64_t at = row;
  bool null = false;
  for (int i = 0; i < c->depth && !null; i++) {
    at += array->offset;
    array = array->children[c->way[i]];
    null = sluice_is_null(array, at);
  }
  return null;
}

static void mark_always(struct rescue *r, const struct ArrowArray *source) {
  for (int64_t i = 0; i < r->n; i++)
    for (int64_t row = 0; r->columns[i].always && row < r->rows; row++)
      if (!is_null(&r->columns[i], source, row))
        rescue_mark(r, i, row);
}

/* ---- encoding ---- */

static int refuse(struct sluice_rejects *rejects, const struct sluice_reject *reject, struct sluice_error *err) {
  struct refusing *r = rejects->private_data;
  (void)err;
  if (!r->column->marks[reject->row])
    return SLUICE_OK; /* not to be rescued anyway */
  return r->misfit(r->context, reject->row, r->column->path ? r->column->path : r->column->field->name, reject->reason);
}

static int open_encoder(struct column *c, struct sluice_error *err) {
  static const struct sluice_pair options[] = {{"nan", "string"}};
  static const struct sluice_map map = {options, 1};
  if (c->encoder)
    return SLUICE_OK;
  int code = sluice_schema_nested(&c->record, "+s", "", 0, 1);
  if (!code)
    code = sluice_schema_copy(c->field, c->record.children[0]);
  if (!code && c->path)
    code = sluice_schema_rename(c->record.children[0], c->path);
  return code ? code : encode_service()->open("ndjson", &map, &c->record, &c->encoder, err);
}

static int encode_column(struct column *c, const struct ArrowArray *source, const struct refusing *refusing,
                         struct sluice_error *err) {
  struct sluice_rejects rejects = {refuse, (void *)(uintptr_t)refusing};
  const void *buffers[1] = {NULL};
  int64_t first;
  struct ArrowArray *children[1] = {values_of(c, source, &first)};
  struct sluice_batch batch;
  batch_init(&batch);
  batch.array = (struct ArrowArray){.length = source->length,
                                    .offset = first,
                                    .n_buffers = 1,
                                    .n_children = 1,
                                    .buffers = buffers,
                                    .children = children}; /* borrowed: the encoder only reads */
  int code = open_encoder(c, err);
  if (code)
    return code;
  return encode_service()->encode(c->encoder, &batch, 0, source->length, &rejects, &c->encoded, err);
}

static int encode_all(struct rescue *r, const struct ArrowArray *source, sluice_misfit_fn *misfit, void *context,
                      struct sluice_error *err) {
  int code = SLUICE_OK;
  for (int64_t i = 0; i < r->n && !code; i++) {
    struct refusing refusing = {&r->columns[i], misfit, context};
    if (r->columns[i].broken)
      return SLUICE_ERR_MEMORY;
    if (r->columns[i].marks)
      code = encode_column(&r->columns[i], source, &refusing, err);
  }
  return code;
}

/* ---- rows ---- */

/* `"name":value`, without the record around it; nothing where it is not to be rescued. */
static struct sluice_bytes piece_of(const struct column *c, const struct ArrowArray *source, int64_t row) {
  struct sluice_bytes none = {0};
  if (!c->marks || !c->marks[row] || is_null(c, source, row))
    return none;
  size_t from = row ? c->encoded.ends[row - 1] : 0, n = c->encoded.ends[row] - from;
  return n > 3 ? (struct sluice_bytes){.data = c->encoded.data + from + 1, .size = n - 3} : none;
}

static int put_row(const struct rescue *r, const struct ArrowArray *source, int64_t row, struct text *text,
                   struct sluice_builder *out) {
  int code = SLUICE_OK;
  text_clear(text);
  for (int64_t i = 0; i < r->n && !code; i++) {
    struct sluice_bytes piece = piece_of(&r->columns[i], source, row);
    if (piece.size == 0)
      continue;
    code = text_add(text, text->size ? "," : "{");
    if (!code)
      code = text_append(text, piece.data, piece.size);
  }
  if (code || text->size == 0)
    return code ? code : sluice_builder_null(out);
  code = text_add(text, "}");
  return code ? code : sluice_builder_bytes(out, text->data, text->size);
}

int rescue_finish(struct rescue *r, const struct ArrowArray *source, sluice_misfit_fn *misfit, void *context,
                  struct ArrowArray *out, struct sluice_error *err) {
  struct ArrowSchema schema = {0};
  struct sluice_builder *builder = NULL;
  struct text text = {.limit = INT32_MAX};
  mark_always(r, source);
  int code = encode_all(r, source, misfit, context, err);
  if (!code)
    code = sluice_schema_init(&schema, "u", "", ARROW_FLAG_NULLABLE);
  if (!code)
    code = sluice_builder_create(&schema, &builder, err);
  for (int64_t row = 0; row < r->rows && !code; row++)
    code = put_row(r, source, row, &text, builder);
  if (!code)
    code = sluice_builder_finish(builder, out, err);
  sluice_builder_destroy(builder);
  sluice_schema_release(&schema);
  text_finish(&text);
  return code;
}
