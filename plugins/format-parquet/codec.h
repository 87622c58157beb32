/* Undoing the compression of pages. */
#ifndef PQ_CODEC_H
#define PQ_CODEC_H
#include "pq.h"

struct pq_codecs { /* what is kept from page to page; zeroed is empty */
  void *zstd, *deflate;
};
void pq_codecs_finish(struct pq_codecs *c);

/* Unpacks n bytes into exactly `size`. */
pq_fault pq_unpack_page(struct pq_codecs *c, int32_t codec, const uint8_t *in, size_t n, uint8_t *out, size_t size);

#endif
