/* Some of a page's next values: the others are gone past, where the encoding allows without looking at them. */
#ifndef PQ_PICK_H
#define PQ_PICK_H
#include "values.h"

struct pq_pick { /* n of the next `of` values, by their places among these, rising */
  const uint32_t *places;
  size_t n, of;
};

/* As pq_values_*, of the values that are picked. */
pq_fault pq_pick_bits(struct pq_values *v, const struct pq_pick *p, uint8_t *out, int64_t at);
pq_fault pq_pick_fixed(struct pq_values *v, const struct pq_pick *p, uint8_t *out);
pq_fault pq_pick_texts(struct pq_values *v, const struct pq_pick *p, struct sluice_buffer *offsets,
                       struct sluice_buffer *data);
pq_fault pq_pick_views(struct pq_values *v, const struct pq_pick *p, uint8_t *out, uint64_t *bytes);

#endif
