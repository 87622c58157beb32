/* ArrowArray from buffers and children that it then owns; and reading single values of validated arrays. */
#include "internal.h"
#include <stdlib.h>

struct owned { /* one block: this, buffer pointers, child pointers, children, dictionary */
  int64_t n_buffers;
  const void *const *buffers;
};

static void owned_release(struct ArrowArray *array) {
  struct owned *owned = array->private_data;
  for (int64_t i = 0; i < array->n_children; i++)
    sluice_array_release(array->children[i]);
  if (array->dictionary)
    sluice_array_release(array->dictionary);
  for (int64_t i = 0; i < owned->n_buffers; i++) {
    uint8_t *data = NULL;
    memcpy(&data, &owned->buffers[i], sizeof data); /* const is the consumer's view; the memory is ours */
    free(data);
  }
  free(owned);
  memset(array, 0, sizeof *array);
}

static struct owned *owned_create(struct ArrowArray *array, struct sluice_buffer *buffers, int64_t n_buffers,
                                  struct ArrowArray *children, int64_t n_children, struct ArrowArray *dictionary) {
  size_t b = (size_t)n_buffers, c = (size_t)n_children, d = dictionary ? 1 : 0;
  size_t pointers = sizeof(struct owned) + (b + c) * sizeof(void *);
  struct owned *owned = calloc(1, pointers + (c + d) * sizeof(struct ArrowArray));
  if (!owned)
    return NULL;
  const void **list = (const void **)(owned + 1);
  struct ArrowArray **links = (struct ArrowArray **)(list + b);
  struct ArrowArray *nodes = (struct ArrowArray *)(links + c);
  for (size_t i = 0; i < b; i++) {
    list[i] = buffers[i].data;
    memset(&buffers[i], 0, sizeof buffers[i]);
  }
  for (size_t i = 0; i < c; i++) {
    links[i] = &nodes[i];
    sluice_array_move(&children[i], &nodes[i]);
  }
  if (d)
    sluice_array_move(dictionary, &nodes[c]);
  owned->n_buffers = n_buffers;
  owned->buffers = list;
  array->buffers = b ? list : NULL;
  array->children = c ? links : NULL;
  array->dictionary = d ? &nodes[c] : NULL;
  return owned;
}

int sluice_array_adopt(struct ArrowArray *out, int64_t length, int64_t null_count, struct sluice_buffer *buffers,
                       int64_t n_buffers, struct ArrowArray *children, int64_t n_children,
                       struct ArrowArray *dictionary) {
  enum { COUNT_MAX = 1 << 24 }; /* keeps the block's size far from overflow */
  if (n_buffers < 0 || n_children < 0 || n_buffers > COUNT_MAX || n_children > COUNT_MAX)
    return SLUICE_ERR_BUG;
  struct ArrowArray array = {
      .length = length, .null_count = null_count, .n_buffers = n_buffers, .n_children = n_children};
  array.private_data = owned_create(&array, buffers, n_buffers, children, n_children, dictionary);
  if (!array.private_data)
    return SLUICE_ERR_MEMORY;
  array.release = owned_release;
  *out = array;
  return SLUICE_OK;
}

static struct span view_span(const struct ArrowArray *array, int64_t i) {
  const struct view *view = (const struct view *)array->buffers[1] + i;
  size_t size = (size_t)view->size;
  if (view->size <= VIEW_INLINE)
    return (struct span){view->u.data, size};
  const uint8_t *data = array->buffers[2 + view->u.ref.buffer];
  return (struct span){data + view->u.ref.offset, size};
}

struct span array_span(const struct sluice_type *type, const struct ArrowArray *array, int64_t i) {
  i += array->offset;
  const uint8_t *data = NULL;
  switch (type_layout(type->id)) {
  case LAYOUT_BYTES32: {
    const int32_t *offsets = array->buffers[1];
    data = array->buffers[2];
    return (struct span){data ? data + offsets[i] : NULL, (size_t)(offsets[i + 1] - offsets[i])};
  }
  case LAYOUT_BYTES64: {
    const int64_t *offsets = array->buffers[1];
    data = array->buffers[2];
    return (struct span){data ? data + offsets[i] : NULL, (size_t)(offsets[i + 1] - offsets[i])};
  }
  case LAYOUT_VIEW:
    return view_span(array, i);
  default:
    data = array->buffers[1];
    return (struct span){data ? data + i * type->width : NULL, (size_t)type->width};
  }
}

void array_items(const struct sluice_type *type, const struct ArrowArray *array, int64_t i, int64_t *start,
                 int64_t *count) {
  i += array->offset;
  const void *first = array->n_buffers > 1 ? array->buffers[1] : NULL;
  const void *second = array->n_buffers > 2 ? array->buffers[2] : NULL;
  switch (type_layout(type->id)) {
  case LAYOUT_LIST32:
    *start = ((const int32_t *)first)[i];
    *count = ((const int32_t *)first)[i + 1] - *start;
    break;
  case LAYOUT_LIST64:
    *start = ((const int64_t *)first)[i];
    *count = ((const int64_t *)first)[i + 1] - *start;
    break;
  case LAYOUT_LIST_VIEW32:
    *start = ((const int32_t *)first)[i];
    *count = ((const int32_t *)second)[i];
    break;
  case LAYOUT_LIST_VIEW64:
    *start = ((const int64_t *)first)[i];
    *count = ((const int64_t *)second)[i];
    break;
  default:
    *start = i * type->width;
    *count = type->width;
  }
}

int64_t run_end_at(const struct sluice_type *type, const struct ArrowArray *ends, int64_t i) {
  const void *data = ends->buffers[1];
  i += ends->offset;
  if (type->width == 2)
    return ((const int16_t *)data)[i];
  return type->width == 4 ? ((const int32_t *)data)[i] : ((const int64_t *)data)[i];
}

int64_t run_find(const struct sluice_type *type, const struct ArrowArray *ends, int64_t i) {
  int64_t low = 0, high = ends->length - 1;
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    if (run_end_at(type, ends, middle) > i)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

/* An index as it stands; those of 64 bits without sign beyond INT64_MAX come out negative, which is as wrong. */
static int64_t index_at(const struct sluice_type *type, const void *data, int64_t i) {
  switch (type->id) {
  case SLUICE_TYPE_INT8:
    return ((const int8_t *)data)[i];
  case SLUICE_TYPE_UINT8:
    return ((const uint8_t *)data)[i];
  case SLUICE_TYPE_INT16:
    return ((const int16_t *)data)[i];
  case SLUICE_TYPE_UINT16:
    return ((const uint16_t *)data)[i];
  case SLUICE_TYPE_INT32:
    return ((const int32_t *)data)[i];
  case SLUICE_TYPE_UINT32:
    return ((const uint32_t *)data)[i];
  default:
    return ((const int64_t *)data)[i];
  }
}

int64_t array_index(const struct sluice_type *type, const struct ArrowArray *array, int64_t i) {
  return index_at(type, array->buffers[1], array->offset + i);
}
