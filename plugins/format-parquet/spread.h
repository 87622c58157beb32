/* Packed values moved apart to where a bitmap has its ones. */
#ifndef PQ_SPREAD_H
#define PQ_SPREAD_H
#include "pq.h"

/* Moves n_set packed values at `values` apart in place, so that value k is at the place of the k-th set bit of n. What
 * lies between is zero. There are PQ_PADDING readable bytes behind the n values. */
void pq_spread(uint8_t *values, size_t width, const uint8_t *bits, int64_t start, int64_t n, int64_t n_set);
/* What pq_spread is where the processor has nothing better; tests hold the two against each other. */
void pq_spread_portable(uint8_t *values, size_t width, const uint8_t *bits, int64_t start, int64_t n, int64_t n_set);

#endif
