/* The record that goes out: columns by reference, put together in structs. */
#include "checking.h"
#include <stdlib.h>

static int now_column(const struct checking *c, struct ArrowArray *out) {
  struct sluice_buffer buffers[2] = {{0}};
  size_t bytes = (size_t)c->rows * sizeof(int64_t);
  int code = sluice_buffer_reserve(&buffers[1], bytes + 1);
  if (code)
    return code;
  int64_t *values = (int64_t *)(void *)buffers[1].data;
  for (int64_t i = 0; i < c->rows; i++)
    values[i] = c->now_ms * 1000;
  buffers[1].size = bytes;
  code = sluice_array_adopt(out, c->rows, 0, buffers, 2, NULL, 0, NULL);
  if (code)
    sluice_buffer_free(&buffers[1]);
  return code;
}

/* Texts with a constant for the nulls. */
static int fill_texts(const struct ArrowArray *from, struct span constant, int64_t rows,
                      struct sluice_buffer buffers[3]) {
  int32_t end = 0;
  int code = sluice_buffer_append(&buffers[1], &end, sizeof end);
  for (int64_t i = 0; i < rows && !code; i++) {
    struct span text = sluice_is_null(from, i) ? constant : cell_text(from, i);
    code = sluice_buffer_append(&buffers[2], text.data, text.size);
    end = (int32_t)buffers[2].size;
    if (!code)
      code = sluice_buffer_append(&buffers[1], &end, sizeof end);
  }
  return code;
}

static int filled_column(const struct checking *c, const struct node *node, struct ArrowArray *out) {
  struct ArrowArray *view = &c->views[node->use];
  struct sluice_buffer buffers[3] = {{0}};
  if (!node->constant || !cell_has_nulls(&c->bound->uses[node->use].type, view))
    return sluice_array_slice(view, 0, c->rows, out);
  struct span constant = {node->constant->text, strlen(node->constant->text)};
  int code = fill_texts(view, constant, c->rows, buffers);
  if (!code)
    code = sluice_array_adopt(out, c->rows, 0, buffers, 3, NULL, 0, NULL);
  for (int i = 0; i < 3 && code; i++)
    sluice_buffer_free(&buffers[i]);
  return code;
}

static int build(const struct checking *c, const struct node *node, struct ArrowArray *out);

static int build_struct(const struct checking *c, const struct node *node, struct ArrowArray *out) {
  struct sluice_buffer validity = {0};
  struct ArrowArray *children = calloc(node->count + 1, sizeof *children);
  int code = children ? SLUICE_OK : SLUICE_ERR_MEMORY;
  for (size_t i = 0; i < node->count && !code; i++)
    code = build(c, &node->children[i], &children[i]);
  if (!code)
    code = sluice_array_adopt(out, c->rows, 0, &validity, 1, children, (int64_t)node->count, NULL);
  for (size_t i = 0; i < node->count && children && code; i++)
    sluice_array_release(&children[i]);
  free(children);
  return code;
}

static int build(const struct checking *c, const struct node *node, struct ArrowArray *out) {
  switch (node->kind) {
  case NODE_STRUCT:
    return build_struct(c, node, out);
  case NODE_COLUMN:
  case NODE_TIME:
    return sluice_array_slice(&c->views[node->use], 0, c->rows, out);
  case NODE_NOW:
    return now_column(c, out);
  case NODE_CONSTANT:
    return constant_slice(node->constant, c->rows, out);
  case NODE_FILLED:
    return filled_column(c, node, out);
  }
  return SLUICE_ERR_BUG;
}

int record_build(const struct checking *c, struct ArrowArray *out) {
  return build(c, &c->bound->root, out);
}
