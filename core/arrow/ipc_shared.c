/* Views, list views and dense unions in the IPC stream. Slices of one array would else each carry all that the array
 * has. */
#include "ipc.h"

/* ---- views ---- */

static int64_t bytes_of_views(const struct ArrowArray *array, int64_t first, int64_t n) {
  const struct view *views = array->buffers[1];
  int64_t bytes = 0, at = array->offset + first;
  for (int64_t i = 0; i < n; i++)
    if (views[at + i].size > VIEW_INLINE && !sluice_is_null(array, first + i))
      bytes += views[at + i].size;
  return bytes;
}

static int add_all_data(struct ipc_body *body, const struct ArrowArray *array, int64_t first, int64_t n) {
  int64_t count = array->n_buffers - 3;
  const int64_t *sizes = array->buffers[array->n_buffers - 1];
  const struct view *views = array->buffers[1];
  int status = ipc_piece_add(body, n ? views + array->offset + first : NULL, n * (int64_t)sizeof *views);
  if (status == SLUICE_OK)
    status = sluice_buffer_append(&body->counts, &count, sizeof count);
  for (int64_t i = 0; status == SLUICE_OK && i < count; i++)
    status = ipc_piece_add(body, array->buffers[2 + i], sizes[i]);
  return status;
}

/* The texts of these rows in one buffer of their own. */
static int add_own_data(struct ipc_body *body, const struct ArrowArray *array, int64_t first, int64_t n,
                        int64_t bytes) {
  const struct view *views = array->buffers[1];
  int64_t one = 1, at = 0;
  struct view *copies = ipc_piece_make(body, n * (int64_t)sizeof *copies);
  uint8_t *data = copies ? ipc_piece_make(body, bytes) : NULL;
  if (!data)
    return SLUICE_ERR_MEMORY;
  for (int64_t i = 0; i < n; i++) {
    if (sluice_is_null(array, first + i))
      continue;
    const struct view *view = &views[array->offset + first + i];
    copies[i] = *view;
    if (view->size <= VIEW_INLINE)
      continue;
    const uint8_t *from = array->buffers[2 + view->u.ref.buffer];
    memcpy(data + at, from + view->u.ref.offset, (size_t)view->size);
    copies[i].u.ref.buffer = 0;
    copies[i].u.ref.offset = (int32_t)at;
    at += view->size;
  }
  return sluice_buffer_append(&body->counts, &one, sizeof one);
}

int ipc_views_add(struct ipc_body *body, const struct ArrowArray *array, int64_t first, int64_t n) {
  int64_t used = bytes_of_views(array, first, n), held = 0;
  const int64_t *sizes = array->buffers[array->n_buffers - 1];
  for (int64_t i = 0; i < array->n_buffers - 3; i++)
    held += sizes[i];
  bool sparse = used < held / 2 && used < INT32_MAX;
  return sparse ? add_own_data(body, array, first, n, used) : add_all_data(body, array, first, n);
}

/* ---- list views ---- */

struct range { /* of items of a child; empty: low is not below high */
  int64_t low, high;
};

static void widen(struct range *range, int64_t start, int64_t end) {
  range->low = start < range->low ? start : range->low;
  range->high = end > range->high ? end : range->high;
}

static void store(uint8_t *items, int64_t width, int64_t i, int64_t value) {
  memcpy(items + i * width, &value, (size_t)width); /* little-endian: the low bytes come first */
}

int ipc_list_views_add(struct ipc_body *body, const struct ArrowSchema *schema, const struct ArrowArray *array,
                       int64_t width, int64_t first, int64_t n) {
  struct sluice_type type = {.id = width == 8 ? SLUICE_TYPE_LARGE_LIST_VIEW : SLUICE_TYPE_LIST_VIEW};
  struct range used = {INT64_MAX, 0};
  int64_t start, count;
  for (int64_t i = 0; i < n; i++) {
    array_items(&type, array, first + i, &start, &count);
    if (count > 0 && !sluice_is_null(array, first + i))
      widen(&used, start, start + count);
  }
  int64_t low = used.low < used.high ? used.low : 0;
  uint8_t *starts = ipc_piece_make(body, n * width), *sizes = starts ? ipc_piece_make(body, n * width) : NULL;
  if (!sizes)
    return SLUICE_ERR_MEMORY;
  for (int64_t i = 0; i < n; i++) {
    array_items(&type, array, first + i, &start, &count);
    if (count <= 0 || sluice_is_null(array, first + i))
      continue;
    store(starts, width, i, start - low);
    store(sizes, width, i, count);
  }
  return ipc_body_add(body, schema->children[0], array->children[0], low, used.high > low ? used.high - low : 0);
}

/* ---- dense unions ---- */

/* Which values of each child these rows have; by type code. */
static void find_ranges(const struct ArrowArray *array, int64_t at, int64_t n, struct range ranges[128]) {
  const int8_t *codes = array->buffers[0];
  const int32_t *offsets = array->buffers[1];
  for (int i = 0; i < 128; i++)
    ranges[i] = (struct range){INT64_MAX, 0};
  for (int64_t i = at; i < at + n; i++)
    if (codes[i] >= 0)
      widen(&ranges[codes[i]], offsets[i], (int64_t)offsets[i] + 1);
}

int ipc_dense_union_add(struct ipc_body *body, const struct ArrowSchema *schema, const struct ArrowArray *array,
                        int64_t at, int64_t n) {
  struct range ranges[128];
  int8_t codes[128];
  const int8_t *types = array->buffers[0];
  const int32_t *offsets = array->buffers[1];
  find_ranges(array, at, n, ranges);
  int status = ipc_piece_add(body, n ? types + at : NULL, n);
  int32_t *copies = status == SLUICE_OK ? ipc_piece_make(body, n * 4) : NULL;
  if (!copies)
    return SLUICE_ERR_MEMORY;
  for (int64_t i = 0; i < n; i++)
    if (types[at + i] >= 0)
      copies[i] = (int32_t)(offsets[at + i] - ranges[types[at + i]].low);
  union_codes(schema->format, schema->n_children, codes);
  for (int64_t i = 0; status == SLUICE_OK && i < schema->n_children; i++) {
    struct range range = ranges[codes[i]];
    bool any = range.low < range.high;
    status = ipc_body_add(body, schema->children[i], array->children[i], any ? range.low : 0,
                          any ? range.high - range.low : 0);
  }
  return status;
}
