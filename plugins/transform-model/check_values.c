/* Values that must be there, and lengths of texts. */
#include "checking.h"
#include <math.h>
#include <stdlib.h>

enum { TAG_WARNED = 1000 };

int check_missing(const struct check *check, struct checking *c) {
  const struct use *use = &c->bound->uses[check->use];
  const struct ArrowArray *array = &c->views[check->use];
  int code = SLUICE_OK;
  bool nulls = cell_has_nulls(&use->type, array);
  for (int64_t i = 0; i < c->rows && nulls && !code; i++)
    if (cell_null(&use->type, array, i))
      code = checking_reject(c, i, use, "Invalid_Missing_Value", "%s must not be missing: give this row a value",
                             use->what);
  return code;
}

/* The least and the most bytes of a text, nulls included. */
static struct items lengths(const struct ArrowArray *array, int64_t rows) {
  const int32_t *offsets = (const int32_t *)array->buffers[1] + array->offset;
  int32_t least = INT32_MAX, most = 0;
  for (int64_t i = 0; i < rows; i++) {
    int32_t n = offsets[i + 1] - offsets[i];
    least = n < least ? n : least;
    most = n > most ? n : most;
  }
  return (struct items){least, most};
}

int check_length(const struct check *check, struct checking *c) {
  const struct use *use = &c->bound->uses[check->use];
  const struct ArrowArray *array = &c->views[check->use];
  struct items bytes = lengths(array, c->rows);
  int code = SLUICE_OK;
  if (c->rows == 0 || (bytes.first > 0 && bytes.count <= check->limit))
    return SLUICE_OK;
  for (int64_t i = 0; i < c->rows && !code; i++) {
    struct span text = cell_text(array, i);
    if (sluice_is_null(array, i) || (text.size && text.size <= (size_t)check->limit))
      continue;
    size_t n = cell_characters(text);
    if (n == 0 || n > (size_t)check->limit)
      code = checking_reject(c, i, use, "Invalid_String_Length_In_Column",
                             "%s must have 1 to %lld characters, not %zu: shorten or fill in the value", use->what,
                             (long long)check->limit, n);
  }
  return code;
}

static void warn_tag(struct checking *c, const struct use *use) {
  if (!atomic_exchange(&c->bound->model->warned_tag, true))
    sluice_log(c->bound->model->host, SLUICE_WARN,
               "tag column '%.120s' has values of over %d bytes: such tags are hard to filter by (said once)",
               use->name, TAG_WARNED);
}

int check_tag_length(const struct check *check, struct checking *c) {
  const struct use *use = &c->bound->uses[check->use];
  const struct ArrowArray *array = &c->views[check->use];
  int64_t most = lengths(array, c->rows).count;
  int code = SLUICE_OK;
  if (most > TAG_WARNED)
    warn_tag(c, use);
  for (int64_t i = 0; i < c->rows && most > check->limit && !code; i++) {
    size_t n = sluice_is_null(array, i) ? 0 : cell_characters(cell_text(array, i));
    if (n > (size_t)check->limit)
      code = checking_reject(c, i, use, "Invalid_Tag_Length",
                             "a tag has at most %lld characters, not %zu: cut it, or list the column under exclude",
                             (long long)check->limit, n);
  }
  return code;
}

/* Marks the rows that have a value; true: all have. A NaN is no value: it goes out as null. */
static bool mark_present(const struct sluice_type *type, const struct ArrowArray *array, uint8_t *present, int64_t n) {
  bool reals = type->id == SLUICE_TYPE_FLOAT || type->id == SLUICE_TYPE_DOUBLE;
  if (type->id == SLUICE_TYPE_NULL)
    return false;
  if (!reals && !cell_has_nulls(type, array))
    return true;
  for (int64_t i = 0; i < n; i++)
    present[i] |= !sluice_is_null(array, i) && !(reals && isnan(cell_number(type, array, i)));
  return false;
}

int check_all_null(const struct check *check, struct checking *c) {
  const struct use *uses = c->bound->uses;
  uint8_t *present = calloc((size_t)c->rows + 1, 1);
  bool all = false;
  int code = present ? SLUICE_OK : SLUICE_ERR_MEMORY;
  for (size_t i = 0; i < check->n_set && present && !all; i++)
    all = mark_present(&uses[check->set[i]].type, &c->views[check->set[i]], present, c->rows);
  for (int64_t i = 0; i < c->rows && !all && !code; i++)
    if (!present[i])
      code = checking_reject(c, i, &uses[check->set[0]], check->code, "%s", check->text);
  free(present);
  return code;
}
