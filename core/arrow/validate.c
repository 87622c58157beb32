/* Is an array's shape sound? Counts, lengths, pointers, first and last offsets: independent of the number of rows. */
#include "validate.h"

static const int64_t rows_max = (int64_t)1 << 56; /* so that no product with a width of 16 overflows */

static int bad(const struct column *c, const char *what) {
  return path_fail(c->path, c->err, SLUICE_ERR_DATA, "%s", what);
}

static int check_counts(const struct column *c) {
  const struct ArrowArray *a = c->array;
  bool view = type_layout(c->type.id) == LAYOUT_VIEW;
  if (a->length < 0 || a->offset < 0 || a->length > rows_max || a->offset > rows_max - a->length)
    return bad(c, "length or offset out of range");
  if (a->null_count < -1 || a->null_count > a->length)
    return bad(c, "null count out of range");
  if (view ? a->n_buffers < 3 || a->n_buffers > INT32_MAX : a->n_buffers != c->type.n_buffers)
    return path_fail(c->path, c->err, SLUICE_ERR_DATA, "%lld buffers where format \"%.64s\" has %d%s",
                     (long long)a->n_buffers, c->schema->format, view ? 3 : c->type.n_buffers, view ? " or more" : "");
  if (a->n_children != c->schema->n_children)
    return path_fail(c->path, c->err, SLUICE_ERR_DATA, "%lld children where the schema has %lld",
                     (long long)a->n_children, (long long)c->schema->n_children);
  if ((a->n_buffers > 0 && !a->buffers) || (a->n_children > 0 && !a->children))
    return bad(c, "pointers are missing");
  if (!a->dictionary != !c->schema->dictionary)
    return bad(c, "a dictionary is missing or not wanted");
  if (type_has_validity(c->type.id) && a->null_count > 0 && !a->buffers[0])
    return bad(c, "nulls but no validity bitmap");
  return SLUICE_OK;
}

/* Buffer i is there, if values are, and lies so that values of this many bytes can be read. */
static int check_buffer(const struct column *c, int64_t i, size_t align) {
  const void *data = c->array->buffers[i];
  if (c->array->length > 0 && !data)
    return path_fail(c->path, c->err, SLUICE_ERR_DATA, "buffer %lld is missing", (long long)i);
  if ((uintptr_t)data % align != 0)
    return path_fail(c->path, c->err, SLUICE_ERR_DATA, "buffer %lld is not aligned to %zu bytes", (long long)i, align);
  return SLUICE_OK;
}

static int check_fixed(const struct column *c) {
  int32_t width = c->type.width;
  int64_t bytes;
  if (__builtin_mul_overflow(c->array->offset + c->array->length, (int64_t)width, &bytes))
    return bad(c, "more bytes than there are");
  if (width == 0)
    return SLUICE_OK;
  bool bytewise = c->type.id == SLUICE_TYPE_FIXED_BINARY;
  return check_buffer(c, 1, bytewise ? 1 : width > 8 ? 8 : (size_t)width);
}

/* First and last offset of text or a list; *end is the last. */
static int check_offsets(const struct column *c, bool wide, int64_t *first, int64_t *last) {
  const struct ArrowArray *a = c->array;
  int status = check_buffer(c, 1, wide ? 8 : 4);
  *first = *last = 0;
  if (status != SLUICE_OK || a->length == 0)
    return status;
  const void *offsets = a->buffers[1];
  int64_t end = a->offset + a->length;
  *first = wide ? ((const int64_t *)offsets)[a->offset] : ((const int32_t *)offsets)[a->offset];
  *last = wide ? ((const int64_t *)offsets)[end] : ((const int32_t *)offsets)[end];
  return *first < 0 || *last < *first ? bad(c, "offsets are negative or do not rise") : SLUICE_OK;
}

static int check_text(const struct column *c, bool wide) {
  int64_t first, last;
  int status = check_offsets(c, wide, &first, &last);
  if (status == SLUICE_OK && last > first && !c->array->buffers[2])
    return bad(c, "buffer 2 is missing");
  return status;
}

static int check_list(const struct column *c, bool wide) {
  int64_t first, last;
  int status = check_offsets(c, wide, &first, &last);
  if (status == SLUICE_OK && last > c->array->children[0]->length)
    return bad(c, "the last offset is beyond the items");
  return status;
}

static int check_views(const struct column *c) {
  const struct ArrowArray *a = c->array;
  int64_t n = a->n_buffers - 3;
  const int64_t *sizes = a->buffers[a->n_buffers - 1];
  int status = check_buffer(c, 1, 4);
  if (status != SLUICE_OK || n == 0)
    return status;
  if (!sizes || (uintptr_t)sizes % 8 != 0)
    return bad(c, "the sizes of data buffers are missing or not aligned");
  for (int64_t i = 0; i < n; i++)
    if (sizes[i] < 0 || (sizes[i] > 0 && !a->buffers[2 + i]))
      return bad(c, "a data buffer is missing");
  return SLUICE_OK;
}

static int check_list_views(const struct column *c, size_t width) {
  int status = check_buffer(c, 1, width);
  return status == SLUICE_OK ? check_buffer(c, 2, width) : status;
}

static int check_fixed_list(const struct column *c) {
  const struct ArrowArray *a = c->array;
  int64_t items;
  if (__builtin_mul_overflow(a->offset + a->length, (int64_t)c->type.width, &items) || items > a->children[0]->length)
    return bad(c, "the child has too few items");
  return SLUICE_OK;
}

static int check_rows_of_children(const struct column *c) {
  const struct ArrowArray *a = c->array;
  for (int64_t i = 0; i < a->n_children; i++)
    if (a->children[i]->length < a->offset + a->length)
      return bad(c, "a child has too few rows");
  return SLUICE_OK;
}

static int check_union(const struct column *c, bool dense) {
  int status = check_buffer(c, 0, 1);
  if (status == SLUICE_OK && dense)
    return check_buffer(c, 1, 4);
  return status == SLUICE_OK ? check_rows_of_children(c) : status;
}

static int check_runs(const struct column *c) {
  const struct ArrowArray *a = c->array, *ends = a->children[0];
  struct sluice_type type;
  if (sluice_type_parse(c->schema->children[0]->format, &type, NULL) != SLUICE_OK)
    return SLUICE_ERR_DATA;
  if (array_nulls(ends) != 0)
    return bad(c, "a run end is null");
  if (a->children[1]->length < ends->length)
    return bad(c, "fewer values than runs");
  if (a->length == 0)
    return SLUICE_OK;
  if (ends->length == 0 || run_end_at(&type, ends, ends->length - 1) < a->offset + a->length)
    return bad(c, "the runs end before the last row");
  return SLUICE_OK;
}

static int check_layout(const struct column *c) {
  switch (type_layout(c->type.id)) {
  case LAYOUT_NULL:
    return SLUICE_OK;
  case LAYOUT_BITS:
    return check_buffer(c, 1, 1);
  case LAYOUT_FIXED:
    return check_fixed(c);
  case LAYOUT_BYTES32:
    return check_text(c, false);
  case LAYOUT_BYTES64:
    return check_text(c, true);
  case LAYOUT_VIEW:
    return check_views(c);
  case LAYOUT_LIST32:
    return check_list(c, false);
  case LAYOUT_LIST64:
    return check_list(c, true);
  case LAYOUT_LIST_VIEW32:
    return check_list_views(c, 4);
  case LAYOUT_LIST_VIEW64:
    return check_list_views(c, 8);
  case LAYOUT_FIXED_LIST:
    return check_fixed_list(c);
  case LAYOUT_STRUCT:
    return check_rows_of_children(c);
  case LAYOUT_DENSE_UNION:
    return check_union(c, true);
  case LAYOUT_SPARSE_UNION:
    return check_union(c, false);
  case LAYOUT_RUN_END:
    return check_runs(c);
  }
  return SLUICE_ERR_BUG;
}

struct levels { /* of an array, and of the dictionaries below it */
  enum sluice_check_level values, dictionaries;
};

static int check(const struct ArrowSchema *schema, const struct ArrowArray *array, struct levels levels,
                 const struct path *path, struct sluice_error *err);

/* Children come before their parent, whose offsets are held against their lengths. */
static int check_below(const struct column *c, struct levels levels) {
  for (int64_t i = 0; i <= c->array->n_children; i++) {
    bool last = i == c->array->n_children;
    const struct ArrowSchema *schema = last ? c->schema->dictionary : c->schema->children[i];
    const struct ArrowArray *array = last ? c->array->dictionary : c->array->children[i];
    if (last && !schema)
      return SLUICE_OK;
    if (!array)
      return bad(c, "a child is missing");
    struct path path = {c->path, schema->name, c->path->depth + 1};
    if (last)
      levels.values = levels.dictionaries;
    int status = check(schema, array, levels, &path, c->err);
    if (status != SLUICE_OK)
      return status;
  }
  return SLUICE_OK;
}

static int check(const struct ArrowSchema *schema, const struct ArrowArray *array, struct levels levels,
                 const struct path *path, struct sluice_error *err) {
  struct column c = {.schema = schema, .array = array, .path = path, .err = err, .level = levels.values};
  int status = sluice_type_parse(schema->format, &c.type, err);
  if (status == SLUICE_OK)
    status = check_counts(&c);
  if (status == SLUICE_OK)
    status = check_below(&c, levels);
  if (status == SLUICE_OK)
    status = check_layout(&c);
  return status == SLUICE_OK && c.level != SLUICE_CHECK_SHAPE ? validate_values(&c) : status;
}

static int validate(const struct ArrowSchema *schema, const struct ArrowArray *array, struct levels levels,
                    struct sluice_error *err) {
  int status = sluice_schema_validate(schema, err);
  if (status != SLUICE_OK)
    return status;
  struct path top = {NULL, schema->name, 0};
  return check(schema, array, levels, &top, err);
}

int sluice_array_validate(const struct ArrowSchema *schema, const struct ArrowArray *array,
                          enum sluice_check_level level, struct sluice_error *err) {
  return validate(schema, array, (struct levels){level, level}, err);
}

int sluice_array_validate_known(const struct ArrowSchema *schema, const struct ArrowArray *array,
                                enum sluice_check_level level, struct sluice_error *err) {
  return validate(schema, array, (struct levels){level, SLUICE_CHECK_SHAPE}, err);
}
