/* Texts as views, sixteen bytes each, into bytes that arrays keep alive: those of pages and dictionaries. */
#ifndef PQ_VIEWS_H
#define PQ_VIEWS_H
#include "pq.h"
#include <stdatomic.h>

enum { PQ_VIEW = 16, PQ_VIEW_INLINE = 12 }; /* bytes of a view, and of the texts that lie in it itself */

struct pq_block { /* bytes that several arrays refer to, from any thread */
  atomic_size_t references;
  size_t size;
  uint8_t *data; /* with PQ_PADDING zeroes behind */
};
struct pq_held {            /* the blocks that views of a column refer to, by their place here; zeroed is none */
  struct pq_block **blocks; /* NULL: the place is free */
  bool *marks;              /* room for dropping, one a place */
  int32_t n, capacity;
  struct pq_block *dictionary, *page; /* of these, the two that more views will refer to; NULL: none */
};

struct pq_block *pq_block_create(size_t size); /* NULL: no memory */
void pq_block_release(struct pq_block *b);     /* takes NULL */

/* Takes the block over on success; *place is its own until it is dropped. */
pq_fault pq_held_add(struct pq_held *h, struct pq_block *b, int32_t *place);
/* Bytes of the blocks that no later view will refer to. */
size_t pq_held_past(const struct pq_held *h);
/* Drops all that neither these views refer to nor later ones will. */
void pq_held_drop(struct pq_held *h, const uint8_t *views, size_t n);
/* Copies what these views refer to into blocks of their own, so that the others can be dropped. */
pq_fault pq_held_compact(struct pq_held *h, uint8_t *views, size_t n);
/* Makes an array of two buffers, bitmap and views, one that has the blocks as well. */
int pq_held_attach(const struct pq_held *h, struct ArrowArray *array);
void pq_held_finish(struct pq_held *h);

/* The view of one text, which lies at this offset of the block at `place`. Reads up to PQ_VIEW bytes of it. */
void pq_view_make(const uint8_t *text, uint32_t size, int32_t place, uint32_t offset, uint8_t *out);
/* Views of up to n texts with their lengths before them, at `*at` of the block's bytes; *at moves on. Returns how many
 * there are: fewer where the next does not end before `end`. */
size_t pq_views_plain(const uint8_t *bytes, size_t *at, size_t end, int32_t place, size_t n, uint8_t *out);
uint64_t pq_views_bytes(const uint8_t *views, size_t n); /* of their texts */
/* All are UTF-8. bytes: of the block that the views were made of. */
bool pq_views_are_text(const uint8_t *views, size_t n, const uint8_t *bytes);
bool pq_is_ascii(const uint8_t *p, size_t n);

#endif
