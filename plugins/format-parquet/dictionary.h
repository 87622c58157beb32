/* The dictionary of a column chunk, its values stored as Arrow has them. */
#ifndef PQ_DICTIONARY_H
#define PQ_DICTIONARY_H
#include "store.h"

struct pq_entry { /* of texts */
  uint32_t offset, size;
};
struct pq_dictionary { /* zeroed is none; kept from chunk to chunk */
  bool loaded;
  uint32_t count;
  uint32_t longest, shortest; /* of texts */
  const uint8_t *bytes;       /* the page, in which texts lie, with the padding behind */
  int32_t place;              /* of it, for views */
  struct sluice_buffer page;  /* room for it where there are no views */
  struct sluice_buffer values, entries;
};

/* Takes the page at d->bytes, of `size` bytes. count: as its header says, which may be wrong. */
pq_fault pq_dictionary_load(struct pq_dictionary *d, const struct pq_store *s, size_t size, uint32_t count);
void pq_dictionary_finish(struct pq_dictionary *d);

/* A fault if an index is not in it. */
pq_fault pq_dictionary_check(const struct pq_dictionary *d, uint32_t highest);
/* Values of the width by index, wherever they lie. */
void pq_gather(const uint8_t *values, uint32_t width, const uint32_t *indexes, size_t n, uint8_t *out);
/* Values by index, of which all are in it. */
void pq_dictionary_gather(const struct pq_dictionary *d, uint32_t width, const uint32_t *indexes, size_t n,
                          uint8_t *out);
/* Views; *bytes grows by those of their texts. */
void pq_dictionary_gather_views(const struct pq_dictionary *d, const uint32_t *indexes, size_t n, uint8_t *out,
                                uint64_t *bytes);
/* Texts: their ends as offsets and their bytes. */
pq_fault pq_dictionary_gather_texts(const struct pq_dictionary *d, const uint32_t *indexes, size_t n,
                                    struct sluice_buffer *offsets, struct sluice_buffer *data);

#endif
