/* ALP: floating-point numbers as scaled integers, in vectors. */
#ifndef PQ_ALP_H
#define PQ_ALP_H
#include "pq.h"

struct pq_alp {                 /* zeroed is empty; kept from page to page */
  const uint8_t *vectors, *end; /* from the array of offsets on */
  uint32_t width;               /* 4 or 8 */
  uint64_t total, read;
  uint32_t vector_size, at, held; /* of the vector that is decoded */
  uint8_t *values;
  uint64_t *packed;
  size_t capacity;
};

pq_fault pq_alp_init(struct pq_alp *a, uint32_t width, const uint8_t *p, const uint8_t *end);
pq_fault pq_alp_read(struct pq_alp *a, uint8_t *out, size_t n);
void pq_alp_finish(struct pq_alp *a);

#endif
