/* Text and binary of every layout; the NULL type; and values that stand elsewhere: dictionaries, run-ends, unions. */
#include "core/encode/program.h"

/* A view of 16 bytes: its length, then the bytes themselves or where they are. */
static int view_bytes(struct encoder *e, const struct node *n, int64_t i, const uint8_t **bytes, size_t *size) {
  const uint8_t *view = (const uint8_t *)n->values + 16 * i;
  int32_t length, buffer, offset;
  memcpy(&length, view, 4);
  memcpy(&buffer, view + 8, 4);
  memcpy(&offset, view + 12, 4);
  *bytes = view + 4;
  *size = (size_t)length;
  if (length >= 0 && length <= 12)
    return SLUICE_OK;
  int64_t count = n->array->n_buffers - 3;
  const int64_t *sizes = n->array->buffers[n->array->n_buffers - 1];
  if (length < 0 || offset < 0 || buffer < 0 || buffer >= count || (int64_t)offset + length > sizes[buffer])
    return encode_reject(e, n, "a view points outside its buffers");
  *bytes = (const uint8_t *)n->array->buffers[2 + buffer] + offset;
  return SLUICE_OK;
}

int node_bytes(struct encoder *e, const struct node *n, int64_t i, const uint8_t **bytes, size_t *size) {
  int64_t start, end;
  switch (n->type.id) {
  case SLUICE_TYPE_UTF8:
  case SLUICE_TYPE_BINARY:
    start = ((const int32_t *)n->values)[i];
    end = ((const int32_t *)n->values)[i + 1];
    break;
  case SLUICE_TYPE_LARGE_UTF8:
  case SLUICE_TYPE_LARGE_BINARY:
    start = ((const int64_t *)n->values)[i];
    end = ((const int64_t *)n->values)[i + 1];
    break;
  case SLUICE_TYPE_FIXED_BINARY:
    *bytes = (const uint8_t *)n->values + i * n->type.width;
    *size = (size_t)n->type.width;
    return SLUICE_OK;
  default:
    return view_bytes(e, n, i, bytes, size);
  }
  if (start < 0 || end < start)
    return encode_reject(e, n, "text offsets do not rise");
  *bytes = n->extra ? (const uint8_t *)n->extra + start : (const uint8_t *)"";
  *size = (size_t)(end - start);
  return SLUICE_OK;
}

static int write_text_value(struct encoder *e, struct node *n, int64_t i) {
  const uint8_t *bytes = NULL;
  size_t size = 0;
  int rc = node_bytes(e, n, i, &bytes, &size);
  return rc == SLUICE_OK ? write_text(e, n, bytes, size) : rc;
}
static int write_binary_value(struct encoder *e, struct node *n, int64_t i) {
  const uint8_t *bytes = NULL;
  size_t size = 0;
  int rc = node_bytes(e, n, i, &bytes, &size);
  if (rc != SLUICE_OK)
    return rc;
  put_char(e, '"');
  rc = write_base64(e, bytes, size);
  if (rc == SLUICE_OK)
    put_char(e, '"');
  return rc;
}
static int write_nothing(struct encoder *e, struct node *n, int64_t i) {
  (void)n, (void)i;
  put(e, "null", 4);
  return SLUICE_OK;
}

static int write_indirect(struct encoder *e, struct node *n, int64_t i) {
  struct node *to = NULL;
  int64_t j = 0;
  int rc = n->step(e, n, i, &to, &j);
  return rc == SLUICE_OK ? node_value(e, to, j) : rc;
}

static int64_t index_at(const struct node *n, int64_t i) {
  switch (n->type.id) {
  case SLUICE_TYPE_INT8:
    return ((const int8_t *)n->values)[i];
  case SLUICE_TYPE_UINT8:
    return ((const uint8_t *)n->values)[i];
  case SLUICE_TYPE_INT16:
    return ((const int16_t *)n->values)[i];
  case SLUICE_TYPE_UINT16:
    return ((const uint16_t *)n->values)[i];
  case SLUICE_TYPE_INT32:
    return ((const int32_t *)n->values)[i];
  case SLUICE_TYPE_UINT32:
    return ((const uint32_t *)n->values)[i];
  default:
    return ((const int64_t *)n->values)[i]; /* a uint64 over 2^63 - 1 becomes negative, and so is refused */
  }
}

static int step_dictionary(struct encoder *e, struct node *n, int64_t i, struct node **to, int64_t *j) {
  *to = n->children;
  *j = index_at(n, i);
  if (*j < 0 || *j >= n->children->length)
    return encode_reject(e, n, "a dictionary index is outside its dictionary");
  return SLUICE_OK;
}

/* Rows come in order, so the run is mostly that of the value before, or the next. */
static int step_run(struct encoder *e, struct node *n, int64_t i, struct node **to, int64_t *j) {
  const struct node *ends = n->children;
  int64_t low = 0, high = ends->length;
  if (n->run < high && index_at(ends, ends->offset + n->run) <= i)
    low = n->run + 1;
  else if (n->run < high && (n->run == 0 || index_at(ends, ends->offset + n->run - 1) <= i))
    low = high = n->run;
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    if (index_at(ends, ends->offset + middle) <= i)
      low = middle + 1;
    else
      high = middle;
  }
  if (low >= ends->length || low >= n->children[1].length)
    return encode_reject(e, n, "run ends are too few");
  n->run = low;
  *to = n->children + 1;
  *j = low;
  return SLUICE_OK;
}

static int step_union(struct encoder *e, struct node *n, int64_t i, struct node **to, int64_t *j) {
  int8_t code = ((const int8_t *)n->values)[i];
  int child = code < 0 ? -1 : n->codes[code];
  if (child < 0)
    return encode_reject(e, n, "a union value has an unknown type code");
  *to = n->children + child;
  *j = n->type.id == SLUICE_TYPE_DENSE_UNION ? ((const int32_t *)n->extra)[i] : i;
  if (*j < 0 || *j >= (*to)->length)
    return encode_reject(e, n, "a union offset is outside its child");
  return SLUICE_OK;
}

static void set_indirect(struct node *node, node_step *step) {
  node->kind = NODE_INDIRECT;
  node->write = write_indirect;
  node->step = step;
}
void mixed_choose_dictionary(struct node *node) {
  set_indirect(node, step_dictionary);
  node->dictionary = true;
}

bool mixed_choose(struct node *node) {
  switch (node->type.id) {
  case SLUICE_TYPE_NULL:
    node->kind = NODE_NULL;
    node->write = write_nothing;
    return true;
  case SLUICE_TYPE_UTF8:
  case SLUICE_TYPE_LARGE_UTF8:
  case SLUICE_TYPE_UTF8_VIEW:
    node->kind = NODE_TEXT;
    node->write = write_text_value;
    return true;
  case SLUICE_TYPE_BINARY:
  case SLUICE_TYPE_LARGE_BINARY:
  case SLUICE_TYPE_BINARY_VIEW:
  case SLUICE_TYPE_FIXED_BINARY:
    node->kind = NODE_BINARY;
    node->write = write_binary_value;
    return true;
  case SLUICE_TYPE_RUN_END:
    set_indirect(node, step_run);
    return true;
  case SLUICE_TYPE_DENSE_UNION:
  case SLUICE_TYPE_SPARSE_UNION:
    set_indirect(node, step_union);
    return true;
  default:
    return false;
  }
}
