/* Bloom filters of column chunks: split blocks, xxHash of 64 bits. */
#ifndef PQ_BLOOM_H
#define PQ_BLOOM_H
#include "chunk.h"
#include "nearby.h"

/* *maybe false: no value of the chunk, in PLAIN encoding (texts without their length), is this one. True also where the
 * filter is none that is known here, or does not fit the file. */
int pq_bloom_ask(struct pq_nearby *near, const struct pq_chunk *chunk, struct pq_slice value, bool *maybe,
                 struct sluice_error *err);

#endif
