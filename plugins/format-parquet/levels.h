/* Definition and repetition levels of a page. */
#ifndef PQ_LEVELS_H
#define PQ_LEVELS_H
#include "rle.h"

struct pq_levels {
  uint8_t max; /* 0: there are none */
  bool msb;    /* the old BIT_PACKED encoding, most significant bit first */
  struct pq_rle rle;
  const uint8_t *p, *end;
  uint64_t bit;
};

void pq_levels_none(struct pq_levels *l);
void pq_levels_init(struct pq_levels *l, uint8_t max, const uint8_t *p, const uint8_t *end);
/* Of the old encoding: takes what `values` levels need; *used is how many bytes that are. */
pq_fault pq_levels_init_msb(struct pq_levels *l, uint8_t max, const uint8_t *p, const uint8_t *end, int64_t values,
                            size_t *used);
pq_fault pq_levels_read(struct pq_levels *l, uint8_t *out, size_t n);
/* Of levels 0 and 1: as bits, and how many are 1. */
pq_fault pq_levels_read_bits(struct pq_levels *l, uint8_t *out, int64_t at, size_t n, int64_t *ones);

#endif
