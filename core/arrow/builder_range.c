/* Putting many values into a builder: nulls, and rows of another array. */
#include "builder.h"

static int extend(struct sluice_buffer *buffer, int64_t n, int64_t width) {
  int64_t bytes;
  if (__builtin_mul_overflow(n, width, &bytes) || !buffer_extend(buffer, (size_t)bytes))
    return SLUICE_ERR_MEMORY;
  return SLUICE_OK;
}

/* Bytes so that length + n bits fit. */
static int extend_bits(struct sluice_buffer *buffer, int64_t length, int64_t n) {
  if (length > INT64_MAX - n - 7)
    return SLUICE_ERR_MEMORY;
  return extend(buffer, (length + n + 7) / 8 - (int64_t)buffer->size, 1);
}

static int repeat(struct sluice_buffer *buffer, int64_t n, size_t width) {
  size_t old = buffer->size;
  int status = extend(buffer, n, (int64_t)width);
  for (int64_t i = 0; status == SLUICE_OK && i < n; i++)
    memcpy(buffer->data + old + (size_t)i * width, buffer->data + old - width, width);
  return status;
}

static int null_children(struct sluice_builder *b, int64_t n) {
  int status = SLUICE_OK;
  for (int64_t i = 0; status == SLUICE_OK && i < b->n_children; i++)
    status = sluice_builder_nulls(b->children[i], n);
  return status;
}

static int null_union(struct sluice_builder *b, int64_t n) {
  if (b->n_children == 0)
    return SLUICE_ERR_DATA;
  int status = b->layout == LAYOUT_SPARSE_UNION ? null_children(b, n) : SLUICE_OK;
  size_t old = b->first.size;
  if (status == SLUICE_OK)
    status = extend(&b->first, n, 1);
  if (status == SLUICE_OK && n)
    memset(b->first.data + old, b->codes[0], (size_t)n);
  if (b->layout == LAYOUT_SPARSE_UNION)
    return status;
  for (int64_t i = 0; status == SLUICE_OK && i < n; i++) {
    int32_t offset = (int32_t)b->children[0]->length;
    if (b->children[0]->length > INT32_MAX)
      return SLUICE_ERR_MEMORY;
    status = sluice_buffer_append(&b->second, &offset, sizeof offset);
    if (status == SLUICE_OK)
      status = sluice_builder_nulls(b->children[0], 1);
  }
  return status;
}

static int null_run(struct sluice_builder *b, int64_t n) {
  int status = sluice_builder_nulls(b->children[1], 1);
  return status == SLUICE_OK ? sluice_builder_int(b->children[0], b->length + n) : status;
}

static int null_items(struct sluice_builder *b, int64_t n) {
  int64_t items;
  if (__builtin_mul_overflow(n, (int64_t)b->type.width, &items))
    return SLUICE_ERR_MEMORY;
  return sluice_builder_nulls(b->children[0], items);
}

static int null_values(struct sluice_builder *b, int64_t n) {
  int status = builder_start_offsets(b);
  if (status != SLUICE_OK)
    return status;
  switch (b->layout) {
  case LAYOUT_NULL:
    b->nulls += n;
    return SLUICE_OK;
  case LAYOUT_BITS:
    return extend_bits(&b->first, b->length, n);
  case LAYOUT_FIXED:
    return extend(&b->first, n, b->type.width);
  case LAYOUT_VIEW:
    return extend(&b->first, n, sizeof(struct view));
  case LAYOUT_BYTES32:
  case LAYOUT_LIST32:
    return repeat(&b->first, n, 4);
  case LAYOUT_BYTES64:
  case LAYOUT_LIST64:
    return repeat(&b->first, n, 8);
  case LAYOUT_LIST_VIEW32:
    status = extend(&b->first, n, 4);
    return status == SLUICE_OK ? extend(&b->second, n, 4) : status;
  case LAYOUT_LIST_VIEW64:
    status = extend(&b->first, n, 8);
    return status == SLUICE_OK ? extend(&b->second, n, 8) : status;
  case LAYOUT_FIXED_LIST:
    return null_items(b, n);
  case LAYOUT_STRUCT:
    return null_children(b, n);
  case LAYOUT_DENSE_UNION:
  case LAYOUT_SPARSE_UNION:
    return null_union(b, n);
  case LAYOUT_RUN_END:
    return null_run(b, n);
  }
  return SLUICE_ERR_BUG;
}

int sluice_builder_nulls(struct sluice_builder *b, int64_t n) {
  if (n <= 0)
    return n == 0 ? SLUICE_OK : SLUICE_ERR_BUG;
  if (n > INT64_MAX - 7 - b->length)
    return SLUICE_ERR_MEMORY;
  int status = null_values(b, n);
  if (status == SLUICE_OK)
    status = builder_mark(b, n, false);
  if (status == SLUICE_OK)
    b->length += n;
  return status;
}

/* ---- rows of an array ---- */

static int mark_range(struct sluice_builder *b, const struct ArrowArray *array, int64_t first, int64_t n) {
  if (!type_has_validity(b->type.id) || array->null_count == 0 || !array->buffers[0])
    return builder_mark(b, n, true);
  const uint8_t *bits = array->buffers[0];
  int64_t valid = bits_count(bits, array->offset + first, n);
  if (valid == n)
    return builder_mark(b, n, true);
  int status = builder_mark(b, n, false);
  if (status != SLUICE_OK)
    return status;
  bits_copy(b->validity.data, b->length, bits, array->offset + first, n);
  b->nulls -= valid;
  return SLUICE_OK;
}

static int copy_bits(struct sluice_builder *b, const struct ArrowArray *array, int64_t at, int64_t n) {
  int status = extend_bits(&b->first, b->length, n);
  if (status == SLUICE_OK)
    bits_copy(b->first.data, b->length, array->buffers[1], at, n);
  return status;
}

static int copy_fixed(struct sluice_builder *b, const struct ArrowArray *array, int64_t at, int64_t n) {
  int64_t width = b->type.width, bytes;
  if (__builtin_mul_overflow(n, width, &bytes))
    return SLUICE_ERR_MEMORY;
  if (bytes == 0)
    return SLUICE_OK;
  return sluice_buffer_append(&b->first, (const uint8_t *)array->buffers[1] + at * width, (size_t)bytes);
}

static int64_t read_offset(const void *offsets, bool wide, int64_t i) {
  return wide ? ((const int64_t *)offsets)[i] : ((const int32_t *)offsets)[i];
}

/* Appends n offsets that continue the builder's own; *from and *to are the range they cover in the source. */
static int copy_offsets(struct sluice_builder *b, bool wide, const void *offsets, int64_t at, int64_t n, int64_t *from,
                        int64_t *to) {
  int status = builder_start_offsets(b);
  if (status != SLUICE_OK)
    return status;
  int64_t width = wide ? 8 : 4;
  int64_t last = read_offset(b->first.data, wide, (int64_t)b->first.size / width - 1);
  *from = read_offset(offsets, wide, at);
  *to = read_offset(offsets, wide, at + n);
  int64_t end;
  if (__builtin_add_overflow(last, *to - *from, &end) || (!wide && end > INT32_MAX))
    return SLUICE_ERR_MEMORY;
  size_t old = b->first.size;
  status = extend(&b->first, n, width);
  for (int64_t i = 0; status == SLUICE_OK && i < n; i++) {
    int64_t value = read_offset(offsets, wide, at + 1 + i) - *from + last;
    memcpy(b->first.data + old + (size_t)(i * width), &value, (size_t)width);
  }
  return status;
}

static int copy_text(struct sluice_builder *b, const struct ArrowArray *array, int64_t at, int64_t n) {
  int64_t from, to;
  int status = copy_offsets(b, b->layout == LAYOUT_BYTES64, array->buffers[1], at, n, &from, &to);
  if (status != SLUICE_OK || to == from)
    return status;
  return sluice_buffer_append(&b->second, (const uint8_t *)array->buffers[2] + from, (size_t)(to - from));
}

static int copy_lists(struct sluice_builder *b, const struct ArrowArray *array, int64_t at, int64_t n) {
  int64_t from, to;
  int status = copy_offsets(b, b->layout == LAYOUT_LIST64, array->buffers[1], at, n, &from, &to);
  if (status != SLUICE_OK)
    return status;
  return sluice_builder_append(b->children[0], array->children[0], from, to - from);
}

static int copy_view(struct sluice_builder *b, const struct ArrowArray *array, int64_t row) {
  struct view view = {0};
  struct span span = {0};
  if (!sluice_is_null(array, row)) {
    span = array_span(&b->type, array, row);
    view.size = (int32_t)span.size;
  }
  if (view.size <= VIEW_INLINE) {
    if (view.size > 0)
      memcpy(view.u.data, span.data, span.size);
    return sluice_buffer_append(&b->first, &view, sizeof view);
  }
  memcpy(view.u.ref.prefix, span.data, sizeof view.u.ref.prefix);
  view.u.ref.offset = (int32_t)b->second.size;
  int status = sluice_buffer_append(&b->second, span.data, span.size);
  return status == SLUICE_OK ? sluice_buffer_append(&b->first, &view, sizeof view) : status;
}

static int copy_list_view(struct sluice_builder *b, const struct ArrowArray *array, int64_t row) {
  int64_t start = 0, count = 0, width = b->layout == LAYOUT_LIST_VIEW32 ? 4 : 8;
  if (!sluice_is_null(array, row))
    array_items(&b->type, array, row, &start, &count);
  int64_t at = b->children[0]->length;
  if (width == 4 && at > INT32_MAX - count)
    return SLUICE_ERR_MEMORY;
  int status = sluice_builder_append(b->children[0], array->children[0], start, count);
  if (status == SLUICE_OK)
    status = sluice_buffer_append(&b->first, &at, (size_t)width);
  if (status == SLUICE_OK)
    status = sluice_buffer_append(&b->second, &count, (size_t)width);
  b->taken = at + count;
  return status;
}

static int copy_dense(struct sluice_builder *b, const struct ArrowArray *array, int64_t row) {
  int64_t at = array->offset + row;
  int8_t code = ((const int8_t *)array->buffers[0])[at];
  int16_t child = code < 0 ? -1 : b->by_code[code];
  if (child < 0)
    return SLUICE_ERR_DATA;
  struct sluice_builder *to = b->children[child];
  if (to->length > INT32_MAX)
    return SLUICE_ERR_MEMORY;
  int32_t offset = (int32_t)to->length;
  int status = sluice_builder_append(to, array->children[child], ((const int32_t *)array->buffers[1])[at], 1);
  if (status == SLUICE_OK)
    status = sluice_buffer_append(&b->second, &offset, sizeof offset);
  return status == SLUICE_OK ? sluice_buffer_append(&b->first, &code, 1) : status;
}

static int copy_children(struct sluice_builder *b, const struct ArrowArray *array, int64_t at, int64_t n) {
  int status = SLUICE_OK;
  for (int64_t i = 0; status == SLUICE_OK && i < b->n_children; i++)
    status = sluice_builder_append(b->children[i], array->children[i], at, n);
  return status;
}

static int copy_runs(struct sluice_builder *b, const struct ArrowArray *array, int64_t at, int64_t n) {
  const struct sluice_type *type = &b->children[0]->type;
  const struct ArrowArray *ends = array->children[0];
  int64_t length = b->length;
  int status = SLUICE_OK;
  for (int64_t run = run_find(type, ends, at); status == SLUICE_OK && n > 0; run++) {
    int64_t count = run < ends->length ? run_end_at(type, ends, run) - at : 0;
    if (count <= 0)
      return SLUICE_ERR_DATA; /* ends that do not rise */
    if (count > n)
      count = n;
    status = sluice_builder_append(b->children[1], array->children[1], run, 1);
    if (status == SLUICE_OK)
      status = sluice_builder_int(b->children[0], length + count);
    length += count;
    at += count;
    n -= count;
  }
  return status;
}

static int copy_each(struct sluice_builder *b, const struct ArrowArray *array, int64_t first, int64_t n,
                     int (*copy)(struct sluice_builder *, const struct ArrowArray *, int64_t)) {
  int status = SLUICE_OK;
  for (int64_t i = 0; status == SLUICE_OK && i < n; i++)
    status = copy(b, array, first + i);
  return status;
}

static int copy_values(struct sluice_builder *b, const struct ArrowArray *array, int64_t first, int64_t n) {
  int64_t at = array->offset + first;
  int status;
  switch (b->layout) {
  case LAYOUT_NULL:
    b->nulls += n;
    return SLUICE_OK;
  case LAYOUT_BITS:
    return copy_bits(b, array, at, n);
  case LAYOUT_FIXED:
    return copy_fixed(b, array, at, n);
  case LAYOUT_BYTES32:
  case LAYOUT_BYTES64:
    return copy_text(b, array, at, n);
  case LAYOUT_VIEW:
    return copy_each(b, array, first, n, copy_view);
  case LAYOUT_LIST32:
  case LAYOUT_LIST64:
    return copy_lists(b, array, at, n);
  case LAYOUT_LIST_VIEW32:
  case LAYOUT_LIST_VIEW64:
    return copy_each(b, array, first, n, copy_list_view);
  case LAYOUT_FIXED_LIST:
    return sluice_builder_append(b->children[0], array->children[0], at * b->type.width, n * b->type.width);
  case LAYOUT_STRUCT:
    return copy_children(b, array, at, n);
  case LAYOUT_DENSE_UNION:
    return copy_each(b, array, first, n, copy_dense);
  case LAYOUT_SPARSE_UNION:
    status = sluice_buffer_append(&b->first, (const uint8_t *)array->buffers[0] + at, (size_t)n);
    return status == SLUICE_OK ? copy_children(b, array, at, n) : status;
  case LAYOUT_RUN_END:
    return copy_runs(b, array, at, n);
  }
  return SLUICE_ERR_BUG;
}

int sluice_builder_append(struct sluice_builder *b, const struct ArrowArray *array, int64_t first, int64_t n) {
  if (first < 0 || n < 0 || n > array->length - first)
    return SLUICE_ERR_DATA;
  if (n == 0)
    return SLUICE_OK;
  int status = copy_values(b, array, first, n);
  if (status == SLUICE_OK)
    status = mark_range(b, array, first, n);
  if (status == SLUICE_OK)
    b->length += n;
  return status;
}

int builder_take_dictionaries(struct sluice_builder *b, const struct ArrowArray *array) {
  int status = SLUICE_OK;
  for (int64_t i = 0; status == SLUICE_OK && i < b->n_children; i++)
    status = builder_take_dictionaries(b->children[i], array->children[i]);
  if (status != SLUICE_OK || !b->dictionary)
    return status;
  status = builder_take_dictionaries(b->dictionary, array->dictionary);
  if (status != SLUICE_OK)
    return status;
  return sluice_builder_append(b->dictionary, array->dictionary, 0, array->dictionary->length);
}
