/* Bitmaps as Arrow has them: least significant bit first. */
#ifndef PQ_BITS_H
#define PQ_BITS_H
#include "pq.h"

/* These two read, and write as it was, up to eight bytes behind what they change. */
void pq_bits_fill(uint8_t *dst, int64_t start, int64_t n, bool value);
void pq_bits_copy(uint8_t *dst, int64_t dst_start, const uint8_t *src, int64_t src_start, int64_t n);
int64_t pq_bits_count(const uint8_t *bits, int64_t start, int64_t n);
/* Bit i is whether bytes[i] >= least, all of them below 128; returns how many are. */
int64_t pq_bits_at_least(uint8_t *dst, int64_t start, const uint8_t *bytes, int64_t n, uint8_t least);
/* Moves n_set packed bits at `values` apart in place, so that bit k is at the place of the k-th set bit of n. What lies
 * between is zero. */
void pq_spread_bits(uint8_t *values, int64_t at, const uint8_t *bits, int64_t start, int64_t n, int64_t n_set);

#endif
