/* Is every value of an array sound? */
#include "validate.h"

static int bad_row(const struct column *c, int64_t row, const char *what) {
  int status = path_fail(c->path, c->err, SLUICE_ERR_DATA, "row %lld: %s", (long long)row, what);
  if (c->err)
    c->err->row = row;
  return status;
}

static int check_null_count(const struct column *c) {
  const struct ArrowArray *a = c->array;
  if (c->level != SLUICE_CHECK_FULL || a->null_count < 0 || !type_has_validity(c->type.id) || !a->buffers[0])
    return SLUICE_OK;
  int64_t counted = a->length - bits_count(a->buffers[0], a->offset, a->length);
  if (counted == a->null_count)
    return SLUICE_OK;
  return path_fail(c->path, c->err, SLUICE_ERR_DATA, "null count is %lld, but the bitmap has %lld",
                   (long long)a->null_count, (long long)counted);
}

static int check_offsets32(const struct column *c) {
  const int32_t *offsets = (const int32_t *)c->array->buffers[1] + c->array->offset;
  for (int64_t i = 0; i < c->array->length; i++)
    if (offsets[i + 1] < offsets[i])
      return bad_row(c, i, "offsets do not rise");
  return SLUICE_OK;
}

static int check_offsets64(const struct column *c) {
  const int64_t *offsets = (const int64_t *)c->array->buffers[1] + c->array->offset;
  for (int64_t i = 0; i < c->array->length; i++)
    if (offsets[i + 1] < offsets[i])
      return bad_row(c, i, "offsets do not rise");
  return SLUICE_OK;
}

static bool is_text(enum sluice_type_id id) {
  return id == SLUICE_TYPE_UTF8 || id == SLUICE_TYPE_LARGE_UTF8 || id == SLUICE_TYPE_UTF8_VIEW;
}

static bool is_ascii(const uint8_t *text, size_t n) {
  uint8_t seen = 0;
  for (size_t i = 0; i < n; i++)
    seen |= text[i];
  return seen < 0x80;
}

/* All values as one text, each starting where a character does: true for nearly all arrays, and fast. Where all
 * characters are of one byte, every byte starts one. */
static bool all_utf8(const struct column *c) {
  int64_t n = c->array->length;
  struct span first = array_span(&c->type, c->array, 0), last = array_span(&c->type, c->array, n - 1);
  if (!first.data)
    return true;
  size_t size = (size_t)(last.data - first.data) + last.size;
  if (is_ascii(first.data, size))
    return true;
  if (sluice_utf8_valid(first.data, size) != size)
    return false;
  for (int64_t i = 1; i < n; i++) {
    struct span span = array_span(&c->type, c->array, i);
    if (span.size && (span.data[0] & 0xc0) == 0x80)
      return false;
  }
  return true;
}

static int check_utf8(const struct column *c) {
  if (c->level != SLUICE_CHECK_FULL || !is_text(c->type.id) || c->array->length == 0)
    return SLUICE_OK;
  if (c->type.id != SLUICE_TYPE_UTF8_VIEW && all_utf8(c))
    return SLUICE_OK;
  for (int64_t i = 0; i < c->array->length; i++) {
    if (sluice_is_null(c->array, i))
      continue; /* what lies there is nobody's */
    struct span span = array_span(&c->type, c->array, i);
    if (sluice_utf8_valid(span.data, span.size) != span.size)
      return bad_row(c, i, "text is not UTF-8");
  }
  return SLUICE_OK;
}

static const char *view_fault(const struct ArrowArray *array, const struct view *view) {
  const int64_t *sizes = array->buffers[array->n_buffers - 1];
  if (view->size < 0)
    return "a view of negative size";
  if (view->size <= VIEW_INLINE)
    return NULL;
  int32_t buffer = view->u.ref.buffer, offset = view->u.ref.offset;
  if (buffer < 0 || buffer >= array->n_buffers - 3)
    return "a view into a buffer that is not there";
  if (offset < 0 || offset > sizes[buffer] - view->size)
    return "a view beyond its buffer";
  const uint8_t *data = (const uint8_t *)array->buffers[2 + buffer] + offset;
  return memcmp(data, view->u.ref.prefix, sizeof view->u.ref.prefix) == 0 ? NULL
                                                                          : "a view whose prefix is not its text";
}

static int check_views(const struct column *c) {
  const struct view *views = (const struct view *)c->array->buffers[1] + c->array->offset;
  for (int64_t i = 0; i < c->array->length; i++) {
    if (sluice_is_null(c->array, i))
      continue;
    const char *fault = view_fault(c->array, &views[i]);
    if (fault)
      return bad_row(c, i, fault);
  }
  return check_utf8(c);
}

static int check_list_views(const struct column *c) {
  int64_t items = c->array->children[0]->length, start, count;
  for (int64_t i = 0; i < c->array->length; i++) {
    array_items(&c->type, c->array, i, &start, &count);
    if (start < 0 || count < 0 || start > items || count > items - start)
      return bad_row(c, i, "a list view beyond its items");
  }
  return SLUICE_OK;
}

static int check_union(const struct column *c) {
  const struct ArrowArray *a = c->array;
  const int8_t *types = (const int8_t *)a->buffers[0] + a->offset;
  const int32_t *offsets = c->type.id == SLUICE_TYPE_DENSE_UNION ? a->buffers[1] : NULL;
  int8_t codes[128];
  int16_t children[128];
  union_codes(c->schema->format, a->n_children, codes);
  for (int i = 0; i < 128; i++)
    children[i] = -1;
  for (int16_t i = 0; i < a->n_children; i++)
    children[codes[i]] = i;
  for (int64_t i = 0; i < a->length; i++) {
    int16_t child = types[i] < 0 ? -1 : children[types[i]];
    if (child < 0)
      return bad_row(c, i, "a type code that the union does not have");
    if (!offsets)
      continue;
    int32_t offset = offsets[a->offset + i];
    if (offset < 0 || offset >= a->children[child]->length)
      return bad_row(c, i, "an offset beyond the union's child");
  }
  return SLUICE_OK;
}

static int check_runs(const struct column *c) {
  const struct ArrowArray *ends = c->array->children[0];
  struct sluice_type type;
  if (sluice_type_parse(c->schema->children[0]->format, &type, NULL) != SLUICE_OK)
    return SLUICE_ERR_DATA;
  int64_t last = 0;
  for (int64_t i = 0; i < ends->length; i++) {
    int64_t end = run_end_at(&type, ends, i);
    if (end <= last)
      return bad_row(c, i, "run ends do not rise");
    last = end;
  }
  return SLUICE_OK;
}

static int check_indexes(const struct column *c) {
  int64_t n = c->array->dictionary->length;
  for (int64_t i = 0; i < c->array->length; i++) {
    if (sluice_is_null(c->array, i))
      continue;
    int64_t index = array_index(&c->type, c->array, i);
    if (index < 0 || index >= n)
      return bad_row(c, i, "an index beyond the dictionary");
  }
  return SLUICE_OK;
}

/* No entry and no key of a map may be null. */
static int check_map(const struct column *c) {
  const struct ArrowArray *a = c->array, *entries = a->children[0], *keys = entries->children[0];
  int64_t start = 0, count = 0, last = 0;
  array_items(&c->type, a, 0, &start, &count);
  array_items(&c->type, a, a->length - 1, &last, &count);
  struct sluice_type key;
  bool has_bitmap = sluice_type_parse(c->schema->children[0]->children[0]->format, &key, NULL) == SLUICE_OK &&
                    type_has_validity(key.id);
  for (int64_t i = start; i < last + count; i++) {
    if (sluice_is_null(entries, i))
      return bad_row(c, 0, "an entry of a map is null");
    if (has_bitmap && sluice_is_null(keys, entries->offset + i))
      return bad_row(c, 0, "a key of a map is null");
  }
  return SLUICE_OK;
}

static int check_list(const struct column *c) {
  int status = check_offsets32(c);
  return status == SLUICE_OK && c->type.id == SLUICE_TYPE_MAP ? check_map(c) : status;
}

static int check_values(const struct column *c) {
  int status;
  switch (type_layout(c->type.id)) {
  case LAYOUT_BYTES32:
    status = check_offsets32(c);
    return status == SLUICE_OK ? check_utf8(c) : status;
  case LAYOUT_BYTES64:
    status = check_offsets64(c);
    return status == SLUICE_OK ? check_utf8(c) : status;
  case LAYOUT_VIEW:
    return check_views(c);
  case LAYOUT_LIST32:
    return check_list(c);
  case LAYOUT_LIST64:
    return check_offsets64(c);
  case LAYOUT_LIST_VIEW32:
  case LAYOUT_LIST_VIEW64:
    return check_list_views(c);
  case LAYOUT_DENSE_UNION:
  case LAYOUT_SPARSE_UNION:
    return check_union(c);
  default:
    return SLUICE_OK;
  }
}

int validate_values(const struct column *c) {
  if (type_layout(c->type.id) == LAYOUT_RUN_END)
    return check_runs(c);
  int status = check_null_count(c);
  if (status != SLUICE_OK || c->array->length == 0)
    return status;
  return c->schema->dictionary ? check_indexes(c) : check_values(c);
}
