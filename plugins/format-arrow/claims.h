/* What a file may claim in few bytes: memory that its buffers become, and rows that no byte stands for. */
#ifndef ARROW_CLAIMS_H
#define ARROW_CLAIMS_H
#include "buffer.h"

/* Counts n more bytes that are made of the batch by decompression; DATA: that is more than may be. */
int arrow_claim_made(struct arrow_loading *l, int64_t n);
/* Counts n more bytes of a buffer that has to be moved or swapped; DATA: they overlap to be so many. */
int arrow_claim_moved(struct arrow_loading *l, int64_t n);
/* DATA: n bytes of a body are too many for an input whose size is not known. */
int arrow_claim_body(const struct arrow_loader *loader, const struct arrow_message *message, int64_t n,
                     struct sluice_error *err);
/* Looks for the last byte of a body where only that tells how large it is. */
int arrow_claim_end(const struct arrow_loader *loader, const struct arrow_batch *batch, struct sluice_error *err);
/* Counts the rows, and the values within them, that the bytes of a batch cannot stand for; DATA: too many. */
int arrow_claim_rows(struct arrow_loader *loader, const struct arrow_batch *batch, struct sluice_error *err);

#endif
