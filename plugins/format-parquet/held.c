/* The blocks that views refer to: kept as long as an array or a later view needs them. */
#include "views.h"
#include <stdlib.h>

enum { BLOCK_MAX = 1 << 30, PLACES_MAX = 1 << 24 };

/* ---- blocks ---- */

struct pq_block *pq_block_create(size_t size) {
  struct pq_block *b = malloc(sizeof *b);
  uint8_t *data = b && size < SIZE_MAX / 2 ? malloc(size + PQ_PADDING) : NULL;
  if (!data) {
    free(b);
    return NULL;
  }
  atomic_init(&b->references, 1);
  b->size = size;
  b->data = data;
  memset(data + size, 0, PQ_PADDING);
  return b;
}

void pq_block_release(struct pq_block *b) {
  if (!b || atomic_fetch_sub_explicit(&b->references, 1, memory_order_acq_rel) != 1)
    return;
  free(b->data);
  free(b);
}

/* ---- places ---- */

void pq_held_finish(struct pq_held *h) {
  for (int32_t i = 0; i < h->n; i++)
    pq_block_release(h->blocks[i]);
  free(h->blocks);
  free(h->marks);
  *h = (struct pq_held){0};
}

static pq_fault grow(struct pq_held *h) {
  int32_t capacity = h->capacity ? h->capacity * 2 : 4;
  if (capacity > PLACES_MAX)
    return pq_no_memory;
  struct pq_block **blocks = realloc(h->blocks, (size_t)capacity * sizeof(struct pq_block *));
  h->blocks = blocks ? blocks : h->blocks;
  bool *marks = blocks ? realloc(h->marks, (size_t)capacity) : NULL;
  if (!marks)
    return pq_no_memory;
  h->marks = marks;
  h->capacity = capacity;
  return NULL;
}

pq_fault pq_held_add(struct pq_held *h, struct pq_block *b, int32_t *place) {
  int32_t at = 0;
  while (at < h->n && h->blocks[at])
    at++;
  pq_fault fault = at == h->capacity ? grow(h) : NULL;
  if (fault)
    return fault;
  h->blocks[at] = b;
  h->n = at == h->n ? at + 1 : h->n;
  *place = at;
  return NULL;
}

static bool is_past(const struct pq_held *h, int32_t place) {
  const struct pq_block *b = h->blocks[place];
  return b && b != h->dictionary && b != h->page;
}

size_t pq_held_past(const struct pq_held *h) {
  size_t bytes = 0;
  for (int32_t i = 0; i < h->n; i++)
    bytes += is_past(h, i) ? h->blocks[i]->size : 0;
  return bytes;
}

static bool is_long(const uint8_t *view) {
  return pq_load32(view) > PQ_VIEW_INLINE;
}

static int32_t place_of(const uint8_t *view) {
  return (int32_t)pq_load32(view + 8);
}

void pq_held_drop(struct pq_held *h, const uint8_t *views, size_t n) {
  for (int32_t i = 0; i < h->n; i++)
    h->marks[i] = !is_past(h, i);
  for (size_t i = 0; i < n; i++)
    if (is_long(views + i * PQ_VIEW))
      h->marks[place_of(views + i * PQ_VIEW)] = true;
  for (int32_t i = 0; i < h->n; i++) {
    if (h->marks[i])
      continue;
    pq_block_release(h->blocks[i]);
    h->blocks[i] = NULL;
  }
  while (h->n > 0 && !h->blocks[h->n - 1])
    h->n--;
}

/* ---- fewer bytes ---- */

/* How many of the views have texts that fit into one block, and the bytes of those. */
static size_t fit(const uint8_t *views, size_t n, size_t *bytes) {
  size_t i = 0, total = 0;
  for (; i < n; i++) {
    size_t size = is_long(views + i * PQ_VIEW) ? pq_load32(views + i * PQ_VIEW) : 0;
    if (total && total + size > BLOCK_MAX)
      break;
    total += size;
  }
  *bytes = total;
  return i;
}

static void move_texts(const struct pq_held *h, uint8_t *views, size_t n, int32_t place) {
  uint32_t at = 0;
  for (size_t i = 0; i < n; i++) {
    uint8_t *view = views + i * PQ_VIEW;
    uint32_t size = pq_load32(view);
    if (!is_long(view))
      continue;
    memcpy(h->blocks[place]->data + at, h->blocks[place_of(view)]->data + pq_load32(view + 12), size);
    memcpy(view + 8, &place, sizeof place);
    memcpy(view + 12, &at, sizeof at);
    at += size;
  }
}

pq_fault pq_held_compact(struct pq_held *h, uint8_t *views, size_t n) {
  for (size_t done = 0; done < n;) {
    size_t bytes, count = fit(views + done * PQ_VIEW, n - done, &bytes);
    struct pq_block *b = pq_block_create(bytes);
    int32_t place = 0;
    pq_fault fault = b ? pq_held_add(h, b, &place) : pq_no_memory;
    if (fault) {
      pq_block_release(b);
      return fault;
    }
    move_texts(h, views + done * PQ_VIEW, count, place);
    done += count;
  }
  pq_held_drop(h, views, n);
  return NULL;
}

/* ---- arrays ---- */

struct shown { /* private data of an array that has blocks */
  struct ArrowArray inner;
  int32_t n;
  struct pq_block **blocks;
  const void **buffers; /* the inner array's two, a block each, their sizes */
};

static void release_shown(struct ArrowArray *array) {
  struct shown *s = array->private_data;
  sluice_array_release(&s->inner);
  for (int32_t i = 0; i < s->n; i++)
    pq_block_release(s->blocks[i]);
  free(s);
  array->release = NULL;
}

int pq_held_attach(const struct pq_held *h, struct ArrowArray *array) {
  size_t n = (size_t)h->n, head = sizeof(struct shown) + (2 * n + 3) * sizeof(void *);
  struct shown *s = malloc(head + (n + 1) * sizeof(int64_t));
  if (!s)
    return SLUICE_ERR_MEMORY;
  s->inner = *array;
  s->n = h->n;
  s->blocks = (struct pq_block **)(void *)(s + 1);
  s->buffers = (const void **)(void *)(s->blocks + n);
  int64_t *sizes = (int64_t *)(void *)(s->buffers + n + 3);
  memcpy(s->buffers, array->buffers, 2 * sizeof(void *));
  for (size_t i = 0; i < n; i++) {
    struct pq_block *b = h->blocks[i];
    if (b)
      atomic_fetch_add_explicit(&b->references, 1, memory_order_relaxed);
    s->blocks[i] = b;
    s->buffers[2 + i] = b ? b->data : NULL;
    sizes[i] = b ? (int64_t)b->size : 0;
  }
  s->buffers[2 + n] = sizes;
  array->n_buffers = (int64_t)n + 3;
  array->buffers = s->buffers;
  array->release = release_shown;
  array->private_data = s;
  return SLUICE_OK;
}
