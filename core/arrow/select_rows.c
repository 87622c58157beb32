/* Single rows of an array, layout by layout, in loops that know the width of a value. */
#include "select.h"
#include <stdlib.h>

enum { ITEMS_FEW = 8, CHUNK = 16 }; /* items of a list on average; bytes of a short text that are copied at once */

/* Room for n values at the end of the buffer, not filled yet; NULL: no memory. */
static uint8_t *extend(struct sluice_buffer *buffer, int64_t n, int64_t width) {
  int64_t bytes;
  if (__builtin_mul_overflow(n, width, &bytes) || sluice_buffer_reserve(buffer, (size_t)bytes) != SLUICE_OK)
    return NULL;
  uint8_t *at = buffer->data + buffer->size;
  buffer->size += (size_t)bytes;
  return at;
}

/* ---- bits ---- */

static void pick_bits(const uint8_t *bits, const struct picks *p, int64_t first, uint8_t *out) {
  for (int64_t i = 0; i < p->n; i += 8) {
    unsigned byte = 0;
    int64_t some = p->n - i < 8 ? p->n - i : 8;
    for (int64_t k = 0; k < some; k++)
      byte |= (unsigned)sluice_bit(bits, first + p->rows[i + k]) << k;
    out[i / 8] = (uint8_t)byte;
  }
}

static int fill_bits(struct sluice_builder *b, const struct ArrowArray *array, const struct picks *p) {
  uint8_t *to = extend(&b->first, (p->n + 7) / 8, 1);
  if (!to)
    return SLUICE_ERR_MEMORY;
  pick_bits(array->buffers[1], p, array->offset + p->shift, to);
  return SLUICE_OK;
}

static int fill_validity(struct sluice_builder *b, const struct ArrowArray *array, const struct picks *p) {
  if (!type_has_validity(b->type.id) || array->null_count == 0 || !array->buffers[0])
    return builder_mark(b, p->n, true);
  int status = builder_mark(b, p->n, false);
  if (status != SLUICE_OK)
    return status;
  pick_bits(array->buffers[0], p, array->offset + p->shift, b->validity.data);
  int64_t valid = bits_count(b->validity.data, 0, p->n);
  b->nulls -= valid;
  if (valid == p->n)
    sluice_buffer_free(&b->validity);
  return SLUICE_OK;
}

/* ---- values of one width ---- */

#define PICK(T)                                                                                                        \
  static void pick_##T(const void *data, const int64_t *rows, int64_t n, void *out) {                                  \
    const T *from = data;                                                                                              \
    T *to = out;                                                                                                       \
    for (int64_t i = 0; i < n; i++)                                                                                    \
      to[i] = from[rows[i]];                                                                                           \
  }
PICK(uint8_t)
PICK(uint16_t)
PICK(uint32_t)
PICK(uint64_t)

static void pick_16(const uint8_t *from, const int64_t *rows, int64_t n, uint8_t *to) {
  for (int64_t i = 0; i < n; i++)
    memcpy(to + 16 * i, from + 16 * rows[i], 16);
}

static void pick_any(const uint8_t *from, size_t width, const int64_t *rows, int64_t n, uint8_t *to) {
  for (int64_t i = 0; i < n; i++)
    memcpy(to + (size_t)i * width, from + (size_t)rows[i] * width, width);
}

static void pick_fixed(const uint8_t *from, int32_t width, const int64_t *rows, int64_t n, uint8_t *to) {
  switch (width) {
  case 1:
    pick_uint8_t(from, rows, n, to);
    return;
  case 2:
    pick_uint16_t(from, rows, n, to);
    return;
  case 4:
    pick_uint32_t(from, rows, n, to);
    return;
  case 8:
    pick_uint64_t(from, rows, n, to);
    return;
  case 16:
    pick_16(from, rows, n, to);
    return;
  default:
    pick_any(from, (size_t)width, rows, n, to);
  }
}

static int fill_fixed(struct sluice_builder *b, const struct ArrowArray *array, const struct picks *p) {
  int32_t width = b->type.width;
  if (width == 0)
    return SLUICE_OK;
  uint8_t *to = extend(&b->first, p->n, width);
  if (!to)
    return SLUICE_ERR_MEMORY;
  pick_fixed((const uint8_t *)array->buffers[1] + (array->offset + p->shift) * width, width, p->rows, p->n, to);
  return SLUICE_OK;
}

/* ---- texts ---- */

static int64_t read_offset(const void *offsets, bool wide, int64_t i) {
  return wide ? ((const int64_t *)offsets)[i] : ((const int32_t *)offsets)[i];
}

static void write_offset(uint8_t *offsets, bool wide, int64_t i, int64_t value) {
  memcpy(offsets + i * (wide ? 8 : 4), &value, wide ? 8 : 4); /* the low bytes come first */
}

/* Offsets of the rows' ranges laid end to end; *total is where the last ends. */
static int fill_offsets(struct sluice_builder *b, bool wide, const void *offsets, const struct picks *p, int64_t first,
                        int64_t *total) {
  int status = builder_start_offsets(b);
  uint8_t *ends = status == SLUICE_OK ? extend(&b->first, p->n, wide ? 8 : 4) : NULL;
  int64_t end = 0;
  if (!ends)
    return SLUICE_ERR_MEMORY;
  for (int64_t i = 0; i < p->n; i++) {
    int64_t at = first + p->rows[i];
    end += read_offset(offsets, wide, at + 1) - read_offset(offsets, wide, at);
    write_offset(ends, wide, i, end);
  }
  *total = end; /* of ranges that do not overlap: no more than the source has */
  return SLUICE_OK;
}

/* Texts shorter than a chunk are copied as one, where the source goes on that far: the room behind is there. */
static uint8_t *copy_text(uint8_t *to, const uint8_t *from, size_t size, size_t readable) {
  if (size <= CHUNK && readable >= CHUNK)
    memcpy(to, from, CHUNK);
  else if (size)
    memcpy(to, from, size);
  return to + size;
}

static int fill_texts(struct sluice_builder *b, const struct ArrowArray *array, const struct picks *p) {
  bool wide = b->layout == LAYOUT_BYTES64;
  const void *offsets = array->buffers[1];
  const uint8_t *data = array->buffers[2];
  int64_t total, first = array->offset + p->shift;
  int status = fill_offsets(b, wide, offsets, p, first, &total);
  if (status != SLUICE_OK || total == 0)
    return status;
  if (sluice_buffer_reserve(&b->second, (size_t)total + CHUNK) != SLUICE_OK)
    return SLUICE_ERR_MEMORY;
  int64_t behind = read_offset(offsets, wide, array->offset + array->length);
  uint8_t *to = b->second.data;
  for (int64_t i = 0; i < p->n; i++) {
    int64_t at = first + p->rows[i], from = read_offset(offsets, wide, at);
    to = copy_text(to, data + from, (size_t)(read_offset(offsets, wide, at + 1) - from), (size_t)(behind - from));
  }
  b->second.size = (size_t)total;
  return SLUICE_OK;
}

/* ---- views ---- */

/* What lies behind a short text in its view is 0, and so is the view of a null. Returns the bytes of long texts. */
static int64_t clean_views(const struct ArrowArray *array, const struct picks *p, struct view *views) {
  bool nulls = array->null_count != 0 && array->buffers[0];
  int64_t bytes = 0;
  for (int64_t i = 0; i < p->n; i++) {
    struct view *view = &views[i];
    if (nulls && sluice_is_null(array, p->shift + p->rows[i]))
      memset(view, 0, sizeof *view);
    else if (view->size > VIEW_INLINE)
      bytes += view->size;
    else
      memset(view->u.data + view->size, 0, (size_t)(VIEW_INLINE - view->size));
  }
  return bytes;
}

static void move_texts(const struct ArrowArray *array, struct view *views, int64_t n, uint8_t *to) {
  int32_t at = 0;
  for (int64_t i = 0; i < n; i++) {
    struct view *view = &views[i];
    if (view->size <= VIEW_INLINE)
      continue;
    const uint8_t *text = (const uint8_t *)array->buffers[2 + view->u.ref.buffer] + view->u.ref.offset;
    memcpy(view->u.ref.prefix, text, sizeof view->u.ref.prefix);
    memcpy(to + at, text, (size_t)view->size);
    view->u.ref.buffer = 0;
    view->u.ref.offset = at;
    at += view->size;
  }
}

static int fill_views(struct sluice_builder *b, const struct ArrowArray *array, const struct picks *p) {
  uint8_t *to = extend(&b->first, p->n, sizeof(struct view));
  if (!to)
    return SLUICE_ERR_MEMORY;
  const struct view *from = (const struct view *)array->buffers[1] + array->offset + p->shift;
  struct view *views = (struct view *)(void *)to;
  pick_16((const uint8_t *)from, p->rows, p->n, to);
  int64_t bytes = clean_views(array, p, views);
  if (bytes == 0)
    return SLUICE_OK;
  uint8_t *texts = extend(&b->second, bytes, 1); /* its limit is that of an offset */
  if (!texts)
    return SLUICE_ERR_MEMORY;
  move_texts(array, views, p->n, texts);
  return SLUICE_OK;
}

/* ---- children ---- */

static int fill_children(struct sluice_builder *b, const struct ArrowArray *array, const struct picks *p) {
  const struct picks below = {p->rows, p->n, p->shift + array->offset};
  int status = SLUICE_OK;
  for (int64_t i = 0; status == SLUICE_OK && i < b->n_children; i++)
    status = builder_fill(b->children[i], array->children[i], &below);
  return status;
}

static int append_items(struct sluice_builder *b, const struct ArrowArray *array, const struct picks *p) {
  int64_t start, count;
  int status = SLUICE_OK;
  for (int64_t i = 0; status == SLUICE_OK && i < p->n; i++) {
    array_items(&b->type, array, p->shift + p->rows[i], &start, &count);
    status = sluice_builder_append(b->children[0], array->children[0], start, count);
  }
  return status;
}

/* Few items in a row: each is a row of its own. */
static int pick_items(struct sluice_builder *b, const struct ArrowArray *array, const struct picks *p, int64_t total) {
  int64_t start, count, n = 0, *rows = calloc((size_t)total + 1, sizeof *rows);
  if (!rows)
    return SLUICE_ERR_MEMORY;
  for (int64_t i = 0; i < p->n; i++) {
    array_items(&b->type, array, p->shift + p->rows[i], &start, &count);
    for (int64_t k = 0; k < count; k++)
      rows[n++] = start + k;
  }
  int status = builder_fill(b->children[0], array->children[0], &(struct picks){rows, n, 0});
  free(rows);
  return status;
}

static int fill_items(struct sluice_builder *b, const struct ArrowArray *array, const struct picks *p, int64_t total) {
  bool many = total / ITEMS_FEW >= p->n;
  return many ? append_items(b, array, p) : pick_items(b, array, p, total);
}

static int fill_lists(struct sluice_builder *b, const struct ArrowArray *array, const struct picks *p) {
  int64_t total;
  int status = fill_offsets(b, b->layout == LAYOUT_LIST64, array->buffers[1], p, array->offset + p->shift, &total);
  return status == SLUICE_OK ? fill_items(b, array, p, total) : status;
}

static int fill_fixed_lists(struct sluice_builder *b, const struct ArrowArray *array, const struct picks *p) {
  int64_t total;
  if (__builtin_mul_overflow(p->n, (int64_t)b->type.width, &total))
    return SLUICE_ERR_MEMORY;
  return fill_items(b, array, p, total);
}

/* ---- all ---- */

/* Layouts whose rows are not found by their number alone, in runs. */
static int append_runs(struct sluice_builder *b, const struct ArrowArray *array, const struct picks *p) {
  int status = SLUICE_OK;
  for (int64_t i = 0, end; status == SLUICE_OK && i < p->n; i = end) {
    for (end = i + 1; end < p->n && p->rows[end] == p->rows[end - 1] + 1;)
      end++;
    status = sluice_builder_append(b, array, p->shift + p->rows[i], end - i);
  }
  return status;
}

static int fill_values(struct sluice_builder *b, const struct ArrowArray *array, const struct picks *p) {
  switch (b->layout) {
  case LAYOUT_NULL:
    b->nulls += p->n;
    return SLUICE_OK;
  case LAYOUT_BITS:
    return fill_bits(b, array, p);
  case LAYOUT_FIXED:
    return fill_fixed(b, array, p);
  case LAYOUT_BYTES32:
  case LAYOUT_BYTES64:
    return fill_texts(b, array, p);
  case LAYOUT_VIEW:
    return fill_views(b, array, p);
  case LAYOUT_LIST32:
  case LAYOUT_LIST64:
    return fill_lists(b, array, p);
  case LAYOUT_FIXED_LIST:
    return fill_fixed_lists(b, array, p);
  case LAYOUT_STRUCT:
    return fill_children(b, array, p);
  default:
    return SLUICE_ERR_BUG;
  }
}

static bool in_runs_only(enum layout layout) {
  return layout == LAYOUT_LIST_VIEW32 || layout == LAYOUT_LIST_VIEW64 || layout == LAYOUT_DENSE_UNION ||
         layout == LAYOUT_SPARSE_UNION || layout == LAYOUT_RUN_END;
}

int builder_fill(struct sluice_builder *b, const struct ArrowArray *array, const struct picks *picks) {
  if (picks->n == 0)
    return SLUICE_OK;
  if (in_runs_only(b->layout))
    return append_runs(b, array, picks);
  int status = fill_values(b, array, picks);
  if (status == SLUICE_OK)
    status = fill_validity(b, array, picks);
  if (status == SLUICE_OK)
    b->length += picks->n;
  return status;
}
