/* Joining rows: concat, nulls; and what an array's values weigh. */
#include "builder.h"

/* The same memory, such as two slices of one array have. */
static bool same_memory(const struct ArrowArray *a, const struct ArrowArray *b) {
  if (a->length != b->length || a->offset != b->offset || a->n_buffers != b->n_buffers)
    return false;
  for (int64_t i = 0; i < a->n_buffers; i++)
    if (a->buffers[i] != b->buffers[i])
      return false;
  for (int64_t i = 0; i < a->n_children; i++)
    if (!same_memory(a->children[i], b->children[i]))
      return false;
  return !a->dictionary || same_memory(a->dictionary, b->dictionary);
}

static bool same_dictionaries(const struct ArrowArray *a, const struct ArrowArray *b) {
  for (int64_t i = 0; i < a->n_children; i++)
    if (!same_dictionaries(a->children[i], b->children[i]))
      return false;
  return !a->dictionary || same_memory(a->dictionary, b->dictionary);
}

int sluice_array_concat(const struct ArrowSchema *schema, const struct ArrowArray *const *arrays, int64_t n,
                        struct ArrowArray *out, struct sluice_error *err) {
  for (int64_t i = 1; i < n; i++)
    if (!same_dictionaries(arrays[0], arrays[i]))
      return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, schema->name,
                         "arrays with different dictionaries cannot be joined: decode them first");
  struct sluice_builder *b = NULL;
  int status = sluice_builder_create(schema, &b, err);
  if (status != SLUICE_OK)
    return status;
  if (n > 0)
    status = builder_take_dictionaries(b, arrays[0]);
  for (int64_t i = 0; status == SLUICE_OK && i < n; i++)
    status = sluice_builder_append(b, arrays[i], 0, arrays[i]->length);
  if (status == SLUICE_OK)
    status = sluice_builder_finish(b, out, err);
  sluice_builder_destroy(b);
  return status == SLUICE_OK ? status : sluice_fail(err, status, schema->name, "cannot join: no memory, or over 2 GiB");
}

int sluice_array_nulls(const struct ArrowSchema *schema, int64_t length, struct ArrowArray *out) {
  struct sluice_builder *b = NULL;
  int status = sluice_builder_create(schema, &b, NULL);
  if (status == SLUICE_OK)
    status = sluice_builder_nulls(b, length);
  if (status == SLUICE_OK)
    status = sluice_builder_finish(b, out, NULL);
  sluice_builder_destroy(b);
  return status;
}

static int64_t range_bytes(const struct ArrowSchema *schema, const struct ArrowArray *array, int64_t first, int64_t n);

static int64_t text_bytes(const struct sluice_type *type, const struct ArrowArray *array, int64_t first, int64_t n) {
  struct span a = array_span(type, array, first), b = array_span(type, array, first + n - 1);
  return a.data ? (int64_t)(b.data - a.data) + (int64_t)b.size : 0;
}

static int64_t view_bytes(const struct ArrowArray *array, int64_t first, int64_t n) {
  const struct view *views = (const struct view *)array->buffers[1] + array->offset + first;
  int64_t bytes = 0;
  for (int64_t i = 0; i < n; i++)
    bytes += 16 + (views[i].size > VIEW_INLINE && !sluice_is_null(array, first + i) ? views[i].size : 0);
  return bytes;
}

/* The items between the first and the last that some row has. Rows may share items, and lists of lists all of them:
 * each is looked at once. */
static int64_t list_view_bytes(const struct ArrowSchema *schema, const struct sluice_type *type,
                               const struct ArrowArray *array, int64_t first, int64_t n) {
  int64_t low = INT64_MAX, high = 0, start, count;
  for (int64_t i = 0; i < n; i++) {
    array_items(type, array, first + i, &start, &count);
    if (count == 0)
      continue;
    low = start < low ? start : low;
    high = start + count > high ? start + count : high;
  }
  return n * 16 + (low < high ? range_bytes(schema->children[0], array->children[0], low, high - low) : 0);
}

static int64_t list_bytes(const struct ArrowSchema *schema, const struct sluice_type *type,
                          const struct ArrowArray *array, int64_t first, int64_t n) {
  int64_t start, count, last;
  if (type->id == SLUICE_TYPE_LIST_VIEW || type->id == SLUICE_TYPE_LARGE_LIST_VIEW)
    return list_view_bytes(schema, type, array, first, n);
  array_items(type, array, first, &start, &count);
  array_items(type, array, first + n - 1, &last, &count);
  return n * 8 + range_bytes(schema->children[0], array->children[0], start, last + count - start);
}

static int64_t children_bytes(const struct ArrowSchema *schema, const struct ArrowArray *array, int64_t first,
                              int64_t n) {
  int64_t bytes = 0;
  for (int64_t i = 0; i < array->n_children; i++)
    bytes += range_bytes(schema->children[i], array->children[i], first, n);
  return bytes;
}

/* The rows' share of a dense union's or run-end array's children: no cheap way to say what belongs to which row. */
static int64_t shared_children_bytes(const struct ArrowSchema *schema, const struct ArrowArray *array, int64_t n) {
  double bytes = 0;
  for (int64_t i = 0; i < array->n_children; i++)
    bytes += (double)range_bytes(schema->children[i], array->children[i], 0, array->children[i]->length);
  return (int64_t)(bytes * (double)n / (double)(array->offset + array->length));
}

static int64_t value_bytes(const struct ArrowSchema *schema, const struct sluice_type *type,
                           const struct ArrowArray *array, int64_t first, int64_t n) {
  int64_t at = array->offset + first;
  switch (type_layout(type->id)) {
  case LAYOUT_NULL:
    return 0;
  case LAYOUT_BITS:
    return (n + 7) / 8;
  case LAYOUT_FIXED:
    return n * type->width;
  case LAYOUT_BYTES32:
    return n * 4 + text_bytes(type, array, first, n);
  case LAYOUT_BYTES64:
    return n * 8 + text_bytes(type, array, first, n);
  case LAYOUT_VIEW:
    return view_bytes(array, first, n);
  case LAYOUT_STRUCT:
    return children_bytes(schema, array, at, n);
  case LAYOUT_SPARSE_UNION:
    return n + children_bytes(schema, array, at, n);
  case LAYOUT_DENSE_UNION:
    return n * 5 + shared_children_bytes(schema, array, n);
  case LAYOUT_RUN_END:
    return shared_children_bytes(schema, array, n);
  default:
    return list_bytes(schema, type, array, first, n);
  }
}

static int64_t range_bytes(const struct ArrowSchema *schema, const struct ArrowArray *array, int64_t first, int64_t n) {
  struct sluice_type type;
  if (n <= 0 || sluice_type_parse(schema->format, &type, NULL) != SLUICE_OK)
    return 0;
  int64_t bytes = value_bytes(schema, &type, array, first, n);
  if (type_has_validity(type.id) && array->buffers[0])
    bytes += (n + 7) / 8;
  return bytes;
}

static int64_t dictionary_bytes(const struct ArrowSchema *schema, const struct ArrowArray *array) {
  int64_t bytes = array->dictionary ? sluice_array_bytes(schema->dictionary, array->dictionary) : 0;
  for (int64_t i = 0; i < array->n_children; i++)
    bytes += dictionary_bytes(schema->children[i], array->children[i]);
  return bytes;
}

int64_t sluice_array_bytes(const struct ArrowSchema *schema, const struct ArrowArray *array) {
  return range_bytes(schema, array, 0, array->length) + dictionary_bytes(schema, array);
}

/* ---- what rows refer to, as often as they do: it is written out in full ---- */

static const size_t MOST = (size_t)1 << 40; /* of one value; more is no size */

static int64_t text_size(const struct sluice_type *type, const struct ArrowArray *values, int64_t i) {
  bool text = type_layout(type->id) == LAYOUT_BYTES32 || type_layout(type->id) == LAYOUT_BYTES64;
  if (!text && type_layout(type->id) != LAYOUT_VIEW)
    return 0;
  struct span value = array_span(type, values, i);
  return value.data && value.size <= MOST ? (int64_t)value.size : 0;
}

/* Texts of the dictionary; values of other types weigh little. Indexes may be wrong still. */
static int64_t looked_up_bytes(const struct ArrowSchema *schema, const struct ArrowArray *array, int64_t first,
                               int64_t n) {
  struct sluice_type indexes, values;
  int64_t bytes = 0;
  if (sluice_type_parse(schema->format, &indexes, NULL) != SLUICE_OK ||
      sluice_type_parse(schema->dictionary->format, &values, NULL) != SLUICE_OK)
    return 0;
  for (int64_t i = first; i < first + n && bytes < INT64_MAX / 4; i++) {
    int64_t at = sluice_is_null(array, i) ? -1 : array_index(&indexes, array, i);
    if (at >= 0 && at < array->dictionary->length)
      bytes += text_size(&values, array->dictionary, at);
  }
  return bytes;
}

/* Of items that several rows share: as many more as they are counted again, of average size. */
static int64_t shared_bytes(const struct ArrowSchema *schema, const struct sluice_type *type,
                            const struct ArrowArray *array, int64_t first, int64_t n) {
  int64_t low = INT64_MAX, high = 0, start, count;
  double all = 0;
  for (int64_t i = first; i < first + n; i++) {
    array_items(type, array, i, &start, &count);
    all += (double)count;
    low = count && start < low ? start : low;
    high = count && start + count > high ? start + count : high;
  }
  if (low >= high || all <= (double)(high - low))
    return 0;
  double once = (double)range_bytes(schema->children[0], array->children[0], low, high - low);
  double more = once * (all / (double)(high - low) - 1);
  return more < (double)(INT64_MAX / 4) ? (int64_t)more : INT64_MAX / 4;
}

static int64_t referred_bytes(const struct ArrowSchema *schema, const struct ArrowArray *array, int64_t first,
                              int64_t n) {
  struct sluice_type type;
  int64_t bytes = 0;
  if (sluice_type_parse(schema->format, &type, NULL) != SLUICE_OK)
    return 0;
  if (array->dictionary)
    return looked_up_bytes(schema, array, first, n);
  if (type.id == SLUICE_TYPE_LIST_VIEW || type.id == SLUICE_TYPE_LARGE_LIST_VIEW)
    return shared_bytes(schema, &type, array, first, n);
  for (int64_t i = 0; type.id == SLUICE_TYPE_STRUCT && i < array->n_children && bytes < INT64_MAX / 4; i++)
    bytes += referred_bytes(schema->children[i], array->children[i], array->offset + first, n);
  return bytes;
}

static bool is_within(const struct ArrowSchema *schema, const struct ArrowArray *array, int64_t first, int64_t n,
                      int64_t bytes) {
  return range_bytes(schema, array, first, n) <= bytes && referred_bytes(schema, array, first, n) <= bytes;
}

int64_t sluice_array_rows_within(const struct ArrowSchema *schema, const struct ArrowArray *array, int64_t first,
                                 int64_t n, int64_t bytes) {
  int64_t low = 1, high = n;
  if (n <= 1 || is_within(schema, array, first, n, bytes))
    return n;
  while (low < high) {
    int64_t middle = low + (high - low + 1) / 2;
    if (is_within(schema, array, first, middle, bytes))
      low = middle;
    else
      high = middle - 1;
  }
  return low;
}
