/* Nulls that a union had by a bitmap of its own, as nulls of its children. */
#include "union_nulls.h"
#include "hold.h"
#include <stdlib.h>

enum { ADDED_MAX = 256 << 20 };

struct rebuild {
  struct arrow_loading *loading;
  const struct ArrowSchema *schema;
  const uint8_t *bitmap;
  bool dense;
  int8_t child_of[128];    /* by type code; -1: the union has no such child */
  const int8_t *codes;     /* as the file has them */
  const void *buffers[2];  /* of `whole` */
  struct ArrowArray whole; /* the union without its null rows (dense), or with codes that it has (sparse) */
  struct sluice_builder *made;
};

static void read_codes(struct rebuild *r) {
  const char *p = r->schema->format + 4; /* behind "+ud:" or "+us:" */
  memset(r->child_of, -1, sizeof r->child_of);
  for (int64_t i = 0; i < r->schema->n_children; i++) {
    char *end;
    long code = strtol(p, &end, 10);
    if (code >= 0 && code < 128)
      r->child_of[code] = (int8_t)i;
    p = *end ? end + 1 : end;
  }
}

static int64_t child_at(const struct rebuild *r, int64_t row) {
  int8_t code = r->codes[row];
  return code < 0 || r->child_of[code] < 0 ? 0 : r->child_of[code];
}

static int8_t code_of_first(const struct rebuild *r) {
  return (int8_t)strtol(r->schema->format + 4, NULL, 10);
}

/* Bytes that one null takes at least; saturated. */
static int64_t weight(const struct ArrowSchema *schema) {
  struct sluice_type type;
  struct sluice_error why = {0};
  int64_t sum = 1;
  if (sluice_type_parse(schema->format, &type, &why) != SLUICE_OK)
    return ADDED_MAX;
  if (type.id == SLUICE_TYPE_FIXED_LIST)
    sum = weight(schema->children[0]) * type.width;
  else if (type.id == SLUICE_TYPE_STRUCT || type.id == SLUICE_TYPE_SPARSE_UNION || type.id == SLUICE_TYPE_DENSE_UNION)
    for (int64_t i = 0; i < schema->n_children && sum < ADDED_MAX; i++)
      sum += weight(schema->children[i]);
  else if (type.width > 0)
    sum = type.width;
  return sum > ADDED_MAX ? ADDED_MAX : sum;
}

static bool has_dictionary(const struct ArrowSchema *schema) {
  bool found = schema->dictionary != NULL;
  for (int64_t i = 0; !found && i < schema->n_children; i++)
    found = has_dictionary(schema->children[i]);
  return found;
}

/* Few bytes must not become many by nulls of wide types. */
static int check(const struct rebuild *r, int64_t rows) {
  int64_t added = 0;
  if (has_dictionary(r->schema))
    return sluice_fail(r->loading->err, SLUICE_ERR_UNSUPPORTED, r->loading->loader->source.part,
                       "column '%.100s' is a union with nulls of its own, as only metadata before V5 had, and with "
                       "dictionaries; write the file anew with Arrow 1.0 or later",
                       r->loading->column);
  if (r->schema->n_children == 0)
    return arrow_load_fail(r->loading, "a union has nulls and no fields");
  for (int64_t i = 0; r->dense && i < rows; i++)
    if (!sluice_bit(r->bitmap, i)) {
      added += weight(r->schema->children[child_at(r, i)]);
      if (added > ADDED_MAX)
        return arrow_load_fail(r->loading, "the nulls of a union would take more than %d MiB", ADDED_MAX >> 20);
    }
  return SLUICE_OK;
}

/* The union as it can be validated, whatever codes and offsets its null rows have. */
static int make_whole(struct rebuild *r, const struct ArrowArray *array) {
  struct arrow_hold *hold = r->loading->batch->hold;
  size_t rows = (size_t)array->length, n = 0;
  int8_t *codes = (int8_t *)arrow_hold_memory(hold, rows);
  int32_t *offsets = r->dense ? (int32_t *)(void *)arrow_hold_memory(hold, rows * 4) : NULL;
  if (!codes || (r->dense && !offsets))
    return arrow_load_memory(r->loading);
  for (size_t i = 0; i < rows; i++) {
    bool null = !sluice_bit(r->bitmap, (int64_t)i);
    if (null && r->dense)
      continue;
    codes[n] = null ? code_of_first(r) : r->codes[i];
    if (r->dense)
      offsets[n] = ((const int32_t *)array->buffers[1])[i];
    n++;
  }
  r->whole = *array;
  r->whole.length = (int64_t)n;
  r->whole.buffers = r->buffers;
  r->buffers[0] = codes;
  r->buffers[1] = offsets;
  struct sluice_error why = {0};
  if (sluice_array_validate(r->schema, &r->whole, SLUICE_CHECK_BOUNDS, &why) != SLUICE_OK)
    return arrow_load_fail(r->loading, "%.300s", why.message);
  return SLUICE_OK;
}

static int add_null(struct rebuild *r, int64_t row) {
  int64_t child = child_at(r, row);
  int rc = sluice_builder_null(sluice_builder_child(r->made, child));
  return rc == SLUICE_OK ? sluice_builder_union(r->made, child) : rc;
}

/* Runs of rows that are there, and nulls between them; `at` counts the rows of `whole`. */
static int add_rows(struct rebuild *r, int64_t rows) {
  int rc = SLUICE_OK;
  for (int64_t i = 0, at = 0, end; rc == SLUICE_OK && i < rows; i = end) {
    end = i;
    while (end < rows && sluice_bit(r->bitmap, end))
      end++;
    rc = end > i ? sluice_builder_append(r->made, &r->whole, r->dense ? at : i, end - i) : add_null(r, i);
    at += end - i;
    end += end == i;
  }
  return rc;
}

static int rebuild(struct rebuild *r, struct ArrowArray *array) {
  struct ArrowArray out;
  int64_t rows = array->length;
  int rc = check(r, rows);
  if (rc == SLUICE_OK)
    rc = make_whole(r, array);
  if (rc == SLUICE_OK)
    rc = sluice_builder_create(r->schema, &r->made, r->loading->err);
  if (rc)
    return rc;
  rc = add_rows(r, rows);
  if (rc)
    return rc == SLUICE_ERR_MEMORY ? arrow_load_memory(r->loading)
                                   : arrow_load_fail(r->loading, "the nulls of a union cannot be told by its fields");
  rc = sluice_builder_finish(r->made, &out, r->loading->err);
  if (rc)
    return rc;
  sluice_array_release(array);
  sluice_array_move(&out, array);
  return SLUICE_OK;
}

int arrow_union_take_nulls(struct arrow_loading *l, const struct ArrowSchema *schema, const void *bitmap,
                           struct ArrowArray *array) {
  struct rebuild r = {.loading = l, .schema = schema, .bitmap = bitmap, .dense = schema->format[2] == 'd'};
  int64_t row = 0;
  while (row < array->length && sluice_bit(bitmap, row))
    row++;
  if (row == array->length)
    return SLUICE_OK;
  r.codes = array->buffers[0];
  read_codes(&r);
  int rc = rebuild(&r, array);
  sluice_builder_destroy(r.made);
  return rc;
}
