/* DELTA_BINARY_PACKED: integers as differences, packed in blocks. */
#ifndef PQ_DELTA_H
#define PQ_DELTA_H
#include "pq.h"

enum { PQ_DELTA_GROUP = 32 };
struct pq_delta {
  const uint8_t *p, *end, *widths;
  uint64_t total, left; /* values in all, and not yet read */
  uint64_t value, step; /* the last one; the least difference of the block */
  uint64_t mini;        /* values in a miniblock */
  uint64_t mini_left;   /* of this one, in whole groups */
  uint32_t minis, mini_at, width;
  uint32_t hold_n;
  bool started;
  uint64_t hold[PQ_DELTA_GROUP];
};

pq_fault pq_delta_init(struct pq_delta *d, const uint8_t *p, const uint8_t *end);
/* Exactly n values. */
pq_fault pq_delta_read64(struct pq_delta *d, uint64_t *out, size_t n);
pq_fault pq_delta_read32(struct pq_delta *d, uint32_t *out, size_t n);
/* Where the bytes of a decoder end that was not read from yet. */
pq_fault pq_delta_end(const struct pq_delta *d, const uint8_t **end);

#endif
