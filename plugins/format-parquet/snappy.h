/* Undoing Snappy's compression. */
#ifndef PQ_SNAPPY_H
#define PQ_SNAPPY_H
#include "pq.h"

/* Unpacks n bytes into exactly `size`. */
pq_fault pq_unsnap(const uint8_t *in, size_t n, uint8_t *out, size_t size);

#endif
