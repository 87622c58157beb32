/* The lists of a RecordBatch follow the fields in depth-first order. */
#include "shape.h"

static int64_t view_buffers(const struct arrow_batch *b, size_t *next) {
  if (*next >= b->counts.count)
    return -1;
  int64_t n = fb_at(b->fb, b->counts.at + 8 * (*next)++, 8);
  return n < 0 || n > (int64_t)b->buffers.count ? -1 : 2 + n;
}

int64_t arrow_shape_buffers(const struct arrow_batch *b, const struct arrow_field *f, size_t *next) {
  int old_validity = b->message->version == ARROW_V4; /* all types but null had one then */
  switch (f->layout) {
  case ARROW_LAYOUT_NULL:
    return 0;
  case ARROW_LAYOUT_RUN_END:
    return old_validity;
  case ARROW_LAYOUT_STRUCT:
  case ARROW_LAYOUT_FIXED_LIST:
    return 1;
  case ARROW_LAYOUT_BITS:
  case ARROW_LAYOUT_FIXED:
  case ARROW_LAYOUT_LIST:
    return 2;
  case ARROW_LAYOUT_BYTES:
  case ARROW_LAYOUT_LIST_VIEW:
    return 3;
  case ARROW_LAYOUT_VIEW:
    return view_buffers(b, next);
  case ARROW_LAYOUT_DENSE_UNION:
    return 2 + old_validity;
  case ARROW_LAYOUT_SPARSE_UNION:
    return 1 + old_validity;
  }
  return -1;
}

/* The field itself; *first is its first buffer and *n how many it has. */
static bool take(const struct arrow_batch *b, const struct arrow_field *f, struct arrow_cursor *at, size_t *first,
                 size_t *n) {
  int64_t buffers = arrow_shape_buffers(b, f, &at->count);
  if (buffers < 0 || at->node >= b->nodes.count || (size_t)buffers > b->buffers.count - at->buffer)
    return false;
  *first = at->buffer;
  *n = (size_t)buffers;
  at->node++;
  at->buffer += (size_t)buffers;
  return true;
}

bool arrow_shape_skip(const struct arrow_batch *b, const struct arrow_field *f, struct arrow_cursor *at) {
  size_t first, n;
  bool ok = take(b, f, at, &first, &n);
  for (int64_t i = 0; ok && i < f->n_children; i++)
    ok = arrow_shape_skip(b, &f->children[i], at);
  return ok;
}

bool arrow_shape_mark(const struct arrow_batch *b, const struct arrow_field *f, struct arrow_cursor *at,
                      uint8_t *need) {
  size_t first, n;
  bool ok = take(b, f, at, &first, &n);
  if (ok && f->wanted)
    memset(need + first, 1, n);
  for (int64_t i = 0; ok && i < f->n_children; i++)
    ok = arrow_shape_mark(b, &f->children[i], at, need);
  return ok;
}
