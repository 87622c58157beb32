/* A writer of FlatBuffers, from the end of memory to its start, as that format wants: parts come before what refers to
 * them. A failure (no memory) sticks; flat_finish tells of it. References are distances from the end. */
#ifndef SLUICE_ARROW_FLAT_H
#define SLUICE_ARROW_FLAT_H
#include "internal.h"

enum { FLAT_SLOTS = 8 };
struct flat {
  uint8_t *data;
  size_t capacity, used; /* the last `used` bytes are written */
  bool failed;
  size_t table, slots[FLAT_SLOTS]; /* of the table that is open */
};
void flat_free(struct flat *f);
/* Forgets what was written and keeps the memory. */
void flat_reset(struct flat *f);
size_t flat_text(struct flat *f, const char *text, size_t n);
/* A vector of n items of `size` bytes each, which lie one after the other, as little-endian numbers or structs of them.
 */
size_t flat_vector(struct flat *f, const void *items, size_t n, size_t size, size_t align);
size_t flat_references(struct flat *f, const size_t *references, size_t n);
/* One table at a time: its parts are written before it is opened. */
void flat_open(struct flat *f);
void flat_number(struct flat *f, int slot, int64_t value, size_t size);
void flat_reference(struct flat *f, int slot, size_t reference); /* 0: the slot stays empty */
size_t flat_close(struct flat *f, int slots);
/* Completes the buffer; NULL: no memory. It lies in f until the next call. */
const uint8_t *flat_finish(struct flat *f, size_t root, size_t *size);

#endif
