/* Putting single values into a builder. */
#include "builder.h"

int builder_mark(struct sluice_builder *b, int64_t n, bool valid) {
  if (!type_has_validity(b->type.id))
    return SLUICE_OK;
  if (valid && b->validity.size == 0)
    return SLUICE_OK;
  int64_t bytes = (b->length + n + 7) / 8, old = (int64_t)b->validity.size;
  if (bytes > old && !buffer_extend(&b->validity, (size_t)(bytes - old)))
    return SLUICE_ERR_MEMORY;
  if (old == 0)
    bits_fill(b->validity.data, 0, b->length, true);
  bits_fill(b->validity.data, b->length, n, valid);
  if (!valid)
    b->nulls += n;
  return SLUICE_OK;
}

int builder_start_offsets(struct sluice_builder *b) {
  size_t width = b->layout == LAYOUT_BYTES32 || b->layout == LAYOUT_LIST32   ? 4
                 : b->layout == LAYOUT_BYTES64 || b->layout == LAYOUT_LIST64 ? 8
                                                                             : 0;
  if (width == 0 || b->first.size)
    return SLUICE_OK;
  return buffer_extend(&b->first, width) ? SLUICE_OK : SLUICE_ERR_MEMORY;
}

/* One more offset of text or a list. */
static int put_offset(struct sluice_builder *b, int64_t end) {
  int status = builder_start_offsets(b);
  if (status != SLUICE_OK)
    return status;
  if (b->layout == LAYOUT_BYTES64 || b->layout == LAYOUT_LIST64)
    return sluice_buffer_append(&b->first, &end, 8);
  int32_t small = (int32_t)end;
  return end > INT32_MAX ? SLUICE_ERR_MEMORY : sluice_buffer_append(&b->first, &small, 4);
}

static int put_fixed(struct sluice_builder *b, const void *bytes, size_t n) {
  int status = sluice_buffer_append(&b->first, bytes, n);
  if (status == SLUICE_OK)
    status = builder_mark(b, 1, true);
  b->length += status == SLUICE_OK;
  return status;
}

static int put_bool(struct sluice_builder *b, bool value) {
  if ((b->length & 7) == 0 && !buffer_extend(&b->first, 1))
    return SLUICE_ERR_MEMORY;
  bits_fill(b->first.data, b->length, 1, value);
  int status = builder_mark(b, 1, true);
  b->length += status == SLUICE_OK;
  return status;
}

struct range {
  int64_t low, high;
};

/* The whole numbers that a type can hold; low > high: it is not one of them. */
static struct range int_range(enum sluice_type_id id) {
  switch (id) {
  case SLUICE_TYPE_BOOL:
    return (struct range){0, 1};
  case SLUICE_TYPE_INT8:
    return (struct range){INT8_MIN, INT8_MAX};
  case SLUICE_TYPE_INT16:
    return (struct range){INT16_MIN, INT16_MAX};
  case SLUICE_TYPE_UINT8:
    return (struct range){0, UINT8_MAX};
  case SLUICE_TYPE_UINT16:
    return (struct range){0, UINT16_MAX};
  case SLUICE_TYPE_UINT32:
    return (struct range){0, UINT32_MAX};
  case SLUICE_TYPE_UINT64:
    return (struct range){0, INT64_MAX};
  case SLUICE_TYPE_INT32:
  case SLUICE_TYPE_DATE32:
  case SLUICE_TYPE_TIME32:
  case SLUICE_TYPE_INTERVAL_MONTHS:
    return (struct range){INT32_MIN, INT32_MAX};
  case SLUICE_TYPE_INT64:
  case SLUICE_TYPE_DATE64:
  case SLUICE_TYPE_TIME64:
  case SLUICE_TYPE_TIMESTAMP:
  case SLUICE_TYPE_DURATION:
    return (struct range){INT64_MIN, INT64_MAX};
  default:
    return (struct range){1, 0};
  }
}

int sluice_builder_int(struct sluice_builder *b, int64_t value) {
  struct range range = int_range(b->type.id);
  if (range.low > range.high)
    return SLUICE_ERR_BUG;
  if (value < range.low || value > range.high)
    return SLUICE_ERR_DATA;
  if (b->type.id == SLUICE_TYPE_BOOL)
    return put_bool(b, value);
  return put_fixed(b, &value, (size_t)b->type.width); /* little-endian: the low bytes come first */
}

int sluice_builder_uint(struct sluice_builder *b, uint64_t value) {
  if (value <= INT64_MAX)
    return sluice_builder_int(b, (int64_t)value);
  if (b->type.id == SLUICE_TYPE_UINT64)
    return put_fixed(b, &value, sizeof value);
  struct range range = int_range(b->type.id);
  return range.low > range.high ? SLUICE_ERR_BUG : SLUICE_ERR_DATA;
}

int sluice_builder_double(struct sluice_builder *b, double value) {
  if (b->type.id == SLUICE_TYPE_DOUBLE)
    return put_fixed(b, &value, sizeof value);
  if (b->type.id == SLUICE_TYPE_FLOAT) {
    float narrow = (float)value;
    return put_fixed(b, &narrow, sizeof narrow);
  }
  uint16_t half = half_from_double(value);
  return b->type.id == SLUICE_TYPE_HALF ? put_fixed(b, &half, sizeof half) : SLUICE_ERR_BUG;
}

static int put_view(struct sluice_builder *b, const void *bytes, size_t n) {
  struct view view = {0};
  if (n > INT32_MAX)
    return SLUICE_ERR_MEMORY;
  view.size = (int32_t)n;
  if (n <= VIEW_INLINE) {
    if (n)
      memcpy(view.u.data, bytes, n);
    return put_fixed(b, &view, sizeof view);
  }
  memcpy(view.u.ref.prefix, bytes, sizeof view.u.ref.prefix);
  view.u.ref.offset = (int32_t)b->second.size; /* its limit is below 2 GiB */
  int status = sluice_buffer_append(&b->second, bytes, n);
  return status == SLUICE_OK ? put_fixed(b, &view, sizeof view) : status;
}

static int put_text(struct sluice_builder *b, const void *bytes, size_t n) {
  int status = sluice_buffer_append(&b->second, bytes, n);
  if (status == SLUICE_OK)
    status = put_offset(b, (int64_t)b->second.size);
  if (status == SLUICE_OK)
    status = builder_mark(b, 1, true);
  b->length += status == SLUICE_OK;
  return status;
}

int sluice_builder_bytes(struct sluice_builder *b, const void *bytes, size_t n) {
  if (b->layout == LAYOUT_BYTES32 || b->layout == LAYOUT_BYTES64)
    return put_text(b, bytes, n);
  if (b->layout == LAYOUT_VIEW)
    return put_view(b, bytes, n);
  if (b->layout != LAYOUT_FIXED)
    return SLUICE_ERR_BUG;
  return n == (size_t)b->type.width ? put_fixed(b, bytes, n) : SLUICE_ERR_DATA;
}

/* The child's values since the last end are the items of one value. */
static int end_list_view(struct sluice_builder *b, int64_t items) {
  int64_t size = items - b->taken;
  size_t width = b->layout == LAYOUT_LIST_VIEW32 ? 4 : 8;
  if (width == 4 && items > INT32_MAX)
    return SLUICE_ERR_MEMORY;
  int status = sluice_buffer_append(&b->first, &b->taken, width);
  if (status == SLUICE_OK)
    status = sluice_buffer_append(&b->second, &size, width);
  if (status == SLUICE_OK)
    b->taken = items;
  return status;
}

/* The children may be ahead, where columns are filled one after the other; finish sees if they stay so. */
static int end_struct(const struct sluice_builder *b) {
  for (int64_t i = 0; i < b->n_children; i++)
    if (b->children[i]->length <= b->length)
      return SLUICE_ERR_BUG;
  return SLUICE_OK;
}

int sluice_builder_end(struct sluice_builder *b) {
  int status;
  switch (b->layout) {
  case LAYOUT_LIST32:
  case LAYOUT_LIST64:
    status = put_offset(b, b->children[0]->length);
    break;
  case LAYOUT_LIST_VIEW32:
  case LAYOUT_LIST_VIEW64:
    status = end_list_view(b, b->children[0]->length);
    break;
  case LAYOUT_STRUCT:
    status = end_struct(b);
    break;
  case LAYOUT_FIXED_LIST:
    status = b->children[0]->length == (b->length + 1) * b->type.width ? SLUICE_OK : SLUICE_ERR_DATA;
    break;
  default:
    return SLUICE_ERR_BUG;
  }
  if (status == SLUICE_OK)
    status = builder_mark(b, 1, true);
  b->length += status == SLUICE_OK;
  return status;
}

static int fill_siblings(struct sluice_builder *b, int64_t chosen) {
  int status = SLUICE_OK;
  for (int64_t i = 0; status == SLUICE_OK && i < b->n_children; i++)
    if (i != chosen)
      status = sluice_builder_null(b->children[i]);
  return status;
}

int sluice_builder_union(struct sluice_builder *b, int64_t i) {
  bool dense = b->layout == LAYOUT_DENSE_UNION;
  if ((!dense && b->layout != LAYOUT_SPARSE_UNION) || i < 0 || i >= b->n_children)
    return SLUICE_ERR_BUG;
  int64_t last = b->children[i]->length - 1;
  if (last < 0 || (!dense && last != b->length))
    return SLUICE_ERR_BUG;
  if (last > INT32_MAX)
    return SLUICE_ERR_MEMORY;
  int32_t offset = (int32_t)last;
  int status = dense ? sluice_buffer_append(&b->second, &offset, 4) : fill_siblings(b, i);
  if (status == SLUICE_OK)
    status = sluice_buffer_append(&b->first, &b->codes[i], 1);
  b->length += status == SLUICE_OK;
  return status;
}

int sluice_builder_run(struct sluice_builder *b, int64_t n) {
  if (b->layout != LAYOUT_RUN_END || n < 1 || b->children[1]->length != b->children[0]->length + 1)
    return SLUICE_ERR_BUG;
  if (n > INT64_MAX - b->length)
    return SLUICE_ERR_DATA;
  int status = sluice_builder_int(b->children[0], b->length + n);
  if (status == SLUICE_OK)
    b->length += n;
  return status;
}

int sluice_builder_null(struct sluice_builder *b) {
  return sluice_builder_nulls(b, 1);
}
