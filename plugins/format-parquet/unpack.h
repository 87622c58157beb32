/* Values of any width of bits to words. */
#ifndef PQ_UNPACK_H
#define PQ_UNPACK_H
#include "pq.h"

/* n values of `width` bits, least significant first; n is a multiple of 8, width at most 32 (64). Reads up to
 * PQ_PADDING bytes behind what it needs. */
void pq_unpack32(const uint8_t *in, uint32_t width, uint32_t *out, size_t n);
void pq_unpack64(const uint8_t *in, uint32_t width, uint64_t *out, size_t n);
/* The same, and returns the highest. */
uint32_t pq_unpack32_highest(const uint8_t *in, uint32_t width, uint32_t *out, size_t n);
/* What these are where the processor has nothing better, and where it has AVX2 and no more (false: it has not); tests
 * hold them against each other. */
uint32_t pq_unpack32_portable(const uint8_t *in, uint32_t width, uint32_t *out, size_t n);
bool pq_unpack32_avx2(const uint8_t *in, uint32_t width, uint32_t *out, size_t n, uint32_t *highest);

#endif
