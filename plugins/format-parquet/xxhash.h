/* XXH64, the hash of Parquet's Bloom filters. */
#ifndef PQ_XXHASH_H
#define PQ_XXHASH_H
#include "pq.h"

uint64_t pq_xxhash64(const uint8_t *p, size_t n); /* seed 0 */

#endif
