/* The hybrid of runs and bit-packed groups: levels, dictionary indexes, truth values. */
#ifndef PQ_RLE_H
#define PQ_RLE_H
#include "pq.h"

struct pq_rle {
  const uint8_t *p, *end;
  uint32_t width, value;
  uint64_t run, packed; /* values left of a run, or of a packed run */
  uint32_t bit;         /* width 1: bits of *p that are taken */
  uint32_t hold[8], hold_n;
  uint32_t highest; /* of what the last call of pq_rle_read gave */
};

void pq_rle_init(struct pq_rle *r, const uint8_t *p, const uint8_t *end, uint32_t width);
/* Up to n values; fewer: the bytes end. One decoder is read by one of these functions only. */
size_t pq_rle_read(struct pq_rle *r, uint32_t *out, size_t n);
size_t pq_rle_read_bytes(struct pq_rle *r, uint8_t *out, size_t n);                           /* width up to 8 */
size_t pq_rle_read_bits(struct pq_rle *r, uint8_t *out, int64_t at, size_t n, int64_t *ones); /* width 1 */
/* How many values from here on are the same, at most n; of read or read_bytes alone. 0: the bytes end, or not known. */
size_t pq_rle_same(struct pq_rle *r, size_t n, uint32_t *value);
/* Goes past up to n values; fewer: the bytes end. As read. */
size_t pq_rle_skip(struct pq_rle *r, size_t n);
void pq_rle_skip_same(struct pq_rle *r, size_t n);

#endif
