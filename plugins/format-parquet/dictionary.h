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
  struct sluice_buffer page;  /* the page, in which texts lie */
  struct sluice_buffer values, entries;
};

/* Takes what is in d->page, of `size` bytes and the padding. count: as the page's header says, which may be wrong. */
pq_fault pq_dictionary_load(struct pq_dictionary *d, const struct pq_store *s, size_t size, uint32_t count);
void pq_dictionary_finish(struct pq_dictionary *d);

/* Values by index; all are checked to be below d->count. */
pq_fault pq_dictionary_gather(const struct pq_dictionary *d, uint32_t width, const uint32_t *indexes, size_t n,
                              uint8_t *out);
/* Texts: their ends as offsets and their bytes. */
pq_fault pq_dictionary_gather_texts(const struct pq_dictionary *d, const uint32_t *indexes, size_t n,
                                    struct sluice_buffer *offsets, struct sluice_buffer *data);

#endif
